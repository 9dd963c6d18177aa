import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { instrumentId } from "../../../src/domain/Identifiers.ts"
import { pricePerShare } from "../../../src/domain/Money.ts"
import type { LegTerms } from "../../../src/domain/OrderLeg.ts"
import { accountGreeks } from "../../../src/execution/options/AccountGreeks.ts"
import { orderEffect } from "../../../src/execution/options/OrderEffect.ts"
import { payoffCurves } from "../../../src/portfolio/options/PositionPayoff.ts"
import type { StructureLeg } from "../../../src/options/Structure.ts"
import { contractGreeks } from "../../../src/risk/options/ContractGreeks.ts"
import { aapl, option, stock } from "../../options/OptionLegs.ts"
import { at, held } from "../../portfolio/options/OptionPositions.ts"

const now = at("2014-06-09 12:00")
const spot = pricePerShare(92)

/** So many of a leg, at dollars a share. */
type Priced = readonly [leg: StructureLeg, price: number]

const termsOf = (leg: StructureLeg, units: number): LegTerms => ({
  instrumentId: leg.instrumentId,
  side: leg.quantity < 0 ? "SELL" : "BUY",
  ratio: Math.abs(leg.quantity) / units,
  multiplier: leg.contract === undefined ? 1 : 100,
  ...(leg.contract === undefined ? {} : { contract: leg.contract })
})

const effect = (holding: ReadonlyArray<Priced>, order: ReadonlyArray<Priced>, units = 1) =>
  orderEffect({
    positions: holding.map(([leg, paid]) => held(leg, paid)),
    legs: order.map(([leg]) => termsOf(leg, units)),
    units,
    fillPrices: order.map(([, price]) => pricePerShare(price)),
    spot,
    marks: new Map(holding.map(([{ instrumentId: id }, paid]) => [id, pricePerShare(paid)])),
    now
  })

const lossOf = (found: ReturnType<typeof effect>, side: "before" | "after") => {
  const { outcome } = Result.getOrThrow(found)[side]
  return outcome?.maxLoss._tag === "Limited"
    ? Math.round(outcome.maxLoss.profit * 100) / 100
    : outcome?.maxLoss
}

describe("the effect of an order", () => {
  it("a vertical from nothing: nothing before, its own most to lose after", () => {
    const found = effect(
      [],
      [
        [option(-2, "P 90"), 1.1],
        [option(2, "P 85"), 0.3]
      ],
      2
    )
    const { after, before, underlying } = Result.getOrThrow(found)
    expect(underlying).toBe(aapl)
    expect(before).toMatchObject({ structures: [], outcome: undefined, greeks: { delta: 0, vega: 0 } })
    expect(after.structures).toEqual(["2 × AAPL bull put vertical 2014-06-13 90/85"])
    expect(lossOf(found, "after")).toBe(-840)
    expect(after.greeks.delta).toBeGreaterThan(0)
    expect(after.greeks.vega).toBeLessThan(0)
  })

  it("a call sold against shares covers: the loss shrinks by the premium and the gain has an end", () => {
    const found = effect([[stock(100), 92]], [[option(-1, "C 95"), 1.5]])
    const { after, before } = Result.getOrThrow(found)
    expect(before.structures).toEqual(["100 AAPL shares"])
    expect(before.outcome?.maxGain).toEqual({ _tag: "Unlimited" })
    expect(after.structures).toEqual(["AAPL covered call 2014-06-13 95"])
    expect(after.outcome?.maxGain).toMatchObject({ _tag: "Limited" })
    expect([lossOf(found, "before"), lossOf(found, "after")]).toEqual([-9200, -9050])
  })

  it("taking one leg out of a condor leaves a loss without end, and it is seen beforehand", () => {
    const condor: ReadonlyArray<Priced> = [
      [option(1, "P 80"), 0.1],
      [option(-1, "P 85"), 0.4],
      [option(-1, "C 97"), 0.5],
      [option(1, "C 102"), 0.1]
    ]
    const found = effect(condor, [[option(-1, "C 102"), 0.1]])
    expect(lossOf(found, "before")).toBe(-430)
    expect(lossOf(found, "after")).toEqual({ _tag: "Unlimited" })
    expect(Result.getOrThrow(found).after.structures).toEqual([
      "AAPL bull put vertical 2014-06-13 85/80",
      "AAPL short call 2014-06-13 97"
    ])
  })

  it("closing keeps what was gained: afterwards the profit is the same at every price, and nothing moves", () => {
    const found = effect([[option(-1, "P 90"), 1.1]], [[option(1, "P 90"), 0.4]])
    const { after } = Result.getOrThrow(found)
    expect(after.structures).toEqual([])
    expect(after.greeks).toMatchObject({ delta: 0, gamma: 0, vega: 0, theta: 0 })
    expect(after.outcome?.maxGain).toMatchObject({ _tag: "Limited" })
    expect(after.outcome?.breakEvens).toEqual([])
    expect(lossOf(found, "after")).toBe(70)
  })

  it("other underlyings are left out", () => {
    const spy = instrumentId("SPY.ARCX")
    const found = effect(
      [
        [stock(100), 92],
        [stock(50, spy), 190]
      ],
      [[option(-1, "C 95"), 1.5]]
    )
    expect(Result.getOrThrow(found).before.structures).toEqual(["100 AAPL shares"])
  })

  it("what is held without a price makes it unknown, and says of what", () => {
    const found = orderEffect({
      positions: [held(option(1, "C 90"))],
      legs: [termsOf(option(-1, "C 95"), 1)],
      units: 1,
      fillPrices: [pricePerShare(1)],
      spot,
      marks: new Map(),
      now
    })
    expect(Result.isFailure(found) && found.failure.message).toBe("AAPL 140613C00090000 has no price")
  })

  it("has curves of both for a chart", () => {
    const { payoffAfter, payoffBefore } = Result.getOrThrow(
      effect([[stock(100), 92]], [[option(-1, "C 95"), 1.5]])
    )
    const after = payoffAfter && payoffCurves(payoffAfter)
    const before = payoffBefore && payoffCurves(payoffBefore, after?.prices)
    expect(before?.curves).toHaveLength(1)
    expect(after?.curves.map(({ expiry }) => expiry)).toEqual([undefined, "2014-06-13"])
  })
})

