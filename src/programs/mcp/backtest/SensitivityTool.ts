/** `run_sensitivity`. */
import { join } from "node:path"
import { Effect, Option, Schema } from "effect"
import { cursorOf, fitting, offsetOf } from "../kit/Pages.ts"
import { cursorSteps } from "../kit/NextSteps.ts"
import { type Call, tool } from "../kit/Tool.ts"
import { backtestsOf } from "../../backtest/BacktestServices.ts"
import { MAX_POINTS } from "../../../backtest/Grid.ts"
import { prepareSweep, type PreparedSweep } from "../../backtest/PrepareSweep.ts"
import { type FinishedSweep, runSweep, type SweepProgress } from "../../backtest/RunSweep.ts"
import { askedBacktest, askedFields, Grid, placeOf } from "./Asked.ts"
import { type Backtests, inTurn, servicesOf } from "./Backtests.ts"
import { Inputs, inputsOf, labelNotes, short } from "./Figures.ts"
import { futureNotes } from "./Results.ts"
import { playSteps, sweepSteps } from "./RunSteps.ts"
import { PointRow, pointRow, SweepFigures, sweepFigures } from "./SweepFigures.ts"

/** A call hears of its progress so many times. */
const PROGRESS_STEPS = 100
/** A point that takes longer has failed. */
const POINT_LIMIT_MILLIS = 60_000
/** Rows of the grid in an answer, unless told otherwise, and at most. */
const USUAL_ROWS = 20
const MAX_ROWS = 200
/** Characters that the rows of the grid take of an answer. */
const MAX_GRID = 8000
/** Characters that are told of the command. */
const MAX_COMMAND = 1000

const Output = Schema.Struct({
  sweepId: Schema.String,
  inputs: Inputs,
  figures: SweepFigures,
  /** The grid in its order, a page of it; figures are null where a point was not played. */
  rows: Schema.Array(PointRow),
  nextCursor: Schema.NullOr(Schema.String),
  /** All points, a line of JSON each. */
  pointsFile: Schema.String,
  /** Backtests ever run on this data, those of this sweep among them. */
  trialsOnData: Schema.Int,
  command: Schema.String,
  notes: Schema.Array(Schema.String)
})
type Output = typeof Output.Type

const progressTo = (call: Call) => {
  let told = 0
  return ({ done, points }: SweepProgress) => {
    const step = Math.max(1, Math.floor(points / PROGRESS_STEPS))
    const isDue = done - told >= step || done === points
    if (isDue) told = done
    return Effect.andThen(
      isDue ? call.progress(done, points, `${done} of ${points} points`) : Effect.void,
      Effect.yieldNow
    )
  }
}

/** Plays it, from the points that are there where that is asked for. */
const played = (prepared: PreparedSweep, backtests: string, resume: boolean, call: Call) => {
  const options = {
    backtests,
    workers: Option.none(),
    pointLimitMillis: POINT_LIMIT_MILLIS,
    onProgress: progressTo(call)
  }
  const anew = Effect.catchTag(
    runSweep(prepared, { ...options, resume: false }),
    "NothingToResume",
    Effect.die
  )
  return resume
    ? runSweep(prepared, { ...options, resume: true }).pipe(Effect.catchTag("NothingToResume", () => anew))
    : anew
}

const bestNotes = ({ points, stability }: SweepFigures, trials: number): ReadonlyArray<string> => [
  `the best of ${points} points looks better than it is, for it was chosen by its luck too; ${trials} backtests were run on this data so far`,
  ...(stability.neighbourSharpe !== null && stability.neighbours > 0
    ? [
        `one step from the best the Sharpe ratio is ${stability.neighbourSharpe.toFixed(2)} on average, ${stability.neighbourLowest?.toFixed(2)} at the lowest: a best point whose neighbours are much worse is a coincidence`
      ]
    : [])
]

export const runSensitivity = (backtests: Backtests) =>
  tool({
    name: "run_sensitivity",
    title: "Run a sensitivity sweep",
    description:
      'A backtest at every point of a grid of parameters ("fast=5,8,10", "slow=50..200:25"), at most 4,096, or a random sample of a larger grid: best, worst, what each parameter explains, stability around the best, and a page of the grid. Other arguments as run_backtest. Each point counts as a trial. reuse goes on with the points that are there, as a cursor does.',
    annotations: { readOnly: false, idempotent: true },
    input: Schema.Struct({
      ...askedFields,
      grid: Grid,
      sample: Schema.optionalKey(
        Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_POINTS })))
      ),
      limit: Schema.optionalKey(
        Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_ROWS })))
      ),
      cursor: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200))))
    }),
    output: Output,
    next: {
      ...cursorSteps,
      ...playSteps,
      ...sweepSteps
    },
    handle: ({ cursor, grid, limit = USUAL_ROWS, sample, ...asked }, call) =>
      Effect.gen(function* () {
        const folder = backtests.folder()
        const prepared = yield* prepareSweep(
          { ...(yield* askedBacktest(asked, folder)), grid, sample },
          placeOf(folder)
        )
        const { id, sweep } = prepared
        const question = ["run_sensitivity", id]
        const from = yield* offsetOf(question, cursor)
        const resume = asked.reuse === true || cursor !== undefined
        const work = played(prepared, backtestsOf(folder), resume, call)
        const { sweep: finished, whyEngine }: FinishedSweep = yield* inTurn(backtests, id, work)
        const { points, trials } = finished
        const figures = sweepFigures(finished.grid, points)
        const rows = fitting(
          points.slice(from, from + limit).map((point) => pointRow(finished.grid, point)),
          MAX_GRID
        )
        const next = from + rows.length
        const output: Output = {
          sweepId: id,
          inputs: inputsOf(sweep.inputs),
          figures,
          rows,
          nextCursor: next < points.length ? cursorOf(question, String(next)) : null,
          pointsFile: join(backtestsOf(folder), "sweeps", id, "points.jsonl"),
          trialsOnData: trials,
          command: short(`plimsoll ${prepared.command}`, MAX_COMMAND),
          notes: [
            ...labelNotes(sweep.inputs),
            ...prepared.caveats,
            ...(yield* futureNotes(sweep.inputs.data.to)),
            ...bestNotes(figures, trials),
            ...(whyEngine === undefined
              ? []
              : [`every point was played by the event engine: ${short(whyEngine)}`]),
            ...prepared.notes.map((note) => short(note)).slice(0, 5)
          ]
        }
        return output
      }).pipe(Effect.provide(servicesOf(backtests))),
    text: ({ figures, inputs, notes, sweepId }) =>
      [
        `sweep ${sweepId} of ${inputs.algorithm}, ${inputs.profileLabel}${inputs.promotable ? "" : ", not promotable"}: ${figures.done} of ${figures.points} points played, ${figures.refused} refused, ${figures.failed} failed`,
        `best: ${(figures.best[0] ?? []).map((value, i) => `${figures.columns[i]} ${String(value)}`).join(", ")}`,
        ...notes
      ].join("\n")
  })
