/** The client's settings, as far as they say which hooks run. */
import { isObject, type JsonObject, textAt } from "./Json.ts"

/** One hook of a settings file. */
export interface Handler {
  readonly event: string
  /** Empty: every tool. */
  readonly matcher: string
  readonly type: string
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** `block` makes a hook that fails block the call. */
  readonly onFailure: string | undefined
  /** Whether it runs whenever its matcher fits, and is waited for. */
  readonly always: boolean
}

const listAt = (object: JsonObject, key: string): ReadonlyArray<unknown> => {
  const value = object[key]
  return Array.isArray(value) ? value : []
}

/** The hooks that a settings file sets up for an event. */
export const handlersOf = (settings: unknown, event: string): ReadonlyArray<Handler> => {
  const hooks = isObject(settings) ? settings["hooks"] : undefined
  if (!isObject(hooks)) return []
  return listAt(hooks, event)
    .filter(isObject)
    .flatMap((group) =>
      listAt(group, "hooks")
        .filter(isObject)
        .map((handler) => ({
          event,
          matcher: textAt(group, "matcher") ?? "",
          type: textAt(handler, "type") ?? "",
          command: textAt(handler, "command") ?? "",
          args: listAt(handler, "args").filter((arg) => typeof arg === "string"),
          onFailure: textAt(handler, "onFailure"),
          always: handler["async"] !== true && handler["once"] !== true && textAt(handler, "if") === undefined
        }))
    )
}

/**
 * Whether a matcher fits a tool, as the client decides it: letters, digits, `_`, `-`, `,`, `|` and blanks are names,
 * anything else is a regular expression that may fit anywhere in the name.
 */
export const matches = (matcher: string, tool: string): boolean => {
  if (matcher === "" || matcher === "*") return true
  if (/^[A-Za-z0-9_\-, |]+$/u.test(matcher)) {
    return matcher.split(/[|,]/u).some((name) => name.trim() === tool)
  }
  try {
    return new RegExp(matcher, "u").test(tool)
  } catch {
    return false
  }
}
