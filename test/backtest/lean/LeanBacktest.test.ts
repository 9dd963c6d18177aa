import { Result } from "effect"
import { expect, it } from "vitest"
import { leanBacktest, type LeanBacktest, type LeanFiles } from "../../../src/backtest/lean/LeanBacktest.ts"
import type { LeanResultError } from "../../../src/backtest/lean/LeanResultError.ts"
import { contentOf } from "../../../src/backtest/ResultOf.ts"
import { dollars, pricePerShare, shares } from "../../../src/domain/Money.ts"
import { toIso } from "../../../src/domain/Timestamp.ts"
import {
  benchmark,
  currentEvents,
  currentResult,
  equity,
  oldEvents,
  oldResult,
  sessions,
  summary
} from "../../support/lean/LeanRunFiles.ts"

const filesOf = (result: unknown, events?: unknown): LeanFiles => ({
  path: "run/1234567890.json",
  result: JSON.stringify(result),
  events: events === undefined ? undefined : JSON.stringify(events),
  log: undefined,
  codeHash: undefined,
  name: undefined
})

const read = (result: unknown, events?: unknown): LeanBacktest =>
  Result.getOrThrow(leanBacktest(filesOf(result, events)))

const refused = (files: LeanFiles): LeanResultError => {
  const read = leanBacktest(files)
  if (Result.isSuccess(read)) throw new Error("it was read")
  return read.failure
}

it("a run of today's form is read to the cent", () => {
  const { played, trades } = read(currentResult, currentEvents)
  expect(played.dates).toEqual(sessions)
  expect([...played.equity]).toEqual(equity)
  expect([...played.benchmark]).toEqual(benchmark.map((value) => expect.closeTo((value / 472) * 100_000, 6)))
  expect(played.cash).toBe(dollars(100_548))
  expect(played.fees).toBe(dollars(2))
  expect([...played.traded]).toEqual([0, 47_000, 0, 0, 0, 47_550, 0])
  expect(played.grossExposure[1]).toBeCloseTo(0.4694 * 99_879, 6)
  expect(played.held).toEqual([])
  const [trade] = trades ?? []
  expect(trades).toHaveLength(1)
  expect(trade).toMatchObject({
    instrumentId: "SPY.XXXX",
    direction: "LONG",
    quantity: shares(100),
    entryPrice: pricePerShare(470),
    exitPrice: pricePerShare(475.5),
    profit: dollars(548),
    fees: dollars(2),
    mae: dollars(-270),
    mfe: dollars(550),
    orders: ["lean-1", "lean-2"]
  })
})

it("orders keep their kind, size, end and reason", () => {
  const { played } = read(currentResult, currentEvents)
  const [bought, sold, withdrawn, refusedOrder] = played.orders
  expect(bought).toMatchObject({
    id: "lean-1",
    side: "BUY",
    type: { _tag: "Market" },
    timeInForce: "AT_THE_OPEN",
    status: "Filled",
    filledQuantity: shares(100),
    rationale: "the fast average is above"
  })
  expect(sold).toMatchObject({
    side: "SELL",
    size: { _tag: "Quantity", quantity: shares(100) },
    status: "Filled"
  })
  expect(withdrawn).toMatchObject({
    type: { _tag: "Limit", limitPrice: pricePerShare(400.25) },
    status: "Canceled",
    filledQuantity: 0
  })
  expect(refusedOrder).toMatchObject({
    status: "Rejected",
    reason: expect.stringContaining("Insufficient buying power")
  })
  expect(played.fills.map(({ fee, price, tsEvent }) => [toIso(tsEvent), price, fee])).toEqual([
    ["2024-01-03T21:00:00.000000Z", pricePerShare(470), dollars(1)],
    ["2024-01-09T21:00:00.000000Z", pricePerShare(475.5), dollars(1)]
  ])
})

it("a run of the older form is the same backtest", () => {
  const now = read(currentResult, currentEvents)
  const then = read(oldResult(), oldEvents())
  expect(then.played).toStrictEqual(now.played)
  expect(then.trades).toStrictEqual(now.trades)
  const { codeHash: _, ...algorithm } = now.inputs.algorithm
  const { algorithm: old, ...others } = then.inputs
  expect(old).toMatchObject(algorithm)
  expect({ ...now.inputs, algorithm: old }).toStrictEqual({ ...others, algorithm: old })
  expect(then.reported).toMatchObject({ "Total Trades": "4", "Portfolio: sharpeRatio": "2.5" })
})

