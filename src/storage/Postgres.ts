/**
 * `SqlClient` on PostgreSQL, by `@effect/sql-pg` (docs/adr/0015-postgresql.md).
 *
 * As on SQLite there is one connection a process, used by one fiber at a time,
 * and a committed transaction is on disk. The connection is opened again when
 * it was lost, within a bounded time; what was under way on it fails, and says
 * whether it may have been kept.
 *
 * Imported only where a desk is on PostgreSQL: it is half of a second program.
 */
import { PgClient, PgTypes } from "@effect/sql-pg"
import { Clock, Duration, Effect, Layer, Predicate, Result, Schedule, type Scope, Stream } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlConnection, SqlError } from "effect/sql"
import { StorageBusy, StorageFailed } from "../domain/StorageError.ts"
import type { PostgresAddress } from "./PostgresAddress.ts"
import { asUnknown, isLost, isNotYet } from "./PostgresFailures.ts"

export interface PostgresOptions {
  readonly address: PostgresAddress
  /**
   * How long a transaction waits for another process's before it fails with
   * `StorageBusy`, and how long a lost server is looked for.
   */
  readonly busyTimeoutMillis: number
}

/** A server that has not answered for so long is taken for lost. Well above every wait of its own. */
const ANSWER_WITHIN_MILLIS = 60_000

/** A process that was stopped inside a transaction loses it, and the lock with it. */
const IDLE_IN_TRANSACTION_MILLIS = 15_000

const LOOK_AGAIN_MILLIS = 50

/** A checkpoint of a large book fits; the bound is against a server that is none. */
const MAX_MESSAGE_BYTES = 268_435_456

/** The computer's own time, also where a test steps the clock: a server does not wait for that. */
const inRealTime = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

/** 64-bit integers as numbers; one above 2^53 is an error, never a rounded number. */
const wholeNumbers = (): PgTypes.Registry => {
  const types = PgTypes.makeRegistry()
  types.register<number>(PgTypes.OID.int8, {
    encode: (value) => PgTypes.encode(BigInt(value), PgTypes.OID.int8),
    decode: (bytes) => {
      const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigInt64(0)
      const number = Number(value)
      return Number.isSafeInteger(number)
        ? Result.succeed(number)
        : Result.fail(new PgTypes.CodecError({ message: `${value} is too large for a number that is exact` }))
    }
  })
  return types
}

/** What this database would not give back as it was: it would be replaced, rounded or refused in the middle. */
const unstorable = (params: ReadonlyArray<unknown>): string | undefined => {
  for (const value of params) {
    if (typeof value === "string") {
      if (value.includes("\0")) return "PostgreSQL cannot store a NUL character"
      if (/\p{Surrogate}/u.test(value)) return "PostgreSQL cannot store half of a surrogate pair"
    } else if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) return `${value} is no whole number that is exact`
    } else if (value !== null && typeof value !== "bigint" && !ArrayBuffer.isView(value)) {
      return `PostgreSQL cannot store a ${typeof value}: pass a number, text, bytes or null`
    }
  }
  return undefined
}

const refused = (message: string): SqlError.SqlError =>
  new SqlError.SqlError({
    reason: new SqlError.UnknownError({ cause: new TypeError(message), message, operation: "execute" })
  })

const unanswered = new SqlError.SqlError({
  reason: new SqlError.ConnectionError({
    cause: new Error(`the server has not answered for ${ANSWER_WITHIN_MILLIS / 1000} s`),
    message: "the server has not answered",
    operation: "execute"
  })
})

/** A statement that leaves nothing behind, so that its failing is no question. */
const isReading = (statement: string): boolean => /^\s*(?:SELECT|SHOW)\b/iu.test(statement)

const COMMIT = "COMMIT"

/** How a connection is used: for a statement at a time, each its own transaction, or for a transaction. */
type Use = "statement" | "transaction"

/**
 * A connection that knows when it is lost. Then nothing more is tried on it;
 * rolling back is done by the server itself.
 */
const guard = (inner: SqlConnection.Connection, use: Use): SqlConnection.Connection => {
  let lost: SqlError.SqlError | undefined
  const isDeciding = (statement: string): boolean =>
    use === "statement" ? !isReading(statement) : statement === COMMIT
  const isCleanup = (statement: string): boolean => /^(?:ROLLBACK|RELEASE)\b/u.test(statement)

  const run = <A>(
    statement: string,
    params: ReadonlyArray<unknown>,
    nothing: A,
    execute: () => Effect.Effect<A, SqlError.SqlError>
  ): Effect.Effect<A, SqlError.SqlError> =>
    Effect.suspend(() => {
      if (lost !== undefined) return isCleanup(statement) ? Effect.succeed(nothing) : Effect.fail(lost)
      const problem = unstorable(params)
      if (problem !== undefined) return Effect.fail(refused(problem))
      return execute().pipe(
        Effect.timeoutOrElse({ duration: ANSWER_WITHIN_MILLIS, orElse: () => Effect.fail(unanswered) }),
        inRealTime,
        Effect.catch((error) => {
          if (!isLost(error)) return Effect.fail(error)
          lost = error
          if (isCleanup(statement)) return Effect.succeed(nothing)
          return Effect.fail(isDeciding(statement) ? asUnknown(error) : error)
        })
      )
    })

  return {
    execute: (sql, params, transformRows) =>
      run(sql, params, [], () => inner.execute(sql, params, transformRows)),
    executeRaw: (sql, params) => run<unknown>(sql, params, undefined, () => inner.executeRaw(sql, params)),
    executeStream: (sql, params, transformRows) => inner.executeStream(sql, params, transformRows),
    executeValues: (sql, params) => run(sql, params, [], () => inner.executeValues(sql, params)),
    executeValuesUnprepared: (sql, params) =>
      run(sql, params, [], () => inner.executeValuesUnprepared(sql, params)),
    executeUnprepared: (sql, params, transformRows) =>
      run(sql, params, [], () => inner.executeUnprepared(sql, params, transformRows))
  }
}

