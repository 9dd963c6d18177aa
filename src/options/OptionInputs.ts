/** What a price of an option is computed from, and what of it makes no sense. */
import { Result, Schema } from "effect"
import type { OptionRight } from "../domain/OptionContract.ts"

/** The contract and its market, without a volatility. Rates are continuously compounded, per year. */
export interface OptionTerms {
  readonly right: OptionRight
  /** Dollars a share; above zero. */
  readonly spot: number
  /** Dollars a share; above zero. */
  readonly strike: number
  /** Time to expiry in years; zero or more. */
  readonly years: number
  /** Risk-free rate; may be negative. */
  readonly rate: number
  /** Dividend yield, or the cost of borrowing; may be negative. */
  readonly dividendYield: number
}

export interface OptionInputs extends OptionTerms {
  /** Annual; 1.0 is 100%; zero or more. */
  readonly volatility: number
}

/** An input that no option has. */
export class InvalidInputs extends Schema.TaggedError<InvalidInputs>()("InvalidInputs", {
  /** The name of the input. */
  field: Schema.String,
  /** As it was given, in text: it may be no number at all. */
  value: Schema.String,
  expected: Schema.String,
  message: Schema.String
}) {}

export const invalid = (field: string, value: number, expected: string): InvalidInputs =>
  new InvalidInputs({
    field,
    value: String(value),
    expected,
    message: `${field} is ${value}: expected ${expected}`
  })

/** e to it, either way, is a double. No market has a rate times time near it. */
export const MAX_EXPONENT = 700

const positive = (value: number): boolean => value > 0 && value < Infinity

/** The first thing wrong with the terms; undefined when they are usable. */
export const wrongTerm = ({
  dividendYield,
  rate,
  spot,
  strike,
  years
}: OptionTerms): InvalidInputs | undefined => {
  if (!positive(spot)) return invalid("spot", spot, "a finite price above zero")
  if (!positive(strike)) return invalid("strike", strike, "a finite price above zero")
  if (!(years >= 0 && years < Infinity)) return invalid("years", years, "a finite time, zero or more")
  if (!(Math.abs(rate) * Math.max(1, years) <= MAX_EXPONENT)) {
    return invalid("rate", rate, `a finite rate, at most ${MAX_EXPONENT} over the option's life`)
  }
  if (!(Math.abs(dividendYield) * Math.max(1, years) <= MAX_EXPONENT)) {
    return invalid(
      "dividendYield",
      dividendYield,
      `a finite yield, at most ${MAX_EXPONENT} over the option's life`
    )
  }
  return undefined
}

/** Inputs that a model can be given, or what is wrong with them. */
export const checkInputs = <I extends OptionInputs>(inputs: I): Result.Result<I, InvalidInputs> => {
  const wrong = wrongTerm(inputs)
  if (wrong !== undefined) return Result.fail(wrong)
  return inputs.volatility >= 0 && inputs.volatility < Infinity
    ? Result.succeed(inputs)
    : Result.fail(invalid("volatility", inputs.volatility, "a finite volatility, zero or more"))
}

/** +1 for a call, −1 for a put: the sign of the payoff. */
export const signOf = (right: OptionRight): 1 | -1 => (right === "CALL" ? 1 : -1)
