/** Numbers as the report prints them: the same on every machine, with a true minus sign and no negative zero. */
import { formatMicros, type Money } from "../../domain/Money.ts"

/** A true minus sign. */
export const MINUS = "\u{2212}"

const group = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+$)/gu, ",")

/** `text` is a plain decimal such as "-1234.50". */
const dress = (text: string, before: string, after: string): string => {
  const negative = text.startsWith("-") && /[1-9]/u.test(text)
  const [whole = "0", fraction] = text.replace("-", "").split(".")
  return `${negative ? MINUS : ""}${before}${group(whole)}${fraction === undefined ? "" : `.${fraction}`}${after}`
}

/** 1234.5 → "1,234.50" */
export const decimal = (value: number, decimals: number): string => dress(value.toFixed(decimals), "", "")

/** 1234 → "1,234" */
export const count = (value: number): string => decimal(value, 0)

/** A ratio in percent: -0.1234 → "−12.3%" */
export const percent = (ratio: number, decimals = 1): string =>
  dress((ratio * 100).toFixed(decimals), "", "%")

/** A ratio in percent with the decimals it has, up to six digits: -0.125 → "−12.5%" */
export const plainPercent = (ratio: number): string =>
  dress(String(Number((ratio * 100).toPrecision(6))), "", "%")

/** A ratio in percent, with a plus sign on what is above zero. */
export const signedPercent = (ratio: number, decimals = 1): string => {
  const text = percent(ratio, decimals)
  return /^0[.0]*%$/u.test(text) || ratio < 0 ? text : `+${text}`
}

/** Money to the cent, half up: "$1,234.50" */
export const dollars = (amount: Money): string => {
  const cents = Math.round(amount / 10_000)
  return dress((cents / 100).toFixed(2), "$", "")
}

/** Dollars as a float, to the dollar: "$1,234" */
export const wholeDollars = (amount: number): string => dress(amount.toFixed(0), "$", "")

/** A price, a quantity or a plain count in micros with all its decimals, at least `minimumDecimals`. */
export const exactDecimal = (micros: number, minimumDecimals = 0): string =>
  dress(formatMicros(micros, minimumDecimals), "", "")

/** For an axis: "$250", "$80k", "$1.2M" */
export const shortDollars = (amount: number): string => {
  const size = Math.abs(amount)
  const [unit, suffix] =
    size >= 1e9 ? [1e9, "B"] : size >= 1e6 ? [1e6, "M"] : size >= 1e3 ? [1e3, "k"] : [1, ""]
  return dress(String(Number((amount / unit).toPrecision(6))), "$", suffix)
}

/** 1 → "1 order", 2 → "2 orders" */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`
