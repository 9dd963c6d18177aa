/**
 * Statistics of an equity curve, each with the definition the report prints.
 *
 * A statistic is a finite number or the reason there is none: too little data,
 * an account that was worth nothing, a ratio whose denominator is zero. Never
 * NaN. Daily figures are annualised with 252 days; the risk-free rate is zero.
 */
import { Option, Schema } from "effect"
import { dayOfDate } from "../domain/Timestamp.ts"
import {
  dailyReturns,
  deepestDrawdown,
  type Drawdown,
  type EquityCurve,
  type ExtremeDays,
  extremeDays,
  ruinedOn
} from "./EquityCurve.ts"

/** Sessions in a year, by convention. */
export const DAYS_PER_YEAR = 252
/** Days in a calendar year, leap years averaged. */
const CALENDAR_DAYS_PER_YEAR = 365.25

/** A number, or why there is none. */
export const Statistic = Schema.TaggedUnion({
  Value: { value: Schema.Finite },
  None: { reason: Schema.NonEmptyString }
})
export type Statistic = typeof Statistic.Type

export const none = (reason: string): Statistic => ({ _tag: "None", reason })

/** The number as a statistic; none where it is not finite. */
// The sum turns a negative zero into zero.
export const value = (number: number): Statistic =>
  Number.isFinite(number)
    ? { _tag: "Value", value: number + 0 }
    : none("too large or too small to be a number")

/** The definition of every statistic, in the order a report shows them. */
export const statisticDefinitions = [
  {
    key: "totalReturn",
    name: "Total return",
    shownAs: "percent",
    definition: "Last equity over first equity, less one."
  },
  {
    key: "cagr",
    name: "CAGR (calendar)",
    shownAs: "percent",
    definition:
      "Compound annual growth rate: last equity over first, to the power of one over the years between the two dates, less one. A year is 365.25 days."
  },
  {
    key: "cagr252",
    name: "CAGR (252 days)",
    shownAs: "percent",
    definition: "The same, with 252 daily returns to the year instead of calendar days."
  },
  {
    key: "volatility",
    name: "Volatility",
    shownAs: "percent",
    definition: "Standard deviation of the daily returns (n − 1 in the denominator), times √252."
  },
  {
    key: "sharpe",
    name: "Sharpe ratio",
    shownAs: "number",
    definition:
      "Mean daily return over the standard deviation of the daily returns (n − 1), times √252; the risk-free rate is zero."
  },
  {
    key: "sharpeStandardError",
    name: "Standard error of the Sharpe ratio",
    shownAs: "number",
    definition:
      "√((1 + S²/2) / n) times √252, S being the daily Sharpe ratio and n the number of returns (Lo 2002, independent and identically distributed returns)."
  },
  {
    key: "sortino",
    name: "Sortino ratio",
    shownAs: "number",
    definition:
      "Mean daily return over the downside deviation, times √252. Downside deviation: the root of the mean, over all days, of the squared negative returns."
  },
  {
    key: "maxDrawdown",
    name: "Maximum drawdown",
    shownAs: "percent",
    definition:
      "The deepest fall of equity below its highest value so far, as a part of that value; zero or negative."
  },
  {
    key: "calmar",
    name: "Calmar ratio",
    shownAs: "number",
    definition: "CAGR (252 days) over the size of the maximum drawdown."
  },
  {
    key: "bestDay",
    name: "Best day",
    shownAs: "percent",
    definition: "The highest daily return."
  },
  {
    key: "worstDay",
    name: "Worst day",
    shownAs: "percent",
    definition: "The lowest daily return."
  },
  {
    key: "exposedDays",
    name: "Days exposed",
    shownAs: "percent",
    definition: "The part of the days, after the first point, that ended with a gross exposure above zero."
  },
  {
    key: "turnover",
    name: "Turnover",
    shownAs: "number",
    definition:
      "Money traded, purchases and sales together, over the mean daily equity, per year of 252 days: selling everything and buying it back is 2."
  }
] as const

