/**
 * The book: what the journal says, folded.
 *
 * Plain immutable data. `apply` takes one journal line; applying the same
 * lines from the start, or from any checkpoint, gives the same book, in every
 * process. Orders that can change no more leave it (the store keeps them), so
 * its size follows what is working and held, not what has ever happened.
 */
import { Effect, Option, Schema, type Types } from "effect"
import { AccountId, accountId, ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent, JournalEventOf } from "../domain/JournalEvent.ts"
import { NetPrice, Price, price } from "../domain/Money.ts"
import { isTerminal, Order, OrderContent, OrderSize, OrderType } from "../domain/Order.ts"
import { LegTerms } from "../domain/OrderLeg.ts"
import { SessionDate, Timestamp, timestamp } from "../domain/Timestamp.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import * as CircuitBreaker from "../risk/CircuitBreaker.ts"
import { ceilProportion } from "../risk/ExactRatio.ts"
import { MAX_ORDERS_PER_MINUTE } from "../risk/RiskLimits.ts"
import { applyToOrder, atRest, initialized, isOrderEvent } from "./OrderFold.ts"
import { contentKeyOf } from "./OrderIdentity.ts"
import { type JournalEntry, type OrderRecord, steadyTimeOf } from "./OrderJournal.ts"

/** The longest the rules look back: a minute, or the duplicate window where that is longer (it is at most an hour). */
const REMEMBERED_MICROS = 3_600_000_000
/** And never more than this many, so that a book stays small at any rate of orders. */
const REMEMBERED_ORDERS = MAX_ORDERS_PER_MINUTE

/** What was journaled longer ago than this is no longer on its way from another process. */
export const IN_FLIGHT_MICROS = 10_000_000

/** An order that may still change. */
export const LiveOrder = Schema.Struct({
  order: Order,
  contentKey: Schema.String,
  /** Price at which limits count what has not filled. */
  valuePrice: Price,
  multiplier: Schema.Int,
  /** Of an order for options: its legs' terms, the one contract of an order without legs. */
  terms: Schema.optionalKey(Schema.Array(LegTerms)),
  /** Of a combo: the net price at which limits count what has not filled. */
  netValue: Schema.optionalKey(NetPrice),
  /** Asked for and not yet answered by the venue: the terms, and the price they would count at. */
  pendingUpdate: Schema.optionalKey(
    Schema.Struct({
      type: OrderType,
      size: OrderSize,
      valuePrice: Price,
      netValue: Schema.optionalKey(NetPrice)
    })
  ),
  /** A stop that was touched. */
  triggered: Schema.Boolean,
  /** Another process than its maker has taken it upon itself to send it: its maker must not close it any more. */
  sentAgain: Schema.optionalKey(Schema.Boolean),
  /** Somebody wants it gone: until it ends, whoever sees it work asks the venue again. */
  cancelRequested: Schema.optionalKey(Schema.Boolean),
  /** The halt does not take it back: a person sent it meanwhile, or has taken it on that it works. */
  despiteHalt: Schema.optionalKey(Schema.Boolean),
  /** When it, or the last change of it, was sent: steady time, micros. */
  tsSteady: Schema.Int
})
export type LiveOrder = typeof LiveOrder.Type

/** An order or a replacement that was sent: for the duplicate window and the message rate. */
export const SentMessage = Schema.Struct({
  content: Schema.optionalKey(OrderContent),
  tsMarket: Timestamp,
  /** Steady time, micros. */
  tsSteady: Schema.Int
})
export type SentMessage = typeof SentMessage.Type

/** How far a halt has come: nothing works at the venue any more, or a person has taken it on that something may. */
export const HaltSettled = Schema.Literals(["verified", "acknowledged"])
export type HaltSettled = typeof HaltSettled.Type

/** What reconciliation had to change in the books, to be shown until the next account. */
export const Corrections = Schema.Struct({
  count: Schema.Int,
  /** Market time and reason of the last. */
  tsLast: Timestamp,
  last: Schema.String
})
export type Corrections = typeof Corrections.Type

export const BookState = Schema.Struct({
  accountId: AccountId,
  /** The last journal line it includes. */
  sequence: Schema.Int,
  ledger: Ledger.LedgerState,
  orders: Schema.Record(ClientOrderId, LiveOrder),
  breaker: CircuitBreaker.BreakerState,
  sent: Schema.Array(SentMessage),
  limits: Schema.optionalKey(Schema.Struct({ profile: Schema.String, hash: Schema.String })),
  session: Schema.optionalKey(Schema.Struct({ date: SessionDate, open: Schema.Boolean })),
  /** Of the halt in force; absent while orders may still be working, and without a halt. */
  haltSettled: Schema.optionalKey(HaltSettled),
  corrections: Schema.optionalKey(Corrections),
  /** Market time of the last line. */
  tsLast: Timestamp
})
export type BookState = typeof BookState.Type

