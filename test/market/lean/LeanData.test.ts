/** The slice of real LEAN data: what is published about these prices, and how its own files agree with each other. */
import { NodeServices } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import type { Resolution } from "../../../src/domain/Quote.ts"
import { type SessionDate, sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import type { BarSeries, CorporateAction } from "../../../src/market/BarSeries.ts"
import { makeLeanFolder } from "../../../src/market/lean/LeanFolder.ts"
import { exchangeDate, session, sessionsBetween } from "../../../src/market/TradingCalendar.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"

const folder = Effect.cached(
  makeLeanFolder({ path: sharedPath("lean-data"), skipBadRows: false }).pipe(
    Effect.provide(NodeServices.layer)
  )
).pipe(Effect.runSync)

const listingOf = (symbol: string) =>
  Effect.map(folder, ({ listings }) => {
    const listing = listings.find(({ instrument }) => instrument.symbol === symbol)
    if (listing === undefined) throw new Error(`no ${symbol}`)
    return listing
  })

const bars = Effect.fnUntraced(function* (symbol: string, resolution: Resolution, from: string, to: string) {
  const source = yield* folder
  const { instrument } = yield* listingOf(symbol)
  return yield* source.series(instrument.id, resolution, { from: sessionDate(from), to: sessionDate(to) })
})

const actionsOf = Effect.fnUntraced(function* (symbol: string) {
  const source = yield* folder
  return yield* source.corporateActions((yield* listingOf(symbol)).instrument.id)
})

/** Dollars. */
const at = (column: Float64Array, index: number): number => (column.at(index) ?? Number.NaN) / 1e6

interface Day {
  readonly date: SessionDate
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

const byDay = (series: BarSeries): ReadonlyMap<SessionDate, Day> => {
  const days = new Map<SessionDate, Day>()
  for (let i = 0; i < series.length; i++) {
    const [open, high, low, close] = [
      at(series.open, i),
      at(series.high, i),
      at(series.low, i),
      at(series.close, i)
    ]
    const volume = series.volume[i] ?? 0
    const date = exchangeDate(timestamp(series.tsOpen[i] ?? 0))
    const day = days.get(date)
    days.set(
      date,
      day === undefined
        ? { date, open, high, low, close, volume }
        : {
            ...day,
            high: Math.max(day.high, high),
            low: Math.min(day.low, low),
            close,
            volume: day.volume + volume
          }
    )
  }
  return days
}

const paid = (actions: ReadonlyArray<CorporateAction>, from: string, to: string) =>
  actions.flatMap((action) =>
    action._tag === "Dividend" && action.date >= from && action.date <= to
      ? [[action.date, action.amountPerShare / 1e6]]
      : []
  )

describeWithShared("LEAN data", () => {
  it("the slice has five listings, at the exchanges their map files name", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const { listings, skipped } = yield* folder
        expect(skipped).toEqual([])
        expect(
          listings.map(({ instrument, resolutions }) => `${instrument.id} ${resolutions.join(" ")}`)
        ).toEqual(["AAPL.XNAS 1m 1h 1d", "GOOG.XNAS 1d", "IWM.ARCX 1d", "QQQ.XNAS 1d", "SPY.ARCX 1m 1h 1d"])
      })
    ))

  it("SPY has a daily bar of every session from 1998-01-02 to 2021-03-31", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const series = yield* bars("SPY", "1d", "1998-01-02", "2021-03-31")
        const sessions = sessionsBetween(sessionDate("1998-01-02"), sessionDate("2021-03-31"))
        expect(series.length).toBe(sessions.length)
        expect([...byDay(series).keys()]).toEqual(sessions.map(({ date }) => date))
        expect([at(series.close, 0), at(series.close, -1)]).toEqual([97.36, 396.33])
      })
    ))

  it("Apple closed at $645.57 on 2014-06-06 and, split seven for one, at $93.70 on 2014-06-09", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const series = yield* bars("AAPL", "1d", "2014-06-06", "2014-06-09")
        expect([at(series.close, 0), at(series.close, 1)]).toEqual([645.57, 93.7])
        const splits = (yield* actionsOf("AAPL")).filter((action) => action._tag === "Split")
        expect(splits).toEqual([
          { _tag: "Split", date: "2000-06-21", numerator: 2, denominator: 1 },
          { _tag: "Split", date: "2005-02-28", numerator: 2, denominator: 1 },
          { _tag: "Split", date: "2014-06-09", numerator: 7, denominator: 1 },
          { _tag: "Split", date: "2020-08-31", numerator: 4, denominator: 1 }
        ])
      })
    ))

  it("Apple's dividends are those it declared, to the cent", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        expect(paid(yield* actionsOf("AAPL"), "2012-01-01", "2015-12-31")).toEqual([
          ["2012-08-09", 2.65],
          ["2012-11-07", 2.65],
          ["2013-02-07", 2.65],
          ["2013-05-09", 3.05],
          ["2013-08-08", 3.05],
          ["2013-11-06", 3.05],
          ["2014-02-06", 3.05],
          ["2014-05-08", 3.29],
          ["2014-08-07", 0.47],
          ["2014-11-06", 0.47],
          ["2015-02-05", 0.47],
          ["2015-05-07", 0.52],
          ["2015-08-06", 0.52],
          ["2015-11-05", 0.52]
        ])
      })
    ))

  it("SPY pays four times a year, on its published ex-dates, within a cent of the published amounts", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const published = [
          ["2012-12-21", 1.02206],
          ["2013-03-15", 0.69372],
          ["2013-06-21", 0.83905],
          ["2013-09-20", 0.83811],
          ["2013-12-20", 0.98028]
        ] as const
        const dividends = paid(yield* actionsOf("SPY"), "2012-12-01", "2013-12-31")
        expect(dividends.map(([date]) => date)).toEqual(published.map(([date]) => date))
        for (const [index, [, amount]] of published.entries()) {
          expect(Math.abs(Number(dividends[index]?.[1]) - amount)).toBeLessThan(0.01)
        }
      })
    ))

  it("splits and dividends taken out of the closes give LEAN's own factors again", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const series = yield* bars("AAPL", "1d", "1998-01-02", "2021-03-31")
        const closes = new Map([...byDay(series).values()].map((day) => [day.date, day.close]))
        const dates = [...closes.keys()]
        let [price, split] = [1, 1]
        for (const action of (yield* actionsOf("AAPL")).toReversed()) {
          const before = closes.get(dates[dates.indexOf(action.date) - 1] ?? action.date) ?? Number.NaN
          if (action._tag === "Split") split *= action.denominator / action.numerator
          else price *= 1 - action.amountPerShare / 1e6 / before
        }
        // factor_files/aapl.csv, first row: 0.8613657, 0.00892857. It took reference prices of its own for a few dividends.
        expect(split).toBe(1 / 112)
        expect(price).toBeCloseTo(0.8613657, 5)
      })
    ))

  it("adjusted for the split, Apple's closes are continuous across it", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const series = yield* bars("AAPL", "1d", "2014-06-02", "2014-06-13")
        const closes = [...byDay(series).values()].map((day) =>
          day.date < "2014-06-09" ? day.close / 7 : day.close
        )
        for (let i = 1; i < closes.length; i++) {
          expect(Math.abs((closes[i] ?? 0) / (closes[i - 1] ?? 1) - 1)).toBeLessThan(0.03)
        }
      })
    ))

  it("GOOG begins with its own listing on 2014-04-03, whatever its ticker's file holds before", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const listing = yield* listingOf("GOOG")
        expect(listing.firstSession).toBe("2014-04-03")
        const series = yield* bars("GOOG", "1d", "2004-08-19", "2014-04-04")
        expect(series.length).toBe(2)
        expect(at(series.close, 0)).toBeCloseTo(569.74, 6)
      })
    ))

  it("QQQ lacks the years in which it was QQQQ, and says so", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const listing = yield* listingOf("QQQ")
        expect(listing.gaps).toEqual([
          {
            from: "2004-12-01",
            to: "2011-03-22",
            reason: "it was QQQQ from 2004-12-01 to 2011-03-22, of which the folder has no rows"
          }
        ])
      })
    ))

  it("SPY's minutes of 2013-10-07 to 11 make its daily bars: open, close and volume exactly, high and low to a cent", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const minutes = yield* bars("SPY", "1m", "2013-10-07", "2013-10-11")
        expect(minutes.length).toBe(5 * 390)
        const days = byDay(yield* bars("SPY", "1d", "2013-10-07", "2013-10-11"))
        for (const made of byDay(minutes).values()) {
          const day = days.get(made.date)
          expect([made.open, made.close, made.volume]).toEqual([day?.open, day?.close, day?.volume])
          expect(Math.abs(made.high - (day?.high ?? 0))).toBeLessThan(0.0101)
          expect(Math.abs(made.low - (day?.low ?? 0))).toBeLessThan(0.0101)
        }
      })
    ))

  it("hours make daily bars exactly, but for days up to 2008 that closed early or opened late: there the daily bar counts trades outside the session", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        for (const symbol of ["SPY", "AAPL"]) {
          const days = byDay(yield* bars(symbol, "1d", "1998-01-02", "2021-03-31"))
          const made = byDay(yield* bars(symbol, "1h", "1998-01-02", "2021-03-31"))
          expect(made.size).toBe(days.size)
          const different = [...days.values()].filter(
            (day) => JSON.stringify(day) !== JSON.stringify(made.get(day.date))
          )
          expect(different.length).toBe(23)
          for (const { date } of different) {
            expect(date < "2009-01-01").toBe(true)
            const unusual = date === "2002-09-11" || Option.getOrThrow(session(date)).earlyClose
            expect(unusual).toBe(true)
          }
        }
      })
    ))

  it("a minute quote's bid is at most its ask, around the minute's trades", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const source = yield* folder
        const { instrument } = yield* listingOf("SPY")
        const quotes = Option.getOrThrow(yield* source.quoteSeries(instrument.id, sessionDate("2013-10-07")))
        const trades = yield* bars("SPY", "1m", "2013-10-07", "2013-10-07")
        expect(quotes.length).toBe(390)
        expect([...quotes.tsOpen]).toEqual([...trades.tsOpen])
        for (let i = 0; i < quotes.length; i++) {
          const [bid, ask] = [at(quotes.close, i), at(quotes.askClose, i)]
          expect(bid).toBeLessThanOrEqual(ask)
          expect(ask - bid).toBeLessThan(0.1)
          expect(Math.abs(at(trades.close, i) - (bid + ask) / 2)).toBeLessThan(0.1)
        }
      })
    ))
})
