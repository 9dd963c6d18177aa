/**
 * The event-driven engine: the desk's own pure functions in a plain loop.
 *
 * For each session and decision point: the market up to it, and what it makes of
 * orders, book and breaker (`BacktestDesk`); the bars that have ended; then the
 * strategy is asked, and what it asks for goes the way of every order
 * (`OrderPath`). The journal is the one that `plimsoll run` writes on the same
 * inputs, event for event.
 *
 * Where the data end for an instrument before the backtest does, its trading has
 * ended too, as LEAN has it: after the close of its last session what works in it
 * is canceled, and what is held leaves at its last price, for the usual fee.
 * Nothing is ordered in it afterwards.
 */
import { Result } from "effect"
import type { Actor } from "../../domain/Actor.ts"
import { accountId, type InstrumentId } from "../../domain/Identifiers.ts"
import type { JournalEvent } from "../../domain/JournalEvent.ts"
import { type Money, money, type Price } from "../../domain/Money.ts"
import type { QuoteTick } from "../../domain/Quote.ts"
import { type Timestamp, timestamp, toIso } from "../../domain/Timestamp.ts"
import { heldPositions, workingOrders } from "../../execution/RiskView.ts"
import { besideCall, buyingPower, marginCall } from "../../execution/paper/MarginModel.ts"
import { instrumentLookup } from "../../market/OptionInstruments.ts"
import { quoteFromTick } from "../../market/QuoteFromTick.ts"
import { type Session, toExchangeTime } from "../../market/TradingCalendar.ts"
import * as Ledger from "../../portfolio/Ledger.ts"
import { tradingStateOf } from "../../risk/CircuitBreaker.ts"
import type { LimitsProfile } from "../../risk/LimitsProfile.ts"
import { formatResumePolicy, type ResumePolicy } from "../../risk/ResumePolicy.ts"
import { hashLimits } from "../../risk/RiskLimits.ts"
import type { SessionPhase } from "../../risk/RiskSnapshot.ts"
import { type AccountView, askStrategy, PointContext, strategyFillOf } from "../../session/Deciding.ts"
import {
  type Decision,
  decisionOf,
  type IntendedOrder,
  noDecision,
  orderIdAt
} from "../../session/Decision.ts"
import { type DecisionPoint, pointsOf } from "../../session/DecisionPoints.ts"
import { Feed } from "../../session/Feed.ts"
import type { ActiveTrip, Holding, Strategy, StrategyFill } from "../../session/Strategy.ts"
import type { BacktestFailure } from "../BacktestResult.ts"
import type { HeldRow } from "../BacktestRows.ts"
import type { BacktestModels } from "../BacktestModels.ts"
import type { Played } from "../Played.ts"
import { BacktestDesk } from "./BacktestDesk.ts"
import { benchmarkOf } from "./Benchmark.ts"
import { type CheckpointState, encodeCheckpoint, readCheckpoint } from "./Checkpoint.ts"
import { delist } from "./Delisting.ts"
import { EngineFault } from "./EngineFault.ts"
import { cancelOrder, type EngineLook, sendOrder } from "./OrderPath.ts"
import { Recorder } from "./Recorder.ts"
import type { Tape } from "./Tape.ts"
import { TrackReader } from "./TrackReader.ts"

/** What is played, on what, with what. */
export interface EngineOptions {
  readonly tape: Tape
  readonly strategy: Strategy
  readonly cash: Money
  readonly profile: LimitsProfile
  readonly resumePolicy: ResumePolicy
  readonly seed: number
  readonly models: BacktestModels
  /** Every event of the journal, as `plimsoll run` would write it. */
  readonly onEvent?: (event: JournalEvent, actor: Actor) => void
  /** Told before each call of the strategy: the number of the bar from 1, and the time of the decision. */
  readonly heartbeat?: (bar: number, now: number) => void
  /** Plays every tick, also where nothing can come of it: slower, with the same result. */
  readonly everyTick?: boolean
}

