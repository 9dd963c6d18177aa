/** A change that the venue refuses leaves the wish to cancel standing: books are made anew from the journal. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const forgetCheckpoint = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM checkpoint`
})
