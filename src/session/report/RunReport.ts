/**
 * What a run has to say for itself, as one value: the input of `reportHtml`.
 *
 * Money, prices and quantities are the books' exact integers in millionths;
 * curves and ratios are floats. Ratios are plain numbers (0.2 is 20%). All text
 * is plain text: the page escapes it.
 */
import type { Money, Price, SignedQuantity } from "../../domain/Money.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { TradingState } from "../../domain/TradingState.ts"
import type { EquityCurve } from "../../portfolio/EquityCurve.ts"
import type { LimitsProfile } from "../../risk/LimitsProfile.ts"
import type { OptionSummary } from "../OptionTrail.ts"

export interface RunReport {
  /** Names the run's folder. */
  readonly runId: string
  readonly title: string
  /** First and last session run, and how many there were. */
  readonly period: { readonly from: SessionDate; readonly to: SessionDate; readonly sessions: number }
  /** The books run side by side on the same market; at least one. */
  readonly books: readonly [BookReport, ...ReadonlyArray<BookReport>]
  readonly benchmark: BenchmarkReport
  readonly market: MarketReport
  /** The limits in force, with the label the results carry. */
  readonly profile: LimitsProfile
  /** What happens after a drawdown trip, in words. */
  readonly resumePolicy: string
  readonly models: {
    readonly fill: NamedModel
    readonly fee: NamedModel
    readonly slippage: NamedModel
  }
  readonly seed: number
  /** The command line that gives this run again. */
  readonly command: string
  /** Name and version of the program. */
  readonly generatedBy: string
  /** What to type next, best first. */
  readonly next: ReadonlyArray<{ readonly command: string; readonly purpose: string }>
}

/** One book: an account of its own under one strategy. */
export interface BookReport {
  /** As a person calls it: "Trend follower". */
  readonly name: string
  /** One line, for the top of the page. */
  readonly summary: string
  /** What it does, when it decides, and where its numbers come from. */
  readonly description: string
  readonly parameters: ReadonlyArray<{
    readonly name: string
    readonly value: string
    readonly meaning: string
  }>
  readonly startingCash: Money
  /** Dollars at the closes; the first point is the start, before anything was traded. */
  readonly curve: EquityCurve
  /** Dollars long and short together at the same closes; one a point of the curve. */
  readonly grossExposures: Float64Array
  /** Dollars bought and sold since the point before; one a point of the curve. */
  readonly traded: Float64Array
  readonly orders: number
  readonly fills: number
  readonly denied: number
  /** Sums to `denied`: an order counts under the rule that its denial names. */
  readonly denials: ReadonlyArray<{
    /** A risk rule, or what else kept an order from being sent: "audit-log", "not-sent". */
    readonly rule: string
    readonly count: number
    /** The message of one of them. */
    readonly example: string
  }>
  /** In time order. */
  readonly breakerEvents: ReadonlyArray<BreakerEvent>
  /** What was held at the end. */
  readonly positions: ReadonlyArray<{
    readonly symbol: string
    readonly quantity: SignedQuantity
    /** What was paid for it, fees aside. */
    readonly cost: Money
    readonly price: Price
    readonly marketValue: Money
  }>
  /** What was traded of options, and how they ended. */
  readonly options: OptionSummary
  /** All fees paid. */
  readonly fees: Money
  readonly cash: Money
  /** Trading state after the last session. */
  readonly tradingState: TradingState
  /** Hash of the canonical journal, in hex. */
  readonly journalHash: string
}

/** A change of the trading state; `lapsed` ends a daily-loss trip, `resumed` any other. */
export interface BreakerEvent {
  readonly date: SessionDate
  readonly kind: "daily-loss" | "drawdown" | "halt" | "resumed" | "lapsed"
  /** For a trip: the loss or drawdown that passed, and its limit; shown as zero or below whatever the sign. */
  readonly value?: number
  readonly limit?: number
  readonly equity: Money
  readonly note: string
}

/** The instrument bought with the whole starting cash at its first close and held, without fees. */
export interface BenchmarkReport {
  /** "Buy and hold". */
  readonly name: string
  readonly description: string
  readonly curve: EquityCurve
}

export interface MarketReport {
  /** Where the prices come from, and of what. */
  readonly source: string
  /** What the data cannot tell, a sentence or two each. */
  readonly caveats: ReadonlyArray<string>
  /** Results from this date on are given beside those of the whole period, and why. */
  readonly separateFrom?: { readonly date: SessionDate; readonly reason: string }
  /** Rows left out because the run was told to skip bad ones. */
  readonly skippedRows: ReadonlyArray<{
    readonly file: string
    readonly row: number
    readonly problem: string
  }>
}

export interface NamedModel {
  readonly name: string
  readonly description: string
}
