/** Journals what a venue's record says, from where the journal stopped: nothing twice, nothing missed. */
import { Effect } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { VenueEvent } from "../domain/JournalEvent.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { BookState } from "./Book.ts"
import type { BookKeeper } from "./BookKeeper.ts"
import type { OrderJournal } from "./OrderJournal.ts"
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
  /** One page; true when there may be more. The venue is asked outside the transaction. */
  const page = Effect.gen(function* () {
    const after = yield* journal.venuePosition
    const record = yield* venue.record({ after, limit: PAGE })
    const last = record.at(-1)
    if (last === undefined) return false
    return yield* keeper.transact(
      Effect.fnUntraced(function* (book) {
        // Another process was quicker: these lines are journaled.
        if ((yield* journal.venuePosition) !== after) return true
        const events = yield* withoutKnownTrades(
          journal,
          book.state(),
          record.map(({ event }) => event)
        )
        yield* book.record(events, actor)
        yield* journal.setVenuePosition(last.position)
        return record.length === PAGE
      })
    )
  })
  return Effect.repeat(page, { while: (more) => more }).pipe(Effect.asVoid)
}

/** A venue may tell of a trade again, in a new line of its record; it happened once. */
const withoutKnownTrades = Effect.fnUntraced(function* (
  journal: OrderJournal["Service"],
  { accountId }: BookState,
  events: ReadonlyArray<VenueEvent>
) {
  const trades = events.flatMap((event) => (event._tag === "OrderFilled" ? [event.tradeId] : []))
  if (trades.length === 0) return events
  const seen = new Set(yield* journal.tradesKnown(accountId, trades))
  return events.filter((event) => {
    if (event._tag !== "OrderFilled") return true
    if (seen.has(event.tradeId)) return false
    seen.add(event.tradeId)
    return true
  })
})
