/**
 * At what price, in what order and how much of our orders one tick fills.
 *
 * Prices:
 * - An order that takes what is there (a market order, a touched stop, a limit
 *   that is marketable) trades at the quote's other side, made worse by the
 *   slippage model, but never past its limit.
 * - A limit the market came to, in continuous trading, where the tick before
 *   had not reached it, trades at the limit: between two ticks of a
 *   session the price moves without a jump, so it met the limit first.
 * - Across a gap (a session's first tick) there is no such meeting: a limit
 *   that the market opens beyond gets the better price, and a stop the worse.
 * - On an OPEN tick all orders sent before it meet in the opening auction, at
 *   its one price, the print (`last`); AT_THE_CLOSE orders in the closing one.
 * - An option has no auction: where shares get the print, it trades at the
 *   quote, and AT_THE_OPEN orders do at its first quote of the session. A bid
 *   of zero is nobody's: such an option can be bought and not sold.
 * - A stop crossed inside a session trades at the tick's quote, not at the
 *   stop: that is worse or equal, by less than one step of the path, and no
 *   venue promises the stop's price.
 *
 * One tick fills an order at most once: a fill is partial only when it has
 * taken the last of what the fill model allows of that tick. Nobody counts an
 * option's volume: nothing limits its fills.
 */
import {
  notional,
  money,
  type Price,
  price,
  type Quantity,
  quantity,
  quantityFor
} from "../../domain/Money.ts"
import type { OptionContract } from "../../domain/OptionContract.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import { afterFill, endOrder, retireFilled } from "./Contingencies.ts"
import { orderFee } from "./FeeModel.ts"
import { tickCapacity } from "./FillModel.ts"
import { isWorking, type OrderRecord } from "./MatchingState.ts"
import { isOfOption, type OrderBook } from "./OrderBook.ts"
import { slipped } from "./SlippageModel.ts"
import { nextTradeId, type VenueMemory } from "./VenueMemory.ts"

/** One tick as the orders of a book meet it. */
export interface Encounter {
  readonly tick: MarketTick
  /** The tick before, when the price moved from it without a jump. */
  readonly previous: MarketTick | undefined
  /** `book`: the tick comes to the orders. `arrival`: one order comes to the tick. */
  readonly kind: "book" | "arrival"
  /** Of the events. */
  readonly tsEvent: Timestamp
}

interface Candidate {
  readonly order: OrderRecord
  readonly price: Price
  /** How far the order's limit lies beyond the market: price priority. */
  readonly eagerness: number
}

/** Fills what the tick can fill of a book's orders: market orders and touched stops first, then by price, then by time. */
export const fillBook = (memory: VenueMemory, book: OrderBook, encounter: Encounter): void => {
  const candidates: Array<Candidate> = []
  for (const order of book.orders) {
    const candidate = candidateOf(memory, book, order, encounter)
    if (candidate !== undefined) candidates.push(candidate)
  }
  // The sort is stable and the book is in time order.
  if (candidates.length > 1) candidates.sort(byEagerness)
  for (const candidate of candidates) {
    if (isWorking(candidate.order)) fill(memory, book, candidate, encounter)
  }
}

/** Fills what the quote at hand can fill of one order that has just arrived or been replaced. */
export const fillArrival = (
  memory: VenueMemory,
  book: OrderBook,
  order: OrderRecord,
  encounter: Encounter
): void => {
  const candidate = candidateOf(memory, book, order, encounter)
  if (candidate === undefined) return
  if (
    order.timeInForce === "FOK" &&
    capacityLeft(memory, book, encounter.tick) < wantedAt(book, order, candidate.price)
  ) {
    return
  }
  fill(memory, book, candidate, encounter)
}

const byEagerness = (a: Candidate, b: Candidate): number =>
  a.eagerness === b.eagerness ? 0 : b.eagerness > a.eagerness ? 1 : -1

