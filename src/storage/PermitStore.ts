/** `PermitStore` on SQL. */
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { StorageFailed } from "../domain/StorageError.ts"
import { Permit, PERMIT_LIFE_MICROS } from "../execution/Permit.ts"
import { PermitStore } from "../execution/PermitStore.ts"
import type { Row } from "./Rows.ts"
import { toStorageError } from "./Sqlite.ts"
import * as Tables from "./Tables.ts"

const Body = Schema.fromJsonString(Permit)
const encodeBody = Schema.encodeEffect(Body)
const decodePermit = Tables.permits.decode(Schema.Struct({ body: Body }))

const keeping = "keep a permit"

const rowOf = (permit: Permit) =>
  encodeBody(permit).pipe(
    Effect.mapError(
      ({ message }) => new StorageFailed({ operation: keeping, message: `this is no permit: ${message}` })
    ),
    Effect.map((body) => Tables.permits.seal({ call_id: permit.callId, steady_at: permit.steadyAt, body }))
  )

const firstOf = (rows: ReadonlyArray<Row>) =>
  rows.length === 0 ? Effect.succeedNone : Effect.map(decodePermit(rows[0]), ({ body }) => Option.some(body))

export const layer: Layer.Layer<PermitStore, never, SqlClient.SqlClient> = Layer.effect(
  PermitStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(Tables.permits.columns)
    const dropBefore = (steady: number) => sql`DELETE FROM permits WHERE steady_at < ${steady}`
    return PermitStore.of({
      put: (permit) =>
        Effect.gen(function* () {
          const row = yield* rowOf(permit)
          yield* dropBefore(permit.steadyAt - PERMIT_LIFE_MICROS)
          yield* sql`INSERT INTO permits ${sql.insert(row)}
            ON CONFLICT (call_id) DO UPDATE SET ${sql.literal(Tables.permits.excluded)}`
        }).pipe(
          sql.withTransaction,
          Effect.catchIf(SqlError.isSqlError, (error) => Effect.fail(toStorageError(keeping)(error)))
        ),
      find: (callId) =>
        sql<Row>`SELECT ${columns} FROM permits WHERE call_id = ${callId}`.pipe(
          Effect.mapError(toStorageError("look a permit up")),
          Effect.flatMap(firstOf)
        ),
      take: (callId) =>
        sql<Row>`DELETE FROM permits WHERE call_id = ${callId} RETURNING ${columns}`.pipe(
          Effect.mapError(toStorageError("take a permit")),
          Effect.flatMap(firstOf)
        ),
      prune: (before) =>
        dropBefore(before).pipe(Effect.mapError(toStorageError("drop old permits")), Effect.asVoid)
    })
  })
)
