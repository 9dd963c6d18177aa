/** The report's statistics: every book and the benchmark, over the whole period and over the separate one. */
import { Option } from "effect"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { type EquityCurve, since } from "../../portfolio/EquityCurve.ts"
import { performance, type Performance } from "../../portfolio/Performance.ts"
import type { BenchmarkReport, BookReport, RunReport } from "./RunReport.ts"

export interface StatisticsColumn {
  readonly name: string
  readonly performance: Performance
}

export interface StatisticsPeriod {
  readonly from: SessionDate
  readonly to: SessionDate
  /** The books in their order, then the benchmark. */
  readonly columns: ReadonlyArray<StatisticsColumn>
}

/** The part of a book's curve that starts at `part`'s first point, with what was traded after that point. */
const bookPerformance = (book: BookReport, part: EquityCurve): Performance => {
  const start = book.curve.dates.length - part.dates.length
  return performance(part, {
    grossExposures: book.grossExposures.slice(start),
    tradedNotional: book.traded.slice(start + 1).reduce((sum, notional) => sum + notional, 0)
  })
}

/** Held throughout: all of it exposed, nothing traded after the first point. */
const benchmarkPerformance = (part: EquityCurve): Performance =>
  performance(part, { grossExposures: part.equities, tradedNotional: 0 })

const periodOf = (
  { books, benchmark }: { readonly books: ReadonlyArray<BookReport>; readonly benchmark: BenchmarkReport },
  partOf: (curve: EquityCurve) => Option.Option<EquityCurve>
): Option.Option<StatisticsPeriod> => {
  const columns = [
    ...books.map((book) =>
      Option.map(partOf(book.curve), (part) => ({
        name: book.name,
        part,
        performance: bookPerformance(book, part)
      }))
    ),
    Option.map(partOf(benchmark.curve), (part) => ({
      name: benchmark.name,
      part,
      performance: benchmarkPerformance(part)
    }))
  ]
  return Option.flatMap(Option.all(columns), (found) => {
    const dates = found.map(({ part }) => part.dates)
    const from = dates.flatMap((all) => all.slice(0, 1)).toSorted()[0]
    const to = dates
      .flatMap((all) => all.slice(-1))
      .toSorted()
      .at(-1)
    return from === undefined || to === undefined ? Option.none() : Option.some({ from, to, columns: found })
  })
}

export interface RunStatistics {
  readonly whole: StatisticsPeriod
  /** None when the run asks for no separate period, or lies all before it or all in it. */
  readonly separate: Option.Option<StatisticsPeriod>
}

/** True when the run begins before the period whose results are to be given separately. */
export const beginsBefore = ({ period, market }: RunReport): boolean =>
  market.separateFrom !== undefined && period.from < market.separateFrom.date

export const runStatistics = (report: RunReport): RunStatistics => {
  const from = report.market.separateFrom
  return {
    whole: Option.getOrThrow(periodOf(report, Option.some)),
    separate:
      from === undefined || !beginsBefore(report)
        ? Option.none()
        : periodOf(report, (curve) => since(curve, from.date))
  }
}
