import { describe, expect, it } from "@effect/vitest"
import { quoteId } from "../../src/domain/Identifiers.ts"
import { price } from "../../src/domain/Money.ts"
import type { OrderSide } from "../../src/domain/Order.ts"
import { QuoteTick } from "../../src/domain/Quote.ts"
import { PERMIT_LIFE_MICROS } from "../../src/risk/PermitSeen.ts"
import { evaluate } from "../../src/risk/RiskRules.ts"
import type { RiskSnapshot } from "../../src/risk/RiskSnapshot.ts"
import {
  buy,
  content,
  deniedBy,
  held,
  limits,
  NOW,
  ofShares,
  outcomeOf,
  permitted,
  quote,
  secondsBefore,
  snapshot,
  verdictOf
} from "./Snapshots.ts"

const order = buy(ofShares(1))
const verdict = (changes: Partial<RiskSnapshot>) => verdictOf(evaluate(snapshot(changes), order), "permit")

describe("permit", () => {
  it("passes where none is needed, and says so", () => {
    expect(verdict({ permit: { required: false } })).toMatchObject({
      outcome: "pass",
      message: expect.stringContaining("No permit is needed")
    })
  })

  it("passes with the one that was given for this call, and says how old it is", () => {
    expect(verdict({ permit: permitted({ ageMicros: 90_000_000 }) })).toMatchObject({
      outcome: "pass",
      value: 90,
      limit: 900,
      unit: "seconds"
    })
  })

  it("denies without one, before every other rule, and says that the hook did not run and where to look", () => {
    const permit = permitted({ given: undefined })
    const { denied } = evaluate(snapshot({ permit, tradingState: "Halted" }), order)
    expect(denied?.rule).toBe("permit")
    expect(denied?.message).toContain("risk-validator")
    expect(denied?.message).toContain("plimsoll doctor")
  })

  it("denies reducing orders as well", () => {
    const selling = { content: content("SELL", ofShares(1)), repeat: false }
    expect(deniedBy({ permit: permitted({ given: undefined }), positions: [held(10)] }, selling)).toBe(
      "permit"
    )
  })

  it.each([
    ["another tool", { tool: "close_position" }],
    ["other arguments", { argumentsHash: "b".repeat(64) }]
  ])("denies one for %s", (_, given) => {
    expect(verdict({ permit: permitted({ given }) })?.outcome).toBe("deny")
  })

  it("denies arguments that have no hash, even when the permit has none either", () => {
    expect(verdict({ permit: permitted({ argumentsHash: "", given: { argumentsHash: "" } }) })?.outcome).toBe(
      "deny"
    )
  })

  it.each([
    [0, "pass"],
    [PERMIT_LIFE_MICROS, "pass"],
    [PERMIT_LIFE_MICROS + 1, "deny"],
    [-1, "deny"],
    [Number.NaN, "deny"],
    [Number.POSITIVE_INFINITY, "deny"]
  ])("one that was given %d micros ago: %s", (ageMicros, outcome) => {
    expect(verdict({ permit: permitted({ ageMicros }) })?.outcome).toBe(outcome)
  })

  it("counts its age on the steady clock and on no other", () => {
    const permit = permitted({})
    expect(verdict({ permit, now: secondsBefore(-7200) })?.outcome).toBe("pass")
    expect(verdict({ permit, steadyNow: NOW + PERMIT_LIFE_MICROS + 1 })?.outcome).toBe("deny")
    expect(verdict({ permit, steadyNow: undefined })).toMatchObject({
      outcome: "deny",
      message: expect.stringContaining("missing")
    })
  })
})

/** Cited at 100.00, ten minutes ago. */
const cited = quote({ ageSeconds: 600 })
const at = (micros: number) =>
  new QuoteTick({ ...quote({}), bid: price(micros), ask: price(micros), last: price(micros) })

