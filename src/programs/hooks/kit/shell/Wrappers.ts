/** Commands that run another command, and which of their words begins it. */

interface Wrapper {
  /** Options whose value is the next word. */
  readonly valued?: ReadonlyArray<string>
  /** How many words stand between the options and the command. */
  readonly skip?: number
  /** Options with which it runs nothing. */
  readonly not?: ReadonlyArray<string>
}

const wrappers: Readonly<Record<string, Wrapper>> = {
  builtin: {},
  bunx: {},
  busybox: {},
  caffeinate: { valued: ["-t", "-w"] },
  chroot: { valued: ["--userspec", "--groups"], skip: 1 },
  chrt: { valued: ["-T", "-P", "-D"], skip: 1 },
  command: { not: ["-v", "-V"] },
  coproc: {},
  doas: { valued: ["-u", "-C"] },
  env: { valued: ["-u", "--unset", "-C", "--chdir"] },
  exec: { valued: ["-a"] },
  flock: { valued: ["-w", "--wait", "--timeout", "-E"], skip: 1 },
  ionice: { valued: ["-c", "-n", "-p", "--class", "--classdata"] },
  ltrace: { valued: ["-e", "-o", "-n", "-s"] },
  nice: { valued: ["-n", "--adjustment"] },
  noglob: {},
  nocorrect: {},
  nohup: {},
  npx: { valued: ["-p", "--package"] },
  pipx: { skip: 1 },
  setsid: {},
  stdbuf: { valued: ["-i", "-o", "-e", "--input", "--output", "--error"] },
  strace: { valued: ["-e", "-o", "-p", "-s", "-u", "-E", "-P"] },
  sudo: { valued: ["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-D", "-R", "-T", "-U", "--user", "--group"] },
  taskset: { skip: 1 },
  time: { valued: ["-f", "-o", "--format", "--output"] },
  timeout: { valued: ["-k", "-s", "--kill-after", "--signal"], skip: 1 },
  unbuffer: {},
  uvx: { valued: ["--from", "--with", "-p", "--python"] },
  watch: { valued: ["-n", "--interval"] },
  winpty: {},
  xargs: {
    valued: [
      "-I",
      "-n",
      "-P",
      "-L",
      "-d",
      "-E",
      "-s",
      "-a",
      "--max-args",
      "--max-procs",
      "--delimiter",
      "--arg-file"
    ]
  }
}

/** Programs whose first word names what they do, and runs a command for these. */
const runners: Readonly<
  Record<string, { readonly words: ReadonlyArray<string>; readonly valued: ReadonlyArray<string> }>
> = {
  conda: { words: ["run"], valued: ["-n", "--name", "-p", "--prefix"] },
  npm: { words: ["exec", "x"], valued: ["-p", "--package", "-w", "--workspace"] },
  pdm: { words: ["run"], valued: ["-p"] },
  pipenv: { words: ["run"], valued: [] },
  pnpm: { words: ["exec", "dlx"], valued: ["-C", "--dir", "-F", "--filter"] },
  poetry: { words: ["run"], valued: ["-C", "-P"] },
  uv: { words: ["run"], valued: ["--with", "-p", "--python", "--project", "--directory", "--env-file"] },
  yarn: { words: ["exec", "dlx", "run"], valued: ["--cwd"] }
}

/** The name a program goes by, without its folder. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

export const assignment = (word: string): readonly [name: string, value: string] | undefined => {
  const at = /^[A-Za-z_][A-Za-z0-9_]*=/u.exec(word)?.[0].length
  return at === undefined ? undefined : [word.slice(0, at - 1), word.slice(at)]
}

/** Where the words after the options begin. */
const afterOptions = (words: ReadonlyArray<string>, from: number, valued: ReadonlyArray<string>): number => {
  let at = from
  for (; at < words.length; at++) {
    const word = words[at] ?? ""
    if (word === "--") return at + 1
    if (!word.startsWith("-") || word === "-") return at
    if (valued.includes(word)) at += 1
  }
  return at
}

export interface Wrapped {
  /** The command that is run. */
  readonly words: ReadonlyArray<string>
  /** Variables that are set for it. */
  readonly assignments: ReadonlyArray<readonly [name: string, value: string]>
  /** The folder it is run in, where it is another one. */
  readonly folder: string | undefined
  /** Whether further arguments come from standard input. */
  readonly more: boolean
  /** What stands for them in the command, where `xargs -I` says so. */
  readonly placeholder: string | undefined
}

