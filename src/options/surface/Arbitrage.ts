/** Where quotes, or a fitted surface, allow a profit without risk. */
import type { SessionDate } from "../../domain/Timestamp.ts"
import { europeanPrice } from "../BlackScholes.ts"
import type { Smile, SmilePoint } from "../chain/OptionChain.ts"
import { density } from "../kernels/Mills.ts"
import { type Curve, durrleman } from "./Svi.ts"
import type { ArbitrageReport } from "./VolatilitySurface.ts"

/** A smile at a time: total variance and its derivatives by log-moneyness. */
export interface TimedCurve {
  readonly expiry: SessionDate | undefined
  readonly years: number
  readonly forward: number
  readonly low: number
  readonly high: number
  readonly at: (k: number) => Curve
}

/** Looked at on each curve. */
const PLACES = 121

const places = (low: number, high: number): ReadonlyArray<number> =>
  Array.from({ length: PLACES }, (_, i) => low + ((high - low) * i) / (PLACES - 1))

/**
 * The curves, earliest first, on their own ranges: the density's sign on each,
 * and total variance between neighbours. A falling variance of less than a
 * part in 10¹² is rounding.
 */
export const arbitrageOf = (curves: ReadonlyArray<TimedCurve>): ArbitrageReport => ({
  butterfly: curves.flatMap(({ at, expiry, forward, high, low, years }) =>
    places(low, high).flatMap((k) => {
      const { curvature, slope, variance } = at(k)
      const g = variance > 0 ? durrleman(k, variance, slope, curvature) : -1
      return g < -1e-12 ? [{ expiry, years, strike: forward * Math.exp(k), density: g }] : []
    })
  ),
  calendar: curves.flatMap((later, i) => {
    const earlier = curves[i - 1]
    if (earlier === undefined) return []
    return places(Math.min(earlier.low, later.low), Math.max(earlier.high, later.high)).flatMap((k) => {
      const fall = earlier.at(k).variance - later.at(k).variance
      return fall > 1e-12 * earlier.at(k).variance
        ? [{ years: earlier.years, laterYears: later.years, logMoneyness: k, fall }]
        : []
    })
  })
})

/** Total variance of a smile's mids at k, linear between its strikes; undefined beyond them. */
const midVariance = ({ points, years }: Smile, k: number): number | undefined => {
  const next = points.findIndex((point) => point.logMoneyness >= k)
  const right = points[next]
  if (right === undefined) return undefined
  const variance = (volatility: number) => volatility * volatility * years
  if (right.logMoneyness === k) return variance(right.volatility)
  const left = points[next - 1]
  if (left === undefined) return undefined
  const share = (k - left.logMoneyness) / (right.logMoneyness - left.logMoneyness)
  return (1 - share) * variance(left.volatility) + share * variance(right.volatility)
}

/** A quote as a price per 1.00 of the forward, undiscounted. */
const priced = (sign: 1 | -1, { logMoneyness, volatility }: SmilePoint, years: number) => ({
  at: Math.exp(logMoneyness),
  price: europeanPrice(sign, 1, Math.exp(logMoneyness), years, 0, 0, volatility)
})

/**
 * Durrleman's g that three neighbouring quotes imply: the density of a
 * butterfly of them, which is g·φ(d₂) ÷ (x·√w) at strike ÷ forward x.
 */
const densityOf = (
  left: SmilePoint,
  middle: SmilePoint,
  { right, years }: { readonly right: SmilePoint; readonly years: number }
): number => {
  // Puts below the forward, calls above: no price is the small difference of large ones.
  const sign = middle.logMoneyness < 0 ? -1 : 1
  const [a, b, c] = [priced(sign, left, years), priced(sign, middle, years), priced(sign, right, years)]
  const second =
    (2 * ((c.price - b.price) / (c.at - b.at) - (b.price - a.price) / (b.at - a.at))) / (c.at - a.at)
  const deviation = middle.volatility * Math.sqrt(years)
  const d2 = -middle.logMoneyness / deviation - deviation / 2
  const unit = density(d2) / (b.at * deviation)
  return unit > 0 ? second / unit : 0
}

/**
 * The quotes as they are, by their mids: strikes whose butterfly with their
 * neighbours has a negative price, and strikes whose total variance is above
 * that of the next expiry.
 */
export const arbitrageOfQuotes = (smiles: ReadonlyArray<Smile>): ArbitrageReport => ({
  butterfly: smiles.flatMap(({ expiry, points, years }) =>
    points.flatMap((point, i) => {
      const left = points[i - 1]
      const right = points[i + 1]
      if (left === undefined || right === undefined) return []
      const found = densityOf(left, point, { right, years })
      return found < 0 ? [{ expiry, years, strike: point.strike, density: found }] : []
    })
  ),
  calendar: smiles.flatMap((smile, i) => {
    const later = smiles[i + 1]
    if (later === undefined) return []
    return smile.points.flatMap(({ logMoneyness, volatility }) => {
      const after = midVariance(later, logMoneyness)
      if (after === undefined) return []
      const fall = volatility * volatility * smile.years - after
      return fall > 0 ? [{ years: smile.years, laterYears: later.years, logMoneyness, fall }] : []
    })
  })
})
