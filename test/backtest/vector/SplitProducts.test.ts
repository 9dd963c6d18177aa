import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { markWhileWanted, splitNotional, splitQuantity } from "../../../src/backtest/vector/SplitProducts.ts"
import {
  MAX_MONEY_MICROS,
  MAX_PRICE_MICROS,
  MAX_QUANTITY_MICROS,
  MICROS,
  money,
  notional,
  price,
  quantity,
  quantityFor
} from "../../../src/domain/Money.ts"

/** Evenly over the sizes a number can have, not over the numbers: small ones too. */
const upTo = (most: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: Math.floor(Math.log2(most)) }), fc.maxSafeInteger())
    .map(([bits, drawn]) => Math.min(most, Math.abs(drawn) % 2 ** (bits + 1)))

const one = quantity(1)

describe("splitNotional", () => {
  it("gives what notional gives, to the micro, wherever that is exact", () => {
    fc.assert(
      fc.property(upTo(MAX_PRICE_MICROS), upTo(MAX_QUANTITY_MICROS), (p, q) => {
        const expected = notional(price(p), quantity(q))
        fc.pre(expected < Number.MAX_SAFE_INTEGER)
        expect(splitNotional(p, q)).toBe(expected)
      }),
      { numRuns: 20_000 }
    )
  })

  it("rounds halves to even, whichever part of the product makes the sum odd", () => {
    // x.5 micros exactly: an odd price times half a million micros.
    for (const [p, q] of [
      [1, 500_000],
      [3, 500_000],
      [5_000_003, 1_500_000],
      [MICROS + 1, 2_500_000],
      [2 * MICROS + 1, 1_500_000],
      [9_007_199_254 * 2 + 1, 500_000]
    ] as const) {
      expect([p, q, splitNotional(p, q)]).toEqual([p, q, notional(price(p), quantity(q))])
    }
  })
})

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

describe("splitQuantity", () => {
  it("gives what quantityFor gives for lots of a millionth, to the micro, within the largest quantity", () => {
    fc.assert(
      fc.property(upTo(MAX_MONEY_MICROS), upTo(MAX_PRICE_MICROS), (amount, p) => {
        fc.pre(amount > 0 && p > 0)
        const expected = quantityFor(money(amount), price(p), one)
        fc.pre(expected <= MAX_QUANTITY_MICROS)
        expect(splitQuantity(amount, p)).toBe(expected)
      }),
      { numRuns: 20_000 }
    )
  })

  it("does not take a quotient for whole that division rounds up", () => {
    // The largest amounts just below a multiple of the price: where a ÷ b has no room for its fraction.
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_MONEY_MICROS }), upTo(MAX_PRICE_MICROS), (amount, p) => {
        fc.pre(p > 0 && amount > p)
        const below = amount - (amount % p) - 1
        fc.pre(below > 0)
        const expected = quantityFor(money(below), price(p), one)
        fc.pre(expected <= MAX_QUANTITY_MICROS)
        expect(splitQuantity(below, p)).toBe(expected)
      }),
      { numRuns: 5000 }
    )
  })

  it("says more than the largest quantity where that is passed", () => {
    expect(splitQuantity(MAX_MONEY_MICROS, 1)).toBeGreaterThan(MAX_QUANTITY_MICROS)
  })
})
