import { describe, expect, it } from "@effect/vitest"
import { clientOrderId } from "../../src/domain/Identifiers.ts"
import { dollars, money, pricePerShare } from "../../src/domain/Money.ts"
import { researchProfile, singleIndexProfile } from "../../src/risk/LimitsProfile.ts"
import { evaluate } from "../../src/risk/RiskRules.ts"
import {
  AAPL,
  buy,
  call,
  CALL,
  deniedBy,
  held,
  limitAt,
  limits,
  MSFT,
  ofDollars,
  ofShares,
  outcomeOf,
  quote,
  sell,
  snapshot,
  verdictOf,
  working
} from "./Snapshots.ts"

/** Orders of any size, so that only the rule under test speaks. */
const wide = { orderNotionalRatio: 10, positionRatio: 10, grossExposureRatio: 10 }
const notional = (micros: number) => buy({ _tag: "Notional", notional: money(micros) })

describe("position-limit", () => {
  const view = { limits: limits({ orderNotionalRatio: 10 }) }
  const position = (changes: Parameters<typeof outcomeOf>[1], micros: number) =>
    outcomeOf("position-limit", { ...view, ...changes }, notional(micros))

  it("an order to exactly 25% of equity passes, one micro more is denied", () => {
    expect(position({}, 25_000_000_000)).toBe("pass")
    expect(position({}, 25_000_000_001)).toBe("deny")
  })

  it("what is held counts at its mark, what is working as if filled", () => {
    const changes = { positions: [held(100)], working: [working("BUY", ofShares(100))] }
    expect(position(changes, 5_000_000_000)).toBe("pass")
    expect(position(changes, 5_000_000_001)).toBe("deny")
  })

  it("a working sale makes no room, for it may not fill", () => {
    const changes = { positions: [held(200)], working: [working("SELL", ofShares(200))] }
    expect(position(changes, 5_000_000_001)).toBe("deny")
  })

  it("of an OCO group only the worst leg counts", () => {
    const leg = (count: number) => working("BUY", ofShares(count), { ocoGroup: "breakout" })
    expect(position({ working: [leg(100), leg(150)] }, 10_000_000_000)).toBe("pass")
    expect(position({ working: [leg(100), leg(150)] }, 10_000_000_001)).toBe("deny")
    const other = working("BUY", ofShares(150), { ocoGroup: "another" })
    expect(position({ working: [leg(100), other] }, 1)).toBe("deny")
  })

  it("an order of a group counts with its group", () => {
    const leg = working("BUY", ofShares(250), { ocoGroup: "breakout" })
    expect(
      outcomeOf(
        "position-limit",
        { ...view, working: [leg] },
        buy(ofDollars(25_000), { ocoGroup: "breakout" })
      )
    ).toBe("pass")
    expect(
      outcomeOf(
        "position-limit",
        { ...view, working: [leg] },
        buy(ofDollars(25_001), { ocoGroup: "breakout" })
      )
    ).toBe("deny")
  })

  it("a bracket's exits count once something of their entry has filled", () => {
    const exit = (isHeld: boolean) => working("SELL", ofShares(100), { held: isHeld, ocoGroup: "bracket" })
    const selling = sell(ofShares(50))
    const changes = (isHeld: boolean) => ({ positions: [held(100)], working: [exit(isHeld), exit(isHeld)] })
    expect(deniedBy(changes(true), selling)).toBe("accepted")
    expect(deniedBy(changes(false), selling)).toBe("position-limit")
  })

  it("a sale beyond what is held is a short sale, and denied by that name", () => {
    const verdict = verdictOf(
      evaluate(snapshot({ positions: [held(10)] }), sell(ofShares(11))),
      "position-limit"
    )
    expect(verdict).toMatchObject({ outcome: "deny", value: 11, limit: 10, unit: "shares" })
    expect(verdict?.message).toContain("Short sales are not allowed")
    expect(deniedBy({ positions: [held(10)] }, sell(ofShares(10)))).toBe("accepted")
    expect(deniedBy({}, sell(ofShares(1)))).toBe("position-limit")
  })

  it("what is already on sale cannot be sold again", () => {
    const changes = { positions: [held(10)], working: [working("SELL", ofShares(6))] }
    expect(deniedBy(changes, sell(ofShares(4)))).toBe("accepted")
    expect(deniedBy(changes, sell(ofShares(5)))).toBe("position-limit")
  })

  it("the second leg of an OCO sale is no short sale", () => {
    const leg = working("SELL", ofShares(10), { ocoGroup: "exit" })
    expect(
      deniedBy(
        { positions: [held(10)], working: [leg] },
        sell(ofShares(10), { ocoGroup: "exit", type: limitAt(110) })
      )
    ).toBe("accepted")
    expect(deniedBy({ positions: [held(10)], working: [leg] }, sell(ofShares(10)))).toBe("position-limit")
  })

  it("a sale by notional must be covered even if the price falls by the collar", () => {
    // 10 shares at 100 × 0.95 ÷ 1.05 = 904.76…
    expect(deniedBy({ positions: [held(10)] }, sell(ofDollars(904)))).toBe("accepted")
    expect(deniedBy({ positions: [held(10)] }, sell(ofDollars(905)))).toBe("position-limit")
    expect(
      deniedBy({ positions: [held(10)], working: [working("SELL", ofDollars(450))] }, sell(ofDollars(450)))
    ).toBe("accepted")
  })

  it("allowed short sales count by their size", () => {
    const short = { limits: limits({ ...wide, positionRatio: 0.25, shortSales: true }) }
    expect(outcomeOf("position-limit", short, sell(ofDollars(25_000)))).toBe("pass")
    expect(outcomeOf("position-limit", short, sell(ofDollars(25_000.01)))).toBe("deny")
  })
})

