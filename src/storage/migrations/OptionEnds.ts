/** Options that are exercised, assigned or expire are fills like trades: the index of fills takes them in. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const indexOptionEnds = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DROP INDEX journal_fills`
  yield* sql`CREATE INDEX journal_fills ON journal (account_id, sequence) WHERE trade_id IS NOT NULL`
})
