/**
 * The tables that a snapshot reads, and the one that a hook writes: their
 * columns, as `Tables.ts` has them.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import { checksumBy, type Crc32 } from "./Checksum.ts"

export interface TableColumns {
  readonly name: string
  /** The first names a row in errors. */
  readonly columns: readonly [string, ...ReadonlyArray<string>]
}

const table = (name: string, ...columns: TableColumns["columns"]): TableColumns => ({ name, columns })

export const checkpoint = table("checkpoint", "id", "sequence", "body")
export const journal = table(
  "journal",
  "sequence",
  "ts_event",
  "ts_wall",
  "ts_steady",
  "account_id",
  "tag",
  "client_order_id",
  "trade_id",
  "actor",
  "body"
)
export const paperVenue = table("paper_venue", "id", "version", "recorded", "body")
export const citedQuotes = table("cited_quotes", "quote_id", "ts_event", "body")
export const marketClock = table("market_clock", "id", "body")
export const steadyClock = table("steady_clock", "id", "body")
export const limits = table("limits", "version", "body")
export const lease = table("lease", "name", "holder", "token", "expires_at")
export const instruments = table("instruments", "instrument_id", "symbol", "last_session", "body")
export const deskPlace = table("desk_place", "id", "desk_id", "moved_to")
export const permits = table("permits", "call_id", "steady_at", "body")

export const allTables: ReadonlyArray<TableColumns> = [
  checkpoint,
  journal,
  paperVenue,
  citedQuotes,
  marketClock,
  steadyClock,
  limits,
  lease,
  instruments,
  deskPlace,
  permits
]

/** What a SELECT reads. */
export const select = ({ columns, name }: TableColumns): string =>
  `SELECT ${[...columns, "checksum"].join(", ")} FROM ${name}`

/** No table here has more columns. */
const WIDEST = 10

/** Rows of several tables by one statement: what each row is, its columns by number, its checksum. */
export const selectParts = (
  parts: ReadonlyArray<{ readonly kind: string; readonly table: TableColumns; readonly rest: string }>
): string => {
  let text = ""
  for (const { kind, rest, table: of } of parts) {
    text += `${text === "" ? "" : " UNION ALL "}SELECT * FROM (SELECT '${kind}' AS kind`
    for (let at = 0; at < WIDEST; at++) text += `, ${of.columns[at] ?? "NULL"} AS c${at}`
    text += `, checksum FROM ${of.name} ${rest})`
  }
  return text
}

/** A row of `selectParts` by its columns' names. */
export const named = ({ columns }: TableColumns, row: Row): Row => {
  const made: Record<string, unknown> = { checksum: row["checksum"] }
  for (let at = 0; at < columns.length; at++) made[columns[at] ?? ""] = row[`c${at}`]
  return made
}

export type Row = Readonly<Record<string, unknown>>

export const checksumOf = ({ columns }: TableColumns, row: Row, crc32: Crc32): number => {
  const cells: Array<unknown> = []
  for (const column of columns) cells.push(row[column])
  return checksumBy(crc32, cells)
}
