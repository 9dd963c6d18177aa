import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Grid, gridPointAt, gridPoints } from "../../../../src/backtest/Grid.ts"
import { drawnIndices } from "../../../../src/backtest/robustness/sensitivity/DrawnPoints.ts"

describe("points drawn from a grid", () => {
  it("are different, ascending, within it, and the same of the same seed", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e12 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer(),
        (size, wanted, seed) => {
          const count = Math.min(size, wanted)
          const drawn = drawnIndices(size, count, seed)
          expect(drawn).toHaveLength(count)
          expect(new Set(drawn).size).toBe(count)
          expect(drawn).toEqual(drawn.toSorted((a, b) => a - b))
          for (const one of drawn) expect(Number.isSafeInteger(one) && one >= 0 && one < size).toBe(true)
          expect(drawnIndices(size, count, seed)).toEqual(drawn)
        }
      )
    )
  })

  it("come with equal chance", () => {
    // Three of ten, by 20,000 seeds: each number 6,000 times, with a deviation of 65.
    const counts = Array.from({ length: 10 }, () => 0)
    for (let seed = 0; seed < 20_000; seed++) {
      for (const one of drawnIndices(10, 3, seed)) counts[one] = (counts[one] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 6000)).toBeLessThan(5 * 65)
  })

  it("have the values of their number", () => {
    const grid: Grid = [
      { parameter: "a", values: [1, 2, 3] },
      { parameter: "b", values: ["x", "y"] },
      { parameter: "c", values: [true, false] }
    ]
    expect(gridPoints(grid).map((_, i) => gridPointAt(grid, i))).toEqual(gridPoints(grid))
  })
})
