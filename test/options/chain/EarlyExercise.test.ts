import * as fc from "fast-check"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { americanVolatility } from "../../../src/options/AmericanImpliedVolatility.ts"
import { bjerksundStensland2002 } from "../../../src/options/BjerksundStensland.ts"
import { earlyExercisePremium, quotedVolatility } from "../../../src/options/chain/EarlyExercise.ts"

const cases = fc.record({
  right: fc.constantFrom("CALL" as const, "PUT" as const),
  strike: fc.double({ min: 60, max: 160, noNaN: true }),
  years: fc.double({ min: 0.01, max: 3, noNaN: true }),
  rate: fc.double({ min: -0.01, max: 0.1, noNaN: true }),
  dividendYield: fc.double({ min: -0.02, max: 0.1, noNaN: true }),
  volatility: fc.double({ min: 0.05, max: 1.5, noNaN: true })
})

describe("the volatility of a quoted American option", () => {
  it("is the one that the model inverted gives, wherever the price has time value to tell it", () => {
    fc.assert(
      fc.property(cases, ({ volatility, ...contract }) => {
        const terms = { ...contract, spot: 100 }
        const sign = terms.right === "CALL" ? 1 : -1
        const { dividendYield, rate, spot, strike, years } = terms
        const price = bjerksundStensland2002(sign, spot, strike, years, rate, dividendYield, volatility)
        const forward = spot * Math.exp(-dividendYield * years) - strike * Math.exp(-rate * years)
        fc.pre(price > Math.max(0, sign * (spot - strike), sign * forward) + 0.005)
        const quoted = quotedVolatility({ ...terms, sign }, price)
        const reference = Result.getOrThrow(
          americanVolatility({ terms, price, style: "american", model: "bjs2002" })
        ).volatility
        if (reference._tag === "Ok") {
          // Where premium eats time value, prices of different volatilities hardly differ.
          const found = bjerksundStensland2002(sign, spot, strike, years, rate, dividendYield, quoted)
          expect(Math.abs(found - price)).toBeLessThan(1e-6)
        } else expect(quoted).toBeNaN()
      }),
      { numRuns: 300 }
    )
  })

  it("is none below intrinsic and above the spot", () => {
    const terms = { sign: -1, spot: 80, strike: 100, years: 0.5, rate: 0.05, dividendYield: 0 } as const
    expect(quotedVolatility(terms, 19.9)).toBeNaN()
    expect(quotedVolatility({ ...terms, sign: 1 }, 81)).toBeNaN()
  })

  it("has no premium where nothing is gained by exercise", () => {
    const call = { sign: 1, spot: 100, strike: 90, years: 1, rate: 0.05, dividendYield: 0 } as const
    expect(earlyExercisePremium(call, 0.3)).toBe(0)
    expect(earlyExercisePremium({ ...call, sign: -1 }, 0.3)).toBeGreaterThan(0)
  })
})
