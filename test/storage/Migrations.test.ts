import { describe, expect, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Layer, Option } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { CrankLease } from "../../src/execution/CrankLease.ts"
import { OrderJournal } from "../../src/execution/OrderJournal.ts"
import { MarketClockStore } from "../../src/market/MarketClockStore.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import * as DeskStores from "../../src/storage/DeskStores.ts"
import * as Migrations from "../../src/storage/Migrations.ts"
import { createAudit } from "../../src/storage/migrations/Audit.ts"
import { createExecution } from "../../src/storage/migrations/Execution.ts"
import { createInstruments } from "../../src/storage/migrations/Instruments.ts"
import { createLimits } from "../../src/storage/migrations/Limits.ts"
import { createPermits } from "../../src/storage/migrations/Permits.ts"
import { createPlace } from "../../src/storage/migrations/Place.ts"
import { createMarketClock } from "../../src/storage/migrations/MarketClock.ts"
import { addSteadyClock } from "../../src/storage/migrations/SteadyClock.ts"
import * as SqlUnitOfWork from "../../src/storage/SqlUnitOfWork.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"
import { addChecksums } from "../../src/storage/migrations/Checksums.ts"
import * as Tables from "../../src/storage/Tables.ts"
import { race, startChild } from "../support/Children.ts"

const script = new URL("./processes/openDesk.ts", import.meta.url)

const temporaryDatabase = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  return `${yield* files.makeTempDirectoryScoped()}/desk.db`
})

const applied = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* sql`SELECT migration_id, count(*) AS times FROM plimsoll_migrations GROUP BY migration_id ORDER BY 1`
})

/** The tables as the first version made them. */
const firstVersion = Effect.all([createAudit, createMarketClock, createLimits, createExecution], {
  discard: true
})

