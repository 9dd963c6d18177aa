/**
 * Moments of a series of returns. Sums run from the first value to the last, so
 * that the same series gives the same bits. NaN where there are too few values;
 * callers say what that means.
 */
import { mean } from "../../portfolio/Performance.ts"

const at = (series: Float64Array, i: number): number => series[i] ?? Number.NaN

/** Σ(x − μ)(y − ν) ÷ (n − 1), over as many as the first has. */
export const covariance = (xs: Float64Array, ys: Float64Array): number => {
  const [centre, other] = [mean(xs), mean(ys)]
  let sum = 0
  for (let i = 0; i < xs.length; i++) sum += (at(xs, i) - centre) * (at(ys, i) - other)
  return sum / (xs.length - 1)
}

/** Σ(x − μ)² ÷ (n − 1). */
export const sampleVariance = (xs: Float64Array): number => {
  const centre = mean(xs)
  let sum = 0
  for (const x of xs) sum += (x - centre) ** 2
  return sum / (xs.length - 1)
}

/** Mean of (x − μ)ᵏ. */
const centralMoment = (xs: Float64Array, k: 2 | 3 | 4): number => {
  const centre = mean(xs)
  let sum = 0
  for (const x of xs) sum += (x - centre) ** k
  return sum / xs.length
}

/** g₁ = m₃ ÷ m₂^1.5: biased, as the sample has it. */
export const skewness = (xs: Float64Array): number => centralMoment(xs, 3) / centralMoment(xs, 2) ** 1.5

/** m₄ ÷ m₂²: biased, 3 of a normal distribution. */
export const kurtosis = (xs: Float64Array): number => centralMoment(xs, 4) / centralMoment(xs, 2) ** 2

/** G₁ = g₁ √(n(n − 1)) ÷ (n − 2): the estimate of what it was drawn from (Joanes and Gill 1998); three values at least. */
export const estimatedSkewness = (xs: Float64Array): number => {
  const n = xs.length
  return n < 3 ? Number.NaN : (skewness(xs) * Math.sqrt(n * (n - 1))) / (n - 2)
}

/** G₂ = (n − 1)((n + 1)g₂ + 6) ÷ ((n − 2)(n − 3)), the excess over a normal distribution's (Joanes and Gill 1998); four values at least. */
export const estimatedExcessKurtosis = (xs: Float64Array): number => {
  const n = xs.length
  if (n < 4) return Number.NaN
  return ((n - 1) * ((n + 1) * (kurtosis(xs) - 3) + 6)) / ((n - 2) * (n - 3))
}
