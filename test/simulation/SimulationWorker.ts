/**
 * A process that simulates some seeds and prints one JSON line for each:
 * `node SimulationWorker.ts FIRST STRIDE COUNT STEPS`.
 */
import { openWorkshop, simulate } from "./Simulation.ts"

const [first, stride, count, steps] = process.argv.slice(2).map(Number)
if (first === undefined || stride === undefined || count === undefined || steps === undefined)
  throw new Error("a worker is told its first seed, its stride, how many seeds and how many steps")
const workshop = await openWorkshop()
for (let at = 0; at < count; at++) {
  process.stdout.write(`${JSON.stringify(simulate(workshop, { seed: first + at * stride, steps }))}\n`)
}
await workshop.close()
