/** A clean chain made of an SSVI surface with fixed parameters: generated, not traded. */
import { dateOfDay, dayOfDate, sessionDate } from "../../../../src/domain/Timestamp.ts"
import type { CleanChain, Smile } from "../../../../src/options/chain/OptionChain.ts"

const today = dayOfDate(sessionDate("2024-01-05"))

const smileOf = (days: number): Smile => {
  const years = days / 365
  const forward = 100 * Math.exp(0.01 * years)
  const theta = (0.22 ** 2 + 0.02 / (1 + 8 * years)) * years
  const [phi, rho] = [1.1 / Math.sqrt(theta), -0.45]
  const width = 2 * Math.sqrt(theta)
  return {
    expiry: dateOfDay(today + days),
    years,
    rate: 0.03,
    forward,
    dividendYield: 0.02,
    source: "parity",
    pairs: 20,
    outliers: 0,
    standardError: 0.01,
    points: Array.from({ length: 21 }, (_, i) => {
      const k = -width + (width * i) / 10
      const variance = (theta / 2) * (1 + rho * phi * k + Math.sqrt((phi * k + rho) ** 2 + 1 - rho * rho))
      const volatility = Math.sqrt(variance / years)
      return {
        contract: `GEN 24${days}${i}`,
        right: k < 0 ? "PUT" : "CALL",
        strike: forward * Math.exp(k),
        logMoneyness: k,
        bid: 1,
        ask: 1.1,
        bidVolatility: volatility * 0.98,
        volatility,
        askVolatility: volatility * 1.02,
        vega: 10
      }
    })
  }
}

export const generatedChain = (days: ReadonlyArray<number>, symbol = "GEN"): CleanChain => ({
  symbol,
  spot: 100,
  asOf: "2024-01-05T21:00:00.000000Z",
  smiles: days.map(smileOf),
  quotes: 60 * days.length,
  kept: 21 * days.length,
  drops: [{ reason: "zero-bid", count: 39 * days.length }],
  dropped: new Map()
})
