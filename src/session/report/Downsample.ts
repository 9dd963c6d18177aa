/**
 * Fewer points that draw the same line.
 *
 * Five thousand days do not fit a thousand pixels. Keeping the lowest and the
 * highest point of each run of days keeps every spike and every trough that a
 * drawing of all points would show, the extremes of the whole among them.
 */

/**
 * Ascending indices of the points to draw: the first, the last, and the lowest
 * and highest (the earliest of equals) of each of `buckets` equal parts, and
 * both ends of every step of more than `step` from one point to the next, that
 * a jump stays upright; all points when there are no more than two a bucket.
 * NaN is never an extreme beside a number.
 */
export const keepExtremes = (
  values: Float64Array,
  { buckets, step }: { readonly buckets: number; readonly step: number }
): ReadonlyArray<number> => {
  const n = values.length
  if (n <= 2 * buckets) return Array.from(values.keys())
  const kept = new Set<number>([0])
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * n) / buckets)
    const to = Math.floor(((bucket + 1) * n) / buckets)
    let lowest = from
    let highest = from
    for (let i = from; i < to; i++) {
      if (at(values, i) < at(values, lowest) || Number.isNaN(at(values, lowest))) lowest = i
      if (at(values, i) > at(values, highest) || Number.isNaN(at(values, highest))) highest = i
    }
    kept.add(lowest).add(highest)
  }
  for (let i = 1; i < n; i++) {
    if (Math.abs(at(values, i) - at(values, i - 1)) > step) kept.add(i - 1).add(i)
  }
  return [...kept.add(n - 1)].toSorted((a, b) => a - b)
}

const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN
