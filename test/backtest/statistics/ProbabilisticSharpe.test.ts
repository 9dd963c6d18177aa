import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  estimatedExcessKurtosis,
  estimatedSkewness,
  kurtosis,
  sampleVariance,
  skewness
} from "../../../src/backtest/statistics/Moments.ts"
import { normalValueAtRisk } from "../../../src/backtest/statistics/EquityStatistics.ts"
import {
  leanProbabilisticSharpe,
  probabilisticSharpe
} from "../../../src/backtest/statistics/ProbabilisticSharpe.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"
import { index, numberOf, reasonOf, returnsOf } from "./Returns.ts"

const Row = Schema.Struct({
  sd_daily_ddof1: Schema.Finite,
  skew_biased: Schema.Finite,
  skew_unbiased: Schema.Finite,
  ex_kurt_biased: Schema.Finite,
  ex_kurt_unbiased: Schema.Finite,
  param_var_95: Schema.Finite,
  param_var_99: Schema.Finite
})

const Reference = Schema.Struct({
  full: Row,
  first_252: Row,
  small: Schema.Struct({ ...Row.fields, returns: Schema.Array(Schema.Finite), psr_vs_0: Schema.Finite }),
  psr: Schema.Struct({
    psr_vs_0: Schema.Finite,
    psr_vs_annual_0_5: Schema.Finite,
    last_504_psr_vs_0: Schema.Finite
  })
})

describeWithShared("against the reference values", () => {
  const reference = Schema.decodeUnknownSync(Schema.fromJsonString(Reference))(
    readFileSync(sharedPath("oracles", "risk.json"), "utf8")
  )
  const all = returnsOf(index().map(({ close }) => close))
  const small = Float64Array.from(reference.small.returns)
  const near = (actual: number, expected: number) =>
    expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-12)

  const cases: ReadonlyArray<readonly [string, Float64Array, typeof Row.Type]> = [
    ["the whole history", all, reference.full],
    ["the first 252 returns", all.subarray(0, 252), reference.first_252],
    ["ten returns", small, reference.small]
  ]
  for (const [name, returns, expected] of cases) {
    it(`${name}: deviation, skewness and kurtosis, as they are and as estimates, to 1e-12`, () => {
      near(Math.sqrt(sampleVariance(returns)), expected.sd_daily_ddof1)
      near(skewness(returns), expected.skew_biased)
      near(estimatedSkewness(returns), expected.skew_unbiased)
      // The excess is what is left of two numbers near 3: of ten returns it has lost two digits.
      expect(Math.abs(kurtosis(returns) - 3 - expected.ex_kurt_biased)).toBeLessThan(1e-12)
      near(estimatedExcessKurtosis(returns), expected.ex_kurt_unbiased)
    })
  }

  it("the value at risk of a normal distribution is of the last 252 returns", () => {
    for (const [returns, expected] of [
      [all.subarray(0, 252), reference.first_252],
      [small, reference.small]
    ] as const) {
      near(-numberOf(normalValueAtRisk(returns, 95)), expected.param_var_95)
      near(-numberOf(normalValueAtRisk(returns, 99)), expected.param_var_99)
    }
    expect(numberOf(normalValueAtRisk(all, 99))).toBe(numberOf(normalValueAtRisk(all.slice(-252), 99)))
  })

  it("the chance that the true Sharpe ratio is above nothing, and above a half a year", () => {
    near(numberOf(probabilisticSharpe(all, 0)), reference.psr.psr_vs_0)
    near(numberOf(probabilisticSharpe(all, 0.5 / Math.sqrt(252))), reference.psr.psr_vs_annual_0_5)
    near(numberOf(probabilisticSharpe(all.subarray(-504), 0)), reference.psr.last_504_psr_vs_0)
    near(numberOf(probabilisticSharpe(small, 0)), reference.small.psr_vs_0)
  })
})

describe("where there is none", () => {
  it("the reason is given", () => {
    expect(reasonOf(probabilisticSharpe(Float64Array.of(0.01), 0))).toBe("needs 2 daily returns, has 1")
    expect(reasonOf(probabilisticSharpe(Float64Array.of(0.01, 0.01, 0.01), 0))).toContain("do not vary")
    expect(reasonOf(leanProbabilisticSharpe(Float64Array.of(0.01, 0.02, 0.03), 0))).toBe(
      "needs 4 daily returns, has 3"
    )
    expect(reasonOf(normalValueAtRisk(Float64Array.of(0.01), 95))).toBe("needs 2 daily returns, has 1")
  })

  it.prop(
    "never NaN, and a probability where there is one",
    { returns: Schema.Array(Schema.Finite) },
    ({ returns }) => {
      const series = Float64Array.from(returns)
      for (const one of [probabilisticSharpe(series, 0), leanProbabilisticSharpe(series, 0.02)]) {
        if (one._tag === "None") continue
        expect(one.value).toBeGreaterThanOrEqual(0)
        expect(one.value).toBeLessThanOrEqual(1)
      }
    }
  )
})
