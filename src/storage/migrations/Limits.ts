/** Table of the sealed limits: every version a person accepted, the newest in force. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { columns } from "../Dialect.ts"

export const createLimits = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { counted, strict, text } = columns(sql)
  yield* sql`CREATE TABLE limits (
    version ${counted},
    body ${text} NOT NULL
  ) ${strict}`
})
