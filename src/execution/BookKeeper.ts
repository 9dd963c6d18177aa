/**
 * The one way into the journal.
 *
 * Every change of the book is made in `transact`: one immediate transaction in
 * which the book is brought up to the journal's head (another process may have
 * written), looked at, and added to. Journal lines, orders as they stand and
 * audit entries are written together or not at all. The book in memory follows
 * only what was committed.
 */
import { Context, Effect, Layer, Option } from "effect"
import type { AuditUnreadable } from "../audit/AuditErrors.ts"
import * as AuditLog from "../audit/AuditLog.ts"
import type { Actor } from "../domain/Actor.ts"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { type StorageError, StorageCorrupt } from "../domain/StorageError.ts"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import { SteadyClock, wallTime } from "../market/SteadyClock.ts"
import { auditDraftOf } from "./AuditTrail.ts"
import * as Book from "./Book.ts"
import { makeGrowingBook } from "./GrowingBook.ts"
import { type JournalDisagrees, makeJournalCheck } from "./JournalCheck.ts"
import { type JournalEntry, OrderJournal, type OrderRecord } from "./OrderJournal.ts"

/** Journal lines between checkpoints: the most that opening a desk has to replay. */
const CHECKPOINT_EVERY = 256
/** Journal lines read at a time when catching up. */
const PAGE = 1000

/** The book inside a transaction. */
export interface OpenBook {
  /** As of now, with everything recorded in this transaction. */
  readonly state: () => Book.BookState
  /** An order as it stands, recorded in this transaction or before. */
  readonly order: (id: ClientOrderId) => Effect.Effect<Option.Option<OrderRecord>, StorageError>
  /** Adds events to the journal, the orders and the audit log's outbox; written together at the transaction's end. */
  readonly record: (events: ReadonlyArray<JournalEvent>, actor: Actor) => Effect.Effect<void, StorageError>
}

