/** How often returns of each size came. */

export interface Histogram {
  /** Width of a bin, a round number; the edges are its multiples, so that zero is one of them. */
  readonly step: number
  /** Lower edge of the first bin, as a multiple of `step`. */
  readonly first: number
  /** Returns in each bin: from its lower edge up to, without, its upper. */
  readonly counts: ReadonlyArray<number>
  readonly mean: number
  /** n − 1 in the denominator. */
  readonly deviation: number
  /** Returns counted, and those of exactly zero that were left out: sessions in which nothing was held. */
  readonly counted: number
  readonly zeros: number
}

/** The fewest returns whose shape says something. */
export const FEWEST_COUNTED = 20
/** Bins at most. */
const MAX_BINS = 60

/** 1, 2 or 5 times a power of ten, at least `least`. */
const roundStep = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9)) ?? least
}

/**
 * Bins about as wide as Freedman and Diaconis put it ("On the histogram as a density estimator", 1981: twice
 * the interquartile range over the cube root of n), rounded up; undefined of fewer than twenty returns that
 * are not zero, and of returns that are all the same.
 */
export const histogramOf = (returns: Float64Array): Histogram | undefined => {
  const values = returns.filter((value) => value !== 0).toSorted()
  const n = values.length
  const [low, high] = [values[0] ?? 0, values[n - 1] ?? 0]
  if (n < FEWEST_COUNTED || !(high - low > 1e-12)) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1))
  const quartiles = (values[Math.floor((3 * n) / 4)] ?? high) - (values[Math.floor(n / 4)] ?? low)
  const step = roundStep(Math.max((2 * quartiles) / Math.cbrt(n), (high - low) / MAX_BINS))
  const first = Math.floor(low / step)
  const counts = Array.from({ length: Math.floor(high / step) - first + 1 }, () => 0)
  for (const value of values) {
    const bin = Math.floor(value / step) - first
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return { step, first, counts, mean, deviation, counted: n, zeros: returns.length - n }
}

/** The normal distribution of the same mean and deviation, as returns a bin. */
export const normalCounts = ({ counted, deviation, mean, step }: Histogram, at: number): number =>
  ((counted * step) / (deviation * Math.sqrt(2 * Math.PI))) *
  Math.exp(-((at - mean) ** 2) / (2 * deviation ** 2))
