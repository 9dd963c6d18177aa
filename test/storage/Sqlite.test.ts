import { describe, expect, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Deferred, Effect, Exit, Fiber, FileSystem, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"
import * as SqlUnitOfWork from "../../src/storage/SqlUnitOfWork.ts"

const memory = Layer.provideMerge(SqlUnitOfWork.layer, Sqlite.layerMemory)

const temporaryFolder = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  return yield* files.makeTempDirectoryScoped()
})

/** The typed failure of opening `filename`. */
const openingFailure = (filename: string) =>
  Effect.flip(Layer.build(Sqlite.layer({ filename, busyTimeoutMillis: 100 })))

const withTable = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE t (a INTEGER PRIMARY KEY, b ANY) STRICT`
  return sql
})

describe("opening a database", () => {
  it.effect("sets WAL of a bounded size, full durability and foreign keys", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const settings = yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        return {
          ...(yield* sql`PRAGMA journal_mode`)[0],
          ...(yield* sql`PRAGMA synchronous`)[0],
          ...(yield* sql`PRAGMA journal_size_limit`)[0],
          ...(yield* sql`PRAGMA foreign_keys`)[0]
        }
      }).pipe(Effect.provide(Sqlite.layer({ filename: `${folder}/desk.db`, busyTimeoutMillis: 100 })))
      expect(settings).toEqual({
        journal_mode: "wal",
        synchronous: 2,
        journal_size_limit: 67_108_864,
        foreign_keys: 1
      })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("names a folder that does not exist", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const error = yield* openingFailure(`${folder}/none/desk.db`)
      expect(error._tag).toBe("StorageFailed")
      expect(error.message).toContain(`${folder}/none does not exist`)
      expect(error.message).toContain("plimsoll init")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("says of a file that is not a database that it is none", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const filename = `${yield* temporaryFolder}/desk.db`
      yield* files.writeFileString(filename, "a letter, and no database\n".repeat(100))
      const error = yield* openingFailure(filename)
      expect(error._tag).toBe("StorageFailed")
      expect(error.message).toContain(filename)
      expect(error.message).toContain("not a SQLite database")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("refuses a folder in the database's place", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const error = yield* openingFailure(folder)
      expect(error._tag).toBe("StorageFailed")
      expect(error.message).toContain("must be able to write")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("statements", () => {
  it.effect("read and write numbers, text, bytes and null", () =>
    Effect.gen(function* () {
      const sql = yield* withTable
      const bytes = new Uint8Array([1, 2, 255])
      for (const [a, b] of [
        [1, 2 ** 53 - 1],
        [2, "text"],
        [3, bytes],
        [4, null],
        [5, -1.5]
      ] as const) {
        yield* sql`INSERT INTO t (a, b) VALUES (${a}, ${b})`
      }
      const rows = yield* sql<{ b: unknown }>`SELECT b FROM t ORDER BY a`
      expect(rows.map((row) => row.b)).toEqual([2 ** 53 - 1, "text", bytes, null, -1.5])
    }).pipe(Effect.provide(Sqlite.layerMemory))
  )

  it.effect("never round an integer above 2^53: reading one fails", () =>
    Effect.gen(function* () {
      const sql = yield* withTable
      yield* sql`INSERT INTO t (a, b) VALUES (1, 9007199254740993)`
      const error = yield* Effect.flip(sql`SELECT b FROM t`)
      expect(error.message).toContain("9007199254740993")
    }).pipe(Effect.provide(Sqlite.layerMemory))
  )

  it.effect("leave no transaction open after a row id above 2^53", () =>
    Effect.gen(function* () {
      const sql = yield* withTable
      const work = yield* UnitOfWork
      yield* work.atomically(sql`INSERT INTO t (a, b) VALUES (${9007199254740993n}, 'far')`)
      yield* work.atomically(sql`UPDATE t SET b = 'still works'`)
      expect(yield* sql`SELECT b FROM t`).toEqual([{ b: "still works" }])
    }).pipe(Effect.provide(memory))
  )

  it.effect("refuse a value that SQLite cannot hold", () =>
    Effect.gen(function* () {
      const sql = yield* withTable
      const error = yield* Effect.flip(sql`INSERT INTO t (a, b) VALUES (1, ${true})`)
      expect(error.message).toContain("boolean")
    }).pipe(Effect.provide(Sqlite.layerMemory))
  )

  it.effect("work when there are more of them than are kept prepared", () =>
    Effect.gen(function* () {
      const sql = yield* withTable
      for (let n = 1; n <= 600; n++) {
        yield* sql.unsafe(`INSERT INTO t (a, b) VALUES (${n}, ${n})`)
      }
      expect(yield* sql`SELECT count(*) AS n, sum(b) AS total FROM t`).toEqual([{ n: 600, total: 180_300 }])
    }).pipe(Effect.provide(Sqlite.layerMemory))
  )

  it.effect("answer as arrays, as a stream, raw and unprepared", () =>
    Effect.gen(function* () {
      const sql = yield* withTable
      const written = yield* sql`INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')`.raw
      expect(written).toMatchObject({ changes: 2n })
      const select = sql`SELECT a, b FROM t ORDER BY a`
      expect(yield* select.values).toEqual([
        [1, "x"],
        [2, "y"]
      ])
      expect(yield* select.valuesUnprepared).toEqual([
        [1, "x"],
        [2, "y"]
      ])
      expect(yield* select.unprepared).toEqual([
        { a: 1, b: "x" },
        { a: 2, b: "y" }
      ])
      expect(yield* select.raw).toEqual([
        { a: 1, b: "x" },
        { a: 2, b: "y" }
      ])
      expect(yield* Stream.runCollect(select.stream)).toEqual([
        { a: 1, b: "x" },
        { a: 2, b: "y" }
      ])
    }).pipe(Effect.provide(Sqlite.layerMemory))
  )

  it.effect("classify a broken constraint", () =>
    Effect.gen(function* () {
      const sql = yield* withTable
      yield* sql`INSERT INTO t (a) VALUES (1)`
      const error = yield* Effect.flip(sql`INSERT INTO t (a) VALUES (1)`)
      expect(error.reason._tag).toBe("ConstraintError")
    }).pipe(Effect.provide(Sqlite.layerMemory))
  )
})

