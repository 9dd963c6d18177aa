import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Result, Schema } from "effect"
import type { Instrument } from "../../src/domain/Instrument.ts"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import type { Resolution } from "../../src/domain/Quote.ts"
import {
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  sessionDate,
  type Timestamp,
  timestamp
} from "../../src/domain/Timestamp.ts"
import type { CorporateAction, QuoteSeries } from "../../src/market/BarSeries.ts"
import type { BarSource } from "../../src/market/BarSource.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { BadRow, MarketData } from "../../src/market/MarketData.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { exchangeDate, type Session } from "../../src/market/TradingCalendar.ts"
import { dailyBars, equity, intradayBars, seriesOf, sessionsOf, type TestBar } from "./Fixtures.ts"

const june = sessionsOf("2004-06-07", "2004-06-18")
const [first] = june
const last = june.at(-1)
if (first === undefined || last === undefined) throw new Error("no sessions")
const noon = (session: Session): Timestamp => timestamp(session.open + 150 * MICROS_PER_MINUTE)

interface Made {
  readonly source: BarSource
  /** Which sessions were read, in order. */
  readonly reads: Array<string>
}

const sourceOf = (
  instrument: Instrument,
  bars: Partial<Record<Resolution, ReadonlyArray<TestBar>>>,
  more: {
    readonly actions?: ReadonlyArray<CorporateAction>
    readonly quotes?: QuoteSeries
    readonly skipped?: ReadonlyArray<BadRow>
    readonly name?: string
    readonly gaps?: BarSource["listings"][number]["gaps"]
  } = {}
): Made => {
  const resolutions = (["1m", "5m", "1h", "1d"] as const).filter(
    (resolution) => bars[resolution] !== undefined
  )
  const reads: Array<string> = []
  const source: BarSource = {
    name: more.name ?? `made ${instrument.symbol}`,
    listings: [
      {
        instrument,
        resolutions,
        firstSession: first.date,
        lastSession: last.date,
        gaps: more.gaps ?? [],
        quoteSource: more.quotes === undefined ? "csv-path" : "lean-path"
      }
    ],
    skipped: more.skipped ?? [],
    series: (_id, resolution, range) =>
      Effect.sync(() => {
        reads.push(`${resolution} ${range.from} ${range.to}`)
        const rows = (bars[resolution] ?? []).filter((bar) => {
          const date = exchangeDate(timestamp(bar.tsOpen))
          return date >= range.from && date <= range.to
        })
        return seriesOf(instrument, resolution, rows)
      }),
    quoteSeries: () => Effect.succeed(Option.fromUndefinedOr(more.quotes)),
    corporateActions: () => Effect.succeed(more.actions ?? [])
  }
  return { source, reads }
}

const AAA = equity("AAA")
const BBB = equity("BBB")
const days = dailyBars(june)
const minutes = intradayBars(june)

const market = (sources: ReadonlyArray<BarSource>, start: Timestamp = first.open) =>
  SourcedMarketData.layer({ sources, seed: "test" }).pipe(
    Layer.provideMerge(MarketClock.layerStepped({ start }))
  )

const daily = market([sourceOf(AAA, { "1d": days }).source])

const setTime = (at: Timestamp) => SteppedClock.use((clock) => clock.set(at))

