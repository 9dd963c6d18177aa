/**
 * The chance that the true Sharpe ratio is above a threshold, given how long,
 * how skewed and how fat-tailed the returns it was measured on are: David Bailey
 * and Marcos López de Prado, "The Sharpe Ratio Efficient Frontier" (2012).
 *
 *   Φ( (S − S*) √(n − 1) ÷ √(1 − γ₃ S + (γ₄ − 1) ÷ 4 · S²) )
 *
 * S and S* are per return, not per year. It takes the returns for independent of
 * each other, and knows nothing of how many strategies were tried.
 */
import { normal } from "../../options/kernels/Mills.ts"
import {
  DAYS_PER_YEAR,
  LEAST_DEVIATION,
  mean,
  none,
  type Statistic,
  value
} from "../../portfolio/Performance.ts"
import { estimatedExcessKurtosis, estimatedSkewness, kurtosis, sampleVariance, skewness } from "./Moments.ts"

interface Moments {
  readonly skewness: number
  readonly kurtosis: number
}

const chance = (
  returns: Float64Array,
  compared: { readonly rate: number; readonly threshold: number },
  moments: Moments
): Statistic => {
  const deviation = Math.sqrt(sampleVariance(returns))
  if (!(deviation > LEAST_DEVIATION)) return none("the daily returns do not vary")
  const ratio = (mean(returns) - compared.rate) / deviation
  const spread = 1 - moments.skewness * ratio + ((moments.kurtosis - 1) / 4) * ratio ** 2
  if (!(spread > 0)) return none("the returns are too skewed for the formula")
  return value(normal(((ratio - compared.threshold) * Math.sqrt(returns.length - 1)) / Math.sqrt(spread)))
}

/** By the authors' formula: γ₃ and γ₄ as the sample has them, γ₄ being 3 of a normal distribution. `threshold` per return. */
export const probabilisticSharpe = (returns: Float64Array, threshold: number): Statistic =>
  returns.length < 2
    ? none(`needs 2 daily returns, has ${returns.length}`)
    : chance(returns, { rate: 0, threshold }, { skewness: skewness(returns), kurtosis: kurtosis(returns) })

/**
 * As LEAN has it: of returns above the risk-free rate, against a Sharpe ratio of
 * 1 a year (1 ÷ √252 a day), with the estimated moments of Math.NET, whose
 * kurtosis is the *excess* where the formula wants the whole: the deviation
 * comes out a little smaller than the authors'. `rate` per 1.00 and year.
 */
export const leanProbabilisticSharpe = (returns: Float64Array, rate: number): Statistic =>
  returns.length < 4
    ? none(`needs 4 daily returns, has ${returns.length}`)
    : chance(
        returns,
        { rate: rate / DAYS_PER_YEAR, threshold: 1 / Math.sqrt(DAYS_PER_YEAR) },
        { skewness: estimatedSkewness(returns), kurtosis: estimatedExcessKurtosis(returns) }
      )
