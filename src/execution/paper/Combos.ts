/**
 * Combos: orders for several legs that fill together or not at all.
 *
 * A combo stands in no book. It is looked at when it arrives or is replaced,
 * and at every instant once all of that instant's ticks have come: in order of
 * priority, each combo against the quotes at hand of all its legs.
 *
 * - It needs a quote of the session under way in every leg: an ask where it
 *   buys, a bid where it sells (a bid of zero is nobody's).
 * - Each leg is priced at its quote's other side, made worse by the slippage
 *   model. If the net of those prices is at or below the net limit, or there is
 *   none, all legs of all units fill at them; otherwise nothing does.
 * - A leg of shares is held to what the fill model allows of its tick, for all
 *   its units; options are not.
 * - Each leg is charged as an order of its own.
 * - AT_THE_OPEN trades at the session's first instant at which every leg has
 *   such a quote, or is canceled at it.
 */
import { type Money, money, notional, type Price, quantity } from "../../domain/Money.ts"
import type { VenueEvent } from "../../domain/JournalEvent.ts"
import { legSign, netPriceOf, type OrderLeg } from "../../domain/OrderLeg.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import { endOrder, retireFilled } from "./Contingencies.ts"
import { orderFee } from "./FeeModel.ts"
import { capacityLeft, contractOf } from "./Fills.ts"
import { isWorking, type OrderRecord } from "./MatchingState.ts"
import { isOfOption, type OrderBook } from "./OrderBook.ts"
import { slipped } from "./SlippageModel.ts"
import { knownBook, nextTradeId, type VenueMemory } from "./VenueMemory.ts"

/** A leg as it would trade now. */
interface PricedLeg {
  readonly leg: OrderLeg
  readonly book: OrderBook
  readonly tick: MarketTick
  /** Slippage included. */
  readonly price: Price
}

/** See `MatchingCore.meetCombos`. */
export const meetCombos = (memory: VenueMemory, ts: Timestamp): void => {
  for (const order of Array.from(memory.combos)) {
    if (!isWorking(order) || order.waitsForNextSession) continue
    const legs = pricedLegs(memory, order, ts)
    if (legs === undefined) continue
    tryFill(memory, order, legs, ts)
    if (order.timeInForce === "AT_THE_OPEN" && isWorking(order)) {
      endOrder(memory, order, "Canceled", "not filled at the session's first quotes of its legs", ts)
    }
  }
}

/** One combo, new or replaced, meets the quotes at hand; an IOC or FOK order ends here. */
export const arriveCombo = (
  memory: VenueMemory,
  order: OrderRecord,
  market: { readonly now: Timestamp; readonly marketOpen: boolean }
): void => {
  const { now, marketOpen } = market
  if (marketOpen && order.timeInForce !== "AT_THE_OPEN") {
    const legs = pricedLegs(memory, order, now)
    if (legs !== undefined) tryFill(memory, order, legs, now)
  }
  const { timeInForce } = order
  if ((timeInForce === "IOC" || timeInForce === "FOK") && isWorking(order)) {
    endOrder(memory, order, "Canceled", `${timeInForce}: the quotes at hand did not fill it`, now)
  }
}

/** The legs at their prices; undefined while one of them cannot be traded. */
const pricedLegs = (
  memory: VenueMemory,
  { legs }: OrderRecord,
  ts: Timestamp
): ReadonlyArray<PricedLeg> | undefined => {
  const priced: Array<PricedLeg> = []
  for (const leg of legs ?? []) {
    const book = knownBook(memory, leg.instrumentId)
    const tick = quoteAt(book, ts)
    if (tick === undefined) return undefined
    const taking = leg.side === "BUY" ? tick.ask : tick.bid
    if (taking <= 0) return undefined
    priced.push({ leg, book, tick, price: slipped(memory.models.slippage, tick, leg.side, taking) })
  }
  return priced
}

/** The book's quote of the session under way; at its last instant the closing one. */
const quoteAt = ({ closed, tick }: OrderBook, ts: Timestamp): MarketTick | undefined =>
  !closed || (tick?.phase === "CLOSE" && tick.tsEvent === ts) ? tick : undefined

const tryFill = (
  memory: VenueMemory,
  order: OrderRecord,
  legs: ReadonlyArray<PricedLeg>,
  ts: Timestamp
): void => {
  if (order.size._tag !== "Quantity") return
  const units = order.size.quantity
  const net = netPriceOf(
    legs.map(({ book, leg, price }) => ({ ...leg, multiplier: book.instrument.multiplier, price }))
  )
  if (order.type._tag === "NetLimit" && net > order.type.netPrice) return
  const fits = legs.every(({ book, leg, tick }) => units * leg.ratio <= capacityLeft(memory, book, tick))
  if (!fits) return
  order.filledQuantity = units
  order.status = "Filled"
  for (const [at, leg] of legs.entries()) fillLeg(memory, order, leg, at === legs.length - 1, ts)
  retireFilled(memory, order, ts)
}

const fillLeg = (
  memory: VenueMemory,
  order: OrderRecord,
  { book, leg, price }: PricedLeg,
  isLast: boolean,
  tsEvent: Timestamp
): void => {
  const filled = quantity(order.filledQuantity * leg.ratio)
  const { multiplier } = book.instrument
  const value = notional(price, filled, multiplier)
  const fee: Money = orderFee(memory.models.fee, filled, value, book.instrument._tag)
  if (!isOfOption(book)) book.taken += filled
  order.filledNotional = money(order.filledNotional + legSign(leg) * value)
  order.fees = money(order.fees + fee)
  const event: VenueEvent = {
    _tag: "OrderFilled",
    clientOrderId: order.clientOrderId,
    tsEvent,
    tradeId: nextTradeId(memory),
    instrumentId: leg.instrumentId,
    side: leg.side,
    quantity: filled,
    price,
    fee,
    multiplier,
    ...contractOf(book),
    ...(isLast ? { units: order.filledQuantity } : {}),
    final: isLast
  }
  memory.events.push(event)
}
