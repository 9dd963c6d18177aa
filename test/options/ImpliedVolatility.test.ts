import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { europeanGreeks, europeanPrice } from "../../src/options/BlackScholes.ts"
import {
  ABOVE_UPPER,
  AT_INTRINSIC,
  AT_UPPER,
  BELOW_INTRINSIC,
  europeanVolatility,
  impliedVolatility,
  INVALID,
  OK,
  statusName,
  statusNames,
  type Tally
} from "../../src/options/ImpliedVolatility.ts"
import type { OptionTerms } from "../../src/options/OptionInputs.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"

const terms = (more: Partial<OptionTerms> = {}): OptionTerms => ({
  right: "CALL",
  spot: 100,
  strike: 100,
  years: 1,
  rate: 0,
  dividendYield: 0,
  ...more
})

const statusOf = (of: OptionTerms, price: number): string =>
  Result.match(impliedVolatility(of, price), {
    onFailure: ({ field }) => `invalid ${field}`,
    onSuccess: statusName
  })

const newTally = (): Tally => ({ searched: 0, bisections: 0 })

type Case = readonly [
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  price: number,
  volatility: number
]

describe("published values", () => {
  const cases: ReadonlyArray<readonly [source: string, digits: number, of: Case]> = [
    ["Hull, Options, Futures and Other Derivatives: 0.235", 3, [1, 21, 20, 0.25, 0.1, 0, 1.875, 0.235]],
    // Both are examples in the documentation of vollib, the second of its binding to Jäckel's own code.
    ["vollib, Black–Scholes: 0.2", 12, [1, 100, 100, 0.5, 0.01, 0, 5.87602423383, 0.2000000000000854]],
    ["Let's Be Rational in vollib, Black: 0.2", 15, [1, 100, 100, 0.5, 0, 0, 5.637197779701664, 0.2]]
  ]
  for (const [source, digits, [sign, spot, strike, years, rate, dividendYield, price, volatility]] of cases) {
    it(source, () => {
      expect(europeanVolatility(sign, spot, strike, years, rate, dividendYield, price)).toBeCloseTo(
        volatility,
        digits
      )
    })
  }
})

describe("values at 60 digits (mpmath: bisection on the exact value of the doubles)", () => {
  const cases: ReadonlyArray<readonly [name: string, of: Case]> = [
    ["a day to expiry", [1, 100, 101, 1 / 365, 0.05, 0.01, 0.01, 0.10928001341297587]],
    ["a negative rate, five years", [-1, 80, 100, 5, -0.02, 0.03, 52.5, 0.34782941351154845]],
    ["0.1 below the upper bound", [1, 1000, 1, 0.25, 0.02, 0, 999.5, 7.934155190087905]],
    ["far out of the money, ten years", [1, 1, 5, 10, 0.03, 0.01, 0.9, 1.8969964856432397]],
    ["a price of 1e-40", [-1, 300, 100, 0.1, 0, 0, 1e-40, 0.26091137462125924]],
    ["twenty years at 30%", [-1, 6, 12, 20, 0.3, 0.299, 0.02, 0.3153252755149586]]
  ]
  for (const [name, [sign, spot, strike, years, rate, dividendYield, price, expected]] of cases) {
    it(name, () => {
      const tally = newTally()
      const volatility = europeanVolatility(sign, spot, strike, years, rate, dividendYield, price, tally)
      const { vega } = europeanGreeks(sign, spot, strike, years, rate, dividendYield, expected)
      const rounding =
        (2 ** -52 * (spot * Math.exp(-dividendYield * years) + strike * Math.exp(-rate * years))) / vega
      expect(Math.abs(volatility - expected)).toBeLessThanOrEqual(4 * (rounding + 2.3e-16 * expected))
      expect(tally.searched).toBe(0)
    })
  }
})

