/**
 * The volatility an option would be quoted at on a market whose source has no
 * options: from the closes of the underlying that are known, and nothing else.
 *
 * Level. Daily variance now is an exponentially weighted mean of squared
 * returns with decay 0.94 (J.P. Morgan, RiskMetrics Technical Document, 1996);
 * in the long run it is their plain mean over up to three years. Between them
 * the variance expected to a time T reverts at a fixed speed κ,
 *
 *     θ(T) = v∞ T + (v₀ − v∞) (1 − e^(−κT)) ÷ κ
 *
 * (the expected integrated variance of Heston, 1993). No premium is added: who
 * sells a modelled option is paid nothing for the risk but by chance.
 *
 * Smile. The surface SSVI of Gatheral and Jacquier (Arbitrage-free SVI
 * volatility surfaces, 2014, eq. 4.1) with the power law φ(θ) = η ÷ √(θ(1 + θ)):
 *
 *     w(k, θ) = θ/2 · (1 + ρφk + √((φk + ρ)² + 1 − ρ²)),   k = ln(strike ÷ forward)
 *
 * θ rises with T, and η(1 + |ρ|) ≤ 2, so by their remark 4.4 there is neither
 * butterfly nor calendar arbitrage in it. ρ and η are fixed, and not fitted to
 * anything: what a modelled skew says is these two numbers.
 */
import { exp, log } from "../options/kernels/Exponential.ts"

/** RiskMetrics' decay of daily data. */
const DECAY = 0.94
/** Sessions of a year. */
const SESSIONS_A_YEAR = 252
/** Returns the long run is made of, at most. */
export const MAX_RETURNS = 3 * SESSIONS_A_YEAR
/** With fewer returns nothing is known of a volatility. */
export const MIN_RETURNS = 20
/** κ: half of the way to the long run in two months. */
const REVERSION = 4
/** Volatilities from 3% to 300% are believed. */
const LOWEST_VARIANCE = 0.03 * 0.03
const HIGHEST_VARIANCE = 3 * 3

/** Annual variances. */
export interface VarianceLevel {
  readonly now: number
  readonly longRun: number
  /** Daily returns they are made of. */
  readonly returns: number
}

const believed = (variance: number): number => Math.min(HIGHEST_VARIANCE, Math.max(LOWEST_VARIANCE, variance))

/** The level after these closes, oldest first, splits and dividends taken out; undefined for too few. */
export const varianceLevel = (closes: ReadonlyArray<number>): VarianceLevel | undefined => {
  const from = Math.max(1, closes.length - MAX_RETURNS)
  const returns = closes.length - from
  if (returns < MIN_RETURNS) return undefined
  let sum = 0
  let weighted = 0
  let weights = 0
  for (let i = from; i < closes.length; i++) {
    const before = closes[i - 1] ?? 0
    const change = before > 0 ? (closes[i] ?? 0) / before - 1 : 0
    const square = change * change
    sum += square
    weighted = DECAY * weighted + square
    weights = DECAY * weights + 1
  }
  return {
    now: believed((SESSIONS_A_YEAR * weighted) / weights),
    longRun: believed((SESSIONS_A_YEAR * sum) / returns),
    returns
  }
}

/** The smile's shape, the same at all times. */
export interface SmileShape {
  /** Correlation of price and volatility: the skew. */
  readonly rho: number
  /** How much the smile curves. */
  readonly eta: number
}

/** Of an index, whose falls come together, and of a share. */
export const indexSmile: SmileShape = { rho: -0.7, eta: 1 }
export const shareSmile: SmileShape = { rho: -0.4, eta: 0.8 }

/** θ: total variance at the money, to a time in years. */
export const atmTotalVariance = ({ longRun, now }: VarianceLevel, years: number): number =>
  longRun * years + ((now - longRun) * (1 - exp(-REVERSION * years))) / REVERSION

/** w: total variance of a strike ÷ forward, by its logarithm k. */
export const smileVariance = ({ eta, rho }: SmileShape, theta: number, k: number): number => {
  const phi = eta / Math.sqrt(theta * (1 + theta))
  const shifted = phi * k + rho
  return (theta / 2) * (1 + rho * phi * k + Math.sqrt(shifted * shifted + 1 - rho * rho))
}

/** Annual volatility the model gives a strike; `years` above zero. */
export const modelVolatility = (
  level: VarianceLevel,
  shape: SmileShape,
  at: { readonly strike: number; readonly forward: number; readonly years: number }
): number => {
  const theta = atmTotalVariance(level, at.years)
  return Math.sqrt(smileVariance(shape, theta, log(at.strike / at.forward)) / at.years)
}

/** The model in words, for whoever reads a number of it. */
export const describeModel = (level: VarianceLevel, { eta, rho }: SmileShape): string =>
  `volatility model: EWMA(${DECAY}) of daily returns ${percent(level.now)} reverting to ${percent(level.longRun)} (mean of ${level.returns} returns) at κ=${REVERSION} a year; SSVI smile with fixed ρ=${rho}, η=${eta}; no risk premium`

const percent = (variance: number): string => `${(100 * Math.sqrt(variance)).toFixed(1)}%`
