import { readFileSync } from "node:fs"
import { Result, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { automaticBlockLength } from "../../../../src/backtest/robustness/montecarlo/BlockLength.ts"
import {
  exactPaths,
  exactQuantiles,
  meanOf,
  partFrom,
  supportOf
} from "../../../../src/backtest/robustness/montecarlo/Enumeration.ts"
import { quantileAt, summarized } from "../../../../src/backtest/robustness/montecarlo/MonteCarlo.ts"
import {
  defaultOptions,
  type MonteCarloOptions,
  planMonteCarlo
} from "../../../../src/backtest/robustness/montecarlo/MonteCarloPlan.ts"
import { walkPaths } from "../../../../src/backtest/robustness/montecarlo/PathKernel.ts"
import {
  estimatedProbability,
  estimatedQuantile,
  intervalRanks,
  quantileOf
} from "../../../../src/backtest/robustness/montecarlo/Quantiles.ts"
import { sortedColumn } from "../../../../src/backtest/robustness/montecarlo/SortedColumn.ts"
import { describeWithShared, sharedPath } from "../../../support/Shared.ts"
import { autoregressive, daily, seriesOf } from "./Series.ts"

const planned = (returns: ReadonlyArray<number> | Float64Array, options: Partial<MonteCarloOptions> = {}) =>
  Result.getOrThrow(planMonteCarlo(seriesOf(returns), { ...defaultOptions, ...options }))

const run = (returns: ReadonlyArray<number> | Float64Array, options: Partial<MonteCarloOptions> = {}) => {
  const plan = planned(returns, options)
  const columns = { falls: new Float64Array(plan.paths), growths: new Float64Array(plan.paths) }
  walkPaths(plan.source, 0, columns)
  return Result.getOrThrow(summarized(plan, columns))
}

const Quantiles = Schema.Record(Schema.String, Schema.Finite)
const Oracle = Schema.Struct({
  exact4: Schema.Struct({
    trades: Schema.Array(Schema.Finite),
    resamples: Schema.Int,
    mean_mdd: Schema.Finite,
    mdd_quantiles: Quantiles,
    tot_quantiles: Quantiles,
    mean_total: Schema.Finite,
    prob_loss: Schema.Finite,
    prob_mdd_ge_10pct: Schema.Finite,
    mdd_support: Schema.Array(Schema.Finite),
    mdd_counts: Schema.Array(Schema.Int),
    shuffle: Schema.Struct({ orders: Schema.Int, mean_mdd: Schema.Finite, mdd_quantiles: Quantiles })
  })
})

describeWithShared("all the resamples of the oracle's four trades", () => {
  const text = readFileSync(sharedPath("oracles", "mc.json"), "utf8")
  const { exact4 } = Schema.decodeUnknownSync(Oracle)(JSON.parse(text))
  const trades = Float64Array.from(exact4.trades)
  const all = exactPaths("iid", trades, 4)
  const orders = exactPaths("shuffle", trades, 4)
  if (all === undefined || orders === undefined) throw new Error("four trades can be enumerated")

  const near = (found: number, expected: number | undefined): void =>
    expect(Math.abs(found - (expected ?? Number.NaN))).toBeLessThan(1e-12)

  it("have its means, quantiles, probabilities, values and counts", () => {
    expect(all.paths).toBe(exact4.resamples)
    near(meanOf(all.falls), exact4.mean_mdd)
    near(meanOf(all.totals), exact4.mean_total)
    for (const [p, value] of Object.entries(exact4.mdd_quantiles))
      near(quantileOf(all.falls, Number(p)), value)
    for (const [p, value] of Object.entries(exact4.tot_quantiles))
      near(quantileOf(all.totals, Number(p)), value)
    near(partFrom(all.falls, 0.1), exact4.prob_mdd_ge_10pct)
    near(all.totals.filter((total) => total < 0).length / all.paths, exact4.prob_loss)
    const { counts, values } = supportOf(all.falls)
    expect(counts).toEqual(exact4.mdd_counts)
    expect(values).toHaveLength(exact4.mdd_support.length)
    for (const [i, value] of values.entries()) near(value, exact4.mdd_support[i])
  })

  it("and all their orders have its mean and quantiles, and one total", () => {
    expect(orders.paths).toBe(exact4.shuffle.orders)
    near(meanOf(orders.falls), exact4.shuffle.mean_mdd)
    for (const [p, value] of Object.entries(exact4.shuffle.mdd_quantiles)) {
      near(quantileOf(orders.falls, Number(p)), value)
    }
    for (const total of orders.totals) near(total, orders.totals[0])
  })

  it("are given beside the sample, which agrees with them", () => {
    const found = run(trades, { paths: 100_000 })
    expect(found.exact?.maxDrawdown).toEqual(exactQuantiles(all.falls))
    expect(found.exact?.loss).toBe(exact4.prob_loss)
    expect(found.loss.low).toBeLessThan(exact4.prob_loss)
    expect(found.loss.high).toBeGreaterThan(exact4.prob_loss)
    expect(Math.abs(found.maxDrawdown.mean - exact4.mean_mdd)).toBeLessThan(0.001)
    near(quantileAt(found.maxDrawdown, 0.95)?.value ?? 0, exact4.mdd_quantiles["0.95"])
  })
})

describe("Monte Carlo", () => {
  it("gives magnitudes: the start is a peak, and a path that only rises falls by nothing", () => {
    const found = run([-0.2, 0.1, 0.05])
    expect(found.actual.maxDrawdown).toBeCloseTo(0.2, 12)
    expect(found.actual.underWater).toBe(3)
    const rising = run([0.01, 0.02, 0.03])
    expect(quantileAt(rising.maxDrawdown, 0.99)?.value).toBe(0)
    expect(quantileAt(rising.underWater, 0.99)?.value).toBe(0)
    expect(rising.loss.value).toBe(0)
  })

  it("leaves the total and the Sharpe ratio of shuffles as they are", () => {
    const found = run(daily(300), { method: "shuffle", paths: 500 })
    expect(found.isTotalFixed).toBe(true)
    for (const { value } of found.totalReturn.quantiles) expect(value).toBe(found.actual.totalReturn)
    for (const { value } of found.sharpe?.quantiles ?? []) expect(value).toBe(found.actual.sharpe)
    expect(found.maxDrawdown.quantiles[0]?.value).toBeLessThan(found.maxDrawdown.quantiles[6]?.value ?? 0)
  })

  it("sees deeper falls in blocks than one by one where losses follow losses", () => {
    const returns = autoregressive(1500, 0.7).map((value) => value / 50)
    const [iid, block] = [run(returns, { paths: 1000 }), run(returns, { paths: 1000, method: "block" })]
    expect(block.plan.block?.length).toBeGreaterThan(5)
    expect(quantileAt(block.maxDrawdown, 0.5)?.value).toBeGreaterThan(
      1.3 * (quantileAt(iid.maxDrawdown, 0.5)?.value ?? 1)
    )
  })

  it("covers the exact quantile with its interval as often as it says", () => {
    const returns = [0.04, -0.03, 0.02, -0.05, 0.01, 0.03]
    const exact = exactPaths("iid", Float64Array.from(returns), 6)
    const target = quantileOf(exact?.falls ?? new Float64Array(), 0.5)
    let covered = 0
    for (let seed = 0; seed < 200; seed++) {
      const columns = { falls: new Float64Array(200), growths: new Float64Array(200) }
      walkPaths(planned(returns, { paths: 200, seed }).source, 0, columns)
      const { high = 1, low = 0 } = estimatedQuantile(sortedColumn(columns.falls), 0.5)
      if (low <= target + 1e-12 && high >= target - 1e-12) covered += 1
    }
    // 95% at least, for values that come often: of 200 fewer than 180 once in a thousand.
    expect(covered).toBeGreaterThanOrEqual(180)
  })

  it("tells ruin by the level that is asked for", () => {
    const returns = daily(250)
    const [mild, deep] = [run(returns, { ruin: 0.05, paths: 2000 }), run(returns, { ruin: 0.6, paths: 2000 })]
    expect(mild.ruin.value).toBeGreaterThan(0.9)
    expect(deep.ruin.value).toBe(0)
    expect(deep.ruin.high).toBeGreaterThan(0)
    expect(deep.ruin.high).toBeLessThan(0.003)
  })

  it("draws a fan from the start to the end whose bands do not cross", () => {
    const { fan } = run(daily(777), { paths: 300 })
    expect(fan.steps[0]).toBe(0)
    expect(fan.steps.at(-1)).toBe(777)
    for (const i of fan.steps.keys()) {
      const values = fan.bands.map((band) => band[i] ?? 0)
      expect(values).toEqual(values.toSorted((a, b) => a - b))
    }
    expect(fan.bands.map((band) => band[0])).toEqual([1, 1, 1, 1, 1])
  })

  it("counts every path in its histogram", () => {
    const { histogram } = run(daily(250), { paths: 3000 })
    expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(3000)
  })

  it("loses everything where a return is minus one, and means it", () => {
    const found = run([-1, 0.5, 0.2, 0.1], { paths: 1000 })
    expect(quantileAt(found.maxDrawdown, 0.99)?.value).toBe(1)
    expect(quantileAt(found.totalReturn, 0.05)?.value).toBe(-1)
  })
})

describe("what Monte Carlo refuses", () => {
  const problem = (
    returns: ReadonlyArray<number> | Float64Array,
    options: Partial<MonteCarloOptions> = {}
  ): string =>
    Result.match(planMonteCarlo(seriesOf(returns), { ...defaultOptions, ...options }), {
      onSuccess: () => "nothing",
      onFailure: ({ _tag, message }) => `${_tag}: ${message}`
    })

  it.each([
    [[0.01], {}, "TooFewObservations: a bootstrap needs 2 returns, and there is 1"],
    [[0.1, 0.2, 0.3], { method: "block" }, "needs 20 returns, and there are 3"],
    [[0.01, 0.01, 0.01], {}, "ConstantReturns: the returns of made are all 0.01"],
    [[0.01, Number.NaN], {}, "BadReturn: return 2 of made is no finite number"],
    [[0.01, -1.5], {}, "loses more than everything"],
    [[0.1, 0.2], { paths: 0 }, "BadRequest: expected from 20 to 1000000 paths, not 0"],
    [[0.1, 0.2], { paths: 2e6 }, "not 2000000"],
    [[0.1, 0.2], { paths: 100.5 }, "not 100.5"],
    [[0.1, 0.2], { seed: -1 }, "expected a seed from 0 to 9007199254740991, not -1"],
    [[0.1, 0.2], { length: 0 }, "expected a path of 1 to 65536 returns"],
    [[0.1, 0.2], { ruin: 0 }, "expected ruin as a fall above 0"],
    [[0.1, 0.2], { block: 2 }, "a block length is of the method block"],
    [[0.1, 0.2], { method: "block", block: 3 }, "expected blocks of 1 to 2 returns"],
    [[0.1, 0.2], { method: "shuffle", length: 5 }, "a shuffle's path has every return once"],
    [[0.1, 0.2], { paths: 1e6, length: 65_536 }, "ask for fewer paths"],
    [daily(70_000), {}, "at most 65536"]
  ] as const)("%#: says what would do", (returns, options, words) => {
    expect(problem(returns, options)).toContain(words)
  })

  it("paths that grow beyond all numbers", () => {
    const plan = Result.getOrThrow(
      planMonteCarlo(seriesOf([1e200, 0.1, 0.2]), { ...defaultOptions, paths: 20 })
    )
    const columns = { falls: new Float64Array(20), growths: new Float64Array(20).fill(Infinity) }
    expect(Result.isFailure(summarized(plan, columns))).toBe(true)
  })
})

describe("the automatic block length", () => {
  // By arch 8.0.0 (optimal_block_length, column "stationary") on the same series.
  it.each([
    [500, 0.6, 10.594970569935377],
    [500, 0, 3.967594090809535],
    [1000, -0.4, 12.575929088175316],
    [60, 0.3, 1.4860399354851566],
    [2000, 0.9, 63.79184587456717]
  ])("of %i returns with φ = %d is %d, as another program has it", (n, phi, length) => {
    expect(automaticBlockLength(autoregressive(n, phi)) / length).toBeCloseTo(1, 10)
  })
})

describe("intervals", () => {
  // By scipy 1.17.1: binom.ppf(0.025, n, p) and binom.ppf(0.975, n, p) + 1.
  it.each([
    [100, 0.5, 40, 61],
    [100, 0.05, 1, 11],
    [10_000, 0.95, 9457, 9543],
    [20, 0.05, 0, 4]
  ])("of order statistics, n = %i, p = %d: ranks %i and %i", (n, p, low, high) => {
    expect(intervalRanks(n, p)).toEqual([low, high])
  })

  it("of a probability hold for none and for all", () => {
    expect(estimatedProbability(0, 10_000).low).toBe(0)
    expect(estimatedProbability(0, 10_000).high).toBeCloseTo(0.000384, 5)
    expect(estimatedProbability(50, 50).high).toBe(1)
  })
})
