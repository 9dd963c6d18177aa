/**
 * A run, composed: one market and one stepped clock, and for each strategy a
 * paper desk of its own in a folder of its own.
 */
import { Effect, Layer, Option } from "effect"
import { AuditLog } from "../audit/AuditLog.ts"
import type { Instrument } from "../domain/Instrument.ts"
import type { StorageError } from "../domain/StorageError.ts"
import { type Timestamp, timestamp } from "../domain/Timestamp.ts"
import * as Desk from "../execution/Desk.ts"
import { DeskView } from "../execution/DeskView.ts"
import { type JournalEntry, OrderJournal } from "../execution/OrderJournal.ts"
import { CitedQuotes } from "../market/CitedQuotes.ts"
import { SteadyClock } from "../market/SteadyClock.ts"
import type { Session } from "../market/TradingCalendar.ts"
import { SealedLimits } from "../risk/SealedLimits.ts"
import * as BookRun from "../session/BookRun.ts"
import { noOptions, type OptionSummary, OptionTrail } from "../session/OptionTrail.ts"
import type { RunInputs } from "../session/RunInputs.ts"
import { type BookSummary, RunSummary } from "../session/RunSummary.ts"
import type { Strategy } from "../session/Strategy.ts"
import * as DeskDatabase from "../storage/DeskDatabase.ts"
import * as DeskStores from "../storage/DeskStores.ts"
import { bootId } from "./BootId.ts"
import { decisionFile } from "./DecisionFile.ts"

/** How long a book waits for its own database; nobody else should be at it. */
const BUSY_TIMEOUT_MILLIS = 2000
/** Journal lines read at a time. */
const PAGE = 2000

const storage = (folder: string) =>
  DeskStores.layer.pipe(
    Layer.provideMerge(
      DeskDatabase.layer({
        filename: `${folder}/desk.db`,
        busyTimeoutMillis: BUSY_TIMEOUT_MILLIS,
        synchronous: "NORMAL"
      })
    )
  )

/**
 * A strategy's own desk in `folder`. Fresh, as all storage here: where a desk is open already, its parts would
 * stand in for those of the book that are made the same way, the database among them.
 */
const bookLayer = (folder: string, inputs: RunInputs) =>
  Desk.layerPaper({
    models: inputs.models,
    holder: "run",
    resumePolicy: inputs.resumePolicy,
    clocks: "market"
  }).pipe(
    Layer.provideMerge(CitedQuotes.layer),
    Layer.provideMerge(SealedLimits.layerProfile(inputs.profile)),
    Layer.provideMerge(AuditLog.layer({ folder: `${folder}/audit` })),
    Layer.provideMerge(SteadyClock.layer({ boot: bootId() })),
    Layer.provideMerge(storage(folder)),
    Layer.fresh
  )

/** Market time of a book's last journal line; none for a book that was never opened. */
export const lastInstant = (folder: string): Effect.Effect<Option.Option<Timestamp>, StorageError> =>
  Effect.gen(function* () {
    const journal = yield* OrderJournal
    const head = yield* journal.head
    const [last] = yield* journal.read({ after: head - 1, limit: 1 })
    return Option.map(Option.fromUndefinedOr(last), ({ event }) => timestamp(event.tsEvent))
  }).pipe(Effect.provide(Layer.fresh(storage(folder))))

/** Hands every line of a book's journal over, in order. */
const readJournal = Effect.fnUntraced(function* (add: (line: JournalEntry) => void) {
  const journal = yield* OrderJournal
  let after = 0
  while (true) {
    const lines = yield* journal.read({ after, limit: PAGE })
    for (const line of lines) add(line)
    const last = lines.at(-1)
    if (last === undefined) return
    after = last.sequence
    // Reading a page holds the thread; whoever else is served by this process comes between two.
    yield* Effect.yieldNow
  }
})

/** Everything a book did, from its journal. */
const summaryOfJournal = Effect.suspend(() => {
  const fold = new RunSummary()
  return Effect.map(
    readJournal((line) => fold.add(line)),
    () => fold.result()
  )
})

/** What became of a book's options, from its journal. */
const optionsOfJournal = Effect.suspend(() => {
  const fold = new OptionTrail()
  return Effect.map(
    readJournal(({ event }) => fold.add(event)),
    () => fold.result()
  )
})

/** What the book in `folder` did so far. There has to be one: a folder without gets an empty one. */
export const bookSummary = (folder: string): Effect.Effect<BookSummary, StorageError> =>
  Effect.provide(summaryOfJournal, Layer.fresh(storage(folder)))

/** What became of the options of the book in `folder` so far; there has to be one, as for `bookSummary`. */
export const bookOptions = (folder: string): Effect.Effect<OptionSummary, StorageError> =>
  Effect.provide(optionsOfJournal, Layer.fresh(storage(folder)))

/** Opens a strategy's desk for as long as the scope lasts. */
export const openBook = Effect.fnUntraced(function* (options: {
  readonly folder: string
  readonly inputs: RunInputs
  readonly strategy: Strategy
  readonly instruments: ReadonlyArray<Instrument>
  readonly sessions: ReadonlyArray<Session>
}) {
  const { folder, inputs, instruments, sessions, strategy } = options
  const context = yield* Layer.build(bookLayer(folder, inputs))
  const book = yield* BookRun.make({
    strategy,
    instruments,
    sessions,
    cash: inputs.cash,
    limits: inputs.profile.limits,
    seed: inputs.seed,
    resumePolicy: inputs.resumePolicy,
    decisions: decisionFile(folder)
  }).pipe(Effect.provideContext(context))

  const summary = summaryOfJournal.pipe(Effect.provideContext(context))
  const optionTrail =
    strategy.options === undefined
      ? Effect.succeed(noOptions)
      : optionsOfJournal.pipe(Effect.provideContext(context))
  const flush = Effect.flatMap(AuditLog, (audit) => audit.flush).pipe(Effect.provideContext(context))
  const status = Effect.flatMap(DeskView, (view) => view.status).pipe(Effect.provideContext(context))
  return {
    strategy,
    open: book.open,
    reached: book.reached,
    points: book.points,
    play: book.play,
    summary,
    options: optionTrail,
    status,
    flush
  }
})
