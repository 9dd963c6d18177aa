/** A sweep's figures as maps over two of its parameters, or as curves along one. */
import { count, decimal, percent, plainPercent, signedPercent } from "../../session/report/Format.ts"
import { figure } from "../../session/report/Figure.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { table } from "../../session/report/Table.ts"
import {
  type HeatMap,
  heatMaps,
  isSteadiest,
  type Metric,
  metrics,
  MOST_MAPS,
  playedPoints,
  type ScaleStep,
  scaleOf,
  smoothedMetric,
  stepOf,
  varying
} from "./HeatMap.ts"
import { sweepChart } from "./SweepChart.ts"
import type { SweepReport, SweptPoint } from "./SweepReport.ts"

export const valueText = (metric: Metric, value: number): string =>
  metric.name === "Sharpe ratio" || metric.name === "Sharpe ratio, smoothed"
    ? decimal(value, 2)
    : metric.name === "Total return"
      ? signedPercent(value)
      : percent(value)

/** A figure of the points that have it. */
export const told = (report: SweepReport, metric: Metric): ReadonlyArray<number> =>
  playedPoints(report).flatMap((point) => {
    const value = metric.of(point)
    return value === null ? [] : [value]
  })

const stepBounds = (metric: Metric, { from, to }: ScaleStep): string =>
  `${valueText(metric, from)} to ${valueText(metric, to)}`

const key = (
  metric: Metric,
  scale: ReadonlyArray<ScaleStep>,
  { hasSteadiest }: { readonly hasSteadiest: boolean }
): Html =>
  html`<ul class="key">
    ${scale.map((step) => html`<li><span class="swatch ${step.step}"></span>${stepBounds(metric, step)}</li>`)}
    ${scale.length === 0 ? "" : html`<li><span class="swatch top"></span>best of the map</li>`}
    ${hasSteadiest ? html`<li><span class="swatch steady"></span>steadiest point</li>` : ""}
  </ul>`

const cellOf = (
  metric: Metric,
  scale: ReadonlyArray<ScaleStep>,
  { best, isSteady }: { readonly best: number; readonly isSteady: (point: SweptPoint) => boolean },
  point: SweptPoint | undefined
): Html => {
  if (point === undefined) return html`<td class="none"><span class="unseen">not asked for</span></td>`
  if (point._tag === "Refused") return html`<td class="none" title="${point.reason}">–</td>`
  const value = metric.of(point)
  if (value === null) return html`<td class="none" title="cannot be told">–</td>`
  const look = [stepOf(scale, value), value === best ? " top" : "", isSteady(point) ? " steady" : ""].join("")
  return html`<td class="${look}">${valueText(metric, value)}</td>`
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
  {
    id,
    isSteady,
    many
  }: {
    readonly id: string
    readonly many: boolean
    readonly isSteady: (point: SweptPoint) => boolean
  }
): Html => {
  const marks = { best: bestOf(metric, map), isSteady }
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
            ${row.map((point) => cellOf(metric, scale, marks, point))}
          </tr>`
      )
    })}
  </div>`
}

const mapsOf = (report: SweepReport, maps: ReadonlyArray<HeatMap>): Html => {
  const third = varying(report)[2]
  const left = varying(report).length === 3 && third !== undefined ? third[1].values.length - maps.length : 0
  const [sharpe, ...others] = metrics
  const smoothed = smoothedMetric(report)
  const drawn = [sharpe, smoothed, ...others].filter((metric) => metric !== undefined)
  return html`${drawn.map((metric, m) => {
      const scale = scaleOf(told(report, metric))
      const isOfSharpe = metric === sharpe || metric === smoothed
      const isSteady = (point: SweptPoint) => isOfSharpe && isSteadiest(report, point)
      const hasSteadiest = maps.some(({ points }) =>
        points.some((row) => row.some((point) => point !== undefined && isSteady(point)))
      )
      return html`<h3>${metric.name}</h3>
        <div class="maps">
          ${maps.map((map, i) => mapTable(metric, scale, map, { id: `map-${m + 1}-${i + 1}`, many: maps.length > 1, isSteady }))}
        </div>
        ${metric === smoothed ? html`<p class="fine">Each point’s mean with its neighbours, one step away along any parameters: what is left of the map without single points’ luck.</p>` : ""}
        ${key(metric, scale, { hasSteadiest })}`
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

export const mapSection = (report: SweepReport): Html => {
  const maps = heatMaps(report)
  if (maps.length > 0) return mapsOf(report, maps)
  return varying(report).length > 1
    ? html`<p>The grid is too large for a map: its points are in the table.</p>`
    : linesOf(report)
}
