import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { americanGreeks, americanPrice } from "../../src/options/AndersenLakeOffengenden.ts"
import { europeanGreeks, europeanPrice } from "../../src/options/BlackScholes.ts"
import { boundaryLimit, depthAt, exerciseBoundary } from "../../src/options/ExerciseBoundary.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"

type Option = readonly [
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
]

describeWithShared("against 1,339 American values of other programs", () => {
  const rows = readFileSync(sharedPath("oracles", "bjs.csv"), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))
    .map((cells) => {
      const at = (i: number) => Number(cells[i])
      const sign: 1 | -1 = cells[1] === "C" ? 1 : -1
      const option: Option = [sign, at(2), at(3), at(5), at(6), at(7), at(8)]
      return { option, strike: at(3), accurate: at(14), tree: at(15), line: cells.join(",") }
    })

  it("each is within 2e-7 of the strike of QuantLib's high-precision fixed point (the worst is 8.6e-8)", () => {
    expect(rows.length).toBe(1339)
    for (const { accurate, line, option, strike } of rows) {
      expect(Math.abs(americanPrice(...option) - accurate) / strike, line).toBeLessThan(2e-7)
    }
  })

  it("and within 1e-5 of the strike of a binomial tree with Richardson's extrapolation", () => {
    for (const { line, option, strike, tree } of rows) {
      expect(Math.abs(americanPrice(...option) - tree) / strike, line).toBeLessThan(1e-5)
    }
  })
})

describe("published values", () => {
  it("the premium of early exercise of Andersen, Lake and Offengenden's example is 0.106952702747", () => {
    const option: Option = [-1, 100, 100, 1, 0.05, 0.05, 0.25]
    expect(americanPrice(...option) - europeanPrice(...option)).toBeCloseTo(0.106952702747, 10)
  })

  // N. Ju, "Pricing an American option by approximating its early exercise boundary as a multipiece exponential
  // function", Review of Financial Studies 11 (1998), table 1: 10,000-step trees, S = 40, r = 0.0488.
  const table: ReadonlyArray<
    readonly [volatility: number, strike: number, ...values: ReadonlyArray<number>]
  > = [
    [0.2, 35, 0.0062, 0.2004, 0.4328],
    [0.2, 40, 0.8522, 1.5798, 1.9904],
    [0.2, 45, 5, 5.0883, 5.267],
    [0.3, 35, 0.0774, 0.6975, 1.2198],
    [0.3, 40, 1.3099, 2.4825, 3.1696],
    [0.3, 45, 5.0597, 5.7056, 6.2436],
    [0.4, 35, 0.2466, 1.346, 2.1549],
    [0.4, 40, 1.7681, 3.3874, 4.3526],
    [0.4, 45, 5.2868, 6.5099, 7.383]
  ]
  for (const [volatility, strike, ...values] of table) {
    it(`Ju's puts of strike ${strike} at ${volatility} are met to his tree's 4e-4`, () => {
      for (const [i, value] of values.entries()) {
        const years = (1 + 3 * i) / 12
        expect(Math.abs(americanPrice(-1, 40, strike, years, 0.0488, 0, volatility) - value)).toBeLessThan(
          4e-4
        )
      }
    })
  }
})

