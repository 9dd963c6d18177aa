/**
 * `SqlClient` on Node's own SQLite (docs/adr/0001-node-sqlite-driver.md).
 *
 * One connection, used by one fiber at a time. Every transaction is immediate
 * and, in a file, on disk when it is committed (WAL, `synchronous=FULL`) unless
 * its maker says that surviving the process is enough.
 */
import { accessSync, constants, existsSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"
import { Clock, Effect, Layer, Predicate, type Scope, Semaphore, Stream } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlConnection, SqlError, Statement } from "effect/sql"
import { StorageBusy, StorageFailed, StorageUnknown } from "../domain/StorageError.ts"
import { isConflict, isUnknown } from "./PostgresFailures.ts"
import { sqliteCode, sqliteCodes } from "./SqliteCode.ts"

export interface SqliteOptions {
  /** Path of the database; made when missing, its folder is not. */
  readonly filename: string
  /** How long a statement waits for another process's transaction, at least, before it fails with `StorageBusy`. */
  readonly busyTimeoutMillis: number
  /**
   * What a committed transaction survives: FULL (unless said otherwise) the
   * loss of power, NORMAL the death of the process only. A run's book, which can
   * be made again, is NORMAL (docs/adr/0013-a-runs-book-is-not-synced.md).
   */
  readonly synchronous?: "FULL" | "NORMAL"
}

/** Statements kept prepared; the desk has far fewer, generated ones push each other out. */
const maxPrepared = 256

/** What may be left of the write-ahead log once it has been moved into the database and begun anew. */
const MAX_LOG_BYTES = 67_108_864

/** How long SQLite looks for another process's lock, holding the thread, after 1, 3, 8, 18, 33, 53 and 78 milliseconds. */
const LONGEST_LOCKED_WAIT_MILLIS = 78

const describe = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const advice = (cause: unknown): string => {
  switch (sqliteCode(cause)) {
    case sqliteCodes.full:
      return "; the disk is full: free some space and try again"
    case sqliteCodes.readOnly:
      return "; the database or its folder is read-only: give this user permission to write there"
    case sqliteCodes.corrupt:
    case sqliteCodes.notADatabase:
      return '; the database file is damaged: no order is sent on it, "plimsoll recover" rebuilds it from the audit log'
    default:
      return ""
  }
}

/** Turns a failed statement of `operation` (a phrase such as "append to the journal") into the store's typed error. */
export const toStorageError =
  (operation: string) =>
  (error: SqlError.SqlError): StorageBusy | StorageFailed | StorageUnknown => {
    const { cause } = error.reason
    if (error.reason._tag === "LockTimeoutError") {
      return new StorageBusy({
        operation,
        message: `${operation}: another process held the database for the whole wait; nothing was written, try again`
      })
    }
    if (isConflict(error)) {
      return new StorageBusy({
        operation,
        conflict: true,
        message: `${operation}: the database gave it up in favour of another transaction; nothing was written, try again`
      })
    }
    if (isUnknown(error)) {
      return new StorageUnknown({
        operation,
        message: `${operation}: the connection was lost while the database was writing (${describe(cause)}); it is not known whether it was written: look, then ask the same again`,
        cause
      })
    }
    return new StorageFailed({
      operation,
      message: `${operation}: ${describe(cause)}${advice(cause)}; nothing was written`,
      cause
    })
  }

const isInput = (value: unknown): value is SQLInputValue =>
  value === null ||
  typeof value === "string" ||
  typeof value === "number" ||
  typeof value === "bigint" ||
  ArrayBuffer.isView(value)

const inputs = (params: ReadonlyArray<unknown>): Array<SQLInputValue> => {
  const values: Array<SQLInputValue> = []
  for (const value of params) {
    if (!isInput(value))
      throw new TypeError(`SQLite cannot store a ${typeof value}: pass a number, text, bytes or null`)
    values.push(value)
  }
  return values
}

interface Prepared {
  readonly statement: StatementSync
  readonly returnsRows: boolean
}

const prepare = (db: DatabaseSync, sql: string): Prepared => {
  const statement = db.prepare(sql)
  const returnsRows = statement.columns().length > 0
  // `run` reads the last rowid even after BEGIN, and throws on one above 2^53 with the transaction left open.
  if (!returnsRows) statement.setReadBigInts(true)
  return { statement, returnsRows }
}

/** Rows of a statement; a stored integer above 2^53 is an error, never a rounded number. */
const rowsOf = (
  prepared: Prepared,
  params: ReadonlyArray<unknown>
): ReadonlyArray<Record<string, unknown>> => {
  if (prepared.returnsRows) return prepared.statement.all(...inputs(params))
  prepared.statement.run(...inputs(params))
  return []
}

