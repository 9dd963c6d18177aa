/** What the rules see of an order whose replacement is unanswered. */
import { describe, expect, it } from "@effect/vitest"
import { clientOrderId, quoteId } from "../../src/domain/Identifiers.ts"
import { pricePerShare, shares, zeroMoney } from "../../src/domain/Money.ts"
import type { OrderSide } from "../../src/domain/Order.ts"
import { type LiveOrder, unopened } from "../../src/execution/Book.ts"
import { workingOrders } from "../../src/execution/RiskView.ts"
import { type Asked, single, termsOf } from "../risk/OptionDesk.ts"
import { buy, limitAt, NOW, ofShares, sell } from "../risk/Snapshots.ts"

const PUT = { right: "PUT", strike: 90 } as const
const orderOf = (side: OrderSide) => single({ side, of: PUT, bid: 1, ask: 1.1 }, 2, limitAt(1)).order

/** Two at a dollar, to become three at another price. */
const replacing = ({ content }: Asked["order"], of: "an option" | "shares", to: number): LiveOrder => ({
  order: {
    clientOrderId: clientOrderId("o-1"),
    content,
    quoteId: quoteId("q-0000000000000001"),
    role: "ENTRY",
    status: "Accepted",
    filledQuantity: shares(0),
    filledNotional: zeroMoney,
    fees: zeroMoney,
    tsInit: NOW,
    tsLast: NOW
  },
  contentKey: "k",
  valuePrice: pricePerShare(1),
  multiplier: of === "shares" ? 1 : 100,
  ...(of === "shares"
    ? {}
    : {
        terms: [
          {
            instrumentId: content.instrumentId,
            side: content.side,
            ratio: 1,
            multiplier: 100,
            contract: termsOf(PUT)
          }
        ]
      }),
  pendingUpdate: {
    type: limitAt(to),
    size: { _tag: "Quantity", quantity: shares(3) },
    valuePrice: pricePerShare(to)
  },
  triggered: false,
  tsSteady: 0
})

const counted = (live: LiveOrder) => {
  const [working] = workingOrders({ ...unopened, orders: { [live.order.clientOrderId]: live } })
  return working?.valuePrice
}

describe("an order whose replacement is unanswered", () => {
  it("counts at the dearer price; a sale of options at the one that brings less", () => {
    for (const to of [0.5, 2]) {
      const [less, more] = [pricePerShare(Math.min(1, to)), pricePerShare(Math.max(1, to))]
      expect(counted(replacing(orderOf("SELL"), "an option", to))).toBe(less)
      expect(counted(replacing(orderOf("BUY"), "an option", to))).toBe(more)
      for (const order of [buy(ofShares(2)), sell(ofShares(2))])
        expect(counted(replacing(order, "shares", to))).toBe(more)
    }
  })

  it("counts with the larger size", () => {
    const live = replacing(orderOf("SELL"), "an option", 2)
    const [working] = workingOrders({ ...unopened, orders: { [live.order.clientOrderId]: live } })
    expect(working?.leaves).toStrictEqual({ _tag: "Quantity", quantity: 3_000_000 })
  })
})
