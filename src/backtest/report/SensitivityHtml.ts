/** A sweep as one page that needs nothing else; the same sweep gives the same bytes. */
import { section } from "../../session/report/Figure.ts"
import { count, counted, decimal, percent, signedPercent } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { facts, notice, overline, pageText, sectionLinks } from "../../session/report/Page.ts"
import { input } from "../../session/report/Reproduction.ts"
import { numberHeads, wordHeads } from "../../session/report/Table.ts"
import { tile, tileRow } from "../../session/report/Tiles.ts"
import { bestPoint, median, metrics, playedPoints, varying } from "./HeatMap.ts"
import { pageStyles } from "./PageStyles.ts"
import { sortableTable } from "./SortableTable.ts"
import { mapSection, told, valueText } from "./SweepMaps.ts"
import type { SweepReport, SweptPoint } from "./SweepReport.ts"
import { parameterSection } from "./SweepParameters.ts"
import { tableScript } from "./TableScript.ts"
import { stamp } from "./TearSheetHeader.ts"

/** Points listed, the first in the grid's order. */
export const MOST_POINTS = 1000

/** The whole page, as UTF-8 text. */
export const sensitivityHtml = (report: SweepReport): string => {
  const parts = [
    ["maps", varying(report).length === 1 ? "Along the parameter" : "Maps", mapSection(report)],
    ["parameters", "What hangs on what", parameterSection(report)],
    ["points", "All points", pointSection(report)],
    ["reproduce", "Reproduce", provenance(report)]
  ] as const
  return pageText({
    title: report.title,
    styles: pageStyles,
    script: tableScript,
    header: html`<header>
      ${overline("Plimsoll, a sweep over parameters. No order left this computer.")}
      <h1>${report.title}</h1>
      ${facts([report.data, report.costs, ...(report.promotable ? [report.limits] : [])])}
      <ul class="chips" aria-label="Parameters">
        ${report.parameters.map(({ name, values }) => html`<li><span>${name}</span>${valuesText(values)}</li>`)}
      </ul>
      ${stamp({ ...report, label: report.limits })} ${sectionLinks(parts.map(([id, name]) => [id, name]))}
    </header>`,
    main: html`${keyFigures(report)} ${notice("What this cannot tell", notes(report))}
    ${parts.map(([id, name, content]) => section(id, name, content))}`,
    footer: `${report.generatedBy}. Past prices and models; not advice.`
  })
}

/** Values named at the top. */
const NAMED_VALUES = 8

const valuesText = (values: SweepReport["parameters"][number]["values"]): string =>
  values.length <= NAMED_VALUES
    ? values.map(String).join(", ")
    : `${values.slice(0, 3).map(String).join(", ")} … ${String(values.at(-1))} (${count(values.length)})`

const pointText = ({ parameters }: SweepReport, { values }: SweptPoint): string =>
  parameters.map(({ name }, i) => `${name} ${String(values[i])}`).join(", ")

const keyFigures = (report: SweepReport): Html => {
  const played = playedPoints(report)
  const refused = report.points.length - played.length
  const best = bestPoint(report)
  const gained = played.filter(({ totalReturn }) => totalReturn > 0).length
  const medians = metrics.map((metric) => {
    const values = told(report, metric)
    return tile(
      `${metric.name}, median`,
      values.length === 0
        ? "–"
        : html`${valueText(metric, median(values))}
            <small>
              ${valueText(
                metric,
                values.reduce((a, b) => Math.min(a, b))
              )}
              to
              ${valueText(
                metric,
                values.reduce((a, b) => Math.max(a, b))
              )}
            </small>`
    )
  })
  return html`<section class="headline" aria-labelledby="results">
    <h2 id="results" class="unseen">Results</h2>
    ${tileRow([
      tile(
        "Points played",
        html`${count(played.length)}
          <small>${refused === 0 ? "none refused" : `${count(refused)} refused`}</small>`
      ),
      ...medians,
      tile("Points that gained", played.length === 0 ? "–" : percent(gained / played.length)),
      tile(
        "Highest Sharpe ratio",
        best === undefined || best.sharpe === null
          ? "–"
          : html`${decimal(best.sharpe, 2)} <small>${pointText(report, best)}</small>`
      ),
      tile("Trials on this data set", html`${count(report.trials)} <small>these among them</small>`)
    ])}
  </section>`
}

const notes = (report: SweepReport): ReadonlyArray<string> => [
  ...report.caveats,
  ...(playedPoints(report).length === 0 ? ["No point was played: the table says why."] : []),
  `${counted(report.trials, "backtest was", "backtests were")} run on this data set so far, these among them. The best of many looks good by chance alone, the more so the more there are: its Sharpe ratio is not what to expect.`,
  "What holds is a region in which neighbours agree, not the best cell. Choose on one stretch of the data and test on another that no choice was made on.",
  "Fills, fees and slippage are models. One past is one sample."
]

const pointRow = (report: SweepReport, point: SweptPoint): Html =>
  html`<tr>
    ${point.values.map((value, i) =>
      i === 0 ? html`<th scope="row" class="number">${String(value)}</th>` : html`<td>${String(value)}</td>`
    )}
    ${
      point._tag === "Refused"
        ? html`<td>–</td>
            <td>–</td>
            <td>–</td>
            <td>–</td>
            <td class="text wide-text">${point.reason}</td>`
        : html`<td>${signedPercent(point.totalReturn, 2)}</td>
            <td>${point.sharpe === null ? "–" : decimal(point.sharpe, 3)}</td>
            <td>${percent(point.maxDrawdown, 2)}</td>
            <td>${count(point.entries)}</td>
            ${hasRefused(report) ? html`<td class="text"></td>` : ""}`
    }
  </tr>`

const hasRefused = ({ points }: SweepReport): boolean => points.some(({ _tag }) => _tag === "Refused")

const pointSection = (report: SweepReport): Html => {
  const { parameters, points } = report
  const rows = points.slice(0, MOST_POINTS)
  const left = points.length - rows.length
  return html`${sortableTable({
    id: "points",
    caption: "Points",
    note: "in the grid's order",
    filters: "points",
    hint: "a value, a reason",
    heads: [
      numberHeads(...parameters.map(({ name }) => name)),
      numberHeads("Total return", "Sharpe ratio", "Maximum drawdown", "Entries"),
      hasRefused(report) ? wordHeads("Not played because") : ""
    ],
    rows: rows.map((point) => pointRow(report, point))
  })}
  ${left > 0 ? html`<p class="fine">The first ${count(rows.length)} of ${counted(points.length, "point")}; the same command with --json prints all.</p>` : ""}`
}

const provenance = (report: SweepReport): Html =>
  html`<p>The same command on the same data gives the same figures, on any number of cores.</p>
    <dl class="inputs">
      ${input("Command", html`<code>${report.command}</code>`)} ${input("Algorithm", report.algorithm)}
      ${input("Data", report.data)} ${input("Limits", report.limits)} ${input("Costs", report.costs)}
      ${input("Made by", report.generatedBy)}
    </dl>`
