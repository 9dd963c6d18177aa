import { describe, expect, it } from "@effect/vitest"
import { Instrument } from "../../src/domain/Instrument.ts"
import { price, pricePerShare } from "../../src/domain/Money.ts"
import type { OrderSide, OrderType } from "../../src/domain/Order.ts"
import { type QuoteTick } from "../../src/domain/Quote.ts"
import { combo, heldOption, judged, type LegSpec, single } from "./OptionDesk.ts"
import {
  apple,
  buy,
  call,
  CALL,
  content,
  deniedBy,
  limitAt,
  limits,
  MSFT,
  ofShares,
  outcomeOf,
  quote,
  secondsBefore,
  snapshot,
  stopAt,
  verdictOf
} from "./Snapshots.ts"
import { evaluate } from "../../src/risk/RiskRules.ts"

const aged = (ageSeconds: number): { readonly citedQuote: QuoteTick } => ({
  citedQuote: quote({ ageSeconds })
})

describe("a bracket's exits", () => {
  it.each([
    [
      "a take-profit below a purchase at the market",
      { takeProfitPrice: pricePerShare(40) },
      "take-profit $40.00"
    ],
    ["a stop-loss above a purchase at the market", { stopLossPrice: pricePerShare(140) }, "stop-loss $140.00"]
  ])("%s would trade at once, and is denied", (_, bracket, words) => {
    const verdict = verdictOf(evaluate(snapshot(), buy(ofShares(1), { bracket })), "price-collar")
    expect(verdict?.outcome).toBe("deny")
    expect(verdict?.message).toContain(words)
  })

  it("on their own sides of the entry they pass, however far", () => {
    const bracket = { takeProfitPrice: pricePerShare(900), stopLossPrice: pricePerShare(1) }
    expect(outcomeOf("price-collar", {}, buy(ofShares(1), { bracket }))).toBe("pass")
  })

  it("are measured from the entry's own price where it has one", () => {
    const type = limitAt(90)
    const at = (dollars: number) =>
      outcomeOf(
        "price-collar",
        {},
        buy(ofShares(1), { type, bracket: { takeProfitPrice: pricePerShare(dollars) } })
      )
    expect([at(90), at(90.01)]).toEqual(["deny", "pass"])
  })
})

describe("quote-freshness", () => {
  it.each([
    [0, "pass"],
    [15, "pass"],
    [15.000001, "deny"],
    [-0.000001, "deny"]
  ])("in a session a share's quote of age %s s: %s", (age, outcome) => {
    expect(outcomeOf("quote-freshness", aged(age), buy(ofShares(1)))).toBe(outcome)
  })

  it("says what to do about an old quote, also where the market has none newer", () => {
    const old = quote({ ageSeconds: 16 })
    const verdict = verdictOf(
      evaluate(snapshot({ citedQuote: old, currentQuote: old }), buy(ofShares(1))),
      "quote-freshness"
    )
    expect(verdict).toMatchObject({ outcome: "deny", value: 16, limit: 15 })
    expect(verdict?.message).toContain("ask for a new one and decide again")
    expect(verdict?.message).toContain("none newer yet: market time has to pass first")
  })

  it("an option's quote may be older", () => {
    const optionQuote = (ageSeconds: number) => quote({ id: CALL, ageSeconds })
    const order = buy(ofShares(1), { instrumentId: CALL })
    const at = (ageSeconds: number) =>
      outcomeOf(
        "quote-freshness",
        { instrument: call, citedQuote: optionQuote(ageSeconds), currentQuote: optionQuote(0) },
        order
      )
    expect([at(60), at(60.000001)]).toStrictEqual(["pass", "deny"])
  })

  it("an index's quote has an age of its own", () => {
    const instrument = Instrument.cases.Index.make({ ...apple, _tag: "Index" })
    const view = { instrument, limits: limits({ quoteStalenessSeconds: { equity: 1, index: 5, option: 1 } }) }
    const at = (age: number) => outcomeOf("quote-freshness", { ...view, ...aged(age) }, buy(ofShares(1)))
    expect([at(5), at(5.000001)]).toStrictEqual(["pass", "deny"])
  })

  it("between sessions the age is measured from the close, however long ago that was", () => {
    const weekend = { open: false, lastClose: secondsBefore(63 * 3600) } as const
    const order = buy(ofShares(1), { timeInForce: "AT_THE_OPEN" })
    const at = (beforeClose: number) =>
      outcomeOf("quote-freshness", { session: weekend, ...aged(63 * 3600 + beforeClose) }, order)
    expect([at(0), at(15), at(15.000001)]).toStrictEqual(["pass", "pass", "deny"])
  })

  it("a quote of another instrument, a crossed one, or none is denied", () => {
    const one = buy(ofShares(1))
    expect(deniedBy({ citedQuote: quote({ id: MSFT }) }, one)).toBe("quote-freshness")
    expect(deniedBy({ citedQuote: quote({ bid: 101, ask: 100 }) }, one)).toBe("quote-freshness")
    expect(deniedBy({ citedQuote: quote({ bid: 0, ask: 100 }) }, one)).toBe("quote-freshness")
    expect(deniedBy({ citedQuote: undefined }, one)).toBe("quote-freshness")
    expect(deniedBy({ currentQuote: quote({ bid: 101, ask: 100 }) }, one)).toBe("quote-freshness")
  })

  it("a refusal says how old the quote was and how old it may be", () => {
    const verdict = verdictOf(evaluate(snapshot(aged(20)), buy(ofShares(1))), "quote-freshness")
    expect(verdict).toMatchObject({ outcome: "deny", value: 20, limit: 15, unit: "seconds" })
    expect(verdict?.message).toContain("20 s old")
  })
})