export type StatisticName = (typeof statisticDefinitions)[number]["key"]

/** Every statistic by name, with the days that go with them. */
export interface Performance {
  readonly statistics: { readonly [Name in StatisticName]: Statistic }
  /** None when equity never fell below an earlier peak. */
  readonly drawdown: Option.Option<Drawdown>
  readonly days: Option.Option<ExtremeDays>
}

/** NaN of nothing. */
export const mean = (series: Float64Array): number => series.reduce((sum, x) => sum + x, 0) / series.length

/** Sample standard deviation: n − 1 in the denominator. NaN below two values. */
const standardDeviation = (series: Float64Array): number => {
  const centre = mean(series)
  return Math.sqrt(series.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (series.length - 1))
}

/** Returns closer than this differ by rounding alone; a ratio to their deviation would be noise. */
export const LEAST_DEVIATION = 1e-12

/** Runs `statistic` on the daily returns when there are at least `least` of them and they mean something. */
const ofReturns = (
  curve: EquityCurve,
  least: number,
  statistic: (returns: Float64Array) => Statistic
): Statistic => {
  const ruined = ruinedOn(curve)
  if (Option.isSome(ruined)) return none(`the account was worth nothing or less on ${ruined.value}`)
  const returns = dailyReturns(curve)
  if (returns.length < least) return none(`needs ${least} daily returns, has ${returns.length}`)
  return statistic(returns)
}

/** Last equity ÷ first − 1. */
export const totalReturn = (curve: EquityCurve): Statistic =>
  curve.equities.length < 2 ? none("needs 1 daily return, has 0") : value(growth(curve) - 1)

const growth = ({ equities }: EquityCurve): number =>
  (equities.at(-1) ?? Number.NaN) / (equities[0] ?? Number.NaN)

/** Growth per calendar year of 365.25 days. */
export const cagr = (curve: EquityCurve): Statistic =>
  ofReturns(curve, 1, () => {
    const [first, last] = [curve.dates[0], curve.dates.at(-1)]
    if (first === undefined || last === undefined) return none("needs two dates")
    const years = (dayOfDate(last) - dayOfDate(first)) / CALENDAR_DAYS_PER_YEAR
    return value(growth(curve) ** (1 / years) - 1)
  })

/** Growth per 252 daily returns. */
export const cagr252 = (curve: EquityCurve): Statistic =>
  ofReturns(curve, 1, (returns) => value(growth(curve) ** (DAYS_PER_YEAR / returns.length) - 1))

/** Standard deviation of daily returns (n − 1) × √252. */
export const volatility = (curve: EquityCurve): Statistic =>
  ofReturns(curve, 2, (returns) => value(standardDeviation(returns) * Math.sqrt(DAYS_PER_YEAR)))

const dailySharpe = (returns: Float64Array): Statistic => {
  const deviation = standardDeviation(returns)
  return deviation > LEAST_DEVIATION
    ? value(mean(returns) / deviation)
    : none("the daily returns do not vary")
}

/** `f` of the number, where there is one. */
export const mapValue = (statistic: Statistic, f: (value: number) => number): Statistic =>
  statistic._tag === "Value" ? value(f(statistic.value)) : statistic

/** Mean ÷ standard deviation (n − 1) of daily returns × √252, rate zero. */
export const sharpe = (curve: EquityCurve): Statistic =>
  ofReturns(curve, 2, (returns) =>
    mapValue(dailySharpe(returns), (ratio) => ratio * Math.sqrt(DAYS_PER_YEAR))
  )

/** √((1 + S²/2) ÷ n) × √252 with the daily Sharpe ratio S: Lo, "The Statistics of Sharpe Ratios" (2002), for iid returns. */
export const sharpeStandardError = (curve: EquityCurve): Statistic =>
  ofReturns(curve, 2, (returns) =>
    mapValue(dailySharpe(returns), (ratio) =>
      Math.sqrt(((1 + ratio ** 2 / 2) / returns.length) * DAYS_PER_YEAR)
    )
  )

