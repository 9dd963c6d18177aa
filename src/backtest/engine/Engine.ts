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
import { accountId, type InstrumentId, isOptionId } from "../../domain/Identifiers.ts"
import type { JournalEvent } from "../../domain/JournalEvent.ts"
import { type Money, money } from "../../domain/Money.ts"
import { type Timestamp, timestamp, toIso } from "../../domain/Timestamp.ts"
import { tradedBy } from "../../execution/OrderLegs.ts"
import { heldPositions, workingOrders } from "../../execution/RiskView.ts"
import { besideCall, buyingPower, marginCall } from "../../execution/paper/MarginModel.ts"
import { instrumentLookup } from "../../market/OptionInstruments.ts"
import { cut, mergeTicks } from "../../market/TickLists.ts"
import { type Session, toExchangeTime } from "../../market/TradingCalendar.ts"
import * as Ledger from "../../portfolio/Ledger.ts"
import { tradingStateOf } from "../../risk/CircuitBreaker.ts"
import type { LimitsProfile } from "../../risk/LimitsProfile.ts"
import { formatResumePolicy, type ResumePolicy } from "../../risk/ResumePolicy.ts"
import { hashLimits } from "../../risk/RiskLimits.ts"
import {
  type AccountView,
  askForOptions,
  askStrategy,
  PointContext,
  strategyFillOf,
  shown
} from "../../session/Deciding.ts"
import {
  type Decision,
  decisionOf,
  type IntendedOrder,
  noDecision,
  optionOrders,
  orderIdAt
} from "../../session/Decision.ts"
import { type DecisionPoint, pointsOf } from "../../session/DecisionPoints.ts"
import { Feed } from "../../session/Feed.ts"
import type { OptionTrading, Strategy, StrategyFill } from "../../session/Strategy.ts"
import type { BacktestFailure } from "../BacktestResult.ts"
import type { HeldRow } from "../BacktestRows.ts"
import type { BacktestModels } from "../BacktestModels.ts"
import type { Played } from "../Played.ts"
import { BacktestDesk } from "./BacktestDesk.ts"
import { benchmarkOf } from "./Benchmark.ts"
import { HeldNow, marksNow, optionAccount, tripOf } from "./AccountNow.ts"
import { type CheckpointState, encodeCheckpoint, readCheckpoint } from "./Checkpoint.ts"
import { delist } from "./Delisting.ts"
import { EngineFault } from "./EngineFault.ts"
import { cancelOrder, sendOrder } from "./OrderPath.ts"
import { ChainsAsk, type OptionAsk, QuotesAsk, TicksAsk } from "./OptionAsks.ts"
import { PointLook } from "./PointLook.ts"
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
    this.#instruments = shown(tape.tracks.map(({ instrument }) => instrument))
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
    return this.desk.breaker.priorCloseEquity
  }

  /** Whether its sessions are played by `playOptionSession`, and not by `advance`. */
  get asksForOptions(): boolean {
    return this.#options.strategy.options !== undefined
  }

  advance(until: number): void {
    if (this.asksForOptions)
      throw new RangeError("a strategy that trades options is played session by session")
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
      ...recorder.optionResult(),
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

  /**
   * Plays the next session of a strategy that trades options, asking the options
   * market on the way. Each question is to be answered before the next step.
   */
  *playOptionSession(): Generator<OptionAsk, void> {
    const { strategy, tape } = this.#options
    const number = this.#next
    const session = tape.sessions[number]
    if (session === undefined) throw new RangeError(`the tape has no session ${number}`)
    for (const reader of this.readers) reader.toSession(number)
    const isLast = number === tape.sessions.length - 1
    for (const point of pointsOf(strategy, session)) {
      yield* this.#advanceOptions(session, point.ts)
      this.#feedBars(point.ts)
      if (point.bar) this.#bar += 1
      if (!(isLast && point.ts >= session.close)) yield* this.#decideOptions(number, session, point)
    }
    this.#endSession(number, session)
  }

  /** As the crank does: actions at the open may rename contracts that are watched, so a stretch with such ends there. */
  *#advanceOptions(session: Session, until: Timestamp): Generator<OptionAsk, void> {
    const { desk } = this
    while (until > desk.advancedTo && until >= session.open) {
      const watched = desk.watched()
      const contracts = watched.filter(isOptionId)
      if (contracts.length === 0) {
        desk.advance(session, until)
        return
      }
      const after = desk.advancedTo
      const opens = after < session.open
      const actions = opens ? desk.actionsOn(session.date, watched) : []
      const isCut = actions.length > 0 && until > session.open
      const end = isCut ? session.open : until
      const ask = new TicksAsk(contracts, after, end, until)
      yield ask
      const lists = watched.map((id) =>
        isOptionId(id)
          ? (ask.lists[contracts.indexOf(id)] ?? [])
          : cut(this.#byId.get(id)?.ticks() ?? [], after, end)
      )
      const ticks = mergeTicks(lists)
      desk.play({ session, until: end, opens, closes: end >= session.close, ticks, actions })
    }
  }

  *#decideOptions(number: number, session: Session, point: DecisionPoint): Generator<OptionAsk, void> {
    const { ts } = point
    if (!this.#feed.isWarm) return
    this.#look = undefined
    const look = this.#lookAt(session, ts)
    yield* this.#quote(
      look,
      Ledger.positions(this.desk.ledger).map(({ instrumentId }) => instrumentId)
    )
    const marks = marksNow(this.desk, look)
    const equity = Ledger.equityAt(this.desk.ledger, marks)
    if (equity === undefined) return
    const context = this.#contextAt(number, session, point, optionAccount(this.desk, look, marks, equity))
    const { cancels, orders } = this.#guarded(ts, () => this.#ask(session, point, context))
    const trading = ts >= session.close ? this.#options.strategy.options : undefined
    const wanted = trading === undefined ? [] : yield* this.#askForOptions(trading, context, ts)
    const decision = { cancels, orders: [...orders, ...wanted] }
    for (const { content } of decision.orders) yield* this.#quote(look, tradedBy(content))
    const sent = decision.orders.flatMap(({ content }) => tradedBy(content)).filter(isOptionId)
    yield* this.#showTicks(look, sent, session)
    this.#guarded(ts, () => this.#send(session, ts, decision))
  }

  *#askForOptions(
    trading: OptionTrading,
    context: PointContext,
    now: Timestamp
  ): Generator<OptionAsk, ReadonlyArray<IntendedOrder>> {
    const ids = this.#guarded(now, () => trading.chains(context))
    const ask = new ChainsAsk(ids, context.date, now)
    if (ids.length > 0) yield ask
    return this.#guarded(now, () => optionOrders(askForOptions(trading, context, ask.chains)))
  }

  /** Takes up the quotes of contracts. */
  *#quote(look: PointLook, ids: ReadonlyArray<InstrumentId>): Generator<OptionAsk, void> {
    const unknown = ids.filter((id) => isOptionId(id) && !look.knowsQuote(id))
    if (unknown.length === 0) return
    const ask = new QuotesAsk(unknown, look.now)
    yield ask
    for (const id of unknown) look.takeQuote(id, ask.quotes.get(id))
  }

  /** Takes up the last ticks of contracts in the session. */
  *#showTicks(
    look: PointLook,
    ids: ReadonlyArray<InstrumentId>,
    { open }: Session
  ): Generator<OptionAsk, void> {
    const unknown = ids.filter((id) => !look.knowsTick(id))
    if (unknown.length === 0) return
    const ask = new TicksAsk(unknown, timestamp(open - 1), look.now, look.now)
    yield ask
    for (const [i, id] of unknown.entries()) look.takeTick(id, ask.lists[i]?.at(-1))
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

  /** Shows the strategy what has ended by an instant, and takes out the splits in force. */
  #feedBars(until: number): void {
    for (const reader of this.readers) {
      while (true) {
        for (let split = reader.nextSplit(until); split !== undefined; split = reader.nextSplit(until)) {
          this.#feed.split(reader.id, split.numerator, split.denominator)
        }
        const bar = reader.nextBar(until)
        if (bar === undefined) break
        this.#feed.append(reader.id, bar)
      }
    }
  }

  #decide(number: number, session: Session, point: DecisionPoint): void {
    if (!this.#feed.isWarm || !this.#isMeasured(point.ts)) return
    this.#look = undefined
    const { ts } = point
    try {
      const decision = this.#ask(session, point, this.#contextAt(number, session, point, this.#account))
      if (decision !== noDecision) this.#send(session, ts, decision)
    } catch (cause) {
      throw this.#fault(cause, ts)
    }
  }

  #contextAt(number: number, { date }: Session, { ts }: DecisionPoint, account: AccountView): PointContext {
    return new PointContext({
      date,
      now: ts,
      sessionIndex: number,
      instruments: this.#instruments,
      feed: this.#feed,
      account
    })
  }

  /** What the strategy wants, and what a margin call wants of it. */
  #ask(session: Session, point: DecisionPoint, context: PointContext): Decision {
    const { heartbeat, models, profile, strategy } = this.#options
    const { ts } = point
    const fills = this.#fills
    if (fills.length > 0) this.#fills = []
    heartbeat?.(this.#bar, ts)
    const intents = askStrategy(strategy, point, context, fills)
    const isClose = ts >= session.close
    const called = isClose && models.margin !== undefined ? this.#marginCall(ts) : noOrders
    if (intents.length === 0) return called.length === 0 ? noDecision : { cancels: [], orders: called }
    const { cancels, orders } = decisionOf(context, intents, {
      limits: profile.limits,
      quotes: this.#lookAt(session, ts).shown(this.readers),
      open: !isClose,
      ...(models.margin === undefined ? {} : { buyingPower: this.#buyingPower(ts) })
    })
    return { cancels, orders: called.length === 0 ? orders : [...called, ...besideCall(called, orders)] }
  }

  #send(session: Session, ts: Timestamp, { cancels, orders }: Decision): void {
    const { models, profile, seed } = this.#options
    const look = this.#lookAt(session, ts)
    const path = { limits: profile.limits, models, actor: this.#actor }
    for (const id of cancels) cancelOrder(this.desk, look, id, path)
    let n = 0
    for (const { content, reason } of orders) {
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
      holdings: () => new HeldNow(desk.held),
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
      // Those of what held options are on among them.
      underlyings: marks,
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
