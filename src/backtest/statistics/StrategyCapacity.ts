/**
 * How much money a strategy could run before it was most of the market: LEAN's
 * estimate (QuantConnect/Lean, `Common/CapacityEstimate.cs` and
 * `SymbolCapacity.cs`), of instruments that have bars.
 *
 * After each fill the dollar volume of the bars around it counts: of daily and
 * hourly bars the one it happened in, of minute bars those of up to two hours,
 * the longer the less is traded. Trading again within half a session counts for
 * less. A share of that volume (2% of daily, 5% of hourly, 20% of minute bars),
 * a trade, is what the market can take; over the part the instrument has of the
 * sales, or of the account if that is more, it is the capacity. Only the
 * instrument that can take least counts. Once a week, and at the end, a new
 * estimate goes into the old ones with a third of the weight.
 *
 * It differs from LEAN's in when it looks: at the closes of sessions, where LEAN
 * looks at the first bar of the day. Options have no bars here and are left out.
 * It knows nothing of how the strategy's own orders would move the price.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { notional, price, quantity, toFloat } from "../../domain/Money.ts"
import { signOf } from "../../domain/Order.ts"
import type { Resolution } from "../../domain/Quote.ts"
import {
  dayOfDate,
  MICROS_PER_MINUTE,
  type SessionDate,
  type Timestamp,
  timestamp
} from "../../domain/Timestamp.ts"
import { lowerBound } from "../../market/PricePath.ts"
import type { FillRow } from "../BacktestRows.ts"
import { lastCloseUntil } from "../OpenTrade.ts"
import type { PlayedBars, PositionMove } from "../Played.ts"

const MINUTES_PER_DAY = 24 * 60
const MINUTES_PER_SESSION = 390
/** Dollars a minute from which one minute of volume is enough. */
const BUSY_MINUTE = 6_000_000
const WATCHED_MINUTES = 120
const MINUTES_WITHOUT_VOLUME = 10
const LEAST_DISCOUNT = 0.2
const NEW_WEIGHT = 0.33
const OLD_WEIGHT = 0.66
const ROUNDED_TO = 1000
const SNAPSHOT_DAYS = 7
/** Sold out for so long, an instrument does not count any more. */
const FORGOTTEN_DAYS = 30
const MICROS_PER_DAY = MINUTES_PER_DAY * MICROS_PER_MINUTE

const marketShare: { readonly [R in Resolution]: number } = { "1d": 0.02, "1h": 0.05, "5m": 0.2, "1m": 0.2 }

const at = (column: Float64Array, row: number): number => column[row] ?? Number.NaN

/** What the market of one instrument can take. */
class SymbolCapacity {
  readonly bars: PlayedBars
  trades = 0
  sales = 0
  #volume = 0
  #discount = 1
  #lastFill: Timestamp | undefined
  #previousRow: number | undefined
  /** Bars until here count already. */
  #nextRow = 0
  #isWatched = false
  #isSpent = false

  constructor(bars: PlayedBars) {
    this.bars = bars
  }

  /** Dollars. */
  get marketVolume(): number {
    return this.#volume * marketShare[this.bars.resolution]
  }

  get lastFill(): Timestamp | undefined {
    return this.#lastFill
  }

