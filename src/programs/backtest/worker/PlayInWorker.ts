/**
 * A whole backtest in a thread of its own: whoever asked for it stays
 * answerable, a strategy that never returns is stopped, and one that ends its
 * process ends its thread alone.
 */
import { Effect, Option, type Scope } from "effect"
import type { BacktestFailure } from "../../../backtest/BacktestResult.ts"
import type { EngineCheckpoint } from "../../../backtest/engine/Engine.ts"
import { EngineFault } from "../../../backtest/engine/EngineFault.ts"
import type { BacktestProgress } from "../../../backtest/engine/PlayBacktest.ts"
import type { Played } from "../../../backtest/Played.ts"
import type { BacktestFile } from "../BacktestFile.ts"
import { type BacktestWorker, startWorker, type WorkerDied } from "./BacktestWorker.ts"

export interface WorkerRequest {
  readonly file: BacktestFile
  /** Goes on from where an earlier try was interrupted. */
  readonly resume?: EngineCheckpoint
}

export interface WorkerOptions {
  readonly onProgress: (progress: BacktestProgress) => Effect.Effect<void>
  /** Where an interruption leaves it; not told where the strategy does not come back. */
  readonly onCheckpoint: (checkpoint: EngineCheckpoint) => Effect.Effect<void>
  /** From its start on, the loading of prices included. */
  readonly timeLimitMillis: number
  /** A worker's program; the tests' own. */
  readonly entry?: string
}

/** How long a worker that is told to stop may take to say where it is. */
const LONGEST_STOP_MILLIS = 5000

const fault = (failure: BacktestFailure): EngineFault =>
  new EngineFault({ failure, message: failure.message })

const ofDeath = ({ message }: WorkerDied, { heartbeat }: Pick<BacktestWorker, "heartbeat">): EngineFault =>
  fault({ kind: "threw", message, ...heartbeat.last() })

const seconds = (millis: number): string => `${Number((millis / 1000).toFixed(1))} s`

const ofLimit = ({ heartbeat }: BacktestWorker, limitMillis: number): EngineFault => {
  const last = heartbeat.last()
  const where =
    last === undefined
      ? "no bar had been played"
      : `the last one it decided on was bar ${last.bar}, ${last.at}`
  const message = `it was not done after its time limit of ${seconds(limitMillis)}; ${where}`
  return fault({ kind: "time-limit", message, ...last })
}

/** What it says until it is done. */
const listen = (
  worker: BacktestWorker,
  onProgress: WorkerOptions["onProgress"]
): Effect.Effect<Played, EngineFault> =>
  Effect.gen(function* () {
    while (true) {
      const report = yield* Effect.mapError(worker.next, (death) => ofDeath(death, worker))
      switch (report._tag) {
        case "Progress":
          yield* onProgress(report.progress)
          break
        case "Finished":
          return report.played
        case "Failed":
          return yield* fault(report.failure)
        case "Unusable":
          return yield* fault({ kind: "bad-data", message: report.message })
        case "Ready":
        case "Point":
        case "Segments":
        case "Stopped":
          return yield* Effect.die(`a worker that plays a backtest said ${report._tag}`)
      }
    }
  })

/** Asks where it is, and waits for the answer a while. */
const stop = (worker: BacktestWorker, onCheckpoint: WorkerOptions["onCheckpoint"]): Effect.Effect<void> =>
  Effect.gen(function* () {
    worker.send({ _tag: "Stop" })
    while (true) {
      const report = yield* worker.next
      if (report._tag === "Progress") continue
      if (report._tag === "Stopped" && report.checkpoint !== undefined) yield* onCheckpoint(report.checkpoint)
      return
    }
  }).pipe(Effect.timeoutOption(LONGEST_STOP_MILLIS), Effect.ignore)

const started = (
  { file, resume }: WorkerRequest,
  { entry }: WorkerOptions
): Effect.Effect<BacktestWorker, EngineFault, Scope.Scope> =>
  Effect.mapError(startWorker({ _tag: "Backtest", file, resume }, entry), ({ message }) =>
    fault({ kind: "threw", message })
  )

/** Plays it; interrupted it stops the worker, and tells where it was. */
export const playInWorker = (
  request: WorkerRequest,
  options: WorkerOptions
): Effect.Effect<Played, EngineFault> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { onCheckpoint, onProgress, timeLimitMillis } = options
      const worker = yield* started(request, options)
      const played = yield* listen(worker, onProgress).pipe(
        Effect.timeoutOption(timeLimitMillis),
        Effect.onInterrupt(() => stop(worker, onCheckpoint))
      )
      if (Option.isSome(played)) return played.value
      return yield* ofLimit(worker, timeLimitMillis)
    })
  )
