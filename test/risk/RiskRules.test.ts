import { describe, expect, it } from "@effect/vitest"
import { money, price, quantity } from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { RuleName, Verdict } from "../../src/domain/Verdict.ts"
import { Schema } from "effect"
import { evaluate } from "../../src/risk/RiskRules.ts"
import type { RiskSnapshot } from "../../src/risk/RiskSnapshot.ts"
import { heldOption } from "./OptionDesk.ts"
import {
  buy,
  content,
  held,
  limits,
  limitAt,
  MSFT,
  NOW,
  ofDollars,
  ofShares,
  permitted,
  quote,
  sell,
  snapshot,
  verdictOf,
  working
} from "./Snapshots.ts"

const nan = Number.NaN

describe("evaluate", () => {
  it("keeps one sound verdict of every rule, in the documented order, whatever the order's fate", () => {
    const ofShareOrders = RuleName.literals.filter((rule) => !rule.startsWith("option-"))
    for (const order of [buy(ofShares(1)), buy(ofShares(100_000)), sell(ofDollars(5)), buy(ofShares(nan))]) {
      const { verdicts } = evaluate(snapshot(), order)
      expect(verdicts.map(({ rule }) => rule)).toStrictEqual(ofShareOrders)
      expect(verdicts.every((verdict) => Schema.is(Verdict)(verdict))).toBe(true)
    }
  })

  it("the refusal is the first of the rules that deny, and the others are kept", () => {
    const evaluation = evaluate(snapshot({ tradingState: "Halted" }), buy(ofShares(1_000_000)))
    expect(evaluation.denied?.rule).toBe("trading-state")
    expect(
      evaluation.verdicts.filter(({ outcome }) => outcome === "deny").map(({ rule }) => rule)
    ).toStrictEqual(["trading-state", "order-size", "position-limit", "gross-exposure", "buying-power"])
  })

  it("an order within every limit is accepted with the price it counts at", () => {
    expect(evaluate(snapshot(), buy(ofShares(10)))).toMatchObject({
      denied: undefined,
      reducing: false,
      valuePrice: 105_000_000
    })
  })
})

describe("reducing", () => {
  const reducing = (changes: Partial<RiskSnapshot>, order: Parameters<typeof evaluate>[1]): boolean =>
    evaluate(snapshot(changes), order).reducing

  it.each<readonly [string, number, "BUY" | "SELL", number, boolean]>([
    ["selling a part of a long position", 10, "SELL", 4, true],
    ["selling all of it", 10, "SELL", 10, true],
    ["selling more than it", 10, "SELL", 11, false],
    ["adding to it", 10, "BUY", 1, false],
    ["covering a part of a short position", -10, "BUY", 4, true],
    ["covering all of it", -10, "BUY", 10, true],
    ["covering more than it", -10, "BUY", 11, false],
    ["adding to it", -10, "SELL", 1, false],
    ["selling nothing held", 0, "SELL", 1, false],
    ["buying with nothing held", 0, "BUY", 1, false]
  ])("%s (%d): %s %d is reducing: %s", (_, position, side, count, expected) => {
    const order = { content: content(side, ofShares(count)), repeat: false }
    expect(reducing({ positions: position === 0 ? [] : [held(position)] }, order)).toBe(expected)
  })

  it("one micro of a share more than is held is not", () => {
    const micros = (count: number) => sell({ _tag: "Quantity", quantity: quantity(count) })
    expect(reducing({ positions: [held(10)] }, micros(10_000_000))).toBe(true)
    expect(reducing({ positions: [held(10)] }, micros(10_000_001))).toBe(false)
  })

  it("working orders of the same side count as filled, those of the other side do not", () => {
    const positions = [held(10)]
    expect(reducing({ positions, working: [working("SELL", ofShares(6))] }, sell(ofShares(4)))).toBe(true)
    expect(reducing({ positions, working: [working("SELL", ofShares(6))] }, sell(ofShares(5)))).toBe(false)
    expect(reducing({ positions, working: [working("BUY", ofShares(6))] }, sell(ofShares(10)))).toBe(true)
    expect(reducing({ positions, working: [working("BUY", ofShares(6))] }, sell(ofShares(11)))).toBe(false)
  })

  it("is exempt from notional, exposure, loss, drawdown and duplicate rules, and from no other", () => {
    const order = sell(ofShares(900))
    const dire = snapshot({
      tradingState: "Reducing",
      positions: [held(1000)],
      equity: money(50_000_000_000),
      cash: money(-50_000_000_000),
      recentOrders: [{ content: order.content, tsMarket: NOW, tsSteady: NOW }]
    })
    const evaluation = evaluate(dire, order)
    expect(evaluation.denied).toBeUndefined()
    expect(
      evaluation.verdicts.filter(({ outcome }) => outcome === "exempt").map(({ rule }) => rule)
    ).toStrictEqual(["duplicate", "order-size", "position-limit", "gross-exposure", "daily-loss", "drawdown"])
    expect(verdictOf(evaluation, "gross-exposure")).toMatchObject({ value: 2, limit: 1, unit: "ratio" })
  })

  it("stays possible while another position has no price", () => {
    const view = {
      tradingState: "Reducing",
      equity: undefined,
      positions: [held(10), held(10, { instrumentId: MSFT, mark: undefined })]
    } as const
    expect(evaluate(snapshot(view), sell(ofShares(10))).denied).toBeUndefined()
  })
})

