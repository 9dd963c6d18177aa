/**
 * Raw prices to split-adjusted and adjusted ones, as of an instant: only
 * actions in force by then count, so an adjusted past tells nothing of splits
 * and dividends to come.
 *
 * A split of n for m multiplies every earlier price by m ÷ n and every earlier
 * volume by n ÷ m; a dividend D multiplies every earlier price by 1 − D ÷ C,
 * with C the raw close of the session before (the CRSP method, and LEAN's).
 */
import type { Timestamp } from "../domain/Timestamp.ts"
import type { BarSeries, CorporateAction } from "./BarSeries.ts"
import type { PriceAdjustment } from "./MarketData.ts"
import { lowerBound } from "./PricePath.ts"
import { fromExchangeTime } from "./TradingCalendar.ts"

/** Factors for bars that start before `before`. */
export interface AdjustmentStep {
  readonly before: Timestamp
  readonly price: number
  readonly volume: number
}

/**
 * The factors of every action in force at `asOf`, oldest first; a bar's own
 * are the product of all steps after it. `closeBefore` gives the raw close of
 * the last session before an instant, in micros; nothing before the first.
 */
export const adjustmentSteps = (
  actions: ReadonlyArray<CorporateAction>,
  closeBefore: (at: Timestamp) => number | undefined,
  adjustment: PriceAdjustment,
  asOf: Timestamp
): ReadonlyArray<AdjustmentStep> => {
  if (adjustment === "raw") return []
  const steps: Array<AdjustmentStep> = []
  for (const action of actions) {
    const before = fromExchangeTime(action.date, 0)
    if (before > asOf) continue
    if (action._tag === "Split") {
      steps.push({
        before,
        price: action.denominator / action.numerator,
        volume: action.numerator / action.denominator
      })
    } else if (adjustment === "adjusted") {
      const closed = closeBefore(before)
      // Without a close before it there is no bar to adjust either.
      if (closed === undefined || action.amountPerShare >= closed) continue
      steps.push({ before, price: 1 - action.amountPerShare / closed, volume: 1 })
    }
  }
  return steps
}

/** The series with its prices and volumes multiplied, each rounded to the micro and the share. */
export const adjusted = (bars: BarSeries, steps: ReadonlyArray<AdjustmentStep>): BarSeries => {
  if (steps.length === 0 || bars.length === 0) return bars
  const n = bars.length
  const priceFactor = new Float64Array(n).fill(1)
  const volumeFactor = new Float64Array(n).fill(1)
  for (const step of steps) {
    const end = lowerBound(bars.tsOpen, step.before)
    for (let i = 0; i < end; i++) {
      priceFactor[i] = (priceFactor[i] ?? 1) * step.price
      volumeFactor[i] = (volumeFactor[i] ?? 1) * step.volume
    }
  }
  const times = (column: Float64Array, factor: Float64Array): Float64Array =>
    column.map((value, i) => Math.round(value * (factor[i] ?? 1)))
  return {
    ...bars,
    open: times(bars.open, priceFactor),
    high: times(bars.high, priceFactor),
    low: times(bars.low, priceFactor),
    close: times(bars.close, priceFactor),
    volume: times(bars.volume, volumeFactor)
  }
}
