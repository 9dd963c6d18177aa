/**
 * The overfitting guard: one judged trial among all that were tried, by every
 * method of this folder. The field is all trials on the data; the contest those of
 * them among which the judged one was chosen (a grid's points, or the field itself).
 */
import { Result } from "effect"
import type { SessionDate } from "../../../domain/Timestamp.ts"
import type { Statistic } from "../../../portfolio/Performance.ts"
import type { ParameterValue } from "../../../session/Parameters.ts"
import { sampleVariance } from "../../statistics/Moments.ts"
import { probabilisticSharpe } from "../../statistics/ProbabilisticSharpe.ts"
import type { Contamination } from "../Contaminated.ts"
import { checkReturns, checkVaries, type ReturnSeries } from "../ReturnSeries.ts"
import { BadRequest, type RobustnessError } from "../RobustnessError.ts"
import { type Complexity, complexityOf } from "./Complexity.ts"
import { type Criterion, criteriaOf, TRACK_RECORD_CONFIDENCE, type Verdict, verdictOf } from "./Criteria.ts"
import { deflatedSharpe, expectedMaximum } from "./DeflatedSharpe.ts"
import { type EffectiveTrials, effectiveTrials } from "./EffectiveTrials.ts"
import { type FoldPerformance, foldPerformance, USUAL_FOLDS } from "./FoldPerformance.ts"
import { type Haircut, haircutOf } from "./Haircut.ts"
import { minimumTrackRecord } from "./MinimumTrackRecord.ts"
import { freeParameters, type Neighbours, neighboursOf, type PlacedTrial } from "./Neighbours.ts"
import { type OverfittingProbability, overfittingProbability } from "./OverfittingProbability.ts"
import { distinct, sharpePerReturn, trialMatrix } from "./TrialMatrix.ts"

/** Where a trial stands among others of its code. */
export interface Place {
  readonly family: string
  readonly parameters: { readonly [name: string]: ParameterValue }
}

export interface GuardedTrial {
  readonly name: string
  readonly returns: Float64Array
  /** Undefined of a column of a file. */
  readonly place: Place | undefined
}

export interface GuardAsked {
  /** All returns of the judged one, whatever the others have in common with it. */
  readonly own: Float64Array
  /** The judged one first; each of one length, over the same periods. */
  readonly field: ReadonlyArray<GuardedTrial>
  /** The judged one first; over its own periods. The field's where left out. */
  readonly contest: ReadonlyArray<GuardedTrial> | undefined
  /** Trials on the data that are counted and cannot be compared. */
  readonly apart: number
  /** Of the contest, one a return. */
  readonly dates: ReadonlyArray<SessionDate> | undefined
  readonly blocks: number
  /** Undefined: those that were tried at more than one value. */
  readonly freeParameters: number | undefined
  readonly promotable: boolean | undefined
  /** By what its language model had read about; undefined where it cannot be told. */
  readonly contamination: Contamination | undefined
}

export interface Guarded {
  readonly judged: string
  /** Of the judged one: all of its own. */
  readonly returns: number
  /** Per return. */
  readonly sharpe: number
  readonly dates: ReadonlyArray<SessionDate> | undefined
  /** Different trials, those apart among them. */
  readonly trials: number
  /** Series that were the same as another's. */
  readonly repeated: number
  /** Trials whose returns do not vary, or lose more than there is: left out. */
  readonly unusable: number
  readonly apart: number
  readonly contest: ReadonlyArray<string>
  readonly effective: EffectiveTrials & { readonly total: number }
  /** Of each different trial of the field, per return, the judged one first. */
  readonly sharpes: ReadonlyArray<number>
  /** Of these, or of the clusters' where it is larger. */
  readonly variance: number
  /** The Sharpe ratio, per return, that the best of the effective trials is expected to show by luck. */
  readonly luck: number
  readonly probability: OverfittingProbability
  readonly probabilisticSharpe: Statistic
  readonly deflatedSharpe: Statistic
  readonly minimumTrackRecord: Statistic
  readonly haircut: Haircut | undefined
  readonly folds: FoldPerformance
  readonly neighbours: Neighbours | undefined
  readonly complexity: Complexity | undefined
  readonly criteria: ReadonlyArray<Criterion>
  readonly verdict: Verdict
}

/** As a message says it. */
export const method = "the overfitting guard"

const seriesOf = ({ name, returns }: GuardedTrial): ReturnSeries => ({ name, returns, dates: undefined })

const isUsable = (trial: GuardedTrial): boolean =>
  Result.isSuccess(Result.flatMap(checkReturns(seriesOf(trial)), checkVaries))

