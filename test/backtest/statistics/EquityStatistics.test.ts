import { describe, expect, it } from "@effect/vitest"
import {
  compoundingAnnualReturn,
  drawdownRecovery,
  portfolioTurnover,
  totalNetProfit,
  yearsBetween
} from "../../../src/backtest/statistics/EquityStatistics.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { curveOf } from "../../portfolio/Curves.ts"
import { numberOf, reasonOf } from "./Returns.ts"

describe("growth", () => {
  it("years run from midnight before the first session to the last one's close, of 365 days", () => {
    // Monday to Friday, closed at 16:00: four days and two thirds.
    expect(yearsBetween(sessionDate("2013-10-07"), sessionDate("2013-10-11"))).toBeCloseTo(
      (4 + 16 / 24) / 365,
      15
    )
    // The day after Thanksgiving closes at 13:00.
    expect(yearsBetween(sessionDate("2013-11-29"), sessionDate("2013-11-29"))).toBeCloseTo(13 / 24 / 365, 15)
    // A day that is none of the exchange's counts to the usual close.
    expect(yearsBetween(sessionDate("2013-10-07"), sessionDate("2013-10-12"))).toBeCloseTo(
      (5 + 16 / 24) / 365,
      15
    )
  })

  it("doubled in two years is √2 − 1 a year", () => {
    expect(numberOf(compoundingAnnualReturn({ start: 100, end: 200 }, 2))).toBeCloseTo(Math.SQRT2 - 1, 15)
    expect(numberOf(compoundingAnnualReturn({ start: 100, end: 0 }, 2))).toBe(-1)
    expect(numberOf(totalNetProfit({ start: 100, end: 95 }))).toBeCloseTo(-0.05, 15)
  })

  it("of no time, no cash or less than nothing there is none", () => {
    expect(reasonOf(compoundingAnnualReturn({ start: 100, end: 200 }, 0))).toContain("needs a time")
    expect(reasonOf(compoundingAnnualReturn({ start: 0, end: 200 }, 1))).toContain("above zero")
    expect(reasonOf(compoundingAnnualReturn({ start: 100, end: -1 }, 1))).toContain("less than nothing")
    expect(reasonOf(compoundingAnnualReturn({ start: 1e-300, end: 1e300 }, 1))).toContain("too large")
    expect(reasonOf(totalNetProfit({ start: 0, end: 1 }))).toContain("above zero")
  })
})

describe("drawdown recovery: the longest time from a peak until equity was back at it", () => {
  const dates = [
    "2014-01-01",
    "2014-01-02",
    "2014-01-06",
    "2014-01-07",
    "2014-01-31",
    "2014-02-03",
    "2014-03-03"
  ]

  it("in calendar days", () => {
    // 110 on 2 January was back on 31 January, 29 days later; 110 of 6 and 120 of 31 January took less.
    expect(drawdownRecovery(curveOf([100, 110, 100, 105, 120, 119, 120], dates))).toBe(31)
    expect(drawdownRecovery(curveOf([100, 110, 100, 105, 120, 121, 122], dates))).toBe(29)
  })

  it("back at the peak is recovered, and a later equal peak begins anew", () => {
    expect(drawdownRecovery(curveOf([100, 90, 100, 100, 99, 100, 101], dates))).toBe(27)
  })

  it("a fall that lasts until the end is not in it, nor is a curve that never fell", () => {
    expect(drawdownRecovery(curveOf([100, 90, 91, 92, 93, 94, 95], dates))).toBe(0)
    expect(drawdownRecovery(curveOf([1, 2, 3, 4, 5, 6, 7], dates))).toBe(0)
  })
})

describe("turnover", () => {
  it("is the mean of each session's trades over its equity, both sides counted", () => {
    expect(numberOf(portfolioTurnover(Float64Array.of(100, 0, 60), Float64Array.of(100, 110, 120)))).toBe(0.5)
  })

  it("is not told of other sessions, of none, or of an account worth nothing", () => {
    expect(reasonOf(portfolioTurnover(Float64Array.of(1), Float64Array.of(1, 1)))).toBe(
      "1 sums traded, 2 sessions"
    )
    expect(reasonOf(portfolioTurnover(new Float64Array(), new Float64Array()))).toContain("0 sessions")
    expect(reasonOf(portfolioTurnover(Float64Array.of(1), Float64Array.of(0)))).toContain("worth nothing")
  })
})
