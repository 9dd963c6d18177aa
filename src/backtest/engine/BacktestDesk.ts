/**
 * The desk of a backtest: book, paper venue and breaker, moved through the
 * sessions by the functions that move a desk's, without storage and clocks.
 *
 * A stretch of a session in which nothing works and nothing can trip the
 * breaker is not played tick by tick but glided over, with the same outcome:
 *
 * - Without working orders ticks change nothing but marks, the equity's peak and
 *   the breaker. At the stretch's end each mark is the last tick's price.
 * - Equity is cash and what is held at its marks, so over a stretch it lies
 *   within what the lowest and highest prices of each instrument make of it.
 *   Where even the lowest, measured from the highest, is far from every limit,
 *   no tick trips.
 * - The peak is the highest equity of any tick. Where the upper bound is not
 *   above the peak it stays. Else, with one instrument held, the bound is reached:
 *   a path touches the high and the low of its bars. With several held nobody
 *   knows without the ticks, and they are played.
 *
 * Orders for the opening alone are played on the opening ticks, and what follows
 * is glided over.
 */
import type { Actor } from "../../domain/Actor.ts"
import { type InstrumentId, isOptionId } from "../../domain/Identifiers.ts"
import type { Instrument } from "../../domain/Instrument.ts"
import type { JournalEvent } from "../../domain/JournalEvent.ts"
import { MICROS, type Money, money, type Price, price } from "../../domain/Money.ts"
import { type SessionDate, type Timestamp, timestamp } from "../../domain/Timestamp.ts"
import * as Book from "../../execution/Book.ts"
import { DEFAULT_EXERCISE_THRESHOLD, withHighWater } from "../../execution/Crank.ts"
import type { JournalEntry } from "../../execution/OrderJournal.ts"
import * as MatchingCore from "../../execution/paper/MatchingCore.ts"
import type { MatchingState } from "../../execution/paper/MatchingState.ts"
import * as SessionAdvance from "../../execution/paper/SessionAdvance.ts"
import { watchedIn } from "../../execution/WatchedInstruments.ts"
import type { CorporateAction } from "../../market/BarSeries.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import { cut, mergeTicks } from "../../market/TickLists.ts"
import type { Session } from "../../market/TradingCalendar.ts"
import * as Ledger from "../../portfolio/Ledger.ts"
import { exactMoney, type Position } from "../../portfolio/Position.ts"
import { type BreakerState, cannotTrip } from "../../risk/CircuitBreaker.ts"
import type { ResumePolicy } from "../../risk/ResumePolicy.ts"
import type { RiskLimits } from "../../risk/RiskLimits.ts"
import { noCauses } from "../../risk/TradingStateMachine.ts"
import type { BacktestModels } from "../BacktestModels.ts"
import type { Close } from "./Recorder.ts"
import type { TrackReader } from "./TrackReader.ts"

/** How long the venue remembers that an OCO group has filled; the paper venue's. */
const FORGOTTEN_AFTER_MICROS = 60_000_000

/** Far wider than what float sums of a few positions can be off by. */
const FLOAT_MARGIN_MICROS = 64

const crankActor: Actor = { kind: "desk", name: "crank" }
export const venueActor: Actor = { kind: "desk", name: "paper" }

export interface BacktestDeskOptions {
  readonly readers: ReadonlyMap<InstrumentId, TrackReader>
  /** Any instrument, contracts too. */
  readonly instrumentOf: (id: InstrumentId) => Instrument | undefined
  readonly models: BacktestModels
  readonly limits: RiskLimits
  readonly resumePolicy: ResumePolicy
  /** Plays every tick. */
  readonly everyTick: boolean
  /** Told of every event; the date is of the session it is in, none before the first. */
  readonly onEvent: (event: JournalEvent, actor: Actor, date: SessionDate | undefined) => void
  /** Session openings and closes are told too: where nobody listens they are not made. */
  readonly tellsSessions: boolean
}

/** The desk as plain data. */
export interface DeskState {
  readonly book: Book.BookState
  readonly core: MatchingState
  readonly marks: ReadonlyArray<readonly [InstrumentId, Price]>
  readonly advancedTo: Timestamp
  readonly highWater: Money
}

/** A holding of an instrument of the tape, at its mark. */
interface Held {
  readonly position: Position
  readonly reader: TrackReader
  mark: Price
}

