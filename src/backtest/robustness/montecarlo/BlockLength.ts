/**
 * How long the blocks of a stationary bootstrap should be on average: the automatic choice of Politis and White (2004,
 * "Automatic block-length selection for the dependent bootstrap"), as corrected by Patton, Politis and White (2009):
 *
 *     b = (2 G² / D)^(1/3) · n^(1/3),   G = Σ λ(k/M) |k| R(k),   D = 2 g(0)²,   g(0) = Σ λ(k/M) R(k)
 *
 * with autocovariances R, the trapezoidal λ (1 up to a half, then down to 0 at 1), sums over |k| <= M = 2m, and m the
 * first of K lags in a row whose autocorrelations are below 2·√(log10 n / n), as the authors' code has it; K = 5, or the
 * whole part of log10 n where that is more. At most 3√n and n/3.
 */
import { mean } from "../../../portfolio/Performance.ts"

/** Fewer returns have no autocorrelations to speak of. */
export const LEAST_FOR_BLOCKS = 20

/** Σ (x(i) − mean)(x(i + lag) − mean) ÷ n. */
const autocovariance = (centred: Float64Array, lag: number): number => {
  let sum = 0
  for (let i = lag; i < centred.length; i++) sum += (centred[i] ?? 0) * (centred[i - lag] ?? 0)
  return sum / centred.length
}

/** Autocorrelation of lag k with what each of its halves varies by, as the published code of the method has it. */
const correlation = (centred: Float64Array, covariance: number, lag: number): number => {
  const n = centred.length
  let [early, late] = [0, 0]
  for (let i = 0; i < n - lag - 1; i++) early += (centred[i] ?? 0) ** 2
  for (let i = lag + 1; i < n; i++) late += (centred[i] ?? 0) ** 2
  const scale = Math.sqrt(early * late)
  return scale > 0 ? (Math.abs(covariance) * n) / scale : 0
}

const trapezoid = (part: number): number => (part <= 0.5 ? 1 : 2 * (1 - part))

/** Mean block length, at least 1, of returns that vary; there are at least LEAST_FOR_BLOCKS. */
export const automaticBlockLength = (returns: Float64Array): number => {
  const n = returns.length
  const centre = mean(returns)
  const centred = returns.map((value) => value - centre)
  const run = Math.max(5, Math.floor(Math.log10(n)))
  const mostLags = Math.min(n - 2, Math.ceil(Math.sqrt(n)) + run)
  const bound = 2 * Math.sqrt(Math.log10(n) / n)
  const covariances: Array<number> = []
  let small = 0
  let quiet: number | undefined
  for (let lag = 0; lag <= mostLags; lag++) {
    const covariance = autocovariance(centred, lag)
    covariances.push(covariance)
    if (lag === 0 || lag === mostLags || quiet !== undefined) continue
    small = correlation(centred, covariance, lag) < bound ? small + 1 : 0
    if (small === run) quiet = lag - run + 1
  }
  const most = quiet === undefined ? mostLags : Math.min(mostLags, 2 * quiet)
  let [slope, spectrum] = [0, covariances[0] ?? 0]
  for (let lag = 1; lag <= most; lag++) {
    const weighted = 2 * trapezoid(lag / most) * (covariances[lag] ?? 0)
    slope += lag * weighted
    spectrum += weighted
  }
  const longest = Math.ceil(Math.min(3 * Math.sqrt(n), n / 3))
  const length = Math.cbrt((slope ** 2 / spectrum ** 2) * n)
  return Number.isFinite(length) ? Math.min(longest, Math.max(1, length)) : longest
}
