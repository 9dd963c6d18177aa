/**
 * A desk's rows from one database to another, and the proof that they arrived:
 * counts, and a SHA-256 over each table's rows in the order of their keys.
 *
 * Both sides are read and written inside transactions of the caller's.
 */
import { createHash, type Hash } from "node:crypto"
import { Array as Arr, Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import type * as Catalog from "./Catalog.ts"
import { inBatches } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"

/** Rows on their way at once. */
const PAGE = 1000

/** What arrived is not what was sent: nothing of it is kept. */
export class CopyDiffers extends Schema.TaggedError<CopyDiffers>()("CopyDiffers", {
  table: Schema.String,
  message: Schema.String
}) {}

/** A table on one side. */
export interface Fingerprint {
  readonly table: string
  readonly rows: number
  /** Of the rows as JSON arrays, a line each. */
  readonly sha256: string
}

type Row = Readonly<Record<string, unknown>>

/** The rows of a table in the order of its key, page by page. */
export const eachPage = Effect.fnUntraced(function* <E>(
  sql: SqlClient.SqlClient,
  table: Catalog.Table,
  use: (page: Arr.NonEmptyReadonlyArray<Row>) => Effect.Effect<void, E>
) {
  const key = sql.csv(table.key.map((column) => sql`${sql(column)}`))
  const columns = sql.csv(table.columns.map((column) => sql`${sql(column)}`))
  let last: Row | undefined
  for (;;) {
    const after = last
    const where =
      after === undefined
        ? sql.literal("")
        : sql`WHERE (${key}) > (${sql.csv(table.key.map((column) => sql`${after[column]}`))})`
    const page = yield* sql<Row>`SELECT ${columns} FROM ${sql(table.name)} ${where}
      ORDER BY ${key} LIMIT ${PAGE}`.pipe(Effect.mapError(toStorageError(`read ${table.name}`)))
    if (Arr.isReadonlyArrayNonEmpty(page)) yield* use(page)
    last = page.at(-1)
    if (page.length < PAGE) return
  }
})

const add = (hash: Hash, { columns }: Catalog.Table, page: ReadonlyArray<Row>): void => {
  for (const row of page) hash.update(`${JSON.stringify(columns.map((column) => row[column]))}\n`)
}

/** A table as it is. */
export const fingerprint = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, table: Catalog.Table) {
  const hash = createHash("sha256")
  let rows = 0
  yield* eachPage(sql, table, (page) =>
    Effect.sync(() => {
      add(hash, table, page)
      rows += page.length
    })
  )
  const found: Fingerprint = { table: table.name, rows, sha256: hash.digest("hex") }
  return found
})

const copyTable = Effect.fnUntraced(function* (
  from: SqlClient.SqlClient,
  to: SqlClient.SqlClient,
  table: Catalog.Table,
  onRows: (rows: number) => Effect.Effect<void>
) {
  const hash = createHash("sha256")
  let rows = 0
  yield* eachPage(from, table, (page) =>
    Effect.gen(function* () {
      add(hash, table, page)
      rows += page.length
      yield* inBatches(page, (batch) => to`INSERT INTO ${to(table.name)} ${to.insert(batch)}`).pipe(
        Effect.mapError(toStorageError(`copy ${table.name}`))
      )
      yield* onRows(page.length)
    })
  )
  const sent: Fingerprint = { table: table.name, rows, sha256: hash.digest("hex") }
  return sent
})

/** PostgreSQL's counters stand where the rows put in with their numbers end; SQLite's follow by themselves. */
const advanceCounters = (sql: SqlClient.SqlClient) =>
  sql.onDialectOrElse({
    pg: () =>
      Effect.gen(function* () {
        const counted = yield* sql<{
          readonly table: string
          readonly column: string
        }>`SELECT table_name::text AS "table", column_name::text AS "column"
          FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'`
        for (const { column, table } of counted) {
          yield* sql`SELECT setval(pg_get_serial_sequence(quote_ident(${table}), ${column}), max(${sql(column)}))
            FROM ${sql(table)} HAVING max(${sql(column)}) IS NOT NULL`
        }
      }),
    orElse: () => Effect.void
  })

/** Takes every row of the desk out. */
export const clear = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  tables: ReadonlyArray<Catalog.Table>
) {
  for (const { name } of tables) {
    yield* sql`DELETE FROM ${sql(name)}`.pipe(Effect.mapError(toStorageError(`clear ${name}`)))
  }
})

/** Copies every table and compares what arrived with what was sent; on a difference the caller's transaction fails. */
export const copy = Effect.fn("Copy.copy")(function* (options: {
  readonly from: SqlClient.SqlClient
  readonly to: SqlClient.SqlClient
  readonly tables: ReadonlyArray<Catalog.Table>
  readonly onRows: (rows: number) => Effect.Effect<void>
}) {
  const { from, onRows, tables, to } = options
  const found: Array<Fingerprint> = []
  for (const table of tables) {
    const sent = yield* copyTable(from, to, table, onRows)
    const arrived = yield* fingerprint(to, table)
    if (sent.rows !== arrived.rows || sent.sha256 !== arrived.sha256) {
      return yield* new CopyDiffers({
        table: table.name,
        message: `the table ${table.name} did not arrive as it was sent: ${sent.rows} rows (${sent.sha256}) became ${arrived.rows} (${arrived.sha256}); nothing was kept, the desk is where it was`
      })
    }
    found.push(arrived)
  }
  yield* advanceCounters(to).pipe(Effect.mapError(toStorageError("set the counters")))
  return found
})
