/**
 * Strategies of which it is known whether they know the future: leaks of five
 * kinds, each in several variants, and clean ones. Over bars of a random walk.
 */
import type { TapeColumns } from "../../../../src/backtest/engine/Tape.ts"
import type { Stamped, Subject } from "../../../../src/backtest/robustness/lookahead/Stamped.ts"
import { MICROS_PER_MINUTE } from "../../../../src/domain/Timestamp.ts"
import { draws } from "../../engine/RandomTape.ts"
import { barSubject } from "./BarSubject.ts"

const DAY = 24 * 60 * MICROS_PER_MINUTE

/** Daily bars, open from 14:30 to 21:00 UTC. */
export const walk = (seed: number, length: number): TapeColumns => {
  const draw = draws(seed)
  const column = (): Float64Array => new Float64Array(length)
  const bars = {
    length,
    tsOpen: column(),
    tsEvent: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column()
  }
  let last = 100_000_000
  const move = (size: number): number => Math.round(last * (1 + (draw() - 0.5) * size))
  for (let i = 0; i < length; i++) {
    bars.tsOpen[i] = (11_000 + i) * DAY + 870 * MICROS_PER_MINUTE
    bars.tsEvent[i] = (11_000 + i) * DAY + 1260 * MICROS_PER_MINUTE
    const open = move(0.01)
    bars.open[i] = open
    last = move(0.04)
    bars.close[i] = last
    bars.high[i] = Math.max(open, last) + Math.floor(draw() * 300_000)
    bars.low[i] = Math.min(open, last) - Math.floor(draw() * 300_000)
    bars.volume[i] = 100_000 + Math.floor(draw() * 900_000)
  }
  return bars
}

/** What is wanted after each bar: 1 in, 0 out. */
type Wants = (bars: TapeColumns) => ReadonlyArray<boolean>

type FillWay =
  | "next-open"
  | "same-close"
  | "same-open"
  | "next-open-at-last-close"
  | "same-close-sometimes"
  | "same-open-stops"

interface Plan {
  readonly name: string
  readonly wants: Wants
  readonly stampedAt?: "close" | "open" | "open-sometimes"
  readonly fills?: FillWay
}

const at = (column: Float64Array, i: number): number => column[i] ?? 0

const fillOf = (bars: TapeColumns, i: number, way: FillWay): readonly [time: number, price: number] => {
  switch (way) {
    case "same-close":
      return [at(bars.tsEvent, i), at(bars.close, i)]
    case "same-open":
      return [at(bars.tsOpen, i), at(bars.open, i)]
    case "next-open-at-last-close":
      return [at(bars.tsOpen, i + 1), at(bars.close, i)]
    case "same-close-sometimes":
      return fillOf(bars, i, i % 17 === 0 ? "same-close" : "next-open")
    case "same-open-stops":
      return fillOf(bars, i, at(bars.low, i) < at(bars.open, i) * 0.985 ? "same-open" : "next-open")
    case "next-open":
      return [at(bars.tsOpen, i + 1), at(bars.open, i + 1)]
  }
}

const played =
  ({ fills = "next-open", stampedAt = "close", wants }: Plan) =>
  (bars: TapeColumns): ReadonlyArray<Stamped> => {
    const wanted = wants(bars)
    const done: Array<Stamped> = []
    for (let i = 0; i < bars.length; i++) {
      const isOpen = stampedAt === "open" || (stampedAt === "open-sometimes" && i % 13 === 0)
      const decidedAt = at(isOpen ? bars.tsOpen : bars.tsEvent, i)
      const gist = wanted[i] === true ? "in" : "out"
      const one = { bar: i + 1, date: "", gist, text: gist }
      done.push({ ...one, kind: "signal", at: decidedAt, order: "" })
      if (i === 0 || wanted[i] === wanted[i - 1] || i === bars.length - 1) continue
      const [time, price] = fillOf(bars, i, fills)
      const fill = { decidedAt, price, isMarket: true }
      done.push({ ...one, kind: "fill", at: time, order: `order-${i}`, text: `${gist} at ${price}`, fill })
    }
    return done.toSorted((a, b) => a.at - b.at)
  }

export const subjectOf = (plan: Plan, bars: TapeColumns): Subject<TapeColumns> =>
  barSubject(plan.name, bars, played(plan))

const mean = (column: Float64Array, from: number, until: number): number => {
  let sum = 0
  let count = 0
  for (let i = Math.max(0, from); i < Math.min(column.length, until); i++) {
    sum += at(column, i)
    count += 1
  }
  return count === 0 ? 0 : sum / count
}