describe("gross-exposure", () => {
  const view = { limits: limits({ ...wide, grossExposureRatio: 1 }) }
  const other = held(500, { instrumentId: MSFT })

  it("100% of equity passes, one micro more is denied", () => {
    const of = (micros: number) =>
      outcomeOf("gross-exposure", { ...view, positions: [other] }, notional(micros))
    expect(of(50_000_000_000)).toBe("pass")
    expect(of(50_000_000_001)).toBe("deny")
  })

  it("long and short add up, and working orders of other instruments count", () => {
    const short = held(-300, { instrumentId: MSFT })
    const pending = working("SELL", ofShares(200), { instrumentId: MSFT })
    const of = (micros: number) =>
      outcomeOf("gross-exposure", { ...view, positions: [short], working: [pending] }, notional(micros))
    expect(of(50_000_000_000)).toBe("pass")
    expect(of(50_000_000_001)).toBe("deny")
  })

  it("under single-index limits one order may put all of equity into the index, between sessions", () => {
    const closing = quote({ ageSeconds: 3600 })
    const night = {
      limits: singleIndexProfile.limits,
      clocks: "market",
      session: { open: false, lastClose: closing.tsEvent },
      citedQuote: closing,
      currentQuote: closing
    } as const
    const atOpen = (micros: number) =>
      deniedBy(night, buy({ _tag: "Notional", notional: money(micros) }, { timeInForce: "AT_THE_OPEN" }))
    expect(atOpen(100_000_000_000)).toBe("accepted")
    expect(atOpen(100_000_000_001)).toBe("order-size")
  })
})

describe("buying-power", () => {
  const view = { limits: limits({ ...wide, shortSales: true }), cash: dollars(10_000) }
  const of = (changes: Parameters<typeof outcomeOf>[1], micros: number) =>
    outcomeOf("buying-power", { ...view, ...changes }, notional(micros))

  it("a buy of all the cash passes, one micro more is denied", () => {
    expect(of({}, 10_000_000_000)).toBe("pass")
    expect(of({}, 10_000_000_001)).toBe("deny")
  })

  it("working buys tie up cash, working sales of what is held neither tie up nor bring any", () => {
    const changes = {
      positions: [held(50, { instrumentId: MSFT })],
      working: [
        working("BUY", ofDollars(4000), { instrumentId: MSFT }),
        working("SELL", ofShares(50), { instrumentId: MSFT })
      ]
    }
    expect(of(changes, 6_000_000_000)).toBe("pass")
    expect(of(changes, 6_000_000_001)).toBe("deny")
  })

  it("a short position ties up its proceeds and as much again", () => {
    const short = { positions: [held(-30, { instrumentId: MSFT })] }
    expect(of(short, 4_000_000_000)).toBe("pass")
    expect(of(short, 4_000_000_001)).toBe("deny")
  })

  it("a working sale beyond what is held ties up what the excess brings", () => {
    const changes = {
      positions: [held(10, { instrumentId: MSFT })],
      working: [working("SELL", ofShares(40), { instrumentId: MSFT })]
    }
    expect(of(changes, 7_000_000_000)).toBe("pass")
    expect(of(changes, 7_000_000_001)).toBe("deny")
  })

  it("a sale of what is held needs no cash, nor does covering a short", () => {
    expect(deniedBy({ cash: dollars(0), positions: [held(10)] }, sell(ofShares(10)))).toBe("accepted")
    expect(deniedBy({ cash: dollars(1000), positions: [held(-10)] }, buy(ofShares(10)))).toBe("accepted")
  })

  it("a written option ties up what it can cost, and one that is held can be sold", () => {
    const optionQuote = quote({ id: CALL, bid: 2 })
    const view = {
      limits: limits({ ...wide, options: researchProfile.limits.options }),
      cash: dollars(1900),
      instrument: call,
      citedQuote: optionQuote,
      currentQuote: optionQuote,
      underlyings: new Map([[AAPL, pricePerShare(100)]])
    }
    const selling = sell(ofShares(1), { instrumentId: CALL })
    const position = held(1, { instrumentId: CALL, multiplier: 100, mark: pricePerShare(2) })
    expect(deniedBy(view, selling)).toBe("buying-power")
    expect(deniedBy({ ...view, cash: dollars(2010) }, selling)).toBe("accepted")
    expect(deniedBy({ ...view, positions: [position] }, selling)).toBe("accepted")
  })

  it("a reducing order's own group and others are told apart", () => {
    const grouped = working("SELL", ofShares(10), { ocoGroup: "a", clientOrderId: clientOrderId("w-2") })
    expect(
      deniedBy({ positions: [held(20)], working: [grouped] }, sell(ofShares(10), { ocoGroup: "b" }))
    ).toBe("accepted")
    expect(
      deniedBy({ positions: [held(15)], working: [grouped] }, sell(ofShares(10), { ocoGroup: "b" }))
    ).toBe("position-limit")
  })
})
