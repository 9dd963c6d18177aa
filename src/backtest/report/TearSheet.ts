/** A finished backtest as one page that needs nothing else; the same result gives the same bytes. */
import { DAYS_PER_YEAR } from "../../portfolio/Performance.ts"
import { breakerTables } from "../../session/report/BreakerTables.ts"
import { section } from "../../session/report/Figure.ts"
import { count, counted } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { limitsTable } from "../../session/report/LimitsTable.ts"
import { optionEvents } from "../../session/report/OptionTables.ts"
import { notice, pageText } from "../../session/report/Page.ts"
import type { BreakerEvent } from "../../session/report/RunReport.ts"
import { insideBarsCaveat } from "../InsideBars.ts"
import { optionCaveats, separatePeriod } from "../../session/RunReportData.ts"
import type { FinishedBacktest } from "../BacktestResult.ts"
import { type BacktestView, eventsOf, firstSession, optionEventsOf, viewOf } from "./BacktestView.ts"
import { drawdownSection, equitySection, exposureSection, rollingSection } from "./CurveSections.ts"
import { orderSection } from "./OrderSection.ts"
import { pageStyles } from "./PageStyles.ts"
import { assumptions, provenance } from "./Provenance.ts"
import { distributionSection, monthSection } from "./ReturnSection.ts"
import { reportedNotes, statisticsSection } from "./StatisticsSection.ts"
import { tableScript } from "./TableScript.ts"
import { keyFigures, tearSheetHeader } from "./TearSheetHeader.ts"
import { tradeSection } from "./TradeSection.ts"

/** Changes of the trading state listed, the latest. */
export const MOST_CHANGES = 300

/** The whole page, as UTF-8 text. */
export const tearSheetHtml = (result: FinishedBacktest): string => {
  const view = viewOf(result)
  const sections = sectionsOf(view)
  const { algorithm, data, engine } = result.inputs
  return pageText({
    title: `${algorithm.name}, ${data.from} to ${data.to}`,
    styles: pageStyles,
    script: tableScript,
    header: tearSheetHeader(
      view,
      sections.map(({ id, name }) => [id, name])
    ),
    main: html`${keyFigures(view)} ${notice("What this cannot tell", notes(view))}
    ${sections.map(({ content, id, name }) => section(id, name, content))}`,
    footer: `${engine.name === "lean" ? "LEAN" : "Plimsoll"} ${engine.version}. Backtest ${result.id}. Past prices and models; not advice.`
  })
}

interface Part {
  readonly id: string
  readonly name: string
  readonly content: Html
}

const sectionsOf = (view: BacktestView): ReadonlyArray<Part> => [
  { id: "equity", name: "Equity", content: equitySection(view) },
  { id: "drawdown", name: "Underwater", content: drawdownSection(view) },
  { id: "months-by-year", name: "Monthly returns", content: monthSection(view) },
  { id: "rolling", name: "Rolling", content: rollingSection(view) },
  { id: "distribution", name: "Distribution of returns", content: distributionSection(view) },
  { id: "exposure", name: "Exposure and turnover", content: exposureSection(view) },
  { id: "trades", name: "Trades", content: tradeSection(view) },
  { id: "statistics", name: "Statistics", content: statisticsSection(view) },
  { id: "orders", name: "Orders and denials", content: orderSection(view) },
  { id: "breaker", name: "Circuit breaker", content: breakerSection(view) },
  ...(view.content.options.length === 0
    ? []
    : [{ id: "options", name: "Options", content: optionSection(view) }]),
  { id: "limits", name: "Limits", content: limitSection(view) },
  { id: "assumptions", name: "Assumptions", content: assumptions(view) },
  { id: "reproduce", name: "Reproduce", content: provenance(view) }
]

/** What not to read into the figures. */
const notes = (view: BacktestView): ReadonlyArray<string> => {
  const { content, missing, result } = view
  const { fee, quotes, slippage } = result.inputs.models
  const sessions = content.dates.length
  const inside = insideBarsCaveat(result.inputs, content.orders)
  return [
    ...optionCaveats(content.optionOrders === undefined ? [] : [content.optionOrders]),
    ...(inside === undefined ? [] : [inside]),
    ...missing,
    ...reportedNotes(content),
    ...dataNotes(view),
    ...(content.orders.length === 0 ? ["It sent no order: nothing can be told of the strategy."] : []),
    ...(content.tradingState === "Active"
      ? []
      : [
          `Trading ended ${content.tradingState}: from the last trip on only reducing orders were taken, and the rest of the time is not the strategy's.`
        ]),
    ...(fee._tag === "Zero" && slippage._tag === "None" && quotes === "last"
      ? ["Neither fees nor a spread nor slippage were counted: no market is like that."]
      : []),
    ...(sessions > 0 && sessions < DAYS_PER_YEAR
      ? [`Only ${counted(sessions, "session")}: what is said per year is hardly more than a guess.`]
      : []),
    "Fills, fees and slippage are models. One past is one sample: the standard error of the Sharpe ratio says how little it tells, and nothing of how many other parameters were tried."
  ]
}

/** What is known of the prices that come along. */
const dataNotes = (view: BacktestView): ReadonlyArray<string> => {
  const trusted = separatePeriod(view.result.inputs.data.symbols)
  return trusted === undefined || firstSession(view) >= trusted.date ? [] : [trusted.reason]
}

/** They may come every other session: the latest. */
const listedEvents = (events: ReadonlyArray<BreakerEvent>): ReadonlyArray<BreakerEvent> =>
  events.slice(-MOST_CHANGES)

const breakerSection = (view: BacktestView): Html => {
  if (view.result.inputs.engine.name === "lean" && view.content.states.length === 0) {
    return html`<p>LEAN has none, and none of the desk's rules was in force.</p>`
  }
  const events = eventsOf(view)
  const shown = listedEvents(events)
  const left = events.length - shown.length
  return html`${breakerTables({ books: [{ name: view.name, breakerEvents: shown }] })}${
    left > 0 ? html`<p class="fine">The ${count(left)} changes before them are in result.json.</p>` : ""
  }`
}

const limitSection = ({ result }: BacktestView): Html => {
  const { profile } = result.inputs
  return html`<p>Profile “${profile.name}”: ${profile.label}.</p>
    <details>
      <summary>All limits</summary>
      ${limitsTable(profile)}
    </details>`
}

const optionSection = (view: BacktestView): Html =>
  optionEvents([{ name: view.name, options: { events: optionEventsOf(view) } }], false)
