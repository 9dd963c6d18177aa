/** Lines of days on one axis, low on the page: rolling figures, exposure. */
import type { ChartPlace } from "../../session/report/ChartSvg.ts"
import { drawLines, type Graphic } from "../../session/report/Drawing.ts"
import type { Html } from "../../session/report/Html.ts"
import {
  type DailyLine,
  type DayRange,
  lineSeries,
  makePlot,
  pixelOf,
  plotFrame
} from "../../session/report/Plot.ts"
import { linearTicks } from "../../session/report/Scales.ts"

export interface StripLine extends DailyLine {
  /** A colour of the page. */
  readonly color: string
  readonly width: number
  readonly dash?: ReadonlyArray<number>
  /** Filled down or up to zero. */
  readonly filled?: true
}

export interface Strip {
  /** Those of the page's other charts, so that the days stand below each other. */
  readonly days: DayRange
  /** Lowest first. */
  readonly lines: ReadonlyArray<StripLine>
  /** What is written beside the axis. */
  readonly label: (value: number) => string
  /** Values that the axis has to reach at least. */
  readonly reach: ReadonlyArray<number>
}

const heights = { wide: 150, narrow: 140 } as const

/** The axis reaches zero, all values, and what is said. */
export const stripChart = ({ days, label, lines, reach }: Strip, place: ChartPlace): Html => {
  const values = lines.map((line) => line.values.filter(Number.isFinite))
  const low = values.reduce(
    (least, line) => line.reduce((a, b) => Math.min(a, b), least),
    Math.min(0, ...reach)
  )
  const high = values.reduce(
    (most, line) => line.reduce((a, b) => Math.max(a, b), most),
    Math.max(0, ...reach)
  )
  const ticks = linearTicks(low, high === low ? low + 1 : high, 3)
  const plot = makePlot({
    screen: place.screen,
    height: heights[place.screen],
    above: 10,
    days,
    yTicks: ticks.map((value) => ({ value, label: label(value) })),
    yMin: ticks[0] ?? low,
    yMax: ticks.at(-1) ?? high
  })
  const y = Math.round(pixelOf(plot, days.first, 0).y) + 0.5
  const zero: Graphic = {
    _tag: "Path",
    isBelow: true,
    points: [
      [plot.left, y],
      [plot.right, y]
    ],
    stroke: "var(--axis)"
  }
  const drawing = {
    ...plotFrame(plot),
    series: lines.map((line) =>
      lineSeries(plot, line, {
        color: line.color,
        width: line.width,
        ...(line.dash === undefined ? {} : { dash: line.dash }),
        ...(line.filled === true ? { fillTo: 0, fillOpacity: 0.22 } : {})
      })
    ),
    graphics: low < 0 ? [zero] : []
  }
  return drawLines(drawing, plot.size, place)
}
