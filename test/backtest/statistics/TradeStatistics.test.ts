import { describe, expect, it } from "@effect/vitest"
import type { TradeRow } from "../../../src/backtest/BacktestRows.ts"
import { closedTrades } from "../../../src/backtest/statistics/ClosedTrades.ts"
import { timeSpan } from "../../../src/backtest/statistics/TimeSpan.ts"
import { tradeStatistics } from "../../../src/backtest/statistics/TradeStatistics.ts"
import { winsAndLosses } from "../../../src/backtest/statistics/WinsAndLosses.ts"
import { dollars, shares } from "../../../src/domain/Money.ts"
import { timestamp } from "../../../src/domain/Timestamp.ts"
import { pricePerShare } from "../../../src/domain/Money.ts"
import { spy } from "../TradeTables.ts"
import { numberOf, reasonOf } from "./Returns.ts"

const HOUR = 3_600_000_000

/** A trade in hours and dollars: profit after its fees. */
const trade = (
  from: number,
  to: number | undefined,
  profit: number,
  mae: number,
  mfe: number,
  fees = 1
): TradeRow => ({
  instrumentId: spy,
  direction: "LONG",
  quantity: shares(1),
  entryTime: timestamp(from * HOUR),
  entryPrice: pricePerShare(1),
  ...(to === undefined ? {} : { exitTime: timestamp(to * HOUR), exitPrice: pricePerShare(1) }),
  profit: dollars(profit),
  fees: dollars(fees),
  mae: dollars(mae),
  mfe: dollars(mfe),
  orders: []
})

/**
 * Before fees: +100, −50, −30, +200, 0, and one that is still open.
 *
 * | trade | hours | gross | sum | peak | below it | mae | mfe | with excursions: peak, below it |
 * |   1   |   2   |  100  | 100 | 100  |    0     | −10 | 120 | 120, −130                       |
 * |   2   |   4   |  −50  |  50 | 100  |  −50     | −60 |  10 | 120, −80                        |
 * |   3   |   6   |  −30  |  20 | 100  |  −80     | −40 |   5 | 120, −110                       |
 * |   4   |  10   |  200  | 220 | 220  |    0     | −20 | 250 | 270, −270                       |
 * |   5   |   3   |    0  | 220 | 220  |    0     |  −5 |   5 | 270, −55                        |
 */
const rows = [
  trade(0, 2, 99, -10, 120),
  trade(2, 6, -51, -60, 10),
  trade(6, 12, -31, -40, 5),
  trade(10, 20, 199, -20, 250),
  trade(20, 23, -1, -5, 5),
  trade(24, undefined, 500, 0, 500)
]

describe("five closed trades, by hand", () => {
  const told = tradeStatistics(closedTrades(rows))

  it("counts, times and runs; a trade that brought nothing is a loss", () => {
    expect(told).toMatchObject({
      startDateTime: "1970-01-01T00:00:00.000000Z",
      endDateTime: "1970-01-01T23:00:00.000000Z",
      totalNumberOfTrades: 5,
      numberOfWinningTrades: 2,
      numberOfLosingTrades: 3,
      maxConsecutiveWinningTrades: 1,
      maxConsecutiveLosingTrades: 2
    })
  })

  it("sums before fees, exact to the micro, and the fees", () => {
    expect(told).toMatchObject({
      totalProfitLoss: 220,
      totalProfit: 300,
      totalLoss: -80,
      largestProfit: 200,
      largestLoss: -50,
      totalFees: 5
    })
  })

  it("averages and rates", () => {
    expect(numberOf(told.averageProfitLoss)).toBe(44)
    expect(numberOf(told.averageProfit)).toBe(150)
    expect(numberOf(told.averageLoss)).toBeCloseTo(-80 / 3, 14)
    expect(numberOf(told.winRate)).toBe(0.4)
    expect(numberOf(told.lossRate)).toBe(0.6)
    expect(numberOf(told.winLossRatio)).toBeCloseTo(2 / 3, 15)
    expect(numberOf(told.profitLossRatio)).toBeCloseTo(150 / (80 / 3), 12)
    expect(numberOf(told.profitFactor)).toBe(3.75)
  })

  it("durations, as .NET writes them", () => {
    expect(told).toMatchObject({
      averageTradeDuration: "05:00:00",
      averageWinningTradeDuration: "06:00:00",
      averageLosingTradeDuration: "04:20:00",
      medianTradeDuration: "04:00:00",
      medianWinningTradeDuration: "06:00:00",
      medianLosingTradeDuration: "04:00:00",
      // From the peak at 2 to the next at 20.
      maximumDrawdownDuration: "18:00:00"
    })
  })

  it("excursions and what was given back of the best moment", () => {
    expect(numberOf(told.averageMAE)).toBe(-27)
    expect(numberOf(told.averageMFE)).toBe(78)
    // 100 − 120, −50 − 10, −30 − 5, 200 − 250, 0 − 5.
    expect(told).toMatchObject({ largestMAE: -60, largestMFE: 250, maximumEndTradeDrawdown: -60 })
    expect(numberOf(told.averageEndTradeDrawdown)).toBe(44 - 78)
  })

  it("drawdowns of the summed profits", () => {
    expect(told.maximumClosedTradeDrawdown).toBe(-80)
    expect(told.maximumIntraTradeDrawdown).toBe(-270)
    expect(numberOf(told.profitToMaxDrawdownRatio)).toBe(2.75)
  })

  it("deviations: of all about 44, of the losses about their own average", () => {
    const squares = 56 ** 2 + 94 ** 2 + 74 ** 2 + 156 ** 2 + 44 ** 2
    const deviation = Math.sqrt(squares / 4)
    const losses = [-50, -30, 0].map((x) => (x + 80 / 3) ** 2)
    const downside = Math.sqrt(losses.reduce((sum, x) => sum + x) / 2)
    expect(numberOf(told.profitLossStandardDeviation)).toBeCloseTo(deviation, 12)
    expect(numberOf(told.profitLossDownsideDeviation)).toBeCloseTo(downside, 12)
    expect(numberOf(told.sharpeRatio)).toBeCloseTo(44 / deviation, 13)
    expect(numberOf(told.sortinoRatio)).toBeCloseTo(44 / downside, 13)
  })

  it("has LEAN's forty-one names", () => {
    expect(Object.keys(told)).toHaveLength(41)
  })
})

