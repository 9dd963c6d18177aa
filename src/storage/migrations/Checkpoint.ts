/** The journal is read in another way than before: books are made anew from it. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const forgetCheckpoint = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM checkpoint`
})