describe("where the method does not apply", () => {
  it("a put without interest and a call without dividends are European", () => {
    const options: ReadonlyArray<Option> = [
      [-1, 90, 100, 1, 0, 0, 0.3],
      [-1, 90, 100, 1, -0.02, 0.01, 0.3],
      [-1, 90, 100, 1, -0.02, -0.01, 0.3],
      [1, 110, 100, 1, 0.05, 0, 0.3],
      [1, 110, 100, 1, 0.05, -0.01, 0.3],
      [1, 110, 100, 1, -0.01, -0.02, 0.3]
    ]
    for (const option of options) {
      expect(americanPrice(...option)).toBe(
        Math.max(europeanPrice(...option), option[0] * (option[1] - option[2]))
      )
      expect(americanGreeks(...option)).toEqual(europeanGreeks(...option))
    }
  })

  // Binomial trees of 8,000 and 16,000 steps, an independent program's, agree on the digits given.
  const between: ReadonlyArray<readonly [Option, number]> = [
    [[-1, 100, 100, 1, -0.01, -0.04, 0.2], 6.9163],
    [[-1, 95, 100, 2, -0.005, -0.06, 0.1], 5.4657],
    [[-1, 85, 100, 5, -0.01, -0.02, 0.08], 15.2454],
    [[1, 110, 100, 3, -0.05, -0.01, 0.15], 12.5275]
  ]
  for (const [option, value] of between) {
    it(`exercise between two boundaries is priced by a tree: ${option.join(" ")}`, () => {
      expect(Math.abs(americanPrice(...option) - value) / option[2]).toBeLessThan(2e-5)
    })
  }

  it("without volatility an option is exercised at the best moment of the share's one path", () => {
    // The best moment by trying 10,001 of them.
    const value = (t: number) => 100 * Math.exp(-0.05 * t) - 90 * Math.exp(-0.1 * t)
    const best = Math.max(...Array.from({ length: 10001 }, (_, i) => value(i / 1000)))
    expect(americanPrice(-1, 90, 100, 10, 0.05, 0.1, 0)).toBeCloseTo(best, 5)
    expect(americanPrice(-1, 90, 100, 10, 0.05, 0.1, 1e-4)).toBeCloseTo(best, 2)
    expect(americanPrice(-1, 90, 100, 0, 0.05, 0.1, 0.3)).toBe(10)
    expect(americanPrice(-1, 110, 100, 0, 0.05, 0.1, 0.3)).toBe(0)
  })

  it("a volatility thousands of times smaller than the rate leaves the boundary to a tree", () => {
    expect(exerciseBoundary(20, 0.381, 0, 0.005)).toBeUndefined()
    // Next to no time value, and as much of it as a put that never expires has at most: 1.2e-5 of the strike.
    const gamma = (2 * 0.381) / 0.005 ** 2
    const perpetual = (gamma / (1 + gamma)) ** gamma / (1 + gamma)
    expect(Math.abs(americanPrice(-1, 1, 1, 20, 0.381, 0, 0.005) - perpetual)).toBeLessThan(2e-5)
  })
})

const carried = fc.double({ min: 0.001, max: 0.15, noNaN: true })
const single = fc.record({
  sign: fc.constantFrom<1 | -1>(1, -1),
  moneyness: fc.double({ min: -1, max: 1, noNaN: true }),
  years: fc.double({ min: 0.02, max: 4, noNaN: true }),
  rate: carried,
  dividendYield: carried,
  volatility: fc.double({ min: 0.1, max: 0.8, noNaN: true })
})

describe("the boundary", () => {
  it("starts at the strike or at the yield's share of it, and falls with the time to expiry", () => {
    fc.assert(
      fc.property(single, ({ dividendYield, rate, volatility, years }) => {
        const boundary = exerciseBoundary(years, rate, dividendYield, volatility)
        expect(boundary?.limit).toBe(boundaryLimit(rate, dividendYield))
        if (boundary === undefined) return
        const depths = Array.from({ length: 21 }, (_, i) => depthAt(boundary, i / 20))
        for (const [i, depth] of depths.entries()) {
          // The polynomial rounds at its first point, where H is zero and its root is not.
          expect(depth).toBeGreaterThan((depths[i - 1] ?? 0) - 1e-6)
        }
      }),
      { numRuns: 50 }
    )
  })

  it("is found where the rate is near the yield for years, at which Newton's whole steps go to and fro", () => {
    for (const [years, rate, dividendYield, volatility] of [
      [3, 0.172097, 0.183894, 1.39992],
      [5.865, 0.06959, 0.07302, 1.487],
      [5.232, 0.1149, 0.1205, 0.9474]
    ] as const) {
      expect(exerciseBoundary(years, rate, dividendYield, volatility)).toBeDefined()
    }
    fc.assert(
      fc.property(
        single,
        fc.double({ min: 0.8, max: 1.2, noNaN: true }),
        ({ rate, volatility, years }, part) => {
          expect(exerciseBoundary(1.5 * years, rate, rate * part, 2 * volatility)).toBeDefined()
        }
      ),
      { numRuns: 200 }
    )
  })

  it("is where exercise is worth as much as holding, at a delta of one", () => {
    fc.assert(
      fc.property(single, ({ dividendYield, rate, volatility, years }) => {
        const boundary = exerciseBoundary(years, rate, dividendYield, volatility)
        if (boundary === undefined) return
        const spot = boundary.limit * Math.exp(-boundary.depth)
        const above = americanGreeks(-1, spot * (1 + 1e-7), 1, years, rate, dividendYield, volatility)
        expect(above.price).toBeCloseTo(1 - spot, 6)
        expect(above.delta).toBeCloseTo(-1, 3)
        const below = americanGreeks(-1, spot * (1 - 1e-7), 1, years, rate, dividendYield, volatility)
        expect(below.price).toBe(1 - spot * (1 - 1e-7))
        expect(below.delta).toBe(-1)
      }),
      { numRuns: 50 }
    )
  })
})

