/**
 * A venue as it is in truth, somewhere else: its own matching, its own numbered
 * record, its own account, and its own faults. What the desk sees of it goes
 * through `SimulatedNetwork`.
 *
 * It matches with the real matching core, and keeps its account by itself, from
 * what it executed.
 */
import { type ClientOrderId, type InstrumentId, tradeId } from "../../src/domain/Identifiers.ts"
import type { Instrument } from "../../src/domain/Instrument.ts"
import type { VenueEvent } from "../../src/domain/JournalEvent.ts"
import { money, notional, price, proportion, quantity, signedQuantity } from "../../src/domain/Money.ts"
import type { OrderSize, OrderType } from "../../src/domain/Order.ts"
import type { Timestamp } from "../../src/domain/Timestamp.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import type { CorporateAction } from "../../src/market/BarSeries.ts"
import { phaseAt } from "../../src/market/TradingCalendar.ts"
import type { VenueModels } from "../../src/execution/paper/VenueMemory.ts"
import * as MatchingCore from "../../src/execution/paper/MatchingCore.ts"
import type { VenueRecord, VenueStatement } from "../../src/execution/Venue.ts"
import type { VenueAccount } from "../../src/execution/VenueAccount.ts"
import type { VenueOrder } from "../../src/execution/VenueOrder.ts"
import { sessions } from "../execution/TestMarket.ts"
import { contracts, instruments, type SimulatedMarket } from "./SimulatedMarket.ts"

const byId = new Map([...instruments, ...contracts].map((instrument) => [instrument.id, instrument]))

const contractOf = (instrument: Instrument | undefined) =>
  instrument?._tag === "Option" ? { contract: instrument.contract } : {}

export class SimulatedVenue {
  private core: MatchingCore.MatchingCore
  private readonly models: VenueModels
  private readonly market: SimulatedMarket
  /** Cash that came in and went out by a person's hand, which the venue has from the desk's journal. */
  private readonly flows: () => number
  readonly record: Array<VenueRecord> = []
  /** Every ClientOrderId it ever took or refused; what `knows` answers from, unless it forgot. */
  private readonly seen = new Set<ClientOrderId>()
  /** How often each order was taken, as long as the venue knew of it: more than once is what must never be. */
  readonly taken = new Map<ClientOrderId, number>()
  /** Cash apart from flows, and shares, in micros. */
  private traded = 0
  readonly positions = new Map<InstrumentId, number>()
  private tickAt = 0
  /** While true, questions about the record are not answered. */
  isRecordUnreadable = false
  /** While true, a request to cancel is taken and nothing done. */
  ignoresCancels = false

  constructor(market: SimulatedMarket, models: VenueModels, flows: () => number) {
    this.market = market
    this.models = models
    this.flows = flows
    this.core = MatchingCore.make({ instrument: (id) => byId.get(id), models })
  }

  private get now(): Timestamp {
    return this.market.time.at
  }

  private get marketNow() {
    return { now: this.now, marketOpen: phaseAt(this.now).phase === "open" }
  }

  get cash(): number {
    return this.traded + this.flows()
  }

  /** Books what happened, and writes it down for whoever asks. */
  private happened(events: ReadonlyArray<VenueEvent>): void {
    for (const event of events) {
      if (event._tag !== "OrderCancelRejected") this.seen.add(event.clientOrderId)
      if (event._tag === "OrderAccepted") {
        this.taken.set(event.clientOrderId, (this.taken.get(event.clientOrderId) ?? 0) + 1)
      }
      if (event._tag === "OrderFilled") this.book(event)
      this.record.push({ position: this.record.length + 1, event })
    }
  }

  private book(fill: Extract<VenueEvent, { readonly _tag: "OrderFilled" }>): void {
    const sign = fill.side === "BUY" ? 1 : -1
    this.traded -= sign * notional(fill.price, fill.quantity, fill.multiplier) + fill.fee
    this.hold(fill.instrumentId, this.held(fill.instrumentId) + sign * fill.quantity)
  }

  held(id: InstrumentId): number {
    return this.positions.get(id) ?? 0
  }

  private hold(id: InstrumentId, size: number): void {
    if (size === 0) this.positions.delete(id)
    else this.positions.set(id, size)
  }

  take(order: VenueOrder): void {
    if (this.seen.has(order.clientOrderId)) return
    this.happened(this.core.submit(order, this.marketNow))
  }

  cancel(id: ClientOrderId): void {
    if (this.ignoresCancels) return
    this.happened(this.core.cancel(id, this.now))
  }

  replace(id: ClientOrderId, change: { readonly type: OrderType; readonly size: OrderSize }): void {
    this.happened(this.core.replace(id, change, this.marketNow))
  }

  recordAfter(after: number, limit: number): ReadonlyArray<VenueRecord> {
    return this.record.slice(after, after + limit)
  }

  knows(id: ClientOrderId): boolean {
    return this.seen.has(id)
  }

  working(): ReadonlyArray<ClientOrderId> {
    return this.core.working().map(({ clientOrderId }) => clientOrderId)
  }

  /** An order as the venue has it; none once it is forgotten. */
  order(id: ClientOrderId) {
    return this.core.order(id)
  }

