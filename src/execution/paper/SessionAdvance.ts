/**
 * One stretch of one session, played: market → fills → books → breaker.
 *
 * Pure but for the matching core it is given. Everything that happens comes
 * out as events in the order it happened; the same book, core and ticks give
 * the same events, whoever turns the crank and however often.
 *
 * Options at a session's open, before anything trades: early assignments, then
 * dividends and splits, which may adjust contracts; the breaker looks at the
 * first prices after them. At each instant: ticks,
 * combos, contracts that its prices settle, the breaker. At the close: orders
 * that end with it, contracts that its prices settle, the breaker, and what is
 * borrowed overnight.
 */
import { Option, Result } from "effect"
import type { ClientOrderId, InstrumentId } from "../../domain/Identifiers.ts"
import type { JournalEvent, VenueEvent } from "../../domain/JournalEvent.ts"
import {
  formatMicros,
  type Money,
  money,
  type Price,
  price,
  proportion,
  quantity,
  zeroMoney
} from "../../domain/Money.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { CorporateAction } from "../../market/BarSeries.ts"
import {
  adjustForDividend,
  adjustForSplit,
  type ContractAdjustment,
  isSpecialDividend
} from "../../market/ContractAdjustment.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import { exchangeDate, previousSession, type Session } from "../../market/TradingCalendar.ts"
import * as CorporateActions from "../../portfolio/CorporateActions.ts"
import * as Exposure from "../../portfolio/Exposure.ts"
import * as Ledger from "../../portfolio/Ledger.ts"
import { assignmentEvent, inAdjustmentOrder } from "../../portfolio/OptionEnds.ts"
import type { Position } from "../../portfolio/Position.ts"
import * as CircuitBreaker from "../../risk/CircuitBreaker.ts"
import type { ResumePolicy } from "../../risk/ResumePolicy.ts"
import type { RiskLimits } from "../../risk/RiskLimits.ts"
import { resumeByPolicy } from "../../risk/TradingStateMachine.ts"
import { borrowFee, type BorrowModel, nightsAfter } from "./BorrowModel.ts"
import { debitInterest, type MarginModel } from "./MarginModel.ts"
import { namedApart } from "./AdjustedNames.ts"
import {
  type HeldOption,
  heldOptions,
  settlementEvent,
  settlesAtClose,
  settlesAtPrint
} from "./ContractEnds.ts"
import { ordinaryDividend, whyAssigned } from "./EarlyAssignment.ts"
import type { MatchingCore } from "./MatchingCore.ts"
import { openingOrders, uncoveredSales } from "./Withdrawals.ts"

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
  /** Dollars a share in the money from which an expiring option is exercised or assigned. */
  readonly exerciseThreshold: Price
  /** What borrowed shares and money cost by the night; nothing unless given. */
  readonly borrow?: BorrowModel | undefined
  readonly margin?: MarginModel | undefined
}