describe("whatever is missing is denied, by the rule that needs it", () => {
  const opening = buy(ofShares(1))
  const rows: ReadonlyArray<readonly [string, Partial<RiskSnapshot>, RuleName]> = [
    ["now", { now: undefined }, "quote-freshness"],
    ["now", { now: timestamp(nan) }, "quote-freshness"],
    ["steadyNow", { steadyNow: undefined }, "duplicate"],
    ["steadyNow", { steadyNow: nan }, "duplicate"],
    ["clocks", { clocks: undefined }, "duplicate"],
    ["permit", { permit: undefined }, "permit"],
    ["a permit's time", { permit: permitted({ ageMicros: nan }) }, "permit"],
    ["a permit's time", { permit: permitted({}), steadyNow: nan }, "permit"],
    ["a permit", { permit: permitted({ given: undefined }) }, "permit"],
    ["tradingState", { tradingState: undefined }, "trading-state"],
    ["reconciled", { reconciled: undefined }, "reconciliation"],
    ["unknownInstruments", { unknownInstruments: undefined }, "reconciliation"],
    ["session", { session: undefined }, "market-hours"],
    ["session.lastClose", { session: { open: false, lastClose: timestamp(nan) } }, "market-hours"],
    ["instrument", { instrument: undefined }, "instrument"],
    ["citedQuote", { citedQuote: undefined }, "quote-freshness"],
    ["currentQuote", { currentQuote: undefined }, "quote-freshness"],
    ["limits", { limits: undefined }, "quote-freshness"],
    ["limits.positionRatio", { limits: limits({ positionRatio: nan }) }, "position-limit"],
    ["limits.orderNotionalRatio", { limits: limits({ orderNotionalRatio: nan }) }, "order-size"],
    ["limits.grossExposureRatio", { limits: limits({ grossExposureRatio: nan }) }, "gross-exposure"],
    ["limits.dailyLossRatio", { limits: limits({ dailyLossRatio: nan }) }, "daily-loss"],
    ["limits.drawdownRatio", { limits: limits({ drawdownRatio: nan }) }, "drawdown"],
    ["limits.priceCollarRatio", { limits: limits({ priceCollarRatio: nan }) }, "order-size"],
    ["limits.ordersPerMinute", { limits: limits({ ordersPerMinute: nan }) }, "message-rate"],
    ["limits.reservedForReducing", { limits: limits({ reservedForReducing: nan }) }, "message-rate"],
    ["limits.openOrders", { limits: limits({ openOrders: nan }) }, "open-orders"],
    [
      "limits.duplicateWindowSeconds",
      {
        limits: limits({ duplicateWindowSeconds: nan }),
        recentOrders: [{ content: opening.content, tsMarket: NOW, tsSteady: NOW }]
      },
      "duplicate"
    ],
    [
      "limits.quoteStalenessSeconds",
      { limits: limits({ quoteStalenessSeconds: { equity: nan, index: 15, option: 60 } }) },
      "quote-freshness"
    ],
    ["equity", { equity: undefined }, "order-size"],
    ["equity", { equity: money(nan) }, "order-size"],
    ["equity", { equity: money(Number.POSITIVE_INFINITY) }, "order-size"],
    ["cash", { cash: undefined }, "buying-power"],
    ["cash", { cash: money(nan) }, "buying-power"],
    ["priorCloseEquity", { priorCloseEquity: undefined }, "daily-loss"],
    ["priorCloseEquity", { priorCloseEquity: money(nan) }, "daily-loss"],
    ["priorCloseEquity", { priorCloseEquity: money(0) }, "daily-loss"],
    ["netFlows", { netFlows: undefined }, "daily-loss"],
    ["netFlows", { netFlows: money(nan) }, "daily-loss"],
    ["peakEquity", { peakEquity: undefined }, "drawdown"],
    ["peakEquity", { peakEquity: money(nan) }, "drawdown"],
    ["positions", { positions: undefined }, "position-limit"],
    ["a position's mark", { positions: [held(1, { mark: undefined })] }, "position-limit"],
    ["a position's mark", { positions: [held(1, { mark: price(nan) })] }, "position-limit"],
    ["a position's quantity", { positions: [held(nan)] }, "position-limit"],
    ["a position's multiplier", { positions: [held(1, { multiplier: nan })] }, "position-limit"],
    ["legs", { legs: undefined, instrument: undefined }, "instrument"],
    [
      "underlyings",
      { underlyings: undefined, positions: [heldOption(1, { right: "PUT", strike: 90 }, 1)] },
      "position-limit"
    ],
    ["working", { working: undefined }, "position-limit"],
    [
      "a working order's value",
      { working: [working("BUY", ofShares(1), { valuePrice: price(nan) })] },
      "position-limit"
    ],
    ["a working order's size", { working: [working("BUY", ofShares(nan))] }, "position-limit"],
    [
      "a working order's multiplier",
      { working: [working("BUY", ofDollars(5), { multiplier: 0 })] },
      "position-limit"
    ],
    ["recentOrders", { recentOrders: undefined }, "duplicate"],
    [
      "a recent order's time",
      { recentOrders: [{ content: opening.content, tsMarket: timestamp(nan), tsSteady: nan }] },
      "duplicate"
    ],
    ["messageTimes", { messageTimes: undefined }, "message-rate"],
    [
      "message times",
      { messageTimes: { market: Array.from({ length: 20 }, () => timestamp(nan)), steady: [] } },
      "message-rate"
    ]
  ]

  it.each(rows)("%s: %o → %s", (_, changes, rule) => {
    const evaluation = evaluate(snapshot(changes), opening)
    expect(evaluation.denied?.rule).toBe(rule)
  })

  it("a missing field is called missing", () => {
    for (const [name, changes] of rows) {
      const { denied } = evaluate(snapshot(changes), opening)
      if (name.startsWith("limits.") || name.startsWith("message") || name.startsWith("a ")) continue
      expect(denied?.message, name).toMatch(/missing|not been reconciled/u)
    }
  })

  it("a quote with a NaN price is no quote", () => {
    const broken = { ...quote({}), bid: price(nan) }
    expect(evaluate(snapshot({ currentQuote: broken }), opening).denied?.rule).toBe("quote-freshness")
    expect(evaluate(snapshot({ citedQuote: broken }), opening).denied?.rule).toBe("quote-freshness")
  })

  it("every field of the snapshot but who sends it is in the table", () => {
    const tabled = new Set(rows.flatMap(([, changes]) => Object.keys(changes)))
    expect(Object.keys(snapshot()).filter((field) => !tabled.has(field))).toStrictEqual(["person"])
  })

  it("a missing sender is nobody who may trade while halted", () => {
    const view = { tradingState: "Halted", person: undefined, positions: [held(1)] } as const
    expect(evaluate(snapshot(view), sell(ofShares(1), { type: limitAt(100) })).denied?.rule).toBe(
      "trading-state"
    )
  })
})
