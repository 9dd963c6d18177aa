/** The steady clock's anchor, and steady time where the computer's time was measured with before. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { columns } from "../Dialect.ts"

export const addSteadyClock = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { integer, strict, text } = columns(sql)
  yield* sql`CREATE TABLE steady_clock (
    id ${integer} PRIMARY KEY CHECK (id = 1),
    body ${text} NOT NULL
  ) ${strict}`
  yield* sql`ALTER TABLE journal ADD COLUMN ts_steady ${integer}`
  // Steady time begins at the computer's: what was anchored in the one goes on in the other.
  yield* sql`UPDATE market_clock SET body = replace(body, '"anchorWall"', '"anchorSteady"')`
  yield* sql`UPDATE lease SET expires_at = 0`
  // Made anew from the journal, in the book's present form.
  yield* sql`DELETE FROM checkpoint`
})
