/** `QuoteStore` on SQL. */
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { QuoteTick } from "../domain/Quote.ts"
import { QuoteStore } from "../market/QuoteStore.ts"
import { decodeRow } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"

const QuoteRow = Schema.Struct({ body: Schema.fromJsonString(QuoteTick) })
const decodeQuote = decodeRow("cited_quotes", QuoteRow, (row) => String(row["quote_id"]))

export const layer: Layer.Layer<QuoteStore, never, SqlClient.SqlClient> = Layer.effect(
  QuoteStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return QuoteStore.of({
      put: (quote) =>
        sql`INSERT INTO cited_quotes (quote_id, ts_event, body)
            VALUES (${quote.quoteId}, ${quote.tsEvent}, ${JSON.stringify(quote)})
            ON CONFLICT (quote_id) DO NOTHING`.pipe(
          Effect.mapError(toStorageError("keep a quote")),
          Effect.asVoid
        ),
      find: (id) =>
        sql`SELECT quote_id, body FROM cited_quotes WHERE quote_id = ${id}`.pipe(
          Effect.mapError(toStorageError("look a quote up")),
          Effect.flatMap((rows) =>
            rows.length === 0
              ? Effect.succeedNone
              : Effect.map(decodeQuote(rows[0]), ({ body }) => Option.some(body))
          )
        ),
      prune: (before) =>
        sql`DELETE FROM cited_quotes WHERE ts_event < ${before}`.pipe(
          Effect.mapError(toStorageError("drop old quotes")),
          Effect.asVoid
        )
    })
  })
)
