/** A desk that many processes race on: composed as a program's, its limits those of a scenario. */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { accountId } from "../../src/domain/Identifiers.ts"
import { dollars } from "../../src/domain/Money.ts"
import type { Timestamp } from "../../src/domain/Timestamp.ts"
import { Account } from "../../src/execution/Account.ts"
import * as Desk from "../../src/execution/Desk.ts"
import { CitedQuotes } from "../../src/market/CitedQuotes.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { bootId } from "../../src/programs/BootId.ts"
import { BUSY_TIMEOUT_MILLIS } from "../../src/programs/DeskStorage.ts"
import { defaultLimits, type RiskLimits } from "../../src/risk/RiskLimits.ts"
import { SealedLimits } from "../../src/risk/SealedLimits.ts"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import * as DeskStores from "../../src/storage/DeskStores.ts"
import { addressOf } from "../support/Postgres.ts"
import { frictionless, person } from "../execution/TestDesk.ts"
import { ACME, BOLT, closeOf, INDX, type Listing, sourceOf } from "../execution/TestMarket.ts"

/** BOLT is 50 and INDX 1000 whatever happens; ACME falls from 100 to 90 in the course of the first day. */
export const raceMarket: ReadonlyArray<Listing> = [
  { instrument: ACME, days: [[100, 100, 90, 90], 90, 90], actions: [] },
  { instrument: BOLT, days: [50, 50, 50], actions: [] },
  { instrument: INDX, days: [1000, 1000, 1000], actions: [] }
]

/** Where a race's desk is kept: a folder for its audit log, and its database there, in memory or on a server. */
export interface Place {
  readonly folder: string
  /** "memory", or the URL of a schema on a PostgreSQL server. */
  readonly database?: string
}

const layerOf = ({ database, folder }: Place) => {
  if (database === "memory") return DeskDatabase.layerMemory
  return database === undefined
    ? DeskDatabase.layer({ filename: `${folder}/desk.db`, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS })
    : DeskDatabase.layerPostgres({ address: addressOf(database), busyTimeoutMillis: BUSY_TIMEOUT_MILLIS })
}

export const marketData = SourcedMarketData.layer({ sources: [sourceOf(raceMarket)], seed: "race" })

/** Opens the desk's account with $100,000, its market's clock paused at `at`. */
export const openRace = Effect.fnUntraced(function* (at: Timestamp) {
  const account = yield* Account
  const clock = yield* MarketClockControl
  yield* clock.initialise(at)
  yield* account.open({ accountId: accountId("desk"), cash: dollars(100_000), actor: person })
})

export const raceDesk = (place: Place, limits: Partial<RiskLimits>, holder: string) => {
  const until = closeOf(2)
  const clock = Layer.merge(MarketClock.layerReplay({ until }), MarketClockControl.layer({ until }))
  const profile = {
    name: "race",
    label: "limits of a race",
    promotable: false,
    limits: { ...defaultLimits, ...limits }
  }
  return Desk.layerPaper({
    models: frictionless,
    holder,
    resumePolicy: { _tag: "Never" },
    clocks: "both"
  }).pipe(
    Layer.provideMerge(CitedQuotes.layer),
    Layer.provideMerge(marketData),
    Layer.provideMerge(
      Layer.mergeAll(
        clock,
        SealedLimits.layerProfile(profile),
        AuditLog.layer({ folder: `${place.folder}/audit` })
      )
    ),
    Layer.provideMerge(
      SteadyClock.layer({ boot: bootId() }).pipe(
        Layer.provideMerge(DeskStores.layer),
        Layer.provideMerge(layerOf(place))
      )
    ),
    Layer.provideMerge(NodeServices.layer)
  )
}