/** A book nothing has happened to: no account is open yet. */
export const unopened: BookState = {
  accountId: accountId("unopened"),
  sequence: 0,
  ledger: Ledger.empty(accountId("unopened")),
  orders: {},
  breaker: CircuitBreaker.initialBreaker,
  sent: [],
  tsLast: timestamp(0)
}

export const isOpened = (book: BookState): boolean => book.accountId !== unopened.accountId

/** The order of this name among those that may still change; names are people's, "constructor" is one. */
export const liveOrder = (book: BookState, id: ClientOrderId): LiveOrder | undefined =>
  Object.hasOwn(book.orders, id) ? book.orders[id] : undefined

/** The book after a line, and the orders the line was about as they stand now. */
export interface Applied {
  readonly book: BookState
  readonly touched: ReadonlyArray<OrderRecord>
}

/** A copy that many names come to and leave: without a shape that would have to be made anew for every name. */
const copied = (orders: BookState["orders"]): Types.Mutable<BookState["orders"]> =>
  Object.assign(Object.create(null), orders)

const withOrders = ({ orders }: BookState, live: LiveOrder, { draft }: Folding): BookState["orders"] => {
  const { clientOrderId: id, status } = live.order
  if (draft === undefined) {
    if (!isTerminal(status)) return { ...orders, [id]: live }
    const { [id]: _, ...others } = orders
    return others
  }
  // Lines of one batch share a copy: nobody sees the books in between.
  const after = draft.orders === orders ? draft.orders : copied(orders)
  if (isTerminal(status)) Reflect.deleteProperty(after, id)
  else after[id] = live
  draft.orders = after
  return after
}

const remember = (sent: ReadonlyArray<SentMessage>, message: SentMessage): ReadonlyArray<SentMessage> => {
  const recent = sent.filter(
    (old) =>
      message.tsMarket - old.tsMarket < REMEMBERED_MICROS ||
      message.tsSteady - old.tsSteady < REMEMBERED_MICROS
  )
  return [...recent.slice(1 - REMEMBERED_ORDERS), message]
}

/** How lines are folded. */
interface Folding {
  /** Names what an order does: `contentKeyOf`, but where nobody asks for it. */
  readonly keyOf: (content: OrderContent) => string
  /** Where only the book after the last line is looked at: the orders that lines so far have made. */
  readonly draft?: { orders?: Types.Mutable<BookState["orders"]> }
}

const open = (
  event: JournalEventOf<"OrderInitialized">,
  tsSteady: number,
  { causes }: CircuitBreaker.BreakerState,
  { keyOf }: Folding
): LiveOrder => ({
  order: initialized(event),
  contentKey: keyOf(event.content),
  valuePrice: event.valuePrice,
  multiplier: event.multiplier,
  ...(event.terms === undefined ? {} : { terms: event.terms }),
  ...(event.netValue === undefined ? {} : { netValue: event.netValue }),
  triggered: false,
  ...(causes.killSwitch ? { despiteHalt: true } : {}),
  tsSteady
})

/** The price an order stands or falls by; none for a market order. */
const priceOf = (type: OrderType): number | undefined => {
  switch (type._tag) {
    // The legs of a combo do not move in proportion: its orders are canceled at a split.
    case "Market":
    case "NetLimit":
      return undefined
    case "Limit":
      return type.limitPrice
    case "StopMarket":
    case "StopLimit":
      return type.stopPrice
    case "TrailingStopMarket":
      return type.trailingOffset
  }
}

/**
 * The value price after the venue changed an order by itself. A split restates
 * prices and quantities, so the value price follows the order's own price; that
 * of a market order the quantity, the other way round. A bracket's exit that
 * only grows or shrinks with its entry keeps its price.
 */
const restatedValue = (live: LiveOrder, event: JournalEventOf<"OrderUpdated">): Price => {
  const { content, role } = live.order
  const before = priceOf(content.type)
  const after = priceOf(event.type)
  if (before !== undefined && after !== undefined && before > 0) {
    return price(ceilProportion(live.valuePrice, after, before))
  }
  const [was, is] = [content.size, event.size]
  return role === "ENTRY" && was._tag === "Quantity" && is._tag === "Quantity" && is.quantity > 0
    ? price(ceilProportion(live.valuePrice, was.quantity, is.quantity))
    : live.valuePrice
}

