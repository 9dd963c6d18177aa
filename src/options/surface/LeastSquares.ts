/** Non-linear least squares of a few unknowns: Levenberg (1944) and Marquardt (1963). */

/** Writes the residuals at `x` into `out`; anything that is not finite counts as infinitely bad. */
export type Residuals = (x: Float64Array, out: Float64Array) => void

export interface LeastSquaresSettings {
  /** How many residuals there are. */
  readonly count: number
  readonly iterations: number
  /** Ends when a step takes less than this share off the sum of squares. */
  readonly tolerance: number
}

/** Sum of squares; Infinity of what is not finite. */
const sumOfSquares = (values: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    sum += value * value
  }
  return sum < Infinity ? sum : Infinity
}

/** The step of the forward difference, against an unknown of the size one. */
const STEP = 1e-7

/**
 * Solves A·x = b for a symmetric positive definite A (row by row, lower half
 * used) by Cholesky's decomposition, in place. False where A is not positive
 * definite.
 */
export const solvePositive = (a: Float64Array, b: Float64Array): boolean => {
  const n = b.length
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j] ?? 0
      for (let k = 0; k < j; k++) sum -= (a[i * n + k] ?? 0) * (a[j * n + k] ?? 0)
      if (i === j) {
        if (!(sum > 0)) return false
        a[i * n + i] = Math.sqrt(sum)
      } else a[i * n + j] = sum / (a[j * n + j] ?? 1)
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i] ?? 0
    for (let k = 0; k < i; k++) sum -= (a[i * n + k] ?? 0) * (b[k] ?? 0)
    b[i] = sum / (a[i * n + i] ?? 1)
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i] ?? 0
    for (let k = i + 1; k < n; k++) sum -= (a[k * n + i] ?? 0) * (b[k] ?? 0)
    b[i] = sum / (a[i * n + i] ?? 1)
  }
  return true
}

/** JᵀJ (lower half) and −Jᵀr, J by columns. */
const normalEquations = (
  columns: ReadonlyArray<Float64Array>,
  residuals: Float64Array,
  matrix: Float64Array,
  right: Float64Array
): void => {
  const n = columns.length
  columns.forEach((column, i) => {
    for (let j = 0; j <= i; j++) {
      const other = columns[j] ?? column
      let sum = 0
      for (let m = 0; m < column.length; m++) sum += (column[m] ?? 0) * (other[m] ?? 0)
      matrix[i * n + j] = sum
    }
    let sum = 0
    for (let m = 0; m < column.length; m++) sum -= (column[m] ?? 0) * (residuals[m] ?? 0)
    right[i] = sum
  })
}

/**
 * The unknowns near `start` with the least sum of squared residuals, and that
 * sum. Derivatives are forward differences. The answer is never worse than
 * the start.
 */
export const leastSquares = (
  residuals: Residuals,
  start: Float64Array,
  { count, iterations, tolerance }: LeastSquaresSettings
): { readonly x: Float64Array; readonly cost: number } => {
  const n = start.length
  let x = Float64Array.from(start)
  let trial = new Float64Array(n)
  let at = new Float64Array(count)
  let next = new Float64Array(count)
  const columns = Array.from({ length: n }, () => new Float64Array(count))
  const matrix = new Float64Array(n * n)
  const damped = new Float64Array(n * n)
  const right = new Float64Array(n)
  const step = new Float64Array(n)
  residuals(x, at)
  let cost = sumOfSquares(at)
  let damping = 1e-3
  for (let turn = 0; turn < iterations; turn++) {
    columns.forEach((column, j) => {
      const value = x[j] ?? 0
      const h = STEP * Math.max(1, Math.abs(value))
      x[j] = value + h
      residuals(x, column)
      x[j] = value
      for (let m = 0; m < count; m++) column[m] = ((column[m] ?? 0) - (at[m] ?? 0)) / h
    })
    normalEquations(columns, at, matrix, right)
    let fell = 0
    while (damping < 1e12) {
      damped.set(matrix)
      for (let i = 0; i < n; i++) {
        const diagonal = matrix[i * n + i] ?? 0
        damped[i * n + i] = diagonal + damping * Math.max(diagonal, 1e-12)
      }
      step.set(right)
      if (solvePositive(damped, step)) {
        for (let i = 0; i < n; i++) trial[i] = (x[i] ?? 0) + (step[i] ?? 0)
        residuals(trial, next)
        const reached = sumOfSquares(next)
        if (reached < cost) {
          fell = cost - reached
          cost = reached
          ;[x, trial] = [trial, x]
          ;[at, next] = [next, at]
          damping = Math.max(damping / 8, 1e-12)
          break
        }
      }
      damping *= 4
    }
    if (!(fell > tolerance * cost)) break
  }
  return { x, cost }
}