  fill(fill: FillRow): void {
    this.watchUntil(fill.tsEvent - 1)
    this.sales += toFloat(notional(fill.price, fill.quantity, fill.multiplier))
    const minutes =
      this.#lastFill === undefined ? MINUTES_PER_DAY : (fill.tsEvent - this.#lastFill) / MICROS_PER_MINUTE
    this.#discount = Math.min(1, Math.max(LEAST_DISCOUNT, (2 * minutes) / MINUTES_PER_SESSION))
    if (this.#isSpent) {
      this.#volume = 0
      this.trades = 0
      this.#isSpent = false
    }
    this.trades += 1
    this.#lastFill = fill.tsEvent
    if (!this.#isWatched) this.#nextRow = Math.max(this.#nextRow, lowerBound(this.bars.tsEvent, fill.tsEvent))
    this.#isWatched = true
  }

  /** The volume of bars that have ended by `until`, as long as they belong to the last fill. */
  watchUntil(until: number): void {
    while (
      this.#isWatched &&
      this.#nextRow < this.bars.length &&
      at(this.bars.tsEvent, this.#nextRow) <= until
    ) {
      const row = this.#nextRow
      this.#nextRow += 1
      const { close, volume } = this.bars
      if (at(volume, row) === 0) continue
      if (this.#counts(row)) this.#volume += (at(close, row) / 1e6) * this.#discount * at(volume, row)
      else this.#isWatched = false
      this.#previousRow = row
    }
  }

  /** Dollars a minute, over this bar and the one before that was looked at. */
  #dollarVolume(row: number): number {
    const { close, tsEvent, volume } = this.bars
    const dollars = at(close, row) / 1e6
    const before = this.#previousRow
    if (before === undefined) return dollars * at(volume, row)
    const minutes = (at(tsEvent, row) - at(tsEvent, before)) / MICROS_PER_MINUTE
    return (dollars * (at(volume, row) + at(volume, before))) / minutes
  }

  #counts(row: number): boolean {
    const filled = this.#lastFill
    if (filled === undefined) return false
    const { resolution, tsEvent, tsOpen } = this.bars
    if (resolution === "1d" || resolution === "1h") {
      return at(tsOpen, row) <= filled && filled <= at(tsEvent, row)
    }
    const busy = this.#dollarVolume(row)
    const wanted = busy === 0 ? MINUTES_WITHOUT_VOLUME : BUSY_MINUTE / busy
    const minutes = Math.trunc(Math.min(WATCHED_MINUTES, Math.max(1, wanted)))
    return at(tsEvent, row) <= filled + minutes * MICROS_PER_MINUTE
  }

  /** After an estimate: the next fill begins anew. */
  spend(): void {
    this.#isSpent = true
    this.sales = 0
  }
}

export interface CapacityInputs {
  readonly dates: ReadonlyArray<SessionDate>
  /** Dollars at each session's close. */
  readonly equity: Float64Array
  readonly fills: ReadonlyArray<FillRow>
  readonly moves: ReadonlyArray<PositionMove>
  readonly bars: ReadonlyMap<InstrumentId, PlayedBars>
}

/** Dollars, to the thousand; null where nothing was traded that has bars with a volume. */
export interface Capacity {
  readonly dollars: number | null
  /** The one that can take least, at the last estimate. */
  readonly lowest: InstrumentId | undefined
}

/** A capacity, session by session. */
class Estimate {
  readonly #inputs: CapacityInputs
  readonly #symbols = new Map<InstrumentId, SymbolCapacity>()
  readonly #held = new Map<InstrumentId, number>()
  #capacity = 0
  #lowest: InstrumentId | undefined

  constructor(inputs: CapacityInputs) {
    this.#inputs = inputs
  }

  fill(fill: FillRow): void {
    const { instrumentId } = fill
    const bars = this.#inputs.bars.get(instrumentId)
    if (bars === undefined) return
    const known = this.#symbols.get(instrumentId) ?? new SymbolCapacity(bars)
    this.#symbols.set(instrumentId, known)
    known.fill(fill)
    this.#held.set(instrumentId, (this.#held.get(instrumentId) ?? 0) + signOf(fill.side) * fill.quantity)
  }

  move(event: PositionMove): void {
    if (event._tag !== "SplitApplied") return
    const held = this.#held.get(event.instrumentId)
    if (held !== undefined) {
      this.#held.set(event.instrumentId, Math.trunc((held * event.numerator) / event.denominator))
    }
  }