export class BookKeeper extends Context.Service<
  BookKeeper,
  {
    /** The journal's end agrees with the audit log's: what has to hold before a desk takes orders or is brought forward. */
    readonly intact: Effect.Effect<void, JournalDisagrees | StorageError | AuditUnreadable>
    /** The book at the journal's head. */
    readonly current: Effect.Effect<Book.BookState, StorageError>
    /**
     * For a process that stays, now and then: keeps the book as it stands, once nothing was added to it since the last
     * time this was asked. Whoever reads the desk next has nothing to replay.
     */
    readonly rest: Effect.Effect<void, StorageError>
    /** Runs `work` on the book in one immediate transaction. `work` must not wait for anything outside the process. */
    readonly transact: <A, E, R>(
      work: (book: OpenBook) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | StorageError, R>
  }
>()("plimsoll/execution/BookKeeper") {
  static readonly layer = Layer.effect(
    BookKeeper,
    Effect.gen(function* () {
      const journal = yield* OrderJournal
      const unit = yield* UnitOfWork
      const audit = yield* AuditLog.AuditLog
      const clock = yield* SteadyClock
      const times = Effect.all({ tsWall: wallTime, tsSteady: clock.now })

      let committed: Book.BookState | undefined
      let checkpointed = 0
      let isWritten = false

      const fromCheckpoint: Effect.Effect<Book.BookState, StorageError> = Effect.gen(function* () {
        const checkpoint = yield* journal.checkpoint
        if (Option.isNone(checkpoint)) return Book.unopened
        const book = yield* Book.decode(checkpoint.value.body).pipe(
          Effect.mapError(
            (error) =>
              new StorageCorrupt({
                table: "checkpoint",
                key: "1",
                message: `the checkpoint does not decode: ${error.message}`
              })
          )
        )
        if (Option.isNone(book)) return Book.unopened
        checkpointed = checkpoint.value.sequence
        return book.value
      })

      const catchUp = Effect.fnUntraced(function* () {
        let book = committed ?? (yield* fromCheckpoint)
        const head = yield* journal.head
        if (book.sequence > head) {
          return yield* new StorageCorrupt({
            table: "journal",
            key: String(book.sequence),
            message: `the journal ends with line ${head}, and the book is at line ${book.sequence}: lines were lost. No order is sent; "plimsoll recover" rebuilds the journal from the audit log`
          })
        }
        while (book.sequence < head) {
          const lines = yield* journal.read({ after: book.sequence, limit: PAGE })
          if (lines.length === 0) {
            return yield* new StorageCorrupt({
              table: "journal",
              key: String(book.sequence + 1),
              message: `the journal's head is ${head} but line ${book.sequence + 1} is missing`
            })
          }
          book = Book.applyAll(book, lines)
        }
        return book
      })

      const checkpoint = (book: Book.BookState) => journal.saveCheckpoint(book.sequence, Book.encode(book))

      const current = Effect.suspend(catchUp).pipe(
        Effect.tap((book) =>
          Effect.sync(() => {
            committed = book
          })
        )
      )

      const transact: BookKeeper["Service"]["transact"] = <A, E, R>(
        work: (book: OpenBook) => Effect.Effect<A, E, R>
      ) => {
        const body = Effect.gen(function* () {
          const growing = makeGrowingBook(yield* catchUp(), journal.order)
          const started = growing.book().sequence
          const entries: Array<JournalEntry> = []
          const record: OpenBook["record"] = Effect.fnUntraced(function* (events, actor) {
            const { tsSteady, tsWall } = yield* times
            for (const event of events) {
              const { accountId: current, sequence } = growing.book()
              const accountId = event._tag === "AccountOpened" ? event.accountId : current
              const entry = { sequence: sequence + 1, tsWall, tsSteady, accountId, actor, event }
              entries.push(entry)
              yield* growing.add(entry)
            }
          })
          const result = yield* work({ state: growing.book, order: growing.order, record })
          // One statement a table, however many orders share the transaction.
          if (entries.length > 0) {
            yield* journal.append(entries)
            yield* journal.putOrders(growing.touched())
            yield* audit.stage(entries.map(auditDraftOf))
          }
          const book = growing.book()
          const isDue = book.sequence - checkpointed >= CHECKPOINT_EVERY && book.sequence > started
          if (isDue) yield* checkpoint(book)
          return { result, book, isDue, recorded: entries.length > 0 }
        })
        return unit.atomically(body).pipe(
          Effect.map(({ book, isDue, recorded, result }) => {
            committed = book
            isWritten ||= recorded
            if (isDue) checkpointed = book.sequence
            return result
          })
        )
      }

      // A desk that is closed in order leaves nothing in the outbox, where the end of the database could be lost with it.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => (isWritten ? audit.flush : Effect.void)).pipe(
          Effect.catch((error) =>
            Effect.logDebug(
              "audit entries stay in the outbox; whoever opens the desk next writes them",
              error
            )
          )
        )
      )

      let rested = 0
      const keptUpTo = Effect.map(
        journal.checkpoint,
        Option.match({ onNone: () => 0, onSome: ({ sequence }) => sequence })
      )
      const rest = Effect.gen(function* () {
        const { sequence } = yield* current
        const isQuiet = sequence === rested
        rested = sequence
        if (!isQuiet || sequence <= checkpointed) return
        // Another process of the desk may have kept it already.
        checkpointed = Math.max(checkpointed, yield* keptUpTo)
        if (sequence <= checkpointed) return
        checkpointed = yield* unit.atomically(
          Effect.flatMap(catchUp(), (book) => Effect.as(checkpoint(book), book.sequence))
        )
      })

      // And it opens without replaying anything.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() =>
          committed !== undefined && committed.sequence > checkpointed
            ? unit.atomically(Effect.flatMap(catchUp(), (book) => checkpoint(book)))
            : Effect.void
        ).pipe(
          Effect.catch((error) =>
            Effect.logDebug("no checkpoint on closing; the journal has everything", error)
          )
        )
      )

      return BookKeeper.of({ intact: makeJournalCheck(journal, audit), current, rest, transact })
    })
  )
}
