/**
 * An order as the tools take it, and the order it asks for. Shared with the
 * hook risk-validator, which decodes and reads the same arguments: imports
 * little, and decides nothing.
 */
import { Result, Schema } from "effect"
import { type InstrumentId, QuoteId } from "../../../domain/Identifiers.ts"
import {
  type Money,
  MoneyFromDecimal,
  type Price,
  PriceFromDecimal,
  type Quantity,
  QuantityFromDecimal
} from "../../../domain/Money.ts"
import {
  type OrderContent,
  OrderSide,
  type OrderSize,
  type OrderType,
  TimeInForce
} from "../../../domain/Order.ts"

const aboveZero = <N extends number>(what: string) =>
  Schema.makeFilter<N>((micros) => micros > 0 || `expected ${what} above zero`)

const described = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] =>
  schema.annotate({ description })

const price = PriceFromDecimal.pipe(Schema.check(aboveZero("a price")))
const quantity = QuantityFromDecimal.pipe(Schema.check(aboveZero("a quantity")))
const amount = MoneyFromDecimal.pipe(Schema.check(aboveZero("an amount")))

/** What a person calls an instrument; looked up in the desk's market data. */
export const SymbolArgument = Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(48)))

export const Rationale = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter<string>(
      (text) =>
        (text.trim() !== "" && text.length <= 500) || "expected why, in a sentence of at most 500 characters"
    )
  )
)

const Quote = described(QuoteId, "from get_quote: the quote this was decided on")

const typeNames = ["Market", "Limit", "StopMarket", "StopLimit", "TrailingStopMarket"] as const

const sizes = {
  quantity: Schema.optionalKey(described(quantity, "shares; or notional")),
  notional: Schema.optionalKey(described(amount, "dollars"))
}
const prices = {
  type: Schema.optionalKey(described(Schema.Literals(typeNames), "left out: what the prices given make")),
  limitPrice: Schema.optionalKey(price),
  stopPrice: Schema.optionalKey(price),
  trailingOffset: Schema.optionalKey(described(price, "distance in dollars"))
}

/** Of `place_order` and `preview_order`. */
export const OrderTerms = Schema.Struct({
  symbol: SymbolArgument,
  side: OrderSide,
  ...sizes,
  ...prices,
  timeInForce: Schema.optionalKey(described(TimeInForce, "DAY when left out")),
  takeProfitPrice: Schema.optionalKey(described(price, "bracket: exit limit once filled")),
  stopLossPrice: Schema.optionalKey(described(price, "bracket: exit stop once filled")),
  ocoGroup: Schema.optionalKey(
    described(Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(64))), "one fill cancels the rest")
  ),
  quoteId: Quote,
  rationale: described(Rationale, "why, for the audit log"),
  repeat: Schema.optionalKey(described(Schema.Boolean, "send a like order again on purpose"))
})
export type OrderTerms = typeof OrderTerms.Type

/** Of `replace_order`: the whole new size, and the new type with its prices. */
export const ReplaceTerms = Schema.Struct({
  orderId: Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(64))),
  quoteId: Quote,
  quantity: Schema.optionalKey(described(quantity, "whole new size, fills included")),
  notional: Schema.optionalKey(amount),
  ...prices,
  rationale: Rationale
})
export type ReplaceTerms = typeof ReplaceTerms.Type

/** Of `close_position`. */
export const CloseTerms = Schema.Struct({
  symbol: SymbolArgument,
  quantity: Schema.optionalKey(described(quantity, "all when left out")),
  rationale: Rationale
})
export type CloseTerms = typeof CloseTerms.Type

/** The arguments contradict each other. */
export class TermsInvalid extends Schema.TaggedError<TermsInvalid>()("TermsInvalid", {
  message: Schema.String
}) {}

interface Prices {
  readonly type?: OrderType["_tag"]
  readonly limitPrice?: Price
  readonly stopPrice?: Price
  readonly trailingOffset?: Price
}

const invalid = (message: string) => Result.fail(new TermsInvalid({ message }))

/** What the prices given make. */
const impliedType = ({ limitPrice, stopPrice, trailingOffset }: Prices): OrderType["_tag"] => {
  if (trailingOffset !== undefined) return "TrailingStopMarket"
  if (stopPrice !== undefined) return limitPrice === undefined ? "StopMarket" : "StopLimit"
  return limitPrice === undefined ? "Market" : "Limit"
}

