/** What was traded by period, as bars on the page's days. */
import type { ChartPlace } from "../../session/report/ChartSvg.ts"
import { drawLines } from "../../session/report/Drawing.ts"
import { decimal, plainPercent } from "../../session/report/Format.ts"
import type { Html } from "../../session/report/Html.ts"
import { barSeries, type DayRange, makePlot, plotFrame } from "../../session/report/Plot.ts"
import { linearTicks } from "../../session/report/Scales.ts"
import type { Turnover } from "./Turnover.ts"

/** Bars at most, so that each is wide enough to be seen. */
export const most = { wide: 96, narrow: 40 } as const

const heights = { wide: 140, narrow: 130 } as const

/** "50%" below once, "3×" above. */
const label =
  (highest: number) =>
  (ratio: number): string =>
    highest > 2 ? `${decimal(ratio, Number.isInteger(ratio) ? 0 : 1)}×` : plainPercent(ratio)

export const turnoverChart = ({ bars }: Turnover, days: DayRange, place: ChartPlace): Html => {
  const highest = bars.reduce((top, { ratio }) => Math.max(top, ratio), 0)
  const ticks = linearTicks(0, highest === 0 ? 1 : highest, 3)
  const plot = makePlot({
    screen: place.screen,
    height: heights[place.screen],
    above: 10,
    days,
    yTicks: ticks.map((value) => ({ value, label: label(highest)(value) })),
    yMin: 0,
    yMax: ticks.at(-1) ?? 1
  })
  const room = (plot.right - plot.left) / Math.max(bars.length, 1)
  const width = Math.max(1, Math.min(28, Math.round(room * 7) / 10))
  const drawing = {
    ...plotFrame(plot),
    series: [
      barSeries(
        bars.map(({ day, ratio }) => [day, ratio] as const),
        { color: "s0", width }
      )
    ]
  }
  return drawLines(drawing, plot.size, place)
}
