/**
 * A desk's snapshot from its file, and a permit into it, at once and without
 * Effect: for hooks. `SnapshotSql.ts` reads the same on any database, through
 * the desk's own stores; a contract suite holds the two together.
 *
 * One connection, which only reads until a permit is left, and one read
 * transaction: all rows are of one moment. Each row is held against its checksum
 * and its shape; what does not fit is no desk.
 */
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import type { Actor } from "../domain/Actor.ts"
import { type Guard, fromJson, isText, isWhole } from "../domain/Guard.ts"
import { isJournalEvent } from "../domain/JournalGuards.ts"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { isAccountId, isInstrument, isQuote, isSessionDate } from "../domain/OrderGuards.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { applyAllUnkeyed, type BookState, FOLD, unopened } from "../execution/Book.ts"
import {
  isBook,
  isCheckpoint,
  isReplayState,
  isSeenByVenue,
  isSteadyAnchor
} from "../execution/DeskGuards.ts"
import {
  type Asked,
  clockworkOf,
  type DeskReading,
  DeskUnreadable,
  type MachineNow,
  instrumentNamed,
  type Lookup,
  mayHaveRoot,
  momentOf,
  namesAsked,
  namesGiven,
  pricesFor,
  type SeenMarket
} from "../execution/DeskSnapshot.ts"
import type { JournalEntry } from "../execution/OrderJournal.ts"
import type { Permit } from "../execution/Permit.ts"
import { isPermit } from "../execution/PermitGuard.ts"
import type { ReplayState } from "../market/ReplayClock.ts"
import { isSealedRecord, sealedOf } from "../risk/LimitsGuard.ts"
import { PERMIT_LIFE_MICROS } from "../risk/PermitSeen.ts"
import { type Crc32, plainCrc32 } from "./Checksum.ts"
import { DATABASE_VERSION } from "./DatabaseVersion.ts"
import * as Rows from "./SnapshotRows.ts"

/** How long another process's transaction is waited for: SQLite waits in this thread. */
export const BUSY_TIMEOUT_MILLIS = 400

/** A book whose checkpoint is of an older program is folded from the start, up to so many lines; opening the desk does it for any number. */
const MAX_LINES = 5000

/** From so many characters on, loading Node's own checksum is the shorter way. */
const LONG = 400_000

/** Ends the reading. */
class Unreadable extends Error {}

const fail = (message: string): never => {
  throw new Unreadable(message)
}

const damaged = (table: Rows.TableColumns, row: Rows.Row, what: string): never =>
  fail(
    `${table.name} row ${String(row[table.columns[0]])} ${what}: the database is damaged; plimsoll recover rebuilds it from the audit log`
  )

/** Plain for little, Node's for much. */
const makeCrc32 = (): Crc32 => {
  let spent = 0
  return (text) => {
    spent += text.length
    return spent < LONG ? plainCrc32(text) : process.getBuiltinModule("node:zlib").crc32(text)
  }
}

/** What is read whatever the book turns out to be: the quotes that are cited are `?1`, the instruments' names `?2`, as JSON lists. */
const firstParts = [
  { kind: "place", table: Rows.deskPlace, rest: "WHERE id = 1" },
  { kind: "checkpoint", table: Rows.checkpoint, rest: "WHERE id = 1" },
  { kind: "last line", table: Rows.journal, rest: "ORDER BY sequence DESC LIMIT 1" },
  { kind: "clock", table: Rows.marketClock, rest: "WHERE id = 1" },
  { kind: "steady clock", table: Rows.steadyClock, rest: "WHERE id = 1" },
  { kind: "lease", table: Rows.lease, rest: "" },
  { kind: "venue", table: Rows.paperVenue, rest: "WHERE id = 1" },
  { kind: "limits", table: Rows.limits, rest: "ORDER BY version DESC LIMIT 1" },
  { kind: "last session", table: Rows.instruments, rest: "ORDER BY last_session DESC LIMIT 1" },
  { kind: "cited", table: Rows.citedQuotes, rest: "WHERE quote_id IN (SELECT value FROM json_each(?1))" },
  {
    kind: "instrument",
    table: Rows.instruments,
    rest: "WHERE symbol IN (SELECT value FROM json_each(?2)) OR instrument_id IN (SELECT value FROM json_each(?2))"
  }
] as const
type FirstKind = (typeof firstParts)[number]["kind"]

