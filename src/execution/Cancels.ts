/** Asking the venue to cancel, and asking again where the first wish could not reach the order. */
import { Effect } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { type BookState, type LiveOrder, liveOrder } from "./Book.ts"
import type { BrokerContext } from "./BrokerContext.ts"

type Context = BrokerContext["Service"]

const pendingCancel = (id: ClientOrderId, tsEvent: LiveOrder["order"]["tsLast"]): JournalEvent => ({
  _tag: "OrderPendingCancel",
  clientOrderId: id,
  tsEvent
})

/**
 * Journals the wish, then tells the venue. Cancels are never refused by a
 * rule, need no market, and go ahead when the audit log's files cannot be
 * written: their entries wait in the desk's database.
 */
export const requestCancels = Effect.fnUntraced(function* (
  context: Context,
  choose: (orders: ReadonlyArray<LiveOrder>, book: BookState) => ReadonlyArray<LiveOrder>,
  actor: Actor
) {
  const now = yield* context.timeOf(yield* context.opened)
  const ids = yield* context.keeper.transact((book) =>
    Effect.gen(function* () {
      const state = book.state()
      const chosen = choose(Object.values(state.orders), state).map(({ order }) => order.clientOrderId)
      yield* book.record(
        chosen.map((id) => pendingCancel(id, now)),
        actor
      )
      return chosen
    })
  )
  if (ids.length === 0) return ids
  yield* context.flushIfPossible
  yield* context.venue.cancel(ids)
  yield* context.ingest
  return ids
}, Effect.uninterruptible)

/** Cancels those of these orders that may still change. */
export const cancelNamed = (context: Context, names: ReadonlyArray<ClientOrderId>, actor: Actor) => {
  const wanted = new Set(names)
  return requestCancels(
    context,
    (orders) => orders.filter(({ order }) => wanted.has(order.clientOrderId)),
    actor
  )
}

/** Cancels those of these orders that a halt still catches: it may have been lifted since they were looked at. */
export const cancelHalted = (context: Context, names: ReadonlyArray<ClientOrderId>, actor: Actor) => {
  const wanted = new Set(names)
  return requestCancels(
    context,
    (orders, book) =>
      orders.filter((live) => wanted.has(live.order.clientOrderId) && isHaltedOrder(book, live)),
    actor
  )
}

/** Asks the venue again for what is in the journal already. */
export const askAgain = Effect.fnUntraced(function* (context: Context, ids: ReadonlyArray<ClientOrderId>) {
  if (ids.length === 0) return
  yield* context.venue.cancel(ids)
  yield* context.ingest
}, Effect.uninterruptible)

/** Should be gone by a halt, whether anybody has asked the venue for it or not. */
export const isHaltedOrder = (book: BookState, live: LiveOrder): boolean =>
  book.breaker.causes.killSwitch && live.despiteHalt !== true

const broker: Actor = { kind: "desk", name: "broker" }

/**
 * Of these orders, which have just arrived at the venue, cancels those that
 * somebody canceled, or that a halt caught, while they were on their way: that
 * cancel may have come to the venue before its order, and found nothing.
 */
export const cancelUnwanted = Effect.fnUntraced(function* (
  context: Context,
  names: ReadonlyArray<ClientOrderId>
) {
  const book = yield* context.keeper.current
  const overtaken: Array<ClientOrderId> = []
  const halted: Array<ClientOrderId> = []
  for (const name of names) {
    const live = liveOrder(book, name)
    if (live === undefined) continue
    if (live.cancelRequested === true) overtaken.push(name)
    else if (isHaltedOrder(book, live)) halted.push(name)
  }
  yield* askAgain(context, overtaken)
  if (halted.length > 0) yield* cancelHalted(context, halted, broker)
})
