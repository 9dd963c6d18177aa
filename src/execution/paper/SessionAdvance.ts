/**
 * One stretch of one session, played: market → fills → books → breaker.
 *
 * Pure but for the matching core it is given. Everything that happens comes
 * out as events in the order it happened; the same book, core and ticks give
 * the same events, whoever turns the crank and however often.
 */
import { Option, Result } from "effect"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { JournalEvent, VenueEvent } from "../../domain/JournalEvent.ts"
import { type Money, money, type Price, price, proportion } from "../../domain/Money.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { CorporateAction } from "../../market/BarSeries.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import type { Session } from "../../market/TradingCalendar.ts"
import * as CorporateActions from "../../portfolio/CorporateActions.ts"
import * as Exposure from "../../portfolio/Exposure.ts"
import * as Ledger from "../../portfolio/Ledger.ts"
import * as CircuitBreaker from "../../risk/CircuitBreaker.ts"
import type { ResumePolicy } from "../../risk/ResumePolicy.ts"
import type { RiskLimits } from "../../risk/RiskLimits.ts"
import { resumeByPolicy } from "../../risk/TradingStateMachine.ts"
import type { MatchingCore } from "./MatchingCore.ts"

export interface Stretch {
  readonly session: Session
  /** The stretch contains the session's opening, its close. */
  readonly opens: boolean
  readonly closes: boolean
  /** In time order. */
  readonly ticks: ReadonlyArray<MarketTick>
  /** In force from this session's open; looked at when the stretch opens it. */
  readonly actions: ReadonlyArray<readonly [InstrumentId, CorporateAction]>
}

export interface AdvancePolicy {
  readonly limits: RiskLimits
  readonly resumePolicy: ResumePolicy
}

export interface Standing {
  readonly ledger: Ledger.LedgerState
  readonly breaker: CircuitBreaker.BreakerState
  readonly marks: ReadonlyMap<InstrumentId, Price>
}

export interface Advanced extends Standing {
  readonly events: ReadonlyArray<JournalEvent>
  /** Those of them that are the venue's. */
  readonly venueEvents: ReadonlyArray<VenueEvent>
}

/** Plays the stretch on top of `before`; `core` is moved along. */
export const advance = (
  before: Standing,
  core: MatchingCore,
  stretch: Stretch,
  policy: AdvancePolicy
): Advanced => {
  const player = new Player(before, core, policy)
  if (stretch.opens) player.openSession(stretch)
  player.play(stretch.ticks)
  if (stretch.closes) player.closeSession(stretch.session)
  return player.result()
}

class Player {
  private ledger: Ledger.LedgerState
  private breaker: CircuitBreaker.BreakerState
  private readonly marks: Map<InstrumentId, Price>
  private readonly events: Array<JournalEvent> = []
  private readonly venueEvents: Array<VenueEvent> = []
  private readonly core: MatchingCore
  private readonly policy: AdvancePolicy

  constructor(before: Standing, core: MatchingCore, policy: AdvancePolicy) {
    this.ledger = before.ledger
    this.breaker = before.breaker
    this.marks = new Map(before.marks)
    this.core = core
    this.policy = policy
  }

  result(): Advanced {
    const held = new Map<InstrumentId, Price>()
    for (const { instrumentId } of Ledger.positions(this.ledger)) {
      const mark = this.marks.get(instrumentId)
      if (mark !== undefined) held.set(instrumentId, mark)
    }
    const { breaker, events, ledger, venueEvents } = this
    return { ledger, breaker, marks: held, events, venueEvents }
  }

  openSession({ actions, session }: Stretch): void {
    for (const [instrumentId, action] of actions) this.takeAction(instrumentId, action, session.open)
    this.emit({
      _tag: "SessionOpened",
      tsEvent: session.open,
      date: session.date,
      priorCloseEquity: this.breaker.priorCloseEquity
    })
    const at = { ts: session.open, equity: this.equity() ?? money(Number.NaN) }
    this.adopt(CircuitBreaker.onSessionOpen(this.breaker, at))
    const { causes, sessionsSinceDrawdown } = this.breaker
    for (const event of resumeByPolicy(causes, this.policy.resumePolicy, sessionsSinceDrawdown, at))
      this.emit(event)
  }

