import { describe, expect, it } from "@effect/vitest"
import type { OrderType, TimeInForce } from "../../src/domain/Order.ts"
import type { TradingState } from "../../src/domain/TradingState.ts"
import {
  AAPL,
  buy,
  deniedBy,
  held,
  limitAt,
  market,
  MSFT,
  ofShares,
  outcomeOf,
  secondsBefore,
  sell,
  stopAt
} from "./Snapshots.ts"

describe("trading-state", () => {
  const opening = buy(ofShares(1))
  const reducing = sell(ofShares(1))
  const positions = [held(10)]

  it.each<readonly [TradingState, boolean, string, string]>([
    ["Active", false, "pass", "pass"],
    ["Reducing", false, "deny", "pass"],
    ["Reducing", true, "deny", "pass"],
    ["Halted", false, "deny", "deny"],
    ["Halted", true, "deny", "pass"]
  ])(
    "%s, by a person: %s: an opening order is %s, a reducing one %s",
    (tradingState, person, opens, reduces) => {
      expect(outcomeOf("trading-state", { tradingState, person, positions }, opening)).toBe(opens)
      expect(outcomeOf("trading-state", { tradingState, person, positions }, reducing)).toBe(reduces)
    }
  )
})

describe("reconciliation", () => {
  it("nothing is sent before it is done", () => {
    expect(deniedBy({ reconciled: false }, buy(ofShares(1)))).toBe("reconciliation")
    expect(deniedBy({ reconciled: false, positions: [held(10)] }, sell(ofShares(1)))).toBe("reconciliation")
  })

  it("an instrument with an unknown order takes no other, reducing ones included", () => {
    const unknownInstruments = new Set([AAPL])
    expect(deniedBy({ unknownInstruments }, buy(ofShares(1)))).toBe("reconciliation")
    expect(deniedBy({ unknownInstruments, positions: [held(10)] }, sell(ofShares(1)))).toBe("reconciliation")
    expect(deniedBy({ unknownInstruments: new Set([MSFT]) }, buy(ofShares(1)))).toBe("accepted")
  })
})

describe("market-hours", () => {
  const closed = { open: false, lastClose: secondsBefore(3600) } as const
  const stopLimit: OrderType = {
    _tag: "StopLimit",
    stopPrice: stopPriceOf(110),
    limitPrice: stopPriceOf(111)
  }

  it.each<readonly [TimeInForce, OrderType, string, string]>([
    ["DAY", market, "pass", "deny"],
    ["DAY", limitAt(99), "pass", "deny"],
    ["IOC", limitAt(99), "pass", "deny"],
    ["FOK", market, "pass", "deny"],
    ["AT_THE_CLOSE", market, "pass", "deny"],
    ["GTC", market, "pass", "deny"],
    ["GTC", limitAt(99), "pass", "pass"],
    ["GTC", stopAt(101), "pass", "pass"],
    ["GTC", stopLimit, "pass", "pass"],
    ["AT_THE_OPEN", market, "deny", "pass"],
    ["AT_THE_OPEN", limitAt(99), "deny", "pass"]
  ])("%s %o: in a session %s, between sessions %s", (timeInForce, type, inSession, between) => {
    const order = buy(ofShares(1), { timeInForce, type })
    expect(outcomeOf("market-hours", {}, order)).toBe(inSession)
    expect(outcomeOf("market-hours", { session: closed }, order)).toBe(between)
  })
})

function stopPriceOf(dollarsEach: number) {
  const type = stopAt(dollarsEach)
  if (type._tag !== "StopMarket") throw new Error("no stop")
  return type.stopPrice
}
