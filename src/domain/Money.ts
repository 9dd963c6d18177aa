/**
 * Exact money, prices and quantities.
 *
 * All three are whole numbers of millionths ("micros") held in a JavaScript
 * number: $1 is `1_000_000`, one share is `1_000_000`. Sums and differences of
 * safe integers are exact, comparisons are a machine instruction, and nothing
 * is allocated, which is what the matching core needs. `notional` is the one
 * product; it is exact to the micro and says how it rounds. Bounds are checked
 * where values enter (`MAX_*`), so that no sum inside can leave 2^53.
 *
 * The journal and the audit log hold the integers; what people and machines
 * outside exchange with us are decimal strings (`PriceFromDecimal`, …).
 * See docs/adr/0002-exact-money.md.
 */
import { type Brand, Effect, Option, Schema, SchemaGetter, SchemaIssue } from "effect"
import { nominal } from "./Nominal.ts"

/** Micros in one dollar or one share. */
export const MICROS = 1_000_000

/** $1,000,000 a share: above the dearest listed share. */
export const MAX_PRICE_MICROS = 1_000_000 * MICROS
/** A hundred million shares. */
export const MAX_QUANTITY_MICROS = 100_000_000 * MICROS
/** $1 billion: the largest order, deposit or fill. Nine of them still sum exactly. */
export const MAX_MONEY_MICROS = 1_000_000_000 * MICROS

/** Dollars per share, in micros; never negative. */
export type Price = number & Brand.Brand<"Price">
/** Shares or contracts, in micros; never negative (a side gives the sign). */
export type Quantity = number & Brand.Brand<"Quantity">
/** Shares or contracts, in micros: positive long, negative short. */
export type SignedQuantity = number & Brand.Brand<"SignedQuantity">
/** Dollars a share that a combination of legs costs, in micros: a debit is positive, a credit negative. */
export type NetPrice = number & Brand.Brand<"NetPrice">
/** Dollars, in micros; may be negative. */
export type Money = number & Brand.Brand<"Money">

/** Marks a number as a price in micros without checking it: for arithmetic on values already checked. */
export const price = nominal<Price>()
/** Marks a number as a net price in micros without checking it. */
export const netPrice = nominal<NetPrice>()
/** Marks a number as a quantity in micros without checking it. */
export const quantity = nominal<Quantity>()
/** Marks whole micros as a signed quantity without checking them. */
export const signedQuantity = nominal<SignedQuantity>()
/** Marks a number as money in micros without checking it. */
export const money = nominal<Money>()

export const zeroMoney: Money = money(0)
export const zeroQuantity: Quantity = quantity(0)

/** Whole shares to a quantity. */
export const shares = (count: number): Quantity => quantity(count * MICROS)
/** Dollars to money, rounded to the nearest micro: for constants and tests; input is decoded with `MoneyFromDecimal`. */
export const dollars = (amount: number): Money => money(Math.round(amount * MICROS))
/** Dollars a share to a price, rounded to the nearest micro: for constants and tests. */
export const pricePerShare = (amount: number): Price => price(Math.round(amount * MICROS))

/**
 * price × quantity (× multiplier), in micros of a dollar, rounded half to even.
 *
 * Exact whenever the result is below 2^53 micros ($9 billion). Above that it
 * is only known to be above; every rule that uses it compares with a far
 * smaller bound, so such an order is refused, never mispriced.
 */
export const notional = (p: Price, q: Quantity, multiplier = 1): Money => {
  const whole = q / MICROS
  if (Number.isInteger(whole)) {
    return money(p * whole * multiplier)
  }
  const priceOfUnit = p * multiplier
  if (q > 0 && p > 0 && priceOfUnit * (whole + 1) < Number.MAX_SAFE_INTEGER) {
    return money(productInParts(priceOfUnit, q))
  }
  const exact = BigInt(p) * BigInt(q) * BigInt(multiplier)
  return money(Number(divideHalfEven(exact, 1_000_000n)))
}

