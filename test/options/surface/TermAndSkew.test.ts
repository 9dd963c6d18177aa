/** Term structure, skew and what is unusual about them, on generated chains whose truth is known. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { europeanGreeks } from "../../../src/options/BlackScholes.ts"
import { robustScore } from "../../../src/options/surface/RobustScore.ts"
import { againstHistory, againstNeighbours } from "../../../src/options/surface/Signals.ts"
import { skew, skewAt } from "../../../src/options/surface/Skew.ts"
import { fitSurface } from "../../../src/options/surface/SurfaceFit.ts"
import { termStructure } from "../../../src/options/surface/TermStructure.ts"
import { snapshotOf } from "../../../src/options/surface/VolatilityHistory.ts"
import type { VolatilitySurface } from "../../../src/options/surface/VolatilitySurface.ts"
import { GENERATED, generatedChain, type GeneratedSettings, powerLaw } from "./GeneratedChains.ts"

const surfaceOf = (settings: GeneratedSettings): VolatilitySurface =>
  Result.getOrThrow(fitSurface(generatedChain({ noiseVolatility: 0, ...settings })))

/** A surface of one volatility a time, total variance linear between: what a term structure alone is made of. */
const flatSurface = (
  points: ReadonlyArray<readonly [days: number, volatility: number]>
): VolatilitySurface => {
  const chain = generatedChain({ days: points.map(([days]) => days) })
  const variance = (years: number): number | undefined => {
    const at = points.map(([days, v]) => [days / 365, (v * v * days) / 365] as const)
    const next = at.findIndex(([time]) => time >= years - 1e-12)
    const [to, from] = [at[next], at[next - 1]]
    if (to === undefined) return undefined
    if (from === undefined) return Math.abs(to[0] - years) < 1e-9 ? to[1] : undefined
    return from[1] + ((to[1] - from[1]) * (years - from[0])) / (to[0] - from[0])
  }
  return {
    ...Result.getOrThrow(fitSurface(chain)),
    forwardAt: () => 100,
    volatilityAt: (strike, years) => {
      const total = variance(years)
      return total === undefined
        ? { _tag: "Outside", why: "beyond", nearest: { strike, years, volatility: 0.2 } }
        : { _tag: "Inside", volatility: Math.sqrt(total / years) }
    }
  }
}

describe("the term structure", () => {
  it("is linear in total variance between expiries, and so are constant maturities", () => {
    const term = termStructure(
      flatSurface([
        [20, 0.3],
        [40, 0.24],
        [100, 0.2]
      ])
    )
    const at = (days: number) => term.constantMaturity.find((one) => one.days === days)?.answer
    // (0.09·20 + 0.0576·40)/2 ÷ 30
    expect(at(30)).toEqual({
      _tag: "Inside",
      volatility: expect.closeTo(Math.sqrt((1.8 + 2.304) / 2 / 30), 12)
    })
    expect(at(60)).toEqual({
      _tag: "Inside",
      volatility: expect.closeTo(Math.sqrt((2.304 + (4 - 2.304) / 3) / 60), 12)
    })
    for (const days of [7, 180, 365]) expect(at(days)?._tag).toBe("Outside")
  })

  it("has forward volatilities that add up, and a typed answer where variance falls", () => {
    const { forward } = termStructure(
      flatSurface([
        [20, 0.3],
        [40, 0.24],
        [100, 0.1]
      ])
    )
    expect(forward[0]).toMatchObject({ _tag: "Value", fromYears: 0, volatility: expect.closeTo(0.3, 12) })
    expect(forward[1]).toMatchObject({ _tag: "Value", volatility: expect.closeTo(Math.sqrt(0.504 / 20), 12) })
    expect(forward[2]).toMatchObject({
      _tag: "Negative",
      forwardVariance: expect.closeTo((1 - 2.304) / 60, 12)
    })
  })

  it.each([
    ["backwardation", 0.3, 0.2],
    ["contango", 0.2, 0.3],
    ["flat", 0.2, 0.2005]
  ])("is in %s from %f to %f", (shape, near, far) => {
    const { slope } = termStructure(
      flatSurface([
        [30, near],
        [90, far]
      ])
    )
    expect(slope).toMatchObject({ nearDays: 30, farDays: 90, shape })
    expect(slope?.ratio).toBeCloseTo(near / far, 12)
    expect(slope?.perYear).toBeCloseTo(((far - near) * 365) / 60, 9)
  })

  it("of one expiry has no slope", () => {
    expect(termStructure(flatSurface([[30, 0.2]])).slope).toBeUndefined()
  })
})