describe("the Greeks", () => {
  it("are the differences of the price, away from the boundary", () => {
    const first = (f: (x: number) => number, h: number) =>
      (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)
    const options: ReadonlyArray<Option> = [
      [-1, 100, 100, 1, 0.05, 0.02, 0.25],
      [-1, 90, 100, 0.3, 0.08, 0, 0.4],
      [1, 100, 100, 1, 0.03, 0.07, 0.3],
      [1, 120, 100, 2, 0.02, 0.05, 0.2],
      [1, 80, 100, 0.5, -0.01, 0.03, 0.35]
    ]
    for (const [sign, s, k, t, r, q, v] of options) {
      const delta = (years: number, volatility: number) =>
        first((x) => americanPrice(sign, s + x, k, years, r, q, volatility), 0.3)
      const greeks = americanGreeks(sign, s, k, t, r, q, v)
      const gamma = first((x) => americanGreeks(sign, s + x, k, t, r, q, v).delta, 0.3)
      const speed = first((x) => americanGreeks(sign, s + x, k, t, r, q, v).gamma, 0.3)
      const vega = (volatility: number) =>
        first((x) => americanPrice(sign, s, k, t, r, q, volatility + x), 0.002)
      const close = (name: string, value: number, reference: number, scale: number) =>
        expect(Math.abs(value - reference) / scale, `${name} of ${sign} ${s}`).toBeLessThan(2e-5)
      close("delta", greeks.delta, delta(t, v), 1)
      close("gamma", greeks.gamma, gamma, 1 / s)
      close("speed", greeks.speed, speed, 1 / s / s)
      close("vega", greeks.vega, vega(v), s)
      close("theta", greeks.theta, -first((x) => americanPrice(sign, s, k, t + x, r, q, v), 0.005), s)
      close(
        "rho",
        greeks.rho,
        first((x) => americanPrice(sign, s, k, t, r + x, q, v), 0.0005),
        s * t
      )
      close(
        "vanna",
        greeks.vanna,
        first((x) => delta(t, v + x), 0.002),
        1
      )
      close("charm", greeks.charm, -first((x) => delta(t + x, v), 0.005), 1)
      close(
        "volga",
        greeks.volga,
        first((x) => vega(v + x), 0.002),
        s
      )
    }
  })

  it("of what is exercised now are those of the share", () => {
    expect(americanGreeks(-1, 50, 100, 1, 0.05, 0, 0.2)).toEqual({
      price: 50,
      delta: -1,
      gamma: 0,
      vega: 0,
      theta: 0,
      rho: 0,
      vanna: 0,
      volga: 0,
      charm: 0,
      speed: 0
    })
  })
})

it("a call is the put with spot and strike, rate and yield exchanged", () => {
  fc.assert(
    fc.property(single, ({ dividendYield, moneyness, rate, volatility, years }) => {
      const spot = 100 * Math.exp(moneyness)
      expect(americanPrice(1, spot, 100, years, rate, dividendYield, volatility)).toBeCloseTo(
        americanPrice(-1, 100, spot, years, dividendYield, rate, volatility),
        9
      )
    }),
    { numRuns: 50 }
  )
})

it("scales with the dollar", () => {
  fc.assert(
    fc.property(single, ({ dividendYield, moneyness, rate, sign, volatility, years }) => {
      const at = (scale: number) =>
        americanPrice(sign, scale * Math.exp(moneyness), scale, years, rate, dividendYield, volatility) /
        scale
      expect(at(1e-3)).toBeCloseTo(at(1), 12)
      expect(at(1e6)).toBeCloseTo(at(1), 12)
    }),
    { numRuns: 50 }
  )
})
