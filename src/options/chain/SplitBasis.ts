/**
 * Contracts whose strike and price are of the other side of a split.
 *
 * When a share is split, n new ones for an old one, the strikes of its options
 * are divided by n at the open of the same session. A chain that still (or
 * already) has some of the other basis shows calls at $770 on a share of $92.
 * The factor file says that there was a split and of which ratio; prices say
 * which contracts are on which side: whose bounds they break on theirs and keep
 * on the other. Where the prices of a strike say nothing (a worthless put fits
 * both), the share's price that is nearer to the strike decides.
 */
import type { KnownSplit, RawQuote } from "./OptionChain.ts"

/** A bound is broken for good by a tenth of the share's price: less is a price that is late. */
const SLACK = 0.1

/** Whether the quote breaks the bounds of an option on a share at `spot`; a quote without an ask breaks none. */
const breaks = ({ ask, bid, last, right, strike }: RawQuote, spot: number): boolean => {
  const high = ask ?? last ?? 0
  if (!(high > 0)) return false
  const intrinsic = right === "CALL" ? spot - strike : strike - spot
  return (
    high < intrinsic - SLACK * spot || (bid ?? last ?? 0) > (right === "CALL" ? spot : strike) + SLACK * spot
  )
}

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
    const here = ofStrike.some((quote) => breaks(quote, spot))
    const there = ofStrike.some((quote) => breaks(quote, other))
    if (here === there ? farness(strike, other) < farness(strike, spot) : here) wrong.add(strike)
  }
  return wrong
}
