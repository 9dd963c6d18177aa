/** The book as the risk rules look at it. Pure: what could not be read is passed as missing, and the rules deny. */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { money, type NetPrice, type Price, quantity } from "../domain/Money.ts"
import type { OrderSize, OrderType } from "../domain/Order.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import type { PermitSeen } from "../risk/PermitSeen.ts"
import type { RiskLimits } from "../risk/RiskLimits.ts"
import type {
  HeldPosition,
  LegView,
  RecentOrder,
  RiskSnapshot,
  SessionPhase,
  WorkingOrder
} from "../risk/RiskSnapshot.ts"
import type { MarginRatios } from "../risk/SharesTally.ts"
import { tradingStateOf } from "../risk/CircuitBreaker.ts"
import { IN_FLIGHT_MICROS, type BookState, type SentMessage, type LiveOrder, liveOrder } from "./Book.ts"
import { sortedLegs, type Traded, tradedBy } from "./OrderLegs.ts"

/** What a submission knows besides the book. */
export interface MarketView {
  readonly now: Timestamp
  /** Steady time, micros. */
  readonly steadyNow: number
  readonly session: SessionPhase
  readonly instrument: Instrument | undefined
  readonly currentQuote: QuoteTick | undefined
  /** Of a combo: its legs' instruments and quotes now, in their order. */
  readonly legs: ReadonlyArray<Omit<LegView, "citedQuote">>
  /** Last prices of the underlyings of options that are held, working or ordered. */
  readonly underlyings: ReadonlyMap<InstrumentId, Price>
  /** Last prices of what is held. */
  readonly marks: ReadonlyMap<InstrumentId, Price>
}

/** The instruments that options which are held, working or of these instruments are on. */
const underlyingsOf = (
  { ledger, orders }: BookState,
  ordered: Iterable<Instrument> = []
): ReadonlySet<InstrumentId> => {
  const found = new Set<InstrumentId>()
  for (const { contract } of Ledger.positions(ledger))
    if (contract !== undefined) found.add(contract.underlying)
  for (const { terms } of Object.values(orders)) {
    for (const { contract } of terms ?? []) if (contract !== undefined) found.add(contract.underlying)
  }
  for (const one of ordered) if (one._tag === "Option") found.add(one.contract.underlying)
  return found
}

/** The instruments whose prices the rules need for an order in these: they, all that is held, and what options are on. */
export const pricesNeeded = (
  book: BookState,
  ordered: Iterable<Instrument> = []
): ReadonlySet<InstrumentId> => {
  const asked = [...ordered]
  return new Set([
    ...Ledger.positions(book.ledger).map(({ instrumentId }) => instrumentId),
    ...asked.map(({ id }) => id),
    ...underlyingsOf(book, asked)
  ])
}

/** Of these prices, those of what options are on. */
export const underlyingPrices = (
  book: BookState,
  ordered: Iterable<Instrument>,
  marks: ReadonlyMap<InstrumentId, Price>
): ReadonlyMap<InstrumentId, Price> => {
  const prices = new Map<InstrumentId, Price>()
  for (const id of underlyingsOf(book, ordered)) {
    const at = marks.get(id)
    if (at !== undefined) prices.set(id, at)
  }
  return prices
}

/** What the rules see of the market for one order, its legs in their own order. */
export const marketView = (
  at: Pick<MarketView, "now" | "steadyNow" | "session"> & {
    readonly book: BookState
    readonly instrumentOf: (id: InstrumentId) => Instrument | undefined
    readonly quotes: ReadonlyMap<InstrumentId, QuoteTick>
    /** Last prices of what is held, what is ordered, and what options among those are on. */
    readonly marks: ReadonlyMap<InstrumentId, Price>
  },
  order: Traded
): MarketView => {
  const { book, instrumentOf, marks, now, quotes, session, steadyNow } = at
  const { instrumentId, legs } = order
  const ordered = tradedBy(order).flatMap((id) => instrumentOf(id) ?? [])
  return {
    now,
    steadyNow,
    session,
    instrument: legs === undefined ? instrumentOf(instrumentId) : undefined,
    currentQuote: legs === undefined ? quotes.get(instrumentId) : undefined,
    legs: sortedLegs(legs ?? []).map((leg) => ({
      instrument: instrumentOf(leg.instrumentId),
      currentQuote: quotes.get(leg.instrumentId)
    })),
    underlyings: underlyingPrices(book, ordered, marks),
    marks
  }
}

