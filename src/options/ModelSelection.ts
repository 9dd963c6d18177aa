/**
 * Which model prices an option: a pure decision from its exercise style, the
 * dividends, its moneyness and time, and how accurate the value is to be.
 */
import type { CashDividend, ExerciseStyle } from "./LeisenReimer.ts"
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

/** The model for an option, and why. */
export const selectModel = ({ accuracy, dividends, inputs, style }: SelectionInputs): ModelChoice => {
  const { dividendYield, rate, years } = inputs
  const sign = signOf(inputs.right)
  if (dividends.some((paid) => paid.years > 0 && paid.years <= years && paid.amount > 0)) {
    return {
      model: "leisen-reimer",
      why: "the share pays cash within the option's life: a tree with the price falling on each ex-date"
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
    ? { model: "bjs2002", why: "American exercise, a quick value asked for" }
    : { model: "american", why: "American exercise, the accurate value asked for" }
}
