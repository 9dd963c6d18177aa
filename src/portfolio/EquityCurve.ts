/**
 * What an account was worth, day by day, and the series made from it.
 *
 * The first point is the start: the equity before anything was traded. A curve
 * of n + 1 points has n daily returns. Deposits and withdrawals have to be
 * taken out beforehand, for a curve cannot tell them from profit. These are
 * floats, for analytics: the books are in `Ledger`.
 */
import { Brand, Option, Result, Schema } from "effect"
import type { SessionDate } from "../domain/Timestamp.ts"

/** At least one point, dates ascending, every equity finite and the first above zero; made by `equityCurve`. */
export type EquityCurve = {
  readonly dates: ReadonlyArray<SessionDate>
  /** Dollars at each day's close. */
  readonly equities: Float64Array
} & Brand.Brand<"EquityCurve">

const checked = Brand.nominal<EquityCurve>()

/** The points given are not a curve; the message says which one and why. */
export class InvalidEquityCurve extends Schema.TaggedError<InvalidEquityCurve>()("InvalidEquityCurve", {
  message: Schema.String
}) {}

const problemOf = (dates: ReadonlyArray<SessionDate>, equities: Float64Array): string | undefined => {
  if (dates.length !== equities.length) {
    return `expected one date a point, got ${dates.length} dates and ${equities.length} equities`
  }
  if (equities.length === 0) return "expected at least one point"
  for (const [i, date] of dates.entries()) {
    const equity = equities[i]
    if (!Number.isFinite(equity)) return `expected a finite equity on ${date}, got ${equity}`
    const before = dates[i - 1]
    if (before !== undefined && before >= date) return `expected ascending dates, got ${date} after ${before}`
  }
  if (!(at(equities, 0) > 0)) return `expected a start above zero, got ${equities[0]} on ${dates[0]}`
  return undefined
}

/** A curve of dollars at each day's close, the first point being the start. The array is kept, not copied. */
export const equityCurve = (
  dates: ReadonlyArray<SessionDate>,
  equities: Float64Array
): Result.Result<EquityCurve, InvalidEquityCurve> => {
  const problem = problemOf(dates, equities)
  return problem === undefined
    ? Result.succeed(checked({ dates, equities }))
    : Result.fail(new InvalidEquityCurve({ message: `not an equity curve: ${problem}` }))
}

/** `series[i]` where `i` is known to be inside. */
const at = (series: Float64Array, i: number): number => series[i] ?? Number.NaN

const dateAt = (curve: EquityCurve, i: number): SessionDate => {
  const date = curve.dates[i]
  if (date === undefined) throw new RangeError(`point ${i} of a curve of ${curve.dates.length}`)
  return date
}

/**
 * The part of the curve from `date` on, starting from the last point before it
 * (or from the first point, when there is none). None when no day is left, or
 * when it would start at zero or below.
 */
export const since = (curve: EquityCurve, date: SessionDate): Option.Option<EquityCurve> => {
  const first = curve.dates.findIndex((day) => day >= date)
  if (first === -1) return Option.none()
  const start = Math.max(first - 1, 0)
  return Result.getSuccess(equityCurve(curve.dates.slice(start), curve.equities.slice(start)))
}

/** The first day the account was worth nothing or less; from there its returns mean nothing. */
export const ruinedOn = (curve: EquityCurve): Option.Option<SessionDate> => {
  const i = curve.equities.findIndex((equity) => equity <= 0)
  return i === -1 ? Option.none() : Option.some(dateAt(curve, i))
}

/** Simple daily returns, E(t) ÷ E(t−1) − 1: one fewer than points. Means nothing once `ruinedOn`. */
export const dailyReturns = (curve: EquityCurve): Float64Array =>
  Float64Array.from(
    { length: curve.equities.length - 1 },
    (_, i) => at(curve.equities, i + 1) / at(curve.equities, i) - 1
  )

