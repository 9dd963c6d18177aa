/** From the journal to the venue: what was journaled is made durable in the audit log, sent, and its answer journaled. */
import { Effect } from "effect"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { liveOrder } from "./Book.ts"
import type { BrokerContext } from "./BrokerContext.ts"
import type { VenueOrder } from "./VenueOrder.ts"

type Context = BrokerContext["Service"]

const broker = { kind: "desk", name: "broker" } as const

/** The order's name and those of its bracket's exits. */
export const namesOf = ({ bracket, clientOrderId }: VenueOrder): ReadonlyArray<ClientOrderId> => [
  clientOrderId,
  ...(bracket?.takeProfit === undefined ? [] : [bracket.takeProfit.clientOrderId]),
  ...(bracket?.stopLoss === undefined ? [] : [bracket.stopLoss.clientOrderId])
]

/** Journals one event for each name that may still change. */
const recordForLive = (
  context: Context,
  names: ReadonlyArray<ClientOrderId>,
  event: (clientOrderId: ClientOrderId, tsEvent: JournalEvent["tsEvent"]) => JournalEvent
) =>
  context.keeper.transact((book) => {
    const state = book.state()
    const live = names.filter((name) => liveOrder(state, name) !== undefined)
    return book.record(
      live.map((name) => event(name, state.tsLast)),
      broker
    )
  })

/** Orders that were journaled and are not going to be sent are closed as denied: the venue never saw them. */
export const withdraw = (context: Context, orders: ReadonlyArray<VenueOrder>, rule: string, reason: string) =>
  recordForLive(context, orders.flatMap(namesOf), (clientOrderId, tsEvent) => ({
    _tag: "OrderDenied",
    clientOrderId,
    tsEvent,
    rule,
    reason
  }))

const markUnknown = (context: Context, names: ReadonlyArray<ClientOrderId>, reason: string) =>
  recordForLive(context, names, (clientOrderId, tsEvent) => ({
    _tag: "OrderUnknown",
    clientOrderId,
    tsEvent,
    reason: `no answer from ${context.venue.name}: ${reason}`
  }))

/**
 * Sends orders whose audit entries are durable. One without an answer becomes
 * Unknown; so do all of them when the venue's record cannot be read.
 */
export const dispatch = Effect.fnUntraced(function* (context: Context, orders: ReadonlyArray<VenueOrder>) {
  if (orders.length === 0) return
  const byId = new Map(orders.map((order) => [order.clientOrderId, order]))
  for (const outcome of yield* context.venue.send(orders)) {
    if (outcome._tag === "Answered") continue
    const order = byId.get(outcome.clientOrderId)
    if (order !== undefined) yield* markUnknown(context, namesOf(order), outcome.reason)
  }
  yield* context.ingest.pipe(
    Effect.catchTag("VenueUnanswered", (error) =>
      markUnknown(context, orders.flatMap(namesOf), error.message)
    )
  )
})
