/** What a desk's database is made of: its tables with their columns and keys, how much is in them, how large it is. */
import { Array as Arr, Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import type { StorageFailed, StorageBusy, StorageUnknown } from "../domain/StorageError.ts"
import { toStorageError } from "./Sqlite.ts"

export interface Table {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  /** In their order; every table has a key. */
  readonly key: ReadonlyArray<string>
}

/** Not the desk's own: each database keeps these for itself. */
const ofTheDatabase: ReadonlySet<string> = new Set(["plimsoll_migrations", "desk_place", "sqlite_sequence"])

interface Row {
  readonly table: string
  readonly column: string
  /** From 1; 0 outside the key. */
  readonly key: number
}

const rows = (sql: SqlClient.SqlClient): Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError> =>
  sql.onDialectOrElse({
    pg: () => sql<Row>`SELECT c.table_name::text AS "table", c.column_name::text AS "column",
        coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0) AS "key"
      FROM information_schema.columns c
      JOIN pg_attribute a ON a.attrelid = to_regclass(quote_ident(c.table_name)) AND a.attname = c.column_name
      LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
      WHERE c.table_schema = current_schema()
      ORDER BY c.table_name COLLATE "C", c.ordinal_position`,
    orElse: () => sql<Row>`SELECT t.name AS "table", c.name AS "column", c.pk AS "key"
      FROM sqlite_master t JOIN pragma_table_info(t.name) c
      WHERE t.type = 'table' ORDER BY t.name, c.cid`
  })

/** The desk's tables, by name. */
export const tables: Effect.Effect<
  ReadonlyArray<Table>,
  StorageBusy | StorageFailed | StorageUnknown,
  SqlClient.SqlClient
> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const byTable = Arr.groupBy(yield* rows(sql), ({ table }) => table)
  return Object.entries(byTable)
    .filter(([name]) => !ofTheDatabase.has(name))
    .map(([name, found]) => ({
      name,
      columns: found.map(({ column }) => column),
      key: found
        .filter(({ key }) => key > 0)
        .toSorted((a, b) => a.key - b.key)
        .map(({ column }) => column)
    }))
}).pipe(Effect.mapError(toStorageError("list the tables")))

/** Rows in a table. */
export const count = Effect.fnUntraced(
  function* (table: string) {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ readonly n: number }>`SELECT count(*) AS n FROM ${sql(table)}`
    return row?.n ?? 0
  },
  Effect.mapError(toStorageError("count rows"))
)

/** What the desk's tables and indexes take, in bytes. */
export const size = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql.onDialectOrElse({
    pg: () => sql<{
      readonly bytes: number
    }>`SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes
        FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'`,
    orElse: () =>
      sql<{
        readonly bytes: number
      }>`SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()`
  })
  return row?.bytes ?? 0
}).pipe(Effect.mapError(toStorageError("measure the database")))

/** The database program and its version, and how it keeps what it confirms. */
export const engine = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql.onDialectOrElse({
    pg: () => sql<{
      readonly name: string
    }>`SELECT 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || current_setting('fsync')
        || ', synchronous_commit ' || current_setting('synchronous_commit') AS name`,
    orElse: () => sql<{ readonly name: string }>`SELECT 'SQLite ' || sqlite_version() AS name`
  })
  return row?.name ?? ""
}).pipe(Effect.mapError(toStorageError("ask the database what it is")))