describe("quote-freshness of an order with a permit", () => {
  const permit = permitted({ given: { quoteId: cited.quoteId } })
  const moved = (micros: number, changes: Partial<RiskSnapshot> = {}, side: OrderSide = "BUY") =>
    verdictOf(
      evaluate(snapshot({ permit, citedQuote: cited, currentQuote: at(micros), ...changes }), {
        content: content(side, ofShares(1)),
        repeat: false
      }),
      "quote-freshness"
    )

  it.each([
    [100_000_000, "pass"],
    [100_499_999, "pass"],
    [100_500_000, "deny"],
    [99_500_001, "pass"],
    [99_500_000, "deny"]
  ])("an aged quote of 100.00 with the market at %d micros now: %s", (micros, outcome) => {
    expect(moved(micros)?.outcome).toBe(outcome)
  })

  it("half a percent is exact where it is no whole micro", () => {
    const odd = new QuoteTick({ ...cited, bid: price(100_000_001), ask: price(100_000_001) })
    // 0.5% of it is 500,000.005 micros.
    expect(moved(100_500_001, { citedQuote: odd })?.outcome).toBe("pass")
    expect(moved(100_500_002, { citedQuote: odd })?.outcome).toBe("deny")
  })

  it("a purchase looks at the ask, a sale at the bid", () => {
    const wide = new QuoteTick({ ...at(100_000_000), ask: price(100_500_000) })
    expect(moved(0, { currentQuote: wide }, "BUY")?.outcome).toBe("deny")
    expect(moved(0, { currentQuote: wide }, "SELL")?.outcome).toBe("pass")
  })

  it("a refusal starts with Requote, with how far the market went and how far it may", () => {
    const verdict = moved(100_510_000)
    expect(verdict?.message).toMatch(/^Requote: .*\$100\.00 to \$100\.51, 0\.51%/u)
    expect(verdict).toMatchObject({ value: 0.0051, limit: 0.005, unit: "ratio" })
  })

  it("a pass says that the quote has aged", () => {
    expect(moved(100_100_000)).toMatchObject({
      value: 600,
      limit: 15,
      unit: "seconds",
      message: expect.stringContaining("0.10%")
    })
  })

  it.each<readonly [string, Partial<RiskSnapshot>]>([
    ["no permit needed", { permit: { required: false } }],
    ["no permit there", { permit: permitted({ given: undefined }) }],
    ["a permit that vouches for no quote", { permit: permitted({}) }],
    [
      "a permit for another quote",
      { permit: permitted({ given: { quoteId: quoteId("q-00000000000000aa") } }) }
    ],
    [
      "a permit for other arguments",
      { permit: permitted({ given: { quoteId: cited.quoteId, argumentsHash: "b" } }) }
    ],
    [
      "a permit that is too old",
      { permit: permitted({ given: { quoteId: cited.quoteId }, ageMicros: PERMIT_LIFE_MICROS + 1 }) }
    ],
    [
      "an age nobody can tell",
      {
        session: { open: false, lastClose: secondsBefore(Number.NaN) }
      }
    ],
    [
      "a limit that is no number",
      { limits: limits({ quoteStalenessSeconds: { equity: Number.NaN, index: 15, option: 60 } }) }
    ]
  ])("an aged quote is denied with %s", (_, changes) => {
    expect(moved(100_000_000, changes)?.outcome).toBe("deny")
  })

  it("a quote of the market's future is denied with a permit too", () => {
    const future = new QuoteTick({ ...cited, tsEvent: secondsBefore(-0.000001) })
    expect(moved(100_000_000, { citedQuote: future })?.outcome).toBe("deny")
  })

  it("the price collar still holds it to the market where that is narrower", () => {
    const changes = { permit, citedQuote: cited, currentQuote: at(100_400_000) }
    expect(
      outcomeOf("price-collar", { ...changes, limits: limits({ priceCollarRatio: 0.003 }) }, order)
    ).toBe("deny")
  })
})
