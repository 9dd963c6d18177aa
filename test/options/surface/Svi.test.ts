/** Slices by themselves: SVI and SSVI against densities of prices, known parameters and the published conditions. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { europeanPrice } from "../../../src/options/BlackScholes.ts"
import { fitSurface } from "../../../src/options/surface/SurfaceFit.ts"
import { betweenSsvi, fitSsvi, ssviAsSvi, type SsviSlice } from "../../../src/options/surface/Ssvi.ts"
import {
  durrleman,
  fromWings,
  leastVariance,
  sviCurve,
  type SviSlice,
  sviVariance,
  wings
} from "../../../src/options/surface/Svi.ts"
import { fitSvi, type SmileColumns } from "../../../src/options/surface/SviFit.ts"
import { generatedChain, noise, numbersFrom, powerLaw } from "./GeneratedChains.ts"

const years = 0.25

/** The slice's own volatilities at evenly spaced places, all of one weight. */
const columnsOf = (slice: SviSlice, low = -0.5, high = 0.4, count = 41): SmileColumns => {
  const moneyness = Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1))
  return {
    years,
    moneyness,
    volatility: moneyness.map((k) => Math.sqrt(sviVariance(slice, k) / years)),
    weight: new Float64Array(count).fill(1 / Math.sqrt(count))
  }
}

const fitAlone = (columns: SmileColumns): SviSlice =>
  fitSvi(columns, {
    alone: undefined,
    before: undefined,
    range: { low: columns.moneyness.at(0) ?? 0, high: columns.moneyness.at(-1) ?? 0 },
    above: () => Infinity
  }).slice

const usual: SviSlice = { a: 0.005, b: 0.08, rho: -0.4, m: 0.02, width: 0.12 }

/**
 * Butterfly arbitrage, in Vogt's example (Gatheral and Jacquier 2014, section
 * 3.1); `m` and `width` as there, at one year.
 */
const vogt: SviSlice = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, width: 0.4153 }

describe("an SVI slice", () => {
  it("has the derivatives of its variance", () => {
    const h = 1e-4
    for (const k of [-0.7, -0.1, 0, 0.02, 0.3, 0.9]) {
      const [down, middle, up] = [k - h, k, k + h].map((at) => sviVariance(usual, at))
      const { curvature, slope, variance } = sviCurve(usual, k)
      expect(variance).toBe(middle)
      expect(slope).toBeCloseTo(((up ?? 0) - (down ?? 0)) / (2 * h), 6)
      expect(curvature).toBeCloseTo(((up ?? 0) - 2 * (middle ?? 0) + (down ?? 0)) / (h * h), 5)
    }
  })

  it("comes back from its wings and its least variance", () => {
    const { left, right } = wings(usual)
    const again = fromWings(left, right, { least: leastVariance(usual), m: usual.m, width: usual.width })
    for (const name of ["a", "b", "rho", "m", "width"] as const) {
      expect(again[name]).toBeCloseTo(usual[name], 14)
    }
  })

  it("has Durrleman's function that prices have: the second difference of calls over the strike", () => {
    const h = 1e-3
    for (const slice of [usual, vogt]) {
      for (const k of [-0.5, -0.2, 0, 0.3, 0.7]) {
        const strike = Math.exp(k)
        const call = (x: number) =>
          europeanPrice(1, 1, x, 1, 0, 0, Math.sqrt(sviVariance(slice, Math.log(x))))
        // Fourth order in h: the error of the second difference is below the rounding of the prices.
        const second =
          (-call(strike + 2 * h) +
            16 * call(strike + h) -
            30 * call(strike) +
            16 * call(strike - h) -
            call(strike - 2 * h)) /
          (12 * h * h)
        const { curvature, slope, variance } = sviCurve(slice, k)
        const d2 = -k / Math.sqrt(variance) - Math.sqrt(variance) / 2
        const unit = Math.exp((-d2 * d2) / 2) / Math.sqrt(2 * Math.PI) / (strike * Math.sqrt(variance))
        expect(durrleman(k, variance, slope, curvature) * unit).toBeCloseTo(second, 6)
      }
    }
  })

  it("has a negative density in Vogt's example, and a fit to it has none", () => {
    const places = Array.from({ length: 601 }, (_, i) => -1.5 + i / 200)
    const least = (slice: SviSlice) =>
      Math.min(
        ...places.map((k) => {
          const { curvature, slope, variance } = sviCurve(slice, k)
          return durrleman(k, variance, slope, curvature)
        })
      )
    expect(least(vogt)).toBeLessThan(-0.01)
    const fitted = fitAlone({ ...columnsOf(vogt, -1.5, 1.5), years: 1 })
    expect(least(fitted)).toBeGreaterThanOrEqual(0)
  })

  it("is found again from its own volatilities, by its parameters", () => {
    const slices: ReadonlyArray<SviSlice> = [
      usual,
      { a: 0.01, b: 0.05, rho: 0.3, m: -0.05, width: 0.2 },
      { a: 0.002, b: 0.1, rho: -0.7, m: 0, width: 0.08 }
    ]
    for (const slice of slices) {
      const columns = columnsOf(slice)
      const fitted = fitAlone(columns)
      for (const name of ["a", "b", "rho", "m", "width"] as const) {
        expect(Math.abs(fitted[name] - slice[name])).toBeLessThan(2e-3)
      }
      for (const [i, k] of columns.moneyness.entries()) {
        const found = Math.sqrt(sviVariance(fitted, k) / years)
        expect(Math.abs(found - (columns.volatility[i] ?? 0))).toBeLessThan(1e-4)
      }
    }
  })
})

