/**
 * `domain/Money`'s product and quotient without BigInt, for loops: factors are
 * split into millions and the rest, so that every product inside stays below
 * 2^53 and is exact.
 *
 * Within `MAX_PRICE_MICROS`, `MAX_QUANTITY_MICROS` and results below 2^53 they
 * give what `notional` and `quantityFor` (increment one micro) give, to the
 * micro.
 */
import { MICROS } from "../../domain/Money.ts"

/** ⌊a ÷ b⌋ of whole numbers of zero or more, b above zero: the division may have rounded up. */
const floorDivide = (a: number, b: number): number => {
  const quotient = Math.floor(a / b)
  return quotient * b > a ? quotient - 1 : quotient
}

export interface MarkColumns {
  /** Micros, one a row. */
  readonly price: Float64Array
  /** 1 in the rows after which the quantity is still held. */
  readonly wants: Uint8Array
  readonly into: Float64Array
  /** Row `offset` is the first value of `into`. */
  readonly offset: number
}

/** price × quantity in micros of a dollar, rounded half to even. */
export const splitNotional = (price: number, quantity: number): number => {
  const wholes = Math.floor(quantity / MICROS)
  const rest = quantity - wholes * MICROS
  const priceWholes = Math.floor(price / MICROS)
  const product = (price - priceWholes * MICROS) * rest
  const quotient = Math.floor(product / MICROS)
  const left = product - quotient * MICROS
  const floor = price * wholes + priceWholes * rest + quotient
  const isUp = left > MICROS / 2 || (left === MICROS / 2 && floor % 2 === 1)
  return isUp ? floor + 1 : floor
}

/** Prices up to here times less than a share stay below 2^53. */
const PLAIN_PRICE = Math.floor(Number.MAX_SAFE_INTEGER / MICROS)

/** Added and taken off again it leaves the nearest integer of a number below 2^51 (IEEE 754 rounding). */
const TO_INTEGER = 2 ** 52

/**
 * Marks one quantity at many prices: into[i] = cash + price[i] × quantity, for
 * the rows from `from` on until `want` is no longer 1 at the row before; gives
 * the first row after. A loop over `splitNotional` with everything that does
 * not change taken out of it.
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
        : cash + splitNotional(at, quantity)
    row += 1
  } while (row < length && wants[row - 1] === 1)
  return row
}

/** The most micros of a share that `amount` pays for at `price`, both above zero. */
export const splitQuantity = (amount: number, price: number): number => {
  // Long division in base 1,000: amount × 10⁶ has no room in 2^53.
  const wholes = floorDivide(amount, price)
  const afterWholes = (amount - wholes * price) * 1000
  const thousandths = floorDivide(afterWholes, price)
  const afterThousandths = (afterWholes - thousandths * price) * 1000
  return (wholes * 1000 + thousandths) * 1000 + floorDivide(afterThousandths, price)
}
