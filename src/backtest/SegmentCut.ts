/**
 * A tape of some of its sessions, as if it had been loaded for them: every
 * earlier bar is warm-up, and of later ones there is none. Columns stay in the
 * memory they are in.
 */
import type { Tape, TapeColumns, TapePaths, TapeQuotes, TapeTrack } from "./engine/Tape.ts"
import { hashTape } from "./engine/TapeHash.ts"

/** Sessions by their number from 0, the last one not included. */
export interface SessionSpan {
  readonly from: number
  readonly until: number
}

const columns = (bars: TapeColumns, from: number, until: number): TapeColumns => ({
  length: until - from,
  tsOpen: bars.tsOpen.subarray(from, until),
  tsEvent: bars.tsEvent.subarray(from, until),
  open: bars.open.subarray(from, until),
  high: bars.high.subarray(from, until),
  low: bars.low.subarray(from, until),
  close: bars.close.subarray(from, until),
  volume: bars.volume.subarray(from, until)
})

interface Rows {
  readonly from: Uint32Array
  readonly until: Uint32Array
}

/** The rows of the span's sessions, and each session's among them. */
const rowsOf = (rows: Rows, { from, until }: SessionSpan) => {
  const begin = rows.from[from] ?? 0
  const end = Math.max(begin, rows.until[until - 1] ?? 0)
  const shifted = (column: Uint32Array): Uint32Array =>
    column.slice(from, until).map((row) => Math.max(0, row - begin))
  return { begin, end, rows: { from: shifted(rows.from), until: shifted(rows.until) } }
}

const cutPath = (path: TapePaths, span: SessionSpan): TapePaths => {
  const { begin, end, rows } = rowsOf(path, span)
  return { ...columns(path, begin, end), resolution: path.resolution, ...rows }
}

/** Those that the span's sessions need: coarser ones serve where finer ones have no rows. */
const cutPaths = (paths: ReadonlyArray<TapePaths>, span: SessionSpan): ReadonlyArray<TapePaths> => {
  const kept: Array<TapePaths> = []
  const isServed = new Uint8Array(span.until - span.from)
  for (const path of paths) {
    if (isServed.every((one) => one === 1)) break
    const cut = cutPath(path, span)
    cut.from.forEach((from, i) => {
      if ((cut.until[i] ?? 0) > from) isServed[i] = 1
    })
    if (cut.length > 0) kept.push(cut)
  }
  return kept
}

const cutQuotes = (quotes: TapeQuotes, span: SessionSpan): TapeQuotes | undefined => {
  const { begin, end, rows } = rowsOf(quotes, span)
  if (end === begin) return undefined
  return {
    ...columns(quotes, begin, end),
    askOpen: quotes.askOpen.subarray(begin, end),
    askHigh: quotes.askHigh.subarray(begin, end),
    askLow: quotes.askLow.subarray(begin, end),
    askClose: quotes.askClose.subarray(begin, end),
    bidSize: quotes.bidSize.subarray(begin, end),
    askSize: quotes.askSize.subarray(begin, end),
    ...rows
  }
}

const cutTrack = (track: TapeTrack, span: SessionSpan, sessions: Tape["sessions"]): TapeTrack => {
  const { from, until } = span
  const paths = cutPaths(track.paths, span)
  const isOfMinutes = paths[0]?.resolution === "1m"
  const end = sessions.at(-1)?.date ?? ""
  return {
    ...track,
    bars: columns(track.bars, 0, track.first[until] ?? 0),
    warmUp: track.first[from] ?? 0,
    first: track.first.slice(from, until + 1),
    paths,
    quotes: track.quotes === undefined || !isOfMinutes ? undefined : cutQuotes(track.quotes, span),
    actions: track.actions.filter(({ date }) => date <= end),
    // Later splits and dividends are a factor that all of them have in common.
    adjusted: track.adjusted.subarray(from, until),
    // One that ends with the span or after it trades to its end.
    lastSession: track.lastSession >= until - 1 ? until - from : Math.max(-1, track.lastSession - from)
  }
}

/** The tape of the sessions `from` to `until`, the latter not included; the tape itself where those are all. */
export const cutSegment = (tape: Tape, span: SessionSpan): Tape => {
  const { from, until } = span
  if (!(from >= 0 && from < until && until <= tape.sessions.length)) {
    throw new RangeError(`a tape of ${tape.sessions.length} sessions has none from ${from} to ${until}`)
  }
  if (from === 0 && until === tape.sessions.length) return tape
  const sessions = tape.sessions.slice(from, until)
  const [first, last] = [sessions[0]?.date ?? "", sessions.at(-1)?.date ?? ""]
  const cut = {
    ...tape,
    sessions,
    tracks: tape.tracks.map((track) => cutTrack(track, span, sessions)),
    gaps: tape.gaps.filter((gap) => gap.to >= first && gap.from <= last)
  }
  return { ...cut, dataHash: hashTape(cut) }
}
