/**
 * A desk at one moment, as the rules look at it, from what its database holds:
 * for programs that must be quick and change nothing. The desk is not opened,
 * its crank is not turned, no source of prices is read.
 *
 * So the market is what the desk has seen of it: the newest of the venue's last
 * tick and the quotes handed out. Where the desk lags behind market time (nobody
 * has turned its crank) the book does too. The broker, which brings it up to
 * date first, has the last word on every order.
 *
 * Pure. Read in `storage/SnapshotSync.ts` and `storage/SnapshotSql.ts`.
 */
import type { InstrumentId, QuoteId } from "../domain/Identifiers.ts"
import { quoteId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import type { Price } from "../domain/Money.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import { sha256 } from "../domain/Sha256.ts"
import { dayOfDate, type SessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import type { MarketTick } from "../market/MarketTick.ts"
import { modelledIn, quoteText } from "../market/QuoteFromTick.ts"
import { marketTimeAt, type ReplayState } from "../market/ReplayClock.ts"
import { isOfThisStart, type SteadyAnchor } from "../market/SteadyAnchor.ts"
import { covers, latestSessionBy, sessionOfDay } from "../market/TradingDays.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import type { SealedRecord } from "../risk/LimitsStore.ts"
import type { RiskLimits } from "../risk/RiskLimits.ts"
import type { RiskSnapshot, SessionPhase } from "../risk/RiskSnapshot.ts"
import { type BookState, isOpened, type LiveOrder } from "./Book.ts"
import type { Progress } from "./paper/PaperMarket.ts"
import { snapshot } from "./RiskView.ts"

/** Why a desk cannot be judged: a plain value, for programs without Effect. */
export class DeskUnreadable {
  readonly _tag = "DeskUnreadable" as const
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

/** All that is read of a desk for one order. */
export interface DeskReading {
  readonly moment: DeskMoment
  /** The limits a person accepted last; undefined when none were. */
  readonly sealed: SealedRecord | undefined
  /** When the instrument asked about is unknown, those that are known. */
  readonly symbols: ReadonlyArray<string>
}

/** The machine at the moment of asking. */
export interface MachineNow {
  /** Names this start of the machine (`SteadyAnchor.boot`). */
  readonly boot: string
  readonly monotonicMicros: number
}

/** What is asked about. */
export interface Asked {
  /** An instrument by what people call it, or that of a working order. */
  readonly what:
    | { readonly _tag: "Named"; readonly name: string }
    | { readonly _tag: "OfOrder"; readonly id: string }
  /** The quote that is cited. */
  readonly quoteId: QuoteId | undefined
}

/** What the database says whatever the book turns out to be. */
export interface StoredDesk {
  readonly book: BookState
  readonly clock: ReplayState | undefined
  readonly anchor: SteadyAnchor | undefined
  /** No steady time that is written down anywhere is later. */
  readonly latestSteady: number | undefined
  /** The last session that any instrument has prices of. */
  readonly lastSession: SessionDate | undefined
  readonly venue: SeenMarket | undefined
}

/** What the paper venue has seen of the market. */
export interface SeenMarket {
  readonly progress: Progress
  readonly ticks: ReadonlyArray<MarketTick>
}

/** The book's moment: what there is to know before prices are looked up. */
export interface DeskClockwork {
  readonly book: BookState
  readonly now: Timestamp
  /** Steady time, micros. */
  readonly steadyNow: number
  readonly session: SessionPhase
  readonly venue: SeenMarket | undefined
}

const notOpened = new DeskUnreadable(
  "the desk has not been opened since the machine started, so its clocks cannot be read: plimsoll status opens it"
)

const phaseOf = (now: Timestamp): SessionPhase => {
  const { close } = latestSessionBy(now)
  return now < close ? { open: true } : { open: false, lastClose: close }
}

/** What time it is on the desk, and whose account; or why that cannot be told. */
export const clockworkOf = (stored: StoredDesk, here: MachineNow): DeskClockwork | DeskUnreadable => {
  const { anchor, book, clock, lastSession, latestSteady, venue } = stored
  if (!isOpened(book)) return new DeskUnreadable("this desk has no account yet: run plimsoll init")
  if (clock === undefined) return new DeskUnreadable("this desk has no clock yet: run plimsoll init")
  if (anchor === undefined || lastSession === undefined) return notOpened
  const steadyNow = anchor.epoch + here.monotonicMicros
  if (!isOfThisStart(anchor, latestSteady, { boot: here.boot, monotonic: here.monotonicMicros }))
    return notOpened
  const until = sessionOfDay(dayOfDate(lastSession))?.close ?? timestamp(0)
  const now = marketTimeAt(clock, { steady: timestamp(steadyNow), until })
  if (!covers(now)) return new DeskUnreadable("the desk's market time lies outside the trading calendar")
  return { book, now, steadyNow, session: phaseOf(now), venue }
}

/** The instruments whose prices an order in `asked` needs: its own, and all that is held. */
export const pricesNeeded = (
  { book }: DeskClockwork,
  asked: InstrumentId | undefined
): ReadonlySet<InstrumentId> =>
  new Set([
    ...Ledger.positions(book.ledger).map(({ instrumentId }) => instrumentId),
    ...(asked === undefined ? [] : [asked])
  ])

/** The name an instrument is asked about by; undefined for that of an order. */
export const nameGiven = ({ what }: Asked): string | undefined =>
  what._tag === "Named" ? what.name.trim().toUpperCase() : undefined

/** The name by which the instrument asked about is looked up; undefined for an order that works no more. */
export const nameAsked = ({ orders }: BookState, asked: Asked): string | undefined => {
  const { what } = asked
  return what._tag === "Named"
    ? nameGiven(asked)
    : Object.entries(orders).find(([id]) => id === what.id)?.[1].order.content.instrumentId
}

/** A tick as the quote it would be handed out as. */
const quoteOf = (tick: MarketTick, tsInit: Timestamp): QuoteTick => ({
  quoteId: quoteId(`q-${sha256(quoteText(tick)).slice(0, 16)}`),
  instrumentId: tick.instrumentId,
  bid: tick.bid,
  ask: tick.ask,
  last: tick.last,
  bidSize: tick.bidSize,
  askSize: tick.askSize,
  tsEvent: tick.tsEvent,
  tsInit,
  source: tick.source,
  modelled: modelledIn(tick)
})

/** A desk at one moment. */
export interface DeskMoment extends Omit<DeskClockwork, "venue"> {
  /** The instrument asked about; undefined when the desk's market has no such. */
  readonly instrument: Instrument | undefined
  /** The quote that is cited, as the desk handed it out. */
  readonly cited: QuoteTick | undefined
  /** The newest price the desk knows of each instrument that matters here. */
  readonly quotes: ReadonlyMap<InstrumentId, QuoteTick>
  readonly marks: ReadonlyMap<InstrumentId, Price>
  readonly highWater: number
}

/** `handedOut` has the newest quote of each instrument that the desk has given out by now. */
export const momentOf = (
  clockwork: DeskClockwork,
  found: {
    readonly instrument: Instrument | undefined
    readonly cited: QuoteTick | undefined
    readonly handedOut: ReadonlyArray<QuoteTick>
  }
): DeskMoment => {
  const { book, now, session, steadyNow, venue } = clockwork
  const { cited, instrument } = found
  const needed = pricesNeeded(clockwork, instrument?.id)
  const quotes = new Map<InstrumentId, QuoteTick>()
  const marks = new Map<InstrumentId, Price>()
  for (const tick of venue?.ticks ?? []) {
    if (!needed.has(tick.instrumentId) || tick.tsEvent > now) continue
    quotes.set(tick.instrumentId, quoteOf(tick, now))
    // A split restates the mark before the first tick after it.
    marks.set(tick.instrumentId, venue?.progress.marks[tick.instrumentId] ?? tick.last)
  }
  for (const quote of found.handedOut) {
    const { instrumentId, last, tsEvent } = quote
    const seen = quotes.get(instrumentId)
    if (!needed.has(instrumentId) || tsEvent > now || (seen !== undefined && seen.tsEvent >= tsEvent))
      continue
    quotes.set(instrumentId, quote)
    marks.set(instrumentId, last)
  }
  return {
    book,
    now,
    steadyNow,
    session,
    instrument,
    cited,
    quotes,
    marks,
    highWater: venue?.progress.highWater ?? 0
  }
}

/**
 * What the rules are asked with. Whether orders are reconciled is not for a
 * look to say: the broker asks the venue before it evaluates anything, and
 * here only an instrument with an order of unknown fate is told.
 */
export const rulesView = (
  moment: DeskMoment,
  order: {
    readonly instrumentId: InstrumentId
    readonly limits: RiskLimits | undefined
    readonly cited: QuoteTick | undefined
    /** The order that is replaced. */
    readonly without?: LiveOrder
  }
): RiskSnapshot => {
  const { book, instrument, marks, now, quotes, session, steadyNow } = moment
  return snapshot({
    book,
    view: {
      now,
      steadyNow,
      session,
      instrument,
      currentQuote: quotes.get(order.instrumentId),
      legs: [],
      underlyings: new Map(),
      marks
    },
    policy: { limits: order.limits, clocks: "both" },
    citedQuote: order.cited,
    person: false,
    permit: { required: false },
    reconciled: true,
    highWater: moment.highWater,
    ...(order.without === undefined ? {} : { without: order.without })
  })
}