/** Events and whose they are. */
export interface RecordedList {
  readonly events: ReadonlyArray<JournalEvent>
  readonly actor: Actor
}

/** What a stretch is played on. */
interface PlayedStretch {
  readonly session: Session
  readonly until: Timestamp
  readonly opens: boolean
  readonly closes: boolean
  readonly ticks: ReadonlyArray<MarketTick>
  readonly actions: SessionAdvance.Stretch["actions"]
}

const noTicks: ReadonlyArray<MarketTick> = []
const noActions: SessionAdvance.Stretch["actions"] = []

export class BacktestDesk {
  readonly core: MatchingCore.MatchingCore
  readonly #options: BacktestDeskOptions
  readonly #policy: SessionAdvance.AdvancePolicy
  /** Up to the last event that was folded into it; sessions glided over are in the fields below. */
  #book: Book.BookState
  #isBehind = false
  #breaker: BreakerState
  #sequence: number
  #tsLast: Timestamp
  #session: Book.BookState["session"]
  readonly #marks: Map<InstrumentId, Price>
  #held: ReadonlyArray<Held> = []
  /** All that is held is of the tape and has a mark. */
  #isPlain = true
  #working = 0
  #advancedTo: Timestamp
  /** The highest equity since the last close, where it is above the breaker's. */
  #highWater: Money
  /** The venue has books open that the next close has to close. */
  #isVenueOpen = false
  /** When orders were last sent. */
  #lastSent = 0
  #close: Close | undefined

