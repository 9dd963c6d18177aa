/** All the paths there are, of so few returns that they can be walked one by one: what a sample is an estimate of. */
import type { PathMethod } from "./PathKernel.ts"
import { quantileOf } from "./Quantiles.ts"

/** Paths walked at most: of 7 returns 7^7 resamples, of 9 returns 9! orders. */
export const MAX_ENUMERATED = 1_000_000
/** Values that differ by rounding alone are one: this much of them apart. */
const ROUNDING = 1e-12

export interface ExactPaths {
  readonly paths: number
  /** Ascending. */
  readonly falls: Float64Array
  readonly totals: Float64Array
}

/** How many paths there are; undefined where that is too many, and of blocks, which are not equally likely. */
export const enumerable = (method: PathMethod, returns: number, length: number): number | undefined => {
  if (method === "block") return undefined
  let paths = 1
  for (let i = 0; i < (method === "iid" ? length : returns); i++) {
    paths *= method === "iid" ? returns : returns - i
    if (paths > MAX_ENUMERATED) return undefined
  }
  return paths
}

/** Every path of an iid bootstrap, or every order; undefined where there are too many. */
export const exactPaths = (
  method: PathMethod,
  returns: Float64Array,
  length: number
): ExactPaths | undefined => {
  const paths = enumerable(method, returns.length, length)
  if (paths === undefined) return undefined
  const falls = new Float64Array(paths)
  const totals = new Float64Array(paths)
  const isUsed = returns.map(() => 0)
  let row = 0
  const walk = (step: number, equity: number, peak: number, worst: number): void => {
    if (step === length) {
      falls[row] = worst
      totals[row] = equity - 1
      row += 1
      return
    }
    for (let place = 0; place < returns.length; place++) {
      if (method === "shuffle") {
        if (isUsed[place] === 1) continue
        isUsed[place] = 1
      }
      const next = equity * (1 + (returns[place] ?? 0))
      const highest = Math.max(peak, next)
      walk(step + 1, next, highest, Math.max(worst, 1 - next / highest))
      isUsed[place] = 0
    }
  }
  walk(0, 1, 1, 0)
  return { paths, falls: falls.toSorted(), totals: totals.toSorted() }
}

/** The different values of an ascending column, and how often each comes. */
export const supportOf = (ascending: Float64Array) => {
  const values: Array<number> = []
  const counts: Array<number> = []
  for (const value of ascending) {
    const last = values.at(-1)
    if (last !== undefined && value - last <= ROUNDING) counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1
    else {
      values.push(value)
      counts.push(1)
    }
  }
  return { values, counts }
}

/** Part of an ascending column that is at least `level`, up to rounding. */
export const partFrom = (ascending: Float64Array, level: number): number =>
  ascending.reduce((hits, value) => hits + (value >= level - ROUNDING ? 1 : 0), 0) / ascending.length

export const meanOf = (column: Float64Array): number =>
  column.reduce((sum, value) => sum + value, 0) / column.length

export const exactQuantiles = (ascending: Float64Array) => ({
  p5: quantileOf(ascending, 0.05),
  p50: quantileOf(ascending, 0.5),
  p95: quantileOf(ascending, 0.95)
})
