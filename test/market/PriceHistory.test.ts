import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { price, pricePerShare } from "../../src/domain/Money.ts"
import type { Bar, Resolution } from "../../src/domain/Quote.ts"
import { MICROS_PER_MINUTE, sessionDate, type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import type { CorporateAction } from "../../src/market/BarSeries.ts"
import type { BarSource } from "../../src/market/BarSource.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import type { PriceAdjustment } from "../../src/market/MarketData.ts"
import { parsePeriod, spanAt } from "../../src/market/Period.ts"
import {
  joinBars,
  type PagePosition,
  positionOf,
  positionText,
  readHistory,
  readPage,
  summarise
} from "../../src/market/PriceHistory.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { exchangeDate } from "../../src/market/TradingCalendar.ts"
import { dailyBars, equity, intradayBars, seriesOf, sessionsOf, type TestBar } from "./Fixtures.ts"

const AAA = equity("AAA")
const year = sessionsOf("2004-01-02", "2004-12-31")
const [opening] = year
const closing = year.at(-1)
if (opening === undefined || closing === undefined) throw new Error("no sessions")
const june = sessionsOf("2004-06-07", "2004-06-18")

const sourceOf = (
  bars: Partial<Record<Resolution, ReadonlyArray<TestBar>>>,
  actions: ReadonlyArray<CorporateAction> = [],
  firstSession = opening.date
): BarSource => ({
  name: "made",
  listings: [
    {
      instrument: AAA,
      resolutions: (["1m", "5m", "1h", "1d"] as const).filter((resolution) => bars[resolution] !== undefined),
      firstSession,
      lastSession: closing.date,
      gaps: [],
      quoteSource: "csv-path"
    }
  ],
  skipped: [],
  series: (_id, resolution, range) =>
    Effect.sync(() =>
      seriesOf(
        AAA,
        resolution,
        (bars[resolution] ?? []).filter((bar) => {
          const date = exchangeDate(timestamp(bar.tsOpen))
          return date >= range.from && date <= range.to
        })
      )
    ),
  quoteSeries: () => Effect.succeed(Option.none()),
  corporateActions: () => Effect.succeed(actions)
})

const market = (source: BarSource, start: Timestamp) =>
  SourcedMarketData.layer({ sources: [source], seed: "test" }).pipe(
    Layer.provideMerge(MarketClock.layerStepped({ start }))
  )

const daily = sourceOf({ "1d": dailyBars(year) })
const minutes = sourceOf({ "1m": intradayBars(june) })
const setTime = (at: Timestamp) => SteppedClock.use((clock) => clock.set(at))

const spanOf = (period: string) =>
  Effect.gen(function* () {
    const now = yield* MarketClock.use((clock) => clock.now)
    const parsed = yield* Effect.fromResult(parsePeriod(period, exchangeDate(now)))
    return yield* Effect.fromResult(spanAt(parsed, now))
  })

const read = (period: string, resolution: Resolution = "1d", adjustment: PriceAdjustment = "adjusted") =>
  Effect.gen(function* () {
    const span = yield* spanOf(period)
    return yield* readHistory({ instrumentId: AAA.id, span, resolution, adjustment })
  })

const ends = (bars: ReadonlyArray<Bar>) => bars.map((bar) => exchangeDate(bar.tsEvent))

describe("the past of an instrument", () => {
  it.effect("holds the sessions of the period's dates, both ends included", () =>
    Effect.gen(function* () {
      expect(ends(yield* read("2004-06-07..2004-06-10"))).toEqual([
        "2004-06-07",
        "2004-06-08",
        "2004-06-09",
        "2004-06-10"
      ])
      // The eleventh was a day of mourning.
      expect(yield* read("2004-06-11..2004-06-13")).toEqual([])
      expect((yield* read("2004-01-01..2004-12-31")).length).toBe(year.length)
    }).pipe(Effect.provide(market(daily, closing.close)))
  )

  it.effect("ends with market time: a session that has not closed has no bar, nor has what comes after", () =>
    Effect.gen(function* () {
      expect(ends(yield* read("5d")).at(-1)).toBe("2004-06-09")
      expect(ends(yield* read("2004-06-08..2004-12-31"))).toEqual(["2004-06-08", "2004-06-09"])
      const failure = yield* Effect.flip(read("2004-06-11..2004-12-31"))
      expect(failure).toMatchObject({ _tag: "PeriodAhead", until: "2004-06-10" })
      yield* setTime(june[3]?.close ?? closing.close)
      expect(ends(yield* read("5d")).at(-1)).toBe("2004-06-10")
    }).pipe(Effect.provide(market(daily, timestamp((june[3]?.close ?? 0) - 1))))
  )

  it.effect("is made coarser than its source has it, and never finer", () =>
    Effect.gen(function* () {
      const counts = yield* Effect.forEach(["1m", "5m", "1h", "1d"] as const, (resolution) =>
        Effect.map(read("2004-06-07", resolution), (bars) => bars.length)
      )
      expect(counts).toEqual([390, 78, 7, 1])
    }).pipe(Effect.provide(market(minutes, closing.close)))
  )

  it.effect("that is too fine names the finest there is", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(read("5d", "1h"))
      expect(failure).toMatchObject({ _tag: "ResolutionUnavailable", finest: "1d", requested: "1h" })
    }).pipe(Effect.provide(market(daily, closing.close)))
  )

  it.effect("counts only sessions that the instrument has prices for", () =>
    Effect.map(read("max", "1m"), (bars) => expect(bars.length).toBe(june.length * 390)).pipe(
      Effect.provide(market(minutes, closing.close))
    )
  )

  it.effect("of more bars than are looked through says how long it may be", () =>
    Effect.gen(function* () {
      yield* setTime(closing.close)
      const failure = yield* Effect.flip(read("2y", "1m"))
      expect(failure._tag).toBe("HistoryTooLong")
      expect(failure.message).toContain("at 1m at most 256 are looked through")
      expect((yield* read("2y", "5m")).length).toBe(june.length * 78)
    }).pipe(
      Effect.provide(
        market(sourceOf({ "1m": intradayBars(june) }, [], sessionDate("2003-01-02")), closing.close)
      )
    )
  )
})

