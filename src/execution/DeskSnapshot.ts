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
import {
  clientOrderId,
  type InstrumentId,
  type QuoteId,
  quoteId,
  symbol as symbolOf
} from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import type { Price } from "../domain/Money.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import { sha256 } from "../domain/Sha256.ts"
import { dayOfDate, type SessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import type { MarketTick } from "../market/MarketTick.ts"
import { instrumentLookup, occOfId } from "../market/OptionInstruments.ts"
import { rootsOf } from "../market/OptionRoot.ts"
import { modelledIn, quoteText } from "../market/QuoteFromTick.ts"
import { marketTimeAt, type ReplayState } from "../market/ReplayClock.ts"
import { isOfThisStart, type SteadyAnchor } from "../market/SteadyAnchor.ts"
import { covers, latestSessionBy, sessionOfDay } from "../market/TradingDays.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import type { SealedRecord } from "../risk/LimitsStore.ts"
import type { RiskLimits } from "../risk/RiskLimits.ts"
import type { RiskSnapshot, SessionPhase } from "../risk/RiskSnapshot.ts"
import { type BookState, isOpened, type LiveOrder, liveOrder } from "./Book.ts"
import { contractNamed, structureNamed } from "./HeldByName.ts"
import { lastMarks } from "./LastMarks.ts"
import { citedFor, instrumentIn, sortedLegs, type Traded, tradedBy } from "./OrderLegs.ts"
import type { Progress } from "./paper/PaperMarket.ts"
import { type MarketView, marketView, pricesNeeded, snapshot } from "./RiskView.ts"

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
  /** When an instrument asked about is unknown, those that are known. */
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
  /** Instruments by what people call them; a holding, which is an instrument or a structure; or what a working order trades. */
  readonly what:
    | { readonly _tag: "Named"; readonly names: ReadonlyArray<string> }
    | { readonly _tag: "Held"; readonly name: string }
    | { readonly _tag: "OfOrder"; readonly id: string }
  /** The quotes that are cited. */
  readonly quoteIds: ReadonlyArray<QuoteId>
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

const plain = (name: string): string => name.trim().toUpperCase()

/** The root of a contract's name, by which the instrument it is on is found: most often its symbol. */
export const rootNamed = (name: string): string | undefined => {
  const id = contractNamed(name)
  return id === undefined ? undefined : occOfId(id)?.root
}

/** Names that are looked up whatever the book turns out to be. */
export const namesGiven = ({ what }: Asked): ReadonlyArray<string> => {
  const given = what._tag === "Named" ? what.names : what._tag === "Held" ? [what.name] : []
  return [...new Set(given.flatMap((name) => [plain(name), rootNamed(name) ?? []].flat()))]
}

/** The names of the instruments asked about; none for an order that works no more. */
export const namesAsked = (book: BookState, { what }: Asked): ReadonlyArray<string> => {
  switch (what._tag) {
    case "Named":
      return what.names.map(plain)
    case "Held":
      return (
        structureNamed(Ledger.positions(book.ledger), what.name)?.parts.map(
          ({ position }) => position.instrumentId
        ) ?? [plain(what.name)]
      )
    case "OfOrder": {
      const live = liveOrder(book, clientOrderId(what.id))
      return live === undefined ? [] : tradedBy(live.order.content)
    }
  }
}

/** Whether an instrument of this symbol may have options of this root. */
export const mayHaveRoot = (symbol: string, root: string): boolean =>
  rootsOf({ _tag: "Index", symbol: symbolOf(symbol) }).includes(root)

/** How an instrument that was named is found: among those listed, or as a contract, held or on one of those that are listed. */
export interface Lookup {
  /** What is listed under this name. */
  readonly listed: (name: string) => Instrument | undefined
  /** What is listed and may have options of this root. */
  readonly ofRoot: (root: string) => ReadonlyArray<Instrument>
}

/** The instrument of this name, as the books know it or the market. */
export const instrumentNamed = (
  book: BookState,
  name: string,
  { listed, ofRoot }: Lookup
): Instrument | undefined => {
  const found = listed(name)
  if (found !== undefined) return instrumentIn(book, found.id, () => found)
  const id = contractNamed(name)
  return id === undefined
    ? undefined
    : instrumentIn(book, id, (contract) => instrumentLookup(ofRoot(occOfId(contract)?.root ?? ""))(contract))
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
  /** The instruments asked about, in the order they were; undefined where the desk's market has no such. */
  readonly instruments: ReadonlyArray<Instrument | undefined>
  /** The quotes that are cited, as far as the desk handed them out. */
  readonly cited: ReadonlyArray<QuoteTick>
  /** The newest price the desk knows of each instrument that matters here. */
  readonly quotes: ReadonlyMap<InstrumentId, QuoteTick>
  readonly marks: ReadonlyMap<InstrumentId, Price>
  readonly highWater: number
}

const known = (instruments: ReadonlyArray<Instrument | undefined>): ReadonlyArray<Instrument> =>
  instruments.flatMap((one) => one ?? [])

/** The instruments whose prices an order in these needs. */
export const pricesFor = (
  { book }: DeskClockwork,
  instruments: ReadonlyArray<Instrument | undefined>
): ReadonlySet<InstrumentId> => pricesNeeded(book, known(instruments))

/** `handedOut` has the newest quote of each instrument that the desk has given out by now. */
export const momentOf = (
  clockwork: DeskClockwork,
  found: {
    readonly instruments: ReadonlyArray<Instrument | undefined>
    readonly cited: ReadonlyArray<QuoteTick>
    readonly handedOut: ReadonlyArray<QuoteTick>
  }
): DeskMoment => {
  const { book, now, session, steadyNow, venue } = clockwork
  const { cited, instruments } = found
  const needed = pricesFor(clockwork, instruments)
  const quotes = new Map<InstrumentId, QuoteTick>()
  const marks = new Map<InstrumentId, Price>(lastMarks(book, venue?.progress.marks ?? {}, now))
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
    instruments,
    cited,
    quotes,
    marks,
    highWater: venue?.progress.highWater ?? 0
  }
}

/** The market of what was asked about, as the rules look at it. */
const viewOf = (moment: DeskMoment, order: Traded): MarketView => {
  const byId = new Map(known(moment.instruments).map((one) => [one.id, one]))
  return marketView({ ...moment, instrumentOf: (id) => byId.get(id) }, order)
}

/**
 * What the rules are asked with. Whether orders are reconciled is not for a
 * look to say: the broker asks the venue before it evaluates anything, and
 * here only an instrument with an order of unknown fate is told.
 */
export const rulesView = (
  moment: DeskMoment,
  asked: {
    /** In the instruments that the moment was asked about. */
    readonly order: Traded
    readonly limits: RiskLimits | undefined
    readonly cited: ReadonlyArray<QuoteTick>
    /** The order that is replaced. */
    readonly without?: LiveOrder
  }
): RiskSnapshot => {
  const { legs } = asked.order
  return snapshot({
    book: moment.book,
    view: viewOf(moment, asked.order),
    policy: { limits: asked.limits, clocks: "both" },
    citedQuote: legs === undefined ? asked.cited[0] : undefined,
    citedLegs: legs === undefined ? [] : citedFor(sortedLegs(legs), asked.cited),
    person: false,
    permit: { required: false },
    reconciled: true,
    highWater: moment.highWater,
    ...(asked.without === undefined ? {} : { without: asked.without })
  })
}