/** How far an engine is, as JSON text: with the same options another one goes on from it to the very same result. */
export type EngineCheckpoint = string

/** Plays session after session; between two calls it can be asked how it stands. Throws `EngineFault`. */
export interface BacktestEngine {
  /** Number of the session that is played next, from 0; that of all sessions at the end. */
  readonly next: number
  /** Equity at the last close played. */
  readonly equity: Money
  /** Plays the sessions before this number. */
  readonly advance: (until: number) => void
  readonly checkpoint: () => EngineCheckpoint
  /** What was played so far. */
  readonly played: () => Played
}

/** The account is opened so long before the first session opens. */
const LEAD_MICROS = 60_000_000

const noFills: ReadonlyArray<StrategyFill> = []
const nothingScheduled: DecisionPoint["scheduled"] = []

export class Engine implements BacktestEngine {
  readonly desk: BacktestDesk
  readonly readers: ReadonlyArray<TrackReader>
  readonly #options: EngineOptions
  readonly #byId: ReadonlyMap<InstrumentId, TrackReader>
  readonly #instruments
  readonly #instrumentOf
  readonly #actor: Actor
  readonly #feed: Feed
  readonly #recorder: Recorder
  readonly #account: AccountView
  /** Asked at the close alone, for the bar of the day. */
  readonly #isDaily: boolean
  #fills: Array<StrategyFill> = []
  #next = 0
  /** Bars the strategy could be asked about, so far. */
  #bar = 0
  #look: PointLook | undefined

  constructor(options: EngineOptions, checkpoint?: EngineCheckpoint) {
    const { profile, strategy, tape } = options
    const before = checkpoint === undefined ? undefined : Result.getOrThrow(readCheckpoint(checkpoint))
    this.#options = options
    this.#actor = { kind: "strategy", name: strategy.name }
    this.readers = tape.tracks.map((track) => new TrackReader(tape, track))
    this.#byId = new Map(this.readers.map((reader) => [reader.id, reader]))
    this.#instruments = tape.tracks.map(({ instrument }) => instrument)
    this.#instrumentOf = instrumentLookup(this.#instruments)
    this.#feed = new Feed(strategy, this.#instruments)
    this.#recorder = new Recorder(tape.sessions.length, before?.recorded)
    const { onFill, resolution = "1d", schedule = [] } = strategy
    this.#isDaily = resolution === "1d" && onFill === undefined && schedule.length === 0
    const { onEvent } = options
    this.desk = new BacktestDesk(
      {
        readers: this.#byId,
        instrumentOf: this.#instrumentOf,
        models: options.models,
        limits: profile.limits,
        resumePolicy: options.resumePolicy,
        everyTick: options.everyTick ?? false,
        tellsSessions: onEvent !== undefined,
        onEvent: (event, actor, date) => {
          this.#recorder.add(event, date)
          if (event._tag === "OrderFilled" && onFill !== undefined) this.#fills.push(strategyFillOf(event))
          onEvent?.(event, actor)
        }
      },
      before?.desk
    )
    this.#account = this.#accountView()
    this.#begin(before)
  }

  get next(): number {
    return this.#next
  }

  get equity(): Money {
    return this.desk.lastClose?.equity ?? this.#options.cash
  }

