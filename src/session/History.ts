/**
 * The daily bars of one instrument, up to and including today's.
 *
 * A strategy cannot look ahead, by construction: a `HistoryBuffer` is given
 * one bar when its session has closed, and what lies later is not in memory.
 * A `History` is a value: bars that are appended afterwards do not appear in it.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"

/** Values oldest first, today's the last; not to be written to. */
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
  /** UTC microseconds: the end of each session, ascending. */
  readonly tsEvent: Column
  readonly open: Column
  readonly high: Column
  readonly low: Column
  readonly close: Column
  readonly volume: Column
}

/** One session's bar, in a `History`'s units. */
export interface DailyBar {
  readonly tsEvent: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
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

/** Takes bars as they close; `history` is what is known now. */
export class HistoryBuffer {
  readonly instrumentId: InstrumentId
  #columns: Columns = eachColumn(() => new Float64Array(FIRST_CAPACITY))
  #history: History

  constructor(instrumentId: InstrumentId) {
    this.instrumentId = instrumentId
    this.#history = this.#view(0)
  }

  get history(): History {
    return this.#history
  }

  /** Adds the bar of a session that has closed. Throws RangeError when it is not later than the last: a bug of the caller. */
  append(bar: DailyBar): void {
    const length = this.#history.length
    const last = this.#history.tsEvent[length - 1]
    if (last !== undefined && !(bar.tsEvent > last)) {
      throw new RangeError(
        `${this.instrumentId}: a bar that ends at ${bar.tsEvent} cannot follow one that ends at ${last}`
      )
    }
    if (length === this.#columns.close.length) this.#reallocate(length * 2)
    for (const field of fields) this.#columns[field][length] = bar[field]
    this.#history = this.#view(length + 1)
  }

  /**
   * Takes a split (`numerator` new shares for `denominator` old) out of the bars
   * so far; called at the open of the day it is in force from. Prices are
   * rounded to the micro, volumes to the share.
   */
  split(numerator: number, denominator: number): void {
    // Fresh columns: a history handed out earlier keeps what was known then.
    this.#reallocate(this.#columns.close.length)
    const length = this.#history.length
    for (let row = 0; row < length; row++) {
      for (const field of prices) {
        const column = this.#columns[field]
        column[row] = Math.round(((column[row] ?? 0) * denominator) / numerator)
      }
      const { volume } = this.#columns
      volume[row] = Math.round(((volume[row] ?? 0) * numerator) / denominator)
    }
    this.#history = this.#view(length)
  }

  #reallocate(capacity: number): void {
    const before = this.#columns
    this.#columns = eachColumn((field) => {
      const column = new Float64Array(capacity)
      column.set(before[field])
      return column
    })
  }

  #view(length: number): History {
    const columns = eachColumn((field) => this.#columns[field].subarray(0, length))
    return { instrumentId: this.instrumentId, length, ...columns }
  }
}

/** The sum of the `count` values that end at index `last`, oldest first; NaN where there are fewer. */
export const sumOf = (values: Column, last: number, count: number): number => {
  let sum = 0
  for (let at = last - count + 1; at <= last; at++) sum += values[at] ?? Number.NaN
  return sum
}
