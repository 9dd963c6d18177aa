/** Every statistic of the result: ours with LEAN's names beside them, and all of LEAN's. */
import { Option } from "effect"
import { performance, statisticDefinitions, type StatisticName } from "../../portfolio/Performance.ts"
import { decimal, percent } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { statisticsDefinitions, statisticText } from "../../session/report/StatisticsTable.ts"
import { numberHeads, table, wordHeads } from "../../session/report/Table.ts"
import type { BacktestContent } from "../BacktestResult.ts"
import { accountDefinitions, portfolioDefinition, tradeDefinitions } from "./LeanDefinitions.ts"
import { BENCHMARK_NAME, type BacktestView } from "./BacktestView.ts"

/** LEAN's name of what measures the same, by whatever definition. */
export const leanNames: ReadonlyMap<string, string> = new Map<StatisticName, string>([
  ["totalReturn", "Net Profit"],
  ["cagr", "Compounding Annual Return"],
  ["volatility", "Annual Standard Deviation"],
  ["sharpe", "Sharpe Ratio"],
  ["sortino", "Sortino Ratio"],
  ["maxDrawdown", "Drawdown"],
  ["turnover", "Portfolio Turnover"]
])

/** "cagr252" where no definition has a better name for it: "Cagr 252". */
export const wordsOfName = (key: string): string => {
  const words = key
    .replace(/(?<=[a-z])(?=[A-Z0-9])|(?<=\d)(?=[A-Z])/gu, " ")
    .replace(/(?<= )[A-Z](?=[a-z])/gu, (letter) => letter.toLowerCase())
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Up to four decimals, without zeros at the end. */
const plainNumber = (value: number): string =>
  Number.isInteger(value) ? decimal(value, 0) : decimal(value, 4).replace(/0+$/u, "")

const figureText = (value: number | null | undefined, shownAs: "percent" | "number"): string =>
  value === null || value === undefined ? "–" : shownAs === "percent" ? percent(value, 2) : decimal(value, 2)

/** A statistic of ours as the pages print it; a dash where there is none. */
export const ownText = ({ statistics }: BacktestContent, key: StatisticName): string =>
  figureText(
    statistics.own[key],
    statisticDefinitions.find((definition) => definition.key === key)?.shownAs ?? "number"
  )

const benchmarkOf = ({ benchmark }: BacktestView) =>
  Option.map(
    benchmark,
    (curve) => performance(curve, { grossExposures: curve.equities, tradedNotional: 0 }).statistics
  )

const ownTable = (view: BacktestView): Html => {
  const { own, lean } = view.content.statistics
  const held = benchmarkOf(view)
  const known = new Set<string>(statisticDefinitions.map(({ key }) => key))
  const line = (name: string, value: string, other: Html, leanName: string | undefined): Html =>
    html`<tr>
      <th scope="row">${name}</th>
      <td>${value}</td>
      ${other}
      <td class="text">${leanName ?? ""}</td>
      <td>${leanName === undefined ? "" : (lean[leanName] ?? "–")}</td>
    </tr>`
  return table({
    id: "own-statistics",
    caption: "Plimsoll's statistics",
    note: "risk-free rate zero; LEAN's definitions differ",
    heads: [
      wordHeads("Statistic"),
      numberHeads("Here", ...(Option.isSome(held) ? [BENCHMARK_NAME] : [])),
      wordHeads("LEAN's name"),
      numberHeads("By LEAN's definition")
    ],
    rows: [
      ...statisticDefinitions.map(({ key, name, shownAs }) =>
        line(
          name,
          figureText(own[key], shownAs),
          Option.match(held, {
            onNone: () => html``,
            onSome: (statistics) => html`<td>${statisticText(statistics[key], shownAs)}</td>`
          }),
          leanNames.get(key)
        )
      ),
      ...Object.entries(own)
        .filter(([key]) => !known.has(key))
        .map(([key, value]) =>
          line(
            wordsOfName(key),
            value === null ? "–" : plainNumber(value),
            Option.isSome(held) ? html`<td></td>` : html``,
            undefined
          )
        )
    ]
  })
}

const tooltip = (definition: string | undefined): Html =>
  definition === undefined ? html`` : html`title="${definition}"`

const leanTable = ({ content }: BacktestView): Html => {
  const { reported, statistics } = content
  const told = Object.keys(reported).length > 0
  const names = [...new Set([...Object.keys(statistics.lean), ...Object.keys(reported)])]
  if (names.length === 0) return html``
  return table({
    id: "lean-statistics",
    caption: "LEAN's statistics",
    note: told ? "recomputed here, and as LEAN reported them" : "by LEAN's definitions",
    heads: [wordHeads("Statistic"), numberHeads("Here", ...(told ? ["LEAN said"] : []))],
    rows: names.map(
      (name) =>
        html`<tr>
          <th scope="row" ${tooltip(accountDefinitions.get(name))}>${name}</th>
          <td>${statistics.lean[name] ?? "–"}</td>
          ${told ? html`<td>${reported[name] ?? "–"}</td>` : ""}
        </tr>`
    )
  })
}

interface LeanRecord {
  readonly id: string
  readonly caption: string
  readonly note: string
  readonly values: Readonly<Record<string, number | string | null>>
  readonly definitionOf: (name: string) => string | undefined
}

const recordTable = ({ caption, definitionOf, id, note, values }: LeanRecord): Html => {
  const entries = Object.entries(values)
  if (entries.length === 0) return html``
  return table({
    id,
    caption,
    note,
    heads: [wordHeads("Statistic"), numberHeads("Value")],
    rows: entries.map(
      ([name, value]) =>
        html`<tr>
          <th scope="row" ${tooltip(definitionOf(name))}>${wordsOfName(name)}</th>
          <td>${value === null ? "–" : typeof value === "number" ? plainNumber(value) : value}</td>
        </tr>`
    )
  })
}

/** Definitions of the names that the result has, for readers without a mouse. */
const leanDefinitions = ({ content }: BacktestView): Html => {
  const { lean, portfolio, trade } = content.statistics
  const names = Object.keys({ ...lean, ...content.reported })
  const others = Object.keys(portfolio).filter(
    (name) => !/^[a-z]/u.test(name) || name.startsWith("valueAtRisk")
  )
  const lines = [
    ...names.map((name) => [name, accountDefinitions.get(name)] as const),
    ...others.map((name) => [wordsOfName(name), portfolioDefinition(name)] as const),
    ...Object.keys(trade).map((name) => [wordsOfName(name), tradeDefinitions.get(name)] as const)
  ].flatMap(([name, definition]) => (definition === undefined ? [] : [[name, definition] as const]))
  return lines.length === 0
    ? html``
    : html`<details>
        <summary>How LEAN defines its own</summary>
        <dl class="definitions">
          ${lines.map(
            ([name, definition]) =>
              html`<div>
                <dt>${name}</dt>
                <dd>${definition}</dd>
              </div>`
          )}
        </dl>
      </details>`
}

export const statisticsSection = (view: BacktestView): Html => {
  const { portfolio, trade } = view.content.statistics
  return html`${ownTable(view)}
    <details>
      <summary>How each is defined</summary>
      ${statisticsDefinitions()}
    </details>
    <div class="trio">
      <div>${leanTable(view)}</div>
      <div>
        ${recordTable({
          id: "portfolio-statistics",
          caption: "LEAN's portfolio statistics",
          note: "ratios, not percents",
          values: portfolio,
          definitionOf: portfolioDefinition
        })}
      </div>
      <div>
        ${recordTable({
          id: "trade-statistics",
          caption: "LEAN's trade statistics",
          note: "dollars and ratios",
          values: trade,
          definitionOf: (name) => tradeDefinitions.get(name)
        })}
      </div>
    </div>
    ${leanDefinitions(view)}`
}
