/** Indicators against published tables, hand-worked rows, and the definitions written out over whole columns. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { Feed } from "../../src/session/Feed.ts"
import type { Indicator, IndicatorBar } from "../../src/session/Indicator.ts"
import {
  adx,
  atr,
  type BarField,
  bollinger,
  deviation,
  ema,
  highest,
  lowest,
  macd,
  rateOfChange,
  rsi,
  sma,
  stochastic,
  wma,
  zScore
} from "../../src/session/Indicators.ts"
import { numbers } from "../support/Numbers.ts"
import { one, sp500Closes, two } from "./Contexts.ts"

const flat = (close: number): IndicatorBar => ({ open: close, high: close, low: close, close, volume: 1 })

/** Its values after every bar; NaN where there is none. */
const played = (indicator: Indicator, bars: ReadonlyArray<IndicatorBar>): ReadonlyArray<number> => {
  const state = indicator.make()
  return bars.map((bar) => state.update(bar) ?? Number.NaN)
}

const ofCloses = (indicator: Indicator, closes: ReadonlyArray<number>) => played(indicator, closes.map(flat))

/** Made-up bars in whole micros that rise and fall, with equal values among them. */
const someBars = (count: number): ReadonlyArray<IndicatorBar> => {
  const next = numbers(19_780_601)
  let close = 100_000_000
  return Array.from({ length: count }, () => {
    const open = close + next(3) * 10_000 - 10_000
    close = Math.max(1_000_000, close + (next(41) - 20) * 50_000)
    const high = Math.max(open, close) + next(10) * 20_000
    const low = Math.min(open, close) - next(10) * 20_000
    return { open, high, low, close, volume: 1000 + next(500) }
  })
}
const bars = someBars(400)
const closes = bars.map(({ close }) => close)

/** The last `count` values at each place, oldest first; none before there are so many. */
const windows = (values: ReadonlyArray<number>, count: number): ReadonlyArray<ReadonlyArray<number>> =>
  values.map((_, k) => (k < count - 1 ? [] : values.slice(k + 1 - count, k + 1)))

const overWindows = (
  values: ReadonlyArray<number>,
  count: number,
  worked: (window: ReadonlyArray<number>) => number
) => windows(values, count).map((window) => (window.length === 0 ? Number.NaN : worked(window)))

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)
const mean = (values: ReadonlyArray<number>): number => sum(values) / values.length

/** Largest relative difference; both have to have none at the same places. */
const apart = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  expect(a.map(Number.isNaN)).toEqual(b.map(Number.isNaN))
  return Math.max(
    ...a.map((value, k) => {
      const other = b[k] ?? Number.NaN
      return Number.isNaN(value) ? 0 : Math.abs(value - other) / Math.max(1, Math.abs(other))
    })
  )
}

/** Weighted means by their weights written out: pandas' `ewm(alpha, adjust=False)`. */
const exponential = (values: ReadonlyArray<number>, alpha: number): ReadonlyArray<number> =>
  values.map((_, k) => {
    let total = (1 - alpha) ** k * (values[0] ?? Number.NaN)
    for (let j = 1; j <= k; j++) total += alpha * (1 - alpha) ** (k - j) * (values[j] ?? Number.NaN)
    return total
  })

/** Wilder's: the mean of the first `count`, then ((count − 1) × the one before + the new) ÷ count. */
const wilder = (values: ReadonlyArray<number>, count: number): ReadonlyArray<number> => {
  const smoothed: Array<number> = []
  for (const [k, value] of values.entries()) {
    if (k < count - 1) smoothed.push(Number.NaN)
    else if (k === count - 1) smoothed.push(mean(values.slice(0, count)))
    else smoothed.push(((smoothed[k - 1] ?? Number.NaN) * (count - 1) + value) / count)
  }
  return smoothed
}

const silent = (values: ReadonlyArray<number>, count: number) =>
  values.map((value, k) => (k < count - 1 ? Number.NaN : value))

