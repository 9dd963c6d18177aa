/** The trial ledger's database: its tables version by version, beside the desk's and never in it. */
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { bringUpToDate } from "./BringUpToDate.ts"
import { sealedTable } from "./Rows.ts"

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

/** Runs the migrations when the layer is built. */
export const layer = Layer.effectDiscard(
  bringUpToDate({
    name: "the trial ledger",
    table: "plimsoll_trial_migrations",
    migrations: { "0001_trials": create }
  })
)
