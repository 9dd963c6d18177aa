/** `UnitOfWork` on SQL: one immediate transaction of the desk's database. */
import { Effect, Layer } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import { toStorageError } from "./Sqlite.ts"

export const layer: Layer.Layer<UnitOfWork, never, SqlClient.SqlClient> = Layer.effect(
  UnitOfWork,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const toError = toStorageError("run a transaction")
    return UnitOfWork.of({
      atomically: (work) =>
        Effect.catchIf(sql.withTransaction(work), SqlError.isSqlError, (error) => Effect.fail(toError(error)))
    })
  })
)