describe("MarketData.instrument and search", () => {
  const both = market([
    sourceOf(AAA, { "1d": days }).source,
    sourceOf(equity("ABRA"), { "1d": days }).source,
    sourceOf(BBB, { "1d": days }).source
  ])

  it.effect("finds by symbol or id in any case, and names the nearest when there is none", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      expect((yield* data.instrument("aaa")).id).toBe("AAA.XNAS")
      expect((yield* data.instrument(" bbb.xnas ")).id).toBe("BBB.XNAS")
      const failure = yield* Effect.flip(data.instrument("AAB"))
      expect(failure.nearest).toEqual(["AAA", "BBB", "ABRA"])
      expect(failure.message).toContain('no instrument "AAB"')
      const quote = yield* Effect.flip(data.quote(instrumentId("NONE.XNAS")))
      expect(quote._tag).toBe("InstrumentNotFound")
    }).pipe(Effect.provide(both))
  )

  it.effect("searches by symbol before name, best first, no more than asked", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      const found = (query: string, limit = 10) => data.search(query, { limit }).map((one) => one.symbol)
      expect(found("a")).toEqual(["AAA", "ABRA"])
      expect(found("bra")).toEqual(["ABRA"])
      expect(found("bbb for")).toEqual(["BBB"])
      expect(found("for tests", 2)).toEqual(["AAA", "ABRA"])
      expect(found("nothing")).toEqual([])
    }).pipe(Effect.provide(both))
  )

  it.effect("refuses two sources for one symbol and says how to choose", () =>
    Effect.gen(function* () {
      const layer = market([
        sourceOf(AAA, { "1d": days }, { name: "one" }).source,
        sourceOf(AAA, { "1d": days }, { name: "two" }).source
      ])
      const failure = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
      expect(failure).toMatchObject({ _tag: "MarketSourceError", source: "two" })
      expect(failure.message).toContain("AAA comes from two sources, one and two: leave one of them out")
    })
  )

  it.effect("shows the rows its sources left out", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      expect(data.skipped.map((row) => row.row)).toEqual([7])
    }).pipe(
      Effect.provide(
        market([
          sourceOf(
            AAA,
            { "1d": days },
            { skipped: [new BadRow({ file: "a.csv", row: 7, problem: "high below low" })] }
          ).source
        ])
      )
    )
  )
})

describe("MarketData.quote", () => {
  it.effect("is the last tick by now; a modelled market shows it until the next, by the second", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      const open = yield* data.quote(AAA.id)
      expect(open).toMatchObject({
        last: days[0]?.open,
        tsEvent: first.open,
        tsInit: first.open,
        source: "csv-path",
        modelled: ["bid", "ask", "sizes"]
      })
      yield* setTime(timestamp(first.open + MICROS_PER_MINUTE - 2))
      const sooner = yield* data.quote(AAA.id)
      yield* setTime(timestamp(first.open + MICROS_PER_MINUTE - 1))
      const later = yield* data.quote(AAA.id)
      expect(later).toMatchObject({
        last: open.last,
        tsEvent: first.open + MICROS_PER_MINUTE - MICROS_PER_SECOND,
        tsInit: first.open + MICROS_PER_MINUTE - 1
      })
      expect(sooner.quoteId).toBe(later.quoteId)
      yield* setTime(timestamp(first.open + MICROS_PER_MINUTE))
      const next = yield* data.quote(AAA.id)
      expect(next.quoteId).not.toBe(open.quoteId)
      expect(next.quoteId).toMatch(/^q-[0-9a-f]{16}$/u)
      expect(next.modelled).toEqual(["bid", "ask", "sizes", "last"])
    }).pipe(Effect.provide(daily))
  )

  it.effect("is the closing quote between sessions, over a closure too", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      yield* setTime(timestamp(Date.parse("2004-06-14T13:29:59Z") * 1000))
      const thursday = june[3]
      expect(yield* data.quote(AAA.id)).toMatchObject({ last: days[3]?.close, tsEvent: thursday?.close })
    }).pipe(Effect.provide(daily))
  )

  it.effect("does not exist before the first session and after the last, and says so", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      expect((yield* Effect.flip(data.quote(AAA.id))).message).toBe(
        "AAA.XNAS has no price at 2004-06-07 09:29 EDT: its history runs from 2004-06-07 to 2004-06-18"
      )
      yield* setTime(timestamp(Date.parse("2004-06-21T13:29:00Z") * 1000))
      expect((yield* data.quote(AAA.id)).tsEvent).toBe(last.close)
      yield* setTime(timestamp(Date.parse("2004-06-21T13:30:00Z") * 1000))
      expect((yield* Effect.flip(data.quote(AAA.id)))._tag).toBe("QuoteUnavailable")
    }).pipe(
      Effect.provide(
        market([sourceOf(AAA, { "1d": days }).source], timestamp(first.open - MICROS_PER_MINUTE))
      )
    )
  )

  it.effect("does not exist in a gap, and gives the gap's reason", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      yield* setTime(noon(june[2] ?? first))
      expect((yield* Effect.flip(data.quote(AAA.id))).message).toContain(": listed elsewhere")
      yield* setTime(noon(june[3] ?? first))
      expect((yield* Effect.flip(data.quote(AAA.id))).message).toContain(
        ": its source has no bars of 2004-06-10"
      )
    }).pipe(
      Effect.provide(
        market([
          sourceOf(
            AAA,
            { "1d": days.toSpliced(2, 2) },
            {
              gaps: [
                { from: sessionDate("2004-06-09"), to: sessionDate("2004-06-09"), reason: "listed elsewhere" }
              ]
            }
          ).source
        ])
      )
    )
  )

  it.effect("is the close before while a session's first print is still to come", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      const second = june[1] ?? first
      yield* setTime(timestamp(second.open + MICROS_PER_MINUTE))
      expect((yield* data.quote(AAA.id)).tsEvent).toBe(first.close)
    }).pipe(
      Effect.provide(
        market([
          sourceOf(AAA, {
            "1m": minutes.filter(
              (bar) =>
                (bar.tsOpen - (june[1]?.open ?? 0)) / MICROS_PER_MINUTE < 0 ||
                bar.tsOpen >= (june[1]?.open ?? 0) + 3 * MICROS_PER_MINUTE
            )
          }).source
        ])
      )
    )
  )
})

