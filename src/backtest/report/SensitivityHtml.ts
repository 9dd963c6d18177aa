/** A sweep as one page that needs nothing else; the same sweep gives the same bytes. */
import { figure, section } from "../../session/report/Figure.ts"
import { count, counted, decimal, percent, plainPercent, signedPercent } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { facts, notice, overline, pageText, sectionLinks } from "../../session/report/Page.ts"
import { input } from "../../session/report/Reproduction.ts"
import { numberHeads, table, wordHeads } from "../../session/report/Table.ts"
import { tile, tileRow } from "../../session/report/Tiles.ts"
import {
  bestPoint,
  type HeatMap,
  heatMaps,
  median,
  type Metric,
  metrics,
  MOST_MAPS,
  playedPoints,
  type ScaleStep,
  scaleOf,
  stepOf,
  varying
} from "./HeatMap.ts"
import { pageStyles } from "./PageStyles.ts"
import { sortableTable } from "./SortableTable.ts"
import { sweepChart } from "./SweepChart.ts"
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

const valueText = (metric: Metric, value: number): string =>
  metric.name === "Sharpe ratio"
    ? decimal(value, 2)
    : metric.name === "Total return"
      ? signedPercent(value)
      : percent(value)

const told = (report: SweepReport, metric: Metric): ReadonlyArray<number> =>
  playedPoints(report).flatMap((point) => {
    const value = metric.of(point)
    return value === null ? [] : [value]
  })

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

const stepBounds = (metric: Metric, { from, to }: ScaleStep): string =>
  `${valueText(metric, from)} to ${valueText(metric, to)}`

const key = (metric: Metric, scale: ReadonlyArray<ScaleStep>): Html =>
  html`<ul class="key">
    ${scale.map((step) => html`<li><span class="swatch ${step.step}"></span>${stepBounds(metric, step)}</li>`)}
    ${scale.length === 0 ? "" : html`<li><span class="swatch top"></span>best of the map</li>`}
  </ul>`

const cellOf = (
  metric: Metric,
  scale: ReadonlyArray<ScaleStep>,
  best: number,
  point: SweptPoint | undefined
): Html => {
  if (point === undefined) return html`<td class="none"><span class="unseen">not asked for</span></td>`
  if (point._tag === "Refused") return html`<td class="none" title="${point.reason}">–</td>`
  const value = metric.of(point)
  return value === null
    ? html`<td class="none" title="cannot be told">–</td>`
    : html`<td class="${stepOf(scale, value)}${value === best ? " top" : ""}">
        ${valueText(metric, value)}
      </td>`
}

const bestOf = (metric: Metric, { points }: HeatMap): number => {
  const values = points
    .flat()
    .flatMap((point) => (point?._tag === "Played" ? [metric.of(point)] : []))
    .filter((value) => value !== null)
  const top = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return values.every((value) => value === top) ? Number.NaN : top
}

const mapTable = (
  metric: Metric,
  scale: ReadonlyArray<ScaleStep>,
  map: HeatMap,
  { id, many }: { readonly id: string; readonly many: boolean }
): Html => {
  const best = bestOf(metric, map)
  const fixed = map.fixed.map(({ name, value }) => `${name} ${String(value)}`).join(", ")
  return html`<div>
    ${table({
      id,
      caption: fixed === "" ? metric.name : many ? fixed : `${metric.name}, ${fixed}`,
      note: `${map.rows.name} down, ${map.columns.name} across`,
      look: "heat",
      heads: [
        html`<th scope="col"><span class="unseen">${map.rows.name}</span></th>`,
        map.columns.values.map((value) => html`<th scope="col" class="number">${String(value)}</th>`)
      ],
      rows: map.points.map(
        (row, i) =>
          html`<tr>
            <th scope="row">${String(map.rows.values[i])}</th>
            ${row.map((point) => cellOf(metric, scale, best, point))}
          </tr>`
      )
    })}
  </div>`
}

const mapsOf = (report: SweepReport, maps: ReadonlyArray<HeatMap>): Html => {
  const third = varying(report)[2]
  const left = varying(report).length === 3 && third !== undefined ? third[1].values.length - maps.length : 0
  return html`${metrics.map((metric, m) => {
      const scale = scaleOf(told(report, metric))
      return html`<h3>${metric.name}</h3>
        <div class="maps">
          ${maps.map((map, i) => mapTable(metric, scale, map, { id: `map-${m + 1}-${i + 1}`, many: maps.length > 1 }))}
        </div>
        ${key(metric, scale)}`
    })}
    <p class="fine">
      A dash is a point that was not played or has no such
      figure.${
        left > 0
          ? ` The first ${MOST_MAPS} values of the third parameter are drawn; ${count(left)} more are in the table.`
          : ""
      }${varying(report).length > 3 ? " More than three parameters vary: the maps hold the others where the Sharpe ratio was highest." : ""}
    </p>`
}

const linesOf = (report: SweepReport): Html => {
  const [first] = varying(report)
  if (first === undefined) return html`<p>No parameter varies: one point is no map.</p>`
  const [place, { name, values }] = first
  if (!values.every((value) => typeof value === "number")) {
    return html`<p>“${name}” is not a number: its values are in the table.</p>`
  }
  return html`${metrics.map((metric, m) => {
    const points = playedPoints(report)
      .flatMap((point) => {
        const [at, value] = [point.values[place], metric.of(point)]
        return typeof at === "number" && value !== null ? [[at, value] as const] : []
      })
      .toSorted(([a], [b]) => a - b)
    const id = `line-${m + 1}`
    return html`<h3 id="${id}">${metric.name}</h3>
      ${
        points.length < 2
          ? html`<p>Fewer than two points have one.</p>`
          : figure(
              id,
              (on) =>
                sweepChart(
                  {
                    parameter: name,
                    figure: "",
                    points,
                    label: (value) =>
                      metric.name === "Sharpe ratio" ? decimal(value, 1) : plainPercent(value)
                  },
                  on
                ),
              html``,
              `At each value of ${name}.`
            )
      }`
  })}`
}

const mapSection = (report: SweepReport): Html => {
  const maps = heatMaps(report)
  if (maps.length > 0) return mapsOf(report, maps)
  return varying(report).length > 1
    ? html`<p>The grid is too large for a map: its points are in the table.</p>`
    : linesOf(report)
}

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
