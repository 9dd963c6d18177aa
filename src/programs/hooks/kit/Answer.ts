/** What a hook answers, and what the client is told: its exit code, standard output and standard error. */

export type HookAnswer =
  /** Nothing against it. */
  | { readonly _tag: "Allow" }
  /** The call must not happen, or the change not be taken over. The reason reaches the model. */
  | { readonly _tag: "Deny"; readonly reason: string }
  /** A person decides; where none can be asked, the client denies it. Only before a tool's call. */
  | { readonly _tag: "Ask"; readonly reason: string }
  /** What the model is told besides; `banner` is for the person. */
  | { readonly _tag: "Context"; readonly text: string; readonly banner?: string }
  /** The hook could not do its work. */
  | { readonly _tag: "Failed"; readonly problem: string }

export const allow: HookAnswer = { _tag: "Allow" }
export const deny = (reason: string): HookAnswer => ({ _tag: "Deny", reason })
export const ask = (reason: string): HookAnswer => ({ _tag: "Ask", reason })
export const context = (text: string, banner?: string): HookAnswer =>
  banner === undefined ? { _tag: "Context", text } : { _tag: "Context", text, banner }
export const failed = (problem: string): HookAnswer => ({ _tag: "Failed", problem })

/** How a hook ends. */
export interface Ending {
  readonly code: number
  /** One JSON object or nothing: any other text on standard output would let the call through. */
  readonly out: string
  readonly err: string
}

/** What a hook is to the client. */
export interface Standing {
  readonly name: string
  readonly guarding: boolean
  readonly visible?: boolean
}

/** A text to the client has at most this many characters. */
export const MAX_ANSWER_CHARACTERS = 8_000

const bounded = (text: string): string =>
  text.length <= MAX_ANSWER_CHARACTERS
    ? text
    : `${text.slice(0, MAX_ANSWER_CHARACTERS - 40)}… (${text.length} characters, cut)`

/** A guarding hook blocks when anything goes wrong; another one only says it. */
export const endingOfUnexpected = (hook: Standing, problem: string): Ending => ({
  code: hook.guarding ? 2 : hook.visible === true ? 1 : 0,
  out: "",
  err: bounded(
    `${hook.name}: ${problem}${hook.guarding ? " Blocked, because the guard could not do its work." : ""}`
  )
})

/** `event` is the `hook_event_name` of the event that is answered. */
export const endingOf = (hook: Standing, event: string, answer: HookAnswer): Ending => {
  switch (answer._tag) {
    case "Allow":
      return { code: 0, out: "", err: "" }
    case "Deny":
      return hook.guarding
        ? { code: 2, out: "", err: bounded(answer.reason) }
        : endingOfUnexpected(hook, `it denied, and is no guard: ${answer.reason}`)
    case "Ask":
      if (event !== "PreToolUse") {
        return endingOfUnexpected(hook, `nobody can be asked at ${event}: ${answer.reason}`)
      }
      return {
        code: 0,
        out: JSON.stringify({
          hookSpecificOutput: {
            hookEventName: event,
            permissionDecision: "ask",
            permissionDecisionReason: bounded(answer.reason)
          }
        }),
        err: ""
      }
    case "Context":
      return {
        code: 0,
        out: JSON.stringify({
          ...(answer.banner === undefined ? {} : { systemMessage: bounded(answer.banner) }),
          hookSpecificOutput: { hookEventName: event, additionalContext: bounded(answer.text) }
        }),
        err: ""
      }
    case "Failed":
      return endingOfUnexpected(hook, answer.problem)
  }
}
