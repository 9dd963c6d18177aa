import { describe, expect, it } from "@effect/vitest"
import { pricePerShare } from "../../src/domain/Money.ts"
import type { OrderSide, OrderType } from "../../src/domain/Order.ts"
import type { RecentOrder, RiskSnapshot } from "../../src/risk/RiskSnapshot.ts"
import {
  buy,
  content,
  deniedBy,
  held,
  limitAt,
  limits,
  market,
  MSFT,
  NOW,
  ofDollars,
  ofShares,
  outcomeOf,
  secondsBefore,
  sell,
  stopAt,
  working
} from "./Snapshots.ts"

describe("duplicate", () => {
  const sent = (marketAge: number, steadyAge: number): ReadonlyArray<RecentOrder> => [
    {
      content: content("BUY", ofShares(1)),
      tsMarket: secondsBefore(marketAge),
      tsSteady: secondsBefore(steadyAge)
    }
  ]
  const outcome = (marketAge: number, steadyAge: number, clocks: "market" | "both" = "both") =>
    outcomeOf("duplicate", { recentOrders: sent(marketAge, steadyAge), clocks }, buy(ofShares(1)))

  it("the same order within 5 s of market time is denied, at 5 s it passes", () => {
    expect([outcome(4.999999, 60), outcome(5, 60)]).toStrictEqual(["deny", "pass"])
  })

  it("on the desk the steady clock counts too, in a run it does not", () => {
    expect([outcome(60, 4.999999), outcome(60, 5), outcome(60, 0, "market")]).toStrictEqual([
      "deny",
      "pass",
      "pass"
    ])
  })

  it("a time that lies ahead counts as now", () => {
    expect([outcome(-100, 60), outcome(60, -100)]).toStrictEqual(["deny", "deny"])
  })

  it("with a window of zero there are none, even where the clocks of two processes disagree", () => {
    const recentOrders = sent(0, -0.001)
    const off = limits({ duplicateWindowSeconds: 0 })
    expect(outcomeOf("duplicate", { recentOrders, limits: off }, buy(ofShares(1)))).toBe("pass")
  })

  it("a repeat that says so passes, and so does any other content", () => {
    const recentOrders = sent(0, 0)
    expect(deniedBy({ recentOrders }, { ...buy(ofShares(1)), repeat: true })).toBe("accepted")
    expect(deniedBy({ recentOrders }, buy(ofShares(2)))).toBe("accepted")
    expect(deniedBy({ recentOrders }, buy(ofShares(1), { timeInForce: "GTC" }))).toBe("accepted")
    expect(deniedBy({ recentOrders }, buy(ofShares(1), { type: limitAt(99) }))).toBe("accepted")
    expect(deniedBy({ recentOrders }, buy(ofDollars(100)))).toBe("accepted")
    expect(deniedBy({ recentOrders }, buy(ofShares(1)))).toBe("duplicate")
  })

  it("a reducing order is exempt", () => {
    const recentOrders = [{ content: content("SELL", ofShares(1)), tsMarket: NOW, tsSteady: NOW }]
    expect(outcomeOf("duplicate", { recentOrders, positions: [held(10)] }, sell(ofShares(1)))).toBe("exempt")
  })
})

describe("open-orders", () => {
  const others = (count: number) =>
    Array.from({ length: count }, () => working("BUY", ofShares(1), { instrumentId: MSFT }))

  it("the twentieth working order passes, the twenty-first is denied", () => {
    expect(deniedBy({ working: others(19) }, buy(ofShares(1)))).toBe("accepted")
    expect(deniedBy({ working: others(20) }, buy(ofShares(1)))).toBe("open-orders")
  })

  it("a bracket's exits take their places with it", () => {
    const bracket = { takeProfitPrice: pricePerShare(110), stopLossPrice: pricePerShare(90) }
    expect(deniedBy({ working: others(17) }, buy(ofShares(1), { bracket }))).toBe("accepted")
    expect(deniedBy({ working: others(18) }, buy(ofShares(1), { bracket }))).toBe("open-orders")
  })
})