/**
 * a × b ÷ 10⁶, half to even, without BigInt: both are cut into millions and the
 * rest, so that every product is a whole number below 2^53. Of positive whole
 * numbers whose quotient is.
 */
const productInParts = (a: number, b: number): number => {
  const wholes = Math.floor(b / MICROS)
  const rest = b - wholes * MICROS
  const aWholes = Math.floor(a / MICROS)
  const low = (a - aWholes * MICROS) * rest
  const quotient = Math.floor(low / MICROS)
  const left = low - quotient * MICROS
  const floor = a * wholes + aWholes * rest + quotient
  const isUp = left > MICROS / 2 || (left === MICROS / 2 && floor % 2 === 1)
  return isUp ? floor + 1 : floor
}

/** The largest quantity, a multiple of `increment`, that `amount` buys at `p`; zero when it buys none. */
export const quantityFor = (amount: Money, p: Price, increment: Quantity, multiplier = 1): Quantity => {
  if (amount <= 0 || p <= 0) return zeroQuantity
  const most = multiplier === 1 ? quotientInParts(amount, p) : undefined
  if (most !== undefined) return quantity(increment === 1 ? most : most - (most % increment))
  const micros = (BigInt(amount) * 1_000_000n) / (BigInt(p) * BigInt(multiplier))
  const step = BigInt(increment)
  return quantity(Number((micros / step) * step))
}

/** So that a quotient too large by one, times its divisor, is still exact. */
const DIVIDED_EXACTLY_TO = 8 * MAX_MONEY_MICROS

/**
 * ⌊amount × 10⁶ ÷ p⌋ without BigInt, by long division in base 1,000: whole
 * numbers, a price within `MAX_PRICE_MICROS`; undefined where a step has no room
 * below 2^53.
 */
const quotientInParts = (amount: number, p: number): number | undefined => {
  if (
    !(
      p <= MAX_PRICE_MICROS &&
      amount <= DIVIDED_EXACTLY_TO &&
      Number.isInteger(p) &&
      Number.isInteger(amount)
    )
  )
    return undefined
  const wholes = floorDivide(amount, p)
  const afterWholes = (amount - wholes * p) * 1000
  const thousandths = floorDivide(afterWholes, p)
  const afterThousandths = (afterWholes - thousandths * p) * 1000
  const micros = wholes * MICROS + (thousandths * 1000 + floorDivide(afterThousandths, p))
  return Number.isSafeInteger(micros) ? micros : undefined
}

/** ⌊a ÷ b⌋ of whole numbers of zero or more: the division may have rounded up. */
const floorDivide = (a: number, b: number): number => {
  const quotient = Math.floor(a / b)
  return quotient * b > a ? quotient - 1 : quotient
}

/** `amount` × `numerator` ÷ `denominator` on integers, rounded half to even. */
export const proportion = (amount: number, numerator: number, denominator: number): number => {
  // All of it, as when a whole position is sold.
  if (numerator === denominator && denominator > 0 && Number.isSafeInteger(amount)) return amount
  return Number(divideHalfEven(BigInt(amount) * BigInt(numerator), BigInt(denominator)))
}

const divideHalfEven = (dividend: bigint, divisor: bigint): bigint => {
  const negative = dividend < 0n !== divisor < 0n
  const n = dividend < 0n ? -dividend : dividend
  const d = divisor < 0n ? -divisor : divisor
  let quotient = n / d
  const twice = (n % d) * 2n
  if (twice > d || (twice === d && quotient % 2n === 1n)) quotient += 1n
  return negative ? -quotient : quotient
}

const decimalPattern = /^(-?)(\d{1,12})(?:\.(\d{1,6})0*)?$/

/** Reads a plain decimal ("1469.25") as micros; undefined for anything else, and for more than six decimals. */
export const microsOf = (text: string): number | undefined => {
  const match = decimalPattern.exec(text)
  if (match === null) return undefined
  const [, sign, whole, fraction] = match
  const micros = Number(whole) * MICROS + Number((fraction ?? "").padEnd(6, "0"))
  if (!Number.isSafeInteger(micros)) return undefined
  return sign === "-" && micros !== 0 ? -micros : micros
}

