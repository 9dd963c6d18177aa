/** Table of the sealed limits: every version a person accepted, the newest in force. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const createLimits = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE limits (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL
  ) STRICT`
})
