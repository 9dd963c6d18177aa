/** A desk that many processes race on: composed as a program's, its limits those of a scenario. */
import { NodeServices } from "@effect/platform-node"
import { Layer } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import * as Desk from "../../src/execution/Desk.ts"
import { CitedQuotes } from "../../src/market/CitedQuotes.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { BUSY_TIMEOUT_MILLIS } from "../../src/programs/DeskStorage.ts"
import { defaultLimits, type RiskLimits } from "../../src/risk/RiskLimits.ts"
import { SealedLimits } from "../../src/risk/SealedLimits.ts"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import * as DeskStores from "../../src/storage/DeskStores.ts"
import { frictionless } from "../execution/TestDesk.ts"
import { ACME, BOLT, closeOf, INDX, type Listing, sourceOf } from "../execution/TestMarket.ts"

/** BOLT is 50 and INDX 1000 whatever happens; ACME falls from 100 to 90 in the course of the first day. */
export const raceMarket: ReadonlyArray<Listing> = [
  { instrument: ACME, days: [[100, 100, 90, 90], 90, 90], actions: [] },
  { instrument: BOLT, days: [50, 50, 50], actions: [] },
  { instrument: INDX, days: [1000, 1000, 1000], actions: [] }
]

/** Where a race's desk is kept. */
export interface Place {
  readonly folder: string
}

const database = ({ folder }: Place) =>
  DeskDatabase.layer({ filename: `${folder}/desk.db`, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS })

export const marketData = SourcedMarketData.layer({ sources: [sourceOf(raceMarket)], seed: "race" })

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
    Layer.provideMerge(DeskStores.layer.pipe(Layer.provideMerge(database(place)))),
    Layer.provideMerge(NodeServices.layer)
  )
}
