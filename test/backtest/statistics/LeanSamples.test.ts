/** LEAN's own results, recomputed from the equity they come with. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { backtestFigures } from "../../../src/backtest/statistics/BacktestFigures.ts"
import { dollars } from "../../../src/domain/Money.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"
import { playedOf } from "./Returns.ts"

const Points = Schema.Struct({ Values: Schema.Array(Schema.Struct({ x: Schema.Int, y: Schema.Finite })) })
const Texts = Schema.Record(Schema.String, Schema.String)

const Full = Schema.Struct({
  Charts: Schema.Struct({
    "Strategy Equity": Schema.Struct({ Series: Schema.Struct({ "Daily Performance": Points }) }),
    Benchmark: Schema.Struct({ Series: Schema.Struct({ Benchmark: Points }) }),
    "Portfolio Turnover": Schema.Struct({ Series: Schema.Struct({ "Portfolio Turnover": Points }) })
  }),
  TotalPerformance: Schema.Struct({
    PortfolioStatistics: Texts,
    TradeStatistics: Schema.Record(Schema.String, Schema.Unknown)
  }),
  Statistics: Texts
})

const read = <S extends Schema.Decoder<unknown>>(name: string, schema: S): S["Type"] =>
  Schema.decodeUnknownSync(Schema.fromJsonString(schema))(
    readFileSync(sharedPath("lean-results", name), "utf8")
  )

const CASH = 100_000
const DATES = ["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11"]

describeWithShared("SPY held in October 2013 (sample-full.json)", () => {
  const sample = read("sample-full.json", Full)
  // The first sample is taken before the first session, each other one after a session.
  const performance = sample.Charts["Strategy Equity"].Series["Daily Performance"].Values.slice(1)
  const benchmark = sample.Charts.Benchmark.Series.Benchmark.Values.slice(1)
  const turnover = sample.Charts["Portfolio Turnover"].Series["Portfolio Turnover"].Values
  const equity = new Float64Array(performance.length)
  let worth = CASH
  for (const [day, { y }] of performance.entries()) {
    worth *= 1 + y / 100
    equity[day] = worth
  }
  const measured = (percent: number) =>
    backtestFigures({
      played: playedOf(
        DATES,
        {
          equity,
          benchmark: Float64Array.from(benchmark, ({ y }) => y),
          traded: Float64Array.from(turnover, ({ y }, day) => y * (equity[day] ?? 0))
        },
        { fees: dollars(3.44) }
      ),
      cash: dollars(CASH),
      trades: [],
      bars: new Map(),
      riskFree: [{ date: sessionDate("2010-02-19"), percent }]
    })
  /** The version of LEAN it was made with took a risk-free rate of zero. */
  const ours = measured(0)
  const theirs = sample.TotalPerformance.PortfolioStatistics

  const names = {
    compoundingAnnualReturn: "CompoundingAnnualReturn",
    totalNetProfit: "TotalNetProfit",
    sharpeRatio: "SharpeRatio",
    probabilisticSharpeRatio: "ProbabilisticSharpeRatio",
    alpha: "Alpha",
    beta: "Beta",
    annualStandardDeviation: "AnnualStandardDeviation",
    annualVariance: "AnnualVariance",
    informationRatio: "InformationRatio",
    trackingError: "TrackingError",
    treynorRatio: "TreynorRatio",
    portfolioTurnover: "PortfolioTurnover"
  }
  for (const [name, its] of Object.entries(names)) {
    it(`${name} is LEAN's to the four places it gives`, () => {
      expect(Math.abs((ours.portfolio[name] ?? Number.NaN) - Number(theirs[its]))).toBeLessThanOrEqual(
        0.0000501
      )
    })
  }

  it("and so are the texts", () => {
    const same = Object.entries(sample.Statistics).filter(([name, text]) => ours.lean[name] === text)
    expect(same.map(([name]) => name)).toEqual([
      "Average Win",
      "Average Loss",
      "Compounding Annual Return",
      "Expectancy",
      "Net Profit",
      "Sharpe Ratio",
      "Probabilistic Sharpe Ratio",
      "Loss Rate",
      "Win Rate",
      "Profit-Loss Ratio",
      "Alpha",
      "Beta",
      "Annual Standard Deviation",
      "Annual Variance",
      "Information Ratio",
      "Tracking Error",
      "Treynor Ratio",
      "Total Fees",
      "Portfolio Turnover"
    ])
  })

  it("but the drawdown: LEAN's is of samples within the day, ours of closes", () => {
    expect(theirs["Drawdown"]).toBe("0.022")
    expect(ours.portfolio["drawdown"]).toBeCloseTo(0.011753, 6)
    expect(ours.lean["Drawdown"]).toBe("1.200%")
  })

  it("at the rate of its interest-rate file the Sharpe ratio would be the 8.854 of later versions", () => {
    const later = measured(0.75)
    expect(later.lean["Sharpe Ratio"]).toBe("8.854")
    expect(later.lean["Treynor Ratio"]).toBe("1.97")
    expect(later.lean["Probabilistic Sharpe Ratio"]).toBe("67.459%")
  })

  it("what cannot be told of five days is null, and LEAN's zero in the text", () => {
    expect(ours.portfolio).toMatchObject({ sortinoRatio: null, winRate: null, expectancy: null })
    expect(ours.lean).toMatchObject({ "Sortino Ratio": "0", "Win Rate": "0%", "Start Equity": "100000" })
  })

  it("has LEAN's names, all of them", () => {
    expect(Object.keys(ours.lean)).toHaveLength(27)
    expect(Object.keys(ours.portfolio)).toHaveLength(25)
    const camelCase = (name: string): string => `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`
    for (const name of Object.keys(theirs)) expect(ours.portfolio).toHaveProperty(camelCase(name))
    // In LEAN's order, and those that are no money the same: nothing was closed.
    const { TradeStatistics: trades } = sample.TotalPerformance
    expect(Object.keys(ours.trade)).toEqual(Object.keys(trades).map(camelCase))
    expect(ours.trade).toMatchObject({
      startDateTime: trades["StartDateTime"],
      totalNumberOfTrades: trades["TotalNumberOfTrades"],
      averageTradeDuration: trades["AverageTradeDuration"],
      maximumDrawdownDuration: trades["MaximumDrawdownDuration"]
    })
    for (const name of Object.keys(sample.Statistics)) {
      expect(ours.lean).toHaveProperty([name === "Total Trades" ? "Total Orders" : name])
    }
  })
})

