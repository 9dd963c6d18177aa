/** Rules of numerical integration, as points and weights. */

export interface Rule {
  readonly points: Float64Array
  readonly weights: Float64Array
}

/** P_n and its derivative at x, by the recurrence. */
const legendre = (n: number, x: number): readonly [value: number, slope: number] => {
  let before = 1
  let value = x
  for (let k = 2; k <= n; k++) {
    const next = ((2 * k - 1) * x * value - (k - 1) * before) / k
    before = value
    value = next
  }
  return [value, (n * (x * value - before)) / (x * x - 1)]
}

/** Newton's method from Tricomi's guess is exact to a double after so many steps, for each n in use. */
const ROOT_STEPS = 6

/** Gauss and Legendre's rule of `n` points on [from, to]. */
export const gaussLegendre = (n: number, from: number, to: number): Rule => {
  const points = new Float64Array(n)
  const weights = new Float64Array(n)
  const half = (to - from) / 2
  for (let i = 0; i < n; i++) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    for (let step = 0; step < ROOT_STEPS; step++) {
      const [value, slope] = legendre(n, x)
      x -= value / slope
    }
    const [, slope] = legendre(n, x)
    points[i] = from + half * (1 + x)
    weights[i] = (2 * half) / ((1 - x * x) * slope * slope)
  }
  return { points, weights }
}

/**
 * The double-exponential rule of H. Takahasi and M. Mori, "Double exponential formulas for numerical integration"
 * (1974), on [0, 1]: x = ½(1 + tanh(½π·sinh t)) at t = −3 … 3, `step` apart. Its points crowd at both ends, so that
 * a layer there of any width is met by some. `points` are distances from 0, `complements` from 1, each to its own
 * relative accuracy.
 */
export const tanhSinh = (step: number): Rule & { readonly complements: Float64Array } => {
  const count = Math.round(3 / step)
  const size = 2 * count + 1
  const points = new Float64Array(size)
  const complements = new Float64Array(size)
  const weights = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    const t = (i - count) * step
    const y = Math.PI * Math.sinh(t)
    points[i] = 1 / (1 + Math.exp(-y))
    complements[i] = 1 / (1 + Math.exp(y))
    weights[i] = (step * Math.PI * Math.cosh(t)) / ((1 + Math.exp(y)) * (1 + Math.exp(-y)))
  }
  return { points, complements, weights }
}
