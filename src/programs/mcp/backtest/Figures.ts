/** What the backtest tools tell of a finished run. */
import { Option, Result, Schema } from "effect"
import { formatMicros, MICROS, type Money } from "../../../domain/Money.ts"
import type { EquityCurve } from "../../../portfolio/EquityCurve.ts"
import { type Performance, performance, type StatisticName } from "../../../portfolio/Performance.ts"
import { keepExtremes } from "../../../session/report/Downsample.ts"
import { bookCurve, breakerEvents } from "../../../session/RunReportData.ts"
import type { RunInputs } from "../../../session/RunInputs.ts"
import type { BookSummary } from "../../../session/RunSummary.ts"
import { snakeCase } from "../kit/Wire.ts"

/** Of each part of a curve the lowest and the highest point are told: 60 points at most, with both ends. */
const CURVE_PARTS = 29
/** Trips told one by one; all are counted. */
const MAX_TRIPS = 8
/** Denials told by rule, and of each example so many characters. */
const MAX_DENIALS = 20
const MAX_EXAMPLE = 160

/** The statistics of a book, by their names in the report. */
export const statisticNames = [
  "totalReturn",
  "cagr",
  "volatility",
  "sharpe",
  "sharpeStandardError",
  "sortino",
  "maxDrawdown",
  "calmar",
  "exposedDays",
  "turnover"
] as const satisfies ReadonlyArray<StatisticName>
export type ToldStatistic = (typeof statisticNames)[number]

const ratio = Schema.NullOr(Schema.Finite)

/** Ratios a year; null when it cannot be told, and then `missing` says why. */
export const Statistics = Schema.Struct({
  totalReturn: ratio,
  cagr: ratio,
  volatility: ratio,
  sharpe: ratio,
  sharpeStandardError: ratio,
  sortino: ratio,
  /** Zero or below. */
  maxDrawdown: ratio,
  calmar: ratio,
  /** Part of the days that ended with something held. */
  exposedDays: ratio,
  turnover: ratio
})

export const BookFigures = Schema.Struct({
  algorithm: Schema.String,
  journalHash: Schema.String,
  sessions: Schema.Int,
  equityEnd: Schema.NullOr(Schema.String),
  statistics: Statistics,
  missing: Schema.Array(Schema.String),
  drawdown: Schema.NullOr(
    Schema.Struct({ peak: Schema.String, trough: Schema.String, recovered: Schema.NullOr(Schema.String) })
  ),
  orders: Schema.Int,
  fills: Schema.Int,
  denied: Schema.Int,
  denials: Schema.Array(Schema.Struct({ rule: Schema.String, count: Schema.Int, example: Schema.String })),
  dailyLossTrips: Schema.Int,
  drawdownTrips: Schema.Int,
  trips: Schema.Array(
    Schema.Struct({ date: Schema.String, kind: Schema.String, value: ratio, limit: ratio })
  ),
  tradingStateEnd: Schema.String,
  /** Rows of date and dollars. */
  curve: Schema.Array(Schema.Array(Schema.String)),
  curvePoints: Schema.Int
})
export type BookFigures = typeof BookFigures.Type

/** As many digits as a ratio means. */
export const rounded = (value: number): number => Number(value.toFixed(6))

const toldValue = ({ statistics }: Performance, name: ToldStatistic): number | null => {
  const statistic = statistics[name]
  return statistic._tag === "Value" ? rounded(statistic.value) : null
}

const statisticsOf = (told: Performance): typeof Statistics.Type => ({
  totalReturn: toldValue(told, "totalReturn"),
  cagr: toldValue(told, "cagr"),
  volatility: toldValue(told, "volatility"),
  sharpe: toldValue(told, "sharpe"),
  sharpeStandardError: toldValue(told, "sharpeStandardError"),
  sortino: toldValue(told, "sortino"),
  maxDrawdown: toldValue(told, "maxDrawdown"),
  calmar: toldValue(told, "calmar"),
  exposedDays: toldValue(told, "exposedDays"),
  turnover: toldValue(told, "turnover")
})

