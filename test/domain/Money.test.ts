import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  MAX_MONEY_MICROS,
  MAX_PRICE_MICROS,
  MAX_QUANTITY_MICROS,
  money,
  notional,
  price,
  proportion,
  quantity,
  quantityFor
} from "../../src/domain/Money.ts"

const whole = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum })))

/** The quotient half to even, on whole numbers of any size. */
const halfEven = (dividend: bigint, divisor: bigint): bigint => {
  const quotient = dividend / divisor
  const twice = (dividend % divisor) * 2n
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient
}

const isExact = (value: bigint): boolean => value <= BigInt(Number.MAX_SAFE_INTEGER)

const fields = {
  priced: whole(MAX_PRICE_MICROS),
  cheap: whole(3_000_000_000),
  sized: whole(MAX_QUANTITY_MICROS),
  few: whole(500_000_000),
  amount: whole(MAX_MONEY_MICROS),
  multiplier: Schema.Literals([1, 7, 100])
}

describe("products and quotients of micros", () => {
  it.prop(
    "are those of whole numbers of any size, as far as they are exact",
    fields,
    ({ amount, cheap, few, multiplier, priced, sized }) => {
      for (const [p, q] of [
        [priced, sized],
        [cheap, few],
        [priced, few],
        // Ties of half a micro.
        [2 * cheap + 1, 1_000_000 * Math.floor(few / 1_000_000) + 500_000]
      ] as const) {
        const product = halfEven(BigInt(p) * BigInt(q) * BigInt(multiplier), 1_000_000n)
        if (isExact(product)) expect(notional(price(p), quantity(q), multiplier)).toBe(Number(product))
        // Just below a multiple of the price too: there a quotient has no room for its fraction, and division rounds up.
        for (const paid of [amount, Math.max(1, amount - (amount % p) - 1)]) {
          for (const increment of [1, 1000, 1_000_000]) {
            const bought = (BigInt(paid) * 1_000_000n) / (BigInt(p) * BigInt(multiplier))
            const steps = (bought / BigInt(increment)) * BigInt(increment)
            const found = quantityFor(money(paid), price(p), quantity(increment), multiplier)
            if (isExact(steps)) expect(found).toBe(Number(steps))
          }
        }
        const part = halfEven(BigInt(amount) * BigInt(q), BigInt(sized))
        if (isExact(part)) expect(proportion(amount, q, sized)).toBe(Number(part))
      }
    },
    { arbitrary: { runs: 500 } }
  )
})
