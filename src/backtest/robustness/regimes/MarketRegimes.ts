/**
 * Everything there is to tell of the regimes of a market and of how a strategy
 * did in them. A method that has no answer says why; the others stand.
 */
import { Result } from "effect"
import type { ReturnSeries } from "../ReturnSeries.ts"
import { BadRequest } from "../RobustnessError.ts"
import { type CusumAlarm, type CusumOptions, type CusumResult, cusum } from "./Cusum.ts"
import { DEFAULT_STARTS, fitHmm, type HmmFit } from "./hmm/FitHmm.ts"
import {
  type FilteredInHindsight,
  filteredInHindsight,
  filteredLabels,
  hindsightDiffers,
  type Smoothed,
  smoothed
} from "./hmm/Probabilities.ts"
import {
  type WalkForwardFiltered,
  type WalkForwardOptions,
  walkForwardSteps,
  type Walked,
  type WalkProgress
} from "./hmm/WalkForwardFilter.ts"
import { ahead, type KnownAtClose, knownAtClose } from "./Known.ts"
import { figuresOf, performanceByRegime, type RegimeFigures, type RegimeRow } from "./RegimePerformance.ts"
import type { RegimeError } from "./RegimeError.ts"
import {
  type Trend,
  trends,
  type RuleRegimes,
  ruleRegimes,
  volatilities,
  type Volatility
} from "./RuleRegimes.ts"

export const regimeMethods = ["rules", "hmm", "cusum"] as const
export type RegimeMethod = (typeof regimeMethods)[number]

export interface RegimeRequest {
  readonly strategy: ReturnSeries
  /** One return a session of the strategy. */
  readonly market: ReturnSeries
  readonly methods: ReadonlyArray<RegimeMethod>
  readonly walk: WalkForwardOptions
  readonly cusum: CusumOptions
  /** How far the walk of the hidden states has come before, of the same market and options. */
  readonly from?: Walked | undefined
}

/** How many sessions each label of a kind had, and how the two series did in them. */
export interface Told<Label extends string> {
  readonly known: KnownAtClose<Label>
  readonly rows: ReadonlyArray<RegimeRow<Label>>
}

export interface RulesPart {
  readonly trend: Told<Trend>
  readonly volatility: Told<Volatility>
}

export interface HmmPart {
  /** Of all returns. */
  readonly fit: HmmFit
  readonly smoothed: Smoothed
  readonly hindsight: FilteredInHindsight
  /** What was known at the time; or why nothing was. */
  readonly causal: Result.Result<
    WalkForwardFiltered &
      Told<Volatility> & {
        /** Part of the sessions on which smoothed probabilities name another state. */
        readonly differs: number
      },
    RegimeError
  >
}

/** From one alarm to the next, as it was known: "0" before the first, "1" after it. */
export type Stretch = string

export interface CusumPart {
  readonly result: CusumResult
  /** Alarms of one session together. */
  readonly alarms: ReadonlyArray<ReadonlyArray<CusumAlarm>>
  readonly stretches: Told<Stretch>
}

export interface RegimeReport {
  readonly strategy: ReturnSeries
  readonly market: ReturnSeries
  readonly whole: { readonly strategy: RegimeFigures; readonly market: RegimeFigures }
  /** Undefined where it was not asked for. */
  readonly rules: Result.Result<RulesPart, RegimeError> | undefined
  readonly hmm: Result.Result<HmmPart, RegimeError> | undefined
  readonly cusum: Result.Result<CusumPart, RegimeError> | undefined
}

type Returns = Parameters<typeof performanceByRegime>[2]

const toldOf = <Label extends string>(
  labels: ReadonlyArray<Label>,
  known: KnownAtClose<Label>,
  returns: Returns
): Told<Label> => ({ known, rows: performanceByRegime(labels, ahead(known), returns) })

const rulesOf = (market: ReturnSeries, returns: Returns): Result.Result<RulesPart, RegimeError> =>
  Result.map(ruleRegimes(market), ({ trend, volatility }: RuleRegimes) => ({
    trend: toldOf(trends, trend, returns),
    volatility: toldOf(volatilities, volatility, returns)
  }))