describe("the simple mean", () => {
  it("has the bits of the difference of prefix sums, over twenty years of closes", () => {
    const sp500 = sp500Closes()
    const sums = [0]
    for (const close of sp500) sums.push((sums.at(-1) ?? 0) + close)
    for (const count of [1, 2, 10, 50, 200]) {
      expect(ofCloses(sma(count), sp500)).toEqual(
        sp500.map((_, k) =>
          k < count - 1 ? Number.NaN : ((sums[k + 1] ?? 0) - (sums[k + 1 - count] ?? 0)) / count
        )
      )
    }
  })

  const Prices = Schema.Array(
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000_000_000 })))
  ).pipe(Schema.check(Schema.isMaxLength(60)))
  it.prop("is the exact sum divided once, of any prices", [Prices], ([prices]) => {
    expect(ofCloses(sma(7), prices)).toEqual(
      overWindows(prices, 7, (window) => Number(window.reduce((total, one) => total + BigInt(one), 0n)) / 7)
    )
  })

  it("takes any field of the bar", () => {
    for (const field of ["open", "high", "low", "volume"] satisfies ReadonlyArray<BarField>) {
      expect(played(sma(5, field), bars)).toEqual(
        overWindows(
          bars.map((bar) => bar[field]),
          5,
          mean
        )
      )
    }
    expect(sma(5, "volume").name).toBe("SMA(5, volume)")
    expect(sma(5).name).toBe("SMA(5)")
  })
})

describe("the linearly weighted mean", () => {
  it("weighs 1, 2, … n", () => {
    // (1·1 + 2·2 + 3·4) ÷ 6 and (1·2 + 2·4 + 3·8) ÷ 6.
    expect(ofCloses(wma(3), [1, 2, 4, 8])).toEqual([Number.NaN, Number.NaN, 17 / 6, 34 / 6])
    expect(ofCloses(wma(20), closes)).toEqual(
      overWindows(closes, 20, (window) => sum(window.map((value, k) => value * (k + 1))) / 210)
    )
  })
})

describe("the exponential mean", () => {
  it("is what its weights come to", () => {
    // By hand: weight 2 ÷ 4, begun with 10: 10, 11, 13, 9.5.
    expect(ofCloses(ema(3), [10, 12, 15, 6])).toEqual([Number.NaN, Number.NaN, 13, 9.5])
    expect(apart(ofCloses(ema(20), closes), silent(exponential(closes, 2 / 21), 20))).toBeLessThan(1e-12)
  })
})

describe("the relative strength index", () => {
  it("is that of StockCharts' published example", () => {
    const published = [
      44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931,
      46.0328, 45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137,
      46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314
    ]
    const told = ofCloses(rsi(14), published)
    expect(told.slice(0, 14).every(Number.isNaN)).toBe(true)
    expect(told.slice(14).map((value) => Number(value.toFixed(2)))).toEqual([
      70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87,
      45.46, 37.3, 33.08, 37.77
    ])
  })

  it("is Wilder's, of changes that rose against changes that fell", () => {
    const changes = closes.slice(1).map((close, k) => close - (closes[k] ?? Number.NaN))
    const rises = wilder(
      changes.map((change) => Math.max(0, change)),
      9
    )
    const falls = wilder(
      changes.map((change) => Math.max(0, 0 - change)),
      9
    )
    const expected = [Number.NaN, ...rises.map((rise, k) => (100 * rise) / (rise + (falls[k] ?? Number.NaN)))]
    expect(apart(ofCloses(rsi(9), closes), expected)).toBeLessThan(1e-12)
    expect(ofCloses(rsi(2), [1, 2, 3]).at(-1)).toBe(100)
    expect(ofCloses(rsi(2), [3, 2, 1]).at(-1)).toBe(0)
  })
})

