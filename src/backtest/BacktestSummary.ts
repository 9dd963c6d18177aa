/** A stored backtest in short: what a list shows of it. */
import { Schema } from "effect"
import { Money } from "../domain/Money.ts"
import { Resolution } from "../domain/Quote.ts"
import { SessionDate } from "../domain/Timestamp.ts"
import { StrategyParameters } from "../session/Strategy.ts"
import { BacktestFailure, type BacktestResult } from "./BacktestResult.ts"
import { contaminationOf, contaminationWords, isPromotable } from "./robustness/Contaminated.ts"

export const BacktestSummary = Schema.Struct({
  id: Schema.NonEmptyString,
  engine: Schema.Literals(["plimsoll", "lean"]),
  algorithm: Schema.NonEmptyString,
  parameters: StrategyParameters,
  source: Schema.NonEmptyString,
  dataset: Schema.NonEmptyString,
  symbols: Schema.Array(Schema.String),
  resolution: Resolution,
  from: SessionDate,
  to: SessionDate,
  cash: Money,
  /** The limits profile. */
  profile: Schema.NonEmptyString,
  label: Schema.NonEmptyString,
  /** By its limits, and by what its model knew. */
  promotable: Schema.Boolean,
  /** What is from before its model's knowledge cutoff, in words; absent where it is clean. */
  contaminated: Schema.optionalKey(Schema.NonEmptyString),
  /** Milliseconds since 1970. */
  ranAt: Schema.Int,
  outcome: Schema.TaggedUnion({
    Finished: {
      hash: Schema.NonEmptyString,
      sessions: Schema.Int,
      orders: Schema.Int,
      fills: Schema.Int,
      denied: Schema.Int,
      statistics: Schema.Record(Schema.String, Schema.NullOr(Schema.Finite))
    },
    Failed: { failure: BacktestFailure }
  })
})
export type BacktestSummary = typeof BacktestSummary.Type

const outcomeOf = ({ outcome }: BacktestResult): BacktestSummary["outcome"] => {
  if (outcome._tag === "Failed") return outcome
  const { dates, denials, fills, orders, statistics } = outcome.content
  return {
    _tag: "Finished",
    hash: outcome.hash,
    sessions: dates.length,
    orders: orders.length,
    fills: fills.length,
    denied: denials.reduce((sum, { count }) => sum + count, 0),
    statistics: statistics.own
  }
}

const datesOf = ({ outcome }: BacktestResult) =>
  outcome._tag === "Finished" ? outcome.content.dates : undefined

export const summaryOf = (result: BacktestResult): BacktestSummary => {
  const { algorithm, cash, data, engine, profile } = result.inputs
  const words = contaminationWords(contaminationOf(result.inputs, datesOf(result)))
  return {
    id: result.id,
    engine: engine.name,
    algorithm: algorithm.name,
    parameters: algorithm.parameters,
    source: data.source,
    dataset: data.dataset,
    symbols: data.symbols,
    resolution: data.resolution,
    from: data.from,
    to: data.to,
    cash,
    profile: profile.name,
    label: profile.label,
    promotable: isPromotable(result.inputs),
    ...(words === undefined ? {} : { contaminated: words }),
    ranAt: result.ranAt,
    outcome: outcomeOf(result)
  }
}