  constructor(options: BacktestDeskOptions, before?: DeskState) {
    const { instrumentOf, limits, models, resumePolicy } = options
    this.#options = options
    this.#policy = {
      limits,
      resumePolicy,
      exerciseThreshold: models.exerciseThreshold ?? DEFAULT_EXERCISE_THRESHOLD,
      borrow: models.borrow,
      margin: models.margin
    }
    this.core = MatchingCore.make({
      instrument: instrumentOf,
      models,
      ...(before === undefined ? {} : { state: before.core })
    })
    this.#book = before?.book ?? Book.unopened
    this.#breaker = this.#book.breaker
    this.#sequence = this.#book.sequence
    this.#tsLast = this.#book.tsLast
    this.#session = this.#book.session
    this.#marks = new Map(before?.marks)
    this.#advancedTo = before?.advancedTo ?? timestamp(0)
    this.#highWater = before?.highWater ?? money(0)
    this.#isVenueOpen = before !== undefined
    this.#takeUpBook()
  }

  /** The book as it stands, sessions glided over folded in. */
  get book(): Book.BookState {
    if (this.#isBehind) {
      this.#book = {
        ...this.#book,
        sequence: this.#sequence,
        tsLast: this.#tsLast,
        breaker: this.#breaker,
        ...(this.#session === undefined ? {} : { session: this.#session })
      }
      this.#isBehind = false
    }
    return this.#book
  }

  get ledger(): Ledger.LedgerState {
    return this.#book.ledger
  }

  get breaker(): BreakerState {
    return this.#breaker
  }

  get highWater(): Money {
    return this.#highWater
  }

  get marks(): ReadonlyMap<InstrumentId, Price> {
    return this.#marksNow()
  }

  get workingCount(): number {
    return this.#working
  }

  /** How the account stood at the last close; undefined where its equity could not be measured. */
  get lastClose(): Close | undefined {
    return this.#close
  }

  /** Whether something is held that is not of the tape. */
  get holdsContracts(): boolean {
    return !this.#isPlain
  }

  /** Positions in instruments of the tape. */
  get held(): ReadonlyArray<Readonly<Held>> {
    return this.#held
  }

  /** Folds events into the book, and tells of them. */
  record(events: ReadonlyArray<JournalEvent>, actor: Actor): void {
    this.recordAll([{ events, actor }])
  }

  /** The same of several lists one after the other. */
  recordAll(lists: ReadonlyArray<RecordedList>): void {
    const { book } = this
    const { accountId } = book
    let sequence = book.sequence
    const lines: Array<JournalEntry> = []
    for (const { actor, events } of lists) {
      for (const event of events) {
        sequence += 1
        lines.push({ sequence, tsWall: event.tsEvent, accountId, actor, event })
      }
    }
    if (lines.length === 0) return
    const after = Book.applyAllUnkeyed(book, lines)
    let { session } = book
    for (const { actor, event } of lines) {
      if (event._tag === "SessionOpened") session = { date: event.date, open: true }
      this.#options.onEvent(event, actor, session?.date)
    }
    this.#book = after
    this.#breaker = after.breaker
    this.#sequence = after.sequence
    this.#tsLast = after.tsLast
    this.#session = after.session
    this.#marksNow()
    this.#takeUpBook()
  }

  /** Opens the account before anything is played. */
  open(events: ReadonlyArray<JournalEvent>, actor: Actor, at: Timestamp): void {
    this.record(events, actor)
    this.#advancedTo = at
  }

  /** Instruments that the next stretch is played on. */
  watched(): ReadonlyArray<InstrumentId> {
    return watchedIn(this.book)
  }

  get advancedTo(): Timestamp {
    return this.#advancedTo
  }

  /** Brings a desk without options up to an instant of a session, no later than its close. */
  advance(session: Session, until: Timestamp): void {
    const opens = this.#advancedTo < session.open && until >= session.open
    const closes = until >= session.close
    if (until <= this.#advancedTo || until < session.open) return
    const isIdle = this.#held.length === 0 && this.#working === 0
    if (isIdle && !opens && !closes) return
    if (this.#working > 0 || !this.#canGlide()) this.#playTicks(session, until, opens, closes)
    else this.#glide(session, until, opens, closes)
  }

  /** Plays a stretch on ticks that are handed over, and actions in force from its opening. */
  play(stretch: PlayedStretch): void {
    const { closes, until } = stretch
    const before = {
      ledger: this.#book.ledger,
      breaker: withHighWater(this.#breaker, this.#highWater),
      marks: this.#marksNow()
    }
    const { breaker, events, marks } = SessionAdvance.advance(before, this.core, stretch, this.#policy)
    const close = events.findLast((event) => event._tag === "SessionClosed")
    this.record(events, crankActor)
    // Once the session has closed the journal has it.
    this.#highWater = close === undefined ? breaker.peakEquity : money(0)
    this.#marks.clear()
    for (const [id, mark] of marks) this.#marks.set(id, mark)
    this.#takeUpBook()
    if (closes) this.#takeClose(close?._tag === "SessionClosed" ? close : undefined)
    this.#isVenueOpen = !closes
    this.#advancedTo = until
  }

  /** What ended at the venue is forgotten as the paper venue forgets it. */
  forget(): void {
    this.core.forgetEnded(timestamp(Infinity), timestamp(this.#advancedTo - FORGOTTEN_AFTER_MICROS))
  }

  /** After orders were sent at an instant; new holdings are marked at the last price, or what was paid. */
  sent(at: Timestamp, fills: ReadonlyArray<readonly [InstrumentId, Price]>): void {
    this.#isVenueOpen = true
    this.#lastSent = at
    if (fills.length === 0) return
    const marks = this.#marksNow()
    for (const [id, mark] of fills) marks.set(id, mark)
    this.#takeUpBook()
  }

  /** Equity at the marks; undefined while an open position has none. */
  equity(): Money | undefined {
    return this.#isPlain
      ? exactMoney(this.#book.ledger.cash + this.#valueAtMarks(), "equity")
      : Ledger.equityAt(this.#book.ledger, this.#marksNow())
  }

  state(): DeskState {
    this.forget()
    return {
      book: this.book,
      core: this.core.snapshot(),
      marks: [...this.#marksNow()],
      advancedTo: this.#advancedTo,
      highWater: this.#highWater
    }
  }

  /** Splits and dividends of what is watched, in force from a session on. */
  actionsOn(date: SessionDate, watched: ReadonlyArray<InstrumentId>): SessionAdvance.Stretch["actions"] {
    const found: Array<readonly [InstrumentId, CorporateAction]> = []
    for (const id of watched) {
      for (const action of this.#options.readers.get(id)?.actionsOn(date) ?? []) found.push([id, action])
    }
    return found.length === 0 ? noActions : found
  }

  #canGlide(): boolean {
    // What was sent after the last stretch meets that stretch's end again.
    return !this.#options.everyTick && this.#isPlain && this.#advancedTo >= this.#lastSent
  }

  #marksNow(): Map<InstrumentId, Price> {
    for (const { mark, reader } of this.#held) this.#marks.set(reader.id, mark)
    return this.#marks
  }

  /** What the book now holds, at the marks in the map, and what works. */
  #takeUpBook(): void {
    const { ledger, orders } = this.#book
    let working = 0
    for (const _ in orders) working += 1
    this.#working = working
    const held: Array<Held> = []
    let isPlain = true
    for (const position of Object.values(ledger.positions)) {
      if (position.quantity === 0) continue
      const reader = this.#options.readers.get(position.instrumentId)
      const mark = this.#marks.get(position.instrumentId)
      if (reader === undefined || mark === undefined || isOptionId(position.instrumentId)) isPlain = false
      else held.push({ position, reader, mark })
    }
    this.#held = held
    this.#isPlain = isPlain
  }

  #tell(event: JournalEvent, actor: Actor, session: Book.BookState["session"]): void {
    this.#options.onEvent(event, actor, session?.date)
  }

  #valueAtMarks(): number {
    let sum = 0
    for (const { mark, position } of this.#held) sum += Ledger.positionValue(position, mark)
    return sum
  }

  /** Plays a stretch tick by tick; of orders that only wait for the opening just that. */
  #playTicks(session: Session, until: Timestamp, opens: boolean, closes: boolean): void {
    const watched = this.watched()
    const actions = opens ? this.actionsOn(session.date, watched) : noActions
    const opening = opens && !this.#options.everyTick && this.#isPlain ? this.#openingOf(watched) : undefined
    if (opening !== undefined && opening <= until && opening < session.close) {
      const ticks = watched.flatMap((id) => this.#options.readers.get(id)?.openingTick ?? [])
      this.play({ session, until: timestamp(opening), opens, closes: false, ticks, actions })
      const isIdle = this.#held.length === 0 && this.#working === 0
      if (isIdle && !closes) this.#advancedTo = until
      else this.advance(session, until)
      return
    }
    const lists = watched.map((id) =>
      cut(this.#options.readers.get(id)?.ticks() ?? noTicks, this.#advancedTo, until)
    )
    this.play({ session, until, opens, closes, ticks: mergeTicks(lists), actions })
  }

  /** When what is watched opens, all at one instant, where all orders that work are for the opening. */
  #openingOf(watched: ReadonlyArray<InstrumentId>): number | undefined {
    for (const { order, terms } of Object.values(this.#book.orders)) {
      if (order.content.timeInForce !== "AT_THE_OPEN" || terms !== undefined) return undefined
    }
    let at: number | undefined
    for (const id of watched) {
      const opensAt = this.#options.readers.get(id)?.opensAt
      if (opensAt === undefined || (at !== undefined && at !== opensAt)) return undefined
      at = opensAt
    }
    return at
  }

  /** A stretch without working orders; see above. */
  #glide(session: Session, until: Timestamp, opens: boolean, closes: boolean): void {
    if (opens) this.#openSession(session)
    const peak = this.#isPlain ? this.#surveyed(until) : undefined
    if (peak === undefined) {
      const watched = this.watched()
      const lists = watched.map((id) =>
        cut(this.#options.readers.get(id)?.ticks() ?? noTicks, this.#advancedTo, until)
      )
      this.play({ session, until, opens: false, closes, ticks: mergeTicks(lists), actions: noActions })
      return
    }
    this.#highWater = money(peak)
    for (const held of this.#held) {
      const { surveyed } = held.reader
      if (surveyed.last > 0) held.mark = price(surveyed.last)
    }
    if (this.#marks.size !== this.#held.length) this.#marks.clear()
    if (closes) this.#closeSession(session)
    this.#advancedTo = until
  }

  /**
   * The peak of equity after the ticks up to an instant; undefined where it, or
   * whether the breaker trips, is not known without them.
   */
  #surveyed(until: Timestamp): number | undefined {
    const { cash } = this.#book.ledger
    let low: number = cash
    let high: number = cash
    let isExact = true
    let isMoved = false
    for (const { mark, position, reader } of this.#held) {
      const { surveyed } = reader
      if (reader.survey(this.#advancedTo, until)) {
        isMoved = true
        if (!surveyed.isExact) isExact = false
      } else {
        surveyed.low = surveyed.high = mark
        surveyed.last = 0
      }
      const units = (position.quantity * position.multiplier) / MICROS
      low += units * (units > 0 ? surveyed.low : surveyed.high)
      high += units * (units > 0 ? surveyed.high : surveyed.low)
    }
    const before = Math.max(this.#breaker.peakEquity, this.#highWater)
    if (!isMoved) return before
    // The float sums are good to a micro; what is near is worked out exactly.
    const peak = high < before - FLOAT_MARGIN_MICROS ? before : Math.max(before, this.#highest(cash))
    if (peak > before && !(isExact && this.#held.length === 1)) return undefined
    return cannotTrip(this.#breaker, this.#policy.limits, low - FLOAT_MARGIN_MICROS, peak) ? peak : undefined
  }

  /** Cash and what is held at the better ends of what was surveyed. */
  #highest(cash: Money): number {
    let sum: number = cash
    for (const { position, reader } of this.#held) {
      const { high, low } = reader.surveyed
      sum += Ledger.positionValue(position, price(position.quantity > 0 ? high : low))
    }
    return sum
  }

  #openSession(session: Session): void {
    const { causes, priorCloseEquity } = this.#breaker
    const { date, open } = session
    const hasCause = causes.dailyLoss || causes.drawdown || causes.killSwitch
    if (hasCause || this.#hasActions(date) || this.#breaker.sessionDate === undefined) {
      const actions = this.actionsOn(date, this.watched())
      const advancedTo = this.#advancedTo
      this.play({ session, until: open, opens: true, closes: false, ticks: noTicks, actions })
      this.#advancedTo = advancedTo
      return
    }
    const { netFlows, peakEquity } = this.#breaker
    this.#breaker = {
      sessionDate: date,
      priorCloseEquity,
      netFlows,
      peakEquity,
      causes: noCauses,
      sessionsSinceDrawdown: 0
    }
    this.#session = { date, open: true }
    this.#passed(open)
    if (this.#options.tellsSessions) {
      this.#tell({ _tag: "SessionOpened", tsEvent: open, date, priorCloseEquity }, crankActor, this.#session)
    }
  }

  #hasActions(date: SessionDate): boolean {
    for (const { reader } of this.#held) if (reader.actionsOn(date).length > 0) return true
    return false
  }

  #closeSession(session: Session): void {
    const { close, date } = session
    const { borrow, margin } = this.#policy
    if (borrow !== undefined || margin !== undefined) {
      this.play({
        session,
        until: close,
        opens: false,
        closes: true,
        ticks: noTicks,
        actions: noActions
      })
      return
    }
    if (this.#isVenueOpen) {
      // Nothing works: its books close, and nothing comes of it.
      this.core.sessionClosed(close)
      this.#isVenueOpen = false
    }
    const { cash } = this.#book.ledger
    let gross = 0
    let net = 0
    for (const { mark, position } of this.#held) {
      const value = Ledger.positionValue(position, mark)
      net += value
      gross += Math.abs(value)
    }
    const equity = exactMoney(cash + net, "equity")
    const peakEquity = money(Math.max(this.#breaker.peakEquity, this.#highWater, equity))
    const { causes, sessionsSinceDrawdown } = this.#breaker
    this.#breaker = {
      sessionDate: date,
      priorCloseEquity: equity,
      netFlows: money(0),
      peakEquity,
      causes,
      sessionsSinceDrawdown
    }
    this.#session = { date, open: false }
    this.#passed(close)
    this.#highWater = money(0)
    this.#close = { equity, gross: money(gross), net: money(net) }
    if (this.#options.tellsSessions) {
      const grossExposure = money(gross)
      this.#tell(
        { _tag: "SessionClosed", tsEvent: close, date, equity, grossExposure, peakEquity },
        crankActor,
        this.#session
      )
    }
  }

  #takeClose(closed: Extract<JournalEvent, { readonly _tag: "SessionClosed" }> | undefined): void {
    if (closed === undefined) {
      this.#close = undefined
      return
    }
    const { equity, grossExposure } = closed
    this.#close = { equity, gross: grossExposure, net: money(equity - this.#book.ledger.cash) }
  }

  #passed(at: Timestamp): void {
    this.#sequence += 1
    this.#tsLast = at
    this.#isBehind = true
  }
}
