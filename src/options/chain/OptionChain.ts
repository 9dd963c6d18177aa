/** An option chain as it is quoted, and as it is after cleaning. Prices are dollars a share. */
import type { OptionRight, OptionStyle } from "../../domain/OptionContract.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"

/** One contract's quote, as the source has it: nothing is checked. */
export interface RawQuote {
  /** OCC symbol, as `domain/OccSymbol` prints it. */
  readonly contract: string
  readonly right: OptionRight
  readonly strike: number
  /** Undefined where that side was not quoted. */
  readonly bid: number | undefined
  readonly ask: number | undefined
  /** Last trade or the source's own close, where it has one. */
  readonly last: number | undefined
  /** Seconds of market time since the market showed it. */
  readonly ageSeconds: number
  readonly volume: number | undefined
  readonly openInterest: number | undefined
}

/** The contracts of one expiry. */
export interface RawExpiry {
  readonly expiry: SessionDate
  /** To its settlement, actual/365: the close of the expiry's session, of AM settled ones its open. */
  readonly years: number
  /** Risk-free, continuously compounded, per year. */
  readonly rate: number
  readonly quotes: ReadonlyArray<RawQuote>
}

/** A split of the underlying, in force from the open of `date`. */
export interface KnownSplit {
  readonly date: SessionDate
  /** New shares for one old. */
  readonly ratio: number
}

export interface RawChain {
  readonly symbol: string
  readonly style: OptionStyle
  /** The underlying's price at the chain's time. */
  readonly spot: number
  /** Market time of the chain, ISO 8601 in UTC. */
  readonly asOf: string
  /** Earliest first. */
  readonly expiries: ReadonlyArray<RawExpiry>
  /** Splits about that time, whose other basis some contracts may be of. */
  readonly splits?: ReadonlyArray<KnownSplit>
}

/** Why a quote was left out. */
export const dropReasons = [
  "no-ask",
  "zero-bid",
  "crossed",
  "stale",
  "wide",
  "wrong-split-basis",
  "below-lower-bound",
  "above-upper-bound",
  "expired",
  "not-a-number"
] as const
export type DropReason = (typeof dropReasons)[number]

/** One strike of a smile: the out-of-the-money contract's implied volatility. */
export interface SmilePoint {
  readonly contract: string
  readonly right: OptionRight
  readonly strike: number
  /** ln(strike ÷ forward). */
  readonly logMoneyness: number
  readonly bid: number
  readonly ask: number
  /** Of bid, mid and ask; the bid's is undefined where it is below what any volatility gives. */
  readonly bidVolatility: number | undefined
  readonly volatility: number
  readonly askVolatility: number
  /** Black–Scholes vega per 1.00 at the mid. */
  readonly vega: number
}

/** How an expiry's forward was found. */
export interface ForwardFit {
  readonly forward: number
  /** Implied: r − ln(F ÷ S) ÷ T. */
  readonly dividendYield: number
  /** parity: from the chain. neighbours: between expiries that have it. spot: nothing to go by. */
  readonly source: "parity" | "neighbours" | "spot"
  /** Strike pairs used, and those the regression gave no weight. */
  readonly pairs: number
  readonly outliers: number
  /** Standard error of the forward, dollars; undefined where it cannot be known. */
  readonly standardError: number | undefined
}

export interface Smile extends ForwardFit {
  readonly expiry: SessionDate
  readonly years: number
  readonly rate: number
  /** Ascending by strike, one point a strike. */
  readonly points: ReadonlyArray<SmilePoint>
}

export interface CleanChain {
  readonly symbol: string
  readonly spot: number
  readonly asOf: string
  /** Earliest first; expiries without a point are left out. */
  readonly smiles: ReadonlyArray<Smile>
  readonly quotes: number
  readonly kept: number
  /** Every reason that occurred, in the order of `dropReasons`. */
  readonly drops: ReadonlyArray<{ readonly reason: DropReason; readonly count: number }>
  /** The reason of each contract that was left out. */
  readonly dropped: ReadonlyMap<string, DropReason>
}
