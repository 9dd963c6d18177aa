import { describe, expect, it } from "vitest"
import { type Grid, gridPoints } from "../../../../src/backtest/Grid.ts"
import { plateauOf } from "../../../../src/backtest/robustness/sensitivity/Plateau.ts"

const grid: Grid = [
  { parameter: "a", values: [3, 1, 2, 4] },
  { parameter: "b", values: [10, 20, 30, 40] }
]
/** Rows are a = 1 … 4, columns b = 10 … 40. */
const over = (table: ReadonlyArray<ReadonlyArray<number>>, keep: (figure: number) => boolean = () => true) =>
  plateauOf(
    grid,
    gridPoints(grid)
      .map((values) => ({
        values,
        figure: table[Number(values["a"]) - 1]?.[Number(values["b"]) / 10 - 1] ?? 0
      }))
      .filter(({ figure }) => keep(figure))
  )

describe("a plateau", () => {
  it("is told from a peak by its neighbours, in the order of the numbers", () => {
    // A peak of 2 in a corner; a hill of 1.5 whose neighbours are 1.2 on average.
    const told = over([
      [2, 0.1, 0.1, 0.1],
      [0.1, 0.1, 0.8, 0.8],
      [0.1, 0.8, 1.5, 1.2],
      [0.1, 0.8, 1.2, 1.2]
    ])
    expect(told?.best).toEqual({ values: { a: 1, b: 10 }, figure: 2 })
    expect(told?.step).toEqual({ points: 2, mean: 0.1, lowest: 0.1 })
    expect(told?.box?.points).toBe(3)
    expect(told?.score).toBeCloseTo(0.05, 12)
    expect(told?.near).toBe(1 / 16)
    expect(told?.steadiest?.values).toEqual({ a: 4, b: 40 })
    expect(told?.steadiest?.mean).toBeCloseTo((1.2 * 3 + 1.5) / 4, 12)
    expect(told?.smoothness).toBeLessThan(0.5)
  })

  it("that is flat has the score 1, and nothing is told of its smoothness", () => {
    const flat = over(Array.from({ length: 4 }, () => [1, 1, 1, 1]))
    expect(flat).toMatchObject({ score: 1, near: 1, smoothness: undefined, box: { mean: 1, lowest: 1 } })
  })

  it("that slopes is smooth", () => {
    const slope = over([1, 2, 3, 4].map((a) => [1, 2, 3, 4].map((b) => a + b)))
    expect(slope?.best.figure).toBe(8)
    expect(slope?.smoothness).toBeGreaterThan(0.7)
  })

  it("has no score where nothing is gained, or nothing is beside", () => {
    expect(over(Array.from({ length: 4 }, () => [-1, -2, -3, -4]))).toMatchObject({
      score: undefined,
      near: undefined
    })
    const alone = over([[1, -1, -1, -1], ...Array.from({ length: 3 }, () => [-1, -1, -1, -1])], (f) => f > 0)
    expect(alone).toMatchObject({ step: undefined, box: undefined, score: undefined, near: 1 })
    // Nothing steady is said of a point that stands alone, however high.
    expect(alone).toMatchObject({ steadiest: undefined, smoothness: undefined, smoothed: [] })
    expect(over([[0]], () => false)).toBeUndefined()
  })

  it("takes every other value of a flag or a choice for a neighbour", () => {
    const flags: Grid = [{ parameter: "how", values: ["x", "y", "z"] }]
    const told = plateauOf(
      flags,
      gridPoints(flags).map((values, figure) => ({ values, figure }))
    )
    expect(told?.step).toEqual({ points: 2, mean: 0.5, lowest: 0 })
  })

  it("of a sample takes a point with neighbours for the steadiest, not a higher one that stands alone", () => {
    const told = plateauOf(
      grid,
      [
        [1, 10, 9],
        [3, 20, 1],
        [3, 30, 2],
        [3, 40, 3]
      ].map(([a = 0, b = 0, figure = 0]) => ({ values: { a, b }, figure }))
    )
    expect(told?.best.figure).toBe(9)
    expect(told?.box).toBeUndefined()
    expect(told?.steadiest).toEqual({ values: { a: 3, b: 40 }, figure: 3, mean: 2.5, neighbours: 1 })
    expect(told?.smoothed).toHaveLength(3)
    // Three of four have neighbours: (1 − 2)² + (2 − 2)² + (3 − 2)², as much as they are spread about 2.
    expect(told?.smoothness).toBe(0)
  })

  it("takes the higher of two points with the same mean for the steadiest, in any order", () => {
    const pair: Grid = [{ parameter: "a", values: [1, 2, 3, 4] }]
    const points = [0.1, 0.7, 0.2, 0.3].map((figure, i) => ({ values: { a: i + 1 }, figure }))
    // 1 and 2: 0.4; 1, 2 and 3: 1 ÷ 3; 2, 3 and 4: 0.4; 3 and 4: 0.25. Two have 0.4: themselves 0.1 and 0.2.
    expect(plateauOf(pair, points)?.steadiest?.values).toEqual({ a: 3 })
    expect(plateauOf(pair, points.toReversed())?.steadiest?.values).toEqual({ a: 3 })
  })
})