/** The tables of one database, each row verified. */
const makeReader = (db: DatabaseSync) => {
  const crc32 = makeCrc32()
  const verified = (table: Rows.TableColumns, row: Rows.Row): Rows.Row =>
    row["checksum"] === Rows.checksumOf(table, row, crc32)
      ? row
      : damaged(table, row, "does not match its checksum")

  const all = (table: Rows.TableColumns, rest: string, ...values: ReadonlyArray<string | number>) =>
    db
      .prepare(`${Rows.select(table)} ${rest}`)
      .all(...values)
      .map((row) => verified(table, row))
  const one = (table: Rows.TableColumns, rest: string, ...values: ReadonlyArray<string | number>) => {
    const row = db.prepare(`${Rows.select(table)} ${rest}`).get(...values)
    return row === undefined ? undefined : verified(table, row)
  }
  /** The rows of `firstParts`, by what they are. */
  const first = (asked: Asked): ReadonlyMap<string, ReadonlyArray<Rows.Row>> => {
    const found = new Map<string, Array<Rows.Row>>()
    const rows = db
      .prepare(Rows.selectParts(firstParts))
      .all(JSON.stringify(asked.quoteIds), JSON.stringify(namesGiven(asked)))
    for (const row of rows) {
      const part = firstParts.find(({ kind }) => kind === row["kind"])
      if (part === undefined) continue
      const one = verified(part.table, Rows.named(part.table, row))
      const others = found.get(part.kind)
      if (others === undefined) found.set(part.kind, [one])
      else others.push(one)
    }
    return found
  }
  /** What a row's column holds, as JSON. */
  const body = <A>(table: Rows.TableColumns, row: Rows.Row, guard: Guard<A>): A =>
    fromJson(guard, row["body"]) ?? damaged(table, row, "does not decode")
  /** The same of the row there may be. */
  const bodyOf = <A>(table: Rows.TableColumns, row: Rows.Row | undefined, guard: Guard<A>): A | undefined =>
    row === undefined ? undefined : body(table, row, guard)
  const cell = <A>(table: Rows.TableColumns, row: Rows.Row, column: string, guard: Guard<A>): A => {
    const value = row[column]
    return guard(value) ? value : damaged(table, row, "does not decode")
  }
  return { all, one, first, body, bodyOf, cell, db }
}

type Reader = ReturnType<typeof makeReader>
type First = ReadonlyMap<string, ReadonlyArray<Rows.Row>>

const rowOf = (first: First, kind: FirstKind): Rows.Row | undefined => first.get(kind)?.[0]

/** Fails unless this program knows the database's tables. */
const checkVersion = (db: DatabaseSync): void => {
  const row = db.prepare("SELECT max(migration_id) AS version FROM plimsoll_migrations").get()
  const version = row?.["version"]
  if (typeof version !== "number") fail("the database has no tables of a desk: run plimsoll init")
  if (version === DATABASE_VERSION) return
  fail(
    Number(version) < DATABASE_VERSION
      ? "the desk was last opened by an older plimsoll: plimsoll status brings its database up to date"
      : "the database was written by a newer plimsoll: use that one"
  )
}

/** `deskId` is the desk's name in its folder, where it has one: see `programs/PlaceFile.ts`. */
const checkPlace = (row: Rows.Row | undefined, deskId: string | undefined): void => {
  if (row === undefined) return
  if (deskId === undefined) {
    if (row["moved_to"] !== null)
      fail(`the desk was moved to ${String(row["moved_to"])}, and this database is what was left behind`)
    return
  }
  if (row["desk_id"] !== deskId) fail("the database holds the desk of another folder")
}

