/** Surfaces of generated chains, whose truth is known, and of real ones. */
import { NodeServices } from "@effect/platform-node"
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { openLeanOptions } from "../../../src/market/lean/LeanOptions.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { europeanPrice } from "../../../src/options/BlackScholes.ts"
import { cleanChain } from "../../../src/options/chain/Cleaning.ts"
import type { CleanChain, Smile } from "../../../src/options/chain/OptionChain.ts"
import { fitSurface } from "../../../src/options/surface/SurfaceFit.ts"
import { surfaceMatrix } from "../../../src/options/surface/SurfaceMatrix.ts"
import { ssviAsSvi } from "../../../src/options/surface/Ssvi.ts"
import { sviVariance } from "../../../src/options/surface/Svi.ts"
import type { InterpolationModel, VolatilitySurface } from "../../../src/options/surface/VolatilitySurface.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"
import { generatedChain, numbersFrom, powerLaw } from "./GeneratedChains.ts"

const models: ReadonlyArray<InterpolationModel> = [
  "ssvi",
  "svi",
  "multiquadric",
  "inverse",
  "gaussian",
  "linear",
  "cubic",
  "thin-plate"
]

const fit = (chain: CleanChain, model?: InterpolationModel): VolatilitySurface =>
  Result.getOrThrow(fitSurface(chain, model === undefined ? {} : { model }))

const inside = (surface: VolatilitySurface, strike: number, years: number): number => {
  const answer = surface.volatilityAt(strike, years)
  return answer._tag === "Inside" ? answer.volatility : Number.NaN
}

/** Butterflies and calendars bought from a surface's prices, on places of our own: the cheapest of each, of a unit's forward. */
const cheapest = (surface: VolatilitySurface) => {
  let [butterfly, calendar] = [Infinity, Infinity]
  const [first, last] = [surface.slices[0]?.years ?? 0, surface.slices.at(-1)?.years ?? 0]
  const times = Array.from({ length: 25 }, (_, i) => first + ((last - first) * i) / 24)
  const call = (k: number, years: number): number => {
    const volatility = inside(surface, surface.forwardAt(years) * Math.exp(k), years)
    return europeanPrice(1, 1, Math.exp(k), years, 0, 0, volatility)
  }
  for (const [i, years] of times.entries()) {
    for (let k = -0.6; k <= 0.6; k += 0.02) {
      const [low, middle, high] = [Math.exp(k - 0.01), Math.exp(k), Math.exp(k + 0.01)]
      const share = (high - middle) / (high - low)
      const price = share * call(k - 0.01, years) + (1 - share) * call(k + 0.01, years) - call(k, years)
      if (Number.isFinite(price)) butterfly = Math.min(butterfly, price)
      const later = call(k, times[i + 1] ?? Number.NaN) - call(k, years)
      if (Number.isFinite(later)) calendar = Math.min(calendar, later)
    }
  }
  return { butterfly, calendar }
}

