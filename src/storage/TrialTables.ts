/** The trial ledger's database: its tables version by version, beside the desk's and never in it. */
import { Effect, Layer } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { type StorageBusy, StorageFailed, type StorageUnknown } from "../domain/StorageError.ts"
import { sealedTable } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"

/** Without the returns, which stand beside as bytes with their own checksum among these, and the count of runs. */
export const trialTable = sealedTable("trials", [
  "id",
  "dataset",
  "data_hash",
  "first_session",
  "last_session",
  "algorithm",
  "code_hash",
  "parameters",
  "profile",
  "engine",
  "source",
  "ran_at",
  "periods",
  "returns_checksum"
])

const create = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE trials (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    dataset TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    first_session TEXT NOT NULL,
    last_session TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    parameters TEXT NOT NULL,
    profile TEXT NOT NULL,
    engine TEXT NOT NULL,
    source TEXT NOT NULL,
    ran_at INTEGER NOT NULL,
    periods INTEGER NOT NULL,
    returns BLOB NOT NULL,
    returns_checksum INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT`
  yield* sql`CREATE INDEX trials_by_dataset ON trials (dataset, sequence)`
})

const migrations = { "0001_trials": create }
const table = "plimsoll_trial_migrations"
const newest = Object.keys(migrations).length
const operation = "bring the trial ledger up to date"

const currentVersion = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql`SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = ${table}`
  if (found.length === 0) return 0
  const rows = yield* sql<{
    readonly version: number | null
  }>`SELECT max(migration_id) AS version FROM ${sql(table)}`
  return rows[0]?.version ?? 0
})

const steps = Migrator.make({})({ loader: Migrator.fromRecord(migrations), table })

/** Brings the database to this program's version; one of a newer program is left as it is. */
const migrate: Effect.Effect<void, StorageBusy | StorageFailed | StorageUnknown, SqlClient.SqlClient> =
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const version = yield* currentVersion
    if (version > newest) {
      return yield* new StorageFailed({
        operation,
        message: `the trial ledger is of version ${version}, this program knows up to ${newest}: it was written by a newer plimsoll, use that one`
      })
    }
    if (version < newest) yield* sql.withTransaction(steps)
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

/** Runs the migrations when the layer is built. */
export const layer = Layer.effectDiscard(migrate)
