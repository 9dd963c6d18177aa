/**
 * A desk's database made anew from its audit log and from what can still be
 * read of the old one.
 *
 * The journal is the log's entries, and after them the lines that only the old
 * database has. Orders, positions and cash are its fold. What only the database
 * knew (sealed limits, the clock, quotes, what works at the paper venue) is
 * taken over row by row where the checksums hold; where they do not, the desk
 * gets the least that is safe and is halted: a person looks first.
 */
import { Effect, Option } from "effect"
import { AuditLog } from "../audit/AuditLog.ts"
import { type SalvagedEntry, salvageLog } from "../audit/LogSalvage.ts"
import { AuditStore } from "../audit/AuditStore.ts"
import type { Actor } from "../domain/Actor.ts"
import { isFillEvent, type JournalEvent, type VenueEvent } from "../domain/JournalEvent.ts"
import { type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import { MarketClockStore } from "../market/MarketClockStore.ts"
import { wallTime } from "../market/SteadyClock.ts"
import { SteadyClockStore } from "../market/SteadyClockStore.ts"
import { QuoteStore } from "../market/QuoteStore.ts"
import { LimitsStore } from "../risk/LimitsStore.ts"
import { defaultLimits, hashLimits, type RiskLimits } from "../risk/RiskLimits.ts"
import { halt } from "../risk/TradingStateMachine.ts"
import { auditDraftOf } from "./AuditTrail.ts"
import * as Book from "./Book.ts"
import { DamagedDesk } from "./DamagedDesk.ts"
import { DeskIdentityStore } from "./DeskIdentity.ts"
import { makeGrowingBook } from "./GrowingBook.ts"
import { type JournalEntry, OrderJournal, steadyTimeOf } from "./OrderJournal.ts"
import { PaperVenueStore } from "./paper/PaperVenueStore.ts"
import { decodeBody, isVenueEvent, makeTrace, rebuiltBody } from "./paper/RebuiltVenue.ts"
import { lineOf, type Survey, untoldLines } from "./RecoverySurvey.ts"

/** Under which nothing new passes, only what reduces: in force where the sealed ones were lost, until a person accepts others. */
const nothingNew: RiskLimits = {
  ...defaultLimits,
  positionRatio: 0,
  orderNotionalRatio: 0,
  grossExposureRatio: 0
}

export interface Recovered {
  readonly book: Book.BookState
  readonly orders: number
  readonly fills: number
  readonly quotes: number
  /** kept: as they were sealed. lost: nothing new passes until a person accepts some. none: there were none but the defaults. */
  readonly limits: "kept" | "lost" | "none"
  /** kept: with what works there. rebuilt: it knows every order it answered for, and has nothing working. */
  readonly venue: "kept" | "rebuilt"
  readonly clock: "kept" | "set"
}

export interface RecoveryOptions {
  readonly survey: Survey
  /** The audit log's folder. */
  readonly folder: string
  readonly actor: Actor
  /** For the journal: why, and what was found. */
  readonly reason: string
  /** Begin the log anew and tell it every line again, because it is damaged itself. */
  readonly retell: boolean
}

/** Adds lines to the new database, with everything that follows from them. */
const makeWriter = Effect.gen(function* () {
  const journal = yield* OrderJournal
  const store = yield* AuditStore
  const audit = yield* AuditLog
  const unit = yield* UnitOfWork
  const venue = yield* PaperVenueStore
  let book = Book.unopened
  let orders = 0
  let fills = 0
  let version = 0
  let openedAt = 0
  let steady = 0
  /** Of the limits a person accepted last. */
  let accepted: string | undefined
  const seen = makeTrace()

  const follow = (line: JournalEntry): void => {
    const { event, sequence } = line
    seen.add(event)
    steady = Math.max(steady, steadyTimeOf(line))
    if (event._tag === "OrderInitialized") orders++
    if (isFillEvent(event)) fills++
    if (event._tag === "AccountOpened") openedAt = sequence
    // An account is opened under the limits in force; those nobody had to accept.
    if (event._tag === "LimitsAccepted" && sequence !== openedAt + 2) accepted = event.hash
  }

  const record = Effect.fnUntraced(function* (events: ReadonlyArray<VenueEvent>, body: string) {
    version++
    return yield* venue.save({ version, body }, events)
  })

  /** `rows`: their places in the log where it has them; without, they are told to it anew. */
  const write = (lines: ReadonlyArray<JournalEntry>, entries?: ReadonlyArray<SalvagedEntry>) =>
    unit.atomically(
      Effect.gen(function* () {
        const growing = makeGrowingBook(book, journal.order)
        for (const line of lines) {
          yield* growing.add(line)
          follow(line)
        }
        book = growing.book()
        yield* journal.append(lines)
        yield* journal.putOrders(growing.touched())
        const last = entries?.at(-1)
        if (entries === undefined || last === undefined) return yield* audit.stage(lines.map(auditDraftOf))
        const { hash, sequence } = last.entry
        const { line, position, segment } = last.row
        const head = { count: sequence, hash, segment, position: position + Buffer.byteLength(line) + 1 }
        yield* store.append(
          entries.map(({ row }) => row),
          head
        )
        return head
      })
    )

  return {
    write,
    record,
    discard: store.discard,
    book: () => book,
    counts: () => ({ orders, fills }),
    accepted: () => accepted,
    /** The latest steady time of any line. */
    steady: () => timestamp(steady),
    seen
  }
})

type Writer = Effect.Success<typeof makeWriter>

const linesOf = (entries: ReadonlyArray<SalvagedEntry>) =>
  Effect.forEach(entries, ({ entry }) => lineOf(entry))

const writeJournal = Effect.fnUntraced(function* (writer: Writer, options: RecoveryOptions) {
  const { folder, retell, survey } = options
  yield* salvageLog(folder, (entries) =>
    Effect.gen(function* () {
      yield* writer.write(yield* linesOf(entries), retell ? undefined : entries)
      // They were read from their files: nothing is on its way.
      if (!retell) yield* writer.discard(entries.at(-1)?.entry.sequence ?? 0)
    })
  )
  if (survey.outbox.length > 0) {
    yield* writer.write(yield* linesOf(survey.outbox), retell ? undefined : survey.outbox)
  }
  if (survey.untold > 0) {
    yield* untoldLines(survey.lines - survey.untold + 1, (lines) => Effect.asVoid(writer.write(lines)))
  }
})

/** The venue as it was, if its state, its whole record and the journal that goes with them can be read. */
const keptVenue = Effect.fnUntraced(function* ({ survey }: RecoveryOptions) {
  const old = yield* DamagedDesk
  const isNothingMissing =
    survey.contradicting === 0 && survey.log.head.count <= old.journalEnd && survey.lines === old.journalEnd
  if (!isNothingMissing || Option.isNone(old.venue) || Option.isNone(old.venuePosition)) return Option.none()
  const { body, recorded } = old.venue.value
  const isWhole = old.record.length === recorded && old.record.every(({ position }, i) => position === i + 1)
  return isWhole && Option.isSome(decodeBody(body))
    ? Option.some({ body, position: old.venuePosition.value, events: old.record.map(({ event }) => event) })
    : Option.none()
})

const writeVenue = Effect.fnUntraced(function* (writer: Writer, options: RecoveryOptions) {
  const journal = yield* OrderJournal
  const old = yield* DamagedDesk
  const unit = yield* UnitOfWork
  const kept = yield* keptVenue(options)
  if (Option.isSome(kept)) {
    const { body, events, position } = kept.value
    yield* unit.atomically(Effect.andThen(writer.record(events, body), journal.setVenuePosition(position)))
    return "kept" as const
  }
  const book = writer.book()
  const before = Option.flatMap(old.venue, ({ body }) => decodeBody(body))
  const advancedTo = Option.match(before, {
    onNone: () => book.tsLast,
    onSome: ({ progress }) => timestamp(Math.max(book.tsLast, progress.advancedTo))
  })
  const body = rebuiltBody(book, writer.seen, advancedTo)
  let position = yield* writer.record([], body)
  for (let after = 0; after < book.sequence;) {
    const lines = yield* journal.read({ after, limit: 1000 })
    const events = lines.map(({ event }) => event).filter(isVenueEvent)
    position = yield* unit.atomically(writer.record(events, body))
    after = lines.at(-1)?.sequence ?? book.sequence
  }
  yield* journal.setVenuePosition(position)
  return "rebuilt" as const
})

const writeLimits = Effect.fnUntraced(function* (accepted: string | undefined, tsEvent: Timestamp) {
  const store = yield* LimitsStore
  const { limits } = yield* DamagedDesk
  if (Option.isSome(limits) && limits.value.hash === accepted) {
    yield* store.seal(limits.value)
    return "kept" as const
  }
  if (accepted === undefined) return "none" as const
  yield* store.seal({
    profile: "nothing-new",
    limits: nothingNew,
    hash: hashLimits(nothingNew),
    acceptedBy: { kind: "desk", name: "recovery" },
    tsEvent
  })
  return "lost" as const
})

const writeClock = Effect.fnUntraced(function* (isKept: boolean, atLeast: Timestamp, steady: Timestamp) {
  const store = yield* MarketClockStore
  const { clock } = yield* DamagedDesk
  if (Option.isSome(clock) && (isKept || clock.value.anchorMarket >= atLeast)) {
    yield* store.save(clock.value)
    return "kept" as const
  }
  yield* store.save({ anchorMarket: atLeast, anchorSteady: steady, speed: 1, running: false })
  return "set" as const
})

/** Tells the journal of the recovery; where something was lost the desk is halted besides. */
const note = Effect.fnUntraced(function* (
  writer: Writer,
  { actor, reason }: RecoveryOptions,
  isHalted: boolean
) {
  const { accountId, breaker, ledger, sequence, tsLast } = writer.book()
  // No steady time has passed that anybody knows of.
  const times = { tsWall: yield* wallTime, tsSteady: writer.steady() }
  const events: ReadonlyArray<JournalEvent> = [
    { _tag: "DeskRecovered", tsEvent: tsLast, reason },
    ...(isHalted && !breaker.causes.killSwitch
      ? [halt(breaker.causes, reason, { ts: tsLast, equity: ledger.cash })]
      : [])
  ]
  yield* writer.write(
    events.map((event, i) => ({ sequence: sequence + 1 + i, ...times, accountId, actor, event }))
  )
})

/** Writes the desk into an empty database. Its audit entries that are in no file yet stand in its outbox. */
export const rebuild = Effect.fn("Recovery.rebuild")(function* (options: RecoveryOptions) {
  const journal = yield* OrderJournal
  const quotes = yield* QuoteStore
  const identity = yield* DeskIdentityStore
  const steadyClock = yield* SteadyClockStore
  const old = yield* DamagedDesk
  const unit = yield* UnitOfWork
  const writer = yield* makeWriter
  yield* writeJournal(writer, options)
  const venue = yield* writeVenue(writer, options)
  const { tsLast } = writer.book()
  const limits = yield* writeLimits(writer.accepted(), tsLast)
  const advancedTo = Option.match(
    Option.flatMap(yield* (yield* PaperVenueStore).load, ({ body }) => decodeBody(body)),
    { onNone: () => tsLast, onSome: ({ progress }) => progress.advancedTo }
  )
  const clock = yield* writeClock(venue === "kept", timestamp(Math.max(tsLast, advancedTo)), writer.steady())
  yield* unit.atomically(Effect.forEach(old.quotes, quotes.put, { discard: true }))
  // Without it steady time goes on from the latest that the journal has.
  if (Option.isSome(old.steadyClock)) yield* steadyClock.save(old.steadyClock.value)
  if (Option.isSome(old.identity)) yield* identity.save(old.identity.value)
  const isHalted = venue === "rebuilt" || limits === "lost" || options.survey.contradicting > 0
  if (Book.isOpened(writer.book())) yield* note(writer, options, isHalted)
  const book = writer.book()
  yield* journal.saveCheckpoint(book.sequence, Book.encode(book))
  const recovered: Recovered = {
    book,
    ...writer.counts(),
    quotes: old.quotes.length,
    limits,
    venue,
    clock
  }
  return recovered
})
