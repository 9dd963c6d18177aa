/**
 * A desk's snapshot from its file, and a permit into it, at once and without
 * Effect: for hooks. `SnapshotSql.ts` reads the same on any database, through
 * the desk's own stores; a contract suite holds the two together.
 *
 * One connection that can only read, and one read transaction: all rows are of
 * one moment. Each row is held against its checksum and its shape; what does
 * not fit is no desk.
 */
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { type Guard, fromJson, isText, isWhole } from "../domain/Guard.ts"
import { isActor, isJournalEvent } from "../domain/JournalGuards.ts"
import { isAccountId, isInstrument, isQuote, isSessionDate } from "../domain/OrderGuards.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
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
  momentOf,
  nameAsked,
  pricesNeeded,
  type SeenMarket
} from "../execution/DeskSnapshot.ts"
import type { JournalEntry } from "../execution/OrderJournal.ts"
import type { Permit } from "../execution/Permit.ts"
import { isSealedRecord } from "../risk/LimitsGuard.ts"
import { PERMIT_LIFE_MICROS } from "../risk/PermitSeen.ts"
import { type Crc32, plainCrc32 } from "./Checksum.ts"
import { DATABASE_VERSION } from "./DatabaseVersion.ts"
import * as Rows from "./SnapshotRows.ts"

/** How long another process's transaction is waited for: SQLite waits in this thread. */
export const BUSY_TIMEOUT_MILLIS = 400

/** A book whose checkpoint is of an older program is folded from the start, up to so many lines; opening the desk does it for any number. */
const MAX_LINES = 5000

/** From so many characters on, loading Node's own checksum is the shorter way. */
const LONG = 50_000

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
  return (text, before) => {
    spent += text.length
    return spent < LONG ? plainCrc32(text, before) : process.getBuiltinModule("node:zlib").crc32(text, before)
  }
}

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
  /** What a row's column holds, as JSON. */
  const body = <A>(table: Rows.TableColumns, row: Rows.Row, guard: Guard<A>, column = "body"): A =>
    fromJson(guard, row[column]) ?? damaged(table, row, "does not decode")
  /** The same of the row there may be. */
  const bodyOf = <A>(
    table: Rows.TableColumns,
    guard: Guard<A>,
    rest: string,
    ...values: ReadonlyArray<string | number>
  ): A | undefined => {
    const row = one(table, rest, ...values)
    return row === undefined ? undefined : body(table, row, guard)
  }
  const cell = <A>(table: Rows.TableColumns, row: Rows.Row, column: string, guard: Guard<A>): A => {
    const value = row[column]
    return guard(value) ? value : damaged(table, row, "does not decode")
  }
  return { all, one, body, bodyOf, cell, db }
}

type Reader = ReturnType<typeof makeReader>

