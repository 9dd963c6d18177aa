/**
 * An option's Greeks as QuantConnect reports them in LEAN's universe files and indicators, so that its figures can be
 * told from ours and checked.
 *
 * Found out from the columns of a universe file (every Greek of its rows follows from its own implied volatility to four
 * digits), and in agreement with the published source of LEAN's indicators:
 *
 * - Model: a tree of 200 steps whose probability is that of a forward tree (up by e^(σ√Δt), down by its inverse, about the
 *   forward) and whose prices are S·u^(2i−n) with u = e^(σ√Δt + (r−q)Δt). Up and down steps then cancel, so the share does
 *   not drift with r − q, while values are discounted at r. Calls may be exercised at each node, puts never.
 * - Time: calendar days ÷ 365 from the end of the day that was priced (the midnight after it) to the expiry's date.
 * - Rate: the primary credit rate as it stands, taken for continuous. Dividend yield: the dividends of the year before over
 *   the price, taken for continuous.
 * - Volatility: that of the out-of-the-money contract of the same strike and expiry, from its mid, by this model; an option in
 *   the money has its mirror's, and only where that has none its own.
 * - Delta, gamma, vega, theta and rho are differences of such trees. Vega is per 0.01, theta per calendar day, rho per 0.01.
 *
 * The dividends are those of the year that ends with the latest, each to a tenth of a cent. An older file (AAPL,
 * 2014-06-09) has Black and Scholes' Greeks instead, gamma without e^(−qT), from the official close, with the same time
 * and rate; most of its volatilities are those of a price that is really the number of open contracts.
 *
 * Rho is the one whose meaning is lost: without drift a higher rate only discounts, so a call's is below zero. `rho` here
 * has the sign that an option's rho has (calls above zero), `rhoAsReported` theirs.
 */
import { Result } from "effect"
import { dayOfDate, type SessionDate } from "../domain/Timestamp.ts"
import {
  checkInputs,
  invalid,
  type InvalidInputs,
  type OptionInputs,
  type OptionTerms,
  wrongTerm
} from "./OptionInputs.ts"

const STEPS = 200
/** What their differences move by. */
const VOLATILITY_STEP = 0.01
const RATE_STEP = 0.0001
const DAYS_A_YEAR = 365

/** Their units: per point of volatility and rate, per calendar day. */
export interface QuantConnectGreeks {
  /** Of their tree, dollars a share. */
  readonly price: number
  readonly delta: number
  readonly gamma: number
  readonly vegaPerPoint: number
  readonly thetaPerDay: number
  /** Their magnitude with our sign: above zero for a call. */
  readonly rhoPerPoint: number
  readonly rhoAsReported: number
}

/** Their time to expiry: whole days from the midnight after the day that was priced. */
export const quantConnectYears = (priced: SessionDate, expiry: SessionDate): number =>
  Math.max(0, dayOfDate(expiry) - dayOfDate(priced) - 1) / DAYS_A_YEAR

/** The value by their tree. */
const treeValue = ({ dividendYield, rate, right, spot, strike, volatility, years }: OptionInputs): number => {
  const isCall = right === "CALL"
  const intrinsic = (price: number): number => Math.max(0, isCall ? price - strike : strike - price)
  if (years <= 0 || volatility <= 0) return intrinsic(spot)
  const step = years / STEPS
  const spread = Math.exp(volatility * Math.sqrt(step))
  const up = spread * Math.exp((rate - dividendYield) * step)
  // (1 − 1/u) ÷ (u − 1/u), u = e^(σ√Δt).
  const chance = 1 / (1 + spread)
  const discount = Math.exp(-rate * step)
  const [low, high] = [discount * (1 - chance), discount * chance]
  // Exercise values of every price there is: S·up^(j − steps).
  const exercised = Float64Array.from({ length: 2 * STEPS + 1 }, (_, j) =>
    intrinsic(spot * up ** (j - STEPS))
  )
  const values = Float64Array.from({ length: STEPS + 1 }, (_, i) => exercised[2 * i] ?? 0)
  for (let period = STEPS - 1; period >= 0; period--) {
    for (let i = 0; i <= period; i++) {
      const kept = (values[i] ?? 0) * low + (values[i + 1] ?? 0) * high
      values[i] = isCall ? Math.max(kept, exercised[2 * i - period + STEPS] ?? 0) : kept
    }
  }
  return values[0] ?? 0
}