/** Those that can be compared, each once, as a matrix; what is no number is nobody's result. */
const matrixOf = (trials: ReadonlyArray<GuardedTrial>) => {
  const broken = trials.find(({ returns }) => !returns.every(Number.isFinite))
  const usable = trials.filter(isUsable)
  const { kept, repeated } = distinct(usable)
  const unusable = trials.length - usable.length
  return Result.map(
    broken === undefined
      ? trialMatrix(kept.map(seriesOf), method)
      : Result.flatMap(checkReturns(seriesOf(broken)), () => trialMatrix(kept.map(seriesOf), method)),
    (matrix) => ({ matrix, kept, repeated, unusable })
  )
}

const numberOf = (statistic: Statistic): number | undefined =>
  statistic._tag === "Value" ? statistic.value : undefined

/** Of trials that never gained or lost anything the Sharpe ratio is zero. Undefined where nobody knows the places. */
const placesOf = (trials: ReadonlyArray<GuardedTrial>): ReadonlyArray<PlacedTrial> | undefined => {
  const placed = trials.flatMap((trial) =>
    trial.place === undefined
      ? []
      : [{ ...trial.place, sharpe: isUsable(trial) ? sharpePerReturn(trial.returns) : 0 }]
  )
  return placed.length === trials.length ? placed : undefined
}

export const guard = (asked: GuardAsked): Result.Result<Guarded, RobustnessError> =>
  Result.gen(function* () {
    const [judged] = asked.contest ?? asked.field
    if (judged === undefined)
      return yield* Result.fail(new BadRequest({ message: `${method} needs a trial to judge` }))
    const own = { name: judged.name, returns: asked.own, dates: undefined }
    for (const series of [own, seriesOf(judged)]) {
      yield* Result.flatMap(checkReturns(series), checkVaries)
    }
    const field = yield* matrixOf(asked.field)
    const contest = asked.contest === undefined ? field : yield* matrixOf(asked.contest)
    const probability = yield* overfittingProbability(contest.matrix, asked.blocks)
    const folds = yield* foldPerformance(contest.matrix, 0, USUAL_FOLDS)

    const returns = asked.own
    const sharpe = sharpePerReturn(returns)
    const [first] = asked.field
    const others = field.kept.filter((trial) => trial !== first)
    // In the sessions that all have in common the judged one may not have moved: it is a trial nevertheless.
    const left = field.kept.length - others.length === 0 ? 1 : 0
    const sharpes = [
      left === 1 || first === undefined ? sharpe : sharpePerReturn(first.returns),
      ...others.map((trial) => sharpePerReturn(trial.returns))
    ]
    const effective = effectiveTrials(field.matrix)
    const variance = Math.max(
      sampleVariance(Float64Array.from(sharpes)),
      effective.sharpes.length < 2 ? 0 : sampleVariance(Float64Array.from(effective.sharpes))
    )
    const apart = asked.apart + left
    const total = effective.count + apart
    const luck = { trials: total, variance }
    const deflated = deflatedSharpe(returns, luck)
    const trackRecord = minimumTrackRecord(returns, { threshold: 0, confidence: TRACK_RECORD_CONFIDENCE })
    const haircut = haircutOf({
      judged: { sharpe, returns: returns.length },
      others: sharpes.slice(1).map((other) => ({ sharpe: other, returns: field.matrix.length })),
      unknown: asked.apart
    })
    const places = placesOf(asked.contest ?? asked.field)
    const neighbours = places === undefined ? undefined : neighboursOf(places, 0)
    const free = asked.freeParameters ?? (places === undefined ? undefined : freeParameters(places, 0))
    const complexity = free === undefined ? undefined : complexityOf(returns, free)
    const looked = {
      sharpe,
      returns: returns.length,
      pbo: probability.pbo,
      deflatedSharpe: numberOf(deflated),
      minimumTrackRecord: numberOf(trackRecord),
      adjustedP: haircut?.bhy.p,
      neighbours: neighbours?.kept,
      foldsGained: folds.gained,
      bicDifference: complexity?.bicDifference,
      promotable: asked.promotable,
      contamination: asked.contamination
    }
    const criteria = criteriaOf(looked)
    return {
      judged: judged.name,
      returns: returns.length,
      sharpe,
      dates: asked.dates,
      trials: field.kept.length + apart,
      repeated: field.repeated,
      unusable: field.unusable,
      apart: asked.apart,
      contest: contest.matrix.names,
      effective: { ...effective, total },
      sharpes,
      variance,
      luck: expectedMaximum(luck),
      probability,
      probabilisticSharpe: probabilisticSharpe(returns, 0),
      deflatedSharpe: deflated,
      minimumTrackRecord: trackRecord,
      haircut,
      folds,
      neighbours,
      complexity,
      criteria,
      verdict: verdictOf(looked, criteria)
    }
  })
