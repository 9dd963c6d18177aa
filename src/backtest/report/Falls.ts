/** The deepest falls of a curve, each from a peak until equity was back at it. */
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { EquityCurve } from "../../portfolio/EquityCurve.ts"

export interface Fall {
  /** Below zero. */
  readonly depth: number
  readonly peak: SessionDate
  readonly trough: SessionDate
  /** Absent while equity was below the peak at the end. */
  readonly recovered: SessionDate | undefined
  /** Sessions from the peak to the recovery, or to the end. */
  readonly sessions: number
}

/** The `most` deepest, deepest first (the earlier of equals). */
export const deepestFalls = ({ dates, equities }: EquityCurve, most: number): ReadonlyArray<Fall> => {
  const falls: Array<Fall> = []
  let peak = 0
  let trough = 0
  const close = (end: number, recovered: boolean): void => {
    const [from, low, to] = [dates[peak], dates[trough], dates[end]]
    const depth = at(equities, trough) / at(equities, peak) - 1
    if (depth < 0 && from !== undefined && low !== undefined && to !== undefined) {
      falls.push({
        depth,
        peak: from,
        trough: low,
        recovered: recovered ? to : undefined,
        sessions: end - peak
      })
    }
  }
  for (let i = 1; i < equities.length; i++) {
    if (at(equities, i) >= at(equities, peak)) {
      close(i, true)
      peak = i
      trough = i
    } else if (at(equities, i) < at(equities, trough)) trough = i
  }
  close(equities.length - 1, false)
  return falls.toSorted((a, b) => a.depth - b.depth).slice(0, most)
}

const at = (series: Float64Array, i: number): number => series[i] ?? Number.NaN
