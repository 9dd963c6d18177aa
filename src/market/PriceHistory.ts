/**
 * The past of an instrument in answers of a bounded size: every bar where they
 * are few, else a summary, fewer bars that cover the same time, and the bars
 * themselves page by page.
 */
import { Effect, Option, Result, Schema } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Price } from "../domain/Money.ts"
import type { Bar, Resolution } from "../domain/Quote.ts"
import { type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { MarketClock } from "./MarketClock.ts"
import { MarketData, type PriceAdjustment } from "./MarketData.ts"
import type { Span } from "./Period.ts"
import { checkInstant, exchangeDate, sessionsBetween } from "./TradingCalendar.ts"

/** Bars in an answer; with more there is a summary, and pages of so many. */
export const MAX_BARS = 200
/** Bars that stand for all of them in a summary. */
export const MAX_SUMMARY_BARS = 50
/** Bars that one question may be about: a year of minutes, all there is of hours and days. */
export const MAX_COUNTED_BARS = 100_000

/** The period holds more bars of this resolution than are looked through at once. */
export class HistoryTooLong extends Schema.TaggedError<HistoryTooLong>()("HistoryTooLong", {
  sessions: Schema.Int,
  message: Schema.String
}) {}

/** Prices were adjusted for a split or dividend since the page before: the pages would not fit together. */
export class HistoryChanged extends Schema.TaggedError<HistoryChanged>()("HistoryChanged", {
  message: Schema.String
}) {}

export interface HistoryRequest {
  readonly instrumentId: InstrumentId
  readonly span: Pick<Span, "after" | "until">
  readonly resolution: Resolution
  readonly adjustment: PriceAdjustment
}

/** Bars of a regular session of six and a half hours. */
const barsASession: Readonly<Record<Resolution, number>> = { "1m": 390, "5m": 78, "1h": 7, "1d": 1 }

const sessionsOf = ({ after, until }: HistoryRequest["span"]) =>
  sessionsBetween(exchangeDate(after), exchangeDate(until))

/** Every bar of the span that has ended by market time, oldest first. */
export const readHistory = Effect.fn("PriceHistory.read")(function* (request: HistoryRequest) {
  const data = yield* MarketData
  const { adjustment, instrumentId, resolution, span } = request
  const listing = data.listings.find(({ instrument }) => instrument.id === instrumentId)
  const sessions = sessionsOf(span).filter(
    ({ date }) => listing !== undefined && date >= listing.firstSession && date <= listing.lastSession
  ).length
  if (sessions * barsASession[resolution] > MAX_COUNTED_BARS) {
    const most = Math.floor(MAX_COUNTED_BARS / barsASession[resolution])
    return yield* new HistoryTooLong({
      sessions,
      message: `the period has ${sessions} sessions, and at ${resolution} at most ${most} are looked through: ask for a shorter period or a coarser resolution`
    })
  }
  return yield* data.bars({ instrumentId, resolution, adjustment, from: span.after, until: span.until })
})

/** Where a page goes on, and as of when its prices were adjusted. */
export interface PagePosition {
  readonly after: Timestamp
  readonly until: Timestamp
  readonly asOf: Timestamp
}

export interface HistoryPage {
  readonly bars: ReadonlyArray<Bar>
  /** None after the last page. */
  readonly next: PagePosition | undefined
}

/** Fails when an action since `asOf` has changed the prices before it. */
const stillAdjusted = Effect.fnUntraced(function* (
  instrumentId: InstrumentId,
  asOf: Timestamp,
  now: Timestamp
) {
  const data = yield* MarketData
  const since = exchangeDate(asOf)
  for (const { date } of sessionsBetween(since, exchangeDate(now))) {
    if (date === since) continue
    const actions = yield* data.corporateActions(instrumentId, date)
    if (actions.length > 0) {
      return yield* new HistoryChanged({
        message: `${instrumentId} had a split or dividend on ${date}, which changed the adjusted prices before it since the first page: ask again without the cursor`
      })
    }
  }
})

/**
 * At most `most` bars from a position on. Bars finer than a day are read session
 * by session, so a page costs what it holds, not what is still to come.
 */
export const readPage = Effect.fn("PriceHistory.page")(function* (
  request: Omit<HistoryRequest, "span">,
  { after, asOf, until }: PagePosition,
  most: number
) {
  const data = yield* MarketData
  const now = yield* MarketClock.use((clock) => clock.now)
  const { adjustment, instrumentId, resolution } = request
  if (adjustment !== "raw") yield* stillAdjusted(instrumentId, asOf, now)
  const seen = timestamp(Math.min(until, now))
  const bars: Array<Bar> = []
  for (const [from, to] of resolution === "1d" ? [[after, seen] as const] : stretches(after, seen)) {
    bars.push(...(yield* data.bars({ instrumentId, resolution, adjustment, from, until: to })))
    if (bars.length > most) break
  }
  const page = bars.slice(0, most)
  const last = page.at(-1)
  const result: HistoryPage = {
    bars: page,
    next: last !== undefined && bars.length > most ? { after: last.tsEvent, until, asOf } : undefined
  }
  return result
})

/** (after, until] session by session. */
const stretches = (after: Timestamp, until: Timestamp): ReadonlyArray<readonly [Timestamp, Timestamp]> =>
  sessionsOf({ after, until }).flatMap(({ close, open }) =>
    close <= after || open >= until
      ? []
      : [[timestamp(Math.max(after, open)), timestamp(Math.min(close, until))] as const]
  )

export interface Extreme {
  readonly price: Price
  /** Of the first bar that reached it. */
  readonly bar: Bar
}

/** What many bars come to. */
export interface HistorySummary {
  readonly count: number
  readonly first: Bar
  readonly last: Bar
  readonly high: Extreme
  readonly low: Extreme
  /** Whole shares. */
  readonly totalVolume: number
  /** Last close over first open, less one; none when the first open is zero. */
  readonly return: number | undefined
}

/** None without a bar. */
export const summarise = (bars: ReadonlyArray<Bar>): HistorySummary | undefined => {
  const [first] = bars
  const last = bars.at(-1)
  if (first === undefined || last === undefined) return undefined
  let [highest, lowest] = [first, first]
  let totalVolume = 0
  for (const bar of bars) {
    if (bar.high > highest.high) highest = bar
    if (bar.low < lowest.low) lowest = bar
    totalVolume += bar.volume
  }
  return {
    count: bars.length,
    first,
    last,
    high: { price: highest.high, bar: highest },
    low: { price: lowest.low, bar: lowest },
    totalVolume,
    return: first.open > 0 ? last.close / first.open - 1 : undefined
  }
}

/** A bar of neighbouring bars: their first open, highest high, lowest low, last close and whole volume. */
export interface JoinedBar extends Pick<
  Bar,
  "open" | "high" | "low" | "close" | "volume" | "tsOpen" | "tsEvent"
> {
  readonly joined: number
}

/**
 * The same time in at most `most` bars, each of the same number of neighbours
 * (the last may have fewer). No extreme is lost.
 */
export const joinBars = (bars: ReadonlyArray<Bar>, most: number): ReadonlyArray<JoinedBar> => {
  const each = Math.ceil(bars.length / most)
  const joined: Array<JoinedBar> = []
  for (let from = 0; from < bars.length; from += each) {
    const part = summarise(bars.slice(from, from + each))
    if (part === undefined) continue
    joined.push({
      open: part.first.open,
      high: part.high.price,
      low: part.low.price,
      close: part.last.close,
      volume: part.totalVolume,
      tsOpen: part.first.tsOpen,
      tsEvent: part.last.tsEvent,
      joined: part.count
    })
  }
  return joined
}

/** How many sessions of the exchange a span touches. */
export const sessionCount = (span: HistoryRequest["span"]): number => sessionsOf(span).length

/** A position as text that can be given out and read back. */
export const positionText = ({ after, asOf, until }: PagePosition): string => `${after}.${until}.${asOf}`

/** None for a text that is no position within the calendar. */
export const positionOf = (text: string): Option.Option<PagePosition> => {
  if (!/^\d{1,16}\.\d{1,16}\.\d{1,16}$/u.test(text)) return Option.none()
  const instants = Option.all(
    text.split(".").map((part) => Result.getSuccess(checkInstant(timestamp(Number(part)))))
  )
  return Option.flatMap(instants, ([after, until, asOf]) =>
    after === undefined || until === undefined || asOf === undefined
      ? Option.none()
      : Option.some({ after, until, asOf })
  )
}
