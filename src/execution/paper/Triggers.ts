/** When stops are touched, and how trailing stops follow. */
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import type { OrderRecord } from "./MatchingState.ts"
import { type OrderBook, stopPriceOf } from "./OrderBook.ts"
import type { VenueMemory } from "./VenueMemory.ts"

/**
 * Lets one order see the last price: a trailing stop moves its extreme (and so
 * only tightens), and a stop that is touched is triggered (a buy by a last
 * price at or above it, a sell at or below; FINRA Rule 5350 has a stop
 * triggered by a transaction, not by a quotation).
 *
 * From there a StopMarket or TrailingStopMarket is a market order and a
 * StopLimit a limit order, on this very tick already.
 */
export const observe = (
  memory: VenueMemory,
  book: OrderBook,
  order: OrderRecord,
  tick: MarketTick,
  tsEvent: Timestamp
): void => {
  if (order.held || order.triggered) return
  const buys = order.side === "BUY"
  if (order.type._tag === "TrailingStopMarket") {
    const extreme = order.extreme
    if (extreme === null || (buys ? tick.last < extreme : tick.last > extreme)) {
      order.extreme = tick.last
      book.reachIsStale = true
    }
  }
  const stop = stopPriceOf(order)
  if (stop === undefined || (buys ? tick.last < stop : tick.last > stop)) return
  order.triggered = true
  order.triggeredOn = book.sequence
  order.tsLast = tsEvent
  book.reachIsStale = true
  memory.events.push({ _tag: "OrderTriggered", clientOrderId: order.clientOrderId, tsEvent })
}
