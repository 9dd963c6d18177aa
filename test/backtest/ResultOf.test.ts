import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { BacktestContent } from "../../src/backtest/BacktestResult.ts"
import type { Played } from "../../src/backtest/Played.ts"
import { contentOf } from "../../src/backtest/ResultOf.ts"
import { dollars } from "../../src/domain/Money.ts"
import { statisticDefinitions } from "../../src/portfolio/Performance.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"
import { index, playedOf } from "./statistics/Returns.ts"
import { dailyBars, fill, heldAt, open, spy } from "./TradeTables.ts"

const content = (played: Played, cash = 1000) =>
  contentOf({ played, inputs: { cash: dollars(cash) }, bars: new Map(), riskFree: [] })

const dates = ["2014-06-02", "2014-06-03", "2014-06-04"]

describe("a small backtest, by hand", () => {
  // 50 shares at 10 on Monday's open, closes of 10, 12 and 11, sold at Wednesday's open of 12.
  const played = playedOf(
    dates,
    {
      equity: Float64Array.of(999, 1099, 1098),
      grossExposure: Float64Array.of(500, 600, 0),
      traded: Float64Array.of(500, 0, 600),
      benchmark: Float64Array.of(1000, 1200, 1100)
    },
    {
      fills: [fill(open(2), 50, 10, { fee: 1 }), fill(open(4), -50, 12, { fee: 1 })],
      held: [heldAt(spy, 0, 11)],
      fees: dollars(2)
    }
  )
  const bars = new Map([
    [
      spy,
      dailyBars([
        [2, 10, 10.5, 9.5, 10],
        [3, 10, 12, 10, 12],
        [4, 12, 12, 11, 11]
      ])
    ]
  ])
  const told = contentOf({ played, inputs: { cash: dollars(1000) }, bars, riskFree: [] })

  it("growth, drawdown and exposure count from the starting cash", () => {
    const { own } = told.statistics
    expect(own["totalReturn"]).toBeCloseTo(0.098, 15)
    // Below the start before it was below any close.
    expect(own["maxDrawdown"]).toBeCloseTo(-0.001, 15)
    expect(own["exposedDays"]).toBeCloseTo(2 / 3, 15)
    expect(own["worstDay"]).toBeCloseTo(-0.001, 15)
    expect(told.statistics.portfolio["drawdown"]).toBeCloseTo(0.001, 15)
  })

  it("our own returns count from it too, LEAN's are those between closes", () => {
    const spreadOf = (...returns: ReadonlyArray<number>) => {
      const mean = returns.reduce((sum, x) => sum + x) / returns.length
      const squares = returns.reduce((sum, x) => sum + (x - mean) ** 2, 0)
      return { mean, deviation: Math.sqrt(squares / (returns.length - 1)) }
    }
    const [first, second, third] = [-0.001, 1099 / 999 - 1, 1098 / 1099 - 1] as const
    const all = spreadOf(first, second, third)
    expect(told.statistics.own["volatility"]).toBeCloseTo(all.deviation * Math.sqrt(252), 13)
    expect(told.statistics.own["sharpe"]).toBeCloseTo((all.mean / all.deviation) * Math.sqrt(252), 11)
    const between = spreadOf(second, third)
    const { annualStandardDeviation, beta } = told.statistics.portfolio
    expect(annualStandardDeviation).toBeCloseTo(between.deviation * Math.sqrt(252), 13)
    // The benchmark rose by a fifth and fell by a twelfth: of two pairs the slope is the quotient of their differences.
    expect(beta).toBeCloseTo((second - third) / (0.2 + 1 / 12), 13)
  })

  it("trades with their excursions, and what is told of them", () => {
    expect(told.trades).toMatchObject([{ profit: dollars(98), mae: dollars(-25), mfe: dollars(100) }])
    expect(told.statistics.trade).toMatchObject({
      totalNumberOfTrades: 1,
      totalProfitLoss: 100,
      totalFees: 2
    })
    expect(told.statistics.lean).toMatchObject({
      "Win Rate": "100%",
      "Average Win": "9.80%",
      "Total Fees": "$2.00"
    })
  })

  it("decodes as what is stored, and is the same twice", () => {
    const stored: unknown = JSON.parse(JSON.stringify(told))
    expect(Schema.decodeUnknownSync(BacktestContent)(stored, { onExcessProperty: "error" })).toEqual(told)
    expect(contentOf({ played, inputs: { cash: dollars(1000) }, bars, riskFree: [] })).toEqual(told)
  })
})