/** Least recently used goes first. */
const preparedStatements = (db: DatabaseSync) => {
  const kept = new Map<string, Prepared>()
  return (sql: string): Prepared => {
    const known = kept.get(sql)
    if (known !== undefined) {
      kept.delete(sql)
      kept.set(sql, known)
      return known
    }
    const prepared = prepare(db, sql)
    kept.set(sql, prepared)
    if (kept.size > maxPrepared) {
      for (const oldest of kept.keys()) {
        kept.delete(oldest)
        break
      }
    }
    return prepared
  }
}

const sqlError = (cause: unknown, operation: string): SqlError.SqlError => {
  // `classifySqliteError` looks for SQLite's code under the name other drivers give it.
  if (Predicate.hasProperty(cause, "errcode") && cause instanceof Error) {
    Object.assign(cause, { errno: cause.errcode })
  }
  return new SqlError.SqlError({
    reason: SqlError.classifySqliteError(cause, { message: describe(cause), operation })
  })
}

const attemptOnce = <A>(operation: string, run: () => A): Effect.Effect<A, SqlError.SqlError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(run())
    } catch (cause) {
      return Effect.fail(sqlError(cause, operation))
    }
  })

/**
 * Fails when `filename` is no longer the file that was opened, or was rebuilt
 * by `plimsoll recover`: what this process remembers of it is of another desk,
 * and what it would write would be lost.
 */
const stillTheSame = (db: DatabaseSync, filename: string): (() => void) => {
  if (filename === inMemory) return () => {}
  const generation = db.prepare("PRAGMA user_version")
  const { ino } = statSync(filename)
  const { user_version: opened } = generation.get() ?? {}
  return () => {
    const file = statSync(filename, { throwIfNoEntry: false })
    if (file?.ino !== ino) {
      throw new Error(
        `${filename} was ${file === undefined ? "removed" : "replaced"} while it was open: put the desk's folder back as it was, or run "plimsoll recover", and start this program again`
      )
    }
    if (generation.get()?.["user_version"] !== opened) {
      throw new Error(
        `${filename} was rebuilt by "plimsoll recover" while it was open: start this program again`
      )
    }
  }
}

const isLocked = (cause: unknown): boolean =>
  [sqliteCodes.busy, sqliteCodes.locked].includes(sqliteCode(cause))

/** By the machine's own clock: another process gives its lock up in that time, whatever clock the program goes by. */
const letOthersRun = Effect.sleep(1).pipe(Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()))

/**
 * Does `run` again while another process has the lock, for `busyTimeoutMillis` in all. SQLite's own wait looks less
 * often the longer it lasts, up to every 100 ms, so that late-comers overtake it for seconds: it is let to wait for
 * `LONGEST_LOCKED_WAIT_MILLIS` at most and begins anew, so everybody looks equally often, and the process goes on in
 * between. It does the looking because it costs it a thirtieth of what it costs a statement here: sixty processes that
 * looked from here would take the processor from the one that holds the lock.
 */
const waitForLock = (busyTimeoutMillis: number) => {
  // Counted, for a time would be measured on a clock that may be set meanwhile.
  const times = Math.ceil(busyTimeoutMillis / LONGEST_LOCKED_WAIT_MILLIS)
  return <A>(operation: string, run: () => A): Effect.Effect<A, SqlError.SqlError> => {
    const attempt = (nth: number): Effect.Effect<A, SqlError.SqlError> =>
      Effect.suspend(() => {
        try {
          return Effect.succeed(run())
        } catch (cause) {
          return isLocked(cause) && nth < times
            ? Effect.andThen(letOthersRun, attempt(nth + 1))
            : Effect.fail(sqlError(cause, operation))
        }
      })
    return attempt(1)
  }
}

