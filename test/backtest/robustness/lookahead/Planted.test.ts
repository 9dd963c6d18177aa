import { describe, expect, it } from "vitest"
import { detected } from "./Detected.ts"
import { clean, leaks, subjectOf, walk } from "./Planted.ts"

const bars = walk(3, 240)
const options = { cuts: 40, seed: 1 }

describe("strategies with planted leaks", () => {
  it.each(leaks.map((plan) => [plan.name, plan] as const))("is caught: %s", (_, plan) => {
    const found = detected(subjectOf(plan, bars), options)
    expect(found.changed).toBeGreaterThan(0)
    expect(found.failedPlays).toBe(0)
    const [first] = found.findings
    expect(first?.bar).toBeGreaterThan(0)
    expect(first?.before).not.toBe(first?.after)
  })

  it.each(clean.map((plan) => [plan.name, plan] as const))("is clean: %s", (_, plan) => {
    const found = detected(subjectOf(plan, bars), options)
    expect(found.findings).toEqual([])
    expect(found.changed).toBe(0)
    expect(found.cuts.length).toBe(40)
    expect(found.compared).toBeGreaterThan(200)
  })

  it("there are at least three leaks of each of five kinds, and fifteen clean ones", () => {
    expect(leaks.length).toBeGreaterThanOrEqual(15)
    expect(clean.length).toBeGreaterThanOrEqual(15)
  })
})
