import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import type { PlayedBars } from "../../../src/backtest/Played.ts"
import { type CapacityInputs, strategyCapacity } from "../../../src/backtest/statistics/StrategyCapacity.ts"
import { sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import { onlyCsvOf } from "../../../src/market/lean/ZipFile.ts"
import { fromExchangeTime } from "../../../src/market/TradingCalendar.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"
import { aapl, dailyBars, fill, juneTime, open, shortBars, spy } from "../TradeTables.ts"

const juneDates = (...days: ReadonlyArray<number>) =>
  days.map((day) => sessionDate(`2014-06-${String(day).padStart(2, "0")}`))

const inputs = (given: Partial<CapacityInputs>): CapacityInputs => ({
  dates: juneDates(2, 3),
  equity: Float64Array.of(1000, 1000),
  fills: [],
  moves: [],
  bars: new Map(),
  ...given
})

/** A million shares a day at 10: 2% of it are 200,000 dollars. */
const bars = dailyBars([
  [2, 10, 10, 10, 10, 1_000_000],
  [3, 10, 10, 10, 10, 1_000_000]
])

describe("by hand", () => {
  it("a daily bar: 2% of the volume of the fill's day, over the part of the account that is traded", () => {
    const bought = inputs({ fills: [fill(open(2), 50, 10)], bars: new Map([[spy, bars]]) })
    // After Tuesday: all sales are its own, 200,000 ÷ 1. At the end: half the account is in it, 400,000; a third of the weight.
    expect(strategyCapacity(bought)).toEqual({
      dollars: Math.round((0.33 * 400_000 + 0.66 * 200_000) / 1000) * 1000,
      lowest: spy
    })
  })

  it("what trades twice in a session counts for less: 2 × 39 of 390 minutes are a fifth", () => {
    const twice = inputs({
      dates: juneDates(2),
      equity: Float64Array.of(1000),
      fills: [fill(juneTime(2, 10), 50, 10), fill(juneTime(2, 10.65), -50, 10)],
      bars: new Map([[spy, bars]])
    })
    // 0.2 × 200,000, over two trades.
    expect(strategyCapacity(twice)).toEqual({ dollars: 20_000, lowest: spy })
  })

  it("the instrument that can take least counts, by its part of the sales", () => {
    const thin = dailyBars([[2, 10, 10, 10, 10, 1000]])
    const both = inputs({
      dates: juneDates(2),
      equity: Float64Array.of(1_000_000),
      fills: [fill(open(2), 75, 10), fill(open(2), 25, 10, { id: aapl })],
      bars: new Map([
        [spy, bars],
        [aapl, thin]
      ])
    })
    // 2% of 10,000 dollars, over a quarter of the sales: 800, which is a thousand to the thousand.
    expect(strategyCapacity(both)).toEqual({ dollars: 1000, lowest: aapl })
  })

  it("a minute bar: busy minutes count one, quiet ones up to two hours", () => {
    const minute = (from: number, volume: number) => ({
      from: timestamp(juneTime(2, 10) + from * 60_000_000),
      minutes: 1,
      close: 10,
      volume
    })
    const of = (volume: number) =>
      strategyCapacity(
        inputs({
          dates: juneDates(2),
          equity: Float64Array.of(500),
          fills: [fill(timestamp(juneTime(2, 10) + 60_000_000), 50, 10)],
          bars: new Map([
            [
              spy,
              shortBars(
                "1m",
                Array.from({ length: 200 }, (_, i) => minute(i, volume))
              )
            ]
          ])
        })
      ).dollars
    // Ten million dollars a minute: the fill's own bar and the next, a fifth of them.
    expect(of(1_000_000)).toBe(4_000_000)
    // 10,000 dollars a minute: the fill's bar and 120 after it.
    expect(of(1000)).toBe(Math.round((0.2 * 121 * 10_000) / 1000) * 1000)
  })

  it("nothing of what has no bars, no volume, or was not traded", () => {
    const none = { dollars: null, lowest: undefined }
    expect(strategyCapacity(inputs({}))).toEqual(none)
    expect(strategyCapacity(inputs({ dates: [], equity: new Float64Array() }))).toEqual(none)
    expect(strategyCapacity(inputs({ fills: [fill(open(2), 50, 10)] }))).toEqual(none)
    const silent = dailyBars([[2, 10, 10, 10, 10, 0]])
    expect(
      strategyCapacity(inputs({ fills: [fill(open(2), 50, 10)], bars: new Map([[spy, silent]]) }))
    ).toEqual(none)
  })
})

describeWithShared("LEAN's own result of October 2013, from the minutes it was made of", () => {
  const days = ["07", "08", "09", "10", "11"]
  const rows = days.flatMap((day) => {
    const zip = readFileSync(
      sharedPath("lean-data", "equity", "usa", "minute", "spy", `201310${day}_trade.zip`)
    )
    const midnight = fromExchangeTime(sessionDate(`2013-10-${day}`), 0)
    return new TextDecoder()
      .decode(Result.getOrThrow(onlyCsvOf(zip)).bytes)
      .trim()
      .split("\n")
      .map((line) => line.split(",").map(Number))
      .map(([millis = 0, , , , close = 0, volume = 0]) => ({
        from: timestamp(midnight + millis * 1000),
        minutes: 1,
        close: close / 10_000,
        volume
      }))
  })
  const minutes: PlayedBars = shortBars("1m", rows)

  it("estimates the same 56,181,000 dollars", () => {
    // One order of 688 shares at 9:31; LEAN's equity at the end, of which 99.62% were in it.
    const capacity = strategyCapacity({
      dates: days.map((day) => sessionDate(`2013-10-${day}`)),
      equity: Float64Array.of(0, 0, 0, 0, 1).map(
        (last) => (last * 688 * (minutes.close.at(-1) ?? 0)) / 1e6 / 0.9962
      ),
      fills: [
        fill(timestamp(fromExchangeTime(sessionDate("2013-10-07"), 0) + 571 * 60_000_000), 688, 144.78172417)
      ],
      moves: [],
      bars: new Map([[spy, minutes]])
    })
    expect(capacity).toEqual({ dollars: 56_181_000, lowest: spy })
  })
})
