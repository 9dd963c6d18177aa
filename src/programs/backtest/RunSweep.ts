/**
 * Plays a sweep: every point is a trial in the ledger, and a line in the
 * sweep's folder, as soon as it is done. What is there stays when it is
 * interrupted, and `resume` goes on from it.
 */
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { Clock, Effect, Exit, Option } from "effect"
import { backtestId } from "../../backtest/BacktestId.ts"
import type { Tape } from "../../backtest/engine/Tape.ts"
import { inputsAt, type Sweep, type SweepFile, type SweepPoint } from "../../backtest/Sweep.ts"
import { type PlayedPoint, type SweepMode, sweepPlayer } from "../../backtest/SweepPlayer.ts"
import { type NewTrial, TrialLedger } from "../../backtest/TrialLedger.ts"
import { whyEngine } from "../../backtest/vector/Eligibility.ts"
import { cutWarmUp } from "../../backtest/WarmUpCut.ts"
import type { Strategy } from "../../session/Strategy.ts"
import { warmUpOf } from "./BacktestTape.ts"
import { lockFolder } from "./FolderLock.ts"
import type { BoundPoint, PreparedSweep } from "./PrepareSweep.ts"
import * as SweepFolder from "./SweepFolder.ts"
import { eventPlayer } from "./worker/EventPlayer.ts"
import type { SweepJob } from "./worker/Messages.ts"
import { sharedTape } from "./worker/SharedTape.ts"
import { playPoints } from "./worker/SweepPool.ts"

/** How far a sweep is. */
export interface SweepProgress {
  /** Points that are done, those of an earlier try among them. */
  readonly done: number
  readonly points: number
}

export interface SweepOptions {
  /** The folder of all backtests. */
  readonly backtests: string
  /** Threads; as many as there are cores unless given. */
  readonly workers: Option.Option<number>
  /** A point that takes longer has failed. */
  readonly pointLimitMillis: number
  /** Goes on with the points that are there. */
  readonly resume: boolean
  readonly onProgress: (progress: SweepProgress) => Effect.Effect<void>
}

export interface FinishedSweep {
  readonly sweep: Sweep
  /** Points that an earlier try had played. */
  readonly resumed: number
  /** Why the event engine played, where the strategy has a signal rule; undefined where it did not have to. */
  readonly whyEngine: string | undefined
}

/** Points kept together: a transaction of the ledger and a write of the folder. */
export const POINTS_AT_ONCE = 64

/** Bars of all points together that the loop over columns plays on the calling thread: some tenths of a second. */
export const BARS_OF_ONE_THREAD = 20_000_000

/** Values of one parameter that are among the compared points. */
export const MOST_COMPARED_VALUES = 12

/** So many of them, evenly spaced, the first and the last among them. */
export const spread = <A>(values: ReadonlyArray<A>, most: number): ReadonlyArray<A> =>
  values.length <= most
    ? values
    : Array.from({ length: most }, (_, i) => i)
        .map((i) => Math.round((i * (values.length - 1)) / (most - 1)))
        .flatMap((at) => values.slice(at, at + 1))

/**
 * Points of a strategy in a file that both ways have to agree on before the
 * faster one is taken: the first, the middle and the last, and others until
 * every parameter has been compared at values from its first to its last.
 */
export const comparedPoints = ({
  grid,
  points
}: Pick<PreparedSweep, "grid" | "points">): ReadonlySet<number> => {
  const at = new Set([0, Math.floor(points.length / 2), points.length - 1])
  const compared = points.filter((_, i) => at.has(i))
  for (const { parameter, values } of grid) {
    for (const value of spread(values, MOST_COMPARED_VALUES)) {
      const isOf = (point: BoundPoint): boolean => point.values[parameter] === value
      const found = compared.some(isOf) ? undefined : points.find(isOf)
      if (found !== undefined) compared.push(found)
    }
  }
  return new Set(compared.map(({ index }) => index))
}

