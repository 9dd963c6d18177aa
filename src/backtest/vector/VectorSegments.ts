/**
 * Segments of one point of a sweep on the loop over columns: what the point
 * wants is worked out once over all bars, and each segment is played from it. A
 * rule that looks at no later bar wants the same as on the segment alone. Pure.
 */
import type { SignalRule } from "../../session/StrategyDefinition.ts"
import type { GridValues } from "../Grid.ts"
import { playSignal } from "./SignalPlay.ts"
import type { SignalTape, VectorCourse } from "./VectorPoint.ts"

/** Sessions of the tape by their number from 0, the last one not included. */
interface Sessions {
  readonly from: number
  readonly until: number
}

/** Plays segments of a point; undefined where one is the engine's. Its equity stays until the next is played. */
export type SegmentPlay = (sessions: Sessions) => VectorCourse | undefined

/**
 * Throws what the rule throws, and RangeError where it does not give one value
 * a bar. `cash` is micros.
 */
export const vectorSegments = (
  signal: SignalRule,
  { bars, cache, equity, first, highest }: SignalTape,
  { cash, values }: { readonly cash: number; readonly values: GridValues }
): SegmentPlay => {
  const wants = signal.wants(bars, values, cache)
  if (wants.length !== bars.length) {
    throw new RangeError(`the signal rule gave ${wants.length} values for ${bars.length} bars`)
  }
  return ({ from, until }) => {
    const end = first + until
    const into = equity.subarray(0, until - from)
    const columns = { length: end, open: bars.open.subarray(0, end), close: bars.close.subarray(0, end) }
    const played = playSignal(columns, wants, { cash, first: first + from, highest, equity: into })
    return played === undefined ? undefined : { equity: into, entries: played.entries, exits: played.exits }
  }
}
