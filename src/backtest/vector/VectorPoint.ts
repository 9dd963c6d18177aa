/** One point of a sweep on the loop over columns. Pure. */
import type { SignalRule } from "../../session/StrategyDefinition.ts"
import type { Tape } from "../engine/Tape.ts"
import type { GridValues } from "../Grid.ts"
import { playSignal, type SignalBars, type SignalPlay } from "./SignalPlay.ts"

/** The bars of a tape as the loop reads them, and what is kept between points on them. */
export interface SignalTape {
  readonly bars: SignalBars
  /** Of the first bar that is played; those before are warm-up. */
  readonly first: number
  readonly cache: Map<string, Float64Array>
}

/** Of a tape of one instrument. */
export const signalTape = ({ tracks }: Tape): SignalTape | undefined => {
  const [track] = tracks
  return track === undefined
    ? undefined
    : { bars: track.bars, first: track.warmUp, cache: new Map<string, Float64Array>() }
}

/**
 * Plays one point with `cash` micros; undefined where that is the engine's (see
 * `playSignal`). Throws what the rule throws, and RangeError where it does not
 * give one value a bar.
 */
export const playVectorPoint = (
  signal: SignalRule,
  { bars, cache, first }: SignalTape,
  { cash, values }: { readonly cash: number; readonly values: GridValues }
): SignalPlay | undefined => {
  const wants = signal.wants(bars, values, cache)
  if (wants.length !== bars.length) {
    throw new RangeError(`the signal rule gave ${wants.length} values for ${bars.length} bars`)
  }
  return playSignal(bars, wants, { cash, first })
}
