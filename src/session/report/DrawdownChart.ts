/** Drawdown of every book and of the benchmark, with the breaker's limit. */
import type { ChartOption } from "echarts/core"
import { Option } from "effect"
import { drawdownSeries } from "../../portfolio/EquityCurve.ts"
import { type ChartPlace, drawChart } from "./ChartSvg.ts"
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
  plotOption,
  type Screen
} from "./Plot.ts"
import type { RunReport } from "./RunReport.ts"
import { linearTicks } from "./Scales.ts"

/** The limit as a drawdown; none where it only says that there is none, at all of equity. */
export const drawnLimit = ({ profile }: RunReport): Option.Option<number> =>
  profile.limits.drawdownRatio < 1 ? Option.some(-profile.limits.drawdownRatio) : Option.none()

/** The benchmark's line, then the books'. */
const drawdownLines = ({ books, benchmark }: RunReport): ReadonlyArray<DailyLine> =>
  [benchmark, ...books].map(({ curve }) => ({ dates: curve.dates, values: drawdownSeries(curve) }))

/** The frame of the drawdown chart: from zero down to a round number below every line and the limit. */
export const drawdownPlot = (report: RunReport, screen: Screen): Plot => {
  const lines = drawdownLines(report)
  const deepest = lines.reduce(
    (least, { values }) => values.reduce((a, b) => Math.min(a, b), least),
    Option.getOrElse(drawnLimit(report), () => -0.01)
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

export const drawdownChart = (report: RunReport, place: ChartPlace): Html => {
  const plot = drawdownPlot(report, place.screen)
  const option = {
    ...plotOption(plot),
    series: drawdownLines(report).map((line, i) =>
      i === 0
        ? lineSeries(plot, line, { color: "bench", width: 0.8, fillTo: 0, fillOpacity: 0.2 })
        : lineSeries(plot, line, { color: bookColor(i - 1), dash: bookDash(i - 1), width: 1.3 })
    ),
    graphic: Option.toArray(drawnLimit(report)).map((limit) => limitLine(plot, limit))
  }
  return drawChart(option, plot.size, place)
}

const limitLine = (plot: Plot, limit: number): ChartOption => {
  const y = Math.round(pixelOf(plot, plot.days.first, limit).y) + 0.5
  return {
    type: "line",
    silent: true,
    z: 10,
    shape: { x1: plot.left, y1: y, x2: plot.right, y2: y },
    style: { stroke: "var(--limit)", lineWidth: 1.2, lineDash: [5, 3] }
  }
}
