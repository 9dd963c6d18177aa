/** `PaperVenueStore` on SQL. */
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { VenueEvent } from "../domain/JournalEvent.ts"
import { PaperVenueStore } from "../execution/paper/PaperVenueStore.ts"
import { StorageCorrupt } from "../domain/StorageError.ts"
import { inBatches } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

const StateRow = Schema.Struct({ version: Schema.Int, body: Schema.String })
const decodeState = Tables.paperVenue.decode(StateRow)
const RecordRow = Schema.Struct({ position: Schema.Int, body: Schema.fromJsonString(VenueEvent) })
export const decodeRecord = Tables.venueRecord.decode(RecordRow)

const recordRow = (position: number, event: VenueEvent) =>
  Tables.venueRecord.seal({
    position,
    client_order_id: event.clientOrderId,
    tag: event._tag,
    body: JSON.stringify(event)
  })

/** A line that should follow `position` and is not there. */
const missing = (position: number) =>
  new StorageCorrupt({
    table: "venue_record",
    key: String(position + 1),
    message: `line ${position + 1} of the paper venue's record is missing: the database is damaged. No order is sent on it; "plimsoll recover" rebuilds it from the audit log`
  })

export const layer: Layer.Layer<PaperVenueStore, never, SqlClient.SqlClient> = Layer.effect(
  PaperVenueStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Two numbers of the state, read without its body. */
    const numbers = sql<{
      readonly version: number
      readonly recorded: number
    }>`SELECT version, recorded FROM paper_venue WHERE id = 1`.pipe(
      Effect.mapError(toStorageError("read the paper venue's version")),
      Effect.map(([row]) => row ?? { version: 0, recorded: 0 })
    )

    const load = sql`SELECT ${sql.literal(Tables.paperVenue.columns)} FROM paper_venue WHERE id = 1`.pipe(
      Effect.mapError(toStorageError("read the paper venue")),
      Effect.flatMap((rows) =>
        rows.length === 0 ? Effect.succeedNone : Effect.map(decodeState(rows[0]), Option.some)
      )
    )

    /** The record's last position, on which its last line and the state agree. */
    const recorded = Effect.gen(function* () {
      const { recorded: said } = yield* numbers
      const [row] = yield* sql<{
        readonly last: number
      }>`SELECT coalesce(max(position), 0) AS last FROM venue_record`.pipe(
        Effect.mapError(toStorageError("read the paper venue's record"))
      )
      const last = row?.last ?? 0
      return last === said ? last : yield* missing(Math.min(last, said))
    })

    const save: PaperVenueStore["Service"]["save"] = Effect.fnUntraced(function* ({ body, version }, events) {
      const before = yield* recorded
      const after = before + events.length
      yield* sql`INSERT INTO paper_venue ${sql.insert(Tables.paperVenue.seal({ id: 1, version, recorded: after, body }))}
          ON CONFLICT (id) DO UPDATE SET ${sql.literal(Tables.paperVenue.excluded)}`.pipe(
        Effect.andThen(
          inBatches(
            events.map((event, i) => recordRow(before + 1 + i, event)),
            (batch) => sql`INSERT INTO venue_record ${sql.insert(batch)}`
          )
        ),
        Effect.mapError(toStorageError("write the paper venue"))
      )
      return after
    })

    const record: PaperVenueStore["Service"]["record"] = Effect.fnUntraced(function* ({ after, limit }) {
      // Asked first: the record only grows.
      const { recorded: least } = yield* numbers
      const rows =
        yield* sql`SELECT ${sql.literal(Tables.venueRecord.columns)} FROM venue_record WHERE position > ${after} ORDER BY position LIMIT ${limit}`.pipe(
          Effect.mapError(toStorageError("read the paper venue's record")),
          Effect.flatMap(Effect.forEach(decodeRecord))
        )
      const gap = rows.findIndex(({ position }, i) => position !== after + 1 + i)
      if (gap >= 0) return yield* missing(after + gap)
      if (rows.length < limit && after + rows.length < least) return yield* missing(after + rows.length)
      return rows.map(({ body, position }) => ({ position, event: body }))
    })

    const knows: PaperVenueStore["Service"]["knows"] = (id) =>
      sql`SELECT 1 FROM venue_record
          WHERE client_order_id = ${id} AND tag <> 'OrderCancelRejected' LIMIT 1`.pipe(
        Effect.mapError(toStorageError("look an order up at the paper venue")),
        Effect.map((rows) => rows.length > 0)
      )

    return PaperVenueStore.of({
      version: Effect.map(numbers, ({ version }) => version),
      load,
      save,
      record,
      position: recorded,
      knows
    })
  })
)