/** Mean ÷ √(mean of min(r, 0)² over all days) × √252. */
export const sortino = (curve: EquityCurve): Statistic =>
  ofReturns(curve, 2, (returns) => {
    const downside = Math.sqrt(mean(returns.map((x) => Math.min(x, 0) ** 2)))
    return downside > 0
      ? value((mean(returns) / downside) * Math.sqrt(DAYS_PER_YEAR))
      : none("no day lost money")
  })

/** The deepest drawdown, zero or negative; zero when equity never fell below a peak. */
export const maxDrawdown = (curve: EquityCurve): Statistic =>
  value(Option.match(deepestDrawdown(curve), { onNone: () => 0, onSome: (drawdown) => drawdown.depth }))

/** CAGR (252 days) ÷ |maximum drawdown|. */
export const calmar = (curve: EquityCurve): Statistic => {
  const drawdown = deepestDrawdown(curve)
  if (Option.isNone(drawdown)) return none("equity never fell below an earlier peak")
  return mapValue(cagr252(curve), (growthRate) => growthRate / -drawdown.value.depth)
}

/** The highest daily return. */
export const bestDay = (curve: EquityCurve): Statistic =>
  ofReturns(curve, 1, (returns) => value(returns.reduce((best, x) => Math.max(best, x))))

/** The lowest daily return. */
export const worstDay = (curve: EquityCurve): Statistic =>
  ofReturns(curve, 1, (returns) => value(returns.reduce((worst, x) => Math.min(worst, x))))

/** Part of the days after the first point whose gross exposure at the close is above zero; one figure a point of the curve. */
export const exposedDays = (curve: EquityCurve, grossExposures: Float64Array): Statistic => {
  const days = curve.equities.length - 1
  if (grossExposures.length !== curve.equities.length) {
    return none(`needs one exposure a day: ${curve.equities.length} days, ${grossExposures.length} exposures`)
  }
  if (days === 0) return none("needs 1 day after the first point, has 0")
  if (!grossExposures.every(Number.isFinite)) return none("an exposure is not a number")
  return value(grossExposures.subarray(1).filter((gross) => gross > 0).length / days)
}

/** Money traded (dollars, both sides) ÷ mean daily equity, per 252 days. */
export const turnover = (curve: EquityCurve, tradedNotional: number): Statistic => {
  const days = curve.equities.length - 1
  if (days === 0) return none("needs 1 day after the first point, has 0")
  if (!(tradedNotional >= 0)) return none("the money traded is not a number of dollars")
  const average = mean(curve.equities)
  if (!(average > 0)) return none("the mean equity is zero or below")
  return value((tradedNotional / average) * (DAYS_PER_YEAR / days))
}

/**
 * Every statistic of a curve. `grossExposures` is in dollars, one a point of
 * the curve; `tradedNotional` is the sum of price × quantity × multiplier of
 * all fills, in dollars.
 */
export const performance = (
  curve: EquityCurve,
  activity: { readonly grossExposures: Float64Array; readonly tradedNotional: number }
): Performance => {
  return {
    statistics: {
      totalReturn: totalReturn(curve),
      cagr: cagr(curve),
      cagr252: cagr252(curve),
      volatility: volatility(curve),
      sharpe: sharpe(curve),
      sharpeStandardError: sharpeStandardError(curve),
      sortino: sortino(curve),
      maxDrawdown: maxDrawdown(curve),
      calmar: calmar(curve),
      bestDay: bestDay(curve),
      worstDay: worstDay(curve),
      exposedDays: exposedDays(curve, activity.grossExposures),
      turnover: turnover(curve, activity.tradedNotional)
    },
    drawdown: deepestDrawdown(curve),
    days: extremeDays(curve)
  }
}