const wrapped = (words: ReadonlyArray<string>, from: number): Wrapped => {
  const assignments: Array<readonly [string, string]> = []
  let at = from
  for (; at < words.length; at++) {
    const set = assignment(words[at] ?? "")
    if (set === undefined) break
    assignments.push(set)
  }
  return { words: words.slice(at), assignments, folder: undefined, more: false, placeholder: undefined }
}

const valueOf = (words: ReadonlyArray<string>, ...names: ReadonlyArray<string>): string | undefined => {
  for (const [at, word] of words.entries()) {
    for (const name of names) {
      if (word === name) return words[at + 1]
      if (name.startsWith("--") && word.startsWith(`${name}=`)) return word.slice(name.length + 1)
      if (!name.startsWith("--") && word.startsWith(name) && word.length > name.length)
        return word.slice(name.length)
    }
  }
  return undefined
}

/** The command inside, or `undefined` when it is no wrapper. */
export const unwrapped = (words: ReadonlyArray<string>): Wrapped | undefined => {
  const program = baseName(words[0] ?? "")
  if (program === "function") {
    const at = words[2] === "{" ? 3 : 2
    return wrapped(words, at)
  }
  const runner = Object.hasOwn(runners, program) ? runners[program] : undefined
  if (runner !== undefined) {
    const word = afterOptions(words, 1, runner.valued)
    if (!runner.words.includes(words[word] ?? "")) return undefined
    return wrapped(words, afterOptions(words, word + 1, runner.valued))
  }
  const wrapper = Object.hasOwn(wrappers, program) ? wrappers[program] : undefined
  if (wrapper === undefined) return undefined
  const at = afterOptions(words, 1, wrapper.valued ?? [])
  const options = words.slice(1, at)
  if (program === "env" && words[at] === "-") return wrapped(words, at + 1)
  if (options.some((option) => wrapper.not?.includes(option))) return undefined
  const inside = wrapped(words, at + (wrapper.skip ?? 0))
  if (program === "env") return { ...inside, folder: valueOf(options, "-C", "--chdir") }
  if (program !== "xargs") return inside
  const replaced =
    valueOf(options, "-I", "--replace") ??
    (options.some((option) => option.startsWith("-i")) ? "{}" : undefined)
  return { ...inside, more: true, placeholder: replaced === "" ? undefined : replaced }
}

const shells = new Set(["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "rbash", "fish"])

/** What a command runs that is written in the shell's language. */
export type Script =
  | { readonly _tag: "Text"; readonly text: string }
  /** A file, which is run with the words after it. */
  | { readonly _tag: "File"; readonly words: ReadonlyArray<string> }
  | { readonly _tag: "Input" }

const shellScript = (words: ReadonlyArray<string>): Script => {
  let text = false
  let at = 1
  for (; at < words.length; at++) {
    const word = words[at] ?? ""
    if (word === "--" || word === "-") {
      at += 1
      break
    }
    if (!/^[-+]/u.test(word)) break
    if (/^-[A-Za-z]*c[A-Za-z]*$/u.test(word)) text = true
    if (/^[-+][A-Za-z]*[oO]$/u.test(word) || word === "--rcfile" || word === "--init-file") at += 1
    if (/^-[A-Za-z]*s[A-Za-z]*$/u.test(word) && !text) return { _tag: "Input" }
  }
  const first = words[at]
  if (first === undefined) return { _tag: "Input" }
  return text ? { _tag: "Text", text: first } : { _tag: "File", words: words.slice(at) }
}

/** The script that a command hands to a shell, or `undefined` when it does not. */
export const scriptOf = (words: ReadonlyArray<string>): Script | undefined => {
  const program = baseName(words[0] ?? "")
  if (shells.has(program)) return shellScript(words)
  switch (program) {
    case "eval":
      return { _tag: "Text", text: words.slice(words[1] === "--" ? 2 : 1).join(" ") }
    case ".":
    case "source":
      return words.length > 1 ? { _tag: "File", words: words.slice(1) } : undefined
    case "trap":
      return { _tag: "Text", text: words[words[1] === "--" ? 2 : 1] ?? "" }
    case "env": {
      const text = valueOf(words.slice(1), "-S", "--split-string")
      return text === undefined ? undefined : { _tag: "Text", text }
    }
    case "su":
    case "script":
    case "flock":
    case "npx":
    case "npm":
    case "runuser": {
      const bundled = words.findIndex((word) => /^-[A-Za-z]*c$/u.test(word))
      const text = bundled === -1 ? valueOf(words.slice(1), "-c", "--command", "--call") : words[bundled + 1]
      return text === undefined ? undefined : { _tag: "Text", text }
    }
    default:
      return undefined
  }
}
