/** One point of a sweep on the loop over columns. Pure. */
import type { SignalRule } from "../../session/StrategyDefinition.ts"
import type { Tape } from "../engine/Tape.ts"
import type { GridValues } from "../Grid.ts"
import { playSignal, type SignalBars, type SignalPlay } from "./SignalPlay.ts"

/** The bars of a tape as the loop reads them, and what is used again from point to point. */
export interface SignalTape {
  readonly bars: SignalBars
  /** Of the first bar that is played; those before are warm-up. */
  readonly first: number
  /** The highest close, micros. */
  readonly highest: number
  readonly cache: Map<string, Float64Array>
  /** Of the point that was played last. */
  readonly equity: Float64Array
}

/** Of a tape of one instrument. */
export const signalTape = ({ tracks }: Tape): SignalTape | undefined => {
  const [track] = tracks
  if (track === undefined) return undefined
  const { bars, warmUp: first } = track
  const highest = bars.close.reduce((most, close) => Math.max(most, close), 0)
  return { bars, first, highest, cache: new Map(), equity: new Float64Array(bars.length - first) }
}

/** Micros at closes, which the next point overwrites, and how often a position was opened and closed. */
export type VectorCourse = Pick<SignalPlay, "entries" | "exits"> & { readonly equity: Float64Array }

/**
 * Plays one point with `cash` micros; undefined where that is the engine's (see
 * `playSignal`). Throws what the rule throws, and RangeError where it does not
 * give one value a bar.
 */
export const playVectorPoint = (
  signal: SignalRule,
  tape: SignalTape,
  { cash, values }: { readonly cash: number; readonly values: GridValues }
): VectorCourse | undefined => {
  const { bars, cache, equity } = tape
  const wants = signal.wants(bars, values, cache)
  if (wants.length !== bars.length) {
    throw new RangeError(`the signal rule gave ${wants.length} values for ${bars.length} bars`)
  }
  const played = playSignal(bars, wants, { cash, first: tape.first, highest: tape.highest, equity })
  return played === undefined ? undefined : { equity, entries: played.entries, exits: played.exits }
}
