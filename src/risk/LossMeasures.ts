/** The day's loss and the drawdown, as the rules and the circuit breaker both measure them. */
import { ceilShare, partsPerMillion } from "./ExactRatio.ts"

/** A loss against its limit. Ratios are ≤ 0 when there is a loss, and for showing only. */
export interface LossMeasure {
  /** Decided on integers: the loss is at its limit or beyond. */
  readonly reached: boolean
  readonly value: number
  readonly limit: number
}

const measure = (change: number, base: number, ratio: number): LossMeasure => ({
  // Micros are whole, so a loss of limit × base and more is a loss of its ceiling and more.
  // And what is no number counts as reached.
  reached: !(0 - change < ceilShare(base, partsPerMillion(ratio))),
  value: change / base,
  limit: 0 - ratio
})

/**
 * (equity − equity at the prior close − deposits less withdrawals since) ÷
 * equity at the prior close. All in micros; the base must be above zero.
 */
export const dailyLoss = (
  equity: number,
  priorCloseEquity: number,
  netFlows: number,
  dailyLossRatio: number
): LossMeasure => measure(equity - priorCloseEquity - netFlows, priorCloseEquity, dailyLossRatio)

/** (equity − peak) ÷ peak. Micros; the peak must be above zero. */
export const drawdown = (equity: number, peakEquity: number, drawdownRatio: number): LossMeasure =>
  measure(equity - peakEquity, peakEquity, drawdownRatio)
