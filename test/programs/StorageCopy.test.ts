/** A desk that moves is in one database at any instant. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import { deskFolderAt } from "../../src/programs/DeskFolder.ts"
import { openStorage } from "../../src/programs/DeskStorage.ts"
import { copyDesk } from "../../src/programs/StorageCopy.ts"
import * as DeskPlace from "../../src/storage/DeskPlace.ts"
import { databaseOf, scopedSchema, urlOf } from "../support/Postgres.ts"
import { describeWithPostgres } from "../support/WithPostgres.ts"
import { killAndLook, newDesk, stepsOf } from "./KilledCopy.ts"

/** The last steps, where the desk changes its place, are all tried, of those before every so many; the soak tries all. */
const DECISIVE = 8
const EVERY = 40

const project = Effect.acquireRelease(newDesk, (folder) =>
  Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const move = (folder: string, url: string, to: "postgres" | "sqlite") =>
  Effect.scoped(
    copyDesk({
      folder: deskFolderAt(folder, undefined, Redacted.make(url)),
      to,
      onProgress: () => Effect.void
    })
  )

describeWithPostgres("a desk that is moved between a file and a server", () => {
  it.live.each(["postgres", "sqlite"] as const)(
    "to %s, and killed on the way, is usable in one place, whole, and the move can be finished",
    (to) =>
      Effect.gen(function* () {
        const desk = yield* project
        const steps = yield* stepsOf(desk, to)
        const at = Array.from({ length: steps }, (_, i) => i + 1).filter(
          (step) => step > steps - DECISIVE || step % EVERY === 1
        )
        expect(at.length).toBeGreaterThan(DECISIVE)
        const problems = yield* Effect.forEach(at, (step) => killAndLook(desk, to, step), { concurrency: 2 })
        expect(problems.flat()).toEqual([])
      }).pipe(Effect.scoped),
    300_000
  )

  it.live("goes there and back with every row as it was", () =>
    Effect.gen(function* () {
      const desk = yield* project
      const url = urlOf(yield* scopedSchema)
      const there = yield* move(desk, url, "postgres")
      const back = yield* move(desk, url, "sqlite")
      expect(there.tables.find(({ table }) => table === "journal")?.rows).toBeGreaterThan(4)
      expect(back.tables).toEqual(there.tables)
      expect((yield* move(desk, url, "postgres")).tables).toEqual(there.tables)
    }).pipe(Effect.scoped)
  )

  it.live("lets a program that had it open write nothing more where it was", () =>
    Effect.gen(function* () {
      const desk = yield* project
      const url = urlOf(yield* scopedSchema)
      const opened = yield* Layer.build(yield* openStorage(deskFolderAt(desk, undefined)))
      yield* move(desk, url, "postgres")
      const error = yield* Effect.flip(
        Effect.flatMap(UnitOfWork, (unit) =>
          unit.atomically(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DELETE FROM journal`))
        ).pipe(Effect.provideContext(opened))
      )
      expect(error._tag).toBe("StorageFailed")
      expect(error.message).toContain("the desk was moved to schema")
    }).pipe(Effect.scoped)
  )

  it.live("writes nothing more on a server once its folder does not say that it is there", () =>
    Effect.gen(function* () {
      const desk = yield* project
      const url = urlOf(yield* scopedSchema)
      yield* move(desk, url, "postgres")
      const folder = deskFolderAt(desk, undefined, Redacted.make(url))
      const opened = yield* Layer.build(yield* openStorage(folder))
      const write = Effect.flatMap(UnitOfWork, (unit) =>
        unit.atomically(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DELETE FROM cited_quotes`))
      ).pipe(Effect.provideContext(opened))
      yield* write
      rmSync(folder.place)
      const error = yield* Effect.flip(write)
      expect(error.message).toContain("nothing was written")
    }).pipe(Effect.scoped)
  )

  it.live("is not moved onto another desk, nor onto rows of somebody's", () =>
    Effect.gen(function* () {
      const one = yield* project
      const two = yield* project
      const url = urlOf(yield* scopedSchema)
      yield* move(one, url, "postgres")
      const other = yield* Effect.flip(move(two, url, "postgres"))
      expect(other).toMatchObject({ _tag: "StorageNotEmpty" })
      expect(other.message).toContain("another desk")

      const full = urlOf(yield* scopedSchema)
      yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`INSERT INTO limits (body) VALUES ('{}')`).pipe(
        Effect.provide(databaseOf(full))
      )
      const rows = yield* Effect.flip(move(two, full, "postgres"))
      expect(rows).toMatchObject({ _tag: "StorageNotEmpty" })
      expect(rows.message).toContain("1 rows")
    }).pipe(Effect.scoped)
  )

  it.live("is refused where it was left, also when the folder does not say where it went", () =>
    Effect.gen(function* () {
      const desk = yield* project
      const url = urlOf(yield* scopedSchema)
      yield* move(desk, url, "postgres")
      const file = deskFolderAt(desk, undefined)
      const opening = Effect.flatMap(openStorage(file), (storage) => Effect.provide(DeskPlace.read, storage))
      expect((yield* Effect.flip(opening)).message).toContain("set PLIMSOLL_DATABASE_URL")
      rmSync(file.place)
      const left = yield* Effect.flip(opening)
      expect(left._tag).toBe("DeskElsewhere")
      expect(left.message).toContain("was moved to schema")
    }).pipe(Effect.scoped)
  )

  it.live("is refused to a project that names another's schema", () =>
    Effect.gen(function* () {
      const one = yield* project
      const url = urlOf(yield* scopedSchema)
      yield* move(one, url, "postgres")
      const two = yield* project
      const folder = deskFolderAt(two, undefined, Redacted.make(url))
      rmSync(folder.database)
      mkdirSync(folder.home, { recursive: true })
      const opening = Effect.flatMap(openStorage(folder), (storage) =>
        Effect.provide(DeskPlace.read, storage)
      )
      expect((yield* Effect.flip(opening))._tag).toBe("DeskMissing")
      writeFileSync(join(folder.home, "place.json"), '{"kind":"postgres","where":"there","deskId":"mine"}')
      const other = yield* Effect.flip(opening)
      expect(other._tag).toBe("DeskElsewhere")
      expect(other.message).toContain("desk of another folder")
    }).pipe(Effect.scoped)
  )
})
