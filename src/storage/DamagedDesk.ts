/**
 * `DamagedDesk` on SQLite's file: read only, row by row where pages of a table
 * cannot be read, so that one bad page costs its own rows and no others.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite"
import { Effect, Exit, Layer, Option, Schema } from "effect"
import type { StorageCorrupt } from "../domain/StorageError.ts"
import { DamagedDesk } from "../execution/DamagedDesk.ts"
import { decodeOutbox } from "./AuditStore.ts"
import { decodeIdentity, toIdentity } from "./DeskIdentityStore.ts"
import { decodeLimits } from "./LimitsStore.ts"
import { decodeClock } from "./MarketClockStore.ts"
import { decodeJournalRow, decodeVenuePosition, toEntry } from "./OrderJournalStore.ts"
import { decodeRecord } from "./PaperVenueStore.ts"
import { decodeQuote } from "./QuoteStore.ts"
import type { Row } from "./Rows.ts"
import { decodeSteadyClock } from "./SteadyClockStore.ts"
import * as Tables from "./Tables.ts"

/** Rows read in one go; where one of them cannot be read each is tried by itself. */
const PAGE = 500
/** A table whose end cannot be told is over after so many numbers without a row. */
const MAX_EMPTY = 10_000

type Decode<A> = (row: Row) => Effect.Effect<A, StorageCorrupt>

const decodeVenue = Tables.paperVenue.decode(
  Schema.Struct({ version: Schema.Int, recorded: Schema.Int, body: Schema.String })
)

const attempt = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch {
    // A page that cannot be read: its rows are what is lost.
    return undefined
  }
}

const rowByRow = (one: StatementSync, from: number, until: number): ReadonlyArray<Row> => {
  const found: Array<Row> = []
  for (let id = from; id <= until; id++) {
    const row = attempt(() => one.get(id))
    if (row !== undefined) found.push(row)
  }
  return found
}

/** Every row with a rowid in [from, to] that SQLite can still read. */
function* rowsBetween(one: StatementSync, many: StatementSync, from: number, to: number): Generator<Row> {
  let empty = 0
  for (let at = from; at <= to && empty < MAX_EMPTY;) {
    const until = Math.min(at + PAGE - 1, to)
    const page = attempt(() => many.all(at, until)) ?? rowByRow(one, at, until)
    yield* page
    empty = page.length === 0 ? empty + PAGE : 0
    at = until + 1
  }
}

const reader = (db: DatabaseSync, lost: Map<string, number>) => {
  const between = <A>(
    table: { readonly name: string; readonly columns: string },
    decode: Decode<A>,
    from: number,
    to: number,
    isCounted = true
  ): ReadonlyArray<A> => {
    const select = `SELECT ${table.columns} FROM ${table.name} WHERE rowid`
    const statements = attempt(() => ({
      one: db.prepare(`${select} = ?`),
      many: db.prepare(`${select} BETWEEN ? AND ? ORDER BY rowid`)
    }))
    if (statements === undefined) return []
    const found: Array<A> = []
    for (const row of rowsBetween(statements.one, statements.many, from, to)) {
      const decoded = Effect.runSyncExit(decode(row))
      if (Exit.isSuccess(decoded)) found.push(decoded.value)
      else if (isCounted) lost.set(table.name, (lost.get(table.name) ?? 0) + 1)
    }
    return found
  }

  /** The table's last rowid; as far as numbers go where that cannot be read. */
  const endOf = (name: string): number => {
    const last = attempt(
      () => db.prepare(`SELECT coalesce(max(rowid), 0) AS last FROM ${name}`).get()?.["last"]
    )
    return typeof last === "number" ? last : Number.MAX_SAFE_INTEGER
  }

  return {
    between,
    all: <A>(table: { readonly name: string; readonly columns: string }, decode: Decode<A>) =>
      between(table, decode, 1, endOf(table.name)),
    endOf
  }
}

const nothing = (why: string): DamagedDesk["Service"] => ({
  unreadable: why,
  journal: () => [],
  journalEnd: 0,
  outbox: [],
  venue: Option.none(),
  venuePosition: Option.none(),
  record: [],
  limits: Option.none(),
  clock: Option.none(),
  steadyClock: Option.none(),
  quotes: [],
  identity: Option.none(),
  damage: [],
  lost: new Map()
})

const first = <A>(found: ReadonlyArray<A>): Option.Option<A> => Option.fromUndefinedOr(found[0])

/** Damage of pages and indexes that checksums of rows do not show: rows that have vanished, too. */
const integrity = (db: DatabaseSync): ReadonlyArray<string> => {
  try {
    const found = db
      .prepare("PRAGMA integrity_check(10)")
      .all()
      .map((row) => String(row["integrity_check"]))
    return found[0] === "ok" ? [] : found
  } catch (cause) {
    return [cause instanceof Error ? cause.message : String(cause)]
  }
}

const salvage = (db: DatabaseSync): DamagedDesk["Service"] => {
  const lost = new Map<string, number>()
  const { all, between, endOf } = reader(db, lost)
  const decodeEntry: Decode<ReturnType<typeof toEntry>> = (row) => Effect.map(decodeJournalRow(row), toEntry)
  const limits = all(Tables.limits, decodeLimits)
  // Permits are not taken along: one is good for a quarter of an hour, and the call is made again.
  for (const table of [Tables.orders, Tables.checkpoint, Tables.auditHead, Tables.lease, Tables.permits]) {
    all(table, table.verify)
  }
  const newest = limits.at(-1)
  return {
    unreadable: undefined,
    journal: (from, to) => between(Tables.journal, decodeEntry, from, to, false),
    journalEnd: endOf("journal"),
    outbox: all(Tables.auditOutbox, decodeOutbox),
    venue: first(all(Tables.paperVenue, decodeVenue)),
    venuePosition: Option.map(
      first(all(Tables.venuePosition, decodeVenuePosition)),
      ({ position }) => position
    ),
    record: all(Tables.venueRecord, (row) =>
      Effect.map(decodeRecord(row), ({ body, position }) => ({ position, event: body }))
    ),
    // An older one may be looser than the one that was lost.
    limits:
      newest !== undefined && newest.version === endOf("limits") ? Option.some(newest.body) : Option.none(),
    clock: Option.map(first(all(Tables.marketClock, decodeClock)), ({ body }) => body),
    steadyClock: Option.map(first(all(Tables.steadyClock, decodeSteadyClock)), ({ body }) => body),
    quotes: all(Tables.citedQuotes, decodeQuote).map(({ body }) => body),
    identity: Option.map(first(all(Tables.desk, decodeIdentity)), toIdentity),
    damage: integrity(db),
    lost
  }
}

/** The database at `filename`, opened for reading only; one that cannot be opened gives nothing. */
export const layer = (filename: string): Layer.Layer<DamagedDesk> =>
  Layer.effect(
    DamagedDesk,
    Effect.acquireRelease(
      Effect.sync(() => attempt(() => new DatabaseSync(filename, { readOnly: true, timeout: 1000 }))),
      (db) => Effect.sync(() => db?.close())
    ).pipe(
      Effect.map((db) => {
        if (db === undefined) return nothing("it cannot be opened")
        try {
          db.prepare("SELECT count(*) FROM sqlite_master").get()
        } catch (cause) {
          return nothing(cause instanceof Error ? cause.message : String(cause))
        }
        return salvage(db)
      })
    )
  )
