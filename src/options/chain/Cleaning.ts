/**
 * A chain as it is quoted to one that can be analysed: quotes that cannot be
 * used are left out, each counted by its reason; forwards by put–call parity;
 * one implied volatility a strike.
 *
 * Every quote is kept or counted once: `quotes` is `kept` and all `drops`. The
 * first reason that applies counts, in this order: expired, not a number, of
 * another split basis, no ask, zero bid, crossed, stale, wide, outside bounds.
 * A chain without a bid or ask anywhere is one of closing prices, which then
 * stand for both sides.
 */
import { europeanGreeks } from "../BlackScholes.ts"
import { europeanVolatility } from "../ImpliedVolatility.ts"
import { quotedVolatility } from "./EarlyExercise.ts"
import { MAX_EXPONENT } from "../OptionInputs.ts"
import { forwardsOf } from "./Forwards.ts"
import {
  type CleanChain,
  type DropReason,
  dropReasons,
  type ForwardFit,
  type RawChain,
  type RawExpiry,
  type RawQuote,
  type Smile,
  type SmilePoint
} from "./OptionChain.ts"
import { SAME_TIME_YEARS } from "../Position.ts"
import { parityForward, type Setting } from "./Parity.ts"
import {
  type CleaningSettings,
  defaultSettings,
  isOfCloses,
  outsideBounds,
  outsideForwardBounds,
  type TwoSided,
  twoSided
} from "./QuoteChecks.ts"
import { strikesOfOtherBasis } from "./SplitBasis.ts"

type Drop = (reason: DropReason, quotes: ReadonlyArray<RawQuote>) => void

/** No option lives longer; powers of this time and its logarithms are numbers. */
const MOST_YEARS = 1000

/** The quotes of an expiry that can be used as they stand. */
const usableQuotes = (
  chain: RawChain,
  { quotes, years }: RawExpiry,
  settings: CleaningSettings,
  ofCloses: boolean,
  drop: Drop
): ReadonlyArray<TwoSided> => {
  if (!(years > SAME_TIME_YEARS && years <= MOST_YEARS)) {
    drop(years <= SAME_TIME_YEARS ? "expired" : "not-a-number", quotes)
    return []
  }
  const otherBasis = strikesOfOtherBasis(quotes, chain.spot, chain.splits ?? [])
  return quotes.flatMap((quote) => {
    const checked = otherBasis.has(quote.strike) ? "wrong-split-basis" : twoSided(quote, ofCloses, settings)
    const reason =
      typeof checked === "string"
        ? checked
        : outsideBounds(checked.sign, chain.style, checked.bid, checked.ask, quote.strike, chain.spot)
    if (reason === undefined && typeof checked !== "string") return [checked]
    if (reason !== undefined) drop(reason, [quote])
    return []
  })
}

/** The volatility in a price, NaN where there is none. */
const volatilityIn = (
  { dividendYield }: ForwardFit,
  { rate, spot, style, years }: Setting,
  { quote, sign }: TwoSided,
  price: number
): number => {
  const { strike } = quote
  if (style === "AMERICAN") {
    return quotedVolatility({ sign, spot, strike, years, rate, dividendYield }, price)
  }
  const volatility = europeanVolatility(sign, spot, strike, years, rate, dividendYield, price)
  return volatility > 0 ? volatility : Number.NaN
}

/** The point of a strike, or the bound that its price is outside of. */
const pointOf = (two: TwoSided, fit: ForwardFit, setting: Setting): SmilePoint | DropReason => {
  const { ask, bid, mid, quote, sign } = two
  const volatility = volatilityIn(fit, setting, two, mid)
  if (!(volatility > 0)) return "below-lower-bound"
  const askVolatility = ask === mid ? volatility : volatilityIn(fit, setting, two, ask)
  if (!(askVolatility > 0)) return "above-upper-bound"
  const bidVolatility = bid === mid ? volatility : volatilityIn(fit, setting, two, bid)
  const { rate, spot, years } = setting
  return {
    contract: quote.contract,
    right: quote.right,
    strike: quote.strike,
    logMoneyness: Math.log(quote.strike / fit.forward),
    bid,
    ask,
    bidVolatility: bidVolatility > 0 ? bidVolatility : undefined,
    volatility,
    askVolatility,
    vega: europeanGreeks(sign, spot, quote.strike, years, rate, fit.dividendYield, volatility).vega
  }
}

/** An option this many deviations in the money still tells its volatility as well as its other side would. */
const NEAR_DEVIATIONS = 0.5

