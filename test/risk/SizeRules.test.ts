import { describe, expect, it } from "@effect/vitest"
import { symbol } from "../../src/domain/Identifiers.ts"
import {
  MAX_MONEY_MICROS,
  MAX_QUANTITY_MICROS,
  money,
  price,
  pricePerShare,
  quantity
} from "../../src/domain/Money.ts"
import type { OrderContent, OrderSize } from "../../src/domain/Order.ts"
import { evaluate } from "../../src/risk/RiskRules.ts"
import {
  apple,
  buy,
  call,
  CALL,
  deniedBy,
  held,
  limitAt,
  limits,
  ofDollars,
  ofShares,
  outcomeOf,
  quote,
  sell,
  snapshot,
  verdictOf
} from "./Snapshots.ts"

describe("instrument", () => {
  it("an instrument that no source knows, or another one, is denied", () => {
    expect(deniedBy({ instrument: undefined }, buy(ofShares(1)))).toBe("instrument")
    expect(deniedBy({ instrument: call }, buy(ofShares(1)))).toBe("instrument")
  })

  it("a restricted symbol is denied, reducing orders and the underlying's options included", () => {
    const restricted = limits({ restricted: [symbol("AAPL")] })
    const optionQuote = quote({ id: CALL, bid: 2 })
    expect(deniedBy({ limits: restricted }, buy(ofShares(1)))).toBe("instrument")
    expect(deniedBy({ limits: restricted, positions: [held(5)] }, sell(ofShares(1)))).toBe("instrument")
    expect(
      deniedBy(
        { limits: restricted, instrument: call, citedQuote: optionQuote, currentQuote: optionQuote },
        buy(ofShares(1), { instrumentId: CALL })
      )
    ).toBe("instrument")
    expect(deniedBy({ limits: limits({ restricted: [symbol("MSFT")] }) }, buy(ofShares(1)))).toBe("accepted")
  })
})

