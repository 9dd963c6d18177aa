import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { dollars, pricePerShare, shares } from "../../../src/domain/Money.ts"
import type { StructureLeg } from "../../../src/options/Structure.ts"
import {
  MAX_CURVES,
  payoffCurves,
  positionPayoff,
  valuedPosition,
  whatIf
} from "../../../src/portfolio/options/PositionPayoff.ts"
import { aapl, option, stock } from "../../options/OptionLegs.ts"
import { at, held } from "./OptionPositions.ts"

/** Legs with what was paid and what they are marked at, dollars a share. */
type Leg = readonly [leg: StructureLeg, paid: number, mark: number]

const valued = (spot: number, legs: ReadonlyArray<Leg>, now = "2014-06-09 12:00") =>
  valuedPosition(
    legs.map(([leg, paid]) => held(leg, paid)),
    {
      now: at(now),
      spot: pricePerShare(spot),
      marks: new Map(legs.map(([{ instrumentId }, , mark]) => [instrumentId, pricePerShare(mark)]))
    }
  )

const payoff = (spot: number, legs: ReadonlyArray<Leg>) =>
  Result.getOrThrow(Result.flatMap(valued(spot, legs), positionPayoff))

const vertical: ReadonlyArray<Leg> = [
  [option(-2, "P 90"), 1.1, 0.9],
  [option(2, "P 85"), 0.3, 0.2]
]

describe("the payoff of a position", () => {
  it("is what it says by hand: a bull put vertical", () => {
    const { now, outcome, probability } = payoff(92, vertical)
    expect(outcome.cost).toBeCloseTo(-160, 9)
    expect(outcome.exact).toBe(true)
    expect(outcome.breakEvens.map((price) => Math.round(price * 1e6) / 1e6)).toEqual([89.2])
    expect(outcome.maxGain).toMatchObject({ _tag: "Limited" })
    expect(outcome.maxLoss).toMatchObject({ _tag: "Limited", at: 0 })
    expect(outcome.maxLoss._tag === "Limited" && outcome.maxLoss.profit).toBeCloseTo(-840, 9)
    // Worth what its marks say.
    expect(now.value).toBeCloseTo(200 * (0.2 - 0.9), 4)
    expect(probability).toBeGreaterThan(0.5)
  })

  it("a covered call counts the shares at what the books say they cost", () => {
    const { outcome } = payoff(92, [
      [stock(100), 88, 92],
      [option(-1, "C 95"), 1.5, 0.6]
    ])
    expect(outcome.breakEvens.map((price) => Math.round(price * 1e6) / 1e6)).toEqual([86.5])
    expect(outcome.maxGain._tag === "Limited" && outcome.maxGain.profit).toBeCloseTo(850, 9)
  })

  it("an adjusted contract pays by its own shares and cash", () => {
    const call = option(1, "C 90", { root: "AAPL1", deliverable: shares(15), deliverableCash: dollars(300) })
    // Worth 15 × S + 300 − 9000: nothing below 580.
    const { outcome } = payoff(600, [[call, 4, 5]])
    expect(outcome.breakEvens.map((price) => Math.round(price * 1e6) / 1e6)).toEqual([
      Math.round(((9000 - 300 + 400) / 15) * 1e6) / 1e6
    ])
    expect(outcome.maxLoss._tag === "Limited" && outcome.maxLoss.profit).toBeCloseTo(-400, 9)
  })

  it("is not known where an option has no price", () => {
    const found = valuedPosition([held(option(1, "C 90"))], {
      now: at("2014-06-09 12:00"),
      spot: pricePerShare(92),
      marks: new Map()
    })
    expect(Result.isFailure(found) && found.failure.message).toBe("AAPL 140613C00090000 has no price")
  })

  it("an option without time value is worth its intrinsic value, and a note says so", () => {
    const position = Result.getOrThrow(valued(92, [[option(1, "C 85"), 6, 6.9]]))
    expect(position.notes).toEqual([
      "AAPL 140613C00085000 has no time value at its mark: it is valued at what exercise gives"
    ])
    const { now } = Result.getOrThrow(positionPayoff(position))
    expect(now.delta).toBeCloseTo(100, 6)
  })
})

describe("curves", () => {
  it("go through the strikes and the price now; the last is the payoff of the first expiry", () => {
    const found = payoff(92, vertical)
    const { curves, prices } = payoffCurves(found)
    expect(prices).toEqual(prices.toSorted((a, b) => a - b))
    for (const price of [85, 90, 92]) expect(prices).toContain(price)
    expect(curves.map(({ expiry }) => expiry)).toEqual([undefined, "2014-06-13"])
    const [now, end] = curves
    expect(now?.profits[prices.indexOf(92)]).toBeCloseTo(found.now.value - found.outcome.cost, 6)
    expect(end?.profits[prices.indexOf(85)]).toBeCloseTo(-840, 6)
    expect(end?.profits[prices.indexOf(92)]).toBeCloseTo(160, 6)
  })

  it("there is one for each of the first expiries, later ones with what ended before at the same price", () => {
    const expiries = ["2014-06-13", "2014-06-20", "2014-06-27", "2014-07-18", "2014-08-15"]
    const legs = expiries.map((expiry, i): Leg => [option(1, `C ${90 + i} ${expiry}`), 2, 3])
    const { curves, prices } = payoffCurves(payoff(92, legs))
    expect(curves).toHaveLength(1 + MAX_CURVES)
    // At the fourth expiry at 92: the first three are worth 2, 1 and 0, the fourth nothing, and the last lives.
    const last = curves.at(-1)?.profits[prices.indexOf(92)] ?? 0
    expect(last).toBeGreaterThan(100 * (3 - 5 * 2))
    expect(last).toBeLessThan(100 * (3 + 3 - 5 * 2))
  })
})

describe("what if", () => {
  it("nothing moves, nothing is gained that is not in the marks", () => {
    fc.assert(
      fc.property(fc.integer({ min: 80, max: 100 }), fc.integer({ min: -5, max: 5 }), (strike, count) => {
        fc.pre(count !== 0)
        const intrinsic = Math.max(0, 92 - strike)
        const position = Result.getOrThrow(
          valued(92, [[option(count, `C ${strike} 2014-07-18`), intrinsic + 1, intrinsic + 1.5]])
        )
        const grid = Result.getOrThrow(
          whatIf(position, { spots: [92], volatilityShifts: [0], elapsedYears: [0] })
        )
        expect(grid.cells[0]?.profit).toBeCloseTo(50 * count, 2)
      }),
      { numRuns: 50 }
    )
  })

  it("times after the first expiry are refused", () => {
    const position = Result.getOrThrow(valued(92, vertical))
    const found = whatIf(position, { spots: [92], volatilityShifts: [0], elapsedYears: [1] })
    expect(Result.isFailure(found) && found.failure.message).toContain("to the first expiry")
  })

  it("shares alone are a straight line", () => {
    const { outcome, probability } = payoff(92, [[stock(-10), 90, 92]])
    expect(outcome).toMatchObject({ breakEvens: [90], maxLoss: { _tag: "Unlimited" } })
    expect(probability).toBeUndefined()
    expect(aapl).toBe("AAPL.XNAS")
  })
})