/** All pages of a period, one after the other. */
const paged = (period: string, resolution: Resolution, most: number) =>
  Effect.gen(function* () {
    const { after, until } = yield* spanOf(period)
    const asOf = yield* MarketClock.use((clock) => clock.now)
    const pages: Array<ReadonlyArray<Bar>> = []
    let next: PagePosition | undefined = { after, until, asOf }
    while (next !== undefined) {
      const page: Effect.Success<ReturnType<typeof readPage>> = yield* readPage(
        { instrumentId: AAA.id, resolution, adjustment: "adjusted" },
        next,
        most
      )
      pages.push(page.bars)
      next = page.next
    }
    return pages
  })

describe("pages", () => {
  it.effect("hold every bar once, in order, whatever their size", () =>
    Effect.gen(function* () {
      const whole = yield* read("1y")
      for (const most of [1, 7, 200, whole.length, 1000]) {
        const pages = yield* paged("1y", "1d", most)
        expect(pages.flat()).toEqual(whole)
        expect(pages.length).toBe(Math.ceil(whole.length / most))
      }
    }).pipe(Effect.provide(market(daily, closing.close)))
  )

  it.effect("of intraday bars cross sessions and closed days", () =>
    Effect.gen(function* () {
      const whole = yield* read("2004-06-01..2004-06-30", "5m")
      const pages = yield* paged("2004-06-01..2004-06-30", "5m", 100)
      expect(pages.flat()).toEqual(whole)
      expect(pages.length).toBe(Math.ceil(whole.length / 100))
    }).pipe(Effect.provide(market(minutes, closing.close)))
  )

  it.effect("end where the first one was asked, however far the market has gone on", () =>
    Effect.gen(function* () {
      const first = june[2]?.close ?? closing.close
      const position = { after: timestamp(opening.open - 1), until: first, asOf: first }
      yield* setTime(closing.close)
      const request = { instrumentId: AAA.id, resolution: "1d", adjustment: "adjusted" } as const
      const page = yield* readPage(request, position, 1000)
      expect(page.bars.at(-1)?.tsEvent).toBe(first)
    }).pipe(Effect.provide(market(daily, june[2]?.close ?? closing.close)))
  )

  it.effect("show nothing later than market time, whatever a position says", () =>
    Effect.gen(function* () {
      const now = yield* MarketClock.use((clock) => clock.now)
      const forged = { after: timestamp(opening.open - 1), until: closing.close, asOf: closing.close }
      const request = { instrumentId: AAA.id, resolution: "1d", adjustment: "adjusted" } as const
      const { bars } = yield* readPage(request, forged, 1000)
      expect(bars.length).toBeGreaterThan(50)
      expect(Math.max(...bars.map((bar) => bar.tsEvent))).toBeLessThanOrEqual(now)
    }).pipe(Effect.provide(market(daily, june[2]?.open ?? closing.close)))
  )

  it.effect("are refused when a split since the first has changed the prices before it", () => {
    const split: CorporateAction = {
      _tag: "Split",
      date: sessionDate("2004-06-09"),
      numerator: 2,
      denominator: 1
    }
    const asOf = timestamp((june[1]?.close ?? 0) + MICROS_PER_MINUTE)
    const position = { after: timestamp(opening.open - 1), until: asOf, asOf }
    const request = { instrumentId: AAA.id, resolution: "1d" } as const
    return Effect.gen(function* () {
      const before = yield* readPage({ ...request, adjustment: "adjusted" }, position, 5)
      expect(before.next).toBeDefined()
      yield* setTime(june[3]?.open ?? closing.open)
      const failure = yield* Effect.flip(readPage({ ...request, adjustment: "adjusted" }, position, 5))
      expect(failure._tag).toBe("HistoryChanged")
      expect(failure.message).toContain("2004-06-09")
      const raw = yield* readPage({ ...request, adjustment: "raw" }, position, 5)
      expect(raw.bars.length).toBe(5)
    }).pipe(Effect.provide(market(sourceOf({ "1d": dailyBars(year) }, [split]), asOf)))
  })
})

