import { describe, expect, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
import { deepestFalls } from "../../../src/backtest/report/Falls.ts"
import { histogramOf, normalCounts } from "../../../src/backtest/report/Histogram.ts"
import { rolling, windowOf } from "../../../src/backtest/report/Rolling.ts"
import { turnoverOf } from "../../../src/backtest/report/Turnover.ts"
import { dateOfDay, dayOfDate, sessionDate, type SessionDate } from "../../../src/domain/Timestamp.ts"
import { deepestDrawdown, equityCurve } from "../../../src/portfolio/EquityCurve.ts"
import { sharpe, volatility } from "../../../src/portfolio/Performance.ts"

const days = (n: number, from = "2010-01-01"): ReadonlyArray<SessionDate> =>
  Array.from({ length: n }, (_, i) => dateOfDay(dayOfDate(sessionDate(from)) + i))

const curveOf = (equities: ReadonlyArray<number>) =>
  Result.getOrThrow(equityCurve(days(equities.length), Float64Array.from(equities)))

const equities = Schema.Array(
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 100_000 })))
)

describe("falls", () => {
  it("are each from a peak until it is reached again, the deepest first", () => {
    const curve = curveOf([100, 90, 100, 120, 60, 80, 120, 130, 117])
    expect(deepestFalls(curve, 5)).toEqual([
      { depth: -0.5, peak: "2010-01-04", trough: "2010-01-05", recovered: "2010-01-07", sessions: 3 },
      {
        depth: -0.09999999999999998,
        peak: "2010-01-01",
        trough: "2010-01-02",
        recovered: "2010-01-03",
        sessions: 2
      },
      {
        depth: -0.09999999999999998,
        peak: "2010-01-08",
        trough: "2010-01-09",
        recovered: undefined,
        sessions: 1
      }
    ])
    expect(deepestFalls(curve, 1)).toHaveLength(1)
  })

  it("are none of a curve that only rises, or of one point", () => {
    expect(deepestFalls(curveOf([1, 2, 2, 3]), 5)).toEqual([])
    expect(deepestFalls(curveOf([1]), 5)).toEqual([])
  })

  it.prop("begin with the deepest drawdown, of any curve", [equities], ([values]) => {
    const curve = curveOf([100, ...values])
    const [deepest] = deepestFalls(curve, 5)
    expect(deepest?.depth).toBe(
      Option.getOrUndefined(Option.map(deepestDrawdown(curve), ({ depth }) => depth))
    )
  })
})

describe("rolling figures", () => {
  it("take half a year, a quarter of a short run, and nothing of a shorter one", () => {
    expect([252, 251, 126, 125].map(windowOf)).toEqual([126, 63, 63, undefined])
  })

  it("are at each session those of the sessions up to it", () => {
    const values = Float64Array.from({ length: 40 }, (_, i) => 0.01 * Math.sin(i) + 0.0003 * i)
    const window = 12
    const { sharpe: sharpes, volatility: volatilities } = rolling(values, window)
    expect([...volatilities.subarray(0, window - 1)].every(Number.isNaN)).toBe(true)
    for (let end = window; end <= values.length; end++) {
      const part = [...values.subarray(end - window, end)]
      const curve = curveOf(part.reduce((all, r) => [...all, (all.at(-1) ?? 1) * (1 + r)], [100]))
      const [s, v] = [sharpe(curve), volatility(curve)]
      expect(sharpes[end - 1]).toBeCloseTo(s._tag === "Value" ? s.value : Number.NaN, 9)
      expect(volatilities[end - 1]).toBeCloseTo(v._tag === "Value" ? v.value : Number.NaN, 9)
    }
  })

  it("have no Sharpe ratio where nothing moves", () => {
    const { sharpe: sharpes, volatility: volatilities } = rolling(new Float64Array(10), 5)
    expect([...sharpes].every(Number.isNaN)).toBe(true)
    expect(volatilities[9]).toBe(0)
  })
})

describe("the histogram", () => {
  const returns = Float64Array.from({ length: 500 }, (_, i) => 0.012 * Math.sin(i * 1.7) * Math.cos(i / 9))

  it("counts every return once, in the bin it lies in, zeros aside", () => {
    const histogram = histogramOf(Float64Array.from([...returns, 0, 0, 0]))
    if (histogram === undefined) throw new Error("no histogram")
    const { counts, first, step, zeros } = histogram
    const values = returns.filter((value) => value !== 0)
    expect(zeros).toBe(3 + returns.length - values.length)
    expect(counts.reduce((a, b) => a + b)).toBe(values.length)
    for (const [i, n] of counts.entries()) {
      const [low, high] = [(first + i) * step, (first + i + 1) * step]
      expect(n).toBe(values.filter((value) => Math.floor(value / step) === first + i).length)
      expect(high).toBeGreaterThan(low)
    }
    expect(String(step / 10 ** Math.floor(Math.log10(step)))).toMatch(
      /^(?:1|2|5|1\.0000|4\.9999|2\.0000|5\.0000)/u
    )
  })

  it("lies under a normal curve of as many returns", () => {
    const histogram = histogramOf(returns)
    if (histogram === undefined) throw new Error("no histogram")
    const { deviation, mean, step, counted } = histogram
    let area = 0
    for (let x = mean - 8 * deviation; x < mean + 8 * deviation; x += step / 50) {
      area += normalCounts(histogram, x) / 50
    }
    expect(area).toBeCloseTo(counted, 0)
  })

  it("is none of few returns, and of returns that are the same", () => {
    expect(histogramOf(returns.subarray(0, 15))).toBeUndefined()
    expect(histogramOf(new Float64Array(100).fill(0.01))).toBeUndefined()
    expect(histogramOf(new Float64Array(100))).toBeUndefined()
  })

  it("has few bins even with one return far from the others", () => {
    const histogram = histogramOf(Float64Array.from([...returns, -0.9]))
    expect(histogram?.counts.length).toBeLessThanOrEqual(62)
  })
})

describe("turnover", () => {
  const dates = days(90, "2010-01-01")
  const traded = Float64Array.from(dates, (_, i) => i)
  const worth = new Float64Array(90).fill(50)

  it("is by the shortest period that gives few enough bars", () => {
    expect([100, 5, 2].map((most) => turnoverOf(dates, traded, worth, most).period)).toEqual([
      "session",
      "month",
      "quarter"
    ])
    expect(turnoverOf(days(4000), new Float64Array(4000), new Float64Array(4000).fill(1), 12).period).toBe(
      "year"
    )
  })

  it("sums what was traded over the mean equity, and leaves no session out", () => {
    const { bars } = turnoverOf(dates, traded, worth, 5)
    expect(bars.map(({ ratio }) => ratio)).toEqual([465 / 50, ((31 + 58) * 14) / 50, ((59 + 89) * 15.5) / 50])
  })

  it("has no bar where the equity is nothing, and none without sessions", () => {
    expect(turnoverOf(dates, traded, new Float64Array(90), 5).bars).toEqual([])
    expect(turnoverOf([], new Float64Array(), new Float64Array(), 5).bars).toEqual([])
  })
})
