/**
 * The risk-free rate of a LEAN data folder: the Federal Reserve's primary credit
 * rate (the discount window's), in percent a year from the date of its row on.
 *
 * Such loans are overnight. Held over a time they compound daily, and so the
 * continuous rate is 365·ln(1 + p ÷ 365) with p the rate per 1.00: 5.5% is
 * 5.4996%. The primary credit rate lies above what the market borrows at: by one
 * eighth to five eighths of a point since 2008, and by one before 2007. Forwards
 * come from put–call parity and owe nothing to it.
 */
import { Option, Result } from "effect"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { BadRow } from "../MarketData.ts"
import { dateOfDay, dayOfDate, sessionDate } from "../../domain/Timestamp.ts"
import { type TextRow, textRows } from "./TextRows.ts"

/** In percent, from the date on. */
export interface RateRow {
  readonly date: SessionDate
  readonly percent: number
}

const decimal = /^-?\d{1,3}(?:\.\d{1,10})?$/u
const civilDate = /^\d{4}-\d{2}-\d{2}$/u

const decodeRow = ({ fields }: TextRow): Result.Result<RateRow, string> => {
  const [dateText = "", percentText = "", ...rest] = fields
  const date = sessionDate(dateText)
  if (!civilDate.test(dateText) || dateOfDay(dayOfDate(date)) !== date) {
    return Result.fail(`expected a date as YYYY-MM-DD in column 1, got "${dateText.slice(0, 40)}"`)
  }
  if (!decimal.test(percentText)) {
    return Result.fail(`expected a rate in percent in column 2, got "${percentText.slice(0, 40)}"`)
  }
  if (rest.length > 0) return Result.fail(`expected 2 columns, got ${fields.length}`)
  return Result.succeed({ date, percent: Number(percentText) })
}

/** Every row that can be used, oldest first, and every one that cannot. The first row is the header's. */
export const decodeInterestRates = (
  file: string,
  text: string
): { readonly rows: ReadonlyArray<RateRow>; readonly bad: ReadonlyArray<BadRow> } => {
  const rows: Array<RateRow> = []
  const bad: Array<BadRow> = []
  for (const textRow of textRows(text).slice(1)) {
    const decoded = decodeRow(textRow)
    const problem = Result.match(decoded, {
      onFailure: (problem) => problem,
      onSuccess: ({ date }) => {
        const previous = rows.at(-1)
        return previous !== undefined && date <= previous.date
          ? `${date} does not follow ${previous.date}`
          : ""
      }
    })
    if (problem !== "") bad.push(new BadRow({ file, row: textRow.row, problem }))
    else if (Result.isSuccess(decoded)) rows.push(decoded.success)
  }
  return { rows, bad }
}

const DAYS_A_YEAR = 365

/** Continuously compounded, per 1.00 and year, of an overnight rate in percent. */
export const continuousRate = (percent: number): number =>
  DAYS_A_YEAR * Math.log1p(percent / 100 / DAYS_A_YEAR)

/** The row in force on a date; none before the first. */
export const rateOn = (rows: ReadonlyArray<RateRow>, date: SessionDate): Option.Option<RateRow> =>
  Option.fromUndefinedOr(rows.findLast((row) => row.date <= date))
