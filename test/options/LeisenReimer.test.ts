import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { americanGreeks, americanPrice } from "../../src/options/AndersenLakeOffengenden.ts"
import { bivariateNormal } from "../../src/options/BivariateNormal.ts"
import { europeanGreeks, europeanPrice } from "../../src/options/BlackScholes.ts"
import type { CashDividend } from "../../src/options/CertainExercise.ts"
import { density, normal } from "../../src/options/kernels/Mills.ts"
import { leisenReimerGreeks, leisenReimerPrice, type TreeInputs } from "../../src/options/LeisenReimer.ts"

const option = (more: Partial<TreeInputs> = {}): TreeInputs => ({
  style: "american",
  sign: 1,
  spot: 100,
  strike: 100,
  years: 1,
  rate: 0.05,
  dividendYield: 0,
  volatility: 0.3,
  dividends: [],
  ...more
})

const cash = (
  ...paid: ReadonlyArray<readonly [years: number, amount: number]>
): ReadonlyArray<CashDividend> => paid.map(([years, amount]) => ({ years, amount }))

/**
 * A call with one cash dividend, exactly: exercised just before the ex-date, or held as European after it (Haug, Haug
 * and Lewis, "Back to basics", 2003, equation 5). The integral over the share's price by Simpson's rule.
 */
const oneDividendCall = ({ dividends, rate, spot, strike, style, volatility, years }: TreeInputs): number => {
  const [{ amount, years: exDate } = { amount: 0, years: 0 }] = dividends
  const points = 20_000
  const h = 16 / points
  let sum = 0
  for (let i = 0; i <= points; i++) {
    const z = -8 + i * h
    const price = spot * Math.exp((rate - volatility ** 2 / 2) * exDate + volatility * Math.sqrt(exDate) * z)
    const after = price - amount
    const held = after > 0 ? europeanPrice(1, after, strike, years - exDate, rate, 0, volatility) : 0
    const value = style === "american" ? Math.max(held, price - strike) : held
    sum += (i === 0 || i === points ? 1 : i % 2 === 1 ? 4 : 2) * value * density(z)
  }
  return (Math.exp(-rate * exDate) * sum * h) / 3
}

/** Roll (1977), Geske (1979) and Whaley (1981): the same call with escrowed cash. */
const rollGeskeWhaley = ({ dividends, rate, spot, strike, volatility, years }: TreeInputs): number => {
  const [{ amount, years: exDate } = { amount: 0, years: 0 }] = dividends
  const net = spot - amount * Math.exp(-rate * exDate)
  let [low, high] = [0, 10 * strike]
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (europeanPrice(1, middle, strike, years - exDate, rate, 0, volatility) > middle + amount - strike) {
      low = middle
    } else high = middle
  }
  const d = (level: number, time: number) =>
    (Math.log(net / level) + (rate + volatility ** 2 / 2) * time) / (volatility * Math.sqrt(time))
  const [a1, b1] = [d(strike, years), d(low, exDate)]
  const [a2, b2] = [a1 - volatility * Math.sqrt(years), b1 - volatility * Math.sqrt(exDate)]
  const correlation = -Math.sqrt(exDate / years)
  return (
    net * normal(b1) +
    net * bivariateNormal(a1, -b1, correlation) -
    strike * Math.exp(-rate * years) * bivariateNormal(a2, -b2, correlation) -
    (strike - amount) * Math.exp(-rate * exDate) * normal(b2)
  )
}

