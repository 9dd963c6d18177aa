/** A worker thread of this program, as whoever started it has it. */
import { basename, join } from "node:path"
import { Worker } from "node:worker_threads"
import { Cause, Effect, Queue, Schema, type Scope } from "effect"
import { type Heartbeat, heartbeatOn } from "./Heartbeat.ts"
import { type BacktestJob, isReport, type Order, type Report, type SweepJob } from "./Messages.ts"

/** A worker ended, or could not begin, without having said all it was asked for. */
export class WorkerDied extends Schema.TaggedError<WorkerDied>()("WorkerDied", {
  message: Schema.String
}) {}

export interface BacktestWorker {
  readonly heartbeat: Heartbeat
  readonly send: (order: Order) => void
  /** The next thing it says; fails once it has said all and is gone. */
  readonly next: Effect.Effect<Report, WorkerDied>
}

const isSource = basename(import.meta.filename) === "BacktestWorker.ts"

/** This file as it stands, or the bundle beside the one that this code is in. */
const entry = join(import.meta.dirname, isSource ? "worker.ts" : "backtestWorker.cjs")

/** Where Node keeps what it has compiled of them: a thread then starts in a third of the time. */
const compiled = isSource
  ? join(import.meta.dirname, "../../../../node_modules/.cache/plimsoll-worker")
  : join(import.meta.dirname, "cache")

/** A thread does not take over its process's compile cache: it opens the same before its program. */
const opensCache = `data:text/javascript,${encodeURIComponent(
  `import { enableCompileCache } from "node:module"; enableCompileCache(${JSON.stringify(compiled)})`
)}`

/** An order leaves some tens of kB of garbage: with room for thousands of them the collector seldom looks. */
const YOUNG_GENERATION_MB = 96

const causeOf = (cause: unknown): string =>
  cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)

const start = (
  job: SweepJob | BacktestJob,
  file: string
): Effect.Effect<readonly [Worker, BacktestWorker], WorkerDied> =>
  Effect.gen(function* () {
    const heartbeat = heartbeatOn()
    const reports = yield* Queue.unbounded<Report, WorkerDied>()
    const died = (message: string): void => {
      Queue.failCauseUnsafe(reports, Cause.fail(new WorkerDied({ message })))
    }
    const worker = yield* Effect.try({
      try: () =>
        new Worker(file, {
          workerData: { ...job, heartbeat: heartbeat.memory },
          execArgv: ["--disable-warning=ExperimentalWarning", "--import", opensCache],
          resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
          // Results are printed on standard output, and nothing else is.
          stdout: true
        }),
      catch: (cause) => new WorkerDied({ message: `a worker cannot be started: ${causeOf(cause)}` })
    })
    worker.stdout.on("data", (text: Uint8Array) => process.stderr.write(text))
    worker.on("message", (message: unknown) => {
      if (isReport(message)) Queue.offerUnsafe(reports, message)
    })
    worker.on("messageerror", (cause) => died(`a worker's message cannot be read: ${causeOf(cause)}`))
    worker.on("error", (cause) => died(`a worker has died: ${causeOf(cause)}`))
    // Comes after what it said and what it died of.
    worker.on("exit", (code) => died(`a worker has ended with exit code ${code} before its work was done`))
    return [
      worker,
      {
        heartbeat,
        send: (order: Order) => worker.postMessage(order, []),
        next: Queue.take(reports)
      }
    ] as const
  })

/** Starts one on a job; it is stopped, whatever it is doing, when the scope closes. `file` is its program: the tests' own. */
export const startWorker = (
  job: SweepJob | BacktestJob,
  file: string = entry
): Effect.Effect<BacktestWorker, WorkerDied, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(start(job, file), ([worker]) => Effect.promise(() => worker.terminate())),
    ([, started]) => started
  )