/** Kept at least this often while points come slowly. */
export const KEPT_EVERY_MILLIS = 1000

/** The trial of a point that came to its end. */
export const trialOf = (
  sweep: SweepFile,
  { strategy, values }: BoundPoint,
  dataHash: string,
  {
    ranAt,
    returns,
    source = "sensitivity"
  }: { readonly ranAt: number; readonly returns: Float64Array; readonly source?: string }
): NewTrial => {
  const inputs = inputsAt(sweep.inputs, values)
  const { algorithm, data, engine, profile } = inputs
  // As a backtest of its own would have them: every parameter, and the bars that it would load.
  const own = {
    ...inputs,
    algorithm: { ...algorithm, parameters: strategy.parameters },
    data: { ...data, dataHash }
  }
  return {
    id: backtestId(own),
    dataset: data.dataset,
    dataHash,
    from: data.from,
    to: data.to,
    algorithm: algorithm.name,
    codeHash: algorithm.codeHash,
    parameters: strategy.parameters,
    profile: profile.name,
    engine: engine.name,
    source,
    ranAt,
    returns
  }
}

/** The data's hash for a point, by its warm-up. */
export const hashes = (tape: Tape) => {
  const known = new Map<number, string>()
  return (strategy: Strategy): string => {
    const warmUp = warmUpOf(strategy)
    const hash = known.get(warmUp) ?? cutWarmUp(tape, warmUp).dataHash
    known.set(warmUp, hash)
    return hash
  }
}

/** Keeps points as they come, several at a time: in the ledger first, then in the folder. */
const keeper = (
  prepared: PreparedSweep,
  folder: SweepFolder.SweepFolder,
  onProgress: SweepOptions["onProgress"]
) =>
  Effect.gen(function* () {
    const ledger = yield* TrialLedger
    const bound = new Map(prepared.points.map((point) => [point.index, point]))
    const hashOf = hashes(prepared.tape)
    const points: Array<SweepPoint> = [...folder.points]
    const waiting: Array<PlayedPoint> = []
    let keptAt = yield* Clock.currentTimeMillis

    const trialsOf = ({ point, returns }: PlayedPoint, ranAt: number): ReadonlyArray<NewTrial> => {
      const of = bound.get(point.index)
      return of === undefined || returns === undefined
        ? []
        : [trialOf(prepared.sweep, of, hashOf(of.strategy), { ranAt, returns })]
    }
    const flush = Effect.uninterruptible(
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const taken = waiting.splice(0)
        if (taken.length === 0) return
        const trials = taken.flatMap((played) => trialsOf(played, now))
        if (trials.length > 0) yield* ledger.record(trials)
        yield* folder.add(taken.map(({ point }) => point))
        keptAt = now
      })
    )
    const keep = Effect.fnUntraced(function* (played: PlayedPoint) {
      waiting.push(played)
      points.push(played.point)
      yield* onProgress({ done: points.length, points: bound.size })
      const now = yield* Clock.currentTimeMillis
      if (waiting.length >= POINTS_AT_ONCE || now - keptAt >= KEPT_EVERY_MILLIS) yield* flush
    })
    return { keep, flush, points }
  })

/** Why the engine played a strategy that has a signal rule and could have been played on it. */
export const rulesDiffer = "the signal rule and the engine did not agree at the points that were compared"