describe("message-rate", () => {
  const times = (count: number, age: number) => Array.from({ length: count }, () => secondsBefore(age))
  const sent = (inMarket: number, inSteady: number, age = 59.999999): Partial<RiskSnapshot> => ({
    messageTimes: { market: times(inMarket, age), steady: times(inSteady, age) },
    positions: [held(10)]
  })

  it("new risk has 20 of the 30, the last ten are for reducing orders", () => {
    expect(deniedBy(sent(19, 19), buy(ofShares(1)))).toBe("accepted")
    expect(deniedBy(sent(20, 20), buy(ofShares(1)))).toBe("message-rate")
    expect(deniedBy(sent(29, 29), sell(ofShares(1)))).toBe("accepted")
    expect(deniedBy(sent(30, 30), sell(ofShares(1)))).toBe("message-rate")
  })

  it("on the desk the busier of the two clocks counts, in a run the market's", () => {
    expect(deniedBy(sent(20, 0), buy(ofShares(1)))).toBe("message-rate")
    expect(deniedBy(sent(0, 20), buy(ofShares(1)))).toBe("message-rate")
    expect(deniedBy({ ...sent(0, 20), clocks: "market" }, buy(ofShares(1)))).toBe("accepted")
  })

  it("what is a minute old counts no more; what lies ahead still does", () => {
    expect(deniedBy(sent(30, 30, 60), buy(ofShares(1)))).toBe("accepted")
    expect(deniedBy(sent(30, 30, -60), buy(ofShares(1)))).toBe("message-rate")
  })

  it("limits without a rate have none", () => {
    expect(deniedBy({ ...sent(900, 900), limits: limits({ ordersPerMinute: null }) }, buy(ofShares(1)))).toBe(
      "accepted"
    )
  })
})

describe("self-trade", () => {
  const against = (side: OrderSide, type: OrderType, other: OrderType, changes = {}) =>
    outcomeOf(
      "self-trade",
      { working: [working(side === "BUY" ? "SELL" : "BUY", ofShares(1), { type: other, ...changes })] },
      { content: content(side, ofShares(1), { type }), repeat: false }
    )

  it.each<readonly [string, OrderSide, OrderType, OrderType, string]>([
    ["a buy limit at our sale's price", "BUY", limitAt(101), limitAt(101), "deny"],
    ["a buy limit a cent below it", "BUY", limitAt(100.99), limitAt(101), "pass"],
    ["a sell limit at our buy's price", "SELL", limitAt(99), limitAt(99), "deny"],
    ["a sell limit a cent above it", "SELL", limitAt(99.01), limitAt(99), "pass"],
    ["a market buy with our sale at the ask", "BUY", market, limitAt(100), "deny"],
    ["a market buy with our sale above the ask", "BUY", market, limitAt(100.01), "pass"],
    ["a market sale with our buy at the bid", "SELL", market, limitAt(100), "deny"],
    ["a market sale with our buy below the bid", "SELL", market, limitAt(99.99), "pass"],
    ["a market buy with our market sale", "BUY", market, market, "deny"],
    ["a sell limit with our market buy", "SELL", limitAt(150), market, "deny"],
    ["a market buy with our untouched stop", "BUY", market, stopAt(99), "pass"],
    ["a stop with our limit", "BUY", stopAt(105), limitAt(101), "pass"]
  ])("%s: %s %o against %o is %s", (_, side, type, other, outcome) => {
    expect(against(side, type, other)).toBe(outcome)
  })

  it("orders of our own side, of other instruments and held exits are not met", () => {
    expect(against("BUY", market, limitAt(100), { side: "BUY" })).toBe("pass")
    expect(against("BUY", market, limitAt(100), { instrumentId: MSFT })).toBe("pass")
    expect(against("BUY", market, limitAt(100), { held: true })).toBe("pass")
  })
})
