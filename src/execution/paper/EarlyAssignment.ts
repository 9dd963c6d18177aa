/**
 * Which short American options are assigned in the night between two sessions:
 * those that a holder who calculates exercises. Decided on the closing prices,
 * the option at its last mark of the session that is over; all contracts of a
 * position, or none.
 *
 * - A call in the money, before its share goes ex a dividend, when its time
 *   value is less than the dividend on what it delivers.
 * - A put in the money, when its time value, and the dividend that exercising
 *   now forgoes, are less than the interest on the strike until the open.
 *
 * A dividend that adjusts the contract is none here. Pure.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { formatMicros, MICROS, type Price, price, proportion } from "../../domain/Money.ts"
import { intrinsicValue, type OptionContract } from "../../domain/OptionContract.ts"
import { dayOfDate, type SessionDate } from "../../domain/Timestamp.ts"
import type { CorporateAction } from "../../market/BarSeries.ts"
import { isSpecialDividend } from "../../market/ContractAdjustment.ts"
import { policyRate } from "../../market/PolicyRate.ts"

export interface NightOf {
  readonly contract: OptionContract
  readonly multiplier: number
  /** Last price of the option, and of its underlying, at the close. */
  readonly mark: Price
  readonly spot: Price
  /** Micros of a dollar that a share goes ex at the open; zero for none. */
  readonly dividend: number
  /** Of the session that is over, and of the one that opens. */
  readonly closed: SessionDate
  readonly opens: SessionDate
}

/** Micros a share that the underlying goes ex; not counting what the contract is adjusted for. */
export const ordinaryDividend = (
  actions: ReadonlyArray<readonly [InstrumentId, CorporateAction]>,
  { underlying }: OptionContract,
  spot: Price
): number => {
  let sum = 0
  for (const [id, action] of actions) {
    if (id !== underlying || action._tag !== "Dividend") continue
    if (!isSpecialDividend(action.amountPerShare, spot)) sum += action.amountPerShare
  }
  return sum
}

/** Why a short position in the contract is assigned tonight; undefined when it is not. */
export const whyAssigned = (night: NightOf): string | undefined => {
  const { contract, dividend, mark, multiplier, spot } = night
  const intrinsic = intrinsicValue(contract, multiplier, spot)
  if (contract.style !== "AMERICAN" || intrinsic <= 0) return undefined
  const timeValue = mark * multiplier - intrinsic
  const paid = proportion(dividend, contract.deliverable, MICROS)
  if (contract.right === "CALL") {
    return paid > 0 && timeValue < paid
      ? `assigned before the ex-date: its time value ${dollars(timeValue)} a contract is less than the dividend ${dollars(paid)}`
      : undefined
  }
  const interest = interestOn(contract.strike * multiplier, night)
  return timeValue + paid < interest
    ? `assigned early: its time value ${dollars(timeValue)} a contract is less than ${dollars(interest)} of interest on the strike`
    : undefined
}

/** Micros that an amount earns from one session's date to the next's at the policy rate, actual/365; rounded down. */
const interestOn = (amount: number, { closed, opens }: NightOf): number =>
  Math.floor((amount * policyRate(opens).rate * (dayOfDate(opens) - dayOfDate(closed))) / 365)

const dollars = (micros: number): string => formatMicros(price(micros), 2)
