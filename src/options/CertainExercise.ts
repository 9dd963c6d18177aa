/**
 * Exercise of options on a share whose path is certain, and the cash it pays.
 *
 * The limit of every model as its deviation σ√T vanishes: the share grows at
 * the rate less its yield, falls by the cash on each ex-date, and the holder
 * picks the best moment. What exercise at t is worth today is
 * ±(S_t·e^(−rt) − K·e^(−rt)); it has its greatest value at an end of a stretch
 * between ex-dates or where its slope is zero, at q·S_t = r·K.
 */
import type { Greeks } from "./Greeks.ts"

/** When an option may be exercised: only at expiry, or at any time up to it. */
export const exerciseStyles = ["european", "american"] as const
export type ExerciseStyle = (typeof exerciseStyles)[number]

/** Cash paid on a share. */
export interface CashDividend {
  /** Years until the share first trades without it. */
  readonly years: number
  /** Dollars a share; zero or more. */
  readonly amount: number
}

/** Cash paid closer together than this share of an option's life is taken as paid at once, at the earlier date. */
const LEAST_GAP = 1 / 2000

/** One paid sooner than this share of the life is taken as paid then: a tree needs time to get there. */
const SOONEST = 1e-6

/** Whether a dividend is paid in a life of `years`; one on the day of expiry, before its close, is. */
export const paidWithin =
  (years: number) =>
  (paid: CashDividend): boolean =>
    paid.years > 0 && paid.years <= years && paid.amount > 0

/** The dividends of a life of `years` in order, near ones joined. */
export const scheduled = (
  dividends: ReadonlyArray<CashDividend>,
  years: number
): ReadonlyArray<CashDividend> => {
  const joined: Array<CashDividend> = []
  const inLife = dividends
    .filter(paidWithin(years))
    .map((paid) => ({ ...paid, years: Math.max(paid.years, SOONEST * years) }))
  for (const paid of inLife.toSorted((a, b) => a.years - b.years)) {
    const before = joined.at(-1)
    if (before !== undefined && paid.years - before.years < LEAST_GAP * years) {
      joined[joined.length - 1] = { years: before.years, amount: before.amount + paid.amount }
    } else joined.push(paid)
  }
  return joined
}

/** The best an option can be worth on the share's certain path, and after how many years it is exercised. */
export interface CertainValue {
  readonly value: number
  readonly exerciseYears: number
}

export const certainValue = (
  style: ExerciseStyle,
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  paid: ReadonlyArray<CashDividend> = []
): CertainValue => {
  const carry = rate - dividendYield
  let best: CertainValue = { value: 0, exerciseYears: years }
  const consider = (price: number, time: number) => {
    const value = sign * (price - strike) * Math.exp(-rate * time)
    if (value > best.value) best = { value, exerciseYears: time }
  }
  let price = spot
  let start = 0
  for (const { amount, years: end } of [...paid, { amount: 0, years }]) {
    if (style === "american") {
      consider(price, start)
      // Where the interest on the strike is the yield of the share.
      const wait = Math.log((rate * strike) / (dividendYield * price)) / carry
      if (wait > 0 && wait < end - start) consider(price * Math.exp(carry * wait), start + wait)
      consider(price * Math.exp(carry * (end - start)), end)
    }
    price = Math.max(0, price * Math.exp(carry * (end - start)) - amount)
    start = end
  }
  consider(price, years)
  return best
}

/** A small step of a number, relative where it is not small itself. */
const STEP = 1e-6

/** An option on a share whose path is certain. */
export interface CertainInputs {
  readonly style: ExerciseStyle
  readonly sign: 1 | -1
  readonly spot: number
  readonly strike: number
  readonly years: number
  readonly rate: number
  readonly dividendYield: number
  readonly dividends: ReadonlyArray<CashDividend>
}

/**
 * Its Greeks: delta, theta and rho by differences of the value, which is all
 * but straight in each; what a volatility would add is zero.
 */
export const certainGreeks = (inputs: CertainInputs): Greeks => {
  const { dividendYield, dividends, rate, sign, spot, strike, style, years } = inputs
  const value = (price: number, aged: number, interest: number) =>
    certainValue(
      style,
      sign,
      price,
      strike,
      years - aged,
      interest,
      dividendYield,
      scheduled(dividends, years).map((paid) => ({ ...paid, years: paid.years - aged }))
    ).value
  const [h, age] = [STEP * spot, STEP * Math.min(1, years)]
  const here = value(spot, 0, rate)
  return {
    price: here,
    delta: (value(spot + h, 0, rate) - value(spot - h, 0, rate)) / (2 * h),
    gamma: 0,
    vega: 0,
    theta: age > 0 ? (value(spot, age, rate) - here) / age : 0,
    rho: (value(spot, 0, rate + STEP) - value(spot, 0, rate - STEP)) / (2 * STEP),
    vanna: 0,
    volga: 0,
    charm: 0,
    speed: 0
  }
}
