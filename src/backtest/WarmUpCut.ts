/**
 * A tape as a strategy with less warm-up is given it: one tape is loaded for a
 * sweep, and each point is played on what a backtest of its own would load.
 */
import { timestamp } from "../domain/Timestamp.ts"
import { exchangeDate } from "../market/TradingCalendar.ts"
import type { Tape, TapeColumns, TapeTrack } from "./engine/Tape.ts"
import { hashTape } from "./engine/TapeHash.ts"

/** The same memory from row `from` on. */
const after = (bars: TapeColumns, from: number): TapeColumns => ({
  length: bars.length - from,
  tsOpen: bars.tsOpen.subarray(from),
  tsEvent: bars.tsEvent.subarray(from),
  open: bars.open.subarray(from),
  high: bars.high.subarray(from),
  low: bars.low.subarray(from),
  close: bars.close.subarray(from),
  volume: bars.volume.subarray(from)
})

const cutTrack = (track: TapeTrack, warmUp: number): TapeTrack => {
  const dropped = Math.max(0, track.warmUp - warmUp)
  if (dropped === 0) return track
  const bars = after(track.bars, dropped)
  const begin = exchangeDate(timestamp(bars.tsOpen[0] ?? 0))
  return {
    ...track,
    bars,
    warmUp: track.warmUp - dropped,
    first: track.first.map((row) => row - dropped),
    actions: track.actions.filter(({ date }) => date >= begin)
  }
}

/** With at most `warmUp` bars of each instrument before the first session; the tape itself where it has no more. */
export const cutWarmUp = (tape: Tape, warmUp: number): Tape => {
  if (tape.tracks.every((track) => track.warmUp <= warmUp)) return tape
  const cut = { ...tape, tracks: tape.tracks.map((track) => cutTrack(track, warmUp)) }
  return { ...cut, dataHash: hashTape(cut) }
}