const makeConnection = (
  db: DatabaseSync,
  { busyTimeoutMillis, filename }: SqliteOptions
): SqlConnection.Connection => {
  const prepared = preparedStatements(db)
  const check = stillTheSame(db, filename)
  const attempt = waitForLock(busyTimeoutMillis)
  const execute: SqlConnection.Connection["execute"] = (sql, params, transformRows) =>
    attempt("execute", () => {
      const isWithin = db.isTransaction
      const rows = rowsOf(prepared(sql), params)
      if (!isWithin) {
        // After BEGIN: it may have waited for whoever replaced the file.
        try {
          check()
        } catch (cause) {
          if (db.isTransaction) db.exec("ROLLBACK")
          throw cause
        }
      }
      return transformRows === undefined ? rows : transformRows(rows)
    })
  const values: SqlConnection.Connection["executeValues"] = (sql, params) =>
    attempt("executeValues", () => {
      // A statement of its own: the setting would stay on a shared one.
      const own = prepare(db, sql)
      own.statement.setReturnArrays(true)
      return own.statement.all(...inputs(params)).map((row) => Object.values(row))
    })
  return {
    execute,
    executeRaw: (sql, params) =>
      attempt("executeRaw", () => {
        const { returnsRows, statement } = prepared(sql)
        return returnsRows ? statement.all(...inputs(params)) : statement.run(...inputs(params))
      }),
    executeStream: (sql, params, transformRows) =>
      Stream.fromIterableEffect(execute(sql, params, transformRows)),
    executeValues: values,
    executeValuesUnprepared: values,
    executeUnprepared: (sql, params, transformRows) =>
      attempt("executeUnprepared", () => {
        const rows = rowsOf(prepare(db, sql), params)
        return transformRows === undefined ? rows : transformRows(rows)
      })
  }
}

const inMemory = ":memory:"

const openingAdvice = (filename: string, cause: unknown): string => {
  const folder = dirname(filename)
  if (filename !== inMemory && !existsSync(folder))
    return `its folder ${folder} does not exist: run "plimsoll init" first`
  switch (sqliteCode(cause)) {
    case sqliteCodes.notADatabase:
      return 'the file is not a SQLite database, or its beginning is damaged: "plimsoll recover" rebuilds a desk\'s from the audit log'
    case sqliteCodes.corrupt:
      return 'the file is damaged: "plimsoll recover" rebuilds it from the audit log'
    case sqliteCodes.full:
      return "the disk is full: free some space"
    default:
      return `this user must be able to write the file and its folder ${folder}`
  }
}

const openingError = (filename: string) => (error: SqlError.SqlError) => {
  const { cause } = error.reason
  const operation = "open the database"
  return error.reason._tag === "LockTimeoutError"
    ? new StorageBusy({
        operation,
        message: `${filename}: another process kept the database locked for the whole wait; try again`
      })
    : new StorageFailed({
        operation,
        message: `cannot open ${filename} (${describe(cause)}): ${openingAdvice(filename, cause)}`,
        cause
      })
}

const configure = (db: DatabaseSync, { filename, synchronous = "FULL" }: SqliteOptions): void => {
  // SQLite falls back to reading without a word, and the first write would fail instead.
  if (filename !== inMemory) accessSync(filename, constants.W_OK)
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = ${MAX_LOG_BYTES}; PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ON`
  )
}

const open = (
  options: SqliteOptions
): Effect.Effect<DatabaseSync, StorageFailed | StorageBusy, Scope.Scope> =>
  Effect.acquireRelease(
    attemptOnce("open", () => {
      const timeout = Math.min(options.busyTimeoutMillis, LONGEST_LOCKED_WAIT_MILLIS)
      return new DatabaseSync(options.filename, { timeout })
    }),
    (db) => Effect.sync(() => db.close())
  ).pipe(
    Effect.tap((db) => waitForLock(options.busyTimeoutMillis)("configure", () => configure(db, options))),
    Effect.mapError(openingError(options.filename))
  )

const make = Effect.fnUntraced(function* (options: SqliteOptions) {
  const db = yield* open(options)
  const semaphore = Semaphore.makeUnsafe(1)
  const connection = yield* attemptOnce("open", () => makeConnection(db, options)).pipe(
    Effect.mapError(openingError(options.filename))
  )
  return yield* SqlClient.make({
    ...SqlClient.makeSqliteAcquirers({
      connection: Effect.succeed(connection),
      semaphore,
      isTransaction: () => db.isTransaction
    }),
    compiler: Statement.makeCompilerSqlite(),
    driver: "sqlite-node",
    spanAttributes: [["db.system.name", "sqlite"]],
    beginTransaction: "BEGIN IMMEDIATE",
    prepareTransactionControls: true,
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`
  })
})

/** The database at `filename`, closed with the scope. A database that cannot be opened says why and what to do. */
export const layer = (
  options: SqliteOptions
): Layer.Layer<SqlClient.SqlClient, StorageFailed | StorageBusy> =>
  Layer.effect(SqlClient.SqlClient, make(options)).pipe(Layer.provide(Reactivity.layer))

/** A database of its own in memory, gone with the scope. */
export const layerMemory: Layer.Layer<SqlClient.SqlClient, StorageFailed | StorageBusy> = layer({
  filename: inMemory,
  busyTimeoutMillis: 0
})
