/** What the backtest tools tell of a finished backtest: bounded, whatever was played. */
import { Schema } from "effect"
import canonicalize from "canonicalize"
import { type BacktestInputs, pricesHash } from "../../../backtest/BacktestInputs.ts"
import type { BacktestModels } from "../../../backtest/BacktestModels.ts"
import type { BacktestContent } from "../../../backtest/BacktestResult.ts"
import { contaminationLines, isPromotable } from "../../../backtest/robustness/Contaminated.ts"
import { modelLines } from "../../../backtest/report/Provenance.ts"
import { costsOf, CostsPreset } from "../../../backtest/CostsPreset.ts"
import { formatMicros, MICROS } from "../../../domain/Money.ts"
import type { StatisticName } from "../../../portfolio/Performance.ts"
import { formatResumePolicy } from "../../../risk/ResumePolicy.ts"
import { keepExtremes } from "../../../session/report/Downsample.ts"

/** Of each part of a curve the lowest and the highest point are told: 60 points at most, with both ends. */
const CURVE_PARTS = 29
/** Trips told one by one; all are counted. */
const MAX_TRIPS = 8
/** Denials told by rule, and of each example so many characters. */
const MAX_DENIALS = 12
const MAX_EXAMPLE = 160
/** Symbols, and parameters, that are told. */
const MAX_SYMBOLS = 20
const MAX_PARAMETERS = 16
/** Characters that are told of a model, and of somebody's words. */
const MAX_MODEL = 200
const MAX_WORDS = 300
/** Digits of a hash: enough to tell two apart. */
const HASH_DIGITS = 16

/** The statistics that are told of every backtest, by their names in the report. */
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

const ratio = Schema.NullOr(Schema.Finite)

/** Ratios a year; null when it cannot be told. */
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
export type Statistics = typeof Statistics.Type

/** A parameter's name and value: nothing on the wire has keys that are no names of ours. */
export const NamedValue = Schema.Struct({
  name: Schema.String,
  value: Schema.Union([Schema.Finite, Schema.String, Schema.Boolean])
})

/** What a backtest was made of. */
export const Inputs = Schema.Struct({
  algorithm: Schema.String,
  kind: Schema.Literals(["built-in", "file", "lean"]),
  codeHash: Schema.String,
  parameters: Schema.Array(NamedValue),
  engine: Schema.String,
  source: Schema.String,
  symbols: Schema.Array(Schema.String),
  resolution: Schema.String,
  startDate: Schema.String,
  endDate: Schema.String,
  /** Of the prices played, warm-up aside. */
  dataHash: Schema.String,
  cash: Schema.String,
  profile: Schema.String,
  profileLabel: Schema.String,
  promotable: Schema.Boolean,
  /** A preset's name, or "custom". */
  costs: Schema.String,
  /** What is assumed of fills, fees, slippage, borrowing and margin, a line each. */
  models: Schema.Array(Schema.String),
  resumePolicy: Schema.String,
  seed: Schema.Int
})

export const Figures = Schema.Struct({
  sessions: Schema.Int,
  bars: Schema.Int,
  equityEnd: Schema.NullOr(Schema.String),
  statistics: Statistics,
  drawdown: Schema.NullOr(
    Schema.Struct({ peak: Schema.String, trough: Schema.String, recovered: Schema.NullOr(Schema.String) })
  ),
  orders: Schema.Int,
  fills: Schema.Int,
  trades: Schema.Int,
  denied: Schema.Int,
  denials: Schema.Array(Schema.Struct({ rule: Schema.String, count: Schema.Int, example: Schema.String })),
  dailyLossTrips: Schema.Int,
  drawdownTrips: Schema.Int,
  trips: Schema.Array(
    Schema.Struct({ date: Schema.String, kind: Schema.String, value: ratio, limit: ratio })
  ),
  tradingStateEnd: Schema.String,
  /** All of them, what was borrowed included. */
  fees: Schema.String,
  /** For short shares and owed money; null where the models do not say what that costs. */
  borrowFees: Schema.NullOr(Schema.String),
  interest: Schema.NullOr(Schema.String),
  dividends: Schema.String
})
export type Figures = typeof Figures.Type

