import { describe, expect, it } from "@effect/vitest"
import { exp, log } from "../../../src/options/kernels/Exponential.ts"
import { density, mills, normal } from "../../../src/options/kernels/Mills.ts"

/** x, Mills' ratio of x, N(−x): by mpmath at 50 digits. */
const table: ReadonlyArray<readonly [number, number, number]> = [
  [0.0, 1.2533141373155003, 0.5],
  [1e-10, 1.2533141372155003, 0.49999999996010575],
  [0.1, 1.1592623996187363, 0.460172162722971],
  [0.5, 0.8763644564536923, 0.3085375387259869],
  [1.0, 0.6556795424187984, 0.15865525393145705],
  [2.0, 0.4213692292880545, 0.02275013194817921],
  [3.5, 0.26656776896822376, 0.00023262907903552504],
  [5.0, 0.19280810471531576, 2.866515718791939e-7],
  [8.0, 0.1231319632579323, 6.220960574271784e-16],
  [13.0, 0.0764757610162485, 6.11716439954988e-39],
  [21.0, 0.047511794276278115, 3.279278018979036e-98],
  [30.0, 0.03329641907249721, 4.906713927148187e-198],
  [38.5, 0.02595653794411066, 0.0],
  [39.0, 0.025624200777700307, 0.0]
]

const ulps = (actual: number, expected: number): number =>
  actual === expected ? 0 : Math.abs(actual / expected - 1) / Number.EPSILON

describe("exponential and logarithm", () => {
  it("exp is within two ulps of the machine's over all doubles that have one", () => {
    let worst = 0
    for (let i = 0; i <= 100_000; i++) {
      const x = -708 + 1416 * (i / 100_000) + 1e-5 * Math.sin(i)
      worst = Math.max(worst, ulps(exp(x), Math.exp(x)))
    }
    expect(worst).toBeLessThanOrEqual(2)
    for (const x of [0, 5e-324, -5e-324, 1e-17, 708.5, 709.7827128933839]) {
      expect(ulps(exp(x), Math.exp(x))).toBeLessThanOrEqual(3)
    }
  })

  it("exp ends as the doubles do", () => {
    expect(exp(0)).toBe(1)
    expect([exp(-745), exp(-746), exp(-1e300), exp(-Infinity)]).toEqual([5e-324, 0, 0, 0])
    expect([exp(709.8), exp(1e300), exp(Infinity)]).toEqual([Infinity, Infinity, Infinity])
    expect(exp(Number.NaN)).toBeNaN()
  })

  it("log is within two ulps of the machine's, near one and at the ends as well", () => {
    let worst = 0
    for (let i = 0; i <= 100_000; i++) {
      const wide = 2 ** (-1022 + 2045 * (i / 100_000))
      const near = 1 + (i - 50_000) * 1e-7
      for (const x of [wide, near]) worst = Math.max(worst, ulps(log(x), Math.log(x)))
    }
    expect(worst).toBeLessThanOrEqual(2)
    for (const x of [5e-324, 1e-310, 2.2250738585072014e-308, Number.MAX_VALUE]) {
      expect(ulps(log(x), Math.log(x))).toBeLessThanOrEqual(2)
    }
    expect([log(1), log(0), log(Infinity)]).toEqual([0, -Infinity, Infinity])
    expect(log(-1)).toBeNaN()
    expect(log(Number.NaN)).toBeNaN()
  })
})

describe("Mills' ratio and the normal distribution", () => {
  for (const [x, ratio, tail] of table) {
    it(`of ${x} are those of 50 digits`, () => {
      expect(ulps(mills(x), ratio)).toBeLessThanOrEqual(4)
      // The exponent's own rounding, x²/2 ulps, is in the tail. From 37.5 on it is subnormal.
      if (x < 37) expect(ulps(normal(-x), tail)).toBeLessThanOrEqual(4 + x * x)
      expect(normal(x)).toBeCloseTo(1 - tail, 15)
    })
  }

  it("beyond 39 the tail is zero, and the ratio stays finite", () => {
    expect([normal(-39), normal(-1e300), normal(40), density(39)]).toEqual([0, 0, 1, 0])
    expect(mills(1e300)).toBe(mills(39))
  })
})
