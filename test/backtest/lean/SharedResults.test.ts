/** The result files kept beside the repository, of both casings. */
import { readFileSync } from "node:fs"
import { Result } from "effect"
import { expect } from "vitest"
import { leanBacktest, type LeanBacktest } from "../../../src/backtest/lean/LeanBacktest.ts"
import { formatMicros } from "../../../src/domain/Money.ts"
import { toIso } from "../../../src/domain/Timestamp.ts"
import { itWithShared, sharedPath } from "../../support/Shared.ts"

const read = (name: string): LeanBacktest => {
  const path = sharedPath("lean-results", name)
  const files = { path, result: readFileSync(path, "utf8"), events: undefined, log: undefined }
  return Result.getOrThrow(leanBacktest({ ...files, codeHash: "c0de", name: "basic" }))
}

itWithShared("the same result in either casing gives the same backtest", () => {
  const old = read("sample-full.json")
  const current = read("sample-camelcase.json")
  expect(current.inputs).toStrictEqual(old.inputs)
  expect(current.played).toStrictEqual(old.played)
  expect(current.reported).toStrictEqual(old.reported)
  expect(current.result).toStrictEqual(old.result)
})

itWithShared(
  "the real result has the five sessions of its week, the money at each close, and the benchmark beside it",
  () => {
    const { played } = read("sample-full.json")
    expect(played.dates).toEqual(["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11"])
    // LEAN's own "Daily Performance" of the same file, in percent.
    const daily = [-0.02128589, -1.15428, 0.0541744, 2.207916, 0.6239327]
    const before = [100_000, ...played.equity]
    daily.forEach((percent, day) => {
      const change = ((played.equity[day] ?? 0) / (before[day] ?? 0) - 1) * 100
      expect(change).toBeCloseTo(percent, 6)
    })
    expect(played.equity.at(-1)).toBeCloseTo(101_691.92, 2)
    expect(Array.from(played.benchmark, (value) => value / 100_000)).toEqual(
      [144.7558, 143.0784, 143.1562, 146.3294, 147.2459].map((close) => expect.closeTo(close / 146.0268, 9))
    )
    // Nearly all of it is held, on each day.
    played.grossExposure.forEach((held, day) => {
      expect(held / (played.equity[day] ?? 1)).toBeCloseTo(0.9961, 3)
      expect(played.netExposure[day]).toBe(held)
    })
  }
)

itWithShared("its one order is filled with the run's fee, and leaves the cash that LEAN has left", () => {
  const { inputs, played, trades } = read("sample-full.json")
  const [order] = played.orders
  const [fill] = played.fills
  expect(played.orders).toHaveLength(1)
  expect(order).toMatchObject({
    side: "BUY",
    type: { _tag: "Market" },
    status: "Filled",
    instrumentId: "SPY.XXXX"
  })
  expect(formatMicros(order?.filledQuantity ?? 0)).toBe("688")
  expect(formatMicros(fill?.price ?? 0)).toBe("144.781724")
  expect(formatMicros(fill?.fee ?? 0)).toBe("3.44")
  expect(fill === undefined ? "" : toIso(fill.tsEvent)).toBe("2013-10-07T13:31:00.000000Z")
  // $101,691.92 less holdings of $101,305.19.
  expect(formatMicros(Math.round(played.cash / 10_000) * 10_000, 2)).toBe("386.73")
  expect(played.held).toHaveLength(1)
  expect(formatMicros(played.held[0]?.mark ?? 0)).toBe("147.245916")
  expect(played.traded[0]).toBeCloseTo(99_609.83, 2)
  expect(trades).toEqual([])
  expect(inputs).toMatchObject({
    engine: { name: "lean", version: "unknown" },
    algorithm: { name: "basic", kind: "lean", parameters: { "ema-fast": 10, "ema-slow": 20 } },
    data: { symbols: ["SPY"], resolution: "1m", from: "2013-10-07", to: "2013-10-11" }
  })
})

itWithShared("what LEAN says of its own run is kept by its names", () => {
  const { reported } = read("sample-camelcase.json")
  expect(reported).toMatchObject({
    "Total Trades": "1",
    "Sharpe Ratio": "8.888",
    "Runtime: Equity": "$101,691.92",
    "Portfolio: sharpeRatio": "8.8881",
    "State: status": "Completed"
  })
})

itWithShared("the sample of many markets is read, and what no book can hold is named", () => {
  const { notes, played } = read("sample.json")
  expect(played.dates).toEqual(["2021-01-04", "2021-01-05"])
  expect(played.equity[0]).toBe(1_000_000)
  expect(played.orders.map(({ instrumentId }) => String(instrumentId))).toEqual([
    "BTCUSD.XXXX",
    "ES19H21.XXXX",
    "DE30EUR.XXXX",
    "SPX 231215C03825000.OPRA",
    "SPY.XXXX",
    "SPY 210716P00385000.OPRA",
    "OG 220328C01835000.OPRA"
  ])
  expect(played.fills.find(({ orderId }) => orderId === "lean-7")).toMatchObject({ multiplier: 100 })
  expect(notes).toEqual([
    "the fees of single fills are unknown: there is no file of order events beside the result",
    expect.stringContaining("order 2 (EURUSD)")
  ])
})