const missingOf = ({ statistics }: Performance): ReadonlyArray<string> =>
  statisticNames.flatMap((name) => {
    const statistic = statistics[name]
    return statistic._tag === "None" ? [`${snakeCase(name)}: ${statistic.reason}`] : []
  })

const dollarsText = (dollars: number): string => formatMicros(Math.round(dollars * 100) * (MICROS / 100), 2)

const curveRows = ({ dates, equities }: EquityCurve): ReadonlyArray<ReadonlyArray<string>> =>
  keepExtremes(equities, { buckets: CURVE_PARTS, step: Number.POSITIVE_INFINITY }).map((i) => [
    dates[i] ?? "",
    dollarsText(equities[i] ?? 0)
  ])

/** A book's figures, from what its journal says. */
export const bookFigures = (algorithm: string, summary: BookSummary, cash: Money): BookFigures => {
  const curve = Option.getOrUndefined(Result.getSuccess(bookCurve(summary, cash)))
  const told =
    curve === undefined
      ? undefined
      : performance(curve, {
          grossExposures: Float64Array.from([0, ...summary.grossExposure]),
          tradedNotional: summary.traded.reduce((sum, dollars) => sum + dollars, 0)
        })
  const drawdown = told === undefined ? undefined : Option.getOrUndefined(told.drawdown)
  const trips = breakerEvents(summary).filter(({ kind }) => kind === "daily-loss" || kind === "drawdown")
  const end = summary.equity.at(-1)
  return {
    algorithm,
    journalHash: summary.journalHash,
    sessions: summary.sessions,
    equityEnd: end === undefined ? null : dollarsText(end),
    statistics: told === undefined ? noStatistics : statisticsOf(told),
    missing: told === undefined ? ["no session was played"] : missingOf(told),
    drawdown:
      drawdown === undefined
        ? null
        : {
            peak: drawdown.peak,
            trough: drawdown.trough,
            recovered: Option.getOrNull(drawdown.recovery)
          },
    orders: summary.orders,
    fills: summary.fills,
    denied: summary.denied,
    denials: summary.denials
      .slice(0, MAX_DENIALS)
      .map(({ count, example, rule }) => ({ rule, count, example: example.slice(0, MAX_EXAMPLE) })),
    dailyLossTrips: trips.filter(({ kind }) => kind === "daily-loss").length,
    drawdownTrips: trips.filter(({ kind }) => kind === "drawdown").length,
    trips: trips.slice(0, MAX_TRIPS).map(({ date, kind, limit, value }) => ({
      date,
      kind,
      value: value === undefined ? null : rounded(value),
      limit: limit ?? null
    })),
    tradingStateEnd: summary.stateChanges.at(-1)?.event.to ?? "Active",
    curve: curve === undefined ? [] : curveRows(curve),
    curvePoints: curve === undefined ? 0 : curve.dates.length
  }
}

const noStatistics: typeof Statistics.Type = {
  totalReturn: null,
  cagr: null,
  volatility: null,
  sharpe: null,
  sharpeStandardError: null,
  sortino: null,
  maxDrawdown: null,
  calmar: null,
  exposedDays: null,
  turnover: null
}

/** What a run was made of. */
export const InputFigures = Schema.Struct({
  symbols: Schema.Array(Schema.String),
  startDate: Schema.String,
  endDate: Schema.String,
  cash: Schema.String,
  profile: Schema.String,
  profileLabel: Schema.String,
  promotable: Schema.Boolean
})

/** Symbols that are told of a run on many. */
const MAX_SYMBOLS = 20

/** Symbols in bounded words. */
export const toldSymbols = (symbols: ReadonlyArray<string>): ReadonlyArray<string> =>
  symbols.length > MAX_SYMBOLS
    ? [...symbols.slice(0, MAX_SYMBOLS), `and ${symbols.length - MAX_SYMBOLS} more`]
    : symbols

export const inputFigures = ({ cash, from, profile, symbols, to }: RunInputs): typeof InputFigures.Type => ({
  symbols: toldSymbols(symbols),
  startDate: from,
  endDate: to,
  cash: formatMicros(cash, 2),
  profile: profile.name,
  profileLabel: profile.label,
  promotable: profile.promotable
})
