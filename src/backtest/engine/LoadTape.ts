/**
 * Loads a tape from price sources, whole, and looks at every value on the way:
 * what could not be played is refused before anything is.
 */
import { Effect, Option, Schema } from "effect"
import { MAX_PRICE_MICROS, quantity } from "../../domain/Money.ts"
import type { Instrument } from "../../domain/Instrument.ts"
import type { Resolution } from "../../domain/Quote.ts"
import { SessionDate, timestamp } from "../../domain/Timestamp.ts"
import { adjusted, adjustmentSteps } from "../../market/Adjustment.ts"
import type { BarSeries, QuoteSeries } from "../../market/BarSeries.ts"
import type { BarSource, BarSourceError, SessionRange } from "../../market/BarSource.ts"
import { makeIndex, type Offer } from "../../market/InstrumentIndex.ts"
import type { InstrumentNotFound, ResolutionUnavailable } from "../../market/MarketData.ts"
import { lowerBound } from "../../market/PricePath.ts"
import { aggregate, resolutionFor } from "../../market/Resolution.ts"
import { exchangeDate, type Session, sessionsBetween } from "../../market/TradingCalendar.ts"
import type { BacktestModels } from "../BacktestModels.ts"
import type { Tape, TapeColumns, TapePaths, TapeQuotes, TapeTrack } from "./Tape.ts"
import { hashTape } from "./TapeHash.ts"

/** A value that nobody can trade on: NaN, a price of nothing, a high below the low. */
export class UnusableData extends Schema.TaggedError<UnusableData>()("UnusableData", {
  symbol: Schema.String,
  date: SessionDate,
  field: Schema.String,
  message: Schema.String
}) {}

/** A strategy would not be asked once. */
export class TooFewBars extends Schema.TaggedError<TooFewBars>()("TooFewBars", {
  symbol: Schema.String,
  needed: Schema.Int,
  found: Schema.Int,
  message: Schema.String
}) {}

export type LoadTapeError =
  | BarSourceError
  | InstrumentNotFound
  | ResolutionUnavailable
  | UnusableData
  | TooFewBars

export interface LoadTapeOptions {
  readonly sources: ReadonlyArray<BarSource>
  /** Symbols or instrument ids. */
  readonly symbols: ReadonlyArray<string>
  /** Those to be played, ascending, without one left out. */
  readonly sessions: readonly [Session, ...ReadonlyArray<Session>]
  /** Of the bars the strategy decides on. */
  readonly resolution: Resolution
  /** Bars of each instrument before the first decision: so many of before the first session are loaded, as far as there are. */
  readonly warmUp: number
  readonly seed: number
  readonly models: Pick<BacktestModels, "quotes" | "lots">
}

const priceFields = ["open", "high", "low", "close"] as const
const barFields = ["tsOpen", "tsEvent", ...priceFields, "volume"] as const

/** Whole days and hours are read at once, over the whole history; finer bars for the sessions that are wanted. */
const isReadWhole = (resolution: Resolution): boolean => resolution === "1d" || resolution === "1h"

/** What is wrong with a bar; undefined when nothing is. Comparisons with NaN fail. */
const wrongField = (bars: TapeColumns, row: number): string | undefined => {
  for (const field of priceFields) {
    const value = bars[field][row] ?? Number.NaN
    if (!(value > 0 && value <= MAX_PRICE_MICROS && Number.isInteger(value))) return field
  }
  const { close, high, low, open, tsEvent, tsOpen, volume } = bars
  const [top, bottom] = [high[row] ?? 0, low[row] ?? 0]
  if (!(top >= (open[row] ?? 0) && top >= (close[row] ?? 0))) return "high"
  if (!(bottom <= (open[row] ?? 0) && bottom <= (close[row] ?? 0))) return "low"
  if (!((volume[row] ?? -1) >= 0 && Number.isFinite(volume[row]))) return "volume"
  if (!((tsOpen[row] ?? Number.NaN) < (tsEvent[row] ?? Number.NaN))) return "time"
  return row > 0 && !((tsEvent[row - 1] ?? 0) <= (tsOpen[row] ?? Number.NaN)) ? "time" : undefined
}

