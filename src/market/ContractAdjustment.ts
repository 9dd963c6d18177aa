/**
 * What becomes of an option contract when its underlying is split or pays a
 * special dividend, in the manner of the Options Clearing Corporation.
 *
 * - A whole split, N for one: N contracts for one, each for as many shares as
 *   before, at the strike divided by N and rounded to the cent.
 * - Any other split, a reverse one too: the same contracts at the same strike,
 *   each for what its shares became; a fraction of a share is paid in cash at
 *   the opening price. The series gets a root of its own ("AAPL1").
 * - A dividend of a tenth of the previous close or more: the strike is lowered
 *   by it, and rounded to the cent. Ordinary ones change nothing.
 *
 * Pure. Loaded by programs that have to start at once: imports nothing of Effect.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import {
  formatMicros,
  MICROS,
  type Money,
  money,
  type Price,
  price,
  proportion,
  type Quantity,
  shares
} from "../domain/Money.ts"
import { OPTION_MULTIPLIER, type OptionContract } from "../domain/OptionContract.ts"
import { occOfId, optionId } from "./OptionInstruments.ts"
import { ROOT_LENGTH } from "./OptionRoot.ts"

export interface SplitRatio {
  /** New shares for `denominator` old ones. */
  readonly numerator: number
  readonly denominator: number
}

/** N for one: contracts stay standard ones. */
export const isWholeSplit = ({ denominator, numerator }: SplitRatio): boolean => numerator % denominator === 0

/** What holders of a contract have instead. */
export interface ContractAdjustment {
  readonly to: InstrumentId
  readonly contract: OptionContract
  /** New contracts for `denominator` old ones. */
  readonly numerator: number
  readonly denominator: number
  readonly reason: string
}

/** A dividend is special from this part of the previous close on: a tenth. */
const SPECIAL_PART = 10

const CENT = MICROS / 100

/** The nearest whole cent, at least one. */
const toCent = (micros: number): Price => price(Math.max(1, Math.round(micros / CENT)) * CENT)

/** The first series that is not the standard one: "AAPL1" after "AAPL". */
const firstRoot = (root: string): string => `${root.slice(0, ROOT_LENGTH - 1)}1`

/** The series after this one: "AAPL2" after "AAPL1", the first after the standard one. */
export const nextRoot = (root: string): string => {
  const digit = Number(root.at(-1))
  return Number.isInteger(digit) ? `${root.slice(0, -1)}${(digit % 9) + 1}` : firstRoot(root)
}

const renamed = (
  id: InstrumentId,
  strike: Price,
  rootAfter: (root: string) => string = (root) => root
): InstrumentId => {
  const occ = occOfId(id)
  return occ === undefined ? id : optionId({ ...occ, root: rootAfter(occ.root), strike: strike / MICROS })
}

const isStandard = ({ deliverable, deliverableCash }: OptionContract, multiplier: number): boolean =>
  deliverable === shares(multiplier) && deliverableCash === 0

const wholeSplit = (id: InstrumentId, contract: OptionContract, ratio: number): ContractAdjustment => {
  const strike = toCent(contract.strike / ratio)
  const deliverableCash = money(proportion(contract.deliverableCash, 1, ratio))
  return {
    to: renamed(id, strike),
    contract: { ...contract, strike, deliverableCash },
    numerator: ratio,
    denominator: 1,
    reason: `${ratio}-for-1 split of ${contract.underlying}: ${ratio} contracts at ${formatMicros(strike, 2)} for one at ${formatMicros(contract.strike, 2)}`
  }
}

/** Whole shares, and cash at a price for the fraction that is left. */
const splitDeliverable = (
  before: Quantity,
  { denominator, numerator }: SplitRatio,
  openPrice: Price
): { readonly deliverable: Quantity; readonly cash: Money } => {
  const total = BigInt(before) * BigInt(numerator)
  const share = BigInt(denominator) * BigInt(MICROS)
  return {
    deliverable: shares(Number(total / share)),
    cash: money(proportion(openPrice, Number(total % share), Number(share)))
  }
}

/**
 * What a contract is after a split of its underlying. `openPrice` is the first
 * price of a new share, which a fraction of one is paid at.
 */
export const adjustForSplit = (
  id: InstrumentId,
  contract: OptionContract,
  multiplier: number,
  split: SplitRatio,
  openPrice: Price
): ContractAdjustment => {
  const { denominator, numerator } = split
  if (isWholeSplit(split)) return wholeSplit(id, contract, numerator / denominator)
  const { cash, deliverable } = splitDeliverable(contract.deliverable, split, openPrice)
  const deliverableCash = money(contract.deliverableCash + cash)
  const inCash = deliverableCash === 0 ? "" : ` and ${formatMicros(deliverableCash, 2)} in cash`
  return {
    to: renamed(id, contract.strike, isStandard(contract, multiplier) ? firstRoot : nextRoot),
    contract: { ...contract, deliverable, deliverableCash },
    numerator: 1,
    denominator: 1,
    reason: `${numerator}-for-${denominator} split of ${contract.underlying}: each contract is for ${formatMicros(deliverable)} shares${inCash}`
  }
}

/** True of a dividend that contracts are adjusted for; both in micros of a dollar a share. */
export const isSpecialDividend = (amountPerShare: number, previousClose: number): boolean =>
  amountPerShare > 0 && amountPerShare * SPECIAL_PART >= previousClose

/**
 * What a contract is from the ex-date of a special dividend on, its amount in
 * micros of a dollar a share; undefined for an ordinary one. A strike is
 * lowered to a cent at least: what is left of a dividend beyond it goes with
 * the shares as cash, in a series of its own.
 */
export const adjustForDividend = (
  id: InstrumentId,
  contract: OptionContract,
  amountPerShare: number,
  previousClose: Price
): ContractAdjustment | undefined => {
  if (!isSpecialDividend(amountPerShare, previousClose)) return undefined
  // On all shares of a contract, by what its strike is multiplied with.
  const amount = proportion(amountPerShare, contract.deliverable, OPTION_MULTIPLIER * MICROS)
  const strike = toCent(contract.strike - amount)
  const beyond = Math.max(0, amount - contract.strike + CENT)
  const isFirst = isStandard(contract, OPTION_MULTIPLIER)
  const reason = `special dividend of ${formatMicros(amountPerShare, 2)} a share on ${contract.underlying}: strike ${formatMicros(strike, 2)} for ${formatMicros(contract.strike, 2)}`
  return {
    to: beyond === 0 ? renamed(id, strike) : renamed(id, strike, isFirst ? firstRoot : nextRoot),
    contract: {
      ...contract,
      strike,
      deliverableCash: money(contract.deliverableCash + beyond * OPTION_MULTIPLIER)
    },
    numerator: 1,
    denominator: 1,
    reason
  }
}
