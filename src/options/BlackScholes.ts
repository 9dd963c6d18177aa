/**
 * European options on a share with a continuous dividend yield: Black and Scholes (1973), Merton (1973).
 *
 * With A = S·e^(−qT), B = K·e^(−rT), d₁ = (ln(S/K) + (r − q)T)/(σ√T) + σ√T/2, d₂ = d₁ − σ√T and w = ±1 for calls and
 * puts: V = w(A·N(wd₁) − B·N(wd₂)). The Greeks are its derivatives as in Haug, "The Complete Guide to Option Pricing
 * Formulas" (2nd ed. 2007), chapters 1 and 2. N by Mills' ratio: since A·φ(d₁) = B·φ(d₂), an option out of the
 * money is worth A·φ(d₁) times a difference of two ratios, which keeps its relative accuracy.
 *
 * Without time or volatility an option is worth its discounted intrinsic value; exactly at its forward, delta and
 * rho are the mean of both sides, vega and vanna the limit, and what has no finite limit is zero.
 *
 * Functions named `european…` take numbers that `checkInputs` would let pass and check nothing; `price` and `greeks`
 * check. A result too great for a double is ±Number.MAX_VALUE: nothing here is infinite or NaN.
 */
import { Result } from "effect"
import type { Greeks } from "./Greeks.ts"
import { exp, log, logRatio } from "./kernels/Exponential.ts"
import { INV_SQRT_2PI, mills } from "./kernels/Mills.ts"
import { checkInputs, type InvalidInputs, type OptionInputs, signOf } from "./OptionInputs.ts"

/** Deviations σ√T below it are none: the quotients by it would leave the doubles. */
export const LEAST_DEVIATION = 1e-150

/** A greater σ√T changes no digit of a price: d₁ and d₂ are beyond every tail. */
const GREATEST_DEVIATION = 1e6

/** |d₁| and |d₂| beyond it are the same to every digit. */
const FARTHEST_D = 1e10

/** Inputs outside of these are scaled before their products can leave the doubles. */
const LEAST_PRICE = 1e-100
const GREATEST_PRICE = 1e100
const GREATEST_CARRY = 100

const finite = (value: number): number =>
  value > Number.MAX_VALUE ? Number.MAX_VALUE : value < -Number.MAX_VALUE ? -Number.MAX_VALUE : value

const within = (value: number, limit: number): number =>
  value > limit ? limit : value < -limit ? -limit : value

const ordinary = (
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number
): boolean =>
  spot > LEAST_PRICE &&
  spot < GREATEST_PRICE &&
  strike > LEAST_PRICE &&
  strike < GREATEST_PRICE &&
  Math.abs(rate) * years < GREATEST_CARRY &&
  Math.abs(dividendYield) * years < GREATEST_CARRY

/** φ beyond this square of d₁ is two factors: a product with it is rounded once, at its end, subnormal or not. */
const FAR_SQUARE = 1200

/** φ(d) = near·rest, neither of them subnormal while a product with it can be a double. */
const densityOf = (d: number): { readonly near: number; readonly rest: number } => {
  const square = d * d
  if (square < FAR_SQUARE) return { near: INV_SQRT_2PI * exp(-0.5 * square), rest: 1 }
  const half = exp(-0.25 * square)
  return { near: INV_SQRT_2PI * half, rest: half }
}

/** w(share − cash), their tails in units of `rest`: out of the money their difference is taken before its rounding. */
const difference = (
  sign: 1 | -1,
  { a, b }: { readonly a: number; readonly b: number },
  d1: number,
  d2: number,
  tail1: number,
  tail2: number,
  rest: number
): number => {
  const isLikely1 = sign * d1 > 0
  const isLikely2 = sign * d2 > 0
  if (!isLikely1 && !isLikely2) return Math.max(0, sign * (tail1 - tail2) * rest)
  const share = isLikely1 ? a - tail1 * rest : tail1 * rest
  const cash = isLikely2 ? b - tail2 * rest : tail2 * rest
  return Math.max(0, sign * (share - cash))
}

/** The value of an option whose deviation is not zero. */
const valueAt = (sign: 1 | -1, a: number, b: number, moneyness: number, deviation: number): number => {
  const d1 = within(moneyness / deviation + 0.5 * deviation, FARTHEST_D)
  const d2 = d1 - deviation
  const { near, rest } = densityOf(d1)
  const peak = a * near
  return difference(sign, { a, b }, d1, d2, peak * mills(Math.abs(d1)), peak * mills(Math.abs(d2)), rest)
}

/** The value in dollars a share: right in every limit, never below zero. */
export const europeanPrice = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): number => {
  if (!ordinary(spot, strike, years, rate, dividendYield)) {
    return europeanGreeks(sign, spot, strike, years, rate, dividendYield, volatility).price
  }
  const a = spot * exp(-dividendYield * years)
  const b = strike * exp(-rate * years)
  const deviation = Math.min(volatility * Math.sqrt(years), GREATEST_DEVIATION)
  const value =
    deviation < LEAST_DEVIATION
      ? Math.max(0, sign * (a - b))
      : valueAt(sign, a, b, logRatio(spot, strike) + (rate - dividendYield) * years, deviation)
  return finite(value)
}

/** What the Greeks are computed from: the inputs, and what follows from them. */
interface Setting {
  readonly sign: 1 | -1
  readonly spot: number
  readonly years: number
  readonly rate: number
  readonly dividendYield: number
  readonly volatility: number
  /** e^(−qT). */
  readonly shareDiscount: number
  /** A and B, in units of `root` squared dollars. */
  readonly a: number
  readonly b: number
  /** 1 unless the dollars would leave the doubles. */
  readonly root: number
  /** ln(A/B). */
  readonly moneyness: number
  /** σ√T. */
  readonly deviation: number
}