describe("a surface of a generated chain", () => {
  it("without noise is the surface the chain was made of", () => {
    const slice = powerLaw()
    for (const model of ["svi", "ssvi"] as const) {
      const surface = fit(generatedChain({ noiseVolatility: 0, slice }), model)
      expect(surface.rmsError).toBeLessThan(2e-4)
      for (const { forward, years } of surface.slices) {
        for (const k of [-1.5, -0.5, 0, 0.5, 1.5].map((z) => z * Math.sqrt(slice(years).theta))) {
          const truth = Math.sqrt(sviVariance(ssviAsSvi(slice(years)), k) / years)
          expect(Math.abs(inside(surface, forward * Math.exp(k), years) - truth)).toBeLessThan(1e-3)
        }
      }
    }
  })

  it("with noise misses the mids by the noise and no more, most of them inside bid and ask", () => {
    const surface = fit(generatedChain({ noiseVolatility: 0.002 }))
    expect(surface.model).toBe("svi")
    expect(surface.rmsError).toBeLessThan(0.008)
    for (const { insideSpread } of surface.slices) expect(insideSpread).toBeGreaterThan(0.8)
  })

  it("has no butterfly and no calendar that costs less than nothing, however noisy the quotes are", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const surface = fit(generatedChain({ seed, noiseVolatility: 0.02, halfSpread: 0.02, strikes: 20 }))
      expect(surface.before.butterfly.length).toBeGreaterThan(0)
      expect(surface.after).toEqual({ butterfly: [], calendar: [] })
      const { butterfly, calendar } = cheapest(surface)
      expect(butterfly).toBeGreaterThan(-1e-12)
      expect(calendar).toBeGreaterThan(-1e-12)
    }
  })

  it("tells a planted butterfly and a planted calendar of the mids by their places, and fits neither", () => {
    const chain = generatedChain({ noiseVolatility: 0 })
    const spoilt: CleanChain = {
      ...chain,
      smiles: chain.smiles.map((smile, i): Smile => ({
        ...smile,
        points: smile.points.map((point, j) =>
          i === 3 && j === 20
            ? { ...point, volatility: point.volatility + 0.03 }
            : i === 6
              ? { ...point, volatility: point.volatility * 0.6 }
              : point
        )
      }))
    }
    const surface = fit(spoilt)
    const [bent, lowered] = [chain.smiles[3], chain.smiles[6]]
    expect(surface.before.butterfly.some(({ expiry }) => expiry === bent?.expiry)).toBe(true)
    expect(surface.before.calendar.some(({ laterYears }) => laterYears === lowered?.years)).toBe(true)
    expect(surface.after).toEqual({ butterfly: [], calendar: [] })
  })

  it("answers in one of three ways, and outside with no number of its own, whatever is asked of any model", () => {
    const next = numbersFrom(5)
    const odd = [Number.NaN, Infinity, -Infinity, 0, -0, -1, 5e-324, 1e-300, 1e300, 100, 0.25]
    for (const model of models) {
      const surface = fit(generatedChain({ strikes: 15 }), model)
      const asked = [
        ...odd.flatMap((strike) => odd.map((years) => [strike, years] as const)),
        ...Array.from({ length: 300 }, () => [200 * next(), 3 * next()] as const)
      ]
      const tags = new Set<string>()
      for (const [strike, years] of asked) {
        const answer = surface.volatilityAt(strike, years)
        tags.add(answer._tag)
        if (answer._tag === "Outside") {
          expect(Object.keys(answer).toSorted()).toEqual(["_tag", "nearest", "why"])
          expect(answer.nearest.volatility).toBeGreaterThan(0)
          expect(inside(surface, answer.nearest.strike, answer.nearest.years) > 0 || answer.why !== "").toBe(
            true
          )
        } else {
          expect(answer.volatility).toBeGreaterThanOrEqual(0)
          expect(answer.volatility).toBeLessThan(10)
        }
      }
      expect([...tags].toSorted()).toEqual(["Inside", "Near", "Outside"])
    }
  })

  it("says of radial basis functions that they are not free of arbitrage, where they are not", () => {
    const surface = fit(generatedChain({ noiseVolatility: 0.02, strikes: 12 }), "thin-plate")
    expect(surface.rmsError).toBeLessThan(1e-6)
    expect(surface.after.butterfly.length).toBeGreaterThan(0)
  })

  it("as a matrix has every cell's own answer, by moneyness or by strike", () => {
    const surface = fit(generatedChain())
    const byMoneyness = surfaceMatrix(surface)
    expect(byMoneyness.columns).toHaveLength(surface.slices.length)
    for (const { cells, forward, years } of byMoneyness.columns) {
      expect(cells).toHaveLength(13)
      for (const [i, { answer, strike }] of cells.entries()) {
        expect(strike).toBeCloseTo(forward * (0.7 + 0.05 * i), 9)
        expect(answer).toEqual(surface.volatilityAt(strike, years))
      }
    }
    const byStrike = surfaceMatrix(surface, { rows: { by: "strike", values: [90, 110] }, times: [0.1] })
    expect(byStrike.columns.map(({ cells, expiry }) => [expiry, cells.map(({ strike }) => strike)])).toEqual([
      [undefined, [90, 110]]
    ])
  })

  it("needs five strikes of one expiry, and names those it left out", () => {
    const few = fitSurface(generatedChain({ strikes: 4 }))
    expect(Result.isFailure(few) && few.failure).toMatchObject({
      _tag: "InsufficientQuotes",
      found: 4,
      needed: 5
    })
    const chain = generatedChain({ days: [30, 60] })
    const [first, second] = chain.smiles
    const one = fit({
      ...chain,
      smiles:
        first === undefined || second === undefined
          ? []
          : [{ ...first, points: first.points.slice(0, 3) }, second]
    })
    expect(one.slices.map(({ expiry }) => expiry)).toEqual([second?.expiry])
    expect(one.leftOut).toEqual([{ expiry: first?.expiry, points: 3 }])
    expect(Result.isFailure(fitSurface({ ...chain, smiles: [] }))).toBe(true)
  })
})

describeWithShared("real chains", () => {
  const cleaned = (symbol: string, date: string): Promise<CleanChain> =>
    Effect.runPromise(
      Effect.gen(function* () {
        const folder = yield* openLeanOptions({ path: sharedPath("lean-data"), skipBadRows: false })
        const { raw } = yield* folder.chain(symbol, sessionDate(date), {})
        return cleanChain(raw)
      }).pipe(Effect.provide(NodeServices.layer))
    )

  it.each([
    ["2014-06-06", 0.009, 0.65],
    ["2014-06-09", 0.009, 0.75]
  ])(
    "AAPL on %s has a surface of twelve expiries, free of arbitrage, within %f of the mids and a share of %f inside their spreads",
    async (date, most, share) => {
      const surface = fit(await cleaned("AAPL", date))
      expect(surface.slices).toHaveLength(12)
      expect(surface.rmsError).toBeLessThan(most)
      const points = surface.slices.reduce((sum, slice) => sum + slice.points, 0)
      const covered = surface.slices.reduce((sum, slice) => sum + slice.points * slice.insideSpread, 0)
      expect(covered / points).toBeGreaterThan(share)
      expect(surface.before.butterfly.length).toBeGreaterThan(50)
      expect(surface.after).toEqual({ butterfly: [], calendar: [] })
      expect(cheapest(surface).butterfly).toBeGreaterThan(-1e-12)
      expect(cheapest(surface).calendar).toBeGreaterThan(-1e-12)
    }
  )

  it("GOOG on 2015-12-23 has a smile of one expiry", async () => {
    const surface = fit(await cleaned("GOOG", "2015-12-23"))
    expect(surface.slices).toHaveLength(1)
    expect(surface.slices[0]).toMatchObject({ points: 6, insideSpread: 1 })
    expect(surface.rmsError).toBeLessThan(0.006)
    expect(surface.after).toEqual({ butterfly: [], calendar: [] })
  })

  it("SPY on 2023-08-03, with four contracts, has too few quotes", async () => {
    const none = fitSurface(await cleaned("SPY", "2023-08-03"))
    expect(Result.isFailure(none) && none.failure._tag).toBe("InsufficientQuotes")
  })
})
