/** Tables of `audit/AuditStore`. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { columns } from "../Dialect.ts"

export const createAudit = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { integer, strict, strictByKey, text } = columns(sql)
  // What the log must hold: its length, its last hash, and where the next line goes.
  yield* sql`CREATE TABLE audit_head (
    id ${integer} PRIMARY KEY CHECK (id = 1),
    count ${integer} NOT NULL,
    hash ${text} NOT NULL,
    segment ${text} NOT NULL,
    position ${integer} NOT NULL
  ) ${strict}`
  yield* sql`CREATE TABLE audit_segment (
    segment ${text} PRIMARY KEY,
    first_sequence ${integer} NOT NULL UNIQUE
  ) ${strictByKey}`
  // Lines not yet known to be on disk in their segment.
  yield* sql`CREATE TABLE audit_outbox (
    sequence ${integer} PRIMARY KEY,
    segment ${text} NOT NULL,
    position ${integer} NOT NULL,
    line ${text} NOT NULL
  ) ${strict}`
})
