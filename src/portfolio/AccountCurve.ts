/**
 * An account's own curve from its closes, deposits and withdrawals taken out.
 *
 * Each day's return is (equity + withdrawals) ÷ (equity at the prior close +
 * deposits) − 1: money that came in counts as invested from the day's start,
 * money that went out until its end, so that neither is profit or loss and the
 * base is never zero while there is an account. The returns are chained
 * (time-weighted) from the first base, in dollars.
 */
import { Option, Result } from "effect"
import { type Money, toFloat } from "../domain/Money.ts"
import { dateOfDay, dayOfDate, type SessionDate } from "../domain/Timestamp.ts"
import { type EquityCurve, equityCurve } from "./EquityCurve.ts"

/** The end of an account's session; deposits and withdrawals are those since the close before it. */
export interface AccountClose {
  readonly date: SessionDate
  readonly equity: Money
  readonly deposits: Money
  readonly withdrawals: Money
}

/**
 * The curve of these closes, oldest first; it begins the day before the first
 * of them. None without a close, or when the account began with nothing. Once
 * a day ends at nothing or below the curve stays there: no return follows.
 */
export const accountCurve = (closes: ReadonlyArray<AccountClose>): Option.Option<EquityCurve> => {
  const [first] = closes
  if (first === undefined) return Option.none()
  const values = [toFloat(first.deposits)]
  let value = toFloat(first.deposits)
  let before = 0
  for (const close of closes) {
    const base = before + close.deposits
    if (value > 0 && base > 0) value *= (close.equity + close.withdrawals) / base
    values.push(value)
    before = close.equity
  }
  const dates = [dateOfDay(dayOfDate(first.date) - 1), ...closes.map(({ date }) => date)]
  return Result.getSuccess(equityCurve(dates, Float64Array.from(values)))
}