const settlePending = (live: LiveOrder, event: JournalEvent): LiveOrder => {
  switch (event._tag) {
    case "OrderPendingUpdate": {
      const { netValue, size, type, valuePrice } = event
      const pendingUpdate = { type, size, valuePrice, ...(netValue === undefined ? {} : { netValue }) }
      return { ...live, pendingUpdate }
    }
    case "OrderUpdated": {
      const { pendingUpdate, ...settled } = live
      const netValue = pendingUpdate?.netValue
      return {
        ...settled,
        ...(netValue === undefined ? {} : { netValue }),
        valuePrice: pendingUpdate?.valuePrice ?? restatedValue(live, event)
      }
    }
    case "OrderSubmitted":
      return live.order.status === "Initialized" ? live : { ...live, sentAgain: true }
    case "OrderPendingCancel":
      return { ...live, cancelRequested: true }
    case "OrderCancelRejected": {
      const { cancelRequested, pendingUpdate, ...settled } = live
      // A venue that refuses a change, or does not know the order yet, has not refused to cancel it.
      return cancelRequested === true &&
        (pendingUpdate !== undefined || live.order.venueOrderId === undefined)
        ? { ...settled, cancelRequested }
        : settled
    }
    case "OrderTriggered":
      return { ...live, triggered: true }
    default:
      return live
  }
}

/** What of a book a line about an order changes. */
type OrderChange = Pick<BookState, "orders" | "sent"> & Pick<Applied, "touched">

const withoutChange = ({ orders, sent }: BookState): OrderChange => ({ orders, sent, touched: untouched })
const untouched: Applied["touched"] = []

const changeOf = (book: BookState, entry: JournalEntry, folding: Folding): OrderChange => {
  const { event } = entry
  const tsSteady = steadyTimeOf(entry)
  if (!isOrderEvent(event)) return withoutChange(book)
  if (event._tag === "OrderInitialized") {
    const live = open(event, tsSteady, book.breaker, folding)
    return {
      orders: withOrders(book, live, folding),
      sent: book.sent,
      touched: [recordOf(book, live)]
    }
  }
  const known = liveOrder(book, event.clientOrderId)
  if (known === undefined) return withoutChange(book)
  const isSent = event._tag === "OrderSubmitted" || event._tag === "OrderPendingUpdate"
  const live = {
    ...settlePending(known, event),
    order: applyToOrder(known.order, event),
    tsSteady: isSent ? tsSteady : known.tsSteady
  }
  const sent =
    event._tag === "OrderSubmitted" && live.order.role === "ENTRY" && live.sentAgain !== true
      ? remember(book.sent, { content: live.order.content, tsMarket: event.tsEvent, tsSteady })
      : event._tag === "OrderPendingUpdate"
        ? remember(book.sent, { tsMarket: event.tsEvent, tsSteady })
        : book.sent
  return { orders: withOrders(book, live, folding), sent, touched: [recordOf(book, live)] }
}

const recordOf = (book: BookState, live: LiveOrder): OrderRecord => ({
  order: live.order,
  contentKey: live.contentKey,
  accountId: book.accountId
})

const unsettled = (book: BookState): BookState => {
  const { haltSettled: _, ...others } = book
  return others
}

const withoutLeave = (live: LiveOrder): LiveOrder => {
  const { despiteHalt: _, ...others } = live
  return others
}

/** A new halt: whatever works is to go, by whatever hand it was sent. */
const halted = (book: BookState): BookState => ({
  ...unsettled(book),
  orders: Object.fromEntries(Object.entries(book.orders).map(([id, live]) => [id, withoutLeave(live)]))
})

/** Whether the venue has been heard to have it: what has not may still not arrive. */
export const isHeardOf = ({ order }: LiveOrder): boolean => order.venueOrderId !== undefined

/** A person answers for what works at the venue: nobody asks for its cancel any more. */
const takenOn = (book: BookState, ids: ReadonlyArray<ClientOrderId>): Applied => {
  const orders = { ...book.orders }
  const touched: Array<OrderRecord> = []
  for (const id of ids) {
    const live = liveOrder(book, id)
    if (live === undefined || !isHeardOf(live)) continue
    const { cancelRequested: _, ...others } = live
    const left = { ...others, order: atRest(live.order), despiteHalt: true }
    orders[id] = left
    touched.push(recordOf(book, left))
  }
  return { book: { ...book, orders, haltSettled: "acknowledged" }, touched }
}

