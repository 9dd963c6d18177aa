/** What is PostgreSQL's own: locks, numbers, texts, and connections that are lost. */
import { expect, it } from "@effect/vitest"
import { type Context, Effect, Fiber, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import { atOneMoment } from "../../src/storage/Dialect.ts"
import * as Migrations from "../../src/storage/Migrations.ts"
import { toStorageError } from "../../src/storage/Sqlite.ts"
import { race, startChild } from "../support/Children.ts"
import { losingProxy } from "../support/LosingProxy.ts"
import { addressOf, onServer, scopedSchema, urlOf } from "../support/Postgres.ts"
import { describeWithPostgres } from "../support/WithPostgres.ts"
import { vi } from "vitest"

// Every statement is a message to a server: slow on a machine that is busy with others.
vi.setConfig({ testTimeout: 60_000 })

type Services = SqlClient.SqlClient | UnitOfWork

/** Opens a schema as one process would. */
const open = (url: string, busyTimeoutMillis = 10_000) =>
  Layer.build(Layer.fresh(DeskDatabase.layerPostgres({ address: addressOf(url), busyTimeoutMillis })))

const on =
  (process: Context.Context<Services>) =>
  <A, E>(body: Effect.Effect<A, E, Services>): Effect.Effect<A, E> =>
    Effect.provideContext(body, process)

const newTable = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.as(sql`CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT)`, sql)
)
const insert = (a: number, b: string | null = null) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.mapError(sql`INSERT INTO t (a, b) VALUES (${a}, ${b})`, toStorageError("insert"))
  )
const keys = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(sql<{ a: number }>`SELECT a FROM t ORDER BY a`, (rows) => rows.map(({ a }) => a))
)
const atomically = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.flatMap(UnitOfWork, (unit) => unit.atomically(work))

