/** `LimitsStore` on SQL: every record that was sealed is kept, the newest counts. */
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { LimitsStore, SealedRecord } from "../risk/LimitsStore.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

const Body = Schema.fromJsonString(SealedRecord)
const encodeBody = Schema.encodeSync(Body)
export const decodeLimits = Tables.limits.decode(Schema.Struct({ version: Schema.Int, body: Body }))

export const layer: Layer.Layer<LimitsStore, never, SqlClient.SqlClient> = Layer.effect(
  LimitsStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const newest =
      sql`SELECT ${sql.literal(Tables.limits.columns)} FROM limits ORDER BY version DESC LIMIT 1`.pipe(
        Effect.mapError(toStorageError("read the sealed limits")),
        Effect.flatMap(([row]) => (row === undefined ? Effect.succeedNone : Effect.asSome(decodeLimits(row))))
      )
    return LimitsStore.of({
      load: Effect.map(
        newest,
        Option.map(({ body }) => body)
      ),
      seal: (sealed) =>
        Effect.gen(function* () {
          // What stands there need not be readable: a person seals anew because it is not.
          const [last] = yield* sql<{
            readonly version: number
          }>`SELECT coalesce(max(version), 0) AS version FROM limits`
          const row = Tables.limits.seal({ version: (last?.version ?? 0) + 1, body: encodeBody(sealed) })
          yield* sql`INSERT INTO limits ${sql.insert(row)}`
        }).pipe(
          sql.withTransaction,
          Effect.catchIf(SqlError.isSqlError, (error) =>
            Effect.fail(toStorageError("seal the limits")(error))
          )
        )
    })
  })
)
