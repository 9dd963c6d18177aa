/** `OrderJournal` on SQL. Bodies are JSON in the journal's own units (integer millionths, UTC microseconds). */
import { Array as Arr, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { Actor } from "../domain/Actor.ts"
import { AccountId, OPTION_VENUE, TradeId } from "../domain/Identifiers.ts"
import { type AccountEvent, isFillEvent, JournalEvent } from "../domain/JournalEvent.ts"
import { Order } from "../domain/Order.ts"
import { StorageCorrupt, StorageFailed } from "../domain/StorageError.ts"
import {
  OrderJournal,
  type FillRecord,
  type JournalEntry,
  newestFirst,
  type OrderRecord
} from "../execution/OrderJournal.ts"
import { inBatches } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

const JournalRow = Schema.Struct({
  sequence: Schema.Int,
  ts_wall: Schema.Int,
  ts_steady: Schema.NullOr(Schema.Int),
  account_id: AccountId,
  actor: Schema.fromJsonString(Actor),
  body: Schema.fromJsonString(JournalEvent)
})
export const decodeJournalRow = Tables.journal.decode(JournalRow)

export const toEntry = (row: typeof JournalRow.Type): JournalEntry => ({
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
const decodeOrderRow = Tables.orders.decode(OrderRow)

const toRecord = (row: typeof OrderRow.Type): OrderRecord => ({
  order: row.body,
  contentKey: row.content_key,
  accountId: row.account_id
})

const journalRow = ({ accountId, actor, event, sequence, tsSteady, tsWall }: JournalEntry) =>
  Tables.journal.seal({
    sequence,
    ts_event: event.tsEvent,
    ts_wall: tsWall,
    ts_steady: tsSteady ?? null,
    account_id: accountId,
    tag: event._tag,
    client_order_id: "clientOrderId" in event ? event.clientOrderId : null,
    trade_id: isFillEvent(event) ? event.tradeId : null,
    actor: JSON.stringify(actor),
    body: JSON.stringify(event)
  })

const orderRow = ({ accountId, contentKey, order }: OrderRecord) =>
  Tables.orders.seal({
    client_order_id: order.clientOrderId,
    account_id: accountId,
    content_key: contentKey,
    instrument_id: order.content.instrumentId,
    status: order.status,
    ts_init: order.tsInit,
    body: JSON.stringify(order)
  })

const decodeSequence = Tables.journal.decode(Schema.Struct({ sequence: Schema.Int }))
const decodeCheckpoint = Tables.checkpoint.decode(
  Schema.Struct({ sequence: Schema.Int, body: Schema.String })
)
export const decodeVenuePosition = Tables.venuePosition.decode(Schema.Struct({ position: Schema.Int }))
const decodeTrade = Tables.journal.decode(Schema.Struct({ trade_id: TradeId }))

export const layer: Layer.Layer<OrderJournal, never, SqlClient.SqlClient> = Layer.effect(
  OrderJournal,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const lines = sql.literal(`SELECT ${Tables.journal.columns} FROM journal`)
    const records = sql.literal(`SELECT ${Tables.orders.columns} FROM orders`)

    // The last line whole, so that its number is vouched for.
    const head = sql`${lines} ORDER BY sequence DESC LIMIT 1`.pipe(
      Effect.mapError(toStorageError("read the journal's head")),
      Effect.flatMap(([row]) =>
        row === undefined ? Effect.succeed(0) : Effect.map(decodeSequence(row), ({ sequence }) => sequence)
      )
    )

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
        : Effect.flatMap(head, (last) => follows(entries, last)).pipe(
            Effect.andThen(
              inBatches(entries, (batch) =>
                sql`INSERT INTO journal ${sql.insert(Arr.map(batch, journalRow))}`.pipe(
                  Effect.mapError(toStorageError("append to the journal"))
                )
              )
            )
          )

    const read = (options: { readonly after: number; readonly limit: number }) =>
      sql`${lines}
          WHERE sequence > ${options.after} ORDER BY sequence LIMIT ${options.limit}`.pipe(
        Effect.mapError(toStorageError("read the journal")),
        Effect.flatMap(Effect.forEach(decodeJournalRow)),
        Effect.map((rows) => rows.map(toEntry))
      )

    const latest = (tag: AccountEvent["_tag"]) =>
      sql`${lines}
          WHERE tag = ${tag} AND client_order_id IS NULL ORDER BY sequence DESC LIMIT 1`.pipe(
        Effect.mapError(toStorageError("read the journal")),
        Effect.flatMap((rows) =>
          rows.length === 0
            ? Effect.succeedNone
            : Effect.map(decodeJournalRow(rows[0]), (row) => Option.some(toEntry(row)))
        )
      )

    const putOrders = (records: ReadonlyArray<OrderRecord>) =>
      inBatches(records, (batch) =>
        sql`INSERT INTO orders ${sql.insert(Arr.map(batch, orderRow))}
            ON CONFLICT (client_order_id) DO UPDATE SET ${sql.literal(Tables.orders.excluded)}`.pipe(
          Effect.mapError(toStorageError("write orders"))
        )
      )

    /** An order that cannot be found was never asked for: a damaged index hides it, but not from the journal's too. */
    const neverAsked = (id: string) =>
      sql`SELECT 1 FROM journal WHERE client_order_id = ${id} AND tag = 'OrderInitialized' LIMIT 1`.pipe(
        Effect.mapError(toStorageError("look an order up")),
        Effect.flatMap(([known]) =>
          known === undefined
            ? Effect.void
            : Effect.fail(
                new StorageCorrupt({
                  table: "orders",
                  key: id,
                  message: `the journal has order ${id} and the orders have not: the database is damaged. No order is sent on it; "plimsoll recover" rebuilds it from the audit log`
                })
              )
        )
      )

    const order = (id: string) =>
      sql`${records} WHERE client_order_id = ${id}`.pipe(
        Effect.mapError(toStorageError("look an order up")),
        Effect.flatMap(([row]) =>
          row === undefined
            ? Effect.as(neverAsked(id), Option.none())
            : Effect.map(decodeOrderRow(row), (decoded) => Option.some(toRecord(decoded)))
        )
      )

    type OrdersAsked = Parameters<OrderJournal["Service"]["orders"]>[0]

    const ordersWhere = (conditions: ReadonlyArray<Statement.Fragment>, options: OrdersAsked) => {
      const all: Array<Statement.Fragment> = [sql`account_id = ${options.accountId}`, ...conditions]
      if (options.before !== undefined) {
        const { clientOrderId, tsInit } = options.before
        all.push(sql`(ts_init, client_order_id) < (${tsInit}, ${clientOrderId})`)
      }
      return sql`${records}
          WHERE ${sql.and(all)} ORDER BY ts_init DESC, client_order_id DESC LIMIT ${options.limit}`.pipe(
        Effect.mapError(toStorageError("list orders")),
        Effect.flatMap(Effect.forEach(decodeOrderRow)),
        Effect.map((rows) => rows.map(toRecord))
      )
    }

    /** As the index of orders for options says it. */
    const isOption = sql.literal(`instrument_id LIKE '%.${OPTION_VENUE}'`)

    const orders: OrderJournal["Service"]["orders"] = Effect.fnUntraced(function* (options) {
      const { instrumentId, optionRoots = [] } = options
      if (instrumentId === undefined) return yield* ordersWhere([], options)
      const own = yield* ordersWhere([sql`instrument_id = ${instrumentId}`], options)
      const holding = yield* ordersWhere(
        [
          sql`${isOption} AND instrument_id <> ${instrumentId}`,
          sql.or([
            sql`body LIKE ${`%"instrumentId":"${instrumentId}"%`}`,
            ...optionRoots.map((root) => sql`instrument_id LIKE ${`${root} %`}`)
          ])
        ],
        options
      )
      return own
        .concat(holding)
        .toSorted((a, b) => newestFirst(a.order, b.order))
        .slice(0, options.limit)
    })

    const history = (id: string) =>
      sql`${lines}
          WHERE client_order_id = ${id} ORDER BY sequence`.pipe(
        Effect.mapError(toStorageError("read an order's history")),
        Effect.flatMap(Effect.forEach(decodeJournalRow)),
        Effect.map((rows) => rows.map(toEntry))
      )

    const fillOf = ({ body, sequence }: typeof JournalRow.Type): Effect.Effect<FillRecord, StorageCorrupt> =>
      isFillEvent(body)
        ? Effect.succeed({ sequence, fill: body })
        : Effect.fail(
            new StorageCorrupt({
              table: "journal",
              key: String(sequence),
              message: `journal line ${sequence} is indexed as a fill but holds ${body._tag}`
            })
          )

    const fillsWhere = (condition: Statement.Fragment, order: "ASC" | "DESC", limit: number) =>
      sql`${lines}
          WHERE trade_id IS NOT NULL AND ${condition} ORDER BY sequence ${sql.literal(order)} LIMIT ${limit}`.pipe(
        Effect.mapError(toStorageError("list fills")),
        Effect.flatMap(Effect.forEach(decodeJournalRow)),
        Effect.flatMap(Effect.forEach(fillOf))
      )

    const fills: OrderJournal["Service"]["fills"] = ({ accountId, after, limit }) =>
      fillsWhere(sql`account_id = ${accountId} AND sequence > ${after}`, "ASC", limit)

    const latestFills: OrderJournal["Service"]["latestFills"] = ({ accountId, before, limit }) =>
      fillsWhere(
        sql`account_id = ${accountId} AND sequence < ${before ?? Number.MAX_SAFE_INTEGER}`,
        "DESC",
        limit
      )

    const tradesKnown: OrderJournal["Service"]["tradesKnown"] = (account, ids) => {
      const known = new Set<TradeId>()
      return inBatches(ids, (batch) =>
        sql`${lines}
            WHERE account_id = ${account} AND trade_id IS NOT NULL AND ${sql.in("trade_id", batch)}`.pipe(
          Effect.mapError(toStorageError("look trades up")),
          Effect.flatMap(Effect.forEach(decodeTrade)),
          Effect.map((rows) => rows.forEach(({ trade_id }) => known.add(trade_id)))
        )
      ).pipe(Effect.as(known))
    }

    const checkpoint =
      sql`SELECT ${sql.literal(Tables.checkpoint.columns)} FROM checkpoint WHERE id = 1`.pipe(
        Effect.mapError(toStorageError("read the checkpoint")),
        Effect.flatMap((rows) =>
          rows.length === 0 ? Effect.succeedNone : Effect.map(decodeCheckpoint(rows[0]), Option.some)
        )
      )

    const saveCheckpoint = (sequence: number, body: string) =>
      sql`INSERT INTO checkpoint ${sql.insert(Tables.checkpoint.seal({ id: 1, sequence, body }))}
          ON CONFLICT (id) DO UPDATE SET ${sql.literal(Tables.checkpoint.excluded)}`.pipe(
        Effect.mapError(toStorageError("write the checkpoint")),
        Effect.asVoid
      )

    const venuePosition =
      sql`SELECT ${sql.literal(Tables.venuePosition.columns)} FROM venue_position WHERE id = 1`.pipe(
        Effect.mapError(toStorageError("read the venue position")),
        Effect.flatMap(([row]) =>
          row === undefined
            ? Effect.succeed(0)
            : Effect.map(decodeVenuePosition(row), ({ position }) => position)
        )
      )

    const setVenuePosition = (position: number) =>
      sql`INSERT INTO venue_position ${sql.insert(Tables.venuePosition.seal({ id: 1, position }))}
          ON CONFLICT (id) DO UPDATE SET ${sql.literal(Tables.venuePosition.excluded)}`.pipe(
        Effect.mapError(toStorageError("write the venue position")),
        Effect.asVoid
      )

    return OrderJournal.of({
      head,
      append,
      read,
      latest,
      putOrders,
      order,
      orders,
      history,
      tradesKnown,
      fills,
      latestFills,
      checkpoint,
      saveCheckpoint,
      venuePosition,
      setVenuePosition
    })
  })
)
