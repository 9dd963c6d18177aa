/** Cuts and findings over the prices they were played on. */
import type { ChartPlace } from "../../../session/report/ChartSvg.ts"
import { count, decimal } from "../../../session/report/Format.ts"
import { type Axis, axisOver, type Mark, plot } from "../../../session/report/Frame.ts"
import type { Html } from "../../../session/report/Html.ts"

const sizes = { wide: { width: 1000, height: 340 }, narrow: { width: 400, height: 280 } } as const

/** Points of the curve: more of them than there are pixels say no more. */
const DRAWN_POINTS = 1000
/** Cuts that get a dot on the curve beside their mark below it. */
const DOTTED_CUTS = 100
/** Dots of one kind. */
const DRAWN_DOTS = 400

/** Prices at the ends of bars: UTC microseconds and dollars, oldest first. */
export interface PriceCurve {
  readonly times: ReadonlyArray<number>
  readonly dates: ReadonlyArray<string>
  readonly prices: ReadonlyArray<number>
}

const evenly = (length: number, most: number): ReadonlyArray<number> => {
  const step = Math.max(1, (length - 1) / Math.max(1, most - 1))
  return Array.from({ length: Math.min(length, most) }, (_, i) => Math.round(i * step))
}

const thinned = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> =>
  evenly(values.length, DRAWN_DOTS).flatMap((at) => values.slice(at, at + 1))

/** Number of the last price at or before the time. */
const placeOf = ({ times }: PriceCurve, time: number): number => {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) <= time) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

const dateAxis = ({ dates }: PriceCurve, steps: number): Axis => ({
  min: 0,
  max: Math.max(1, dates.length - 1),
  // The last would be cut off at the edge.
  ticks: evenly(dates.length, steps + 1)
    .slice(0, -1)
    .map((value) => ({ value, label: (dates[value] ?? "").slice(0, 7) })),
  name: ""
})

export interface CutMarks {
  /** UTC microseconds. */
  readonly cuts: ReadonlyArray<number>
  /** Of what should not have been. */
  readonly findings: ReadonlyArray<number>
}

export const cutChart = (curve: PriceCurve, { cuts, findings }: CutMarks, place: ChartPlace): Html => {
  const { prices } = curve
  const x = dateAxis(curve, place.screen === "wide" ? 8 : 4)
  const digits = Math.max(...prices) >= 100 ? 0 : 2
  const y = axisOver(prices, 5, "price", (value) => (digits === 0 ? count(value) : decimal(value, digits)))
  const dots = (times: ReadonlyArray<number>): ReadonlyArray<readonly [number, number]> =>
    thinned(times).map((time) => {
      const row = placeOf(curve, time)
      return [row, prices[row] ?? y.min] as const
    })
  const floor = y.min + (y.max - y.min) * 0.03
  const marks: ReadonlyArray<Mark> = [
    {
      _tag: "Bars",
      spans: thinned(cuts).map((time) => [placeOf(curve, time), y.min, floor] as const),
      color: "var(--ink)",
      width: 1.4
    },
    {
      _tag: "Line",
      points: evenly(prices.length, DRAWN_POINTS).map((row) => [row, prices[row] ?? Number.NaN] as const),
      color: "var(--s0)",
      width: 1.4
    },
    {
      _tag: "Dots",
      points: cuts.length > DOTTED_CUTS ? [] : dots(cuts),
      color: "var(--ink)",
      radius: 3,
      hollow: true
    },
    { _tag: "Dots", points: dots(findings), color: "var(--s1)", radius: 4.5 }
  ]
  return plot({ size: sizes[place.screen], x, y, marks }, place)
}
