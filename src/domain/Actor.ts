/** Who did something: a person at a terminal, an agent through a tool, a strategy in a run, or the desk itself. */
import { Schema } from "effect"

export const Actor = Schema.Struct({
  kind: Schema.Literals(["person", "agent", "strategy", "desk"]),
  /** "cli", "mcp:broker", the strategy's name, "crank", … */
  name: Schema.NonEmptyString
})
export type Actor = typeof Actor.Type
