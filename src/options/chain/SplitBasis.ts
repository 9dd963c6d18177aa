/**
 * Contracts whose strike and price are of the other side of a split.
 *
 * When a share is split, n new ones for an old one, the strikes of its options
 * are divided by n at the open of the same session. A chain that still (or
 * already) has some of the other basis shows calls at $770 on a share of $92.
 * The factor file says that there was a split and of which ratio; prices say
 * which contracts are on which side: the one where they break the bounds least.
 * Where the prices of a strike say nothing (a worthless put fits both), the
 * share's price that is nearer to the strike decides.
 */
import type { KnownSplit, RawQuote } from "./OptionChain.ts"

/** Breaches that differ by less than a tenth of the share's price are those of prices that are late. */
const SLACK = 0.1

/** How far the quote breaks the bounds of an option on a share at `spot`, in parts of it; one without an ask breaks none. */
const breach = ({ ask, bid, last, right, strike }: RawQuote, spot: number): number => {
  const high = ask ?? last ?? 0
  const low = bid ?? last ?? 0
  if (!(high > 0)) return 0
  const isCall = right === "CALL"
  const intrinsic = isCall ? spot - strike : strike - spot
  return Math.max(0, intrinsic - high, low - (isCall ? spot : strike)) / spot
}

const greatest = (quotes: ReadonlyArray<RawQuote>, spot: number): number =>
  quotes.reduce((most, quote) => Math.max(most, breach(quote, spot)), 0)

const farness = (strike: number, spot: number): number => Math.abs(Math.log(strike / spot))

/**
 * The strikes of an expiry that are of another basis than `spot`, given the
 * splits around the chain's date: `ratio` new shares for one old.
 */
export const strikesOfOtherBasis = (
  quotes: ReadonlyArray<RawQuote>,
  spot: number,
  splits: ReadonlyArray<KnownSplit>
): ReadonlySet<number> => {
  const wrong = new Set<number>()
  const others = splits.flatMap(({ ratio }) => [spot * ratio, spot / ratio])
  if (others.length === 0) return wrong
  const byStrike = new Map<number, Array<RawQuote>>()
  for (const quote of quotes) {
    const ofStrike = byStrike.get(quote.strike)
    if (ofStrike === undefined) byStrike.set(quote.strike, [quote])
    else ofStrike.push(quote)
  }
  for (const [strike, ofStrike] of byStrike) {
    if (!(strike > 0 && strike < Infinity)) continue
    const [other = spot] = others.toSorted((a, b) => farness(strike, a) - farness(strike, b))
    const here = greatest(ofStrike, spot)
    const there = greatest(ofStrike, other)
    const isTold = Math.abs(here - there) > SLACK
    if (isTold ? here > there : farness(strike, other) < farness(strike, spot)) wrong.add(strike)
  }
  return wrong
}
