/**
 * LEAN's factor files: splits and cash dividends, as cumulative factors.
 *
 * A row `date,priceFactor,splitFactor,referencePrice` is the last day its
 * factors hold; the next row's hold from the day after. So two consecutive
 * rows that differ are a corporate action, in force at the open of the session
 * after the first one's date (LEAN, `CorporateFactorRow.GetSplit`,
 * `GetDividend`):
 *
 *     new shares for one old = splitFactor(next) / splitFactor(row)
 *     dividend per old share = referencePrice(row) × (1 − priceFactor(row) / priceFactor(next))
 *
 * where the reference price is the raw close on the row's date. The factors are
 * rounded in the file (seven decimals), so neither comes out exactly. Of all
 * ratios the rounding allows the simplest is taken (0.0357143 → 0.25 is 7 for
 * 1), and of all amounts the one with the fewest decimals, two at least
 * (2.64991 ± 0.0001 is $2.65).
 */
import { Option, Result } from "effect"
import { MICROS } from "../../domain/Money.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { CorporateAction } from "../BarSeries.ts"
import { BadRow } from "../MarketData.ts"
import { sessionDateOf } from "./LeanDate.ts"
import { type TextRow, textRows } from "./TextRows.ts"

export interface FactorRow {
  readonly row: number
  readonly date: SessionDate
  readonly priceFactor: number
  readonly splitFactor: number
  readonly referencePrice: number
}

/** Half a unit of the seventh decimal: how far a written factor may lie from the true one. */
const FACTOR_ROUNDING = 0.5e-7
/** Reference prices are written with up to four decimals. */
const REFERENCE_ROUNDING = 0.5e-4

const plainDecimal = /^\d{1,9}(?:\.\d{1,12})?$/

const decodeRow = ({ row, fields }: TextRow): Result.Result<FactorRow, string> => {
  const [dateText = "", priceText = "", splitText = "", referenceText = "0"] = fields
  const date = sessionDateOf(dateText)
  if (Option.isNone(date))
    return Result.fail(`expected a date as YYYYMMDD in column 1, got "${dateText.slice(0, 40)}"`)
  const columns = [
    ["priceFactor", priceText],
    ["splitFactor", splitText],
    ["referencePrice", referenceText]
  ] as const
  for (const [column, text] of columns) {
    if (!plainDecimal.test(text)) {
      return Result.fail(
        `expected ${column} as a plain decimal, got "${text.slice(0, 40)}" (LEAN passes over factors with an exponent or "inf")`
      )
    }
  }
  const priceFactor = Number(priceText)
  const splitFactor = Number(splitText)
  if (priceFactor <= 0 || splitFactor <= 0) return Result.fail("expected factors above zero")
  return Result.succeed({
    row,
    date: date.value,
    priceFactor,
    splitFactor,
    referencePrice: Number(referenceText)
  })
}

/** Every row that can be used, oldest first, and every one that cannot. */
export const decodeFactorFile = (
  file: string,
  text: string
): { readonly rows: ReadonlyArray<FactorRow>; readonly bad: ReadonlyArray<BadRow> } => {
  const rows: Array<FactorRow> = []
  const bad: Array<BadRow> = []
  for (const textRow of textRows(text)) {
    const decoded = decodeRow(textRow)
    if (Result.isFailure(decoded)) {
      bad.push(new BadRow({ file, row: textRow.row, problem: decoded.failure }))
      continue
    }
    const previous = rows.at(-1)
    if (previous !== undefined && decoded.success.date <= previous.date) {
      bad.push(
        new BadRow({
          file,
          row: textRow.row,
          problem: `${decoded.success.date} does not follow ${previous.date}`
        })
      )
      continue
    }
    rows.push(decoded.success)
  }
  return { rows, bad }
}

/**
 * The fraction with the smallest denominator in [low, high], 0 < low ≤ high
 * (a walk down the Stern–Brocot tree by continued fractions).
 */
export const simplestRatio = (
  low: number,
  high: number
): { readonly numerator: number; readonly denominator: number } => {
  const whole = Math.floor(low)
  if (whole === low) return { numerator: whole, denominator: 1 }
  if (whole + 1 <= high) return { numerator: whole + 1, denominator: 1 }
  const rest = simplestRatio(1 / (high - whole), 1 / (low - whole))
  return { numerator: whole * rest.numerator + rest.denominator, denominator: rest.numerator }
}

/** The decimal with the fewest places (two to six) in [low, high], in micros; the middle when there is none. */
const simplestMicros = (low: number, high: number): number => {
  const middle = (low + high) / 2
  for (let places = 2, scale = 100; places < 6; places++, scale *= 10) {
    const scaled = Math.round(middle * scale)
    if (scaled >= low * scale && scaled <= high * scale) return scaled * (MICROS / scale)
  }
  return Math.round(middle * MICROS)
}

const splitBetween = (row: FactorRow, next: FactorRow, date: SessionDate): CorporateAction => ({
  _tag: "Split",
  date,
  ...simplestRatio(
    (next.splitFactor - FACTOR_ROUNDING) / (row.splitFactor + FACTOR_ROUNDING),
    (next.splitFactor + FACTOR_ROUNDING) / (row.splitFactor - FACTOR_ROUNDING)
  )
})

const dividendBetween = (
  row: FactorRow,
  next: FactorRow,
  date: SessionDate
): Result.Result<CorporateAction, string> => {
  if (row.priceFactor > next.priceFactor) {
    return Result.fail(
      `its priceFactor ${row.priceFactor} is above the next row's ${next.priceFactor}: a dividend below zero`
    )
  }
  if (row.referencePrice <= 0) return Result.fail("a dividend needs a referencePrice above zero")
  const low =
    (row.referencePrice - REFERENCE_ROUNDING) *
    (1 - (row.priceFactor + FACTOR_ROUNDING) / (next.priceFactor - FACTOR_ROUNDING))
  const high =
    (row.referencePrice + REFERENCE_ROUNDING) *
    (1 - (row.priceFactor - FACTOR_ROUNDING) / (next.priceFactor + FACTOR_ROUNDING))
  const amountPerShare = simplestMicros(low, high)
  return amountPerShare > 0
    ? Result.succeed({ _tag: "Dividend", date, amountPerShare })
    : Result.fail("its dividend is smaller than the rounding of the factors")
}

/**
 * The corporate actions between consecutive rows, oldest first; of one day, the
 * dividend before the split, for it is paid on the old shares.
 * `sessionAfter` gives the session that follows a date.
 */
export const actionsOf = (
  file: string,
  rows: ReadonlyArray<FactorRow>,
  sessionAfter: (date: SessionDate) => Option.Option<SessionDate>
): { readonly actions: ReadonlyArray<CorporateAction>; readonly bad: ReadonlyArray<BadRow> } => {
  const actions: Array<CorporateAction> = []
  const bad: Array<BadRow> = []
  rows.forEach((row, index) => {
    const next = rows[index + 1]
    if (next === undefined) return
    const paid = row.priceFactor !== next.priceFactor
    const split = row.splitFactor !== next.splitFactor
    if (!paid && !split) return
    const date = sessionAfter(row.date)
    if (Option.isNone(date)) {
      bad.push(
        new BadRow({ file, row: row.row, problem: `no session of the exchange calendar follows ${row.date}` })
      )
      return
    }
    if (paid) {
      const dividend = dividendBetween(row, next, date.value)
      if (Result.isSuccess(dividend)) actions.push(dividend.success)
      else bad.push(new BadRow({ file, row: row.row, problem: dividend.failure }))
    }
    if (split) actions.push(splitBetween(row, next, date.value))
  })
  return { actions, bad }
}
