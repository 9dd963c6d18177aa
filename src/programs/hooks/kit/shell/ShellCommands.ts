/**
 * Which commands the text of a shell command runs, whatever way it is spelled: by a path, in quotes, through
 * `bash -c`, `env`, `xargs` and their like, in the folder a `cd` went to.
 *
 * It errs on the side of more: a command that runs under a condition is among them, and a value that may be one
 * of several is each of them.
 */
import { type Assignment, type List, type Node, parseShell, type Step, type Word } from "./ShellSyntax.ts"
import { DEEP, fieldsOf, isPlain, type Surroundings, textsOf, UNKNOWN } from "./ShellValues.ts"
import { assignment, baseName, scriptOf, type Wrapped, unwrapped } from "./Wrappers.ts"

export interface ShellCommand {
  /** The program's name without its folder. */
  readonly program: string
  /** All words, the program as it is called among them. They may hold the marks of `ShellValues.ts`. */
  readonly words: ReadonlyArray<string>
  /** The folders it may run in. */
  readonly cwds: ReadonlyArray<string>
  /** The files its redirections write, absolute or beginning with a mark. */
  readonly writes: ReadonlyArray<string>
  /** The files its redirections read. */
  readonly reads: ReadonlyArray<string>
  /** What it reads from standard input, where that is written down. */
  readonly input: string | undefined
  /** Whether it gets further arguments that are not written down. */
  readonly more: boolean
}

export interface Understood {
  readonly commands: ReadonlyArray<ShellCommand>
  /** Whether nothing was left out or misunderstood. */
  readonly complete: boolean
}

export interface ShellSurroundings {
  /** The folder the shell starts in. */
  readonly cwd: string
  readonly project: string
  readonly environment: { readonly [name: string]: string | undefined }
  readonly isFolder: (path: string) => boolean
}

const MAX_CHARACTERS = 1_000_000
const MAX_COMMANDS = 5_000
const MAX_DEPTH = 12
const MAX_VARIANTS = 64
const MAX_VALUE_CHARACTERS = 100_000

interface State {
  cwds: ReadonlyArray<string>
  before: ReadonlyArray<string>
  /** Whether the last change of folder surely worked, if it was reached. */
  sure: boolean
  readonly variables: Map<string, ReadonlyArray<string>>
}

/** What a command puts into a pipe, as far as that is plain. */
interface Printed {
  readonly text: string | undefined
  readonly words: ReadonlyArray<string>
}

const copied = (state: State): State => ({ ...state, variables: new Map(state.variables) })

/** `path` seen from `cwd`. Dots are left to whoever looks at the file system. */
export const seenFrom = (cwd: string, path: string): string =>
  path.startsWith("/") || path.startsWith(UNKNOWN) ? path : `${cwd}/${path}`

const union = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set([...one, ...other])
]

const operands = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.slice(1).filter((word) => !word.startsWith("-") || word === "-")

const escapes = (text: string): string => text.replaceAll("\\n", "\n").replaceAll("\\t", "\t")

class Walker {
  readonly commands: Array<ShellCommand> = []
  complete = true
  /** Scripts that are being read, each with the state its shell began in. */
  private readonly open = new Set<string>()
  private readonly from: ShellSurroundings

  constructor(from: ShellSurroundings) {
    this.from = from
  }

  private around(state: State): Surroundings {
    const { environment, project } = this.from
    return {
      home: environment["HOME"],
      variable: (name) => {
        const set = state.variables.get(name)
        if (set !== undefined) return set
        if (name === "PWD") return state.cwds
        if (name === "OLDPWD") return state.before
        if (name === "CLAUDE_PROJECT_DIR") return [project]
        const value = environment[name]
        return value === undefined ? undefined : [value]
      },
      printed: (list) => this.printed(list, state),
      cut: () => {
        this.complete = false
      }
    }
  }

  text(text: string, state: State, depth: number): void {
    if (depth > MAX_DEPTH || text.length > MAX_CHARACTERS) {
      this.complete = false
      return
    }
    const parsed = parseShell(text)
    if (!parsed.complete) this.complete = false
    this.list(parsed, state, depth)
  }

  /**
   * A script that a shell of its own runs. One that comes to itself again in the state it began in runs nothing
   * that is not found already, and changes nothing of the shell that runs it.
   */
  private script(text: string, state: State, depth: number): void {
    const began = JSON.stringify([text, state.cwds, state.before, [...state.variables]])
    if (this.open.has(began)) return
    this.open.add(began)
    this.text(text, state, depth)
    this.open.delete(began)
  }