  advance(until: number): void {
    const end = Math.min(until, this.#options.tape.sessions.length)
    while (this.#next < end) this.#play(this.#next)
  }

  checkpoint(): EngineCheckpoint {
    return encodeCheckpoint({
      next: this.#next,
      bar: this.#bar,
      fills: this.#fills,
      desk: this.desk.state(),
      recorded: this.#recorder.recorded()
    })
  }

  played(): Played {
    const { cash, models, tape } = this.#options
    const recorder = this.#recorder
    const { breaker, ledger } = this.desk.book
    const count = this.#next
    const { dividends, fees } = ledger
    return {
      dates: tape.sessions.slice(0, count).map(({ date }) => date),
      equity: recorder.equity.slice(0, count),
      grossExposure: recorder.grossExposure.slice(0, count),
      netExposure: recorder.netExposure.slice(0, count),
      traded: recorder.tradedBySession.slice(0, count),
      benchmark: benchmarkOf(tape, cash).slice(0, count),
      cash: ledger.cash,
      fees,
      dividends,
      ...(models.borrow === undefined && models.margin === undefined
        ? {}
        : { financing: recorder.financing }),
      bars: tape.tracks.reduce((sum, { first, warmUp }) => sum + (first[count] ?? 0) - warmUp, 0),
      orders: recorder.orders.map((row) => ({ ...row })),
      fills: [...recorder.fills],
      moves: [...recorder.moves],
      denials: recorder.denials,
      states: [...recorder.states],
      held: this.#heldRows(),
      options: recorder.options,
      tradingState: tradingStateOf(breaker)
    }
  }

  /** Opens the account, or goes on from where it was left. */
  #begin(before: CheckpointState | undefined): void {
    const { cash, profile, resumePolicy, strategy, tape } = this.#options
    const [first] = tape.sessions
    if (first === undefined) throw new RangeError("a tape without sessions")
    if (before === undefined) {
      this.#feedBars(first.open - 1)
      const tsEvent = timestamp(first.open - LEAD_MICROS)
      const events: ReadonlyArray<JournalEvent> = [
        { _tag: "AccountOpened", accountId: accountId(strategy.name), tsEvent },
        { _tag: "CashDeposited", amount: cash, tsEvent },
        { _tag: "LimitsAccepted", profile: profile.name, hash: hashLimits(profile.limits), tsEvent },
        { _tag: "ResumePolicySet", policy: formatResumePolicy(resumePolicy), tsEvent }
      ]
      this.desk.open(events, this.#actor, tsEvent)
      return
    }
    this.#next = before.next
    this.#bar = before.bar
    this.#fills = [...before.fills]
    // What was shown to the strategy is on the tape.
    this.#feedBars(tape.sessions[before.next - 1]?.close ?? first.open - 1)
  }

  #play(number: number): void {
    const { tape } = this.#options
    const session = tape.sessions[number]
    if (session === undefined) throw new RangeError(`the tape has no session ${number}`)
    for (const reader of this.readers) reader.toSession(number)
    const isLast = number === tape.sessions.length - 1
    if (this.#isDaily) {
      this.#playPoint(number, session, { ts: session.close, bar: true, scheduled: nothingScheduled }, isLast)
    } else {
      for (const point of pointsOf(this.#options.strategy, session)) {
        this.#playPoint(number, session, point, isLast)
      }
    }
    this.#endSession(number, session)
  }

  #playPoint(number: number, session: Session, point: DecisionPoint, isLast: boolean): void {
    this.desk.advance(session, point.ts)
    this.#feedBars(point.ts)
    if (point.bar) this.#bar += 1
    // Nothing is decided for an open that is not played.
    if (isLast && point.ts >= session.close) return
    this.#decide(number, session, point)
  }

  #endSession(number: number, session: Session): void {
    for (const reader of this.readers) {
      if (reader.track.lastSession === number) {
        delist(this.desk, reader, session, { fee: this.#options.models.fee, actor: this.#actor })
      }
    }
    this.#recorder.closeSession(this.desk.lastClose)
    this.#next = number + 1
  }

  /** Shows the strategy what has ended by an instant. */
  #feedBars(until: number): void {
    for (const reader of this.readers) {
      for (let bar = reader.nextBar(until); bar !== undefined; bar = reader.nextBar(until)) {
        for (const action of reader.splitsBefore) {
          this.#feed.split(reader.id, action.numerator, action.denominator)
        }
        this.#feed.append(reader.id, bar)
      }
    }
  }

  #decide(number: number, session: Session, point: DecisionPoint): void {
    if (!this.#feed.isWarm || !this.#isMeasured(point.ts)) return
    const fills = this.#fills.length === 0 ? noFills : this.#fills
    if (fills.length > 0) this.#fills = []
    this.#look = undefined
    const { decision, margin } = this.#guarded(point.ts, () => this.#ask(number, session, point, fills))
    if (decision === noDecision && margin.length === 0) return
    this.#guarded(point.ts, () => this.#send(session, point.ts, decision, margin))
  }

  #ask(
    number: number,
    session: Session,
    point: DecisionPoint,
    fills: ReadonlyArray<StrategyFill>
  ): { readonly decision: Decision; readonly margin: ReadonlyArray<IntendedOrder> } {
    const { heartbeat, models, profile, strategy } = this.#options
    const { ts } = point
    const context = new PointContext({
      date: session.date,
      now: ts,
      sessionIndex: number,
      instruments: this.#instruments,
      feed: this.#feed,
      account: this.#account
    })
    heartbeat?.(this.#bar, ts)
    const intents = askStrategy(strategy, point, context, fills)
    const isClose = ts >= session.close
    const margin = isClose && models.margin !== undefined ? this.#marginCall(ts) : noOrders
    if (intents.length === 0) return { decision: noDecision, margin }
    const quotes = this.#lookAt(session, ts).shown(this.readers)
    const decision = decisionOf(context, intents, {
      limits: profile.limits,
      quotes,
      open: !isClose,
      ...(models.margin === undefined ? {} : { buyingPower: this.#buyingPower(ts) })
    })
    return { decision, margin }
  }

  #send(session: Session, ts: Timestamp, decision: Decision, margin: ReadonlyArray<IntendedOrder>): void {
    const { models, profile, seed } = this.#options
    const look = this.#lookAt(session, ts)
    const path = { limits: profile.limits, models, actor: this.#actor }
    for (const id of decision.cancels) cancelOrder(this.desk, look, id, path)
    let n = 0
    for (const { content, reason } of [...margin, ...besideCall(margin, decision.orders)]) {
      n += 1
      sendOrder(this.desk, look, { clientOrderId: orderIdAt(seed, session, ts, n), content, reason }, path)
    }
  }

  #lookAt(session: Session, now: Timestamp): PointLook {
    return (this.#look ??= new PointLook(this.#byId, this.#instrumentOf, session, now))
  }

  /** Whether all that is held has a price in the session. */
  #isMeasured(now: Timestamp): boolean {
    for (const { reader } of this.desk.held) if (!reader.isQuoted(now)) return false
    return true
  }

  #accountView(): AccountView {
    const { desk } = this
    return {
      holdings: () => {
        const holdings = new Map<InstrumentId, Holding>()
        for (const { mark, position, reader } of desk.held) {
          holdings.set(reader.id, { quantity: position.quantity, mark })
        }
        return holdings
      },
      working: () => Object.values(desk.book.orders).map(({ order }) => order),
      options: () => [],
      equity: () => desk.equity() ?? money(Number.NaN),
      cash: () => desk.ledger.cash,
      tradingState: () => tradingStateOf(desk.breaker),
      activeTrip: () => tripOf(desk.breaker)
    }
  }

  #riskAccount(now: Timestamp) {
    const { book, marks } = this.desk
    return {
      positions: heldPositions(book, marks),
      working: workingOrders(book),
      limits: this.#options.profile.limits,
      now,
      underlyings: new Map<InstrumentId, Price>(),
      marks: new Map<InstrumentId, number>()
    }
  }

