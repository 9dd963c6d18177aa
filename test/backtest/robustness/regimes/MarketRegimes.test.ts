/** All methods on one market: each tells what it can, and what cannot be told is a failure of its own. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { cusum, defaultCusum } from "../../../../src/backtest/robustness/regimes/Cusum.ts"
import {
  nothingTold,
  regimeMethods,
  type RegimeReport,
  type RegimeRequest,
  regimeSteps
} from "../../../../src/backtest/robustness/regimes/MarketRegimes.ts"
import { gaussiansOf, seriesOf, twoStateMarket } from "./SyntheticMarket.ts"

const walk = { first: 252, every: 126, seed: 1 }

const played = (asked: Pick<RegimeRequest, "strategy" | "market"> & Partial<RegimeRequest>) => {
  const steps = regimeSteps({ methods: regimeMethods, walk, cusum: defaultCusum, ...asked })
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
const reportOf = (asked: Parameters<typeof played>[0]): RegimeReport => Result.getOrThrow(played(asked))

const { series: market } = twoStateMarket(800, 41)
const gaussian = gaussiansOf(42)
const strategy = seriesOf(
  market.returns.map((value) => 0.5 * value + 0.002 * gaussian()),
  "half of it"
)

describe("all methods", () => {
  const report = reportOf({ strategy, market })

  it("have rows whose sessions are those with a label before them", () => {
    const { cusum: charts, hmm, rules } = report
    if (rules === undefined || hmm === undefined || charts === undefined) throw new Error("left out")
    const causal = Result.getOrThrow(Result.getOrThrow(hmm).causal)
    const { trend, volatility } = Result.getOrThrow(rules)
    for (const { known, rows } of [trend, volatility, causal, Result.getOrThrow(charts).stretches]) {
      const told = known.labels.slice(0, -1).filter((label) => label !== undefined).length
      expect(rows.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(told)
      expect(rows.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1, 12)
    }
    expect(nothingTold(report)).toBeUndefined()
  })

  it("stretches of a CUSUM chart begin after the close of each alarm", () => {
    const { alarms } = Result.getOrThrow(cusum(market))
    const [first] = alarms
    if (first === undefined || report.cusum === undefined) throw new Error("no alarm")
    const { labels } = Result.getOrThrow(report.cusum).stretches.known
    expect(labels[first.at - 1]).toBe("0")
    expect(labels[first.at]).toBe("1")
  })

  it("the strategy's rows are of the strategy, the market's of the market", () => {
    const swapped = reportOf({ strategy: market, market, methods: ["rules"] })
    const rows = (one: RegimeReport) =>
      one.rules === undefined ? [] : Result.getOrThrow(one.rules).trend.rows
    expect(rows(swapped).map(({ strategy: of }) => of)).toEqual(rows(report).map(({ market: of }) => of))
    expect(rows(report).map(({ strategy: of }) => of)).not.toEqual(
      rows(swapped).map(({ strategy: of }) => of)
    )
    expect(swapped.hmm).toBeUndefined()
    expect(swapped.cusum).toBeUndefined()
  })
})

describe("what cannot be told", () => {
  const short = { ...market, returns: market.returns.subarray(0, 150) }

  it("of one method is told of it, and the others stand", () => {
    const report = reportOf({ strategy: short, market: short })
    expect(report.rules === undefined ? undefined : Result.isFailure(report.rules)).toBe(true)
    expect(report.cusum === undefined ? undefined : Result.isFailure(report.cusum)).toBe(true)
    if (report.hmm === undefined) throw new Error("left out")
    const { causal, fit } = Result.getOrThrow(report.hmm)
    expect(fit.returns).toBe(150)
    expect(Result.isFailure(causal) ? causal.failure.message : "").toContain(
      "needs 253 returns, and there are 150"
    )
    expect(nothingTold(report)).toBeUndefined()
  })

  it("of all methods is a failure of the whole, the first of them", () => {
    const tiny = { ...market, returns: market.returns.subarray(0, 60) }
    expect(nothingTold(reportOf({ strategy: tiny, market: tiny }))).toMatchObject({
      _tag: "TooFewObservations",
      needs: 219,
      has: 60
    })
  })

  it("a market of another length is refused", () => {
    expect(Result.getOrThrow(Result.flip(played({ strategy: short, market }))).message).toBe(
      "two states has 800 returns and two states 150: one of each session is needed"
    )
  })
})
