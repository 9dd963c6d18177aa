import { describe, expect, it } from "vitest"
import { type LinePoint, robustLine } from "../../../src/options/chain/RobustLine.ts"

const pointsOf = (y: (x: number, i: number) => number): ReadonlyArray<LinePoint> =>
  Array.from({ length: 21 }, (_, i) => ({ x: 90 + i, y: y(90 + i, i), weight: 1 }))

describe("a robust line", () => {
  it("is the line itself where the points lie on one", () => {
    const line = robustLine(pointsOf((x) => -0.98 * (x - 101.25)))
    expect(line?.zero).toBeCloseTo(101.25, 10)
    expect(line?.slope).toBeCloseTo(-0.98, 10)
    expect(line?.outliers).toBe(0)
  })

  it("gives a third of wild points no weight", () => {
    const line = robustLine(pointsOf((x, i) => -(x - 100) + (i % 3 === 0 ? 7 + i : 0.001 * ((i * 7) % 5))))
    expect(Math.abs((line?.zero ?? 0) - 100)).toBeLessThan(0.01)
    expect(line?.outliers).toBe(7)
  })

  it("keeps a slope that is fixed", () => {
    const line = robustLine(
      pointsOf((x) => -0.5 * (x - 100)),
      -0.97
    )
    expect(line?.slope).toBe(-0.97)
    expect(line?.zero).toBeCloseTo(100, 8)
  })

  it("is none of points over one place, and of no points", () => {
    expect(robustLine([])).toBeUndefined()
    expect(robustLine([{ x: 1, y: 2, weight: 1 }])).toBeUndefined()
    expect(
      robustLine([
        { x: 1, y: 2, weight: 1 },
        { x: 1, y: 3, weight: 1 }
      ])
    ).toBeUndefined()
  })

  it("tells an error of its zero that the zeros of many such lines have", () => {
    // Near-normal noise from a fixed generator (Lehmer).
    let state = 7
    const uniform = () => {
      state = (state * 48_271) % 2_147_483_647
      return state / 2_147_483_647
    }
    const normal = () => Array.from({ length: 12 }, uniform).reduce((sum, one) => sum + one, -6)
    let squares = 0
    let told = 0
    const lines = 400
    for (let i = 0; i < lines; i++) {
      const line = robustLine(pointsOf((x) => -(x - 102) + 0.1 * normal()))
      squares += ((line?.zero ?? 0) - 102) ** 2
      told += line?.zeroError ?? 0
    }
    const actual = Math.sqrt(squares / lines)
    expect(told / lines / actual).toBeGreaterThan(0.8)
    expect(told / lines / actual).toBeLessThan(1.2)
  })
})
