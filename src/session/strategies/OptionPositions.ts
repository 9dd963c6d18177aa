/** What is held of an underlying's options, and the order that closes it. Pure. */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { MICROS, netPrice } from "../../domain/Money.ts"
import type { OrderLeg } from "../../domain/OrderLeg.ts"
import type { OptionHolding, OptionIntent, StrategyContext } from "../Strategy.ts"

/** Shares that a standard contract is for, in micros. */
export const ROUND_LOT = 100 * MICROS

export const optionsOn = (
  { options }: StrategyContext,
  underlying: InstrumentId
): ReadonlyArray<OptionHolding> => options.filter(({ contract }) => contract.underlying === underlying)

/** Today's close in micros; undefined without a bar today. */
export const closeOf = ({ histories }: StrategyContext, id: InstrumentId): number | undefined => {
  const history = histories.get(id)
  return history?.close[history.length - 1]
}

/** Shares that the short calls among these may have to deliver, in micros. */
export const sharesOwed = (options: ReadonlyArray<OptionHolding>): number => {
  let owed = 0
  for (const { contract, quantity } of options) {
    if (contract.right === "CALL" && quantity < 0) owed += ((0 - quantity) / MICROS) * contract.deliverable
  }
  return owed
}

/** What these would bring at their marks, in micros of a dollar; negative where it would cost. */
export const valueOf = (options: ReadonlyArray<OptionHolding>): number => {
  let value = 0
  for (const { mark, multiplier, quantity } of options) value += mark * (quantity / MICROS) * multiplier
  return value
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b)

/** A cent, in micros: the step of option prices. */
const CENT = 10_000

/**
 * Micros of a dollar a share given up for a fill, in whole cents and one at
 * least: so much of what the legs cost together. Kept below the price collar of
 * the rules, which is measured the same way.
 */
export const concessionOf = (gross: number, ratio: number): number =>
  Math.max(CENT, Math.floor((gross * ratio) / CENT) * CENT)

interface Closing {
  readonly leg: OrderLeg
  /** Micros of a dollar a share that it costs at the close's quotes; below zero for what it brings. */
  readonly cost: number
}

const closingLeg = ({ instrumentId, quantity, quote }: OptionHolding, ratio: number): Closing | undefined => {
  if (quote === undefined) return undefined
  return quantity < 0
    ? { leg: { instrumentId, side: "BUY", ratio }, cost: quote.ask * ratio }
    : { leg: { instrumentId, side: "SELL", ratio }, cost: 0 - quote.bid * ratio }
}

/**
 * One order that closes these whole contracts, for what they cost at the
 * close's quotes and a concession. Long ones that nobody bids for stay.
 * Undefined when there is nothing to close, or a quote is missing.
 */
export const closing = (
  options: ReadonlyArray<OptionHolding>,
  { concession, reason }: { readonly concession: number; readonly reason: string }
): OptionIntent | undefined => {
  const held = options.filter(({ quantity, quote }) => quantity < 0 || quote?.bid !== 0)
  const counts = held.map(({ quantity }) => Math.abs(quantity) / MICROS)
  const units = counts.reduce(greatestCommonDivisor, 0)
  if (units === 0 || !counts.every(Number.isInteger)) return undefined
  const parts = held.flatMap((one, i) => closingLeg(one, (counts[i] ?? 0) / units) ?? [])
  if (parts.length < held.length) return undefined
  const natural = parts.reduce((sum, { cost }) => sum + cost, 0)
  const gross = parts.reduce((sum, { cost }) => sum + Math.abs(cost), 0)
  return {
    legs: parts.map(({ leg }) => leg),
    units,
    type: { _tag: "NetLimit", netPrice: netPrice(natural + concessionOf(gross, concession)) },
    reason
  }
}
