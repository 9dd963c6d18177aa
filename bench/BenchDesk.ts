/** What benchmarks and soaks measure: the paper desk as programs compose it, on the embedded market. */
import { hash } from "node:crypto"
import { rmSync } from "node:fs"
import { join, resolve } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { AuditLog } from "../src/audit/AuditLog.ts"
import { type ClientOrderId, clientOrderId } from "../src/domain/Identifiers.ts"
import { shares } from "../src/domain/Money.ts"
import type { OrderRequest } from "../src/domain/Order.ts"
import type { QuoteTick } from "../src/domain/Quote.ts"
import { sessionDate, type Timestamp, timestamp } from "../src/domain/Timestamp.ts"
import * as Desk from "../src/execution/Desk.ts"
import { CitedQuotes } from "../src/market/CitedQuotes.ts"
import { MarketClock } from "../src/market/MarketClock.ts"
import * as OptionedMarketData from "../src/market/OptionedMarketData.ts"
import * as EmbeddedReplay from "../src/market/replay/EmbeddedReplay.ts"
import { SteadyClock } from "../src/market/SteadyClock.ts"
import * as SourcedMarketData from "../src/market/SourcedMarketData.ts"
import { sessionsBetween } from "../src/market/TradingCalendar.ts"
import { type LimitsProfile, researchProfile } from "../src/risk/LimitsProfile.ts"
import type { RiskLimits } from "../src/risk/RiskLimits.ts"
import { SealedLimits } from "../src/risk/SealedLimits.ts"
import * as DeskDatabase from "../src/storage/DeskDatabase.ts"
import * as DeskStores from "../src/storage/DeskStores.ts"
import { databaseOf, dropSchema, hasPostgres, urlOf } from "../test/support/Postgres.ts"

export const actor = { kind: "agent", name: "bench" } as const

/** The desk's rules with room for all orders and without the message rate. */
const profileOf = (limits: Partial<RiskLimits>): LimitsProfile => ({
  ...researchProfile,
  name: "bench",
  label: "benchmark limits: no message rate",
  limits: { ...researchProfile.limits, shortSales: false, ...limits }
})

/** An hour into the session of 2016-06-01. */
export const inSession: Timestamp = (() => {
  const [session] = sessionsBetween(sessionDate("2016-06-01"), sessionDate("2016-06-01"))
  if (session === undefined) throw new Error("2016-06-01 is a session")
  return timestamp(session.open + 3_600_000_000)
})()

export interface BenchDeskOptions {
  /** Where the database and the audit log are, or come to be. */
  readonly folder: string
  /** Names this process among those of the desk. */
  readonly holder?: string
  readonly start?: Timestamp
  readonly limits?: Partial<RiskLimits>
  /** In place of the desk's own audit log. */
  readonly audit?: ReturnType<typeof AuditLog.layer>
}

/** "sqlite", or "postgres" where PLIMSOLL_TEST_POSTGRES_URL names a server. */
export const databaseKind = hasPostgres ? "postgres" : "sqlite"

/** On a server the desk of a folder has a schema named after it. */
export const schemaOf = (folder: string): string => `b_${hash("sha256", resolve(folder), "hex").slice(0, 12)}`

/** A desk with its folder, and its schema on a server, is gone. */
export const removeDesk = async (folder: string): Promise<void> => {
  if (hasPostgres) await Effect.runPromise(dropSchema(schemaOf(folder)))
  rmSync(folder, { recursive: true, force: true })
}

const database = (folder: string): DeskDatabase.DeskDatabase =>
  hasPostgres
    ? databaseOf(urlOf(schemaOf(folder)))
    : DeskDatabase.layer({ filename: join(folder, "desk.db"), busyTimeoutMillis: 30_000 })

/** One process's desk in a folder. */
export const benchDesk = ({
  audit,
  folder,
  holder = "bench",
  limits = {},
  start = inSession
}: BenchDeskOptions) => {
  const market = Layer.unwrap(
    Effect.map(EmbeddedReplay.make(), (source) =>
      OptionedMarketData.layer().pipe(
        Layer.provide(SourcedMarketData.layer({ sources: [source], seed: "1" }))
      )
    )
  ).pipe(Layer.provideMerge(MarketClock.layerStepped({ start })))
  const stores = SteadyClock.layer({ boot: "bench" }).pipe(
    Layer.provideMerge(DeskStores.layer),
    Layer.provideMerge(database(folder))
  )
  return Desk.layerPaper({
    models: { fill: { _tag: "Immediate" }, fee: { _tag: "Zero" }, slippage: { _tag: "None" } },
    holder,
    resumePolicy: { _tag: "Never" },
    clocks: "both"
  }).pipe(
    Layer.provideMerge(CitedQuotes.layer),
    Layer.provideMerge(SealedLimits.layerProfile(profileOf(limits))),
    Layer.provideMerge(audit ?? AuditLog.layer({ folder: join(folder, "audit") })),
    Layer.provideMerge(market),
    Layer.provideMerge(stores),
    Layer.provideMerge(NodeServices.layer)
  )
}

/** A DAY market order, or a GTC limit order where a price is given. */
export const requestFor = (
  quote: QuoteTick,
  order: {
    readonly name: string
    readonly side: OrderRequest["side"]
    readonly quantity: number
    readonly limitPrice?: QuoteTick["last"]
  }
): OrderRequest & { readonly clientOrderId: ClientOrderId } => ({
  clientOrderId: clientOrderId(order.name),
  instrumentId: quote.instrumentId,
  side: order.side,
  type: order.limitPrice === undefined ? { _tag: "Market" } : { _tag: "Limit", limitPrice: order.limitPrice },
  size: { _tag: "Quantity", quantity: shares(order.quantity) },
  timeInForce: order.limitPrice === undefined ? "DAY" : "GTC",
  quoteId: quote.quoteId,
  repeat: true
})
