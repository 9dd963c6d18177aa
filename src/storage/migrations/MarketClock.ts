/** Table of the market clock's state: one row, a JSON body. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const createMarketClock = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE market_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL
  ) STRICT`
})
