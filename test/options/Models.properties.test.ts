/** What holds for every option by every model, whatever the market. */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { americanVolatility } from "../../src/options/AmericanImpliedVolatility.ts"
import { europeanPrice } from "../../src/options/BlackScholes.ts"
import type { ModelName } from "../../src/options/ModelSelection.ts"
import { modelNames } from "../../src/options/ModelSelection.ts"
import { type OptionInputs, signOf } from "../../src/options/OptionInputs.ts"
import { greeksBy, priceBy } from "../../src/options/OptionModel.ts"

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })

/** Wide: S/K from 0.14 to 7, a week to ten years, negative rates and yields. */
const wide = fc
  .record({
    right: fc.constantFrom("CALL" as const, "PUT" as const),
    moneyness: between(-2, 2),
    logStrike: between(-3, 9),
    years: between(0.02, 10),
    rate: between(-0.05, 0.2),
    dividendYield: between(-0.05, 0.2),
    volatility: between(0.03, 1.5)
  })
  .map(({ logStrike, moneyness, ...rest }): OptionInputs => ({
    ...rest,
    strike: Math.exp(logStrike),
    spot: Math.exp(logStrike + moneyness)
  }))

const american: ReadonlyArray<ModelName> = ["bjs1993", "bjs2002", "american", "leisen-reimer"]
const runs = { numRuns: 150 }

const priceOf = (model: ModelName, inputs: OptionInputs): number => Result.getOrThrow(priceBy(model, inputs))

/** What a model's own error may do to a comparison of two of its prices, as a share of the strike and the spot. */
const rough: Readonly<Record<ModelName, number>> = {
  bsm: 1e-14,
  bjs1993: 1e-14,
  bjs2002: 1e-14,
  // Half of the worst that was seen of a strike (docs/options.md): spot and strike are two.
  american: 5e-8,
  "leisen-reimer": 2e-4
}

/** Where both rates are negative, "american" may be a tree's value. */
const errorOf = (model: ModelName, { dividendYield, rate, spot, strike }: OptionInputs): number =>
  rough[model === "american" && rate <= 0 && dividendYield <= 0 ? "leisen-reimer" : model] * (spot + strike)

describe.each(american)("by %s", (model) => {
  it("an American option is worth its European value, its exercise, and not more than the share or the strike", () => {
    fc.assert(
      fc.property(wide, (inputs) => {
        const { dividendYield, rate, right, spot, strike, volatility, years } = inputs
        const sign = signOf(right)
        const value = priceOf(model, inputs)
        const allowed = errorOf(model, inputs)
        const european = europeanPrice(sign, spot, strike, years, rate, dividendYield, volatility)
        expect(value).toBeGreaterThanOrEqual(european - allowed)
        expect(value).toBeGreaterThanOrEqual(Math.max(0, sign * (spot - strike)) - 1e-15 * (spot + strike))
        // At negative rates what is waited for is worth more than it is today.
        const most =
          sign > 0
            ? spot * Math.exp(Math.max(0, -dividendYield * years))
            : strike * Math.exp(Math.max(0, -rate * years))
        expect(value).toBeLessThanOrEqual(most + allowed)
      }),
      runs
    )
  })
})

