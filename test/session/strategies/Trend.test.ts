import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { HistoryBuffer } from "../../../src/session/History.ts"
import {
  isInUptrend,
  makeTrend,
  realisedVolatility,
  type TrendParameters
} from "../../../src/session/strategies/Trend.ts"
import { contextOf, flatBar, historyOf, one, sp500Closes, two } from "../Contexts.ts"

const small = { meanSessions: 3, bandRatio: 0.1, volatilitySessions: 2, targetVolatility: 0.1 }

const trend = makeTrend()

const targetOf = (closes: ReadonlyArray<number>, parameters: Partial<TrendParameters> = {}) =>
  makeTrend(parameters).onBar(contextOf({ histories: [historyOf(one, closes)], cash: 1000 }))[0]

/** A walk that drifts for a while and then turns, so that closes lie on all sides of their mean. */
const walk = (steps: ReadonlyArray<number>): ReadonlyArray<number> => {
  let level = 100_000_000
  return steps.map((step) => (level = Math.max(1_000_000, level + step)))
}

describe("realised volatility", () => {
  it("is the standard deviation of simple returns, ddof 1, times the root of 252", () => {
    // Returns of +10% and −10%: mean 0, variance (0.01 + 0.01) / 1.
    expect(realisedVolatility([100, 110, 99], 2)).toBeCloseTo(Math.sqrt(0.02 * 252), 12)
  })

  it("is zero where prices do not move", () => {
    expect(realisedVolatility([5, 5, 5, 5], 3)).toBe(0)
  })
})

describe("the trend", () => {
  it("is up above the band around the mean, down below it", () => {
    // Mean 110 with the last close 130: above 121. Mean 90 with the last close 70: below 81.
    expect(isInUptrend([100, 100, 130], small)).toBe(true)
    expect(isInUptrend([100, 100, 70], small)).toBe(false)
  })

  it("is what it last was while the close is within the band", () => {
    expect(isInUptrend([100, 100, 130, 115], small)).toBe(true)
    expect(isInUptrend([100, 100, 70, 90], small)).toBe(false)
  })

  it("is not up where no close has yet left the band", () => {
    expect(isInUptrend([100, 100, 100, 101], small)).toBe(false)
  })

  it("changes nothing at exactly the band's edge", () => {
    // Mean 100; without a band at exactly the mean.
    expect(isInUptrend([90, 110, 100], { ...small, bandRatio: 0 })).toBe(false)
  })
})

describe("the trend follower", () => {
  it("wants target volatility over realised volatility while the trend is up", () => {
    const target = targetOf([90e6, 100e6, 110e6, 121e6], { ...small, bandRatio: 0.05, volatilitySessions: 3 })
    // Mean of the last three closes 110.33, the last 9.7% above it. Returns 1/9, 10% and 10%.
    const mean = (1 / 9 + 0.2) / 3
    const variance = ((1 / 9 - mean) ** 2 + 2 * (0.1 - mean) ** 2) / 2
    const expected = 0.1 / Math.sqrt(variance * 252)
    expect(expected).toBeCloseTo(0.981981, 6)
    expect(target?.weight).toBeCloseTo(expected, 12)
    expect(target?.reason).toBe(
      "Uptrend: close 121.00, 3-session mean 110.333333; volatility 10.2% for a target of 10.0% makes 98.2%."
    )
  })

  it("wants nothing below its mean", () => {
    expect(targetOf([100e6, 100e6, 100e6, 70e6], small)).toMatchObject({
      weight: 0,
      reason: "No uptrend: close 70.00, 3-session mean 90.00."
    })
  })

  it("never wants more than all of the equity, even where prices do not swing", () => {
    const steady = Array.from({ length: 260 }, (_, k) => 100_000_000 + k * 100_000)
    expect(targetOf(steady)?.weight).toBe(1)
    // It rose once, and has stood still for as long as volatility is measured.
    expect(targetOf([1e6, 1e6, 2e6, 2e6, 2e6], small)?.weight).toBe(1)
  })

  it("wants nothing before it has 200 sessions, and says so", () => {
    const rising = Array.from({ length: 200 }, (_, k) => 100_000_000 + k * 1_000_000)
    expect(targetOf(rising.slice(0, 199))).toMatchObject({
      weight: 0,
      reason: "Needs 200 sessions of history and has 199."
    })
    expect(targetOf(rising)?.weight).toBeGreaterThan(0)
  })

  it("gives each instrument an equal share, and none to one without a bar today", () => {
    const steady = Array.from({ length: 260 }, (_, k) => 100_000_000 + k * 100_000)
    const both = [historyOf(one, steady), historyOf(two, steady)]
    const weights = (histories: typeof both) =>
      trend
        .onBar(contextOf({ instruments: [one, two], histories, cash: 1000 }))
        .map(({ instrumentId, weight }) => [instrumentId, weight])
    expect(weights(both)).toEqual([
      [one.id, 0.5],
      [two.id, 0.5]
    ])
    expect(weights(both.slice(1))).toEqual([[two.id, 0.5]])
  })

  it("has the published conventions as defaults, and reports them", () => {
    expect(trend.parameters).toEqual({
      meanSessions: 200,
      bandRatio: 0.01,
      volatilitySessions: 60,
      targetVolatility: 0.1
    })
  })

  const Steps = Schema.Array(
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: -9_000_000, maximum: 9_000_000 })))
  ).pipe(Schema.check(Schema.isMinLength(8), Schema.isMaxLength(60)))

  it.prop("wants the same today whatever comes tomorrow", [Steps, Steps], ([past, future]) => {
    const parameters = { ...small, bandRatio: 0.02 }
    const strategy = makeTrend(parameters)
    const decisionsOf = (closes: ReadonlyArray<number>) => {
      const buffer = new HistoryBuffer(one.id)
      return closes.map((close, k) => {
        buffer.append(flatBar(k, close))
        return strategy.onBar(contextOf({ histories: [buffer.history], cash: 1000 }))
      })
    }
    const closes = walk(past)
    const other = [...closes, ...walk(future)]
    expect(decisionsOf(other).slice(0, closes.length)).toEqual(decisionsOf(closes))
  })

  it.prop("wants the same whether it saw every session or only woke at the last", [Steps], ([steps]) => {
    const strategy = makeTrend({ ...small, bandRatio: 0.02 })
    const closes = walk(steps)
    const buffer = new HistoryBuffer(one.id)
    let whole: ReturnType<typeof strategy.onBar> = []
    for (const [k, close] of closes.entries()) {
      buffer.append(flatBar(k, close))
      whole = strategy.onBar(contextOf({ histories: [buffer.history], cash: 1000 }))
    }
    expect(strategy.onBar(contextOf({ histories: [historyOf(one, closes)], cash: 1000 }))).toEqual(whole)
  })
})

