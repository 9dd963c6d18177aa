/** `QuoteStore` on SQL. */
import { Array, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { QuoteTick } from "../domain/Quote.ts"
import { QuoteStore } from "../market/QuoteStore.ts"
import { inBatches } from "./Rows.ts"
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
    // As the index has it.
    const instrument = sql.onDialectOrElse({
      pg: () => sql.literal(`substring(body from '"instrumentId":"([^"]*)"')`),
      orElse: () => sql.literal("CASE WHEN json_valid(body) THEN json_extract(body, '$.instrumentId') END")
    })
    const insert = (quotes: Array.NonEmptyReadonlyArray<QuoteTick>) =>
      sql`INSERT INTO cited_quotes ${sql.insert(Array.map(quotes, (quote) => Tables.citedQuotes.seal(columnsOf(quote))))}
          ON CONFLICT (quote_id) DO NOTHING`
    return QuoteStore.of({
      put: (quote) => insert([quote]).pipe(Effect.mapError(toStorageError("keep a quote")), Effect.asVoid),
      putAll: (quotes) =>
        inBatches(quotes, insert).pipe(Effect.mapError(toStorageError("keep quotes")), Effect.asVoid),
      find: (id) =>
        sql`SELECT ${sql.literal(Tables.citedQuotes.columns)} FROM cited_quotes WHERE quote_id = ${id}`.pipe(
          Effect.mapError(toStorageError("look a quote up")),
          Effect.flatMap((rows) =>
            rows.length === 0
              ? Effect.succeedNone
              : Effect.map(decodeQuote(rows[0]), ({ body }) => Option.some(body))
          )
        ),
      newest: (id, until) =>
        sql`SELECT ${sql.literal(Tables.citedQuotes.columns)} FROM cited_quotes
            WHERE ${instrument} = ${id} AND ts_event <= ${until} ORDER BY ts_event DESC LIMIT 1`.pipe(
          Effect.mapError(toStorageError("look a quote up")),
          Effect.flatMap(([row]) =>
            row === undefined
              ? Effect.succeedNone
              : Effect.map(decodeQuote(row), ({ body }) => Option.some(body))
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
