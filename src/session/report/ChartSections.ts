/** The charts with their legends and captions. */
import { Option } from "effect"
import { drawdownSeries } from "../../portfolio/EquityCurve.ts"
import { drawdownChart, drawnLimit } from "./DrawdownChart.ts"
import { equityChart, hasLogAxis } from "./EquityChart.ts"
import { optionTurns } from "./EventGraphics.ts"
import { exposureChart, exposureRatios } from "./ExposureChart.ts"
import { figure } from "./Figure.ts"
import { percent, plainPercent, wholeDollars } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import { bookColor, type ColorName } from "./Palette.ts"
import type { RunReport } from "./RunReport.ts"

const legendItem = (color: ColorName, name: string, note: string): Html =>
  html`<li><span class="line bg-${color}"></span>${name} <span class="lede">${note}</span></li>`

const legend = (
  report: RunReport,
  note: (curve: RunReport["benchmark"]["curve"]) => string,
  marks: Html
): Html =>
  html`<ul class="legend">
    ${report.books.map((book, i) => legendItem(bookColor(i), book.name, note(book.curve)))}${legendItem(
      "bench",
      report.benchmark.name,
      note(report.benchmark.curve)
    )}${marks}
  </ul>`

/** Marks of the kinds that this run has. */
const eventMarks = ({ books }: RunReport): Html => {
  const kinds = new Set(books.flatMap(({ breakerEvents }) => breakerEvents.map(({ kind }) => kind)))
  const stopped = kinds.has("drawdown") || kinds.has("halt")
  const turned = books.some(({ options }) => optionTurns(options.events).length > 0)
  return html`${stopped ? html`<li><span class="mark"></span>drawdown trip or halt, numbered</li>` : ""}${
    kinds.has("resumed") ? html`<li><span class="mark ring"></span>resumed</li>` : ""
  }${kinds.has("daily-loss") ? html`<li><span class="mark tick"></span>daily-loss trip</li>` : ""}${
    turned ? html`<li><span class="mark diamond"></span>option exercised, assigned or adjusted</li>` : ""
  }`
}

const tooShort = html`<p>Too few sessions to draw: a curve needs two points.</p>`

export const chartSections = (report: RunReport): Html => {
  const drawable = [...report.books, report.benchmark].every(({ curve }) => curve.dates.length > 1)
  return html`<section>
      <h2 id="equity">Equity</h2>
      ${drawable ? equityFigure(report) : tooShort}
    </section>
    <section>
      <h2 id="drawdown">Drawdown</h2>
      ${drawable ? drawdownFigure(report) : tooShort}
    </section>
    <section>
      <h2 id="exposure">Exposure</h2>
      ${drawable ? exposureFigures(report) : tooShort}
    </section>`
}

const equityFigure = (report: RunReport): Html =>
  figure(
    "equity",
    (place) => equityChart(report, place),
    legend(report, ({ equities }) => wholeDollars(equities.at(-1) ?? 0), eventMarks(report)),
    `Equity at each close, in dollars${hasLogAxis(report) ? ", on a logarithmic axis: equal heights are equal ratios" : ""}. The legend gives the last value. Numbers lead to the circuit breaker's table below.`
  )

const drawdownFigure = (report: RunReport): Html =>
  figure(
    "drawdown",
    (place) => drawdownChart(report, place),
    legend(
      report,
      (curve) => `${percent(drawdownSeries(curve).reduce((a, b) => Math.min(a, b)))} at worst`,
      html`${Option.toArray(drawnLimit(report)).map((limit) => html`<li><span class="line limit"></span>drawdown limit ${plainPercent(limit)}</li>`)}`
    ),
    `Equity at each close against its highest value since the start. When trading is resumed after a trip the breaker counts from the equity then, so a book that was resumed below its old peak can go under the limit's line.`
  )

const exposureFigures = (report: RunReport): Html =>
  html`${report.books.map((book, i) => {
    const id = `exposure-${i + 1}`
    const ratios = exposureRatios(book).filter(Number.isFinite)
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
    return html`<h3 id="${id}">${book.name}</h3>
      ${figure(
        id,
        (place) => exposureChart(report, i, place),
        html``,
        `Gross exposure as a part of equity at each close; ${Number.isFinite(mean) ? percent(mean) : "–"} on average.`
      )}`
  })}`
