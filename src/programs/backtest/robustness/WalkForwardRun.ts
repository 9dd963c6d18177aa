/**
 * Plays a walk-forward: every point on all train windows and on the whole period,
 * then the chosen ones out-of-sample. What is done is kept in its folder, and
 * every point's whole period is a trial in the ledger, as soon as it is there;
 * `resume` goes on from it.
 */
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { Clock, Effect, Exit, Option } from "effect"
import { benchmarkOf } from "../../../backtest/engine/Benchmark.ts"
import { EvidenceStore } from "../../../backtest/robustness/Evidence.ts"
import { BadRequest } from "../../../backtest/robustness/RobustnessError.ts"
import {
  firstAsks,
  outOfSample,
  secondAsks,
  type Walked,
  walkedOf,
  type WalkPlan,
  wholeOf
} from "../../../backtest/robustness/walkforward/Plan.ts"
import { type FailedSegment, SegmentTable } from "../../../backtest/robustness/walkforward/SegmentTable.ts"
import { lengthOf, type Span } from "../../../backtest/robustness/walkforward/Windows.ts"
import type { PlayedSegments, SegmentAsk } from "../../../backtest/SegmentPlayer.ts"
import { type SweepMode, sweepPlayer } from "../../../backtest/SweepPlayer.ts"
import { type NewTrial, TrialLedger } from "../../../backtest/TrialLedger.ts"
import { whyEngine } from "../../../backtest/vector/Eligibility.ts"
import { lockFolder } from "../FolderLock.ts"
import {
  BARS_OF_ONE_THREAD,
  comparedPoints,
  hashes,
  KEPT_EVERY_MILLIS,
  MOST_COMPARED_VALUES,
  POINTS_AT_ONCE,
  rulesDiffer,
  spread,
  type SweepOptions,
  trialOf
} from "../RunSweep.ts"
import { eventPlayer } from "../worker/EventPlayer.ts"
import type { SegmentTask, SweepJob } from "../worker/Messages.ts"
import { sharedTape } from "../worker/SharedTape.ts"
import { playSegments } from "../worker/SweepPool.ts"
import * as Folder from "./WalkForwardFolder.ts"
import type { PreparedWalkForward } from "./WalkForwardPrepare.ts"
import { stitchedTrial, walkForwardEvidence, walkForwardSource } from "./WalkForwardTrials.ts"

export interface FinishedWalkForward extends Walked {
  readonly plan: WalkPlan
  /** The symbols held out-of-sample: return of each session. */
  readonly benchmark: Float64Array
  /** Backtests ever run on this data set, those of this walk-forward among them. */
  readonly trials: number
  /** Segments that an earlier try had played. */
  readonly resumed: number
  /** Why the event engine played, where the strategy has a signal rule; undefined where it did not have to. */
  readonly whyEngine: string | undefined
  readonly failed: ReadonlyArray<FailedSegment & { readonly index: number }>
}

const isSame = (a: Span, b: Span): boolean => a.from === b.from && a.until === b.until

/** Keeps segments as they come, several at a time: in the ledger first, then in the folder. */
const keeper = Effect.fnUntraced(function* (
  { sweep }: PreparedWalkForward,
  { folder, table, whole }: { folder: Folder.WalkForwardFolder; table: SegmentTable; whole: Span }
) {
  const ledger = yield* TrialLedger
  const bound = new Map(sweep.points.map((point) => [point.index, point]))
  const hashOf = hashes(sweep.tape)
  let trials: Array<NewTrial> = []
  let waiting: Array<Folder.KeptSegments> = []
  let keptAt = yield* Clock.currentTimeMillis

  const flush = Effect.uninterruptible(
    Effect.gen(function* () {
      const taken = { trials, waiting }
      trials = []
      waiting = []
      keptAt = yield* Clock.currentTimeMillis
      if (taken.trials.length > 0) yield* ledger.record(taken.trials)
      if (taken.waiting.length > 0) yield* folder.add(taken.waiting)
    })
  )
  const keep = Effect.fnUntraced(function* (task: SegmentTask, played: PlayedSegments) {
    const { index } = task
    if (played._tag === "Failed") {
      for (const { from, until } of task.segments) table.fail(index, { from, until, failure: played.failure })
      return
    }
    const now = yield* Clock.currentTimeMillis
    const point = bound.get(index)
    const segments = played.segments.map((segment) => {
      if (!isSame(segment, whole)) return segment
      const { returns } = segment
      if (point !== undefined && returns !== undefined) {
        const found = { ranAt: now, returns, source: walkForwardSource }
        trials.push(trialOf(sweep.sweep, point, hashOf(point.strategy), found))
      }
      // The ledger has them.
      return { ...segment, returns: undefined }
    })
    for (const segment of segments) table.put(index, segment)
    waiting.push({ index, segments })
    if (waiting.length >= POINTS_AT_ONCE || now - keptAt >= KEPT_EVERY_MILLIS) yield* flush
  })
  return { keep, flush }
})

