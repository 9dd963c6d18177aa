/**
 * Points of a sweep, or segments of points, on several threads. Each worker takes
 * chunks of tasks from one list until none is left; what comes of a task is a
 * function of the task alone, so neither their number nor their order changes it.
 */
import { Effect, Option, type Scope, Semaphore } from "effect"
import type { BacktestFailure } from "../../../backtest/BacktestResult.ts"
import type { Objective } from "../../../backtest/robustness/walkforward/Objectives.ts"
import type { PlayedSegments } from "../../../backtest/SegmentPlayer.ts"
import type { PlayedPoint } from "../../../backtest/SweepPlayer.ts"
import { type BacktestWorker, startWorker, WorkerDied } from "./BacktestWorker.ts"
import type { Order, PointTask, Report, SegmentTask, SweepJob } from "./Messages.ts"

interface ThreadOptions {
  readonly workers: number
  /** A task that takes longer is given up, and its worker with it. */
  readonly pointLimitMillis: number
  /** A worker's program; the tests' own. */
  readonly entry?: string
}

export interface PoolOptions<E, R> extends ThreadOptions {
  /** Told of each point when it is done, one at a time, in no order. */
  readonly onPoint: (played: PlayedPoint) => Effect.Effect<void, E, R>
}

export interface SegmentPoolOptions<E, R> extends ThreadOptions {
  readonly objective: Objective
  /** Told of each task when it is done, one at a time, in no order. */
  readonly onSegments: (task: SegmentTask, played: PlayedSegments) => Effect.Effect<void, E, R>
}

/** A kind of work that workers do. */
interface Kind<Task, Answer> {
  readonly order: (tasks: ReadonlyArray<Task>) => Order
  /** What a report says; undefined where it is of something else. */
  readonly answer: (report: Report) => Answer | undefined
  readonly failed: (task: Task, failure: BacktestFailure) => Answer
}

/** One kind of work on several threads. */
interface Work<Task, Answer, E, R> extends ThreadOptions {
  readonly kind: Kind<Task, Answer>
  readonly onAnswer: (task: Task, answer: Answer) => Effect.Effect<void, E, R>
}

/** Points a worker takes at most at once: what is on its way when it is stopped is lost. */
const MOST_AT_ONCE = 32

/** Chunks get smaller towards the end, so that no worker is left alone with a long one. */
const chunkOf = (left: number, workers: number): number =>
  Math.min(MOST_AT_ONCE, Math.max(1, Math.floor(left / (2 * workers))))

/** How long a worker may take to load the strategy, however little a point may take. */
const LONGEST_START_MILLIS = 60_000

const seconds = (millis: number): string => `${Number((millis / 1000).toFixed(1))} s`

/** Of a task whose worker did not answer in time, as far as the heartbeat tells. */
const outOfTime = ({ heartbeat }: BacktestWorker, limitMillis: number): BacktestFailure => {
  const last = heartbeat.last()
  const where = last === undefined ? "before its first bar" : `at bar ${last.bar}, ${last.at}`
  return {
    kind: "time-limit",
    message: `the strategy had not come back after ${seconds(limitMillis)} ${where}`,
    ...last
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
const playChunk = <Task, Answer, E, R>(
  worker: BacktestWorker,
  chunk: ReadonlyArray<Task>,
  { kind, onAnswer, pointLimitMillis }: Work<Task, Answer, E, R>
): Effect.Effect<ReadonlyArray<Task> | undefined, E | WorkerDied, R> =>
  Effect.gen(function* () {
    worker.send(kind.order(chunk))
    for (const [at, task] of chunk.entries()) {
      const report = yield* Effect.timeoutOption(worker.next, pointLimitMillis)
      if (Option.isNone(report)) {
        yield* onAnswer(task, kind.failed(task, outOfTime(worker, pointLimitMillis)))
        return chunk.slice(at + 1)
      }
      const answer = kind.answer(report.value)
      if (answer === undefined) {
        return yield* new WorkerDied({ message: `a worker answered its tasks with ${report.value._tag}` })
      }
      yield* onAnswer(task, answer)
    }
    return undefined
  })

/** Does all of these tasks; fails with the first thing that goes wrong, and stops every worker. */
const playTasks = <Task, Answer, E, R>(
  job: SweepJob,
  tasks: ReadonlyArray<Task>,
  work: Work<Task, Answer, E, R>
): Effect.Effect<void, E | WorkerDied, R> =>
  Effect.suspend(() => {
    const workers = Math.max(1, Math.min(work.workers, tasks.length))
    const waiting = [...tasks]
    const oneAtATime = Semaphore.makeUnsafe(1)
    const telling: Work<Task, Answer, E, R> = {
      ...work,
      onAnswer: (task, answer) => oneAtATime.withPermits(1)(work.onAnswer(task, answer))
    }
    // One worker's life: to the end of the list, or to a task that it does not come back from.
    const life = Effect.scoped(
      Effect.gen(function* () {
        const worker = yield* readyWorker(job, work.entry)
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

const points: Kind<PointTask, PlayedPoint> = {
  order: (tasks) => ({ _tag: "Points", points: tasks }),
  answer: (report) =>
    report._tag === "Point" ? { point: report.point, returns: report.returns } : undefined,
  failed: (task, failure) => ({ point: { _tag: "Failed", ...task, failure }, returns: undefined })
}

const segments = (objective: Objective): Kind<SegmentTask, PlayedSegments> => ({
  order: (tasks) => ({ _tag: "Segments", objective, tasks }),
  answer: (report) => (report._tag === "Segments" ? report.played : undefined),
  failed: ({ index }, failure) => ({ _tag: "Failed", index, failure })
})

/** Plays all of these points. */
export const playPoints = <E, R>(
  job: SweepJob,
  tasks: ReadonlyArray<PointTask>,
  { onPoint, ...threads }: PoolOptions<E, R>
): Effect.Effect<void, E | WorkerDied, R> =>
  playTasks(job, tasks, { ...threads, kind: points, onAnswer: (_, played) => onPoint(played) })

/** Plays all of these segments. */
export const playSegments = <E, R>(
  job: SweepJob,
  tasks: ReadonlyArray<SegmentTask>,
  { objective, onSegments, ...threads }: SegmentPoolOptions<E, R>
): Effect.Effect<void, E | WorkerDied, R> =>
  playTasks(job, tasks, { ...threads, kind: segments(objective), onAnswer: onSegments })
