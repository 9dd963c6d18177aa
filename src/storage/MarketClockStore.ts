/** `MarketClockStore` on SQL. */
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { MarketClockStore } from "../market/MarketClockStore.ts"
import { ReplayState } from "../market/ReplayClock.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

const Body = Schema.fromJsonString(ReplayState)
const encodeBody = Schema.encodeSync(Body)
export const decodeClock = Tables.marketClock.decode(Schema.Struct({ body: Body }))

export const layer: Layer.Layer<MarketClockStore, never, SqlClient.SqlClient> = Layer.effect(
  MarketClockStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return MarketClockStore.of({
      load: sql`SELECT ${sql.literal(Tables.marketClock.columns)} FROM market_clock WHERE id = 1`.pipe(
        Effect.mapError(toStorageError("read the market clock")),
        Effect.flatMap(([row]) =>
          row === undefined
            ? Effect.succeedNone
            : Effect.asSome(Effect.map(decodeClock(row), ({ body }) => body))
        )
      ),
      save: (state) =>
        sql`INSERT INTO market_clock ${sql.insert(Tables.marketClock.seal({ id: 1, body: encodeBody(state) }))}
            ON CONFLICT (id) DO UPDATE SET ${sql.literal(Tables.marketClock.excluded)}`.pipe(
          Effect.mapError(toStorageError("set the market clock")),
          Effect.asVoid
        )
    })
  })
)
