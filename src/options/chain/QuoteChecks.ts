/** Which quotes of a chain can be used at all: what is looked at before anything is computed from them. */
import type { OptionStyle } from "../../domain/OptionContract.ts"
import type { DropReason, RawChain, RawQuote } from "./OptionChain.ts"

export interface CleaningSettings {
  /** A quote that the market showed longer ago is stale. */
  readonly maxAgeSeconds: number
  /** A spread of more than this share of its middle is wide… */
  readonly maxRelativeSpread: number
  /** …unless it is no more than this many dollars: a few ticks of a cheap option. */
  readonly allowedSpread: number
}

/**
 * Fifteen minutes: LEAN has a row only for minutes in which a quote changed, so
 * that an unchanged one grows old although it stands. Half of the middle: what
 * an option is worth is then known to a quarter. Ten cents: two ticks of the
 * coarsest increment (five cents below three dollars; the Options Clearing
 * Corporation's standard terms).
 */
export const defaultSettings: CleaningSettings = {
  maxAgeSeconds: 900,
  maxRelativeSpread: 0.5,
  allowedSpread: 0.1
}

/** A quote with both sides. */
export interface TwoSided {
  readonly quote: RawQuote
  readonly sign: 1 | -1
  readonly bid: number
  readonly ask: number
  readonly mid: number
}

const isPrice = (value: number | undefined): boolean =>
  value === undefined || (value >= 0 && value < Infinity)

/** Half a tick: prices are rounded to cents. */
const TOLERANCE = 0.005

/**
 * Whether nobody could gain by buying at the ask and exercising, or by selling
 * at the bid and holding the share (call) or the strike (put). An American
 * option can be exercised now; a European one's lower bound needs the forward.
 */
export const outsideBounds = (
  sign: 1 | -1,
  style: OptionStyle,
  bid: number,
  ask: number,
  strike: number,
  spot: number
): "below-lower-bound" | "above-upper-bound" | undefined => {
  if (style === "AMERICAN" && ask < sign * (spot - strike) - TOLERANCE) return "below-lower-bound"
  return bid > (sign > 0 ? spot : strike) + TOLERANCE ? "above-upper-bound" : undefined
}

/** The same by the forward: a European option's lower bound, which an American one has as well; and a put's upper one. */
export const outsideForwardBounds = (
  { ask, bid, quote, sign }: TwoSided,
  { rate, style, years }: { readonly style: OptionStyle; readonly years: number; readonly rate: number },
  forward: number
): "below-lower-bound" | "above-upper-bound" | undefined => {
  const discount = Math.exp(-rate * years)
  if (ask < sign * discount * (forward - quote.strike) - TOLERANCE) return "below-lower-bound"
  if (style === "AMERICAN") return undefined
  return bid > discount * (sign > 0 ? forward : quote.strike) + TOLERANCE ? "above-upper-bound" : undefined
}

/** Whether the chain has closing prices instead of quotes: no side of any contract. */
export const isOfCloses = (chain: RawChain): boolean =>
  chain.expiries.every(({ quotes }) => quotes.every(({ ask, bid }) => ask === undefined && bid === undefined))

/** A chain of closes has them for both sides. */
const sidesOf = ({ ask, bid, last }: RawQuote, ofCloses: boolean) =>
  ofCloses ? { bid: last, ask: last } : { bid, ask }

/** A quote with both sides in order, or why it cannot be used. */
export const twoSided = (
  quote: RawQuote,
  ofCloses: boolean,
  settings: CleaningSettings
): TwoSided | DropReason => {
  const { ask, bid } = sidesOf(quote, ofCloses)
  if (!(quote.strike > 0 && quote.strike < Infinity) || !isPrice(bid) || !isPrice(ask)) return "not-a-number"
  if (ask === undefined || ask === 0) return "no-ask"
  if (bid === undefined || bid === 0) return "zero-bid"
  if (bid > ask) return "crossed"
  // NaN is not younger than anything.
  if (!(quote.ageSeconds <= settings.maxAgeSeconds)) return "stale"
  const mid = (bid + ask) / 2
  const spread = ask - bid
  if (spread > settings.allowedSpread + 1e-9 && spread > settings.maxRelativeSpread * mid) return "wide"
  return { quote, sign: quote.right === "CALL" ? 1 : -1, bid, ask, mid }
}
