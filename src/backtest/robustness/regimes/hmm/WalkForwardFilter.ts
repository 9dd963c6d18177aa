/**
 * Filtered probabilities that could have been acted on: parameters are fitted
 * anew every so many sessions, on the returns there were by then. Parameters of
 * the whole sample know how turbulent the worst crisis will be: with them even a
 * filter that only looks back looks ahead.
 */
import { Result } from "effect"
import type { ReturnSeries } from "../../ReturnSeries.ts"
import type { RegimeError } from "../RegimeError.ts"
import { checkSeries } from "../RegimeInput.ts"
import type { ClimbLimits } from "./BaumWelch.ts"
import { bestClimb, DEFAULT_SEED, HMM_NEEDS } from "./FitHmm.ts"
import type { HmmParameters } from "./GaussianHmm.ts"
import { likeliest } from "./Mixture.ts"
import { type Filtered, filterWith } from "./Probabilities.ts"
import { startsOf } from "./Starts.ts"

/** Two years of sessions before the first fit, a quarter from one to the next. */
export const DEFAULT_FIRST_FIT = 504
export const DEFAULT_REFIT = 63

export interface WalkForwardOptions {
  /** Returns the first fit is made on. */
  readonly first: number
  /** Sessions from one fit to the next. */
  readonly every: number
  readonly seed: number
}

export const defaultWalk: WalkForwardOptions = {
  first: DEFAULT_FIRST_FIT,
  every: DEFAULT_REFIT,
  seed: DEFAULT_SEED
}

export interface WalkForwardFiltered {
  readonly filtered: Filtered
  /** Fits that were made, and those that had no two states: the parameters before stayed. */
  readonly fits: number
  readonly degenerate: number
}

/** How far a walk has come: what it takes to go on from there. */
export interface Walked {
  readonly fits: number
  readonly degenerate: number
  /** Of the last fit that had two states; undefined before there was one. */
  readonly parameters: HmmParameters | undefined
  /** One a session; NaN where there is none, or none yet. */
  readonly turbulent: Float64Array
}

export interface WalkProgress {
  readonly done: number
  readonly of: number
  readonly walked: Walked
}

const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN

/** Starts of the first fit. Those after it begin where the one before came to, and at the usual start. */
const FIRST_STARTS = 8
/**
 * Of each fit after the first: who has not settled then goes on from there at the next. A thousandth of log-likelihood
 * tells no parameters apart, however many returns there are; steps that gain less are most of those that noise takes.
 */
const MOST_REFIT_STEPS = 100
const LEAST_REFIT_GAIN = 0.001
const refit: ClimbLimits = { steps: MOST_REFIT_STEPS, leastGain: LEAST_REFIT_GAIN }

const walk = function* (
  series: ReturnSeries,
  { every, first, seed }: WalkForwardOptions,
  from: Walked | undefined
): Generator<WalkProgress, WalkForwardFiltered> {
  const { returns } = series
  const n = returns.length
  const turbulent = from?.turbulent ?? new Float64Array(n).fill(Number.NaN)
  const of = Math.ceil((n - first + 1) / every)
  let { degenerate, fits, parameters } = from ?? { degenerate: 0, fits: 0, parameters: undefined }
  for (let known = first + fits * every; known <= n; known += every) {
    const window = { ...series, returns: returns.subarray(0, known) }
    const starts = parameters === undefined ? FIRST_STARTS : 1
    const fresh = startsOf(likeliest(window.returns), { seed, starts })
    const fit =
      parameters === undefined ? bestClimb(window, fresh) : bestClimb(window, [parameters, ...fresh], refit)
    if (Result.isSuccess(fit)) parameters = fit.success.best.parameters
    else degenerate += 1
    fits += 1
    // From the close this fit was made at to the one before the next.
    const end = Math.min(n, known - 1 + every)
    if (parameters !== undefined) {
      const probabilities = filterWith(returns.subarray(0, end), parameters)
      for (let t = known - 1; t < end; t++) turbulent[t] = at(probabilities, t)
    }
    yield { done: fits, of, walked: { fits, degenerate, parameters, turbulent } }
  }
  return { filtered: { _tag: "Filtered", turbulent }, fits, degenerate }
}

/** The same a fit at a time, for whoever shows how far it is; `from` is of the same series and options. */
export const walkForwardSteps = (
  series: ReturnSeries,
  options: WalkForwardOptions = defaultWalk,
  from?: Walked
): Result.Result<Generator<WalkProgress, WalkForwardFiltered>, RegimeError> =>
  Result.map(
    checkSeries(
      series,
      "a hidden Markov model that is fitted anew as returns come",
      Math.max(HMM_NEEDS, options.first) + 1
    ),
    (checked) => walk(checked, { ...options, first: Math.max(HMM_NEEDS, options.first) }, from)
  )

/** Probabilities of each session from what was there at its close. */
export const walkForwardFiltered = (
  series: ReturnSeries,
  options: WalkForwardOptions = defaultWalk
): Result.Result<WalkForwardFiltered, RegimeError> =>
  Result.map(walkForwardSteps(series, options), (steps) => {
    for (;;) {
      const step = steps.next()
      if (step.done === true) return step.value
    }
  })
