import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  alpha,
  annualDownsideDeviation,
  annualPerformance,
  annualStandardDeviation,
  annualVariance,
  beta,
  informationRatio,
  leanSharpe,
  leanSortino,
  trackingError,
  treynor
} from "../../../src/backtest/statistics/BenchmarkStatistics.ts"
import { averageRiskFreeRate } from "../../../src/backtest/statistics/RiskFreeRate.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { numberOf, reasonOf } from "./Returns.ts"

const market = Float64Array.of(0.01, -0.02, 0.015, 0.005)

describe("by hand: returns of 1%, 3%, −1% and 1%", () => {
  // Mean 1%; deviations 0, 2, −2, 0 points: variance 0.0008 ÷ 3.
  const returns = Float64Array.of(0.01, 0.03, -0.01, 0.01)

  it("performance, variance and deviation of a year", () => {
    expect(numberOf(annualPerformance(returns))).toBeCloseTo(1.01 ** 252 - 1, 12)
    expect(numberOf(annualVariance(returns))).toBeCloseTo((0.0008 / 3) * 252, 15)
    expect(numberOf(annualStandardDeviation(returns))).toBeCloseTo(Math.sqrt(0.0672), 15)
  })

  it("Sharpe over the risk-free rate; Sortino over the spread of the losses alone", () => {
    const performance = 1.01 ** 252 - 1
    expect(numberOf(leanSharpe(returns, 0.02))).toBeCloseTo((performance - 0.02) / Math.sqrt(0.0672), 11)
    expect(reasonOf(leanSortino(returns, 0.02))).toBe("needs 2 days that lost money, has 1")
    const losing = Float64Array.of(-0.01, 0.02, -0.03)
    // Losses of 1% and 3%: deviation √0.0002.
    expect(numberOf(annualDownsideDeviation(losing))).toBeCloseTo(Math.sqrt(0.0002 * 252), 15)
    expect(numberOf(leanSortino(losing, 0))).toBeCloseTo(
      ((1 - 0.02 / 3) ** 252 - 1) / Math.sqrt(0.0002 * 252),
      12
    )
  })
})

describe("against a benchmark", () => {
  it("twice its returns and a thousandth more: beta two, and what is left is alpha", () => {
    const returns = market.map((x) => 2 * x + 0.001)
    const performance = numberOf(annualPerformance(returns))
    const theirs = numberOf(annualPerformance(market))
    expect(numberOf(beta(returns, market))).toBeCloseTo(2, 14)
    expect(numberOf(alpha(returns, market, 0.03))).toBeCloseTo(performance - (0.03 + 2 * (theirs - 0.03)), 12)
    expect(numberOf(treynor(returns, market, 0.03))).toBeCloseTo((performance - 0.03) / 2, 12)
    // The differences are the benchmark's own returns and a constant.
    expect(numberOf(trackingError(returns, market))).toBeCloseTo(
      numberOf(annualStandardDeviation(market)),
      14
    )
    expect(numberOf(informationRatio(returns, market))).toBeCloseTo(
      (performance - theirs) / numberOf(annualStandardDeviation(market)),
      11
    )
  })

  it("the benchmark itself: beta one, alpha nothing whatever the rate, and no information ratio", () => {
    expect(numberOf(beta(market, market))).toBe(1)
    expect(numberOf(alpha(market, market, 0.05))).toBeCloseTo(0, 14)
    expect(numberOf(trackingError(market, market))).toBe(0)
    expect(reasonOf(informationRatio(market, market))).toBe("the account follows the benchmark exactly")
  })

  it("cash: beta nothing, so no Treynor ratio, and alpha is what the rate would have brought", () => {
    const cash = new Float64Array(4)
    expect(numberOf(beta(cash, market))).toBe(0)
    expect(reasonOf(treynor(cash, market, 0.02))).toBe("beta is zero")
    expect(numberOf(alpha(cash, market, 0.02))).toBeCloseTo(-0.02, 15)
    expect(reasonOf(leanSharpe(cash, 0.02))).toBe("the daily returns do not vary")
  })

  it("a benchmark that does not move, one of other days, too few days", () => {
    const still = new Float64Array(4)
    for (const one of [beta(market, still), alpha(market, still, 0), treynor(market, still, 0)]) {
      expect(reasonOf(one)).toBe("the benchmark does not vary")
    }
    expect(reasonOf(beta(market, market.subarray(1)))).toBe("4 daily returns, 3 of the benchmark")
    expect(reasonOf(trackingError(market, market.subarray(1)))).toContain("3 of the benchmark")
    expect(reasonOf(beta(market.subarray(3), market.subarray(3)))).toBe("needs 2 daily returns, has 1")
    expect(reasonOf(annualPerformance(new Float64Array()))).toBe("needs 1 daily return, has 0")
    expect(reasonOf(annualVariance(new Float64Array(1)))).toBe("needs 2 daily returns, has 1")
  })

  it.prop(
    "never NaN",
    { pairs: Schema.Array(Schema.Tuple([Schema.Finite, Schema.Finite])), rate: Schema.Finite },
    ({ pairs, rate }) => {
      const a = Float64Array.from(pairs, ([x]) => x)
      const b = Float64Array.from(pairs, ([, y]) => y)
      const all = [
        alpha(a, b, rate),
        beta(a, b),
        trackingError(a, b),
        informationRatio(a, b),
        treynor(a, b, rate),
        leanSharpe(a, rate),
        leanSortino(a, rate)
      ]
      for (const one of all) {
        if (one._tag === "Value") expect(Number.isFinite(one.value)).toBe(true)
        else expect(one.reason).not.toBe("")
      }
    }
  )
})

describe("the risk-free rate", () => {
  const dates = ["2004-06-29", "2004-06-30", "2004-07-01", "2004-07-02"].map((date) => sessionDate(date))

  it("is the mean of what was in force on each date, per 1.00 as it is published", () => {
    const rows = [
      { date: sessionDate("2003-06-26"), percent: 2 },
      { date: sessionDate("2004-07-01"), percent: 2.25 }
    ]
    expect(averageRiskFreeRate(dates, rows)).toBe((0.02 + 0.02 + 0.0225 + 0.0225) / 4)
  })

  it("before the first row is that row's, after the last that one's", () => {
    const only = [{ date: sessionDate("2010-02-19"), percent: 0.75 }]
    expect(averageRiskFreeRate(dates, only)).toBe(0.0075)
    expect(averageRiskFreeRate([sessionDate("2013-10-07")], only)).toBe(0.0075)
  })

  it("without rows is the Federal Reserve's target, which rose on 30 June 2004 from 1% to 1.25%", () => {
    expect(averageRiskFreeRate(dates, [])).toBeCloseTo((0.01 + 0.01 + 0.0125 + 0.0125) / 4, 16)
  })

  it("of no dates is zero", () => {
    expect(averageRiskFreeRate([], [])).toBe(0)
  })
})