  private list({ steps }: List, state: State, depth: number): void {
    // Where the shell was before a chain of `&&` and `||`, and whether it may still be there after it.
    let chain = state.cwds
    let doubtful = false
    let printed: Printed | undefined
    for (const step of steps) {
      const conditional = step.follows === "&&" || step.follows === "||"
      if (step.follows === "||" || (!conditional && doubtful)) state.cwds = this.folders(state.cwds, chain)
      if (!conditional) {
        chain = state.cwds
        doubtful = false
      }
      const before = state.cwds
      state.sure = true
      printed = this.step(step, state, depth, conditional, step.follows === "|" ? printed : undefined)
      if (state.cwds !== before && (conditional || !state.sure)) doubtful = true
    }
    if (doubtful) state.cwds = this.folders(state.cwds, chain)
  }

  /** The folders the shell may be in. */
  private folders(some: ReadonlyArray<string>, others: ReadonlyArray<string>): ReadonlyArray<string> {
    const all = union(some, others)
    if (all.length <= MAX_VARIANTS) return all
    this.complete = false
    return [UNKNOWN]
  }

  private step(
    { node }: Step,
    state: State,
    depth: number,
    conditional: boolean,
    piped: Printed | undefined
  ): Printed | undefined {
    if (node._tag === "Subshell") {
      this.list(node.list, copied(state), depth + 1)
      return undefined
    }
    const around = this.around(state)
    for (const word of wordsIn(node)) this.substitutions(word, state, depth)

    const writes: Array<string> = []
    const reads: Array<string> = []
    let input = piped?.text
    for (const { operator, target } of node.redirects) {
      const texts =
        operator === "<<" || operator === "<<<" ? textsOf(target, around) : fieldsOf(target, around).flat()
      const files = (): ReadonlyArray<string> =>
        state.cwds.flatMap((cwd) => texts.map((text) => seenFrom(cwd, text)))
      // `2>&1` and `>&-` name no file.
      const isDescriptor = operator.endsWith("&") && texts.every((text) => /^(?:\d+|-)$/u.test(text))
      if (operator === "<<" || operator === "<<<") input = texts.join("\n")
      else if (operator === "<") reads.push(...files())
      else if (operator.includes(">") && !isDescriptor) writes.push(...files())
    }

    const variants = this.variants(node.words, around)
    if (node.words.length === 0) {
      this.assign(node.assignments, state, conditional)
      if (writes.length > 0)
        this.push({ program: "", words: [], cwds: state.cwds, writes, reads, input, more: false })
      return undefined
    }
    const inner = node.assignments.length === 0 ? state : copied(state)
    if (inner !== state) this.assign(node.assignments, inner, true)
    let last: ReadonlyArray<string> = []
    for (const words of variants) {
      last = words
      this.run(words, {
        state: inner,
        outer: state,
        depth,
        writes,
        reads,
        input,
        piped: piped?.words,
        more: false,
        conditional
      })
    }
    return { text: printedBy(last, input), words: pipedWords(last) }
  }

  /** Every way the words of a command may come out. */
  private variants(words: ReadonlyArray<Word>, around: Surroundings): ReadonlyArray<ReadonlyArray<string>> {
    let variants: ReadonlyArray<Array<string>> = [[]]
    for (const word of words) {
      const fields = fieldsOf(word, around)
      if (fields.length > 1 && variants.length * fields.length <= MAX_VARIANTS) {
        variants = variants.flatMap((before) => fields.map((some) => [...before, ...some]))
        continue
      }
      // One way, or so many that all of them are taken side by side.
      if (fields.length > 1) this.complete = false
      for (const before of variants) for (const some of fields) for (const field of some) before.push(field)
    }
    return variants
  }

  private assign(assignments: ReadonlyArray<Assignment>, state: State, conditional: boolean): void {
    const around = this.around(state)
    for (const { name, value } of assignments) this.set(name, textsOf(value, around), state, conditional)
  }

  private set(name: string, texts: ReadonlyArray<string>, state: State, conditional: boolean): void {
    const before = conditional ? (state.variables.get(name) ?? []) : []
    const all = union(texts, before)
    const tooMuch = all.length > MAX_VARIANTS || all.some((text) => text.length > MAX_VALUE_CHARACTERS)
    state.variables.set(name, tooMuch ? [UNKNOWN] : all)
  }

  private substitutions({ parts }: Word, state: State, depth: number): void {
    for (const part of parts) {
      if (part._tag === "Commands") this.list(part.list, copied(state), depth + 1)
      if (part._tag === "Variable" && part.fallback !== undefined)
        this.substitutions(part.fallback, state, depth)
    }
  }