/** Plays what is left of the points of a sweep. */
const playAll = Effect.fnUntraced(function* <E, R>(
  prepared: PreparedSweep,
  { left, there }: { readonly left: ReadonlyArray<BoundPoint>; readonly there: ReadonlyArray<SweepPoint> },
  { pointLimitMillis, workers }: SweepOptions,
  keep: (played: PlayedPoint) => Effect.Effect<void, E, R>
) {
  const { algorithm, file, sweep, tape } = prepared
  const { models, profile } = sweep.inputs
  const { signal } = algorithm.definition
  const threads = Option.getOrElse(workers, () => availableParallelism())
  const shared = sharedTape(tape)

  const inPool = (
    points: ReadonlyArray<BoundPoint>,
    mode: SweepMode,
    tell: (played: PlayedPoint) => void = () => undefined
  ) => {
    const { folder, market, project } = file
    const job: SweepJob = { _tag: "Sweep", inputs: sweep.inputs, tape: shared, mode, market, folder, project }
    const tasks = points.map(({ index, values }) => ({ index, values }))
    return playPoints(job, tasks, {
      workers: threads,
      pointLimitMillis,
      onPoint: (played) =>
        Effect.andThen(
          Effect.sync(() => tell(played)),
          keep(played)
        )
    })
  }

  const why = whyEngine({ signal, tape, profile, models })
  const quick = left.length * Math.max(0, ...tape.tracks.map(({ bars }) => bars.length))
  if (why !== undefined) {
    yield* inPool(left, "event")
    return signal === undefined ? undefined : why
  }
  if (algorithm.kind === "built-in" && quick <= BARS_OF_ONE_THREAD) {
    const playEvent = yield* eventPlayer(file)
    const { play } = sweepPlayer({
      definition: algorithm.definition,
      tape,
      inputs: sweep.inputs,
      mode: "vector",
      playEvent
    })
    for (const { index, values } of left) yield* Effect.flatMap(play(index, values), keep)
    return undefined
  }
  if (algorithm.kind === "built-in") {
    yield* inPool(left, "vector")
    return undefined
  }
  // The same points whatever an earlier try has left: the choice is of the sweep, not of what is there.
  const compared = comparedPoints(prepared)
  const agreed = new Set<number>()
  const compare = (point: SweepPoint): void => {
    // One at which either of the two failed has shown nothing of the other.
    if (point._tag === "Done" && point.engine === "vector") agreed.add(point.index)
  }
  for (const point of there) compare(point)
  yield* inPool(
    left.filter(({ index }) => compared.has(index)),
    "both",
    ({ point }) => compare(point)
  )
  const agrees = [...compared].every((index) => agreed.has(index))
  yield* inPool(
    left.filter(({ index }) => !compared.has(index)),
    agrees ? "vector" : "event"
  )
  return agrees ? undefined : rulesDiffer
})

const byIndex = (a: SweepPoint, b: SweepPoint): number => a.index - b.index

/** From what was prepared to every point of the grid; nobody else plays the same meanwhile. */
export const runSweep = Effect.fn("runSweep")(function* (prepared: PreparedSweep, options: SweepOptions) {
  const sweeps = join(options.backtests, "sweeps")
  const { grid, id, refused, sweep } = prepared
  yield* lockFolder(sweeps, id)
  const folder = yield* options.resume
    ? SweepFolder.resume(sweeps, id, sweep)
    : SweepFolder.begin(sweeps, id, sweep)
  const { flush, keep, points } = yield* keeper(prepared, folder, options.onProgress)
  const isThere = new Set(folder.points.map(({ index }) => index))
  const left = prepared.points.filter(({ index }) => !isThere.has(index))
  const why = yield* playAll(prepared, { left, there: folder.points }, options, keep).pipe(
    // What was played before it was stopped, or went wrong, is kept.
    Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Effect.ignore(flush)))
  )
  yield* flush
  const { datasets } = yield* TrialLedger
  const { dataset } = sweep.inputs.data
  const counted = (yield* datasets).find((one) => one.dataset === dataset)
  const finished: FinishedSweep = {
    sweep: {
      id,
      inputs: sweep.inputs,
      grid,
      sample: sweep.sample,
      points: [...points, ...refused].toSorted(byIndex),
      trials: counted?.trials ?? 0
    },
    resumed: folder.points.length,
    whyEngine: why
  }
  return finished
}, Effect.scoped)