/**
 * A statement at a time, each on the connection of that moment. What only
 * reads is asked once more when the connection was lost under it.
 */
const statements = (
  reserve: Effect.Effect<SqlConnection.Connection, SqlError.SqlError, Scope.Scope>
): SqlConnection.Connection => {
  const run = <A>(
    statement: string,
    execute: (connection: SqlConnection.Connection) => Effect.Effect<A, SqlError.SqlError>
  ): Effect.Effect<A, SqlError.SqlError> =>
    Effect.scoped(Effect.flatMap(reserve, (connection) => execute(guard(connection, "statement")))).pipe(
      Effect.retry({ while: (error) => isReading(statement) && isLost(error), times: 1 })
    )
  return {
    execute: (sql, params, transformRows) => run(sql, (to) => to.execute(sql, params, transformRows)),
    executeRaw: (sql, params) => run(sql, (to) => to.executeRaw(sql, params)),
    executeStream: (sql, params, transformRows) =>
      Stream.unwrap(
        Effect.map(reserve, (connection) => connection.executeStream(sql, params, transformRows))
      ),
    executeValues: (sql, params) => run(sql, (to) => to.executeValues(sql, params)),
    executeValuesUnprepared: (sql, params) => run(sql, (to) => to.executeValuesUnprepared(sql, params)),
    executeUnprepared: (sql, params, transformRows) =>
      run(sql, (to) => to.executeUnprepared(sql, params, transformRows))
  }
}

/** A transaction in which a statement failed is rolled back by COMMIT, which the server does not call an error. */
const commit = (connection: SqlConnection.Connection): Effect.Effect<void, SqlError.SqlError> =>
  Effect.flatMap(connection.executeRaw(COMMIT, []), (result) =>
    Predicate.hasProperty(result, "command") && result.command === COMMIT
      ? Effect.void
      : Effect.fail(refused("a statement of the transaction had failed, so it was rolled back"))
  )

const describe = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const openingError =
  ({ address }: PostgresOptions) =>
  (error: SqlError.SqlError): StorageBusy | StorageFailed => {
    const operation = "open the database"
    const { cause } = error.reason
    if (isNotYet(error)) {
      return new StorageBusy({
        operation,
        message: `${address.shown}: the server takes no connection just now (${describe(cause)}); try again`
      })
    }
    const advice =
      error.reason._tag === "AuthenticationError"
        ? "the server does not know this user and password: look at PLIMSOLL_DATABASE_URL"
        : "is the server running, and is PLIMSOLL_DATABASE_URL right?"
    return new StorageFailed({
      operation,
      message: `cannot open ${address.shown} (${describe(cause)}): ${advice}`,
      cause
    })
  }

const make = Effect.fnUntraced(function* (options: PostgresOptions) {
  const { address, busyTimeoutMillis } = options
  const pg = yield* PgClient.make({
    url: address.url,
    applicationName: "plimsoll",
    types: wholeNumbers(),
    // As on SQLite: a process has one transaction at a time, and a statement waits for it.
    maxConnections: 1,
    keepAlive: Duration.seconds(10),
    maxMessageSize: MAX_MESSAGE_BYTES,
    startupParameters: {
      search_path: address.schema,
      synchronous_commit: "on",
      default_transaction_isolation: "read committed",
      lock_timeout: String(busyTimeoutMillis),
      idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MILLIS),
      statement_timeout: "0",
      client_min_messages: "warning"
    }
  }).pipe(inRealTime)

  let isKnown = false
  const reserve: Effect.Effect<SqlConnection.Connection, SqlError.SqlError, Scope.Scope> = pg.reserve.pipe(
    // One that was there comes back, as after a restart; an address that was never right does not.
    Effect.retry({
      while: (error) => (isKnown ? isLost(error) || isNotYet(error) : isNotYet(error)),
      schedule: Schedule.spaced(LOOK_AGAIN_MILLIS).pipe(Schedule.upTo({ duration: busyTimeoutMillis }))
    }),
    inRealTime
  )

  const client = yield* SqlClient.make({
    acquirer: Effect.succeed(statements(reserve)),
    transactionAcquirer: Effect.map(reserve, (connection) => guard(connection, "transaction")),
    compiler: PgClient.makeCompiler(),
    driver: "pg",
    spanAttributes: [["db.system.name", "postgresql"]],
    prepareTransactionControls: true,
    commit,
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`
  })

  const [settings] = yield* client<{
    readonly fsync: string
  }>`SELECT current_setting('fsync') AS fsync`.pipe(Effect.mapError(openingError(options)))
  isKnown = true
  if (settings?.fsync !== "on") {
    return yield* new StorageFailed({
      operation: "open the database",
      message: `${address.shown}: the server runs with fsync=off and loses what it has confirmed when the power fails: set fsync = on there`
    })
  }
  return client
})

/** The desk's schema on a server, whether it is there or not; the connection is closed with the scope. */
export const layer = (
  options: PostgresOptions
): Layer.Layer<SqlClient.SqlClient, StorageFailed | StorageBusy> =>
  Layer.effect(
    SqlClient.SqlClient,
    make(options).pipe(Effect.catchTag("SqlError", (error) => Effect.fail(openingError(options)(error))))
  ).pipe(Layer.provide(Reactivity.layer))
