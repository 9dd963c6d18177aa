/** Which files a command changes, as far as its words show it. */
import { type FileProbe, lexical } from "../kit/FileProbe.ts"
import { type ShellCommand, seenFrom } from "../kit/shell/ShellCommands.ts"
import { ANY, isPlain, UNKNOWN } from "../kit/shell/ShellValues.ts"
import { baseName } from "../kit/shell/Wrappers.ts"

export interface Touch {
  /** Absolute, or beginning with a mark; marks stand for what is not known. */
  readonly path: string
  readonly how:
    /** The file is written. */
    | "writes"
    /** The file, or the folder with all that is in it. */
    | "replaces"
    /** A program that is not known here is told of it. */
    | "names"
}

/** Programs that only read what their words name. */
const readers = new Set(
  `[ [[ : alias ag arch awk base32 base64 basename bat break case cat cd cksum cmp column comm continue cut date df
  diff dir dirname du echo egrep env exa exit expand export eza false fgrep file fmt fold for fzf getfacl grep gunzip
  gzcat hash head hexdump hostname id jobs join jq less let locate logger ls lsattr lsof md5 md5sum more
  nl od open paste pgrep printenv printf pwd readlink realpath rev return rg select seq set sha1sum sha256sum sha512sum
  shasum shellcheck shift sleep sort source stat strings sum tac tail test time tput tr true tsort tty type ulimit
  uname unset wait wc whereis which while who whoami zcat zgrep .`.split(/\s+/u)
)

/** Programs whose operands are all written. */
const writers = new Set(
  `tee sponge touch truncate mkdir mkfifo mknod fallocate ed ex vi vim nvim nano pico emacs micro joe code patch
  csplit setfacl chattr setfattr`.split(/\s+/u)
)

const removers = new Set("rm rmdir unlink shred srm trash trash-put rimraf del".split(" "))

const modeChangers = new Set(["chmod", "chown", "chgrp"])

/** Programs that format in place, and the options without which they do not. */
const formatters: Readonly<Record<string, RegExp | undefined>> = {
  autopep8: /^(?:-\w*i|--in-place)/u,
  biome: /^(?:format|--write|--fix)/u,
  black: undefined,
  "clang-format": /^-i/u,
  eslint: /^--fix/u,
  gofmt: /^-w/u,
  isort: undefined,
  oxfmt: undefined,
  oxlint: /^--fix/u,
  prettier: /^(?:-\w*w|--write)/u,
  ruff: /^(?:--fix|format)/u,
  rustfmt: undefined,
  yapf: /^(?:-\w*i|--in-place)/u
}

const isOption = (word: string): boolean => word.startsWith("-") && word !== "-"

/** The words that are no options; all words after `--`. */
const operandsOf = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = words.indexOf("--")
  const before = end === -1 ? words.slice(1) : words.slice(1, end)
  return [...before.filter((word) => !isOption(word)), ...(end === -1 ? [] : words.slice(end + 1))]
}