describe("MarketData.bars", () => {
  const ask = (resolution: Resolution, from: Timestamp, until: Timestamp) =>
    MarketData.use((data) => data.bars({ instrumentId: AAA.id, resolution, from, until }))
  const start = timestamp(0)
  const end = timestamp(Number.MAX_SAFE_INTEGER)

  it.effect("shows a bar from its end on, never before", () =>
    Effect.gen(function* () {
      yield* setTime(timestamp(first.close - 1))
      expect(yield* ask("1d", start, end)).toEqual([])
      yield* setTime(first.close)
      expect((yield* ask("1d", start, end)).map((bar) => bar.tsEvent)).toEqual([first.close])
      yield* setTime(last.close)
      expect(yield* ask("1d", start, end)).toHaveLength(june.length)
    }).pipe(Effect.provide(daily))
  )

  it.effect("takes (from, until] by the bar's end", () =>
    Effect.gen(function* () {
      yield* setTime(last.close)
      const closes = june.map((session) => session.close)
      const between = yield* ask("1d", closes[2] ?? start, closes[5] ?? end)
      expect(between.map((bar) => bar.tsEvent)).toEqual(closes.slice(3, 6))
      expect(yield* ask("1d", closes[5] ?? start, closes[5] ?? end)).toEqual([])
    }).pipe(Effect.provide(daily))
  )

  it.effect(
    "makes coarser bars from minutes, session by session, and names the finest when asked for finer",
    () =>
      Effect.gen(function* () {
        yield* setTime(noon(june[1] ?? first))
        expect(yield* ask("1h", start, end)).toHaveLength(7 + 3)
        expect(yield* ask("1d", start, end)).toHaveLength(1)
        expect(yield* ask("5m", first.open, first.close)).toHaveLength(78)
        expect(yield* ask("1m", first.open, timestamp(first.open + 10 * MICROS_PER_MINUTE))).toHaveLength(10)
      }).pipe(Effect.provide(market([sourceOf(AAA, { "1m": minutes }).source])))
  )

  it.effect("refuses bars finer than the source's", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(ask("1m", start, end))).toMatchObject({
        _tag: "ResolutionUnavailable",
        finest: "1d"
      })
    }).pipe(Effect.provide(daily))
  )

  const actions: ReadonlyArray<CorporateAction> = [
    { _tag: "Split", date: sessionDate("2004-06-09"), numerator: 2, denominator: 1 },
    { _tag: "Dividend", date: sessionDate("2004-06-15"), amountPerShare: 1_000_000 }
  ]
  const withActions = market([sourceOf(AAA, { "1d": days }, { actions }).source])

  it.effect("adjusts for splits and dividends in force by now, not for those to come", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      const closes = (adjustment: "raw" | "split-adjusted" | "adjusted") =>
        Effect.map(
          data.bars({ instrumentId: AAA.id, resolution: "1d", from: start, until: end, adjustment }),
          (bars) => bars.map((bar) => bar.close)
        )
      const raw = days.map((bar) => bar.close)
      yield* setTime(june[1]?.close ?? end)
      expect(yield* closes("adjusted")).toEqual(raw.slice(0, 2))
      yield* setTime(june[2]?.close ?? end)
      const half = (close: number, i: number) => (i < 2 ? Math.round(close / 2) : close)
      expect(yield* closes("split-adjusted")).toEqual(raw.slice(0, 3).map(half))
      yield* setTime(last.close)
      expect(yield* closes("split-adjusted")).toEqual(raw.map(half))
      const before = june.findIndex((session) => session.date >= "2004-06-15")
      const factor = 1 - 1_000_000 / (raw[before - 1] ?? 1)
      expect(yield* closes("adjusted")).toEqual(
        raw.map((close, i) =>
          i < 2 ? Math.round(close * (0.5 * factor)) : i < before ? Math.round(close * factor) : close
        )
      )
      expect(yield* closes("raw")).toEqual(raw)
      const volumes = yield* data.bars({
        instrumentId: AAA.id,
        resolution: "1d",
        from: start,
        until: end,
        adjustment: "split-adjusted"
      })
      expect(volumes.slice(0, 3).map((bar) => bar.volume)).toEqual([
        (days[0]?.volume ?? 0) * 2,
        (days[1]?.volume ?? 0) * 2,
        days[2]?.volume
      ])
      expect(yield* data.corporateActions(AAA.id, sessionDate("2004-06-09"))).toEqual(actions.slice(0, 1))
      expect(yield* data.corporateActions(AAA.id, sessionDate("2004-06-10"))).toEqual([])
    }).pipe(Effect.provide(withActions))
  )
})

