/**
 * Paths on several threads. A worker is a few lines of JavaScript in a string, with the compiled module, so that it
 * runs from sources and from a bundle alike; it walks the stretches of paths it is sent. A path is a function of the
 * seed and its number: neither the number of workers nor who walks what changes a bit.
 */
import { Worker } from "node:worker_threads"
import { Effect, Predicate } from "effect"
import type { PathColumns, PathSource } from "../../../backtest/robustness/montecarlo/PathKernel.ts"
import { bootstrapCall, bootstrapModule } from "../../../backtest/robustness/montecarlo/wasm/Bootstrap.ts"

const program = `
const { parentPort, workerData } = require("node:worker_threads")
const { call, halves, module } = workerData
const memory = new WebAssembly.Memory({ initial: call.pages, maximum: call.pages })
const walk = new WebAssembly.Instance(module, { env: { memory } }).exports[call.method]
new Float64Array(memory.buffer, call.table, halves.length).set(halves)
parentPort.on("message", ({ first, paths }) => {
  walk(...call.before, first, 4 * Math.ceil(paths / 4), ...call.after)
  parentPort.postMessage({
    falls: new Float64Array(memory.buffer, call.falls, paths).slice(),
    growths: new Float64Array(memory.buffer, call.growths, paths).slice()
  })
})
`

/** Paths from `first` on. */
export interface Stretch {
  readonly first: number
  readonly paths: number
}

/** A worker's answer; undefined where it has died, and somebody else has to walk the stretch. */
export type StretchWalker = (stretch: Stretch) => Effect.Effect<PathColumns | undefined>

const columnsOf = (answer: unknown): PathColumns | undefined =>
  Predicate.hasProperty(answer, "falls") &&
  Predicate.hasProperty(answer, "growths") &&
  answer.falls instanceof Float64Array &&
  answer.growths instanceof Float64Array
    ? { falls: answer.falls, growths: answer.growths }
    : undefined

/** The thread id of a worker that has ended. */
const ENDED = -1

const walkerOf =
  (worker: Worker): StretchWalker =>
  (stretch) =>
    Effect.callback<PathColumns | undefined>((resume) => {
      if (worker.threadId === ENDED) return resume(Effect.undefined)
      const stop = (): void => {
        worker.off("message", answered)
        worker.off("exit", ended)
      }
      const answered = (answer: unknown): void => {
        stop()
        resume(Effect.succeed(columnsOf(answer)))
      }
      const ended = (): void => {
        stop()
        resume(Effect.undefined)
      }
      worker.on("message", answered)
      worker.on("exit", ended)
      worker.postMessage(stretch, [])
      return Effect.sync(stop)
    })

/** So many workers on one source, stopped when the scope closes; none where there is no WebAssembly. */
export const pathWorkers = Effect.fnUntraced(function* (source: PathSource, count: number) {
  const module = bootstrapModule()
  if (module === undefined) return []
  const workerData = { module, call: bootstrapCall(source), halves: source.halves }
  const start = Effect.sync(() => {
    const worker = new Worker(program, { eval: true, workerData })
    // One that dies is noticed by its exit; an error that nobody hears would end the process.
    worker.on("error", () => {})
    return worker
  })
  return yield* Effect.forEach(Array.from({ length: count }), () =>
    Effect.map(
      Effect.acquireRelease(start, (worker) => Effect.promise(() => worker.terminate())),
      walkerOf
    )
  )
})