/** The values of an option, as the next word or behind `=`; of a short one also right behind it. */
const valuesOf = (words: ReadonlyArray<string>, ...names: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.flatMap((word, at) => {
    for (const name of names) {
      if (word === name) return words[at + 1] === undefined ? [] : [words[at + 1] ?? ""]
      if (word.startsWith(`${name}=`)) return [word.slice(name.length + 1)]
      if (!name.startsWith("--") && word.startsWith(name)) return [word.slice(name.length)]
    }
    return []
  })

const hasFlag = (words: ReadonlyArray<string>, letters: RegExp, ...names: ReadonlyArray<string>): boolean =>
  words.some((word) => names.includes(word) || (/^-[A-Za-z]+$/u.test(word) && letters.test(word)))

const writing = (paths: ReadonlyArray<string>): ReadonlyArray<Touch> =>
  paths.map((path) => ({ path, how: "writes" }))
const replacing = (paths: ReadonlyArray<string>): ReadonlyArray<Touch> =>
  paths.map((path) => ({ path, how: "replaces" }))

/** The names that a copy of `source` brings into a folder. */
const copiedNames = (
  source: string,
  cwd: string,
  probe: FileProbe,
  contents: boolean
): ReadonlyArray<string> => {
  const path = lexical(seenFrom(cwd, source))
  const last = baseName(source.replace(/\/+$/u, ""))
  if (!contents && isPlain(last) && last !== "." && last !== ".." && last !== "") return [last]
  const folder = contents || isPlain(last) ? path : path.slice(0, path.lastIndexOf("/"))
  const names = isPlain(folder) ? probe.names(folder) : undefined
  if (names === undefined) return [UNKNOWN]
  // A pattern brings some of them.
  return names
}

/** cp, mv, install, ln, rsync, scp: the last word is where it goes. */
const copying = (words: ReadonlyArray<string>, cwd: string, probe: FileProbe): ReadonlyArray<Touch> => {
  const program = baseName(words[0] ?? "")
  const into = valuesOf(words, "-t", "--target-directory")
  const operands = operandsOf(words).filter((word) => !into.includes(word))
  const target = into[0] ?? operands.at(-1)
  if (target === undefined) return []
  const sources = into.length > 0 ? operands : operands.slice(0, -1)
  const asIs = hasFlag(words, /T/u, "--no-target-directory")
  const contents = (source: string): boolean => asIs || /\/\.?$/u.test(source)
  const isFolder =
    into.length > 0 ||
    sources.length > 1 ||
    target.endsWith("/") ||
    probe.isFolder(lexical(seenFrom(cwd, target)))
  const brought =
    program === "ln" && sources.length === 0
      ? replacing([baseName(target)])
      : sources.flatMap((source) => {
          const whole = contents(source) && (program === "rsync" || program === "cp" || program === "ditto")
          const names = isFolder || whole ? copiedNames(source, cwd, probe, whole) : []
          return [
            ...replacing(names.map((name) => `${target}/${name}`)),
            ...(isFolder ? [] : replacing([target]))
          ]
        })
  const removed = words.some((word) => word.startsWith("--delete")) ? replacing([target]) : []
  // What is moved away is gone; what is linked has a second name.
  const taken =
    program === "mv" || program === "ln" ? replacing(sources.length === 0 ? [target] : sources) : []
  return [...writing([target]), ...brought, ...removed, ...taken]
}

/** The files a patch says it changes. */
const patched = (text: string): ReadonlyArray<string> =>
  text.split("\n").flatMap((line) => {
    const named = /^(?:\+\+\+|---|rename (?:from|to)|copy to|diff --git|\*\*\*) (?<names>.+)$/u.exec(line)
      ?.groups?.["names"]
    if (named === undefined) return []
    return named
      .split(/\s+/u)
      .map((name) => name.replace(/^"|"$/gu, ""))
      .flatMap((name) => [name, name.replace(/^[^/]+\//u, "")])
      .filter((name) => name !== "" && name !== "/dev/null")
  })

const patches = (
  command: ShellCommand,
  files: ReadonlyArray<string>,
  cwd: string,
  probe: FileProbe
): ReadonlyArray<Touch> => {
  const texts = [...files, ...command.reads].map((file) => probe.text(lexical(seenFrom(cwd, file))))
  return writing([...texts, command.input].flatMap((text) => (text === undefined ? [] : patched(text))))
}

const git = (command: ShellCommand, cwd: string, probe: FileProbe): ReadonlyArray<Touch> => {
  const { words } = command
  let at = 1
  let folder = cwd
  for (; at < words.length; at++) {
    const word = words[at] ?? ""
    if (word === "-C" || word === "--work-tree") folder = seenFrom(folder, words[++at] ?? "")
    else if (word === "-c" || word === "--git-dir" || word === "--namespace") at += 1
    else if (word.startsWith("--work-tree=")) folder = seenFrom(folder, word.slice("--work-tree=".length))
    else if (!word.startsWith("-")) break
  }
  const rest = words.slice(at)
  const here = (touches: ReadonlyArray<Touch>): ReadonlyArray<Touch> =>
    touches.map((touch) => ({ ...touch, path: seenFrom(folder, touch.path) }))
  const operands = operandsOf(rest)
  switch (rest[0]) {
    case "checkout":
    case "restore":
    case "rm":
    case "mv":
    case "checkout-index":
      if (hasFlag(rest, /S/u, "--staged", "--cached") && !hasFlag(rest, /W/u, "--worktree")) return []
      // What is named is a file or a commit; a folder goes with all that is in it.
      return here(replacing(operands))
    case "stash":
      return hasFlag(rest, /a/u, "--all") ? here(replacing(["."])) : here(replacing(operands.slice(1)))
    case "clean":
      return hasFlag(rest, /n/u, "--dry-run")
        ? []
        : here(replacing(operands.length > 0 ? operands : hasFlag(rest, /[xX]/u) ? ["."] : []))
    case "apply":
    case "am":
      return here(patches(command, operands, folder, probe))
    case "archive":
    case "format-patch":
      return here(writing(valuesOf(rest, "-o", "--output", "--output-directory")))
    default:
      // Others show, or write only what they keep themselves.
      return here(writing(valuesOf(rest, "--output")))
  }
}

const find = (words: ReadonlyArray<string>): ReadonlyArray<Touch> =>
  words.flatMap((word, at): ReadonlyArray<Touch> =>
    word.startsWith("-fprint") && words[at + 1] !== undefined ? writing([words[at + 1] ?? ""]) : []
  )

/** Programs that run a file, which is their first operand, or text. */
export const interpreters =
  /^(?:python[0-9.]*|pypy[0-9.]*|node(?:js)?|bun|deno|tsx|ts-node|perl|ruby|php|lua|Rscript|osascript|sh|bash|zsh|dash|ksh|fish|ash|mksh|pwsh)$/u

const inPlace = (words: ReadonlyArray<string>): boolean =>
  words.some((word) => /^-[A-Za-z]*i/u.test(word) || word.startsWith("--in-place"))

/** Of a word, the file it names: also behind `=` or a colon, as in `--out=FILE`. */
const named = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.slice(1).flatMap((word) => [word, ...(/[=:,]/u.test(word) ? word.split(/[=:,]/u) : [])])

const mentioned = (words: ReadonlyArray<string>): ReadonlyArray<Touch> =>
  named(words)
    .filter((path) => path !== "" && path !== UNKNOWN && path !== ANY && !path.includes("\n"))
    .map((path) => ({ path, how: "names" }))

const operandsTouched = (command: ShellCommand, cwd: string, probe: FileProbe): ReadonlyArray<Touch> => {
  const { program, words } = command
  const operands = operandsOf(words)
  if (removers.has(program)) return replacing(operands)
  if (modeChangers.has(program)) {
    return hasFlag(words, /R/u, "--recursive") ? replacing(operands) : writing(operands)
  }
  if (Object.hasOwn(formatters, program)) {
    const option = formatters[program]
    return option === undefined || words.some((word) => option.test(word)) ? writing(operands) : []
  }
  switch (program) {
    case "cp":
    case "mv":
    case "ln":
    case "link":
    case "install":
    case "rsync":
    case "scp":
    case "ditto":
      return copying(words, cwd, probe)
    case "sed":
    case "gsed":
      return inPlace(words) ? writing(operands) : writing(sedFiles(words))
    case "perl":
    case "ruby":
      return inPlace(words) ? writing(operands) : []
    case "gawk":
    case "awk":
      return words.includes("inplace") ? writing(operands) : []
    case "dd":
      return writing(words.flatMap((word) => (word.startsWith("of=") ? [word.slice(3)] : [])))
    case "sort":
      return writing(valuesOf(words, "-o", "--output"))
    case "curl":
    case "wget":
      return writing(
        valuesOf(
          words,
          "-o",
          "-O",
          "-P",
          "--output",
          "--output-document",
          "--output-dir",
          "--directory-prefix"
        )
      )
    case "tar":
    case "bsdtar":
    case "unzip":
      return valuesOf(words, "-C", "--directory", "-d").flatMap((folder) =>
        writing([folder, `${folder}/${UNKNOWN}`])
      )
    case "patch":
      return [...writing(operands), ...patches(command, valuesOf(words, "-i", "--input"), cwd, probe)]
    case "git":
      return git(command, cwd, probe)
    case "find":
      return find(words)
    case "lean":
      return /^(?:create-project|project-create|delete-project|project-delete)$/u.test(operands[0] ?? "")
        ? replacing(operands.slice(1))
        : mentioned(words)
    default:
      break
  }
  if (writers.has(program)) return writing(operands)
  if (readers.has(program)) return []
  // What an interpreter runs is a file like any other command.
  if (interpreters.test(program)) return mentioned(["", ...operands.slice(1)])
  return mentioned(words)
}

/** Files that a script of sed writes by its `w`. */
const sedFiles = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.flatMap((word) => {
    const file = /(?:^|[;}/\s\dgpIeMm])w\s+(?<file>\S+)/u.exec(word)?.groups?.["file"]
    return file === undefined ? [] : [file]
  })

const deletesWhatItFinds = (words: ReadonlyArray<string>): boolean => words.includes("-delete")

/** `found` are the files `find` comes upon, with the marks for what is not known of them. */
export const touchesOf = (
  command: ShellCommand,
  probe: FileProbe,
  found: (words: ReadonlyArray<string>) => ReadonlyArray<string>
): ReadonlyArray<Touch> => {
  const deleted =
    command.program === "find" && deletesWhatItFinds(command.words) ? replacing(found(command.words)) : []
  return [
    ...writing(command.writes),
    ...command.cwds.flatMap((cwd) =>
      [...operandsTouched(command, cwd, probe), ...deleted].map(({ path, how }) => ({
        path: seenFrom(cwd, path),
        how
      }))
    )
  ]
}
