/**
 * The two-state model of a series: the best of several climbs, and whether it
 * says more than models without regimes do.
 *
 * AIC is 2k − 2 log L (Akaike 1974), BIC k log n − 2 log L (Schwarz 1978), with
 * k parameters. Under one regime the parameters of the other mean nothing, and
 * a likelihood ratio has no χ² distribution (Hansen 1992): so a difference of
 * ten in BIC is asked for ("very strong", Kass and Raftery 1995), over one
 * Gaussian and over the independent mixture both.
 */
import { Result } from "effect"
import type { ReturnSeries } from "../../ReturnSeries.ts"
import { DegenerateRegimes, type RegimeError } from "../RegimeError.ts"
import { checkSeries } from "../RegimeInput.ts"
import {
  baumWelch,
  type Climb,
  type ClimbLimits,
  type Degenerate,
  LEAST_HELD,
  toTheTop
} from "./BaumWelch.ts"
import { HMM_PARAMETERS, type HmmParameters } from "./GaussianHmm.ts"
import {
  GAUSSIAN_PARAMETERS,
  gaussianLogLikelihood,
  likeliest,
  MIXTURE_PARAMETERS,
  mixtureLogLikelihood
} from "./Mixture.ts"
import { startsOf } from "./Starts.ts"

/** Seven parameters; with fewer returns each rests on less than fifteen. */
export const HMM_NEEDS = 100
export const DEFAULT_STARTS = 8
export const DEFAULT_SEED = 1
/** Steps from each start, before the highest are chosen, and how many of these are taken to the top. */
const SHORT_STEPS = 30
const CLIMBED = 2
/** Of BIC. */
const VERY_STRONG = 10

export interface Criteria {
  readonly parameters: number
  readonly logLikelihood: number
  readonly aic: number
  readonly bic: number
}

/** "two-regimes" alone says that there are regimes. */
export type Verdict = "two-regimes" | "fat-tails" | "one-gaussian"

export interface HmmFit extends Climb {
  readonly returns: number
  /** Climbs that were begun, and those that did not collapse. */
  readonly starts: { readonly begun: number; readonly sound: number }
  readonly criteria: {
    readonly hmm: Criteria
    readonly gaussian: Criteria
    /** Undefined where one of its parts collapses. */
    readonly mixture: Criteria | undefined
  }
  readonly verdict: Verdict
}

export interface FitOptions {
  readonly seed: number
  readonly starts: number
}

export const criteriaOf = (parameters: number, logLikelihood: number, n: number): Criteria => ({
  parameters,
  logLikelihood,
  aic: 2 * parameters - 2 * logLikelihood,
  bic: parameters * Math.log(n) - 2 * logLikelihood
})

const verdictOf = ({ gaussian, hmm, mixture }: HmmFit["criteria"]): Verdict => {
  const others = [gaussian, ...(mixture === undefined ? [] : [mixture])]
  if (others.every(({ bic }) => hmm.bic <= bic - VERY_STRONG)) return "two-regimes"
  return mixture !== undefined && mixture.bic <= gaussian.bic - VERY_STRONG ? "fat-tails" : "one-gaussian"
}

/** How many returns the most frequent value has. */
const mostRepeated = (returns: Float64Array): { readonly value: number; readonly times: number } => {
  const counts = new Map<number, number>()
  for (const value of returns) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].reduce((most, [value, times]) => (times > most.times ? { value, times } : most), {
    value: 0,
    times: 0
  })
}

const degenerate = (
  { name, returns }: ReturnSeries,
  reasons: ReadonlyArray<Degenerate>
): DegenerateRegimes => {
  const { times, value } = mostRepeated(returns)
  const message =
    reasons.includes("no-variance") && times > LEAST_HELD
      ? `no two regimes can be fitted to ${name}: one of them shrinks to returns that do not vary (${times} of ${returns.length} are exactly ${value}); give it the market's returns with --market, or a series without a stretch of equal values`
      : `no two regimes can be fitted to ${name}: one of them keeps fewer than ${LEAST_HELD} returns, or no variance, from every start`
  return new DegenerateRegimes({ series: name, message })
}

/** On from where a climb was left. */
const climbedOn = (
  returns: Float64Array,
  begun: Climb,
  { steps, ...limits }: ClimbLimits & { readonly variance: number }
): Result.Result<Climb, Degenerate> =>
  begun.converged
    ? Result.succeed(begun)
    : Result.map(
        baumWelch(returns, begun.parameters, { ...limits, steps: steps - SHORT_STEPS }),
        (climb) => ({
          ...climb,
          logLikelihoods: [...begun.logLikelihoods, ...climb.logLikelihoods.slice(1)]
        })
      )

/**
 * The highest of the climbs from these starts: all of them a short way, and the
 * highest of these to the top (Biernacki, Celeux and Govaert 2003). `sound` are
 * those that did not collapse.
 */
export const bestClimb = (
  series: ReturnSeries,
  starts: ReadonlyArray<HmmParameters>,
  limits = toTheTop
): Result.Result<{ readonly best: Climb; readonly sound: number }, DegenerateRegimes> => {
  const { returns } = series
  const { variance } = likeliest(returns)
  const short = starts.map((start) => baumWelch(returns, start, { ...limits, variance, steps: SHORT_STEPS }))
  const sound = short
    .flatMap((climb) => (Result.isSuccess(climb) ? [climb.success] : []))
    .toSorted((a, b) => b.logLikelihood - a.logLikelihood)
  const reasons = short.flatMap((climb) => (Result.isFailure(climb) ? [climb.failure] : []))
  // Of those that collapse on the rest of the way the next takes the place.
  let best: Climb | undefined
  let left = CLIMBED
  for (const begun of sound) {
    if (left === 0) break
    const climb = climbedOn(returns, begun, { ...limits, variance })
    if (Result.isFailure(climb)) {
      reasons.push(climb.failure)
      continue
    }
    left -= 1
    if (best === undefined || climb.success.logLikelihood > best.logLikelihood) best = climb.success
  }
  return best === undefined
    ? Result.fail(degenerate(series, reasons))
    : Result.succeed({ best, sound: sound.length })
}

/** Fitted on all returns: of what came later too, whatever is computed with it. */
export const fitHmm = (
  series: ReturnSeries,
  options: FitOptions = { seed: DEFAULT_SEED, starts: DEFAULT_STARTS }
): Result.Result<HmmFit, RegimeError> =>
  Result.flatMap(checkSeries(series, "a hidden Markov model of two regimes", HMM_NEEDS), ({ returns }) => {
    const starts = startsOf(likeliest(returns), options)
    return Result.map(bestClimb(series, starts), ({ best, sound }): HmmFit => {
      const n = returns.length
      const ofMixture = mixtureLogLikelihood(returns, best.parameters)
      const criteria = {
        hmm: criteriaOf(HMM_PARAMETERS, best.logLikelihood, n),
        gaussian: criteriaOf(GAUSSIAN_PARAMETERS, gaussianLogLikelihood(returns), n),
        mixture: ofMixture === undefined ? undefined : criteriaOf(MIXTURE_PARAMETERS, ofMixture, n)
      }
      return {
        ...best,
        returns: n,
        starts: { begun: starts.length, sound },
        criteria,
        verdict: verdictOf(criteria)
      }
    })
  })
