/**
 * Values and Greeks of an option by a named model, or by the one that is
 * chosen for it.
 *
 * Black–Scholes–Merton's Greeks are formulas. Those of Bjerksund and
 * Stensland are differences of the branch that makes the price (the formula
 * continued past its boundary, or the European value's formulas), so they are
 * smooth to 1e-7 of their scale or better, and at intrinsic delta is ±1 and
 * all else zero. The others: AndersenLakeOffengenden.ts, LeisenReimer.ts.
 */
import { Result } from "effect"
import { americanGreeks, americanPrice } from "./AndersenLakeOffengenden.ts"
import {
  bendDistance,
  bjerksundStensland1993,
  bjerksundStensland2002,
  continuationValue,
  flooredValue,
  type FormulaYear
} from "./BjerksundStensland.ts"
import { europeanGreeks, europeanPrice } from "./BlackScholes.ts"
import type { CashDividend, ExerciseStyle } from "./CertainExercise.ts"
import { differenceGreeks, exercisedGreeks } from "./DifferenceGreeks.ts"
import type { Greeks } from "./Greeks.ts"
import { leisenReimerGreeks, leisenReimerPrice } from "./LeisenReimer.ts"
import { type Accuracy, type ModelChoice, type ModelName, selectModel } from "./ModelSelection.ts"
import { checkInputs, invalid, type InvalidInputs, type OptionInputs, signOf } from "./OptionInputs.ts"

/** The floor of a price that left the doubles, as only prices and lives that no market has can make it do. */
const leastPrice = (model: ModelName, inputs: OptionInputs, style: ExerciseStyle): number => {
  const { dividendYield, rate, right, spot, strike, volatility, years } = inputs
  const sign = signOf(right)
  const early = model !== "bsm" && (model !== "leisen-reimer" || style === "american")
  return Math.max(
    early ? sign * (spot - strike) : 0,
    europeanPrice(sign, spot, strike, years, rate, dividendYield, volatility)
  )
}

/** The price of a model that was given inputs which `checkInputs` lets pass: unchecked, never NaN or infinite. */
export const modelPrice = (
  model: ModelName,
  inputs: OptionInputs,
  dividends: ReadonlyArray<CashDividend>,
  style: ExerciseStyle
): number => {
  const price = rawPrice(model, inputs, dividends, style)
  return Number.isFinite(price) ? price : leastPrice(model, inputs, style)
}

const rawPrice = (
  model: ModelName,
  inputs: OptionInputs,
  dividends: ReadonlyArray<CashDividend>,
  style: ExerciseStyle
): number => {
  const { dividendYield, rate, right, spot, strike, volatility, years } = inputs
  const sign = signOf(right)
  switch (model) {
    case "bsm":
      return europeanPrice(sign, spot, strike, years, rate, dividendYield, volatility)
    case "bjs1993":
      return bjerksundStensland1993(sign, spot, strike, years, rate, dividendYield, volatility)
    case "bjs2002":
      return bjerksundStensland2002(sign, spot, strike, years, rate, dividendYield, volatility)
    case "american":
      return americanPrice(sign, spot, strike, years, rate, dividendYield, volatility)
    case "leisen-reimer":
      return leisenReimerPrice({ ...inputs, sign, style, dividends })
  }
}

/** Steps of the differences: a formula is smooth to its last digits, but for its bends. */
const STEPS = { spot: 0.02, relative: 0.003, rate: 1e-4 }
/** Shorter ones see the digits' own noise. */
const LEAST_STEPS = { relative: 1e-5, rate: 1e-6 }
/** Differences reach four steps to one side. */
const STEPS_TO_A_BEND = 4.5

const approximateGreeks = (year: FormulaYear, inputs: OptionInputs): Greeks => {
  const { dividendYield, rate, right, spot, strike, volatility, years } = inputs
  const sign = signOf(right)
  const { branch } = flooredValue(year, sign, spot, strike, years, rate, dividendYield, volatility)
  if (branch === "intrinsic") return exercisedGreeks(sign, spot, strike)
  if (branch === "european") {
    return europeanGreeks(sign, spot, strike, years, rate, dividendYield, volatility)
  }
  const bend = bendDistance(year, sign, years, rate, dividendYield, volatility) / STEPS_TO_A_BEND
  return differenceGreeks(
    (s, t, r, v) => continuationValue(year, sign, s, strike, t, r, dividendYield, v),
    { spot, years, rate, volatility },
    {
      spot: STEPS.spot,
      relative: Math.max(LEAST_STEPS.relative, Math.min(bend, STEPS.relative)),
      rate: Math.max(LEAST_STEPS.rate, Math.min((2 * volatility * bend) / Math.sqrt(years), STEPS.rate)),
      side: 0,
      // A put's formula ends at a rate of zero, where exercise stops being worth anything.
      rateSide: sign < 0 && rate <= 4 * STEPS.rate ? 1 : 0
    }
  )
}

/** A Greek that left the doubles: as great as one can be, or nothing where it is not even that. */
const finite = (greek: number): number =>
  Number.isNaN(greek) ? 0 : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, greek))

/** The Greeks of a model that was given inputs which `checkInputs` lets pass: unchecked, never NaN or infinite. */
export const modelGreeks = (
  model: ModelName,
  inputs: OptionInputs,
  dividends: ReadonlyArray<CashDividend>,
  style: ExerciseStyle
): Greeks => {
  const { charm, delta, gamma, price, rho, speed, theta, vanna, vega, volga } = rawGreeks(
    model,
    inputs,
    dividends,
    style
  )
  return {
    price: Number.isFinite(price) ? price : leastPrice(model, inputs, style),
    delta: finite(delta),
    gamma: finite(gamma),
    vega: finite(vega),
    theta: finite(theta),
    rho: finite(rho),
    vanna: finite(vanna),
    volga: finite(volga),
    charm: finite(charm),
    speed: finite(speed)
  }
}

const rawGreeks = (
  model: ModelName,
  inputs: OptionInputs,
  dividends: ReadonlyArray<CashDividend>,
  style: ExerciseStyle
): Greeks => {
  const { dividendYield, rate, right, spot, strike, volatility, years } = inputs
  const sign = signOf(right)
  switch (model) {
    case "bsm":
      return europeanGreeks(sign, spot, strike, years, rate, dividendYield, volatility)
    case "bjs1993":
      return approximateGreeks(1993, inputs)
    case "bjs2002":
      return approximateGreeks(2002, inputs)
    case "american":
      return americanGreeks(sign, spot, strike, years, rate, dividendYield, volatility)
    case "leisen-reimer":
      return leisenReimerGreeks({ ...inputs, sign, style, dividends })
  }
}

/** What of the dividends makes no sense, or is no business of the model. */
export const checkDividends = (
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
  Result.map(checked(model, inputs, dividends), (usable) => modelPrice(model, usable, dividends, style))

/** As `priceBy`, with all Greeks. */
export const greeksBy = (
  model: ModelName,
  inputs: OptionInputs,
  dividends: ReadonlyArray<CashDividend> = [],
  style: ExerciseStyle = "american"
): Result.Result<Greeks, InvalidInputs> =>
  Result.map(checked(model, inputs, dividends), (usable) => modelGreeks(model, usable, dividends, style))

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
