/** Keeps a strategy's feed up with the market clock: warm-up, bars, splits. */
import { Effect } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import type { Bar, Resolution } from "../domain/Quote.ts"
import { type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { MarketData } from "../market/MarketData.ts"
import { type Session, sessionsBetween } from "../market/TradingCalendar.ts"
import type { Feed } from "./Feed.ts"

/** Bars a full session has of each resolution, at least. */
const barsASession: Readonly<Record<Resolution, number>> = { "1m": 390, "5m": 78, "1h": 7, "1d": 1 }

/** Sessions beyond those that should do, for early closes and missing bars; doubled as often as needed. */
const SPARE = 5

export interface SessionFeedOptions {
  readonly feed: Feed
  readonly instruments: ReadonlyArray<Instrument>
  readonly resolution: Resolution
  /** Those of the run. */
  readonly sessions: ReadonlyArray<Session>
}

const timeBefore = (at: number): Timestamp => timestamp(at - 1)

/** Takes up what has ended; `upTo` takes instants in order. */
export const make = Effect.fnUntraced(function* (options: SessionFeedOptions) {
  const { feed, instruments, resolution, sessions } = options
  const data = yield* MarketData
  const [first] = sessions
  const begin = timeBefore(first?.open ?? 1)

  /** Sessions before the run's first that an instrument of it has data of, oldest first. */
  const earlier = (): ReadonlyArray<Session> => {
    if (first === undefined || feed.warmUp === 0) return []
    const ids = new Set(instruments.map(({ id }) => id))
    const begins = data.listings
      .filter(({ instrument }) => ids.has(instrument.id))
      .map(({ firstSession }) => firstSession)
      .toSorted()
    const [earliest = first.date] = begins
    return sessionsBetween(earliest, first.date).filter(({ date }) => date < first.date)
  }

  const barsBefore = (from: Timestamp) =>
    Effect.forEach(instruments, ({ id }) => data.bars({ instrumentId: id, resolution, from, until: begin }))

  /** The last bars before the run that the warm-up takes, instrument by instrument, and the sessions they lie in. */
  const warmUp = Effect.gen(function* () {
    const all = earlier()
    let count = Math.ceil(feed.warmUp / barsASession[resolution]) + SPARE
    while (all.length > 0) {
      const span = all.slice(-count)
      const bars = yield* barsBefore(timeBefore(span[0]?.open ?? 1))
      if (span.length === all.length || bars.every((some) => some.length >= feed.warmUp)) {
        return { span, bars: bars.map((some) => some.slice(-feed.warmUp)) }
      }
      count *= 2
    }
    return { span: all, bars: instruments.map((): ReadonlyArray<Bar> => []) }
  })

  let known: Timestamp = begin
  /** Of the sessions below, those whose splits have been taken out. */
  let opened = 0
  let calendar: ReadonlyArray<Session> = sessions

  /** Bars of each instrument with the splits of the sessions that open by `until`. */
  const take = Effect.fnUntraced(function* (bars: ReadonlyArray<ReadonlyArray<Bar>>, until: Timestamp) {
    const before = opened
    while ((calendar[opened]?.open ?? Number.POSITIVE_INFINITY) <= until) opened += 1
    for (const [i, { id }] of instruments.entries()) {
      const some = bars[i] ?? []
      let next = 0
      for (const session of calendar.slice(before, opened)) {
        for (; (some[next]?.tsEvent ?? Number.POSITIVE_INFINITY) <= session.open; next++)
          append(id, some[next])
        for (const action of yield* data.corporateActions(id, session.date)) {
          if (action._tag === "Split") feed.split(id, action.numerator, action.denominator)
        }
      }
      for (; next < some.length; next++) append(id, some[next])
    }
  })

  const append = (id: Instrument["id"], bar: Bar | undefined): void => {
    if (bar !== undefined) feed.append(id, bar)
  }

  let isBegun = false
  const warm = Effect.suspend(() => {
    if (isBegun) return Effect.void
    isBegun = true
    return Effect.flatMap(warmUp, ({ bars, span }) => {
      calendar = [...span, ...sessions]
      return take(bars, begin)
    })
  })

  /** Takes up the bars that have ended by `until`, and the splits in force. */
  const upTo = Effect.fnUntraced(function* (until: Timestamp) {
    yield* warm
    if (until <= known) return
    const bars = yield* Effect.forEach(instruments, ({ id }) =>
      data.bars({ instrumentId: id, resolution, from: known, until })
    )
    yield* take(bars, until)
    known = until
  })

  return { upTo }
})
