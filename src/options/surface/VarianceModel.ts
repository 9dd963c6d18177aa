/** Fitted slices put together in time: total variance at any log-moneyness and time. */
import { betweenSsvi, ssviAsSvi, type SsviSlice } from "./Ssvi.ts"
import { type Curve, sviCurve, type SviSlice } from "./Svi.ts"

/** Total variance and its derivatives by log-moneyness. */
export interface VarianceModel {
  readonly curveAt: (k: number, years: number) => Curve
}

/** Where a time lies among ascending ones. */
export type Place =
  | { readonly _tag: "Before"; /** time ÷ first */ readonly share: number }
  | { readonly _tag: "Between"; readonly index: number; readonly share: number }
  | { readonly _tag: "After"; /** (time − last) ÷ last */ readonly beyond: number }

export const placeOf = (times: ReadonlyArray<number>, time: number): Place => {
  const first = times[0] ?? time
  if (time < first) return { _tag: "Before", share: time / first }
  const last = times[times.length - 1] ?? time
  if (time > last) return { _tag: "After", beyond: (time - last) / last }
  const next = times.findIndex((other) => other >= time)
  if (next === 0) return { _tag: "Between", index: 0, share: 0 }
  const from = times[next - 1] ?? time
  const to = times[next] ?? time
  return { _tag: "Between", index: next - 1, share: (time - from) / (to - from) }
}

const flatCurve: Curve = { variance: 0, slope: 0, curvature: 0 }

const scaled = ({ curvature, slope, variance }: Curve, by: number): Curve => ({
  variance: variance * by,
  slope: slope * by,
  curvature: curvature * by
})

/** Variance at the forward goes on growing as it did on average; the smile's shape stays. */
const beyondLast = (last: Curve, atForward: number, beyond: number): Curve => ({
  ...last,
  variance: last.variance + beyond * atForward
})

/**
 * SVI slices, ascending in time. In between total variance is linear in time
 * at the same log-moneyness (no calendar arbitrage where the slices have
 * none). Before the first it grows from nothing, at the first one's
 * volatility: g of a share of a variance is concave in the share and positive
 * at both ends, so no butterfly arbitrage either. After the last it grows
 * everywhere as it did at the forward.
 */
export const sviModel = (times: ReadonlyArray<number>, slices: ReadonlyArray<SviSlice>): VarianceModel => {
  const curve = (index: number, k: number): Curve => {
    const slice = slices[index]
    return slice === undefined ? flatCurve : sviCurve(slice, k)
  }
  const last = slices.length - 1
  return {
    curveAt: (k, years) => {
      const place = placeOf(times, years)
      if (place._tag === "Before") return scaled(curve(0, k), place.share)
      if (place._tag === "After") return beyondLast(curve(last, k), curve(last, 0).variance, place.beyond)
      const from = curve(place.index, k)
      if (place.share === 0) return from
      const to = curve(place.index + 1, k)
      const mix = (a: number, b: number) => a + place.share * (b - a)
      return {
        variance: mix(from.variance, to.variance),
        slope: mix(from.slope, to.slope),
        curvature: mix(from.curvature, to.curvature)
      }
    }
  }
}

/** SSVI slices, ascending in time: θ, ψ and ρψ are linear in between, and before the first from zero. */
export const ssviModel = (times: ReadonlyArray<number>, slices: ReadonlyArray<SsviSlice>): VarianceModel => {
  const asSvi = slices.map(ssviAsSvi)
  const last = asSvi[asSvi.length - 1]
  const theta = slices[slices.length - 1]?.theta ?? 0
  return {
    curveAt: (k, years) => {
      const place = placeOf(times, years)
      const first = asSvi[0]
      if (first === undefined || last === undefined) return flatCurve
      if (place._tag === "Before") return scaled(sviCurve(first, k), place.share)
      if (place._tag === "After") return beyondLast(sviCurve(last, k), theta, place.beyond)
      const from = slices[place.index]
      const to = slices[place.index + 1]
      if (from === undefined || to === undefined || place.share === 0) {
        return sviCurve(asSvi[place.index] ?? first, k)
      }
      return sviCurve(ssviAsSvi(betweenSsvi(from, to, place.share)), k)
    }
  }
}