describe("a position", () => {
  it("reads back what was given out, and nothing else", () => {
    const position = { after: opening.open, until: closing.close, asOf: closing.close }
    expect(positionOf(positionText(position))).toEqual(Option.some(position))
    for (const text of ["", "1.2", "1.2.3", "a.b.c", `${"9".repeat(16)}.1.1`, "-1.-1.-1", "1e3.1.1"]) {
      expect(positionOf(text)).toEqual(Option.none())
    }
  })
})

describe("a summary", () => {
  it.effect("has the first open, the last close, the extremes with their bars, and the whole volume", () =>
    Effect.gen(function* () {
      const bars = yield* read("1y")
      const summary = summarise(bars)
      expect(summary?.count).toBe(bars.length)
      expect(summary?.high.price).toBe(Math.max(...bars.map(({ high }) => high)))
      expect(summary?.high.bar.high).toBe(summary?.high.price)
      expect(summary?.low.price).toBe(Math.min(...bars.map(({ low }) => low)))
      expect(summary?.totalVolume).toBe(bars.reduce((sum, { volume }) => sum + volume, 0))
      expect(summary?.return).toBe((bars.at(-1)?.close ?? 0) / (bars[0]?.open ?? 0) - 1)
      expect(summarise([])).toBeUndefined()
    }).pipe(Effect.provide(market(daily, closing.close)))
  )

  it.effect("in fewer bars loses no extreme, no volume and no time", () =>
    Effect.gen(function* () {
      const bars = yield* read("1y")
      for (const most of [1, 7, 50, 1000]) {
        const joined = joinBars(bars, most)
        expect(joined.length).toBeLessThanOrEqual(most)
        expect(joined.reduce((sum, bar) => sum + bar.joined, 0)).toBe(bars.length)
        expect(Math.max(...joined.map(({ high }) => high))).toBe(summarise(bars)?.high.price)
        expect(Math.min(...joined.map(({ low }) => low))).toBe(summarise(bars)?.low.price)
        expect(joined.reduce((sum, { volume }) => sum + volume, 0)).toBe(summarise(bars)?.totalVolume)
        expect(joined[0]).toMatchObject({ open: bars[0]?.open, tsOpen: bars[0]?.tsOpen })
        expect(joined.at(-1)).toMatchObject({ close: bars.at(-1)?.close, tsEvent: bars.at(-1)?.tsEvent })
      }
      expect(joinBars([], 50)).toEqual([])
    }).pipe(Effect.provide(market(daily, closing.close)))
  )

  it.effect("has no return from a first price of zero", () =>
    Effect.gen(function* () {
      const [bar] = yield* read("2004-06-07")
      if (bar === undefined) throw new Error("no bar")
      const summary = summarise([{ ...bar, open: price(0), close: pricePerShare(1) }])
      expect(summary?.return).toBeUndefined()
    }).pipe(Effect.provide(market(daily, closing.close)))
  )
})