/** E(t) ÷ the highest equity up to t − 1, one a point: zero at a peak, −0.2 when a fifth below it. */
export const drawdownSeries = (curve: EquityCurve): Float64Array => {
  let peak = 0
  return curve.equities.map((equity) => {
    peak = Math.max(peak, equity)
    return equity / peak - 1
  })
}

/** A fall from a peak: how deep (below zero), and when. */
export interface Drawdown {
  readonly depth: number
  readonly peak: SessionDate
  readonly trough: SessionDate
  /** The first day after the trough that equity was back at the peak. */
  readonly recovery: Option.Option<SessionDate>
}

/** The deepest fall (the earliest of equals); none when equity was never below an earlier peak. */
export const deepestDrawdown = (curve: EquityCurve): Option.Option<Drawdown> => {
  const { equities } = curve
  let peak = 0
  let deepest = { depth: 0, peak: 0, trough: 0 }
  for (let i = 1; i < equities.length; i++) {
    if (at(equities, i) > at(equities, peak)) peak = i
    const depth = at(equities, i) / at(equities, peak) - 1
    if (depth < deepest.depth) deepest = { depth, peak, trough: i }
  }
  if (deepest.depth === 0) return Option.none()
  const height = at(equities, deepest.peak)
  const recovery = equities.findIndex((equity, i) => i > deepest.trough && equity >= height)
  return Option.some({
    depth: deepest.depth,
    peak: dateAt(curve, deepest.peak),
    trough: dateAt(curve, deepest.trough),
    recovery: recovery === -1 ? Option.none() : Option.some(dateAt(curve, recovery))
  })
}

/** One day and its return. */
export interface DayReturn {
  readonly date: SessionDate
  readonly value: number
}

export interface ExtremeDays {
  readonly best: DayReturn
  readonly worst: DayReturn
}

/** The days of the highest and of the lowest daily return (the earliest of equals); none without a return, or once ruined. */
export const extremeDays = (curve: EquityCurve): Option.Option<ExtremeDays> => {
  const returns = dailyReturns(curve)
  if (returns.length === 0 || Option.isSome(ruinedOn(curve))) return Option.none()
  let best = 0
  let worst = 0
  for (let i = 1; i < returns.length; i++) {
    if (at(returns, i) > at(returns, best)) best = i
    if (at(returns, i) < at(returns, worst)) worst = i
  }
  const day = (i: number): DayReturn => ({ date: dateAt(curve, i + 1), value: at(returns, i) })
  return Option.some({ best: day(best), worst: day(worst) })
}

/** A calendar year of returns. */
export interface YearReturns {
  readonly year: number
  /** January first, always twelve; none for a month without a day, or once ruined. */
  readonly months: ReadonlyArray<Option.Option<number>>
  readonly total: Option.Option<number>
}

/**
 * Returns by month and by year: the last equity of the period over the last
 * one before it. The first period counts from the curve's first point, so the
 * first and last are parts of a month when the curve begins or ends in one.
 */
export const returnTable = (curve: EquityCurve): ReadonlyArray<YearReturns> => {
  const months = periodReturns(curve, 7)
  return [...periodReturns(curve, 4)].map(([year, total]) => ({
    year: Number(year),
    months: Array.from({ length: 12 }, (_, month) =>
      Option.flatten(Option.fromUndefinedOr(months.get(`${year}-${String(month + 1).padStart(2, "0")}`)))
    ),
    total
  }))
}

/** Return by period, a period being the first `width` characters of the date. */
const periodReturns = (curve: EquityCurve, width: number): ReadonlyMap<string, Option.Option<number>> => {
  const { dates, equities } = curve
  const table = new Map<string, Option.Option<number>>()
  let base = 0
  for (let i = 1; i < dates.length; i++) {
    const period = dateAt(curve, i).slice(0, width)
    if (dates[i + 1]?.slice(0, width) === period) continue
    const start = at(equities, base)
    const ruined = start <= 0 || at(equities, i) <= 0
    table.set(period, ruined ? Option.none() : Option.some(at(equities, i) / start - 1))
    base = i
  }
  return table
}
