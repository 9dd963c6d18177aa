/**
 * Simulations of the desk from fresh seeds; see docs/adr/0019-the-simulator.md.
 *
 *   npm run soak -- simulate --seeds=20000
 *   npm run soak -- simulate --seed=42 --seeds=1 --trace     what happened in one of them, all of it
 *   npm run soak -- simulate --seed=42 --seeds=1 --steps=17  the same, cut short
 */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { openWorkshop, simulate, type SimulationResult } from "../test/simulation/Simulation.ts"
import { makeProgress, report, soakFlags } from "./Soak.ts"

const WORKERS = 2
/** Of so many failures the shortest run that still fails is looked for. */
const SHORTENED = 3

const flags = soakFlags([
  ["seeds", { short: 300, full: 20_000 }],
  // 0: as many as the seed says.
  ["steps", { short: 0, full: 0 }]
])
const count = flags.counts.get("seeds") ?? 0
const steps = flags.counts.get("steps") ?? 0
const seeds = Array.from({ length: count }, (_, index) => flags.seed + index)
const isTraced = process.argv.includes("--trace")

const progress = makeProgress("simulate")
const results = new Map<number, SimulationResult>()
const took = (result: SimulationResult): void => {
  results.set(result.seed, result)
  progress(results.size, count, `seeds from ${flags.seed}`)
}

/** Simulated processes die with their files open: what they leave goes with the worker, after so many seeds. */
const SEEDS_A_WORKER = 2000

/** A process of its own for `own` seeds from `first` on, every `WORKERS`th. */
const inWorker = async (first: number, own: number): Promise<void> => {
  const worker = spawn(
    process.execPath,
    [
      join(import.meta.dirname, "../test/simulation/SimulationWorker.ts"),
      ...[first, WORKERS, own, steps].map(String)
    ],
    { stdio: ["ignore", "pipe", "inherit"] }
  )
  for await (const line of createInterface({ input: worker.stdout })) {
    const result: SimulationResult = JSON.parse(line)
    took(result)
  }
}

/** Side by side, taking turns at the seeds. */
const inWorkers = (): Promise<ReadonlyArray<void>> =>
  Promise.all(
    Array.from({ length: WORKERS }, async (_, index) => {
      const own = Math.ceil((count - index) / WORKERS)
      for (let done = 0; done < own; done += SEEDS_A_WORKER)
        await inWorker(flags.seed + index + done * WORKERS, Math.min(SEEDS_A_WORKER, own - done))
    })
  )

const started = performance.now()
const workshop = await openWorkshop()
if (count >= 2 * WORKERS && !isTraced) await inWorkers()
else for (const seed of seeds) took(simulate(workshop, { seed, steps, isTraced }))
const seconds = (performance.now() - started) / 1000

/** The fewest steps with which a seed still fails. */
const shortest = ({ figures, seed }: SimulationResult): number => {
  for (let few = 1; few < figures.steps; few++) {
    if (simulate(workshop, { seed, steps: few }).problems.length > 0) return few
  }
  return figures.steps
}

const inOrder = seeds.flatMap((seed) => results.get(seed) ?? [])
if (isTraced) for (const { trace } of inOrder) process.stderr.write(`${trace.join("\n")}\n`)
const failed = inOrder.filter(({ problems }) => problems.length > 0)
const failures = failed.map((result, index) => {
  const few = index < SHORTENED ? shortest(result) : result.figures.steps
  if (index < SHORTENED && !isTraced) process.stderr.write(`${result.trace.slice(-25).join("\n")}\n`)
  const again = `npm run soak -- simulate --seed=${result.seed} --seeds=1 --steps=${few} --trace`
  return `seed ${result.seed}: ${result.problems[0]} (again: ${again})`
})
if (results.size < count) failures.push(`${count - results.size} seeds were not simulated`)
await workshop.close()

const sum = (figure: keyof SimulationResult["figures"]): number =>
  inOrder.reduce((total, { figures }) => total + figures[figure], 0)
const hash = createHash("sha256")
for (const result of inOrder) hash.update(result.hash)

report(
  {
    name: "simulate",
    seed: flags.seed,
    done: { seeds: results.size, steps: sum("steps"), orders: sum("orders"), fills: sum("fills") },
    failures,
    figures: {
      processes_ended: sum("ended"),
      unknown_orders: sum("unknown"),
      corrections: sum("corrections"),
      seeds_a_minute: Math.round((results.size / seconds) * 60),
      hash: hash.digest("hex")
    }
  },
  flags.json
)
