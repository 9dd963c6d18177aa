/** `run_walk_forward`. */
import { join } from "node:path"
import { Effect, Layer, Option, Schema } from "effect"
import {
  degradationOf,
  isChosen,
  type WalkedWindow
} from "../../../backtest/robustness/walkforward/WalkForward.ts"
import { backtestsOf } from "../../backtest/BacktestServices.ts"
import { evidenceStore } from "../../backtest/robustness/EvidenceFolder.ts"
import { prepareWalkForward, type PreparedWalkForward } from "../../backtest/robustness/WalkForwardPrepare.ts"
import { type FinishedWalkForward, runWalkForward } from "../../backtest/robustness/WalkForwardRun.ts"
import type { SweepProgress } from "../../backtest/RunSweep.ts"
import { cursorSteps } from "../kit/NextSteps.ts"
import { cursorOf, fitting, offsetOf } from "../kit/Pages.ts"
import { type Call, tool } from "../kit/Tool.ts"
import { askedBacktest, askedFields, Grid, placeOf } from "./Asked.ts"
import { type Backtests, inTurn, servicesOf } from "./Backtests.ts"
import { Inputs, inputsOf, labelNotes, rounded, short } from "./Figures.ts"
import { futureNotes } from "./Results.ts"
import { playSteps, sweepSteps } from "./RunSteps.ts"

/** A call hears of its progress so many times. */
const PROGRESS_STEPS = 100
/** A segment that takes longer has failed. */
const SEGMENT_LIMIT_MILLIS = 60_000
/** Windows in an answer, and the characters they take of it. */
const MAX_WINDOWS = 60
const MAX_WINDOW_TEXT = 8000
/** Characters that are told of the command. */
const MAX_COMMAND = 1000

const ratio = Schema.NullOr(Schema.Finite)
const Cell = Schema.NullOr(Schema.Union([Schema.Finite, Schema.String, Schema.Boolean]))

const Output = Schema.Struct({
  walkForwardId: Schema.String,
  inputs: Inputs,
  /** Out-of-sample, all windows one after the other. */
  outOfSample: Schema.Struct({
    totalReturn: Schema.Finite,
    returnYearly: Schema.Finite,
    sharpeYearly: ratio,
    maxDrawdown: Schema.Finite
  }),
  /** Out-of-sample return a year ÷ in-sample. */
  efficiency: ratio,
  /** In-sample less out-of-sample Sharpe ratio a year, mean of the windows. */
  degradation: ratio,
  windows: Schema.Int,
  profitableWindows: Schema.Int,
  /** Where the chosen points came out among the others: 0 best, 0.5 by chance, 1 worst. */
  meanRank: ratio,
  /** Of each parameter: value chosen most often, part of the windows that have it, changes. */
  stability: Schema.Array(Schema.Tuple([Schema.String, Cell, Schema.Finite, Schema.Int])),
  hindsightReturn: ratio,
  benchmarkReturn: Schema.Finite,
  columns: Schema.Array(Schema.String),
  /** A window a row, in the order of columns. */
  rows: Schema.Array(Schema.Array(Cell)),
  nextCursor: Schema.NullOr(Schema.String),
  /** Every segment that was played. */
  segmentsFile: Schema.String,
  /** Backtests ever run on this data, those of this walk-forward among them. */
  trialsOnData: Schema.Int,
  command: Schema.String,
  notes: Schema.Array(Schema.String)
})
type Output = typeof Output.Type

const progressTo = (call: Call) => {
  let told = 0
  return ({ done, points }: SweepProgress) => {
    const step = Math.max(1, Math.floor(points / PROGRESS_STEPS))
    const isDue = done - told >= step || (done === points && told < done)
    if (isDue) told = done
    return Effect.andThen(
      isDue ? call.progress(done, points, `${done} of ${points} segments`) : Effect.void,
      Effect.yieldNow
    )
  }
}

/** Plays it, from the segments that are there where that is asked for. */
const played = (prepared: PreparedWalkForward, backtests: string, resume: boolean, call: Call) => {
  const options = {
    backtests,
    workers: Option.none(),
    pointLimitMillis: SEGMENT_LIMIT_MILLIS,
    onProgress: progressTo(call)
  }
  const anew = Effect.catchTag(
    runWalkForward(prepared, { ...options, resume: false }),
    "NothingToResume",
    Effect.die
  )
  return resume
    ? runWalkForward(prepared, { ...options, resume: true }).pipe(
        Effect.catchTag("NothingToResume", () => anew)
      )
    : anew
}

const orNull = (value: number | null): number | null => (value === null ? null : rounded(value))
const cell = (value: number | string | boolean | undefined): typeof Cell.Type =>
  value === undefined ? null : typeof value === "string" ? short(value, 64) : value

const growth = (returns: Float64Array): number => returns.reduce((equity, change) => equity * (1 + change), 1)

const columnsOf = (names: ReadonlyArray<string>): ReadonlyArray<string> => [
  "test_from",
  "test_to",
  ...names.map((name) => short(name, 64)),
  "train_sharpe",
  "test_sharpe",
  "degradation",
  "test_return",
  "test_max_drawdown",
  "entries",
  "rank"
]

const rowOf = (
  window: WalkedWindow,
  names: ReadonlyArray<string>,
  dateAt: (session: number) => string
): ReadonlyArray<typeof Cell.Type> => {
  const dates = [dateAt(window.test.from), dateAt(window.test.until - 1)]
  if (!isChosen(window)) return [...dates, ...names.map(() => null), null, null, null, 0, 0, 0, null]
  const { rank, tested, trained, values } = window
  return [
    ...dates,
    ...names.map((name) => cell(values[name])),
    orNull(trained.sharpe),
    orNull(tested.sharpe),
    orNull(degradationOf(window)),
    rounded(tested.totalReturn),
    rounded(tested.maxDrawdown),
    tested.entries,
    rank?.rank ?? null
  ]
}

