/** What a process of children/raceOnDesk.ts is told. */
import { Schema } from "effect"

export const Racing = Schema.Struct({
  folder: Schema.String,
  /** As in `Place`. */
  database: Schema.optionalKey(Schema.String),
  log: Schema.String,
  scenario: Schema.String,
  seed: Schema.Int,
  /** Its number among the processes, from 0. */
  number: Schema.Int,
  orders: Schema.Int,
  /** Orders it has under way at once. */
  together: Schema.Int
})
export type Racing = typeof Racing.Type