  watchUntil(until: number): void {
    for (const symbol of this.#symbols.values()) symbol.watchUntil(until)
  }

  #valueOf(id: InstrumentId, until: Timestamp): number {
    const bars = this.#inputs.bars.get(id)
    const last = bars === undefined ? undefined : lastCloseUntil(bars, until)
    const held = quantity(Math.abs(this.#held.get(id) ?? 0))
    return last === undefined ? 0 : toFloat(notional(price(last), held))
  }

  /** The instrument that can take least, of those that can take anything. */
  #smallest(): readonly [InstrumentId, SymbolCapacity] | undefined {
    let found: readonly [InstrumentId, SymbolCapacity] | undefined
    for (const [id, symbol] of this.#symbols) {
      if (symbol.trades === 0 || !(symbol.marketVolume > 0)) continue
      if (found === undefined || symbol.marketVolume < found[1].marketVolume) found = [id, symbol]
    }
    return found
  }

  /** A new estimate, at a session's close. */
  snapshot(equity: number, until: Timestamp): void {
    if (!(equity > 0) || this.#symbols.size === 0) return
    const smallest = this.#smallest()
    if (smallest !== undefined) {
      const [id, symbol] = smallest
      this.#lowest = id
      let sales = 0
      for (const one of this.#symbols.values()) sales += one.sales
      const ofSales = sales === 0 ? 0 : symbol.sales / sales
      const scale = Math.max(ofSales, this.#valueOf(id, until) / equity)
      const now = scale === 0 ? this.#capacity : symbol.marketVolume / symbol.trades / scale
      this.#capacity = this.#capacity === 0 ? now : NEW_WEIGHT * now + OLD_WEIGHT * this.#capacity
    }
    this.#forget(until)
  }

  #forget(until: Timestamp): void {
    for (const [id, symbol] of this.#symbols) {
      const isHeld = (this.#held.get(id) ?? 0) !== 0
      const isRecent = (symbol.lastFill ?? 0) + FORGOTTEN_DAYS * MICROS_PER_DAY > until
      if (isHeld || isRecent) symbol.spend()
      else this.#symbols.delete(id)
    }
  }

  result(): Capacity {
    return this.#capacity === 0
      ? { dollars: null, lowest: undefined }
      : { dollars: Math.round(this.#capacity / ROUNDED_TO) * ROUNDED_TO, lowest: this.#lowest }
  }
}

/** Late in the evening of a date in New York: all that was traded on it lies before, what is traded on the next day after. */
const HOURS_TO_EVENING = 28
const eveningOf = (date: SessionDate): Timestamp =>
  timestamp((dayOfDate(date) * 24 + HOURS_TO_EVENING) * 60 * MICROS_PER_MINUTE)

/** LEAN's `Estimated Strategy Capacity` and `Lowest Capacity Asset`. */
export const strategyCapacity = (inputs: CapacityInputs): Capacity => {
  const { dates, equity } = inputs
  const [first, last] = [dates[0], dates.at(-1)]
  if (first === undefined || last === undefined) return { dollars: null, lowest: undefined }
  const estimate = new Estimate(inputs)
  const fills = inputs.fills.toSorted((a, b) => a.tsEvent - b.tsEvent)
  const moves = inputs.moves.toSorted((a, b) => a.tsEvent - b.tsEvent)
  const period = Math.max(Math.min(dayOfDate(last) - dayOfDate(first), SNAPSHOT_DAYS), 1)
  let next = dayOfDate(first) + period
  let [fill, move] = [0, 0]
  for (const [session, date] of dates.entries()) {
    const end = eveningOf(date)
    for (; (moves[move]?.tsEvent ?? Infinity) <= end; move++) {
      const event = moves[move]
      if (event !== undefined) estimate.move(event)
    }
    for (; (fills[fill]?.tsEvent ?? Infinity) <= end; fill++) {
      const row = fills[fill]
      if (row !== undefined) estimate.fill(row)
    }
    estimate.watchUntil(end)
    if (dayOfDate(date) >= next) {
      estimate.snapshot(equity[session] ?? 0, end)
      next = dayOfDate(date) + period
    }
  }
  estimate.snapshot(equity.at(-1) ?? 0, eveningOf(last))
  return estimate.result()
}
