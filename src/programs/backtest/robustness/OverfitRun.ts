/** Runs the overfitting guard: on a grid that is played for it, on a stored backtest, on a file of returns. */
import { Effect, Option, Result } from "effect"
import type { BacktestInputs } from "../../../backtest/BacktestInputs.ts"
import { contaminationOf } from "../../../backtest/robustness/Contaminated.ts"
import { guard, type Guarded, method } from "../../../backtest/robustness/overfitting/Guard.ts"
import { LEAST_TRIALS, sharpePerReturn } from "../../../backtest/robustness/overfitting/TrialMatrix.ts"
import { checkShape } from "../../../backtest/robustness/overfitting/OverfittingProbability.ts"
import { checkVaries, type ReturnSeries } from "../../../backtest/robustness/ReturnSeries.ts"
import {
  BadRequest,
  type RobustnessError,
  TooFewObservations,
  tooFew
} from "../../../backtest/robustness/RobustnessError.ts"
import { bestOf, inputsAt } from "../../../backtest/Sweep.ts"
import { type StoredTrial, TrialLedger } from "../../../backtest/TrialLedger.ts"
import type { PreparedSweep } from "../PrepareSweep.ts"
import { runSweep, type SweepOptions } from "../RunSweep.ts"
import { askedOfColumns, askedOfLedger, pointIds, type TrialsAsked } from "./OverfitTrials.ts"
import { foundReturns } from "./ReturnsAsked.ts"
import { returnsOfFile } from "./ReturnsFile.ts"

export interface OverfitOptions {
  readonly blocks: number
  /** Undefined: those that were tried at more than one value. */
  readonly freeParameters: number | undefined
}

export interface Overfit {
  readonly guarded: Guarded
  /** What was judged, in words. */
  readonly title: string
  /** What it was tested on, in words; undefined of a file of returns. */
  readonly tested: string | undefined
  /** Of the judged backtest; undefined of a file. */
  readonly inputs: BacktestInputs | undefined
  /** The judged backtest's, where it is one of a ledger. */
  readonly id: string | undefined
  /** What to know before the figures. */
  readonly notes: ReadonlyArray<string>
}

const parametersUnknown =
  "a file does not say how many parameters were chosen by their results: --free-parameters charges for them"

/** How to come by more trials. */
const advice =
  "A choice among one is no choice: try others with `backtest overfit ALGORITHM --grid NAME=VALUES`, or give a file with a column for each"

const advised = (error: RobustnessError): RobustnessError =>
  error instanceof TooFewObservations && error.what === "different trials"
    ? new TooFewObservations({ ...error, message: `${error.message}. ${advice}` })
    : error

const judge = (asked: TrialsAsked, options: OverfitOptions, inputs: BacktestInputs | undefined) =>
  Effect.fromResult(
    guard({
      ...asked,
      ...options,
      promotable: inputs?.profile.promotable,
      contamination: inputs === undefined ? undefined : contaminationOf(inputs)
    })
  ).pipe(
    Effect.mapError(advised),
    Effect.map((guarded) => ({
      guarded,
      notes: [
        ...asked.notes,
        ...(guarded.unusable > 0
          ? [
              `${guarded.unusable} of the trials have returns that do not vary, or that lose more than there is: left out`
            ]
          : []),
        ...(guarded.repeated > 0
          ? [`${guarded.repeated} of the trials have the same returns as another: counted once`]
          : [])
      ]
    }))
  )

const testedText = ({ data, profile }: BacktestInputs): string =>
  `${data.symbols.join(", ")} (${data.source}), ${data.from} to ${data.to}; ${profile.label}`

const titleOf = ({ algorithm }: BacktestInputs): string => {
  const values = Object.entries(algorithm.parameters).map(([name, value]) => `${name}=${String(value)}`)
  return [algorithm.name, ...values].join(" ")
}

