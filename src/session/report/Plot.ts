/** The frame the charts of one report share: where the plot lies in the picture, its axes, and lines of days. */
import { dayOfDate, type SessionDate } from "../../domain/Timestamp.ts"
import type { ChartSize } from "./ChartSvg.ts"
import { keepExtremes } from "./Downsample.ts"
import type { Drawing, DrawnLine } from "./Drawing.ts"
import type { Point } from "./EventLabels.ts"
import { dateTicks, type Tick } from "./Scales.ts"

export type Screen = "wide" | "narrow"

/** Days since 1970-01-01. */
export interface DayRange {
  readonly first: number
  readonly last: number
}

/** One value a day, in the units of the chart's y axis. NaN leaves a gap. */
export interface DailyLine {
  readonly dates: ReadonlyArray<SessionDate>
  readonly values: Float64Array
}

export interface Plot {
  readonly size: ChartSize
  readonly screen: Screen
  /** Pixels of the plot's edges inside the picture. */
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly days: DayRange
  readonly yMin: number
  readonly yMax: number
  readonly yTicks: ReadonlyArray<Tick>
}

const fontSizes = { wide: 12.5, narrow: 12 } as const
export const fontSize = (screen: Screen): number => fontSizes[screen]

const widths = { wide: 1000, narrow: 400 } as const
/** Days drawn at most by one line, two to a bucket: about one a pixel. */
const buckets = { wide: 420, narrow: 170 } as const

/** Room for the y axis' labels: enough for six characters, and more where one is longer. */
const labelRoom = (ticks: ReadonlyArray<Tick>): number =>
  52 + 11 * Math.max(0, ...ticks.map(({ label }) => label.length - 6))

/** A plot `height` pixels high in all, with room for the axes' labels; `above` is kept free over it. */
export const makePlot = (options: {
  readonly screen: Screen
  readonly height: number
  readonly above: number
  readonly days: DayRange
  readonly yTicks: ReadonlyArray<Tick>
  readonly yMin: number
  readonly yMax: number
}): Plot => {
  const { screen, height, above, ...axes } = options
  const width = widths[screen]
  return {
    ...axes,
    screen,
    size: { width, height },
    left: labelRoom(options.yTicks),
    right: width - 22,
    top: above,
    bottom: height - 28
  }
}

/** From the first to the last day of all lines. */
export const dayRange = (lines: ReadonlyArray<{ readonly dates: ReadonlyArray<SessionDate> }>): DayRange => {
  const ends = lines.flatMap(({ dates }) => [dates[0], dates.at(-1)])
  const days = ends.filter((date) => date !== undefined).map(dayOfDate)
  return { first: Math.min(...days), last: Math.max(...days) }
}

/** Where a day and a value lie in the picture. */
export const pixelOf = (plot: Plot, day: number, value: number): Point => {
  const { first, last } = plot.days
  return {
    x: plot.left + ((plot.right - plot.left) * (day - first)) / (last - first),
    y: plot.bottom - ((plot.bottom - plot.top) * (value - plot.yMin)) / (plot.yMax - plot.yMin)
  }
}

/** Changes from one day to the next of more than this part of the axis are drawn upright. */
const STEP = 0.1

/** The points of a line that are drawn: as [day, value], extremes kept. */
export const drawnPoints = (
  plot: Plot,
  { dates, values }: DailyLine
): ReadonlyArray<readonly [day: number, value: number]> =>
  keepExtremes(values, { buckets: buckets[plot.screen], step: STEP * (plot.yMax - plot.yMin) }).flatMap(
    (i) => {
      const date = dates[i]
      return date === undefined ? [] : [[dayOfDate(date), values[i] ?? Number.NaN] as const]
    }
  )

/** A line in a colour of the page ("s0", "bench"), optionally filled down or up to `fillTo`. */
export const lineSeries = (
  plot: Plot,
  line: DailyLine,
  look: {
    readonly color: string
    readonly width: number
    readonly dash?: ReadonlyArray<number>
    readonly fillTo?: number
    readonly fillOpacity?: number
  }
): DrawnLine => ({
  _tag: "Line",
  points: drawnPoints(plot, line),
  color: `var(--${look.color})`,
  width: look.width,
  ...(look.dash === undefined ? {} : { dash: look.dash }),
  ...(look.fillTo === undefined ? {} : { fill: { to: look.fillTo, opacity: look.fillOpacity ?? 0.15 } })
})

/** Bars from zero upright on their days, so many pixels wide. */
export const barSeries = (
  bars: ReadonlyArray<readonly [day: number, value: number]>,
  look: { readonly color: string; readonly width: number }
): DrawnLine => ({
  _tag: "Line",
  isBars: true,
  points: bars.flatMap(([day, value]) => [
    [day, 0],
    [day, value],
    [day, Number.NaN]
  ]),
  color: `var(--${look.color})`,
  width: look.width
})

const dateLabels = { wide: 11, narrow: 5 } as const

/** Axes and grid; the series go on top. */
export const plotFrame = (plot: Plot): Omit<Drawing, "series"> => {
  const { bottom, left, right, top, yMax, yMin, yTicks } = plot
  const { first, last } = plot.days
  return {
    edges: { left, right, top, bottom },
    fontSize: fontSize(plot.screen),
    x: { min: first, max: last, ticks: dateTicks(first, last, dateLabels[plot.screen]) },
    y: { min: yMin, max: yMax, ticks: yTicks }
  }
}
