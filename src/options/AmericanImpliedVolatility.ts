/**
 * The volatility in the price of an option that may be exercised early, or
 * whose share pays cash: the chosen model turned round.
 *
 * The price lies between what the option is worth on the share's certain path
 * (σ → 0: at least intrinsic, see CertainExercise.ts) and what it is worth
 * when anything can happen (σ → ∞: the spot of a call, the strike of a put,
 * each with what waiting for expiry adds at negative rates). Between them a
 * volatility is bracketed, the European one being above it, and found by
 * T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding
 * the zero of a nonlinear function without using derivatives", Advances in
 * Engineering Software 28, 1997, to the last digits that the model's own
 * smoothness allows.
 */
import { Result } from "effect"
import { type CashDividend, certainValue, type ExerciseStyle, scheduled } from "./CertainExercise.ts"
import { europeanVolatility, impliedVolatility, type ImpliedVolatility } from "./ImpliedVolatility.ts"
import { type Accuracy, type ModelChoice, type ModelName, selectModel } from "./ModelSelection.ts"
import { invalid, type InvalidInputs, type OptionTerms, signOf, wrongTerm } from "./OptionInputs.ts"
import { checkDividends, modelPrice } from "./OptionModel.ts"

export interface VolatilityRequest {
  readonly terms: OptionTerms
  /** Dollars a share. */
  readonly price: number
  readonly style: ExerciseStyle
  readonly dividends?: ReadonlyArray<CashDividend>
  /** Without a model, one is chosen. */
  readonly model?: ModelName
  readonly accuracy?: Accuracy
}

/** What came of a price, by which model and why. */
export interface ModelVolatility extends ModelChoice {
  readonly volatility: ImpliedVolatility
}

/** A deviation σ√T at which every option is at its upper bound. */
const GREATEST_DEVIATION = 12

/** One at which it is on its certain path. */
const LEAST_DEVIATION = 1e-9

/** How near two volatilities are one, as a share of it. */
const TOLERANCE = 1e-14

/** Halvings alone would take half of them. */
const MAX_EVALUATIONS = 120

/** The zero of an increasing `f` between `low` and `high`, whose values there are given. */
const zero = (f: (x: number) => number, low: number, high: number, atLow: number, atHigh: number): number => {
  let [x1, f1] = [low, atLow]
  let [x2, f2] = [high, atHigh]
  let t = 0.5
  for (let i = 0; i < MAX_EVALUATIONS; i++) {
    const x = x1 + t * (x2 - x1)
    const fx = f(x)
    let [x3, f3] = [x1, f1]
    if (fx < 0 !== f1 < 0) {
      ;[x3, f3] = [x2, f2]
      ;[x2, f2] = [x1, f1]
    }
    ;[x1, f1] = [x, fx]
    const [best, least] = Math.abs(f1) < Math.abs(f2) ? [x1, f1] : [x2, f2]
    const limit = (TOLERANCE * best) / Math.abs(x2 - x1)
    if (least === 0 || limit > 0.5) return best
    const xi = (x1 - x2) / (x3 - x2)
    const phi = (f1 - f2) / (f3 - f2)
    const inverse = phi * phi < xi && (1 - phi) ** 2 < 1 - xi
    const next = inverse
      ? (f1 / (f2 - f1)) * (f3 / (f2 - f3)) + ((x3 - x1) / (x2 - x1)) * (f1 / (f3 - f1)) * (f2 / (f3 - f2))
      : 0.5
    t = Math.min(1 - limit, Math.max(limit, next))
  }
  return (x1 + x2) / 2
}

/** The volatility of a price strictly between the bounds; undefined where no volatility that counts gives it. */
const searched = (
  excess: (volatility: number) => number,
  years: number,
  guess: number
): number | undefined => {
  const scale = Math.sqrt(years)
  const most = Math.min(GREATEST_DEVIATION / scale, Number.MAX_VALUE)
  let high = Math.min(guess > 0 ? guess : 1 / scale, most)
  let atHigh = excess(high)
  let low = high
  let atLow = atHigh
  while (atHigh < 0) {
    if (high >= most) return undefined
    ;[low, atLow] = [high, atHigh]
    high = Math.min(high * 1.5, most)
    atHigh = excess(high)
  }
  for (let share = 0.98; atLow >= 0; share *= share) {
    if (low * scale < LEAST_DEVIATION) return low
    ;[high, atHigh] = [low, atLow]
    low *= share
    atLow = excess(low)
  }
  return atHigh === 0 ? high : zero(excess, low, high, atLow, atHigh)
}