describe("ranges", () => {
  it("are averaged as Wilder does, gaps from the close before among them", () => {
    const bar = (high: number, low: number, close: number) => ({ open: low, high, low, close, volume: 1 })
    // True ranges by hand: 2, max(1, |13 − 9|, |12 − 9|) = 4, max(2, |11 − 12|, |9 − 12|) = 3.
    expect(played(atr(2), [bar(10, 8, 9), bar(13, 12, 12), bar(11, 9, 10)])).toEqual([Number.NaN, 3, 3])
    const ranges = bars.map(({ high, low }, k) => {
      const before = bars[k - 1]?.close
      return before === undefined
        ? high - low
        : Math.max(high - low, Math.abs(high - before), Math.abs(low - before))
    })
    expect(apart(played(atr(14), bars), wilder(ranges, 14))).toBeLessThan(1e-12)
  })

  it("reach from the lowest low to the highest high of the window", () => {
    for (const count of [1, 2, 7, 30]) {
      expect(played(highest(count), bars)).toEqual(
        overWindows(
          bars.map(({ high }) => high),
          count,
          (window) => Math.max(...window)
        )
      )
      expect(played(lowest(count), bars)).toEqual(
        overWindows(
          bars.map(({ low }) => low),
          count,
          (window) => Math.min(...window)
        )
      )
    }
    expect(ofCloses(highest(3, "close"), [5, 4, 3, 2, 1, 1, 1])).toEqual([
      Number.NaN,
      Number.NaN,
      5,
      4,
      3,
      2,
      1
    ])
  })

  it("place the close: %K", () => {
    const expected = bars.map(({ close }, k) => {
      if (k < 13) return Number.NaN
      const window = bars.slice(k - 13, k + 1)
      const bottom = Math.min(...window.map(({ low }) => low))
      return ((close - bottom) / (Math.max(...window.map(({ high }) => high)) - bottom)) * 100
    })
    expect(played(stochastic(14), bars)).toEqual(expected)
    expect(ofCloses(stochastic(2), [4, 4, 4])).toEqual([Number.NaN, 50, 50])
  })
})

describe("deviations", () => {
  it("are about the window's mean, divided by n", () => {
    // The textbook's eight values: mean 5, deviation 2.
    expect(ofCloses(deviation(8), [2, 4, 4, 4, 5, 5, 7, 9]).at(-1)).toBe(2)
    const worked = (window: ReadonlyArray<number>) =>
      Math.sqrt(mean(window.map((value) => value * value)) - mean(window) ** 2)
    expect(apart(ofCloses(deviation(20), closes), overWindows(closes, 20, worked))).toBeLessThan(1e-6)
  })

  it("make Bollinger's bands and z-scores", () => {
    const { lower, middle, upper } = bollinger(8, 1.5)
    const values = [2, 4, 4, 4, 5, 5, 7, 9]
    expect([lower, middle, upper].map((band) => ofCloses(band, values).at(-1))).toEqual([2, 5, 8])
    expect(ofCloses(zScore(8), values).at(-1)).toBe(2)
    expect(ofCloses(zScore(3), [6, 6, 6]).at(-1)).toBe(0)
  })
})

describe("changes", () => {
  it("are ratios of the close so many bars ago", () => {
    expect(ofCloses(rateOfChange(2), [10, 11, 12, 5.5])).toEqual([Number.NaN, Number.NaN, 0.2, -0.5])
  })

  it("of two exponential means are the MACD", () => {
    const { histogram, line, signal } = macd()
    const fast = exponential(closes, 2 / 13)
    const slow = exponential(closes, 2 / 27)
    const difference = fast.map((value, k) => value - (slow[k] ?? Number.NaN))
    const smoothed = [
      ...difference.slice(0, 25).map(() => Number.NaN),
      ...silent(exponential(difference.slice(25), 2 / 10), 9)
    ]
    expect(apart(ofCloses(line, closes), silent(difference, 26))).toBeLessThan(1e-9)
    expect(apart(ofCloses(signal, closes), smoothed)).toBeLessThan(1e-9)
    const gap = difference.map((value, k) => value - (smoothed[k] ?? Number.NaN))
    expect(apart(ofCloses(histogram, closes), gap)).toBeLessThan(1e-9)
    expect(() => macd({ fast: 26, slow: 12, signal: 9 })).toThrow("the first has to be the shorter")
  })
})