/** Who wrote a line is nothing to the book. */
const nobody: Actor = { kind: "desk", name: "snapshot" }

const entryOf = (reader: Reader, row: Rows.Row): JournalEntry => {
  const table = Rows.journal
  const steady = row["ts_steady"]
  return {
    sequence: reader.cell(table, row, "sequence", isWhole),
    tsWall: reader.cell(table, row, "ts_wall", isWhole),
    ...(steady === null ? {} : { tsSteady: reader.cell(table, row, "ts_steady", isWhole) }),
    accountId: reader.cell(table, row, "account_id", isAccountId),
    actor: nobody,
    event: reader.body(table, row, isJournalEvent)
  }
}

const bookAtCheckpoint = (reader: Reader, first: First): BookState => {
  const row = rowOf(first, "checkpoint")
  if (row === undefined) return unopened
  const { book, fold } = reader.body(Rows.checkpoint, row, isCheckpoint)
  if (fold !== FOLD) return unopened
  return isBook(book) ? book : damaged(Rows.checkpoint, row, "does not decode")
}

const linesAfter = (reader: Reader, sequence: number): ReadonlyArray<JournalEntry> => {
  const rows = reader.all(
    Rows.journal,
    "WHERE sequence > ? ORDER BY sequence LIMIT ?",
    sequence,
    MAX_LINES + 1
  )
  if (rows.length > MAX_LINES) {
    fail(
      "the desk has to be opened once by this program, which reads its books anew: plimsoll status does it"
    )
  }
  return rows.map((row) => entryOf(reader, row))
}

/** The book at the journal's head. */
const readBook = (reader: Reader, first: First): BookState => {
  const before = bookAtCheckpoint(reader, first)
  const last = rowOf(first, "last line")
  const head = last === undefined ? 0 : reader.cell(Rows.journal, last, "sequence", isWhole)
  if (before.sequence > head)
    fail("the journal ends before the book does: lines were lost; plimsoll recover rebuilds it")
  const lines = before.sequence === head ? [] : linesAfter(reader, before.sequence)
  for (let at = 0; at < head - before.sequence; at++) {
    if (lines[at]?.sequence !== before.sequence + 1 + at)
      fail(`journal line ${before.sequence + 1 + at} is missing: plimsoll recover rebuilds the journal`)
  }
  return applyAllUnkeyed(before, lines)
}

const seenBy = (reader: Reader, first: First): SeenMarket | undefined => {
  const seen = reader.bodyOf(Rows.paperVenue, rowOf(first, "venue"), isSeenByVenue)
  if (seen === undefined) return undefined
  const { matching, progress } = seen
  return { progress, ticks: matching.books.flatMap(({ tick }) => (tick === undefined ? [] : [tick])) }
}

/** No steady time that is written down is later. */
const latestSteady = (reader: Reader, first: First, clock: ReplayState | undefined): number | undefined => {
  const last = rowOf(first, "last line")
  const times = (first.get("lease") ?? []).map((row) => reader.cell(Rows.lease, row, "expires_at", isWhole))
  if (clock !== undefined) times.push(clock.anchorSteady)
  if (last !== undefined) {
    const column = last["ts_steady"] === null ? "ts_wall" : "ts_steady"
    times.push(reader.cell(Rows.journal, last, column, isWhole))
  }
  return times.length === 0 ? undefined : Math.max(...times)
}

/** As the index `cited_quotes_instrument` has it. */
const ofInstrument = "CASE WHEN json_valid(body) THEN json_extract(body, '$.instrumentId') END"

