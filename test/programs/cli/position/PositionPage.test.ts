/** The page of a position: whole, quiet and the same every time. */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { money, pricePerShare } from "../../../../src/domain/Money.ts"
import { greeksOf } from "../../../../src/execution/options/AccountGreeks.ts"
import { expiryCalendar } from "../../../../src/portfolio/options/ExpiryCalendar.ts"
import {
  payoffCurves,
  positionPayoff,
  valuedPosition,
  whatIf
} from "../../../../src/portfolio/options/PositionPayoff.ts"
import { positionPage } from "../../../../src/programs/cli/commands/position/page/PositionPage.ts"
import { aapl, option, stock } from "../../../options/OptionLegs.ts"
import { at, held } from "../../../portfolio/options/OptionPositions.ts"

const now = at("2014-06-09 12:00")
const spot = pricePerShare(92)
const positions = [
  held(stock(100), 88),
  held(option(-1, "C 95"), 1.5),
  held(option(1, "P 85 2014-07-18"), 1.2)
]
const marks = new Map(
  positions.map((position, i) => [position.instrumentId, pricePerShare([92, 0.6, 0.9][i] ?? 1)] as const)
)

const pageOf = (
  more: { readonly notes?: ReadonlyArray<string>; readonly withOrder?: boolean } = {}
): string => {
  const position = Result.getOrThrow(valuedPosition(positions, { now, spot, marks }))
  const payoff = Result.getOrThrow(positionPayoff(position))
  const { curves, prices } = payoffCurves(payoff)
  const { outcome, probability } = payoff
  return positionPage({
    name: "AAPL",
    at: "2014-06-09 12:00 EDT",
    spot: 92,
    structures: [
      {
        title: "AAPL covered call 2014-06-13 95",
        id: "AAPL-COVERED-CALL-140613-C-95",
        cost: money(0),
        unrealised: undefined
      }
    ],
    order: more.withOrder === true ? ["SELL 1 AAPL 140613C00095000 at 0.60"] : [],
    picture: {
      prices,
      curves,
      spot: 92,
      breakEvens: outcome.breakEvens,
      before: more.withOrder === true ? prices.map((price) => 100 * (price - 88)) : undefined
    },
    outcome: {
      cost: outcome.cost,
      breakEvens: outcome.breakEvens,
      maxGain: outcome.maxGain,
      maxLoss: outcome.maxLoss,
      probability,
      profitNow: payoff.now.value - outcome.cost,
      firstExpiry: "2014-06-13"
    },
    grid: Result.getOrThrow(
      whatIf(position, { spots: [85, 92, 99], volatilityShifts: [-0.05, 0, 0.05], elapsedYears: [0, 0.005] })
    ),
    legs: positions.map((one) => {
      const mark = marks.get(one.instrumentId)
      return { position: one, mark, value: undefined, greeks: greeksOf(one, { mark, spot, now }) }
    }),
    expiries: expiryCalendar(
      positions,
      { now, underlyings: new Map([[aapl, spot]]), marks },
      pricePerShare(0.01)
    ),
    notes: more.notes ?? [],
    generatedBy: "Plimsoll"
  })
}

describe("the page of a position", () => {
  const page = pageOf()

  it("has the payoff, what if, and what is held with its expiries", () => {
    expect([...page.matchAll(/<h2[^>]*>([^<]*)<\/h2>/gu)].map(([, text]) => text)).toEqual([
      "Payoff",
      "What if",
      "What is held"
    ])
    for (const text of [
      "at the expiry 2014-06-13",
      "at the expiry 2014-07-18",
      "AAPL-COVERED-CALL-140613-C-95"
    ])
      expect(page).toContain(text)
    expect(page).not.toMatch(/NaN|undefined|Infinity/u)
  })

  it("shows an order that is looked at, and what there is without it", () => {
    const proposed = pageOf({ withOrder: true })
    expect(proposed).toContain("What would be held")
    expect(proposed).toContain("without the order, at its end")
    expect(proposed).toContain("SELL 1 AAPL 140613C00095000 at 0.60")
  })

  it("needs no network, runs no script, and is the same for the same position", () => {
    expect(page).not.toMatch(/<script|<link|@import|url\(|https?:(?!\/\/www\.w3\.org)/u)
    expect(page).toContain("default-src 'none'")
    expect(pageOf()).toBe(page)
  })

  it("shows text as text", () => {
    expect(pageOf({ notes: ["<b>bold</b>"] })).toContain("&lt;b&gt;bold&lt;/b&gt;")
  })
})
