import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { europeanGreeks, europeanPrice } from "../../src/options/BlackScholes.ts"
import { signOf } from "../../src/options/OptionInputs.ts"
import { type Outcome, outcomeOf, probabilityOfProfit } from "../../src/options/Payoff.ts"
import type { Leg, LegModel, OptionLeg, ShareLeg } from "../../src/options/Position.ts"

const model: LegModel = {
  price: (i) =>
    europeanPrice(signOf(i.right), i.spot, i.strike, i.years, i.rate, i.dividendYield, i.volatility),
  greeks: (i) =>
    europeanGreeks(signOf(i.right), i.spot, i.strike, i.years, i.rate, i.dividendYield, i.volatility)
}

const option = (
  quantity: number,
  right: "CALL" | "PUT",
  strike: number,
  entryPrice: number,
  more: Partial<OptionLeg> = {}
): OptionLeg => ({
  _tag: "Option",
  right,
  strike,
  years: 0.25,
  rate: 0.05,
  dividendYield: 0,
  volatility: 0.3,
  style: "EUROPEAN",
  quantity,
  multiplier: 100,
  entryPrice,
  ...more
})
const shares = (quantity: number, entryPrice: number): ShareLeg => ({ _tag: "Shares", quantity, entryPrice })

const outcome = (legs: ReadonlyArray<Leg>, horizonYears?: number): Outcome =>
  Result.getOrThrow(
    outcomeOf(legs, { spot: 100, model, ...(horizonYears === undefined ? {} : { horizonYears }) })
  )

const shown = ({ breakEvens, maxGain, maxLoss }: Outcome) => ({
  breakEvens: breakEvens.map((price) => Math.round(price * 1e9) / 1e9),
  gain: maxGain._tag === "Unlimited" ? "unlimited" : Math.round(maxGain.profit * 1e6) / 1e6,
  loss: maxLoss._tag === "Unlimited" ? "unlimited" : Math.round(maxLoss.profit * 1e6) / 1e6
})

