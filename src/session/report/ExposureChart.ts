/** How much of its equity one book had in the market. */
import type { ChartPlace } from "./ChartSvg.ts"
import { drawLines } from "./Drawing.ts"
import { plainPercent } from "./Format.ts"
import type { Html } from "./Html.ts"
import { bookColor } from "./Palette.ts"
import { dayRange, lineSeries, makePlot, plotFrame } from "./Plot.ts"
import type { BookReport, RunReport } from "./RunReport.ts"
import { linearTicks } from "./Scales.ts"

/** Gross exposure over equity at each close; NaN where there is no equity to be a part of. */
export const exposureRatios = ({
  curve,
  grossExposures
}: Pick<BookReport, "curve" | "grossExposures">): Float64Array =>
  grossExposures.map((gross, i) => {
    const equity = curve.equities[i] ?? 0
    return equity > 0 ? gross / equity : Number.NaN
  })

/** A fill a little dearer than planned does not make the axis twice as high. */
const OVERSHOOT = 1.05

/** The book at `index` of the report; the axes are those of all books, so that the strips compare. */
export const exposureChart = (report: RunReport, index: number, place: ChartPlace): Html => {
  const ratios = report.books.map(exposureRatios)
  const highest = ratios.reduce((most, values) => values.reduce((a, b) => (b > a ? b : a), most), 1)
  const ticks = linearTicks(0, highest > OVERSHOOT ? highest : 1, 2)
  const plot = makePlot({
    screen: place.screen,
    height: place.screen === "wide" ? 130 : 120,
    above: 10,
    days: dayRange([report.benchmark, ...report.books].map(({ curve }) => curve)),
    yTicks: ticks.map((value) => ({ value, label: plainPercent(value) })),
    yMin: 0,
    yMax: Math.max(ticks.at(-1) ?? 1, highest)
  })
  const line = {
    dates: report.books[index]?.curve.dates ?? [],
    values: ratios[index] ?? new Float64Array()
  }
  const drawing = {
    ...plotFrame(plot),
    series: [lineSeries(plot, line, { color: bookColor(index), width: 0.8, fillTo: 0, fillOpacity: 0.28 })]
  }
  return drawLines(drawing, plot.size, place)
}
