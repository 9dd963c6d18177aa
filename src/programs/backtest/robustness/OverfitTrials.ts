/** What the overfitting guard looks at, from a ledger of trials, a sweep, or a file of returns. */
import { backtestId } from "../../../backtest/BacktestId.ts"
import type { GuardAsked, GuardedTrial } from "../../../backtest/robustness/overfitting/Guard.ts"
import { fieldOf, type WindowedTrial } from "../../../backtest/robustness/overfitting/TrialWindows.ts"
import type { ReturnSeries } from "../../../backtest/robustness/ReturnSeries.ts"
import { inputsAt } from "../../../backtest/Sweep.ts"
import { cutWarmUp } from "../../../backtest/WarmUpCut.ts"
import { warmUpOf } from "../BacktestTape.ts"
import type { BoundPoint, PreparedSweep } from "../PrepareSweep.ts"

/** What the trials have to say, without what only the caller knows. */
export type TrialsAsked = Pick<GuardAsked, "own" | "field" | "contest" | "apart" | "dates"> & {
  readonly notes: ReadonlyArray<string>
}

/** The ids that the points of a sweep have as trials, by their numbers. */
export const pointIds = ({ points, sweep, tape }: PreparedSweep): ReadonlyMap<number, string> => {
  const hashes = new Map<number, string>()
  const hashOf = ({ strategy }: BoundPoint): string => {
    const warmUp = warmUpOf(strategy)
    const known = hashes.get(warmUp) ?? cutWarmUp(tape, warmUp).dataHash
    hashes.set(warmUp, known)
    return known
  }
  return new Map(
    points.map((point) => {
      const inputs = inputsAt(sweep.inputs, point.values)
      const { algorithm, data } = inputs
      return [
        point.index,
        backtestId({
          ...inputs,
          algorithm: { ...algorithm, parameters: point.strategy.parameters },
          data: { ...data, dataHash: hashOf(point) }
        })
      ]
    })
  )
}

const familyOf = ({ algorithm, codeHash, engine, profile }: WindowedTrial): string =>
  JSON.stringify([algorithm, codeHash, engine, profile])

const parameterText = ({ algorithm, parameters }: WindowedTrial): string => {
  const values = Object.entries(parameters).map(([name, value]) => `${name}=${String(value)}`)
  return [algorithm, ...values].join(" ")
}

const guarded = (trial: WindowedTrial, returns: Float64Array): GuardedTrial => ({
  name: parameterText(trial),
  returns,
  place: { family: familyOf(trial), parameters: trial.parameters }
})

const datesText = ({ from, to }: WindowedTrial): string => `${from} to ${to}`

/**
 * `ofContest` says which of the ledger's trials the judged one was chosen among,
 * all of the same sessions; undefined: all there are.
 */
export const askedOfLedger = <T extends WindowedTrial>(
  trials: ReadonlyArray<T>,
  judged: T,
  ofContest: ((trial: T) => boolean) | undefined
): TrialsAsked => {
  const { apart, dates, notes, trials: field } = fieldOf(trials, judged)
  const contest =
    ofContest === undefined
      ? undefined
      : [judged, ...trials.filter((trial) => trial !== judged && ofContest(trial))].map((trial) =>
          guarded(trial, trial.returns)
        )
  const compared = field[0]?.returns.length ?? 0
  const isCut = compared < judged.returns.length
  return {
    own: judged.returns,
    field: field.map(({ returns, trial }) => guarded(trial, returns)),
    contest,
    apart,
    // A contest keeps the sessions of the judged one, whatever the field has in common.
    dates: contest === undefined || !isCut ? dates : undefined,
    notes: isCut
      ? [
          ...notes,
          `the trials have ${compared} sessions in common, of ${judged.returns.length} that the judged one was tested on (${datesText(judged)})`
        ]
      : notes
  }
}

/** Every column a trial, the judged one first. */
export const askedOfColumns = (columns: ReadonlyArray<ReturnSeries>, judged: ReturnSeries): TrialsAsked => ({
  own: judged.returns,
  field: [judged, ...columns.filter((column) => column !== judged)].map(({ name, returns }) => ({
    name,
    returns,
    place: undefined
  })),
  contest: undefined,
  apart: 0,
  dates: judged.dates,
  notes: []
})
