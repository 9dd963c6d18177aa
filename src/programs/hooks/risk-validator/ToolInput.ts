/**
 * The arguments of the tools that order, decoded as the broker's server decodes
 * them (`mcp/broker/OrderTerms.ts`), in plain code: the schema library takes
 * longer to load than this hook may take. Strict: a field nobody knows is
 * refused, and so the trading mode can never be taken from the input.
 *
 * What is not taken here is decoded again with the schemas (`slow.ts`), which
 * say what is wrong; tests hold the two together.
 */
import { microsOf } from "../../../domain/Money.ts"
import type { OrderContent, OrderSize, OrderType } from "../../../domain/Order.ts"
import type { InstrumentId } from "../../../domain/Identifiers.ts"
import { type Guard, isFlag, isObject, isText, type JsonObject, oneOf } from "../../../domain/Guard.ts"
import {
  isMoney,
  isPrice,
  isQuantity,
  isQuoteId,
  isSide,
  isTimeInForce
} from "../../../domain/OrderGuards.ts"
import type { CloseTerms, OrderTerms, ReplaceTerms } from "../../mcp/broker/OrderTerms.ts"

/** Ends the decoding: the schemas have to say what is wrong. */
class NotTaken extends Error {}

const refuse = (): never => {
  throw new NotTaken()
}

const textOf =
  (most: number): Guard<string> =>
  (value): value is string =>
    isText(value) && value !== "" && value.length <= most

const isRationale: Guard<string> = (value): value is string =>
  isText(value) && value.trim() !== "" && value.length <= 500

const isTypeName = oneOf("Market", "Limit", "StopMarket", "StopLimit", "TrailingStopMarket")

/** Takes fields of an input one after the other; at the end none may be left. */
const makeTaker = (input: JsonObject) => {
  const left = new Set(Object.keys(input))
  /** Undefined where it was left out. */
  const optional = <A>(name: string, guard: Guard<A>): A | undefined => {
    if (!left.delete(name)) return undefined
    const value = input[name]
    return guard(value) ? value : refuse()
  }
  const required = <A>(name: string, guard: Guard<A>): A => optional(name, guard) ?? refuse()
  /** A decimal, as text or as a number, above zero. */
  const decimal = <A extends number>(name: string, guard: Guard<A>): A | undefined => {
    if (!left.delete(name)) return undefined
    const value = input[name]
    const text = typeof value === "number" ? String(value) : isText(value) ? value.trim() : ""
    const micros = microsOf(text)
    return micros !== undefined && micros > 0 && guard(micros) ? micros : refuse()
  }
  return { optional, required, decimal, isEmpty: () => left.size === 0 }
}

type Taker = ReturnType<typeof makeTaker>

const pricesFrom = ({ decimal, optional }: Taker): Prices => {
  const type = optional("type", isTypeName)
  const limitPrice = decimal("limit_price", isPrice)
  const stopPrice = decimal("stop_price", isPrice)
  const trailingOffset = decimal("trailing_offset", isPrice)
  return {
    ...(type === undefined ? {} : { type }),
    ...(limitPrice === undefined ? {} : { limitPrice }),
    ...(stopPrice === undefined ? {} : { stopPrice }),
    ...(trailingOffset === undefined ? {} : { trailingOffset })
  }
}

const sizesFrom = ({ decimal }: Taker): Sizes => {
  const quantity = decimal("quantity", isQuantity)
  const notional = decimal("notional", isMoney)
  return {
    ...(quantity === undefined ? {} : { quantity }),
    ...(notional === undefined ? {} : { notional })
  }
}

const placeTerms = (taker: Taker): OrderTerms => {
  const { decimal, optional, required } = taker
  const timeInForce = optional("time_in_force", isTimeInForce)
  const takeProfitPrice = decimal("take_profit_price", isPrice)
  const stopLossPrice = decimal("stop_loss_price", isPrice)
  const ocoGroup = optional("oco_group", textOf(64))
  const repeat = optional("repeat", isFlag)
  return {
    symbol: required("symbol", textOf(48)),
    side: required("side", isSide),
    ...sizesFrom(taker),
    ...pricesFrom(taker),
    ...(timeInForce === undefined ? {} : { timeInForce }),
    ...(takeProfitPrice === undefined ? {} : { takeProfitPrice }),
    ...(stopLossPrice === undefined ? {} : { stopLossPrice }),
    ...(ocoGroup === undefined ? {} : { ocoGroup }),
    quoteId: required("quote_id", isQuoteId),
    rationale: required("rationale", isRationale),
    ...(repeat === undefined ? {} : { repeat })
  }
}