/** As `microsOf`; none where that gives nothing. */
export const parseMicros = (text: string): Option.Option<number> => Option.fromUndefinedOr(microsOf(text))

/** Micros as a plain decimal with at least `minimumDecimals` places: `formatMicros(1469250000) === "1469.25"`. */
export const formatMicros = (micros: number, minimumDecimals = 0): string => {
  const absolute = Math.abs(micros)
  const whole = Math.floor(absolute / MICROS)
  const fraction = String(absolute % MICROS).padStart(6, "0")
  const kept = fraction.replace(/0+$/u, "").padEnd(minimumDecimals, "0")
  return `${micros < 0 ? "-" : ""}${whole}${kept === "" ? "" : `.${kept}`}`
}

/** Micros as a float of dollars or shares: for analytics and charts only, never for the books. */
export const toFloat = (micros: number): number => micros / MICROS

const bounded = (name: string, minimum: number, maximum: number) =>
  Schema.makeFilter<number>(
    (n) =>
      (Number.isSafeInteger(n) && n >= minimum && n <= maximum) ||
      `expected ${name} between ${formatMicros(minimum)} and ${formatMicros(maximum)}`
  )

/** A price as the journal holds it: integer micros. */
export const Price = Schema.Int.pipe(
  Schema.check(bounded("a price", 0, MAX_PRICE_MICROS)),
  Schema.brand("Price")
)
/** A net price as the journal holds it: integer micros, debits positive, credits negative. */
export const NetPrice = Schema.Int.pipe(
  Schema.check(bounded("a net price", -MAX_PRICE_MICROS, MAX_PRICE_MICROS)),
  Schema.brand("NetPrice")
)
/** A quantity as the journal holds it: integer micros. */
export const Quantity = Schema.Int.pipe(
  Schema.check(bounded("a quantity", 0, MAX_QUANTITY_MICROS)),
  Schema.brand("Quantity")
)
/** A position's quantity as the journal holds it: integer micros, positive long, negative short. */
export const SignedQuantity = Schema.Int.pipe(Schema.brand("SignedQuantity"))
/** An amount of money as the journal holds it: integer micros. */
export const Money = Schema.Int.pipe(
  Schema.check(bounded("an amount", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
  Schema.brand("Money")
)

const Decimal = Schema.Union([Schema.String, Schema.Finite])

const decodeMicros = (what: string) =>
  SchemaGetter.transformEffect((input: string | number) =>
    Option.match(parseMicros(typeof input === "number" ? String(input) : input.trim()), {
      onNone: () =>
        Effect.fail(
          new SchemaIssue.InvalidValue({
            message: `expected ${what} as a plain decimal with at most six places, such as "101.25"`
          })
        ),
      onSome: Effect.succeed
    })
  )

const encodeMicros = SchemaGetter.transform((micros: number): string | number => formatMicros(micros))

/** Price ↔ decimal string; a JSON number is accepted too. */
export const PriceFromDecimal = Decimal.pipe(
  Schema.decodeTo(Price, { decode: decodeMicros("a price"), encode: encodeMicros })
)
/** Net price ↔ decimal string; a JSON number is accepted too. */
export const NetPriceFromDecimal = Decimal.pipe(
  Schema.decodeTo(NetPrice, { decode: decodeMicros("a net price"), encode: encodeMicros })
)
/** Quantity ↔ decimal string; a JSON number is accepted too. */
export const QuantityFromDecimal = Decimal.pipe(
  Schema.decodeTo(Quantity, { decode: decodeMicros("a quantity"), encode: encodeMicros })
)
/** Money ↔ decimal string; a JSON number is accepted too. */
export const MoneyFromDecimal = Decimal.pipe(
  Schema.decodeTo(Money, { decode: decodeMicros("an amount"), encode: encodeMicros })
)
