/** Orders that follow from what is there: a working order with new terms, and what closes a position. Pure. */
import { money, quantity, type Quantity } from "../domain/Money.ts"
import type { OrderContent } from "../domain/Order.ts"
import type { Position } from "../portfolio/Position.ts"
import type { ProposedOrder, SessionPhase } from "../risk/RiskSnapshot.ts"
import type { LiveOrder } from "./Book.ts"
import type { OrderChange } from "./Broker.ts"

/**
 * The new terms as an order of what would still be open. A bracket's exit is counted with the other one; the exits of an
 * entry that has begun to fill work already.
 */
export const changed = ({ order }: LiveOrder, change: OrderChange): ProposedOrder => {
  const { content, filledNotional, filledQuantity, parent } = order
  const size = change.size ?? content.size
  return {
    content: {
      ...content,
      type: change.type ?? content.type,
      size:
        size._tag === "Quantity"
          ? { _tag: "Quantity", quantity: quantity(Math.max(0, size.quantity - filledQuantity)) }
          : { _tag: "Notional", notional: money(Math.max(0, size.notional - filledNotional)) }
    },
    repeat: true,
    ...(filledQuantity > 0 ? { exitsWork: true } : {}),
    ...(parent === undefined ? {} : { bracketOf: parent })
  }
}

/** What closes a position, all of it unless a part is named: at the market in a session, at the open between sessions. */
export const closing = (held: Position, session: SessionPhase, part: Quantity | undefined): OrderContent => ({
  instrumentId: held.instrumentId,
  side: held.quantity > 0 ? "SELL" : "BUY",
  type: { _tag: "Market" },
  size: { _tag: "Quantity", quantity: part ?? quantity(Math.abs(held.quantity)) },
  timeInForce: session.open ? "DAY" : "AT_THE_OPEN"
})
