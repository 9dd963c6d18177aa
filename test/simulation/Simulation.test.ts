/** The simulator itself: the same seed is the same story, and a broken desk is noticed. */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { openWorkshop, simulate, type Workshop } from "./Simulation.ts"
import { sabotages } from "./Sabotages.ts"

let workshop: Workshop
beforeAll(async () => {
  workshop = await openWorkshop()
})
afterAll(() => workshop.close())

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const problemsOf = (seed: number) => simulate(workshop, { seed, steps: 60 }).problems

// A simulation takes tens of milliseconds of a core; these are hundreds of them.
vi.setConfig({ testTimeout: 120_000 })

describe("a simulation", () => {
  it("tells the same story again for the same seed, whatever was simulated before", () => {
    const once = upTo(20).map((seed) => simulate(workshop, { seed }).hash)
    const again = upTo(20)
      .toReversed()
      .map((seed) => simulate(workshop, { seed }).hash)
    expect(again.toReversed()).toEqual(once)
    expect(new Set(once).size).toBe(20)
  })

  it("tells the same story in another process", () => {
    const hash = () => {
      const run = spawnSync(
        process.execPath,
        [
          join(import.meta.dirname, "../../soak/simulate.soak.ts"),
          "--seed=1",
          "--seeds=3",
          "--json",
          "--trace"
        ],
        { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }
      )
      expect(run.status, run.stderr.slice(-2000)).toBe(0)
      return run.stderr.split("\n").filter((line) => !line.startsWith("simulate:"))
    }
    const here = [1, 2, 3].flatMap((seed) => simulate(workshop, { seed, isTraced: true }).trace)
    expect(hash()).toEqual([...here, ""])
  })

  it("is another story, up to there the same, with fewer steps", () => {
    const whole = simulate(workshop, { seed: 5, steps: 60, isTraced: true }).trace
    const part = simulate(workshop, { seed: 5, steps: 20, isTraced: true }).trace
    const end = part.indexOf("all is mended")
    expect(end).toBeGreaterThan(20)
    expect(part.slice(0, end)).toEqual(whole.slice(0, end))
  })

  // The last two failed once: an exit stayed unknown without its entry; an order was denied by one process and sent by another.
  it.each([...upTo(6), 5114, 5117])("ends in agreement with the venue: seed %i", (seed) => {
    expect(problemsOf(seed)).toEqual([])
  })
})

describe("a simulation with combos", () => {
  it("has legs that fill, and ends in agreement with the venue", () => {
    const results = upTo(40).map((seed) => simulate(workshop, { seed, steps: 30, hasOptions: true }))
    expect(results.flatMap(({ problems }) => problems)).toEqual([])
    expect(results.reduce((sum, { figures }) => sum + figures.legFills, 0)).toBeGreaterThan(10)
  })
})

describe("the simulator notices a desk that", () => {
  it.each(sabotages)("$what", ({ noticed, sabotage }) => {
    const found = upTo(200).find((seed) =>
      simulate(workshop, { seed, sabotage }).problems.some((problem) => noticed.test(problem))
    )
    expect(found).toBeDefined()
  })
})
