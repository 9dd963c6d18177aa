/** How the market's moves reach the orders: a tick, a single order meeting the quote at hand, a session's end. */
import type { TimeInForce } from "../../domain/Order.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import { endOrder } from "./Contingencies.ts"
import { endOfTrading } from "./ContractBooks.ts"
import { type Encounter, fillArrival, fillBook, opensOn } from "./Fills.ts"
import { isWorking, type OrderRecord } from "./MatchingState.ts"
import { inSession, isNews, isOfOption, isUsable, type OrderBook } from "./OrderBook.ts"
import { observe } from "./Triggers.ts"
import type { VenueMemory } from "./VenueMemory.ts"

/** The market as a caller knows it when an order is sent. */
export interface MarketNow {
  readonly now: Timestamp
  /** False between sessions: the order waits for the next one. */
  readonly marketOpen: boolean
  /** The instrument's last tick; working orders meet it first if it is news to the core. */
  readonly lastTick?: MarketTick | undefined
  /** The same of a combo's legs. */
  readonly legTicks?: ReadonlyArray<MarketTick>
}

/** The book's quote becomes this tick's; no order looks at it. */
export const moveTo = (book: OrderBook, tick: MarketTick): void => {
  book.tick = tick
  book.sequence += 1
  book.taken = 0
  book.closed = tick.phase === "CLOSE"
}

/** All orders of a book meet a new tick: stops look at it, then it fills what it can, then auction orders end. */
export const meet = (memory: VenueMemory, book: OrderBook, tick: MarketTick): void => {
  const jumped = tick.phase === "OPEN" || book.closed
  const encounter: Encounter = {
    tick,
    previous: jumped ? undefined : book.tick,
    kind: "book",
    tsEvent: tick.tsEvent
  }
  moveTo(book, tick)
  for (const order of book.orders) observe(memory, book, order, tick, tick.tsEvent)
  fillBook(memory, book, encounter)
  if (isOfOption(book)) {
    if (opensOn(book, encounter)) {
      endLeftOver(memory, book, "AT_THE_OPEN", "not filled at the session's first quote", tick)
    }
    if (tick.phase === "CLOSE") {
      endLeftOver(memory, book, "AT_THE_CLOSE", "not filled at the session's last quote", tick)
    }
  } else if (tick.phase !== "CONTINUOUS") {
    const auction = tick.phase === "OPEN" ? "AT_THE_OPEN" : "AT_THE_CLOSE"
    endLeftOver(memory, book, auction, `not filled in the ${tick.phase.toLowerCase()} auction`, tick)
  }
}

const endLeftOver = (
  memory: VenueMemory,
  book: OrderBook,
  auction: TimeInForce,
  reason: string,
  { phase, tsEvent }: MarketTick
): void => {
  const leftOver = book.orders.filter(
    (order) => order.timeInForce === auction && (phase === "OPEN" || !order.waitsForNextSession)
  )
  for (const order of leftOver) {
    if (isWorking(order)) endOrder(memory, order, "Canceled", reason, tsEvent)
  }
}

/** Brings the book up to the caller's last tick, if the core has not seen it. */
export const catchUp = (
  memory: VenueMemory,
  book: OrderBook,
  tick: MarketTick | undefined,
  marketOpen: boolean
): void => {
  if (tick === undefined || !isUsable(book, tick) || !isNews(book, tick)) return
  meet(memory, book, tick)
  // A source may have no closing tick: between sessions the last one is of a session that is over.
  if (!marketOpen) book.closed = true
}

/** One order, new or replaced, meets the quote at hand; an IOC or FOK order ends here. */
export const arrive = (memory: VenueMemory, book: OrderBook, order: OrderRecord, market: MarketNow): void => {
  const tick = book.tick
  if (tick !== undefined && market.marketOpen && inSession(book)) {
    observe(memory, book, order, tick, market.now)
    fillArrival(memory, book, order, { tick, previous: undefined, kind: "arrival", tsEvent: market.now })
  }
  const { timeInForce } = order
  if ((timeInForce === "IOC" || timeInForce === "FOK") && isWorking(order)) {
    endOrder(memory, order, "Canceled", `${timeInForce}: the quote at hand did not fill it`, market.now)
  }
}

const noOpening = ({ legs }: OrderRecord): string =>
  legs === undefined
    ? "the session had no opening print"
    : "the session had no moment at which all its legs could be traded"

/** See `MatchingCore.sessionClosed`. */
export const closeSession = (memory: VenueMemory, closedAt: Timestamp): void => {
  for (const book of memory.books.values()) book.closed = true
  endOfTrading(memory, closedAt)
  const ofSession = Array.from(memory.working.values()).filter((order) => order.tsAccepted < closedAt)
  for (const order of ofSession) {
    if (!isWorking(order)) continue
    if (order.timeInForce === "DAY") {
      endOrder(memory, order, "Expired", "DAY: the session closed", closedAt)
    } else if (order.timeInForce === "AT_THE_CLOSE") {
      endOrder(memory, order, "Expired", "the session closed without a closing print", closedAt)
    } else if (order.timeInForce === "AT_THE_OPEN") {
      if (order.waitsForNextSession) order.waitsForNextSession = false
      else endOrder(memory, order, "Expired", noOpening(order), closedAt)
    }
  }
}