  statement(): VenueStatement {
    const positions: Record<InstrumentId, VenueAccount["positions"][InstrumentId]> = {}
    for (const [id, size] of this.positions) positions[id] = signedQuantity(size)
    return { asOf: this.record.length, account: { cash: money(this.cash), positions } }
  }

  /** The market goes on to this instant: sessions open and close, orders meet every tick. */
  moveTo(at: Timestamp): void {
    const from = this.now
    for (const session of sessions) {
      if (session.close <= from || session.open > at) continue
      if (session.open > from)
        for (const action of this.market.actionsOn(session.date)) this.act(action, session.open)
      const until = Math.min(at, session.close)
      while ((this.market.ticks[this.tickAt]?.tsEvent ?? Infinity) <= until) {
        const tick = this.market.ticks[this.tickAt++]
        if (tick === undefined) continue
        this.happened(this.core.tick(tick))
        if (this.market.ticks[this.tickAt]?.tsEvent !== tick.tsEvent)
          this.happened(this.core.meetCombos(tick.tsEvent))
      }
      if (session.close <= at) this.happened(this.core.sessionClosed(session.close))
    }
    this.market.time.at = at
  }

  private act([id, action]: readonly [InstrumentId, CorporateAction], at: Timestamp): void {
    const held = this.held(id)
    if (action._tag === "Dividend") {
      this.traded += Math.sign(held) * notional(price(action.amountPerShare), quantity(Math.abs(held)))
      return
    }
    const { denominator, numerator } = action
    const before = this.market.lastAt(id, timestamp(at - 1))
    this.happened(this.core.applySplit(id, { numerator, denominator, tsEvent: at }))
    if (held === 0 || before === undefined) return
    const size = proportion(held, numerator, denominator)
    const fraction = size % (byId.get(id)?.sizeIncrement ?? 1)
    this.hold(id, size - fraction)
    const after = price(proportion(before, denominator, numerator))
    this.traded += Math.sign(fraction) * notional(after, quantity(Math.abs(fraction)))
  }

  // What a venue may do by itself.

  /** Ends a working order: canceled, or rejected after it was accepted. */
  dropOrder(id: ClientOrderId, as: "OrderCanceled" | "OrderRejected"): void {
    const events = this.core.cancel(id, this.now)
    this.happened(
      events.map((event) =>
        event._tag === "OrderCanceled" && event.clientOrderId === id
          ? { _tag: as, clientOrderId: id, tsEvent: event.tsEvent, reason: "the venue thought better of it" }
          : event
      )
    )
  }

  /** Cancels a working order, and then tells that it had filled half of the rest just before. */
  fillLate(id: ClientOrderId): void {
    const order = this.core.order(id)
    if (order === undefined || order.parent !== undefined || order.legs !== undefined) return
    if (order.size._tag === "Notional") return
    const { instrumentId, side } = order
    const rest = order.size.quantity - order.filledQuantity
    const last = this.market.lastAt(instrumentId, this.now)
    this.dropOrder(id, "OrderCanceled")
    const size = Math.floor(rest / 2_000_000) * 1_000_000
    if (size === 0 || last === undefined) return
    this.happened([
      {
        _tag: "OrderFilled",
        clientOrderId: id,
        tradeId: tradeId(`late-${id}`),
        instrumentId,
        side,
        quantity: quantity(size),
        price: order.type._tag === "Limit" ? order.type.limitPrice : last,
        fee: money(0),
        multiplier: byId.get(instrumentId)?.multiplier ?? 1,
        ...contractOf(byId.get(instrumentId)),
        final: false,
        tsEvent: this.now
      }
    ])
  }

  /** Tells of something once more, in new lines of its record, as after a reconnection. */
  retell(lines: number): void {
    for (const { event } of this.record.slice(-lines)) {
      // Terms told again would undo a later change of them: no venue's record may do that.
      if (event._tag !== "OrderUpdated") this.record.push({ position: this.record.length + 1, event })
    }
  }

  /** Comes back without its working orders, and says so of each. */
  restart(): void {
    for (const id of this.working()) this.dropOrder(id, "OrderCanceled")
  }

  /** Comes back without its working orders, and says nothing. */
  forgetWorking(): void {
    const state = this.core.snapshot()
    this.core = MatchingCore.make({
      instrument: (id) => byId.get(id),
      models: this.models,
      state: { ...state, working: [] }
    })
  }

  /**
   * Comes back without knowing which ended orders it ever saw: one that is sent again, or that the line delivers for a
   * second time so late, is executed again, and no desk can help that.
   */
  forgetNames(): void {
    this.core.forgetEnded(timestamp(Infinity))
    const working = new Set(this.working())
    for (const id of this.seen) {
      if (working.has(id)) continue
      this.seen.delete(id)
      this.taken.delete(id)
    }
  }

  /** A fill by hand at the venue that no record will ever show. */
  moveUnseen(id: InstrumentId, size: number): void {
    const last = this.market.lastAt(id, this.now) ?? price(0)
    this.hold(id, this.held(id) + size)
    this.traded -= Math.sign(size) * notional(last, quantity(Math.abs(size)))
  }

  /** A charge that no record will ever show. */
  charge(amount: number): void {
    this.traded -= amount
  }
}
