import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import type { Resolution } from "../../src/domain/Quote.ts"
import { MICROS_PER_MINUTE, timestamp } from "../../src/domain/Timestamp.ts"
import { aggregate, resolutionFor } from "../../src/market/Resolution.ts"
import { toExchangeTime } from "../../src/market/TradingCalendar.ts"
import { equity, intradayBars, seriesOf, sessionsOf } from "./Fixtures.ts"

const instrument = equity("AGG")
/** Around a closure, a change of the clocks and a short day. */
const sessions = [
  ...sessionsOf("2001-09-10", "2001-09-17"),
  ...sessionsOf("2004-04-02", "2004-04-05"),
  ...sessionsOf("2004-11-24", "2004-11-26")
]
const minutes = intradayBars(sessions)
const clock = (ts: number | undefined): string => toExchangeTime(timestamp(ts ?? 0)).slice(0, 16)

describe("aggregate", () => {
  it("makes hour bars of the clock's hours, cut to the session", () => {
    const hours = aggregate(seriesOf(instrument, "1m", minutes), "1h")
    expect(hours.length).toBe(7 * 5 + 4)
    expect([0, 1, 6, 7].map((i) => [clock(hours.tsOpen[i]), clock(hours.tsEvent[i])])).toEqual([
      ["2001-09-10 09:30", "2001-09-10 10:00"],
      ["2001-09-10 10:00", "2001-09-10 11:00"],
      ["2001-09-10 15:00", "2001-09-10 16:00"],
      ["2001-09-17 09:30", "2001-09-17 10:00"]
    ])
    expect([clock(hours.tsOpen[38]), clock(hours.tsEvent[38])]).toEqual([
      "2004-11-26 12:00",
      "2004-11-26 13:00"
    ])
  })

  it("stamps a day with its session, whatever minutes it has", () => {
    const [first] = sessions
    const some = minutes.filter(
      (bar) => bar.tsOpen >= (first?.open ?? 0) + 5 * MICROS_PER_MINUTE && bar.tsEvent < (first?.close ?? 0)
    )
    const days = aggregate(seriesOf(instrument, "1m", some), "1d")
    expect([days.length, days.tsOpen[0], days.tsEvent[0]]).toEqual([1, first?.open, first?.close])
  })

  const naive = (resolution: Resolution) => {
    const series = aggregate(seriesOf(instrument, "1m", minutes), resolution)
    for (let i = 0; i < series.length; i++) {
      const from = series.tsOpen[i] ?? 0
      const until = series.tsEvent[i] ?? 0
      const inside = minutes.filter((bar) => bar.tsOpen >= from && bar.tsOpen < until)
      expect([series.open[i], series.high[i], series.low[i], series.close[i], series.volume[i]]).toEqual([
        inside[0]?.open,
        Math.max(...inside.map((bar) => bar.high)),
        Math.min(...inside.map((bar) => bar.low)),
        inside.at(-1)?.close,
        inside.reduce((sum, bar) => sum + bar.volume, 0)
      ])
    }
    expect([...series.volume].reduce((sum, one) => sum + one, 0)).toBe(
      minutes.reduce((sum, bar) => sum + bar.volume, 0)
    )
  }

  it("keeps first open, highest high, lowest low, last close and the sum of volumes", () => {
    naive("5m")
    naive("1h")
    naive("1d")
  })

  it.prop(
    "gives the same by any way, also with minutes missing: 1m → 5m → 1h → 1d is 1m → 1d",
    [Schema.Array(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 2100 }))))],
    ([missing]) => {
      const gone = new Set(missing)
      const series = seriesOf(
        instrument,
        "1m",
        minutes.filter((_, i) => !gone.has(i))
      )
      expect(aggregate(aggregate(aggregate(series, "5m"), "1h"), "1d")).toEqual(aggregate(series, "1d"))
      expect(aggregate(aggregate(series, "5m"), "1h")).toEqual(aggregate(series, "1h"))
    }
  )

  it("leaves a series of the wanted resolution, and an empty one, as they are", () => {
    const series = seriesOf(instrument, "1m", minutes)
    expect(aggregate(series, "1m")).toBe(series)
    expect(aggregate(seriesOf(instrument, "1m", []), "1d").length).toBe(0)
  })
})

describe("resolutionFor", () => {
  const id = instrumentId("AGG.XNAS")
  it("prefers the resolution itself, then the coarsest of the finer ones", () => {
    expect(resolutionFor(id, ["1m", "1h", "1d"], "1h")).toEqual(Result.succeed("1h"))
    expect(resolutionFor(id, ["1m", "1d"], "1h")).toEqual(Result.succeed("1m"))
    expect(resolutionFor(id, ["1d", "1h", "1m"], "5m")).toEqual(Result.succeed("1m"))
    expect(resolutionFor(id, ["1m", "5m"], "1d")).toEqual(Result.succeed("5m"))
  })

  it("names the finest a source has when asked for finer", () => {
    const failure = Result.getOrThrow(Result.flip(resolutionFor(id, ["1h", "1d"], "1m")))
    expect(failure).toMatchObject({ _tag: "ResolutionUnavailable", requested: "1m", finest: "1h" })
    expect(failure.message).toBe("AGG.XNAS has no 1m bars: the finest its source has is 1h")
  })
})
