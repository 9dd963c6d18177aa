import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { deepestDrawdown, type EquityCurve } from "../../src/portfolio/EquityCurve.ts"
import {
  calmar,
  cagr,
  cagr252,
  exposedDays,
  maxDrawdown,
  performance,
  sharpe,
  sharpeStandardError,
  sortino,
  Statistic,
  statisticDefinitions,
  totalReturn,
  turnover,
  volatility
} from "../../src/portfolio/Performance.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"
import { curveOf, curveOfReturns } from "./Curves.ts"

const numberOf = (statistic: Statistic): number => {
  if (statistic._tag === "None") throw new Error(`no statistic: ${statistic.reason}`)
  return statistic.value
}
const reasonOf = (statistic: Statistic): string => (statistic._tag === "None" ? statistic.reason : "")

/** Relative to 1e-12, the tolerance of the reference file. */
const expectClose = (actual: Statistic, expected: number) =>
  expect(Math.abs(numberOf(actual) / expected - 1)).toBeLessThan(1e-12)

const activity = (curve: EquityCurve, gross = 0) => ({
  grossExposures: new Float64Array(curve.equities.length).fill(gross),
  tradedNotional: 0
})

describe("by hand", () => {
  // Returns +10%, −10%, +20%: mean 1/15, squared deviations sum to 0.04667.
  const curve = curveOf([100, 110, 99, 118.8])

  it("total return and CAGR", () => {
    expect(numberOf(totalReturn(curve))).toBeCloseTo(0.188, 15)
    expect(numberOf(cagr252(curve))).toBeCloseTo(1.188 ** 84 - 1, 5)
    const year = curveOf([100, 121], ["2001-01-01", "2005-01-01"])
    // 1461 days are exactly four years of 365.25.
    expect(numberOf(cagr(year))).toBeCloseTo(1.21 ** 0.25 - 1, 15)
  })

  it("volatility, Sharpe, its standard error and Sortino", () => {
    const deviation = Math.sqrt((0.14 / 3 / 2) * 1)
    const ratio = 1 / 15 / deviation
    expect(numberOf(volatility(curve))).toBeCloseTo(deviation * Math.sqrt(252), 12)
    expect(numberOf(sharpe(curve))).toBeCloseTo(ratio * Math.sqrt(252), 12)
    expect(numberOf(sharpeStandardError(curve))).toBeCloseTo(Math.sqrt(((1 + ratio ** 2 / 2) / 3) * 252), 12)
    expect(numberOf(sortino(curve))).toBeCloseTo((1 / 15 / Math.sqrt(0.01 / 3)) * Math.sqrt(252), 11)
  })

  it("best and worst day", () => {
    const { days, statistics } = performance(curve, activity(curve))
    expect(numberOf(statistics.bestDay)).toBe(Option.getOrThrow(days).best.value)
    expect(numberOf(statistics.worstDay)).toBe(Option.getOrThrow(days).worst.value)
    expect(numberOf(statistics.worstDay)).toBeCloseTo(-0.1, 15)
  })

  it("drawdown and Calmar", () => {
    expect(numberOf(maxDrawdown(curve))).toBeCloseTo(-0.1, 15)
    expect(numberOf(calmar(curve))).toBeCloseTo((1.188 ** 84 - 1) / 0.1, 3)
  })

  it("days exposed leave out the first point, and a short position is exposed", () => {
    expect(exposedDays(curve, Float64Array.of(9, 0, 5, 0.01))).toEqual({ _tag: "Value", value: 2 / 3 })
  })

  it("selling everything and buying it back once in a year is a turnover of two", () => {
    const flat = curveOf(Array.from({ length: 253 }, () => 1000))
    expect(turnover(flat, 2000)).toEqual({ _tag: "Value", value: 2 })
  })

  it("a Sharpe ratio of 1.5 over 60 returns has a standard error of √((1 + 1.125) / 60) = 0.188", () => {
    const deviation = Math.sqrt(60 / 59)
    const returns = Array.from({ length: 60 }, (_, i) => 0.01 * (1.5 * deviation + (i % 2 === 0 ? 1 : -1)))
    const se = numberOf(sharpeStandardError(curveOfReturns(returns))) / Math.sqrt(252)
    expect(se).toBeCloseTo(0.188, 3)
  })
})

