/** Changing what is working: cancel and replace. */
import type { ClientOrderId } from "../../domain/Identifiers.ts"
import type { OrderSize, OrderType } from "../../domain/Order.ts"
import type { OrderLeg } from "../../domain/OrderLeg.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { endOrder } from "./Contingencies.ts"
import { arriveCombo } from "./Combos.ts"
import { arrive, catchUp, type MarketNow } from "./MarketMoves.ts"
import type { OrderRecord } from "./MatchingState.ts"
import { dequeue, enqueue } from "./OrderBook.ts"
import { problemWithComboReplacement, problemWithReplacement } from "./OrderChecks.ts"
import { knownBook, type VenueMemory } from "./VenueMemory.ts"

/** See `MatchingCore.cancel`. */
export const cancel = (
  memory: VenueMemory,
  clientOrderId: ClientOrderId,
  now: Timestamp,
  reason = "canceled on request"
): void => {
  const order = memory.working.get(clientOrderId)
  if (order === undefined) refuseChange(memory, clientOrderId, whyNotWorking(memory, clientOrderId), now)
  else endOrder(memory, order, "Canceled", reason, now)
}

const whyNotWorking = (memory: VenueMemory, clientOrderId: ClientOrderId): string => {
  const ended = memory.ended.get(clientOrderId)
  if (ended !== undefined) return `the order is ${ended.status} already`
  return memory.rejected.has(clientOrderId) ? "the order was rejected" : "no such order at this venue"
}

const refuseChange = (
  memory: VenueMemory,
  clientOrderId: ClientOrderId,
  reason: string,
  now: Timestamp
): void => {
  memory.events.push({ _tag: "OrderCancelRejected", clientOrderId, tsEvent: now, reason })
}

interface Change {
  readonly type: OrderType
  readonly size: OrderSize
}

/** See `MatchingCore.replace`. */
export const replace = (
  memory: VenueMemory,
  clientOrderId: ClientOrderId,
  change: Change,
  market: MarketNow
): void => {
  const named = memory.working.get(clientOrderId)
  if (named?.legs !== undefined) {
    replaceCombo(memory, named, named.legs, change, market)
    return
  }
  if (named !== undefined) {
    catchUp(memory, knownBook(memory, named.instrumentId), market.lastTick, market.marketOpen)
  }
  const order = memory.working.get(clientOrderId)
  if (order === undefined) {
    refuseChange(memory, clientOrderId, whyNotWorking(memory, clientOrderId), market.now)
    return
  }
  const book = knownBook(memory, order.instrumentId)
  const { type } = change
  const problem = problemWithReplacement(order, book.instrument, type, change.size)
  if (problem !== undefined) {
    refuseChange(memory, clientOrderId, problem, market.now)
    return
  }
  const size = order.parent === undefined ? change.size : order.size
  update(memory, order, { type, size }, market.now, () => {
    dequeue(book, order)
    enqueue(book, order)
  })
  book.reachIsStale = true
  arrive(memory, book, order, market)
}

const replaceCombo = (
  memory: VenueMemory,
  order: OrderRecord,
  legs: ReadonlyArray<OrderLeg>,
  change: Change,
  market: MarketNow
): void => {
  const problem = problemWithComboReplacement(order, legs, change.type, change.size)
  if (problem !== undefined) {
    refuseChange(memory, order.clientOrderId, problem, market.now)
    return
  }
  update(memory, order, change, market.now, () => {
    memory.combos.splice(memory.combos.indexOf(order), 1)
    memory.combos.push(order)
  })
  arriveCombo(memory, order, market)
}

/** The order has these terms from now on; `goBehind` puts it behind all others where it loses its place. */
const update = (
  memory: VenueMemory,
  order: OrderRecord,
  { size, type }: Change,
  tsEvent: Timestamp,
  goBehind: () => void
): void => {
  if (!keepsPlace(order, type, size)) {
    order.priority = memory.nextPriority++
    goBehind()
  }
  order.type = type
  order.size = size
  order.tsLast = tsEvent
  const { clientOrderId } = order
  memory.events.push({ _tag: "OrderUpdated", clientOrderId, tsEvent, type, size })
}

/** As exchanges do: an order keeps its place in the queue when only its size falls. */
const keepsPlace = (order: OrderRecord, type: OrderType, size: OrderSize): boolean =>
  amountOf(size) <= amountOf(order.size) && samePrices(order.type, type)

const amountOf = (size: OrderSize): number => (size._tag === "Quantity" ? size.quantity : size.notional)

/** For two types of one kind. */
const samePrices = (a: OrderType, b: OrderType): boolean => {
  switch (a._tag) {
    case "Market":
      return b._tag === "Market"
    case "Limit":
      return b._tag === "Limit" && a.limitPrice === b.limitPrice
    case "NetLimit":
      return b._tag === "NetLimit" && a.netPrice === b.netPrice
    case "StopMarket":
      return b._tag === "StopMarket" && a.stopPrice === b.stopPrice
    case "StopLimit":
      return b._tag === "StopLimit" && a.stopPrice === b.stopPrice && a.limitPrice === b.limitPrice
    case "TrailingStopMarket":
      return b._tag === "TrailingStopMarket" && a.trailingOffset === b.trailingOffset
  }
}
