/** `SteadyClockStore` on SQL. */
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { timestamp } from "../domain/Timestamp.ts"
import { MarketClockStore } from "../market/MarketClockStore.ts"
import { SteadyAnchor } from "../market/SteadyAnchor.ts"
import { SteadyClockStore } from "../market/SteadyClockStore.ts"
import { jsonBody } from "./JsonBody.ts"
import { decodeRow } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"

const anchor = jsonBody("steady_clock", SteadyAnchor)

const LatestRow = Schema.Struct({ line: Schema.NullOr(Schema.Int), lease: Schema.NullOr(Schema.Int) })
const decodeLatest = decodeRow("journal", LatestRow, () => "head")

export const layer: Layer.Layer<SteadyClockStore, never, SqlClient.SqlClient | MarketClockStore> =
  Layer.effect(
    SteadyClockStore,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const replay = yield* MarketClockStore

      // Lines of before there was a steady clock have the computer's time only.
      const written = sql`SELECT
          (SELECT coalesce(ts_steady, ts_wall) FROM journal ORDER BY sequence DESC LIMIT 1) AS line,
          (SELECT max(expires_at) FROM lease) AS lease`.pipe(
        Effect.mapError(toStorageError("read the latest steady time")),
        Effect.flatMap((rows) => decodeLatest(rows[0]))
      )

      return SteadyClockStore.of({
        load: sql`SELECT body FROM steady_clock WHERE id = 1`.pipe(
          Effect.mapError(toStorageError("read the steady clock")),
          Effect.flatMap(([row]) =>
            row === undefined ? Effect.succeedNone : Effect.asSome(anchor.decode("1", row["body"]))
          )
        ),
        save: (value) =>
          sql`INSERT INTO steady_clock (id, body) VALUES (1, ${anchor.encode(value)})
              ON CONFLICT (id) DO UPDATE SET body = excluded.body`.pipe(
            Effect.mapError(toStorageError("set the steady clock")),
            Effect.asVoid
          ),
        latest: Effect.gen(function* () {
          const { lease, line } = yield* written
          const clock = Option.map(yield* replay.load, ({ anchorSteady }) => Number(anchorSteady))
          const times = [line, lease, Option.getOrNull(clock)].filter((time) => time !== null)
          return times.length === 0 ? Option.none() : Option.some(timestamp(Math.max(...times)))
        })
      })
    })
  )