describe("where there is no statistic, the reason is given", () => {
  it("too little data", () => {
    const { statistics } = performance(curveOf([100]), activity(curveOf([100])))
    for (const [name, statistic] of Object.entries(statistics)) {
      if (name !== "maxDrawdown") expect(reasonOf(statistic)).not.toBe("")
    }
    expect(reasonOf(sharpe(curveOf([100, 101])))).toBe("needs 2 daily returns, has 1")
  })

  it("returns that do not vary, no losing day, no fall", () => {
    const steady = curveOfReturns(Array.from({ length: 50 }, () => 0.01))
    expect(reasonOf(sharpe(steady))).toBe("the daily returns do not vary")
    expect(reasonOf(sharpeStandardError(steady))).toBe("the daily returns do not vary")
    expect(reasonOf(sortino(steady))).toBe("no day lost money")
    expect(reasonOf(calmar(steady))).toContain("never fell")
    expect(maxDrawdown(steady)).toEqual({ _tag: "Value", value: 0 })
  })

  it("an account worth nothing on some day", () => {
    const ruined = curveOf([100, 0, 50])
    expect(reasonOf(sharpe(ruined))).toContain("worth nothing or less on 2001-01-02")
    expect(reasonOf(cagr(ruined))).toContain("worth nothing")
    expect(maxDrawdown(ruined)).toEqual({ _tag: "Value", value: -1 })
    expect(totalReturn(ruined)).toEqual({ _tag: "Value", value: -0.5 })
  })

  it("activity that does not fit the curve", () => {
    const curve = curveOf([100, 101])
    expect(reasonOf(exposedDays(curve, new Float64Array(1)))).toContain("one exposure a day")
    expect(reasonOf(exposedDays(curve, Float64Array.of(0, Number.NaN)))).toContain("not a number")
    expect(reasonOf(turnover(curve, Number.NaN))).toContain("not a number")
    expect(reasonOf(turnover(curveOf([1, -3]), 5))).toContain("mean equity")
  })

  it("a growth too large for a number", () => {
    expect(reasonOf(cagr252(curveOf([1, 1e300])))).toContain("too large")
  })

  it.prop(
    "no curve gives NaN, and every statistic survives JSON",
    {
      equities: Schema.Array(Schema.Finite),
      gross: Schema.Finite,
      traded: Schema.Finite
    },
    ({ equities, gross, traded }) => {
      const curve = curveOf([1, ...equities])
      const { statistics } = performance(curve, { ...activity(curve, gross), tradedNotional: traded })
      for (const statistic of Object.values(statistics)) {
        const json: unknown = JSON.parse(JSON.stringify(statistic))
        expect(Schema.decodeUnknownSync(Statistic)(json)).toEqual(statistic)
      }
    },
    { arbitrary: { runs: 600, size: 20 } }
  )
})

describe("the definitions", () => {
  it("are there for each statistic, once, in a sentence", () => {
    const curve = curveOf([1, 2, 1.5])
    const keys = statisticDefinitions.map((entry) => entry.key)
    expect(keys.toSorted()).toEqual(Object.keys(performance(curve, activity(curve)).statistics).toSorted())
    expect(statisticDefinitions.every((entry) => entry.definition.endsWith("."))).toBe(true)
  })
})

const Row = Schema.Struct({
  n: Schema.Int,
  total_return: Schema.Finite,
  cagr_252: Schema.Finite,
  ann_vol: Schema.Finite,
  sharpe_252: Schema.Finite,
  sortino_252: Schema.Finite,
  max_drawdown: Schema.Finite,
  calmar: Schema.Finite,
  peak_index: Schema.Int,
  trough_index: Schema.Int,
  recovery_index: Schema.NullOr(Schema.Int)
})
const Reference = Schema.Struct({
  full: Schema.Struct({
    ...Row.fields,
    "cagr_calendar_365.25": Schema.Finite,
    peak_date: Schema.String,
    trough_date: Schema.String,
    recovery_date: Schema.String
  }),
  first_252: Row,
  small: Schema.Struct({ ...Row.fields, returns: Schema.Array(Schema.Finite) })
})

describeWithShared("against the reference values of the S&P 500, 2000 to 2020", () => {
  const reference = Schema.decodeUnknownSync(Schema.fromJsonString(Reference))(
    readFileSync(sharedPath("oracles", "risk.json"), "utf8")
  )
  const csv = readFileSync(
    new URL("../../node_modules/vega-datasets/data/sp500-2000.csv", import.meta.url),
    "utf8"
  )
  const rows = csv
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))
  const index = curveOf(
    rows.map((cells) => Number(cells[4])),
    rows.map((cells) => cells[0] ?? "")
  )
  const firstYear = curveOf(index.equities.slice(0, 253), index.dates.slice(0, 253))

  const cases: ReadonlyArray<readonly [string, EquityCurve, typeof Row.Type]> = [
    ["the whole history", index, reference.full],
    ["the first 252 returns", firstYear, reference.first_252],
    ["ten returns", curveOfReturns(reference.small.returns), reference.small]
  ]
  for (const [name, curve, expected] of cases) {
    it(`${name}: every statistic to 1e-12, and the drawdown's days`, () => {
      expectClose(totalReturn(curve), expected.total_return)
      expectClose(cagr252(curve), expected.cagr_252)
      expectClose(volatility(curve), expected.ann_vol)
      expectClose(sharpe(curve), expected.sharpe_252)
      expectClose(sortino(curve), expected.sortino_252)
      expectClose(maxDrawdown(curve), expected.max_drawdown)
      expectClose(calmar(curve), expected.calmar)
      const drawdown = Option.getOrThrow(deepestDrawdown(curve))
      expect(drawdown.peak).toBe(curve.dates[expected.peak_index])
      expect(drawdown.trough).toBe(curve.dates[expected.trough_index])
      expect(Option.getOrNull(drawdown.recovery)).toBe(
        expected.recovery_index === null ? null : curve.dates[expected.recovery_index]
      )
    })
  }

  it("the whole history: calendar CAGR, and the dates of 2007 to 2013", () => {
    expectClose(cagr(index), reference.full["cagr_calendar_365.25"])
    expect(Option.getOrThrow(deepestDrawdown(index))).toMatchObject({
      peak: reference.full.peak_date,
      trough: reference.full.trough_date,
      recovery: Option.some(reference.full.recovery_date)
    })
  })
})