export interface Standing {
  readonly ledger: Ledger.LedgerState
  readonly breaker: CircuitBreaker.BreakerState
  /** Last price of each instrument held, and of what held options are on. */
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
  /** Ticked at this instant, of what contracts wait for to settle. */
  private readonly printed = new Set<InstrumentId>()
  /** Sold on an option at this instant. */
  private readonly delivered = new Set<InstrumentId>()
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
    for (const { contract, instrumentId } of Ledger.positions(this.ledger)) {
      for (const id of contract === undefined ? [instrumentId] : [instrumentId, contract.underlying]) {
        const mark = this.marks.get(id)
        if (mark !== undefined) held.set(id, mark)
      }
    }
    const { breaker, events, ledger, venueEvents } = this
    return { ledger, breaker, marks: held, events, venueEvents }
  }

  openSession({ actions, session, ticks }: Stretch): void {
    this.assignEarly(session, actions)
    for (const [instrumentId, action] of actions) {
      const opening = ticks.find((tick) => tick.instrumentId === instrumentId)?.last
      this.takeAction(instrumentId, action, { tsEvent: session.open, opening })
    }
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
    const last = ticks.at(-1)
    if (last === undefined) return
    // What is bought in this stretch settles no earlier than at a close.
    const awaited = new Set(
      heldOptions(this.ledger)
        .filter(({ contract }) => settlesAtPrint(contract, last.tsEvent))
        .map(({ contract }) => contract.underlying)
    )
    for (let i = 0; i < ticks.length; i++) {
      const tick = ticks[i]
      if (tick === undefined) continue
      if (!this.isPast(tick)) {
        this.emitVenue(this.core.tick(tick))
        this.marks.set(tick.instrumentId, tick.last)
        if (awaited.has(tick.instrumentId)) this.printed.add(tick.instrumentId)
      }
      // What looks at several instruments does once all of them have moved to this instant.
      if (ticks[i + 1]?.tsEvent !== tick.tsEvent) this.endInstant(tick.tsEvent)
    }
  }

  private endInstant(ts: Timestamp): void {
    this.emitVenue(this.core.meetCombos(ts))
    if (this.printed.size > 0) this.settleAtPrints(ts)
    this.look(ts)
  }

  /** Contracts that wait for a price of their underlying settle at the one that has just come. */
  private settleAtPrints(ts: Timestamp): void {
    for (const held of heldOptions(this.ledger)) {
      if (this.printed.has(held.contract.underlying) && settlesAtPrint(held.contract, ts))
        this.settle(held, ts)
    }
    this.printed.clear()
    this.withdrawSales(ts)
  }

  private settle(held: HeldOption, tsEvent: Timestamp): void {
    const settlementPrice = this.marks.get(held.contract.underlying)
    if (settlementPrice === undefined) return
    const threshold = this.policy.exerciseThreshold
    const event = settlementEvent(this.ledger, held, { settlementPrice, tsEvent, threshold })
    if (Option.isSome(event)) this.emit(event.value)
  }

  /** A tick from before the venue's last look at the instrument: nothing was held or working in it then. */
  private isPast(tick: MarketTick): boolean {
    const seen = this.core.seenUntil(tick.instrumentId)
    return seen !== undefined && tick.tsEvent < seen
  }

  closeSession(session: Session): void {
    this.emitVenue(this.core.sessionClosed(session.close))
    const settling = heldOptions(this.ledger).filter(
      ({ contract }) =>
        settlesAtClose(contract, session.close) && this.hasTraded(contract.underlying, session.open)
    )
    for (const held of settling) this.settle(held, session.close)
    this.withdrawSales(session.close)
    if (settling.length > 0) this.look(session.close)
    this.chargeNights(session)
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

  /** What is borrowed over the nights until the next session is paid for at the close before. */
  private chargeNights(session: Session): void {
    const { borrow, margin } = this.policy
    if (borrow === undefined && margin === undefined) return
    const nights = nightsAfter(session.date)
    const tsEvent = session.close
    for (const position of borrow?._tag === "Yearly" ? Ledger.positions(this.ledger) : []) {
      const { contract, instrumentId, quantity: held } = position
      const mark = Ledger.markOf(this.marks, instrumentId)
      if (contract !== undefined || held >= 0 || mark === undefined) continue
      const value = money(0 - Ledger.positionValue(position, mark))
      const amount = borrowFee(borrow, value, nights)
      if (amount > 0) this.emit({ _tag: "BorrowFeeCharged", tsEvent, instrumentId, value, nights, amount })
    }
    const { cash } = this.ledger
    const amount = debitInterest(margin, cash, nights)
    if (amount > 0) this.emit({ _tag: "InterestCharged", tsEvent, debit: money(0 - cash), nights, amount })
  }

  /** Whether there was a price of it since the session opened. */
  private hasTraded(id: InstrumentId, since: Timestamp): boolean {
    const seen = this.core.seenUntil(id)
    return seen !== undefined && seen >= since
  }

  private look(ts: Timestamp): void {
    const equity = this.equity()
    if (equity === undefined) return
    const before = this.breaker.causes
    this.adopt(CircuitBreaker.onMark(this.breaker, this.policy.limits, { ts, equity }))
    const { causes } = this.breaker
    if (causes.dailyLoss !== before.dailyLoss || causes.drawdown !== before.drawdown)
      // A trip leaves only reducing orders.
      this.cancel(openingOrders(this.core.working(), this.ledger), ts)
  }

  private cancel(orders: ReadonlyArray<ClientOrderId>, ts: Timestamp, reason?: string): void {
    for (const id of orders) this.emitVenue(this.core.cancel(id, ts, reason))
  }

  /** Short options that are worth exercising to their holders are assigned on the prices of the close before. */
  private assignEarly(session: Session, actions: Stretch["actions"]): void {
    for (const { contract, position } of heldOptions(this.ledger)) {
      const { instrumentId, multiplier } = position
      const [mark, spot] = [this.marks.get(instrumentId), this.marks.get(contract.underlying)]
      if (position.quantity > 0 || mark === undefined || spot === undefined) continue
      // Nobody exercises what only waits for a price to settle at, or on a price of another day than the share's.
      if (settlesAtPrint(contract, session.open) || this.isOutdated(position)) continue
      const reason = whyAssigned({
        contract,
        multiplier,
        mark,
        spot,
        dividend: ordinaryDividend(actions, contract, spot),
        closed: previousSession(session.date).date,
        opens: session.date
      })
      if (reason === undefined) continue
      const event = assignmentEvent(this.ledger, {
        instrumentId,
        quantity: quantity(Math.abs(position.quantity)),
        settlementPrice: spot,
        tsEvent: session.open,
        fee: zeroMoney,
        reason
      })
      if (Option.isSome(event)) this.emit(event.value)
    }
    this.withdrawSales(session.open)
  }

  /** Without short sales, orders that would sell shares which have been delivered are taken off the venue. */
  private withdrawSales(ts: Timestamp): void {
    const delivered = new Set(this.delivered)
    this.delivered.clear()
    if (this.policy.limits.shortSales) return
    for (const id of delivered) {
      const reason = `the shares of ${id} it would sell were delivered on an option`
      this.cancel(uncoveredSales(this.core.working(), id, this.ledger), ts, reason)
    }
  }

  /** True of an option whose last price is of another session than its underlying's. */
  private isOutdated({ contract, instrumentId }: Position): boolean {
    const seen = this.core.seenUntil(instrumentId)
    const spotSeen = contract === undefined ? undefined : this.core.seenUntil(contract.underlying)
    return seen !== undefined && spotSeen !== undefined && exchangeDate(seen) !== exchangeDate(spotSeen)
  }

  /** The contracts held on an underlying go on under other terms; their marks follow what one contract is worth. */
  private adjustContracts(
    underlying: InstrumentId,
    tsEvent: Timestamp,
    adjust: (held: HeldOption) => ContractAdjustment | undefined
  ): void {
    const adjustments = heldOptions(this.ledger).flatMap((held) => {
      const adjusted = held.contract.underlying === underlying ? adjust(held) : undefined
      const { instrumentId, multiplier } = held.position
      return adjusted === undefined ? [] : [{ ...adjusted, instrumentId, multiplier }]
    })
    for (const adjustment of inAdjustmentOrder(namedApart(adjustments))) {
      const { denominator, instrumentId, numerator, to } = adjustment
      this.emit({ _tag: "OptionAdjusted", tsEvent, ...adjustment })
      const mark = this.marks.get(instrumentId)
      this.marks.delete(instrumentId)
      if (mark !== undefined) this.marks.set(to, price(proportion(mark, denominator, numerator)))
    }
  }

  private payDividend(instrumentId: InstrumentId, paid: number, tsEvent: Timestamp): void {
    const close = this.marks.get(instrumentId) ?? this.core.lastPrice(instrumentId)
    if (close !== undefined && isSpecialDividend(paid, close)) {
      const reason = `dividend of ${formatMicros(paid, 2)} on ${instrumentId}: its contracts change`
      this.emitVenue(this.core.cancelOptionsOn(instrumentId, reason, tsEvent))
      this.adjustContracts(instrumentId, tsEvent, ({ contract, position }) =>
        adjustForDividend(position.instrumentId, contract, price(paid), close)
      )
    }
    const amountPerShare = money(paid)
    const event = CorporateActions.dividendEvent(this.ledger, { instrumentId, amountPerShare, tsEvent })
    if (Option.isSome(event)) this.emit(event.value)
  }

  private takeAction(
    instrumentId: InstrumentId,
    action: CorporateAction,
    { opening, tsEvent }: { readonly tsEvent: Timestamp; readonly opening: Price | undefined }
  ): void {
    if (action._tag === "Dividend") {
      this.payDividend(instrumentId, action.amountPerShare, tsEvent)
      return
    }
    const { denominator, numerator } = action
    this.emitVenue(this.core.applySplit(instrumentId, { numerator, denominator, tsEvent }))
    const held = this.ledger.positions[instrumentId]
    const paid = held === undefined || held.quantity === 0 ? undefined : price(Ledger.averagePrice(held))
    const mark = this.marks.get(instrumentId) ?? paid
    const after = mark === undefined ? undefined : price(proportion(mark, denominator, numerator))
    this.adjustContracts(instrumentId, tsEvent, ({ contract, position }) =>
      adjustForSplit(
        position.instrumentId,
        contract,
        position.multiplier,
        { numerator, denominator },
        // Where nobody knows a price the strike stands for it.
        opening ?? after ?? price(proportion(contract.strike, denominator, numerator))
      )
    )
    if (after === undefined) return
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
    if ("delivery" in event && event.delivery?.side === "SELL")
      this.delivered.add(event.delivery.instrumentId)
    this.ledger = Ledger.apply(this.ledger, event)
    this.breaker = CircuitBreaker.applyEvent(this.breaker, event)
  }

  private emitVenue(events: ReadonlyArray<VenueEvent>): void {
    for (const event of events) {
      this.venueEvents.push(event)
      this.emit(event)
      // Until the next tick a new position is worth what was paid for it.
      if (event._tag === "OrderFilled" && !this.marks.has(event.instrumentId)) {
        this.marks.set(event.instrumentId, event.price)
      }
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