describe("Migrations", () => {
  it.effect("make every table of a new database", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`
      expect(rows.map((row) => row.name)).toEqual(
        expect.arrayContaining(["audit_head", "audit_outbox", "audit_segment", "limits", "market_clock"])
      )
    }).pipe(Effect.provide(DeskDatabase.layerMemory))
  )

  it.effect("run once, and not again at the next opening", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryDatabase
      const open = DeskDatabase.layer({ filename, busyTimeoutMillis: 1000 })
      const first = yield* applied.pipe(Effect.provide(open))
      const second = yield* applied.pipe(
        Effect.provide(DeskDatabase.layer({ filename, busyTimeoutMillis: 1000 }))
      )
      expect(first.length).toBeGreaterThan(0)
      expect(second).toEqual(first)
      expect(second.every((row) => row["times"] === 1)).toBe(true)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("run once when several processes open a new database at the same instant", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryDatabase
      const ends = yield* Effect.promise(() => race([1, 2, 3].map(() => startChild(script, [filename]))))
      expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null, output: "" })))
      const rows = yield* applied.pipe(Effect.provide(Sqlite.layer({ filename, busyTimeoutMillis: 1000 })))
      expect(rows.length).toBeGreaterThan(0)
      expect(rows.every((row) => row["times"] === 1)).toBe(true)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect(
    "take a desk from before there was a steady clock along: its replay, its journal, and no dead lease",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* Migrator.make({})({
          loader: Migrator.fromRecord({ "0001_desk": firstVersion }),
          table: "plimsoll_migrations"
        })
        const wall = 1_772_409_600_123_000
        const clock = { anchorMarket: 946_909_800_000_000, anchorWall: wall, speed: 60, running: true }
        yield* sql`INSERT INTO market_clock (id, body) VALUES (1, ${JSON.stringify(clock)})`
        yield* sql`INSERT INTO lease (name, holder, token, expires_at) VALUES ('crank', 'dead', 7, ${wall + 5_000_000})`
        yield* sql`INSERT INTO checkpoint (id, sequence, body) VALUES (1, 1, '{"sent":[{"tsWall":1}]}')`
        yield* sql`INSERT INTO journal (sequence, ts_event, ts_wall, account_id, tag, client_order_id, actor, body)
          VALUES (1, 5, ${wall + 1_000_000}, 'desk', 'OrderSubmitted', 'o', '{"kind":"desk","name":"broker"}',
            '{"_tag":"OrderSubmitted","clientOrderId":"o","tsEvent":5}')`
        yield* Migrations.run
        yield* Effect.gen(function* () {
          const replay = yield* MarketClockStore
          const journal = yield* OrderJournal
          const steady = yield* SteadyClock
          const lease = yield* CrankLease
          expect(Option.getOrThrow(yield* replay.load).anchorSteady).toBe(wall)
          expect(yield* journal.checkpoint).toEqual(Option.none())
          const [line] = yield* journal.read({ after: 0, limit: 1 })
          expect(line).toMatchObject({ sequence: 1, tsWall: wall + 1_000_000 })
          expect(line).not.toHaveProperty("tsSteady")
          const now = yield* steady.now
          expect(now).toBe(wall + 1_000_000)
          expect(Option.isSome(yield* lease.acquire({ holder: "alive", now, ttlMicros: 1 }))).toBe(true)
        }).pipe(
          Effect.provide(
            SteadyClock.layer({ boot: "" }).pipe(
              Layer.provideMerge(DeskStores.layer),
              Layer.provideMerge(SqlUnitOfWork.layer)
            )
          )
        )
      }).pipe(Effect.provide(Sqlite.layerMemory))
  )

  it.effect("seal the rows that an older program wrote, more than are read at a time", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* Effect.all([createAudit, createMarketClock, createLimits, createExecution])
      yield* sql`INSERT INTO journal (sequence, ts_event, ts_wall, account_id, tag, actor, body)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
        SELECT i, i, i, 'desk', 'SessionOpened', '{}', 'line ' || i FROM n`
      yield* sql`INSERT INTO audit_segment (segment, first_sequence) VALUES ('2026-03-02', 1), ('2026-03-03', 9)`
      yield* sql`INSERT INTO lease (name, holder, token, expires_at) VALUES ('crank', 'cli-1', 7, 0)`
      yield* sql`INSERT INTO paper_venue (id, version, body) VALUES (1, 3, '{}')`
      yield* sql`INSERT INTO venue_record (client_order_id, tag, body) VALUES ('a', 'OrderAccepted', '{}'), ('b', 'OrderAccepted', '{}')`
      yield* addSteadyClock
      yield* addChecksums
      yield* createPlace
      yield* createPermits
      yield* createInstruments
      const counts: Record<string, number> = {}
      for (const table of Object.values(Tables)) {
        const rows = yield* sql`SELECT ${sql.literal(table.columns)} FROM ${sql.literal(table.name)}`
        yield* Effect.forEach(rows, table.verify)
        counts[table.name] = rows.length
      }
      expect(counts).toMatchObject({
        journal: 2500,
        audit_segment: 2,
        lease: 1,
        paper_venue: 1,
        venue_record: 2
      })
      expect(yield* sql`SELECT recorded FROM paper_venue`).toEqual([{ recorded: 2 }])
    }).pipe(Effect.provide(Sqlite.layerMemory))
  )

  it.effect("refuse a database that a newer program wrote, and leave it as it is", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO plimsoll_migrations (migration_id, name) VALUES (9999, 'later')`
      const error = yield* Effect.flip(Migrations.run)
      expect(error._tag).toBe("StorageFailed")
      expect(error.message).toContain("version 9999")
      expect(error.message).toContain("newer plimsoll")
      expect((yield* applied).at(-1)).toEqual({ migration_id: 9999, times: 1 })
    }).pipe(Effect.provide(DeskDatabase.layerMemory))
  )

  it.effect("say which table stands in the way when a migration fails, and keep nothing of it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TABLE audit_outbox (wrong TEXT)`
      const error = yield* Effect.flip(Migrations.run)
      expect(error._tag).toBe("StorageFailed")
      const tables = yield* sql`SELECT name FROM sqlite_master WHERE name = 'audit_head'`
      expect(tables).toEqual([])
      expect(error.message).toContain("audit_outbox")
    }).pipe(Effect.provide(Sqlite.layerMemory))
  )

  it.effect("fail as busy when another process holds the database for the whole wait", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryDatabase
      const open = Sqlite.layer({ filename, busyTimeoutMillis: 1 })
      const holder = yield* Layer.build(open)
      const other = yield* Layer.build(Layer.fresh(open))
      const error = yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        return yield* sql.withTransaction(Effect.flip(Migrations.run.pipe(Effect.provide(other))))
      }).pipe(Effect.provide(holder))
      expect(error._tag).toBe("StorageBusy")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
