/**
 * Volatility by radial basis functions over scaled coordinates: k ÷ √T and √T,
 * both to [0, 1] over the nodes. In raw coordinates (k, T) the equations of a
 * usual chain are so ill-conditioned that the answers are noise.
 *
 * Nothing keeps these surfaces free of arbitrage: their report says where they
 * are not.
 */
import { Result } from "effect"
import { radialBasis, type RadialKernel } from "./RadialBasis.ts"
import type { SmileColumns } from "./SviFit.ts"
import type { VarianceModel } from "./VarianceModel.ts"

/** Nodes of one surface; of more quotes evenly many are left out, by expiry. */
export const MAX_NODES = 400

/** At most so many places of `count`, evenly spread, both ends among them. */
const thinned = (count: number, wanted: number): ReadonlyArray<number> => {
  if (count <= wanted) return Array.from({ length: count }, (_, i) => i)
  return Array.from({ length: wanted }, (_, i) => Math.round((i * (count - 1)) / (wanted - 1)))
}

const scaleOf = (values: Float64Array): ((value: number) => number) => {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity)
  const range = values.reduce((most, value) => Math.max(most, value), -Infinity) - low
  return range > 0 ? (value) => (value - low) / range : () => 0
}

const same = (value: number): number => value

export type RadialCoordinates = "scaled" | "raw"

/** The model of the smiles' volatilities. */
export const radialModel = (
  smiles: ReadonlyArray<SmileColumns>,
  {
    coordinates,
    model,
    smoothing
  }: {
    readonly model: RadialKernel
    readonly smoothing: number
    readonly coordinates: RadialCoordinates
  }
): VarianceModel => {
  const isScaled = coordinates === "scaled"
  const place = (k: number, years: number) =>
    isScaled ? { across: k / Math.sqrt(years), along: Math.sqrt(years) } : { across: k, along: years }
  const total = smiles.reduce((sum, { moneyness }) => sum + moneyness.length, 0)
  const nodes = smiles.flatMap(({ moneyness, volatility, years }) => {
    const wanted = Math.max(2, Math.floor((moneyness.length * MAX_NODES) / Math.max(total, MAX_NODES)))
    return thinned(moneyness.length, wanted).map((i) => ({
      ...place(moneyness[i] ?? 0, years),
      volatility: volatility[i] ?? 0
    }))
  })
  const across = Float64Array.from(nodes, (node) => node.across)
  const along = Float64Array.from(nodes, (node) => node.along)
  const scaleAcross = isScaled ? scaleOf(across) : same
  const scaleAlong = isScaled ? scaleOf(along) : same
  const interpolant = radialBasis(
    {
      x: across.map(scaleAcross),
      y: along.map(scaleAlong),
      values: Float64Array.from(nodes, (node) => node.volatility)
    },
    {
      kernel: model,
      form: model === "linear" || model === "cubic" || model === "thin-plate" ? "interpolator" : "rbf",
      smoothing
    }
  )
  if (Result.isFailure(interpolant)) return { curveAt: () => ({ variance: 0, slope: 0, curvature: 0 }) }
  const { at } = interpolant.success
  const variance = (k: number, years: number): number => {
    const asked = place(k, years)
    const volatility = at(scaleAcross(asked.across), scaleAlong(asked.along))
    return volatility > 0 ? volatility * volatility * years : 0
  }
  return {
    curveAt: (k, years) => {
      // Central differences: a step of a thousandth of a deviation at 200% of volatility, or more below it.
      const step = 2e-3 * Math.sqrt(years)
      const here = variance(k, years)
      const up = variance(k + step, years)
      const down = variance(k - step, years)
      return {
        variance: here,
        slope: (up - down) / (2 * step),
        curvature: (up - 2 * here + down) / (step * step)
      }
    }
  }
}
