/** Returns and played backtests for the tests of the statistics. */
import { readFileSync } from "node:fs"
import type { Played } from "../../../src/backtest/Played.ts"
import { money } from "../../../src/domain/Money.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import type { Statistic } from "../../../src/portfolio/Performance.ts"

export const numberOf = (statistic: Statistic): number => {
  if (statistic._tag === "None") throw new Error(`no statistic: ${statistic.reason}`)
  return statistic.value
}

export const reasonOf = (statistic: Statistic): string => (statistic._tag === "None" ? statistic.reason : "")

export interface IndexDay {
  readonly date: string
  readonly open: number
  readonly close: number
}

/** The S&P 500 from 2000 to 2020, of the package vega-datasets. */
export const index = (): ReadonlyArray<IndexDay> =>
  readFileSync(new URL("../../../node_modules/vega-datasets/data/sp500-2000.csv", import.meta.url), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [date = "", open, , , close] = line.split(",")
      return { date, open: Number(open), close: Number(close) }
    })

export const returnsOf = (closes: ReadonlyArray<number>): Float64Array =>
  Float64Array.from(closes.slice(1), (close, i) => close / (closes[i] ?? Number.NaN) - 1)

/** Nothing traded, of columns as long as `dates`. */
export const playedOf = (
  dates: ReadonlyArray<string>,
  columns: Partial<Pick<Played, "equity" | "benchmark" | "traded" | "grossExposure">>,
  rest: Partial<Played> = {}
): Played => {
  const zeros = () => new Float64Array(dates.length)
  return {
    dates: dates.map((date) => sessionDate(date)),
    equity: columns.equity ?? zeros(),
    grossExposure: columns.grossExposure ?? zeros(),
    netExposure: zeros(),
    traded: columns.traded ?? zeros(),
    benchmark: columns.benchmark ?? zeros(),
    cash: money(0),
    fees: money(0),
    dividends: money(0),
    bars: 0,
    orders: [],
    fills: [],
    moves: [],
    denials: [],
    states: [],
    held: [],
    options: [],
    tradingState: "Active",
    ...rest
  }
}
