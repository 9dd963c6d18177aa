/**
 * The value of one quantity at many prices, in the vectorised path's hottest
 * loop: `notional` of `domain/Money`, to the micro, with everything that does not
 * change from row to row taken out.
 */
import { MICROS, notional, price as priceOf, quantity as quantityOf } from "../../domain/Money.ts"

export interface MarkColumns {
  /** Micros, one a row. */
  readonly price: Float64Array
  /** 1 in the rows after which the quantity is still held. */
  readonly wants: Uint8Array
  readonly into: Float64Array
  /** Row `offset` is the first value of `into`. */
  readonly offset: number
}

/** Prices up to here times less than a share stay below 2^53. */
const PLAIN_PRICE = Math.floor(Number.MAX_SAFE_INTEGER / MICROS)

/** Added and taken off again it leaves the nearest integer of a number below 2^51 (IEEE 754 rounding). */
const TO_INTEGER = 2 ** 52

/**
 * Marks one quantity at many prices: into[i] = cash + price[i] × quantity, for
 * the rows from `from` on until `want` is no longer 1 at the row before; gives
 * the first row after.
 */
export const markWhileWanted = (
  { price, wants, into, offset }: MarkColumns,
  from: number,
  { cash, quantity }: { readonly cash: number; readonly quantity: number }
): number => {
  const wholes = Math.floor(quantity / MICROS)
  const rest = quantity - wholes * MICROS
  const million = MICROS
  const plain = PLAIN_PRICE
  const half = MICROS / 2
  const { length } = price
  let row = from
  do {
    const at = price[row] ?? 0
    // To the nearest integer, without a branch that half of all prices take.
    const product = at * rest
    const nearest = product * 1e-6 + TO_INTEGER - TO_INTEGER
    const left = product - nearest * million
    into[row - offset] =
      left < half && left > -half && at <= plain
        ? cash + (at * wholes + nearest)
        : cash + notional(priceOf(at), quantityOf(quantity))
    row += 1
  } while (row < length && wants[row - 1] === 1)
  return row
}
