/**
 * Indicators that a strategy declares and asks the values of.
 *
 * Prices are micros of a dollar, so are the averages, ranges and deviations of
 * them; ratios and percentages have no unit. Those over the last `count` bars
 * depend on these alone; the smoothed ones (EMA, RSI, ATR, ADX, MACD) on every
 * bar they have seen, with a weight that falls from bar to bar.
 *
 * EMA, RSI, ATR, ROC and MACD are those of the package trading-signals, whose
 * results match the references of the tests. Its SMA, WMA, bands, Donchian
 * channel and stochastic match too and go through all bars of their window at
 * every bar; its ADX counts the first bar, which has no bar before it, as one
 * of no movement. These are written here.
 */
import { ATR, EMA, MACD, ROC, RSI } from "trading-signals"
import type { Indicator, IndicatorBar, IndicatorState } from "./Indicator.ts"

/** What of a bar an indicator looks at. */
export type BarField = keyof IndicatorBar

const checkCount = (name: string, count: number, least: number): void => {
  if (!Number.isSafeInteger(count) || count < least) {
    throw new RangeError(`${name} over ${count} bars: expected a whole number, ${least} or more`)
  }
}

const named = (name: string, count: number, field: BarField): string =>
  `${name}(${count}${field === "close" ? "" : `, ${field}`})`

/**
 * The running sum of the last `count` values. Exact of whole numbers as long as
 * it stays below 2^53, as sums of prices in micros do: nothing adds up over the
 * years, and a difference of prefix sums has the same bits.
 */
class WindowSum {
  /** In no order; zeros before there are `count`. */
  readonly values: Float64Array
  sum = 0
  #next = 0
  #missing: number

  constructor(count: number) {
    this.values = new Float64Array(count)
    this.#missing = count
  }

