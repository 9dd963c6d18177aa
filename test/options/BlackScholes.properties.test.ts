import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { europeanGreeks, europeanPrice } from "../../src/options/BlackScholes.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** Wide, and with values for every Greek: ln(S/K) up to 4.6, that is S/K from 1e-2 to 1e2. */
const wide = {
  moneyness: between(-4.6, 4.6),
  logStrike: between(-3, 9),
  years: between(0.002, 30),
  rate: between(-0.1, 0.25),
  dividendYield: between(-0.1, 0.25),
  volatility: between(0.01, 3)
}

interface Drawn {
  readonly moneyness: number
  readonly logStrike: number
  readonly years: number
  readonly rate: number
  readonly dividendYield: number
  readonly volatility: number
}

interface Market {
  readonly spot: number
  readonly strike: number
  readonly years: number
  readonly rate: number
  readonly dividendYield: number
  readonly volatility: number
}

const marketOf = ({ dividendYield, logStrike, moneyness, rate, volatility, years }: Drawn): Market => {
  const strike = Math.exp(logStrike)
  return { spot: strike * Math.exp(moneyness), strike, years, rate, dividendYield, volatility }
}

type Sign = 1 | -1
const signs: ReadonlyArray<Sign> = [1, -1]

const valueOf = (sign: Sign, m: Market): number =>
  europeanPrice(sign, m.spot, m.strike, m.years, m.rate, m.dividendYield, m.volatility)

const greeksOf = (sign: Sign, m: Market) =>
  europeanGreeks(sign, m.spot, m.strike, m.years, m.rate, m.dividendYield, m.volatility)

/** Discounted spot and strike. */
const legs = (m: Market): readonly [number, number] => [
  m.spot * Math.exp(-m.dividendYield * m.years),
  m.strike * Math.exp(-m.rate * m.years)
]

/** What rounding may do to a price: some ulps of the greatest term. */
const rounding = (m: Market): number => 8 * Number.EPSILON * Math.max(...legs(m))

describe("whatever the option", () => {
  it.prop("a call less a put is a forward, in price and in each Greek", wide, (drawn) => {
    const m = marketOf(drawn)
    const [a, b] = legs(m)
    const call = greeksOf(1, m)
    const put = greeksOf(-1, m)
    const near = (actual: number, expected: number, scale: number) =>
      expect(Math.abs(actual - expected)).toBeLessThanOrEqual(16 * Number.EPSILON * scale)
    near(call.price - put.price, a - b, Math.max(a, b))
    near(call.delta - put.delta, a / m.spot, a / m.spot)
    near(call.rho - put.rho, m.years * b, m.years * Math.max(a, b))
    near(call.theta - put.theta, m.dividendYield * a - m.rate * b, Math.max(a, b) + Math.abs(call.theta))
    near(call.charm - put.charm, (m.dividendYield * a) / m.spot, a / m.spot + Math.abs(call.charm))
    for (const name of ["gamma", "vega", "vanna", "volga", "speed"] as const)
      expect(call[name]).toBe(put[name])
  })

  it.prop("a call is a put with spot and strike, rate and yield exchanged", wide, (drawn) => {
    const m = marketOf(drawn)
    const mirrored = {
      ...m,
      spot: m.strike,
      strike: m.spot,
      rate: m.dividendYield,
      dividendYield: m.rate
    }
    expect(Math.abs(valueOf(1, m) - valueOf(-1, mirrored))).toBeLessThanOrEqual(rounding(m))
  })

  it.prop("the price is within its bounds", wide, (drawn) => {
    const m = marketOf(drawn)
    const [a, b] = legs(m)
    for (const sign of signs) {
      const value = valueOf(sign, m)
      expect(value).toBeGreaterThanOrEqual(Math.max(0, sign * (a - b)) - rounding(m))
      expect(value).toBeLessThanOrEqual((sign > 0 ? a : b) + rounding(m))
    }
  })

  it.prop("twice the spot and strike is twice the price, to the bit", wide, (drawn) => {
    const m = marketOf(drawn)
    const twice = { ...m, spot: 2 * m.spot, strike: 2 * m.strike }
    for (const sign of signs) {
      const { delta, gamma, price } = greeksOf(sign, m)
      // Half of a number that is hardly a double any more is not one, nor is what it was made of.
      if (price === 0 || price > 2 ** -1000) expect(valueOf(sign, twice)).toBe(2 * valueOf(sign, m))
      if (delta === 0 || Math.abs(delta) > 2 ** -1000) expect(greeksOf(sign, twice).delta).toBe(delta)
      if (gamma === 0 || gamma > 2 ** -1000) expect(greeksOf(sign, twice).gamma).toBe(gamma / 2)
    }
  })

  it.prop("the price is S·delta less the cash leg, rho/T", wide, (drawn) => {
    const m = marketOf(drawn)
    for (const sign of signs) {
      const { delta, price, rho } = greeksOf(sign, m)
      expect(Math.abs(m.spot * delta - rho / m.years - price)).toBeLessThanOrEqual(rounding(m))
    }
  })

  it.prop("theta, delta and gamma satisfy the equation of Black, Scholes and Merton", wide, (drawn) => {
    const m = marketOf(drawn)
    for (const sign of signs) {
      const { delta, gamma, price, theta } = greeksOf(sign, m)
      const terms = [
        theta,
        (m.rate - m.dividendYield) * m.spot * delta,
        0.5 * m.volatility ** 2 * m.spot ** 2 * gamma,
        -m.rate * price
      ]
      const scale = terms.reduce((sum, term) => sum + Math.abs(term), Math.max(...legs(m)))
      expect(Math.abs(terms.reduce((sum, term) => sum + term, 0))).toBeLessThanOrEqual(1e-12 * scale)
    }
  })

  it.prop(
    "more spot, volatility or, for a put, strike never lowers the price",
    { ...wide, by: between(1.001, 3) },
    ({ by, ...drawn }) => {
      const m = marketOf(drawn)
      const most = { ...m, spot: m.spot * by }
      const slack = rounding(most) + rounding({ ...m, strike: m.strike * by })
      for (const sign of signs) {
        const value = valueOf(sign, m)
        const more = sign * (valueOf(sign, most) - value)
        expect(more).toBeGreaterThanOrEqual(-slack)
        expect(valueOf(sign, { ...m, volatility: m.volatility * by })).toBeGreaterThanOrEqual(value - slack)
        expect(sign * (value - valueOf(sign, { ...m, strike: m.strike * by }))).toBeGreaterThanOrEqual(-slack)
      }
    }
  )

  it.prop(
    "the price is convex in the strike: a butterfly costs something",
    { ...wide, width: between(0.001, 0.9) },
    ({ width, ...drawn }) => {
      const m = marketOf(drawn)
      for (const sign of signs) {
        const [low, middle, high] = [1 - width, 1, 1 + width].map((k) =>
          valueOf(sign, { ...m, strike: k * m.strike })
        )
        expect((low ?? 0) + (high ?? 0) - 2 * (middle ?? 0)).toBeGreaterThanOrEqual(-8 * rounding(m))
      }
    }
  )
})

