/** Journals what a venue's record says, from where the journal stopped: nothing twice, nothing missed. */
import { Effect, Option } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { BookKeeper } from "./BookKeeper.ts"
import { applyToOrder } from "./OrderFold.ts"
import type { OrderJournal, OrderRecord } from "./OrderJournal.ts"
import type { Venue, VenueUnanswered } from "./Venue.ts"

/** Lines taken in one transaction. */
const PAGE = 1000

/**
 * Brings the journal up to the end of the venue's record. A fill of an order
 * the book had closed already is journaled like any other: it happened.
 */
export const ingest = (services: {
  readonly keeper: BookKeeper["Service"]
  readonly journal: OrderJournal["Service"]
  readonly venue: Venue["Service"]
}): Effect.Effect<void, StorageError | VenueUnanswered> => {
  const { journal, keeper, venue } = services
  const actor: Actor = { kind: "desk", name: venue.name }
  const page = keeper.transact(
    Effect.fnUntraced(function* (book) {
      const after = yield* journal.venuePosition
      const record = yield* venue.record({ after, limit: PAGE })
      const last = record.at(-1)
      if (last === undefined) return 0
      const events = record.map(({ event }) => event)
      const live = book.state().orders
      const closed = events.filter((event) => live[event.clientOrderId] === undefined)
      yield* book.record(events, actor)
      yield* updateClosed(journal, closed)
      yield* journal.setVenuePosition(last.position)
      return record.length
    })
  )
  return Effect.repeat(page, { while: (taken) => taken === PAGE }).pipe(Effect.asVoid)
}

/** Orders that had left the book are brought up to date where they are kept. */
const updateClosed = Effect.fnUntraced(function* (
  journal: OrderJournal["Service"],
  events: ReadonlyArray<JournalEvent>
) {
  for (const event of events) {
    if (event._tag !== "OrderFilled") continue
    const stored = yield* journal.order(event.clientOrderId)
    if (Option.isNone(stored)) continue
    const updated: OrderRecord = { ...stored.value, order: applyToOrder(stored.value.order, event) }
    yield* journal.putOrders([updated])
  }
})
