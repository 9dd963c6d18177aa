/** A backtest that cannot go on: its strategy threw, or asked for what cannot be. */
import { Schema } from "effect"
import { BacktestFailure } from "../BacktestResult.ts"

export class EngineFault extends Schema.TaggedError<EngineFault>()("EngineFault", {
  failure: BacktestFailure,
  message: Schema.String
}) {}