describe("a price without a volatility says where it lies", () => {
  // Numbers whose bounds are exact: 110 − 100, 128 − 64.
  const call = terms({ spot: 110, years: 0.25 })
  const put = terms({ right: "PUT", strike: 110, years: 0.25 })
  const cases: ReadonlyArray<readonly [OptionTerms, number, string]> = [
    [call, 10, "at_intrinsic"],
    [call, 9.999999999999998, "below_intrinsic"],
    [call, 10.000000000000002, "ok"],
    [call, 109.99999999999999, "ok"],
    [call, 110, "at_upper"],
    [call, 110.00000000000001, "above_upper"],
    [put, 10, "at_intrinsic"],
    [put, 9.999999999999998, "below_intrinsic"],
    [put, 10.000000000000002, "ok"],
    [put, 109.99999999999999, "ok"],
    [put, 110, "at_upper"],
    [put, 110.00000000000001, "above_upper"],
    [terms({ spot: 64, strike: 128 }), 0, "at_intrinsic"],
    [terms({ spot: 64, strike: 128 }), -0, "at_intrinsic"],
    [terms({ spot: 64, strike: 128 }), 5e-324, "ok"],
    [terms({ spot: 64, strike: 128 }), -5e-324, "below_intrinsic"],
    [terms(), -Number.MAX_VALUE, "below_intrinsic"],
    [terms(), Number.MAX_VALUE, "above_upper"],
    // 1 − 1e−17 is no double: its rounding has to be taken off.
    [terms({ spot: 1, strike: 1e-17 }), 1, "at_upper"],
    [terms({ spot: 3, strike: 1e-17 }), 2.9999999999999996, "below_intrinsic"],
    // At expiry there is but the intrinsic value.
    [terms({ spot: 110, years: 0 }), 10, "at_intrinsic"],
    [terms({ spot: 110, years: 0 }), 9, "below_intrinsic"],
    [terms({ spot: 110, years: 0 }), 10.5, "above_upper"],
    [terms({ spot: 110, years: 0 }), 110, "above_upper"],
    [terms({ spot: 90, years: 0 }), 0, "at_intrinsic"]
  ]
  for (const [of, price, expected] of cases) {
    it(`${of.right} ${of.spot}/${of.strike}, ${of.years} years, at ${price}: ${expected}`, () => {
      expect(statusOf(of, price)).toBe(expected)
    })
  }

  it("inputs that no option has are named", () => {
    expect(statusOf(terms({ spot: 0 }), 1)).toBe("invalid spot")
    expect(statusOf(terms({ rate: 800 }), 1)).toBe("invalid rate")
    expect(statusOf(terms(), Number.NaN)).toBe("invalid price")
    expect(statusOf(terms(), Infinity)).toBe("invalid price")
  })

  it("names stand at their numbers", () => {
    expect(statusNames[OK]).toBe("ok")
    expect(statusNames[AT_INTRINSIC]).toBe("at_intrinsic")
    expect(statusNames[BELOW_INTRINSIC]).toBe("below_intrinsic")
    expect(statusNames[AT_UPPER]).toBe("at_upper")
    expect(statusNames[ABOVE_UPPER]).toBe("above_upper")
    expect(statusNames[INVALID]).toBe("invalid")
  })
})

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const sign = fc.constantFrom(1 as const, -1 as const)

/** Options of every kind a market has, and far more: S/K from e⁻⁶ to e⁶, hours to thirty years, 1% to 500%. */
const option = fc.record({
  sign,
  strike: between(-1, 4).map((x) => 10 ** x),
  moneyness: fc.oneof(between(-0.3, 0.3), between(-6, 6)),
  years: between(-3.5, 1.5).map((x) => 10 ** x),
  rate: between(-0.1, 0.3),
  dividendYield: between(-0.1, 0.2),
  volatility: between(-2, 0.7).map((x) => 10 ** x)
})

type Option = typeof option extends fc.Arbitrary<infer O> ? O : never

const bounds = (o: Option) => {
  const spot = o.strike * Math.exp(o.moneyness)
  return {
    spot,
    a: spot * Math.exp(-o.dividendYield * o.years),
    b: o.strike * Math.exp(-o.rate * o.years)
  }
}

const runs = { numRuns: 20_000, seed: 5 }

