/** Equity curves for the tests of the statistics. */
import { Result } from "effect"
import { dateOfDay, type SessionDate, sessionDate } from "../../src/domain/Timestamp.ts"
import { type EquityCurve, equityCurve } from "../../src/portfolio/EquityCurve.ts"

/** One point a calendar day from 2001-01-01 on. */
export const days = (count: number): ReadonlyArray<SessionDate> =>
  Array.from({ length: count }, (_, i) => dateOfDay(11_323 + i))

export const curveOf = (equities: Iterable<number>, dates?: ReadonlyArray<string>): EquityCurve => {
  const values = Float64Array.from(equities)
  return Result.getOrThrow(
    equityCurve(dates?.map((date) => sessionDate(date)) ?? days(values.length), values)
  )
}

/** The curve of these daily returns, starting at one. */
export const curveOfReturns = (returns: ReadonlyArray<number>): EquityCurve => {
  const equities = [1]
  for (const x of returns) equities.push((equities.at(-1) ?? 1) * (1 + x))
  return curveOf(equities)
}