/** The same rule in another way: whole columns at a time, running sums, variance as the mean of squares. */
const vectorisedWeights = (closes: ReadonlyArray<number>): ReadonlyArray<number> => {
  const mean = (values: ReadonlyArray<number>, count: number): ReadonlyArray<number> => {
    const sums = [0]
    for (const value of values) sums.push((sums.at(-1) ?? 0) + value)
    return values.map((_, k) =>
      k < count - 1 ? Number.NaN : ((sums[k + 1] ?? 0) - (sums[k + 1 - count] ?? 0)) / count
    )
  }
  const levels = closes.map((close) => close / 1_000_000)
  const means = mean(levels, 200)
  const above = levels.map((level, k) => level / (means[k] ?? Number.NaN) - 1)
  let signal = 0
  const signals = above.map((gap) => (signal = gap > 0.01 ? 1 : gap < -0.01 ? 0 : signal))
  const returns = levels.slice(1).map((level, k) => level / (levels[k] ?? Number.NaN) - 1)
  const first = mean(returns, 60)
  const second = mean(
    returns.map((one) => one * one),
    60
  )
  return signals.map((long, k) => {
    if (k < 199 || long === 0) return 0
    const variance = (((second[k - 1] ?? 0) - (first[k - 1] ?? 0) ** 2) * 60) / 59
    return Math.min(1, 0.1 / Math.sqrt(variance * 252))
  })
}

describe("on the S&P 500 from 2000 to 2020", () => {
  it("the trend follower wants on every session what a second, vectorised writing of the rule wants", () => {
    const closes = sp500Closes()
    const expected = vectorisedWeights(closes)
    const buffer = new HistoryBuffer(one.id)
    const weights = closes.map((close, k) => {
      buffer.append(flatBar(k, close))
      return trend.onBar(contextOf({ histories: [buffer.history], cash: 1000 }))[0]?.weight ?? Number.NaN
    })
    expect(weights.length).toBe(5105)
    let widest = 0
    for (const [k, weight] of weights.entries()) {
      widest = Math.max(widest, Math.abs(weight - (expected[k] ?? Number.NaN)))
    }
    expect(widest).toBeLessThan(1e-9)
    // Both of its states were met, and so were sizes between none and all.
    expect(weights.filter((weight) => weight === 0).length).toBeGreaterThan(1000)
    expect(weights.filter((weight) => weight > 0 && weight < 1).length).toBeGreaterThan(1000)
  })
})