/** The equity over time: rows of date and dollars, thinned out, with both ends and every extreme. */
export const Curve = Schema.Struct({ rows: Schema.Array(Schema.Array(Schema.String)), points: Schema.Int })

/** As many digits as a ratio means. */
export const rounded = (value: number): number => Number(value.toFixed(6))

export const short = (text: string, most = MAX_WORDS): string =>
  text.length > most ? `${text.slice(0, most)}…` : text

/** Statistics by their names in the report, as they are stored. */
interface StoredStatistics {
  readonly [name: string]: number | null
}

const toldValue = (own: StoredStatistics, name: StatisticName): number | null => {
  const value = own[name]
  return value === undefined || value === null ? null : rounded(value)
}

export const statisticsOf = (own: StoredStatistics): Statistics => ({
  totalReturn: toldValue(own, "totalReturn"),
  cagr: toldValue(own, "cagr"),
  volatility: toldValue(own, "volatility"),
  sharpe: toldValue(own, "sharpe"),
  sharpeStandardError: toldValue(own, "sharpeStandardError"),
  sortino: toldValue(own, "sortino"),
  maxDrawdown: toldValue(own, "maxDrawdown"),
  calmar: toldValue(own, "calmar"),
  exposedDays: toldValue(own, "exposedDays"),
  turnover: toldValue(own, "turnover")
})

const dollarsText = (dollars: number): string => formatMicros(Math.round(dollars * 100) * (MICROS / 100), 2)

/** The closes with the starting cash before them. */
export const curveOf = (
  { dates, equity }: BacktestContent,
  start: string,
  cash: number
): typeof Curve.Type => {
  const values = Float64Array.from([cash, ...equity])
  const rows = keepExtremes(values, { buckets: CURVE_PARTS, step: Number.POSITIVE_INFINITY }).map((i) => [
    i === 0 ? `before ${start}` : (dates[i - 1] ?? ""),
    dollarsText(values[i] ?? 0)
  ])
  return { rows, points: values.length }
}

/** Where the deepest fall began, ended and was made good; null of equity that never fell. */
export const drawdownOf = ({ dates, equity }: BacktestContent, cash: number): Figures["drawdown"] => {
  let [peak, peakAt, depth] = [cash, -1, 0]
  let deepest: { readonly level: number; readonly peakAt: number; readonly troughAt: number } | undefined
  for (const [i, value] of equity.entries()) {
    if (value > peak) [peak, peakAt] = [value, i]
    const fall = peak > 0 ? value / peak - 1 : 0
    if (fall < depth) {
      depth = fall
      deepest = { level: peak, peakAt, troughAt: i }
    }
  }
  if (deepest === undefined) return null
  const { level, peakAt: from, troughAt } = deepest
  const back = equity.findIndex((value, i) => i > troughAt && value >= level)
  return {
    peak: from === -1 ? "start" : (dates[from] ?? ""),
    trough: dates[troughAt] ?? "",
    recovered: back === -1 ? null : (dates[back] ?? null)
  }
}

export const figuresOf = (content: BacktestContent, cash: number): Figures => {
  const { denials, financing, states, statistics } = content
  const trips = states.filter(({ cause }) => cause === "daily-loss" || cause === "drawdown")
  const tripped = trips.filter(({ value }) => value !== undefined)
  const end = content.equity.at(-1)
  return {
    sessions: content.dates.length,
    bars: content.bars,
    equityEnd: end === undefined ? null : dollarsText(end),
    statistics: statisticsOf(statistics.own),
    drawdown: drawdownOf(content, cash),
    orders: content.orders.length,
    fills: content.fills.length,
    trades: content.trades.length,
    denied: denials.reduce((sum, { count }) => sum + count, 0),
    denials: denials
      .slice(0, MAX_DENIALS)
      .map(({ count, example, rule }) => ({ rule, count, example: short(example, MAX_EXAMPLE) })),
    dailyLossTrips: tripped.filter(({ cause }) => cause === "daily-loss").length,
    drawdownTrips: tripped.filter(({ cause }) => cause === "drawdown").length,
    trips: tripped.slice(0, MAX_TRIPS).map(({ cause, date, limit, value }) => ({
      date,
      kind: cause,
      value: value === undefined ? null : rounded(value),
      limit: limit ?? null
    })),
    tradingStateEnd: content.tradingState,
    fees: formatMicros(content.fees, 2),
    borrowFees: financing === undefined ? null : formatMicros(financing.borrow, 2),
    interest: financing === undefined ? null : formatMicros(financing.interest, 2),
    dividends: formatMicros(content.dividends, 2)
  }
}

