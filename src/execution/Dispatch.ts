/** From the journal to the venue: what was journaled is made durable in the audit log, sent, and its answer journaled. */
import { Effect } from "effect"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { wallTime } from "../market/SteadyClock.ts"
import { IN_FLIGHT_MICROS, type LiveOrder, liveOrder } from "./Book.ts"
import type { BrokerContext } from "./BrokerContext.ts"
import { isHaltedOrder } from "./Cancels.ts"
import type { Leave } from "./Venue.ts"
import type { VenueOrder } from "./VenueOrder.ts"

type Context = BrokerContext["Service"]

const broker = { kind: "desk", name: "broker" } as const

/** The order's name and those of its bracket's exits. */
export const namesOf = ({ bracket, clientOrderId }: VenueOrder): ReadonlyArray<ClientOrderId> => [
  clientOrderId,
  ...(bracket?.takeProfit === undefined ? [] : [bracket.takeProfit.clientOrderId]),
  ...(bracket?.stopLoss === undefined ? [] : [bracket.stopLoss.clientOrderId])
]

/** How long after journaling an order may still be sent: well before another process takes it for lost. */
const SEND_WITHIN_MICROS = IN_FLIGHT_MICROS / 2

/** Both clocks of the machine, micros. */
export interface Departure {
  readonly steady: number
  readonly wall: number
}

export const departure = (context: Context): Effect.Effect<Departure> =>
  Effect.all({ steady: context.steadyNow, wall: wallTime })

/** Whichever clock says longer: steady time may stand still while the machine sleeps, the other may be set. */
export const isHeldUp = (left: Departure, now: Departure): boolean =>
  Math.max(now.steady - left.steady, now.wall - left.wall) > SEND_WITHIN_MICROS

/** It may leave as long as nobody else can take it for lost. */
export const leaveUntilHeldUp = (context: Context, left: Departure): Leave =>
  Effect.map(departure(context), (now) => !isHeldUp(left, now))

/** The venue has not said a word about it. */
const isUnheardOf = ({ order }: LiveOrder): boolean => order.venueOrderId === undefined

/** Nobody but its maker is about to send it. */
const isItsMakers = (live: LiveOrder): boolean => isUnheardOf(live) && live.sentAgain !== true

/** Journals one event for each name that may still change and that this concerns. */
const recordForLive = (
  context: Context,
  names: ReadonlyArray<ClientOrderId>,
  concerns: (live: LiveOrder) => boolean,
  event: (clientOrderId: ClientOrderId, tsEvent: JournalEvent["tsEvent"]) => JournalEvent
) =>
  context.keeper.transact((book) => {
    const state = book.state()
    const live = names.filter((name) => {
      const found = liveOrder(state, name)
      return found !== undefined && concerns(found)
    })
    return book.record(
      live.map((name) => event(name, state.tsLast)),
      broker
    )
  })

/** Orders that somebody wants gone and nobody has sent are closed: the venue never saw them. */
const closeUnsent = (context: Context, orders: ReadonlyArray<VenueOrder>) =>
  recordForLive(context, orders.flatMap(namesOf), isItsMakers, (clientOrderId, tsEvent) => ({
    _tag: "OrderCanceled",
    clientOrderId,
    tsEvent,
    reason: "canceled before it was sent"
  }))

/** The orders that are still to be sent by their maker; those canceled, or caught by a halt, on their way are closed unsent. */
export const stillWanted = Effect.fnUntraced(function* (context: Context, orders: ReadonlyArray<VenueOrder>) {
  const book = yield* context.keeper.current
  const mine = orders.flatMap((order) => {
    const live = liveOrder(book, order.clientOrderId)
    return live !== undefined && isItsMakers(live) ? [{ order, live }] : []
  })
  const unwanted = new Set(
    mine.filter(({ live }) => live.cancelRequested === true || isHaltedOrder(book, live))
  )
  if (unwanted.size > 0) {
    yield* closeUnsent(
      context,
      [...unwanted].map(({ order }) => order)
    )
  }
  return mine
    .filter((one) => !unwanted.has(one) && one.live.order.status === "Submitted")
    .map(({ order }) => order)
})

/**
 * Orders that were journaled and are not going to be sent are closed as denied: the venue never saw them. One that
 * another process has taken over is left to it.
 */
export const withdraw = (context: Context, orders: ReadonlyArray<VenueOrder>, rule: string, reason: string) =>
  recordForLive(context, orders.flatMap(namesOf), isItsMakers, (clientOrderId, tsEvent) => ({
    _tag: "OrderDenied",
    clientOrderId,
    tsEvent,
    rule,
    reason
  }))

/** Of these orders, those that nobody has heard of meanwhile. */
const markUnknown = (context: Context, names: ReadonlyArray<ClientOrderId>, reason: string) =>
  recordForLive(context, names, isUnheardOf, (clientOrderId, tsEvent) => ({
    _tag: "OrderUnknown",
    clientOrderId,
    tsEvent,
    reason: `no answer from ${context.venue.name}: ${reason}`
  }))

/** Those that were held up on the way are closed unsent. */
export const withdrawHeldUp = (context: Context, orders: ReadonlyArray<VenueOrder>) =>
  withdraw(context, orders, "not-sent", "not sent: this process was held up on the way")

/**
 * Sends orders whose audit entries are durable. One without an answer becomes
 * Unknown; so do all of them when the venue's record cannot be read. One that
 * was held up since it `left` is not sent.
 */
export const dispatch = Effect.fnUntraced(function* (
  context: Context,
  orders: ReadonlyArray<VenueOrder>,
  left: Departure
) {
  if (orders.length === 0) return
  const byId = new Map(orders.map((order) => [order.clientOrderId, order]))
  for (const outcome of yield* context.venue.send(orders, leaveUntilHeldUp(context, left))) {
    const order = byId.get(outcome.clientOrderId)
    if (outcome._tag === "Answered" || order === undefined) continue
    if (outcome._tag === "NotSent") yield* withdrawHeldUp(context, [order])
    else yield* markUnknown(context, namesOf(order), outcome.reason)
  }
  yield* context.ingest.pipe(
    Effect.catchTag("VenueUnanswered", (error) =>
      markUnknown(context, orders.flatMap(namesOf), error.message)
    )
  )
})
