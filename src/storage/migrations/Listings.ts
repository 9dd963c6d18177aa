/** Indexes that keep a listing as quick among a million orders as among ten. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const indexListings = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  // A paused clock gives many orders one instant: the name has to be in the index to list them without sorting all.
  yield* sql`DROP INDEX orders_account`
  yield* sql`CREATE INDEX orders_newest ON orders (account_id, ts_init, client_order_id)`
  yield* sql`CREATE INDEX orders_instrument ON orders (account_id, instrument_id, ts_init, client_order_id)`
  // Sessions, halts, deposits: few among the orders' lines, and looked for by kind.
  yield* sql`CREATE INDEX journal_account ON journal (tag, sequence) WHERE client_order_id IS NULL`
})
