/** `PaperVenueStore` on SQL. */
import { Array as Arr, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { VenueEvent } from "../domain/JournalEvent.ts"
import { PaperVenueStore } from "../execution/paper/PaperVenueStore.ts"
import { decodeRow, inBatches } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"

const VersionRow = Schema.Struct({ version: Schema.Int })
const decodeVersion = decodeRow("paper_venue", VersionRow, () => "1")
const PositionRow = Schema.Struct({ position: Schema.Int })
const decodePosition = decodeRow("venue_record", PositionRow, () => "last")
const StateRow = Schema.Struct({ version: Schema.Int, body: Schema.String })
const decodeState = decodeRow("paper_venue", StateRow, () => "1")
const RecordRow = Schema.Struct({ position: Schema.Int, body: Schema.fromJsonString(VenueEvent) })
const decodeRecord = decodeRow("venue_record", RecordRow, (row) => String(row["position"]))

export const layer: Layer.Layer<PaperVenueStore, never, SqlClient.SqlClient> = Layer.effect(
  PaperVenueStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const version = sql`SELECT version FROM paper_venue WHERE id = 1`.pipe(
      Effect.mapError(toStorageError("read the paper venue's version")),
      Effect.flatMap((rows) =>
        rows.length === 0 ? Effect.succeed(0) : Effect.map(decodeVersion(rows[0]), (row) => row.version)
      )
    )

    const load = sql`SELECT version, body FROM paper_venue WHERE id = 1`.pipe(
      Effect.mapError(toStorageError("read the paper venue")),
      Effect.flatMap((rows) =>
        rows.length === 0 ? Effect.succeedNone : Effect.map(decodeState(rows[0]), Option.some)
      )
    )

    const appendRecord = (events: ReadonlyArray<VenueEvent>) =>
      inBatches(
        events,
        (batch) =>
          sql`INSERT INTO venue_record ${sql.insert(
            Arr.map(batch, (event) => ({
              client_order_id: event.clientOrderId,
              tag: event._tag,
              body: JSON.stringify(event)
            }))
          )}`
      )

    const position = sql`SELECT coalesce(max(position), 0) AS position FROM venue_record`.pipe(
      Effect.mapError(toStorageError("read the end of the paper venue's record")),
      Effect.flatMap((rows) => decodePosition(rows[0])),
      Effect.map((row) => row.position)
    )

    const save: PaperVenueStore["Service"]["save"] = ({ body, version }, events) =>
      sql`INSERT INTO paper_venue (id, version, body) VALUES (1, ${version}, ${body})
          ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body`.pipe(
        Effect.andThen(appendRecord(events)),
        Effect.mapError(toStorageError("write the paper venue")),
        Effect.andThen(position)
      )

    const record: PaperVenueStore["Service"]["record"] = ({ after, limit }) =>
      sql`SELECT position, body FROM venue_record WHERE position > ${after} ORDER BY position LIMIT ${limit}`.pipe(
        Effect.mapError(toStorageError("read the paper venue's record")),
        Effect.flatMap(Effect.forEach(decodeRecord)),
        Effect.map((rows) => rows.map(({ body, position }) => ({ position, event: body })))
      )

    const knows: PaperVenueStore["Service"]["knows"] = (id) =>
      sql`SELECT 1 FROM venue_record
          WHERE client_order_id = ${id} AND tag <> 'OrderCancelRejected' LIMIT 1`.pipe(
        Effect.mapError(toStorageError("look an order up at the paper venue")),
        Effect.map((rows) => rows.length > 0)
      )

    return PaperVenueStore.of({ version, load, save, record, position, knows })
  })
)