describe("an SSVI slice", () => {
  it("is the SVI slice of its parameters", () => {
    const { psi, rho, theta }: SsviSlice = { theta: 0.04, rho: -0.5, psi: 0.1 }
    for (const k of [-1, -0.2, 0, 0.5]) {
      const root = Math.sqrt((psi * k + rho * theta) ** 2 + (1 - rho * rho) * theta * theta)
      expect(sviVariance(ssviAsSvi({ theta, rho, psi }), k)).toBeCloseTo(
        0.5 * (theta + rho * psi * k + root),
        14
      )
    }
  })

  /** Gatheral and Jacquier's theorem 4.2, and Hendriks and Martini's proposition 3.1. */
  const keepsConditions = (slices: ReadonlyArray<SsviSlice>) => {
    for (const [i, { psi, rho, theta }] of slices.entries()) {
      const larger = psi * (1 + Math.abs(rho))
      expect(larger).toBeLessThan(4)
      expect(psi * larger).toBeLessThanOrEqual(4 * theta)
      const before = slices[i - 1]
      if (before === undefined) continue
      expect(theta).toBeGreaterThanOrEqual(before.theta)
      expect(psi * (1 - rho)).toBeGreaterThanOrEqual(before.psi * (1 - before.rho) * (1 - 1e-12))
      expect(psi * (1 + rho)).toBeGreaterThanOrEqual(before.psi * (1 + before.rho) * (1 - 1e-12))
      expect(psi / theta).toBeLessThanOrEqual((before.psi / before.theta) * (1 + 1e-12))
    }
  }

  it("is fitted inside the published conditions, to quotes that break them too", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = numbersFrom(seed)
      const slices: Array<SsviSlice> = []
      for (const time of [0.05, 0.1, 0.3, 1]) {
        // Steep, with levels and correlations that jump: some later than earlier ones allow.
        const level = 0.1 + 0.4 * next()
        const tilt = 2 * next() - 1
        const moneyness = Float64Array.from({ length: 15 }, (_, i) => (i - 7) * 0.12 * Math.sqrt(time))
        slices.push(
          fitSsvi(
            {
              years: time,
              moneyness,
              volatility: moneyness.map((k) =>
                Math.max(level + (tilt * k) / Math.sqrt(time) / 3 + 0.01 * noise(next), 0.05)
              ),
              weight: new Float64Array(15).fill(1 / Math.sqrt(15))
            },
            slices.at(-1)
          )
        )
      }
      keepsConditions(slices)
      keepsConditions(
        slices.flatMap((slice, i) => {
          const later = slices[i + 1]
          return later === undefined
            ? [slice]
            : [slice, ...[0.25, 0.5, 0.75].map((share) => betweenSsvi(slice, later, share))]
        })
      )
    }
  })

  it("is found again from a chain of a known one, and crossed expiries are told and not fitted", () => {
    const slice = powerLaw()
    const chain = generatedChain({ noiseVolatility: 0, slice, days: [20, 60, 180] })
    const surface = Result.getOrThrow(fitSurface(chain, { model: "ssvi" }))
    for (const [i, { expiry, points, years: time }] of surface.slices.entries()) {
      expect(points).toBe(40)
      for (const [name, value] of Object.entries(slice(time))) {
        const found = surface.parameters.find((one) => one.name === `${expiry} ${name}`)?.value
        expect(Math.abs((found ?? Number.NaN) / value - 1), `${name} of ${i}`).toBeLessThan(0.01)
      }
    }
    const [first, second, third] = chain.smiles
    if (first === undefined || second === undefined || third === undefined) throw new Error("no smiles")
    const crossed = {
      ...chain,
      smiles: [
        { ...first, points: first.points.map((one) => ({ ...one, volatility: 3 * one.volatility })) },
        second,
        third
      ]
    }
    for (const model of ["svi", "ssvi"] as const) {
      const { after, before } = Result.getOrThrow(fitSurface(crossed, { model }))
      expect(before.calendar.length).toBeGreaterThan(10)
      expect(after).toEqual({ butterfly: [], calendar: [] })
    }
  })
})
