/** A run's report as one page; the same report gives the same bytes. */
import { Option } from "effect"
import { breakerTables } from "./BreakerTables.ts"
import { chartSections } from "./ChartSections.ts"
import { section } from "./Figure.ts"
import { caveats, header, resultCards } from "./Header.ts"
import { type Html, html } from "./Html.ts"
import { limitsTable } from "./LimitsTable.ts"
import { monthlyKey, monthlyTable } from "./MonthlyTable.ts"
import { hasOptions, optionTables } from "./OptionTables.ts"
import { denialsTable, ordersTable, positionsTable } from "./OrderTables.ts"
import { pageText } from "./Page.ts"
import { nextSteps, reproduction, strategies } from "./Reproduction.ts"
import type { RunReport } from "./RunReport.ts"
import { runStatistics, type RunStatistics } from "./Statistics.ts"
import { statisticsDefinitions, statisticsTable } from "./StatisticsTable.ts"

/** The whole page, as UTF-8 text. Its curves must have a point at least, as `equityCurve` makes them. */
export const reportHtml = (report: RunReport): string => {
  const statistics = runStatistics(report)
  return pageText({
    title: report.title,
    header: header(report),
    main: html`${resultCards(report, statistics)} ${caveats(report, statistics)} ${chartSections(report)}
    ${section("statistics", "Statistics", statisticsSection(report, statistics))}
    ${section("months", "Monthly returns", monthsSection(report))}
    ${section("breaker", "Circuit breaker", html`${resumeNote(report)}${breakerTables(report)}`)}
    ${section("orders", "Orders", html`${ordersTable(report)}${denialsTable(report)}${positionsTable(report)}`)}
    ${hasOptions(report) ? section("options", "Options", optionTables(report)) : ""}
    ${section("strategies", "Strategies", strategies(report))}
    ${section("limits", "Limits in force", limitsTable(report.profile))}
    ${section("reproduce", "Reproduce this run", reproduction(report))}
    ${report.next.length === 0 ? "" : section("next", "What to type next", nextSteps(report))}`,
    footer: `${report.generatedBy}. Run ${report.runId}. Paper trading on past prices; not advice.`
  })
}

const statisticsSection = (report: RunReport, { whole, separate }: RunStatistics): Html => {
  const from = report.market.separateFrom
  return html`<div class="pair">
      ${statisticsTable(whole, "whole-period", "Whole period")}${
        from === undefined || Option.isNone(separate)
          ? ""
          : statisticsTable(separate.value, "separate-period", `Since ${from.date.replace(/-01-01$/u, "")}`)
      }
    </div>
    <h3>Definitions</h3>
    ${statisticsDefinitions()}`
}

const monthsSection = ({ books }: RunReport): Html =>
  html`${books.map((book, i) => monthlyTable(book, `months-${i + 1}`))}${monthlyKey()}`

const resumeNote = ({ resumePolicy }: RunReport): Html =>
  html`<p class="lede">After a drawdown trip: ${resumePolicy}</p>`
