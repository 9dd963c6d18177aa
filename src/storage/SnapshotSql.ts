/**
 * A desk's snapshot on any database, read through the desk's own stores and
 * their schemas, in one transaction that takes no write lock. `SnapshotSync.ts`
 * reads the same from a file without Effect.
 */
import { Effect, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Instrument } from "../domain/Instrument.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import { StorageCorrupt } from "../domain/StorageError.ts"
import * as Book from "../execution/Book.ts"
import {
  type Asked,
  clockworkOf,
  type DeskReading,
  DeskUnreadable,
  type MachineNow,
  instrumentNamed,
  mayHaveRoot,
  momentOf,
  namesAsked,
  pricesFor,
  rootNamed,
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

/** The instruments of these names, as the books know them or the market. */
const readInstruments = Effect.fnUntraced(function* (book: Book.BookState, names: ReadonlyArray<string>) {
  const store = yield* InstrumentStore
  const found = new Map<string, Instrument>()
  const byRoot = new Map<string, ReadonlyArray<Instrument>>()
  const read = Effect.fnUntraced(function* (name: string) {
    const kept = yield* store.find(name)
    if (Option.isSome(kept)) found.set(name, kept.value.instrument)
  })
  for (const name of names) {
    yield* read(name)
    const root = rootNamed(name)
    if (found.has(name) || root === undefined || byRoot.has(root)) continue
    const symbols = (yield* store.symbols).filter((symbol) => mayHaveRoot(symbol, root))
    yield* Effect.forEach(symbols, read)
    byRoot.set(
      root,
      symbols.flatMap((symbol) => found.get(symbol) ?? [])
    )
  }
  return names.map((name) =>
    instrumentNamed(book, name, {
      listed: (one) => found.get(one),
      ofRoot: (root) => byRoot.get(root) ?? []
    })
  )
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
  const found = yield* readInstruments(book, namesAsked(book, asked))
  const handedOut: Array<QuoteTick> = []
  for (const id of pricesFor(clockwork, found)) {
    handedOut.push(...Option.toArray(yield* quotes.newest(id, clockwork.now)))
  }
  const cited: Array<QuoteTick> = []
  for (const id of new Set(asked.quoteIds)) cited.push(...Option.toArray(yield* quotes.find(id)))
  const reading: DeskReading = {
    moment: momentOf(clockwork, { instruments: found, cited, handedOut }),
    sealed: Option.getOrUndefined(yield* sealed.load),
    symbols: found.includes(undefined) ? yield* instruments.symbols : []
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
