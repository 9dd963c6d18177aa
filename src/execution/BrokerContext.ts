/** What every act of the broker stands on, and the way it looks at the market. */
import { Context, Effect, Layer, Option, Ref } from "effect"
import { AuditLog } from "../audit/AuditLog.ts"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import type { Price } from "../domain/Money.ts"
import type { OrderRequest } from "../domain/Order.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { StorageError } from "../domain/StorageError.ts"
import { CitedQuotes } from "../market/CitedQuotes.ts"
import { MarketClock } from "../market/MarketClock.ts"
import { MarketData } from "../market/MarketData.ts"
import { SteadyClock } from "../market/SteadyClock.ts"
import { latestSession, phaseAt } from "../market/TradingCalendar.ts"
import type { SessionPhase } from "../risk/RiskSnapshot.ts"
import { SealedLimits } from "../risk/SealedLimits.ts"
import { type BookState, isOpened } from "./Book.ts"
import { BookKeeper } from "./BookKeeper.ts"
import { AccountNotOpen } from "./BrokerErrors.ts"
import { Crank, CrankContended } from "./Crank.ts"
import { OrderJournal } from "./OrderJournal.ts"
import { lastMarks } from "./LastMarks.ts"
import { citedFor, instrumentIn, sortedLegs, type Traded, tradedBy } from "./OrderLegs.ts"
import { PaperMarket } from "./paper/PaperMarket.ts"
import { PermitStore } from "./PermitStore.ts"
import { type MarketView, marketView, pricesNeeded, type RiskPolicy } from "./RiskView.ts"
import { Venue } from "./Venue.ts"
import { ingest } from "./VenueIngest.ts"

export interface BrokerOptions {
  /** Which clocks the message rate and the duplicate window look at: both on a desk, the market's alone in a run. */
  readonly clocks: "market" | "both"
}