describe("MarketData.ticks", () => {
  const two = () => market([sourceOf(AAA, { "1d": days }).source, sourceOf(BBB, { "1m": minutes }).source])
  const ids = [AAA.id, BBB.id]
  const Cuts = Schema.Array(
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 12 * 1440 })))
  )

  it.effect.prop(
    "are the same whatever the pieces they are fetched in, in time order, ties in the order asked",
    [Cuts],
    ([cuts]) =>
      Effect.gen(function* () {
        const data = yield* MarketData
        yield* setTime(last.close)
        const ends = [
          ...cuts.map((minute) => timestamp(first.open + minute * MICROS_PER_MINUTE)),
          last.close
        ].toSorted((a, b) => a - b)
        const pieces: Array<unknown> = []
        let after = timestamp(first.open - 1)
        for (const until of ends) {
          pieces.push(...(yield* data.ticks({ instrumentIds: ids, after, until })))
          after = until
        }
        const whole = yield* data.ticks({
          instrumentIds: ids,
          after: timestamp(0),
          until: timestamp(Number.MAX_SAFE_INTEGER)
        })
        expect(pieces).toEqual(whole)
        expect(whole).toHaveLength(june.length * (391 + 1560))
        expect(
          whole.every(
            (tick, i) =>
              i === 0 ||
              tick.tsEvent > (whole[i - 1]?.tsEvent ?? 0) ||
              (whole[i - 1]?.instrumentId === AAA.id && tick.instrumentId === BBB.id)
          )
        ).toBe(true)
      }).pipe(Effect.provide(two())),
    { arbitrary: { runs: 10 } }
  )

  it.effect("come from the finest bars of each session", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      yield* setTime(last.close)
      const counts = yield* Effect.forEach(june.slice(0, 3), (session) =>
        Effect.map(
          data.ticks({ instrumentIds: [AAA.id], after: timestamp(session.open - 1), until: session.close }),
          (ticks) => ticks.length
        )
      )
      expect(counts).toEqual([391, 1560, 391])
    }).pipe(
      Effect.provide(
        market([
          sourceOf(AAA, {
            "1d": days,
            "1m": minutes.filter((bar) => exchangeDate(timestamp(bar.tsOpen)) === june[1]?.date)
          }).source
        ])
      )
    )
  )

  it.effect("are read from a source once a session, and a daily history once", () => {
    const made = sourceOf(AAA, { "1d": days })
    return Effect.gen(function* () {
      const data = yield* MarketData
      yield* setTime(last.close)
      for (const session of june) {
        yield* data.ticks({ instrumentIds: [AAA.id], after: session.open, until: session.close })
        yield* data.bars({ instrumentId: AAA.id, resolution: "1d", from: timestamp(0), until: session.close })
      }
      expect(made.reads).toEqual([`1d ${first.date} ${last.date}`])
    }).pipe(Effect.provide(market([made.source])))
  })
})

