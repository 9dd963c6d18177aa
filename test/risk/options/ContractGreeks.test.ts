import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { sessionDate, type Timestamp, timestamp } from "../../../src/domain/Timestamp.ts"
import { settlementOf, yearsLeft } from "../../../src/market/ContractTime.ts"
import { policyRate } from "../../../src/market/PolicyRate.ts"
import { greeks, price } from "../../../src/options/BlackScholes.ts"
import {
  contractGreeks,
  greeksAtVolatility,
  LEAST_VOLATILITY,
  MOST_VOLATILITY
} from "../../../src/risk/options/ContractGreeks.ts"
import { contractOf } from "./Contracts.ts"

const spot = 100_000_000
const MINUTE = 60_000_000
/** A Monday. */
const NOW = timestamp(Date.UTC(2026, 0, 5, 15) * 1000)
const rate = policyRate(sessionDate("2026-01-05")).rate
const expiry = settlementOf(contractOf("CALL", 100))?.at ?? timestamp(Number.NaN)

const at = (mark: number, now: Timestamp = NOW, contract = contractOf("CALL", 100)) =>
  contractGreeks({ contract, multiplier: 100, mark: Math.round(mark * 1_000_000), spot, now })

describe("contractGreeks", () => {
  it("are the library's at the volatility of the mark, for what one contract delivers", () => {
    const years = yearsLeft(contractOf("CALL", 100), NOW)
    const inputs = { spot: 100, strike: 100, years, rate, dividendYield: 0, volatility: 0.3 } as const
    for (const right of ["CALL", "PUT"] as const) {
      const mark = Result.getOrThrow(price({ ...inputs, right }))
      const expected = Result.getOrThrow(greeks({ ...inputs, right }))
      const found = at(mark, NOW, contractOf(right, 100))
      expect(found.volatility).toBeCloseTo(0.3, 4)
      expect(found.delta).toBeCloseTo(expected.delta * 100, 3)
      expect(found.deltaNotional).toBeCloseTo(expected.delta * 100 * 100, 1)
      expect(found.gamma).toBeCloseTo(expected.gamma * 100, 3)
      expect(found.gammaNotional).toBeCloseTo(expected.gamma * 100 * 100, 2)
      expect(found.vega).toBeCloseTo(expected.vega, 3)
      expect(found.theta).toBeCloseTo((expected.theta * 100) / 365, 2)
    }
  })

  // LEAN #4548: zero Greeks on expiry day.
  it("are not zero on expiry day, to its last minute and at the settlement itself", () => {
    const sessionOpen = 390 * MINUTE
    for (const left of [sessionOpen, 60 * MINUTE, MINUTE, 1, 0]) {
      const found = at(0.2, timestamp(expiry - left))
      expect(found.delta).toBeGreaterThan(10)
      expect(found.gamma).toBeGreaterThan(0)
      expect(found.vega).toBeGreaterThan(0)
      expect(found.theta).toBeLessThan(0)
      expect(Object.values(found).every(Number.isFinite)).toBe(true)
    }
  })

  it("a mark that no volatility gives has the Greeks of the least or the greatest one", () => {
    const deep = contractOf("CALL", 80)
    expect(at(20, NOW, deep)).toMatchObject({ volatility: LEAST_VOLATILITY })
    expect(at(19, NOW, deep).delta).toBeCloseTo(100, 6)
    expect(at(0).volatility).toBe(LEAST_VOLATILITY)
    expect(at(100).volatility).toBe(MOST_VOLATILITY)
    expect(at(150).volatility).toBe(MOST_VOLATILITY)
    expect(at(0.05, timestamp(expiry - MINUTE), contractOf("PUT", 90)).volatility).toBeLessThanOrEqual(
      MOST_VOLATILITY
    )
  })

  it("an adjusted contract is an option on the shares it delivers, at the strike less its cash", () => {
    const adjusted = contractOf("CALL", 100, { deliverable: 200, cash: 1000 })
    // 200 shares for 10,000 less 1000: two options at 45.
    const plain = greeksAtVolatility(
      { contract: contractOf("CALL", 45), multiplier: 100, spot, now: NOW },
      0.4
    )
    const found = greeksAtVolatility({ contract: adjusted, multiplier: 100, spot, now: NOW }, 0.4)
    expect(found.delta).toBeCloseTo(2 * plain.delta, 9)
    expect(found.vega).toBeCloseTo(2 * plain.vega, 9)
    const paid = contractOf("CALL", 10, { deliverable: 200, cash: 1000 })
    expect(at(100, NOW, paid)).toMatchObject({ delta: 200, deltaNotional: 20_000, gamma: 0, vega: 0 })
    expect(at(0, NOW, contractOf("PUT", 10, { deliverable: 200, cash: 1000 })).delta).toBe(0)
  })

  it("are missing where a price or the time is", () => {
    const of = (changes: object) =>
      contractGreeks({
        contract: contractOf("CALL", 100),
        multiplier: 100,
        mark: 1_000_000,
        spot,
        now: NOW,
        ...changes
      })
    for (const changes of [
      { mark: Number.NaN },
      { mark: -1 },
      { spot: 0 },
      { spot: Number.NaN },
      { now: timestamp(Number.NaN) },
      { multiplier: Number.NaN }
    ]) {
      expect(Object.values(of(changes)).every(Number.isNaN)).toBe(true)
    }
  })

  const whole = (minimum: number, maximum: number) =>
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

  it.prop(
    "are numbers for every mark, strike and time: calls' deltas between nothing and what is delivered, puts' below",
    [Schema.Literals(["CALL", "PUT"]), whole(1, 400), whole(0, 30_000), whole(0, 16_000)],
    ([right, strike, cents, minutes]) => {
      const found = at(cents / 100, timestamp(expiry - minutes * MINUTE), contractOf(right, strike))
      expect(Object.values(found).every(Number.isFinite)).toBe(true)
      const size = right === "CALL" ? found.delta : -found.delta
      expect(size).toBeGreaterThanOrEqual(0)
      expect(size).toBeLessThanOrEqual(100)
      expect(found.gamma).toBeGreaterThanOrEqual(0)
      expect(found.vega).toBeGreaterThanOrEqual(0)
    },
    { arbitrary: { runs: 500 } }
  )
})