  play(ticks: ReadonlyArray<MarketTick>): void {
    for (let i = 0; i < ticks.length; i++) {
      const tick = ticks[i]
      if (tick === undefined || this.isPast(tick)) continue
      for (const event of this.core.tick(tick)) this.emitVenue(event)
      this.marks.set(tick.instrumentId, tick.last)
      // The breaker looks once all instruments have moved to this instant.
      if (ticks[i + 1]?.tsEvent !== tick.tsEvent) this.look(tick.tsEvent)
    }
  }

  /** A tick from before the venue's last look at the instrument: nothing was held or working in it then. */
  private isPast(tick: MarketTick): boolean {
    const seen = this.core.seenUntil(tick.instrumentId)
    return seen !== undefined && tick.tsEvent < seen
  }

  closeSession(session: Session): void {
    for (const event of this.core.sessionClosed(session.close)) this.emitVenue(event)
    const equity = this.equity()
    // Every position has a mark, if only what was paid for it: see `emitVenue` and the venue's own fills.
    if (equity === undefined) return
    const exposure = Exposure.exposure(this.ledger, this.marks)
    this.emit({
      _tag: "SessionClosed",
      tsEvent: session.close,
      date: session.date,
      equity,
      grossExposure: Result.isSuccess(exposure) ? exposure.success.gross : money(0),
      peakEquity: money(Math.max(this.breaker.peakEquity, equity))
    })
  }

  private look(ts: Timestamp): void {
    const equity = this.equity()
    if (equity === undefined) return
    const before = this.breaker.causes
    this.adopt(CircuitBreaker.onMark(this.breaker, this.policy.limits, { ts, equity }))
    const { causes } = this.breaker
    if (causes.dailyLoss !== before.dailyLoss || causes.drawdown !== before.drawdown)
      this.withdrawOpeningOrders(ts)
  }

  /** A trip leaves only reducing orders: what would open or add is taken off the venue. */
  private withdrawOpeningOrders(ts: Timestamp): void {
    for (const order of this.core.working()) {
      const held = this.ledger.positions[order.instrumentId]?.quantity ?? 0
      const isOpposite = order.side === "BUY" ? held < 0 : held > 0
      // An order for a notional is as large as the price makes it.
      const leaves = order.size._tag === "Quantity" ? order.size.quantity - order.filledQuantity : Infinity
      const opens = !isOpposite || leaves > Math.abs(held)
      if (opens && order.parent === undefined) {
        for (const event of this.core.cancel(order.clientOrderId, ts)) this.emitVenue(event)
      }
    }
  }

  private takeAction(instrumentId: InstrumentId, action: CorporateAction, tsEvent: Timestamp): void {
    if (action._tag === "Dividend") {
      const amountPerShare = money(action.amountPerShare)
      const event = CorporateActions.dividendEvent(this.ledger, { instrumentId, amountPerShare, tsEvent })
      if (Option.isSome(event)) this.emit(event.value)
      return
    }
    const { denominator, numerator } = action
    for (const event of this.core.applySplit(instrumentId, { numerator, denominator, tsEvent }))
      this.emitVenue(event)
    const held = this.ledger.positions[instrumentId]
    const paid = held === undefined || held.quantity === 0 ? undefined : price(Ledger.averagePrice(held))
    const mark = this.marks.get(instrumentId) ?? paid
    if (mark === undefined) return
    const after = price(proportion(mark, denominator, numerator))
    const event = CorporateActions.splitEvent(this.ledger, {
      instrumentId,
      numerator,
      denominator,
      priceForFraction: after,
      tsEvent
    })
    if (Option.isSome(event)) this.emit(event.value)
    this.marks.set(instrumentId, after)
  }

  private equity(): Money | undefined {
    return Option.getOrUndefined(Result.getSuccess(Ledger.equity(this.ledger, this.marks)))
  }

  private emit(event: JournalEvent): void {
    this.events.push(event)
    this.ledger = Ledger.apply(this.ledger, event)
    this.breaker = CircuitBreaker.applyEvent(this.breaker, event)
  }

  private emitVenue(event: VenueEvent): void {
    this.venueEvents.push(event)
    this.emit(event)
    // Until the next tick a new position is worth what was paid for it.
    if (event._tag === "OrderFilled" && !this.marks.has(event.instrumentId)) {
      this.marks.set(event.instrumentId, event.price)
    }
  }

  /** A breaker's answer already has its events applied. */
  private adopt({ events, state }: CircuitBreaker.Marked): void {
    this.breaker = state
    for (const event of events) {
      this.events.push(event)
      this.ledger = Ledger.apply(this.ledger, event)
    }
  }
}