describe("the directional index", () => {
  it("is Wilder's, of movements up and down from bar to bar", () => {
    const moves = bars.slice(1).map((bar, k) => {
      const before = bars[k] ?? bar
      return { up: bar.high - before.high, down: before.low - bar.low }
    })
    const ups = wilder(
      moves.map(({ down, up }) => (up > down && up > 0 ? up : 0)),
      14
    )
    const downs = wilder(
      moves.map(({ down, up }) => (down > up && down > 0 ? down : 0)),
      14
    )
    const index = ups.map((up, k) => {
      const down = downs[k] ?? Number.NaN
      return (100 * Math.abs(up - down)) / (up + down)
    })
    const smoothed = wilder(index.slice(13), 14)
    const expected = [...Array.from({ length: 14 }, () => Number.NaN), ...smoothed]
    expect(apart(played(adx(14), bars), expected)).toBeLessThan(1e-12)
    expect(played(adx(14), bars).findIndex((value) => !Number.isNaN(value))).toBe(27)
  })

  it("is 100 of a market that only rises, and 0 of one that does not move", () => {
    const rising = Array.from({ length: 12 }, (_, k) => ({ ...flat(100 + k), high: 101 + k, low: 99 + k }))
    expect(played(adx(3), rising).at(-1)).toBe(100)
    expect(
      played(
        adx(3),
        Array.from({ length: 12 }, () => flat(5))
      ).at(-1)
    ).toBe(0)
  })
})

const all: ReadonlyArray<Indicator> = [
  ...[sma, wma, ema, rsi, atr, rateOfChange, deviation, zScore].map((make) => make(12)),
  ...[highest, lowest, stochastic, adx].map((make) => make(12)),
  ...Object.values(macd()),
  ...Object.values(bollinger())
]

describe("every indicator", () => {
  it.each(all)(
    "$name has its first value with the bar it says, and one at every bar from there",
    (indicator) => {
      const values = played(indicator, bars)
      expect(values.findIndex(Number.isFinite)).toBe(indicator.warmUp - 1)
      expect(values.slice(indicator.warmUp - 1).every(Number.isFinite)).toBe(true)
    }
  )

  it.each(all)("$name has a state for each instrument, and the same after it was made anew", (indicator) => {
    const feed = new Feed({ indicators: [indicator] }, [one, two])
    for (const [k, bar] of bars.entries()) {
      feed.append(one.id, { ...bar, tsEvent: k })
      if (k % 2 === 0) feed.append(two.id, { ...flat(1_000_000), tsEvent: k })
    }
    const values = played(indicator, bars)
    expect(feed.valueOf(indicator, one.id)).toBe(values.at(-1))
    // A split of one for one changes nothing, and makes the state anew from the history.
    feed.split(one.id, 1, 1)
    expect(feed.valueOf(indicator, one.id)).toBe(values.at(-1))
  })

  it("says so where it is asked for no bars at all", () => {
    for (const make of [sma, wma, ema, atr, rateOfChange, deviation, highest, lowest, stochastic, adx]) {
      expect(() => make(0)).toThrow("over 0 bars")
      expect(() => make(2.5)).toThrow("expected a whole number")
    }
    expect(() => rsi(1)).toThrow("expected a whole number, 2 or more")
  })
})

describe("a strategy's feed", () => {
  it("has no value of an indicator that was not declared", () => {
    const declared = sma(3)
    const feed = new Feed({ indicators: [declared] }, [one])
    expect(feed.valueOf(declared, one.id)).toBeUndefined()
    expect(() => feed.valueOf(sma(3), one.id)).toThrow("the strategy has not declared SMA(3)")
  })

  it("is warm once every instrument has the bars that the slowest indicator needs", () => {
    const feed = new Feed({ indicators: [sma(2), rsi(3)], warmUp: 3 }, [one, two])
    expect(feed.warmUp).toBe(4)
    for (let k = 0; k < 4; k++) feed.append(one.id, { ...flat(5), tsEvent: k })
    expect(feed.isWarm).toBe(false)
    for (let k = 0; k < 4; k++) {
      expect(feed.isWarm).toBe(false)
      feed.append(two.id, { ...flat(5), tsEvent: k })
    }
    expect(feed.isWarm).toBe(true)
  })
})
