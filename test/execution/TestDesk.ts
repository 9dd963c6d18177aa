/** A paper desk on the test market, composed as `Desk.layerPaper` is, with everything inside in reach. */
import { NodeServices } from "@effect/platform-node"
import canonicalize from "canonicalize"
import { Context, Effect, FileSystem, Layer, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import type { Actor } from "../../src/domain/Actor.ts"
import { accountId, clientOrderId, type ClientOrderId } from "../../src/domain/Identifiers.ts"
import type { Instrument } from "../../src/domain/Instrument.ts"
import { dollars, formatMicros, type Money, pricePerShare, shares } from "../../src/domain/Money.ts"
import type { Order, OrderRequest, OrderSize, OrderType } from "../../src/domain/Order.ts"
import type { Timestamp } from "../../src/domain/Timestamp.ts"
import * as AccountService from "../../src/execution/Account.ts"
import * as Book from "../../src/execution/Book.ts"
import { BookKeeper } from "../../src/execution/BookKeeper.ts"
import { Broker } from "../../src/execution/Broker.ts"
import { BrokerContext } from "../../src/execution/BrokerContext.ts"
import * as CrankService from "../../src/execution/Crank.ts"
import * as DeskViewService from "../../src/execution/DeskView.ts"
import * as GuardedBroker from "../../src/execution/GuardedBroker.ts"
import * as KillSwitchService from "../../src/execution/KillSwitch.ts"
import { JournalEntry, OrderJournal } from "../../src/execution/OrderJournal.ts"
import * as PaperVenue from "../../src/execution/paper/PaperVenue.ts"
import { Venue } from "../../src/execution/Venue.ts"
import type { VenueModels } from "../../src/execution/paper/VenueMemory.ts"
import { CitedQuotes } from "../../src/market/CitedQuotes.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import * as Ledger from "../../src/portfolio/Ledger.ts"
import type { LimitsProfile } from "../../src/risk/LimitsProfile.ts"
import type { ResumePolicy } from "../../src/risk/ResumePolicy.ts"
import { defaultLimits, type RiskLimits } from "../../src/risk/RiskLimits.ts"
import { SealedLimits } from "../../src/risk/SealedLimits.ts"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import * as DeskStores from "../../src/storage/DeskStores.ts"
import { databaseOf, scopedSchema, urlOf } from "../support/Postgres.ts"
import * as FaultyVenue from "./FaultyVenue.ts"
import { type Listing, minute, sessionAt, sourceOf, standardMarket } from "./TestMarket.ts"

export const frictionless: VenueModels = {
  fill: { _tag: "Immediate" },
  fee: { _tag: "Zero" },
  slippage: { _tag: "None" }
}

export const agent: Actor = { kind: "agent", name: "mcp:broker" }
export const person: Actor = { kind: "person", name: "cli" }

export interface TestDeskOptions {
  readonly market?: ReadonlyArray<Listing>
  readonly limits?: Partial<RiskLimits>
  readonly models?: VenueModels
  readonly clocks?: "market" | "both"
  readonly resumePolicy?: ResumePolicy
  readonly holder?: string
  readonly start?: Timestamp
}

const profileOf = (limits: Partial<RiskLimits>): LimitsProfile => ({
  name: "test",
  label: "limits of a test",
  promotable: true,
  limits: { ...defaultLimits, ...limits }
})

/** Where a desk's audit log is. */
export class AuditFolder extends Context.Service<AuditFolder, string>()(
  "plimsoll/test/execution/TestDesk/AuditFolder"
) {}

/** The market and its clock, which several desks can share. */
export const marketLayer = ({ market = standardMarket, start = minute(0, 0) }: TestDeskOptions = {}) =>
  SourcedMarketData.layer({ sources: [sourceOf(market)], seed: "test" }).pipe(
    Layer.provideMerge(MarketClock.layerStepped({ start }))
  )

/** Stores and audit log in memory and in a new folder. */
export const memoryStorage = Layer.unwrap(
  Effect.map(
    Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()),
    (folder) => storageOver(DeskDatabase.layerMemory, folder)
  )
)

/** Stores and audit log of the desk in a folder, as another process would open them. */
export const fileStorage = (folder: string) =>
  storageOver(DeskDatabase.layer({ filename: `${folder}/desk.db`, busyTimeoutMillis: 10_000 }), folder)

/** The same with the database in a schema on a server; the audit log is in the folder. */
export const postgresStorage = (folder: string, url: string) => storageOver(databaseOf(url), folder)

/** A desk's storage, opened as often as it is called: one call is one process. */
export type OpenStorage = () => ReturnType<typeof fileStorage>

/** A file, and a schema of its own on a server, each for as long as the scope lasts. */
export const newFile = Effect.map(
  Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()),
  (folder): OpenStorage =>
    () =>
      fileStorage(folder)
)
export const newOnPostgres = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const folder = yield* files.makeTempDirectoryScoped()
  const url = urlOf(yield* scopedSchema)
  const open: OpenStorage = () => postgresStorage(folder, url)
  return open
})