it("inputs say what the result says, and parameters become numbers where they are", () => {
  const { inputs } = read(currentResult, currentEvents)
  expect(inputs).toMatchObject({
    engine: { name: "lean", version: "2.5.0.0.17677" },
    algorithm: { name: "1234567890", kind: "lean", parameters: { fast: 5, slow: 50, mode: "daily" } },
    data: {
      symbols: ["SPY"],
      resolution: "1d",
      from: "2024-01-02",
      to: "2024-01-10",
      dataset: "LEAN SPY 1d"
    },
    cash: dollars(100_000),
    profile: { name: "lean", promotable: false }
  })
  expect(Object.keys(inputs.algorithm.parameters)).not.toContain("intrinio-password")
})

it("without order events filled orders are the fills, and the missing fees are said", () => {
  const { notes, played } = read(currentResult)
  expect(played.fills.map(({ fee, price, side }) => [side, price, fee])).toEqual([
    ["BUY", pricePerShare(470), 0],
    ["SELL", pricePerShare(475.5), 0]
  ])
  expect(played.fees).toBe(dollars(2))
  expect(played.cash).toBe(dollars(100_548))
  expect(notes).toEqual([expect.stringContaining("no file of order events")])
})

it("what LEAN says is kept, its analysis too", () => {
  expect(read(currentResult, currentEvents).reported).toMatchObject({
    "Total Orders": "4",
    "Runtime: Equity": "$100,548.00",
    "Trades: winLossRatio": "10",
    "State: status": "Completed",
    "Analysis: FlatEquityCurve": "The curve is flat at its end (2 times)"
  })
})

it("its content has statistics of this program, worked out from the curve", () => {
  const { equity: column, reported, statistics, trades } = contentOf(read(currentResult, currentEvents))
  expect(column).toEqual(equity)
  expect(statistics.own["totalReturn"]).toBeCloseTo(0.00548, 12)
  expect(statistics.lean["Net Profit"]).toBe("0.548%")
  expect(statistics.lean["Total Fees"]).toBe("$2.00")
  expect(statistics.trade["totalNumberOfTrades"]).toBe(1)
  expect(trades).toHaveLength(1)
  expect(reported["Net Profit"]).toBe("0.548%")
})

it("an option that is exercised leaves the account at nothing, and shares come at the strike", () => {
  const symbol = { value: "SPY   240105C00460000", id: "x", permtick: "SPY" }
  const option = (id: number, fields: object) => ({
    ...currentResult.orders["1"],
    id,
    symbol,
    type: 0,
    quantity: 1,
    tag: "",
    ...fields
  })
  const result = {
    ...currentResult,
    orders: {
      "1": option(1, { price: 9.5 }),
      "2": option(2, {
        type: 6,
        quantity: -1,
        price: 460,
        time: "2024-01-05T21:00:00Z",
        createdTime: "2024-01-05T21:00:00Z",
        tag: "Automatic Exercise"
      })
    },
    totalPerformance: {
      tradeStatistics: { totalNumberOfTrades: 0 },
      portfolioStatistics: {},
      closedTrades: []
    }
  }
  const [, bought] = currentEvents
  const exercise = {
    ...bought,
    orderId: 2,
    time: (bought?.time ?? 0) + 172_800,
    message: "Automatic Exercise",
    orderFeeAmount: 0
  }
  const { played } = read(result, [
    { ...bought, symbolValue: symbol.value, fillPrice: 9.5, fillQuantity: 1, orderFeeAmount: 0.65 },
    { ...exercise, symbolValue: symbol.value, fillPrice: 0, fillQuantity: -1 },
    { ...exercise, symbolValue: "SPY", fillPrice: 460, fillQuantity: 100 }
  ])
  expect(played.fills.map((fill) => [fill.instrumentId, fill.side, fill.price, fill.multiplier])).toEqual([
    ["SPY 240105C00460000.OPRA", "BUY", pricePerShare(9.5), 100],
    ["SPY 240105C00460000.OPRA", "SELL", 0, 100],
    ["SPY.XXXX", "BUY", pricePerShare(460), 1]
  ])
  expect(played.held.map(({ cost, instrumentId }) => [instrumentId, cost])).toEqual([
    ["SPY.XXXX", dollars(46_000)]
  ])
  expect(played.options).toMatchObject([
    { kind: "exercised", date: "2024-01-05", symbol: "SPY 240105C00460000", quantity: shares(1) }
  ])
})

