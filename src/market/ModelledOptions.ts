/**
 * Option quotes of a market whose source has none: the volatility model's
 * prices, and a spread around them.
 *
 * A European option is worth what Black, Scholes and Merton give at the model's
 * volatility, an American one what Bjerksund and Stensland (2002) give; a put
 * and a call of one strike share their volatility. Bid and ask lie around that
 * value: half a point of volatility each way, and what the underlying's own
 * spread makes of it, rounded outwards to the exchange's tick of a cent below
 * three dollars and of five above. So no bid is above the model's value and no
 * ask below it. Sizes, trades and open interest are not modelled.
 */
import type { OptionRight, OptionStyle } from "../domain/OptionContract.ts"
import { printOcc } from "../domain/OccSymbol.ts"
import type { SessionDate } from "../domain/Timestamp.ts"
import { bjerksundStensland2002 } from "../options/BjerksundStensland.ts"
import { europeanGreeks, europeanPrice } from "../options/BlackScholes.ts"
import type { RawExpiry, RawQuote } from "../options/chain/OptionChain.ts"
import { exp } from "../options/kernels/Exponential.ts"
import { signOf } from "../options/OptionInputs.ts"
import { strikeStep, strikesWithin } from "./OptionListing.ts"
import { atmTotalVariance, modelVolatility, type SmileShape, type VarianceLevel } from "./VolatilityModel.ts"

/** What the model needs to know of an underlying at an instant. */
export interface ModelledUnderlying {
  readonly style: OptionStyle
  /** Dollars, the middle of its bid and ask, and half of what lies between them. */
  readonly spot: number
  readonly halfSpread: number
  readonly rate: number
  readonly dividendYield: number
  readonly level: VarianceLevel
  readonly shape: SmileShape
}

export interface ModelledTerm {
  readonly expiry: SessionDate
  /** The root of its contracts' symbols. */
  readonly root: string
  /** To its settlement, above zero. */
  readonly years: number
}

/** Half of the spread in volatility, per 1.00. */
export const HALF_SPREAD_VOLATILITY = 0.005
/** Strikes are shown within so many standard deviations, at least so many steps, and never beyond half or twice the price. */
const SHOWN_DEVIATIONS = 3.5
const SHOWN_STEPS = 6
const SHOWN_WIDTH = 0.7

/** An exchange's tick, in cents: of prices below three dollars, and of those above. */
const tickCents = (dollars: number): number => (dollars < 3 ? 1 : 5)

const bidOf = (value: number): number => {
  const tick = tickCents(value)
  // A price that is a whole number of ticks but for the last digits is one.
  return Math.max(0, (Math.floor((value * 100) / tick + 1e-9) * tick) / 100)
}

const askOf = (value: number): number => {
  const tick = tickCents(value)
  return (Math.max(1, Math.ceil((value * 100) / tick - 1e-9)) * tick) / 100
}

/** Bid and ask of a contract, in dollars of what it is for one of. */
export interface Sides {
  readonly bid: number
  readonly ask: number
}

/** Bid and ask of a contract with so many years to live, above zero. */
export const modelledSides = (
  underlying: ModelledUnderlying,
  years: number,
  right: OptionRight,
  strike: number
): Sides => {
  const { dividendYield, halfSpread, level, rate, shape, spot, style } = underlying
  const forward = spot * exp((rate - dividendYield) * years)
  const volatility = modelVolatility(level, shape, { strike, forward, years })
  const sign = signOf(right)
  const priceOf = style === "EUROPEAN" ? europeanPrice : bjerksundStensland2002
  const value = priceOf(sign, spot, strike, years, rate, dividendYield, volatility)
  const { delta, vega } = europeanGreeks(sign, spot, strike, years, rate, dividendYield, volatility)
  const half = HALF_SPREAD_VOLATILITY * vega + Math.abs(delta) * halfSpread
  const bid = bidOf(Math.max(0, value - half))
  return { bid, ask: Math.max(askOf(value + half), (Math.round(bid * 100) + tickCents(bid)) / 100) }
}

/** One contract's quote; its age is that of the underlying's. */
export const modelledQuote = (
  underlying: ModelledUnderlying,
  { expiry, root, years }: ModelledTerm,
  { right, strike }: { readonly right: OptionRight; readonly strike: number }
): RawQuote => ({
  contract: printOcc({ root, expiry, right, strike }),
  right,
  strike,
  ...modelledSides(underlying, years, right, strike),
  last: undefined,
  ageSeconds: 0,
  volume: undefined,
  openInterest: undefined
})

/** Every contract of an expiry that is shown: calls and puts of the strikes around the money. */
export const modelledExpiry = (underlying: ModelledUnderlying, term: ModelledTerm): RawExpiry => {
  const { level, rate, spot } = underlying
  const step = strikeStep(spot, term.years)
  const deviation = Math.sqrt(atmTotalVariance(level, term.years))
  const width = Math.min(SHOWN_WIDTH, SHOWN_DEVIATIONS * deviation)
  const strikes = strikesWithin(
    step,
    Math.min(spot * exp(-width), spot - SHOWN_STEPS * step),
    Math.max(spot * exp(width), spot + SHOWN_STEPS * step)
  )
  return {
    expiry: term.expiry,
    years: term.years,
    rate,
    quotes: strikes.flatMap((strike) => [
      modelledQuote(underlying, term, { right: "CALL", strike }),
      modelledQuote(underlying, term, { right: "PUT", strike })
    ])
  }
}