/** By a model that was given usable terms: unchecked. */
const volatilityBy = (
  model: ModelName,
  terms: OptionTerms,
  price: number,
  style: ExerciseStyle,
  dividends: ReadonlyArray<CashDividend>,
  start?: number
): ImpliedVolatility => {
  const { dividendYield, rate, right, spot, strike, years } = terms
  const sign = signOf(right)
  const early = style === "american"
  const least = certainValue(
    style,
    sign,
    spot,
    strike,
    years,
    rate,
    dividendYield,
    scheduled(dividends, years)
  ).value
  // Both are rounded: what the rounding of the spot and the strike could make is no time value.
  const rounding = Number.EPSILON * (spot + strike)
  if (price < least - rounding) return { _tag: "BelowIntrinsic" }
  if (price <= least + rounding) return { _tag: "AtIntrinsic" }
  const atExpiry = sign > 0 ? spot * Math.exp(-dividendYield * years) : strike * Math.exp(-rate * years)
  const greatest = early ? Math.max(atExpiry, sign > 0 ? spot : strike) : atExpiry
  if (price > greatest || years === 0) return { _tag: "AboveUpper" }
  if (price === greatest) return { _tag: "AtUpper" }
  const guess = start ?? europeanVolatility(sign, spot, strike, years, rate, dividendYield, price)
  const found = searched(
    (volatility) => modelPrice(model, { ...terms, volatility }, dividends, style) - price,
    years,
    guess
  )
  return found === undefined ? { _tag: "AtUpper" } : { _tag: "Ok", volatility: found }
}

/** The choice for a quick answer depends on the volatility: it is looked at again once that is known. */
const chosen = (
  { accuracy = "accurate", dividends = [], style, terms }: VolatilityRequest,
  volatility: number
): ModelChoice => selectModel({ style, inputs: { ...terms, volatility }, dividends, accuracy })

/** The price's volatility by the model asked for, or chosen. */
const inverted = (request: VolatilityRequest): ModelVolatility => {
  const { accuracy = "accurate", dividends = [], model, price, style, terms } = request
  if (model !== undefined) {
    const paid = model === "leisen-reimer" ? dividends : []
    const exercise = model === "leisen-reimer" ? style : model === "bsm" ? "european" : "american"
    return {
      model,
      why: "the model that was asked for",
      volatility: volatilityBy(model, terms, price, exercise, paid)
    }
  }
  const first = chosen(request, 0)
  const found = volatilityBy(first.model, terms, price, first.model === "bsm" ? "european" : style, dividends)
  if (accuracy !== "fast" || found._tag !== "Ok") return { ...first, volatility: found }
  const second = chosen(request, found.volatility)
  return second.model === first.model
    ? { ...second, volatility: found }
    : {
        ...second,
        volatility: volatilityBy(second.model, terms, price, style, dividends, found.volatility)
      }
}

/**
 * The volatility in a price by the model that is asked for, or by the one
 * that `selectModel` chooses. European options without cash dividends have
 * `impliedVolatility`'s answer. Fails on inputs that no option has; a price
 * without a volatility is an answer with its status.
 */
export const americanVolatility = (
  request: VolatilityRequest
): Result.Result<ModelVolatility, InvalidInputs> => {
  const { dividends = [], model, price, terms } = request
  const wrong = wrongTerm(terms)
  if (wrong !== undefined) return Result.fail(wrong)
  if (!Number.isFinite(price)) return Result.fail(invalid("price", price, "a finite price"))
  return Result.flatMap(checkDividends(model ?? "leisen-reimer", dividends), () => {
    const choice = model === undefined ? chosen(request, 0) : { model, why: "the model that was asked for" }
    return choice.model === "bsm"
      ? Result.map(impliedVolatility(terms, price), (volatility) => ({ ...choice, volatility }))
      : Result.succeed(inverted(request))
  })
}