  #buyingPower(now: Timestamp): Money {
    return buyingPower(this.#options.models.margin, this.#riskAccount(now), this.desk.ledger.cash)
  }

  #marginCall(now: Timestamp): ReadonlyArray<IntendedOrder> {
    const { ledger } = this.desk
    const equity = this.desk.equity()
    if (equity === undefined) return noOrders
    return marginCall(this.#options.models.margin, {
      ...this.#riskAccount(now),
      cash: ledger.cash,
      equity,
      incrementOf: (id) => this.#byId.get(id)?.instrument.sizeIncrement ?? 1
    })
  }

  #heldRows(): ReadonlyArray<HeldRow> {
    const { ledger, marks } = this.desk
    return Ledger.positions(ledger).map((position) => {
      const mark = marks.get(position.instrumentId)
      return {
        instrumentId: position.instrumentId,
        quantity: position.quantity,
        cost: position.cost,
        mark: mark ?? null,
        value: mark === undefined ? null : Ledger.positionValue(position, mark)
      }
    })
  }

  /** What is thrown while the strategy is asked, and its orders are looked at, is told with where it was. */
  #guarded<A>(at: Timestamp, work: () => A): A {
    try {
      return work()
    } catch (cause) {
      throw this.#fault(cause, at)
    }
  }

  #fault(cause: unknown, at: Timestamp): EngineFault {
    if (cause instanceof EngineFault) return cause
    const message = cause instanceof Error ? cause.message : String(cause)
    const order = this.#recorder.lastOrder
    const stack = cause instanceof Error ? cause.stack : undefined
    const failure: BacktestFailure = {
      kind: "threw",
      message,
      at: shownTime(at),
      bar: this.#bar,
      ...(order === undefined ? {} : { order }),
      ...(stack === undefined ? {} : { stack })
    }
    return new EngineFault({
      failure,
      message: `${this.#options.strategy.name} failed at ${failure.at}, bar ${this.#bar}: ${message}`
    })
  }
}

