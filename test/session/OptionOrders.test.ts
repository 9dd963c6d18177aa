import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { netPrice, shares } from "../../src/domain/Money.ts"
import { OrderContent } from "../../src/domain/Order.ts"
import { comboId, type OrderLeg } from "../../src/domain/OrderLeg.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { orderOf } from "../../src/session/OptionOrders.ts"
import { one } from "./Contexts.ts"
import { idOf } from "./strategies/Chains.ts"

const date = sessionDate("2014-06-05")
const leg = (side: "BUY" | "SELL", strike: number, ratio = 1): OrderLeg => ({
  instrumentId: idOf(one, date, 28, "PUT", strike),
  side,
  ratio
})
const market = { _tag: "Market" } as const
const net = (micros: number) => ({ _tag: "NetLimit", netPrice: netPrice(micros) }) as const

describe("an option intent", () => {
  it("of one leg is an order of its contract for the open, ratio and units multiplied", () => {
    const sale = leg("SELL", 95, 2)
    expect(orderOf({ legs: [sale], units: 3, type: market, reason: "" })).toEqual({
      instrumentId: sale.instrumentId,
      side: "SELL",
      type: market,
      size: { _tag: "Quantity", quantity: shares(6) },
      timeInForce: "AT_THE_OPEN"
    })
  })

  it("of one leg has its net price as its limit: a credit is what the sale has to bring", () => {
    const typeOf = (side: "BUY" | "SELL", micros: number) =>
      orderOf({ legs: [leg(side, 95)], units: 1, type: net(micros), reason: "" })?.type
    expect(typeOf("SELL", -1_250_000)).toEqual({ _tag: "Limit", limitPrice: 1_250_000 })
    expect(typeOf("BUY", 1_250_000)).toEqual({ _tag: "Limit", limitPrice: 1_250_000 })
  })

  it("of several legs is a combo that is bought, in units", () => {
    const legs = [leg("SELL", 95), leg("BUY", 90)]
    const order = orderOf({ legs, units: 4, type: net(-750_000), reason: "" })
    expect(order).toEqual({
      instrumentId: comboId(legs),
      side: "BUY",
      type: { _tag: "NetLimit", netPrice: -750_000 },
      size: { _tag: "Quantity", quantity: shares(4) },
      timeInForce: "AT_THE_OPEN",
      legs
    })
    expect(Schema.decodeUnknownSync(OrderContent)(order)).toEqual(order)
  })

  it("without legs or units is no order", () => {
    expect(orderOf({ legs: [], units: 1, type: market, reason: "" })).toBeUndefined()
    expect(orderOf({ legs: [leg("BUY", 90)], units: 0, type: market, reason: "" })).toBeUndefined()
  })
})
