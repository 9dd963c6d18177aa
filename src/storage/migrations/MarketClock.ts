/** Table of the market clock's state: one row, a JSON body. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { columns } from "../Dialect.ts"

export const createMarketClock = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { integer, strict, text } = columns(sql)
  yield* sql`CREATE TABLE market_clock (
    id ${integer} PRIMARY KEY CHECK (id = 1),
    body ${text} NOT NULL
  ) ${strict}`
})
