/**
 * Bars and ticks of the sources by session, each read once and kept while it
 * is of use: whole histories of daily and hourly bars, the sessions last used
 * of finer ones and of ticks. Knows nothing of market time.
 */
import { Effect, Option } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Resolution } from "../domain/Quote.ts"
import type { BarSeries, CorporateAction } from "./BarSeries.ts"
import type { BarSourceError, SessionRange } from "./BarSource.ts"
import { boundedCache } from "./BoundedCache.ts"
import type { Offer } from "./InstrumentIndex.ts"
import type { MarketTick } from "./MarketTick.ts"
import { rowsOfSession, sessionTicks } from "./PricePath.ts"
import { aggregate } from "./Resolution.ts"
import { type Session, sessionsBetween } from "./TradingCalendar.ts"

/** Whole histories kept: 20 years of days are 300 kB, of hours 2 MB. */
const HISTORIES = 256
/** Sessions of minute bars kept (30 kB each), and of bars made of them. */
const SESSIONS = 64
const AGGREGATED_SESSIONS = 4096
/** Sessions of ticks kept: making one anew takes less than a millisecond, keeping many costs the collector more. */
const TICK_SESSIONS = 8

export interface SourceReader {
  /** The bars of these sessions (more, where the whole history is kept), in order, at a resolution made of `native`. */
  readonly bars: (
    offer: Offer,
    native: Resolution,
    resolution: Resolution,
    range: SessionRange
  ) => Effect.Effect<ReadonlyArray<BarSeries>, BarSourceError>
  /** Every tick of a session, from the finest bars there are; none when the source has no bars for it. */
  readonly ticks: (offer: Offer, session: Session) => Effect.Effect<ReadonlyArray<MarketTick>, BarSourceError>
  readonly actions: (offer: Offer) => Effect.Effect<ReadonlyArray<CorporateAction>, BarSourceError>
}

const isKeptWhole = (resolution: Resolution): boolean => resolution === "1d" || resolution === "1h"

const idOf = (offer: Offer): InstrumentId => offer.listing.instrument.id

/** Looks in the cache first; a failure is not kept. */
const cachedIn = <V, E>(
  cache: ReturnType<typeof boundedCache<string, V>>,
  key: string,
  read: () => Effect.Effect<V, E>
): Effect.Effect<V, E> =>
  Effect.suspend(() => {
    const found = cache.get(key)
    if (found !== undefined) return Effect.succeed(found)
    return Effect.tap(read(), (value) => Effect.sync(() => cache.set(key, value)))
  })

export const makeReader = (seed: string): SourceReader => {
  const histories = boundedCache<string, BarSeries>(HISTORIES)
  const sessions = boundedCache<string, BarSeries>(SESSIONS)
  const aggregated = boundedCache<string, BarSeries>(AGGREGATED_SESSIONS)
  const pathTicks = boundedCache<string, ReadonlyArray<MarketTick>>(TICK_SESSIONS)
  const actionsById = boundedCache<string, ReadonlyArray<CorporateAction>>(HISTORIES)

  const history = (
    offer: Offer,
    native: Resolution,
    resolution: Resolution
  ): Effect.Effect<BarSeries, BarSourceError> =>
    cachedIn(histories, `${idOf(offer)}|${resolution}`, () =>
      native === resolution
        ? offer.source.series(idOf(offer), native, {
            from: offer.listing.firstSession,
            to: offer.listing.lastSession
          })
        : Effect.map(history(offer, native, native), (bars) => aggregate(bars, resolution))
    )

  const ofSession = (
    offer: Offer,
    native: Resolution,
    session: Session
  ): Effect.Effect<BarSeries, BarSourceError> =>
    cachedIn(sessions, `${idOf(offer)}|${native}|${session.date}`, () =>
      offer.source.series(idOf(offer), native, { from: session.date, to: session.date })
    )

  const bars: SourceReader["bars"] = (offer, native, resolution, range) => {
    if (isKeptWhole(native)) return Effect.map(history(offer, native, resolution), (series) => [series])
    const days = sessionsBetween(range.from, range.to)
    return Effect.forEach(days, (session) =>
      native === resolution
        ? ofSession(offer, native, session)
        : cachedIn(aggregated, `${idOf(offer)}|${resolution}|${session.date}`, () =>
            Effect.map(ofSession(offer, native, session), (series) => aggregate(series, resolution))
          )
    )
  }

  const readTicks = Effect.fnUntraced(function* (
    offer: Offer,
    session: Session
  ): Effect.fn.Return<ReadonlyArray<MarketTick>, BarSourceError> {
    for (const native of offer.listing.resolutions) {
      const series = isKeptWhole(native)
        ? yield* history(offer, native, native)
        : yield* ofSession(offer, native, session)
      const { from, until } = rowsOfSession(series, session)
      if (from === until) continue
      const quotes =
        native === "1m" ? yield* offer.source.quoteSeries(idOf(offer), session.date) : Option.none()
      const source = offer.listing.quoteSource
      return sessionTicks({
        seed,
        session,
        bars: series,
        from,
        until,
        source,
        ...(Option.isSome(quotes) ? { quotes: quotes.value } : {})
      })
    }
    return []
  })

  return {
    bars,
    ticks: (offer, session) =>
      cachedIn(pathTicks, `${idOf(offer)}|${session.date}`, () => readTicks(offer, session)),
    actions: (offer) => cachedIn(actionsById, idOf(offer), () => offer.source.corporateActions(idOf(offer)))
  }
}
