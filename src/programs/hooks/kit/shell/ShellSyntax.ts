/**
 * The text of a shell command as a tree: enough of the POSIX shell's and bash's grammar to say which commands it
 * would run and where it would write. Nothing is run, and nothing is guessed: what depends on the moment is
 * left for `ShellValues.ts`.
 *
 * It reads on where a shell would stop at a mistake, for a shell runs the lines before it, too.
 */

/** A piece of a word. */
export type Part =
  | { readonly _tag: "Text"; readonly text: string; readonly quoted: boolean }
  | {
      readonly _tag: "Variable"
      readonly name: string
      readonly quoted: boolean
      /** What stands for it where it is not set, as in `${NAME:-fallback}`. */
      readonly fallback: Word | undefined
    }
  /** What commands print, or a file they read or write. */
  | { readonly _tag: "Commands"; readonly list: List; readonly quoted: boolean; readonly prints: boolean }
  | { readonly _tag: "Unknown"; readonly quoted: boolean }

export interface Word {
  readonly parts: ReadonlyArray<Part>
}

export interface Redirect {
  /** Such as `>`, `>>`, `<`, `<<`, `<<<`, `&>`. */
  readonly operator: string
  /** The file; of a here-document its text. */
  readonly target: Word
}

export interface Assignment {
  readonly name: string
  readonly value: Word
}

export type Node =
  | {
      readonly _tag: "Command"
      readonly assignments: ReadonlyArray<Assignment>
      readonly words: ReadonlyArray<Word>
      readonly redirects: ReadonlyArray<Redirect>
    }
  /** `( … )`: what it changes of the shell ends with it. */
  | { readonly _tag: "Subshell"; readonly list: List }

export interface Step {
  readonly node: Node
  /** How it follows the one before: `;` also for the first and for a new line. */
  readonly follows: ";" | "&&" | "||" | "|" | "&"
}

export interface List {
  readonly steps: ReadonlyArray<Step>
}

export interface Parsed extends List {
  /** Whether all of it was understood as far as its end. */
  readonly complete: boolean
}

/** Nesting beyond this is not followed. */
const MAX_DEPTH = 24

/** A longer `((…))` is taken for subshells. */
const MAX_ARITHMETIC = 500

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/u
const ASSIGNMENT = /^(?<name>[A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]]*\])?\+?=/u
const REDIRECT = /^(?:&>>|&>|<<<|<<-|<<|<>|>>!?|>\||>!|>&|<&|>|<)/u
const SEPARATOR = /^(?:;;&|;;|;&|;|&&|&|\|\||\|&|\||\n|\))/u

/** What may stand before a command, and is none. */
const keywords = new Set([
  "if",
  "then",
  "elif",
  "else",
  "while",
  "until",
  "do",
  "!",
  "{",
  "}",
  "fi",
  "done",
  "esac"
])

interface PendingHere {
  readonly delimiter: string
  readonly quoted: boolean
  readonly stripTabs: boolean
  readonly fill: (text: Word) => void
}

/** Escapes of `$'…'`, by the letter after the backslash. */
const ansiEscapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  e: "\u001b",
  E: "\u001b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v"
}

const ANSI_ESCAPE =
  /\\(?:x(?<hex>[0-9a-fA-F]{1,2})|u(?<short>[0-9a-fA-F]{1,4})|U(?<long>[0-9a-fA-F]{1,8})|(?<octal>[0-7]{1,3})|(?<letter>[\s\S]))/gu

const unescapeAnsi = (text: string): string =>
  text.replace(ANSI_ESCAPE, (whole, ...rest: ReadonlyArray<unknown>) => {
    const groups: unknown = rest.at(-1)
    if (typeof groups !== "object" || groups === null) return whole
    const found = new Map<string, unknown>(Object.entries(groups))
    for (const [name, radix] of [
      ["hex", 16],
      ["short", 16],
      ["long", 16],
      ["octal", 8]
    ] as const) {
      const digits = found.get(name)
      if (typeof digits !== "string") continue
      const code = Number.parseInt(digits, radix)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    }
    const letter = found.get("letter")
    return typeof letter === "string" ? (ansiEscapes[letter] ?? letter) : whole
  })

class Parser {
  private readonly text: string
  private readonly depth: number
  private at = 0
  private heres: Array<PendingHere> = []
  complete = true