/** Of the models what a preset says; borrowing and margin stand beside it. */
const costsIn = ({ exerciseThreshold, fee, fill, lots, quotes, slippage }: BacktestModels) =>
  canonicalize([fill, fee, slippage, quotes, lots, exerciseThreshold ?? null])

/** The preset that these models are; "custom" where they are none. */
export const costsName = (models: BacktestModels): string =>
  CostsPreset.literals.find((name) => costsIn(costsOf(name)) === costsIn(models)) ?? "custom"

/** Symbols in bounded words. */
export const toldSymbols = (symbols: ReadonlyArray<string>): ReadonlyArray<string> =>
  symbols.length > MAX_SYMBOLS
    ? [...symbols.slice(0, MAX_SYMBOLS), `and ${symbols.length - MAX_SYMBOLS} more`]
    : symbols

export const toldParameters = (
  parameters: BacktestInputs["algorithm"]["parameters"]
): ReadonlyArray<typeof NamedValue.Type> =>
  Object.entries(parameters)
    .slice(0, MAX_PARAMETERS)
    .map(([name, value]) => ({
      name: short(name, 64),
      value: typeof value === "string" ? short(value, 64) : value
    }))

export const shortHash = (hash: string): string => hash.slice(0, HASH_DIGITS)

export const inputsOf = (inputs: BacktestInputs): typeof Inputs.Type => {
  const { algorithm, cash, data, engine, models, profile } = inputs
  return {
    algorithm: short(algorithm.name, 64),
    kind: algorithm.kind,
    codeHash: shortHash(algorithm.codeHash),
    parameters: toldParameters(algorithm.parameters),
    engine: short(`${engine.name} ${engine.version}`, 64),
    source: short(data.source),
    symbols: toldSymbols(data.symbols),
    resolution: data.resolution,
    startDate: data.from,
    endDate: data.to,
    dataHash: shortHash(pricesHash(data)),
    cash: formatMicros(cash, 2),
    profile: short(profile.name, 64),
    profileLabel: short(profile.label),
    promotable: isPromotable(inputs),
    costs: costsName(models),
    models: modelLines(models).map(([name, words]) => short(`${name}: ${words}`, MAX_MODEL)),
    resumePolicy: formatResumePolicy(inputs.resumePolicy),
    seed: inputs.seed
  }
}

/** A Sharpe ratio that luck alone could give. */
export const luckNotes = ({ sharpe, sharpeStandardError }: Statistics): ReadonlyArray<string> =>
  sharpe !== null && sharpeStandardError !== null && Math.abs(sharpe) < 2 * sharpeStandardError
    ? [
        `the Sharpe ratio, ${sharpe.toFixed(2)} ± ${sharpeStandardError.toFixed(2)}, is within two standard errors of zero: luck alone could give it`
      ]
    : []

/** What is said of every answer about what was made under limits that no desk has. */
export const promotionNotes = ({
  label,
  promotable
}: {
  readonly label: string
  readonly promotable: boolean
}): ReadonlyArray<string> =>
  promotable ? [] : [`made under ${short(label)}: not promotable, nothing of it may decide a desk's orders`]

/** The same of inputs: by their limits, and by what their model had read about. */
export const labelNotes = (inputs: BacktestInputs): ReadonlyArray<string> => [
  ...promotionNotes(inputs.profile),
  ...contaminationLines(inputs)
]