describe("the skew", () => {
  const surface = surfaceOf({ slice: powerLaw({ rho: -0.6 }) })

  it("is measured at strikes whose deltas are 25", () => {
    for (const { call, forward, put, years } of skew(surface).expiries) {
      for (const [leg, sign] of [
        [call, 1],
        [put, -1]
      ] as const) {
        if (leg._tag === "Outside") throw new Error(leg.why)
        const { delta } = europeanGreeks(sign, forward, leg.strike, years, 0, 0, leg.volatility)
        expect(delta * sign).toBeCloseTo(0.25, 6)
      }
    }
  })

  it("is call less put, mean less forward, put less call over forward; below zero where puts cost more", () => {
    for (const { atm, call, measures, put, slope, standardSlope, years } of skew(surface).expiries) {
      if (call._tag === "Outside" || put._tag === "Outside" || measures === undefined)
        throw new Error("outside")
      expect(measures.riskReversal).toBe(call.volatility - put.volatility)
      expect(measures.butterfly).toBeCloseTo((call.volatility + put.volatility) / 2 - atm, 12)
      expect(measures.normalized).toBeCloseTo((put.volatility - call.volatility) / atm, 12)
      expect(measures.riskReversal).toBeLessThan(0)
      expect(slope).toBeLessThan(0)
      expect(standardSlope).toBeCloseTo(slope * Math.sqrt(years), 12)
    }
  })

  it("mirrors with the correlation", () => {
    const mirrored = surfaceOf({ slice: powerLaw({ rho: 0.6 }) })
    expect(skewAt(mirrored, 0.25)?.measures?.riskReversal).toBeGreaterThan(0)
  })
})

describe("what is unusual", () => {
  it("is scored by median and median deviation, by hand", () => {
    // 1 2 3 4 100: median 3, deviations 2 1 0 1 97, their median 1.
    expect(robustScore(6, [1, 2, 3, 4, 100])).toEqual({
      value: 6,
      median: 3,
      mad: 1,
      z: expect.closeTo(3 / 1.4826022185056018, 12),
      n: 5
    })
    expect(robustScore(2, [1, 1, 1])?.z).toBeUndefined()
    expect(robustScore(1, [1, 1, 1])?.z).toBe(0)
    expect(robustScore(1, [])).toBeUndefined()
  })

  /** Thirty generated days of one level, a little noise in it. */
  const history = Array.from({ length: 30 }, (_, i) =>
    snapshotOf(
      surfaceOf({
        asOfDate: `2014-05-${String(i + 1).padStart(2, "0")}`,
        seed: i,
        slice: powerLaw({ level: 0.25 + 0.002 * Math.sin(i), long: 0.2 + 0.002 * Math.cos(i) })
      }),
      { source: "generated" }
    )
  )

  it("against a generated history is a level that jumped, with the statistic and the label of the history", () => {
    const jumped = snapshotOf(surfaceOf({ slice: powerLaw({ level: 0.4, long: 0.2 }) }), {
      source: "generated"
    })
    const report = againstHistory(jumped, history)
    const atm = report.signals.find(({ days, measure }) => measure === "atm" && days === 30)
    expect(atm).toMatchObject({ reading: "high", n: 30, threshold: 3.5 })
    expect(atm?.comparedWith).toMatchObject({ _tag: "History", sources: ["generated"] })
    expect(atm?.z).toBeGreaterThan(3.5)
    for (const { mad, median, n, text, value, z } of report.signals) {
      expect([value, median, mad, z, n].every(Number.isFinite)).toBe(true)
      expect(text).toMatch(/median .*MAD .*z /u)
      expect(text).not.toMatch(/\b(?:buy|sell)\b/iu)
    }
  })

  it("is not a day like the others, and too short a history judges nothing", () => {
    const usual = snapshotOf(surfaceOf({ seed: 77 }), { source: "generated" })
    expect(againstHistory(usual, history).signals.filter(({ reading }) => reading !== "usual")).toEqual([])
    const short = againstHistory(usual, history.slice(0, 5))
    expect(short.signals).toEqual([])
    expect(short.unjudged[0]).toMatchObject({ n: 5, needed: 20 })
  })

  it("leaves out what is not earlier and what is of another symbol", () => {
    const first = history[0]
    if (first === undefined) throw new Error("no history")
    expect(againstHistory(first, history).signals).toEqual([])
    expect(againstHistory({ ...first, symbol: "OTHER", asOf: "2030" }, history).signals).toEqual([])
    expect(first.symbol).toBe(GENERATED)
  })

  it("against neighbours is the one expiry that stands out", () => {
    const chain = generatedChain({ noiseVolatility: 0.0005, strikes: 15 })
    const bumped = {
      ...chain,
      smiles: chain.smiles.map((smile, i) =>
        i === 4
          ? {
              ...smile,
              points: smile.points.map((point) => ({ ...point, volatility: point.volatility + 0.04 }))
            }
          : smile
      )
    }
    const surface = Result.getOrThrow(fitSurface(bumped, { model: "thin-plate" }))
    const { signals } = againstNeighbours(skew(surface), surface.slices)
    const found = signals.filter(({ measure, reading }) => measure === "atm" && reading === "high")
    expect(found[0]).toMatchObject({ expiry: chain.smiles[4]?.expiry, comparedWith: { _tag: "Neighbours" } })
  })
})