const checked = <A extends TapeColumns>(
  symbol: string,
  resolution: Resolution,
  bars: A
): Effect.Effect<A, UnusableData> => {
  for (let row = 0; row < bars.length; row++) {
    const field = wrongField(bars, row)
    if (field === undefined) continue
    const at = [bars.tsOpen[row], bars.tsEvent[row]].find((one) => Number.isSafeInteger(one)) ?? 0
    const date = exchangeDate(timestamp(at))
    const value = field === "time" ? undefined : barFields.find((one) => one === field)
    const shown = value === undefined ? "its time" : `${field} of ${bars[value][row]} micros`
    return Effect.fail(
      new UnusableData({
        symbol,
        date,
        field,
        message: `${symbol}: the ${resolution} bar of ${date} cannot be played: ${shown} is no usable value beside its others. Nothing was played`
      })
    )
  }
  return Effect.succeed(bars)
}

const cut = (bars: TapeColumns, from: number, until: number): TapeColumns => ({
  length: until - from,
  tsOpen: bars.tsOpen.slice(from, until),
  tsEvent: bars.tsEvent.slice(from, until),
  open: bars.open.slice(from, until),
  high: bars.high.slice(from, until),
  low: bars.low.slice(from, until),
  close: bars.close.slice(from, until),
  volume: bars.volume.slice(from, until)
})

/** Rows of each session, by when they open. */
const rowsBySession = (
  tsOpen: Float64Array,
  sessions: ReadonlyArray<Session>
): { readonly from: Uint32Array; readonly until: Uint32Array } => ({
  from: Uint32Array.from(sessions, ({ open }) => lowerBound(tsOpen, open)),
  until: Uint32Array.from(sessions, ({ close }) => lowerBound(tsOpen, close))
})

const rangeOf = (sessions: ReadonlyArray<Session>, { listing }: Offer): SessionRange => {
  const [from, to] = [sessions[0]?.date ?? listing.firstSession, sessions.at(-1)?.date ?? listing.lastSession]
  return {
    from: from < listing.firstSession ? listing.firstSession : from,
    to: to > listing.lastSession ? listing.lastSession : to
  }
}

/** The source's own bars: whole, or of a range of sessions; one where the range is empty. */
const nativeBars = (
  { listing, source }: Offer,
  native: Resolution,
  range: SessionRange
): Effect.Effect<BarSeries, BarSourceError> =>
  source.series(
    listing.instrument.id,
    native,
    isReadWhole(native) ? { from: listing.firstSession, to: listing.lastSession } : range
  )

const barsPerSession: Readonly<Record<Resolution, number>> = { "1m": 390, "5m": 78, "1h": 7, "1d": 1 }

/** From `warmUp` bars before the sessions on, at a resolution made of the source's own. */
const barsWithWarmUp = Effect.fnUntraced(function* (
  offer: Offer,
  native: Resolution,
  { resolution, sessions, warmUp }: LoadTapeOptions
): Effect.fn.Return<{ readonly bars: TapeColumns; readonly warmUp: number }, BarSourceError> {
  const { listing } = offer
  const range = rangeOf(sessions, offer)
  const before = sessionsBetween(listing.firstSession, sessions[0].date).filter(
    ({ date }) => date < sessions[0].date
  )
  // Sessions that closed early, or that the source does not have, make it fewer than their number says.
  let back = Math.min(before.length, Math.ceil(warmUp / barsPerSession[resolution]))
  while (true) {
    const from = before[before.length - back]?.date ?? range.from
    const read = yield* nativeBars(offer, native, { from, to: range.to })
    const bars = aggregate(read, resolution)
    const start = lowerBound(bars.tsOpen, sessions[0].open)
    const found = Math.min(warmUp, start)
    if (found === warmUp || isReadWhole(native) || back === before.length) {
      const until = lowerBound(bars.tsOpen, sessions.at(-1)?.close ?? 0)
      return { bars: cut(bars, start - found, Math.max(start, until)), warmUp: found }
    }
    back = Math.min(before.length, back * 2 + 1)
  }
})

