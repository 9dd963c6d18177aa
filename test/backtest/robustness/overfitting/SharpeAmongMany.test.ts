/** Deflated Sharpe ratio, track record, haircut, complexity, quantiles: against published and independent values. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { complexityOf } from "../../../../src/backtest/robustness/overfitting/Complexity.ts"
import {
  deflatedSharpe,
  expectedMaximum
} from "../../../../src/backtest/robustness/overfitting/DeflatedSharpe.ts"
import { bhy, bonferroni, haircutOf, holm } from "../../../../src/backtest/robustness/overfitting/Haircut.ts"
import { minimumTrackRecord } from "../../../../src/backtest/robustness/overfitting/MinimumTrackRecord.ts"
import { normalQuantile } from "../../../../src/backtest/robustness/overfitting/NormalQuantile.ts"
import { twoSidedQuantile, twoSidedTail } from "../../../../src/backtest/robustness/overfitting/StudentT.ts"
import { sharpePerReturn } from "../../../../src/backtest/robustness/overfitting/TrialMatrix.ts"
import { probabilisticSharpe } from "../../../../src/backtest/statistics/ProbabilisticSharpe.ts"
import { normal } from "../../../../src/options/kernels/Mills.ts"
import { describeWithShared, sharedPath } from "../../../support/Shared.ts"
import { index, numberOf, reasonOf, returnsOf } from "../../statistics/Returns.ts"
import { noise } from "./Noise.ts"

const near = (actual: number, expected: number, digits = 1e-12) =>
  expect(Math.abs(actual / expected - 1)).toBeLessThan(digits)

describeWithShared("against the reference values, to 1e-12", () => {
  const Reference = Schema.Struct({
    psr: Schema.Struct({
      sr_daily: Schema.Finite,
      psr_vs_0: Schema.Finite,
      min_track_record_len_95: Schema.Finite
    }),
    dsr: Schema.Array(
      Schema.Struct({
        trials: Schema.Int,
        var_trial_sr_daily: Schema.Finite,
        sr0_daily: Schema.Finite,
        dsr: Schema.Finite
      })
    ),
    dsr_paper_example: Schema.Struct({
      sr_daily: Schema.Finite,
      sr0_daily: Schema.Finite,
      dsr: Schema.Finite
    })
  })
  const { dsr, dsr_paper_example, psr } = Schema.decodeUnknownSync(Schema.fromJsonString(Reference))(
    readFileSync(sharedPath("oracles", "risk.json"), "utf8")
  )
  const all = returnsOf(index().map(({ close }) => close))

  it("the deflated Sharpe ratio of the index, among 2, 10 and 64 trials", () => {
    expect(dsr.length).toBeGreaterThan(3)
    for (const { dsr: expected, sr0_daily, trials, var_trial_sr_daily: variance } of dsr) {
      near(expectedMaximum({ trials, variance }), sr0_daily)
      near(numberOf(deflatedSharpe(all, { trials, variance })), expected)
    }
  })

  it("the minimum track record", () => {
    near(sharpePerReturn(all), psr.sr_daily)
    near(numberOf(minimumTrackRecord(all, { threshold: 0, confidence: 0.95 })), psr.min_track_record_len_95)
  })

  it("the paper's example: a hundred trials of variance a half a year, 2.5 a year over five years: 0.9004", () => {
    const luck = { trials: 100, variance: 0.5 / 250 }
    near(expectedMaximum(luck), dsr_paper_example.sr0_daily)
    // Its skewness is −3 and its kurtosis 10: no returns are published, so the formula is written out.
    const ratio = 2.5 / Math.sqrt(250)
    near(ratio, dsr_paper_example.sr_daily)
    const spread = 1 + 3 * ratio + ((10 - 1) / 4) * ratio ** 2
    const chance = normal(((ratio - expectedMaximum(luck)) * Math.sqrt(1249)) / Math.sqrt(spread))
    near(chance, dsr_paper_example.dsr)
    expect(chance.toFixed(4)).toBe("0.9004")
  })
})

describe("quantiles", () => {
  it("the normal quantile undoes the normal distribution, in both tails", () => {
    for (const p of [
      1e-300, 1e-100, 1e-20, 1e-10, 1e-5, 0.01, 0.07, 0.1, 0.3, 0.5, 0.6, 0.93, 0.99, 0.9999
    ]) {
      near(normal(normalQuantile(p)), p, 2e-13)
    }
    expect(normalQuantile(0.5)).toBe(0)
  })

  // scipy 1.x: 2*stats.t.sf(t, f), stats.t.isf(p/2, f)
  it("Student's distribution, as scipy has it", () => {
    near(twoSidedTail(2, 10), 0.07338803477074037, 1e-10)
    near(twoSidedTail(3, 5103), 0.00271283996834446, 1e-10)
    near(twoSidedTail(40, 5000), 8.41485047193577e-304, 1e-10)
    near(twoSidedQuantile(0.05, 10), 2.2281388519862753, 1e-12)
    near(twoSidedQuantile(1e-12, 1000), 7.223954586794167, 1e-10)
    expect(twoSidedTail(0, 7)).toBe(1)
    expect(twoSidedQuantile(1, 7)).toBe(0)
  })
})

describe("many tests", () => {
  const ps = [0.005, 0.009, 0.0128, 0.0135, 0.045, 0.06]
  const rounded = (values: ReadonlyArray<number>) => values.map((value) => Number(value.toFixed(4)))

  it("Harvey and Liu's example of six tests: two are significant at 5% by Holm, four by BHY", () => {
    expect(rounded(bonferroni(ps))).toEqual([0.03, 0.054, 0.0768, 0.081, 0.27, 0.36])
    expect(rounded(holm(ps))).toEqual([0.03, 0.045, 0.0512, 0.0512, 0.09, 0.09])
    expect(rounded(bhy(ps))).toEqual([0.0496, 0.0496, 0.0496, 0.0496, 0.06, 0.06])
  })

  it("one test alone is not cut; among many more of it is, and never more than there was", () => {
    const alone = haircutOf({ judged: { sharpe: 0.08, returns: 2500 }, others: [], unknown: 0 })
    expect(alone?.bonferroni.haircut).toBeCloseTo(0, 9)
    const haircuts = [1, 10, 100, 1000].map(
      (unknown) =>
        haircutOf({ judged: { sharpe: 0.08, returns: 2500 }, others: [], unknown })?.bonferroni.haircut ??
        Number.NaN
    )
    expect(haircuts).toEqual(haircuts.toSorted((a, b) => a - b))
    for (const haircut of haircuts) expect(haircut >= 0 && haircut <= 1).toBe(true)
    // 4 deviations among 1,001 tests: p = 6.5e-5 · 1001, which one test would have at 1.84.
    near(haircuts[3] ?? Number.NaN, 0.5405, 1e-2)
  })

  it("a chance that is no double beside zero has nothing cut off", () => {
    const cut = haircutOf({ judged: { sharpe: 1, returns: 5000 }, others: [], unknown: 3 })
    expect([cut?.bonferroni.p, cut?.bonferroni.haircut, cut?.bhy.haircut]).toEqual([0, 0, 0])
  })

  it("counts another test that loses for certain as one that found nothing", () => {
    const judged = { sharpe: 0.12, returns: 250 }
    const losers = Array.from({ length: 40 }, () => ({ sharpe: -1, returns: 250 }))
    expect(haircutOf({ judged, others: losers, unknown: 0 })).toEqual(
      haircutOf({ judged, others: [], unknown: 40 })
    )
  })

  it("a Sharpe ratio that is not above zero has nothing to cut", () => {
    expect(
      haircutOf({ judged: { sharpe: 0, returns: 100 }, others: [{ sharpe: 0.1, returns: 100 }], unknown: 0 })
    ).toBeUndefined()
  })
})

describe("a track record", () => {
  it("of the least length has a probabilistic Sharpe ratio of the confidence", () => {
    const [returns = new Float64Array()] = noise({ seed: 9, trials: 1, length: 500, edge: 1 })
    const needed = numberOf(minimumTrackRecord(returns, { threshold: 0, confidence: 0.95 }))
    const psr = numberOf(probabilisticSharpe(returns, 0))
    // √(n − 1) carries the chance: as many returns with the same moments have 95%.
    near(normal((normalQuantile(psr) / Math.sqrt(499)) * Math.sqrt(needed - 1)), 0.95, 1e-9)
  })

  it("says why there is none", () => {
    const losing = Float64Array.of(-0.01, 0.005, -0.02, 0.01)
    expect(reasonOf(minimumTrackRecord(losing, { threshold: 0, confidence: 0.95 }))).toContain(
      "no length would do"
    )
    expect(
      reasonOf(minimumTrackRecord(new Float64Array(10).fill(0.1), { threshold: 0, confidence: 0.95 }))
    ).toContain("do not vary")
    expect(
      reasonOf(minimumTrackRecord(Float64Array.of(0.01, 0.01), { threshold: 0, confidence: 0.95 }))
    ).toContain("do not vary")
    expect(reasonOf(deflatedSharpe(losing, { trials: 1, variance: 0.01 }))).toBe(
      "a deflated Sharpe ratio needs 2 trials, has 1"
    )
  })
})

describe("the price of parameters", () => {
  it("is by the log-likelihoods, written out", () => {
    const [returns = new Float64Array()] = noise({ seed: 10, trials: 1, length: 300, edge: 2 })
    const n = returns.length
    const mean = returns.reduce((sum, value) => sum + value, 0) / n
    const logLikelihood = (centre: number): number => {
      const variance = returns.reduce((sum, value) => sum + (value - centre) ** 2, 0) / n
      return returns.reduce(
        (sum, value) => sum - 0.5 * Math.log(2 * Math.PI * variance) - (value - centre) ** 2 / (2 * variance),
        0
      )
    }
    const [edge, none] = [logLikelihood(mean), logLikelihood(0)]
    const { aicDifference, bicDifference, likelihoodRatio } = complexityOf(returns, 3)
    near(likelihoodRatio, 2 * (edge - none), 1e-9)
    near(aicDifference, 2 * 5 - 2 * edge - (2 * 1 - 2 * none), 1e-9)
    near(bicDifference, 5 * Math.log(n) - 2 * edge - (Math.log(n) - 2 * none), 1e-9)
  })
})
