/** The worst case against worlds in which options that live on have a model's prices. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { dayOfDate, sessionDate } from "../../../src/domain/Timestamp.ts"
import { americanPrice } from "../../../src/options/AndersenLakeOffengenden.ts"
import { europeanPrice } from "../../../src/options/BlackScholes.ts"
import type { Holding, OptionHolding } from "../../../src/risk/options/UnderlyingPosition.ts"
import { worstCase } from "../../../src/risk/options/WorstCase.ts"
import { holding, option } from "./Contracts.ts"

const whole = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const AnyOption = Schema.Struct({
  count: whole(-3, 3),
  right: Schema.Literals(["CALL", "PUT"]),
  strike: whole(12, 28),
  expiry: Schema.Literals(["2026-01-16", "2026-02-20", "2026-06-19", "2028-01-21"]),
  style: Schema.Literals(["AMERICAN", "AMERICAN", "EUROPEAN"]),
  deliverable: Schema.Literals([100, 100, 100, 150]),
  cash: Schema.Literals([0, 0, 0, 40])
})
const AnyHolding = Schema.Struct({
  options: Schema.Array(AnyOption).pipe(Schema.check(Schema.isMinLength(1), Schema.isMaxLength(8))),
  shares: Schema.Literals([0, 0, 100, -100]),
  cost: whole(-3000, 3000)
})
const AnyWorld = Schema.Struct({
  held: AnyHolding,
  working: Schema.Array(Schema.Struct({ of: AnyHolding, fills: Schema.Boolean })).pipe(
    Schema.check(Schema.isMaxLength(2))
  ),
  /** Of a hundred. */
  rate: whole(0, 10),
  dividendYield: whole(0, 10),
  volatility: whole(3, 200),
  spots: Schema.Array(whole(1, 200)).pipe(Schema.check(Schema.isMinLength(2), Schema.isMaxLength(4)))
})
type AnyWorld = typeof AnyWorld.Type

/** Each contract once. */
const heldOf = ({ cost, options, shares }: typeof AnyHolding.Type): Holding => {
  const all = options
    .filter(({ count }) => count !== 0)
    .map(({ count, right, strike, ...terms }) => option(count, right, strike * 5, terms))
  const byTerms = new Map(all.map((one) => [JSON.stringify(one.contract), one]))
  return holding([...byTerms.values()], cost, shares)
}

/** Dollars that one contract is worth at the end of a day. */
const worth = ({ contract }: OptionHolding, day: number, spot: number, world: AnyWorld): number => {
  const shares = contract.deliverable / 1_000_000
  const strike = (contract.strike / 10_000 - contract.deliverableCash / 1_000_000) / shares
  const sign = contract.right === "CALL" ? 1 : -1
  const years = (dayOfDate(contract.expiry) - day) / 365
  if (years <= 0) return shares * Math.max(0, sign * (spot - strike))
  const price = contract.style === "AMERICAN" ? americanPrice : europeanPrice
  const { dividendYield, rate, volatility } = world
  return shares * price(sign, spot, strike, years, rate / 100, dividendYield / 100, volatility / 100)
}

/** What a holding has lost with orders that have filled; of what expired before, expiry by expiry, what is owed. */
const lost = (
  held: Holding,
  day: number,
  spot: number,
  world: AnyWorld,
  filled: ReadonlyArray<Holding> = []
): number => {
  let sum = 0
  const before = new Map<number, number>()
  for (const { cost, options, shares } of [held, ...filled]) {
    sum += (shares / 1_000_000) * spot - cost / 1_000_000
    for (const one of options) {
      const own = dayOfDate(one.contract.expiry)
      const value = (one.quantity / 1_000_000) * worth(one, day, spot, world)
      if (own < day) before.set(own, (before.get(own) ?? 0) + value)
      else sum += value
    }
  }
  for (const value of before.values()) sum += Math.min(0, value)
  return 0 - sum
}

const JANUARY = dayOfDate(sessionDate("2026-01-16"))

describe("in every world whose options have prices of a model", () => {
  it.prop(
    "no structure has lost more at an expiry than its worst case, whichever orders have filled",
    [AnyWorld],
    ([world]) => {
      const held = heldOf(world.held)
      const working = world.working.map(({ of }) => heldOf(of))
      const { boundedLoss } = worstCase({ spot: 100_000_000, held, working })
      const filled = working.filter((_, at) => world.working[at]?.fills === true)
      const expiries = new Set(held.options.map(({ contract }) => contract.expiry))
      for (const day of [...expiries].map(dayOfDate)) {
        for (const spot of world.spots) {
          expect(lost(held, day, spot, world, filled)).toBeLessThan(boundedLoss / 1_000_000 + 1)
        }
      }
    },
    { arbitrary: { runs: 400 } }
  )

  it.prop(
    "spreads of two months have lost no more at the first expiry than their widths, and often nearly as much",
    [whole(60, 140), whole(1, 40), whole(60, 140), whole(1, 40), AnyWorld],
    ([near, nearWidth, far, farWidth, world]) => {
      const held = holding([
        option(-1, "PUT", near),
        option(1, "PUT", near - nearWidth),
        option(-1, "PUT", far, { expiry: "2026-06-19" }),
        option(1, "PUT", far - farWidth, { expiry: "2026-06-19" })
      ])
      const { loss } = worstCase({ spot: 100_000_000, held, working: [] })
      expect(loss).toBe((nearWidth + farWidth) * 100_000_000)
      for (const spot of [...world.spots, 1])
        expect(lost(held, JANUARY, spot, world)).toBeLessThan(loss / 1_000_000 + 1)
      // An American put far in the money is worth what it brings exercised.
      const ruined = lost(held, JANUARY, 1, {
        ...world,
        volatility: 20,
        dividendYield: 0,
        rate: 5
      })
      expect(ruined).toBeGreaterThan(loss / 1_000_000 - 1)
    },
    { arbitrary: { runs: 100 } }
  )
})
