/**
 * Brings a database to this program's version, by migrations that each have a number and never change.
 *
 * Several processes may open a new one at once: one of them migrates, in one
 * transaction that the others wait for. A database of a newer program is
 * refused and left as it is.
 */
import { Effect } from "effect"
import { Migrator, SqlClient, type SqlError } from "effect/sql"
import { type StorageBusy, StorageFailed, type StorageUnknown } from "../domain/StorageError.ts"
import { hasTable } from "./Dialect.ts"
import { toStorageError } from "./Sqlite.ts"

type Migration = Effect.Effect<unknown, unknown, SqlClient.SqlClient>

export interface Versions {
  /** What the database is called in a message: "the database". */
  readonly name: string
  /** The table that says which migrations have run. */
  readonly table: string
  /** By number and name, "0001_desk". */
  readonly migrations: Record<string, Migration>
  /** Runs first in the transaction that migrates. */
  readonly prepare?: Effect.Effect<void, SqlError.SqlError, SqlClient.SqlClient>
}

/** The version of the database that such a table tells; 0 when it is new. Takes no write lock. */
export const versionIn = Effect.fnUntraced(function* (table: string) {
  const sql = yield* SqlClient.SqlClient
  if (!(yield* hasTable(sql, table))) return 0
  const rows = yield* sql<{
    readonly version: number | null
  }>`SELECT max(migration_id) AS version FROM ${sql(table)}`
  return rows[0]?.version ?? 0
})

const newestOf = (migrations: Versions["migrations"]): number =>
  Object.keys(migrations).reduce((version, key) => Math.max(version, Number.parseInt(key, 10)), 0)

/** Runs all migrations that are missing, or none. */
export const bringUpToDate = ({
  migrations,
  name,
  prepare = Effect.void,
  table
}: Versions): Effect.Effect<void, StorageBusy | StorageFailed | StorageUnknown, SqlClient.SqlClient> => {
  const operation = `bring ${name} up to date`
  const newest = newestOf(migrations)
  const steps = Migrator.make({})({ loader: Migrator.fromRecord(migrations), table })
  return Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const version = yield* versionIn(table)
    if (version > newest) {
      return yield* new StorageFailed({
        operation,
        message: `${name} is of version ${version}, this program knows up to ${newest}: it was written by a newer plimsoll, use that one`
      })
    }
    if (version < newest) yield* sql.withTransaction(Effect.all([prepare, steps], { discard: true }))
  }).pipe(
    Effect.catchTags({
      SqlError: (error) => Effect.fail(toStorageError(operation)(error)),
      MigrationError: (error) =>
        Effect.fail(
          new StorageFailed({
            operation,
            message: `${operation}: ${error.message}: ${String(error.cause)}`,
            cause: error
          })
        )
    })
  )
}