const candidateOf = (
  memory: VenueMemory,
  book: OrderBook,
  order: OrderRecord,
  encounter: Encounter
): Candidate | undefined => {
  if (!canTrade(book, order, encounter)) return undefined
  const { tick, previous } = encounter
  const buys = order.side === "BUY"
  const inAuction =
    encounter.kind === "book" &&
    (tick.phase === "OPEN" || order.timeInForce === "AT_THE_CLOSE") &&
    !isOfOption(book)
  const taking = inAuction ? tick.last : buys ? tick.ask : tick.bid
  if (taking <= 0) return undefined
  const limit = limitOf(order)
  if (limit === undefined) {
    return { order, price: slipped(memory.models.slippage, tick, order.side, taking), eagerness: Infinity }
  }
  const eagerness = buys ? limit - taking : taking - limit
  if (eagerness < 0) return undefined
  if (encounter.kind === "book" && previous !== undefined && order.triggeredOn < book.sequence) {
    const cameToLimit = buys ? previous.ask > limit : previous.bid < limit
    if (cameToLimit) return { order, price: limit, eagerness }
  }
  const worse = slipped(memory.models.slippage, tick, order.side, taking)
  return { order, price: price(buys ? Math.min(worse, limit) : Math.max(worse, limit)), eagerness }
}

/** True for the tick at which AT_THE_OPEN orders trade: the opening print, of an option the session's first quote. */
export const opensOn = (book: OrderBook, { previous, tick }: Encounter): boolean =>
  tick.phase === "OPEN" || (previous === undefined && isOfOption(book))

const canTrade = (book: OrderBook, order: OrderRecord, encounter: Encounter): boolean => {
  const { kind, tick } = encounter
  if (order.held) return false
  if (order.timeInForce === "AT_THE_OPEN") {
    if (kind !== "book" || !opensOn(book, encounter)) return false
    return tick.phase === "OPEN" || !order.waitsForNextSession
  }
  if (order.timeInForce === "AT_THE_CLOSE") return kind === "book" && tick.phase === "CLOSE"
  return order.triggered || order.type._tag === "Market" || order.type._tag === "Limit"
}

const limitOf = (order: OrderRecord): Price | undefined =>
  order.type._tag === "Limit" || order.type._tag === "StopLimit" ? order.type.limitPrice : undefined

/** What is left to trade; for an order by notional, the most lots its unspent money pays for at this price. */
const wantedAt = (book: OrderBook, order: OrderRecord, at: Price): Quantity => {
  if (order.size._tag === "Quantity") return quantity(order.size.quantity - order.filledQuantity)
  const unspent = money(order.size.notional - order.filledNotional)
  return quantityFor(unspent, at, book.instrument.sizeIncrement, book.instrument.multiplier)
}

/** What our orders can still take of a tick. */
export const capacityLeft = (memory: VenueMemory, book: OrderBook, tick: MarketTick): number =>
  isOfOption(book)
    ? Infinity
    : tickCapacity(memory.models.fill, tick, book.instrument.sizeIncrement) - book.taken

/** What a fill says of an option. */
export const contractOf = ({ instrument }: OrderBook): { readonly contract?: OptionContract } =>
  instrument._tag === "Option" ? { contract: instrument.contract } : {}

const fill = (memory: VenueMemory, book: OrderBook, candidate: Candidate, encounter: Encounter): void => {
  const { order, price } = candidate
  const { tick, tsEvent } = encounter
  const wanted = wantedAt(book, order, price)
  if (wanted <= 0) {
    const reason = "the money left to it buys not even the smallest lot at this price"
    endOrder(memory, order, "Canceled", reason, tsEvent)
    return
  }
  const filled = quantity(Math.min(wanted, capacityLeft(memory, book, tick)))
  if (filled <= 0) return
  const { multiplier } = book.instrument
  book.taken += filled
  order.filledQuantity = quantity(order.filledQuantity + filled)
  order.filledNotional = money(order.filledNotional + notional(price, filled, multiplier))
  const fees = orderFee(memory.models.fee, order.filledQuantity, order.filledNotional, book.instrument._tag)
  const fee = money(fees - order.fees)
  order.fees = fees
  order.tsLast = tsEvent
  order.status = "PartiallyFilled"
  const final = filled === wanted
  memory.events.push({
    _tag: "OrderFilled",
    clientOrderId: order.clientOrderId,
    tsEvent,
    tradeId: nextTradeId(memory),
    instrumentId: order.instrumentId,
    side: order.side,
    quantity: filled,
    price,
    fee,
    multiplier,
    ...contractOf(book),
    final
  })
  if (final) retireFilled(memory, order, tsEvent)
  afterFill(memory, order, filled, tsEvent)
}