const hmmOf = function* (
  { from, market, walk }: RegimeRequest,
  returns: Returns
): Generator<WalkProgress, Result.Result<HmmPart, RegimeError>> {
  const fitted = fitHmm(market, { seed: walk.seed, starts: DEFAULT_STARTS })
  if (Result.isFailure(fitted)) return Result.fail(fitted.failure)
  const fit = fitted.success
  const later = smoothed(market.returns, fit.parameters)
  const steps = walkForwardSteps(market, walk, from)
  const causal = Result.isFailure(steps)
    ? Result.fail(steps.failure)
    : Result.succeed(yield* causalOf(steps.success, later, returns))
  return Result.succeed({
    fit,
    smoothed: later,
    hindsight: filteredInHindsight(market.returns, fit.parameters),
    causal
  })
}

const causalOf = function* (
  steps: Generator<WalkProgress, WalkForwardFiltered>,
  later: Smoothed,
  returns: Returns
) {
  const walked = yield* steps
  const known = filteredLabels(walked.filtered)
  return {
    ...walked,
    ...toldOf(volatilities, known, returns),
    differs: hindsightDiffers(walked.filtered, later)
  }
}

const together = (alarms: ReadonlyArray<CusumAlarm>): ReadonlyArray<ReadonlyArray<CusumAlarm>> => {
  const groups: Array<Array<CusumAlarm>> = []
  for (const alarm of alarms) {
    const last = groups.at(-1)
    if (last?.[0]?.at === alarm.at) last.push(alarm)
    else groups.push([alarm])
  }
  return groups
}

const cusumOf = (
  market: ReturnSeries,
  options: CusumOptions,
  returns: Returns
): Result.Result<CusumPart, RegimeError> =>
  Result.map(cusum(market, options), (result) => {
    const alarms = together(result.alarms)
    const ends = alarms.map(([first]) => first?.at ?? 0)
    let stretch = 0
    const labels = Array.from(market.returns, (_, t) => {
      while (stretch < ends.length && (ends[stretch] ?? Infinity) <= t) stretch += 1
      return String(stretch)
    })
    const names = Array.from({ length: alarms.length + 1 }, (_, k) => String(k))
    return { result, alarms, stretches: toldOf(names, knownAtClose(labels), returns) }
  })

/** A fit at a time, for whoever shows how far it is. */
export const regimeSteps = function* (
  request: RegimeRequest
): Generator<WalkProgress, Result.Result<RegimeReport, BadRequest>> {
  const { cusum: options, market, methods, strategy } = request
  if (market.returns.length !== strategy.returns.length) {
    return Result.fail(
      new BadRequest({
        message: `${market.name} has ${market.returns.length} returns and ${strategy.name} ${strategy.returns.length}: one of each session is needed`
      })
    )
  }
  const returns = { strategy: strategy.returns, market: market.returns }
  return Result.succeed({
    strategy,
    market,
    whole: { strategy: figuresOf(strategy.returns), market: figuresOf(market.returns) },
    rules: methods.includes("rules") ? rulesOf(market, returns) : undefined,
    hmm: methods.includes("hmm") ? yield* hmmOf(request, returns) : undefined,
    cusum: methods.includes("cusum") ? cusumOf(market, options, returns) : undefined
  })
}

const failureOf = (part: Result.Result<unknown, RegimeError>): ReadonlyArray<RegimeError> =>
  Result.isFailure(part) ? [part.failure] : []

/** Why nothing of what was asked for can be told; undefined where something can. */
export const nothingTold = ({ cusum, hmm, rules }: RegimeReport): RegimeError | undefined => {
  const asked: ReadonlyArray<Result.Result<unknown, RegimeError>> = [
    ...(rules === undefined ? [] : [rules]),
    ...(hmm === undefined ? [] : [hmm]),
    ...(cusum === undefined ? [] : [cusum])
  ]
  const failures = asked.flatMap(failureOf)
  return failures.length === asked.length ? failures[0] : undefined
}
