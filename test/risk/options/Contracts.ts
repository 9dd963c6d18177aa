/** Contracts on AAPL for the tests of options' risk. */
import { instrumentId } from "../../../src/domain/Identifiers.ts"
import { dollars, pricePerShare, quantity } from "../../../src/domain/Money.ts"
import type { OptionContract } from "../../../src/domain/OptionContract.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import type { Holding, OptionHolding } from "../../../src/risk/options/UnderlyingPosition.ts"

export const contractOf = (
  right: "CALL" | "PUT",
  strike: number,
  changes: {
    readonly expiry?: string
    readonly style?: OptionContract["style"]
    readonly deliverable?: number
    readonly cash?: number
    readonly expirySession?: OptionContract["expirySession"]
  } = {}
): OptionContract => ({
  underlying: instrumentId("AAPL.XNAS"),
  right,
  strike: pricePerShare(strike),
  expiry: sessionDate(changes.expiry ?? "2026-01-16"),
  style: changes.style ?? "AMERICAN",
  settlement: "PHYSICAL",
  expirySession: changes.expirySession ?? "PM",
  deliverable: quantity((changes.deliverable ?? 100) * 1_000_000),
  deliverableCash: dollars(changes.cash ?? 0)
})

/** So many contracts. */
export const option = (
  count: number,
  right: "CALL" | "PUT",
  strike: number,
  changes: Parameters<typeof contractOf>[2] = {}
): OptionHolding => ({
  contract: contractOf(right, strike, changes),
  multiplier: 100,
  quantity: count * 1_000_000
})

/** Shares and options for so many dollars. */
export const holding = (options: ReadonlyArray<OptionHolding>, cost = 0, shares = 0): Holding => ({
  shares: shares * 1_000_000,
  options,
  cost: Math.round(cost * 1_000_000)
})
