/** The volatility model is known of its past, and its surface has no arbitrage. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  atmTotalVariance,
  indexSmile,
  MAX_RETURNS,
  MIN_RETURNS,
  modelVolatility,
  shareSmile,
  smileVariance,
  type VarianceLevel,
  varianceLevel
} from "../../src/market/VolatilityModel.ts"

const levelOf = (closes: ReadonlyArray<number>): VarianceLevel => {
  const level = varianceLevel(closes)
  if (level === undefined) throw new Error("too few closes")
  return level
}

/** Closes that rise and fall by the same factor. */
const zigzag = (count: number, change: number): ReadonlyArray<number> =>
  Array.from({ length: count + 1 }, (_, i) => (i % 2 === 0 ? 100 : 100 * (1 + change)))

describe("the level", () => {
  it("of returns that are all of one size is that size, by the root of the sessions of a year", () => {
    // Up by 1%, down by 1/101.
    const { longRun, now, returns } = levelOf(zigzag(400, 0.01))
    expect(returns).toBe(400)
    expect(Math.sqrt(now)).toBeCloseTo(0.01 * Math.sqrt(252), 2)
    expect(Math.sqrt(longRun)).toBeCloseTo(0.01 * Math.sqrt(252), 2)
  })

  it("after a wild week is above the long run's, and by the weights of RiskMetrics", () => {
    const calm = zigzag(200, 0.005)
    const wild = levelOf([...calm, 105, 100, 105, 100, 105])
    expect(wild.now).toBeGreaterThan(4 * wild.longRun)
    // One return after zeros has the weight (1 − λ) ÷ (1 − λⁿ).
    const last = levelOf([...Array.from({ length: 100 }, () => 100), 110])
    expect(last.now).toBeCloseTo((252 * 0.01 * 0.06) / (1 - 0.94 ** 100), 12)
    expect(last.longRun).toBeCloseTo((252 * 0.01) / 100, 12)
  })

  it("is not known from too few closes, and looks no further back than three years", () => {
    expect(varianceLevel(zigzag(MIN_RETURNS - 1, 0.01))).toBeUndefined()
    expect(varianceLevel(zigzag(MIN_RETURNS, 0.01))?.returns).toBe(MIN_RETURNS)
    const old = [1, 50, 2, ...zigzag(MAX_RETURNS, 0.01)]
    expect(levelOf(old)).toEqual(levelOf(zigzag(MAX_RETURNS, 0.01)))
  })

  it("of a price that does not move is the lowest that is believed", () => {
    expect(levelOf(Array.from({ length: 50 }, () => 7)).now).toBeCloseTo(0.0009, 15)
  })
})

const variance = Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: 0.0009, maximum: 9 })))
const years = Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: 1e-4, maximum: 3 })))
const moneyness = Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: -1.5, maximum: 1.5 })))

describe("the surface", () => {
  it.prop(
    "at the money goes from the level now to the long run, and its total variance rises",
    { now: variance, longRun: variance, years },
    ({ longRun, now, years: time }) => {
      const level = { now, longRun, returns: 100 }
      const theta = atmTotalVariance(level, time)
      expect(theta / time).toBeGreaterThanOrEqual(Math.min(now, longRun) * (1 - 1e-9))
      expect(theta / time).toBeLessThanOrEqual(Math.max(now, longRun) * (1 + 1e-9))
      expect(atmTotalVariance(level, time * 1.01)).toBeGreaterThan(theta)
    }
  )

  it.prop(
    "has no calendar arbitrage: total variance rises with time at each moneyness",
    { now: variance, longRun: variance, years, k: moneyness },
    ({ k, longRun, now, years: time }) => {
      const level = { now, longRun, returns: 100 }
      for (const shape of [indexSmile, shareSmile]) {
        const early = smileVariance(shape, atmTotalVariance(level, time), k)
        const late = smileVariance(shape, atmTotalVariance(level, time * 1.02), k)
        expect(late).toBeGreaterThanOrEqual(early * (1 - 1e-12))
      }
    }
  )

  it.prop(
    "has no butterfly arbitrage: Durrleman's density is above zero",
    { now: variance, longRun: variance, years, k: moneyness },
    ({ k, longRun, now, years: time }) => {
      const theta = atmTotalVariance({ now, longRun, returns: 100 }, time)
      for (const { eta, rho } of [indexSmile, shareSmile]) {
        // Derivatives of w by k in closed form.
        const phi = eta / Math.sqrt(theta * (1 + theta))
        const root = Math.sqrt((phi * k + rho) ** 2 + 1 - rho * rho)
        const w = smileVariance({ eta, rho }, theta, k)
        const first = (theta / 2) * (rho * phi + (phi * (phi * k + rho)) / root)
        const second = ((theta / 2) * phi * phi * (1 - rho * rho)) / root ** 3
        const g = (1 - (k * first) / (2 * w)) ** 2 - (first * first * (1 / w + 1 / 4)) / 4 + second / 2
        expect(g).toBeGreaterThan(0)
      }
    }
  )

  it("has a skew: puts below the forward are dearer than calls above it", () => {
    const level = { now: 0.04, longRun: 0.04, returns: 500 }
    const at = (strike: number) => modelVolatility(level, indexSmile, { strike, forward: 100, years: 0.25 })
    expect(at(100)).toBeCloseTo(0.2, 12)
    expect(at(90)).toBeGreaterThan(0.24)
    expect(at(110)).toBeLessThan(0.17)
  })
})
