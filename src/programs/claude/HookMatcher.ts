/**
 * Which tools a hook's matcher means, as Claude Code reads it (2.1.330, observed).
 *
 * Left out, empty or `*` it means every tool. Of letters, digits, `_`, `-`, spaces, commas and `|` alone it is a
 * name or a list of names, each to be met exactly: `mcp__toy` is no tool's name and means none. Anything else is a
 * regular expression that may be found anywhere in the name.
 */

const NAMES = /^[A-Za-z0-9_\-, |]*$/u

export type Matcher =
  | { readonly _tag: "Everything" }
  | { readonly _tag: "Names"; readonly names: ReadonlyArray<string> }
  | { readonly _tag: "Pattern"; readonly pattern: RegExp }
  /** A regular expression that is none matches nothing. */
  | { readonly _tag: "Unusable"; readonly problem: string }

export const readMatcher = (matcher: string | undefined): Matcher => {
  if (matcher === undefined || matcher === "" || matcher === "*") return { _tag: "Everything" }
  if (NAMES.test(matcher)) {
    const names = matcher
      .split(/[|,]/u)
      .map((name) => name.trim())
      .filter((name) => name !== "")
    return { _tag: "Names", names }
  }
  try {
    return { _tag: "Pattern", pattern: new RegExp(matcher) }
  } catch (cause) {
    return { _tag: "Unusable", problem: cause instanceof Error ? cause.message : String(cause) }
  }
}

/** `subject` is a tool's name, or what else the event is matched by, such as a session's source. */
export const matches = (matcher: string | undefined, subject: string): boolean => {
  const read = readMatcher(matcher)
  switch (read._tag) {
    case "Everything":
      return true
    case "Names":
      return read.names.includes(subject)
    case "Pattern":
      return read.pattern.test(subject)
    case "Unusable":
      return false
  }
}
