/**
 * Interpolation in the plane by radial basis functions, as scipy 1.10 defines
 * them: `scipy.interpolate.Rbf` ("rbf") and `scipy.interpolate.RBFInterpolator`
 * ("interpolator"). The two differ in more than their names:
 *
 * | | rbf | interpolator |
 * | --- | --- | --- |
 * | shape ε | divides the distance | multiplies it |
 * | default ε | (area of the nodes' box ÷ n)^(1/2) | 1 |
 * | smoothing | subtracted from the diagonal | added to it |
 * | polynomial | none | degree 1 (thin plate, cubic), else 0, on axes scaled to [−1, 1] |
 * | sign | multiquadric and linear as they are | both negative |
 */
import { Result, Schema } from "effect"
import { solveLinear } from "./LinearSystem.ts"

export type RadialKernel = "multiquadric" | "inverse" | "gaussian" | "linear" | "cubic" | "thin-plate"
export const radialKernels: ReadonlyArray<RadialKernel> = [
  "multiquadric",
  "inverse",
  "gaussian",
  "linear",
  "cubic",
  "thin-plate"
]

export type RadialForm = "rbf" | "interpolator"

export interface RadialSettings {
  readonly kernel: RadialKernel
  readonly form: RadialForm
  /** Zero, which is the default, goes through every node. */
  readonly smoothing?: number
  readonly epsilon?: number
}

/** Columns of the same length. */
export interface RadialNodes {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly values: Float64Array
}

export interface RadialInterpolant {
  readonly epsilon: number
  /** Of the nodes, then of the polynomial's terms. */
  readonly weights: Float64Array
  readonly at: (x: number, y: number) => number
}

/** The nodes do not determine an interpolant: two in one place, or too few. */
export class SingularNodes extends Schema.TaggedError<SingularNodes>()("SingularNodes", {
  nodes: Schema.Int,
  message: Schema.String
}) {}

const thinPlate = (r: number): number => (r === 0 ? 0 : r * r * Math.log(r))

/** φ of the distance r; `scale` is 1 ÷ ε of the one form and ε of the other. */
const kernelOf = (kernel: RadialKernel, form: RadialForm, scale: number): ((r: number) => number) => {
  const sign = form === "rbf" ? 1 : -1
  switch (kernel) {
    case "multiquadric":
      return (r) => sign * Math.sqrt((r * scale) ** 2 + 1)
    case "inverse":
      return (r) => 1 / Math.sqrt((r * scale) ** 2 + 1)
    case "gaussian":
      return (r) => Math.exp(-((r * scale) ** 2))
    case "linear":
      return (r) => sign * r
    case "cubic":
      return (r) => r * r * r
    case "thin-plate":
      return thinPlate
  }
}

interface Axis {
  readonly low: number
  readonly high: number
}

const axisOf = (values: Float64Array): Axis => {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return { low, high }
}

/** scipy's default for Rbf: axes on which all nodes are the same do not count. */
const spacing = (axes: ReadonlyArray<Axis>, count: number): number => {
  const edges = axes.map(({ high, low }) => high - low).filter((edge) => edge !== 0)
  const area = edges.reduce((product, edge) => product * edge, 1)
  return edges.length === 0 ? 1 : (area / count) ** (1 / edges.length)
}

/** An axis shorter than this has no length that can be divided by. */
const LEAST_LENGTH = 1e-100

/** The polynomial's terms: 1, then each axis that has a length, shifted and scaled to [−1, 1]. */
const termsOf = (degree: -1 | 0 | 1, { x, y }: { readonly x: Axis; readonly y: Axis }) => {
  const scaled = ({ high, low }: Axis, value: number) => (value - (high + low) / 2) / ((high - low) / 2)
  return [
    ...(degree >= 0 ? [() => 1] : []),
    ...(degree >= 1 && x.high - x.low > LEAST_LENGTH ? [(at: number) => scaled(x, at)] : []),
    ...(degree >= 1 && y.high - y.low > LEAST_LENGTH ? [(_: number, at: number) => scaled(y, at)] : [])
  ] satisfies ReadonlyArray<(x: number, y: number) => number>
}

const degreeOf = ({ form, kernel }: RadialSettings): -1 | 0 | 1 => {
  if (form === "rbf") return -1
  return kernel === "thin-plate" || kernel === "cubic" ? 1 : 0
}

/** Beyond it a cube times a weight may be no double. */
const MOST = 1e60

const isOrdinary = (value: number): boolean => Math.abs(value) <= MOST

/** The interpolant of the nodes' values, or why there is none. */
export const radialBasis = (
  { values, x, y }: RadialNodes,
  settings: RadialSettings
): Result.Result<RadialInterpolant, SingularNodes> => {
  const { form, kernel, smoothing = 0 } = settings
  const count = values.length
  const axes = { x: axisOf(x), y: axisOf(y) }
  const epsilon = settings.epsilon ?? (form === "rbf" ? spacing([axes.x, axes.y], count) : 1)
  const phi = kernelOf(kernel, form, form === "rbf" ? 1 / epsilon : epsilon)
  const terms = termsOf(degreeOf(settings), axes)
  const size = count + terms.length
  const matrix = new Float64Array(size * size)
  const weights = new Float64Array(size)
  weights.set(values)
  const diagonal = form === "rbf" ? -smoothing : smoothing
  for (let i = 0; i < count; i++) {
    const xi = x[i] ?? 0
    const yi = y[i] ?? 0
    for (let j = 0; j < i; j++) {
      const value = phi(Math.sqrt((xi - (x[j] ?? 0)) ** 2 + (yi - (y[j] ?? 0)) ** 2))
      matrix[i * size + j] = value
      matrix[j * size + i] = value
    }
    matrix[i * size + i] = phi(0) + diagonal
    terms.forEach((term, t) => {
      const value = term(xi, yi)
      matrix[i * size + count + t] = value
      matrix[(count + t) * size + i] = value
    })
  }
  const ordinary = [x, y, values, [epsilon, smoothing]].every((column) => column.every(isOrdinary))
  if (
    count === 0 ||
    !ordinary ||
    !(epsilon >= 1 / MOST) ||
    !solveLinear(matrix, weights) ||
    !weights.every(isOrdinary)
  ) {
    return Result.fail(
      new SingularNodes({ nodes: count, message: `${count} nodes do not determine a ${kernel} interpolant` })
    )
  }
  return Result.succeed({
    epsilon,
    weights,
    at: (atX, atY) => {
      let sum = 0
      for (let i = 0; i < count; i++) {
        sum += (weights[i] ?? 0) * phi(Math.sqrt((atX - (x[i] ?? 0)) ** 2 + (atY - (y[i] ?? 0)) ** 2))
      }
      terms.forEach((term, t) => {
        sum += (weights[count + t] ?? 0) * term(atX, atY)
      })
      return sum
    }
  })
}
