import * as fc from "fast-check"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { type Grid, gridPoints, type GridValues } from "../../../../src/backtest/Grid.ts"
import { varianceDecomposition } from "../../../../src/backtest/robustness/sensitivity/VarianceDecomposition.ts"

const numberAt = (values: GridValues, name: string): number => {
  const value = values[name]
  if (typeof value !== "number") throw new Error(`${name} is no number`)
  return value
}

const over = (
  grid: Grid,
  f: (at: (name: string) => number) => number,
  keep: (i: number) => boolean = () => true
) =>
  varianceDecomposition(
    grid,
    gridPoints(grid)
      .filter((_, i) => keep(i))
      .map((values) => ({ values, figure: f((name) => numberAt(values, name)) }))
  )
const told = (...asked: Parameters<typeof over>) => {
  const made = Result.getOrThrow(over(...asked))
  return {
    ...made,
    main: Object.fromEntries(made.main.map(({ parameter, share }) => [parameter, share])),
    pairs: Object.fromEntries(
      (made.pairs ?? []).map(({ parameters, share }) => [parameters.join(" "), share])
    )
  }
}

const square: Grid = [
  { parameter: "a", values: [1, 2, 3] },
  { parameter: "b", values: [10, 20] }
]

describe("a decomposition of the variance", () => {
  it("of a sum is its parameters'", () => {
    // Variances by hand: 2/3 of a, 25 of b; the sum's is theirs together.
    const { isFull, main, mean, pairs, rest, variance } = told(square, (at) => at("a") + at("b"))
    expect([isFull, mean]).toEqual([true, 17])
    expect(variance).toBeCloseTo(2 / 3 + 25, 12)
    expect(main["a"]).toBeCloseTo(2 / 3 / (2 / 3 + 25), 12)
    expect(main["b"]).toBeCloseTo(25 / (2 / 3 + 25), 12)
    expect([pairs["a b"], rest]).toEqual([0, 0])
  })

  it("of a product has a part of both", () => {
    // f = a·b: mean 30, f_a = 15(a − 2), f_b = 2(b − 15), f_ab = (a − 2)(b − 15).
    const { main, pairs, variance } = told(square, (at) => at("a") * at("b"))
    const [byA, byB, byBoth] = [150, 100, 50 / 3]
    expect(variance).toBeCloseTo(byA + byB + byBoth, 10)
    expect(main["a"]).toBeCloseTo(byA / variance, 12)
    expect(main["b"]).toBeCloseTo(byB / variance, 12)
    expect(pairs["a b"]).toBeCloseTo(byBoth / variance, 12)
  })

  it("of Ishigami's function on a grid is near what is known of it", () => {
    // Ishigami and Homma 1990, a = 7, b = 0.1: S1 0.3139, S2 0.4424, S13 0.2437, others zero. Midpoints of 40 cells.
    const values = Array.from({ length: 40 }, (_, i) => -Math.PI + ((i + 0.5) * 2 * Math.PI) / 40)
    const [first = 0, ...rest] = values
    const axis = (parameter: string) => ({ parameter, values: [first, ...rest] as const })
    const made = told(
      [axis("x"), axis("y"), axis("z")],
      (at) => Math.sin(at("x")) + 7 * Math.sin(at("y")) ** 2 + 0.1 * at("z") ** 4 * Math.sin(at("x"))
    )
    expect(made.main["x"]).toBeCloseTo(0.3139, 2)
    expect(made.main["y"]).toBeCloseTo(0.4424, 2)
    expect(made.main["z"]).toBe(0)
    expect(made.pairs["x z"]).toBeCloseTo(0.2437, 2)
    expect([made.pairs["x y"], made.pairs["y z"]]).toEqual([0, 0])
    expect(made.rest).toBeCloseTo(0, 9)
  })

  it("of three parameters together leaves a rest", () => {
    const axis = (parameter: string) => ({ parameter, values: [-1, 1] as const })
    const made = told([axis("a"), axis("b"), axis("c")], (at) => at("a") * at("b") * at("c"))
    expect(made.rest).toBeCloseTo(1, 12)
  })

  it("adds up to 1 on a full grid, and the order of the axes changes nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 24, maxLength: 24 }),
        (figures) => {
          fc.pre(Math.max(...figures) - Math.min(...figures) > 0.01)
          const axes: Grid = [
            { parameter: "a", values: [1, 2, 3] },
            { parameter: "b", values: [1, 2] },
            { parameter: "c", values: [1, 2, 3, 4] }
          ]
          const f = (at: (name: string) => number): number =>
            figures[(at("a") - 1) * 8 + (at("b") - 1) * 4 + at("c") - 1] ?? 0
          const made = told(axes, f)
          const sum = [...Object.values(made.main), ...Object.values(made.pairs), made.rest].reduce(
            (x, y) => x + y,
            0
          )
          expect(sum).toBeCloseTo(1, 9)
          const turned = told([axes[2] ?? axes[0], axes[0], axes[1] ?? axes[0]], f)
          for (const [name, share] of Object.entries(made.main))
            expect(turned.main[name]).toBeCloseTo(share, 9)
          expect(turned.pairs["c a"]).toBeCloseTo(made.pairs["a c"] ?? Number.NaN, 9)
        }
      )
    )
  })

  it("with gaps is what a parameter explains beyond the others", () => {
    // y = x₁ + x₂ without two corners, by numpy.linalg.lstsq on indicator columns: squares 12 in all, 3 of them
    // left without a, 3 without b, none by both.
    const grid: Grid = [
      { parameter: "a", values: [0, 1, 2] },
      { parameter: "b", values: [0, 1, 2] }
    ]
    const corners = new Set([2, 6])
    const made = told(
      grid,
      (at) => at("a") + at("b"),
      (i) => !corners.has(i)
    )
    expect(made.isFull).toBe(false)
    expect(made.points).toBe(7)
    expect(made.variance * 7).toBeCloseTo(12, 9)
    expect(made.main["a"]).toBeCloseTo(3 / 12, 9)
    expect(made.main["b"]).toBeCloseTo(3 / 12, 9)
    expect(made.pairs["a b"]).toBe(0)
  })

  it("with gaps gives a pair nothing of what another pair explains", () => {
    const first = [0, 1, 2, 3, 4]
    const axis = (parameter: string, length: number) => {
      const [zero = 0, ...rest] = first.slice(0, length)
      return { parameter, values: [zero, ...rest] as const }
    }
    const made = told(
      [axis("a", 4), axis("b", 3), axis("c", 5)],
      (at) => (at("b") - 1) * (at("c") - 2) + 0.3 * at("a"),
      (i) => i % 7 !== 2 && i % 7 !== 5
    )
    expect(made.points).toBe(43)
    // By numpy.linalg.lstsq on indicator columns, each with all other parameters and pairs beside it.
    expect(made.pairs["a b"]).toBe(0)
    expect(made.pairs["a c"]).toBe(0)
    expect(made.pairs["b c"]).toBeCloseTo(0.847950815789723, 9)
    const { a = 0, b = 0, c = 0 } = made.main
    expect(b / a).toBeCloseTo(0.005387811940496578 / 0.07271059437236134, 9)
    expect(c / a).toBeCloseTo(0.0018724724629079273 / 0.07271059437236134, 9)
    // All three alone explain no more.
    expect(a + b + c).toBeCloseTo(0.058622100538163524, 9)
  })

  it("of a few points of a large grid is of groups of its values", () => {
    const [first = 0, ...rest] = Array.from({ length: 100 }, (_, i) => i)
    const axis = (parameter: string) => ({ parameter, values: [first, ...rest] as const })
    // f is a alone, in steps of its five groups: all of it is explained; b explains what chance gives it.
    const made = told(
      [axis("a"), axis("b")],
      (at) => Math.floor(at("a") / 20),
      (i) => i % 97 === 3
    )
    expect(made.points).toBe(104)
    expect([made.groups, made.isFull]).toEqual([5, false])
    expect(made.main["a"]).toBeGreaterThan(0.9)
    expect(made.main["b"]).toBeLessThan(0.01)
  })

  it("says what is missing: points, or a variance", () => {
    const few = over(
      square,
      (at) => at("a"),
      (i) => i < 3
    )
    expect(Result.isFailure(few) && few.failure.message).toMatch(/needs 5 points, and there are 3/u)
    const flat = over(square, () => 0.5)
    expect(Result.isFailure(flat) && flat.failure.message).toMatch(/the same at all points/u)
  })

  it("over one parameter, every value of which is there, is all its", () => {
    const made = told([{ parameter: "a", values: [1, 2, 3, 4, 5, 6, 7, 8] }], (at) => Math.sin(at("a")))
    expect(made.groups).toBeUndefined()
    expect([made.main["a"], made.rest]).toEqual([1, 0])
  })

  it("of a sample never adds up to more than one, and of too few points says nothing of pairs", () => {
    const axis = (parameter: string) => ({ parameter, values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const })
    const grid: Grid = [axis("a"), axis("b"), axis("c")]
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 6, maxLength: 60 }),
        fc.integer({ min: 1, max: 1e6 }),
        (drawn, seed) => {
          const points = drawn.map((i) => ({
            values: { a: Math.floor(i / 100) + 1, b: (Math.floor(i / 10) % 10) + 1, c: (i % 10) + 1 },
            figure: Math.sin(seed * (i + 1))
          }))
          const made = varianceDecomposition(grid, points)
          if (Result.isFailure(made)) {
            // Means of two groups of each: one and three more, two points for each.
            expect(points.length).toBeLessThan(8)
            return
          }
          const { main, pairs, rest } = made.success
          // Pairs of three groups and the third parameter's: nine and two more.
          expect(pairs !== undefined).toBe(points.length >= 22)
          const shares = [...main, ...(pairs ?? [])].map(({ share }) => share)
          expect([...shares, rest].every((share) => share >= 0 && share <= 1)).toBe(true)
          expect([...shares, rest].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6)
        }
      ),
      { numRuns: 60 }
    )
  })

  it("of a sample finds what a parameter is worth on the whole grid", () => {
    // f = 3a + b of 50 values each: nine tenths a's. Every 41st point, by chance near each other's means.
    const [first = 0, ...rest] = Array.from({ length: 50 }, (_, i) => i)
    const axis = (parameter: string) => ({ parameter, values: [first, ...rest] as const })
    const made = told(
      [axis("a"), axis("b")],
      (at) => 3 * at("a") + at("b"),
      (i) => i % 41 === 7
    )
    expect(made.points).toBe(61)
    expect(Math.abs((made.main["a"] ?? 0) - 0.9)).toBeLessThan(0.08)
    expect(Math.abs((made.main["b"] ?? 0) - 0.1)).toBeLessThan(0.08)
  })
})