describe("wins and losses over the running capital", () => {
  it("each profit, fees taken off, over the cash at the start and what the trades before it brought", () => {
    const told = winsAndLosses(closedTrades(rows), dollars(1000))
    const wins = (99 / 1000 + 199 / 1017) / 2
    const losses = (-51 / 1099 - 31 / 1048 - 1 / 1216) / 3
    expect(numberOf(told.averageWinRate)).toBeCloseTo(wins, 15)
    expect(numberOf(told.averageLossRate)).toBeCloseTo(losses, 15)
    expect(numberOf(told.profitLossRatio)).toBeCloseTo(wins / -losses, 13)
    expect(numberOf(told.winRate)).toBe(0.4)
    expect(numberOf(told.lossRate)).toBe(0.6)
    expect(numberOf(told.expectancy)).toBeCloseTo((0.4 * wins) / -losses - 0.6, 13)
  })

  it("trades count in the order they were closed, whatever the order of their entries", () => {
    const nested = [trade(0, 9, 100, 0, 0, 0), trade(1, 2, -100, 0, 0, 0)]
    const told = winsAndLosses(closedTrades(nested), dollars(1000))
    expect(numberOf(told.averageLossRate)).toBe(-0.1)
    expect(numberOf(told.averageWinRate)).toBeCloseTo(100 / 900, 15)
  })

  it("nothing but losses: an expectancy of minus one", () => {
    const told = winsAndLosses(closedTrades([trade(0, 1, -5, 0, 0)]), dollars(100))
    expect(numberOf(told.expectancy)).toBe(-1)
    expect(numberOf(told.profitLossRatio)).toBe(0)
    expect(reasonOf(told.averageWinRate)).toBe("no trade won")
  })

  it("nothing but wins: no ratio, and no expectancy in units of it", () => {
    const told = winsAndLosses(closedTrades([trade(0, 1, 5, 0, 0)]), dollars(100))
    expect(reasonOf(told.profitLossRatio)).toBe("no trade lost")
    expect(reasonOf(told.expectancy)).toBe("no trade lost")
    expect(numberOf(told.winRate)).toBe(1)
  })

  it("a loss of exactly nothing is no unit either", () => {
    const told = winsAndLosses(closedTrades([trade(0, 1, 5, 0, 0), trade(1, 2, 0, 0, 0)]), dollars(100))
    expect(reasonOf(told.profitLossRatio)).toContain("exactly nothing")
  })
})

describe("without trades", () => {
  it("sums are zero, averages have a reason", () => {
    const told = tradeStatistics(closedTrades([trade(0, undefined, 5, 0, 5)]))
    expect(told).toMatchObject({
      startDateTime: null,
      endDateTime: null,
      totalNumberOfTrades: 0,
      totalProfitLoss: 0,
      averageTradeDuration: "00:00:00",
      medianLosingTradeDuration: "00:00:00",
      maximumDrawdownDuration: "00:00:00"
    })
    expect(reasonOf(told.averageProfitLoss)).toBe("no such trade")
    expect(reasonOf(told.winRate)).toBe("no trade was closed")
    expect(reasonOf(told.profitFactor)).toBe("no trade lost")
    const none = winsAndLosses([], dollars(100))
    for (const one of Object.values(none)) expect(reasonOf(one)).toBe("no trade was closed")
  })

  it("one trade has no deviation, and one that never fell no ratio to its fall", () => {
    const told = tradeStatistics(closedTrades([trade(0, 1, 5, 0, 6)]))
    expect(reasonOf(told.profitLossStandardDeviation)).toBe("needs 2 such trades")
    expect(reasonOf(told.sharpeRatio)).toBe("needs 2 such trades")
    expect(reasonOf(told.profitToMaxDrawdownRatio)).toBe("the profits never fell")
    expect(reasonOf(told.winLossRatio)).toBe("no trade lost")
  })
})

describe("durations", () => {
  it("with days and fractions of a second", () => {
    expect(timeSpan(0)).toBe("00:00:00")
    expect(timeSpan(90 * 60 * 1_000_000)).toBe("01:30:00")
    expect(timeSpan(3 * 24 * HOUR + 4 * HOUR + 5 * 60_000_000 + 6_000_000)).toBe("3.04:05:06")
    expect(timeSpan(1_500_000)).toBe("00:00:01.5000000")
    expect(timeSpan(0.4)).toBe("00:00:00")
  })
})
