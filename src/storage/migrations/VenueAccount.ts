/**
 * The account the paper venue keeps, for desks from before it kept one: folded from the journal. A book that was folded
 * by that program's rules is folded again by these.
 */
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { JournalEvent } from "../../domain/JournalEvent.ts"
import { applyToVenueAccount, emptyVenueAccount } from "../../execution/VenueAccount.ts"

const decodeLine = Schema.decodeUnknownEffect(
  Schema.Struct({ sequence: Schema.Int, body: Schema.fromJsonString(JournalEvent) })
)

/** The body as far as this has to know it: whatever else stands in it stays. */
const Body = Schema.fromJsonString(
  Schema.StructWithRest(Schema.Struct({ progress: Schema.Record(Schema.String, Schema.Json) }), [
    Schema.Record(Schema.String, Schema.Json)
  ])
)
const decodeVenue = Schema.decodeUnknownEffect(Schema.Struct({ body: Body }))

const PAGE = 1000

export const addVenueAccount = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM checkpoint`
  const [venue] = yield* sql`SELECT body FROM paper_venue WHERE id = 1`
  if (venue === undefined) return
  let account = emptyVenueAccount
  let after = 0
  while (true) {
    const lines =
      yield* sql`SELECT sequence, body FROM journal WHERE sequence > ${after} ORDER BY sequence LIMIT ${PAGE}`
    if (lines.length === 0) break
    for (const line of lines) {
      const { body, sequence } = yield* decodeLine(line)
      account = applyToVenueAccount(account, body)
      after = sequence
    }
  }
  const { body } = yield* decodeVenue(venue)
  const text = JSON.stringify({ ...body, progress: { ...body.progress, account } })
  yield* sql`UPDATE paper_venue SET body = ${text} WHERE id = 1`
})