it("a position that turns costs what the turning fill paid for the rest", () => {
  const [, fill] = currentEvents
  const { played } = read(currentResult, [
    fill,
    { ...fill, time: (fill?.time ?? 0) + 60, fillPrice: 480, fillQuantity: -150, direction: "sell" },
    { ...fill, time: (fill?.time ?? 0) + 120, fillPrice: 481, fillQuantity: 20 }
  ])
  expect(played.held).toMatchObject([{ quantity: shares(-30), cost: dollars(-14_400) }])
})

it("a run that failed is read as far as it came, and says so", () => {
  const state = { ...currentResult.state, Status: "RuntimeError", RuntimeError: "Division by zero" }
  const { notes } = read({ ...currentResult, state }, currentEvents)
  expect(notes).toEqual(["the algorithm ended with an error: Division by zero"])
})

it("a summary's curve is too coarse, and the message says what to take", () => {
  expect(refused(filesOf(summary()))).toMatchObject({
    reason: "too-coarse",
    message: expect.stringContaining("take the whole result, <id>.json")
  })
})

it("a file that was cut off, one of something else and one with a wrong field are told apart", () => {
  const whole = filesOf(currentResult)
  expect(refused({ ...whole, result: whole.result.slice(0, 2_000) })).toMatchObject({
    reason: "damaged",
    message: expect.stringContaining("run/1234567890.json is no whole JSON file")
  })
  expect(refused(filesOf({ quotes: [] }))).toMatchObject({ reason: "not-lean" })
  expect(refused(filesOf([1, 2]))).toMatchObject({ reason: "not-lean" })
  const orders = { "1": { ...currentResult.orders["1"], quantity: "many" } }
  expect(refused(filesOf({ ...currentResult, orders }))).toMatchObject({
    reason: "not-lean",
    message: expect.stringMatching(/orders[^]*quantity/u)
  })
  expect(refused({ ...whole, events: "[{" })).toMatchObject({
    reason: "damaged",
    message: expect.stringContaining("run/1234567890-order-events.json")
  })
})

it("a run that ended before its first session, and one of other years than the calendar's, have no curve", () => {
  const withCurve = (values: ReadonlyArray<unknown>) => {
    const chart = { series: { Equity: { values } } }
    return { ...currentResult, charts: { "Strategy Equity": chart } }
  }
  expect(refused(filesOf(withCurve([])))).toMatchObject({ reason: "no-curve" })
  expect(refused(filesOf(withCurve([[1_704_171_600, 100_000]])))).toMatchObject({ reason: "no-curve" })
  expect(
    refused(
      filesOf(
        withCurve([
          [0, 100_000],
          [86_400, 100_001]
        ])
      )
    )
  ).toMatchObject({
    reason: "no-curve",
    message: expect.stringContaining("1998-01-01")
  })
})

it("a file nested without end is refused, not followed", () => {
  const deep = `{"charts":{"Strategy Equity":${'{"series":'.repeat(20_000)}1${"}".repeat(20_000)}},"statistics":{}}`
  expect(refused({ ...filesOf({}), result: deep }).reason).toBe("no-curve")
})

it("the same algorithm played again, at another time and on another computer, is the same content", () => {
  const again = {
    ...currentResult,
    state: { ...currentResult.state, StartTime: "2027-01-01 00:00:00", Hostname: "elsewhere" },
    serverStatistics: { ...currentResult.serverStatistics, "CPU Usage": "99%", Hostname: "elsewhere" }
  }
  const [first, second] = [currentResult, again].map((result) => read(result, currentEvents))
  expect(second?.reported).toStrictEqual(first?.reported)
  const { codeHash: _, ...algorithm } = first?.inputs.algorithm ?? {}
  expect(second?.inputs).toMatchObject({ ...first?.inputs, algorithm })
})