/** What ticks are made of: each of the source's resolutions, as far as a session needs it. */
const loadPaths = Effect.fnUntraced(function* (
  offer: Offer,
  sessions: ReadonlyArray<Session>
): Effect.fn.Return<ReadonlyArray<TapePaths>, BarSourceError | UnusableData> {
  const { instrument, resolutions } = offer.listing
  const paths: Array<TapePaths> = []
  const isServed = new Uint8Array(sessions.length)
  for (const resolution of resolutions) {
    if (isServed.every((one) => one === 1)) break
    const series = yield* nativeBars(offer, resolution, rangeOf(sessions, offer))
    const begin = lowerBound(series.tsOpen, sessions[0]?.open ?? 0)
    const bars = cut(series, begin, Math.max(begin, lowerBound(series.tsOpen, sessions.at(-1)?.close ?? 0)))
    const rows = rowsBySession(bars.tsOpen, sessions)
    rows.from.forEach((from, i) => {
      if ((rows.until[i] ?? 0) > from) isServed[i] = 1
    })
    if (bars.length > 0) {
      paths.push(yield* checked(instrument.symbol, resolution, { resolution, ...bars, ...rows }))
    }
  }
  return paths
})

const quoteFields = [...barFields, "askOpen", "askHigh", "askLow", "askClose", "bidSize", "askSize"] as const

/** Published quotes of the sessions whose ticks are made of minutes, one after the other. */
const loadQuotes = Effect.fnUntraced(function* (
  { listing, source }: Offer,
  sessions: ReadonlyArray<Session>,
  finest: TapePaths | undefined
): Effect.fn.Return<TapeQuotes | undefined, BarSourceError> {
  if (finest?.resolution !== "1m") return undefined
  const found: Array<QuoteSeries | undefined> = []
  for (const [i, { date }] of sessions.entries()) {
    const isUsed = (finest.until[i] ?? 0) > (finest.from[i] ?? 0)
    const quotes = isUsed ? yield* source.quoteSeries(listing.instrument.id, date) : Option.none()
    found.push(Option.getOrUndefined(quotes))
  }
  const length = found.reduce((sum, one) => sum + (one?.length ?? 0), 0)
  if (length === 0) return undefined
  const column = (field: (typeof quoteFields)[number]): Float64Array => {
    const values = new Float64Array(length)
    let at = 0
    for (const one of found) {
      if (one === undefined) continue
      values.set(one[field].subarray(0, one.length), at)
      at += one.length
    }
    return values
  }
  const from = new Uint32Array(sessions.length)
  const until = new Uint32Array(sessions.length)
  let at = 0
  for (const [i, one] of found.entries()) {
    from[i] = at
    at += one?.length ?? 0
    until[i] = at
  }
  return {
    length,
    tsOpen: column("tsOpen"),
    tsEvent: column("tsEvent"),
    open: column("open"),
    high: column("high"),
    low: column("low"),
    close: column("close"),
    volume: column("volume"),
    askOpen: column("askOpen"),
    askHigh: column("askHigh"),
    askLow: column("askLow"),
    askClose: column("askClose"),
    bidSize: column("bidSize"),
    askSize: column("askSize"),
    from,
    until
  }
})

/** Daily closes with splits and dividends taken out, as of the last session. */
const adjustedCloses = (
  daily: BarSeries,
  actions: TapeTrack["actions"],
  sessions: ReadonlyArray<Session>
): Float64Array => {
  const closeBefore = (at: number): number | undefined => daily.close[lowerBound(daily.tsOpen, at) - 1]
  const end = sessions.at(-1)?.close ?? timestamp(0)
  const { close, tsOpen } = adjusted(daily, adjustmentSteps(actions, closeBefore, "adjusted", end))
  let last = Number.NaN
  return Float64Array.from(sessions, (session) => {
    const row = lowerBound(tsOpen, session.open)
    if ((tsOpen[row] ?? Infinity) < session.close) last = close[row] ?? last
    return last
  })
}

