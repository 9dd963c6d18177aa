/** Equity of every book against the benchmark, with the breaker's events on the curves. */
import { dayOfDate, type SessionDate } from "../../domain/Timestamp.ts"
import type { EquityCurve } from "../../portfolio/EquityCurve.ts"
import type { ChartPlace } from "./ChartSvg.ts"
import { type DrawnLine, drawLines, type Graphic } from "./Drawing.ts"
import { type EventedPicture, eventGraphics, rugHeight } from "./EventGraphics.ts"
import { shortDollars } from "./Format.ts"
import type { Html } from "./Html.ts"
import { bookColor, bookDash } from "./Palette.ts"
import { type DailyLine, dayRange, lineSeries, makePlot, pixelOf, type Plot, plotFrame } from "./Plot.ts"
import { linearTicks, logTicks, type Tick } from "./Scales.ts"

/** Above this ratio of highest to lowest equity the axis is logarithmic. */
const LOG_FROM = 3

interface EquityAxis {
  readonly log: boolean
  readonly min: number
  readonly max: number
  readonly ticks: ReadonlyArray<Tick>
}

/** Books' curves, and the benchmark's where there is one; a run's report has them. */
export interface EquityPicture extends EventedPicture {
  readonly books: ReadonlyArray<EventedPicture["books"][number] & { readonly curve: EquityCurve }>
  readonly benchmark?: { readonly curve: EquityCurve } | undefined
  /** The sessions before it are shaded: what came of them its model had read about. */
  readonly cleanFrom?: SessionDate
}

/** "auto" takes a logarithmic axis for a wide range of values; no scale takes one for values of zero or below. */
export interface EquityLook {
  readonly scale?: "auto" | "linear" | "log"
  /** What is written beside the axis; dollars unless it is said. */
  readonly label?: (value: number) => string
}

const curvesOf = ({ benchmark, books }: EquityPicture): ReadonlyArray<EquityCurve> =>
  (benchmark === undefined ? books : [benchmark, ...books]).map(({ curve }) => curve)

/** On a logarithmic axis, values are powers of ten. */
const equityAxis = (
  curves: ReadonlyArray<Float64Array>,
  most: number,
  { label = shortDollars, scale = "auto" }: EquityLook
): EquityAxis => {
  const lowest = Math.min(...curves.map((curve) => curve.reduce((a, b) => Math.min(a, b))))
  const highest = Math.max(...curves.map((curve) => curve.reduce((a, b) => Math.max(a, b))))
  if (lowest > 0 && (scale === "log" || (scale === "auto" && highest / lowest > LOG_FROM))) {
    const [min, max] = [lowest / 1.06, highest * 1.06]
    const ticks = logTicks(min, max, most).map((value) => ({
      value: Math.log10(value),
      label: label(value)
    }))
    return { log: true, min: Math.log10(min), max: Math.log10(max), ticks }
  }
  const values = linearTicks(lowest, highest === lowest ? highest + 1 : highest, most)
  return {
    log: false,
    min: values[0] ?? lowest,
    max: values.at(-1) ?? highest,
    ticks: values.map((value) => ({ value, label: label(value) }))
  }
}

/** True when the equity axis is logarithmic. */
export const hasLogAxis = (picture: EquityPicture, look: EquityLook = {}): boolean =>
  equityAxis(
    curvesOf(picture).map(({ equities }) => equities),
    8,
    look
  ).log

/** Over the whole height, from the first day on. */
const shade = (plot: Plot, until: number): DrawnLine => ({
  _tag: "Line",
  points: [
    [plot.days.first, plot.yMax],
    [until, plot.yMax]
  ],
  color: "var(--limit)",
  width: 0,
  fill: { to: plot.yMin, opacity: 0.1 }
})

/** Where the clean part begins. */
const cleanLine = (plot: Plot, day: number): Graphic => {
  const { x } = pixelOf(plot, day, plot.yMin)
  return {
    _tag: "Path",
    isBelow: true,
    stroke: "var(--limit)",
    width: 1.5,
    dash: [5, 4],
    points: [
      [x, plot.top],
      [x, plot.bottom]
    ]
  }
}

export const equityChart = (picture: EquityPicture, place: ChartPlace, look: EquityLook = {}): Html => {
  const { books, benchmark } = picture
  const { screen } = place
  const curves = curvesOf(picture)
  const axis = equityAxis(
    curves.map(({ equities }) => equities),
    screen === "wide" ? 8 : 6,
    look
  )
  const height = screen === "wide" ? 440 : 330
  const foot = rugHeight(picture)
  const plot = makePlot({
    screen,
    height,
    above: 12,
    days: dayRange(curves),
    yTicks: axis.ticks,
    yMin: axis.min - ((axis.max - axis.min) * foot) / (height - foot),
    yMax: axis.max
  })
  const line = ({ dates, equities }: EquityCurve): DailyLine => ({
    dates,
    values: axis.log ? equities.map(Math.log10) : equities
  })
  const { cleanFrom } = picture
  const clean =
    cleanFrom === undefined
      ? undefined
      : Math.min(Math.max(dayOfDate(cleanFrom), plot.days.first), plot.days.last)
  const lines = books.map(({ curve }) => line(curve))
  const drawing = {
    ...plotFrame(plot),
    series: [
      ...(clean === undefined ? [] : [shade(plot, clean)]),
      ...(benchmark === undefined
        ? []
        : [lineSeries(plot, line(benchmark.curve), { color: "bench", width: 1.2 })]),
      ...lines.map((values, i) =>
        lineSeries(plot, values, { color: bookColor(i), dash: bookDash(i), width: 1.5 })
      )
    ],
    graphics: [
      ...(clean === undefined ? [] : [cleanLine(plot, clean)]),
      ...eventGraphics(plot, picture, lines)
    ]
  }
  return drawLines(drawing, plot.size, place)
}