const settingOf = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): Setting => {
  const deviation = Math.min(volatility * Math.sqrt(years), GREATEST_DEVIATION)
  const given = { sign, spot, years, rate, dividendYield, volatility, deviation }
  const shareDiscount = exp(-dividendYield * years)
  if (ordinary(spot, strike, years, rate, dividendYield)) {
    return {
      ...given,
      shareDiscount,
      a: spot * shareDiscount,
      b: strike * exp(-rate * years),
      root: 1,
      moneyness: logRatio(spot, strike) + (rate - dividendYield) * years
    }
  }
  const a = log(spot) - dividendYield * years
  const b = log(strike) - rate * years
  const greater = Math.max(a, b)
  return {
    ...given,
    shareDiscount,
    a: exp(a - greater),
    b: exp(b - greater),
    root: exp(greater / 2),
    moneyness: a - b
  }
}

/** Without time or volatility: the discounted intrinsic value's. */
const certainGreeks = (setting: Setting): Greeks => {
  const { a, b, deviation, dividendYield, moneyness, rate, shareDiscount, sign, years } = setting
  const isAtForward = Math.abs(moneyness) <= deviation
  const isInTheMoney = sign * moneyness > 0
  const probability = isAtForward ? 0.5 : isInTheMoney ? 1 : 0
  const perVolatility = isAtForward ? INV_SQRT_2PI * Math.sqrt(years) : 0
  const delta = sign * shareDiscount * probability
  return {
    price: isAtForward || !isInTheMoney ? 0 : Math.max(0, sign * (a - b)),
    delta,
    gamma: 0,
    vega: a * perVolatility,
    theta: sign * probability * (dividendYield * a - rate * b),
    rho: sign * probability * years * b,
    vanna: 0.5 * shareDiscount * perVolatility,
    volga: 0,
    charm: dividendYield * delta,
    speed: 0
  }
}

const uncertainGreeks = (setting: Setting): Greeks => {
  const { a, b, deviation, dividendYield, rate, shareDiscount, sign, spot, volatility, years } = setting
  const d1 = within(setting.moneyness / deviation + 0.5 * deviation, FARTHEST_D)
  const d2 = d1 - deviation
  const { near, rest } = densityOf(d1)
  const peak = a * near
  const ratio1 = mills(Math.abs(d1))
  const tail1 = peak * ratio1
  const tail2 = peak * mills(Math.abs(d2))
  const isLikely = sign * d1 > 0
  const probability = near * ratio1 * rest
  const share = isLikely ? a - tail1 * rest : tail1 * rest
  const cash = sign * d2 > 0 ? b - tail2 * rest : tail2 * rest
  const delta = sign * shareDiscount * (isLikely ? 1 - probability : probability)
  const carried = {
    price: difference(sign, { a, b }, d1, d2, tail1, tail2, rest),
    delta,
    rho: sign * years * cash
  }
  const decay = sign * (dividendYield * share - rate * cash)
  const drift = dividendYield * delta
  // What follows is a product with φ(d₁), whose other factors may have left the doubles.
  if (near === 0) {
    return { ...carried, gamma: 0, vega: 0, theta: decay, vanna: 0, volga: 0, charm: drift, speed: 0 }
  }
  const rootYears = Math.sqrt(years)
  const vega = peak * rootYears
  const gamma = finite((shareDiscount * near) / (spot * deviation))
  const ratio = finite(d2 / volatility)
  return {
    ...carried,
    gamma: gamma * rest,
    vega: vega * rest,
    theta: decay - ((peak * volatility) / (2 * rootYears)) * rest,
    vanna: -shareDiscount * near * ratio * rest,
    volga: vega * d1 * ratio * rest,
    charm:
      drift - shareDiscount * near * finite((rate - dividendYield) / deviation - d2 / (2 * years)) * rest,
    speed: (-(gamma * (d1 / deviation + 1)) / spot) * rest
  }
}

/** The value and its Greeks: right in every limit. */
export const europeanGreeks = (
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
): Greeks => {
  const setting = settingOf(sign, spot, strike, years, rate, dividendYield, volatility)
  const of = setting.deviation < LEAST_DEVIATION ? certainGreeks(setting) : uncertainGreeks(setting)
  const dollars = (value: number): number => finite(value * setting.root * setting.root)
  return {
    price: dollars(of.price),
    delta: finite(of.delta),
    gamma: finite(of.gamma),
    vega: dollars(of.vega),
    theta: dollars(of.theta),
    rho: dollars(of.rho),
    vanna: finite(of.vanna),
    volga: dollars(of.volga),
    charm: finite(of.charm),
    speed: finite(of.speed)
  }
}

/** The value in dollars a share. */
export const price = (inputs: OptionInputs): Result.Result<number, InvalidInputs> =>
  Result.map(checkInputs(inputs), ({ dividendYield, rate, right, spot, strike, volatility, years }) =>
    europeanPrice(signOf(right), spot, strike, years, rate, dividendYield, volatility)
  )

/** The value and its Greeks, per year and per 1.00. */
export const greeks = (inputs: OptionInputs): Result.Result<Greeks, InvalidInputs> =>
  Result.map(checkInputs(inputs), ({ dividendYield, rate, right, spot, strike, volatility, years }) =>
    europeanGreeks(signOf(right), spot, strike, years, rate, dividendYield, volatility)
  )
