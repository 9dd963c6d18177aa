/**
 * Parameters that make the returns most likely, from a start: expectation and
 * maximisation in turn (Baum, Petrie, Soules and Weiss 1970; Rabiner 1989,
 * equations 37, 38, 40a and 40b with one Gaussian a state). The likelihood
 * never falls from one step to the next.
 */
import { Result } from "effect"
import { backwardPass, forwardPass, type HmmParameters, passesFor, type Stays } from "./GaussianHmm.ts"

/** Steps from one start; who takes more crawls along a ridge that says little. */
export const MOST_STEPS = 500
/** A step that gains less in log-likelihood is the last. */
const LEAST_GAIN = 1e-6
/** Of the sample's variance: a state below it sits on returns that do not vary (Hathaway 1985). */
export const VARIANCE_FLOOR = 1e-4
/** A state that holds fewer returns explains these, not the market. */
export const LEAST_HELD = 10

export interface Climb {
  readonly parameters: HmmParameters
  readonly logLikelihood: number
  /** Before the first step and after each. */
  readonly logLikelihoods: ReadonlyArray<number>
  readonly converged: boolean
}

/** Why a climb was given up. */
export type Degenerate = "no-variance" | "few-returns"

const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN

const within = (probability: number): number => Math.min(1, Math.max(0, probability))

/** New parameters from `calm`, the probabilities of that state, and how often each followed itself. */
const maximisation = (
  returns: Float64Array,
  calm: Float64Array,
  stays: Stays,
  floor: number
): Result.Result<HmmParameters, Degenerate> => {
  const n = returns.length
  let [held, sumCalm, sumTurbulent] = [0, 0, 0]
  for (let t = 0; t < n; t++) {
    const part = at(calm, t)
    const value = at(returns, t)
    held += part
    sumCalm += part * value
    sumTurbulent += (1 - part) * value
  }
  if (held < LEAST_HELD || n - held < LEAST_HELD) return Result.fail("few-returns")
  const means = [sumCalm / held, sumTurbulent / (n - held)] as const
  let [squaresCalm, squaresTurbulent] = [0, 0]
  for (let t = 0; t < n; t++) {
    const part = at(calm, t)
    const value = at(returns, t)
    squaresCalm += part * (value - means[0]) ** 2
    squaresTurbulent += (1 - part) * (value - means[1]) ** 2
  }
  const variances = [squaresCalm / held, squaresTurbulent / (n - held)] as const
  if (!(variances[0] > floor && variances[1] > floor)) return Result.fail("no-variance")
  const last = at(calm, n - 1)
  return Result.succeed({
    calm: { mean: means[0], variance: variances[0] },
    turbulent: { mean: means[1], variance: variances[1] },
    startsCalm: at(calm, 0),
    staysCalm: within(stays.calm / (held - last)),
    staysTurbulent: within(stays.turbulent / (n - held - (1 - last)))
  })
}

/** The state of lower variance first. */
const ordered = (parameters: HmmParameters): HmmParameters =>
  parameters.calm.variance <= parameters.turbulent.variance
    ? parameters
    : {
        calm: parameters.turbulent,
        turbulent: parameters.calm,
        startsCalm: 1 - parameters.startsCalm,
        staysCalm: parameters.staysTurbulent,
        staysTurbulent: parameters.staysCalm
      }

export interface ClimbLimits {
  /** At most so many are taken. */
  readonly steps: number
  /** The one that gains less in log-likelihood is the last. */
  readonly leastGain: number
}

export const toTheTop: ClimbLimits = { steps: MOST_STEPS, leastGain: LEAST_GAIN }

/** `variance` is the sample's, which the floor is a part of. */
export const baumWelch = (
  returns: Float64Array,
  start: HmmParameters,
  { leastGain, steps, variance }: ClimbLimits & { readonly variance: number }
): Result.Result<Climb, Degenerate> => {
  const passes = passesFor(returns.length)
  const floor = VARIANCE_FLOOR * variance
  let parameters = start
  let logLikelihood = forwardPass(returns, parameters, passes)
  const logLikelihoods = [logLikelihood]
  let converged = false
  while (!converged && logLikelihoods.length <= steps) {
    const next = maximisation(returns, passes.calm, backwardPass(passes), floor)
    if (Result.isFailure(next)) return Result.fail(next.failure)
    parameters = next.success
    const before = logLikelihood
    logLikelihood = forwardPass(returns, parameters, passes)
    logLikelihoods.push(logLikelihood)
    converged = logLikelihood - before < leastGain
  }
  return Result.succeed({ parameters: ordered(parameters), logLikelihood, logLikelihoods, converged })
}