describe("MarketData and what lies ahead", () => {
  const Now = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 11 * 1440 })))
  const everything = (bars: Partial<Record<Resolution, ReadonlyArray<TestBar>>>, now: Timestamp) =>
    Effect.gen(function* () {
      const data = yield* MarketData
      yield* setTime(now)
      const range = { from: timestamp(0), until: timestamp(Number.MAX_SAFE_INTEGER) }
      return {
        quote: yield* Effect.result(data.quote(AAA.id)),
        days: yield* data.bars({ instrumentId: AAA.id, resolution: "1d", ...range }),
        hours: yield* Effect.result(data.bars({ instrumentId: AAA.id, resolution: "1h", ...range })),
        ticks: yield* data.ticks({ instrumentIds: [AAA.id], after: range.from, until: range.until })
      }
    }).pipe(Effect.provide(market([sourceOf(AAA, bars).source])))

  /** Bars that start after now, changed out of recognition; some are gone. */
  const perturbed = (bars: ReadonlyArray<TestBar>, now: Timestamp) =>
    bars
      .filter((bar, i) => bar.tsOpen <= now || i % 5 !== 0)
      .map((bar) =>
        bar.tsOpen <= now
          ? bar
          : { ...bar, open: 7, high: 900_000_000, low: 7, close: 900_000_000, volume: 1 }
      )

  it.effect.prop(
    "shows nothing of daily bars that start after now",
    [Now],
    ([minute]) =>
      Effect.gen(function* () {
        const now = timestamp(first.open + minute * MICROS_PER_MINUTE)
        const one = yield* everything({ "1d": days }, now)
        expect(yield* everything({ "1d": perturbed(days, now) }, now)).toEqual(one)
        expect(one.ticks.every((tick) => tick.tsEvent <= now)).toBe(true)
        expect(Result.isSuccess(one.quote)).toBe(true)
      }),
    { arbitrary: { runs: 15 } }
  )

  it.effect.prop(
    "shows nothing of minute bars that start after now, nor in the bars made of them",
    [Now],
    ([minute]) =>
      Effect.gen(function* () {
        const now = timestamp(first.open + minute * MICROS_PER_MINUTE + 1)
        // How a bar in progress is spread depends on whether it is its session's last: compare up to its start.
        const inProgress = minutes.findLast((bar) => bar.tsOpen <= now)
        const until = timestamp(
          inProgress === undefined || inProgress.tsEvent <= now ? now : inProgress.tsOpen
        )
        expect(yield* everything({ "1m": perturbed(minutes, now) }, until)).toEqual(
          yield* everything({ "1m": minutes }, until)
        )
      }),
    { arbitrary: { runs: 10 } }
  )
})
