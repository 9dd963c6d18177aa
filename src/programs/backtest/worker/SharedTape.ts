/** A tape in memory that all threads have in common: it is handed to a worker without a copy. */
import type { Tape, TapeColumns, TapePaths, TapeQuotes, TapeTrack } from "../../../backtest/engine/Tape.ts"

const floats = (values: Float64Array): Float64Array => {
  const shared = new Float64Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return shared
}

const rows = (values: Uint32Array): Uint32Array => {
  const shared = new Uint32Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return shared
}

const columns = (bars: TapeColumns): TapeColumns => ({
  length: bars.length,
  tsOpen: floats(bars.tsOpen),
  tsEvent: floats(bars.tsEvent),
  open: floats(bars.open),
  high: floats(bars.high),
  low: floats(bars.low),
  close: floats(bars.close),
  volume: floats(bars.volume)
})

const path = (bars: TapePaths): TapePaths => ({
  ...columns(bars),
  resolution: bars.resolution,
  from: rows(bars.from),
  until: rows(bars.until)
})

const published = (quotes: TapeQuotes): TapeQuotes => ({
  ...columns(quotes),
  askOpen: floats(quotes.askOpen),
  askHigh: floats(quotes.askHigh),
  askLow: floats(quotes.askLow),
  askClose: floats(quotes.askClose),
  bidSize: floats(quotes.bidSize),
  askSize: floats(quotes.askSize),
  from: rows(quotes.from),
  until: rows(quotes.until)
})

const track = (one: TapeTrack): TapeTrack => ({
  ...one,
  bars: columns(one.bars),
  first: rows(one.first),
  paths: one.paths.map(path),
  quotes: one.quotes === undefined ? undefined : published(one.quotes),
  adjusted: floats(one.adjusted)
})

/** The same tape, its columns copied once into shared memory. */
export const sharedTape = (tape: Tape): Tape => ({ ...tape, tracks: tape.tracks.map(track) })
