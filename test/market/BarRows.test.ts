import { describe, expect, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { instrumentId, symbol } from "../../src/domain/Identifiers.ts"
import { Instrument } from "../../src/domain/Instrument.ts"
import { formatMicros, parseMicros, pricePerShare, shares } from "../../src/domain/Money.ts"
import type { Resolution } from "../../src/domain/Quote.ts"
import { MICROS_PER_MINUTE, sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { accept, type BarRow, nearestMicros, readBars } from "../../src/market/BarRows.ts"
import { BadRow } from "../../src/market/MarketData.ts"
import { toExchangeTime } from "../../src/market/TradingCalendar.ts"

const instrument = Instrument.cases.Equity.make({
  id: instrumentId("TEST.XNAS"),
  symbol: symbol("TEST"),
  name: "Test",
  currency: "USD",
  priceIncrement: pricePerShare(0.01),
  sizeIncrement: shares(1),
  multiplier: 1,
  paperOnly: false,
  caveats: []
})

const row = (date: string, over: Partial<BarRow> = {}): BarRow => ({
  row: 2,
  date: sessionDate(date),
  startsAt: 0,
  open: "10",
  high: "11",
  low: "9",
  close: "10.5",
  volume: "100",
  ...over
})

const read = (rows: ReadonlyArray<BarRow | BadRow>, resolution: Resolution = "1d") =>
  readBars({ file: "prices.csv", instrument, resolution, rows, parsePrice: parseMicros })

const hour = (hours: number): number => hours * 60 * MICROS_PER_MINUTE

describe("readBars", () => {
  it("stamps a daily bar with its session's open and close, early closes too", () => {
    const { bad, series } = read([row("2004-11-24"), row("2004-11-26", { row: 3 })])
    expect(bad).toEqual([])
    expect([...series.tsOpen].map((ts) => toExchangeTime(timestamp(ts)))).toEqual([
      "2004-11-24 09:30 EST",
      "2004-11-26 09:30 EST"
    ])
    expect([...series.tsEvent].map((ts) => toExchangeTime(timestamp(ts)))).toEqual([
      "2004-11-24 16:00 EST",
      "2004-11-26 13:00 EST"
    ])
    expect([series.open[0], series.high[0], series.low[0], series.close[0], series.volume[0]]).toEqual([
      10_000_000, 11_000_000, 9_000_000, 10_500_000, 100
    ])
  })

  it("keeps the first of very many bad rows, and says how many follow", () => {
    const bad = Array.from({ length: 12_000 }, (_, i) => row("2004-06-10", { row: i + 1, open: "x" }))
    const found = read([...bad, row("2004-06-14", { row: 12_001 })])
    expect(found.bad).toHaveLength(10_001)
    expect(found.bad.at(-1)?.problem).toBe("and 2000 bad rows after it")
    expect(found.series.length).toBe(1)
  })

  it("takes nothing of a file that is hardly anything but bad rows", () => {
    const bad = Array.from({ length: 100_000 }, (_, i) => row("2004-06-10", { row: i + 2, open: "x" }))
    const found = read([row("2004-06-09", { row: 1 }), ...bad, row("2004-06-14", { row: 100_002 })])
    expect(found.series.length).toBe(0)
  })

  it("cuts an hour bar to regular hours and leaves out what lies outside them", () => {
    const rows = [8, 9, 10, 15, 16].map((at, i) => row("2004-06-10", { row: i + 1, startsAt: hour(at) }))
    const { outsideHours, series } = read(rows, "1h")
    expect(outsideHours).toBe(2)
    expect([...series.tsOpen].map((ts) => toExchangeTime(timestamp(ts)).slice(11, 16))).toEqual([
      "09:30",
      "10:00",
      "15:00"
    ])
    expect([...series.tsEvent].map((ts) => toExchangeTime(timestamp(ts)).slice(11, 16))).toEqual([
      "10:00",
      "11:00",
      "16:00"
    ])
  })

  const faults: ReadonlyArray<readonly [name: string, rows: ReadonlyArray<BarRow>, problem: RegExp]> = [
    ["a missing field", [row("2004-06-10", { low: undefined })], /low is missing/u],
    ["an empty field", [row("2004-06-10", { volume: " " })], /volume is missing/u],
    ["a text that is no number", [row("2004-06-10", { open: "n/a" })], /open "n\/a" is not a price/u],
    ["NaN", [row("2004-06-10", { close: "NaN" })], /close "NaN" is not a price/u],
    ["a part of a share", [row("2004-06-10", { volume: "1.5" })], /not a whole number of shares/u],
    ["a negative volume", [row("2004-06-10", { volume: "-5" })], /not a whole number of shares/u],
    ["an impossible volume", [row("2004-06-10", { volume: "30000000001" })], /above 30000000000 shares/u],
    ["a negative price", [row("2004-06-10", { low: "-9" })], /low -9 is not above zero/u],
    ["a price of zero", [row("2004-06-10", { low: "0" })], /low 0 is not above zero/u],
    ["a price beyond a million", [row("2004-06-10", { high: "1000000.01" })], /above a million/u],
    ["high below low", [row("2004-06-10", { high: "8" })], /high 8 is below low 9/u],
    [
      "an open outside the range",
      [row("2004-06-10", { open: "11.01" })],
      /open 11.01 is outside low 9 to high 11/u
    ],
    ["a close outside the range", [row("2004-06-10", { close: "8.99" })], /close 8.99 is outside/u],
    ["a special closure", [row("2004-06-11")], /no session of the exchange \(day of mourning/u],
    ["a Saturday", [row("2004-06-12")], /no session of the exchange \(Saturday\)/u],
    ["a date before the calendar", [row("1990-06-12")], /outside the trading calendar/u],
    ["a date twice", [row("2004-06-10"), row("2004-06-10")], /seen already/u],
    ["a date out of order", [row("2004-06-10"), row("2004-06-09")], /out of order/u]
  ]
  it.each(faults)("reports %s with its file and row", (_name, rows, problem) => {
    const numbered = rows.map((one, i) => ({ ...one, row: i + 2 }))
    const { bad, series } = read(numbered)
    expect(bad).toHaveLength(1)
    expect(bad[0]).toMatchObject({ file: "prices.csv", row: numbered.length + 1 })
    expect(bad[0]?.problem).toMatch(problem)
    expect(series.length).toBe(rows.length - 1)
  })

  it("keeps the source's own bad rows in their order", () => {
    const unreadable = new BadRow({ file: "prices.csv", row: 2, problem: "date is missing" })
    expect(read([unreadable, row("2004-06-12", { row: 3 })]).bad.map((one) => one.row)).toEqual([2, 3])
  })

  it.effect("refuses a file with bad rows unless told to skip them, and lists them either way", () =>
    Effect.gen(function* () {
      const bars = read([row("2004-06-10"), row("2004-06-11", { row: 3 })])
      const refused = yield* Effect.flip(accept(bars, { skipBadRows: false }))
      expect(refused._tag).toBe("BadMarketData")
      expect(refused.rows).toHaveLength(1)
      expect(refused.message).toContain("prices.csv:3: 2004-06-11 is no session")
      const accepted = yield* accept(bars, { skipBadRows: true })
      expect([accepted.series.length, accepted.skipped.length]).toEqual([1, 1])
    })
  )
})

describe("nearestMicros", () => {
  it("rounds half up on the digits, not on a float", () => {
    const cases = [
      ["187.740005493164", 187_740_005],
      ["0.0000005", 1],
      ["0.0000004999", 0],
      ["-1.5", -1_500_000],
      ["12", 12_000_000]
    ] as const
    expect(cases.map(([text]) => nearestMicros(text))).toEqual(cases.map(([, micros]) => Option.some(micros)))
    expect(["", "1e3", "1,5", "NaN", "."].map((text) => nearestMicros(text))).toEqual(
      Array(5).fill(Option.none())
    )
  })

  it.prop(
    "reads back every printed amount of micros",
    [Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: -1e15, maximum: 1e15 })))],
    ([micros]) => {
      expect(nearestMicros(formatMicros(micros))).toEqual(Option.some(micros === 0 ? 0 : micros))
    }
  )
})
