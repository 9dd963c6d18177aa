/**
 * The program of a worker thread: plays points of a sweep, or one whole
 * backtest, for whoever started it (`Messages.ts`).
 */
import { isMainThread, parentPort, workerData } from "node:worker_threads"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { playBacktestJob } from "./BacktestJob.ts"
import { heartbeatOn } from "./Heartbeat.ts"
import { isJob, isOrder, type Order, type Report } from "./Messages.ts"
import { playSweepJob } from "./SweepJob.ts"

const job: unknown = workerData
if (isMainThread || parentPort === null || !isJob(job)) {
  throw new Error("this program is started by another, with what it has to do")
}

const port = parentPort
const report = (message: Report, transferred: ReadonlyArray<ArrayBuffer> = []): void =>
  port.postMessage(message, [...transferred])

/** What comes before somebody listens waits at the port. */
const onOrder = (listener: (order: Order) => void): void => {
  port.on("message", (message: unknown) => {
    if (isOrder(message)) listener(message)
  })
}

const { beat } = heartbeatOn(job.heartbeat)
const work =
  job._tag === "Sweep"
    ? playSweepJob(job, { report, onOrder, beat })
    : playBacktestJob(job, { report, onOrder, beat })

// Whatever goes wrong beyond what is reported is not caught: it ends the thread, with its cause.
void Effect.runPromise(Effect.provide(work, NodeServices.layer)).then(() => port.close())
