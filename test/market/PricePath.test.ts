import { describe, expect, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import { MICROS } from "../../src/domain/Money.ts"
import { MICROS_PER_MINUTE, sessionDate } from "../../src/domain/Timestamp.ts"
import type { QuoteSeries } from "../../src/market/BarSeries.ts"
import type { MarketTick } from "../../src/market/MarketTick.ts"
import {
  drawExtremes,
  drawSession,
  lowerBound,
  rowsOfSession,
  SessionPath,
  sessionTicks
} from "../../src/market/PricePath.ts"
import { type Session, session } from "../../src/market/TradingCalendar.ts"
import { dailyBars, equity, intradayBars, seriesOf, sessionsOf, type TestBar } from "./Fixtures.ts"

const instrument = equity("PATH")
const day = (date: string): Session => Option.getOrThrow(session(sessionDate(date)))
const full = day("2004-06-10")
const short = day("2004-11-26")

const daily = (bar: Omit<TestBar, "tsOpen" | "tsEvent">, of: Session, seed = "seed") =>
  sessionTicks({
    seed,
    session: of,
    bars: seriesOf(instrument, "1d", [{ tsOpen: of.open, tsEvent: of.close, ...bar }]),
    from: 0,
    until: 1,
    source: "replay-path"
  })

/** A price range with open and close in it, and a volume. */
const AnyBar = Schema.Struct({
  low: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 5_000_000_000 }))),
  range: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 500_000_000 }))),
  open: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))),
  close: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))),
  volume: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 30_000_000_000 }))),
  seed: Schema.Int,
  isShort: Schema.Boolean
})

const barOf = (any: typeof AnyBar.Type) => ({
  open: any.low + Math.floor((any.range * any.open) / 1000),
  high: any.low + any.range,
  low: any.low,
  close: any.low + Math.floor((any.range * any.close) / 1000),
  volume: any.volume
})

const lasts = (ticks: ReadonlyArray<MarketTick>): ReadonlyArray<number> => ticks.map((tick) => tick.last)

describe("the path inside a daily bar", () => {
  it.prop(
    "starts at the open, touches exactly high and low, never leaves them, ends at the close, on every minute",
    [AnyBar],
    ([any]) => {
      const of = any.isShort ? short : full
      const bar = barOf(any)
      const ticks = daily(bar, of, String(any.seed))
      expect(ticks.map((tick) => tick.tsEvent)).toEqual(
        Array.from({ length: any.isShort ? 211 : 391 }, (_, k) => of.open + k * MICROS_PER_MINUTE)
      )
      expect([ticks[0]?.last, ticks.at(-1)?.last]).toEqual([bar.open, bar.close])
      expect([Math.max(...lasts(ticks)), Math.min(...lasts(ticks))]).toEqual([bar.high, bar.low])
      expect(ticks.every((tick) => Number.isSafeInteger(tick.last))).toBe(true)
      expect([ticks[0]?.phase, ticks.at(-1)?.phase]).toEqual(["OPEN", "CLOSE"])
      expect(ticks.slice(1, -1).every((tick) => tick.phase === "CONTINUOUS")).toBe(true)
    }
  )

  it.prop("trades exactly the bar's volume", [AnyBar], ([any]) => {
    const ticks = daily(barOf(any), full)
    expect(ticks.every((tick) => tick.volume >= 0 && tick.volume % MICROS === 0)).toBe(true)
    expect(ticks.reduce((sum, tick) => sum + tick.volume / MICROS, 0)).toBe(any.volume)
  })

  it.prop(
    "quotes a positive bid below the last price and an ask above it, at least a cent or a basis point away",
    [AnyBar],
    ([any]) => {
      const halfSpread = (tick: MarketTick) => Math.max(10_000, Math.round(tick.last / 10_000))
      const wrong = daily(barOf(any), full).filter(
        (tick) =>
          tick.ask !== tick.last + halfSpread(tick) ||
          tick.bid !== Math.max(1, tick.last - halfSpread(tick)) ||
          tick.bidSize < 100 * MICROS ||
          tick.askSize !== tick.bidSize
      )
      expect(wrong).toEqual([])
    }
  )

  it.prop(
    "tells nothing of the close before its second extreme: with another close everything until then is the same",
    [AnyBar, Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1000 })))],
    ([any, other]) => {
      const one = barOf(any)
      const two = barOf({ ...any, close: other })
      const draw = drawSession(String(any.seed), instrument.id, full.date)
      const { second } = drawExtremes(draw, 0, 391)
      expect(daily(two, full, String(any.seed)).slice(0, second + 1)).toEqual(
        daily(one, full, String(any.seed)).slice(0, second + 1)
      )
    }
  )

  it("draws the order and the minutes of the extremes from seed, instrument and date, evenly", () => {
    const id = instrumentId("SPX-REPLAY.XNYS")
    const sessions = sessionsOf("2000-01-01", "2019-12-31")
    const drawn = sessions.map((of) => drawExtremes(drawSession("1", id, of.date), 0, 391))
    const share = drawn.filter((one) => one.highFirst).length / drawn.length
    // Five standard deviations of a fair coin over 5,031 sessions are 3.5%.
    expect(Math.abs(share - 0.5)).toBeLessThan(0.035)
    const middle = drawn.reduce((sum, one) => sum + (one.first + one.second) / 2, 0) / drawn.length
    expect(Math.abs(middle - 195)).toBeLessThan(6)
    expect(drawn.every(({ first, second }) => first >= 1 && first < second && second <= 389)).toBe(true)
    expect(drawSession("1", id, full.date)).not.toEqual(drawSession("2", id, full.date))
    expect(drawSession("1", id, full.date)).not.toEqual(drawSession("1", instrument.id, full.date))
  })

  it("is the same today as when its hash was chosen", () => {
    // sha256("seed|PATH.XNAS|2004-06-10") begins with these eight bytes.
    expect(drawSession("seed", instrument.id, full.date)).toEqual({ high: 580652090, low: 613752040 })
  })
})

