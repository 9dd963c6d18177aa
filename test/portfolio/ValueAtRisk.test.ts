import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  confidences,
  observationsNeeded,
  quantile,
  tailLoss,
  type TailLoss,
  tailMethods
} from "../../src/portfolio/ValueAtRisk.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"

const valueOf = (estimate: TailLoss) => {
  if (estimate._tag === "NotEnough") throw new Error(`only ${estimate.observations} observations`)
  return estimate
}

/** −n … −1 and 1 … n in some order, so that nothing depends on it. */
const ladder = (count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => ((i * 7919) % count) - Math.floor(count / 2))

describe("quantiles of type 7, by hand", () => {
  const cases: ReadonlyArray<readonly [values: ReadonlyArray<number>, percent: number, expected: number]> = [
    // R: quantile(c(1, 2, 3, 4), 0.25, type = 7) is 1.75.
    [[1, 2, 3, 4], 25, 1.75],
    [[1, 2, 3, 4], 50, 2.5],
    [[10], 5, 10],
    [[-3, 7], 0, -3],
    [[-3, 7], 100, 7],
    // The place (101 − 1)·5% is 5: the sixth value itself.
    [Array.from({ length: 101 }, (_, i) => i), 5, 5]
  ]
  for (const [values, percent, expected] of cases) {
    it(`${percent}% of ${values.length} values is ${expected}`, () => {
      expect(quantile(Float64Array.from(values), percent)).toBe(expected)
    })
  }
})

describe("value at risk by hand", () => {
  it("historical: of −50 … 50 the 95% loss is 45, and the days as bad or worse lose 47.5 on average", () => {
    const results = ladder(101)
    expect(valueOf(tailLoss(results, { confidence: 95, method: "historical" }))).toEqual({
      _tag: "Value",
      var: -45,
      cvar: (-50 - 49 - 48 - 47 - 46 - 45) / 6
    })
  })

  it("parametric: mean 0 and deviation 1 give −1.645 and −2.063 at 95%, −2.326 and −2.665 at 99%", () => {
    // 300 results of ±1, their deviation with n − 1 taken out.
    const results = Float64Array.from(
      { length: 300 },
      (_, i) => (i % 2 === 0 ? 1 : -1) * Math.sqrt(299 / 300)
    )
    const at95 = valueOf(tailLoss(results, { confidence: 95, method: "parametric" }))
    const at99 = valueOf(tailLoss(results, { confidence: 99, method: "parametric" }))
    expect(at95.var).toBeCloseTo(-1.6448536269514722, 12)
    expect(at99.var).toBeCloseTo(-2.3263478740408408, 12)
    // φ(z) ÷ (1 − confidence) of the standard normal: McNeil, Frey and Embrechts, "Quantitative Risk Management".
    expect(at95.cvar).toBeCloseTo(-2.0627128075074257, 12)
    expect(at99.cvar).toBeCloseTo(-2.665214220345808, 12)
  })

  it("a day that still gains at the quantile is no loss", () => {
    const gains = Float64Array.from({ length: 300 }, (_, i) => 10 + (i % 2))
    for (const confidence of confidences) {
      for (const method of tailMethods) {
        expect(tailLoss(gains, { confidence, method })).toEqual({ _tag: "Value", var: 0, cvar: 0 })
      }
    }
  })

  it("leaves the series as it was", () => {
    const results = ladder(101)
    tailLoss(results, { confidence: 95, method: "historical" })
    expect(results).toEqual(ladder(101))
  })
})

describe("too short a history gives no number, and says how much is missing", () => {
  for (const confidence of confidences) {
    it(`${confidence}% needs ${observationsNeeded[confidence]}`, () => {
      const needed = observationsNeeded[confidence]
      for (const method of tailMethods) {
        expect(tailLoss(ladder(needed - 1), { confidence, method })).toEqual({
          _tag: "NotEnough",
          observations: needed - 1,
          needed
        })
        expect(tailLoss(ladder(needed), { confidence, method })._tag).toBe("Value")
      }
    })
  }

  it("95% from 100, 99% from 250", () => {
    expect(observationsNeeded).toEqual({ 95: 100, 99: 250 })
    expect(tailLoss(new Float64Array(0), { confidence: 95, method: "historical" })).toEqual({
      _tag: "NotEnough",
      observations: 0,
      needed: 100
    })
  })
})

describe("whatever the results", () => {
  it.prop(
    "a loss is never above zero, the mean of the tail never above its edge, and 99% never above 95%",
    {
      results: Schema.Array(
        Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: -1e6, maximum: 1e6 })))
      )
    },
    ({ results }) => {
      const seed = results.length === 0 ? [0] : results
      const series = Float64Array.from({ length: 260 }, (_, i) => (seed[i % seed.length] ?? 0) + Math.sin(i))
      for (const method of tailMethods) {
        const at95 = valueOf(tailLoss(series, { confidence: 95, method }))
        const at99 = valueOf(tailLoss(series, { confidence: 99, method }))
        for (const { cvar, var: edge } of [at95, at99]) {
          expect(edge).toBeLessThanOrEqual(0)
          // Sums of many floats: to a part in a million millions.
          expect(cvar).toBeLessThanOrEqual(edge + Math.abs(edge) * 1e-12)
        }
        expect(at99.var).toBeLessThanOrEqual(at95.var)
        expect(at99.cvar).toBeLessThanOrEqual(at95.cvar + Math.abs(at95.cvar) * 1e-12)
      }
    }
  )
})

const Row = Schema.Struct({
  n: Schema.Int,
  hist_var_95: Schema.Finite,
  hist_cvar_95: Schema.Finite,
  hist_var_99: Schema.Finite,
  hist_cvar_99: Schema.Finite,
  param_var_95: Schema.Finite,
  param_cvar_95: Schema.Finite,
  param_var_99: Schema.Finite,
  param_cvar_99: Schema.Finite
})
const Reference = Schema.Struct({ full: Row, first_252: Row })

describeWithShared("against the reference values of the S&P 500, 2000 to 2020", () => {
  const reference = Schema.decodeUnknownSync(Schema.fromJsonString(Reference))(
    readFileSync(sharedPath("oracles", "risk.json"), "utf8")
  )
  const closes = readFileSync(
    new URL("../../node_modules/vega-datasets/data/sp500-2000.csv", import.meta.url),
    "utf8"
  )
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => Number(line.split(",")[4]))
  const returns = Float64Array.from(
    { length: closes.length - 1 },
    (_, i) => (closes[i + 1] ?? 0) / (closes[i] ?? 0) - 1
  )

  const cases: ReadonlyArray<readonly [string, Float64Array, typeof Row.Type]> = [
    ["the whole history", returns, reference.full],
    ["the first 252 returns", returns.slice(0, 252), reference.first_252]
  ]
  for (const [name, series, expected] of cases) {
    it(`${name}: VaR and CVaR of both kinds and levels to 1e-12, ours being negative`, () => {
      expect(series.length).toBe(expected.n)
      const expectClose = (actual: number, positive: number) =>
        expect(Math.abs(actual / -positive - 1)).toBeLessThan(1e-12)
      for (const confidence of confidences) {
        const historical = valueOf(tailLoss(series, { confidence, method: "historical" }))
        const parametric = valueOf(tailLoss(series, { confidence, method: "parametric" }))
        expectClose(historical.var, expected[`hist_var_${confidence}`])
        expectClose(historical.cvar, expected[`hist_cvar_${confidence}`])
        expectClose(parametric.var, expected[`param_var_${confidence}`])
        expectClose(parametric.cvar, expected[`param_cvar_${confidence}`])
      }
    })
  }
})
