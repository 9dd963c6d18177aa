/**
 * The bars of one instrument, up to and including the one that ended last.
 *
 * A strategy cannot look ahead, by construction: a `HistoryBuffer` is given
 * one bar when it has ended, and what lies later is not in memory.
 * A `History` is a value: bars that are appended afterwards do not appear in it.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { IndicatorBar } from "./Indicator.ts"

/** Values oldest first, the newest last; not to be written to. */
export interface Column {
  readonly length: number
  readonly [index: number]: number
}

/**
 * Columns of equal length. Prices are whole micros of a dollar, so sums of them
 * are exact; volume is in whole shares. Splits up to today are taken out of the
 * bars before them; dividends are not.
 */
export interface History {
  readonly instrumentId: InstrumentId
  readonly length: number
  /** UTC microseconds: the end of each bar, ascending. */
  readonly tsEvent: Column
  readonly open: Column
  readonly high: Column
  readonly low: Column
  readonly close: Column
  readonly volume: Column
}

/** One bar, in a `History`'s units. */
export interface HistoryBar extends IndicatorBar {
  readonly tsEvent: number
}

const prices = ["open", "high", "low", "close"] as const
const fields = ["tsEvent", ...prices, "volume"] as const
type Field = (typeof fields)[number]
type Columns = Readonly<Record<Field, Float64Array<ArrayBuffer>>>

/** A year's sessions; doubled as often as needed. */
const FIRST_CAPACITY = 256

const eachColumn = (columnOf: (field: Field) => Float64Array<ArrayBuffer>): Columns => ({
  tsEvent: columnOf("tsEvent"),
  open: columnOf("open"),
  high: columnOf("high"),
  low: columnOf("low"),
  close: columnOf("close"),
  volume: columnOf("volume")
})

/** Takes bars as they end; `history` is what is known now. */
export class HistoryBuffer {
  readonly instrumentId: InstrumentId
  #columns: Columns = eachColumn(() => new Float64Array(FIRST_CAPACITY))
  #length = 0
  /** Made when it is asked for; undefined since a bar came. */
  #history: History | undefined

  constructor(instrumentId: InstrumentId) {
    this.instrumentId = instrumentId
  }

  get history(): History {
    return (this.#history ??= this.#view())
  }

  get length(): number {
    return this.#length
  }

  /** When the last bar ended; undefined before the first. */
  get lastEnd(): number | undefined {
    return this.#length === 0 ? undefined : this.#columns.tsEvent[this.#length - 1]
  }

  /** Adds a bar that has ended. Throws RangeError when it is not later than the last: a bug of the caller. */
  append(bar: HistoryBar): void {
    const last = this.lastEnd
    if (last !== undefined && !(bar.tsEvent > last)) {
      throw new RangeError(
        `${this.instrumentId}: a bar that ends at ${bar.tsEvent} cannot follow one that ends at ${last}`
      )
    }
    if (this.#length === this.#columns.close.length) this.#reallocate(this.#length * 2)
    const { close, high, low, open, tsEvent, volume } = this.#columns
    tsEvent[this.#length] = bar.tsEvent
    open[this.#length] = bar.open
    high[this.#length] = bar.high
    low[this.#length] = bar.low
    close[this.#length] = bar.close
    volume[this.#length] = bar.volume
    this.#length += 1
    this.#history = undefined
  }

  /**
   * Takes a split (`numerator` new shares for `denominator` old) out of the bars
   * so far; called at the open of the day it is in force from. Prices are
   * rounded to the micro, volumes to the share.
   */
  split(numerator: number, denominator: number): void {
    // Fresh columns: a history handed out earlier keeps what was known then.
    this.#reallocate(this.#columns.close.length)
    for (let row = 0; row < this.#length; row++) {
      for (const field of prices) {
        const column = this.#columns[field]
        column[row] = Math.round(((column[row] ?? 0) * denominator) / numerator)
      }
      const { volume } = this.#columns
      volume[row] = Math.round(((volume[row] ?? 0) * numerator) / denominator)
    }
    this.#history = undefined
  }

  /** All bars so far, oldest first. */
  *bars(): Generator<HistoryBar> {
    const { close, high, low, open, tsEvent, volume } = this.history
    for (let row = 0; row < this.#length; row++) {
      yield {
        tsEvent: tsEvent[row] ?? Number.NaN,
        open: open[row] ?? Number.NaN,
        high: high[row] ?? Number.NaN,
        low: low[row] ?? Number.NaN,
        close: close[row] ?? Number.NaN,
        volume: volume[row] ?? Number.NaN
      }
    }
  }

  #reallocate(capacity: number): void {
    const before = this.#columns
    this.#columns = eachColumn((field) => {
      const column = new Float64Array(capacity)
      column.set(before[field])
      return column
    })
  }

  #view(): History {
    return new HistoryView(this.instrumentId, this.#columns, this.#length)
  }
}

/**
 * The first rows of columns that only grow: what was shown stays as it was.
 * A column is cut to its length when it is looked at, for most are not.
 */
class HistoryView implements History {
  readonly instrumentId: InstrumentId
  readonly length: number
  readonly #columns: Columns
  readonly #cut: Partial<Record<Field, Column>> = {}

  constructor(instrumentId: InstrumentId, columns: Columns, length: number) {
    this.instrumentId = instrumentId
    this.length = length
    this.#columns = columns
  }

  get tsEvent(): Column {
    return this.#column("tsEvent")
  }

  get open(): Column {
    return this.#column("open")
  }

  get high(): Column {
    return this.#column("high")
  }

  get low(): Column {
    return this.#column("low")
  }

  get close(): Column {
    return this.#column("close")
  }

  get volume(): Column {
    return this.#column("volume")
  }

  #column(field: Field): Column {
    return (this.#cut[field] ??= this.#columns[field].subarray(0, this.length))
  }
}

/** The sum of the `count` values that end at index `last`, oldest first; NaN where there are fewer. */
export const sumOf = (values: Column, last: number, count: number): number => {
  let sum = 0
  for (let at = last - count + 1; at <= last; at++) sum += values[at] ?? Number.NaN
  return sum
}