/** Daily bars from the one before the sessions on, for the benchmark and for what a dividend is a part of. */
const dailyBars = Effect.fnUntraced(function* (
  offer: Offer,
  sessions: ReadonlyArray<Session>
): Effect.fn.Return<BarSeries, BarSourceError | ResolutionUnavailable> {
  const { instrument, resolutions } = offer.listing
  const native = yield* Effect.fromResult(resolutionFor(instrument.id, resolutions, "1d"))
  return aggregate(yield* nativeBars(offer, native, rangeOf(sessions, offer)), "1d")
})

const withLots = (instrument: Instrument, lots: BacktestModels["lots"]): Instrument =>
  lots === "whole" || instrument._tag === "Option"
    ? instrument
    : { ...instrument, sizeIncrement: quantity(1) }

const loadTrack = Effect.fnUntraced(function* (
  offer: Offer,
  options: LoadTapeOptions
): Effect.fn.Return<TapeTrack, Exclude<LoadTapeError, InstrumentNotFound>> {
  const { listing, source } = offer
  const { instrument, lastSession, resolutions } = listing
  const { models, resolution, sessions } = options
  const native = yield* Effect.fromResult(resolutionFor(instrument.id, resolutions, resolution))
  const { bars: read, warmUp } = yield* barsWithWarmUp(offer, native, options)
  const bars = yield* checked(instrument.symbol, resolution, read)
  if (bars.length <= options.warmUp) {
    return yield* new TooFewBars({
      symbol: instrument.symbol,
      needed: options.warmUp + 1,
      found: bars.length,
      message: `${instrument.symbol} has ${bars.length} bars of ${resolution} up to ${sessions.at(-1)?.date}: the strategy needs ${options.warmUp} before its first decision, and one to decide on`
    })
  }
  const { from } = rowsBySession(bars.tsOpen, sessions)
  const first = new Uint32Array(sessions.length + 1)
  first.set(from)
  first[sessions.length] = bars.length
  const paths = yield* loadPaths(offer, sessions)
  const all = yield* source.corporateActions(instrument.id)
  const begin = exchangeDate(timestamp(bars.tsOpen[0] ?? 0))
  const end = sessions.at(-1)?.date ?? lastSession
  const after = sessions.findIndex(({ date }) => date > lastSession)
  return {
    instrument: withLots(instrument, models.lots),
    source: listing.quoteSource,
    bars,
    warmUp,
    first,
    paths,
    quotes: yield* loadQuotes(offer, sessions, paths[0]),
    actions: all.filter(({ date }) => date >= begin && date <= end),
    adjusted: adjustedCloses(yield* dailyBars(offer, sessions), all, sessions),
    lastSession: after === -1 ? sessions.length : after - 1
  }
})

/** The tape of these symbols over these sessions. */
export const loadTape = Effect.fn("loadTape")(function* (
  options: LoadTapeOptions
): Effect.fn.Return<Tape, LoadTapeError> {
  const { models, resolution, seed, sessions, sources, symbols } = options
  const index = yield* Effect.fromResult(makeIndex(sources))
  const offers = yield* Effect.forEach(symbols, (symbol) => Effect.fromResult(index.find(symbol)))
  const tracks = yield* Effect.forEach(offers, (offer) => loadTrack(offer, options))
  const end = sessions.at(-1) ?? sessions[0]
  const gaps = offers.flatMap(({ listing }) =>
    listing.gaps
      .filter(({ from, to }) => to >= sessions[0].date && from <= end.date)
      .map((gap) => ({ symbol: listing.instrument.symbol, ...gap }))
  )
  const tape = { sessions, resolution, tracks, gaps }
  return { ...tape, seed: String(seed), quotes: models.quotes, dataHash: hashTape(tape) }
})