describe("price-collar", () => {
  const micro = (type: OrderType, by: number): OrderType =>
    type._tag === "Limit"
      ? { ...type, limitPrice: price(type.limitPrice + by) }
      : type._tag === "StopMarket"
        ? { ...type, stopPrice: price(type.stopPrice + by) }
        : type
  const outcome = (side: OrderSide, type: OrderType): string | undefined =>
    outcomeOf("price-collar", {}, { content: content(side, ofShares(1), { type }), repeat: false })

  it.each<readonly [string, OrderSide, OrderType, 1 | -1]>([
    ["a buy's limit above the ask", "BUY", limitAt(105), 1],
    ["a sale's limit below the bid", "SELL", limitAt(95), -1],
    ["a buy stop the market has passed", "BUY", stopAt(95), -1],
    ["a sell stop the market has passed", "SELL", stopAt(105), 1]
  ])("%s may be 5%% away and not one micro more", (_, side, type, away) => {
    expect(outcome(side, type)).toBe("pass")
    expect(outcome(side, micro(type, away))).toBe("deny")
  })

  it("patient limits and protective stops may be far from the market", () => {
    expect(outcome("BUY", limitAt(50))).toBe("pass")
    expect(outcome("SELL", limitAt(200))).toBe("pass")
    expect(outcome("SELL", stopAt(60))).toBe("pass")
    expect(outcome("BUY", stopAt(150))).toBe("pass")
  })

  it("a stop-limit's limit is measured from its stop", () => {
    const stopLimit = (stop: number, limit: number): OrderType => ({
      _tag: "StopLimit",
      stopPrice: pricePerShare(stop),
      limitPrice: pricePerShare(limit)
    })
    expect(outcome("BUY", stopLimit(120, 126))).toBe("pass")
    expect(outcome("BUY", stopLimit(120, 126.01))).toBe("deny")
    expect(outcome("SELL", stopLimit(80, 76))).toBe("pass")
    expect(outcome("SELL", stopLimit(80, 75.99))).toBe("deny")
  })

  it("a market that has left the cited quote is denied, up or down", () => {
    const moved = (bid: number) => outcomeOf("price-collar", { citedQuote: quote({ bid }) }, buy(ofShares(1)))
    expect([moved(95), moved(94.99), moved(105), moved(105.01)]).toStrictEqual([
      "pass",
      "deny",
      "pass",
      "deny"
    ])
  })

  it("a collar of nothing still lets the market price itself through", () => {
    const narrow = { limits: limits({ priceCollarRatio: 0 }) }
    expect(outcomeOf("price-collar", narrow, buy(ofShares(1), { type: limitAt(100) }))).toBe("pass")
    expect(outcomeOf("price-collar", narrow, buy(ofShares(1), { type: limitAt(100.01) }))).toBe("deny")
  })
})

describe("an option without a bid", () => {
  const put = { right: "PUT", strike: 85 } as const
  const sold: LegSpec = { side: "SELL", of: put, bid: 0, ask: 0.05 }
  const held = { positions: [heldOption(1, put, 0.03), heldOption(-1, { right: "CALL", strike: 110 }, 1)] }
  const advice = /has no bid, so nobody buys it: let it expire, and close what else there is by itself/u

  it("is not sold, alone or with others, and the denial says what to do", () => {
    expect(judged(single(sold, 1, limitAt(0.05)), held).denied?.message).toMatch(advice)
    const whole = combo([sold, { side: "BUY", of: { right: "CALL", strike: 110 }, bid: 0.9, ask: 1.1 }])
    const { denied } = judged(whole, held)
    expect(denied?.rule).toBe("quote-freshness")
    expect(denied?.message).toMatch(advice)
  })
})