/** The server's number of the connection. */
const session = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`, ([row]) => row?.pid ?? 0)
)
const end = (pid: number) => onServer(`SELECT pg_terminate_backend(${pid}, 5000)`)

const script = new URL("./processes/openSchema.ts", import.meta.url)

describeWithPostgres("a desk's schema on PostgreSQL", () => {
  const inSchema = <A, E>(body: (url: string) => Effect.Effect<A, E, Scope.Scope>) =>
    Effect.scoped(Effect.flatMap(scopedSchema, (schema) => body(urlOf(schema))))

  it.live("is made once when several processes open it at the same instant", () =>
    inSchema((url) =>
      Effect.gen(function* () {
        const ends = yield* Effect.promise(() => race([1, 2, 3].map(() => startChild(script, [url]))))
        expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null, output: "" })))
        const { rows, version } = yield* Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const rows = yield* sql`SELECT migration_id FROM plimsoll_migrations`
          return { rows, version: yield* Migrations.currentVersion }
        }).pipe(on(yield* open(url)))
        expect(rows).toHaveLength(version)
      })
    )
  )

  it.live("is left as it is when a newer program wrote it", () =>
    inSchema((url) =>
      Effect.gen(function* () {
        const error = yield* Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* sql`INSERT INTO plimsoll_migrations (migration_id, name) VALUES (9999, 'later')`
          return yield* Effect.flip(Migrations.run)
        }).pipe(on(yield* open(url)))
        expect(error).toMatchObject({ _tag: "StorageFailed" })
        expect(error.message).toContain("newer plimsoll")
      })
    )
  )

  it.live("gives integers back exactly up to 2^53, and refuses what it would round", () =>
    inSchema((url) =>
      Effect.gen(function* () {
        const largest = Number.MAX_SAFE_INTEGER
        yield* Effect.gen(function* () {
          const sql = yield* newTable
          for (const value of [largest, -largest, 0, 2 ** 31, -(2 ** 31) - 1]) yield* insert(value)
          expect(yield* keys).toEqual([-largest, -(2 ** 31) - 1, 0, 2 ** 31, largest])
          expect((yield* Effect.flip(insert(1.5))).message).toContain("no whole number")
          expect((yield* Effect.flip(insert(largest + 1))).message).toContain("no whole number")
          yield* sql.unsafe("INSERT INTO t (a) VALUES (9007199254740993)")
          const error = yield* Effect.flip(keys)
          expect(String(error.reason.cause)).toContain("9007199254740993 is too large")
          // The connection that met it is replaced.
          expect(yield* sql`SELECT 1 AS one`).toEqual([{ one: 1 }])
        }).pipe(on(yield* open(url)))
      })
    )
  )

  it.live("gives every text back as it was, and refuses what it cannot keep", () =>
    inSchema((url) =>
      Effect.gen(function* () {
        yield* Effect.gen(function* () {
          const sql = yield* newTable
          const texts = ["", " ", "naïve ‹quotes› \\ ' \" $1 ?", "😀", JSON.stringify("\0 \uD800"), "\uFFFD"]
          yield* Effect.forEach(texts, (text, i) => insert(i, text))
          const rows = yield* sql<{ b: string }>`SELECT b FROM t ORDER BY a`
          expect(rows.map(({ b }) => b)).toEqual(texts)
          expect((yield* Effect.flip(insert(10, "a\0b"))).message).toContain("NUL")
          expect((yield* Effect.flip(insert(11, "\uD83D"))).message).toContain("surrogate")
        }).pipe(on(yield* open(url)))
      })
    )
  )

  it.live("lets a transaction that waited for another see all that the other wrote", () =>
    inSchema((url) =>
      Effect.gen(function* () {
        const a = on(yield* open(url))
        const b = on(yield* open(url))
        yield* a(newTable)
        const second = yield* a(
          atomically(
            Effect.gen(function* () {
              yield* insert(1)
              // It begins while this one holds the lock, and can do nothing but wait.
              const other = yield* Effect.forkDetach(b(atomically(Effect.tap(keys, () => insert(2)))))
              yield* waiting
              return other
            })
          )
        )
        expect(yield* Fiber.join(second)).toEqual([1])
        expect(yield* a(keys)).toEqual([1, 2])
      })
    )
  )

  it.live("is busy for a transaction that has waited for so long, and free after", () =>
    inSchema((url) =>
      Effect.gen(function* () {
        const a = on(yield* open(url))
        const b = on(yield* open(url, 1))
        const error = yield* a(atomically(Effect.flip(b(atomically(Effect.void)))))
        expect(error).toMatchObject({ _tag: "StorageBusy" })
        expect(error.message).toContain("nothing was written, try again")
        yield* b(atomically(Effect.void))
      })
    )
  )

  it.live("shares nothing with another schema: their transactions do not wait for each other", () =>
    inSchema((one) =>
      inSchema((two) =>
        Effect.gen(function* () {
          const a = on(yield* open(one))
          const b = on(yield* open(two, 1))
          yield* a(atomically(b(atomically(Effect.void))))
        })
      )
    )
  )

  it.live("runs a transaction again that gave way to another, and gives up after five times", () =>
    inSchema((url) =>
      Effect.gen(function* () {
        const a = on(yield* open(url))
        yield* a(newTable)
        let tries = 0
        const gaveWay = (code: string, times: number) =>
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            yield* insert(tries)
            tries += 1
            if (tries > times) return tries
            yield* sql
              .unsafe(`DO $$ BEGIN RAISE EXCEPTION 'gave way' USING ERRCODE = '${code}'; END $$`)
              .pipe(Effect.mapError(toStorageError("give way")))
            return tries
          })
        expect(yield* a(atomically(gaveWay("40001", 2)))).toBe(3)
        expect(yield* a(keys)).toEqual([2])
        tries = 10
        expect(yield* a(atomically(gaveWay("40P01", 11)))).toBe(12)
        tries = 100
        const error = yield* Effect.flip(a(atomically(gaveWay("40001", 1000))))
        expect(error).toMatchObject({ _tag: "StorageBusy", conflict: true })
        expect(tries).toBe(106)
        expect(yield* a(keys)).toEqual([2, 11])
      })
    )
  )

  it.live(
    "keeps nothing of a transaction in which a statement failed, also when the failure was caught",
    () =>
      inSchema((url) =>
        Effect.gen(function* () {
          const a = on(yield* open(url))
          yield* a(newTable)
          const error = yield* Effect.flip(a(atomically(Effect.andThen(insert(1), Effect.exit(insert(1))))))
          expect(error).toMatchObject({ _tag: "StorageFailed" })
          expect(error.message).toContain("nothing was written")
          expect(yield* a(keys)).toEqual([])
          yield* a(atomically(Effect.andThen(insert(1), Effect.exit(atomically(insert(1))))))
          expect(yield* a(keys)).toEqual([1])
        })
      )
  )

  it.live(
    "loses a transaction with its connection, says that nothing was written, and goes on with a new one",
    () =>
      inSchema((url) =>
        Effect.gen(function* () {
          const a = on(yield* open(url))
          yield* a(newTable)
          const error = yield* Effect.flip(
            a(
              atomically(
                Effect.gen(function* () {
                  yield* insert(1)
                  yield* end(yield* session)
                  yield* insert(2)
                })
              )
            )
          )
          expect(error._tag).toBe("StorageFailed")
          expect(error.message).toContain("nothing was written")
          yield* a(atomically(insert(3)))
          expect(yield* a(keys)).toEqual([3])
        })
      )
  )

  it.live("takes a new connection where one was lost between two transactions", () =>
    inSchema((url) =>
      Effect.gen(function* () {
        const a = on(yield* open(url))
        yield* a(newTable)
        yield* end(yield* a(session))
        yield* a(atomically(insert(1)))
        yield* end(yield* a(session))
        expect(yield* a(keys)).toEqual([1])
      })
    )
  )

  it.live.each(["the COMMIT", "the answer to COMMIT"] as const)(
    "does not know whether it was written when %s is lost, says so, and can be asked again",
    (loses) =>
      inSchema((url) =>
        Effect.gen(function* () {
          const proxy = yield* losingProxy(url)
          yield* on(yield* open(url))(newTable)
          const a = on(yield* open(proxy.url))
          const once = atomically(
            Effect.gen(function* () {
              if (!(yield* keys).includes(1)) yield* insert(1)
            })
          )
          proxy.loses = loses
          const error = yield* Effect.flip(a(once))
          expect(error._tag).toBe("StorageUnknown")
          expect(error.message).toContain("not known whether it was written")
          expect(error.message).not.toContain("nothing was written")
          const written = yield* a(keys)
          expect(written).toEqual(loses === "the COMMIT" ? [] : [1])
          yield* a(once)
          expect(yield* a(keys)).toEqual([1])
        })
      )
  )

  it.live("reads everything of one moment, whatever others write meanwhile", () =>
    inSchema((url) =>
      Effect.gen(function* () {
        const a = on(yield* open(url))
        const b = on(yield* open(url))
        yield* a(newTable)
        const seen = yield* a(
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            return yield* atOneMoment(
              sql,
              Effect.gen(function* () {
                const before = yield* keys
                yield* b(atomically(insert(1)))
                return [before, yield* keys]
              })
            )
          })
        )
        expect(seen).toEqual([[], []])
        expect(yield* a(keys)).toEqual([1])
      })
    )
  )

  it.live("cannot be opened with a wrong address, and the password is never shown", () =>
    Effect.gen(function* () {
      const url = new URL(urlOf("nobody"))
      url.password = "very-secret"
      url.searchParams.set("host", "/nowhere")
      const error = yield* Effect.flip(Effect.scoped(open(url.href)))
      expect(error._tag).toBe("StorageFailed")
      expect(error.message).toContain("schema nobody of")
      expect(error.message).toContain("is the server running")
      expect(JSON.stringify(error) + String(error)).not.toContain("very-secret")
    })
  )
})

/** Until a session waits for a lock. */
const waiting = Effect.gen(function* () {
  for (;;) {
    const rows = yield* onServer(
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'"
    )
    if (rows.length > 0) return
  }
})