describe("whatever the option", () => {
  it("the volatility in its price gives that price: to three roundings of the bounds, and to 1e-11 of an option out of the money", () => {
    fc.assert(
      fc.property(option, (o) => {
        const { a, b, spot } = bounds(o)
        const rest = [spot, o.strike, o.years, o.rate, o.dividendYield] as const
        const price = europeanPrice(o.sign, ...rest, o.volatility)
        const volatility = europeanVolatility(o.sign, ...rest, price)
        // In the money the price itself may have been rounded to a bound, or beyond it.
        if (volatility <= 0)
          return (
            Math.abs(price - Math.max(0, o.sign * (a - b))) <= 4e-16 * Math.max(a, b) ||
            price === 0 ||
            volatility === -AT_UPPER
          )
        const error = Math.abs(europeanPrice(o.sign, ...rest, volatility) - price)
        const isSmooth = o.volatility * Math.sqrt(o.years) > 0.01 && price > 1e-300
        return (
          error <= 7e-16 * Math.max(a, b) && (!isSmooth || o.sign * (a - b) > 0 || error <= 1e-11 * price)
        )
      }),
      runs
    )
  })

  it("two steps are enough, and the volatility is found to what the rounding of the inputs leaves of it", () => {
    const tally = newTally()
    fc.assert(
      fc.property(option, (o) => {
        const { a, b, spot } = bounds(o)
        const rest = [spot, o.strike, o.years, o.rate, o.dividendYield] as const
        const { price, vega } = europeanGreeks(o.sign, ...rest, o.volatility)
        fc.pre(price > 1e-300 && o.volatility * Math.sqrt(o.years) > 1.1e-4)
        const volatility = europeanVolatility(o.sign, ...rest, price, tally)
        const tolerance = 4 * ((2 ** -52 * (a + b)) / vega + 2.3e-16 * o.volatility)
        return volatility <= 0 || Math.abs(volatility - o.volatility) <= tolerance
      }),
      runs
    )
    expect(tally).toEqual({ searched: 0, bisections: 0 })
  })

  it("a put and a call of one strike that differ by parity have one volatility", () => {
    fc.assert(
      fc.property(option, (o) => {
        const { a, b, spot } = bounds(o)
        const rest = [spot, o.strike, o.years, o.rate, o.dividendYield] as const
        const { price, vega } = europeanGreeks(1, ...rest, o.volatility)
        const put = price - (a - b)
        const [ofCall, ofPut] = [europeanVolatility(1, ...rest, price), europeanVolatility(-1, ...rest, put)]
        fc.pre(ofCall > 0 && ofPut > 0)
        // The put's price has a rounding more, of the difference.
        return Math.abs(ofCall - ofPut) <= 8 * ((2 ** -52 * (a + b)) / vega + 2.3e-16 * o.volatility)
      }),
      runs
    )
  })

  it("prices in another currency have the same volatility, to the bit for powers of two", () => {
    fc.assert(
      fc.property(option, fc.integer({ min: -80, max: 80 }), (o, power) => {
        const { spot } = bounds(o)
        const by = 2 ** power
        const price = europeanPrice(o.sign, spot, o.strike, o.years, o.rate, o.dividendYield, o.volatility)
        fc.pre(price > 1e-200)
        const one = europeanVolatility(o.sign, spot, o.strike, o.years, o.rate, o.dividendYield, price)
        return (
          one ===
          europeanVolatility(o.sign, spot * by, o.strike * by, o.years, o.rate, o.dividendYield, price * by)
        )
      }),
      runs
    )
  })

  it("a higher price has a volatility that is no lower", () => {
    fc.assert(
      fc.property(option, between(0, 1), between(0, 1), (o, x, y) => {
        const { a, b, spot } = bounds(o)
        const lowest = Math.max(0, o.sign * (a - b))
        const highest = o.sign > 0 ? a : b
        const prices = [
          lowest + Math.min(x, y) * (highest - lowest),
          lowest + Math.max(x, y) * (highest - lowest)
        ]
        const [low = 0, high = 0] = prices.map((price) =>
          europeanVolatility(o.sign, spot, o.strike, o.years, o.rate, o.dividendYield, price)
        )
        return low <= 0 || high <= 0 || high >= low * (1 - 1e-9) || Math.abs(x - y) < 1e-12
      }),
      runs
    )
  })
})

