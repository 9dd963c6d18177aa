/**
 * One trade while it is open: what was bought and sold of one instrument since
 * it was last flat. Integers throughout; only averages that are shown are
 * rounded, to the micro.
 *
 * What a trade is worth at a price is the cash it has moved so far plus its
 * position at that price. The excursions are the lowest and highest of that, so
 * a trade that was added to or taken off in parts is measured with what it held
 * at the time, not with its largest size.
 */
import type { ClientOrderId, InstrumentId } from "../domain/Identifiers.ts"
import {
  MAX_PRICE_MICROS,
  MICROS,
  type Money,
  money,
  notional,
  type Price,
  price,
  proportion,
  quantity
} from "../domain/Money.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { lowerBound } from "../market/PricePath.ts"
import type { TradeRow } from "./BacktestRows.ts"
import type { PlayedBars } from "./Played.ts"

/** What changes a position: an order's fill, shares delivered, a contract that ends. */
export interface Change {
  readonly tsEvent: Timestamp
  readonly instrumentId: InstrumentId
  /** Micros: positive bought, negative sold. */
  readonly size: number
  /** Of all of it, without sign and without the fee; below zero where leaving costs money. */
  readonly amount: number
  readonly fee: number
  readonly multiplier: number
  /** What the market asked then; undefined where there was no price of its own, as of an option that ends. */
  readonly price: Price | undefined
  readonly orderId: ClientOrderId | undefined
}

/**
 * Average of a share or unit: micros of a dollar each, to show and never to
 * compute with; zero where nothing came for it. A reverse split may carry the
 * price of an old share beyond what is a price; it stops there.
 */
const averageOf = (amount: number, size: number, multiplier: number): Price => {
  const average = size === 0 ? 0 : proportion(amount, MICROS, size * multiplier)
  return price(Math.min(Math.max(0, average), MAX_PRICE_MICROS))
}

/** A part of a change, with its share of the amount and the fee. */
const partOf = (change: Change, part: number): Change => {
  const whole = Math.abs(change.size)
  return {
    ...change,
    size: change.size < 0 ? -part : part,
    amount: proportion(change.amount, part, whole),
    fee: proportion(change.fee, part, whole)
  }
}

/** A change in two: the first `part` of it, and what is left, so that nothing is lost or made. */
export const divided = (change: Change, part: number): readonly [Change, Change] => {
  const first = partOf(change, part)
  return [
    first,
    {
      ...change,
      size: change.size - first.size,
      amount: change.amount - first.amount,
      fee: change.fee - first.fee
    }
  ]
}

const at = (column: Float64Array, row: number): number => column[row] ?? Number.NaN

/** The lowest and highest a price was seen at; upside down where none was. */
interface Extremes {
  low: number
  high: number
}

const widen = (seen: Extremes, low: number, high: number): void => {
  if (low < seen.low) seen.low = low
  if (high > seen.high) seen.high = high
}

/**
 * Prices between two instants, both left out. Of a bar that began before the
 * first only its close is known to lie between, of one that ends after the
 * second only its open.
 */
const extremesBetween = (bars: PlayedBars, from: number, to: number): Extremes => {
  const seen: Extremes = { low: Infinity, high: -Infinity }
  // The first bar that ends after the start.
  for (let row = lowerBound(bars.tsEvent, from + 1); row < bars.length; row++) {
    const opened = at(bars.tsOpen, row)
    if (opened >= to) break
    const isWhole = opened >= from && at(bars.tsEvent, row) <= to
    if (isWhole) {
      widen(seen, at(bars.low, row), at(bars.high, row))
    } else {
      if (opened >= from) widen(seen, at(bars.open, row), at(bars.open, row))
      if (at(bars.tsEvent, row) <= to) widen(seen, at(bars.close, row), at(bars.close, row))
    }
  }
  return seen
}

export class OpenTrade {
  readonly multiplier: number
  readonly entryTime: Timestamp
  readonly direction: TradeRow["direction"]
  #instrumentId: InstrumentId
  /** Micros held: positive long, negative short. */
  #size = 0
  /** Moved so far, fees apart: negative for what was paid. */
  #cash = 0
  #fees = 0
  #entered = 0
  #enteredAmount = 0
  #left = 0
  #leftAmount = 0
  #largest = 0
  #lowest = 0
  #highest = 0
  /** Bars until here have been looked at. */
  #seenUntil: number
  readonly #orders = new Set<ClientOrderId>()

  constructor(first: Change) {
    this.multiplier = first.multiplier
    this.entryTime = first.tsEvent
    this.direction = first.size > 0 ? "LONG" : "SHORT"
    this.#instrumentId = first.instrumentId
    this.#seenUntil = first.tsEvent
    this.#book(first)
  }

  get instrumentId(): InstrumentId {
    return this.#instrumentId
  }

  get size(): number {
    return this.#size
  }

