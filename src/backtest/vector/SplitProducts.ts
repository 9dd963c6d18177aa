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

/** The most micros of a share that `amount` pays for at `price`, both above zero. */
export const splitQuantity = (amount: number, price: number): number => {
  // Long division in base 1,000: amount × 10⁶ has no room in 2^53.
  const wholes = floorDivide(amount, price)
  const afterWholes = (amount - wholes * price) * 1000
  const thousandths = floorDivide(afterWholes, price)
  const afterThousandths = (afterWholes - thousandths * price) * 1000
  return (wholes * 1000 + thousandths) * 1000 + floorDivide(afterThousandths, price)
}