/** First derivative of eighth order in h from eight values about x. */
const slope = (f: (x: number) => number, x: number, h: number): number => {
  const weights = [4 / 5, -1 / 5, 4 / 105, -1 / 280]
  return weights.reduce((sum, weight, i) => sum + weight * (f(x + (i + 1) * h) - f(x - (i + 1) * h)), 0) / h
}

/** Where every Greek is of some size, so that differences of doubles can see it. */
const near = {
  ...wide,
  moneyness: between(-0.5, 0.5),
  years: between(0.05, 3),
  volatility: between(0.15, 0.9)
}

describe("each Greek is the slope of another, by differences of eighth order", () => {
  const pairs = [
    ["delta", "price", "spot", 1],
    ["gamma", "delta", "spot", 1],
    ["speed", "gamma", "spot", 1],
    ["vega", "price", "volatility", 1],
    ["vanna", "delta", "volatility", 1],
    ["volga", "vega", "volatility", 1],
    ["theta", "price", "years", -1],
    ["charm", "delta", "years", -1],
    ["rho", "price", "rate", 1]
  ] as const

  for (const [greek, of, along, direction] of pairs) {
    it.prop(`${greek} is ${direction < 0 ? "less " : ""}that of ${of} along ${along}`, near, (drawn) => {
      const m = marketOf(drawn)
      const deviation = m.volatility * Math.sqrt(m.years)
      // How far each input has to move for the option's curves to bend, and how great their values are.
      const width = {
        spot: m.spot * deviation,
        volatility: m.volatility,
        years: m.years,
        rate: deviation / m.years
      }[along]
      const size = {
        price: m.spot + m.strike,
        delta: 1,
        gamma: 1 / (m.spot * deviation),
        vega: m.spot * Math.sqrt(m.years)
      }[of]
      for (const sign of signs) {
        const f = (x: number): number => greeksOf(sign, { ...m, [along]: x })[of]
        const found = direction * slope(f, m[along], 0.02 * width)
        expect(Math.abs(found - greeksOf(sign, m)[greek])).toBeLessThanOrEqual((1e-9 * size) / width)
      }
    })
  }
})
