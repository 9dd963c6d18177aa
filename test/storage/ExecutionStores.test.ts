import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { accountId } from "../../src/domain/Identifiers.ts"
import { OrderJournal } from "../../src/execution/OrderJournal.ts"
import { PaperVenueStore } from "../../src/execution/paper/PaperVenueStore.ts"
import { suite as leaseSuite } from "../contracts/CrankLeaseContract.ts"
import { suite as instrumentSuite } from "../contracts/InstrumentStoreContract.ts"
import { suite as journalSuite } from "../contracts/OrderJournalContract.ts"
import { suite as venueSuite } from "../contracts/PaperVenueStoreContract.ts"
import { suite as permitSuite } from "../contracts/PermitStoreContract.ts"
import { suite as quoteSuite } from "../contracts/QuoteStoreContract.ts"
import { suite as steadySuite } from "../contracts/SteadyClockStoreContract.ts"
import { memoryStores, onEveryDatabase } from "./Databases.ts"
import { vi } from "vitest"

// Every statement is a message to a server: slow on a machine that is busy with others.
vi.setConfig({ testTimeout: 60_000 })

onEveryDatabase(journalSuite)
onEveryDatabase(venueSuite)
onEveryDatabase(permitSuite)
onEveryDatabase(instrumentSuite)
onEveryDatabase(quoteSuite)
onEveryDatabase(leaseSuite)
onEveryDatabase(steadySuite)

describe("a row that was changed outside", () => {
  it.effect("is no journal line, no fill and no line of the venue's record", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const journal = yield* OrderJournal
      const venue = yield* PaperVenueStore
      yield* sql`INSERT INTO journal (sequence, ts_event, ts_wall, account_id, tag, trade_id, actor, body)
        VALUES (1, 0, 0, 'desk', 'OrderFilled', 'T-1', '{"kind":"desk","name":"x"}', '{"_tag":"OrderSubmitted","clientOrderId":"a","tsEvent":0}')`
      yield* sql`INSERT INTO journal (sequence, ts_event, ts_wall, account_id, tag, actor, body)
        VALUES (2, 0, 0, 'desk', 'OrderSubmitted', '{"kind":"desk","name":"x"}', '{"_tag":"OrderSubmitted"}')`
      yield* sql`INSERT INTO venue_record (client_order_id, tag, body) VALUES ('a', 'OrderAccepted', '{')`
      const said = [
        yield* Effect.flip(journal.fills({ accountId: accountId("desk"), after: 0, limit: 1 })),
        yield* Effect.flip(journal.read({ after: 1, limit: 1 })),
        yield* Effect.flip(venue.record({ after: 0, limit: 1 }))
      ]
      expect(said).toMatchObject([
        { _tag: "StorageCorrupt", table: "journal", key: "1" },
        { _tag: "StorageCorrupt", table: "journal", key: "2" },
        { _tag: "StorageCorrupt", table: "venue_record", key: "1" }
      ])
    }).pipe(Effect.provide(memoryStores))
  )
})
