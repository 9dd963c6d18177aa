/** Risk reversal and butterfly at one delta by expiry, in points of volatility. */
import type { SkewReport } from "../../../../../options/surface/Skew.ts"
import type { ChartPlace } from "../../../../../session/report/ChartSvg.ts"
import { decimal, signedPercent } from "../../../../../session/report/Format.ts"
import { type Html, html } from "../../../../../session/report/Html.ts"
import { numberHeads, table, wordHeads } from "../../../../../session/report/Table.ts"
import { axisOver, type Mark, plot } from "../../../../../session/report/Frame.ts"

const sizes = { wide: { width: 1000, height: 320 }, narrow: { width: 400, height: 280 } } as const

const DAYS_A_YEAR = 365

export const skewChart = (report: SkewReport, place: ChartPlace): Html => {
  const measured = report.expiries.flatMap(({ measures, years }) =>
    measures === undefined ? [] : [{ days: DAYS_A_YEAR * years, ...measures }]
  )
  const reversal = measured.map(({ days, riskReversal }) => [days, 100 * riskReversal] as const)
  const butterfly = measured.map((one) => [one.days, 100 * one.butterfly] as const)
  const x = axisOver(
    [0, ...reversal.map(([days]) => days)],
    place.screen === "wide" ? 10 : 4,
    "days to expiry",
    String
  )
  const y = axisOver(
    [0, ...[...reversal, ...butterfly].map(([, value]) => value)],
    6,
    "volatility points",
    String
  )
  const marks: ReadonlyArray<Mark> = [
    {
      _tag: "Line",
      points: [
        [x.min, 0],
        [x.max, 0]
      ],
      color: "var(--axis)",
      width: 1
    },
    { _tag: "Line", points: reversal, color: "var(--s1)", width: 1.6 },
    { _tag: "Dots", points: reversal, color: "var(--s1)", radius: 3 },
    { _tag: "Line", points: butterfly, color: "var(--s2)", width: 1.6, dash: [6, 3] },
    { _tag: "Dots", points: butterfly, color: "var(--s2)", radius: 3 }
  ]
  return plot({ size: sizes[place.screen], x, y, marks }, place)
}

export const skewLegend = ({ delta }: SkewReport): Html =>
  html`<ul class="legend">
    <li>
      <span class="line bg-s1"></span>risk reversal
      <span class="lede">call less put at ${decimal(100 * delta, 0)} deltas</span>
    </li>
    <li>
      <span class="line bg-s2"></span>butterfly <span class="lede">mean of the two less the forward's</span>
    </li>
  </ul>`

const points = (value: number): string => signedPercent(value, 2)

export const skewTable = (report: SkewReport): Html =>
  table({
    id: "skew-by-expiry",
    caption: "Skew by expiry",
    heads: [
      wordHeads("Expiry"),
      numberHeads(
        "Days",
        "At the forward",
        "Put strike",
        "Call strike",
        "Risk reversal",
        "Butterfly",
        "Normalised",
        "Slope × √T"
      )
    ],
    rows: report.expiries.map(
      ({ atm, call, expiry, measures, put, standardSlope, years }) =>
        html`<tr>
          <th scope="row">${expiry ?? ""}</th>
          <td>${decimal(DAYS_A_YEAR * years, 0)}</td>
          <td>${decimal(100 * atm, 2)}%</td>
          <td>${put._tag === "Found" ? decimal(put.strike, 2) : "–"}</td>
          <td>${call._tag === "Found" ? decimal(call.strike, 2) : "–"}</td>
          <td>${measures === undefined ? "–" : points(measures.riskReversal)}</td>
          <td>${measures === undefined ? "–" : points(measures.butterfly)}</td>
          <td>${measures === undefined ? "–" : decimal(measures.normalized, 3)}</td>
          <td>${decimal(standardSlope, 3)}</td>
        </tr>`
    )
  })