describe("order-size", () => {
  const ofMicros = (micros: number): OrderSize => ({ _tag: "Quantity", quantity: quantity(micros) })
  const wide = limits({ orderNotionalRatio: 10, positionRatio: 10, grossExposureRatio: 10 })

  it.each<readonly [string, OrderSize, string]>([
    ["zero shares", ofMicros(0), "more than zero"],
    ["negative shares", ofMicros(-1_000_000), "more than zero"],
    ["NaN shares", ofMicros(Number.NaN), "quantity is missing"],
    ["infinitely many shares", ofMicros(Number.POSITIVE_INFINITY), "quantity is missing"],
    ["a fraction of a micro", ofMicros(0.5), "quantity is missing"],
    ["more shares than there can be", ofMicros(MAX_QUANTITY_MICROS + 1000), "the most there can be"],
    ["a part of the smallest step", ofMicros(1_000_500), "no multiple of 0.001"],
    ["zero dollars", ofDollars(0), "more than zero"],
    ["NaN dollars", { _tag: "Notional", notional: money(Number.NaN) }, "notional is missing"],
    [
      "more dollars than there can be",
      { _tag: "Notional", notional: money(MAX_MONEY_MICROS + 1) },
      "the most there can be"
    ],
    ["less than the smallest step costs", { _tag: "Notional", notional: money(104_999) }, "smallest size"]
  ])("%s is denied, in words", (_, size, words) => {
    const verdict = verdictOf(evaluate(snapshot({ limits: wide }), buy(size)), "order-size")
    expect(verdict?.outcome).toBe("deny")
    expect(verdict?.message).toContain(words)
  })

  it.each<readonly [string, Partial<OrderContent>, string]>([
    ["a limit price of zero", { type: limitAt(0) }, "limit price"],
    [
      "a NaN limit price",
      { type: { _tag: "Limit", limitPrice: price(Number.NaN) } },
      "limit price is missing"
    ],
    ["a limit price between ticks", { type: limitAt(99.995) }, "no multiple of 0.01"],
    [
      "a NaN stop price",
      { type: { _tag: "StopMarket", stopPrice: price(Number.NaN) } },
      "stop price is missing"
    ],
    [
      "a trailing offset of zero",
      { type: { _tag: "TrailingStopMarket", trailingOffset: price(0) } },
      "trailing offset"
    ],
    ["a stop-loss between ticks", { bracket: { stopLossPrice: pricePerShare(90.001) } }, "stop-loss price"],
    [
      "a NaN take-profit",
      { bracket: { takeProfitPrice: price(Number.NaN) } },
      "take-profit price is missing"
    ],
    [
      "a bracket the wrong way round",
      { bracket: { takeProfitPrice: pricePerShare(90), stopLossPrice: pricePerShare(110) } },
      "must be below"
    ]
  ])("%s is denied, in words", (_, changes, words) => {
    const verdict = verdictOf(evaluate(snapshot(), buy(ofShares(1), changes)), "order-size")
    expect(verdict?.outcome).toBe("deny")
    expect(verdict?.message).toContain(words)
  })

  it("no reducing order is exempt from sound numbers", () => {
    expect(deniedBy({ positions: [held(10)] }, sell(ofMicros(1_000_500)))).toBe("order-size")
  })

  it("a notional of exactly the limit passes, one micro more is denied", () => {
    const of = (micros: number) =>
      outcomeOf("order-size", {}, buy({ _tag: "Notional", notional: money(micros) }))
    expect(of(10_000_000_000)).toBe("pass")
    expect(of(10_000_000_001)).toBe("deny")
  })

  it("a quantity is valued at the ask plus the collar, rounded up", () => {
    // 95.238 × 105 = 9,999.99; 95.239 × 105 = 10,000.095
    expect(outcomeOf("order-size", {}, buy(ofMicros(95_238_000)))).toBe("pass")
    expect(outcomeOf("order-size", {}, buy(ofMicros(95_239_000)))).toBe("deny")
    expect(evaluate(snapshot(), buy(ofShares(1))).valuePrice).toBe(105_000_000)
  })

  it("a limit buy is valued at its limit, a sale at the bid or its limit", () => {
    const valued = (order: Parameters<typeof evaluate>[1]) =>
      evaluate(snapshot({ currentQuote: quote({ bid: 99, ask: 101 }) }), order).valuePrice
    expect(valued(buy(ofShares(1), { type: limitAt(90) }))).toBe(90_000_000)
    expect(valued(buy(ofShares(1), { type: { _tag: "StopMarket", stopPrice: pricePerShare(110) } }))).toBe(
      115_500_000
    )
    expect(
      valued(
        buy(ofShares(1), {
          type: { _tag: "StopLimit", stopPrice: pricePerShare(110), limitPrice: pricePerShare(112) }
        })
      )
    ).toBe(112_000_000)
    expect(
      valued(buy(ofShares(1), { type: { _tag: "TrailingStopMarket", trailingOffset: pricePerShare(9) } }))
    ).toBe(115_500_000)
    expect(valued(sell(ofShares(1)))).toBe(99_000_000)
    expect(valued(sell(ofShares(1), { type: limitAt(98) }))).toBe(99_000_000)
    expect(valued(sell(ofShares(1), { type: limitAt(120) }))).toBe(120_000_000)
  })

  it("an option counts with its multiplier", () => {
    const optionQuote = quote({ id: CALL, bid: 2 })
    const view = { instrument: call, citedQuote: optionQuote, currentQuote: optionQuote }
    // 47 × 100 × 2.10 = 9,870; 48 × 100 × 2.10 = 10,080
    expect(outcomeOf("order-size", view, buy(ofShares(47), { instrumentId: CALL }))).toBe("pass")
    expect(outcomeOf("order-size", view, buy(ofShares(48), { instrumentId: CALL }))).toBe("deny")
  })

  it("with no equity left nothing new is small enough", () => {
    expect(outcomeOf("order-size", { equity: money(0) }, buy(ofShares(1)))).toBe("deny")
    expect(outcomeOf("order-size", { equity: money(-5) }, buy(ofShares(1)))).toBe("deny")
    expect(apple.multiplier).toBe(1)
  })
})
