/** The terms of an option contract, and what they make of a price. Pure. */
import { Schema } from "effect"
import { InstrumentId } from "./Identifiers.ts"
import { Money, Price, proportion, Quantity } from "./Money.ts"
import { SessionDate } from "./Timestamp.ts"

export const OptionRight = Schema.Literals(["CALL", "PUT"])
export type OptionRight = typeof OptionRight.Type
export const OptionStyle = Schema.Literals(["AMERICAN", "EUROPEAN"])
export type OptionStyle = typeof OptionStyle.Type

/** PHYSICAL: shares against the strike. CASH: the difference is paid. */
export const OptionSettlement = Schema.Literals(["PHYSICAL", "CASH"])
export type OptionSettlement = typeof OptionSettlement.Type

/**
 * PM: traded to the close of the expiry's session and settled on its closing
 * price. AM: traded to the close of the session before, settled on the opening
 * price of the expiry.
 */
export const ExpirySession = Schema.Literals(["PM", "AM"])
export type ExpirySession = typeof ExpirySession.Type

export const OptionContract = Schema.Struct({
  underlying: InstrumentId,
  right: OptionRight,
  strike: Price,
  /** Last day it can be exercised. */
  expiry: SessionDate,
  style: OptionStyle,
  settlement: OptionSettlement,
  expirySession: ExpirySession,
  /** Shares of the underlying that one contract is for: 100, unless it was adjusted. */
  deliverable: Quantity,
  /** Cash that goes with the shares of an adjusted contract; zero otherwise. */
  deliverableCash: Money
})
export type OptionContract = typeof OptionContract.Type

/** Whether two say the same in everything. */
export const sameContract = (a: OptionContract, b: OptionContract): boolean =>
  a.underlying === b.underlying &&
  a.right === b.right &&
  a.strike === b.strike &&
  a.expiry === b.expiry &&
  a.style === b.style &&
  a.settlement === b.settlement &&
  a.expirySession === b.expirySession &&
  a.deliverable === b.deliverable &&
  a.deliverableCash === b.deliverableCash

/** What a holding or a leg is on: an option's underlying; shares are their own. */
export const underlyingOf = ({
  contract,
  instrumentId
}: {
  readonly instrumentId: InstrumentId
  readonly contract?: Pick<OptionContract, "underlying"> | undefined
}): InstrumentId => contract?.underlying ?? instrumentId

/** What an option's premium and strike are multiplied by. */
export const OPTION_MULTIPLIER = 100

/** Micros of a dollar that the deliverable of one contract is worth. */
export const deliverableValue = (contract: OptionContract, spot: number): number =>
  proportion(spot, contract.deliverable, 1_000_000) + contract.deliverableCash

/** Micros of a dollar that one contract is in the money: below zero when out of it. */
export const moneyness = (contract: OptionContract, multiplier: number, spot: number): number => {
  const difference = deliverableValue(contract, spot) - contract.strike * multiplier
  return contract.right === "CALL" ? difference : 0 - difference
}

/** Micros of a dollar that one contract is worth if it is exercised: never below zero. */
export const intrinsicValue = (contract: OptionContract, multiplier: number, spot: number): number =>
  Math.max(0, moneyness(contract, multiplier, spot))

/** True of what pays a difference: settled in cash, or for no share at all after an adjustment. */
export const paysCash = ({ deliverable, settlement }: OptionContract): boolean =>
  settlement === "CASH" || deliverable === 0
