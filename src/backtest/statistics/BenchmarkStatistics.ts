/**
 * An account against what it is compared with, and both against the risk-free
 * rate: LEAN's definitions (QuantConnect/Lean, `Common/Statistics/Statistics.cs`
 * and `PortfolioStatistics.cs`). Daily returns of the same days; rates per 1.00
 * and year; variances with n − 1. Where LEAN writes 0 for want of an answer there
 * is none here, and the reason.
 */
import {
  DAYS_PER_YEAR,
  LEAST_DEVIATION,
  mapValue,
  mean,
  none,
  type Statistic,
  value
} from "../../portfolio/Performance.ts"
import { covariance, sampleVariance } from "./Moments.ts"

/** Runs `statistic` on returns when there are two at least. */
const ofTwo = (returns: Float64Array, statistic: () => Statistic): Statistic =>
  returns.length < 2 ? none(`needs 2 daily returns, has ${returns.length}`) : statistic()

/** The number of both, put together; or why the first of them that has none has none. */
export const both = (a: Statistic, b: Statistic, f: (a: number, b: number) => number): Statistic => {
  if (a._tag === "None") return a
  return mapValue(b, (other) => f(a.value, other))
}

/** (1 + mean daily return)²⁵² − 1. Not what the account grew by: the mean takes no account of volatility's cost. */
export const annualPerformance = (returns: Float64Array): Statistic => {
  if (returns.length === 0) return none("needs 1 daily return, has 0")
  return value((mean(returns) + 1) ** DAYS_PER_YEAR - 1)
}

/** Variance of the daily returns × 252. */
export const annualVariance = (returns: Float64Array): Statistic =>
  ofTwo(returns, () => value(sampleVariance(returns) * DAYS_PER_YEAR))

/** √ of the annual variance. */
export const annualStandardDeviation = (returns: Float64Array): Statistic =>
  mapValue(annualVariance(returns), Math.sqrt)

/** √(variance of the negative daily returns, about their own mean, × 252): a steady loss has none. */
export const annualDownsideDeviation = (returns: Float64Array): Statistic => {
  const losses = returns.filter((x) => x < 0)
  return losses.length < 2
    ? none(`needs 2 days that lost money, has ${losses.length}`)
    : annualStandardDeviation(losses)
}

/** (annual performance − risk-free rate) ÷ a deviation. */
const excessOver = (returns: Float64Array, rate: number, deviation: Statistic): Statistic =>
  deviation._tag === "Value" && deviation.value <= LEAST_DEVIATION
    ? none("the daily returns do not vary")
    : both(annualPerformance(returns), deviation, (performance, divisor) => (performance - rate) / divisor)

/** (annual performance − risk-free rate) ÷ annual standard deviation. */
export const leanSharpe = (returns: Float64Array, rate: number): Statistic =>
  excessOver(returns, rate, annualStandardDeviation(returns))

/** (annual performance − risk-free rate) ÷ annual downside deviation. */
export const leanSortino = (returns: Float64Array, rate: number): Statistic =>
  excessOver(returns, rate, annualDownsideDeviation(returns))

const samePairs = (returns: Float64Array, benchmark: Float64Array): Statistic | undefined =>
  returns.length === benchmark.length
    ? undefined
    : none(`${returns.length} daily returns, ${benchmark.length} of the benchmark`)

/** Covariance with the benchmark's daily returns ÷ their variance. */
export const beta = (returns: Float64Array, benchmark: Float64Array): Statistic =>
  samePairs(returns, benchmark) ??
  ofTwo(returns, () => {
    const variance = sampleVariance(benchmark)
    return variance > LEAST_DEVIATION ** 2
      ? value(covariance(returns, benchmark) / variance)
      : none("the benchmark does not vary")
  })

/** Annual performance − (risk-free rate + beta × (the benchmark's annual performance − risk-free rate)): Jensen's alpha. */
export const alpha = (returns: Float64Array, benchmark: Float64Array, rate: number): Statistic =>
  both(beta(returns, benchmark), annualPerformance(benchmark), (slope, market) => {
    return (mean(returns) + 1) ** DAYS_PER_YEAR - 1 - (rate + slope * (market - rate))
  })

/** √(variance of the differences of the daily returns × 252). */
export const trackingError = (returns: Float64Array, benchmark: Float64Array): Statistic =>
  samePairs(returns, benchmark) ??
  annualStandardDeviation(returns.map((x, i) => x - (benchmark[i] ?? Number.NaN)))

/** (annual performance − the benchmark's) ÷ tracking error. */
export const informationRatio = (returns: Float64Array, benchmark: Float64Array): Statistic => {
  const error = trackingError(returns, benchmark)
  if (error._tag === "Value" && error.value <= LEAST_DEVIATION) {
    return none("the account follows the benchmark exactly")
  }
  return both(
    both(annualPerformance(returns), annualPerformance(benchmark), (own, market) => own - market),
    error,
    (lead, divisor) => lead / divisor
  )
}

/** (annual performance − risk-free rate) ÷ beta. */
export const treynor = (returns: Float64Array, benchmark: Float64Array, rate: number): Statistic => {
  const slope = beta(returns, benchmark)
  if (slope._tag === "Value" && slope.value === 0) return none("beta is zero")
  return both(annualPerformance(returns), slope, (performance, divisor) => (performance - rate) / divisor)
}
