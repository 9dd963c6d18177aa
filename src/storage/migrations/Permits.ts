/** Table of `execution/PermitStore`: permits that no order has taken yet. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { columns } from "../Dialect.ts"

export const createPermits = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { integer, strict, text } = columns(sql)
  yield* sql`CREATE TABLE permits (
    call_id ${text} PRIMARY KEY,
    steady_at ${integer} NOT NULL,
    body ${text} NOT NULL,
    checksum ${integer}
  ) ${strict}`
  yield* sql`CREATE INDEX permits_time ON permits (steady_at)`
})