export interface RiskPolicy {
  readonly limits: RiskLimits | undefined
  readonly clocks: "market" | "both"
  /** Of a margin account; a cash account has none. */
  readonly margin?: MarginRatios | undefined
}

const leavesOf = ({ order }: LiveOrder, size: OrderSize): OrderSize =>
  size._tag === "Quantity"
    ? { _tag: "Quantity", quantity: quantity(Math.max(0, size.quantity - order.filledQuantity)) }
    : { _tag: "Notional", notional: money(Math.max(0, size.notional - order.filledNotional)) }

const amount = (size: OrderSize): number => (size._tag === "Quantity" ? size.quantity : size.notional)

/** While a replacement is unanswered either size may be in force: the larger counts. */
const countedSize = (live: LiveOrder): OrderSize => {
  const { size } = live.order.content
  const pending = live.pendingUpdate?.size
  return pending !== undefined && pending._tag === size._tag && amount(pending) > amount(size)
    ? pending
    : size
}

const workingType = ({ order, triggered }: LiveOrder): OrderType => {
  const { type } = order.content
  if (!triggered) return type
  if (type._tag === "StopLimit") return { _tag: "Limit", limitPrice: type.limitPrice }
  return type._tag === "StopMarket" || type._tag === "TrailingStopMarket" ? { _tag: "Market" } : type
}

/** A bracket's exit is held while its entry works and has filled nothing. */
const isHeld = (book: BookState, live: LiveOrder): boolean => {
  const { parent } = live.order
  const entry = parent === undefined ? undefined : liveOrder(book, parent)
  return entry !== undefined && entry.order.filledQuantity === 0
}

const isExitOf = ({ order }: LiveOrder, entry: LiveOrder | undefined): boolean =>
  order.parent !== undefined && order.parent === entry?.order.clientOrderId

/** While a replacement is unanswered the dearer of both prices counts; of a sale of options the one that brings less. */
const countedPrice = ({ order, pendingUpdate, terms, valuePrice }: LiveOrder): Price => {
  if (pendingUpdate === undefined) return valuePrice
  const isWritten = terms !== undefined && order.content.side === "SELL"
  const [less, more] =
    pendingUpdate.valuePrice < valuePrice
      ? [pendingUpdate.valuePrice, valuePrice]
      : [valuePrice, pendingUpdate.valuePrice]
  return isWritten ? less : more
}

/** Of a combo, the dearer of its net prices. */
const countedNet = ({ netValue, pendingUpdate }: LiveOrder): { readonly netValue?: NetPrice } => {
  const pending = pendingUpdate?.netValue
  if (netValue === undefined) return {}
  return { netValue: pending !== undefined && pending > netValue ? pending : netValue }
}

/** It may be working at the venue or not: sent without an answer, canceled before one came, or its sender died. */
const isOfUnknownFate = (
  { order, sentAgain, tsSteady }: LiveOrder,
  { clocks, steadyNow }: MarketView & RiskPolicy
) => {
  if (order.venueOrderId !== undefined) return order.status === "Unknown"
  const isLate = clocks === "both" && steadyNow - tsSteady > IN_FLIGHT_MICROS
  return order.status === "Unknown" || order.status === "PendingCancel" || sentAgain === true || isLate
}

const toWorking = (book: BookState, live: LiveOrder): WorkingOrder => {
  const { content, parent } = live.order
  return {
    clientOrderId: live.order.clientOrderId,
    instrumentId: content.instrumentId,
    side: content.side,
    type: workingType(live),
    leaves: leavesOf(live, countedSize(live)),
    valuePrice: countedPrice(live),
    multiplier: live.multiplier,
    ...(live.terms === undefined ? {} : { terms: live.terms }),
    ...countedNet(live),
    ocoGroup: content.ocoGroup,
    ...(parent === undefined ? {} : { bracketOf: parent }),
    held: isHeld(book, live)
  }
}

