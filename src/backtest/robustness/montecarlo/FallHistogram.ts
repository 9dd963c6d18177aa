/** How often paths fell how deep, in bins of a round width. */

export interface FallHistogram {
  /** Width of a bin, as a part of the peak. */
  readonly step: number
  /** Lower edge of the first bin, as a multiple of `step`. */
  readonly first: number
  /** Paths from a bin's lower edge up to, without, its upper. */
  readonly counts: ReadonlyArray<number>
}

/** Bins at most, but for where the first and the last begin. */
const USUAL_BINS = 50

/** 1, 2 or 5 times a power of ten, at least `least`. */
const roundStep = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9)) ?? least
}

/** Of ascending falls; the deepest thousandth is left to the last bin, which would stand alone far out. */
export const fallHistogram = (ascending: Float64Array): FallHistogram => {
  const lowest = ascending[0] ?? 0
  const highest = ascending[Math.floor(0.999 * (ascending.length - 1))] ?? lowest
  const step = roundStep(Math.max((highest - lowest) / USUAL_BINS, 1e-4))
  const first = Math.floor(lowest / step + 1e-9)
  const last = Math.max(first, Math.floor(highest / step + 1e-9))
  const counts = Array.from({ length: last - first + 1 }, () => 0)
  for (const fall of ascending) {
    const bin = Math.min(last, Math.floor(fall / step + 1e-9)) - first
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return { step, first, counts }
}