describe("positions whose options all end on one day", () => {
  it.each([
    {
      name: "a long call",
      legs: [option(1, "CALL", 105, 2.1)],
      is: { breakEvens: [107.1], gain: "unlimited", loss: -210 }
    },
    {
      name: "a short put",
      legs: [option(-2, "PUT", 95, 1.5)],
      is: { breakEvens: [93.5], gain: 300, loss: -18_700 }
    },
    {
      name: "a long straddle",
      legs: [option(1, "CALL", 100, 4), option(1, "PUT", 100, 3.5)],
      is: { breakEvens: [92.5, 107.5], gain: "unlimited", loss: -750 }
    },
    {
      name: "a short strangle",
      legs: [option(-1, "CALL", 110, 1.2), option(-1, "PUT", 90, 0.8)],
      is: { breakEvens: [88, 112], gain: 200, loss: "unlimited" }
    },
    {
      name: "a bull call spread",
      legs: [option(1, "CALL", 100, 5), option(-1, "CALL", 110, 2)],
      is: { breakEvens: [103], gain: 700, loss: -300 }
    },
    {
      name: "an iron condor",
      legs: [
        option(1, "PUT", 85, 0.4),
        option(-1, "PUT", 90, 1),
        option(-1, "CALL", 110, 1.1),
        option(1, "CALL", 115, 0.5)
      ],
      is: { breakEvens: [88.8, 111.2], gain: 120, loss: -380 }
    },
    {
      name: "a butterfly",
      legs: [option(1, "CALL", 95, 7.2), option(-2, "CALL", 100, 4), option(1, "CALL", 105, 1.8)],
      is: { breakEvens: [96, 104], gain: 400, loss: -100 }
    },
    {
      name: "a covered call",
      legs: [shares(100, 100), option(-1, "CALL", 105, 2)],
      is: { breakEvens: [98], gain: 700, loss: -9800 }
    },
    {
      name: "a protective put",
      legs: [shares(100, 100), option(1, "PUT", 95, 2)],
      is: { breakEvens: [102], gain: "unlimited", loss: -700 }
    },
    {
      name: "a call ratio spread",
      legs: [option(1, "CALL", 100, 5), option(-2, "CALL", 110, 2)],
      is: { breakEvens: [101, 119], gain: 900, loss: "unlimited" }
    },
    {
      name: "shares sold short",
      legs: [shares(-10, 100)],
      is: { breakEvens: [100], gain: 1000, loss: "unlimited" }
    },
    {
      name: "a conversion without profit: flat at zero",
      legs: [shares(100, 100), option(-1, "CALL", 100, 3), option(1, "PUT", 100, 3)],
      is: { breakEvens: [], gain: 0, loss: 0 }
    },
    { name: "nothing", legs: [], is: { breakEvens: [], gain: 0, loss: 0 } }
  ])("$name", ({ is, legs }) => {
    const of = outcome(legs)
    expect(of.exact).toBe(true)
    expect(shown(of)).toEqual(is)
  })

  it("the prices with a profit lie between the break-evens, and the last range may have no end", () => {
    expect(outcome([option(1, "CALL", 100, 4), option(1, "PUT", 100, 3.5)]).profitable).toEqual([
      { from: 0, to: 92.5 },
      { from: 107.5, to: undefined }
    ])
    expect(outcome([option(-1, "CALL", 110, 1.2), option(-1, "PUT", 90, 0.8)]).profitable).toEqual([
      { from: 88, to: 112 }
    ])
  })

  it("where the profit is zero over a range, its ends are told", () => {
    // A call spread that cost nothing: zero up to 100, then up to 1,000.
    const of = outcome([option(1, "CALL", 100, 3), option(-1, "CALL", 110, 3)])
    expect(of.breakEvens).toEqual([100])
    expect(of.profitable).toEqual([{ from: 100, to: undefined }])
    expect(of.maxLoss).toEqual({ _tag: "Limited", profit: 0, at: 0 })
  })

  it("by any legs: the profit at a break-even is nothing, and no price does better or worse than the extremes", () => {
    const leg = fc.record({
      quantity: fc.integer({ min: -5, max: 5 }),
      right: fc.constantFrom("CALL" as const, "PUT" as const),
      strike: fc.integer({ min: 50, max: 150 }),
      entryPrice: fc.integer({ min: 0, max: 2000 }).map((cents) => cents / 100)
    })
    const profitAt = (legs: ReadonlyArray<OptionLeg>, spot: number): number =>
      legs.reduce(
        (sum, l) =>
          sum +
          l.quantity *
            100 *
            (Math.max(0, l.right === "CALL" ? spot - l.strike : l.strike - spot) - l.entryPrice),
        0
      )
    fc.assert(
      fc.property(fc.array(leg, { minLength: 1, maxLength: 6 }), (given) => {
        const legs = given.map((l) => option(l.quantity, l.right, l.strike, l.entryPrice))
        const { breakEvens, maxGain, maxLoss, profitable } = outcome(legs)
        for (const price of breakEvens) expect(Math.abs(profitAt(legs, price))).toBeLessThan(1e-7)
        for (let spot = 0.25; spot < 200; spot += 1) {
          const profit = profitAt(legs, spot)
          const inside = profitable.some(({ from, to = Infinity }) => from < spot && spot < to)
          if (Math.abs(profit) > 1e-7) expect(inside).toBe(profit > 0)
          if (maxGain._tag === "Limited") expect(profit).toBeLessThanOrEqual(maxGain.profit + 1e-7)
          if (maxLoss._tag === "Limited") expect(profit).toBeGreaterThanOrEqual(maxLoss.profit - 1e-7)
        }
        if (maxGain._tag === "Unlimited") expect(profitAt(legs, 1e9)).toBeGreaterThan(1e9)
        if (maxLoss._tag === "Unlimited") expect(profitAt(legs, 1e9)).toBeLessThan(-1e9)
      }),
      { numRuns: 100, seed: 5 }
    )
  })
})

