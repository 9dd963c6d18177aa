/** Drawdown of every book and of the benchmark, with the breaker's limit. */
import { Option } from "effect"
import { drawdownSeries, type EquityCurve } from "../../portfolio/EquityCurve.ts"
import type { ChartPlace } from "./ChartSvg.ts"
import { drawLines, type Graphic } from "./Drawing.ts"
import { plainPercent } from "./Format.ts"
import type { Html } from "./Html.ts"
import { bookColor, bookDash } from "./Palette.ts"
import {
  type DailyLine,
  dayRange,
  lineSeries,
  makePlot,
  pixelOf,
  type Plot,
  plotFrame,
  type Screen
} from "./Plot.ts"
import type { LimitsProfile } from "../../risk/LimitsProfile.ts"
import { linearTicks } from "./Scales.ts"

/** Curves, and the limits they were under where they were under the same; a run's report has them. */
export interface DrawdownPicture {
  readonly books: ReadonlyArray<{ readonly curve: EquityCurve }>
  readonly benchmark?: { readonly curve: EquityCurve } | undefined
  readonly profile?: Pick<LimitsProfile, "limits"> | undefined
}

/** The limit as a drawdown; none where it only says that there is none, at all of equity. */
export const drawnLimit = ({ profile }: DrawdownPicture): Option.Option<number> =>
  profile !== undefined && profile.limits.drawdownRatio < 1
    ? Option.some(-profile.limits.drawdownRatio)
    : Option.none()

const lineOf = ({ curve }: { readonly curve: EquityCurve }): DailyLine => ({
  dates: curve.dates,
  values: drawdownSeries(curve)
})

/** The frame of the drawdown chart: from zero down to a round number below every line and the limit. */
export const drawdownPlot = (picture: DrawdownPicture, screen: Screen): Plot => {
  const { benchmark, books } = picture
  const lines = [...(benchmark === undefined ? [] : [benchmark]), ...books].map(lineOf)
  const deepest = lines.reduce(
    (least, { values }) => values.reduce((a, b) => Math.min(a, b), least),
    Option.getOrElse(drawnLimit(picture), () => -0.01)
  )
  const ticks = linearTicks(deepest, 0, screen === "wide" ? 7 : 5)
  return makePlot({
    screen,
    height: screen === "wide" ? 270 : 240,
    above: 10,
    days: dayRange(lines),
    yTicks: ticks.map((value) => ({ value, label: plainPercent(value) })),
    yMin: ticks[0] ?? deepest,
    yMax: 0
  })
}

export const drawdownChart = (picture: DrawdownPicture, place: ChartPlace): Html => {
  const { benchmark, books } = picture
  const plot = drawdownPlot(picture, place.screen)
  const drawing = {
    ...plotFrame(plot),
    series: [
      ...(benchmark === undefined
        ? []
        : [lineSeries(plot, lineOf(benchmark), { color: "bench", width: 0.8, fillTo: 0, fillOpacity: 0.2 })]),
      ...books.map((book, i) =>
        lineSeries(plot, lineOf(book), { color: bookColor(i), dash: bookDash(i), width: 1.3 })
      )
    ],
    graphics: Option.toArray(drawnLimit(picture)).map((limit) => limitLine(plot, limit))
  }
  return drawLines(drawing, plot.size, place)
}

const limitLine = (plot: Plot, limit: number): Graphic => {
  const y = Math.round(pixelOf(plot, plot.days.first, limit).y) + 0.5
  return {
    _tag: "Path",
    points: [
      [plot.left, y],
      [plot.right, y]
    ],
    stroke: "var(--limit)",
    width: 1.2,
    dash: [5, 3]
  }
}
