import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import type { Greeks } from "../../src/options/Greeks.ts"
import { leisenReimerPrice } from "../../src/options/LeisenReimer.ts"
import { type ModelName, modelNames } from "../../src/options/ModelSelection.ts"
import type { OptionInputs } from "../../src/options/OptionInputs.ts"
import { greeksBy, priceBy, value } from "../../src/options/OptionModel.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"

const option = (more: Partial<OptionInputs> = {}): OptionInputs => ({
  right: "PUT",
  spot: 100,
  strike: 105,
  years: 0.5,
  rate: 0.05,
  dividendYield: 0.03,
  volatility: 0.3,
  ...more
})

const greeksOf = (model: ModelName, inputs: OptionInputs): Greeks =>
  Result.getOrThrow(greeksBy(model, inputs))
const priceOf = (model: ModelName, inputs: OptionInputs): number => Result.getOrThrow(priceBy(model, inputs))

describe("puts of shares that pay, which LEAN's users found wrong by the formula of 1993 (LEAN #7408)", () => {
  it("with cash, price and delta are those of the true exercise, not of the formula without it", () => {
    const inputs = option({ strike: 100, dividendYield: 0, years: 0.25 })
    const dividends = [{ years: 0.1, amount: 3 }]
    const chosen = Result.getOrThrow(value({ style: "american", inputs, dividends, accuracy: "fast" }))
    expect(chosen.model).toBe("leisen-reimer")
    const move = 0.5
    const tree = (spot: number) =>
      leisenReimerPrice({ ...inputs, spot, sign: -1, style: "american", dividends })
    const delta = (tree(100 + move) - tree(100 - move)) / (2 * move)
    expect(Math.abs(chosen.greeks.delta - delta)).toBeLessThan(2e-3)
    // The formula that knows nothing of the cash is far off: 1.4 dollars and 8 points of delta.
    const blind = greeksOf("bjs1993", inputs)
    expect(chosen.greeks.price - blind.price).toBeGreaterThan(1)
    expect(chosen.greeks.delta - blind.delta).toBeLessThan(-0.05)
  })

  it("a model that knows no cash refuses it instead of passing over it", () => {
    for (const model of modelNames) {
      const answer = priceBy(model, option(), [{ years: 0.1, amount: 1 }])
      expect(Result.isSuccess(answer)).toBe(model === "leisen-reimer")
    }
  })
})

describeWithShared("against the accurate values of the reference table", () => {
  const [header = "", ...lines] = readFileSync(sharedPath("oracles", "bjs.csv"), "utf8").trim().split("\n")
  const columns = header.split(",")
  const rows = lines.map((line) => {
    const cells = line.split(",")
    const number = (column: string) => Number(cells[columns.indexOf(column)])
    return {
      truth: number("ql_qdfp"),
      inputs: option({
        right: cells[columns.indexOf("type")] === "C" ? "CALL" : "PUT",
        spot: number("S"),
        strike: number("K"),
        years: number("T"),
        rate: number("r"),
        dividendYield: number("q"),
        volatility: number("sigma")
      })
    }
  })

  it("the quick choice is within 1e-3 of the strike on every row, puts with a yield among them", () => {
    let worst = 0
    for (const { inputs, truth } of rows.filter((_, i) => i % 3 === 0)) {
      const { greeks } = Result.getOrThrow(value({ style: "american", inputs, accuracy: "fast" }))
      worst = Math.max(worst, Math.abs(greeks.price - truth) / inputs.strike)
    }
    expect(worst).toBeLessThan(1e-3)
  })

  it("the accurate choice is within 2e-7 of the strike", () => {
    for (const { inputs, truth } of rows.filter((_, i) => i % 7 === 0)) {
      const { greeks } = Result.getOrThrow(value({ style: "american", inputs, accuracy: "accurate" }))
      expect(Math.abs(greeks.price - truth)).toBeLessThan(2e-7 * inputs.strike)
    }
  })
})

