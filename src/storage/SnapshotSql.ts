/**
 * A desk's snapshot on any database, read through the desk's own stores and
 * their schemas, in one transaction that takes no write lock. `SnapshotSync.ts`
 * reads the same from a file without Effect.
 */
import { Effect, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { QuoteTick } from "../domain/Quote.ts"
import { StorageCorrupt } from "../domain/StorageError.ts"
import * as Book from "../execution/Book.ts"
import {
  type Asked,
  clockworkOf,
  type DeskReading,
  DeskUnreadable,
  type MachineNow,
  momentOf,
  nameAsked,
  pricesNeeded,
  type SeenMarket
} from "../execution/DeskSnapshot.ts"
import { OrderJournal } from "../execution/OrderJournal.ts"
import { MatchingState } from "../execution/paper/MatchingState.ts"
import { Progress } from "../execution/paper/PaperMarket.ts"
import { PaperVenueStore } from "../execution/paper/PaperVenueStore.ts"
import { InstrumentStore } from "../market/InstrumentStore.ts"
import { MarketClockStore } from "../market/MarketClockStore.ts"
import { QuoteStore } from "../market/QuoteStore.ts"
import { SteadyClockStore } from "../market/SteadyClockStore.ts"
import { LimitsStore } from "../risk/LimitsStore.ts"
import { atOneMoment } from "./Dialect.ts"
import { toStorageError } from "./Sqlite.ts"

/** Journal lines read at a time. */
const PAGE = 1000

const corrupt = (table: string, message: string) => new StorageCorrupt({ table, key: "1", message })

const atCheckpoint = Effect.gen(function* () {
  const journal = yield* OrderJournal
  const checkpoint = yield* journal.checkpoint
  if (Option.isNone(checkpoint)) return Book.unopened
  const book = yield* Book.decode(checkpoint.value.body).pipe(
    Effect.mapError((error) => corrupt("checkpoint", `the checkpoint does not decode: ${error.message}`))
  )
  return Option.getOrElse(book, () => Book.unopened)
})

const readBook = Effect.gen(function* () {
  const journal = yield* OrderJournal
  let book = yield* atCheckpoint
  const head = yield* journal.head
  if (book.sequence > head) {
    return yield* corrupt("journal", "the journal ends before the book does: lines were lost")
  }
  while (book.sequence < head) {
    const lines = yield* journal.read({ after: book.sequence, limit: PAGE })
    if (lines[0]?.sequence !== book.sequence + 1) {
      return yield* corrupt("journal", `journal line ${book.sequence + 1} is missing`)
    }
    book = Book.applyAllUnkeyed(book, lines)
  }
  return book
})

const decodeVenue = Schema.decodeUnknownEffect(
  Schema.fromJsonString(Schema.Struct({ progress: Progress, matching: MatchingState }))
)

const readVenue = Effect.gen(function* () {
  const store = yield* PaperVenueStore
  const stored = yield* store.load
  if (Option.isNone(stored)) return undefined
  const { matching, progress } = yield* decodeVenue(stored.value.body).pipe(
    Effect.mapError((error) => corrupt("paper_venue", `the paper venue does not decode: ${error.message}`))
  )
  const seen: SeenMarket = {
    progress,
    ticks: matching.books.flatMap(({ tick }) => (tick === undefined ? [] : [tick]))
  }
  return seen
})

const read = Effect.fnUntraced(function* (asked: Asked, here: MachineNow) {
  const instruments = yield* InstrumentStore
  const quotes = yield* QuoteStore
  const sealed = yield* LimitsStore
  const steady = yield* SteadyClockStore
  const clock = yield* MarketClockStore
  const book = yield* readBook
  const clockwork = clockworkOf(
    {
      book,
      clock: Option.getOrUndefined(yield* clock.load),
      anchor: Option.getOrUndefined(yield* steady.load),
      latestSteady: Option.getOrUndefined(yield* steady.latest),
      lastSession: Option.getOrUndefined(yield* instruments.lastSession),
      venue: yield* readVenue
    },
    here
  )
  if (clockwork instanceof DeskUnreadable) return clockwork
  const name = nameAsked(book, asked)
  const found = name === undefined ? Option.none() : yield* instruments.find(name)
  const instrument = Option.getOrUndefined(found)?.instrument
  const handedOut: Array<QuoteTick> = []
  for (const id of pricesNeeded(clockwork, instrument?.id)) {
    handedOut.push(...Option.toArray(yield* quotes.newest(id, clockwork.now)))
  }
  const cited =
    asked.quoteId === undefined ? undefined : Option.getOrUndefined(yield* quotes.find(asked.quoteId))
  const reading: DeskReading = {
    moment: momentOf(clockwork, { instrument, cited, handedOut }),
    sealed: Option.getOrUndefined(yield* sealed.load),
    symbols: instrument === undefined ? yield* instruments.symbols : []
  }
  return reading
})

/** The desk in the database, or why it cannot be judged. */
export const readDesk = Effect.fn("SnapshotSql.readDesk")(function* (asked: Asked, here: MachineNow) {
  const sql = yield* SqlClient.SqlClient
  return yield* atOneMoment(sql, read(asked, here)).pipe(
    Effect.catchTag("SqlError", (error) => Effect.fail(toStorageError("read the desk")(error)))
  )
})
