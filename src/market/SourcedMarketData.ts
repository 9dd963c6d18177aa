/** `MarketData` over price sources, never ahead of the market clock. */
import { Effect, Layer, Option, Result } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import { price } from "../domain/Money.ts"
import { Bar, type QuoteTick, type Resolution } from "../domain/Quote.ts"
import { type SessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { adjusted, adjustmentSteps } from "./Adjustment.ts"
import type { BarSeries } from "./BarSeries.ts"
import type { BarSource, BarSourceError, SessionRange } from "./BarSource.ts"
import { type InstrumentIndex, makeIndex, type Offer } from "./InstrumentIndex.ts"
import { MarketClock } from "./MarketClock.ts"
import { MarketData, type MarketSourceError, type PriceAdjustment, QuoteUnavailable } from "./MarketData.ts"
import type { MarketTick } from "./MarketTick.ts"
import { lowerBound } from "./PricePath.ts"
import { quoteFromTick } from "./QuoteFromTick.ts"
import { resolutionFor } from "./Resolution.ts"
import { makeReader, type SourceReader } from "./SourceReader.ts"
import { cut, firstAfter, mergeTicks } from "./TickLists.ts"
import {
  exchangeDate,
  fromExchangeTime,
  latestSession,
  previousSession,
  type Session,
  session,
  sessionsBetween,
  toExchangeTime
} from "./TradingCalendar.ts"

export interface SourcedMarketDataOptions {
  readonly sources: ReadonlyArray<BarSource>
  /** What the paths inside bars are drawn from. */
  readonly seed: string
  /** How bars are adjusted when the caller does not say; raw by default. */
  readonly adjustment?: PriceAdjustment
}

/** Market data of these sources. Fails when two of them offer one symbol. */
export const make = Effect.fn("SourcedMarketData.make")(function* (
  options: SourcedMarketDataOptions
): Effect.fn.Return<MarketData["Service"], MarketSourceError, MarketClock> {
  const clock = yield* MarketClock
  const index: InstrumentIndex = yield* Effect.fromResult(makeIndex(options.sources))
  const reader = makeReader(options.seed)
  const defaultAdjustment = options.adjustment ?? "raw"
  const offerOf = (id: InstrumentId) => Effect.fromResult(index.byId(id))
  const memo = makeBarMemo()

  return MarketData.of({
    listings: index.offers.map((offer) => offer.listing),
    get skipped() {
      return options.sources.flatMap((source) => source.skipped)
    },
    instrument: (symbol) =>
      Effect.map(Effect.fromResult(index.find(symbol)), (offer) => offer.listing.instrument),
    instrumentOf: (id) =>
      Option.getOrUndefined(
        Option.map(Result.getSuccess(index.byId(id)), (offer) => offer.listing.instrument)
      ),
    search: (query, { limit }) => index.search(query, limit),

    quote: Effect.fn("MarketData.quote")(function* (id) {
      const offer = yield* offerOf(id)
      const now = yield* clock.now
      return yield* quoteAt(reader, offer, now)
    }),

    bars: Effect.fn("MarketData.bars")(function* (request) {
      const offer = yield* offerOf(request.instrumentId)
      const native = yield* Effect.fromResult(
        resolutionFor(request.instrumentId, offer.listing.resolutions, request.resolution)
      )
      const now = yield* clock.now
      const until = timestamp(Math.min(request.until, now))
      const range = sessionsWithin(offer, request.from, until)
      if (Option.isNone(range)) return []
      const parts = yield* reader.bars(offer, native, request.resolution, range.value)
      const adjust = yield* adjusterAt(reader, offer, request.adjustment ?? defaultAdjustment, until, now)
      return parts.flatMap((part) => barsWithin(adjust(part), request.from, until, memo))
    }),

    ticks: Effect.fn("MarketData.ticks")(function* (request) {
      const now = yield* clock.now
      const until = timestamp(Math.min(request.until, now))
      const byInstrument = yield* Effect.forEach(request.instrumentIds, (id) =>
        Effect.flatMap(offerOf(id), (offer) => ticksWithin(reader, offer, request.after, until))
      )
      return mergeTicks(byInstrument)
    }),

    corporateActions: Effect.fn("MarketData.corporateActions")(function* (id, date) {
      const offer = yield* offerOf(id)
      const actions = yield* reader.actions(offer)
      return actions.filter((action) => action.date === date)
    })
  })
})

export const layer = (
  options: SourcedMarketDataOptions
): Layer.Layer<MarketData, MarketSourceError, MarketClock> => Layer.effect(MarketData, make(options))

/** The listing's sessions that touch (from, until]; none when there are none. */
const sessionsWithin = (offer: Offer, from: Timestamp, until: Timestamp): Option.Option<SessionRange> => {
  const { firstSession, lastSession } = offer.listing
  const begin = fromExchangeTime(firstSession, 0)
  if (until <= begin || from >= until) return Option.none()
  const last = exchangeDate(until)
  const first: SessionDate = from <= begin ? firstSession : exchangeDate(from)
  const to = last < lastSession ? last : lastSession
  return first <= to ? Option.some({ from: first, to }) : Option.none()
}

/** Bars made once and handed out again, for series that are kept whole. */
type BarMemo = (series: BarSeries, row: number) => Bar

const makeBarMemo = (): BarMemo => {
  const made = new WeakMap<BarSeries, Array<Bar | undefined>>()
  return (series, row) => {
    let bars = made.get(series)
    if (bars === undefined) {
      bars = []
      made.set(series, bars)
    }
    return (bars[row] ??= barAt(series, row))
  }
}

const barAt = (series: BarSeries, row: number): Bar =>
  new Bar(
    {
      instrumentId: series.instrument.id,
      resolution: series.resolution,
      open: price(series.open[row] ?? 0),
      high: price(series.high[row] ?? 0),
      low: price(series.low[row] ?? 0),
      close: price(series.close[row] ?? 0),
      volume: series.volume[row] ?? 0,
      tsOpen: timestamp(series.tsOpen[row] ?? 0),
      tsEvent: timestamp(series.tsEvent[row] ?? 0)
    },
    // Checked when the file was read.
    { disableChecks: true }
  )

const barsWithin = (
  series: BarSeries,
  from: Timestamp,
  until: Timestamp,
  memo: BarMemo
): ReadonlyArray<Bar> => {
  const bars: Array<Bar> = []
  const end = lowerBound(series.tsEvent, until + 1)
  for (let row = lowerBound(series.tsEvent, from + 1); row < end; row++) bars.push(memo(series, row))
  return bars
}

/** What adjusts a series as of `now`; raw series pass through as they are. */
const adjusterAt = Effect.fnUntraced(function* (
  reader: SourceReader,
  offer: Offer,
  adjustment: PriceAdjustment,
  until: Timestamp,
  now: Timestamp
): Effect.fn.Return<(series: BarSeries) => BarSeries, BarSourceError> {
  const actions = adjustment === "raw" ? [] : yield* reader.actions(offer)
  if (actions.length === 0) return (series) => series
  const native: Result.Result<Resolution, unknown> = resolutionFor(
    offer.listing.instrument.id,
    offer.listing.resolutions,
    "1d"
  )
  const days = Result.isFailure(native)
    ? []
    : yield* reader.bars(offer, native.success, "1d", {
        from: offer.listing.firstSession,
        to: exchangeDate(until)
      })
  const closeBefore = (at: Timestamp): number | undefined => {
    for (const part of days.toReversed()) {
      const row = lowerBound(part.tsOpen, at) - 1
      if (row >= 0) return part.close[row]
    }
    return undefined
  }
  const steps = adjustmentSteps(actions, closeBefore, adjustment, now)
  return (series) => adjusted(series, steps)
})

const ticksWithin = Effect.fnUntraced(function* (
  reader: SourceReader,
  offer: Offer,
  after: Timestamp,
  until: Timestamp
): Effect.fn.Return<ReadonlyArray<MarketTick>, BarSourceError> {
  const range = sessionsWithin(offer, after, until)
  if (Option.isNone(range)) return []
  const parts: Array<ReadonlyArray<MarketTick>> = []
  for (const day of sessionsBetween(range.value.from, range.value.to)) {
    // A session's last tick is at its close: one that closed by `after` or opens past `until` has none to give.
    if (day.close <= after || day.open > until) continue
    const ticks = yield* reader.ticks(offer, day)
    parts.push(day.open > after && day.close <= until ? ticks : cut(ticks, after, until))
  }
  return parts.length === 1 ? (parts[0] ?? []) : parts.flat()
})

const quoteAt = Effect.fnUntraced(function* (
  reader: SourceReader,
  offer: Offer,
  now: Timestamp
): Effect.fn.Return<QuoteTick, QuoteUnavailable | BarSourceError> {
  const { firstSession, gaps, instrument, lastSession } = offer.listing
  const unavailable = (why: string) =>
    new QuoteUnavailable({
      instrumentId: instrument.id,
      message: `${instrument.id} has no price at ${toExchangeTime(now)}: ${why}`
    })
  const span = `its history runs from ${firstSession} to ${lastSession}`
  const first = session(firstSession)
  if (Option.isNone(first) || now < first.value.open) return yield* unavailable(span)
  const last = latestSession(now)
  if (last.date > lastSession) return yield* unavailable(span)
  const tick = yield* lastTick(reader, offer, last, now)
  if (tick !== undefined) return quoteFromTick(tick, now)
  const gap = gaps.find((one) => last.date >= one.from && last.date <= one.to)
  return yield* unavailable(gap === undefined ? `its source has no bars of ${last.date}` : gap.reason)
})

/** The last tick of the session by `now`, or the close before when the session's first print is still to come. */
const lastTick = Effect.fnUntraced(function* (
  reader: SourceReader,
  offer: Offer,
  of: Session,
  now: Timestamp
): Effect.fn.Return<MarketTick | undefined, BarSourceError> {
  const ticks = yield* reader.ticks(offer, of)
  const shown = firstAfter(ticks, now)
  if (shown > 0) return ticks[shown - 1]
  if (ticks.length === 0 || of.date <= offer.listing.firstSession) return undefined
  return (yield* reader.ticks(offer, previousSession(of.date))).at(-1)
})
