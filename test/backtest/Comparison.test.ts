import { assert, describe, it } from "@effect/vitest"
import { comparisonOf } from "../../src/backtest/Comparison.ts"
import { costsOf } from "../../src/backtest/CostsPreset.ts"
import { dollars } from "../../src/domain/Money.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { regulationT } from "../../src/execution/paper/MarginModel.ts"
import { deskProfile, researchProfile } from "../../src/risk/LimitsProfile.ts"
import { sampleInputs } from "./SampleBacktest.ts"

const base = sampleInputs()

describe("backtests side by side", () => {
  it("of the same inputs differ in nothing", () => {
    assert.deepStrictEqual(comparisonOf([base, sampleInputs()]), { differences: [], comparable: true })
  })

  it("that differ in what was tried can be compared: only the parameters that vary are told", () => {
    const algorithm = { ...base.algorithm, parameters: { fast: 8, slow: 50 } }
    assert.deepStrictEqual(comparisonOf([base, { ...base, algorithm }]), {
      differences: [{ input: "parameters", of: "algorithm", values: ["fast=5", "fast=8"] }],
      comparable: true
    })
    const other = { name: "trend", kind: "file", codeHash: "beef", parameters: { window: 10 } } as const
    assert.deepStrictEqual(comparisonOf([base, { ...base, algorithm: other }]).differences, [
      { input: "algorithm", of: "algorithm", values: ["sma-cross", "trend"] },
      { input: "code", of: "algorithm", values: ["c0de", "beef"] },
      {
        input: "parameters",
        of: "algorithm",
        values: ["fast=5 slow=50 window=none", "fast=none slow=none window=10"]
      }
    ])
  })

  it("that differ in a condition cannot be, whichever it is", () => {
    const { data, models } = base
    const others = {
      engine: { ...base, engine: { name: "lean", version: "1" } },
      source: { ...base, data: { ...data, source: "LEAN folder" } },
      symbols: { ...base, data: { ...data, symbols: ["AAPL"] } },
      resolution: { ...base, data: { ...data, resolution: "1m" } },
      dates: { ...base, data: { ...data, to: sessionDate("2018-01-04") } },
      data: { ...base, data: { ...data, dataHash: "0000" } },
      cash: { ...base, cash: dollars(1) },
      limits: { ...base, profile: researchProfile },
      "resume policy": { ...base, resumePolicy: { _tag: "Never" } },
      seed: { ...base, seed: 2 },
      fee: { ...base, models: { ...models, fee: { _tag: "Zero" } } },
      lots: { ...base, models: { ...models, lots: "fractional" } },
      borrow: { ...base, models: { ...models, borrow: { _tag: "Yearly", basisPoints: 25 } } },
      margin: { ...base, models: { ...models, margin: regulationT } }
    } as const
    for (const [input, inputs] of Object.entries(others)) {
      const { comparable, differences } = comparisonOf([base, inputs, base])
      assert.isFalse(comparable, input)
      assert.deepStrictEqual(
        differences.map((one) => one.input),
        [input]
      )
      assert.strictEqual(differences[0]?.values[0], differences[0]?.values[2])
    }
  })

  it("that need more warm-up than the others played the same prices", () => {
    const of = (dataHash: string, sessionsHash: string) => ({
      ...base,
      data: { ...base.data, dataHash, sessionsHash }
    })
    assert.deepStrictEqual(comparisonOf([of("a", "5"), of("b", "5")]), { differences: [], comparable: true })
    assert.isFalse(comparisonOf([of("a", "5"), of("a", "6")]).comparable)
  })

  it("told by the profile's name alone would hide that its limits changed", () => {
    const limits = { ...deskProfile.limits, positionRatio: 0.5 }
    const { comparable, differences } = comparisonOf([base, { ...base, profile: { ...deskProfile, limits } }])
    assert.isFalse(comparable)
    assert.deepStrictEqual(
      differences.map(({ input }) => input),
      ["limits"]
    )
  })

  it("names symbols in any order, and every model that a preset changes", () => {
    const two = (symbols: readonly [string, string]) => ({ ...base, data: { ...base.data, symbols } })
    assert.isTrue(comparisonOf([two(["A", "B"]), two(["B", "A"])]).comparable)
    assert.deepStrictEqual(
      comparisonOf([base, { ...base, models: costsOf("none") }]).differences.map(({ input }) => input),
      ["fill", "fee", "quotes", "lots"]
    )
  })
})
