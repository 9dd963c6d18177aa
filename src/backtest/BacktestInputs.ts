/** Everything a backtest's result depends on. The same inputs give the same result, bit for bit. */
import { Schema } from "effect"
import { Money } from "../domain/Money.ts"
import { Resolution } from "../domain/Quote.ts"
import { SessionDate } from "../domain/Timestamp.ts"
import { LimitsProfile } from "../risk/LimitsProfile.ts"
import { ResumePolicy } from "../risk/ResumePolicy.ts"
import { StrategyParameters } from "../session/Strategy.ts"
import { BacktestModels } from "./BacktestModels.ts"

/** What was tried. */
export const TriedAlgorithm = Schema.Struct({
  name: Schema.NonEmptyString,
  kind: Schema.Literals(["built-in", "file", "lean"]),
  /** SHA-256, hex, of the code: of a built-in one the program's version stands for it. */
  codeHash: Schema.NonEmptyString,
  /** All of them, defaults included. */
  parameters: StrategyParameters,
  /** The first day its language model knows nothing of; absent where it asks none. */
  knowledgeCutoff: Schema.optionalKey(SessionDate)
})
export type TriedAlgorithm = typeof TriedAlgorithm.Type

/** What it was tried on. */
export const TestedData = Schema.Struct({
  /** As people call it: "embedded replay", "LEAN folder", "CSV prices.csv". */
  source: Schema.NonEmptyString,
  symbols: Schema.NonEmptyArray(Schema.NonEmptyString),
  resolution: Resolution,
  from: SessionDate,
  to: SessionDate,
  /** The series, whatever stretch of them: source, symbols and resolution. Trials on one are trials of one data set. */
  dataset: Schema.NonEmptyString,
  /** SHA-256, hex, of the bars, splits and dividends played, warm-up included. */
  dataHash: Schema.NonEmptyString,
  /** The same without the warm-up, which algorithms need more or less of; absent where nobody tells it. */
  sessionsHash: Schema.optionalKey(Schema.NonEmptyString),
  /** SHA-256, hex, of the risk-free rates that came with the prices; absent where the program's own are taken. */
  ratesHash: Schema.optionalKey(Schema.NonEmptyString)
})
export type TestedData = typeof TestedData.Type

/** Equal of backtests that played the same prices, whatever warm-up each of them has. */
export const pricesHash = ({ dataHash, sessionsHash }: TestedData): string => sessionsHash ?? dataHash

export const BacktestInputs = Schema.Struct({
  engine: Schema.Struct({
    name: Schema.Literals(["plimsoll", "lean"]),
    version: Schema.NonEmptyString
  }),
  algorithm: TriedAlgorithm,
  data: TestedData,
  cash: Money,
  profile: LimitsProfile,
  resumePolicy: ResumePolicy,
  seed: Schema.Int,
  models: BacktestModels
})
export type BacktestInputs = typeof BacktestInputs.Type