  private push(command: ShellCommand): void {
    if (this.commands.length >= MAX_COMMANDS) this.complete = false
    else this.commands.push(command)
  }

  private run(
    words: ReadonlyArray<string>,
    at: {
      readonly state: State
      /** The shell's own state, which `cd` and `export` change. */
      readonly outer: State
      readonly depth: number
      readonly writes: ReadonlyArray<string>
      readonly reads: ReadonlyArray<string>
      readonly input: string | undefined
      readonly piped: ReadonlyArray<string> | undefined
      readonly more: boolean
      readonly conditional: boolean
    }
  ): void {
    if (at.depth > MAX_DEPTH) {
      this.complete = false
      return
    }
    const program = baseName(words[0] ?? "")
    if (this.builtin(program, words, at.outer, at.conditional) && at.writes.length === 0) return

    const script = scriptOf(words)
    if (script !== undefined) {
      if (script._tag === "File") return this.run(script.words, { ...at, depth: at.depth + 1 })
      const text = script._tag === "Text" ? script.text : at.input
      if (text !== undefined && program === "eval") this.text(text, at.outer, at.depth + 1)
      else if (text !== undefined) this.script(text, copied(at.state), at.depth + 1)
    }
    const inside = unwrapped(words)
    if (inside !== undefined && inside.words.length > 0) {
      const state = copied(at.state)
      for (const [name, value] of inside.assignments) this.set(name, [value], state, false)
      const { folder } = inside
      if (folder !== undefined) state.cwds = state.cwds.map((cwd) => seenFrom(cwd, folder))
      const args = withArguments(inside, at.piped)
      return this.run(args, { ...at, state, depth: at.depth + 1, more: at.more || inside.more })
    }
    this.push({
      program,
      words,
      cwds: at.state.cwds,
      writes: at.writes,
      reads: at.reads,
      input: at.input,
      more: at.more
    })
    if (program === "find" || program === "fd") this.found(words, at.state, at.depth)
  }

  /** What `find` runs for what it finds. */
  private found(words: ReadonlyArray<string>, state: State, depth: number): void {
    const files = findsOf(words)
    for (const [at, word] of words.entries()) {
      if (!/^-(?:exec|execdir|ok|okdir|x|X|-exec|-exec-batch)$/u.test(word)) continue
      const rest = words.slice(at + 1)
      const end = rest.findIndex((one) => one === ";" || one === "+")
      const command = (end === -1 ? rest : rest.slice(0, end)).flatMap((one) =>
        one.includes("{}") ? files.map((file) => one.replaceAll("{}", file)) : [one]
      )
      if (command.length === 0) continue
      this.run(command, {
        state,
        outer: copied(state),
        depth: depth + 1,
        writes: [],
        reads: [],
        input: undefined,
        piped: undefined,
        more: false,
        conditional: true
      })
    }
  }

  /** What changes the shell itself. Whether that is all the command does. */
  private builtin(
    program: string,
    words: ReadonlyArray<string>,
    state: State,
    conditional: boolean
  ): boolean {
    switch (program) {
      case "cd":
      case "pushd":
      case "chdir":
        this.changeFolder(operands(words)[0], state)
        return true
      case "popd":
        state.cwds = this.folders(state.before, [this.from.cwd])
        return true
      case "export":
      case "declare":
      case "typeset":
      case "local":
      case "readonly":
        for (const word of words.slice(1)) {
          const set = assignment(word)
          if (set !== undefined) this.set(set[0], [set[1]], state, conditional)
        }
        return true
      case "read":
      case "unset":
        for (const name of operands(words)) state.variables.set(name, [UNKNOWN])
        return true
      case "for":
      case "select": {
        const [, name = "", , ...values] = words
        // Several rounds: each of the values, and they come as one list from a word like `$LIST`.
        this.set(name, values.length === 0 ? [UNKNOWN] : values, state, true)
        return true
      }
      default:
        return false
    }
  }

  private changeFolder(to: string | undefined, state: State): void {
    const { environment, isFolder } = this.from
    const target = to ?? environment["HOME"] ?? UNKNOWN
    const before = state.cwds
    if (target === "-") {
      state.cwds = state.before
    } else {
      const next = before.map((cwd) => seenFrom(cwd, target))
      // A folder that is not there leaves the shell where it was.
      state.sure = next.every((path) => isPlain(path) && isFolder(path))
      state.cwds = next
    }
    state.before = before
  }