describe.each(modelNames)("by %s", (model) => {
  const isTree = model === "leisen-reimer"
  /** Their flat boundaries are other ones for another time: more of it can cost up to 3% of the spot and strike. */
  const isFlat = model === "bjs1993" || model === "bjs2002"

  it("a call rises with the share, a put falls, neither faster than it, and both the other way with the strike", () => {
    fc.assert(
      fc.property(wide, between(1.001, 1.2), (inputs, factor) => {
        const { dividendYield, rate, right, spot, strike, years } = inputs
        const allowed = 2 * errorOf(model, { ...inputs, spot: spot * factor, strike: strike * factor })
        const sign = signOf(right)
        const value = priceOf(model, inputs)
        const bySpot = sign * (priceOf(model, { ...inputs, spot: spot * factor }) - value)
        const byStrike = -sign * (priceOf(model, { ...inputs, strike: strike * factor }) - value)
        const grown = (rateOrYield: number) => Math.exp(Math.max(0, -rateOrYield * years))
        expect(bySpot).toBeGreaterThanOrEqual(-allowed)
        expect(bySpot).toBeLessThanOrEqual(spot * (factor - 1) * grown(dividendYield) + allowed)
        expect(byStrike).toBeGreaterThanOrEqual(-allowed)
        expect(byStrike).toBeLessThanOrEqual(strike * (factor - 1) * grown(rate) + allowed)
      }),
      runs
    )
  })

  it("more volatility is worth more, and so is more time where that is the right to exercise at any of it", () => {
    fc.assert(
      fc.property(wide, between(1.01, 1.5), (inputs, factor) => {
        const allowed = 2 * errorOf(model, inputs)
        const value = priceOf(model, inputs)
        const more = { ...inputs, volatility: inputs.volatility * factor }
        expect(priceOf(model, more)).toBeGreaterThanOrEqual(value - allowed)
        if (model === "bsm" || isFlat) return
        expect(priceOf(model, { ...inputs, years: inputs.years * factor })).toBeGreaterThanOrEqual(
          value - allowed
        )
      }),
      runs
    )
  })

  it("an option of a strike between two is worth no more than the two together", () => {
    fc.assert(
      fc.property(wide, between(1.01, 1.3), (inputs, factor) => {
        const at = (strike: number) => priceOf(model, { ...inputs, strike })
        const { strike } = inputs
        const [low, high] = [strike / factor, strike * factor]
        const share = (high - strike) / (high - low)
        const chord = share * at(low) + (1 - share) * at(high)
        expect(at(strike)).toBeLessThanOrEqual(chord + 2 * errorOf(model, { ...inputs, strike: high }))
      }),
      runs
    )
  })

  it("a call is the put with spot and strike, rate and yield exchanged", () => {
    fc.assert(
      fc.property(wide, (inputs) => {
        const { dividendYield, rate, right, spot, strike } = inputs
        const mirrored: OptionInputs = {
          ...inputs,
          right: right === "CALL" ? "PUT" : "CALL",
          spot: strike,
          strike: spot,
          rate: dividendYield,
          dividendYield: rate
        }
        const difference = Math.abs(priceOf(model, inputs) - priceOf(model, mirrored))
        expect(difference).toBeLessThanOrEqual(errorOf(model, inputs))
      }),
      runs
    )
  })

  it("so many times the spot and the strike is so many times the price", () => {
    fc.assert(
      fc.property(wide, fc.constantFrom(1e-3, 0.1, 7, 1e6), (inputs, scale) => {
        const { spot, strike } = inputs
        const scaled = priceOf(model, { ...inputs, spot: spot * scale, strike: strike * scale }) / scale
        expect(Math.abs(scaled - priceOf(model, inputs))).toBeLessThanOrEqual(1e-11 * (spot + strike))
      }),
      runs
    )
  })

  it("the volatility in a price gives that price again", () => {
    fc.assert(
      fc.property(wide, (inputs) => {
        const { volatility: _, ...terms } = inputs
        const price = priceOf(model, inputs)
        const answer = Result.getOrThrow(americanVolatility({ terms, price, model, style: "american" }))
        if (answer.volatility._tag !== "Ok") {
          expect(["AtIntrinsic", "AtUpper", "BelowIntrinsic"]).toContain(answer.volatility._tag)
          return
        }
        const again = priceOf(model, { ...inputs, volatility: answer.volatility.volatility })
        expect(Math.abs(again - price)).toBeLessThanOrEqual(1e-9 * (inputs.spot + inputs.strike))
      }),
      { numRuns: isTree ? 15 : 30 }
    )
  })

  it("delta, vega and rho are the slopes of the price", () => {
    // Beside its exercise boundary a tree's vega is known to 8e-3 of the scale, and its own slopes to 1.3e-2.
    const allowed = isTree ? 2e-2 : isFlat ? 2e-3 : 2e-4
    fc.assert(
      fc.property(wide, (drawn) => {
        // Where there is something to take a slope of, by one method on both sides: at a rate of zero it changes.
        const inputs = {
          ...drawn,
          years: Math.min(drawn.years, 3),
          rate: model === "bsm" ? drawn.rate : Math.abs(drawn.rate) + 0.002,
          dividendYield: model === "bsm" ? drawn.dividendYield : Math.abs(drawn.dividendYield) + 0.002,
          volatility: Math.max(drawn.volatility, 0.1)
        }
        const { rate, spot, strike, volatility, years } = inputs
        const greeks = Result.getOrThrow(greeksBy(model, inputs))
        const slope = (h: number, at: (x: number) => OptionInputs): readonly [number, number] => {
          const here = priceOf(model, inputs)
          const [a, b] = [priceOf(model, at(-h)), priceOf(model, at(h))]
          return [(here - a) / h, (b - here) / h]
        }
        const near = (
          name: string,
          value: number,
          [left, right]: readonly [number, number],
          scale: number
        ) => {
          // A kink has a slope on each side: the Greek is between the two.
          const slack = allowed * scale
          expect(value, name).toBeGreaterThanOrEqual(Math.min(left, right) - slack)
          expect(value, name).toBeLessThanOrEqual(Math.max(left, right) + slack)
        }
        const size = spot + strike
        const h = (isTree ? 0.1 : 0.01) * volatility * Math.sqrt(years)
        near(
          "delta",
          greeks.delta,
          slope(spot * h, (x) => ({ ...inputs, spot: spot + x })),
          size / spot
        )
        near(
          "vega",
          greeks.vega,
          // Short, for beside a kink the slope itself bends.
          slope((isTree ? 0.01 : 0.001) * volatility, (x) => ({ ...inputs, volatility: volatility + x })),
          size
        )
        // The formulas have a step near where the rate is the yield: on one side the European value is above them.
        if (isFlat && Math.abs(rate - inputs.dividendYield) < 0.02) return
        near(
          "rho",
          greeks.rho,
          slope(1e-3, (x) => ({ ...inputs, rate: rate + x })),
          size * (1 + years) * (isFlat ? 20 : 1)
        )
      }),
      {
        numRuns: isTree ? 30 : 60,
        // Just past a bend of the published formulas, at a volatility of 9.95%.
        examples: [
          [
            {
              right: "PUT",
              years: 0.9889180996680383,
              rate: 0.2,
              dividendYield: 0,
              volatility: 0.1,
              strike: 1,
              spot: 1
            }
          ]
        ]
      }
    )
  })
})
