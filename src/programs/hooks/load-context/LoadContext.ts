/** What a session is told of the desk when it begins. */
import { context } from "../kit/Answer.ts"
import { type Hook, Unusable } from "../kit/Hook.ts"
import { textAt } from "../kit/Json.ts"
import { sessionDesk } from "./SessionDesk.ts"

/** A session must not wait longer for it. */
const DEADLINE_MILLIS = 15_000

interface Facts {
  /** Why the session begins: startup, resume, clear, compact, fork. */
  readonly source: string
}

export const loadContext: Hook<Facts> = {
  name: "load-context",
  guarding: false,
  deadlineMillis: DEADLINE_MILLIS,
  input: (event) =>
    textAt(event, "hook_event_name") === "SessionStart"
      ? { source: textAt(event, "source") ?? "startup" }
      : new Unusable(
          `it is for SessionStart, and the event is ${textAt(event, "hook_event_name") ?? "without a name"}.`
        ),
  run: async (_facts, surroundings) => {
    const { banner, context: text } = await sessionDesk(surroundings)
    return context(text, banner)
  }
}
