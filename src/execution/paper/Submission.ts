/** Taking orders: known ones are passed over, bad ones refused, the others accepted and tried on the quote. */
import { type ClientOrderId, type InstrumentId, venueOrderId } from "../../domain/Identifiers.ts"
import { zeroMoney, zeroQuantity } from "../../domain/Money.ts"
import type { OrderLeg } from "../../domain/OrderLeg.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { type BracketChild, bracketChildren, type VenueOrder } from "../VenueOrder.ts"
import { arriveCombo } from "./Combos.ts"
import { arrive, catchUp, type MarketNow } from "./MarketMoves.ts"
import type { OrderRecord } from "./MatchingState.ts"
import { enqueue, type OrderBook } from "./OrderBook.ts"
import { problemWithCombo, problemWithOrder } from "./OrderChecks.ts"
import { bookOf, describe, joinGroup, knownBook, type VenueMemory } from "./VenueMemory.ts"

/** See `MatchingCore.submit`. */
export const submit = (memory: VenueMemory, order: VenueOrder, market: MarketNow): void => {
  const children = bracketChildren(order)
  if (isKnown(memory, order.clientOrderId)) return
  if (order.terms !== undefined) describe(memory, order.terms)
  if (order.legs !== undefined) {
    submitCombo(memory, order, order.legs, market)
    return
  }
  const book = bookOf(memory, order.instrumentId)
  if (book === undefined) {
    reject(memory, order, children, `no instrument ${order.instrumentId} at this venue`, market.now)
    return
  }
  catchUp(memory, book, market.lastTick, market.marketOpen)
  const problem =
    problemWithNames(memory, order, children) ??
    problemWithOrder(order, book.instrument, market) ??
    (order.ocoGroup !== undefined && memory.filledGroups.has(order.ocoGroup)
      ? `an order of OCO group ${order.ocoGroup} has filled already`
      : undefined)
  if (problem !== undefined) {
    reject(memory, order, children, problem, market.now)
    return
  }
  const entry = accept(
    memory,
    book,
    order,
    children.map((child) => child.clientOrderId),
    market
  )
  for (const child of children) accept(memory, book, child, [], market)
  arrive(memory, book, entry, market)
}

/** The legs' books meet what is news to them, then the combo meets their quotes. */
const submitCombo = (
  memory: VenueMemory,
  order: VenueOrder,
  legs: ReadonlyArray<OrderLeg>,
  market: MarketNow
): void => {
  const instrument = (id: InstrumentId) => bookOf(memory, id)?.instrument
  const problem = problemWithCombo(order, legs, instrument, market)
  if (problem !== undefined) {
    reject(memory, order, bracketChildren(order), problem, market.now)
    return
  }
  for (const tick of market.legTicks ?? []) {
    if (!legs.some((leg) => leg.instrumentId === tick.instrumentId)) continue
    catchUp(memory, knownBook(memory, tick.instrumentId), tick, market.marketOpen)
  }
  arriveCombo(memory, accept(memory, undefined, order, [], market), market)
}

const problemWithNames = (
  memory: VenueMemory,
  order: VenueOrder,
  children: ReadonlyArray<BracketChild>
): string | undefined => {
  if (children.length === 0) return undefined
  const names = new Set([order.clientOrderId])
  for (const { clientOrderId } of children) {
    if (names.has(clientOrderId) || isKnown(memory, clientOrderId)) {
      return `the bracket's clientOrderId ${clientOrderId} is another order's: each needs its own`
    }
    names.add(clientOrderId)
  }
  return undefined
}

/** True for an order that was ever taken or refused, and not yet forgotten. */
export const isKnown = (memory: VenueMemory, id: ClientOrderId): boolean =>
  memory.working.has(id) || memory.ended.has(id) || memory.rejected.has(id)

const reject = (
  memory: VenueMemory,
  order: VenueOrder,
  children: ReadonlyArray<BracketChild>,
  reason: string,
  tsEvent: Timestamp
): void => {
  // A child's name that belongs to another order is not touched.
  const names = new Set([order, ...children].map(({ clientOrderId }) => clientOrderId))
  for (const clientOrderId of names) {
    if (isKnown(memory, clientOrderId)) continue
    memory.rejected.set(clientOrderId, tsEvent)
    memory.events.push({ _tag: "OrderRejected", clientOrderId, tsEvent, reason })
  }
}

/** Without a book: a combo. */
const accept = (
  memory: VenueMemory,
  book: OrderBook | undefined,
  order: VenueOrder | BracketChild,
  children: ReadonlyArray<ClientOrderId>,
  market: MarketNow
): OrderRecord => {
  const child = "parent" in order ? order : undefined
  const group = "ocoGroup" in order ? order.ocoGroup : undefined
  const record: OrderRecord = {
    clientOrderId: order.clientOrderId,
    venueOrderId: venueOrderId(`V-${String(memory.nextOrder++).padStart(6, "0")}`),
    instrumentId: order.instrumentId,
    side: order.side,
    type: order.type,
    size: order.size,
    timeInForce: order.timeInForce,
    role: child?.role ?? "ENTRY",
    children,
    status: "Accepted",
    filledQuantity: zeroQuantity,
    filledNotional: zeroMoney,
    fees: zeroMoney,
    held: child !== undefined,
    triggered: false,
    extreme: order.type._tag === "TrailingStopMarket" ? (book?.tick?.last ?? null) : null,
    priority: memory.nextPriority++,
    triggeredOn: 0,
    waitsForNextSession: order.timeInForce === "AT_THE_OPEN" && market.marketOpen,
    tsAccepted: market.now,
    tsLast: market.now
  }
  // Assigned, not spread in above: a literal with spreads is an order of magnitude slower to make.
  if (group !== undefined) record.ocoGroup = group
  if ("legs" in order && order.legs !== undefined) record.legs = order.legs
  if (child !== undefined) record.parent = child.parent
  if (child?.sibling !== undefined) record.sibling = child.sibling
  memory.working.set(record.clientOrderId, record)
  joinGroup(memory, record)
  if (book === undefined) memory.combos.push(record)
  else enqueue(book, record)
  const { clientOrderId, venueOrderId: name, tsAccepted } = record
  memory.events.push({ _tag: "OrderAccepted", clientOrderId, tsEvent: tsAccepted, venueOrderId: name })
  return record
}