type Asks = (index: number) => ReadonlyArray<SegmentAsk>

/** On the loop over columns a point's segments are played together, for what it wants is worked out once. */
const tasksOf = (asks: Asks, { points }: WalkPlan, mode: SweepMode): ReadonlyArray<SegmentTask> =>
  points.flatMap((point): ReadonlyArray<SegmentTask> => {
    const segments = asks(point.index)
    if (segments.length === 0) return []
    return mode === "vector"
      ? [{ ...point, segments }]
      : segments.map((segment) => ({ ...point, segments: [segment] }))
  })

/** What plays tasks one way or the other, and keeps them. */
const playerOf = Effect.fnUntraced(function* <E, R>(
  { objective, sweep: prepared }: PreparedWalkForward,
  { pointLimitMillis, workers }: SweepOptions,
  onSegments: (task: SegmentTask, played: PlayedSegments) => Effect.Effect<void, E, R>
) {
  const { algorithm, file, sweep, tape } = prepared
  const { folder, market, project } = file
  const playEvent = yield* eventPlayer(file)
  const shared = yield* Effect.cached(Effect.sync(() => sharedTape(tape)))

  const here = Effect.fnUntraced(function* (tasks: ReadonlyArray<SegmentTask>) {
    const { definition } = algorithm
    const player = sweepPlayer({ definition, tape, inputs: sweep.inputs, mode: "vector", playEvent })
    for (const task of tasks) {
      const played = yield* player.playSegments(task.index, task.values, { objective, ...task })
      yield* onSegments(task, played)
    }
  })
  const inPool = Effect.fnUntraced(function* (tasks: ReadonlyArray<SegmentTask>, mode: SweepMode) {
    if (tasks.length === 0) return
    const job: SweepJob = {
      _tag: "Sweep",
      inputs: sweep.inputs,
      tape: yield* shared,
      mode,
      market,
      folder,
      project
    }
    yield* playSegments(job, tasks, {
      workers: Option.getOrElse(workers, () => availableParallelism()),
      pointLimitMillis,
      objective,
      onSegments
    })
  })
  return (tasks: ReadonlyArray<SegmentTask>, mode: SweepMode) => {
    const bars = tasks.reduce(
      (sum, { segments }) => sum + segments.reduce((all, span) => all + lengthOf(span), 0),
      0
    )
    return algorithm.kind === "built-in" && mode === "vector" && bars <= BARS_OF_ONE_THREAD
      ? here(tasks)
      : inPool(tasks, mode)
  }
})

/** The symbols bought and held out-of-sample: return of each session. */
const benchmarkReturns = ({ sweep }: PreparedWalkForward, { from, until }: Span): Float64Array => {
  const values = benchmarkOf(sweep.tape, sweep.sweep.inputs.cash)
  return Float64Array.from({ length: until - from }, (_, i) => {
    const [before, now] = [values[from + i - 1] ?? Number.NaN, values[from + i] ?? Number.NaN]
    return before > 0 && Number.isFinite(now) ? now / before - 1 : 0
  })
}