const checkVersion = ({ db }: Reader): void => {
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
const checkPlace = (reader: Reader, deskId: string | undefined): void => {
  const row = reader.one(Rows.deskPlace, "WHERE id = 1")
  if (row === undefined) return
  if (deskId === undefined) {
    if (row["moved_to"] !== null)
      fail(`the desk was moved to ${String(row["moved_to"])}, and this database is what was left behind`)
    return
  }
  if (row["desk_id"] !== deskId) fail("the database holds the desk of another folder")
}

const entryOf = (reader: Reader, row: Rows.Row): JournalEntry => {
  const table = Rows.journal
  const steady = row["ts_steady"]
  return {
    sequence: reader.cell(table, row, "sequence", isWhole),
    tsWall: reader.cell(table, row, "ts_wall", isWhole),
    ...(steady === null ? {} : { tsSteady: reader.cell(table, row, "ts_steady", isWhole) }),
    accountId: reader.cell(table, row, "account_id", isAccountId),
    actor: reader.body(table, row, isActor, "actor"),
    event: reader.body(table, row, isJournalEvent)
  }
}

const bookAtCheckpoint = (reader: Reader): BookState => {
  const row = reader.one(Rows.checkpoint, "WHERE id = 1")
  if (row === undefined) return unopened
  const { book, fold } = reader.body(Rows.checkpoint, row, isCheckpoint)
  if (fold !== FOLD) return unopened
  return isBook(book) ? book : damaged(Rows.checkpoint, row, "does not decode")
}

/** The book at the journal's head, and steady time of the last line. */
const readBook = (reader: Reader): { readonly book: BookState; readonly lastLine: number | undefined } => {
  const before = bookAtCheckpoint(reader)
  const rows = reader.all(
    Rows.journal,
    "WHERE sequence > ? ORDER BY sequence LIMIT ?",
    before.sequence,
    MAX_LINES + 1
  )
  if (rows.length > MAX_LINES) {
    fail(
      "the desk has to be opened once by this program, which reads its books anew: plimsoll status does it"
    )
  }
  const lines = rows.map((row) => entryOf(reader, row))
  const gap = lines.findIndex(({ sequence }, index) => sequence !== before.sequence + 1 + index)
  if (gap >= 0)
    fail(`journal line ${before.sequence + 1 + gap} is missing: plimsoll recover rebuilds the journal`)
  const last = rows.at(-1) ?? reader.one(Rows.journal, "ORDER BY sequence DESC LIMIT 1")
  if (before.sequence > Number(last?.["sequence"] ?? 0))
    fail("the journal ends before the book does: lines were lost; plimsoll recover rebuilds it")
  const steady = last?.["ts_steady"] ?? last?.["ts_wall"]
  return { book: applyAllUnkeyed(before, lines), lastLine: isWhole(steady) ? steady : undefined }
}

const readVenue = (reader: Reader): SeenMarket | undefined => {
  const seen = reader.bodyOf(Rows.paperVenue, isSeenByVenue, "WHERE id = 1")
  if (seen === undefined) return undefined
  const { matching, progress } = seen
  return { progress, ticks: matching.books.flatMap(({ tick }) => (tick === undefined ? [] : [tick])) }
}

const latestOf = (times: ReadonlyArray<number | undefined>): number | undefined => {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

const readLastSession = (reader: Reader): SessionDate | undefined => {
  const row = reader.one(Rows.instruments, "ORDER BY last_session DESC LIMIT 1")
  return row === undefined ? undefined : reader.cell(Rows.instruments, row, "last_session", isSessionDate)
}

/** As the index `cited_quotes_instrument` has it. */
const ofInstrument = "CASE WHEN json_valid(body) THEN json_extract(body, '$.instrumentId') END"

const newestQuote = (reader: Reader, id: string, until: Timestamp): QuoteTick | undefined =>
  reader.bodyOf(
    Rows.citedQuotes,
    isQuote,
    `WHERE ${ofInstrument} = ? AND ts_event <= ? ORDER BY ts_event DESC LIMIT 1`,
    id,
    until
  )

const read = (reader: Reader, asked: Asked, here: MachineNow): DeskReading | DeskUnreadable => {
  const { book, lastLine } = readBook(reader)
  const clock = reader.bodyOf(Rows.marketClock, isReplayState, "WHERE id = 1")
  const leases = reader.all(Rows.lease, "").map((row) => reader.cell(Rows.lease, row, "expires_at", isWhole))
  const clockwork = clockworkOf(
    {
      book,
      clock,
      anchor: reader.bodyOf(Rows.steadyClock, isSteadyAnchor, "WHERE id = 1"),
      latestSteady: latestOf([lastLine, clock?.anchorSteady, ...leases]),
      lastSession: readLastSession(reader),
      venue: readVenue(reader)
    },
    here
  )
  if (clockwork instanceof DeskUnreadable) return clockwork
  const name = nameAsked(book, asked)
  const instrument =
    name === undefined
      ? undefined
      : reader.bodyOf(
          Rows.instruments,
          isInstrument,
          "WHERE symbol = ? OR instrument_id = ? LIMIT 1",
          name,
          name
        )
  const handedOut = [...pricesNeeded(clockwork, instrument?.id)].flatMap((id) => {
    const quote = newestQuote(reader, id, clockwork.now)
    return quote === undefined ? [] : [quote]
  })
  const cited =
    asked.quoteId === undefined
      ? undefined
      : reader.bodyOf(Rows.citedQuotes, isQuote, "WHERE quote_id = ?", asked.quoteId)
  return {
    moment: momentOf(clockwork, { instrument, cited, handedOut }),
    sealed: reader.bodyOf(Rows.limits, isSealedRecord, "ORDER BY version DESC LIMIT 1"),
    symbols: instrument === undefined ? symbolsOf(reader) : []
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

/**
 * The desk in the file, or why it cannot be judged. Nothing is written, and
 * nothing is thrown. `deskId` is the desk's name, where its folder says one.
 */
export const readDesk = (
  filename: string,
  options: { readonly asked: Asked; readonly here: MachineNow; readonly deskId: string | undefined }
): DeskReading | DeskUnreadable => {
  try {
    const db = new DatabaseSync(filename, { readOnly: true, timeout: BUSY_TIMEOUT_MILLIS })
    try {
      db.exec("BEGIN")
      const reader = makeReader(db)
      checkVersion(reader)
      checkPlace(reader, options.deskId)
      return read(reader, options.asked, options.here)
    } finally {
      db.close()
    }
  } catch (cause) {
    return whyNot(cause, "the desk's database cannot be read")
  }
}

/**
 * Leaves a permit, and drops those that no order can use any more; undefined
 * when it is done. It need not outlive a loss of power: without it the order is
 * denied.
 */
export const leavePermit = (filename: string, permit: Permit): DeskUnreadable | undefined => {
  try {
    // Never made anew where it has vanished meanwhile.
    const url = new URL(`${pathToFileURL(filename).href}?mode=rw`)
    const db = new DatabaseSync(url, { timeout: BUSY_TIMEOUT_MILLIS })
    try {
      db.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; BEGIN IMMEDIATE")
      db.prepare("DELETE FROM permits WHERE steady_at < ?").run(permit.steadyAt - PERMIT_LIFE_MICROS)
      const row = { call_id: permit.callId, steady_at: permit.steadyAt, body: JSON.stringify(permit) }
      db.prepare(
        `INSERT INTO permits (call_id, steady_at, body, checksum) VALUES (?, ?, ?, ?)
          ON CONFLICT (call_id) DO UPDATE SET steady_at = excluded.steady_at, body = excluded.body, checksum = excluded.checksum`
      ).run(row.call_id, row.steady_at, row.body, Rows.checksumOf(Rows.permits, row, plainCrc32))
      db.exec("COMMIT")
      return undefined
    } finally {
      db.close()
    }
  } catch (cause) {
    return whyNot(cause, "the permit for this call could not be written")
  }
}
