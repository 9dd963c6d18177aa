/** `UnitOfWork` on SQL: one transaction of the desk's database that holds its write lock. */
import { Effect, Layer, Option, Predicate, Schedule } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import type { StorageFailed } from "../domain/StorageError.ts"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import { lockWrites } from "./Dialect.ts"
import { isLost, isUnknown } from "./PostgresFailures.ts"
import { toStorageError } from "./Sqlite.ts"

/** A transaction that gave way to another is run again so often at most. SQLite's never do. */
const MAX_CONFLICTS = 5

const schedule = Schedule.exponential("10 millis").pipe(
  Schedule.jittered,
  Schedule.upTo({ times: MAX_CONFLICTS })
)

/** Nothing of it was kept, and it may well pass at once. */
const gaveWay = (error: unknown): boolean =>
  Predicate.isTagged(error, "StorageBusy") &&
  Predicate.hasProperty(error, "conflict") &&
  error.conflict === true

/**
 * `stillHere` is asked in every transaction, once it has the lock; when it
 * fails nothing is written. A desk can be moved while others have it open.
 */
export const layerWhile = (
  stillHere: Effect.Effect<void, StorageFailed>
): Layer.Layer<UnitOfWork, never, SqlClient.SqlClient> =>
  Layer.effect(
    UnitOfWork,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const toError = toStorageError("run a transaction")
      const transaction = Effect.serviceOption(sql.transactionService)

      const once = <A, E, R>(work: Effect.Effect<A, E, R>) =>
        Effect.catchIf(sql.withTransaction(work), SqlError.isSqlError, (error) => Effect.fail(toError(error)))

      /** The first transaction after a server was restarted meets a connection that is gone: nothing was begun on it. */
      const outermost = <A, E, R>(work: Effect.Effect<A, E, R>) =>
        Effect.suspend(() => {
          let begun = false
          const locked = Effect.andThen(Effect.andThen(lockWrites(sql), stillHere), () => {
            begun = true
            return work
          })
          return sql.withTransaction(locked).pipe(
            Effect.retry({
              while: (error) => !begun && SqlError.isSqlError(error) && isLost(error) && !isUnknown(error),
              times: 1
            }),
            Effect.catchIf(SqlError.isSqlError, (error) => Effect.fail(toError(error)))
          )
        })

      return UnitOfWork.of({
        atomically: (work) =>
          Effect.flatMap(transaction, (open) =>
            Option.isSome(open) ? once(work) : Effect.retry(outermost(work), { while: gaveWay, schedule })
          )
      })
    })
  )

export const layer = layerWhile(Effect.void)