describe("the path inside finer bars", () => {
  const paths = (resolution: "1h" | "5m" | "1m", micros: number, of: Session) => {
    const bars = intradayBars([of], micros)
    const series = seriesOf(instrument, resolution, bars)
    return {
      bars,
      ticks: sessionTicks({
        seed: "7",
        session: of,
        bars: series,
        from: 0,
        until: bars.length,
        source: "csv-path"
      })
    }
  }

  it.each([
    ["1h", 60 * MICROS_PER_MINUTE, 391],
    ["5m", 5 * MICROS_PER_MINUTE, 391],
    ["1m", MICROS_PER_MINUTE, 1560]
  ] as const)(
    "of %s stays in each bar, reaches its four prices and closes with the session",
    (resolution, micros, count) => {
      const { bars, ticks } = paths(resolution, micros, full)
      expect(ticks).toHaveLength(count)
      bars.forEach((bar, i) => {
        const isLast = i === bars.length - 1
        const inside = ticks.filter(
          (tick) => tick.tsEvent >= bar.tsOpen && (tick.tsEvent < bar.tsEvent || isLast)
        )
        const prices = lasts(inside)
        expect([prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1)]).toEqual([
          bar.open,
          bar.high,
          bar.low,
          bar.close
        ])
        expect(inside.reduce((sum, tick) => sum + tick.volume / MICROS, 0)).toBe(bar.volume)
      })
      expect(ticks.filter((tick) => tick.phase === "OPEN")).toEqual([ticks[0]])
      expect(ticks.filter((tick) => tick.phase === "CLOSE")).toEqual([ticks.at(-1)])
      expect(ticks.at(-1)?.tsEvent).toBe(full.close)
      expect(ticks.every((tick, i) => i === 0 || tick.tsEvent > (ticks[i - 1]?.tsEvent ?? 0))).toBe(true)
    }
  )

  it("closes at the session's close also when its last minutes did not trade", () => {
    const bars = intradayBars([short]).slice(3, -5)
    const ticks = sessionTicks({
      seed: "7",
      session: short,
      bars: seriesOf(instrument, "1m", bars),
      from: 0,
      until: bars.length,
      source: "csv-path"
    })
    expect(ticks[0]).toMatchObject({ phase: "OPEN", tsEvent: short.open + 3 * MICROS_PER_MINUTE })
    expect(ticks.at(-1)).toMatchObject({ phase: "CLOSE", tsEvent: short.close, last: bars.at(-1)?.close })
  })

  it("carries published quotes where a minute has them, and models the others", () => {
    const bars = intradayBars([short])
    const series = seriesOf(instrument, "1m", bars)
    const shifted = (column: Float64Array, by: number) => column.map((value) => value + by).slice(1, 3)
    const quotes: QuoteSeries = {
      ...seriesOf(instrument, "1m", bars.slice(1, 3)),
      open: shifted(series.open, -30_000),
      high: shifted(series.high, -30_000),
      low: shifted(series.low, -30_000),
      // The second quoted minute is unusable: no bid at its close.
      close: Float64Array.of((series.close[1] ?? 0) - 30_000, 0),
      askOpen: shifted(series.open, 50_000),
      askHigh: shifted(series.high, 50_000),
      askLow: shifted(series.low, 50_000),
      askClose: shifted(series.close, 50_000),
      bidSize: Float64Array.of(300, 300),
      askSize: Float64Array.of(700, 700)
    }
    const ticks = sessionTicks({
      seed: "7",
      session: short,
      bars: series,
      from: 0,
      until: bars.length,
      quotes,
      source: "lean-path"
    })
    expect(ticks.filter((tick) => tick.source === "lean-quote")).toEqual(ticks.slice(4, 8))
    for (const tick of ticks.slice(4, 8)) {
      expect([tick.last - tick.bid, tick.ask - tick.last, tick.bidSize, tick.askSize]).toEqual([
        30_000,
        50_000,
        300 * MICROS,
        700 * MICROS
      ])
    }
    expect(lasts(ticks)).toEqual(
      lasts(
        sessionTicks({
          seed: "7",
          session: short,
          bars: series,
          from: 0,
          until: bars.length,
          source: "lean-path"
        })
      )
    )
  })
})

