/** How far a number is from others, whatever a few of them are. */

/** Median absolute deviation to the standard deviation of a normal distribution: 1 ÷ Φ⁻¹(¾). */
const TO_DEVIATION = 1.4826022185056018

export interface RobustScore {
  readonly value: number
  readonly median: number
  /** Median of the distances to the median, in the value's unit. */
  readonly mad: number
  /** (value − median) ÷ (1.4826 · MAD); undefined where the others do not differ and this one does. */
  readonly z: number | undefined
  /** How many others. */
  readonly n: number
}

/** Of an even number the mean of the middle two; NaN of none. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

/**
 * The robust z-score of a value among others (Iglewicz and Hoaglin, "How to
 * Detect and Handle Outliers", 1993, whose M is this z). `leastMad` is the
 * precision the values themselves have: a MAD below it says nothing.
 */
export const robustScore = (
  value: number,
  others: ReadonlyArray<number>,
  leastMad = 0
): RobustScore | undefined => {
  if (others.length === 0) return undefined
  const middle = median(others)
  const mad = Math.max(median(others.map((other) => Math.abs(other - middle))), leastMad)
  const distance = value - middle
  const z = mad > 0 ? distance / (TO_DEVIATION * mad) : distance === 0 ? 0 : undefined
  // A MAD that is next to nothing is none.
  return { value, median: middle, mad, z: Number.isFinite(z) ? z : undefined, n: others.length }
}
