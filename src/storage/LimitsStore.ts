/** `LimitsStore` on SQL: every record that was sealed is kept, the newest counts. */
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { LimitsStore, SealedRecord } from "../risk/LimitsStore.ts"
import { jsonBody } from "./JsonBody.ts"
import { toStorageError } from "./Sqlite.ts"

const record = jsonBody("limits", SealedRecord)

export const layer: Layer.Layer<LimitsStore, never, SqlClient.SqlClient> = Layer.effect(
  LimitsStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return LimitsStore.of({
      load: sql`SELECT version, body FROM limits ORDER BY version DESC LIMIT 1`.pipe(
        Effect.mapError(toStorageError("read the sealed limits")),
        Effect.flatMap(([row]) =>
          row === undefined
            ? Effect.succeedNone
            : Effect.asSome(record.decode(String(row["version"]), row["body"]))
        )
      ),
      seal: (sealed) =>
        sql`INSERT INTO limits (body) VALUES (${record.encode(sealed)})`.pipe(
          Effect.mapError(toStorageError("seal the limits")),
          Effect.asVoid
        )
    })
  })
)
