/**
 * Batches on several threads: workers on the memory of the batch, which take ranges of rows from each other until none
 * is left.
 *
 * A worker is a few lines of JavaScript in a string, and the compiled module: it runs from sources and from a bundle
 * alike. It takes tens of milliseconds to start, so that a pool pays for several batches, or for one of millions.
 */
import { Worker } from "node:worker_threads"
import { Effect, type Scope } from "effect"
import { type BatchSummary, evaluate, finish, type OptionBatch } from "./BlackScholesBatch.ts"
import { kernelModule } from "./kernels/wasm/Kernels.ts"

/** Batches of up to so many rows are done on the calling thread, which does them in some tens of milliseconds. */
export const MAX_ROWS_OF_ONE_THREAD = 1_000_000

/** Rows a worker takes at once. */
const ROWS_AT_ONCE = 16_384

/** What the pool is asked to do: rows of one memory, the next of which is counted in `next`. */
interface Task {
  readonly id: number
  readonly memory: WebAssembly.Memory
  readonly base: number
  readonly stride: number
  readonly rows: number
  readonly rowsAtOnce: number
  readonly next: Int32Array
}

const source = `
const { parentPort, workerData } = require("node:worker_threads")
parentPort.on("message", ({ id, memory, base, stride, rows, rowsAtOnce, next }) => {
  const { blackScholes } = new WebAssembly.Instance(workerData, { env: { memory } }).exports
  for (;;) {
    const from = Atomics.add(next, 0, rowsAtOnce)
    if (from >= rows) break
    blackScholes(base, stride, from, Math.min(from + rowsAtOnce, rows))
  }
  parentPort.postMessage(id)
})
`

/** The thread id of a worker that has ended. */
const ENDED = -1

/** Ends when the worker has nothing left to take, or has died: the rows it had taken are then still to be done. */
const work = (worker: Worker, task: Task): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const stop = (): void => {
      worker.off("message", answered)
      worker.off("exit", end)
      worker.unref()
    }
    const end = (): void => {
      stop()
      resume(Effect.void)
    }
    // The answer to an earlier task comes late where that was interrupted.
    const answered = (id: unknown): void => {
      if (id === task.id) end()
    }
    if (worker.threadId === ENDED) return resume(Effect.void)
    worker.on("message", answered)
    worker.on("exit", end)
    worker.ref()
    worker.postMessage(task, [])
    return Effect.sync(stop)
  })

export interface BatchWorkers {
  /** As `evaluate`; for more than MAX_ROWS_OF_ONE_THREAD rows on the workers. */
  readonly evaluate: (batch: OptionBatch) => Effect.Effect<BatchSummary>
}

/** So many workers, stopped when the scope closes. Without WebAssembly there are none, and the caller does all. */
export const batchWorkers = (count = 2): Effect.Effect<BatchWorkers, never, Scope.Scope> =>
  Effect.gen(function* () {
    const module = kernelModule()
    if (module === undefined) return { evaluate: (batch) => Effect.sync(() => evaluate(batch)) }
    const start = Effect.sync(() => {
      const worker = new Worker(source, { eval: true, workerData: module })
      // One that dies is noticed by its exit; an error that nobody hears would end the process.
      worker.on("error", () => {})
      worker.unref()
      return worker
    })
    const workers = yield* Effect.forEach(Array.from({ length: count }), () =>
      Effect.acquireRelease(start, (worker) => Effect.promise(() => worker.terminate()))
    )
    let tasks = 0
    return {
      evaluate: (batch) => {
        const { memory, rows } = batch
        if (memory === undefined || rows <= MAX_ROWS_OF_ONE_THREAD) return Effect.sync(() => evaluate(batch))
        return Effect.suspend(() => {
          memory.marks.fill(0)
          const task: Task = {
            id: tasks++,
            memory: memory.memory,
            base: memory.base,
            stride: memory.stride,
            rows,
            rowsAtOnce: ROWS_AT_ONCE,
            next: new Int32Array(new SharedArrayBuffer(4))
          }
          const all = Effect.forEach(workers, (worker) => work(worker, task), {
            concurrency: "unbounded",
            discard: true
          })
          return Effect.map(all, () => finish(batch, memory.marks))
        })
      }
    }
  })
