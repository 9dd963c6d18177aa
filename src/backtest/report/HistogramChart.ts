/** The distribution of returns beside a normal one, with the losses of bad days. */
import type { ChartPlace } from "../../session/report/ChartSvg.ts"
import { count, plainPercent } from "../../session/report/Format.ts"
import { type Axis, axisOver, type Mark, plot, plotWidth } from "../../session/report/Frame.ts"
import type { Html } from "../../session/report/Html.ts"
import { type Histogram, normalCounts } from "./Histogram.ts"

const sizes = { wide: { width: 1000, height: 300 }, narrow: { width: 400, height: 260 } } as const

/** Points of the normal curve. */
const CURVE_POINTS = 121

/** Losses to be marked, as returns: at 95% and at 99%. */
export interface LossMarks {
  readonly at95: number | undefined
  readonly at99: number | undefined
}

const xAxis = ({ counts, first, step }: Histogram, most: number): Axis => {
  const [min, max] = [first * step, (first + counts.length) * step]
  const axis = axisOver([min, max], most, "return of a session", plainPercent)
  return {
    ...axis,
    min,
    max,
    ticks: axis.ticks.filter(({ value }) => value >= min - 1e-12 && value <= max + 1e-12)
  }
}

export const histogramChart = (histogram: Histogram, { at95, at99 }: LossMarks, place: ChartPlace): Html => {
  const { counts, first, step } = histogram
  const size = sizes[place.screen]
  const x = xAxis(histogram, place.screen === "wide" ? 12 : 6)
  const curve = Array.from({ length: CURVE_POINTS }, (_, i) => {
    const at = x.min + ((x.max - x.min) * i) / (CURVE_POINTS - 1)
    return [at, normalCounts(histogram, at)] as const
  })
  const y = axisOver([0, ...counts, ...curve.map(([, value]) => value)], 4, "sessions", count)
  const upright = (value: number | undefined, dash: ReadonlyArray<number>): ReadonlyArray<Mark> =>
    value === undefined || value < x.min || value > x.max
      ? []
      : [
          {
            _tag: "Line",
            points: [
              [value, y.min],
              [value, y.max]
            ],
            color: "var(--limit)",
            width: 1.4,
            dash
          }
        ]
  const marks: ReadonlyArray<Mark> = [
    {
      _tag: "Bars",
      spans: counts.map((n, i) => [(first + i + 0.5) * step, 0, n] as const),
      color: "var(--s0)",
      width: Math.max(1, Math.round((plotWidth(size) / counts.length) * 10 - 10) / 10)
    },
    { _tag: "Line", points: curve, color: "var(--s1)", width: 2 },
    ...upright(at95, [5, 3]),
    ...upright(at99, [2, 2])
  ]
  return plot({ size, x, y, marks }, place)
}
