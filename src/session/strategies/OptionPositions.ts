/** What is held of an underlying's options, and the order that closes it. Pure. */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { MICROS } from "../../domain/Money.ts"
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

/** One order that closes all of these whole contracts at the market; undefined for none. */
export const closing = (options: ReadonlyArray<OptionHolding>, reason: string): OptionIntent | undefined => {
  const counts = options.map(({ quantity }) => Math.abs(quantity) / MICROS)
  const units = counts.reduce(greatestCommonDivisor, 0)
  if (units === 0 || !counts.every(Number.isInteger)) return undefined
  const legs = options.map(({ instrumentId, quantity }, i): OrderLeg => ({
    instrumentId,
    side: quantity < 0 ? "BUY" : "SELL",
    ratio: (counts[i] ?? 0) / units
  }))
  return { legs, units, type: { _tag: "Market" }, reason }
}
