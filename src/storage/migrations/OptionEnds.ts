/**
 * Options that are exercised, assigned or expire are fills like trades: the index of fills takes them in. Orders for
 * options, which are listed with those of their underlying and of each leg's instrument, have an index of their own.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const indexOptionEnds = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DROP INDEX journal_fills`
  yield* sql`CREATE INDEX journal_fills ON journal (account_id, sequence) WHERE trade_id IS NOT NULL`
  yield* sql`CREATE INDEX orders_options ON orders (account_id, ts_init, client_order_id)
    WHERE instrument_id LIKE '%.OPRA'`
})