/** Beyond the guess: a year, a spot of 1, no rates; strike, volatility, price (mpmath, 900 digits). */
const remote: ReadonlyArray<readonly [strike: number, volatility: number, price: number]> = [
  [485165195.4097903, 1.5, 1.3743731531817853e-37],
  [485165195.4097903, 8.999999999999998, 0.9842884986649956],
  [5.184705528587072e21, 2.0, 1.0662620244749725e-128],
  [1.9424263952412558e130, 20.0, 2.2727748823194894e-7],
  [1.9424263952412558e130, 29.999999999968562, 0.9999996539743444],
  [3.7730203009299397e260, 36.0, 0.9040616473588213],
  [1.0010005001667084, 5e-5, 6.853488359036051e-95],
  [1.000000100000005, 3e-8, 3.3623367614648696e-12],
  [1.6487212707001282, 0.013249999999994273, 2.88958074e-315]
]

describe("whatever the numbers", () => {
  const anything = fc.oneof(
    fc.double(),
    fc.constantFrom(
      0,
      -0,
      5e-324,
      2.2250738585072014e-308,
      Number.MAX_VALUE,
      Infinity,
      -Infinity,
      Number.NaN,
      1,
      100
    ),
    between(0, 200),
    between(-1, 1)
  )

  it("there is a typed answer: a finite volatility above zero, a status, or the input that is wrong", () => {
    fc.assert(
      fc.property(
        fc.record({
          right: fc.constantFrom("CALL" as const, "PUT" as const),
          spot: anything,
          strike: anything,
          years: anything,
          rate: anything,
          dividendYield: anything
        }),
        anything,
        (of, price) =>
          Result.match(impliedVolatility(of, price), {
            onFailure: ({ _tag, field }) => _tag === "InvalidInputs" && field !== "",
            onSuccess: (answer) =>
              answer._tag !== "Ok" || (answer.volatility > 0 && answer.volatility < Infinity)
          })
      ),
      { numRuns: 50_000, seed: 7 }
    )
  })

  it("beyond the guess it is searched for, in few steps and hardly a bisection", () => {
    const tally = newTally()
    // At the money to the bit: σ√T ≈ price·√(2π)/S.
    const tiny = europeanVolatility(1, 100, 100, 1, 0, 0, 1e-12, tally)
    expect(Math.abs(tiny / (1e-14 * Math.sqrt(2 * Math.PI)) - 1)).toBeLessThan(1e-15)
    for (const [strike, volatility, price] of remote) {
      const found = europeanVolatility(1, 1, strike, 1, 0, 0, price, tally)
      expect(Math.abs(found / volatility - 1)).toBeLessThan(2e-14)
    }
    expect(tally).toEqual({ searched: 1 + remote.length, bisections: 0 })
  })
})

describeWithShared("against the reference table of implied volatilities", () => {
  const rows = readFileSync(sharedPath("oracles", "iv.csv"), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))

  it("every volatility is within its tolerance, every status exact, and two steps are enough for all", () => {
    const tally = newTally()
    let worst = 0
    for (const [, type, ...rest] of rows) {
      const [spot = 0, strike = 0, years = 0, rate = 0, dividendYield = 0, price = 0] = rest
        .slice(0, 6)
        .map(Number)
      const [status, sigma = "", , sens] = rest.slice(6)
      const of: OptionTerms = {
        right: type === "C" ? "CALL" : "PUT",
        spot,
        strike,
        years,
        rate,
        dividendYield
      }
      const answer = Result.getOrThrow(impliedVolatility(of, price, tally))
      expect(`${rest.join()}: ${statusName(answer)}`).toBe(`${rest.join()}: ${status}`)
      if (answer._tag !== "Ok") continue
      const tolerance = 4 * (Number(sens) + 2.3e-16 * Number(sigma))
      worst = Math.max(worst, Math.abs(answer.volatility - Number(sigma)) / tolerance)
    }
    expect(rows.length).toBeGreaterThan(1000)
    expect(worst).toBeLessThan(0.25)
    expect(tally).toEqual({ searched: 0, bisections: 0 })
  })
})
