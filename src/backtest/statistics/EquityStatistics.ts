/**
 * What LEAN tells of the equity alone (QuantConnect/Lean,
 * `Common/Statistics/PortfolioStatistics.cs`, `Statistics.cs` and
 * `Engine/Results/BaseResultsHandler.cs`).
 */
import { Option } from "effect"
import { dayOfDate, MICROS_PER_MINUTE, type SessionDate } from "../../domain/Timestamp.ts"
import { fromExchangeTime, session } from "../../market/TradingCalendar.ts"
import type { EquityCurve } from "../../portfolio/EquityCurve.ts"
import { DAYS_PER_YEAR, mean, none, type Statistic, value } from "../../portfolio/Performance.ts"
import { type Confidence, standardNormal } from "../../portfolio/ValueAtRisk.ts"
import { sampleVariance } from "./Moments.ts"

const MICROS_PER_DAY = 24 * 60 * MICROS_PER_MINUTE
const DAYS_PER_CALENDAR_YEAR = 365
const USUAL_CLOSE = 16 * 60 * MICROS_PER_MINUTE

const closeOf = (date: SessionDate): number =>
  Option.match(session(date), {
    onNone: () => fromExchangeTime(date, USUAL_CLOSE),
    onSome: ({ close }) => close
  })

/** From midnight before the first session to the last one's close, in years of 365 days. */
export const yearsBetween = (first: SessionDate, last: SessionDate): number =>
  (closeOf(last) - fromExchangeTime(first, 0)) / MICROS_PER_DAY / DAYS_PER_CALENDAR_YEAR

/** (end ÷ start)^(1 ÷ years) − 1, years being calendar days ÷ 365; the only one of LEAN's rates that is not of 252 days. */
export const compoundingAnnualReturn = (
  { end, start }: { readonly start: number; readonly end: number },
  years: number
): Statistic => {
  if (!(years > 0) || !(start > 0)) return none("needs a time and a starting cash above zero")
  if (end < 0) return none("the account was worth less than nothing at the end")
  return value((end / start) ** (1 / years) - 1)
}

/** End ÷ start − 1. */
export const totalNetProfit = ({ end, start }: { readonly start: number; readonly end: number }): Statistic =>
  start > 0 ? value(end / start - 1) : none("needs a starting cash above zero")

/**
 * The longest time from a peak until equity was back at it, in calendar days;
 * zero when it never fell, or never came back: a fall that lasts until the end
 * is not in it.
 */
export const drawdownRecovery = ({ dates, equities }: EquityCurve): number => {
  let peak = 0
  let longest = 0
  let isBelow = false
  const daysBetween = (from: number, to: number): number => {
    const [start, end] = [dates[from], dates[to]]
    return start === undefined || end === undefined ? 0 : dayOfDate(end) - dayOfDate(start)
  }
  for (let i = 1; i < equities.length; i++) {
    if ((equities[i] ?? 0) < (equities[peak] ?? 0)) {
      isBelow = true
    } else {
      if (isBelow) longest = Math.max(longest, daysBetween(peak, i))
      isBelow = false
      peak = i
    }
  }
  return longest
}

/** Mean over the sessions of what was traded in it, both sides, ÷ the equity at its close. Not annualised. */
export const portfolioTurnover = (traded: Float64Array, equity: Float64Array): Statistic => {
  if (equity.length === 0 || traded.length !== equity.length) {
    return none(`${traded.length} sums traded, ${equity.length} sessions`)
  }
  if (equity.some((one) => one <= 0)) return none("the account was worth nothing or less")
  return value(mean(traded.map((sum, i) => sum / (equity[i] ?? Number.NaN))))
}

/**
 * The daily return that so many percent of days stay above if returns are
 * normally distributed: μ + zσ of the last 252, σ with n − 1. Below zero for a
 * loss; LEAN rounds it to three places, this does not.
 */
export const normalValueAtRisk = (returns: Float64Array, confidence: Confidence): Statistic => {
  const last = returns.subarray(Math.max(0, returns.length - DAYS_PER_YEAR))
  if (last.length < 2) return none(`needs 2 daily returns, has ${last.length}`)
  return value(mean(last) + standardNormal[confidence] * Math.sqrt(sampleVariance(last)))
}
