/**
 * What one option contract gains and loses as its market moves: the Greeks that
 * limits are held against, and that the views show.
 *
 * European Greeks of Black and Scholes (1973) at the volatility the mark
 * implies, the policy rate of the day, no dividends; an American option's
 * differ a little. The time that is left runs to the settlement, to the
 * microsecond, and counts as an hour in the last one: on its last day a contract
 * has Greeks as on any other. A mark that no volatility gives, at its intrinsic
 * value or below and above what the option can be worth, gets the least or the
 * greatest one.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import { MICROS } from "../../domain/Money.ts"
import type { OptionContract } from "../../domain/OptionContract.ts"
import { dateOfDay, type Timestamp } from "../../domain/Timestamp.ts"
import { yearsLeft } from "../../market/ContractTime.ts"
import { policyRate } from "../../market/PolicyRate.ts"
import { MICROS_PER_DAY } from "../../market/TradingDays.ts"
import { europeanGreeks } from "../../options/BlackScholes.ts"
import { ABOVE_UPPER, AT_UPPER, europeanVolatility } from "../../options/ImpliedVolatility.ts"

/** A year, 1.0 is 100%: a mark that implies less, or none, counts as if it implied this. */
export const LEAST_VOLATILITY = 0.05
/** A mark that implies more counts as if it implied this. */
export const MOST_VOLATILITY = 5
/** Time that counts as left until the settlement at the least: an hour, in years. */
export const LEAST_YEARS = 1 / (365 * 24)

/** Of one contract that is held long. All NaN where a price or the time is missing. */
export interface ContractGreeks {
  /** Shares of the underlying it moves like. */
  readonly delta: number
  /** Dollars of the underlying it moves like: delta × spot. */
  readonly deltaNotional: number
  /** Shares that delta gains per dollar the underlying rises. */
  readonly gamma: number
  /** Dollars that `deltaNotional` gains per 1% the underlying rises, by gamma alone. */
  readonly gammaNotional: number
  /** Dollars per point of volatility (0.01 a year). */
  readonly vega: number
  /** Dollars a day (of 365 a year). */
  readonly theta: number
  /** The volatility all is computed at, a year; 1.0 is 100%. */
  readonly volatility: number
}

export interface ContractMarket {
  readonly contract: OptionContract
  readonly multiplier: number
  /** The option's price, micros a share. */
  readonly mark: number
  /** The underlying's price, micros. */
  readonly spot: number
  /** Market time. */
  readonly now: Timestamp
}

const missing: ContractGreeks = {
  delta: Number.NaN,
  deltaNotional: Number.NaN,
  gamma: Number.NaN,
  gammaNotional: Number.NaN,
  vega: Number.NaN,
  theta: Number.NaN,
  volatility: Number.NaN
}

/** Dollars a share, and the shares, of what a contract is for: the strike less the cash that comes with an adjusted one's shares. */
interface Terms {
  readonly sign: 1 | -1
  readonly strike: number
  readonly shares: number
  readonly years: number
  readonly rate: number
}

const termsOf = (contract: OptionContract, multiplier: number, now: Timestamp): Terms => {
  const shares = contract.deliverable / MICROS
  return {
    sign: contract.right === "CALL" ? 1 : -1,
    strike: (contract.strike * multiplier - contract.deliverableCash) / MICROS / shares,
    shares,
    years: Math.max(LEAST_YEARS, yearsLeft(contract, now)),
    rate: policyRate(dateOfDay(Math.floor(now / MICROS_PER_DAY))).rate
  }
}

const within = (volatility: number): number =>
  Math.min(MOST_VOLATILITY, Math.max(LEAST_VOLATILITY, volatility))

/** The volatility in a price, dollars a share of what is delivered. */
const impliedIn = ({ rate, sign, strike, years }: Terms, spot: number, price: number): number => {
  const found = europeanVolatility(sign, spot, strike, years, rate, 0, price)
  return found === -ABOVE_UPPER || found === -AT_UPPER ? MOST_VOLATILITY : within(found)
}

const greeksAt = (terms: Terms, spot: number, volatility: number): ContractGreeks => {
  const { rate, shares, sign, strike, years } = terms
  const { delta, gamma, theta, vega } = europeanGreeks(sign, spot, strike, years, rate, 0, volatility)
  return {
    delta: delta * shares,
    deltaNotional: delta * shares * spot,
    gamma: gamma * shares,
    gammaNotional: (gamma * shares * spot * spot) / 100,
    vega: (vega * shares) / 100,
    theta: (theta * shares) / 365,
    volatility
  }
}

/** Of an adjusted contract whose cash alone is worth its strike: shares, or nothing. */
const certain = ({ shares, sign }: Terms, spot: number): ContractGreeks => ({
  delta: sign > 0 ? shares : 0,
  deltaNotional: sign > 0 ? shares * spot : 0,
  gamma: 0,
  gammaNotional: 0,
  vega: 0,
  theta: 0,
  volatility: LEAST_VOLATILITY
})

/** The Greeks at a volatility, a year, as far as it is within bounds. */
export const greeksAtVolatility = (
  { contract, multiplier, now, spot }: Omit<ContractMarket, "mark">,
  volatility: number
): ContractGreeks => {
  const terms = termsOf(contract, multiplier, now)
  const sound = spot > 0 && [spot, terms.years, terms.strike, volatility].every(Number.isFinite)
  if (!sound) return missing
  return terms.strike > 0 ? greeksAt(terms, spot / MICROS, within(volatility)) : certain(terms, spot / MICROS)
}

/** The Greeks at the volatility that the mark implies. */
export const contractGreeks = (market: ContractMarket): ContractGreeks => {
  const { contract, mark, multiplier, now, spot } = market
  const terms = termsOf(contract, multiplier, now)
  const sound = spot > 0 && mark >= 0 && [spot, mark, terms.years, terms.strike].every(Number.isFinite)
  if (!sound) return missing
  if (!(terms.strike > 0)) return certain(terms, spot / MICROS)
  const price = (mark * multiplier) / MICROS / terms.shares
  return greeksAt(terms, spot / MICROS, impliedIn(terms, spot / MICROS, price))
}
