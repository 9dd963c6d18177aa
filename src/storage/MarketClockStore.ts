/** `MarketClockStore` on SQL. */
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { MarketClockStore } from "../market/MarketClockStore.ts"
import { ReplayState } from "../market/ReplayClock.ts"
import { jsonBody } from "./JsonBody.ts"
import { toStorageError } from "./Sqlite.ts"

const clock = jsonBody("market_clock", ReplayState)

export const layer: Layer.Layer<MarketClockStore, never, SqlClient.SqlClient> = Layer.effect(
  MarketClockStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return MarketClockStore.of({
      load: sql`SELECT body FROM market_clock WHERE id = 1`.pipe(
        Effect.mapError(toStorageError("read the market clock")),
        Effect.flatMap(([row]) =>
          row === undefined ? Effect.succeedNone : Effect.asSome(clock.decode("1", row["body"]))
        )
      ),
      save: (state) =>
        sql`INSERT INTO market_clock (id, body) VALUES (1, ${clock.encode(state)})
            ON CONFLICT (id) DO UPDATE SET body = excluded.body`.pipe(
          Effect.mapError(toStorageError("set the market clock")),
          Effect.asVoid
        )
    })
  })
)