const make = (options: BrokerOptions) =>
  Effect.gen(function* () {
    const keeper = yield* BookKeeper
    const journal = yield* OrderJournal
    const audit = yield* AuditLog
    const venue = yield* Venue
    const paper = yield* PaperMarket
    const crank = yield* Crank
    const data = yield* MarketData
    const quotes = yield* CitedQuotes
    const clock = yield* MarketClock
    const sealed = yield* SealedLimits
    const permits = yield* PermitStore
    /** Start-up reconciliation has passed. */
    const reconciled = yield* Ref.make(false)
    /** When it last passed: steady time, micros. */
    const reconciledAt = yield* Ref.make(0)
    const { now: steadyNow } = yield* SteadyClock

    /** As the books know it that hold it, or the market. */
    const instrumentOf = (book: BookState, id: InstrumentId) => instrumentIn(book, id, data.instrumentOf)

    const instrumentsOf = (book: BookState, order: Traded): ReadonlyArray<Instrument> =>
      tradedBy(order).flatMap((id) => instrumentOf(book, id) ?? [])

    /** The quotes that a request cites, as the desk gave them out: that of its instrument, or those of its legs. */
    const cited = Effect.fnUntraced(function* (
      { legs }: Traded,
      { legQuoteIds = [], quoteId }: Pick<OrderRequest, "quoteId" | "legQuoteIds">
    ) {
      if (legs === undefined) {
        return { quote: Option.getOrUndefined(yield* quotes.find(quoteId)), legQuotes: [] }
      }
      const found = yield* Effect.forEach(legQuoteIds, quotes.find)
      return { quote: undefined, legQuotes: citedFor(sortedLegs(legs), found.flatMap(Option.toArray)) }
    })

    /** Quotes of those instruments that have one now. */
    const quotesOf = Effect.fnUntraced(function* (ids: Iterable<InstrumentId>) {
      const current = new Map<InstrumentId, QuoteTick>()
      for (const id of new Set(ids)) {
        const quote = yield* data.quote(id).pipe(
          Effect.map(Option.some),
          Effect.catchTag(["QuoteUnavailable", "InstrumentNotFound"], () => Effect.succeedNone)
        )
        if (Option.isSome(quote)) current.set(id, quote.value)
      }
      return current
    })

    /**
     * The market as it stands: of these orders' instruments, of everything held, and of what options are on. Nothing
     * here fails for want of a price.
     */
    const look = Effect.fnUntraced(function* (book: BookState, asked: ReadonlyArray<Traded>) {
      const now = yield* clock.now
      const ordered = asked.flatMap((order) => instrumentsOf(book, order))
      const seen = pricesNeeded(book, ordered)
      const current = yield* quotesOf(seen)
      // Of what is asked for too: another process may have bought it by the time the rules are asked.
      const kept = lastMarks(book, (yield* paper.progress).marks, now)
      const marks = new Map<InstrumentId, Price>([
        ...kept,
        ...[...current].map(([id, quote]) => [id, quote.last] as const)
      ])
      const session: SessionPhase =
        phaseAt(now).phase === "open" ? { open: true } : { open: false, lastClose: latestSession(now).close }
      return { now, steadyNow: yield* steadyNow, session, seen, current, marks }
    })

    /** The limits in force; missing when they cannot be read, and then every order is denied. */
    const policy: Effect.Effect<RiskPolicy, StorageError> = sealed.inForce.pipe(
      Effect.map(({ limits }): RiskPolicy => ({ limits, clocks: options.clocks })),
      Effect.catchTag("LimitsUnreadable", () => Effect.succeed({ limits: undefined, clocks: options.clocks }))
    )

    /** The highest equity since the last close, as the crank keeps it. */
    const highWater = Effect.map(paper.progress, (progress) => progress.highWater)

    /** Market time now; that of the book's last line while the market's clock cannot be read. */
    const timeOf = (book: BookState) =>
      Effect.catchTag(clock.now, "MarketClockUnavailable", () => Effect.succeed(book.tsLast))

    /** For what must not wait for the audit log's files: its entries are in the desk's database. */
    const flushIfPossible = audit.flush.pipe(
      Effect.catch((error) =>
        Effect.logWarning(
          "the audit log's files could not be written; its entries wait in the database",
          error
        )
      )
    )

    const opened = Effect.flatMap(keeper.current, (book) =>
      isOpened(book)
        ? Effect.succeed(book)
        : Effect.fail(new AccountNotOpen({ message: "this desk has no account yet: run plimsoll init" }))
    )

    return {
      options,
      keeper,
      journal,
      audit,
      venue,
      paper,
      crank,
      data,
      clock,
      quotes,
      permits,
      reconciled,
      reconciledAt,
      steadyNow,
      quotesOf,
      look,
      policy,
      highWater,
      timeOf,
      flushIfPossible,
      opened,
      /** As the market has it: `instrumentIn` knows the contracts that are held besides. */
      instrument: data.instrumentOf,
      instrumentIn: instrumentOf,
      cited,
      ingest: ingest({ keeper, journal, venue })
    }
  })

/** Shared by the broker, the account and the kill switch; not for programs. */
export class BrokerContext extends Context.Service<BrokerContext, Effect.Success<ReturnType<typeof make>>>()(
  "plimsoll/execution/BrokerContext"
) {
  static readonly layer = (options: BrokerOptions) => Layer.effect(BrokerContext, make(options))
}

/** The market at one moment, of what is held and what was asked about. */
export type Look = Effect.Success<ReturnType<BrokerContext["Service"]["look"]>>

/** What the rules see of the market for one order. */
export const viewOf = (
  context: BrokerContext["Service"],
  book: BookState,
  look: Look,
  order: Traded
): MarketView =>
  marketView(
    { ...look, book, instrumentOf: (id) => context.instrumentIn(book, id), quotes: look.current },
    order
  )

/** What can do without prices does not wait longer for them. */
export const LONGEST_LOOK_MILLIS = 200

/** The market changed between the look at it and the transaction; so often it is looked at again. */
export const MAX_LOOKS = 10

export const marketRanAway = Effect.suspend(() =>
  Effect.fail(
    new CrankContended({
      message: `the market moved on ${MAX_LOOKS} times while the order was looked at: try again`
    })
  )
)

/**
 * In a transaction: nobody has brought the market past the look, bought or ordered what needs prices that were not
 * looked at, or accepted other limits than those that were read after `before`.
 */
export const isOfNow = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  now: BookState,
  before: BookState,
  look: Look
) {
  const { advancedTo } = yield* context.paper.progress
  return (
    advancedTo <= look.now &&
    now.tsLast <= look.now &&
    now.limits?.hash === before.limits?.hash &&
    [...pricesNeeded(now)].every((id) => look.seen.has(id))
  )
})