const wanted: Readonly<Record<OrderType["_tag"], ReadonlyArray<string>>> = {
  Market: [],
  Limit: ["limit_price"],
  NetLimit: ["limit_price"],
  StopMarket: ["stop_price"],
  StopLimit: ["stop_price", "limit_price"],
  TrailingStopMarket: ["trailing_offset"]
}

/** The type that was named, or the one the prices make; each type takes its own prices and no others. */
export const typeOf = (terms: Prices): Result.Result<OrderType, TermsInvalid> => {
  const { limitPrice, stopPrice, trailingOffset } = terms
  const type = terms.type ?? impliedType(terms)
  const given = [
    ...(stopPrice === undefined ? [] : ["stop_price"]),
    ...(limitPrice === undefined ? [] : ["limit_price"]),
    ...(trailingOffset === undefined ? [] : ["trailing_offset"])
  ]
  const expected = wanted[type]
  const complaint = `a ${type} order takes ${expected.length === 0 ? "no price" : expected.join(" and ")}, and ${given.length === 0 ? "none was given" : `${given.join(" and ")} was given`}`
  if (expected.length !== given.length) return invalid(complaint)
  switch (type) {
    case "Market":
      return Result.succeed({ _tag: "Market" })
    case "Limit":
      return limitPrice === undefined ? invalid(complaint) : Result.succeed({ _tag: "Limit", limitPrice })
    case "NetLimit":
      return invalid("a net price is of an order with legs")
    case "StopMarket":
      return stopPrice === undefined ? invalid(complaint) : Result.succeed({ _tag: "StopMarket", stopPrice })
    case "StopLimit":
      return stopPrice === undefined || limitPrice === undefined
        ? invalid(complaint)
        : Result.succeed({ _tag: "StopLimit", stopPrice, limitPrice })
    case "TrailingStopMarket":
      return trailingOffset === undefined
        ? invalid(complaint)
        : Result.succeed({ _tag: "TrailingStopMarket", trailingOffset })
  }
}

interface Sizes {
  readonly quantity?: Quantity
  readonly notional?: Money
}

/** The size, if one was given. */
const sizeOf = ({ notional, quantity }: Sizes): Result.Result<OrderSize | undefined, TermsInvalid> => {
  if (quantity !== undefined && notional !== undefined)
    return invalid("quantity and notional are two ways to say how much: give one of them")
  if (quantity !== undefined) return Result.succeed({ _tag: "Quantity", quantity })
  return Result.succeed(notional === undefined ? undefined : { _tag: "Notional", notional })
}

/** The order these terms ask for. */
export const contentOf = (
  terms: OrderTerms,
  instrumentId: InstrumentId
): Result.Result<OrderContent, TermsInvalid> => {
  const { ocoGroup, side, stopLossPrice, takeProfitPrice, timeInForce = "DAY" } = terms
  const bracket = {
    ...(takeProfitPrice === undefined ? {} : { takeProfitPrice }),
    ...(stopLossPrice === undefined ? {} : { stopLossPrice })
  }
  return Result.flatMap(typeOf(terms), (type) =>
    Result.flatMap(sizeOf(terms), (size) =>
      size === undefined
        ? invalid("how much? Give quantity (shares) or notional (dollars)")
        : Result.succeed({
            instrumentId,
            side,
            type,
            size,
            timeInForce,
            ...(Object.keys(bracket).length === 0 ? {} : { bracket }),
            ...(ocoGroup === undefined ? {} : { ocoGroup })
          })
    )
  )
}

interface Change {
  readonly type?: OrderType
  readonly size?: OrderSize
}

/** What a replacement changes; at least one thing. */
export const changeOf = (terms: ReplaceTerms): Result.Result<Change, TermsInvalid> => {
  const { limitPrice, stopPrice, trailingOffset, type } = terms
  const isRepriced =
    type !== undefined || limitPrice !== undefined || stopPrice !== undefined || trailingOffset !== undefined
  return Result.flatMap(sizeOf(terms), (size): Result.Result<Change, TermsInvalid> => {
    if (!isRepriced) {
      return size === undefined
        ? invalid("what is to change? Give quantity or notional, limit_price, stop_price or trailing_offset")
        : Result.succeed({ size })
    }
    return Result.map(typeOf(terms), (changed) => ({
      type: changed,
      ...(size === undefined ? {} : { size })
    }))
  })
}