  /** True once there are `count`. */
  push(value: number): boolean {
    const next = this.#next
    this.sum += value - (this.values[next] ?? 0)
    this.values[next] = value
    this.#next = next + 1 === this.values.length ? 0 : next + 1
    if (this.#missing > 0) this.#missing -= 1
    return this.#missing === 0
  }
}

/** The mean of the last `count` bars: their exact sum ÷ `count`. */
export const sma = (count: number, field: BarField = "close"): Indicator => {
  checkCount("SMA", count, 1)
  return {
    name: named("SMA", count, field),
    warmUp: count,
    make: () => {
      const total = new WindowSum(count)
      return {
        update: (bar) => {
          const isFull = total.push(field === "close" ? bar.close : bar[field])
          return isFull ? total.sum / count : undefined
        }
      }
    }
  }
}

/** The mean of the last `count` bars weighted 1, 2, … `count`, the newest most. */
export const wma = (count: number, field: BarField = "close"): Indicator => {
  checkCount("WMA", count, 1)
  return {
    name: named("WMA", count, field),
    warmUp: count,
    make: () => {
      const total = new WindowSum(count)
      let weighted = 0
      return {
        update: (bar) => {
          const value = bar[field]
          // Every value moves one weight down: the sum of those that were there goes off once.
          weighted += value * count - total.sum
          return total.push(value) ? weighted / ((count * (count + 1)) / 2) : undefined
        }
      }
    }
  }
}

/** A state of the package's, silent until the bar `warmUp`. */
const streamed = (
  warmUp: number,
  update: (bar: IndicatorBar) => number | null | undefined
): IndicatorState => {
  let seen = 0
  return {
    update: (bar) => {
      const value = update(bar)
      seen += 1
      return seen >= warmUp ? (value ?? undefined) : undefined
    }
  }
}

/** The exponential mean of weight 2 ÷ (`count` + 1), begun with the first bar's value. */
export const ema = (count: number, field: BarField = "close"): Indicator => {
  checkCount("EMA", count, 1)
  return {
    name: named("EMA", count, field),
    warmUp: count,
    make: () => {
      const state = new EMA(count)
      return streamed(count, (bar) => state.add(bar[field]))
    }
  }
}

/** Wilder's relative strength index, 0 to 100: over the changes of `count` bars first, smoothed from there. 100 where nothing fell. */
export const rsi = (count: number, field: BarField = "close"): Indicator => {
  // Over one bar it is 0 or 100; the package has none then.
  checkCount("RSI", count, 2)
  return {
    name: named("RSI", count, field),
    warmUp: count + 1,
    make: () => {
      const state = new RSI(count)
      return streamed(count + 1, (bar) => state.add(bar[field]))
    }
  }
}

/** Wilder's average true range: the mean of `count` ranges first, smoothed from there; the first bar's is high − low. */
export const atr = (count: number): Indicator => {
  checkCount("ATR", count, 1)
  return {
    name: `ATR(${count})`,
    warmUp: count,
    make: () => {
      const state = new ATR(count)
      return streamed(count, (bar) => state.add(bar))
    }
  }
}

/** The change over `count` bars as a ratio: 0.1 is 10%. */
export const rateOfChange = (count: number, field: BarField = "close"): Indicator => {
  checkCount("ROC", count, 1)
  return {
    name: named("ROC", count, field),
    warmUp: count + 1,
    make: () => {
      const state = new ROC(count)
      return streamed(count + 1, (bar) => state.add(bar[field]))
    }
  }
}

interface MacdCounts {
  readonly fast: number
  readonly slow: number
  readonly signal: number
}

const macdPart = (
  name: string,
  { fast, signal, slow }: MacdCounts,
  part: "macd" | "signal" | "histogram"
): Indicator => {
  for (const count of [fast, slow, signal]) checkCount("MACD", count, 1)
  if (fast >= slow) throw new RangeError(`MACD of ${fast} and ${slow} bars: the first has to be the shorter`)
  const warmUp = part === "macd" ? slow : slow + signal - 1
  return {
    name: `${name}(${fast}, ${slow}${part === "macd" ? "" : `, ${signal}`})`,
    warmUp,
    make: () => {
      const state = new MACD(new EMA(fast), new EMA(slow), new EMA(signal))
      return streamed(warmUp, (bar) => state.add(bar.close)?.[part])
    }
  }
}

/** Appel's moving averages' convergence and divergence: line (EMA fast − EMA slow of closes), its EMA over `signal` bars, and their difference. */
export const macd = (
  counts: MacdCounts = { fast: 12, slow: 26, signal: 9 }
): { readonly line: Indicator; readonly signal: Indicator; readonly histogram: Indicator } => ({
  line: macdPart("MACD", counts, "macd"),
  signal: macdPart("MACD signal", counts, "signal"),
  histogram: macdPart("MACD histogram", counts, "histogram")
})

/** The standard deviation (n) of a full window: worked out afresh, about the mean of an exact sum. */
const deviationOf = ({ sum, values }: WindowSum): number => {
  const mean = sum / values.length
  let squares = 0
  for (let k = 0; k < values.length; k++) {
    const off = (values[k] ?? 0) - mean
    squares += off * off
  }
  return Math.sqrt(squares / values.length)
}

/** Something of the last `count` bars' mean and deviation. */
const ofWindow = (
  name: string,
  count: number,
  field: BarField,
  worked: (mean: number, deviation: number, value: number) => number
): Indicator => {
  checkCount(name, count, 1)
  return {
    name: named(name, count, field),
    warmUp: count,
    make: () => {
      const total = new WindowSum(count)
      return {
        update: (bar) => {
          const value = bar[field]
          return total.push(value) ? worked(total.sum / count, deviationOf(total), value) : undefined
        }
      }
    }
  }
}

/** The standard deviation of the last `count` bars about their mean, divided by `count`. */
export const deviation = (count: number, field: BarField = "close"): Indicator =>
  ofWindow("Deviation", count, field, (_, spread) => spread)

/** How many deviations the last bar is above the mean of `count`; 0 where they are all the same. */
export const zScore = (count: number, field: BarField = "close"): Indicator =>
  ofWindow("Z-score", count, field, (mean, spread, value) => (spread === 0 ? 0 : (value - mean) / spread))

/** Bollinger's bands: the mean of `count` closes, and `width` deviations above and below. */
export const bollinger = (
  count = 20,
  width = 2
): { readonly upper: Indicator; readonly middle: Indicator; readonly lower: Indicator } => ({
  upper: ofWindow(`Bollinger +${width}`, count, "close", (mean, spread) => mean + width * spread),
  middle: sma(count),
  lower: ofWindow(`Bollinger −${width}`, count, "close", (mean, spread) => mean - width * spread)
})

/** The extreme of the last values: those that cannot become it any more are dropped, so each is looked at twice at most. */
class WindowExtreme {
  readonly #count: number
  readonly #sign: number
  /** What may still be the extreme, best first, and which bar's it is: a ring of `count`. */
  readonly #values: Float64Array
  readonly #places: Float64Array
  #first = 0
  #kept = 0
  #seen = 0

