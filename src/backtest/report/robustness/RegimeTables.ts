/** How a strategy and its market did by regime, as tables of a page. */
import type { Statistic } from "../../../portfolio/Performance.ts"
import { count, decimal, percent, signedPercent } from "../../../session/report/Format.ts"
import { type Html, html, type HtmlValue } from "../../../session/report/Html.ts"
import { numberHeads, table, wordHeads } from "../../../session/report/Table.ts"
import type { CusumAlarm } from "../../robustness/regimes/Cusum.ts"
import type { CusumPart } from "../../robustness/regimes/MarketRegimes.ts"
import type { RegimeFigures, RegimeRow } from "../../robustness/regimes/RegimePerformance.ts"

const cell = (statistic: Statistic, write: (value: number) => string): Html =>
  statistic._tag === "Value"
    ? html`<td>${write(statistic.value)}</td>`
    : html`<td title="${statistic.reason}">–</td>`

/** "0.52 ± 0.29". */
export const sharpeText = ({ sharpeYearly, sharpeYearlyError }: RegimeFigures): string =>
  sharpeYearly._tag === "None"
    ? "–"
    : `${decimal(sharpeYearly.value, 2)}${sharpeYearlyError._tag === "Value" ? ` ± ${decimal(sharpeYearlyError.value, 2)}` : ""}`

const figureCells = (figures: RegimeFigures): Html =>
  html`${cell(figures.totalReturn, (value) => signedPercent(value))}${cell(figures.sharpeYearly, () =>
    sharpeText(figures)
  )}${cell(figures.mean, (value) => signedPercent(value, 3))}${cell(figures.volatilityYearly, (value) =>
    percent(value)
  )}${cell(figures.maxDrawdown, (value) => percent(value))}`

const figureHeads = numberHeads("Return", "Sharpe a year", "Mean a session", "Volatility", "Max drawdown")

/** The strategy's figures, and the market's below them where it is another series. */
const rowsOf = (
  head: Html,
  { market, part, sessions, strategy }: Omit<RegimeRow<string>, "regime">,
  alone: boolean
): Html =>
  html`<tr>
      ${head} ${alone ? "" : html`<td class="text">strategy</td>`}
      <td>${count(sessions)}</td>
      <td>${percent(part)}</td>
      ${figureCells(strategy)}
    </tr>
    ${
      alone
        ? ""
        : html`<tr>
            <th scope="row"><span class="unseen">market</span></th>
            <td class="text lede">market</td>
            <td></td>
            <td></td>
            ${figureCells(market)}
          </tr>`
    }`

const headsOf = (first: HtmlValue, alone: boolean): HtmlValue => [
  first,
  alone ? "" : wordHeads("Of"),
  numberHeads("Sessions", "Part"),
  figureHeads
]

export const regimeTable = (
  id: string,
  caption: string,
  rows: ReadonlyArray<RegimeRow<string>>,
  alone: boolean
): Html =>
  table({
    id,
    caption,
    note: "sessions by the regime known before them",
    heads: headsOf(wordHeads("Regime"), alone),
    rows: rows.map((row) => rowsOf(html`<th scope="row">${row.regime}</th>`, row, alone))
  })

const alarmText = ({ chart, direction }: CusumAlarm): string =>
  `${chart === "mean" ? "mean" : "volatility"} ${direction}`

export const alarmTable = (
  { alarms, stretches }: CusumPart,
  nameOf: (at: number) => string,
  alone: boolean
): Html =>
  table({
    id: "stretches",
    caption: "From alarm to alarm",
    note: "sessions after the close that told of it",
    heads: headsOf(wordHeads("After the alarm"), alone),
    rows: stretches.rows.map((row, k) => {
      const group = alarms[k - 1]
      const [first] = group ?? []
      const head =
        first === undefined
          ? html`<th scope="row">none yet</th>`
          : html`<th scope="row" class="wrap">
              ${nameOf(first.at)}, ${(group ?? []).map(alarmText).join(", ")}
              <small>changed from ${nameOf(first.changed)} on</small>
            </th>`
      return rowsOf(head, row, alone)
    })
  })