  /** What closing at a price would have brought in all, fees apart. */
  #worthAt(micros: number): number {
    const value = notional(price(micros), quantity(Math.abs(this.#size)), this.multiplier)
    return this.#cash + (this.#size < 0 ? -value : value)
  }

  #wasWorth(micros: number): void {
    this.#lowest = Math.min(this.#lowest, micros)
    this.#highest = Math.max(this.#highest, micros)
  }

  /** A price it could have been closed at. */
  see(micros: number): void {
    this.#wasWorth(this.#worthAt(micros))
  }

  /** The bars since the last look, until `to`. */
  lookUntil(to: Timestamp, bars: PlayedBars | undefined): void {
    if (bars !== undefined && to > this.#seenUntil) {
      const { high, low } = extremesBetween(bars, this.#seenUntil, to)
      if (low <= high) {
        this.see(low)
        this.see(high)
      }
    }
    this.#seenUntil = Math.max(this.#seenUntil, to)
  }

  #book(change: Change): void {
    const absolute = Math.abs(change.size)
    this.#cash += change.size > 0 ? -change.amount : change.amount
    this.#fees += change.fee
    if (change.size > 0 === (this.direction === "LONG")) {
      this.#entered += absolute
      this.#enteredAmount += change.amount
    } else {
      this.#left += absolute
      this.#leftAmount += change.amount
    }
    this.#size += change.size
    this.#largest = Math.max(this.#largest, Math.abs(this.#size))
    if (change.orderId !== undefined) this.#orders.add(change.orderId)
  }

  /** A change that leaves it flat at the most. */
  change(change: Change): void {
    if (change.price !== undefined) this.see(change.price)
    this.#book(change)
  }

  #rescale(numerator: number, denominator: number): void {
    const scaled = (size: number): number => proportion(size, numerator, denominator)
    this.#size = scaled(this.#size)
    this.#entered = scaled(this.#entered)
    this.#left = scaled(this.#left)
    this.#largest = scaled(this.#largest)
  }

  /** `numerator` new shares for `denominator` old; the fraction of a share is sold for `cashInLieu`. */
  split(numerator: number, denominator: number, cashInLieu: number): void {
    this.#rescale(numerator, denominator)
    const fraction = this.#size % MICROS
    this.#size -= fraction
    this.#cash += cashInLieu
    this.#left += Math.abs(fraction)
    this.#leftAmount += Math.abs(cashInLieu)
  }

  /** The contract goes on under another name. */
  adjust(to: InstrumentId, numerator: number, denominator: number): void {
    this.#instrumentId = to
    this.#rescale(numerator, denominator)
  }

  /** Another trade of the same contract goes into this one. */
  absorb(other: OpenTrade): void {
    this.#cash += other.#cash
    this.#fees += other.#fees
    const isSame = other.direction === this.direction
    this.#entered += isSame ? other.#entered : other.#left
    this.#enteredAmount += isSame ? other.#enteredAmount : other.#leftAmount
    this.#left += isSame ? other.#left : other.#entered
    this.#leftAmount += isSame ? other.#leftAmount : other.#enteredAmount
    this.#size += other.#size
    this.#largest = Math.max(this.#largest, Math.abs(this.#size))
    for (const id of other.#orders) this.#orders.add(id)
  }

  #row(profit: Money): Omit<TradeRow, "exitTime" | "exitPrice"> {
    return {
      instrumentId: this.#instrumentId,
      direction: this.direction,
      quantity: quantity(this.#largest),
      entryTime: this.entryTime,
      entryPrice: averageOf(this.#enteredAmount, this.#entered, this.multiplier),
      profit,
      fees: money(this.#fees),
      // The sum turns a negative zero into zero.
      mae: money(this.#lowest + 0),
      mfe: money(this.#highest + 0),
      orders: [...this.#orders]
    }
  }

  /** What it came to, flat since `exitTime`. */
  closedAt(exitTime: Timestamp): TradeRow {
    this.#wasWorth(this.#cash)
    const { entryPrice, entryTime, ...rest } = this.#row(money(this.#cash - this.#fees + 0))
    return {
      ...rest,
      entryTime,
      entryPrice,
      exitTime,
      exitPrice: averageOf(this.#leftAmount, this.#left, this.multiplier)
    }
  }

  /** What it stands at, valued at `mark`. */
  openAt(mark: Price): TradeRow {
    this.see(mark)
    return this.#row(money(this.#worthAt(mark) - this.#fees + 0))
  }

  /** The average it was entered at: where there is no other price. */
  get entryPrice(): Price {
    return averageOf(this.#enteredAmount, this.#entered, this.multiplier)
  }
}

/** So far as a series goes: its last close at or before an instant. */
export const lastCloseUntil = (bars: PlayedBars, until: Timestamp): Price | undefined => {
  const row = lowerBound(bars.tsEvent, until + 1) - 1
  return row < 0 ? undefined : price(at(bars.close, row))
}