describe("where there is little to tell", () => {
  const decodes = (played: Played) => {
    const told = content(played)
    expect(Schema.decodeUnknownSync(BacktestContent)(JSON.parse(JSON.stringify(told)))).toEqual(told)
    return told.statistics
  }

  it("no session, one session", () => {
    const none = decodes(playedOf([], {}))
    expect(Object.values(none.own).every((figure) => figure === null)).toBe(true)
    expect(Object.keys(none.own)).toEqual(statisticDefinitions.map(({ key }) => key))
    expect(none.portfolio["endEquity"]).toBe(1000)
    const one = decodes(
      playedOf(["2014-06-02"], { equity: Float64Array.of(1100), benchmark: Float64Array.of(1000) })
    )
    expect(one.own["totalReturn"]).toBeCloseTo(0.1, 15)
    expect(one.own["sharpe"]).toBeNull()
    expect(one.lean["Sharpe Ratio"]).toBe("0")
  })

  it("an account that lost everything has growth and a drawdown, and nothing of its returns", () => {
    const { own, portfolio } = decodes(
      playedOf(dates, { equity: Float64Array.of(500, -10, 20), benchmark: Float64Array.of(1, 2, 3) })
    )
    expect(own["totalReturn"]).toBeCloseTo(-0.98, 15)
    expect(own["maxDrawdown"]).toBeCloseTo(-1.01, 15)
    expect([
      own["sharpe"],
      portfolio["beta"],
      portfolio["sharpeRatio"],
      portfolio["portfolioTurnover"]
    ]).toEqual([null, null, null, null])
  })

  it("fills without what was traded in each session, as LEAN's results may be, have no turnover", () => {
    const { own, portfolio } = decodes(
      playedOf(dates, { equity: Float64Array.of(1000, 1000, 1000) }, { fills: [fill(open(2), 50, 10)] })
    )
    expect([own["turnover"], portfolio["portfolioTurnover"]]).toEqual([null, null])
    const none = decodes(playedOf(dates, { equity: Float64Array.of(1000, 1000, 1000) }))
    expect([none.own["turnover"], none.portfolio["portfolioTurnover"]]).toEqual([0, 0])
  })

  it("a first close of nothing", () => {
    const { own, portfolio } = decodes(playedOf(dates, { equity: new Float64Array(3) }))
    expect(own["totalReturn"]).toBe(-1)
    expect(portfolio["annualVariance"]).toBeNull()
  })
})

const Grid = Schema.Struct({
  grid: Schema.Array(
    Schema.Struct({
      fast: Schema.Int,
      slow: Schema.Int,
      total_return: Schema.Finite,
      entries: Schema.Int,
      sharpe: Schema.Finite,
      max_drawdown: Schema.Finite
    })
  )
})

/** Whether the mean of the last `fast` closes is above that of the last `slow`, at each close. */
const wantedAt = (closes: ReadonlyArray<number>, fast: number, slow: number): ReadonlyArray<boolean> => {
  const meanOf = (at: number, n: number) =>
    closes.slice(at - n + 1, at + 1).reduce((sum, x) => sum + x, 0) / n
  return closes.map((_, at) => at >= slow - 1 && meanOf(at, fast) > meanOf(at, slow))
}

describeWithShared("against the grid of moving averages", () => {
  const { grid } = Schema.decodeUnknownSync(Schema.fromJsonString(Grid))(
    readFileSync(sharedPath("oracles", "wf.json"), "utf8")
  )
  const days = index()
  const closes = days.map(({ close }) => close)

  /** All in at the open after the signal, without costs, in fractions. */
  const equityOf = (fast: number, slow: number): Float64Array => {
    const wanted = wantedAt(closes, fast, slow)
    let [cash, shares] = [1, 0]
    return Float64Array.from(days, ({ close, open: opened }, day) => {
      const isWanted = wanted[day - 1] ?? false
      if (isWanted && shares === 0) [cash, shares] = [0, cash / opened]
      if (!isWanted && shares > 0) [cash, shares] = [shares * opened, 0]
      return cash + shares * close
    })
  }

  const chosen = grid.filter(({ fast, slow }) => (fast === 5 && slow === 50) || slow === 200)

  for (const { fast, max_drawdown, sharpe, slow, total_return } of chosen) {
    it(`${fast} and ${slow} days: total return, Sharpe ratio and drawdown to 1e-10`, () => {
      const played = playedOf(
        days.map(({ date }) => date),
        { equity: equityOf(fast, slow) }
      )
      const { own } = content(played, 1).statistics
      for (const [figure, expected] of [
        [own["totalReturn"], total_return],
        [own["sharpe"], sharpe],
        [own["maxDrawdown"], max_drawdown]
      ] as const) {
        expect(Math.abs((figure ?? Number.NaN) / expected - 1)).toBeLessThan(1e-10)
      }
    })
  }

  it("has grid points to compare with", () => {
    expect(chosen.length).toBeGreaterThan(3)
  })
})
