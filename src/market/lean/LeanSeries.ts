/** Joining what several LEAN files hold into one series. */
import type { Instrument } from "../../domain/Instrument.ts"
import type { Resolution } from "../../domain/Quote.ts"
import type { BarSeries, QuoteSeries } from "../BarSeries.ts"

const joined = (
  parts: ReadonlyArray<BarSeries>,
  length: number,
  column: (part: BarSeries) => Float64Array
): Float64Array => {
  const all = new Float64Array(length)
  let at = 0
  for (const part of parts) {
    all.set(column(part), at)
    at += part.length
  }
  return all
}

/** One series of several, which follow each other in time. */
export const concatenated = (
  instrument: Instrument,
  resolution: Resolution,
  parts: ReadonlyArray<BarSeries>
): BarSeries => {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return {
    instrument,
    resolution,
    length,
    tsOpen: joined(parts, length, (part) => part.tsOpen),
    tsEvent: joined(parts, length, (part) => part.tsEvent),
    open: joined(parts, length, (part) => part.open),
    high: joined(parts, length, (part) => part.high),
    low: joined(parts, length, (part) => part.low),
    close: joined(parts, length, (part) => part.close),
    volume: joined(parts, length, (part) => part.volume)
  }
}

/** Positions in `bid` and `ask` of the minutes both have, with a bid that ends no higher than the ask. */
const twoSided = (bid: BarSeries, ask: BarSeries): ReadonlyArray<readonly [number, number]> => {
  const pairs: Array<readonly [number, number]> = []
  let a = 0
  for (let b = 0; b < bid.length; b++) {
    const at = bid.tsOpen[b] ?? 0
    while (a < ask.length && (ask.tsOpen[a] ?? 0) < at) a += 1
    if (ask.tsOpen[a] === at && (bid.close[b] ?? 0) <= (ask.close[a] ?? 0)) pairs.push([b, a])
  }
  return pairs
}

/** Quotes of the minutes that both sides have; minutes that end crossed (bid above ask) are left out. */
export const quotesOf = (bid: BarSeries, ask: BarSeries): QuoteSeries => {
  const pairs = twoSided(bid, ask)
  const ofBid = (column: Float64Array) => Float64Array.from(pairs, ([b]) => column[b] ?? 0)
  const ofAsk = (column: Float64Array) => Float64Array.from(pairs, ([, a]) => column[a] ?? 0)
  return {
    instrument: bid.instrument,
    resolution: bid.resolution,
    length: pairs.length,
    tsOpen: ofBid(bid.tsOpen),
    tsEvent: ofBid(bid.tsEvent),
    open: ofBid(bid.open),
    high: ofBid(bid.high),
    low: ofBid(bid.low),
    close: ofBid(bid.close),
    volume: new Float64Array(pairs.length),
    askOpen: ofAsk(ask.open),
    askHigh: ofAsk(ask.high),
    askLow: ofAsk(ask.low),
    askClose: ofAsk(ask.close),
    bidSize: ofBid(bid.volume),
    askSize: ofAsk(ask.volume)
  }
}