/** √(2π): an option at the money is worth about S·σ√T ÷ √(2π) (Brenner and Subrahmanyam 1988). */
const ROOT_TWO_PI = Math.sqrt(2 * Math.PI)

/** σ√T, roughly, from the strike nearest to the forward. */
const deviationOf = (quotes: ReadonlyArray<TwoSided>, forward: number, discount: number): number => {
  const [first] = quotes
  if (first === undefined) return 0
  const away = ({ quote }: TwoSided): number => Math.abs(quote.strike - forward)
  const nearest = quotes.reduce((a, b) => (away(b) < away(a) ? b : a), first)
  const intrinsic = Math.max(0, nearest.sign * (forward - nearest.quote.strike)) * discount
  return (ROOT_TWO_PI * Math.max(0, nearest.mid - intrinsic)) / (discount * forward)
}

const isOut = ({ quote, sign }: TwoSided, forward: number): boolean => sign * (quote.strike - forward) >= 0

/** The contracts that stand for each strike: those out of the money; near the forward the other one where there is none. */
const representatives = (
  quotes: ReadonlyArray<TwoSided>,
  forward: number,
  discount: number
): ReadonlyArray<TwoSided> => {
  const reach = NEAR_DEVIATIONS * deviationOf(quotes, forward, discount)
  const byStrike = new Map<number, TwoSided>()
  for (const two of quotes) {
    const { strike } = two.quote
    const isNear = Math.abs(Math.log(strike / forward)) <= reach
    if (isOut(two, forward) || (isNear && !byStrike.has(strike))) byStrike.set(strike, two)
  }
  return [...byStrike.values()].toSorted((a, b) => a.quote.strike - b.quote.strike)
}

const smileOf = (
  expiry: RawExpiry,
  quotes: ReadonlyArray<TwoSided>,
  setting: Setting,
  fit: ForwardFit,
  drop: Drop
): Smile => {
  const inside = quotes.filter((two) => {
    const reason = outsideForwardBounds(two, setting, fit.forward)
    if (reason !== undefined) drop(reason, [two.quote])
    return reason === undefined
  })
  const discount = Math.exp(-setting.rate * setting.years)
  const points = representatives(inside, fit.forward, discount).flatMap((two) => {
    const point = pointOf(two, fit, setting)
    if (typeof point !== "string") return [point]
    drop(point, [two.quote])
    return []
  })
  return { ...fit, expiry: expiry.expiry, years: expiry.years, rate: expiry.rate, points }
}

/** Cleans a chain. Total: whatever the numbers in it, each quote is kept or counted. */
export const cleanChain = (chain: RawChain, settings: Partial<CleaningSettings> = {}): CleanChain => {
  const used: CleaningSettings = { ...defaultSettings, ...settings }
  const counts = new Map<DropReason, number>()
  const dropped = new Map<string, DropReason>()
  const drop: Drop = (reason, quotes) => {
    counts.set(reason, (counts.get(reason) ?? 0) + quotes.length)
    for (const { contract } of quotes) dropped.set(contract, reason)
  }
  const quotes = chain.expiries.reduce((sum, expiry) => sum + expiry.quotes.length, 0)
  const ofCloses = isOfCloses(chain)
  const isPriced = chain.spot > 0 && chain.spot < Infinity
  if (!isPriced) for (const expiry of chain.expiries) drop("not-a-number", expiry.quotes)
  const expiries = (isPriced ? chain.expiries : []).flatMap((expiry) => {
    const { rate, years } = expiry
    if (!(Math.abs(rate) * Math.max(1, years) <= MAX_EXPONENT)) {
      drop("not-a-number", expiry.quotes)
      return []
    }
    const setting: Setting = { style: chain.style, spot: chain.spot, years, rate }
    const usable = usableQuotes(chain, expiry, used, ofCloses, drop)
    return usable.length === 0 ? [] : [{ expiry, setting, usable, parity: parityForward(usable, setting) }]
  })
  const forwards = forwardsOf(expiries)
  const smiles = expiries.flatMap(({ expiry, setting, usable }, i) => {
    const fit = forwards[i]
    return fit === undefined ? [] : [smileOf(expiry, usable, setting, fit, drop)]
  })
  const drops = dropReasons.flatMap((reason) => {
    const count = counts.get(reason)
    return count === undefined || count === 0 ? [] : [{ reason, count }]
  })
  return {
    symbol: chain.symbol,
    spot: chain.spot,
    asOf: chain.asOf,
    smiles: smiles.filter(({ points }) => points.length > 0),
    quotes,
    kept: quotes - drops.reduce((sum, { count }) => sum + count, 0),
    drops,
    dropped
  }
}