const deviation = (column: Float64Array, from: number, until: number): number => {
  const middle = mean(column, from, until)
  return Math.sqrt(
    mean(
      column.map((value) => (value - middle) ** 2),
      from,
      until
    )
  )
}

const each =
  (decide: (bars: TapeColumns, i: number) => boolean): Wants =>
  (bars) =>
    Array.from({ length: bars.length }, (_, i) => decide(bars, i))

/** Mean of `back` bars to here and `ahead` after. */
const above = (back: number, ahead: number): Wants =>
  each(({ close }, i) => at(close, i) > mean(close, i - back, i + 1 + ahead))

const sma = (fast: number, slow: number): Wants =>
  each(({ close }, i) => mean(close, i + 1 - fast, i + 1) > mean(close, i + 1 - slow, i + 1))

/** Worked out once for all bars. */
const whole =
  <A>(make: (bars: TapeColumns) => A, decide: (made: A, bars: TapeColumns, i: number) => boolean): Wants =>
  (bars) => {
    const made = make(bars)
    return Array.from({ length: bars.length }, (_, i) => decide(made, bars, i))
  }

const ema = (column: Float64Array, length: number): Float64Array => {
  const made = new Float64Array(column.length)
  const weight = 2 / (length + 1)
  for (let i = 0; i < column.length; i++) {
    made[i] = i === 0 ? at(column, 0) : at(made, i - 1) + weight * (at(column, i) - at(made, i - 1))
  }
  return made
}

const momentum: Wants = each(({ close }, i) => at(close, i) > at(close, i - 5))

export const leaks: ReadonlyArray<Plan> = [
  // Centred window.
  { name: "centred mean of 5", wants: above(2, 2) },
  { name: "centred mean of 21", wants: above(10, 10) },
  { name: "centred mean, one bar ahead of 41", wants: above(40, 1) },
  {
    name: "centred mean of volumes",
    wants: each(({ volume }, i) => at(volume, i) > mean(volume, i - 3, i + 4))
  },
  {
    name: "local low by its neighbours",
    wants: each(({ low }, i) => at(low, i) < at(low, i - 1) && at(low, i) < (low[i + 1] ?? Infinity))
  },
  // Shifted index.
  { name: "tomorrow's close", wants: each(({ close }, i) => at(close, i + 1) > at(close, i)) },
  { name: "tomorrow's open", wants: each(({ close, open }, i) => at(open, i + 1) > at(close, i)) },
  { name: "close of five bars on", wants: each(({ close }, i) => at(close, i + 5) > at(close, i)) },
  {
    name: "tomorrow's close on every 25th bar",
    wants: each(({ close }, i) =>
      i % 25 === 0 ? at(close, i + 1) > at(close, i) : at(close, i) > mean(close, i - 20, i + 1)
    )
  },
  { name: "tomorrow's volume", wants: each(({ volume }, i) => at(volume, i + 1) > at(volume, i)) },
  {
    name: "tomorrow's close near the end",
    wants: each(({ close, length }, i) =>
      i >= length - 15 ? at(close, i + 1) > at(close, i) : at(close, i) > mean(close, i - 20, i + 1)
    )
  },
  {
    name: "tomorrow's low after a fall of three bars",
    wants: each(({ close, low }, i) =>
      at(close, i) < at(close, i - 1) &&
      at(close, i - 1) < at(close, i - 2) &&
      at(close, i - 2) < at(close, i - 3)
        ? at(low, i + 1) > at(close, i) * 0.99
        : at(close, i) > at(close, i - 10)
    )
  },
  // Full-sample normalisation.
  {
    name: "z-score by the whole sample",
    wants: whole(
      ({ close, length }) => [mean(close, 0, length), deviation(close, 0, length)] as const,
      ([middle, width], { close }, i) => (at(close, i) - middle) / width > 0
    )
  },
  {
    name: "scaled between the sample's extremes",
    wants: whole(
      ({ close }) =>
        [
          close.reduce((a, b) => Math.min(a, b), Infinity),
          close.reduce((a, b) => Math.max(a, b), 0)
        ] as const,
      ([low, high], { close }, i) => (at(close, i) - low) / (high - low) > 0.5
    )
  },
  {
    name: "rank in the whole sample",
    wants: whole(
      ({ close }) => close.toSorted(),
      (sorted, { close, length }, i) => sorted.findIndex((one) => one >= at(close, i)) > length / 2
    )
  },
  {
    name: "volume by the whole sample's mean",
    wants: whole(
      ({ length, volume }) => mean(volume, 0, length),
      (middle, { volume }, i) => at(volume, i) > middle
    )
  },
  {
    name: "returns by the whole sample's deviation",
    wants: whole(
      ({ close, length }) =>
        deviation(
          close.map((one, i) => (i === 0 ? 0 : one / at(close, i - 1) - 1)),
          0,
          length
        ),
      (width, { close }, i) => at(close, i) / at(close, i - 1) - 1 > width
    )
  },
  // Bar stamped at its open.
  { name: "stamped at its open: mean", wants: sma(3, 12), stampedAt: "open" },
  {
    name: "stamped at its open: rise of the bar",
    wants: each(({ close, open }, i) => at(close, i) > at(open, i)),
    stampedAt: "open"
  },
  {
    name: "stamped at its open: range",
    wants: each(({ high, low, open }, i) => at(high, i) - at(low, i) > at(open, i) * 0.015),
    stampedAt: "open"
  },
  {
    name: "stamped at its open: volume",
    wants: each(({ volume }, i) => at(volume, i) > mean(volume, i - 10, i)),
    stampedAt: "open"
  },
  { name: "stamped at its open, on every 13th bar", wants: momentum, stampedAt: "open-sometimes" },
  // Same-bar fill.
  { name: "filled at the close it was decided on", wants: sma(3, 12), fills: "same-close" },
  { name: "filled at the open before", wants: sma(3, 12), fills: "same-open" },
  { name: "filled at the next open for the last close", wants: momentum, fills: "next-open-at-last-close" },
  { name: "filled at the same close now and then", wants: momentum, fills: "same-close-sometimes" },
  { name: "filled at the same open after a wide bar", wants: momentum, fills: "same-open-stops" }
]