const finite = (greeks: QuantConnectGreeks): boolean => Object.values(greeks).every(Number.isFinite)

/** The Greeks at a volatility; years as `quantConnectYears` counts them. */
export const quantConnectGreeks = (inputs: OptionInputs): Result.Result<QuantConnectGreeks, InvalidInputs> =>
  Result.flatMap(checkInputs(inputs), (usable) => {
    const { dividendYield, rate, right, spot, volatility, years } = usable
    if (years === 0 || volatility === 0) {
      return Result.fail(
        invalid(
          years === 0 ? "years" : "volatility",
          0,
          "more than zero: their tree has no Greeks without time and volatility"
        )
      )
    }
    const value = (changed: Partial<OptionInputs>): number => treeValue({ ...usable, ...changed })
    const step = years / STEPS
    const price = value({})
    const drift = Math.exp((rate - dividendYield) * step)
    const spread = Math.exp(volatility * Math.sqrt(step))
    const [above, below] = [spot * spread * drift, (spot / spread) * drift]
    const [farAbove, farBelow] = [spot * spread * spread, spot / spread / spread]
    const slopeAbove = (value({ spot: farAbove }) - price) / (farAbove - spot)
    const slopeBelow = (price - value({ spot: farBelow })) / (spot - farBelow)
    const rho = (value({ rate: rate + RATE_STEP }) - price) / RATE_STEP / 100
    const greeks: QuantConnectGreeks = {
      price,
      delta: (value({ spot: above }) - value({ spot: below })) / (above - below),
      gamma: (2 * (slopeAbove - slopeBelow)) / (farAbove - farBelow),
      vegaPerPoint: (value({ volatility: volatility + VOLATILITY_STEP }) - price) / VOLATILITY_STEP / 100,
      thetaPerDay: (value({ years: years - 2 * step }) - price) / (2 * step) / DAYS_A_YEAR,
      rhoPerPoint: right === "CALL" ? Math.abs(rho) : -Math.abs(rho),
      rhoAsReported: rho
    }
    return finite(greeks)
      ? Result.succeed(greeks)
      : Result.fail(invalid("volatility", volatility, "one at which the prices of their tree are doubles"))
  })

/** Their search's ends. */
const LEAST_VOLATILITY = 1e-7
const GREATEST_VOLATILITY = 4
const HALVINGS = 60

/** The volatility at which their tree gives the price, by halving; undefined outside of 1e-7 to 4. */
const inverted = (terms: OptionTerms, price: number): number | undefined => {
  const short = (volatility: number): boolean => treeValue({ ...terms, volatility }) < price
  if (!short(LEAST_VOLATILITY) || short(GREATEST_VOLATILITY)) return undefined
  let [low, high] = [LEAST_VOLATILITY, GREATEST_VOLATILITY]
  for (let i = 0; i < HALVINGS && high - low > 1e-12; i++) {
    const middle = (low + high) / 2
    if (short(middle)) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * Their implied volatility from the mids of an option and of its mirror (the put of a call): that of the one out of
 * the money, or of the other where that one has none; undefined where neither has.
 */
export const quantConnectVolatility = (
  terms: OptionTerms,
  mids: { readonly own: number; readonly mirror: number | undefined }
): Result.Result<number | undefined, InvalidInputs> => {
  const wrong = wrongTerm(terms)
  if (wrong !== undefined) return Result.fail(wrong)
  const mirrored: OptionTerms = { ...terms, right: terms.right === "CALL" ? "PUT" : "CALL" }
  const own = () => inverted(terms, mids.own)
  const mirror = () => (mids.mirror === undefined ? undefined : inverted(mirrored, mids.mirror))
  const isIn = terms.right === "CALL" ? terms.strike < terms.spot : terms.strike > terms.spot
  return Result.succeed(isIn ? (mirror() ?? own()) : (own() ?? mirror()))
}
