/** `QuoteStore` on SQL. */
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { QuoteTick } from "../domain/Quote.ts"
import { QuoteStore } from "../market/QuoteStore.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

const QuoteRow = Schema.Struct({ body: Schema.fromJsonString(QuoteTick) })
export const decodeQuote = Tables.citedQuotes.decode(QuoteRow)

const columnsOf = (quote: QuoteTick) => ({
  quote_id: quote.quoteId,
  ts_event: quote.tsEvent,
  body: JSON.stringify(quote)
})

export const layer: Layer.Layer<QuoteStore, never, SqlClient.SqlClient> = Layer.effect(
  QuoteStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return QuoteStore.of({
      put: (quote) =>
        sql`INSERT INTO cited_quotes ${sql.insert(Tables.citedQuotes.seal(columnsOf(quote)))}
            ON CONFLICT (quote_id) DO NOTHING`.pipe(
          Effect.mapError(toStorageError("keep a quote")),
          Effect.asVoid
        ),
      find: (id) =>
        sql`SELECT ${sql.literal(Tables.citedQuotes.columns)} FROM cited_quotes WHERE quote_id = ${id}`.pipe(
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
