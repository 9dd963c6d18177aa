/** What the regimes lie over: curves, probabilities, and the days they share; coloured bands and alarms behind them. */
import type { SessionDate } from "../../../domain/Timestamp.ts"
import { dayOfDate } from "../../../domain/Timestamp.ts"
import type { ChartPlace } from "../../../session/report/ChartSvg.ts"
import { keepExtremes } from "../../../session/report/Downsample.ts"
import { type Drawing, type DrawnLine, drawLines, type Graphic } from "../../../session/report/Drawing.ts"
import { count, decimal } from "../../../session/report/Format.ts"
import type { Html } from "../../../session/report/Html.ts"
import type { ColorName } from "../../../session/report/Palette.ts"
import { dateTicks, linearTicks, logTicks, type Tick } from "../../../session/report/Scales.ts"

export interface RibbonLine {
  /** One a session; NaN leaves a gap. */
  readonly values: Float64Array
  readonly color: ColorName
  readonly width: number
  readonly dash?: ReadonlyArray<number>
  readonly filled?: true
}

export interface Ribbon {
  /** Sessions are numbered where there are none. */
  readonly dates: ReadonlyArray<SessionDate> | undefined
  /** Lowest first. */
  readonly lines: ReadonlyArray<RibbonLine>
  /** The colour of each session's band; undefined without one. */
  readonly bands: ReadonlyArray<ColorName | undefined>
  /** Sessions with an upright line, from 0. */
  readonly alarms: ReadonlyArray<number>
  /** "growth": what a dollar became, logarithmic over a wide range; "probability": from 0 to 1. */
  readonly scale: "growth" | "probability"
}

const shapes = {
  wide: { width: 1000, growth: 360, probability: 170, fontSize: 12.5, buckets: 420, ticks: 11, right: 22 },
  narrow: { width: 400, growth: 290, probability: 150, fontSize: 12, buckets: 170, ticks: 5, right: 14 }
} as const

/** Above this ratio of highest to lowest the axis is logarithmic. */
const LOG_FROM = 3

interface Growth {
  readonly log: boolean
  readonly min: number
  readonly max: number
  readonly ticks: ReadonlyArray<Tick>
}

const growthText = (value: number): string =>
  `${decimal(value, Number.isInteger(value) ? 0 : 2).replace(/0$/u, "")}×`

const axisOf = ({ lines, scale }: Ribbon, most: number): Growth => {
  if (scale === "probability") {
    const ticks = [0, 0.5, 1].map((value) => ({ value, label: `${count(value * 100)}%` }))
    return { log: false, min: 0, max: 1, ticks }
  }
  const finite = lines.map(({ values }) => values.filter(Number.isFinite))
  const low = finite.reduce((least, values) => values.reduce((a, b) => Math.min(a, b), least), 1)
  const high = finite.reduce((top, values) => values.reduce((a, b) => Math.max(a, b), top), 1)
  if (low > 0 && high / low > LOG_FROM) {
    const [min, max] = [low / 1.06, high * 1.06]
    const ticks = logTicks(min, max, most).map((value) => ({
      value: Math.log10(value),
      label: growthText(value)
    }))
    return { log: true, min: Math.log10(min), max: Math.log10(max), ticks }
  }
  const values = linearTicks(low, high === low ? high + 0.1 : high, most)
  return {
    log: false,
    min: values[0] ?? low,
    max: values.at(-1) ?? high,
    ticks: values.map((value) => ({ value, label: growthText(value) }))
  }
}

/** Neighbouring pixels of one colour as one rectangle, whatever the number of sessions. */
const bandRectangles = (
  bands: Ribbon["bands"],
  pixel: (session: number) => number,
  { bottom, left, right, top }: Drawing["edges"]
): ReadonlyArray<Graphic> => {
  const columns: Array<ColorName | undefined> = Array.from({ length: Math.ceil(right - left) })
  bands.forEach((color, session) => {
    const from = Math.max(0, Math.floor(pixel(session - 1) - left))
    const to = Math.min(columns.length - 1, Math.ceil(pixel(session) - left) - 1)
    for (let column = from; column <= to; column++) columns[column] = color
  })
  const rectangles: Array<Graphic> = []
  let begun = 0
  for (let column = 1; column <= columns.length; column++) {
    const color = columns[begun]
    if (column < columns.length && columns[column] === color) continue
    const [from, to] = [left + begun, Math.min(right, left + column)]
    begun = column
    if (color === undefined) continue
    rectangles.push({
      _tag: "Path",
      isBelow: true,
      isClosed: true,
      fill: `var(--${color})`,
      points: [
        [from, top],
        [to, top],
        [to, bottom],
        [from, bottom]
      ]
    })
  }
  return rectangles
}

const upright = (x: number, { bottom, top }: Drawing["edges"]): Graphic => ({
  _tag: "Path",
  isBelow: true,
  stroke: "var(--limit)",
  width: 1.2,
  dash: [4, 3],
  points: [
    [x, top],
    [x, bottom]
  ]
})

/** Of the grid, which the bands have covered. */
const level = (y: number, { left, right }: Drawing["edges"]): Graphic => ({
  _tag: "Path",
  isBelow: true,
  stroke: "var(--rule)",
  width: 0.7,
  points: [
    [left, y],
    [right, y]
  ]
})

export const ribbonChart = (ribbon: Ribbon, place: ChartPlace): Html => {
  const { alarms, bands, dates, lines } = ribbon
  const shape = shapes[place.screen]
  const height = shape[ribbon.scale]
  const axis = axisOf(ribbon, ribbon.scale === "growth" ? 6 : 3)
  const sessions = bands.length
  const xOf = (session: number): number => {
    const date = dates?.[session]
    return date === undefined ? session + 1 : dayOfDate(date)
  }
  const [first, last] = [xOf(0), Math.max(xOf(sessions - 1), xOf(0) + 1)]
  const edges = { left: 56, right: shape.width - shape.right, top: 10, bottom: height - 28 }
  const pixel = (session: number): number =>
    edges.left + ((edges.right - edges.left) * (xOf(Math.max(session, 0)) - first)) / (last - first)
  const yPixel = (value: number): number =>
    edges.bottom - ((edges.bottom - edges.top) * (value - axis.min)) / (axis.max - axis.min)
  const seriesOf = ({ color, dash, filled, values, width }: RibbonLine): DrawnLine => {
    const scaled = axis.log ? values.map(Math.log10) : values
    const step = 0.1 * (axis.max - axis.min)
    return {
      _tag: "Line",
      points: keepExtremes(scaled, { buckets: shape.buckets, step }).map(
        (session) => [xOf(session), scaled[session] ?? Number.NaN] as const
      ),
      color: `var(--${color})`,
      width,
      ...(dash === undefined ? {} : { dash }),
      ...(filled === true ? { fill: { to: 0, opacity: 0.2 } } : {})
    }
  }
  const xTicks =
    dates === undefined
      ? linearTicks(first, last, shape.ticks).map((value) => ({ value, label: count(value) }))
      : dateTicks(first, last, shape.ticks)
  return drawLines(
    {
      edges,
      fontSize: shape.fontSize,
      x: { min: first, max: last, ticks: xTicks },
      y: { min: axis.min, max: axis.max, ticks: axis.ticks },
      series: lines.map(seriesOf),
      graphics: [
        ...bandRectangles(bands, pixel, edges),
        ...axis.ticks.map(({ value }) => level(Math.round(yPixel(value)) + 0.5, edges)),
        ...alarms.map((session) => upright(pixel(session), edges))
      ]
    },
    { width: shape.width, height },
    place
  )
}