export function storageOver(database: typeof DeskDatabase.layerMemory, folder: string) {
  return Layer.mergeAll(
    AuditLog.layer({ folder: `${folder}/audit` }),
    SteadyClock.layer({ boot: "test" }),
    Layer.succeed(AuditFolder, `${folder}/audit`)
  ).pipe(Layer.provideMerge(DeskStores.layer), Layer.provideMerge(database))
}

/** One process's desk over storage and market. */
export const deskLayer = (options: TestDeskOptions = {}) =>
  Layer.mergeAll(AccountService.layer, KillSwitchService.layer).pipe(
    Layer.provideMerge(Layer.mergeAll(GuardedBroker.layer, DeskViewService.layer)),
    Layer.provideMerge(BrokerContext.layer({ clocks: options.clocks ?? "both" })),
    Layer.provideMerge(
      CrankService.layer({
        holder: options.holder ?? "test",
        resumePolicy: options.resumePolicy ?? { _tag: "Never" }
      })
    ),
    Layer.provideMerge(BookKeeper.layer),
    Layer.provideMerge(Layer.mergeAll(FaultyVenue.layer, FaultyVenue.auditLayer)),
    Layer.provideMerge(FaultyVenue.Faults.layer),
    Layer.provideMerge(PaperVenue.layer(options.models ?? frictionless)),
    Layer.provideMerge(CitedQuotes.layer),
    Layer.provideMerge(SealedLimits.layerProfile(profileOf(options.limits ?? {})))
  )

/** A desk of its own, on a market of its own. */
export const testDesk = (options: TestDeskOptions = {}) =>
  deskLayer(options).pipe(
    Layer.provideMerge(memoryStorage),
    Layer.provideMerge(marketLayer(options)),
    Layer.provideMerge(NodeServices.layer)
  )

/** Everything a test's desk offers. */
export type DeskServices = Layer.Success<ReturnType<typeof testDesk>>

export const acts = Effect.all({
  account: AccountService.Account,
  broker: Broker,
  crank: CrankService.Crank,
  view: DeskViewService.DeskView,
  killSwitch: KillSwitchService.KillSwitch,
  journal: OrderJournal,
  audit: AuditLog,
  line: FaultyVenue.Faults
})

/** Opens an account with $100,000, a moment before the market's first open unless the clock is past it. */
export const openAccount = (cash: Money = dollars(100_000)) =>
  Effect.flatMap(AccountService.Account, (account) =>
    account.open({ accountId: accountId("desk"), cash, actor: person })
  )

/** Moves the market's clock there, and the computer's by as much. */
export const goTo = Effect.fnUntraced(function* (at: Timestamp) {
  const clock = yield* SteppedClock
  const before = yield* clock.now
  yield* clock.set(at)
  yield* TestClock.adjust(Math.max(0, at - before) / 1000)
})

/** Moves there and turns the crank. */
export const turnTo = Effect.fnUntraced(function* (at: Timestamp) {
  yield* goTo(at)
  const crank = yield* CrankService.Crank
  yield* crank.upToDate
})

export interface Ask {
  readonly id?: string
  readonly type?: OrderType
  readonly size?: OrderSize
  readonly timeInForce?: OrderRequest["timeInForce"]
  readonly bracket?: { readonly takeProfit?: number; readonly stopLoss?: number }
  readonly ocoGroup?: string
  readonly repeat?: boolean
  readonly actor?: Actor
}

export const limitAt = (at: number): OrderType => ({ _tag: "Limit", limitPrice: pricePerShare(at) })
export const stopAt = (at: number): OrderType => ({ _tag: "StopMarket", stopPrice: pricePerShare(at) })
export const count = (n: number): OrderSize => ({ _tag: "Quantity", quantity: shares(n) })
export const worth = (amount: number): OrderSize => ({ _tag: "Notional", notional: dollars(amount) })

/** A request on a quote asked for now: a DAY market order unless the terms say otherwise. */
export const requestFor = Effect.fnUntraced(function* (
  side: OrderRequest["side"],
  instrument: Instrument,
  quantity: number,
  ask: Ask = {}
) {
  const broker = yield* Broker
  const quote = yield* broker.quote(instrument.id)
  const { bracket } = ask
  const request: OrderRequest = {
    instrumentId: instrument.id,
    side,
    type: ask.type ?? { _tag: "Market" },
    size: ask.size ?? count(quantity),
    timeInForce: ask.timeInForce ?? "DAY",
    quoteId: quote.quoteId,
    ...(ask.id === undefined ? {} : { clientOrderId: clientOrderId(ask.id) }),
    ...(bracket === undefined
      ? {}
      : {
          bracket: {
            ...(bracket.takeProfit === undefined
              ? {}
              : { takeProfitPrice: pricePerShare(bracket.takeProfit) }),
            ...(bracket.stopLoss === undefined ? {} : { stopLossPrice: pricePerShare(bracket.stopLoss) })
          }
        }),
    ...(ask.ocoGroup === undefined ? {} : { ocoGroup: ask.ocoGroup }),
    ...(ask.repeat === undefined ? {} : { repeat: ask.repeat })
  }
  return request
})

