import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { markWhileWanted } from "../../../src/backtest/vector/MarkWhileWanted.ts"
import { MAX_PRICE_MICROS, MICROS, notional, price, quantity } from "../../../src/domain/Money.ts"

/** Evenly over the sizes a number can have, not over the numbers: small ones too. */
const upTo = (most: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: Math.floor(Math.log2(most)) }), fc.maxSafeInteger())
    .map(([bits, drawn]) => Math.min(most, Math.abs(drawn) % 2 ** (bits + 1)))

describe("markWhileWanted", () => {
  const marked = (prices: ReadonlyArray<number>, wants: ReadonlyArray<number>, cash: number, q: number) => {
    const into = new Float64Array(prices.length)
    const columns = { price: Float64Array.from(prices), wants: Uint8Array.from(wants), into, offset: 0 }
    return { next: markWhileWanted(columns, 0, { cash, quantity: q }), into }
  }

  it("adds to the cash what notional gives, to the micro, at every price", () => {
    const prices = fc.array(upTo(MAX_PRICE_MICROS), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(prices, fc.nat(1_000_000), upTo(10_000 * MICROS), (drawn, cash, q) => {
        const { into, next } = marked(
          drawn,
          drawn.map(() => 1),
          cash,
          q
        )
        expect(next).toBe(drawn.length)
        const expected = drawn.map((p) => cash + notional(price(p), quantity(q)))
        fc.pre(expected.every(Number.isSafeInteger))
        expect(Array.from(into)).toEqual(expected)
      }),
      { numRuns: 5000 }
    )
  })

  it("rounds halves to even at either side of the price where products are split", () => {
    const prices = [1, 3, 5, 9_007_199_253, 9_007_199_254, 9_007_199_255, 9_007_199_257, 27_000_000_001]
    const { into } = marked(
      prices,
      prices.map(() => 1),
      0,
      500_000
    )
    expect(Array.from(into)).toEqual(prices.map((p) => notional(price(p), quantity(500_000))))
  })

  it("ends after the first row that is not wanted", () => {
    const { into, next } = marked([10, 10, 10, 10], [1, 0, 1, 1], 1, MICROS)
    expect(next).toBe(2)
    expect(Array.from(into)).toEqual([11, 11, 0, 0])
  })
})
