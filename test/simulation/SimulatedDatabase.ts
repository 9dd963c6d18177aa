/**
 * One real SQLite database in memory, and connections to it that stop where the simulator says.
 *
 * Every simulated process has a client of its own. Before each statement it asks
 * its host what happens: it goes on, it waits while others go on, the database
 * is busy for too long, or the process dies here (before the statement, or after
 * it and before it hears of the result). What a dead process had not committed
 * is rolled back, as SQLite does.
 */
import { Context, Effect, Layer, type Scope, Semaphore, Stream } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlConnection, SqlError, Statement } from "effect/sql"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"

/** What the process goes through at a statement; `run` is the statement itself. */
export type AtStatement = <A>(
  statement: string,
  run: Effect.Effect<A, SqlError.SqlError>
) => Effect.Effect<A, SqlError.SqlError>

const busyForTooLong = new SqlError.SqlError({
  reason: SqlError.classifySqliteError(Object.assign(new Error("database is locked"), { errno: 5 }), {
    message: "database is locked",
    operation: "execute"
  })
})
export const failBusy: Effect.Effect<never, SqlError.SqlError> = Effect.fail(busyForTooLong)

export class SimulatedDatabase {
  /** Statements that go straight to the database: for the simulator itself. */
  readonly connection: SqlConnection.Connection
  private readonly tables: ReadonlyArray<string>
  /** Whose transaction is open. */
  owner: object | undefined = undefined

  constructor(connection: SqlConnection.Connection) {
    this.connection = connection
    this.tables = this.rows("SELECT name FROM sqlite_master WHERE type = 'table'", [])
      .map((row) => String(row["name"]))
      .filter((name) => name !== "plimsoll_migrations")
  }

  /** Opened and migrated once; every simulation begins with its tables empty. */
  static readonly make: Effect.Effect<SimulatedDatabase, never, Scope.Scope> = Effect.orDie(
    Effect.gen(function* () {
      const services = yield* Layer.build(DeskDatabase.layerMemory)
      const client = Context.get(services, SqlClient.SqlClient)
      return new SimulatedDatabase(yield* client.reserve)
    })
  )

  rows(statement: string, params: ReadonlyArray<unknown>): ReadonlyArray<Record<string, unknown>> {
    return Effect.runSync(this.connection.execute(statement, params, undefined))
  }

  clear(): void {
    this.rollBack()
    for (const table of this.tables) this.rows(`DELETE FROM ${table}`, [])
  }

  private rollBack(): void {
    if (this.owner === undefined) return
    this.owner = undefined
    this.rows("ROLLBACK", [])
  }

  /** Nothing of what `process` had not committed is kept. */
  abandon(process: object): void {
    if (this.owner === process) this.rollBack()
  }

  /** A process's own client. `at` is asked before every statement. */
  client(process: object, at: AtStatement): Layer.Layer<SqlClient.SqlClient> {
    const { connection } = this
    const noted = (statement: string) =>
      Effect.sync(() => {
        if (statement.startsWith("BEGIN")) this.owner = process
        else if (statement === "COMMIT" || statement === "ROLLBACK") this.owner = undefined
      })
    const through = <A>(statement: string, run: Effect.Effect<A, SqlError.SqlError>) =>
      at(
        statement,
        Effect.tap(run, () => noted(statement))
      )
    const own: SqlConnection.Connection = {
      execute: (sql, params, transform) => through(sql, connection.execute(sql, params, transform)),
      executeRaw: (sql, params) => through(sql, connection.executeRaw(sql, params)),
      executeStream: (sql, params, transform) =>
        Stream.fromIterableEffect(through(sql, connection.execute(sql, params, transform))),
      executeValues: (sql, params) => through(sql, connection.executeValues(sql, params)),
      executeValuesUnprepared: (sql, params) => through(sql, connection.executeValuesUnprepared(sql, params)),
      executeUnprepared: (sql, params, transform) =>
        through(sql, connection.executeUnprepared(sql, params, transform))
    }
    return Layer.effect(
      SqlClient.SqlClient,
      SqlClient.make({
        ...SqlClient.makeSqliteAcquirers({
          connection: Effect.succeed(own),
          semaphore: Semaphore.makeUnsafe(1),
          isTransaction: () => this.owner === process
        }),
        compiler: Statement.makeCompilerSqlite(),
        driver: "sqlite-node",
        spanAttributes: [],
        beginTransaction: "BEGIN IMMEDIATE",
        prepareTransactionControls: true,
        releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`
      })
    ).pipe(Layer.provide(Reactivity.layer))
  }
}