describe("calls with one cash dividend", () => {
  it.each<Partial<TreeInputs>>([
    { dividends: cash([0.5, 7]) },
    { dividends: cash([0.0001, 7]) },
    { dividends: cash([0.99, 7]) },
    { dividends: cash([0.5, 7]), strike: 70 },
    { dividends: cash([0.5, 2]), strike: 130 },
    { dividends: cash([0.5, 7]), style: "european" },
    { dividends: cash([0.25, 4]), spot: 80, strike: 82, years: 1 / 3, rate: 0.06 },
    { dividends: cash([0.04, 3]), strike: 80, years: 0.08, volatility: 0.25 }
  ])("are within 1e-5 of the strike of the exact integral: %o", (more) => {
    const asked = option(more)
    expect(Math.abs(leisenReimerPrice(asked) - oneDividendCall(asked))).toBeLessThan(1e-5 * asked.strike)
  })

  it("are exercised just before the ex-date where the cash is worth more than the time left", () => {
    // Deep in the money, 15 days before the ex-date of $3, 30 days to expiry: exercise is a day's wait away at most.
    const asked = option({ strike: 80, years: 30 / 365, volatility: 0.25, dividends: cash([15 / 365, 3]) })
    const american = leisenReimerPrice(asked)
    // Exercised at the last moment it is the spot less the strike paid then, and a put's worth of waiting.
    const lastMoment = 100 - 80 * Math.exp((-0.05 * 15) / 365)
    expect(american).toBeGreaterThan(lastMoment)
    expect(american).toBeLessThan(lastMoment + 0.01)
    expect(american - leisenReimerPrice({ ...asked, style: "european" })).toBeGreaterThan(2.5)
  })

  it("are not what escrowed cash gives: Haug's 4.3860 by Roll, Geske and Whaley leaves out the dividend's own risk", () => {
    const asked = option({ dividends: cash([0.25, 4]), spot: 80, strike: 82, years: 1 / 3, rate: 0.06 })
    expect(rollGeskeWhaley(asked)).toBeCloseTo(4.386, 4)
    expect(leisenReimerPrice(asked)).toBeCloseTo(4.6119, 3)
  })

  it("are never cheaper for ending after an ex-date than before it, as escrowed ones are", () => {
    const before = leisenReimerPrice(option({ years: 0.4999, dividends: cash([0.5, 7]) }))
    const after = leisenReimerPrice(option({ years: 0.5001, dividends: cash([0.5, 7]) }))
    expect(after).toBeGreaterThanOrEqual(before - 1e-3)
    const escrowed = option({ years: 0.5001, dividends: cash([0.5, 7]) })
    expect(rollGeskeWhaley(escrowed)).toBeLessThan(before - 0.3)
  })
})

describe("several dividends, puts, yields", () => {
  // A finite difference solution of its own (Crank–Nicolson after Rannacher, Brennan–Schwartz, Richardson).
  it.each<readonly [expected: number, more: Partial<TreeInputs>]>([
    [13.32674, { sign: -1, dividends: cash([0.5, 7]) }],
    [17.31298, { strike: 90, dividends: cash([0.25, 2], [0.75, 2]) }],
    [
      14.2045,
      {
        sign: -1,
        strike: 110,
        years: 0.5,
        dividendYield: 0.01,
        volatility: 0.25,
        dividends: cash([0.1, 1.5], [0.35, 1.5])
      }
    ],
    [
      29.3706,
      {
        style: "european",
        sign: -1,
        strike: 110,
        years: 2,
        rate: 0.03,
        volatility: 0.4,
        dividends: cash([0.5, 3], [1, 3], [1.5, 3])
      }
    ],
    [
      20.90831,
      {
        sign: -1,
        strike: 120,
        rate: 0.08,
        volatility: 0.2,
        dividends: cash([0.02, 1], [0.27, 1], [0.52, 1], [0.77, 1])
      }
    ],
    [17.57465, { years: 3, rate: -0.01, dividends: cash([1.5, 5]) }]
  ])("%f", (expected, more) => {
    const asked = option(more)
    expect(Math.abs(leisenReimerPrice(asked) - expected)).toBeLessThan(1.5e-5 * asked.strike)
  })

  it("the order they are listed in and those outside of the life do not matter", () => {
    const dividends = cash([0.25, 2], [0.75, 2])
    const listed = cash([0.75, 2], [1.01, 50], [-0.1, 50], [0.25, 2], [0.5, 0])
    expect(leisenReimerPrice(option({ dividends: listed }))).toBe(leisenReimerPrice(option({ dividends })))
  })

  it("parity of European ones holds with the cash's present value", () => {
    const dividends = cash([0.25, 2], [0.75, 3])
    const call = leisenReimerPrice(option({ style: "european", dividends }))
    const put = leisenReimerPrice(option({ style: "european", sign: -1, dividends }))
    const present = 2 * Math.exp(-0.05 * 0.25) + 3 * Math.exp(-0.05 * 0.75)
    expect(call - put).toBeCloseTo(100 - present - 100 * Math.exp(-0.05), 2)
  })
})

