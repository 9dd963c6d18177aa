import { describe, expect, it } from "@effect/vitest"
import { selectModel, type SelectionInputs } from "../../src/options/ModelSelection.ts"

const option = (more: Partial<SelectionInputs["inputs"]> = {}): SelectionInputs["inputs"] => ({
  right: "PUT",
  spot: 100,
  strike: 100,
  years: 0.25,
  rate: 0.05,
  dividendYield: 0.02,
  volatility: 0.3,
  ...more
})

const ask = (more: Partial<SelectionInputs> = {}): SelectionInputs => ({
  style: "american",
  inputs: option(),
  dividends: [],
  accuracy: "accurate",
  ...more
})

describe("the model that is chosen", () => {
  it.each<readonly [name: string, request: SelectionInputs, model: string]>([
    ["European exercise: the formula", ask({ style: "european" }), "bsm"],
    [
      "European exercise, cash: the tree",
      ask({ style: "european", dividends: [{ years: 0.1, amount: 1 }] }),
      "leisen-reimer"
    ],
    ["cash within the life: the tree", ask({ dividends: [{ years: 0.1, amount: 1 }] }), "leisen-reimer"],
    [
      "cash on the day of expiry: the tree",
      ask({ dividends: [{ years: 0.25, amount: 1 }] }),
      "leisen-reimer"
    ],
    ["cash after expiry: it does not matter", ask({ dividends: [{ years: 0.3, amount: 1 }] }), "american"],
    [
      "a call without a yield: never exercised early",
      ask({ inputs: option({ right: "CALL", dividendYield: 0 }) }),
      "bsm"
    ],
    ["a put without interest: never exercised early", ask({ inputs: option({ rate: 0 }) }), "bsm"],
    ["a put, an accurate value", ask(), "american"],
    ["a put, a quick value, a small deviation", ask({ accuracy: "fast" }), "bjs2002"],
    [
      "a put that soon pays, a quick value, a small deviation",
      ask({ accuracy: "fast", inputs: option({ years: 1, rate: 0.2, dividendYield: 0, volatility: 0.1 }) }),
      "american"
    ],
    [
      "a put, a quick value, a great deviation",
      ask({ accuracy: "fast", inputs: option({ years: 2 }) }),
      "american"
    ],
    [
      "a put, a quick value, a great deviation, far out of the money",
      ask({ accuracy: "fast", inputs: option({ years: 2, strike: 30 }) }),
      "bjs2002"
    ],
    [
      "negative rates with two boundaries: the tree",
      ask({ inputs: option({ rate: -0.01, dividendYield: -0.03 }) }),
      "leisen-reimer"
    ]
  ])("%s", (_, request, model) => {
    const choice = selectModel(request)
    expect(choice.model).toBe(model)
    expect(choice.why.length).toBeGreaterThan(20)
  })

  it("is the same for the same question", () => {
    expect(selectModel(ask())).toEqual(selectModel(ask()))
  })
})
