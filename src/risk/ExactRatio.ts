/**
 * Shares of money compared on integers, so that no order passes a limit by rounding.
 *
 * Limits are written as plain ratios (0.25) of at most six decimals; here they
 * are whole parts per million. A bound is rounded towards the stricter side
 * once, and every comparison after that is between integers.
 */
import { MICROS } from "../domain/Money.ts"

/** A ratio of at most six decimals in whole parts per million: `partsPerMillion(0.25) === 250_000`. */
export const partsPerMillion = (ratio: number): number => Math.round(ratio * MICROS)

/** True when the ratio is exactly what its parts per million say: six decimals at most. */
export const hasSixDecimals = (ratio: number): boolean => partsPerMillion(ratio) / MICROS === ratio

/** amount % 10⁶ of whole micros of zero or more, in a fifth of the time: a quotient that was rounded up is taken back. */
const millionth = (amount: number): number => {
  const rest = amount - Math.floor(amount / MICROS) * MICROS
  return rest < 0 ? rest + MICROS : rest
}

/**
 * The largest whole number of micros that is at most `amount` × `ppm` ÷ 10⁶.
 * Nothing for amounts of zero or less; 2^53 − 1 where the share would pass it;
 * NaN stays NaN.
 */
export const floorShare = (amount: number, ppm: number): number => {
  if (amount <= 0) return 0
  // Division first would round: 2^53 has no room for the product, and doubles near 9e9 none for a millionth.
  const rest = millionth(amount)
  const low = rest * ppm
  const share = ((amount - rest) / MICROS) * ppm + (low - millionth(low)) / MICROS
  return share > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : share
}

/** The smallest whole number of micros that is at least `amount` × `ppm` ÷ 10⁶; otherwise as `floorShare`. */
export const ceilShare = (amount: number, ppm: number): number => {
  const floor = floorShare(amount, ppm)
  const exact = amount <= 0 || millionth(millionth(amount) * ppm) === 0
  return exact || floor === Number.MAX_SAFE_INTEGER ? floor : floor + 1
}

/**
 * price × quantity × multiplier in micros of a dollar, rounded up: what a limit
 * counts, as `Money.notional` is what the books count. Above 2^53 it is only
 * known to be above, which no bound admits.
 */
export const notionalCeil = (price: number, quantity: number, multiplier: number): number => {
  const rest = millionth(quantity)
  const whole = price * ((quantity - rest) / MICROS) * multiplier
  if (rest === 0) return whole
  const part = price * rest * multiplier
  if (Number.isSafeInteger(part))
    return whole + (part - (part % MICROS)) / MICROS + (part % MICROS === 0 ? 0 : 1)
  if (!Number.isSafeInteger(price) || !Number.isSafeInteger(rest) || !Number.isSafeInteger(multiplier))
    return Number.NaN
  const exact = BigInt(price) * BigInt(rest) * BigInt(multiplier)
  return whole + Number((exact + 999_999n) / 1_000_000n)
}

/** `amount` × `numerator` ÷ `denominator` on integers, rounded up; NaN when one of them is no whole number. */
export const ceilProportion = (amount: number, numerator: number, denominator: number): number => {
  if (
    !Number.isSafeInteger(amount) ||
    !Number.isSafeInteger(numerator) ||
    !Number.isSafeInteger(denominator)
  ) {
    return Number.NaN
  }
  const divisor = BigInt(denominator)
  return Number((BigInt(amount) * BigInt(numerator) + divisor - 1n) / divisor)
}
