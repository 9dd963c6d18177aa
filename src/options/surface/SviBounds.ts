/** Where a fitted slice is looked at, and what it must not have there: butterfly and calendar arbitrage. */
import { durrleman, sviCurve, type SviSlice, sviVariance } from "./Svi.ts"

/** Places at which a fit looks at the density, and at the expiries before and after. */
const DENSITY_PLACES = 41
const CALENDAR_PLACES = 61
/** Times as many at which a result is looked at. */
export const FINER = 6

export interface MoneynessRange {
  readonly low: number
  readonly high: number
}

/** Evenly from one end to the other. */
const evenly = ({ high, low }: MoneynessRange, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1))

/** From one end to the other, four times as dense in the middle as at the ends. */
const densely = ({ high, low }: MoneynessRange, count: number): Float64Array => {
  const reach = 2
  return evenly({ low: -reach, high: reach }, count).map(
    (u) => (low + high) / 2 + ((high - low) / 2) * (Math.sinh(u) / Math.sinh(reach))
  )
}

/** Four times as far as the range on each side, densest in it: the wings are straight by then. */
const widely = ({ high, low }: MoneynessRange, count: number): Float64Array => {
  const half = Math.max((high - low) / 2, 1e-3)
  const reach = 2.5
  return evenly({ low: -reach, high: reach }, count).map(
    (u) => (low + high) / 2 + (half * 4 * Math.sinh(u)) / Math.sinh(reach)
  )
}

/** What a slice has to keep to. */
export interface Bounds {
  readonly before: SviSlice | undefined
  /** The density is looked at here. */
  readonly wide: Float64Array
  /** And here the expiries before and between. */
  readonly near: Float64Array
}

/** On `range`, log-moneyness: places for a fit, or so many times as many for a look at its result. */
export const boundsOf = (
  { before, range }: { readonly before: SviSlice | undefined; readonly range: MoneynessRange },
  finer: number
): Bounds => ({
  before,
  wide: widely(range, finer * (DENSITY_PLACES - 1) + 1),
  near: densely(range, finer * (CALENDAR_PLACES - 1) + 1)
})

/** The least value on the places, and at the vertex of the parabola through each dip between them. */
const leastOf = (places: Float64Array, at: (k: number) => number): number => {
  const values = places.map(at)
  let least = Infinity
  for (let i = 0; i < places.length; i++) {
    const value = values[i] ?? 0
    if (!(value >= 0)) return -1
    least = Math.min(least, value)
    const [before, after] = [values[i - 1] ?? -1, values[i + 1] ?? -1]
    if (value > before || value > after) continue
    const [left, middle, right] = [places[i - 1] ?? 0, places[i] ?? 0, places[i + 1] ?? 0]
    const toLeft = (value - before) / (middle - left)
    const toRight = (after - value) / (right - middle)
    const vertex = (left + middle) / 2 - (toLeft * (right - left)) / (2 * (toRight - toLeft))
    if (vertex > left && vertex < right) least = Math.min(least, at(vertex))
  }
  return least
}

/** Whether the slice, and the means between it and the one before, have no arbitrage. */
export const isFree = (slice: SviSlice, { before, near, wide }: Bounds): boolean => {
  const density = (k: number) => {
    const { curvature, slope, variance } = sviCurve(slice, k)
    return variance > 0 ? durrleman(k, variance, slope, curvature) : -1
  }
  if (!(leastOf(wide, density) >= 0 && leastOf(near, density) >= 0)) return false
  if (before === undefined) return true
  if (!(leastOf(near, (k) => sviVariance(slice, k) - sviVariance(before, k)) >= 0)) return false
  const mix = (from: number, to: number, share: number) => from + share * (to - from)
  return [0.25, 0.5, 0.75].every(
    (share) =>
      leastOf(near, (k) => {
        const [from, to] = [sviCurve(before, k), sviCurve(slice, k)]
        return durrleman(
          k,
          mix(from.variance, to.variance, share),
          mix(from.slope, to.slope, share),
          mix(from.curvature, to.curvature, share)
        )
      }) >= 0
  )
}
