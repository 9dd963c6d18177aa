/** How one event changes one order. */
import type { JournalEvent, JournalEventOf } from "../domain/JournalEvent.ts"
import { money, notional, quantity, zeroMoney, zeroQuantity } from "../domain/Money.ts"
import { isTerminal, type Order, type OrderStatus } from "../domain/Order.ts"

/** The events that are about one order. */
export type OrderEvent = Extract<JournalEvent, { readonly clientOrderId: unknown }>

export const isOrderEvent = (event: JournalEvent): event is OrderEvent => "clientOrderId" in event

export const initialized = (event: JournalEventOf<"OrderInitialized">): Order => ({
  clientOrderId: event.clientOrderId,
  content: event.content,
  quoteId: event.quoteId,
  role: event.role,
  ...(event.parent === undefined ? {} : { parent: event.parent }),
  status: "Initialized",
  filledQuantity: zeroQuantity,
  filledNotional: zeroMoney,
  fees: zeroMoney,
  tsInit: event.tsEvent,
  tsLast: event.tsEvent
})

/** What a working order's status is when nothing is pending. */
const restingStatus = (order: Order): OrderStatus =>
  order.filledQuantity > 0 ? "PartiallyFilled" : "Accepted"

/** The order with nothing asked of it any more. */
export const atRest = (order: Order): Order =>
  order.status === "PendingCancel" ? { ...order, status: restingStatus(order) } : order

/** A part that fills after an order was canceled, or while that is asked for, does not bring it back. */
const statusAfterFill = ({ status }: Order, final: boolean): OrderStatus => {
  if (final) return "Filled"
  return status === "PendingCancel" || isTerminal(status) ? status : "PartiallyFilled"
}

/** A combo counts its units, with the last leg of each fill; and what it cost: what a sold leg brings comes off. */
const filled = (order: Order, event: JournalEventOf<"OrderFilled">): Order => ({
  ...order,
  status: statusAfterFill(order, event.final),
  filledQuantity: quantity(
    order.filledQuantity + (order.content.legs === undefined ? event.quantity : (event.units ?? 0))
  ),
  filledNotional: money(
    order.filledNotional +
      (order.content.legs !== undefined && event.side === "SELL" ? -1 : 1) *
        notional(event.price, event.quantity, event.multiplier)
  ),
  fees: money(order.fees + event.fee)
})

const ended = (order: Order, status: OrderStatus, reason: string): Order => ({ ...order, status, reason })

const withoutReason = (order: Order): Order => {
  const { reason: _, ...rest } = order
  return rest
}

/**
 * The order after `event`. A fill counts whatever the status says, because it
 * happened; every other event about an order that can change no more is ignored.
 */
export const applyToOrder = (
  order: Order,
  event: Exclude<OrderEvent, { readonly _tag: "OrderInitialized" }>
): Order => {
  if (isTerminal(order.status) && event._tag !== "OrderFilled") return order
  return { ...change(order, event), tsLast: event.tsEvent }
}

const change = (order: Order, event: Exclude<OrderEvent, { readonly _tag: "OrderInitialized" }>): Order => {
  switch (event._tag) {
    case "OrderDenied":
      return ended(order, "Denied", event.reason)
    case "OrderSubmitted":
      return { ...order, status: "Submitted" }
    case "OrderUnknown":
      return ended(order, "Unknown", event.reason)
    case "OrderAccepted":
      return { ...withoutReason(order), status: restingStatus(order), venueOrderId: event.venueOrderId }
    case "OrderRejected":
      return ended(order, "Rejected", event.reason)
    case "OrderPendingCancel":
      return { ...order, status: "PendingCancel" }
    case "OrderCancelRejected":
      // A venue that never took the order does not say that it works: its fate stays open.
      return order.venueOrderId === undefined
        ? ended(order, "Unknown", event.reason)
        : { ...order, status: restingStatus(order) }
    case "OrderCanceled":
      return ended(order, "Canceled", event.reason)
    case "OrderExpired":
      return ended(order, "Expired", event.reason)
    case "OrderUpdated":
      return { ...order, content: { ...order.content, type: event.type, size: event.size } }
    case "OrderFilled":
      return filled(order, event)
    case "OrderTriggered":
    case "OrderPendingUpdate":
      return order
  }
}