export const clean: ReadonlyArray<Plan> = [
  { name: "crossing means 3 and 12", wants: sma(3, 12) },
  { name: "crossing means 10 and 50", wants: sma(10, 50) },
  {
    name: "crossing exponential means",
    wants: whole(
      ({ close }) => [ema(close, 5), ema(close, 20)] as const,
      ([fast, slow], _, i) => at(fast, i) > at(slow, i)
    )
  },
  {
    name: "breakout of 20 bars",
    wants: each(
      ({ close, high }, i) =>
        at(close, i) > high.slice(Math.max(0, i - 20), i).reduce((a, b) => Math.max(a, b), 0)
    )
  },
  {
    name: "rolling z-score",
    wants: each(({ close }, i) => {
      const [from, until] = [Math.max(0, i - 29), i + 1]
      const part = close.slice(from, until)
      return (at(close, i) - mean(part, 0, part.length)) / (deviation(part, 0, part.length) || 1) > 1
    })
  },
  {
    name: "expanding normalisation",
    wants: each(({ close }, i) => at(close, i) > mean(close, 0, i + 1))
  },
  {
    name: "expanding rank",
    wants: each(({ close }, i) => {
      const seen = close.slice(0, i + 1)
      return seen.filter((one) => one < at(close, i)).length > i / 2
    })
  },
  { name: "every fifth day", wants: each((_, i) => i % 5 === 0) },
  { name: "turn of the month", wants: each(({ tsEvent }, i) => Math.floor(at(tsEvent, i) / DAY) % 30 < 4) },
  { name: "volume above its mean", wants: each(({ volume }, i) => at(volume, i) > mean(volume, i - 20, i)) },
  {
    name: "momentum with a filter of volume",
    wants: each(
      ({ close, volume }, i) => at(close, i) > at(close, i - 10) && at(volume, i) > at(volume, i - 1)
    )
  },
  { name: "momentum of five bars", wants: momentum },
  { name: "close above the bar's open", wants: each(({ close, open }, i) => at(close, i) > at(open, i)) },
  {
    name: "inside bar",
    wants: each(({ high, low }, i) => at(high, i) < at(high, i - 1) && at(low, i) > at(low, i - 1))
  },
  {
    name: "reversal after three falls",
    wants: each(({ close }, i) => at(close, i) < at(close, i - 1) && at(close, i - 1) < at(close, i - 2))
  },
  {
    name: "gap over night, stamped at the open",
    wants: each(({ close, open }, i) => at(open, i) > at(close, i - 1)),
    stampedAt: "open"
  },
  { name: "always in", wants: each(() => true) },
  {
    name: "on-balance volume above its mean",
    wants: whole(
      ({ close, volume }) => {
        const sums = new Float64Array(close.length)
        for (let i = 1; i < close.length; i++)
          sums[i] = at(sums, i - 1) + Math.sign(at(close, i) - at(close, i - 1)) * at(volume, i)
        return sums
      },
      (sums, _, i) => at(sums, i) > mean(sums, i - 20, i + 1)
    )
  }
]
