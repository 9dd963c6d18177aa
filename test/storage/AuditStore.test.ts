import { describe, expect, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { AuditStore } from "../../src/audit/AuditStore.ts"
import * as AuditStoreSql from "../../src/storage/AuditStore.ts"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import { suite } from "../contracts/AuditStoreContract.ts"
import { memoryStores, onEveryDatabase } from "./Databases.ts"

onEveryDatabase(suite)

describe("AuditStore on SQLite", () => {
  it.effect("waits for the disk again after it discarded", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const file = DeskDatabase.layer({ filename: `${folder}/desk.db`, busyTimeoutMillis: 100 })
      const level = yield* Effect.gen(function* () {
        const store = yield* AuditStore
        const sql = yield* SqlClient.SqlClient
        yield* store.discard(1)
        return yield* sql`PRAGMA synchronous`
      }).pipe(Effect.provide(Layer.provideMerge(AuditStoreSql.layer, file)))
      expect(level).toEqual([{ synchronous: 2 }])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("names a stored row that does not decode", () =>
    Effect.gen(function* () {
      const store = yield* AuditStore
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO audit_outbox (sequence, segment, position, line) VALUES (7, '2026-03-02', -1, '{}')`
      const error = yield* Effect.flip(store.outbox(0))
      expect(error).toMatchObject({ _tag: "StorageCorrupt", table: "audit_outbox", key: "7" })
    }).pipe(Effect.provide(memoryStores))
  )
})
