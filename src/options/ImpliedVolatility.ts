/**
 * Implied volatility: which volatility makes Black, Scholes and Merton's formula give a price.
 *
 * On the plan of Jäckel, "Let's Be Rational" (2015): an option in the money is turned into the one out of the money by
 * put–call parity, a rational first guess is computed, and two Householder steps of the third order on the logarithm
 * of the value (above the inflection: of what it lacks to the greatest value) make it exact. Two steps are enough
 * for |ln(A/B)| ≤ 16, values of at least 10⁻³⁰⁵ of the greatest and σ√T ≥ 10⁻⁴, with A = S·e^(−qT) and B = K·e^(−rT);
 * beyond, a search that ends for every input takes as many as it needs, and counts itself in a `Tally`.
 *
 * Prices have a volatility between two bounds, both excluded: the discounted intrinsic value (σ → 0), and A for
 * calls, B for puts (σ → ∞). At expiry there is but the intrinsic value: all above it is above the upper bound.
 *
 * How exact: inputs and their discounting are rounded, which moves the answer by ε = 2⁻⁵²·(A + B)/vega; the answer is
 * within 4·(ε + 2.3·10⁻¹⁶·σ).
 */
import { Result } from "effect"
import { exp, log, logRatio } from "./kernels/Exponential.ts"
import {
  type DeviationBlock,
  deviationBlock,
  firstStep,
  guessInto,
  isGuessed,
  isSolved,
  secondStep
} from "./kernels/ImpliedDeviation.ts"
import { searchedDeviation } from "./kernels/SearchedDeviation.ts"
import { invalid, type InvalidInputs, type OptionTerms, signOf, wrongTerm } from "./OptionInputs.ts"

/** What is in a price; volatility is annual, 1.0 is 100%. */
export type ImpliedVolatility =
  | { readonly _tag: "Ok"; readonly volatility: number }
  /** The price is the discounted intrinsic value: without time value there is no volatility in it. */
  | { readonly _tag: "AtIntrinsic" }
  | { readonly _tag: "BelowIntrinsic" }
  /** The price is what only an infinite volatility would give. */
  | { readonly _tag: "AtUpper" }
  | { readonly _tag: "AboveUpper" }

/** Statuses in columns. */
export const OK = 0
export const AT_INTRINSIC = 1
export const BELOW_INTRINSIC = 2
export const AT_UPPER = 3
export const ABOVE_UPPER = 4
/** In columns only: the row's inputs are no option's. */
export const INVALID = 5

/** Statuses in files and answers, by number. */
export const statusNames = [
  "ok",
  "at_intrinsic",
  "below_intrinsic",
  "at_upper",
  "above_upper",
  "invalid"
] as const

export type StatusName = (typeof statusNames)[number]

export const statusName = ({ _tag }: ImpliedVolatility): Exclude<StatusName, "invalid"> => {
  switch (_tag) {
    case "Ok":
      return "ok"
    case "AtIntrinsic":
      return "at_intrinsic"
    case "BelowIntrinsic":
      return "below_intrinsic"
    case "AtUpper":
      return "at_upper"
    case "AboveUpper":
      return "above_upper"
  }
}

/** How often two steps were not enough. */
export interface Tally {
  /** Options that were searched for. */
  searched: number
  /** Steps of these that were bisections. */
  bisections: number
}

/** Beyond these prices are scaled, so that no product of them leaves the doubles. */
const ordinary = (price: number): boolean => price > 1e-100 && price < 1e100

/** A block of one, for `europeanVolatility`. */
const single: DeviationBlock = deviationBlock(1)

/** ln(S/K), whatever the prices. */
const moneynessOf = (spot: number, strike: number): number =>
  ordinary(spot / strike) ? logRatio(spot, strike) : log(spot) - log(strike)

/**
 * The volatility that gives `price`, above zero; where there is none, minus its status: −AT_INTRINSIC,
 * −BELOW_INTRINSIC, −AT_UPPER or −ABOVE_UPPER. For terms that `checkInputs` would let pass and a price that is a
 * number; nothing is checked.
 */
export const europeanVolatility = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  price: number,
  tally?: Tally
): number => {
  // An option on c shares at c times the price is worth c options; by a power of two nothing is rounded.
  const scale = ordinary(spot) && ordinary(strike) ? 1 : 2 ** Math.floor(Math.log2(Math.max(spot, strike)))
  const a = (spot / scale) * exp(-dividendYield * years)
  const b = (strike / scale) * exp(-rate * years)
  const value = price / scale
  const [upper, other] = sign > 0 ? [a, b] : [b, a]
  const forward = upper - other
  // Of a difference of two prices the rounding is known, and taken off: statuses are exact where A and B are.
  const timeValue = forward > 0 ? value - forward - (upper - forward - other) : value
  const gap = upper - value
  if (gap < 0) return -ABOVE_UPPER
  if (timeValue <= 0) return timeValue < 0 ? -BELOW_INTRINSIC : -AT_INTRINSIC
  if (years === 0) return -ABOVE_UPPER
  if (gap === 0) return -AT_UPPER
  const [lesser, greater] = forward > 0 ? [other, upper] : [upper, other]
  const carry = (rate - dividendYield) * years
  const moneyness = Math.abs(log(spot / strike) + carry)
  if (isGuessed(moneyness, lesser, greater, timeValue)) {
    guessInto(single, 0, moneyness, lesser, greater, timeValue, gap)
    firstStep(single, 1)
    secondStep(single, 1)
    const [deviation = 0] = single.deviation
    const [step = 0] = single.step
    if (isSolved(deviation, step)) return deviation / Math.sqrt(years)
  }
  if (tally !== undefined) tally.searched += 1
  const deviation = searchedDeviation(
    Math.abs(moneynessOf(spot, strike) + carry),
    log(timeValue) - log(lesser),
    log(gap) - log(lesser),
    () => {
      if (tally !== undefined) tally.bisections += 1
    }
  )
  // Of years whose root is less than a double's step from zero, or of none: an answer is above zero and finite.
  return Math.min(Math.max(deviation / Math.sqrt(years), Number.MIN_VALUE), Number.MAX_VALUE)
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
  price: number,
  tally?: Tally
): Result.Result<ImpliedVolatility, InvalidInputs> => {
  const wrong = wrongTerm(terms)
  if (wrong !== undefined) return Result.fail(wrong)
  if (!(Math.abs(price) < Infinity)) return Result.fail(invalid("price", price, "a finite price"))
  const { dividendYield, rate, right, spot, strike, years } = terms
  return Result.succeed(
    described(europeanVolatility(signOf(right), spot, strike, years, rate, dividendYield, price, tally))
  )
}
