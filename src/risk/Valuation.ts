/**
 * What an order counts for until it fills.
 *
 * By quantity, a buy counts at the most it should have to pay: the ask plus the
 * price collar, or its limit where that is less; stops start from their stop
 * price. A sale counts at the bid, or at its limit where that is more. By
 * notional, an order counts for that notional. Everything is rounded up.
 *
 * A sale of options counts for what it surely brings: the bid less the collar,
 * or its limit where that is more.
 */
import { MICROS } from "../domain/Money.ts"
import { type OrderSide, type OrderSize, type OrderType, signOf } from "../domain/Order.ts"
import { ceilShare, notionalCeil, partsPerMillion } from "./ExactRatio.ts"

/** The two prices an order is valued against, in micros. */
export interface Spread {
  readonly bid: number
  readonly ask: number
}

/** The worst price in micros that an order should fill at: its side meets `market` now, and `slipped` is a price with the collar. */
const worstPrice = (
  type: OrderType,
  side: OrderSide,
  market: number,
  slipped: (from: number) => number
): number => {
  const isBuy = side === "BUY"
  switch (type._tag) {
    case "Market":
      return slipped(market)
    case "Limit":
      return (isBuy ? Math.min : Math.max)(type.limitPrice, slipped(market))
    case "StopMarket":
      return slipped((isBuy ? Math.max : Math.min)(type.stopPrice, market))
    case "StopLimit":
      return type.limitPrice
    // A combo is valued by its legs.
    case "NetLimit":
      return Number.NaN
    // The stop follows the market and never goes back: at worst it is touched from where it starts.
    case "TrailingStopMarket":
      return slipped(market + signOf(side) * type.trailingOffset)
  }
}

const buyPrice = (type: OrderType, ask: number, collarPpm: number): number =>
  worstPrice(type, "BUY", ask, (from) => from + ceilShare(from, collarPpm))

const sellPrice = (type: OrderType, bid: number): number =>
  type._tag === "Limit" || type._tag === "StopLimit" ? Math.max(type.limitPrice, bid) : bid

/** The least a price of options moves by, micros: their smallest step. */
export const LEAST_OPTION_COLLAR = 10_000

/** The price in micros that a sale of options brings at the least, where it fills: no less than a step. */
export const optionSalePrice = (type: OrderType, bid: number, priceCollarRatio: number): number => {
  const collarPpm = partsPerMillion(priceCollarRatio)
  const slipped = (from: number) => from - Math.max(LEAST_OPTION_COLLAR, ceilShare(from, collarPpm))
  return Math.max(LEAST_OPTION_COLLAR, worstPrice(type, "SELL", bid, slipped))
}

/** The price in micros at which limits count an order; NaN when a price it needs is. */
export const valuePriceOf = (
  type: OrderType,
  side: OrderSide,
  spread: Spread,
  priceCollarRatio: number
): number =>
  side === "BUY" ? buyPrice(type, spread.ask, partsPerMillion(priceCollarRatio)) : sellPrice(type, spread.bid)

/** Micros of a dollar that a size counts for, rounded up. */
export const valueOf = (size: OrderSize, valuePrice: number, multiplier: number): number =>
  size._tag === "Notional" ? size.notional : notionalCeil(valuePrice, size.quantity, multiplier)

/**
 * The most micros of a share a size can turn into. A notional becomes a
 * quantity at the fill; should the price fall by the collar, on both sides of
 * the value price, it becomes this many.
 */
export const worstQuantityOf = (
  size: OrderSize,
  valuePrice: number,
  multiplier: number,
  priceCollarRatio: number
): number => {
  if (size._tag === "Quantity") return size.quantity
  const collar = partsPerMillion(priceCollarRatio)
  const numbers = [size.notional, valuePrice, multiplier, collar]
  if (!numbers.every(Number.isSafeInteger) || valuePrice <= 0 || multiplier <= 0 || collar >= MICROS)
    return Number.NaN
  const amount = BigInt(size.notional) * BigInt(MICROS + collar) * BigInt(MICROS)
  const lowest = BigInt(valuePrice) * BigInt(multiplier) * BigInt(MICROS - collar)
  return Number((amount + lowest - 1n) / lowest)
}