describeWithShared("the older sample (sample.json)", () => {
  const { Statistics } = read("sample.json", Schema.Struct({ Statistics: Texts }))
  const figure = (name: string): number => Number((Statistics[name] ?? "").replace(/[$%]/gu, ""))

  // It has kept three points of each curve: what is left to check is what follows from the figures themselves.
  it("its figures follow from each other by the same formulas", () => {
    expect(figure("Annual Standard Deviation") ** 2).toBeCloseTo(figure("Annual Variance"), 3)
    expect(figure("Average Win") / -figure("Average Loss")).toBeCloseTo(figure("Profit-Loss Ratio"), 1)
    // A benchmark that does not move: beta 0, the tracking error is the deviation, the information ratio is Sharpe's at a rate of zero.
    expect(figure("Beta")).toBe(0)
    expect(figure("Tracking Error")).toBe(figure("Annual Standard Deviation"))
    expect(figure("Information Ratio")).toBe(figure("Sharpe Ratio"))
    // Win rate × ratio − loss rate, of a win rate that is 25% when rounded.
    const winRate = (figure("Expectancy") + 1) / (figure("Profit-Loss Ratio") + 1)
    expect(Math.round(winRate * 100)).toBe(figure("Win Rate"))
  })
})

describe("in any case", () => {
  it("the same input gives the same bits", () => {
    const equity = Float64Array.of(100, 101, 99, 104)
    const once = () =>
      JSON.stringify(
        backtestFigures({
          played: playedOf(["2014-06-02", "2014-06-03", "2014-06-04", "2014-06-05"], {
            equity,
            benchmark: equity
          }),
          cash: dollars(100),
          trades: [],
          bars: new Map(),
          riskFree: []
        })
      )
    expect(once()).toBe(once())
  })
})
