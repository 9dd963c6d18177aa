/**
 * Whether returns speak for a strategy once its parameters are charged for: the
 * criteria of Hirotugu Akaike (1974) and Gideon Schwarz (1978) on two Gaussian
 * models of the returns. Without an edge their mean is zero and one parameter (the
 * variance) is fitted; with one the mean is fitted as well, and so was each of the
 * strategy's k free parameters.
 *
 *   ln L = −n/2 · (ln 2πσ² + 1),  σ² the mean square about the model's mean
 *   AIC = 2 p − 2 ln L,  BIC = p ln n − 2 ln L
 *
 * Differences are the strategy's less those of no edge: below zero the returns are
 * more likely than the parameters cost. That a free parameter costs as much as one
 * of the likelihood's own is a convention: it was fitted by another measure.
 */
import { mean } from "../../../portfolio/Performance.ts"

export interface Complexity {
  readonly freeParameters: number
  /** 2 (ln L with the mean − ln L of a zero mean): zero or above. */
  readonly likelihoodRatio: number
  readonly aicDifference: number
  readonly bicDifference: number
}

/** Of returns that vary. */
export const complexityOf = (returns: Float64Array, freeParameters: number): Complexity => {
  const n = returns.length
  const centre = mean(returns)
  let [about, square] = [0, 0]
  for (const value of returns) {
    about += (value - centre) ** 2
    square += value ** 2
  }
  const likelihoodRatio = n * Math.log(square / about)
  const more = 1 + freeParameters
  return {
    freeParameters,
    likelihoodRatio,
    aicDifference: 2 * more - likelihoodRatio,
    bicDifference: more * Math.log(n) - likelihoodRatio
  }
}
