/** The underlying's price where only its options are quoted. */
import { parityForward } from "./Parity.ts"
import type { RawExpiry } from "./OptionChain.ts"
import { defaultSettings, twoSided } from "./QuoteChecks.ts"

/**
 * The forward of the earliest expiry whose call–put pairs tell one, discounted
 * to now: the spot, less what the share pays until then. Early exercise is left
 * out of account, for near expiry it is worth little.
 */
export const impliedSpot = (expiries: ReadonlyArray<RawExpiry>): number | undefined => {
  for (const { quotes, rate, years } of expiries) {
    if (!(years > 0 && years < Infinity)) continue
    const usable = quotes.flatMap((quote) => {
      const checked = twoSided(quote, false, defaultSettings)
      return typeof checked === "string" ? [] : [checked]
    })
    // The spot only turns the forward into a yield, which is not looked at here.
    const fit = parityForward(usable, { style: "EUROPEAN", spot: 1, years, rate })
    if (fit !== undefined) return fit.forward * Math.exp(-rate * years)
  }
  return undefined
}