describe("the Greeks of an account", () => {
  const positions = [
    held(stock(100), 92),
    held(option(-2, "C 95"), 1.5),
    held(option(1, "P 90 2014-07-18"), 2),
    held(stock(10, instrumentId("SPY.ARCX")), 190)
  ]
  const marks = new Map([
    [aapl, spot],
    [option(1, "C 95").instrumentId, pricePerShare(0.7)],
    [option(1, "P 90 2014-07-18").instrumentId, pricePerShare(1.9)],
    [instrumentId("SPY.ARCX"), pricePerShare(190)]
  ])
  const underlyings = new Map([[aapl, spot]])
  const found = accountGreeks(positions, { now, marks, underlyings })

  it("are those of a contract times what is held", () => {
    const call = option(-2, "C 95")
    const one = contractGreeks({ contract: call.contract, multiplier: 100, mark: 700_000, spot, now })
    expect(found.byPosition[1]).toMatchObject({
      delta: -2 * one.delta,
      vega: -2 * one.vega,
      theta: -2 * one.theta,
      volatility: one.volatility
    })
  })

  it("sum up: the total is that of the underlyings, and options' is that of the expiries", () => {
    const sum = (rows: ReadonlyArray<{ readonly vega: number }>) =>
      rows.reduce((all, row) => all + row.vega, 0)
    expect(found.byUnderlying.map(({ underlying }) => underlying)).toEqual([aapl, "SPY.ARCX"])
    expect(sum(found.byUnderlying)).toBeCloseTo(found.total.vega, 9)
    expect(found.byExpiry.map(({ expiry }) => expiry)).toEqual(["2014-06-13", "2014-07-18"])
    expect(sum(found.byExpiry)).toBeCloseTo(found.total.vega, 9)
    expect(found.byUnderlying[1]).toMatchObject({ delta: 10, deltaNotional: 1900, gamma: 0 })
  })

  it("positions without a price are named and in no figure", () => {
    const without = accountGreeks(positions, { now, marks, underlyings: new Map() })
    expect(without.unknown).toEqual([
      option(1, "C 95").instrumentId,
      option(1, "P 90 2014-07-18").instrumentId
    ])
    expect(without.total.vega).toBe(0)
  })

  it("do not depend on the order of the positions", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(positions, { minLength: positions.length, maxLength: positions.length }),
        (shuffled) => {
          const again = accountGreeks(shuffled, { now, marks, underlyings })
          expect(again.total.vega).toBeCloseTo(found.total.vega, 9)
          expect(again.byUnderlying.map(({ underlying }) => underlying)).toEqual([aapl, "SPY.ARCX"])
        }
      )
    )
  })
})
