/**
 * Orders whose fate is not known.
 *
 * Before a broker takes its first order it asks the venue about every order
 * that was journaled and never answered for: what the venue's record says is
 * journaled; what the venue never saw is sent again if the market has not
 * moved since (sending is idempotent, and this is what the process that died
 * was about to do), and otherwise closed: its moment has passed.
 */
import { Effect, Ref } from "effect"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import type { LiveOrder } from "./Book.ts"
import type { BrokerContext } from "./BrokerContext.ts"
import { toVenueOrder } from "./OrderPlan.ts"

/** An order journaled longer ago than this is no longer on its way from another process. */
const IN_FLIGHT_MICROS = 10_000_000

/** Journaled as sent, and no word from the venue. */
export const isUnanswered = ({ order }: LiveOrder): boolean =>
  order.status === "Submitted" || order.status === "Unknown" || order.status === "Initialized"

/** Entries only: a bracket's exits travel with theirs. */
const isEntry = ({ order }: LiveOrder): boolean => order.parent === undefined

export const reconcile = Effect.fn("Broker.reconcile")(function* (context: BrokerContext["Service"]) {
  yield* context.ingest
  const book = yield* context.keeper.current
  const wallNow = yield* context.wallNow
  const now = yield* context.clock.now
  const again: Array<LiveOrder> = []
  const lost: Array<LiveOrder> = []
  for (const live of Object.values(book.orders)) {
    if (!isUnanswered(live) || (yield* context.venue.knows(live.order.clientOrderId))) continue
    if (live.order.tsInit === now) again.push(live)
    else if (wallNow - live.tsWall > IN_FLIGHT_MICROS) lost.push(live)
  }
  if (again.length > 0) {
    yield* context.audit.flush
    yield* context.venue.send(
      again.filter(isEntry).map(({ order }) => toVenueOrder(order.clientOrderId, order.content))
    )
    yield* context.ingest
  }
  if (lost.length > 0) {
    yield* context.keeper.transact((open) =>
      open.record(
        lost
          .filter(({ order }) => open.state().orders[order.clientOrderId] !== undefined)
          .map(({ order }): JournalEvent => ({
            _tag: "OrderRejected",
            clientOrderId: order.clientOrderId,
            tsEvent: now,
            reason: `reconciliation: ${context.venue.name} never received it`
          })),
        { kind: "desk", name: "reconciliation" }
      )
    )
  }
  yield* Ref.set(context.reconciled, true)
})

/** Reconciles once, before the first order. */
export const ensureReconciled = (context: BrokerContext["Service"]) =>
  Effect.flatMap(Ref.get(context.reconciled), (done) => (done ? Effect.void : reconcile(context)))
