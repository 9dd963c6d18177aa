/**
 * Orders whose fate is not known.
 *
 * Before a broker takes its first order, and whenever one has stayed without
 * an answer, it asks the venue about every order that was journaled and never
 * answered for: what the venue's record says is journaled; what the venue never
 * saw is sent again if the market has not moved since (sending is idempotent,
 * and this is what the process that died was about to do), and otherwise
 * closed: its moment has passed. Cancels that may have got lost are asked for
 * again, and so are those of orders that work at the venue and not in the book.
 */
import { Effect, Ref } from "effect"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { isTerminal } from "../domain/Order.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { type BookState, type LiveOrder, liveOrder } from "./Book.ts"
import type { BrokerContext } from "./BrokerContext.ts"
import { dispatch } from "./Dispatch.ts"
import { toVenueOrder } from "./OrderPlan.ts"

type Context = BrokerContext["Service"]

/** An order journaled longer ago than this is no longer on its way from another process. */
export const IN_FLIGHT_MICROS = 10_000_000

/** Journaled as sent, and no word from the venue. */
export const isUnanswered = ({ order }: LiveOrder): boolean =>
  order.status === "Unknown" || (order.venueOrderId === undefined && !isTerminal(order.status))

/** Entries only: a bracket's exits travel with theirs. */
const isEntry = ({ order }: LiveOrder): boolean => order.parent === undefined

/** Closes orders that the venue never received. */
const closeLost = (context: Context, lost: ReadonlyArray<LiveOrder>, tsEvent: Timestamp) =>
  context.keeper.transact((open) =>
    open.record(
      lost
        .filter(({ order }) => liveOrder(open.state(), order.clientOrderId) !== undefined)
        .map(({ order }): JournalEvent => ({
          _tag: "OrderRejected",
          clientOrderId: order.clientOrderId,
          tsEvent,
          reason: `reconciliation: ${context.venue.name} never received it`
        })),
      { kind: "desk", name: "reconciliation" }
    )
  )

/** Whether the process that died was about to send it at this very moment of the market. */
const isOfThisMoment = (book: BookState, { order }: LiveOrder, now: Timestamp): boolean =>
  order.tsInit === now && order.status !== "PendingCancel" && !book.breaker.causes.killSwitch

/** Asks again for cancels without an answer, and for those of orders the book does not have. */
const cancelLeftovers = Effect.fnUntraced(function* (
  context: Context,
  book: BookState,
  working: ReadonlyArray<ClientOrderId>
) {
  const leftovers = working.filter((id) => {
    const live = liveOrder(book, id)
    return live === undefined || live.order.status === "PendingCancel"
  })
  if (leftovers.length === 0) return
  yield* context.venue.cancel(leftovers)
  yield* context.ingest
})

export const reconcile = Effect.fn("Broker.reconcile")(function* (context: Context) {
  // Asked for first: what works there has been journaled before, so the book read after it has it.
  const working = yield* context.venue.working
  yield* context.ingest
  const book = yield* context.keeper.current
  const wallNow = yield* context.wallNow
  const now = yield* context.clock.now
  const again: Array<LiveOrder> = []
  const lost: Array<LiveOrder> = []
  for (const live of Object.values(book.orders)) {
    if (!isUnanswered(live) || (yield* context.venue.knows(live.order.clientOrderId))) continue
    if (isOfThisMoment(book, live, now)) again.push(live)
    else if (wallNow - live.tsWall > IN_FLIGHT_MICROS) lost.push(live)
  }
  if (again.length > 0) {
    yield* context.audit.flush
    yield* dispatch(
      context,
      again.filter(isEntry).map(({ order }) => toVenueOrder(order.clientOrderId, order.content))
    )
  }
  if (lost.length > 0) yield* closeLost(context, lost, now)
  yield* cancelLeftovers(context, book, working)
  yield* Ref.set(context.reconciled, true)
})

/**
 * Reconciles before the first order, and again while an order has stayed
 * without an answer. A venue that still does not answer keeps that order's
 * instrument closed, not the others.
 */
export const ensureReconciled = Effect.fnUntraced(function* (context: Context) {
  if (!(yield* Ref.get(context.reconciled))) return yield* reconcile(context)
  const book = yield* context.keeper.current
  const wallNow = yield* context.wallNow
  const isOverdue = (live: LiveOrder) =>
    live.order.status === "Unknown" || (isUnanswered(live) && wallNow - live.tsWall > IN_FLIGHT_MICROS)
  if (!Object.values(book.orders).some(isOverdue)) return
  yield* reconcile(context).pipe(Effect.catchTag("VenueUnanswered", () => Effect.void))
})
