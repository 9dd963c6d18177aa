/** Who did something: a person at a terminal, an agent through a tool, a strategy in a run, or the desk itself. */
import { Schema } from "effect"

export const Actor = Schema.Struct({
  kind: Schema.Literals(["person", "agent", "strategy", "desk"]),
  /** "cli", "mcp:broker", the strategy's name, "crank", … */
  name: Schema.NonEmptyString
})
export type Actor = typeof Actor.Type

/** Which call of which agent in which session of the client asked, as the hook that allowed the call saw it. */
export const Caller = Schema.Struct({
  /** "main", or the subagent's type. */
  agent: Schema.String,
  sessionId: Schema.String,
  /** The client's name for the call. */
  callId: Schema.String
})
export type Caller = typeof Caller.Type