  /** `sign`: 1 for the highest, −1 for the lowest. */
  constructor(count: number, sign: 1 | -1) {
    this.#count = count
    this.#sign = sign
    this.#values = new Float64Array(count)
    this.#places = new Float64Array(count)
  }

  push(value: number): number {
    if (this.#kept > 0 && (this.#places[this.#first] ?? 0) <= this.#seen - this.#count) {
      this.#first = this.#at(1)
      this.#kept -= 1
    }
    while (this.#kept > 0 && ((this.#values[this.#at(this.#kept - 1)] ?? value) - value) * this.#sign <= 0) {
      this.#kept -= 1
    }
    const place = this.#at(this.#kept)
    this.#values[place] = value
    this.#places[place] = this.#seen
    this.#kept += 1
    this.#seen += 1
    return this.#values[this.#first] ?? value
  }

  get isFull(): boolean {
    return this.#seen >= this.#count
  }

  #at(offset: number): number {
    return (this.#first + offset) % this.#count
  }
}

const extreme = (name: string, count: number, field: BarField, sign: 1 | -1): Indicator => {
  checkCount(name, count, 1)
  return {
    name: named(name, count, field),
    warmUp: count,
    make: () => {
      const state = new WindowExtreme(count, sign)
      return {
        update: (bar) => {
          const value = state.push(bar[field])
          return state.isFull ? value : undefined
        }
      }
    }
  }
}

/** The highest high of the last `count` bars, this one among them. */
export const highest = (count: number, field: BarField = "high"): Indicator =>
  extreme("Highest", count, field, 1)

/** The lowest low of the last `count` bars, this one among them. */
export const lowest = (count: number, field: BarField = "low"): Indicator =>
  extreme("Lowest", count, field, -1)

/** Lane's %K: where the close lies between the lowest low and the highest high of `count` bars, 0 to 100; 50 where there is nothing between. */
export const stochastic = (count: number): Indicator => {
  checkCount("%K", count, 1)
  return {
    name: `%K(${count})`,
    warmUp: count,
    make: () => {
      const highs = new WindowExtreme(count, 1)
      const lows = new WindowExtreme(count, -1)
      return {
        update: ({ close, high, low }) => {
          const top = highs.push(high)
          const bottom = lows.push(low)
          if (!highs.isFull) return undefined
          return top === bottom ? 50 : ((close - bottom) / (top - bottom)) * 100
        }
      }
    }
  }
}

/** Wilder's smoothing: the mean of the first `count` values, then one part in `count` of every other. */
class WilderMean {
  readonly #count: number
  #seen = 0
  #sum = 0
  #mean = 0

  constructor(count: number) {
    this.#count = count
  }

  push(value: number): number | undefined {
    this.#seen += 1
    if (this.#seen > this.#count) {
      this.#mean += (value - this.#mean) / this.#count
      return this.#mean
    }
    this.#sum += value
    this.#mean = this.#sum / this.#count
    return this.#seen === this.#count ? this.#mean : undefined
  }
}

/**
 * Wilder's average directional index, 0 to 100 (New Concepts in Technical
 * Trading Systems, 1978): movements are counted from the second
 * bar on, the first value comes with bar 2 × `count`.
 */
export const adx = (count: number): Indicator => {
  checkCount("ADX", count, 1)
  return {
    name: `ADX(${count})`,
    warmUp: 2 * count,
    make: () => {
      const [ups, downs, index] = [new WilderMean(count), new WilderMean(count), new WilderMean(count)]
      let before: IndicatorBar | undefined
      return {
        update: (bar) => {
          const last = before
          before = bar
          if (last === undefined) return undefined
          const rise = bar.high - last.high
          const fall = last.low - bar.low
          const up = ups.push(rise > fall && rise > 0 ? rise : 0)
          const down = downs.push(fall > rise && fall > 0 ? fall : 0)
          if (up === undefined || down === undefined) return undefined
          // Both are divided by the same true range, which cancels out.
          const moved = up + down
          return index.push(moved === 0 ? 0 : (Math.abs(up - down) / moved) * 100)
        }
      }
    }
  }
}