  /** What the commands of `$(…)` print, where that does not depend on the moment. */
  private printed({ steps }: List, state: State): string | undefined {
    const [step, ...others] = steps
    if (step === undefined || others.length > 0 || step.node._tag !== "Command") return undefined
    const variants = this.variants(step.node.words, this.around(state))
    const [words = [], ...further] = variants
    if (further.length > 0) return undefined
    const [, second, third] = words
    const last = words.at(-1)
    switch (baseName(words[0] ?? "")) {
      case "pwd":
        return state.cwds.length === 1 ? state.cwds[0] : undefined
      case "git":
        return second === "rev-parse" && third === "--show-toplevel" ? this.from.project : undefined
      case "realpath":
      case "readlink":
        return last === undefined || state.cwds.length !== 1 ? undefined : seenFrom(state.cwds[0] ?? "", last)
      case "which":
        return last
      case "command":
        return second === "-v" ? third : undefined
      case "dirname":
        return last?.includes("/") === true ? last.replace(/\/[^/]*\/*$/u, "") || "/" : "."
      case "basename":
        return second === undefined ? undefined : baseName(second)
      case "mktemp":
        return words.length === 1 || (words.length === 2 && second === "-d") ? "/tmp/tmp.new" : undefined
      default:
        return printedBy(words, undefined)
    }
  }
}

/** What `xargs` makes of a command: the words it gets are put at its end, or where its placeholder stands. */
const withArguments = (
  { words, more, placeholder }: Wrapped,
  piped: ReadonlyArray<string> | undefined
): ReadonlyArray<string> => {
  if (!more) return words
  if (placeholder === undefined) return [...words, ...(piped ?? [])]
  return words.flatMap((word) =>
    word.includes(placeholder)
      ? (piped ?? [UNKNOWN]).map((value) => word.replaceAll(placeholder, () => value))
      : [word]
  )
}

/** The files `find` comes upon: below its folders, with the names it asks for. */
export const findsOf = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = words.findIndex((word, at) => at > 0 && /^[-(!]/u.test(word) && !/^-[HLPD]/u.test(word))
  const roots = words.slice(1, end === -1 ? undefined : end).filter((word) => !word.startsWith("-"))
  const names = words.flatMap((word, at) => {
    const name = words[at + 1]
    return /^-i?(?:name)$/u.test(word) && name !== undefined ? [patternOf(name)] : []
  })
  return (roots.length === 0 ? ["."] : roots).flatMap((root) =>
    names.length === 0 ? [`${root}/${DEEP}`] : names.map((name) => `${root}/${DEEP}${name}`)
  )
}

/** `find` and its like read patterns themselves: what is quoted for the shell. */
const patternOf = (name: string): string =>
  name
    .replaceAll("*", DEEP)
    .replaceAll("?", DEEP)
    .replaceAll(/\[[^\]]*\]/gu, DEEP)

const wordsIn = (node: Extract<Node, { readonly _tag: "Command" }>): ReadonlyArray<Word> => [
  ...node.assignments.map(({ value }) => value),
  ...node.words,
  ...node.redirects.map(({ target }) => target)
]

/** What a command prints that only prints. */
const printedBy = (words: ReadonlyArray<string>, input: string | undefined): string | undefined => {
  const args = words.slice(1)
  switch (baseName(words[0] ?? "")) {
    case "echo": {
      const text = args.filter((word, at) => !(at === 0 && /^-[neE]+$/u.test(word))).join(" ")
      return /^-\w*e/u.test(args[0] ?? "") ? escapes(text) : text
    }
    case "printf": {
      const [format = "", ...values] = args
      return values.length === 0
        ? escapes(format)
        : [escapes(format.replaceAll(/%[sbq]/gu, "")), ...values].join("\n")
    }
    case "cat":
      return operands(words).length === 0 ? input : undefined
    default:
      return undefined
  }
}

/** What a command that lists files puts into a pipe. */
const pipedWords = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  switch (baseName(words[0] ?? "")) {
    case "find":
      return findsOf(words)
    case "echo":
    case "printf":
      return words.slice(1).flatMap((word) => word.split(/\s+|\\n|\\0/u))
    default:
      return operands(words)
  }
}

/** All commands that `text` may run. */
export const shellCommands = (text: string, from: ShellSurroundings): Understood => {
  const walker = new Walker(from)
  walker.text(text, { cwds: [from.cwd], before: [from.cwd], sure: true, variables: new Map() }, 0)
  return { commands: walker.commands, complete: walker.complete }
}
