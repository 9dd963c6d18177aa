/** A tape with another future: bars, what ticks are made of, published quotes, splits and dividends. */
import { timestamp } from "../../../domain/Timestamp.ts"
import { exchangeDate } from "../../../market/TradingCalendar.ts"
import type { Tape, TapeQuotes, TapeTrack } from "../../engine/Tape.ts"
import { perturbBars } from "./PerturbBars.ts"
import type { Change } from "./Stamped.ts"

/** Later quotes are nobody's: ticks then have those that are modelled around their prices. */
const perturbQuotes = (quotes: TapeQuotes, cut: number): TapeQuotes => {
  const open = quotes.open.slice()
  for (let row = 0; row < quotes.length; row++) if ((quotes.tsOpen[row] ?? 0) > cut) open[row] = 0
  return { ...quotes, open }
}

const perturbTrack = (track: TapeTrack, change: Change): TapeTrack => {
  const { cut, kind } = change
  // The paper venue spreads a bar's volume evenly over its ticks, the open among them: that model is not the strategy's.
  const bars = { ...change, keepsVolumeInside: true }
  const today = exchangeDate(timestamp(cut))
  return {
    ...track,
    bars: perturbBars(track.bars, bars),
    paths: track.paths.map((path) => ({ ...path, ...perturbBars(path, bars) })),
    quotes: track.quotes === undefined || kind === "volume" ? track.quotes : perturbQuotes(track.quotes, cut),
    actions:
      kind === "shuffled" || kind === "volume"
        ? track.actions.filter(({ date }) => date <= today)
        : track.actions
  }
}

/** Its hash is that of the tape it was made of: it is never kept. */
export const perturbTape = (tape: Tape, change: Change): Tape => ({
  ...tape,
  tracks: tape.tracks.map((track, i) => perturbTrack(track, { ...change, seed: change.seed + 7919 * i }))
})

/** Of a session, the finest rows that a track has; none of minutes, of which every one that has ended is known. */
const modelledRows = (
  { paths }: TapeTrack,
  session: number
): ReadonlyArray<{ readonly open: number; readonly end: number }> => {
  const finest = paths.find(({ from, until }) => (until[session] ?? 0) > (from[session] ?? 0))
  if (finest === undefined || finest.resolution === "1m") return []
  const [from = 0, until = 0] = [finest.from[session], finest.until[session]]
  return Array.from({ length: until - from }, (_, i) => ({
    open: finest.tsOpen[from + i] ?? 0,
    end: finest.tsEvent[from + i] ?? 0
  }))
}

/**
 * Where it can be cut: at each session's open, at the end of each bar that a
 * strategy decides on, and at the open of each bar whose inside is modelled. Other
 * instants are inside bars of which the ticks that have been are modelled from the
 * whole bar.
 */
export const tapeTimes = ({ resolution, sessions, tracks }: Tape): ReadonlyArray<number> => {
  const times = new Set<number>()
  for (const [i, { close, open }] of sessions.entries()) {
    times.add(open)
    times.add(close)
    for (const track of tracks) for (const row of modelledRows(track, i)) times.add(row.open)
  }
  if (resolution !== "1d") {
    for (const { bars, warmUp } of tracks) for (const at of bars.tsEvent.subarray(warmUp)) times.add(at)
  }
  return [...times].toSorted((a, b) => a - b)
}

/** Of the open of a bar whose inside is modelled, its end: of several instruments' the first. */
export const modelledUntil = ({ sessions, tracks }: Tape): ((cut: number) => number | undefined) => {
  const ends = new Map<number, number>()
  for (const i of sessions.keys()) {
    for (const track of tracks) {
      for (const { end, open } of modelledRows(track, i))
        ends.set(open, Math.min(end, ends.get(open) ?? Infinity))
    }
  }
  return (cut) => ends.get(cut)
}