/** The newest quotes that were handed out of these instruments by then. */
const newestQuotes = (
  reader: Reader,
  ids: Iterable<InstrumentId>,
  until: Timestamp
): ReadonlyArray<QuoteTick> => {
  const found: Array<QuoteTick> = []
  for (const id of ids) {
    const row = reader.one(
      Rows.citedQuotes,
      `WHERE ${ofInstrument} = ? AND ts_event <= ? ORDER BY ts_event DESC LIMIT 1`,
      id,
      until
    )
    if (row !== undefined) found.push(reader.body(Rows.citedQuotes, row, isQuote))
  }
  return found
}

/** The quotes that are cited, in the order they are. */
const citedIn = (reader: Reader, first: First, { quoteIds }: Asked): ReadonlyArray<QuoteTick> => {
  const found = (first.get("cited") ?? []).map((row) => reader.body(Rows.citedQuotes, row, isQuote))
  return [...new Set(quoteIds)].flatMap((id) => found.find(({ quoteId }) => quoteId === id) ?? [])
}

/** Instruments by what people call them: those of the names that were given are among the first rows. */
const lookupIn = (reader: Reader, first: First): Lookup => {
  const table = Rows.instruments
  const found = new Map<string, Instrument>()
  for (const row of first.get("instrument") ?? []) {
    const instrument = reader.body(table, row, isInstrument)
    found.set(instrument.symbol, instrument)
    found.set(instrument.id, instrument)
  }
  const listed = (name: string): Instrument | undefined =>
    found.get(name) ??
    reader.bodyOf(
      table,
      reader.one(table, "WHERE symbol = ?1 OR instrument_id = ?1 LIMIT 1", name),
      isInstrument
    )
  const byRoot = new Map<string, ReadonlyArray<Instrument>>()
  const ofRoot = (root: string): ReadonlyArray<Instrument> => {
    const known =
      byRoot.get(root) ??
      symbolsOf(reader)
        .filter((symbol) => mayHaveRoot(symbol, root))
        .flatMap((symbol) => listed(symbol) ?? [])
    byRoot.set(root, known)
    return known
  }
  return { listed, ofRoot }
}

const read = (reader: Reader, first: First, asked: Asked, here: MachineNow): DeskReading | DeskUnreadable => {
  const book = readBook(reader, first)
  const clock = reader.bodyOf(Rows.marketClock, rowOf(first, "clock"), isReplayState)
  const listed = rowOf(first, "last session")
  const clockwork = clockworkOf(
    {
      book,
      clock,
      anchor: reader.bodyOf(Rows.steadyClock, rowOf(first, "steady clock"), isSteadyAnchor),
      latestSteady: latestSteady(reader, first, clock),
      lastSession:
        listed === undefined
          ? undefined
          : reader.cell(Rows.instruments, listed, "last_session", isSessionDate),
      venue: seenBy(reader, first)
    },
    here
  )
  if (clockwork instanceof DeskUnreadable) return clockwork
  const lookup = lookupIn(reader, first)
  const instruments = namesAsked(book, asked).map((name) => instrumentNamed(book, name, lookup))
  return {
    moment: momentOf(clockwork, {
      instruments,
      cited: citedIn(reader, first, asked),
      handedOut: newestQuotes(reader, pricesFor(clockwork, instruments), clockwork.now)
    }),
    sealed: sealedOf(reader.bodyOf(Rows.limits, rowOf(first, "limits"), isSealedRecord)),
    symbols: instruments.includes(undefined) ? symbolsOf(reader) : []
  }
}

const symbolsOf = ({ db }: Reader): ReadonlyArray<string> =>
  db
    .prepare("SELECT symbol FROM instruments ORDER BY symbol")
    .all()
    .flatMap(({ symbol }) => (isText(symbol) ? [symbol] : []))

/** SQLite's SQLITE_BUSY and SQLITE_LOCKED, in any of their extended kinds. */
const isBusy = (cause: unknown): boolean =>
  cause instanceof Error &&
  "errcode" in cause &&
  typeof cause.errcode === "number" &&
  [5, 6].includes(cause.errcode & 0xff)

