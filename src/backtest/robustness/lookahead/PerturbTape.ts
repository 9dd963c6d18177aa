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

/**
 * Where it can be cut: at each session's open and at the end of each bar that a
 * strategy decides on. Other instants are inside bars of which the ticks that
 * have been are modelled from the whole bar.
 */
export const tapeTimes = ({ resolution, sessions, tracks }: Tape): ReadonlyArray<number> => {
  const times = new Set<number>()
  for (const { close, open } of sessions) {
    times.add(open)
    times.add(close)
  }
  if (resolution !== "1d") {
    for (const { bars, warmUp } of tracks) for (const at of bars.tsEvent.subarray(warmUp)) times.add(at)
  }
  return [...times].toSorted((a, b) => a - b)
}

/** The end of the bar that begins at a session's open, where a track has no finer prices of that session. */
export const modelledUntil = ({ sessions, tracks }: Tape): ((cut: number) => number | undefined) => {
  const numbers = new Map<number, number>(sessions.map(({ open }, i) => [open, i]))
  return (cut) => {
    const session = numbers.get(cut)
    if (session === undefined) return undefined
    const ends = tracks.flatMap(({ paths }) => {
      const finest = paths.find(({ from, until }) => (until[session] ?? 0) > (from[session] ?? 0))
      return finest === undefined || finest.resolution === "1m"
        ? []
        : (finest.tsEvent[finest.from[session] ?? 0] ?? [])
    })
    return ends.length === 0 ? undefined : Math.max(...ends)
  }
}
