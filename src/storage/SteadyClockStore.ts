/** `SteadyClockStore` on SQL. */
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { timestamp } from "../domain/Timestamp.ts"
import { MarketClockStore } from "../market/MarketClockStore.ts"
import { SteadyAnchor } from "../market/SteadyAnchor.ts"
import { SteadyClockStore } from "../market/SteadyClockStore.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

const Body = Schema.fromJsonString(SteadyAnchor)
const encodeBody = Schema.encodeSync(Body)
export const decodeSteadyClock = Tables.steadyClock.decode(Schema.Struct({ body: Body }))
const decodeLine = Tables.journal.decode(
  Schema.Struct({ ts_wall: Schema.Int, ts_steady: Schema.NullOr(Schema.Int) })
)
const decodeLease = Tables.lease.decode(Schema.Struct({ expires_at: Schema.Int }))

export const layer: Layer.Layer<SteadyClockStore, never, SqlClient.SqlClient | MarketClockStore> =
  Layer.effect(
    SteadyClockStore,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const replay = yield* MarketClockStore
      const readLatest = toStorageError("read the latest steady time")

      // Lines of before there was a steady clock have the computer's time only.
      const line =
        sql`SELECT ${sql.literal(Tables.journal.columns)} FROM journal ORDER BY sequence DESC LIMIT 1`.pipe(
          Effect.mapError(readLatest),
          Effect.flatMap(Effect.forEach(decodeLine)),
          Effect.map((rows) => rows.map(({ ts_steady, ts_wall }) => ts_steady ?? ts_wall))
        )
      const leases = sql`SELECT ${sql.literal(Tables.lease.columns)} FROM lease`.pipe(
        Effect.mapError(readLatest),
        Effect.flatMap(Effect.forEach(decodeLease)),
        Effect.map((rows) => rows.map(({ expires_at }) => expires_at))
      )

      return SteadyClockStore.of({
        load: sql`SELECT ${sql.literal(Tables.steadyClock.columns)} FROM steady_clock WHERE id = 1`.pipe(
          Effect.mapError(toStorageError("read the steady clock")),
          Effect.flatMap(([row]) =>
            row === undefined
              ? Effect.succeedNone
              : Effect.asSome(Effect.map(decodeSteadyClock(row), ({ body }) => body))
          )
        ),
        save: (value) =>
          sql`INSERT INTO steady_clock ${sql.insert(Tables.steadyClock.seal({ id: 1, body: encodeBody(value) }))}
              ON CONFLICT (id) DO UPDATE SET ${sql.literal(Tables.steadyClock.excluded)}`.pipe(
            Effect.mapError(toStorageError("set the steady clock")),
            Effect.asVoid
          ),
        latest: Effect.gen(function* () {
          const clock = Option.map(yield* replay.load, ({ anchorSteady }) => Number(anchorSteady))
          const times = [...(yield* line), ...(yield* leases), ...Option.toArray(clock)]
          return times.length === 0 ? Option.none() : Option.some(timestamp(Math.max(...times)))
        })
      })
    })
  )
