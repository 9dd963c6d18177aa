/**
 * A trend follower that holds less of what swings more.
 *
 * Long while the close is above its mean of the last 200 sessions, else in
 * cash; while long, the weight is target volatility ÷ realised volatility, at
 * most 1. With several instruments each has an equal share of equity.
 *
 * Every number is a published convention and none was fitted to the data that
 * comes with the program:
 * - 200 sessions: the daily form of the 10-month mean of M. Faber, "A
 *   Quantitative Approach to Tactical Asset Allocation", Journal of Wealth
 *   Management, 2007.
 * - A band of 1% around the mean within which the last decision stands:
 *   W. Brock, J. Lakonishok, B. LeBaron, "Simple Technical Trading Rules and
 *   the Stochastic Properties of Stock Returns", Journal of Finance, 1992 (the
 *   1-200 rule with its one-percent band).
 * - Size by target ÷ realised volatility: T. Moskowitz, Y. H. Ooi,
 *   L. H. Pedersen, "Time Series Momentum", Journal of Financial Economics,
 *   2012. They weight past days exponentially about a centre of 60; here the
 *   last 60 count alike.
 * - 10% a year: the middle of the round targets that risk-control versions of
 *   equity indices are published with.
 */
import { Result } from "effect"
import { formatMicros } from "../../domain/Money.ts"
import { type Column, type History, sumOf } from "../History.ts"
import { decimal, whole, type ValuesOf } from "../Parameters.ts"
import type { Strategy, StrategyContext, Target, WeightTarget } from "../Strategy.ts"
import { defineStrategy, type TargetLogic } from "../StrategyDefinition.ts"

const parameters = {
  meanSessions: whole({ default: 200, minimum: 1, maximum: 2000, meaning: "closes in the mean" }),
  bandRatio: decimal({
    default: 0.01,
    minimum: 0,
    maximum: 0.5,
    meaning: "how far beyond the mean a close must be to change the decision"
  }),
  volatilitySessions: whole({
    default: 60,
    minimum: 2,
    maximum: 2000,
    meaning: "daily returns in the realised volatility"
  }),
  targetVolatility: decimal({
    default: 0.1,
    minimum: 0.001,
    maximum: 10,
    meaning: "standard deviation a year to aim at"
  })
}
export type TrendParameters = ValuesOf<typeof parameters>

const SESSIONS_PER_YEAR = 252

/**
 * Standard deviation (n − 1) of the last `count` simple returns × √252. Worked
 * out afresh from the closes, so that nothing adds up over the years and a
 * resumed run has the same bits. Needs `count` + 1 closes.
 */
export const realisedVolatility = (close: Column, count: number): number => {
  const first = close.length - count
  const returns = new Float64Array(count)
  for (let k = 0; k < count; k++) {
    returns[k] = (close[first + k] ?? Number.NaN) / (close[first + k - 1] ?? Number.NaN) - 1
  }
  const mean = sumOf(returns, count - 1, count) / count
  let squares = 0
  for (const one of returns) squares += (one - mean) * (one - mean)
  return Math.sqrt((squares / (count - 1)) * SESSIONS_PER_YEAR)
}

/**
 * The decision of the last session that closed outside the band; flat when none
 * did. Found in the history, not in the holdings: what was or was not filled
 * does not change the signal.
 */
export const isInUptrend = (close: Column, { bandRatio, meanSessions }: TrendParameters): boolean => {
  const last = close.length - 1
  let sum = sumOf(close, last, meanSessions)
  for (let at = last; at >= meanSessions - 1; at--) {
    const level = close[at] ?? Number.NaN
    const mean = sum / meanSessions
    if (level > mean * (1 + bandRatio)) return true
    if (level < mean * (1 - bandRatio)) return false
    // Whole micros: the sum is exact however long it is carried.
    sum += (close[at - meanSessions] ?? Number.NaN) - level
  }
  return false
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)}%`

/** Weight of an instrument that had all of the equity to itself, and why. */
const decide = (history: History, parameters: TrendParameters): Omit<WeightTarget, "instrumentId"> => {
  const { meanSessions, targetVolatility, volatilitySessions } = parameters
  const { close, length } = history
  const needed = Math.max(meanSessions, volatilitySessions + 1)
  if (length < needed) {
    return { weight: 0, reason: `Needs ${needed} sessions of history and has ${length}.` }
  }
  const level = formatMicros(close[length - 1] ?? Number.NaN, 2)
  const mean = formatMicros(Math.round(sumOf(close, length - 1, meanSessions) / meanSessions), 2)
  const against = `close ${level}, ${meanSessions}-session mean ${mean}`
  if (!isInUptrend(close, parameters)) return { weight: 0, reason: `No uptrend: ${against}.` }
  const volatility = realisedVolatility(close, volatilitySessions)
  // Prices that do not move have none, and the quotient is then infinite.
  const weight = Math.min(1, targetVolatility / volatility)
  return {
    weight,
    reason: `Uptrend: ${against}; volatility ${percent(volatility)} for a target of ${percent(targetVolatility)} makes ${percent(weight)}.`
  }
}

const logic = (values: TrendParameters): TargetLogic => ({
  summary: `Long above the ${values.meanSessions}-session mean and sized to ${percent(values.targetVolatility)} volatility a year; else in cash.`,
  description:
    `Long while the close is above its ${values.meanSessions}-session mean (Faber 2007), in cash while it is below; ` +
    `within ${percent(values.bandRatio)} of the mean the last decision stands (Brock, Lakonishok and LeBaron 1992). ` +
    `While long, the weight is ${percent(values.targetVolatility)} divided by the realised volatility of the last ` +
    `${values.volatilitySessions} sessions, at most 100% (after Moskowitz, Ooi and Pedersen 2012). ` +
    "Decided on the close, sent for the next open. The defaults are published conventions; none was fitted to these prices.",
  onBar: (context: StrategyContext): ReadonlyArray<Target> =>
    context.instruments.flatMap(({ id }) => {
      const history = context.histories.get(id)
      if (history === undefined) return []
      const { reason, weight } = decide(history, values)
      return [{ instrumentId: id, weight: weight / context.instruments.length, reason }]
    })
})

export const trend = defineStrategy({
  name: "trend",
  title: "Trend follower",
  summary: "Long above a long mean of closes and sized to a volatility; else in cash.",
  instruments: { least: 1, most: null },
  parameters,
  make: logic
})

/** The trend follower with parameters of one's own, defaults for the others. Throws on one that is outside its range. */
export const makeTrend = (values: Partial<TrendParameters> = {}): TargetLogic & Strategy =>
  Result.getOrThrow(trend.bind(values))
