/**
 * What returns look like to somebody who does not believe in regimes: one
 * Gaussian, or a mixture of two of which each return draws one anew (expectation
 * and maximisation; Dempster, Laird and Rubin 1977). The mixture has the fat
 * tails of a Markov model without its memory: where it does as well, returns
 * have fat tails and no regimes.
 */
import { mean } from "../../../../portfolio/Performance.ts"
import { LEAST_HELD, VARIANCE_FLOOR } from "./BaumWelch.ts"
import { type GaussianState, type HmmParameters, logDensity, logSum, partOf } from "./GaussianHmm.ts"

/** A mean and a variance; two of each and a weight. */
export const GAUSSIAN_PARAMETERS = 2
export const MIXTURE_PARAMETERS = 5

const MOST_STEPS = 1000
const LEAST_GAIN = 1e-6

const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN

/** Σ(x − μ)² ÷ n: the likeliest variance, not the unbiased one. */
export const likeliest = (returns: Float64Array): GaussianState => {
  const centre = mean(returns)
  let sum = 0
  for (const value of returns) sum += (value - centre) ** 2
  return { mean: centre, variance: sum / returns.length }
}

/** log L of one Gaussian with its likeliest parameters. */
export const gaussianLogLikelihood = (returns: Float64Array): number => {
  const state = likeliest(returns)
  return returns.reduce((sum, value) => sum + logDensity(value, state), 0)
}

/** log L of the likeliest mixture near these states; undefined where one of its parts collapses. */
export const mixtureLogLikelihood = (
  returns: Float64Array,
  near: Pick<HmmParameters, "calm" | "turbulent">
): number | undefined => {
  const n = returns.length
  const floor = VARIANCE_FLOOR * likeliest(returns).variance
  let { calm, turbulent } = near
  let weight = 0.5
  const parts = new Float64Array(n)
  let before = -Infinity
  for (let step = 0; step < MOST_STEPS; step++) {
    let [logLikelihood, held, sumCalm, sumTurbulent] = [0, 0, 0, 0]
    const top = [
      Math.log(weight) + logDensity(calm.mean, calm),
      Math.log1p(-weight) + logDensity(turbulent.mean, turbulent)
    ] as const
    for (let t = 0; t < n; t++) {
      const value = at(returns, t)
      const a = top[0] - (0.5 / calm.variance) * (value - calm.mean) ** 2
      const b = top[1] - (0.5 / turbulent.variance) * (value - turbulent.mean) ** 2
      const part = partOf(b - a)
      parts[t] = part
      logLikelihood += logSum(a, b)
      held += part
      sumCalm += part * value
      sumTurbulent += (1 - part) * value
    }
    if (logLikelihood - before < LEAST_GAIN) return logLikelihood
    if (held < LEAST_HELD || n - held < LEAST_HELD) return undefined
    before = logLikelihood
    const means = [sumCalm / held, sumTurbulent / (n - held)] as const
    let [squaresCalm, squaresTurbulent] = [0, 0]
    for (let t = 0; t < n; t++) {
      squaresCalm += at(parts, t) * (at(returns, t) - means[0]) ** 2
      squaresTurbulent += (1 - at(parts, t)) * (at(returns, t) - means[1]) ** 2
    }
    weight = held / n
    calm = { mean: means[0], variance: squaresCalm / held }
    turbulent = { mean: means[1], variance: squaresTurbulent / (n - held) }
    if (!(calm.variance > floor && turbulent.variance > floor)) return undefined
  }
  return before
}
