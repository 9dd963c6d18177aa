/** `DeskIdentityStore` on SQL. */
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { type DeskIdentity, DeskIdentityStore } from "../execution/DeskIdentity.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

export const decodeIdentity = Tables.desk.decode(
  Schema.Struct({ desk_id: Schema.NonEmptyString, project: Schema.String, created: Schema.Int })
)

export const toIdentity = (row: {
  readonly desk_id: string
  readonly project: string
  readonly created: number
}): DeskIdentity => ({ deskId: row.desk_id, project: row.project, created: row.created })

export const layer: Layer.Layer<DeskIdentityStore, never, SqlClient.SqlClient> = Layer.effect(
  DeskIdentityStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return DeskIdentityStore.of({
      load: sql`SELECT ${sql.literal(Tables.desk.columns)} FROM desk WHERE id = 1`.pipe(
        Effect.mapError(toStorageError("read whose desk this is")),
        Effect.flatMap(([row]) =>
          row === undefined ? Effect.succeedNone : Effect.asSome(Effect.map(decodeIdentity(row), toIdentity))
        )
      ),
      save: ({ created, deskId, project }) =>
        sql`INSERT INTO desk ${sql.insert(Tables.desk.seal({ id: 1, desk_id: deskId, project, created }))}
            ON CONFLICT (id) DO UPDATE SET ${sql.literal(Tables.desk.excluded)}`.pipe(
          Effect.mapError(toStorageError("write whose desk this is")),
          Effect.asVoid
        )
    })
  })
)
