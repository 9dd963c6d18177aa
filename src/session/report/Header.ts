/** The top of the page: what was run, what came of it, and what the data cannot tell. */
import { Option } from "effect"
import { count, counted, dollars, percent, signedPercent, wholeDollars } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import { hasOptions } from "./OptionTables.ts"
import { facts, overline, sectionLinks } from "./Page.ts"
import { bookColor } from "./Palette.ts"
import type { BookReport, RunReport } from "./RunReport.ts"
import { beginsBefore, type RunStatistics, type StatisticsColumn } from "./Statistics.ts"
import { statisticText } from "./StatisticsTable.ts"

export const header = (report: RunReport): Html =>
  html`<header>
    ${overline("Plimsoll, a paper run. No order left this computer.")}
    <h1>${report.title}</h1>
    ${facts([
      `${report.period.from} to ${report.period.to}`,
      counted(report.period.sessions, "session"),
      report.market.source,
      report.profile.label
    ])}
    ${sectionLinks(sectionsOf(report))}
  </header>`

const sections = [
  ["equity", "Equity"],
  ["drawdown", "Drawdown"],
  ["exposure", "Exposure"],
  ["statistics", "Statistics"],
  ["months", "Monthly returns"],
  ["breaker", "Circuit breaker"],
  ["orders", "Orders"],
  ["options", "Options"],
  ["strategies", "Strategies"],
  ["limits", "Limits"],
  ["reproduce", "Reproduce"]
] as const

const sectionsOf = (report: RunReport) => sections.filter(([id]) => id !== "options" || hasOptions(report))

const percentOf = (
  { performance: { statistics } }: StatisticsColumn,
  name: "totalReturn" | "cagr" | "maxDrawdown"
) =>
  statistics[name]._tag === "None"
    ? "–"
    : name === "maxDrawdown"
      ? percent(statistics[name].value)
      : signedPercent(statistics[name].value)

const figures = (column: StatisticsColumn): Html => {
  const { statistics } = column.performance
  return html`<dl class="figures">
    <div>
      <dt>Total return</dt>
      <dd>${percentOf(column, "totalReturn")}</dd>
    </div>
    <div>
      <dt>Per year</dt>
      <dd>${percentOf(column, "cagr")}</dd>
    </div>
    <div>
      <dt>Maximum drawdown</dt>
      <dd>${percentOf(column, "maxDrawdown")}</dd>
    </div>
    <div>
      <dt>Sharpe ratio</dt>
      <dd>${statisticText(statistics.sharpe, "number")}</dd>
    </div>
  </dl>`
}

/** What came of a book, in a sentence or two. */
export const resultSentence = (
  book: BookReport,
  column: StatisticsColumn,
  benchmark: StatisticsColumn
): string => {
  const end = wholeDollars(book.curve.equities.at(-1) ?? 0)
  const trips = book.breakerEvents.filter(({ kind }) => kind === "drawdown" || kind === "daily-loss").length
  return (
    `${dollars(book.startingCash).replace(/\.00$/u, "")} became ${end}: ${percentOf(column, "totalReturn")} ` +
    `(${benchmark.name}: ${percentOf(benchmark, "totalReturn")}). ` +
    `${counted(book.orders, "order")}, ${count(book.denied)} denied; the breaker ${tripped(trips)}.`
  )
}

const tripped = (n: number): string =>
  n === 0 ? "never tripped" : n === 1 ? "tripped once" : `tripped ${count(n)} times`

export const resultCards = (report: RunReport, { whole }: RunStatistics): Html => {
  const { columns } = whole
  const benchmark = columns.at(-1)
  if (benchmark === undefined) return html``
  return html`<section aria-labelledby="results">
    <h2 id="results" class="unseen">Results</h2>
    <div class="cards">
      ${report.books.map((book, i) => {
        const column = columns[i] ?? benchmark
        return html`<article class="card top-${bookColor(i)}">
          <h3>${book.name}</h3>
          <p class="lede">${book.summary}</p>
          <p class="result">${resultSentence(book, column, benchmark)}</p>
          ${figures(column)}
        </article>`
      })}
      <article class="card top-bench">
        <h3>${benchmark.name}</h3>
        <p class="lede">${report.benchmark.description}</p>
        <p class="result">For comparison; it is under no limits and pays no fees.</p>
        ${figures(benchmark)}
      </article>
    </div>
  </section>`
}

/** The first thing after the results: what not to read into them. */
export const caveats = (report: RunReport, { separate }: RunStatistics): Html => {
  const { market, profile } = report
  const { separateFrom } = market
  const items = [
    ...market.caveats,
    ...(separateFrom === undefined || !beginsBefore(report)
      ? []
      : [
          `${separateFrom.reason} ${
            Option.isSome(separate)
              ? `Results from ${separateFrom.date} on are given separately.`
              : `All of this run lies before ${separateFrom.date}.`
          }`
        ]),
    ...(profile.promotable
      ? []
      : [`Run under ${profile.label}: nothing here may be carried over to a desk.`]),
    ...(market.skippedRows.length === 0
      ? []
      : [`${counted(market.skippedRows.length, "bad row")} of the data left out; listed under Reproduce.`]),
    "Fills, fees and slippage are models. One past is one sample: the standard error of the Sharpe ratio says how little it tells."
  ]
  return html`<section class="notice" aria-labelledby="data">
    <h2 id="data">What this data cannot tell</h2>
    <ul>
      ${items.map((item) => html`<li>${item}</li>`)}
    </ul>
  </section>`
}
