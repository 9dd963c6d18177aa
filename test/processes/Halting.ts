/** What a process of children/submitUntilHalted.ts is told, and what it tells. */
import { Schema } from "effect"

export const Halting = Schema.Struct({
  folder: Schema.String,
  /** As in `Place`. */
  database: Schema.optionalKey(Schema.String),
  number: Schema.Int,
  seed: Schema.Int,
  /** Orders it has under way at once. */
  together: Schema.Int,
  /** How long it goes on after its first refusal: whatever is still let through shows. */
  goesOnMillis: Schema.Int,
  /** When it ends at the latest. */
  lastsMillis: Schema.Int
})
export type Halting = typeof Halting.Type

/** An answer, and when it came: nanoseconds of the clock that all processes of a machine share. */
export const HaltAnswer = Schema.Struct({
  at: Schema.String,
  /** "taken", "halted" for a denial by the trading state, or what else there was. */
  outcome: Schema.String
})
export type HaltAnswer = typeof HaltAnswer.Type
