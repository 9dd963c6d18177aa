/**
 * Points of a sweep on several threads. Each worker takes chunks of points from
 * one list until none is left; a point's result is a function of the point
 * alone, so neither their number nor their order changes it.
 */
import { Effect, Option, type Scope, Semaphore } from "effect"
import type { PlayedPoint } from "../../../backtest/SweepPlayer.ts"
import { type BacktestWorker, startWorker, WorkerDied } from "./BacktestWorker.ts"
import type { PointTask, SweepJob } from "./Messages.ts"

export interface PoolOptions<E, R> {
  readonly workers: number
  /** A point that takes longer is given up, and its worker with it. */
  readonly pointLimitMillis: number
  /** Told of each point when it is done, one at a time, in no order. */
  readonly onPoint: (played: PlayedPoint) => Effect.Effect<void, E, R>
  /** A worker's program; the tests' own. */
  readonly entry?: string
}

/** Points a worker takes at most at once: what is on its way when it is stopped is lost. */
const MOST_AT_ONCE = 32

/** Chunks get smaller towards the end, so that no worker is left alone with a long one. */
const chunkOf = (left: number, workers: number): number =>
  Math.min(MOST_AT_ONCE, Math.max(1, Math.floor(left / (2 * workers))))

/** How long a worker may take to load the strategy, however little a point may take. */
const LONGEST_START_MILLIS = 60_000

const seconds = (millis: number): string => `${Number((millis / 1000).toFixed(1))} s`

/** A point whose worker did not answer in time, as far as the heartbeat tells. */
const outOfTime = (task: PointTask, { heartbeat }: BacktestWorker, limitMillis: number): PlayedPoint => {
  const last = heartbeat.last()
  const where = last === undefined ? "before its first bar" : `at bar ${last.bar}, ${last.at}`
  return {
    point: {
      _tag: "Failed",
      ...task,
      failure: {
        kind: "time-limit",
        message: `the strategy had not come back after ${seconds(limitMillis)} ${where}`,
        ...last
      }
    },
    returns: undefined
  }
}

/** The worker, once it has all it needs. */
const readyWorker = (
  job: SweepJob,
  entry: string | undefined
): Effect.Effect<BacktestWorker, WorkerDied, Scope.Scope> =>
  Effect.gen(function* () {
    const worker = yield* startWorker(job, entry)
    const report = yield* Effect.timeoutOption(worker.next, LONGEST_START_MILLIS)
    if (Option.isNone(report)) {
      return yield* new WorkerDied({
        message: `a worker had not loaded the strategy after ${seconds(LONGEST_START_MILLIS)}`
      })
    }
    if (report.value._tag === "Ready") return worker
    const { value } = report
    return yield* new WorkerDied({
      message: value._tag === "Unusable" ? value.message : `a worker began with ${value._tag}`
    })
  })

/** Plays a chunk; gives the tasks that are left when one of them took too long. */
const playChunk = <E, R>(
  worker: BacktestWorker,
  chunk: ReadonlyArray<PointTask>,
  { onPoint, pointLimitMillis }: PoolOptions<E, R>
): Effect.Effect<ReadonlyArray<PointTask> | undefined, E | WorkerDied, R> =>
  Effect.gen(function* () {
    worker.send({ _tag: "Points", points: chunk })
    for (const [at, task] of chunk.entries()) {
      const report = yield* Effect.timeoutOption(worker.next, pointLimitMillis)
      if (Option.isNone(report)) {
        yield* onPoint(outOfTime(task, worker, pointLimitMillis))
        return chunk.slice(at + 1)
      }
      if (report.value._tag !== "Point") {
        return yield* new WorkerDied({ message: `a worker answered points with ${report.value._tag}` })
      }
      const { point, returns } = report.value
      yield* onPoint({ point, returns })
    }
    return undefined
  })

/** Plays all of these points; fails with the first thing that goes wrong, and stops every worker. */
export const playPoints = <E, R>(
  job: SweepJob,
  points: ReadonlyArray<PointTask>,
  options: PoolOptions<E, R>
): Effect.Effect<void, E | WorkerDied, R> =>
  Effect.suspend(() => {
    const workers = Math.max(1, Math.min(options.workers, points.length))
    const waiting = [...points]
    const oneAtATime = Semaphore.makeUnsafe(1)
    const telling: PoolOptions<E, R> = {
      ...options,
      onPoint: (played) => oneAtATime.withPermits(1)(options.onPoint(played))
    }
    // One worker's life: to the end of the list, or to a point that it does not come back from.
    const life = Effect.scoped(
      Effect.gen(function* () {
        const worker = yield* readyWorker(job, options.entry)
        while (waiting.length > 0) {
          const left = yield* playChunk(worker, waiting.splice(0, chunkOf(waiting.length, workers)), telling)
          if (left === undefined) continue
          waiting.unshift(...left)
          return
        }
      })
    )
    const lives = Effect.gen(function* () {
      while (waiting.length > 0) yield* life
    })
    return Effect.forEach(Array.from({ length: workers }), () => lives, {
      concurrency: "unbounded",
      discard: true
    })
  })