describe("without cash", () => {
  it.each<Partial<TreeInputs>>([
    {},
    { sign: -1 },
    { sign: -1, strike: 120, dividendYield: 0.04 },
    { strike: 80, dividendYield: 0.08, years: 2 },
    { sign: -1, strike: 60, years: 0.1 }
  ])("it is within 1e-5 of the strike of the accurate American value: %o", (more) => {
    const asked = option(more)
    const { dividendYield, rate, sign, spot, strike, volatility, years } = asked
    const accurate = americanPrice(sign, spot, strike, years, rate, dividendYield, volatility)
    expect(Math.abs(leisenReimerPrice(asked) - accurate)).toBeLessThan(1e-5 * strike)
  })

  it("European Greeks are those of the formulas: to 1e-4 of their scale, by volatility to 1e-3", () => {
    for (const sign of [1, -1] as const) {
      const tree = leisenReimerGreeks(option({ style: "european", sign, strike: 105 }))
      const exact = europeanGreeks(sign, 100, 105, 1, 0.05, 0, 0.3)
      expect(Math.abs(tree.delta - exact.delta)).toBeLessThan(1e-4)
      expect(Math.abs(tree.gamma - exact.gamma)).toBeLessThan(1e-4 * exact.gamma * 10)
      expect(Math.abs(tree.theta - exact.theta)).toBeLessThan(0.01)
      expect(Math.abs(tree.vega - exact.vega)).toBeLessThan(1e-3 * exact.vega)
      expect(Math.abs(tree.rho - exact.rho)).toBeLessThan(1e-3 * Math.abs(exact.rho))
      expect(Math.abs(tree.vanna - exact.vanna)).toBeLessThan(0.01)
    }
  })

  it("an exercised put moves with the share alone", () => {
    expect(leisenReimerGreeks(option({ sign: -1, spot: 40, volatility: 0.2 }))).toEqual({
      price: 60,
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

describe("beside the rate at which exercise stops being worth anything", () => {
  it.each<
    readonly [
      sign: 1 | -1,
      strike: number,
      years: number,
      rate: number,
      dividendYield: number,
      volatility: number
    ]
  >([
    [1, 37.03, 0.245, 0.0049, 0.0023, 0.549],
    [1, 100, 2.1, 0.002, 0.002, 0.15],
    [-1, 130, 1, 0.004, 0.005, 0.3]
  ])("rho is the accurate one: %f %f %f %f %f %f", (sign, strike, years, rate, dividendYield, volatility) => {
    const inputs = { sign, spot: 100, strike, years, rate, dividendYield, volatility }
    const { rho } = leisenReimerGreeks({ ...inputs, style: "american", dividends: [] })
    const accurate = americanGreeks(sign, 100, strike, years, rate, dividendYield, volatility).rho
    expect(Math.abs(rho - accurate)).toBeLessThan(1e-3 * (100 + strike) * (1 + years))
  })
})

describe("whatever the inputs", () => {
  it("values and Greeks are numbers, American ones not below intrinsic", () => {
    const within = (min: number, max: number) => fc.double({ min, max, noNaN: true })
    fc.assert(
      fc.property(
        fc.record({
          style: fc.constantFrom<"american" | "european">("american", "european"),
          sign: fc.constantFrom<1 | -1>(1, -1),
          spot: within(1, 1000),
          strike: within(1, 1000),
          years: within(0, 3),
          rate: within(-0.1, 0.2),
          dividendYield: within(-0.1, 0.2),
          volatility: within(0, 3),
          dividends: fc.array(fc.record({ years: within(-1, 4), amount: within(0, 200) }), { maxLength: 4 })
        }),
        (asked) => {
          const greeks = leisenReimerGreeks(asked)
          for (const value of Object.values(greeks)) expect(Number.isFinite(value)).toBe(true)
          if (asked.style === "american") {
            expect(greeks.price).toBeGreaterThanOrEqual(asked.sign * (asked.spot - asked.strike))
          }
        }
      ),
      { numRuns: 150 }
    )
  })
})