describe("a calendar: the later leg is valued at the first expiry", () => {
  const legs = [option(-1, "CALL", 100, 4.6), option(1, "CALL", 100, 6.6, { years: 0.5 })]
  const later = (spot: number): number => europeanPrice(1, spot, 100, 0.25, 0.05, 0, 0.3)
  const profitAt = (spot: number): number => 100 * (later(spot) - Math.max(0, spot - 100) - 2)

  it("break-evens are where the profit is nothing, and the greatest gain is at the strike", () => {
    const of = outcome(legs)
    expect(of.exact).toBe(false)
    expect(of.breakEvens).toHaveLength(2)
    for (const price of of.breakEvens) expect(Math.abs(profitAt(price))).toBeLessThan(1e-9)
    expect(of.maxGain).toEqual({ _tag: "Limited", profit: expect.closeTo(profitAt(100), 9), at: 100 })
  })

  it("the greatest loss is what was paid", () => {
    expect(outcome(legs).maxLoss).toEqual({ _tag: "Limited", profit: expect.closeTo(-200, 9), at: 0 })
  })

  it("a gain that is only neared as the price rises has no price", () => {
    // A covered call before its expiry: the discounted strike and the premium, less the shares' cost.
    const covered = outcome([shares(100, 100), option(-1, "CALL", 105, 2)], 0.15)
    expect(covered.maxGain).toEqual({
      _tag: "Limited",
      profit: expect.closeTo(100 * (105 * Math.exp(-0.05 * 0.1) + 2 - 100), 8),
      at: undefined
    })
  })

  it("a yield on the later European call makes the loss unlimited: it lags behind the share", () => {
    const lagging = outcome([
      option(-1, "CALL", 100, 4.6, { dividendYield: 0.04 }),
      option(1, "CALL", 100, 6.6, { years: 0.5, dividendYield: 0.04 })
    ])
    expect(lagging.maxLoss).toEqual({ _tag: "Unlimited" })
  })

  it("before the first expiry a single call has one break-even, below that of its end", () => {
    const { breakEvens, exact, maxGain } = outcome([option(1, "CALL", 105, 3)], 0.1)
    expect(exact).toBe(false)
    expect(breakEvens).toHaveLength(1)
    expect(breakEvens[0]).toBeLessThan(108)
    expect(europeanPrice(1, breakEvens[0] ?? 0, 105, 0.15, 0.05, 0, 0.3)).toBeCloseTo(3, 9)
    expect(maxGain).toEqual({ _tag: "Unlimited" })
  })

  it("a horizon after the first expiry is refused", () => {
    const refused = outcomeOf(legs, { spot: 100, model, horizonYears: 0.3 })
    expect(Result.isFailure(refused) && refused.failure.field).toBe("horizonYears")
  })
})

describe("the probability of profit", () => {
  const market = { spot: 100, rate: 0.05, dividendYield: 0.01, volatility: 0.25 }
  const probability = (of: Outcome): number => Result.getOrThrow(probabilityOfProfit(of, market))

  it("of a long digital range is N(d₂): a call bought for nothing at 110 has N(d₂(110))", () => {
    const of = outcome([option(1, "CALL", 110, 0)])
    // scipy.stats.norm.cdf((log(100/110) + (0.04 - 0.03125)*0.25) / 0.125)
    expect(probability(of)).toBeCloseTo(0.22814147049307532, 12)
  })

  it("of a position and of its opposite add up to one", () => {
    const long = outcome([option(1, "CALL", 100, 4), option(1, "PUT", 100, 3.5)])
    const short = outcome([option(-1, "CALL", 100, 4), option(-1, "PUT", 100, 3.5)])
    expect(probability(long) + probability(short)).toBeCloseTo(1, 14)
  })

  it("keeps its digits in a far tail", () => {
    const of = outcome([option(1, "CALL", 1000, 0)])
    // The same of 1000, by scipy.
    expect(probability(of) / 6.193764686082865e-76).toBeCloseTo(1, 12)
  })

  it("without time or volatility is that of the forward", () => {
    const of = outcome([option(1, "CALL", 100, 0, { years: 0 })])
    expect(Result.getOrThrow(probabilityOfProfit(of, { ...market, spot: 101 }))).toBe(1)
    expect(Result.getOrThrow(probabilityOfProfit(of, { ...market, spot: 99 }))).toBe(0)
  })
})

describe("what makes no sense", () => {
  it.each([
    ["spot", () => outcomeOf([], { spot: Number.NaN, model })],
    ["legs[0].quantity", () => outcomeOf([option(Number.NaN, "CALL", 100, 1)], { spot: 100, model })],
    ["legs[0].entryPrice", () => outcomeOf([option(1, "CALL", 100, -1)], { spot: 100, model })],
    ["strike", () => outcomeOf([option(1, "CALL", 0, 1)], { spot: 100, model })],
    [
      "legs[1].multiplier",
      () => outcomeOf([shares(1, 1), option(1, "CALL", 9, 1, { multiplier: 0 })], { spot: 100, model })
    ]
  ])("%s is named", (field, run) => {
    const refused = run()
    expect(Result.isFailure(refused) && refused.failure.field).toBe(field)
  })
})