const stabilityRows = ({ walk }: FinishedWalkForward): Output["stability"] =>
  walk.stability.map(({ changes, mostOften, parameter, values }) => {
    const [most] = values.toSorted((a, b) => b.windows - a.windows)
    return [short(parameter, 64), cell(most?.value), rounded(mostOften), changes] as const
  })

const ownNotes = ({ failed, trials, walk, whyEngine }: FinishedWalkForward): ReadonlyArray<string> => [
  `${trials} backtests were run on this data so far: trying windows, objectives and grids until one looks good is a search too`,
  ...(walk.chosen < walk.windows.length
    ? [`in ${walk.windows.length - walk.chosen} windows no point could be chosen: they count as cash`]
    : []),
  ...(failed.length > 0
    ? [`${failed.length} segments failed, such as: ${short(failed[0]?.failure.message ?? "", 200)}`]
    : []),
  ...(whyEngine === undefined ? [] : [`every segment was played by the event engine: ${short(whyEngine)}`])
]

export const runWalkForwardTool = (backtests: Backtests) =>
  tool({
    name: "run_walk_forward",
    title: "Run a walk-forward",
    description:
      "Per window the best point of a grid on train sessions is tried on the test sessions after: a curve no choice has seen. Windows roll, or grow if anchored. Other arguments as run_sensitivity. Points and curve are trials.",
    annotations: { readOnly: false, idempotent: true },
    input: Schema.Struct({
      ...askedFields,
      grid: Grid,
      train: Schema.Int,
      test: Schema.Int,
      embargo: Schema.optionalKey(Schema.Int),
      anchored: Schema.optionalKey(Schema.Boolean),
      objective: Schema.optionalKey(Schema.String),
      cursor: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200))))
    }),
    output: Output,
    next: {
      ...cursorSteps,
      ...playSteps,
      ...sweepSteps,
      SweepFolderFailed:
        "tell a person: the walk-forward's folder (.plimsoll/backtests/walk-forwards) cannot be read or written.",
      BadRequest: "call it again with what would do."
    },
    handle: (
      { anchored = false, cursor, embargo = 0, grid, objective = "sharpe", test, train, ...asked },
      call
    ) =>
      Effect.gen(function* () {
        const folder = backtests.folder()
        const prepared = yield* prepareWalkForward(
          {
            ...(yield* askedBacktest(asked, folder)),
            grid,
            objective: short(objective, 64),
            windows: { train, test, embargo, anchored }
          },
          placeOf(folder)
        )
        const { id, sweep } = prepared
        const { inputs } = sweep.sweep
        const question = ["run_walk_forward", id]
        const from = yield* offsetOf(question, cursor)
        const resume = asked.reuse === true || cursor !== undefined
        const finished: FinishedWalkForward = yield* inTurn(
          backtests,
          id,
          played(prepared, backtestsOf(folder), resume, call)
        )
        const { benchmark, hindsight, plan, trials, walk } = finished
        const names = plan.grid.map(({ parameter }) => parameter)
        const dateAt = (session: number): string => sweep.tape.sessions[session]?.date ?? ""
        const rows = fitting(
          walk.windows.slice(from, from + MAX_WINDOWS).map((window) => rowOf(window, names, dateAt)),
          MAX_WINDOW_TEXT
        )
        const next = from + rows.length
        const output: Output = {
          walkForwardId: id,
          inputs: inputsOf(inputs),
          outOfSample: {
            totalReturn: rounded(walk.totalReturn),
            returnYearly: rounded(walk.returnYearly),
            sharpeYearly: orNull(walk.sharpe),
            maxDrawdown: rounded(walk.maxDrawdown)
          },
          efficiency: orNull(walk.efficiency),
          degradation: orNull(walk.degradation),
          windows: walk.windows.length,
          profitableWindows: walk.profitable,
          meanRank: orNull(walk.meanRank),
          stability: stabilityRows(finished),
          hindsightReturn: orNull(hindsight?.figures.totalReturn ?? null),
          benchmarkReturn: rounded(growth(benchmark) - 1),
          columns: columnsOf(names),
          rows,
          nextCursor: next < walk.windows.length ? cursorOf(question, String(next)) : null,
          segmentsFile: join(backtestsOf(folder), "walk-forwards", id, "segments.jsonl"),
          trialsOnData: trials,
          command: short(`plimsoll ${prepared.command}`, MAX_COMMAND),
          notes: [
            ...labelNotes(inputs),
            ...sweep.caveats,
            ...(yield* futureNotes(inputs.data.to)),
            ...ownNotes(finished),
            ...sweep.notes.map((note) => short(note)).slice(0, 5)
          ]
        }
        return output
      }).pipe(
        Effect.provide(
          Layer.merge(
            servicesOf(backtests),
            evidenceStore(backtests.folder()).pipe(Layer.provideMerge(servicesOf(backtests)))
          )
        )
      ),
    text: ({ efficiency, inputs, notes, outOfSample, profitableWindows, walkForwardId, windows }) =>
      [
        `walk-forward ${walkForwardId} of ${inputs.algorithm}, ${inputs.profileLabel}${inputs.promotable ? "" : ", not promotable"}: out-of-sample return ${outOfSample.totalReturn}, Sharpe ratio ${outOfSample.sharpeYearly ?? "none"} a year, maximum drawdown ${outOfSample.maxDrawdown}, efficiency ${efficiency ?? "none"}, ${profitableWindows} of ${windows} windows made money`,
        ...notes
      ].join("\n")
  })
