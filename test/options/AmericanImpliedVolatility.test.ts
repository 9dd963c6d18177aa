import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { americanVolatility, type VolatilityRequest } from "../../src/options/AmericanImpliedVolatility.ts"
import { statusName } from "../../src/options/ImpliedVolatility.ts"
import type { ModelName } from "../../src/options/ModelSelection.ts"
import type { OptionTerms } from "../../src/options/OptionInputs.ts"
import { priceBy } from "../../src/options/OptionModel.ts"

const terms = (more: Partial<OptionTerms> = {}): OptionTerms => ({
  right: "PUT",
  spot: 100,
  strike: 105,
  years: 0.5,
  rate: 0.05,
  dividendYield: 0.03,
  ...more
})

const answerTo = (request: Partial<VolatilityRequest> & { readonly price: number }) =>
  Result.getOrThrow(americanVolatility({ terms: terms(), style: "american", ...request }))

const statusOf = (request: Partial<VolatilityRequest> & { readonly price: number }) =>
  statusName(answerTo(request).volatility)

describe("the volatility in an American price", () => {
  it.each<ModelName>(["bjs1993", "bjs2002", "american", "leisen-reimer"])(
    "%s: gives the price again, and is the one that made it",
    (model) => {
      fc.assert(
        fc.property(
          fc.constantFrom<"CALL" | "PUT">("CALL", "PUT"),
          fc.double({ min: 85, max: 120, noNaN: true }),
          fc.double({ min: 0.1, max: 1, noNaN: true }),
          (right, strike, volatility) => {
            const asked = terms({ right, strike })
            const price = Result.getOrThrow(priceBy(model, { ...asked, volatility }))
            const found = answerTo({ terms: asked, price, model }).volatility
            if (found._tag !== "Ok") {
              // So deep in the money that it is exercised, at this volatility and below.
              expect(found._tag).toBe("AtIntrinsic")
              expect(price).toBeCloseTo(Math.abs(100 - strike), 9)
              return
            }
            const again = Result.getOrThrow(priceBy(model, { ...asked, volatility: found.volatility }))
            expect(Math.abs(again - price)).toBeLessThan(1e-10)
            if (price > Math.abs(100 - strike) + 0.01) expect(found.volatility).toBeCloseTo(volatility, 6)
          }
        ),
        { numRuns: model === "bjs1993" || model === "bjs2002" ? 200 : 15 }
      )
    }
  )

  it("of a share that pays cash is found in the tree", () => {
    const dividends = [{ years: 0.2, amount: 2 }]
    const price = Result.getOrThrow(priceBy("leisen-reimer", { ...terms(), volatility: 0.27 }, dividends))
    const found = answerTo({ price, dividends })
    expect(found.model).toBe("leisen-reimer")
    expect(found.volatility._tag === "Ok" && found.volatility.volatility).toBeCloseTo(0.27, 8)
  })

  it("a quick answer is by the model that its volatility asks for", () => {
    for (const [volatility, model] of [
      [0.2, "bjs2002"],
      [0.8, "american"]
    ] as const) {
      const price = Result.getOrThrow(priceBy(model, { ...terms(), volatility }))
      const found = answerTo({ price, accuracy: "fast" })
      expect(found.model).toBe(model)
      expect(found.volatility._tag === "Ok" && found.volatility.volatility).toBeCloseTo(volatility, 8)
    }
  })

  it("has the statuses of the European one, by American bounds", () => {
    expect(statusOf({ price: 4.9 })).toBe("below_intrinsic")
    expect(statusOf({ price: 5 })).toBe("at_intrinsic")
    expect(statusOf({ price: 105 })).toBe("at_upper")
    expect(statusOf({ price: 105.01 })).toBe("above_upper")
    expect(statusOf({ price: -1 })).toBe("below_intrinsic")
    expect(statusOf({ price: 6, terms: terms({ years: 0 }) })).toBe("above_upper")
    expect(statusOf({ price: 5, terms: terms({ years: 0 }) })).toBe("at_intrinsic")
    // A European put may be worth less than exercise; an American one may not.
    expect(statusOf({ price: 59.5, terms: terms({ strike: 160, dividendYield: 0 }) })).toBe("below_intrinsic")
  })

  it("a European option without cash has impliedVolatility's answer", () => {
    const price = Result.getOrThrow(priceBy("bsm", { ...terms(), volatility: 0.4 }))
    const found = answerTo({ price, style: "european" })
    expect(found.model).toBe("bsm")
    expect(found.volatility._tag === "Ok" && found.volatility.volatility).toBeCloseTo(0.4, 14)
  })

  it("prices that are no numbers and terms that no option has are refused", () => {
    for (const price of [Number.NaN, Infinity, -Infinity]) {
      expect(Result.isFailure(americanVolatility({ terms: terms(), price, style: "american" }))).toBe(true)
    }
    const answer = americanVolatility({ terms: terms({ strike: 0 }), price: 1, style: "american" })
    expect(Result.isFailure(answer)).toBe(true)
  })
})