describe("UnitOfWork on SQLite", () => {
  it.effect("keeps all of a transaction or, when it fails, dies or is interrupted, nothing", () =>
    Effect.gen(function* () {
      const sql = yield* withTable
      const work = yield* UnitOfWork
      const insert = (a: number) => sql`INSERT INTO t (a) VALUES (${a})`
      yield* work.atomically(Effect.andThen(insert(1), insert(2)))
      const failed = yield* Effect.flip(work.atomically(Effect.andThen(insert(3), Effect.fail("refused"))))
      const died = yield* Effect.exit(work.atomically(Effect.andThen(insert(4), Effect.die("bug"))))
      const stopped = yield* Effect.exit(work.atomically(Effect.andThen(insert(5), Effect.interrupt)))
      expect(failed).toBe("refused")
      expect(Exit.isFailure(died) && Exit.isFailure(stopped)).toBe(true)
      expect(yield* sql`SELECT a FROM t ORDER BY a`).toEqual([{ a: 1 }, { a: 2 }])
    }).pipe(Effect.provide(memory))
  )

  it.effect("joins a nested call to the outer transaction", () =>
    Effect.gen(function* () {
      const sql = yield* withTable
      const work = yield* UnitOfWork
      const insert = (a: number) => sql`INSERT INTO t (a) VALUES (${a})`
      yield* work.atomically(
        Effect.gen(function* () {
          yield* insert(1)
          yield* Effect.flip(work.atomically(Effect.andThen(insert(2), Effect.fail("inner only"))))
          yield* work.atomically(insert(3))
        })
      )
      expect(yield* sql`SELECT a FROM t ORDER BY a`).toEqual([{ a: 1 }, { a: 3 }])
      yield* Effect.flip(work.atomically(Effect.andThen(work.atomically(insert(4)), Effect.fail("all"))))
      expect(yield* sql`SELECT count(*) AS n FROM t`).toEqual([{ n: 2 }])
    }).pipe(Effect.provide(memory))
  )

  it.effect("rolls back when the commit itself is refused, and the next transaction works", () =>
    Effect.gen(function* () {
      const sql = yield* withTable
      const work = yield* UnitOfWork
      yield* sql`CREATE TABLE child (a INTEGER REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED) STRICT`
      const error = yield* Effect.flip(work.atomically(sql`INSERT INTO child (a) VALUES (404)`))
      expect(error._tag).toBe("StorageFailed")
      expect(error.message).toContain("FOREIGN KEY")
      yield* work.atomically(sql`INSERT INTO t (a) VALUES (1)`)
      expect(yield* sql`SELECT count(*) AS n FROM child`).toEqual([{ n: 0 }])
    }).pipe(Effect.provide(memory))
  )

  it.effect(
    "holds the write lock from its first statement: another process fails as busy after its wait",
    () =>
      Effect.gen(function* () {
        const filename = `${yield* temporaryFolder}/desk.db`
        const open = Layer.provideMerge(SqlUnitOfWork.layer, Sqlite.layer({ filename, busyTimeoutMillis: 1 }))
        const first = yield* Layer.build(open)
        const second = yield* Layer.build(Layer.fresh(open))
        const nothing = Effect.flatMap(UnitOfWork, (work) => work.atomically(Effect.void))
        const error = yield* Effect.flatMap(UnitOfWork, (work) =>
          work.atomically(Effect.flip(nothing.pipe(Effect.provide(second))))
        ).pipe(Effect.provide(first))
        expect(error._tag).toBe("StorageBusy")
        expect(error.message).toContain("try again")
        yield* nothing.pipe(Effect.provide(second))
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("waits for another process's transaction without stopping its own process", () =>
    Effect.gen(function* () {
      const filename = `${yield* temporaryFolder}/desk.db`
      const open = Layer.provideMerge(
        SqlUnitOfWork.layer,
        Sqlite.layer({ filename, busyTimeoutMillis: 10_000 })
      )
      const first = yield* Layer.build(open)
      const second = yield* Layer.build(Layer.fresh(open))
      yield* Effect.provide(withTable, first)
      const seen: Array<string> = []
      const insert = (a: number, before: Effect.Effect<void>) =>
        Effect.flatMap(UnitOfWork, (work) =>
          work.atomically(
            Effect.gen(function* () {
              const sql = yield* SqlClient.SqlClient
              yield* before
              yield* sql`INSERT INTO t (a) VALUES (${a})`
              seen.push(`wrote ${a}`)
            })
          )
        )
      const locked = yield* Deferred.make<void>()
      const free = yield* Deferred.make<void>()
      const holding = Effect.andThen(Deferred.succeed(locked, undefined), Deferred.await(free))
      const holder = yield* Effect.forkChild(insert(1, holding).pipe(Effect.provide(first)))
      yield* Deferred.await(locked)
      const waiter = yield* Effect.forkChild(insert(2, Effect.void).pipe(Effect.provide(second)))
      yield* Effect.yieldNow
      // A wait that held the thread would keep this fiber from letting the holder go.
      seen.push("the process goes on")
      yield* Deferred.succeed(free, undefined)
      yield* Fiber.join(holder)
      yield* Fiber.join(waiter)
      expect(seen).toEqual(["the process goes on", "wrote 1", "wrote 2"])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("keeps what was committed when the database is opened again", () =>
    Effect.gen(function* () {
      const filename = `${yield* temporaryFolder}/desk.db`
      const open = () =>
        Layer.provideMerge(SqlUnitOfWork.layer, Sqlite.layer({ filename, busyTimeoutMillis: 100 }))
      yield* Effect.gen(function* () {
        const sql = yield* withTable
        const work = yield* UnitOfWork
        yield* work.atomically(sql`INSERT INTO t (a) VALUES (7)`)
      }).pipe(Effect.provide(open()))
      const rows = yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT a FROM t`).pipe(
        Effect.provide(open())
      )
      expect(rows).toEqual([{ a: 7 }])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