const replaceTerms = (taker: Taker): ReplaceTerms => ({
  orderId: taker.required("order_id", textOf(64)),
  quoteId: taker.required("quote_id", isQuoteId),
  ...sizesFrom(taker),
  ...pricesFrom(taker),
  rationale: taker.required("rationale", isRationale)
})

const closeTerms = (taker: Taker): CloseTerms => {
  const quantity = taker.decimal("quantity", isQuantity)
  return {
    symbol: taker.required("symbol", textOf(48)),
    ...(quantity === undefined ? {} : { quantity }),
    rationale: taker.required("rationale", isRationale)
  }
}

const taken = <A>(input: unknown, take: (taker: Taker) => A): A | undefined => {
  if (!isObject(input)) return undefined
  try {
    const taker = makeTaker(input)
    const terms = take(taker)
    return taker.isEmpty() ? terms : undefined
  } catch (cause) {
    if (cause instanceof NotTaken) return undefined
    throw cause
  }
}

/** What a call asks for, its arguments decoded. */
export type Terms =
  | { readonly tool: "place_order"; readonly terms: OrderTerms }
  | { readonly tool: "replace_order"; readonly terms: ReplaceTerms }
  | { readonly tool: "close_position"; readonly terms: CloseTerms }

/** Undefined where the schemas have to say what is wrong. */
export const termsFrom = (tool: Terms["tool"], input: unknown): Terms | undefined => {
  switch (tool) {
    case "place_order": {
      const terms = taken(input, placeTerms)
      return terms && { tool, terms }
    }
    case "replace_order": {
      const terms = taken(input, replaceTerms)
      return terms && { tool, terms }
    }
    case "close_position": {
      const terms = taken(input, closeTerms)
      return terms && { tool, terms }
    }
  }
}

type Prices = Pick<OrderTerms, "type" | "limitPrice" | "stopPrice" | "trailingOffset">
type Sizes = Pick<OrderTerms, "quantity" | "notional">

/** The type that was named, or the one the prices make; undefined where they do not fit together. */
const typeOf = ({ limitPrice, stopPrice, trailingOffset, type: named }: Prices): OrderType | undefined => {
  const hasLimit = limitPrice !== undefined
  const hasStop = stopPrice !== undefined
  const hasOffset = trailingOffset !== undefined
  if (hasOffset) {
    if (hasLimit || hasStop || (named ?? "TrailingStopMarket") !== "TrailingStopMarket") return undefined
    return { _tag: "TrailingStopMarket", trailingOffset }
  }
  if (hasStop && hasLimit)
    return (named ?? "StopLimit") === "StopLimit" ? { _tag: "StopLimit", stopPrice, limitPrice } : undefined
  if (hasStop) return (named ?? "StopMarket") === "StopMarket" ? { _tag: "StopMarket", stopPrice } : undefined
  if (hasLimit) return (named ?? "Limit") === "Limit" ? { _tag: "Limit", limitPrice } : undefined
  return (named ?? "Market") === "Market" ? { _tag: "Market" } : undefined
}

/** Undefined where there is none; null where two are given. */
const sizeOf = ({ notional, quantity }: Sizes): OrderSize | undefined | null => {
  if (quantity !== undefined && notional !== undefined) return null
  if (quantity !== undefined) return { _tag: "Quantity", quantity }
  return notional === undefined ? undefined : { _tag: "Notional", notional }
}

/** The order that is asked for; undefined where the terms do not fit together. */
export const contentOf = (terms: OrderTerms, instrumentId: InstrumentId): OrderContent | undefined => {
  const { ocoGroup, side, stopLossPrice, takeProfitPrice, timeInForce = "DAY" } = terms
  const type = typeOf(terms)
  const size = sizeOf(terms)
  if (type === undefined || size === undefined || size === null) return undefined
  const hasBracket = takeProfitPrice !== undefined || stopLossPrice !== undefined
  const bracket = {
    ...(takeProfitPrice === undefined ? {} : { takeProfitPrice }),
    ...(stopLossPrice === undefined ? {} : { stopLossPrice })
  }
  return {
    instrumentId,
    side,
    type,
    size,
    timeInForce,
    ...(hasBracket ? { bracket } : {}),
    ...(ocoGroup === undefined ? {} : { ocoGroup })
  }
}

/** What a replacement changes; undefined where the terms do not fit together, or change nothing. */
export const changeOf = (
  terms: ReplaceTerms
): { readonly type?: OrderType; readonly size?: OrderSize } | undefined => {
  const size = sizeOf(terms)
  if (size === null) return undefined
  const { limitPrice, stopPrice, trailingOffset, type: named } = terms
  const isRepriced = [named, limitPrice, stopPrice, trailingOffset].some((one) => one !== undefined)
  if (!isRepriced) return size === undefined ? undefined : { size }
  const type = typeOf(terms)
  return type && { type, ...(size === undefined ? {} : { size }) }
}