/** Plays the grid (each point a trial in the ledger), and judges the point with the highest Sharpe ratio. */
export const overfitOfGrid = Effect.fn("overfitOfGrid")(function* (
  prepared: PreparedSweep,
  options: OverfitOptions & SweepOptions
) {
  // Nothing is played for what cannot be judged.
  const { points, tape } = prepared
  yield* Effect.fromResult(
    checkShape({ trials: points.length, returns: tape.sessions.length }, options.blocks)
  )
  if (points.length < LEAST_TRIALS) {
    return yield* advised(tooFew(method, "different trials", LEAST_TRIALS, points.length))
  }
  const ids = pointIds(prepared)
  const { sweep } = yield* runSweep(prepared, options)
  const best = bestOf(sweep.points)
  if (best === undefined) {
    const failed = sweep.points.flatMap((point) => (point._tag === "Failed" ? [point.failure.message] : []))
    const [why] = failed
    return yield* new BadRequest({
      message: `no point of the grid has a Sharpe ratio: ${why === undefined ? "none of them gained or lost anything" : `${failed.length} of ${sweep.points.length} failed: ${why}`}`
    })
  }
  const bestId = ids.get(best.index)
  const { trials: trialsOn } = yield* TrialLedger
  const trials = yield* trialsOn(sweep.inputs.data.dataset)
  const judged = trials.find(({ id }) => id === bestId)
  if (judged === undefined) {
    return yield* new BadRequest({
      message: `the ledger has no trial ${bestId ?? ""}, which has just been entered: was it moved away meanwhile?`
    })
  }
  const isPoint = new Set(ids.values())
  const asked = askedOfLedger(trials, judged, ({ id }) => isPoint.has(id))
  const varied = prepared.grid.filter(({ values }) => values.length > 1).length
  const inputs = inputsAt(sweep.inputs, best.values)
  const point: BacktestInputs = {
    ...inputs,
    algorithm: { ...inputs.algorithm, parameters: judged.parameters }
  }
  const { guarded, notes } = yield* judge(
    asked,
    { blocks: options.blocks, freeParameters: options.freeParameters ?? varied },
    sweep.inputs
  )
  const overfit: Overfit = {
    guarded,
    title: titleOf(point),
    tested: testedText(point),
    inputs: point,
    id: judged.id,
    notes
  }
  return { overfit, sweep }
})

/** A stored backtest among all trials on its data. */
export const overfitOfBacktest = Effect.fn("overfitOfBacktest")(function* (
  name: string,
  options: OverfitOptions
) {
  const none = Option.none<string>()
  const { backtest } = yield* foundReturns({ backtest: Option.some(name), file: none, column: none }, "")
  if (backtest === undefined) return yield* Effect.die("a backtest was asked for")
  const { id, inputs } = backtest.result
  const { trials: trialsOn } = yield* TrialLedger
  const trials: ReadonlyArray<StoredTrial> = yield* trialsOn(inputs.data.dataset)
  const judged = trials.find((trial) => trial.id === id)
  if (judged === undefined) {
    return yield* new BadRequest({
      message: `the trial ledger has no trial ${id}, so nobody knows among how many it was chosen: run it again (${backtest.result.command}), and it is entered`
    })
  }
  const { guarded, notes } = yield* judge(askedOfLedger(trials, judged, undefined), options, inputs)
  const overfit: Overfit = { guarded, title: titleOf(inputs), tested: testedText(inputs), inputs, id, notes }
  return overfit
})

/** Below all others where there is none. */
const ratioOf = (series: ReturnSeries): number =>
  Result.match(checkVaries(series), {
    onFailure: () => -Infinity,
    onSuccess: ({ returns }) => sharpePerReturn(returns)
  })

/** The best column of a file among the others, or the one that was named. */
export const overfitOfFile = Effect.fn("overfitOfFile")(function* (
  file: string,
  column: Option.Option<string>,
  options: OverfitOptions,
  folder: string
) {
  const columns = yield* returnsOfFile(file, folder)
  const named = Option.isNone(column)
    ? undefined
    : (yield* foundReturns({ backtest: Option.none(), file: Option.some(file), column }, folder)).series
  const judged =
    named === undefined
      ? columns.reduce((best, one) => (ratioOf(one) > ratioOf(best) ? one : best))
      : (columns.find(({ name }) => name === named.name) ?? named)
  const { guarded, notes } = yield* judge(askedOfColumns(columns, judged), options, undefined)
  const overfit: Overfit = {
    guarded,
    title: judged.name,
    tested: undefined,
    inputs: undefined,
    id: undefined,
    notes: [...notes, ...(options.freeParameters === undefined ? [parametersUnknown] : [])]
  }
  return overfit
})
