/** One option in words and in JSON. */
import { Effect, Result } from "effect"
import type { InvalidInputs, OptionInputs, OptionTerms } from "../../../../options/OptionInputs.ts"
import { BadUsage } from "../../Failures.ts"
import type { DescribedOption } from "./OptionFlags.ts"
import { shortest } from "./NumberText.ts"

/** To so many digits, without needless zeros. */
export const digits = (value: number, count = 8): string => shortest(Number(value.toPrecision(count)))

export const valueText = (value: number): string => digits(value, 10)

export const percentText = (ratio: number): string => `${digits(100 * ratio, 6)}%`

const flagNames: Readonly<Record<string, string>> = {
  spot: "--spot",
  strike: "--strike",
  years: "the time to expiry",
  rate: "--rate",
  dividendYield: "--yield",
  volatility: "--volatility",
  price: "--price",
  dividends: "--dividend",
  "dividends.amount": "--dividend",
  "dividends.years": "--dividend"
}

/** Inputs that make no sense are a mistake of whoever typed them. */
export const orBadUsage = <A>(result: Result.Result<A, InvalidInputs>): Effect.Effect<A, BadUsage> =>
  Effect.fromResult(
    Result.mapError(
      result,
      ({ expected, field, value }) =>
        new BadUsage({ message: `${flagNames[field] ?? field}: expected ${expected}, not ${value}` })
    )
  )

/** "call 105 on 100, 30 days, rate 5%, yield 0%, european". */
export const termsLine = (
  { dividends, style }: DescribedOption,
  inputs: OptionTerms & { readonly volatility?: number }
): string =>
  [
    `${inputs.right === "CALL" ? "call" : "put"} ${digits(inputs.strike)} on ${digits(inputs.spot)}`,
    `${digits(365 * inputs.years, 6)} days`,
    `rate ${percentText(inputs.rate)}`,
    dividends.length > 0
      ? `${dividends.length} cash ${dividends.length === 1 ? "dividend" : "dividends"}`
      : `yield ${percentText(inputs.dividendYield)}`,
    ...(inputs.volatility === undefined ? [] : [`volatility ${percentText(inputs.volatility)}`]),
    style
  ].join(", ")

export const termsJson = (
  { dividends, style }: DescribedOption,
  { dividendYield, rate, right, spot, strike, volatility, years }: OptionInputs
) => ({
  inputs: {
    right,
    style,
    spot,
    strike,
    years,
    rate,
    dividend_yield: dividendYield,
    dividends,
    volatility
  }
})