/** An order of before the halt that arrives after it has to be gone again before the halt is what it says. */
const afterHalt = (book: BookState, event: JournalEvent): BookState => {
  if (event._tag !== "OrderAccepted" || book.haltSettled !== "verified") return book
  return liveOrder(book, event.clientOrderId)?.despiteHalt === true ? book : unsettled(book)
}

const applyAccountEvent = (book: BookState, event: JournalEvent): BookState => {
  switch (event._tag) {
    case "AccountOpened":
      return {
        ...unopened,
        accountId: event.accountId,
        ledger: Ledger.empty(event.accountId),
        ...(book.limits === undefined ? {} : { limits: book.limits }),
        ...(book.session === undefined ? {} : { session: book.session })
      }
    case "SessionOpened":
      return { ...book, session: { date: event.date, open: true } }
    case "SessionClosed":
      return { ...book, session: { date: event.date, open: false } }
    case "TradingStateChanged":
      return event.cause === "kill-switch" ? halted(book) : event.cause === "resumed" ? unsettled(book) : book
    case "HaltVerified":
      return { ...book, haltSettled: "verified" }
    case "PositionCorrected":
    case "CashCorrected":
      return {
        ...book,
        corrections: {
          count: (book.corrections?.count ?? 0) + 1,
          tsLast: event.tsEvent,
          last: event.reason
        }
      }
    case "LimitsAccepted":
      return { ...book, limits: { profile: event.profile, hash: event.hash } }
    default:
      return book
  }
}

const applyWith = (before: BookState, entry: JournalEntry, folding: Folding): Applied => {
  if (entry.sequence !== before.sequence + 1) {
    throw new RangeError(`journal line ${entry.sequence} applied to a book at ${before.sequence}`)
  }
  const { event, sequence } = entry
  const standing = afterHalt(applyAccountEvent(before, event), event)
  const acknowledged = event._tag === "HaltAcknowledged" ? takenOn(standing, event.working) : undefined
  const book = acknowledged?.book ?? standing
  const { orders, sent, touched } =
    acknowledged === undefined
      ? changeOf(standing, entry, folding)
      : { ...withoutChange(book), touched: acknowledged.touched }
  return {
    book: {
      ...book,
      orders,
      sent,
      sequence,
      tsLast: event.tsEvent,
      ledger: Ledger.apply(book.ledger, event),
      breaker: CircuitBreaker.applyEvent(book.breaker, event)
    },
    touched
  }
}

const keyed: Folding = { keyOf: contentKeyOf }

/** The book after one journal line. Lines must come in order, each one sequence after the last. */
export const apply = (before: BookState, entry: JournalEntry): Applied => applyWith(before, entry, keyed)

/** Applies lines in order. */
export const applyAll = (before: BookState, entries: Iterable<JournalEntry>): BookState => {
  let book = before
  for (const entry of entries) book = apply(book, entry).book
  return book
}

const withoutKey = (): string => ""

/** As `applyAll`, for a look at the book that asks for no order's `contentKey`: those of these lines' orders stay empty. */
export const applyAllUnkeyed = (before: BookState, entries: Iterable<JournalEntry>): BookState => {
  const folding: Folding = { keyOf: withoutKey, draft: {} }
  let book = before
  for (const entry of entries) book = applyWith(book, entry, folding).book
  return book
}

/** Grows with every change of how lines are read: a checkpoint of another reading is not used, whichever process wrote it. */
export const FOLD = 2

/** A book as text, for a checkpoint. */
export const encode = (book: BookState): string => JSON.stringify({ fold: FOLD, book })

const decodeCheckpoint = Schema.decodeUnknownEffect(
  Schema.fromJsonString(
    Schema.Struct({ fold: Schema.optionalKey(Schema.Unknown), book: Schema.optionalKey(Schema.Unknown) })
  )
)
const decodeBook = Schema.decodeUnknownEffect(BookState)

/** A book from a checkpoint's text, none if its lines were read in another way; books that do not balance do not decode. */
export const decode = Effect.fnUntraced(function* (text: string) {
  const { book, fold } = yield* decodeCheckpoint(text)
  return fold === FOLD ? Option.some(yield* decodeBook(book)) : Option.none()
})
