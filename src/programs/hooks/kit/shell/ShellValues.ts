/**
 * What the words of a shell command come to: quotes removed, variables and braces expanded, as far as that can
 * be known beforehand. A value is a text in which single characters of the private use area stand for what a
 * shell would fill in.
 */
import type { List, Part, Word } from "./ShellSyntax.ts"

/** Any text at all, also none and also with slashes: what only the moment tells. */
export const UNKNOWN = "\u{E000}"
/** Any file below a folder, as `find` finds them. */
export const DEEP = "\u{E008}"
/** `*` and `?` or `[…]` of a file name pattern. */
export const ANY = "\u{E001}"
export const ONE = "\u{E002}"

const OPEN = "\u{E003}"
const COMMA = "\u{E004}"
const CLOSE = "\u{E005}"
const BRACKET = "\u{E006}"
const BLANK = "\u{E007}"

/** Alternatives beyond these are not followed. */
const MAX_VALUES = 1_024

/** Braces in a longer text are not followed. */
const MAX_BRACED = 4_000

/** A pattern longer than this may be anything. */
const MAX_PATTERN = 2_000

export interface Surroundings {
  /** The values a variable may have; `undefined` when it is not known. */
  readonly variable: (name: string) => ReadonlyArray<string> | undefined
  readonly home: string | undefined
  /** What the commands of `$(…)` print, where that is plain. */
  readonly printed: (list: List) => string | undefined
  /** Is told when there were more values than are followed. */
  readonly cut: () => void
}

/** Whether all of a value is known. */
export const isPlain = (value: string): boolean => !/[\u{E000}-\u{E002}\u{E008}]/u.test(value)

const marks: Readonly<Record<string, string>> = {
  "*": ANY,
  "?": ONE,
  "[": BRACKET,
  "{": OPEN,
  ",": COMMA,
  "}": CLOSE
}

const marked = (text: string): string => text.replaceAll(/[*?[{,}]/gu, (char) => marks[char] ?? char)

const plainBraces = (value: string): string =>
  value.replaceAll(OPEN, "{").replaceAll(COMMA, ",").replaceAll(CLOSE, "}")

const plainBrackets = (value: string): string =>
  value.replaceAll(/\u{E006}[^\]/\u{E006}]+\]/gu, ONE).replaceAll(BRACKET, "[")

/** The texts a part may come to. */
const alternatives = (part: Part, around: Surroundings): ReadonlyArray<string> => {
  switch (part._tag) {
    case "Text":
      return [part.quoted ? part.text : marked(part.text)]
    case "Variable": {
      const known = around.variable(part.name) ?? []
      const fallback = part.fallback === undefined ? [] : textsOf(part.fallback, around)
      const all = [...known, ...fallback]
      return all.length === 0 ? [UNKNOWN] : all
    }
    case "Commands":
      return [(part.prints ? around.printed(part.list) : undefined) ?? UNKNOWN]
    case "Unknown":
      return [UNKNOWN]
  }
}

/** Every way of putting the pieces of a word together. */
const together = (
  word: Word,
  around: Surroundings,
  each: (part: Part, texts: ReadonlyArray<string>) => ReadonlyArray<string>
): ReadonlyArray<string> => {
  let values: ReadonlyArray<string> = [""]
  for (const part of word.parts) {
    const tails = each(part, alternatives(part, around))
    if (values.length * tails.length > MAX_VALUES) {
      around.cut()
      return [UNKNOWN]
    }
    values = values.flatMap((head) => tails.map((tail) => head + tail))
  }
  return values
}

/** The texts between the commas of the brace at `from`, and where it ends; none where it is not closed. */
const alternativesAt = (
  value: string,
  from: number
): { readonly between: ReadonlyArray<string>; readonly to: number } | undefined => {
  const between: Array<string> = []
  let depth = 0
  let start = from + 1
  for (let at = from; at < value.length; at++) {
    const char = value[at]
    if (char === OPEN) depth += 1
    if (char === COMMA && depth === 1) {
      between.push(value.slice(start, at))
      start = at + 1
    }
    if (char === CLOSE && --depth === 0) return { between: [...between, value.slice(start, at)], to: at }
  }
  return undefined
}

/** `{a,b}` becomes a and b; any other brace stays what it is. */
const withoutBraces = (value: string, around: Surroundings): ReadonlyArray<string> => {
  if (!value.includes(OPEN)) return [plainBraces(value)]
  if (value.length > MAX_BRACED) {
    around.cut()
    return [UNKNOWN]
  }
  const done: Array<string> = []
  const open = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (done.length + open.length > MAX_VALUES) {
      around.cut()
      return [UNKNOWN]
    }
    const from = next.indexOf(OPEN)
    if (from === -1) {
      done.push(plainBraces(next))
      continue
    }
    const found = alternativesAt(next, from)
    const head = next.slice(0, from)
    if (found === undefined) {
      open.push(`${head}{${next.slice(from + 1)}`)
      continue
    }
    const { between, to } = found
    const tail = next.slice(to + 1)
    const [only = ""] = between
    if (between.length > 1) open.push(...between.map((one) => head + one + tail).toReversed())
    else
      open.push(/^[^\u{E003}]*\.\.[^\u{E003}]*$/u.test(only) ? head + ANY + tail : `${head}{${only}}${tail}`)
  }
  return done
}

const withHome = (value: string, word: Word, home: string | undefined): string => {
  const [first] = word.parts
  if (first?._tag !== "Text" || first.quoted || !value.startsWith("~")) return value
  const user = /^~[^/]*/u.exec(value)?.[0] ?? "~"
  return (user === "~" ? (home ?? UNKNOWN) : UNKNOWN) + value.slice(user.length)
}

/** What a word comes to as one text, as an assignment or a file: several, where it may be one of several. */
export const textsOf = (word: Word, around: Surroundings): ReadonlyArray<string> =>
  together(word, around, (_, texts) => texts).map((value) =>
    withHome(plainBrackets(plainBraces(value)), word, around.home)
  )

/**
 * What a word comes to among the words of a command: one of several lists of texts. Unquoted variables fall apart
 * at their blanks, braces make several texts of one.
 */
export const fieldsOf = (word: Word, around: Surroundings): ReadonlyArray<ReadonlyArray<string>> => {
  const quoted = word.parts.some((part) => part.quoted)
  const split = (text: string): string => plainBraces(marked(text).replaceAll(/\s+/gu, BLANK))
  return together(word, around, (part, texts) =>
    part._tag === "Text" || part.quoted ? texts : texts.map(split)
  ).map((value) =>
    withoutBraces(value, around).flatMap((one) => {
      const fields = one.split(BLANK).filter((field) => field !== "")
      const some = fields.length === 0 && quoted ? [""] : fields
      return some.map((field, at) =>
        at === 0 ? withHome(plainBrackets(field), word, around.home) : plainBrackets(field)
      )
    })
  )
}

/** Whether a value, with whatever is filled in, can be this text. */
export const canBe = (value: string, text: string): boolean => {
  if (isPlain(value)) return value === text
  if (value.length > MAX_PATTERN) return true
  // The places in the text that can be reached with what stands before in the value.
  let reached = new Set([0])
  for (const char of value) {
    const next = new Set<number>()
    for (const place of reached) {
      if (char === UNKNOWN || char === DEEP || char === ANY) {
        for (let to = place; to <= text.length; to++) {
          next.add(to)
          if (char === ANY && text[to] === "/") break
        }
      } else if (place < text.length && (char === ONE ? text[place] !== "/" : text.startsWith(char, place))) {
        next.add(place + char.length)
      }
    }
    reached = next
  }
  return reached.has(text.length)
}
