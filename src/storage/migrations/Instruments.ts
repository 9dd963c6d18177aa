/** The instruments a desk's market has; the quotes of one instrument found by an index. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { columns } from "../Dialect.ts"

export const createInstruments = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { integer, strictByKey, text } = columns(sql)
  yield* sql`CREATE TABLE instruments (
    instrument_id ${text} PRIMARY KEY,
    symbol ${text} NOT NULL,
    last_session ${text} NOT NULL,
    body ${text} NOT NULL,
    checksum ${integer}
  ) ${strictByKey}`
  yield* sql`CREATE INDEX instruments_symbol ON instruments (symbol)`
  yield* sql`CREATE INDEX instruments_end ON instruments (last_session)`
  // A row that was damaged must not keep the desk from being brought up to date.
  yield* sql.onDialectOrElse({
    pg: () =>
      sql`CREATE INDEX cited_quotes_instrument ON cited_quotes (substring(body from '"instrumentId":"([^"]*)"'), ts_event)`,
    orElse: () =>
      sql`CREATE INDEX cited_quotes_instrument ON cited_quotes (CASE WHEN json_valid(body) THEN json_extract(body, '$.instrumentId') END, ts_event)`
  })
})
