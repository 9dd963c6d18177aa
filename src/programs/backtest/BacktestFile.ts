/** All that is needed to play a backtest, in a worker or once more: plain values that JSON can hold. */
import { Schema } from "effect"
import { BacktestInputs } from "../../backtest/BacktestInputs.ts"
import { MarketConfig } from "../DeskConfig.ts"

export const BacktestFile = Schema.Struct({
  version: Schema.Literal(1),
  inputs: BacktestInputs,
  market: MarketConfig,
  /** What the market's relative paths are relative to. */
  folder: Schema.String,
  /** The project, whose `algorithms/` are looked through. */
  project: Schema.String,
  /** The arguments that give this backtest again, from "backtest" on. */
  command: Schema.String
})
export type BacktestFile = typeof BacktestFile.Type