const place =
  (side: OrderRequest["side"]) =>
  (instrument: Instrument, quantity: number, ask: Ask = {}) =>
    Effect.gen(function* () {
      const broker = yield* Broker
      const request = yield* requestFor(side, instrument, quantity, ask)
      return yield* broker.submit(request, { actor: ask.actor ?? agent })
    })

export const buy = place("BUY")
export const sell = place("SELL")

/** "Filled 10 @ 100.01", "Accepted", … */
export const standing = (id: string) =>
  Effect.gen(function* () {
    const broker = yield* Broker
    const order = yield* broker.order(clientOrderId(id))
    return order._tag === "None" ? "unknown to the desk" : say(order.value)
  })

export const say = (order: Order): string =>
  order.filledQuantity === 0
    ? order.status
    : `${order.status} ${formatMicros(order.filledQuantity)} @ ${formatMicros((order.filledNotional / order.filledQuantity) * 1_000_000)}`

/** The whole journal. */
export const journalLines: Effect.Effect<ReadonlyArray<JournalEntry>, never, OrderJournal> = Effect.flatMap(
  OrderJournal,
  (journal) => Effect.orDie(journal.read({ after: 0, limit: 1_000_000 }))
)

/** Its lines' kinds after a sequence: "OrderInitialized", … */
export const tagsAfter = (sequence: number) =>
  Effect.map(journalLines, (lines) =>
    lines.filter((line) => line.sequence > sequence).map(({ event }) => event._tag)
  )

/** Cash and what is held, in dollars and shares: "98999.9 ACME 10". */
export const holdings = Effect.gen(function* () {
  const view = yield* DeskViewService.DeskView
  const ledger = yield* view.ledger
  const held = Ledger.positions(ledger).map(
    ({ instrumentId, quantity }) => `${instrumentId.split(".")[0]} ${formatMicros(quantity)}`
  )
  return [formatMicros(ledger.cash), ...held].join(" ")
})

const decodeLines = Schema.decodeUnknownEffect(Schema.Array(JournalEntry), { onExcessProperty: "error" })

/**
 * What must always hold: the accounting identity at the marks, the book in
 * memory is the fold of the journal, and the audit log holds the journal whole.
 */
export const checkBooks = Effect.gen(function* () {
  const keeper = yield* BookKeeper
  const audit = yield* AuditLog
  const view = yield* DeskViewService.DeskView
  const lines = yield* journalLines
  const live = yield* keeper.current
  const problems: Array<string> = []

  const folded = Book.applyAll(Book.unopened, lines)
  if (canonicalize(folded) !== canonicalize(live)) problems.push("the book is not the fold of the journal")

  const intact = yield* audit.verify
  const entries = yield* audit.entries({ fromSequence: 1, limit: 1_000_000 })
  if (intact.entries !== lines.length) problems.push("the audit log has another length than the journal")
  const told = entries.map(({ actor, details }) => ({ actor, ...Object(details) }))
  const rebuilt = yield* Effect.orDie(decodeLines(told))
  if (canonicalize(rebuilt) !== canonicalize(lines))
    problems.push("the audit log's entries are not the journal's lines")

  const marks = yield* view.marks
  const { ledger } = live
  const value = Ledger.marketValue(ledger, marks)
  const open = Ledger.unrealised(ledger, marks)
  if (Result.isSuccess(value) && Result.isSuccess(open)) {
    const right =
      ledger.deposits -
      ledger.withdrawals +
      ledger.realised +
      open.success +
      ledger.dividends -
      ledger.fees +
      ledger.corrections
    if (ledger.cash + value.success !== right) problems.push("cash + market value is not what came of it")
  } else problems.push("a position has no mark")
  const again = Book.applyAll(Book.unopened, rebuilt)
  if (canonicalize(again) !== canonicalize(live)) problems.push("the audit log rebuilds another book")
  const { account, asOf } = yield* (yield* Venue).statement
  const held = Object.fromEntries(
    Ledger.positions(ledger).map(({ instrumentId, quantity }) => [instrumentId, quantity])
  )
  const isIngested = asOf === (yield* (yield* OrderJournal).venuePosition)
  if (isIngested && (account.cash !== ledger.cash || canonicalize(account.positions) !== canonicalize(held)))
    problems.push("the venue holds something else than the books")
  if (Ledger.trialBalance(ledger) !== 0) problems.push("debits and credits differ")
  return problems
})

export const orderNamed = (name: string): ClientOrderId => clientOrderId(name)
export const dateOf = (day: number) => sessionAt(day).date
