/** Why a model of regimes has no answer, beside what any method of robustness may say. */
import { Schema } from "effect"
import type { RobustnessError } from "../RobustnessError.ts"

/** No two states can be told apart: one of them holds a handful of returns, or returns that do not vary. */
export class DegenerateRegimes extends Schema.TaggedError<DegenerateRegimes>()("DegenerateRegimes", {
  series: Schema.String,
  message: Schema.String
}) {}

export type RegimeError = RobustnessError | DegenerateRegimes