describe("Greeks by model", () => {
  // Differences of each model's own price, by steps of their own.
  const differences = (model: ModelName, inputs: OptionInputs) => {
    const at = (more: Partial<OptionInputs>) => priceOf(model, { ...inputs, ...more })
    const by = (key: "spot" | "years" | "rate" | "volatility", h: number) =>
      (at({ [key]: inputs[key] + h }) - at({ [key]: inputs[key] - h })) / (2 * h)
    return {
      delta: by("spot", 0.2),
      gamma: (at({ spot: 100.5 }) - 2 * at({}) + at({ spot: 99.5 })) / 0.25,
      vega: by("volatility", 0.003),
      theta: -by("years", 0.005),
      rho: by("rate", 0.001)
    }
  }

  it.each(
    modelNames.flatMap((model) =>
      [option(), option({ right: "CALL" })].map((inputs) => [model, inputs] as const)
    )
  )("%s: delta, gamma, vega, theta, rho are the slopes of its price: %o", (model, inputs) => {
    const greeks = greeksOf(model, inputs)
    const slopes = differences(model, inputs)
    const near = (found: number, expected: number, scale: number) =>
      expect(Math.abs(found - expected)).toBeLessThan(scale)
    near(greeks.delta, slopes.delta, 1e-3)
    near(greeks.gamma, slopes.gamma, 1e-3)
    near(greeks.vega, slopes.vega, 0.05)
    near(greeks.theta, slopes.theta, 0.05)
    near(greeks.rho, slopes.rho, 0.1)
  })

  it.each(modelNames.filter((model) => model !== "bsm"))(
    "%s: exercised, delta is ±1 and all else is nothing",
    (model) => {
      for (const inputs of [
        option({ spot: 40, volatility: 0.2 }),
        option({ right: "CALL", spot: 300, dividendYield: 0.1, volatility: 0.2 })
      ]) {
        const { delta, price, ...others } = greeksOf(model, inputs)
        expect(delta).toBe(inputs.right === "CALL" ? 1 : -1)
        expect(price).toBe(Math.abs(inputs.spot - inputs.strike))
        expect(Object.values(others).every((greek) => greek === 0)).toBe(true)
      }
    }
  )

  it("gamma does not jump where the formula's boundary is crossed by a step", () => {
    const gammas = Array.from(
      { length: 60 },
      (_, i) => greeksOf("bjs2002", option({ spot: 75 + i * 0.1 })).gamma
    )
    for (const gamma of gammas) expect(Math.abs(gamma)).toBeLessThan(0.1)
  })

  it("each model's Greeks are numbers at the edges", () => {
    const edges = [
      option({ years: 0 }),
      option({ volatility: 0 }),
      option({ volatility: 1e-9 }),
      option({ volatility: 40 }),
      option({ years: 1e-12 }),
      option({ years: 80, volatility: 2 }),
      option({ rate: 0, dividendYield: 0 }),
      option({ rate: 1e-12 }),
      option({ rate: -0.02, dividendYield: -0.05 }),
      option({ spot: 1e-8 }),
      option({ spot: 1e8 })
    ].flatMap((inputs) => [inputs, { ...inputs, right: "CALL" as const }])
    for (const model of modelNames) {
      for (const inputs of edges) {
        const bad = Object.entries(greeksOf(model, inputs)).filter(([, greek]) => !Number.isFinite(greek))
        expect([model, inputs, bad]).toEqual([model, inputs, []])
      }
    }
  })

  it("what no option has is named", () => {
    const answer = priceBy("american", option({ spot: Number.NaN }))
    expect(Result.isFailure(answer) && answer.failure.field).toBe("spot")
    const cash = priceBy("leisen-reimer", option(), [{ years: 0.1, amount: -1 }])
    expect(Result.isFailure(cash) && cash.failure.field).toBe("dividends.amount")
  })
})
