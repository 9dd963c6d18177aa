/** Why a method has no answer: never a number that means nothing. */
import { Schema } from "effect"

/** Fewer observations than the method needs. */
export class TooFewObservations extends Schema.TaggedError<TooFewObservations>()("TooFewObservations", {
  /** As a message says it: "a stationary bootstrap". */
  method: Schema.String,
  /** "returns", "trades", "trials", "windows". */
  what: Schema.String,
  needs: Schema.Int,
  has: Schema.Int,
  message: Schema.String
}) {}

/** Returns that do not vary: nothing can be told from them. */
export class ConstantReturns extends Schema.TaggedError<ConstantReturns>()("ConstantReturns", {
  series: Schema.String,
  message: Schema.String
}) {}

/** A return that is no number, or a loss of more than everything. */
export class BadReturn extends Schema.TaggedError<BadReturn>()("BadReturn", {
  series: Schema.String,
  /** Number of the return in its series, from 1. */
  at: Schema.Int,
  message: Schema.String
}) {}

/** What was asked of a method does not fit together; says what would do. */
export class BadRequest extends Schema.TaggedError<BadRequest>()("BadRequest", { message: Schema.String }) {}

export type RobustnessError = TooFewObservations | ConstantReturns | BadReturn | BadRequest

/** "a stationary bootstrap needs 20 returns, and there are 3". */
export const tooFew = (method: string, what: string, needs: number, has: number): TooFewObservations =>
  new TooFewObservations({
    method,
    what,
    needs,
    has,
    message: `${method} needs ${needs} ${what}, and there ${has === 1 ? "is" : "are"} ${has === 0 ? "none" : has}`
  })
