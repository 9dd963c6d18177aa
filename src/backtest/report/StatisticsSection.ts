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

/** Beside the statistics, results of LEAN tell more, each behind its place: "Runtime: Equity". */
const placed = /^(?:Runtime|Portfolio|Trades|State|Analysis): |^Note \d+$/u

/** What was left out of a result that was taken in, and what to mind. */
export const reportedNotes = ({ reported }: BacktestContent): ReadonlyArray<string> =>
  Object.entries(reported).flatMap(([name, note]) => (/^Note \d+$/u.test(name) ? [note] : []))

/** Older results call the orders trades. */
const saidOf = (reported: BacktestContent["reported"], name: string): string =>
  reported[name] ?? (name === "Total Orders" ? reported["Total Trades"] : undefined) ?? "–"

interface LeanFigures {
  readonly id: string
  readonly caption: string
  readonly note: string
  /** Names as they are shown, by the names they have. */
  readonly names: ReadonlyArray<readonly [name: string, shown: string]>
  readonly valueOf: (name: string) => string
  /** What LEAN said; undefined where it said nothing. */
  readonly saidOf: ((name: string) => string) | undefined
  readonly definitionOf: (name: string) => string | undefined
}

const leanTable = ({ caption, definitionOf, id, names, note, saidOf: said, valueOf }: LeanFigures): Html =>
  names.length === 0
    ? html``
    : table({
        id,
        caption,
        note: said === undefined ? note : `${note}; computed here, and as LEAN said`,
        look: "dense lean",
        heads: [wordHeads("Statistic"), numberHeads("Here", ...(said === undefined ? [] : ["LEAN said"]))],
        rows: names.map(
          ([name, shown]) =>
            html`<tr>
              <th scope="row" ${tooltip(definitionOf(name))}>${shown}</th>
              <td>${valueOf(name)}</td>
              ${said === undefined ? "" : html`<td>${said(name)}</td>`}
            </tr>`
        )
      })

const statisticsTable = ({ reported, statistics }: BacktestContent): Html => {
  const names = new Set([
    ...Object.keys(statistics.lean),
    ...Object.keys(reported).filter((name) => !placed.test(name))
  ])
  if (Object.hasOwn(statistics.lean, "Total Orders")) names.delete("Total Trades")
  return leanTable({
    id: "lean-statistics",
    caption: "LEAN's statistics",
    note: "by its definitions",
    names: [...names].map((name) => [name, name]),
    valueOf: (name) => statistics.lean[name] ?? "–",
    saidOf: Object.keys(reported).length === 0 ? undefined : (name) => saidOf(reported, name),
    definitionOf: (name) => accountDefinitions.get(name)
  })
}

const valueText = (value: number | string | null | undefined): string =>
  value === null || value === undefined ? "–" : typeof value === "number" ? plainNumber(value) : value

const recordTable = (
  { reported }: BacktestContent,
  place: "Portfolio" | "Trades",
  values: Readonly<Record<string, number | string | null>>,
  rest: Pick<LeanFigures, "id" | "caption" | "note" | "definitionOf">
): Html => {
  const told = Object.keys(reported).flatMap((name) =>
    name.startsWith(`${place}: `) ? [name.slice(place.length + 2)] : []
  )
  return leanTable({
    ...rest,
    names: [...new Set([...Object.keys(values), ...told])].map((name) => [name, wordsOfName(name)]),
    valueOf: (name) => valueText(values[name]),
    saidOf: told.length === 0 ? undefined : (name) => reported[`${place}: ${name}`] ?? "–"
  })
}

/** What LEAN told that is no statistic of either engine. */
const besides = ({ reported }: BacktestContent): Html => {
  const lines = Object.entries(reported).filter(([name]) => /^(?:Runtime|State|Analysis): /u.test(name))
  return lines.length === 0
    ? html``
    : html`<details>
        <summary>What LEAN said besides</summary>
        ${table({
          id: "lean-besides",
          caption: "From LEAN's result",
          look: "dense",
          heads: wordHeads("Of", "Name", "Value"),
          rows: lines.map(([line, value]) => {
            const at = line.indexOf(": ")
            return html`<tr>
              <td class="text">${line.slice(0, at)}</td>
              <th scope="row">${line.slice(at + 2)}</th>
              <td class="text wide-text">${value}</td>
            </tr>`
          })
        })}
      </details>`
}

/** Definitions of the names that the result has, for readers without a mouse. */
const leanDefinitions = ({ content }: BacktestView): Html => {
  const { lean, portfolio, trade } = content.statistics
  const names = Object.keys({ ...lean, ...content.reported }).filter((name) => !placed.test(name))
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
  const { content } = view
  const { portfolio, trade } = content.statistics
  return html`${ownTable(view)}
    <details>
      <summary>How each is defined</summary>
      ${statisticsDefinitions()}
    </details>
    <div class="pair lean-pair">
      <div>${statisticsTable(content)}</div>
      <div>
        ${recordTable(content, "Portfolio", portfolio, {
          id: "portfolio-statistics",
          caption: "LEAN's portfolio statistics",
          note: "ratios, not percents",
          definitionOf: portfolioDefinition
        })}
      </div>
    </div>
    ${
      Object.keys(trade).length === 0
        ? ""
        : html`<details>
            <summary>LEAN's trade statistics</summary>
            ${recordTable(content, "Trades", trade, {
              id: "trade-statistics",
              caption: "LEAN's trade statistics",
              note: "dollars before fees, and ratios",
              definitionOf: (name) => tradeDefinitions.get(name)
            })}
          </details>`
    }
    ${leanDefinitions(view)}${besides(content)}`
}
