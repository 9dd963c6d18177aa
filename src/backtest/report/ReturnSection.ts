/** Returns by month, and by size. */
import { Option } from "effect"
import { tailLoss } from "../../portfolio/ValueAtRisk.ts"
import { figure } from "../../session/report/Figure.ts"
import { counted, percent } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { monthlyKey, monthlyTable } from "../../session/report/MonthlyTable.ts"
import { BENCHMARK_NAME, type BacktestView } from "./BacktestView.ts"
import { FEWEST_COUNTED, type Histogram, histogramOf } from "./Histogram.ts"
import { histogramChart, type LossMarks } from "./HistogramChart.ts"

export const monthSection = (view: BacktestView): Html =>
  Option.match(view.curve, {
    onNone: () => html`<p>No session, no return.</p>`,
    onSome: (curve) =>
      html`${monthlyTable(
        { name: view.name, curve },
        "months",
        Option.getOrUndefined(Option.map(view.benchmark, (held) => ({ name: BENCHMARK_NAME, curve: held })))
      )}${monthlyKey()}`
  })

const lossAt = (returns: Float64Array, confidence: 95 | 99): number | undefined => {
  const loss = tailLoss(returns, { confidence, method: "historical" })
  return loss._tag === "Value" ? loss.var : undefined
}

const lossItem = (confidence: number, loss: number | undefined, look: string): Html =>
  loss === undefined
    ? html``
    : html`<li>
        <span class="line ${look}"></span>${confidence}% of sessions above
        <span class="lede">${percent(loss, 2)}</span>
      </li>`

const distribution = (histogram: Histogram, marks: LossMarks): Html =>
  figure(
    "distribution",
    (place) => histogramChart(histogram, marks, place),
    html`<ul class="legend">
      <li>
        <span class="line bg-s0"></span>sessions
        <span class="lede"
          >mean ${percent(histogram.mean, 3)}, deviation ${percent(histogram.deviation, 2)}</span
        >
      </li>
      <li><span class="line bg-s1"></span>normal, of the same mean and deviation</li>
      ${lossItem(95, marks.at95, "dash")}${lossItem(99, marks.at99, "dots")}
    </ul>`,
    `Returns of ${counted(histogram.counted, "session")}, in bins of ${percent(histogram.step, 2)}.${
      histogram.zeros === 0
        ? ""
        : ` ${counted(histogram.zeros, "session")} without any return left out of the bins, not of the losses.`
    } Losses: value at risk, the historical quantile.`
  )

export const distributionSection = ({ returns }: BacktestView): Html => {
  const histogram = Option.getOrUndefined(Option.map(returns, histogramOf))
  if (Option.isNone(returns) || histogram === undefined) {
    return html`<p>Left out: it needs ${FEWEST_COUNTED} different returns at least.</p>`
  }
  return distribution(histogram, { at95: lossAt(returns.value, 95), at99: lossAt(returns.value, 99) })
}
