/**
 * Chains made from a known surface: nothing here is a market's.
 *
 * Quotes are the surface's prices with noise and a spread, out of the money,
 * as `cleanChain` leaves them.
 */
import { sessionDate, dateOfDay, dayOfDate } from "../../../src/domain/Timestamp.ts"
import { europeanGreeks } from "../../../src/options/BlackScholes.ts"
import type { CleanChain, Smile, SmilePoint } from "../../../src/options/chain/OptionChain.ts"
import { ssviAsSvi, type SsviSlice } from "../../../src/options/surface/Ssvi.ts"
import { sviVariance } from "../../../src/options/surface/Svi.ts"

/** The symbol every generated chain goes by. */
export const GENERATED = "GENERATED"

/** Numbers in [0, 1) from a seed (Lehmer 1951, Park and Miller's multiplier). */
export const numbersFrom = (seed: number) => {
  let state = (seed % 2_147_483_646) + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Near normal: the sum of twelve. */
export const noise = (next: () => number): number => {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += next()
  return sum
}

/** SSVI by Gatheral and Jacquier's power law φ = η ÷ √(θ(1 + θ)): free of arbitrage where η(1 + |ρ|) ≤ 2. */
export const powerLaw =
  ({ eta = 1, level = 0.25, long = 0.2, rho = -0.6 } = {}) =>
  (years: number): SsviSlice => {
    // Variance falls from `level` to `long` with half a year's decay; its integral is θ.
    const decay = 0.5
    const theta = long * long * years + (level * level - long * long) * decay * (1 - Math.exp(-years / decay))
    return { theta, rho, psi: (theta * eta) / Math.sqrt(theta * (1 + theta)) }
  }

export interface GeneratedSettings {
  readonly seed?: number
  readonly spot?: number
  readonly asOfDate?: string
  /** Days to each expiry. */
  readonly days?: ReadonlyArray<number>
  readonly strikes?: number
  /** Farthest strike in deviations at the forward. */
  readonly reach?: number
  /** Deviation of a mid, and half a spread at the forward, in volatility. */
  readonly noiseVolatility?: number
  readonly halfSpread?: number
  readonly slice?: (years: number) => SsviSlice
}

export const generatedChain = ({
  asOfDate = "2014-06-06",
  days = [8, 15, 22, 29, 43, 71, 106, 134, 224, 590],
  halfSpread = 0.004,
  noiseVolatility = 0.001,
  reach = 3,
  seed = 1,
  slice = powerLaw(),
  spot = 100,
  strikes = 40
}: GeneratedSettings = {}): CleanChain => {
  const next = numbersFrom(seed)
  const rate = 0.01
  const dividendYield = 0.02
  const smiles = days.map((day): Smile => {
    const years = day / 365
    const forward = spot * Math.exp((rate - dividendYield) * years)
    const parameters = slice(years)
    const svi = ssviAsSvi(parameters)
    const points = Array.from({ length: strikes }, (_, i): SmilePoint => {
      const z = -reach + (2 * reach * i) / (strikes - 1)
      const logMoneyness = z * Math.sqrt(parameters.theta)
      const right = logMoneyness < 0 ? "PUT" : "CALL"
      const strike = forward * Math.exp(logMoneyness)
      const volatility =
        Math.sqrt(sviVariance(svi, logMoneyness) / years) + noiseVolatility * (1 + z * z) * noise(next) * 0.5
      const half = halfSpread * (1 + z * z)
      const price = (at: number) =>
        europeanGreeks(right === "CALL" ? 1 : -1, spot, strike, years, rate, dividendYield, at)
      return {
        contract: `${GENERATED} ${day}d ${right} ${strike.toFixed(3)}`,
        right,
        strike,
        logMoneyness,
        bid: price(Math.max(volatility - half, 0.01)).price,
        ask: price(volatility + half).price,
        bidVolatility: Math.max(volatility - half, 0.01),
        volatility,
        askVolatility: volatility + half,
        vega: price(volatility).vega
      }
    })
    return {
      expiry: dateOfDay(dayOfDate(sessionDate(asOfDate)) + day),
      years,
      rate,
      forward,
      dividendYield,
      source: "parity",
      pairs: strikes,
      outliers: 0,
      standardError: 0.01,
      points
    }
  })
  const quotes = smiles.reduce((sum, { points }) => sum + points.length, 0)
  return {
    symbol: GENERATED,
    spot,
    asOf: `${asOfDate}T20:00:00.000000Z`,
    smiles,
    quotes,
    kept: quotes,
    drops: [],
    dropped: new Map()
  }
}
