/** The forward of every expiry of a chain: from its own pairs, else from its neighbours', else from the spot. */
import type { ForwardFit } from "./OptionChain.ts"
import type { Setting } from "./Parity.ts"

export interface Expiry {
  readonly setting: Setting
  /** None where the expiry has no pairs to tell. */
  readonly parity: ForwardFit | undefined
}

interface Known {
  readonly setting: Setting
  readonly fit: ForwardFit
}

/** An error of the forward where the pairs do not tell one: a percent of the spot. */
const UNKNOWN_ERROR = 0.01

/** The mean of the yields that are known, each by the inverse of its variance: days before expiry a yield is all noise. */
const meanYield = (known: ReadonlyArray<Known>): number => {
  let total = 0
  let sum = 0
  for (const { fit, setting } of known) {
    const relative = (fit.standardError ?? UNKNOWN_ERROR * setting.spot) / fit.forward
    const weight = (setting.years / Math.max(relative, 1e-5)) ** 2
    total += weight
    sum += weight * fit.dividendYield
  }
  return sum / total
}

const fitOf = (
  dividendYield: number,
  source: ForwardFit["source"],
  { rate, spot, years }: Setting
): ForwardFit => ({
  forward: spot * Math.exp((rate - dividendYield) * years),
  dividendYield,
  source,
  pairs: 0,
  outliers: 0,
  standardError: undefined
})

/** Between two expiries what is paid, q·T, goes straight from the one's to the other's. */
const between = (setting: Setting, before: Known, after: Known): number => {
  const share = (setting.years - before.setting.years) / (after.setting.years - before.setting.years)
  const paidBefore = before.fit.dividendYield * before.setting.years
  const paidAfter = after.fit.dividendYield * after.setting.years
  return (paidBefore + share * (paidAfter - paidBefore)) / setting.years
}

/** In the order of `expiries`, which is that of time. */
export const forwardsOf = (expiries: ReadonlyArray<Expiry>): ReadonlyArray<ForwardFit> => {
  const known = expiries.flatMap(({ parity, setting }): ReadonlyArray<Known> =>
    parity === undefined ? [] : [{ setting, fit: parity }]
  )
  return expiries.map(({ parity, setting }) => {
    if (parity !== undefined) return parity
    if (known.length === 0) return fitOf(0, "spot", setting)
    const before = known.findLast((one) => one.setting.years < setting.years)
    const after = known.find((one) => one.setting.years > setting.years)
    const dividendYield =
      before === undefined || after === undefined ? meanYield(known) : between(setting, before, after)
    return fitOf(dividendYield, "neighbours", setting)
  })
}
