/**
 * Our working orders in one instrument and the tick they stand against.
 *
 * Most ticks touch no order. A book keeps the nearest prices at which one of
 * its orders could act, so that such a tick costs four comparisons whatever
 * the number of orders.
 */
import type { Instrument } from "../../domain/Instrument.ts"
import { MAX_PRICE_MICROS } from "../../domain/Money.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import type { OrderRecord } from "./MatchingState.ts"

export interface OrderBook {
  readonly instrument: Instrument
  /** The last tick seen. */
  tick: MarketTick | undefined
  /** How many ticks there were; the number of the last one. */
  sequence: number
  /** What our orders took of the last tick's volume. */
  taken: number
  /** The last tick's session is over: nothing trades on its quote, and the next tick is a gap. */
  closed: boolean
  /** Working orders by priority, held ones included. */
  readonly orders: Array<OrderRecord>
  /** Prices at which an order may act; stale after any change to an order. */
  readonly reach: Reach
  reachIsStale: boolean
}

/** An order may act when bid, ask or last get to these, or on any tick when `always`. */
interface Reach {
  always: boolean
  askAtMost: number
  bidAtLeast: number
  lastAtMost: number
  lastAtLeast: number
}

export const emptyBook = (instrument: Instrument): OrderBook => ({
  instrument,
  tick: undefined,
  sequence: 0,
  taken: 0,
  closed: false,
  orders: [],
  reach: { always: false, askAtMost: 0, bidAtLeast: 0, lastAtMost: 0, lastAtLeast: 0 },
  reachIsStale: true
})

/** True when the last tick's quote is one an order can trade on now. */
export const inSession = (book: OrderBook): boolean => book.tick !== undefined && !book.closed

/** Puts an order behind all others. */
export const enqueue = (book: OrderBook, order: OrderRecord): void => {
  book.orders.push(order)
  book.reachIsStale = true
}

export const dequeue = (book: OrderBook, order: OrderRecord): void => {
  const at = book.orders.indexOf(order)
  if (at >= 0) book.orders.splice(at, 1)
  book.reachIsStale = true
}

/** False for a tick older than the last one, or the very same again. */
export const isNews = (book: OrderBook, tick: MarketTick): boolean => {
  const known = book.tick
  if (known === undefined || tick.tsEvent > known.tsEvent) return true
  if (tick.tsEvent < known.tsEvent) return false
  return (
    tick.phase !== known.phase ||
    tick.last !== known.last ||
    tick.bid !== known.bid ||
    tick.ask !== known.ask ||
    tick.volume !== known.volume
  )
}

/** True for the book of an option: it has quotes and no prints, no auctions, and nobody counts its volume. */
export const isOfOption = (book: OrderBook): boolean => book.instrument._tag === "Option"

/**
 * A tick one can trade on: whole positive prices within bounds, bid not above
 * ask. NaN is none. Nobody may bid for an option: that one can be bought.
 */
export const isUsable = (book: OrderBook, tick: MarketTick): boolean =>
  (tick.bid > 0 || (tick.bid === 0 && tick.ask > 0 && isOfOption(book))) &&
  tick.bid <= tick.ask &&
  tick.ask <= MAX_PRICE_MICROS &&
  tick.last > 0 &&
  tick.last <= MAX_PRICE_MICROS &&
  Number.isInteger(tick.bid) &&
  Number.isInteger(tick.ask) &&
  Number.isInteger(tick.last)

/** True when a continuous tick lets no order of the book act. */
export const isQuiet = (book: OrderBook, tick: MarketTick): boolean => {
  if (book.reachIsStale) refreshReach(book)
  const reach = book.reach
  return (
    !reach.always &&
    tick.ask > reach.askAtMost &&
    tick.bid < reach.bidAtLeast &&
    tick.last > reach.lastAtMost &&
    tick.last < reach.lastAtLeast
  )
}

const refreshReach = (book: OrderBook): void => {
  const reach = book.reach
  reach.always = false
  reach.askAtMost = -Infinity
  reach.bidAtLeast = Infinity
  reach.lastAtMost = -Infinity
  reach.lastAtLeast = Infinity
  for (const order of book.orders) widen(reach, order)
  book.reachIsStale = false
}

const widen = (reach: Reach, order: OrderRecord): void => {
  // Auction orders act on OPEN and CLOSE ticks only, and those are never quiet.
  if (order.held || order.timeInForce === "AT_THE_OPEN" || order.timeInForce === "AT_THE_CLOSE") return
  const buys = order.side === "BUY"
  const type = order.type
  const stop = order.triggered ? undefined : stopPriceOf(order)
  if (stop !== undefined) {
    widenLast(reach, buys, stop)
    if (order.extreme !== null) widenLast(reach, !buys, buys ? order.extreme - 1 : order.extreme + 1)
  } else if (type._tag === "Limit" || type._tag === "StopLimit") {
    if (buys) reach.askAtMost = Math.max(reach.askAtMost, type.limitPrice)
    else reach.bidAtLeast = Math.min(reach.bidAtLeast, type.limitPrice)
  } else {
    // A market order that waits for volume, or a trailing stop that has seen no price.
    reach.always = true
  }
}

const widenLast = (reach: Reach, upwards: boolean, level: number): void => {
  if (upwards) reach.lastAtLeast = Math.min(reach.lastAtLeast, level)
  else reach.lastAtMost = Math.max(reach.lastAtMost, level)
}

/** The last price at which a stop is touched; none for other orders, and for a trailing stop before its first price. */
export const stopPriceOf = (order: OrderRecord): number | undefined => {
  const type = order.type
  switch (type._tag) {
    case "StopMarket":
    case "StopLimit":
      return type.stopPrice
    case "TrailingStopMarket":
      if (order.extreme === null) return undefined
      return order.side === "BUY" ? order.extreme + type.trailingOffset : order.extreme - type.trailingOffset
    default:
      return undefined
  }
}