  constructor(text: string, depth: number) {
    this.text = text
    this.depth = depth
  }

  private rest(): string {
    return this.text.slice(this.at, this.at + 256)
  }

  private get ended(): boolean {
    return this.at >= this.text.length
  }

  /** A text inside this one, such as the commands of `$(…)`. */
  private nested(text: string): List {
    if (this.depth >= MAX_DEPTH) {
      this.complete = false
      return { steps: [] }
    }
    const parser = new Parser(text, this.depth + 1)
    const list = parser.list(false)
    if (!parser.complete) this.complete = false
    return list
  }

  /** Up to the end, or to the `)` that closes a subshell. */
  list(inSubshell: boolean): List {
    const steps: Array<Step> = []
    let follows: Step["follows"] = ";"
    // How many times `case` is open: there a `)` ends a pattern.
    let cases = 0
    for (;;) {
      this.skipBlanks()
      if (this.ended) {
        this.readHeres()
        if (inSubshell) this.complete = false
        return { steps }
      }
      if (cases > 0 && /^esac(?![^\s;&|()<>])/u.test(this.rest())) {
        this.at += "esac".length
        cases -= 1
        continue
      }
      const separator = SEPARATOR.exec(this.rest())?.[0]
      if (separator === ")") {
        this.at += 1
        if (inSubshell && cases === 0) return { steps }
        follows = ";"
      } else if (separator !== undefined) {
        this.at += separator.length
        if (separator === "\n") this.readHeres()
        if (separator !== "\n") follows = operatorOf(separator)
      } else {
        const node = this.node()
        if (node !== undefined) steps.push({ node, follows })
        if (opensCase(node)) cases += 1
        follows = ";"
      }
    }
  }

  private skipBlanks(): void {
    for (;;) {
      const char = this.text[this.at]
      if (char === " " || char === "\t" || char === "\r") this.at += 1
      else if (char === "\\" && this.text[this.at + 1] === "\n") this.at += 2
      else if (char === "#") {
        const end = this.text.indexOf("\n", this.at)
        this.at = end === -1 ? this.text.length : end
      } else return
    }
  }

  private node(): Node | undefined {
    const arithmetic = this.arithmeticEnd(this.at)
    if (arithmetic !== undefined) {
      const inside = this.text.slice(this.at + 2, arithmetic - 2)
      this.at = arithmetic
      // Arithmetic to bash, and to other shells one subshell in another.
      return { _tag: "Subshell", list: this.nested(inside) }
    }
    if (this.text[this.at] === "(") {
      this.at += 1
      return { _tag: "Subshell", list: this.list(true) }
    }
    return this.command()
  }