const noOrders: ReadonlyArray<IntendedOrder> = []

/** On the exchange's clock; of sessions outside the calendar in UTC. */
const shownTime = (at: Timestamp): string => {
  try {
    return toExchangeTime(at)
  } catch {
    return toIso(at)
  }
}

const tripOf = ({ causes, sessionsSinceDrawdown }: BacktestDesk["breaker"]): ActiveTrip | undefined => {
  if (causes.drawdown) return { cause: "drawdown", sessionsSince: sessionsSinceDrawdown }
  return causes.dailyLoss ? { cause: "daily-loss", sessionsSince: 0 } : undefined
}

/** The market of the tape at one decision point; quotes are made once. */
class PointLook implements EngineLook {
  readonly now: Timestamp
  readonly phase: SessionPhase
  readonly instrumentOf: EngineLook["instrumentOf"]
  readonly #readers: ReadonlyMap<InstrumentId, TrackReader>
  readonly #quotes = new Map<InstrumentId, QuoteTick | undefined>()

  constructor(
    readers: ReadonlyMap<InstrumentId, TrackReader>,
    instrumentOf: EngineLook["instrumentOf"],
    { close, open }: Session,
    now: Timestamp
  ) {
    this.#readers = readers
    this.instrumentOf = instrumentOf
    this.now = now
    this.phase = now >= open && now < close ? { open: true } : { open: false, lastClose: close }
  }

  readonly quoteOf = (id: InstrumentId): QuoteTick | undefined => {
    if (this.#quotes.has(id)) return this.#quotes.get(id)
    const tick = this.#readers.get(id)?.shownAt(this.now)
    const quote = tick === undefined ? undefined : quoteFromTick(tick, this.now)
    this.#quotes.set(id, quote)
    return quote
  }

  readonly tickOf: EngineLook["tickOf"] = (id) => this.#readers.get(id)?.tickAt(this.now)

  /** Prices of those that have any. */
  shown(readers: ReadonlyArray<TrackReader>) {
    const shown = new Map<InstrumentId, NonNullable<ReturnType<TrackReader["shownAt"]>>>()
    for (const reader of readers) {
      const tick = reader.shownAt(this.now)
      if (tick !== undefined) shown.set(reader.id, tick)
    }
    return shown
  }
}
