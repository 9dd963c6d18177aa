/**
 * Implied volatility: which volatility makes Black, Scholes and Merton's formula give a price.
 *
 * On the plan of Jäckel, "Let's Be Rational" (2015): an option in the money is turned into the one out of the money by
 * put–call parity, a first guess is computed, and two Householder steps of the third order on the logarithm of
 * the value (above the inflection: of what is missing to the greatest value) make it exact.
 *
 * Prices have a volatility between two bounds, both excluded: the discounted intrinsic value (σ → 0) and the discounted
 * spot for calls, the discounted strike for puts (σ → ∞). At expiry both bounds are the intrinsic value, and all
 * above it is above the upper one.
 *
 * How exact: inputs and their discounting are rounded, which moves the answer by ε = 2⁻⁵²·(S·e^(−qT) + K·e^(−rT))/vega;
 * the answer is within 4·(ε + 2.3·10⁻¹⁶·σ).
 */
import { Result } from "effect"
import { exp, log } from "./kernels/Exponential.ts"
import { searchedDeviation } from "./kernels/SearchedDeviation.ts"
import { invalid, type InvalidInputs, type OptionTerms, signOf, wrongTerm } from "./OptionInputs.ts"

/** What came of a price; volatility is annual, 1.0 is 100%. */
export type ImpliedVolatility =
  | { readonly _tag: "Ok"; readonly volatility: number }
  /** The price is the discounted intrinsic value: without time value there is no volatility in it. */
  | { readonly _tag: "AtIntrinsic" }
  | { readonly _tag: "BelowIntrinsic" }
  /** The price is what only an infinite volatility would give. */
  | { readonly _tag: "AtUpper" }
  | { readonly _tag: "AboveUpper" }

export const OK = 0
export const AT_INTRINSIC = 1
export const BELOW_INTRINSIC = 2
export const AT_UPPER = 3
export const ABOVE_UPPER = 4

/** On the wire and in files. */
export type StatusName = "ok" | "at_intrinsic" | "below_intrinsic" | "at_upper" | "above_upper"

const names = {
  Ok: "ok",
  AtIntrinsic: "at_intrinsic",
  BelowIntrinsic: "below_intrinsic",
  AtUpper: "at_upper",
  AboveUpper: "above_upper"
} as const

export const statusName = ({ _tag }: ImpliedVolatility): StatusName => names[_tag]

const ordinary = (price: number): boolean => price > 1e-100 && price < 1e100

/**
 * The volatility that gives `price`, above zero; where there is none, minus the status: −AT_INTRINSIC,
 * −BELOW_INTRINSIC, −AT_UPPER, −ABOVE_UPPER. For terms that `checkInputs` would let pass and a price that is a
 * number: nothing is checked.
 */
export const europeanVolatility = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  price: number
): number => {
  if (!(ordinary(spot) && ordinary(strike))) {
    // An option on c shares at c times the price is worth c options.
    const scale = Math.max(spot, strike)
    if (scale !== 1) {
      return scaled(sign, spot, strike, years, rate, dividendYield, price, scale)
    }
  }
  return scaled(sign, spot, strike, years, rate, dividendYield, price, 1)
}

const scaled = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  price: number,
  scale: number
): number => {
  const a = (spot / scale) * exp(-dividendYield * years)
  const b = (strike / scale) * exp(-rate * years)
  const value = price / scale
  const upper = sign > 0 ? a : b
  // Exact where it matters: in the money the difference of the bounds has an error of its own.
  const forward = sign * (a - b)
  const isIn = forward > 0
  const shares = sign > 0 ? forward + b - a : forward + a - b
  const timeValue = isIn ? value - forward + shares : value
  const gap = upper - value
  if (gap <= 0) return gap < 0 ? -ABOVE_UPPER : timeValue > 0 && years > 0 ? -AT_UPPER : -AT_INTRINSIC
  if (timeValue <= 0) return timeValue < 0 ? -BELOW_INTRINSIC : -AT_INTRINSIC
  if (years === 0) return -ABOVE_UPPER
  const moneyness = Math.abs(
    (ordinary(spot) && ordinary(strike) ? log(spot / strike) : log(spot) - log(strike)) +
      (rate - dividendYield) * years
  )
  const lesser = Math.min(a, b)
  const deviation = searchedDeviation(
    moneyness,
    Math.sqrt(2 * moneyness),
    log(timeValue) - log(lesser),
    log(gap) - log(lesser)
  )
  return deviation / Math.sqrt(years)
}

const described = (answer: number): ImpliedVolatility => {
  switch (answer) {
    case -AT_INTRINSIC:
      return { _tag: "AtIntrinsic" }
    case -BELOW_INTRINSIC:
      return { _tag: "BelowIntrinsic" }
    case -AT_UPPER:
      return { _tag: "AtUpper" }
    case -ABOVE_UPPER:
      return { _tag: "AboveUpper" }
    default:
      return { _tag: "Ok", volatility: answer }
  }
}

/** The volatility in a price in dollars a share. Any finite price has an answer. */
export const impliedVolatility = (
  terms: OptionTerms,
  price: number
): Result.Result<ImpliedVolatility, InvalidInputs> => {
  const wrong = wrongTerm(terms)
  if (wrong !== undefined) return Result.fail(wrong)
  if (!(Math.abs(price) < Infinity)) return Result.fail(invalid("price", price, "a finite price"))
  const { dividendYield, rate, right, spot, strike, years } = terms
  return Result.succeed(
    described(europeanVolatility(signOf(right), spot, strike, years, rate, dividendYield, price))
  )
}
