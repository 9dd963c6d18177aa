/** A thread that simulates the seeds it is told to, one after the other. */
import { parentPort, workerData } from "node:worker_threads"
import { openWorkshop, simulate } from "./Simulation.ts"

export interface Task {
  readonly seeds: ReadonlyArray<number>
  readonly steps: number
}

const isTask = (data: unknown): data is Task =>
  typeof data === "object" && data !== null && "seeds" in data && Array.isArray(data.seeds)

const data: unknown = workerData
if (!isTask(data)) throw new Error("a worker is told its seeds")
const workshop = await openWorkshop()
for (const seed of data.seeds) parentPort?.postMessage(simulate(workshop, { seed, steps: data.steps }))
await workshop.close()
