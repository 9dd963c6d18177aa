/**
 * Quantiles of a sample, and how exact they are. The quantile of p is the smallest value x with F(x) >= p. Its
 * interval is of order statistics, by the binomial distribution (Conover 1999, "Practical Nonparametric Statistics",
 * section 3.2; David and Nagaraja 2003, section 7.1): of n values as many as Binomial(n, p) lie below the true one.
 */

/** Two-sided. */
export const CONFIDENCE = 0.95
/** Standard errors from the middle of an interval to its ends. */
const DEVIATES = 1.959_963_984_540_054
/** Room for the rounding of p·n. */
const ROUNDING = 1e-9
/** Weights below this part of the largest do not count. */
const LEAST_WEIGHT = 1e-18

export interface QuantileEstimate {
  readonly probability: number
  readonly value: number
  /** Ends of the interval; undefined where there are too few paths for one. */
  readonly low: number | undefined
  readonly high: number | undefined
  /** Half the interval over 1.96; undefined where an end is. */
  readonly standardError: number | undefined
}

/** Row of the quantile among `length` ascending values. */
export const quantileRow = (length: number, probability: number): number =>
  Math.min(length - 1, Math.max(0, Math.ceil(probability * length - ROUNDING) - 1))

export const quantileOf = (ascending: Float64Array, probability: number): number =>
  ascending[quantileRow(ascending.length, probability)] ?? Number.NaN

/** Weights of Binomial(n, p) from `first` on, up to a factor: what lies further out is nothing. */
const binomialWeights = (n: number, p: number) => {
  const odds = p / (1 - p)
  const mode = Math.min(n, Math.floor((n + 1) * p))
  const below: Array<number> = []
  for (let k = mode, weight = 1; k > 0 && weight > LEAST_WEIGHT; k--) {
    weight *= k / ((n - k + 1) * odds)
    below.push(weight)
  }
  const above: Array<number> = []
  for (let k = mode, weight = 1; k < n && weight > LEAST_WEIGHT; k++) {
    weight *= ((n - k) * odds) / (k + 1)
    above.push(weight)
  }
  return { first: mode - below.length, weights: [...below.toReversed(), 1, ...above] }
}

/** Ranks, from 1, of the values between which the true quantile lies; 0 and n + 1 where no value is far enough out. */
export const intervalRanks = (n: number, p: number): readonly [low: number, high: number] => {
  const { first, weights } = binomialWeights(n, p)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const tail = ((1 - CONFIDENCE) / 2) * total
  let [low, high] = [0, n + 1]
  let sum = 0
  for (const [i, weight] of weights.entries()) {
    sum += weight
    // With P(B <= k) as `sum`: rank k + 1 is low enough, and high enough once no more than the tail is left.
    if (sum <= tail) low = first + i + 1
    if (total - sum <= tail) {
      high = first + i + 1
      break
    }
  }
  return [low, high]
}

export const estimatedQuantile = (ascending: Float64Array, probability: number): QuantileEstimate => {
  const [lowRank, highRank] = intervalRanks(ascending.length, probability)
  const low = ascending[lowRank - 1]
  const high = ascending[highRank - 1]
  return {
    probability,
    value: quantileOf(ascending, probability),
    low,
    high,
    standardError: low === undefined || high === undefined ? undefined : (high - low) / (2 * DEVIATES)
  }
}

export interface ProbabilityEstimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** A part of n, with its interval by Wilson (1927, "Probable inference", which also holds for none of n). */
export const estimatedProbability = (hits: number, n: number): ProbabilityEstimate => {
  const value = hits / n
  const square = DEVIATES ** 2
  const middle = (value + square / (2 * n)) / (1 + square / n)
  const width = (DEVIATES / (1 + square / n)) * Math.sqrt((value * (1 - value)) / n + square / (4 * n * n))
  return {
    value,
    low: hits === 0 ? 0 : Math.max(0, middle - width),
    high: hits === n ? 1 : Math.min(1, middle + width)
  }
}
