/**
 * Numbers as LEAN writes them in `statistics` (QuantConnect/Lean,
 * `Common/Statistics/StatisticsBuilder.cs`).
 *
 * Most are .NET decimals: rounded half to even to so many places, and written
 * with all of them, "2.200%", unless there were fewer to begin with, "0%",
 * "-1". Some are floats and lose the zeros at their end, "8.888", "0". Where
 * there is no number LEAN writes zero.
 */
import type { Statistic } from "../../portfolio/Performance.ts"

/** digits ÷ 10^scale. */
interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

const zero: Decimal = { digits: 0n, scale: 0 }

/** To the 15 digits a .NET decimal takes of a float. */
const decimalOf = (number: number): Decimal => {
  const [mantissa = "0", exponent = "0"] = number.toExponential(14).split("e")
  const [whole = "0", fraction = ""] = mantissa.split(".")
  const kept = fraction.replace(/0+$/u, "")
  const scale = kept.length - Number(exponent)
  const digits = BigInt(whole + kept)
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale }
}

const roundedTo = ({ digits, scale }: Decimal, places: number): Decimal => {
  if (scale <= places) return { digits, scale }
  const divisor = 10n ** BigInt(scale - places)
  const size = digits < 0n ? -digits : digits
  const twice = (size % divisor) * 2n
  const quotient = size / divisor
  const isUp = twice > divisor || (twice === divisor && quotient % 2n === 1n)
  const rounded = isUp ? quotient + 1n : quotient
  return { digits: digits < 0n ? -rounded : rounded, scale: places }
}

const textOf = ({ digits, scale }: Decimal): string => {
  const size = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0")
  const sign = digits < 0n ? "-" : ""
  const whole = size.slice(0, size.length - scale)
  return scale === 0 ? `${sign}${whole}` : `${sign}${whole}.${size.slice(size.length - scale)}`
}

const decimalOr = (statistic: Statistic): Decimal =>
  statistic._tag === "Value" ? decimalOf(statistic.value) : zero

/** "0.525", "-1", "100000". */
export const decimalText = (statistic: Statistic, places: number): string =>
  textOf(roundedTo(decimalOr(statistic), places))

/** A ratio as a percentage: "271.453%", "0%". */
export const percentText = (statistic: Statistic, places: number): string => {
  const { digits, scale } = decimalOr(statistic)
  return `${textOf(roundedTo({ digits: digits * 100n, scale }, places))}%`
}

/** A ratio that is rounded to three places before it is a percentage, as LEAN's drawdown: "2.200%". */
export const drawdownText = (statistic: Statistic): string => {
  const { digits, scale } = roundedTo(decimalOr(statistic), 3)
  return `${textOf({ digits: digits * 100n, scale })}%`
}

/** "8.888", "0.2", "0". */
export const floatText = (statistic: Statistic, places = 3): string => {
  const text = textOf(roundedTo(decimalOr(statistic), places))
  const short = text.includes(".") ? text.replace(/\.?0+$/u, "") : text
  return short === "-0" ? "0" : short
}

const withCents = (amount: number): string => {
  const { digits, scale } = roundedTo(decimalOf(amount), 2)
  return textOf({ digits: digits * 10n ** BigInt(2 - scale), scale: 2 })
}

/** Dollars and cents, both always: "$3.44", "$0.00". */
export const dollarText = (amount: number): string => `$${withCents(amount)}`

/** "101655.30", and "100000" where there are no cents. */
export const equityText = (statistic: Statistic): string => {
  const text = statistic._tag === "Value" ? withCents(statistic.value) : "0"
  return text.endsWith(".00") ? text.slice(0, -3) : text
}

/** Two significant digits: "$56000000.00"; "$0" of none. */
export const capacityText = (amount: number | null): string => {
  if (amount === null || amount === 0) return "$0"
  return `$${String(Number(amount.toPrecision(2)))}.00`
}
