import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { MarketClockStore } from "../../src/market/MarketClockStore.ts"
import { LimitsStore } from "../../src/risk/LimitsStore.ts"
import { suite as limitsSuite } from "../contracts/LimitsStoreContract.ts"
import { suite as marketClockSuite } from "../contracts/MarketClockStoreContract.ts"
import { memoryStores, onEveryDatabase } from "./Databases.ts"

onEveryDatabase(marketClockSuite)
onEveryDatabase(limitsSuite)

describe("a row that was changed outside", () => {
  it.effect.each([
    ["no JSON", "{"],
    ["a field missing", '{"anchorMarket":1,"anchorSteady":1,"speed":1}'],
    ["a field too many", '{"anchorMarket":1,"anchorSteady":1,"speed":1,"running":true,"until":2}'],
    ["a value out of its bounds", '{"anchorMarket":1,"anchorSteady":1,"speed":-1,"running":true}']
  ])("is no market clock: %s", ([, body]) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const store = yield* MarketClockStore
      yield* sql`INSERT INTO market_clock (id, body) VALUES (1, ${body})`
      expect(yield* Effect.flip(store.load)).toMatchObject({
        _tag: "StorageCorrupt",
        table: "market_clock",
        key: "1"
      })
    }).pipe(Effect.provide(memoryStores))
  )

  it.effect("is no limits", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const store = yield* LimitsStore
      yield* sql`INSERT INTO limits (body) VALUES ('{"profile":"desk"}')`
      expect(yield* Effect.flip(store.load)).toMatchObject({
        _tag: "StorageCorrupt",
        table: "limits",
        key: "1"
      })
    }).pipe(Effect.provide(memoryStores))
  )
})