describe("single ticks of a path", () => {
  it("are those of the whole session, whatever its bars and quotes", () => {
    const hours = intradayBars([full], 60 * MICROS_PER_MINUTE)
    const minutes = intradayBars([full])
    const inputs = [
      seriesOf(instrument, "1d", dailyBars([full])),
      seriesOf(instrument, "1h", hours),
      // The first minutes and the last ones are missing.
      seriesOf(instrument, "1m", minutes.slice(3, 380)),
      seriesOf(instrument, "1m", minutes)
    ].map((bars) => ({
      seed: "9",
      session: full,
      bars,
      from: 0,
      until: bars.length,
      source: "lean-path" as const
    }))
    const quoted = seriesOf(instrument, "1m", minutes.slice(40, 200))
    const quotes: QuoteSeries = {
      ...quoted,
      askOpen: quoted.open.map((one) => one + 7),
      askHigh: quoted.high.map((one) => one + 7),
      askLow: quoted.low.map((one) => one + 7),
      askClose: quoted.close.map((one) => one + 7),
      bidSize: quoted.volume,
      askSize: quoted.volume
    }
    for (const input of [...inputs, ...inputs.slice(3).map((one) => ({ ...one, quotes }))]) {
      const path = new SessionPath(input)
      const ticks = sessionTicks(input)
      expect([path.first(), path.last()]).toEqual([ticks[0], ticks.at(-1)])
      const step = 7 * 1_000_000
      for (let at = full.open - step; at <= full.close + step; at += step) {
        expect(path.upTo(at)).toEqual(ticks.findLast(({ tsEvent }) => tsEvent <= at))
      }
    }
    const none = { ...inputs[0], seed: "9", session: full, bars: seriesOf(instrument, "1d", []), from: 0 }
    const empty = new SessionPath({ ...none, until: 0, source: "lean-path" })
    expect([empty.first(), empty.last(), empty.upTo(full.close), empty.upTo(full.open)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined
    ])
  })

  it("have the last price for bid and ask where a market without spread is asked for", () => {
    const bars = seriesOf(instrument, "1d", dailyBars([full]))
    const input = {
      seed: "9",
      session: full,
      bars,
      from: 0,
      until: 1,
      source: "replay-path",
      spread: "last"
    } as const
    const plain = sessionTicks({ ...input, spread: "modelled" })
    expect(sessionTicks(input)).toEqual(plain.map((tick) => ({ ...tick, bid: tick.last, ask: tick.last })))
  })
})

describe("rows of a session", () => {
  it("are those that start in its hours", () => {
    const sessions = sessionsOf("2004-06-08", "2004-06-14")
    const series = seriesOf(instrument, "1d", dailyBars(sessions))
    sessions.forEach((of, i) => expect(rowsOfSession(series, of)).toEqual({ from: i, until: i + 1 }))
    expect(rowsOfSession(series, day("2004-06-15"))).toEqual({ from: 4, until: 4 })
    expect([0, 1, 2, 3, 9].map((wanted) => lowerBound(Float64Array.of(1, 1, 3), wanted))).toEqual([
      0, 0, 2, 2, 3
    ])
  })
})
