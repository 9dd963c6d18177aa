/** What a strategy's option intents are as orders. Pure. */
import { type Price, price, shares } from "../domain/Money.ts"
import type { OrderContent, OrderType } from "../domain/Order.ts"
import { comboId, type OrderLeg } from "../domain/OrderLeg.ts"
import type { OptionIntent } from "./Strategy.ts"

/** A net price of one leg is that leg's price: what a sale brings is a credit, below zero. */
const limitOf = ({ side }: OrderLeg, net: number): Price => price(side === "BUY" ? net : 0 - net)

const typeOf = (type: OptionIntent["type"], leg: OrderLeg): OrderType =>
  type._tag === "Market" ? type : { _tag: "Limit", limitPrice: limitOf(leg, type.netPrice) }

/**
 * The order for the next open that an intent calls for: one leg as an order of
 * its contract, several as a combo. Undefined for an intent without legs or units.
 */
export const orderOf = ({ legs, type, units }: OptionIntent): OrderContent | undefined => {
  const [only, ...others] = legs
  if (only === undefined || !(units >= 1)) return undefined
  const timeInForce = "AT_THE_OPEN"
  if (others.length > 0) {
    const size = { _tag: "Quantity", quantity: shares(units) } as const
    return { instrumentId: comboId(legs), side: "BUY", type, size, timeInForce, legs }
  }
  return {
    instrumentId: only.instrumentId,
    side: only.side,
    type: typeOf(type, only),
    size: { _tag: "Quantity", quantity: shares(units * only.ratio) },
    timeInForce
  }
}
