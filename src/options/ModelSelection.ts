/**
 * Which model prices an option: a pure decision from its exercise style, the
 * dividends, its moneyness and time, and how accurate the value is to be.
 */
import { type CashDividend, type ExerciseStyle, paidWithin } from "./CertainExercise.ts"
import { type OptionInputs, signOf } from "./OptionInputs.ts"

/** Every model there is, by the name it has everywhere. */
export const modelNames = ["bsm", "bjs1993", "bjs2002", "american", "leisen-reimer"] as const
export type ModelName = (typeof modelNames)[number]

/** fast: microseconds. accurate: the true value of the model's assumptions, in a millisecond or two. */
export const accuracies = ["fast", "accurate"] as const
export type Accuracy = (typeof accuracies)[number]

/** A model, and the reason in one sentence. */
export interface ModelChoice {
  readonly model: ModelName
  readonly why: string
}

export interface SelectionInputs {
  readonly style: ExerciseStyle
  readonly inputs: OptionInputs
  /** Those of the option's life count; others are passed over. */
  readonly dividends: ReadonlyArray<CashDividend>
  readonly accuracy: Accuracy
}

/**
 * Whether exercise before expiry can be worth anything. Exercise of a call
 * gains the yield of the share and loses the interest on the strike, q·S − r·K
 * a year; of a put the reverse. Where the gain is zero or below for every
 * price at which the option is in the money, the American value is the
 * European one.
 */
const neverEarly = (sign: 1 | -1, rate: number, dividendYield: number): boolean => {
  const [gained, lost] = sign > 0 ? [dividendYield, rate] : [rate, dividendYield]
  return gained <= 0 && gained <= lost
}

/** Both gain and loss negative, the gain less so: exercise is best between two prices, and no formula has two boundaries. */
const twoBoundaries = (sign: 1 | -1, rate: number, dividendYield: number): boolean => {
  const [gained, lost] = sign > 0 ? [dividendYield, rate] : [rate, dividendYield]
  return gained <= 0 && gained > lost
}

/**
 * Up to this deviation σ√T the formula of 2002 with its floor is within 3e-3
 * of the strike of the true value, for calls and puts, with and without a
 * yield (measured: docs/options.md).
 */
const SMALL_DEVIATION = 0.2

/**
 * What exercise gains over waiting, in twice the deviation: beyond it the formula's boundary comes down to where it
 * ends (b√T/2σ = −1), and its value is wrong by a percent of the strike even at small deviations.
 */
const MOST_CARRY = 0.7

/** So many deviations out of the money it is within 5e-4 of the strike whatever the deviation. */
const FAR_OUT = 2

/** The quick choice for an American option that may be exercised early. */
const americanChoice = (inputs: OptionInputs, sign: 1 | -1): ModelChoice => {
  const { dividendYield, rate, spot, strike, volatility, years } = inputs
  const deviation = volatility * Math.sqrt(years)
  if (sign * (dividendYield - rate) * years > 2 * MOST_CARRY * deviation) {
    return {
      model: "american",
      why: "American exercise that soon pays: the quick formulas can be wrong by a percent of the strike here"
    }
  }
  if (deviation <= SMALL_DEVIATION) {
    return {
      model: "bjs2002",
      why: "American exercise and a quick value: up to a deviation of 0.2 over the life the formula is within 0.3% of the strike"
    }
  }
  const out = -sign * (Math.log(spot / strike) + (rate - dividendYield) * years)
  if (out >= FAR_OUT * deviation) {
    return {
      model: "bjs2002",
      why: "American exercise and a quick value: two deviations out of the money the formula is within 0.05% of the strike"
    }
  }
  return {
    model: "american",
    why: "American exercise over a deviation above 0.2: the quick formulas can be wrong by percents of the strike here"
  }
}

/**
 * The model for an option, and why.
 *
 * A put of a share that pays is never left to the formula of 1993, whose puts
 * LEAN's users found wrong: cash is paid in a tree, and with a yield the
 * formula of 2002 is chosen only where it was measured to be right.
 */
export const selectModel = ({ accuracy, dividends, inputs, style }: SelectionInputs): ModelChoice => {
  const { dividendYield, rate, years } = inputs
  const sign = signOf(inputs.right)
  if (dividends.some(paidWithin(years))) {
    return {
      model: "leisen-reimer",
      why: "the share pays cash within the option's life: a tree in which the price falls on each ex-date"
    }
  }
  if (style === "european") {
    return {
      model: "bsm",
      why: "European exercise and no cash dividend: the Black–Scholes–Merton value is exact"
    }
  }
  if (neverEarly(sign, rate, dividendYield)) {
    return {
      model: "bsm",
      why: "exercise before expiry gains nothing: the American value is the European one"
    }
  }
  if (twoBoundaries(sign, rate, dividendYield)) {
    return {
      model: "leisen-reimer",
      why: "with these negative rates exercise is best between two prices: a tree finds both"
    }
  }
  return accuracy === "fast"
    ? americanChoice(inputs, sign)
    : { model: "american", why: "American exercise: the value to about 1e-8 of the strike" }
}
