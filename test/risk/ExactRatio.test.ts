import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  ceilProportion,
  ceilShare,
  floorShare,
  hasSixDecimals,
  notionalCeil,
  partsPerMillion
} from "../../src/risk/ExactRatio.ts"

const whole = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const amount = whole(1, Number.MAX_SAFE_INTEGER)
const ppm = whole(0, 10_000_000)
const saturated = (exact: bigint): number =>
  exact > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(exact)

describe("ExactRatio", () => {
  it.prop("a share is the integer quotient, rounded down or up, at any size", [amount, ppm], ([a, p]) => {
    const product = BigInt(a) * BigInt(p)
    expect(floorShare(a, p)).toBe(saturated(product / 1_000_000n))
    expect(ceilShare(a, p)).toBe(saturated((product + 999_999n) / 1_000_000n))
  })

  it("a share of nothing is nothing, and of NaN is NaN", () => {
    expect([floorShare(0, 250_000), floorShare(-5, 250_000), ceilShare(-5, 250_000)]).toStrictEqual([0, 0, 0])
    expect([floorShare(Number.NaN, 1), ceilShare(Number.NaN, 1), floorShare(1, Number.NaN)]).toStrictEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN
    ])
  })

  it("the largest amount that floats would round to the next dollar is kept", () => {
    expect(floorShare(8_999_999_999_999_999, 1_000_000)).toBe(8_999_999_999_999_999)
  })

  it.prop(
    "a notional is price × quantity × multiplier rounded up",
    [whole(1, 1_000_000_000_000), whole(1, 100_000_000), whole(1, 1000)],
    ([p, q, m]) => {
      const exact = (BigInt(p) * BigInt(q) * BigInt(m) + 999_999n) / 1_000_000n
      const found = notionalCeil(p, q, m)
      if (exact <= BigInt(Number.MAX_SAFE_INTEGER)) expect(BigInt(found)).toBe(exact)
      else expect(Number.isSafeInteger(found)).toBe(false)
    }
  )

  it("a notional beyond 2^53 is no safe integer, and of NaN is NaN", () => {
    expect(Number.isSafeInteger(notionalCeil(1e12, 1e14, 1))).toBe(false)
    expect(notionalCeil(Number.NaN, 5, 1)).toBeNaN()
    expect(notionalCeil(5, Number.NaN, 1)).toBeNaN()
  })

  it("ratios of up to six decimals are exact, finer ones are told apart", () => {
    expect([0.25, 0.07, 0.000001, 1, 10].every(hasSixDecimals)).toBe(true)
    expect([0.0000001, 1 / 3].some(hasSixDecimals)).toBe(false)
    expect(partsPerMillion(0.07)).toBe(70_000)
  })

  it("a proportion is rounded up, and NaN of what is no whole number", () => {
    expect(ceilProportion(10, 1, 3)).toBe(4)
    expect(ceilProportion(9, 1, 3)).toBe(3)
    expect(ceilProportion(Number.NaN, 1, 3)).toBeNaN()
  })
})
