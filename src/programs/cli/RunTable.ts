/** A finished run on a terminal. */
import {
  type Performance,
  type Statistic,
  statisticDefinitions,
  type StatisticName
} from "../../portfolio/Performance.ts"
import { formatMicros } from "../../domain/Money.ts"
import { contractCount } from "../../session/OptionTrail.ts"
import { runStatistics } from "../../session/report/Statistics.ts"
import type { FinishedRun } from "../RunDesk.ts"
import type { RunFolder } from "../RunFolder.ts"
import { percent, usd } from "./Format.ts"
import { printable } from "./Terminal.ts"

const shown: ReadonlyArray<StatisticName> = ["totalReturn", "cagr", "volatility", "sharpe", "maxDrawdown"]

const text = (name: StatisticName, statistic: Statistic): string => {
  if (statistic._tag === "None") return "-"
  const definition = statisticDefinitions.find(({ key }) => key === name)
  return definition?.shownAs === "percent" ? percent(statistic.value) : statistic.value.toFixed(2)
}

/** Cells in columns, the first to the left and the others to the right. */
const table = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths: Array<number> = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd()
  )
}

const statisticRows = (columns: ReadonlyArray<{ readonly performance: Performance }>, suffix: string) =>
  shown.map((name) => [
    `${statisticDefinitions.find(({ key }) => key === name)?.name ?? name}${suffix}`,
    ...columns.map(({ performance }) => text(name, performance.statistics[name]))
  ])

/** The summary table, where the report is, and what to type next. */
export const summaryLines = (
  run: FinishedRun,
  options: {
    readonly folder: RunFolder
    readonly seconds: number
    readonly next: ReadonlyArray<{ readonly command: string; readonly purpose: string }>
  }
): ReadonlyArray<string> => {
  const { report } = run
  const { separate, whole } = runStatistics(report)
  const trips = report.books.map(
    ({ breakerEvents }) =>
      `${breakerEvents.filter(({ kind }) => kind === "daily-loss").length} / ${breakerEvents.filter(({ kind }) => kind === "drawdown").length}`
  )
  const books = (cell: (book: (typeof report.books)[number], i: number) => string) => [
    ...report.books.map(cell),
    ""
  ]
  const rows = [
    ["", ...whole.columns.map(({ name }) => name)],
    ["Equity at the end", ...whole.columns.map((_, i) => equityEnd(run, i))],
    ...statisticRows(whole.columns, ""),
    ...(separate._tag === "Some"
      ? statisticRows(
          separate.value.columns,
          ` since ${(report.market.separateFrom?.date ?? separate.value.from).slice(0, 4)}`
        )
      : []),
    ["Orders / fills / denied", ...books(({ denied, fills, orders }) => `${orders} / ${fills} / ${denied}`)],
    ...(report.books.some(({ options }) => options.orders > 0)
      ? [["Contracts sold / expired / assigned", ...books(contractsText)]]
      : []),
    ["Daily-loss / drawdown trips", ...books((_, i) => trips[i] ?? "")],
    ["Trading state at the end", ...books(({ tradingState }) => tradingState)]
  ]
  const [first] = options.next
  return [
    `${report.title}: ${report.period.sessions} sessions in ${options.seconds.toFixed(1)} s, ${report.profile.label}, after a drawdown: ${report.resumePolicy}`,
    "",
    ...table(rows),
    "",
    `Journal hash  ${run.journalHash}`,
    `Report        ${options.folder.report}`,
    ...report.market.caveats
      .slice(0, 3)
      .map((caveat, i) => `${i === 0 ? "Mind          " : "              "}${printable(caveat)}`),
    ...(first === undefined ? [] : ["", `Next: ${first.command}   (${first.purpose})`]),
    ...options.next.slice(1).map(({ command, purpose }) => `      ${command}   (${purpose})`)
  ]
}

const contractsText = ({ options }: FinishedRun["report"]["books"][number]): string =>
  (["sold", "expired", "assigned"] as const)
    .map((kind) => formatMicros(contractCount(options, kind)))
    .join(" / ")

const equityEnd = ({ report }: FinishedRun, i: number): string => {
  const curve = report.books[i]?.curve ?? report.benchmark.curve
  const last = curve.equities.at(-1)
  return last === undefined ? "-" : usd(Math.round(last * 1_000_000))
}
