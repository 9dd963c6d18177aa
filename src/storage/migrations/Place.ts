/** Which desk this database holds, and whether it is the place where that desk lives. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { columns } from "../Dialect.ts"

export const createPlace = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { integer, strict, text } = columns(sql)
  yield* sql`CREATE TABLE desk_place (
    id ${integer} PRIMARY KEY CHECK (id = 1),
    desk_id ${text} NOT NULL,
    moved_to ${text},
    checksum ${integer}
  ) ${strict}`
})