const whyNot = (cause: unknown, doing: string): DeskUnreadable => {
  if (cause instanceof Unreadable) return new DeskUnreadable(cause.message)
  if (isBusy(cause)) {
    return new DeskUnreadable(
      `${doing}: another process holds the desk's database locked, for longer than ${BUSY_TIMEOUT_MILLIS} ms: try again`
    )
  }
  return new DeskUnreadable(`${doing}: ${cause instanceof Error ? cause.message : String(cause)}`)
}

/** One desk's file, held open between a look and a permit. */
export interface DeskFile {
  /**
   * The desk, or why it cannot be judged. `deskId` is the desk's name, where its
   * folder says one.
   */
  readonly read: (options: {
    readonly asked: Asked
    readonly here: MachineNow
    readonly deskId: string | undefined
  }) => DeskReading | DeskUnreadable
  /** Whether an order of this name, or a later one of the same intention, was asked for and not denied; false where that cannot be told. */
  readonly knows: (orderId: string) => boolean
  /**
   * Leaves a permit, and drops those that no order can use any more; undefined
   * when it is done. It need not outlive a loss of power: without it the order
   * is denied.
   */
  readonly leave: (permit: Permit) => DeskUnreadable | undefined
  readonly close: () => void
}

const makeFile = (db: DatabaseSync): DeskFile => ({
  read: ({ asked, deskId, here }) => {
    try {
      db.exec("BEGIN")
      try {
        const reader = makeReader(db)
        checkVersion(db)
        const first = reader.first(asked)
        checkPlace(rowOf(first, "place"), deskId)
        return read(reader, first, asked, here)
      } finally {
        db.exec("ROLLBACK")
      }
    } catch (cause) {
      return whyNot(cause, "the desk's database cannot be read")
    }
  },
  knows: (orderId) => {
    try {
      // Its own name, or one of those that follow where it was denied before: "-1" and so on.
      const found = db
        .prepare(
          "SELECT 1 FROM orders WHERE (client_order_id = ? OR (client_order_id >= ? AND client_order_id < ?)) AND status <> 'Denied' LIMIT 1"
        )
        .get(orderId, `${orderId}-`, `${orderId}.`)
      return found !== undefined
    } catch {
      return false
    }
  },
  leave: (permit) => {
    if (!isPermit(permit)) {
      return new DeskUnreadable(
        "the call's id, its agent or its session is not as a client names them, so no permit can be kept for it"
      )
    }
    try {
      db.exec(
        "PRAGMA query_only = OFF; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; BEGIN IMMEDIATE"
      )
      db.prepare("DELETE FROM permits WHERE steady_at < ?").run(permit.steadyAt - PERMIT_LIFE_MICROS)
      const row = { call_id: permit.callId, steady_at: permit.steadyAt, body: JSON.stringify(permit) }
      db.prepare(
        `INSERT INTO permits (call_id, steady_at, body, checksum) VALUES (?, ?, ?, ?)
          ON CONFLICT (call_id) DO UPDATE SET steady_at = excluded.steady_at, body = excluded.body, checksum = excluded.checksum`
      ).run(row.call_id, row.steady_at, row.body, Rows.checksumOf(Rows.permits, row, plainCrc32))
      db.exec("COMMIT")
      return undefined
    } catch (cause) {
      return whyNot(cause, "the permit for this call could not be written")
    }
  },
  close: () => db.close()
})

/**
 * Opens a desk's file; never makes one. Until a permit is left the connection
 * reads only. Nothing is thrown.
 */
export const openFile = (filename: string): DeskFile | DeskUnreadable => {
  try {
    const url = new URL(`${pathToFileURL(filename).href}?mode=rw`)
    const db = new DatabaseSync(url, { timeout: BUSY_TIMEOUT_MILLIS })
    db.exec("PRAGMA query_only = ON")
    return makeFile(db)
  } catch (cause) {
    return whyNot(cause, "the desk's database cannot be opened")
  }
}
