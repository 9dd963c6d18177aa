/** Stands in for a worker's program: does with each point what its value `act` says. */
import { parentPort, workerData } from "node:worker_threads"
import { heartbeatOn } from "../../../src/programs/backtest/worker/Heartbeat.ts"
import { isJob, isOrder, type Report } from "../../../src/programs/backtest/worker/Messages.ts"

const job: unknown = workerData
if (!isJob(job) || job._tag !== "Sweep" || parentPort === null) throw new Error("no job")
const port = parentPort
const { beat } = heartbeatOn(job.heartbeat)
const report = (message: Report): void => port.postMessage(message, [])

const acts: Readonly<Record<string, () => void>> = {
  play: () => {},
  throw: () => {
    throw new TypeError("nothing to divide by")
  },
  exit: () => {
    process.exit(7)
  },
  hang: () => {
    beat(42, Date.UTC(2020, 0, 2, 21) * 1000)
    for (;;);
  },
  log: () => {
    console.log("from a strategy")
  }
}

port.on("message", (order: unknown) => {
  if (!isOrder(order) || order._tag !== "Points") return
  for (const { index, values } of order.points) {
    acts[String(values["act"])]?.()
    const figures = { totalReturn: index, entries: index, exits: 0, sharpe: null, maxDrawdown: 0 }
    report({
      _tag: "Point",
      point: { _tag: "Done", index, values, engine: "event", figures },
      returns: Float64Array.of(index)
    })
  }
})
report(
  job.project === "/unusable" ? { _tag: "Unusable", message: "there is no such strategy" } : { _tag: "Ready" }
)