  /** Where the `((` at `from` ends: with two brackets at once, on one line, and no quotes before them. */
  private arithmeticEnd(from: number): number | undefined {
    if (!this.text.startsWith("((", from)) return undefined
    let open = 0
    for (let at = from; at < Math.min(this.text.length, from + MAX_ARITHMETIC); at++) {
      const char = this.text[at] ?? ""
      if (/['"`\n]/u.test(char)) return undefined
      if (char === "(") open += 1
      if (char === ")" && --open === 1) return this.text[at + 1] === ")" ? at + 2 : undefined
    }
    return undefined
  }

  private command(): Node | undefined {
    const assignments: Array<Assignment> = []
    const words: Array<Word> = []
    const redirects: Array<Redirect> = []
    const from = this.at
    for (;;) {
      this.skipBlanks()
      const rest = this.rest()
      if (this.ended) break
      const inTest = isText(words[0], "[[") && !isText(words.at(-1), "]]")
      if (!inTest && this.redirect(rest, redirects)) continue
      if (SEPARATOR.test(rest) && !(inTest && !rest.startsWith("\n") && !rest.startsWith(";"))) break
      if (rest.startsWith("(") && !inTest) {
        // `name()` begins a function; in another place it is a mistake, or a pattern.
        const emptied = /^\([ \t]*\)/u.exec(rest)?.[0]
        if (words.length === 1 && emptied !== undefined) {
          this.at += emptied.length
          words.length = 0
        }
        break
      }
      if (words.length === 0) {
        const name = ASSIGNMENT.exec(rest)
        if (name !== null) {
          this.at += name[0].length
          assignments.push({ name: name.groups?.["name"] ?? "", value: this.assigned() })
          continue
        }
      }
      const word = inTest && /^[()<>&|]/u.test(rest) ? this.oneChar() : this.word()
      if (words.length === 0 && isKeyword(word)) continue
      words.push(word)
    }
    // Nothing that could begin a command: never stand still.
    if (this.at === from) this.at += 1
    return assignments.length + words.length + redirects.length === 0
      ? undefined
      : { _tag: "Command", assignments, words, redirects }
  }

  private oneChar(): Word {
    const text = this.text[this.at] ?? ""
    this.at += 1
    return { parts: [{ _tag: "Text", text, quoted: true }] }
  }

  /** What is assigned: a word, nothing, or the elements of an array. */
  private assigned(): Word {
    if (this.text[this.at] !== "(") {
      return /^[\s;&|)]/u.test(this.rest()) || this.ended ? { parts: [] } : this.word()
    }
    this.at += 1
    const parts: Array<Part> = []
    for (;;) {
      this.skipBlanks()
      if (this.ended) {
        this.complete = false
        break
      }
      const char = this.text[this.at]
      if (char === ")") {
        this.at += 1
        break
      }
      if (
        char === "\n" ||
        char === "(" ||
        char === ";" ||
        char === "&" ||
        char === "|" ||
        char === "<" ||
        char === ">"
      ) {
        this.at += 1
        continue
      }
      if (parts.length > 0) parts.push({ _tag: "Text", text: " ", quoted: false })
      parts.push(...this.word().parts)
    }
    return { parts }
  }

  private redirect(rest: string, redirects: Array<Redirect>): boolean {
    const fd = /^(?:\d+|\{[A-Za-z_]\w*\})(?=[<>])/u.exec(rest)?.[0] ?? ""
    const operator = REDIRECT.exec(rest.slice(fd.length))?.[0]
    if (operator === undefined) return false
    // `<(…)` and `>(…)` are words.
    if (fd === "" && (operator === "<" || operator === ">") && rest[1] === "(") return false
    this.at += fd.length + operator.length
    this.skipBlanks()
    if (operator === "<<" || operator === "<<-") {
      this.here(operator === "<<-", redirects)
      return true
    }
    if (this.ended || SEPARATOR.test(this.rest())) {
      this.complete = false
      return true
    }
    redirects.push({ operator, target: this.word() })
    return true
  }

  private here(stripTabs: boolean, redirects: Array<Redirect>): void {
    const delimiter = this.word()
    let target: Word = { parts: [] }
    redirects.push({
      operator: "<<",
      get target() {
        return target
      }
    })
    this.heres.push({
      delimiter: delimiter.parts.map((part) => (part._tag === "Text" ? part.text : "")).join(""),
      quoted: delimiter.parts.some((part) => part.quoted),
      stripTabs,
      fill: (text) => {
        target = text
      }
    })
  }

  /** The texts of here-documents stand after the line that asks for them. */
  private readHeres(): void {
    const heres = this.heres
    this.heres = []
    for (const { delimiter, quoted, stripTabs, fill } of heres) {
      const lines: Array<string> = []
      let closed = false
      while (!this.ended && !closed) {
        const end = this.text.indexOf("\n", this.at)
        const line = this.text.slice(this.at, end === -1 ? undefined : end)
        this.at = end === -1 ? this.text.length : end + 1
        const text = stripTabs ? line.replace(/^\t+/u, "") : line
        if (text === delimiter) closed = true
        else lines.push(text)
      }
      // A shell takes the end of its input for the end of the text.
      const body = lines.join("\n")
      fill({ parts: quoted ? [{ _tag: "Text", text: body, quoted: true }] : this.quotedParts(body) })
    }
  }

  /** The pieces of a text as it stands in double quotes. */
  private quotedParts(text: string): ReadonlyArray<Part> {
    const parser = new Parser(`${text}"`, this.depth)
    const parts: Array<Part> = []
    parser.doubleQuoted(parts)
    if (!parser.complete) this.complete = false
    // A quote inside ended it early; the rest is text as well.
    while (!parser.ended) {
      parts.push({ _tag: "Text", text: '"', quoted: true })
      parser.doubleQuoted(parts)
    }
    return parts
  }

  private word(): Word {
    const parts: Array<Part> = []
    let text = ""
    const flush = (): void => {
      if (text !== "") parts.push({ _tag: "Text", text, quoted: false })
      text = ""
    }
    const from = this.at
    while (!this.ended) {
      const char = this.text[this.at] ?? ""
      const next = this.text[this.at + 1]
      if ((char === "<" || char === ">") && next === "(") {
        flush()
        this.at += 2
        parts.push({ _tag: "Commands", list: this.list(true), quoted: true, prints: false })
        continue
      }
      if (char === "(" && /[?*+@!]$/u.test(text)) {
        this.extendedPattern()
        text = text.slice(0, -1)
        flush()
        parts.push({ _tag: "Unknown", quoted: false })
        continue
      }
      if (/[\s;&|()<>]/u.test(char)) break
      if (char === "\\") {
        this.at += 2
        if (next !== undefined && next !== "\n") {
          flush()
          parts.push({ _tag: "Text", text: next, quoted: true })
        }
        continue
      }
      if (char === "'" || char === '"' || char === "`" || char === "$") {
        flush()
        this.special(parts, false)
        continue
      }
      text += char
      this.at += 1
    }
    flush()
    if (this.at === from) this.at += 1
    return { parts }
  }

  /** `@(…)` and its like. */
  private extendedPattern(): void {
    let open = 0
    while (!this.ended) {
      const char = this.text[this.at]
      this.at += 1
      if (char === "(") open += 1
      if (char === ")" && --open === 0) return
    }
    this.complete = false
  }

  /** At a quote, a backtick or a dollar sign. */
  private special(parts: Array<Part>, quoted: boolean): void {
    const char = this.text[this.at]
    if (char === "'") {
      const end = this.text.indexOf("'", this.at + 1)
      if (end === -1) this.complete = false
      parts.push({
        _tag: "Text",
        text: this.text.slice(this.at + 1, end === -1 ? undefined : end),
        quoted: true
      })
      this.at = end === -1 ? this.text.length : end + 1
    } else if (char === '"') {
      this.at += 1
      this.doubleQuoted(parts)
    } else if (char === "`") {
      this.backticks(parts, quoted)
    } else {
      this.dollar(parts, quoted)
    }
  }

  private doubleQuoted(parts: Array<Part>): void {
    let text = ""
    const flush = (): void => {
      if (text !== "") parts.push({ _tag: "Text", text, quoted: true })
      text = ""
    }
    const before = parts.length
    for (;;) {
      if (this.ended) {
        this.complete = false
        break
      }
      const char = this.text[this.at] ?? ""
      if (char === '"') {
        this.at += 1
        break
      }
      if (char === "\\") {
        const next = this.text[this.at + 1] ?? ""
        this.at += 2
        if (next !== "\n") text += '$`"\\'.includes(next) ? next : `\\${next}`
      } else if (char === "$" || char === "`") {
        flush()
        this.special(parts, true)
      } else {
        text += char
        this.at += 1
      }
    }
    flush()
    if (parts.length === before) parts.push({ _tag: "Text", text: "", quoted: true })
  }

  private backticks(parts: Array<Part>, quoted: boolean): void {
    let inside = ""
    this.at += 1
    for (;;) {
      if (this.ended) {
        this.complete = false
        break
      }
      const char = this.text[this.at] ?? ""
      this.at += 1
      if (char === "`") break
      if (char === "\\") {
        const next = this.text[this.at] ?? ""
        this.at += 1
        inside += "$`\\".includes(next) || (quoted && next === '"') ? next : `\\${next}`
      } else {
        inside += char
      }
    }
    parts.push({ _tag: "Commands", list: this.nested(inside), quoted, prints: true })
  }

  private dollar(parts: Array<Part>, quoted: boolean): void {
    const next = this.text[this.at + 1]
    if (next === "(") {
      const arithmetic = this.arithmeticEnd(this.at + 1)
      if (arithmetic !== undefined) {
        const inside = this.text.slice(this.at + 3, arithmetic - 2)
        this.at = arithmetic
        // A number nobody knows; what a shell does not take for one it may run.
        parts.push({ _tag: "Commands", list: this.nested(inside), quoted, prints: false })
        return
      }
      this.at += 2
      if (this.depth >= MAX_DEPTH) this.complete = false
      const inner = new Parser(this.text.slice(this.at), this.depth + 1)
      const list = this.depth >= MAX_DEPTH ? { steps: [] } : inner.list(true)
      if (!inner.complete) this.complete = false
      // Here-documents asked for in it may stand after the line.
      this.heres.push(...inner.heres)
      this.at = this.depth >= MAX_DEPTH ? this.text.length : this.at + inner.at
      parts.push({ _tag: "Commands", list, quoted, prints: true })
    } else if (next === "{") {
      this.braced(parts, quoted)
    } else if (next === "'" && !quoted) {
      const end = /^(?:[^'\\]|\\[\s\S])*/u.exec(this.text.slice(this.at + 2))?.[0] ?? ""
      parts.push({ _tag: "Text", text: unescapeAnsi(end), quoted: true })
      this.at += 2 + end.length + 1
      if (this.at > this.text.length) this.complete = false
    } else if (next === '"' && !quoted) {
      this.at += 2
      this.doubleQuoted(parts)
    } else {
      const name = NAME.exec(this.text.slice(this.at + 1, this.at + 200))?.[0]
      if (name !== undefined) {
        this.at += 1 + name.length
        parts.push({ _tag: "Variable", name, quoted, fallback: undefined })
      } else if (next !== undefined && /[0-9@*#?$!-]/u.test(next)) {
        this.at += 2
        parts.push({ _tag: "Unknown", quoted })
      } else {
        this.at += 1
        parts.push({ _tag: "Text", text: "$", quoted: true })
      }
    }
  }

  /** `${…}` */
  private braced(parts: Array<Part>, quoted: boolean): void {
    this.at += 2
    let inside = ""
    let open = 1
    while (!this.ended) {
      const char = this.text[this.at] ?? ""
      this.at += 1
      if (char === "\\") {
        inside += char + (this.text[this.at] ?? "")
        this.at += 1
        continue
      }
      if (char === "{") open += 1
      if (char === "}" && --open === 0) break
      inside += char
    }
    if (open > 0) this.complete = false
    const name = NAME.exec(inside)?.[0]
    const after = inside.slice(name?.length ?? 0)
    const fallback = /^:?[-=+](?<word>[\s\S]*)$/u.exec(after)?.groups?.["word"]
    if (name !== undefined && (after === "" || fallback !== undefined)) {
      const word = fallback === undefined || fallback === "" ? undefined : this.fallbackWord(fallback, quoted)
      parts.push({ _tag: "Variable", name, quoted, fallback: word })
      return
    }
    // Commands inside it run all the same.
    for (const part of this.quotedParts(after)) {
      if (part._tag === "Commands") parts.push({ ...part, prints: false })
    }
    parts.push({ _tag: "Unknown", quoted })
  }

  private fallbackWord(text: string, quoted: boolean): Word {
    if (quoted) return { parts: this.quotedParts(text) }
    const parser = new Parser(text, this.depth)
    const parts: Array<Part> = []
    while (!parser.ended) {
      const blanks = /^\s+/u.exec(parser.rest())?.[0].length ?? 0
      parser.at += blanks
      if (blanks > 0) parts.push({ _tag: "Text", text: " ", quoted: false })
      else parts.push(...parser.word().parts)
    }
    if (!parser.complete) this.complete = false
    return { parts }
  }
}

const operatorOf = (separator: string): Step["follows"] => {
  switch (separator) {
    case "&&":
    case "||":
    case "|":
    case "&":
      return separator
    case "|&":
      return "|"
    default:
      return ";"
  }
}

const isText = (word: Word | undefined, text: string): boolean => {
  const [part, ...others] = word?.parts ?? []
  return part?._tag === "Text" && !part.quoted && part.text === text && others.length === 0
}

/** `case` up to its first pattern, or to the end of a line. */
const opensCase = (node: Node | undefined): boolean =>
  node?._tag === "Command" && isText(node.words[0], "case") && !isText(node.words.at(-1), "esac")

const isKeyword = (word: Word): boolean => {
  const [part] = word.parts
  return part?._tag === "Text" && keywords.has(part.text) && isText(word, part.text)
}

export const parseShell = (text: string): Parsed => {
  const parser = new Parser(text, 0)
  const { steps } = parser.list(false)
  return { steps, complete: parser.complete }
}
