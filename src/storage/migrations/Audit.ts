/** Tables of `audit/AuditStore`. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const createAudit = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  // What the log must hold: its length, its last hash, and where the next line goes.
  yield* sql`CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL,
    hash TEXT NOT NULL,
    segment TEXT NOT NULL,
    position INTEGER NOT NULL
  ) STRICT`
  yield* sql`CREATE TABLE audit_segment (
    segment TEXT PRIMARY KEY,
    first_sequence INTEGER NOT NULL UNIQUE
  ) STRICT, WITHOUT ROWID`
  // Lines not yet known to be on disk in their segment.
  yield* sql`CREATE TABLE audit_outbox (
    sequence INTEGER PRIMARY KEY,
    segment TEXT NOT NULL,
    position INTEGER NOT NULL,
    line TEXT NOT NULL
  ) STRICT`
})