/** From what was prepared to its curve; `options` are those of a sweep, its points being segments here. */
export const runWalkForward = Effect.fn("runWalkForward")(function* (
  prepared: PreparedWalkForward,
  options: SweepOptions
) {
  const { file, id, objective, sweep, windows } = prepared
  const { algorithm, grid, points, tape } = sweep
  const { models, profile } = sweep.sweep.inputs
  const { signal } = algorithm.definition
  const why = whyEngine({ signal, tape, profile, models })
  const plan: WalkPlan = {
    grid,
    points: points.map(({ index, values }) => ({ index, values })),
    objective,
    sessions: tape.sessions.length,
    windows,
    ranks: why === undefined
  }
  const folders = join(options.backtests, "walk-forwards")
  yield* lockFolder(folders, id)
  const folder = yield* options.resume ? Folder.resume(folders, id, file) : Folder.begin(folders, id, file)
  const table = new SegmentTable()
  for (const { index, segments } of folder.kept) for (const segment of segments) table.put(index, segment)
  const resumed = table.done
  const whole = wholeOf(plan)
  const { flush, keep } = yield* keeper(prepared, { folder, table, whole })

  const first = firstAsks(plan)
  const left = (index: number, asks: ReadonlyArray<SegmentAsk>): ReadonlyArray<SegmentAsk> =>
    asks
      .filter((ask) => !table.has(index, ask))
      .map((ask) => (isSame(ask, whole) ? { ...ask, returns: true } : ask))
  /** Those of the chosen points, and the one of hindsight, come to these. */
  const total = points.length * first.length + windows.length + 1
  let done = Math.min(resumed, points.length * first.length)
  const play = yield* playerOf(prepared, options, (task, played) =>
    Effect.gen(function* () {
      yield* keep(task, played)
      done = Math.min(total, done + task.segments.length)
      yield* options.onProgress({ done, points: total })
    })
  )

  /** Whether a strategy of a file may be played on its signal rule: it has to be the engine's at these points, on some windows. */
  const agrees = Effect.fnUntraced(function* () {
    const compared = comparedPoints(sweep)
    const some = spread(windows, MOST_COMPARED_VALUES)
    const spans = [whole, ...some.map(({ train }) => train), ...some.map(({ test }) => test)]
    const wanted = first.filter((ask) => spans.some((span) => isSame(span, ask)))
    yield* play(
      tasksOf((index) => (compared.has(index) ? left(index, wanted) : []), plan, "both"),
      "both"
    )
    return [...compared].every((index) => wanted.every((ask) => table.of(index, ask)?.engine === "vector"))
  })

  const work = Effect.gen(function* () {
    const isOn = why === undefined && (algorithm.kind === "built-in" || (yield* agrees()))
    const mode: SweepMode = isOn ? "vector" : "event"
    yield* play(
      tasksOf((index) => left(index, first), plan, mode),
      mode
    )
    const second = secondAsks(plan, table)
    yield* play(
      tasksOf((index) => left(index, second.get(index) ?? []), plan, mode),
      mode
    )
    yield* options.onProgress({ done: total, points: total })
    return mode
  })
  const mode = yield* work.pipe(
    // What was played before it was stopped, or went wrong, is kept.
    Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Effect.ignore(flush)))
  )
  yield* flush

  const [broken] = table.failures
  const walked = yield* Effect.fromResult(walkedOf(plan, table)).pipe(
    Effect.mapError((error) =>
      broken === undefined
        ? error
        : new BadRequest({
            message: `${error.message}. ${table.failures.length} segments failed: ${broken.failure.message}`
          })
    )
  )
  const now = yield* Clock.currentTimeMillis
  const ledger = yield* TrialLedger
  yield* ledger.record([stitchedTrial(prepared, walked.walk, now)])
  yield* (yield* EvidenceStore).put(walkForwardEvidence(prepared, walked.walk, now))
  const { dataset } = sweep.sweep.inputs.data
  const counted = (yield* ledger.datasets).find((one) => one.dataset === dataset)
  const finished: FinishedWalkForward = {
    ...walked,
    plan,
    benchmark: benchmarkReturns(prepared, outOfSample(plan)),
    trials: counted?.trials ?? 0,
    resumed,
    whyEngine: signal === undefined || mode === "vector" ? undefined : (why ?? rulesDiffer),
    failed: table.failures
  }
  return finished
}, Effect.scoped)
