import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  bjerksundStensland1993,
  bjerksundStensland1993Formula,
  bjerksundStensland2002,
  bjerksundStensland2002Formula
} from "../../src/options/BjerksundStensland.ts"
import { europeanPrice } from "../../src/options/BlackScholes.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"

type Arguments = readonly [
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
]

describe("published values", () => {
  // Haug, "The Complete Guide to Option Pricing Formulas" (1998), page 27, and his program's own example: 1993.
  it.each<readonly [expected: number, inputs: Arguments]>([
    [5.2704, [1, 42, 40, 0.75, 0.04, 0.08, 0.35]],
    [4.4531, [-1, 36, 40, 1, 0.06, 0, 0.2]]
  ])("1993: %f", (expected, inputs) => {
    expect(bjerksundStensland1993(...inputs)).toBeCloseTo(expected, 4)
  })

  // MathWorks, the example of impvbybjs: prices of three puts and calls at the money, of the formula of 2002.
  it.each<readonly [expected: number, volatility: number]>([
    [4.063, 0.15],
    [6.77, 0.25],
    [9.46, 0.35]
  ])("2002: %f", (expected, volatility) => {
    for (const sign of [1, -1] as const) {
      const price = bjerksundStensland2002(sign, 100, 100, 0.5, 0.1, 0.1, volatility)
      expect(Math.abs(price - expected)).toBeLessThan(0.005)
    }
  })
})

/** The rows of a table of reference values by column. */
const rowsOf = (name: string) => {
  const [header = "", ...lines] = readFileSync(sharedPath("oracles", name), "utf8").trim().split("\n")
  const columns = header.split(",")
  return lines.map((line) => {
    const cells = line.split(",")
    const number = (column: string) => Number(cells[columns.indexOf(column)])
    const inputs: Arguments = [
      cells[columns.indexOf("type")] === "C" ? 1 : -1,
      number("S"),
      number("K"),
      number("T"),
      number("r"),
      number("q"),
      number("sigma")
    ]
    return { line, number, inputs, strike: number("K") }
  })
}

describeWithShared("against the reference tables", () => {
  it.each(["bjs.csv", "haug_tables.csv"])(
    "each row of %s to 1e-11 of the strike, without a floor",
    (name) => {
      const wrong = rowsOf(name).filter(
        ({ inputs, number, strike }) =>
          !(Math.abs(bjerksundStensland1993Formula(...inputs) - number("bjs1993")) <= 1e-11 * strike) ||
          !(Math.abs(bjerksundStensland2002Formula(...inputs) - number("bjs2002")) <= 1e-11 * strike)
      )
      expect(wrong.map(({ line }) => line)).toEqual([])
    }
  )

  it("the greater of both with their floor is within 5.1% of the strike of the true value, and never above it", () => {
    for (const { inputs, number, strike } of rowsOf("bjs.csv")) {
      const greatest = Math.max(bjerksundStensland1993(...inputs), bjerksundStensland2002(...inputs))
      const truth = number("ql_qdfp")
      expect(greatest).toBeGreaterThan(truth - 0.051 * strike)
      // The reference itself is to 1e-7 of the strike.
      expect(greatest).toBeLessThan(truth + 2e-7 * strike)
    }
  })

  it("a year, 60% volatility: within 1.4e-3 of the strike in 1993, 1e-3 in 2002, on 99 of 100 options", () => {
    const ordinary = rowsOf("bjs.csv").filter(
      ({ line, number }) => line.startsWith("equity") && number("T") <= 1 && number("sigma") <= 0.6
    )
    const errors = (price: typeof bjerksundStensland1993) =>
      ordinary
        .map(({ inputs, number, strike }) => Math.abs(price(...inputs) - number("ql_qdfp")) / strike)
        .toSorted((a, b) => a - b)
    const near = (sorted: ReadonlyArray<number>) => sorted[Math.floor(0.99 * (sorted.length - 1))]
    expect(near(errors(bjerksundStensland1993))).toBeLessThan(1.4e-3)
    expect(near(errors(bjerksundStensland2002))).toBeLessThan(1e-3)
  })
})

const inputs: fc.Arbitrary<Arguments> = fc.tuple(
  fc.constantFrom<1 | -1>(1, -1),
  fc.double({ min: 1, max: 1e4, noNaN: true }),
  fc.double({ min: 1, max: 1e4, noNaN: true }),
  fc.double({ min: 0, max: 10, noNaN: true }),
  fc.double({ min: -0.1, max: 0.3, noNaN: true }),
  fc.double({ min: -0.1, max: 0.3, noNaN: true }),
  fc.double({ min: 0, max: 5, noNaN: true })
)

describe("whatever the inputs", () => {
  it("a value is a number between its floor and the most an option can be worth", () => {
    fc.assert(
      fc.property(inputs, (some) => {
        const [sign, spot, strike] = some
        const european = europeanPrice(...some)
        for (const price of [bjerksundStensland1993(...some), bjerksundStensland2002(...some)]) {
          expect(price).toBeGreaterThanOrEqual(Math.max(european, sign * (spot - strike), 0))
          expect(price).toBeLessThanOrEqual(Math.max(european, sign > 0 ? spot : strike))
        }
        for (const bare of [bjerksundStensland1993Formula(...some), bjerksundStensland2002Formula(...some)]) {
          expect(Number.isFinite(bare)).toBe(true)
        }
      }),
      { numRuns: 2000 }
    )
  })

  it("a put is the call with spot and strike, rate and yield exchanged", () => {
    fc.assert(
      fc.property(inputs, ([, spot, strike, years, rate, dividendYield, volatility]) => {
        const put = bjerksundStensland2002(-1, spot, strike, years, rate, dividendYield, volatility)
        const call = bjerksundStensland2002(1, strike, spot, years, dividendYield, rate, volatility)
        expect(Math.abs(put - call)).toBeLessThan(1e-11 * Math.max(spot, strike))
      })
    )
  })

  it("where bT + 2σ√T is below zero the boundary is the one at expiry, and the value keeps its floor", () => {
    // A call with a yield of 60% and a rate of 1%, five years, 10%: −2.95 + 0.447.
    const some: Arguments = [1, 100, 90, 5, 0.01, 0.6, 0.1]
    for (const price of [bjerksundStensland1993(...some), bjerksundStensland2002(...some)]) {
      expect(price).toBe(10)
    }
    const out: Arguments = [1, 80, 90, 5, 0.01, 0.6, 0.1]
    for (const price of [bjerksundStensland1993(...out), bjerksundStensland2002(...out)]) {
      expect(price).toBeGreaterThanOrEqual(europeanPrice(...out))
      expect(price).toBeLessThan(1)
    }
  })

  it("at expiry and without volatility an option is worth its floor", () => {
    expect(bjerksundStensland2002(-1, 90, 100, 0, 0.05, 0.02, 0.3)).toBe(10)
    expect(bjerksundStensland2002(-1, 90, 100, 1, 0.05, 0.02, 0)).toBe(10)
    expect(bjerksundStensland2002(1, 90, 100, 1, 0.05, 0.02, 0)).toBe(0)
  })
})
