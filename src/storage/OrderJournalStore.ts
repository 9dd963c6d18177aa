/** `OrderJournal` on SQL. Bodies are JSON in the journal's own units (integer millionths, UTC microseconds). */
import { Array as Arr, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { Actor } from "../domain/Actor.ts"
import { AccountId } from "../domain/Identifiers.ts"
import { JournalEvent } from "../domain/JournalEvent.ts"
import { Order } from "../domain/Order.ts"
import { StorageCorrupt, StorageFailed } from "../domain/StorageError.ts"
import {
  OrderJournal,
  type FillRecord,
  type JournalEntry,
  type OrderRecord
} from "../execution/OrderJournal.ts"
import { decodeRow, inBatches } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"

const JournalRow = Schema.Struct({
  sequence: Schema.Int,
  ts_wall: Schema.Int,
  ts_steady: Schema.NullOr(Schema.Int),
  account_id: AccountId,
  actor: Schema.fromJsonString(Actor),
  body: Schema.fromJsonString(JournalEvent)
})
const decodeJournalRow = decodeRow("journal", JournalRow, (row) => String(row["sequence"]))

const toEntry = (row: typeof JournalRow.Type): JournalEntry => ({
  sequence: row.sequence,
  tsWall: row.ts_wall,
  ...(row.ts_steady === null ? {} : { tsSteady: row.ts_steady }),
  accountId: row.account_id,
  actor: row.actor,
  event: row.body
})

const OrderRow = Schema.Struct({
  account_id: AccountId,
  content_key: Schema.String,
  body: Schema.fromJsonString(Order)
})
const decodeOrderRow = decodeRow("orders", OrderRow, (row) => String(row["client_order_id"]))

const toRecord = (row: typeof OrderRow.Type): OrderRecord => ({
  order: row.body,
  contentKey: row.content_key,
  accountId: row.account_id
})

const journalColumns = ({ accountId, actor, event, sequence, tsSteady, tsWall }: JournalEntry) => ({
  sequence,
  ts_event: event.tsEvent,
  ts_wall: tsWall,
  ts_steady: tsSteady ?? null,
  account_id: accountId,
  tag: event._tag,
  client_order_id: "clientOrderId" in event ? event.clientOrderId : null,
  trade_id: event._tag === "OrderFilled" ? event.tradeId : null,
  actor: JSON.stringify(actor),
  body: JSON.stringify(event)
})

const orderColumns = ({ accountId, contentKey, order }: OrderRecord) => ({
  client_order_id: order.clientOrderId,
  account_id: accountId,
  content_key: contentKey,
  instrument_id: order.content.instrumentId,
  status: order.status,
  ts_init: order.tsInit,
  body: JSON.stringify(order)
})

const FillRow = Schema.Struct({ sequence: Schema.Int, body: Schema.fromJsonString(JournalEvent) })
const decodeFillRow = decodeRow("journal", FillRow, (row) => String(row["sequence"]))

const NumberRow = Schema.Struct({ value: Schema.Int })
const decodeNumber = (table: string) => decodeRow(table, NumberRow, () => "1")

const CheckpointRow = Schema.Struct({ sequence: Schema.Int, body: Schema.String })
const decodeCheckpoint = decodeRow("checkpoint", CheckpointRow, () => "1")

export const layer: Layer.Layer<OrderJournal, never, SqlClient.SqlClient> = Layer.effect(
  OrderJournal,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const head = sql`SELECT coalesce(max(sequence), 0) AS value FROM journal`.pipe(
      Effect.mapError(toStorageError("read the journal's head")),
      Effect.flatMap((rows) => decodeNumber("journal")(rows[0]))
    )
    const decodeHead = Effect.map((row: typeof NumberRow.Type) => row.value)

    /** A journal with a hole would be a book with one: nothing is written on top of one. */
    const follows = (entries: ReadonlyArray<JournalEntry>, last: number) => {
      const at = entries.findIndex(({ sequence }, index) => sequence !== last + 1 + index)
      return at === -1
        ? Effect.void
        : Effect.fail(
            new StorageFailed({
              operation: "append to the journal",
              message: `append to the journal: line ${entries[at]?.sequence} cannot follow line ${last + at}; nothing was written`
            })
          )
    }

    const append = (entries: ReadonlyArray<JournalEntry>) =>
      entries.length === 0
        ? Effect.void
        : Effect.flatMap(decodeHead(head), (last) => follows(entries, last)).pipe(
            Effect.andThen(
              inBatches(entries, (batch) =>
                sql`INSERT INTO journal ${sql.insert(Arr.map(batch, journalColumns))}`.pipe(
                  Effect.mapError(toStorageError("append to the journal"))
                )
              )
            )
          )

    const read = (options: { readonly after: number; readonly limit: number }) =>
      sql`SELECT sequence, ts_wall, ts_steady, account_id, actor, body FROM journal
          WHERE sequence > ${options.after} ORDER BY sequence LIMIT ${options.limit}`.pipe(
        Effect.mapError(toStorageError("read the journal")),
        Effect.flatMap(Effect.forEach(decodeJournalRow)),
        Effect.map((rows) => rows.map(toEntry))
      )

    const latest = (tag: JournalEvent["_tag"]) =>
      sql`SELECT sequence, ts_wall, ts_steady, account_id, actor, body FROM journal
          WHERE tag = ${tag} ORDER BY sequence DESC LIMIT 1`.pipe(
        Effect.mapError(toStorageError("read the journal")),
        Effect.flatMap((rows) =>
          rows.length === 0
            ? Effect.succeedNone
            : Effect.map(decodeJournalRow(rows[0]), (row) => Option.some(toEntry(row)))
        )
      )

    const putOrders = (records: ReadonlyArray<OrderRecord>) =>
      inBatches(records, (batch) =>
        sql`INSERT INTO orders ${sql.insert(Arr.map(batch, orderColumns))}
            ON CONFLICT (client_order_id) DO UPDATE SET status = excluded.status, body = excluded.body`.pipe(
          Effect.mapError(toStorageError("write orders"))
        )
      )

    const order = (id: string) =>
      sql`SELECT client_order_id, account_id, content_key, body FROM orders WHERE client_order_id = ${id}`.pipe(
        Effect.mapError(toStorageError("look an order up")),
        Effect.flatMap((rows) =>
          rows.length === 0
            ? Effect.succeedNone
            : Effect.map(decodeOrderRow(rows[0]), (row) => Option.some(toRecord(row)))
        )
      )

    const orders: OrderJournal["Service"]["orders"] = (options) => {
      const conditions: Array<Statement.Fragment> = [sql`account_id = ${options.accountId}`]
      if (options.status !== undefined) conditions.push(sql.in("status", options.status))
      if (options.instrumentId !== undefined) conditions.push(sql`instrument_id = ${options.instrumentId}`)
      return sql`SELECT client_order_id, account_id, content_key, body FROM orders
          WHERE ${sql.and(conditions)} ORDER BY ts_init DESC, client_order_id DESC LIMIT ${options.limit}`.pipe(
        Effect.mapError(toStorageError("list orders")),
        Effect.flatMap(Effect.forEach(decodeOrderRow)),
        Effect.map((rows) => rows.map(toRecord))
      )
    }

    const history = (id: string) =>
      sql`SELECT sequence, ts_wall, ts_steady, account_id, actor, body FROM journal
          WHERE client_order_id = ${id} ORDER BY sequence`.pipe(
        Effect.mapError(toStorageError("read an order's history")),
        Effect.flatMap(Effect.forEach(decodeJournalRow)),
        Effect.map((rows) => rows.map(toEntry))
      )

    const fills: OrderJournal["Service"]["fills"] = (options) =>
      sql`SELECT sequence, body FROM journal
          WHERE tag = 'OrderFilled' AND account_id = ${options.accountId} AND sequence > ${options.after}
          ORDER BY sequence LIMIT ${options.limit}`.pipe(
        Effect.mapError(toStorageError("list fills")),
        Effect.flatMap(Effect.forEach(decodeFillRow)),
        Effect.flatMap(
          Effect.forEach(({ body, sequence }): Effect.Effect<FillRecord, StorageCorrupt> =>
            body._tag === "OrderFilled"
              ? Effect.succeed({ sequence, fill: body })
              : Effect.fail(
                  new StorageCorrupt({
                    table: "journal",
                    key: String(sequence),
                    message: `journal line ${sequence} is indexed as a fill but holds ${body._tag}`
                  })
                )
          )
        )
      )

    const checkpoint = sql`SELECT sequence, body FROM checkpoint WHERE id = 1`.pipe(
      Effect.mapError(toStorageError("read the checkpoint")),
      Effect.flatMap((rows) =>
        rows.length === 0 ? Effect.succeedNone : Effect.map(decodeCheckpoint(rows[0]), Option.some)
      )
    )

    const saveCheckpoint = (sequence: number, body: string) =>
      sql`INSERT INTO checkpoint (id, sequence, body) VALUES (1, ${sequence}, ${body})
          ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, body = excluded.body`.pipe(
        Effect.mapError(toStorageError("write the checkpoint")),
        Effect.asVoid
      )

    const venuePosition = sql`SELECT position AS value FROM venue_position WHERE id = 1`.pipe(
      Effect.mapError(toStorageError("read the venue position")),
      Effect.flatMap((rows) =>
        rows.length === 0 ? Effect.succeed(0) : decodeHead(decodeNumber("venue_position")(rows[0]))
      )
    )

    const setVenuePosition = (position: number) =>
      sql`INSERT INTO venue_position (id, position) VALUES (1, ${position})
          ON CONFLICT (id) DO UPDATE SET position = excluded.position`.pipe(
        Effect.mapError(toStorageError("write the venue position")),
        Effect.asVoid
      )

    return OrderJournal.of({
      head: decodeHead(head),
      append,
      read,
      latest,
      putOrders,
      order,
      orders,
      history,
      fills,
      checkpoint,
      saveCheckpoint,
      venuePosition,
      setVenuePosition
    })
  })
)