/** What is held, at these marks. */
export const heldPositions = (
  book: BookState,
  marks: ReadonlyMap<InstrumentId, Price>
): ReadonlyArray<HeldPosition> =>
  Ledger.positions(book.ledger).map(({ contract, instrumentId, multiplier, quantity }) => ({
    instrumentId,
    quantity,
    mark: marks.get(instrumentId),
    multiplier,
    ...(contract === undefined ? {} : { contract })
  }))

/** What works or may work, but for the order that is being replaced and the exits that it brings along. */
export const workingOrders = (book: BookState, without?: LiveOrder): ReadonlyArray<WorkingOrder> =>
  Object.values(book.orders)
    .filter((live) => live !== without && !(isExitOf(live, without) && isHeld(book, live)))
    .map((live) => toWorking(book, live))

const MINUTE_MICROS = 60_000_000

/** Of what was sent, what the duplicate window and the message rate look at: newest last, on either clock. */
const lookBack = (sent: ReadonlyArray<SentMessage>, view: MarketView, limits: RiskLimits | undefined) => {
  const recentOrders: Array<RecentOrder> = []
  const market: Array<Timestamp> = []
  const steady: Array<number> = []
  // Without limits every order is denied, whatever was sent.
  const window = (limits?.duplicateWindowSeconds ?? 0) * 1_000_000
  const isRated = limits?.ordersPerMinute !== null
  for (const { content, tsMarket, tsSteady } of sent) {
    const age = Math.min(view.now - tsMarket, view.steadyNow - tsSteady)
    if (isRated && age <= MINUTE_MICROS) {
      market.push(tsMarket)
      steady.push(tsSteady)
    }
    if (content !== undefined && age < window) recentOrders.push({ content, tsMarket, tsSteady })
  }
  return { recentOrders, market, steady }
}

/**
 * The moment a rule is evaluated in. `without` is the order being replaced,
 * `highWater` the highest equity seen since the book's last close.
 */
export const snapshot = (options: {
  readonly book: BookState
  readonly view: MarketView
  readonly policy: RiskPolicy
  readonly citedQuote: QuoteTick | undefined
  /** Of a combo: the quotes its legs cite, in their order. */
  readonly citedLegs?: ReadonlyArray<QuoteTick | undefined>
  readonly person: boolean
  readonly permit: PermitSeen
  readonly reconciled: boolean
  readonly highWater: number
  readonly without?: LiveOrder
}): RiskSnapshot => {
  const { book, policy, view } = options
  const live = Object.values(book.orders)
  const { market, recentOrders, steady } = lookBack(book.sent, view, policy.limits)
  return {
    now: view.now,
    steadyNow: view.steadyNow,
    clocks: policy.clocks,
    person: options.person,
    permit: options.permit,
    tradingState: tradingStateOf(book.breaker),
    reconciled: options.reconciled,
    unknownInstruments: new Set(
      live
        .filter((order) => isOfUnknownFate(order, { ...view, ...policy }))
        .flatMap(({ order, terms }) => [
          order.content.instrumentId,
          ...(terms ?? []).map((leg) => leg.instrumentId)
        ])
    ),
    session: view.session,
    instrument: view.instrument,
    citedQuote: options.citedQuote,
    currentQuote: view.currentQuote,
    legs: view.legs.map((leg, at) => ({ ...leg, citedQuote: options.citedLegs?.[at] })),
    underlyings: view.underlyings,
    limits: policy.limits,
    equity: Ledger.equityAt(book.ledger, view.marks),
    cash: book.ledger.cash,
    margin: policy.margin,
    priorCloseEquity: book.breaker.priorCloseEquity,
    netFlows: book.breaker.netFlows,
    peakEquity: money(Math.max(book.breaker.peakEquity, options.highWater)),
    positions: heldPositions(book, view.marks),
    working: workingOrders(book, options.without),
    recentOrders,
    messageTimes: { market, steady }
  }
}
