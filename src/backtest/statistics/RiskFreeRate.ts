/**
 * The risk-free rate a backtest is measured against: the mean, over its dates,
 * of the rate in force, per 1.00 and year, as it is published (LEAN's
 * `GetAverageRiskFreeRate`). With a LEAN folder that is the primary credit rate
 * of its `interest-rate.csv`; before the first row, that row's. Without one it is
 * the Federal Reserve's target that comes with the program.
 */
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { RateRow } from "../../market/lean/LeanInterestRate.ts"
import { policyRate } from "../../market/PolicyRate.ts"

const PERCENT = 100

/** Of the dates given, ascending; zero of none. `rows` ascending, empty without a LEAN folder. */
export const averageRiskFreeRate = (
  dates: ReadonlyArray<SessionDate>,
  rows: ReadonlyArray<RateRow>
): number => {
  let next = 0
  let percent = rows[0]?.percent ?? 0
  let sum = 0
  for (const date of dates) {
    for (let row = rows[next]; row !== undefined && row.date <= date; row = rows[++next])
      percent = row.percent
    sum += rows.length === 0 ? policyRate(date).rate : percent / PERCENT
  }
  return dates.length === 0 ? 0 : sum / dates.length
}
