/**
 * What became of a book's options, from its journal: fills, exercises,
 * assignments, expiries, adjustments, and on whose quotes they were ordered.
 */
import { type ClientOrderId, type InstrumentId, symbolOf } from "../domain/Identifiers.ts"
import type { JournalEvent, JournalEventOf, OrderFilled } from "../domain/JournalEvent.ts"
import {
  formatMicros,
  type Money,
  money,
  notional,
  type Price,
  proportion,
  type Quantity,
  quantity
} from "../domain/Money.ts"
import { signOf } from "../domain/Order.ts"
import type { SessionDate } from "../domain/Timestamp.ts"
import { exchangeDate } from "../market/TradingCalendar.ts"

export type OptionEventKind = "bought" | "sold" | "exercised" | "assigned" | "expired" | "adjusted"

export interface OptionEvent {
  readonly date: SessionDate
  readonly kind: OptionEventKind
  /** The contract's OCC symbol. */
  readonly symbol: string
  /** Contracts. */
  readonly quantity: Quantity
  /** Premium a share of a fill; the underlying's price of an end. None of an adjustment. */
  readonly price: Price | undefined
  /** Received when positive, paid when negative, fees aside; none of an expiry or an adjustment. */
  readonly amount: Money | undefined
  /** Why, or what came of it. */
  readonly note: string
}

export interface OptionSummary {
  /** In journal order. */
  readonly events: ReadonlyArray<OptionEvent>
  /** Orders for options, combos among them. */
  readonly orders: number
  /** Those of them that cite a quote that the volatility model made. */
  readonly modelledOrders: number
}

export const noOptions: OptionSummary = { events: [], orders: 0, modelledOrders: 0 }

/** Contracts, in micros, to which this happened. */
export const contractCount = ({ events }: Pick<OptionSummary, "events">, kind: OptionEventKind): Quantity =>
  quantity(events.reduce((sum, event) => (event.kind === kind ? sum + event.quantity : sum), 0))

/** Premium received less premium paid. */
export const netPremium = ({ events }: Pick<OptionSummary, "events">): Money =>
  money(
    events.reduce(
      (sum, { amount, kind }) => (kind === "bought" || kind === "sold" ? sum + (amount ?? 0) : sum),
      0
    )
  )

const isModelled = ({ legQuotes, quote }: JournalEventOf<"OrderInitialized">): boolean =>
  [quote, ...(legQuotes ?? [])].some((one) => one?.source === "option-model")

const fillOf = (event: OrderFilled, note: string): OptionEvent => {
  const amount = notional(event.price, event.quantity, event.multiplier)
  return {
    date: exchangeDate(event.tsEvent),
    kind: event.side === "BUY" ? "bought" : "sold",
    symbol: symbolOf(event.instrumentId),
    quantity: event.quantity,
    price: event.price,
    amount: money(event.side === "BUY" ? 0 - amount : amount),
    note
  }
}

const endOf = (
  event: JournalEventOf<"OptionExercised" | "OptionAssigned">,
  kind: "exercised" | "assigned"
): OptionEvent => {
  const { cash, delivery, reason } = event
  const amount =
    delivery === undefined ? (cash ?? 0) : delivery.side === "BUY" ? 0 - delivery.amount : delivery.amount
  const shares =
    delivery === undefined
      ? "settled in cash"
      : `${formatMicros(delivery.quantity)} ${symbolOf(delivery.instrumentId)} ${delivery.side === "BUY" ? "bought" : "sold"}`
  return {
    date: exchangeDate(event.tsEvent),
    kind,
    symbol: symbolOf(event.instrumentId),
    quantity: event.quantity,
    price: event.settlementPrice,
    amount: money(amount),
    note: `${shares}; ${reason}`
  }
}

const expiryOf = (event: JournalEventOf<"OptionExpired">): OptionEvent => ({
  date: exchangeDate(event.tsEvent),
  kind: "expired",
  symbol: symbolOf(event.instrumentId),
  quantity: event.quantity,
  price: event.settlementPrice,
  amount: undefined,
  note: event.reason
})

/** How many contracts there were is in the books, not in the event. */
const adjustmentOf = (event: JournalEventOf<"OptionAdjusted">, held: number): OptionEvent => ({
  date: exchangeDate(event.tsEvent),
  kind: "adjusted",
  symbol: symbolOf(event.instrumentId),
  quantity: quantity(Math.abs(held)),
  price: undefined,
  amount: undefined,
  note: `${event.numerator} for ${event.denominator}, now ${symbolOf(event.to)}; ${event.reason}`
})

const SAME_ORDER = "Same order."

/** Folds a book's journal. */
export class OptionTrail {
  readonly #events: Array<OptionEvent> = []
  /** Why each order for options was sent. */
  readonly #reasons = new Map<ClientOrderId, string>()
  /** Contracts of each id, in micros, with sign. */
  readonly #held = new Map<InstrumentId, number>()
  #orders = 0
  #modelledOrders = 0

  /** The next event of the journal. */
  add(event: JournalEvent): void {
    switch (event._tag) {
      case "OrderInitialized":
        if (event.terms === undefined) return
        this.#orders += 1
        if (isModelled(event)) this.#modelledOrders += 1
        this.#reasons.set(event.clientOrderId, event.rationale ?? "")
        return
      case "OrderFilled":
        if (event.contract === undefined) return
        this.#change(event.instrumentId, signOf(event.side) * event.quantity)
        this.#events.push(fillOf(event, this.#reasonOf(event.clientOrderId)))
        return
      case "OptionExercised":
        this.#leave(event)
        this.#events.push(endOf(event, "exercised"))
        return
      case "OptionAssigned":
        this.#leave(event)
        this.#events.push(endOf(event, "assigned"))
        return
      case "OptionExpired":
        this.#leave(event)
        this.#events.push(expiryOf(event))
        return
      case "OptionAdjusted":
        this.#adjust(event)
        return
      default:
        return
    }
  }

  /** Told with the first fill of an order; the others are of the same. */
  #reasonOf(id: ClientOrderId): string {
    const reason = this.#reasons.get(id) ?? ""
    this.#reasons.set(id, SAME_ORDER)
    return reason
  }

  #change(id: InstrumentId, by: number): void {
    this.#held.set(id, (this.#held.get(id) ?? 0) + by)
  }

  #leave({
    instrumentId,
    quantity: gone
  }: JournalEventOf<"OptionExercised" | "OptionAssigned" | "OptionExpired">): void {
    this.#change(instrumentId, (this.#held.get(instrumentId) ?? 0) < 0 ? gone : 0 - gone)
  }

  #adjust(event: JournalEventOf<"OptionAdjusted">): void {
    const held = this.#held.get(event.instrumentId) ?? 0
    this.#events.push(adjustmentOf(event, held))
    this.#change(event.instrumentId, 0 - held)
    this.#change(event.to, proportion(held, event.numerator, event.denominator))
  }

  /** What the events so far say. */
  result(): OptionSummary {
    return { events: this.#events, orders: this.#orders, modelledOrders: this.#modelledOrders }
  }
}
