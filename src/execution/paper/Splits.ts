/**
 * Working orders across a split (FINRA Rule 5330, "Adjustment of Orders").
 *
 * A forward split divides prices and multiplies what is left of a quantity,
 * rounded down to whole lots. A reverse split cancels. Limits are rounded
 * never to be worse than asked (buys down, sells up), stops and offsets to the
 * nearest increment. What an order has traded stays as it was traded. A market
 * order sized by notional says nothing in shares and passes unchanged. Orders
 * for options on the shares are canceled: see `ContractBooks`.
 */
import { type Price, price, proportion, quantity } from "../../domain/Money.ts"
import type { OrderSide, OrderType } from "../../domain/Order.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { endOrder } from "./Contingencies.ts"
import { isWorking, type OrderRecord } from "./MatchingState.ts"
import type { OrderBook } from "./OrderBook.ts"
import type { VenueMemory } from "./VenueMemory.ts"

/** `numerator` new shares for `denominator` old, from `tsEvent` on. */
export interface Split {
  readonly numerator: number
  readonly denominator: number
  readonly tsEvent: Timestamp
}

/** Adjusts or cancels every order of a book, and restates its last tick in new shares. */
export const splitBook = (memory: VenueMemory, book: OrderBook, split: Split): void => {
  const { numerator, denominator, tsEvent } = split
  const stated = book.orders.filter(({ type, size }) => type._tag !== "Market" || size._tag === "Quantity")
  for (const order of stated) {
    // A canceled entry takes its held exits along.
    if (!isWorking(order)) continue
    if (numerator < denominator) {
      endOrder(memory, order, "Canceled", `reverse split ${numerator} for ${denominator}`, tsEvent)
    } else {
      splitOrder(memory, book, order, split)
    }
  }
  const tick = book.tick
  if (tick !== undefined) {
    const [bid, ask, last] = [scaled(tick.bid, split), scaled(tick.ask, split), scaled(tick.last, split)]
    book.tick = { ...tick, bid, ask, last }
  }
  book.reachIsStale = true
}

const splitOrder = (memory: VenueMemory, book: OrderBook, order: OrderRecord, split: Split): void => {
  const { numerator, denominator, tsEvent } = split
  order.type = splitType(order.type, order.side, book.instrument.priceIncrement, split)
  if (order.extreme !== null) order.extreme = scaled(order.extreme, split)
  if (order.size._tag === "Quantity") {
    const left = order.size.quantity - order.filledQuantity
    const exact = Number((BigInt(left) * BigInt(numerator)) / BigInt(denominator))
    const lots = exact - (exact % book.instrument.sizeIncrement)
    order.size = { _tag: "Quantity", quantity: quantity(order.filledQuantity + lots) }
  }
  order.tsLast = tsEvent
  const { clientOrderId, type, size } = order
  memory.events.push({ _tag: "OrderUpdated", clientOrderId, tsEvent, type, size })
}

const splitType = (type: OrderType, side: OrderSide, increment: number, split: Split): OrderType => {
  const limit = (value: Price): Price => {
    const exact = value * split.denominator
    const steps = exact / (split.numerator * increment)
    return price(Math.max(1, side === "BUY" ? Math.floor(steps) : Math.ceil(steps)) * increment)
  }
  const nearest = (value: Price): Price =>
    price(Math.max(1, proportion(value, split.denominator, split.numerator * increment)) * increment)
  switch (type._tag) {
    case "Market":
    case "NetLimit":
      return type
    case "Limit":
      return { ...type, limitPrice: limit(type.limitPrice) }
    case "StopMarket":
      return { ...type, stopPrice: nearest(type.stopPrice) }
    case "StopLimit":
      return { ...type, stopPrice: nearest(type.stopPrice), limitPrice: limit(type.limitPrice) }
    case "TrailingStopMarket":
      return { ...type, trailingOffset: nearest(type.trailingOffset) }
  }
}

const scaled = (value: Price, split: Split): Price =>
  price(Math.max(1, proportion(value, split.denominator, split.numerator)))
