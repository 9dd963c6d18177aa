/** A backtest as it is stored, shown and compared; of this engine and of LEAN alike. */
import { Schema } from "effect"
import { Money } from "../domain/Money.ts"
import { SessionDate } from "../domain/Timestamp.ts"
import { TradingState } from "../domain/TradingState.ts"
import { BacktestInputs } from "./BacktestInputs.ts"
import { Financing } from "./Financing.ts"
import {
  DenialRow,
  FillRow,
  HeldRow,
  OptionOrders,
  OptionRow,
  OrderRow,
  StateRow,
  TradeRow
} from "./BacktestRows.ts"

/** Dollars, one a session. */
const Column = Schema.Array(Schema.Finite)

/** A ratio or a sum; null where it cannot be told. */
const Figure = Schema.NullOr(Schema.Finite)

export const BacktestStatistics = Schema.Struct({
  /** By the names of `portfolio/Performance.ts`. */
  own: Schema.Record(Schema.String, Figure),
  /** LEAN's `statistics`, by LEAN's names, written as LEAN writes them. */
  lean: Schema.Record(Schema.String, Schema.String),
  /** LEAN's `portfolioStatistics` and `tradeStatistics`, by LEAN's names: ratios, not percents. */
  portfolio: Schema.Record(Schema.String, Figure),
  trade: Schema.Record(Schema.String, Schema.Union([Figure, Schema.String]))
})
export type BacktestStatistics = typeof BacktestStatistics.Type

/** Why a backtest did not come to its end. */
export const BacktestFailure = Schema.Struct({
  kind: Schema.Literals(["threw", "time-limit", "bad-data", "lean"]),
  message: Schema.String,
  /** The decision point it happened at, on the exchange's clock, and the bar's number from 1. */
  at: Schema.optionalKey(Schema.String),
  bar: Schema.optionalKey(Schema.Int),
  /** The last order that was sent before. */
  order: Schema.optionalKey(Schema.String),
  stack: Schema.optionalKey(Schema.String)
})
export type BacktestFailure = typeof BacktestFailure.Type

/** What there is to see of it. */
export const BacktestContent = Schema.Struct({
  dates: Schema.Array(SessionDate),
  equity: Column,
  grossExposure: Column,
  netExposure: Column,
  traded: Column,
  benchmark: Column,
  /** Sums of the whole. */
  cash: Money,
  fees: Money,
  dividends: Money,
  /** Of a backtest with a borrow or a margin model. */
  financing: Schema.optionalKey(Financing),
  bars: Schema.Int,
  orders: Schema.Array(OrderRow),
  fills: Schema.Array(FillRow),
  trades: Schema.Array(TradeRow),
  denials: Schema.Array(DenialRow),
  states: Schema.Array(StateRow),
  held: Schema.Array(HeldRow),
  options: Schema.Array(OptionRow),
  /** Where options were ordered by this engine. */
  optionOrders: Schema.optionalKey(OptionOrders),
  tradingState: TradingState,
  statistics: BacktestStatistics,
  /** What LEAN says of its own run, by its names; empty of this engine. */
  reported: Schema.Record(Schema.String, Schema.String)
})
export type BacktestContent = typeof BacktestContent.Type

export const BacktestResult = Schema.Struct({
  version: Schema.Literal(1),
  /** Made of the inputs: the same inputs are the same backtest. */
  id: Schema.NonEmptyString,
  inputs: BacktestInputs,
  /** The command that gives it again, without the program's name. */
  command: Schema.String,
  /** The computer's clock, milliseconds since 1970, and how long it took: not part of the hash. */
  ranAt: Schema.Int,
  wallMillis: Schema.Finite,
  outcome: Schema.TaggedUnion({
    Finished: {
      content: BacktestContent,
      /** SHA-256, hex, of the canonical content. */
      hash: Schema.NonEmptyString
    },
    Failed: { failure: BacktestFailure }
  })
})
export type BacktestResult = typeof BacktestResult.Type

export type FinishedBacktest = BacktestResult & {
  readonly outcome: { readonly _tag: "Finished"; readonly content: BacktestContent; readonly hash: string }
}
