/** Values and Greeks of an option by a named model, or by the one that is chosen for it. */
import { Result } from "effect"
import { bjerksundStensland1993, bjerksundStensland2002 } from "./BjerksundStensland.ts"
import { europeanGreeks, europeanPrice } from "./BlackScholes.ts"
import type { Greeks } from "./Greeks.ts"
import { type CashDividend, type ExerciseStyle, leisenReimerPrice } from "./LeisenReimer.ts"
import { type Accuracy, type ModelChoice, type ModelName, selectModel } from "./ModelSelection.ts"
import { checkInputs, invalid, type InvalidInputs, type OptionInputs, signOf } from "./OptionInputs.ts"

/** The unchecked price of a model that was given usable inputs. */
export const modelPrice = (
  model: ModelName,
  style: ExerciseStyle,
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number,
  dividends: ReadonlyArray<CashDividend>
): number => {
  switch (model) {
    case "bsm":
      return europeanPrice(sign, spot, strike, years, rate, dividendYield, volatility)
    case "bjs1993":
      return bjerksundStensland1993(sign, spot, strike, years, rate, dividendYield, volatility)
    case "bjs2002":
    case "american":
      return bjerksundStensland2002(sign, spot, strike, years, rate, dividendYield, volatility)
    case "leisen-reimer":
      return leisenReimerPrice(style, sign, spot, strike, years, rate, dividendYield, volatility, dividends)
  }
}

/** What of the dividends makes no sense, or is no business of the model. */
const checkDividends = (
  model: ModelName,
  dividends: ReadonlyArray<CashDividend>
): Result.Result<void, InvalidInputs> => {
  for (const { amount, years } of dividends) {
    if (!(amount >= 0 && amount < Infinity)) {
      return Result.fail(invalid("dividends.amount", amount, "a finite amount, zero or more"))
    }
    if (!Number.isFinite(years)) return Result.fail(invalid("dividends.years", years, "a finite time"))
  }
  return dividends.length > 0 && model !== "leisen-reimer"
    ? Result.fail(invalid("dividends", dividends.length, `none, since ${model} knows no cash dividends`))
    : Result.succeed(undefined)
}

const checked = (
  model: ModelName,
  inputs: OptionInputs,
  dividends: ReadonlyArray<CashDividend>
): Result.Result<OptionInputs, InvalidInputs> =>
  Result.flatMap(checkDividends(model, dividends), () => checkInputs(inputs))

/**
 * The value in dollars a share by a model. The style matters to the tree only:
 * each other model has its own. Only the tree knows cash dividends; another
 * model that is given some refuses.
 */
export const priceBy = (
  model: ModelName,
  inputs: OptionInputs,
  dividends: ReadonlyArray<CashDividend> = [],
  style: ExerciseStyle = "american"
): Result.Result<number, InvalidInputs> =>
  Result.map(
    checked(model, inputs, dividends),
    ({ dividendYield, rate, right, spot, strike, volatility, years }) =>
      modelPrice(model, style, signOf(right), spot, strike, years, rate, dividendYield, volatility, dividends)
  )

/** As `priceBy`, with all Greeks. */
export const greeksBy = (
  model: ModelName,
  inputs: OptionInputs,
  dividends: ReadonlyArray<CashDividend> = [],
  style: ExerciseStyle = "american"
): Result.Result<Greeks, InvalidInputs> =>
  Result.map(
    checked(model, inputs, dividends),
    ({ dividendYield, rate, right, spot, strike, volatility, years }) => ({
      ...europeanGreeks(signOf(right), spot, strike, years, rate, dividendYield, volatility),
      price: modelPrice(
        model,
        style,
        signOf(right),
        spot,
        strike,
        years,
        rate,
        dividendYield,
        volatility,
        dividends
      )
    })
  )

/** What an option is worth, by which model and why. */
export interface OptionValue extends ModelChoice {
  readonly greeks: Greeks
}

export interface ValueRequest {
  readonly style: ExerciseStyle
  readonly inputs: OptionInputs
  /** Cash dividends of the option's life; others are passed over. */
  readonly dividends?: ReadonlyArray<CashDividend>
  readonly accuracy: Accuracy
}

/** The value and Greeks of an option by the model that `selectModel` chooses. */
export const value = ({
  accuracy,
  dividends = [],
  inputs,
  style
}: ValueRequest): Result.Result<OptionValue, InvalidInputs> => {
  const choice = selectModel({ accuracy, dividends, inputs, style })
  return Result.map(
    greeksBy(choice.model, inputs, choice.model === "leisen-reimer" ? dividends : [], style),
    (greeks) => ({ ...choice, greeks })
  )
}
