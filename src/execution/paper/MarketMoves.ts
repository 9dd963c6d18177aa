/** How the market's moves reach the orders: a tick, a single order meeting the quote at hand, a session's end. */
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import { endOrder } from "./Contingencies.ts"
import { type Encounter, fillArrival, fillBook } from "./Fills.ts"
import { isWorking, type OrderRecord } from "./MatchingState.ts"
import { inSession, isNews, isUsable, type OrderBook } from "./OrderBook.ts"
import { observe } from "./Triggers.ts"
import type { VenueMemory } from "./VenueMemory.ts"

/** The market as a caller knows it when an order is sent. */
export interface MarketNow {
  readonly now: Timestamp
  /** False between sessions: the order waits for the next one. */
  readonly marketOpen: boolean
  /** The instrument's last tick; working orders meet it first if it is news to the core. */
  readonly lastTick?: MarketTick | undefined
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
  if (tick.phase === "CONTINUOUS") return
  const auction = tick.phase === "OPEN" ? "AT_THE_OPEN" : "AT_THE_CLOSE"
  const leftOver = book.orders.filter((order) => order.timeInForce === auction)
  for (const order of leftOver) {
    const reason = `not filled in the ${tick.phase.toLowerCase()} auction`
    if (isWorking(order)) endOrder(memory, order, "Canceled", reason, tick.tsEvent)
  }
}

/** Brings the book up to the caller's last tick, if the core has not seen it. */
export const catchUp = (memory: VenueMemory, book: OrderBook, tick: MarketTick | undefined): void => {
  if (tick !== undefined && isUsable(tick) && isNews(book, tick)) meet(memory, book, tick)
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

/** See `MatchingCore.sessionClosed`. */
export const closeSession = (memory: VenueMemory, closedAt: Timestamp): void => {
  for (const book of memory.books.values()) book.closed = true
  const ofSession = Array.from(memory.working.values()).filter((order) => order.tsAccepted < closedAt)
  for (const order of ofSession) {
    if (!isWorking(order)) continue
    if (order.timeInForce === "DAY") {
      endOrder(memory, order, "Expired", "DAY: the session closed", closedAt)
    } else if (order.timeInForce === "AT_THE_CLOSE") {
      endOrder(memory, order, "Expired", "the session closed without a closing print", closedAt)
    } else if (order.timeInForce === "AT_THE_OPEN") {
      if (order.waitsForNextSession) order.waitsForNextSession = false
      else endOrder(memory, order, "Expired", "the session had no opening print", closedAt)
    }
  }
}
