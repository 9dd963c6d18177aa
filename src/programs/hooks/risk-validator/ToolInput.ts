/**
 * The arguments of the tools that order, decoded as the broker's server decodes
 * them (`mcp/broker/OrderTerms.ts`), in plain code: the schema library takes
 * longer to load than this hook may take. Strict: a field nobody knows is
 * refused, and so the trading mode can never be taken from the input.
 *
 * What is not taken here is decoded again with the schemas (`slow.ts`), which
 * say what is wrong; tests hold the two together.
 */
import { MICROS, microsOf, price } from "../../../domain/Money.ts"
import type { OrderContent, OrderSize, OrderType } from "../../../domain/Order.ts"
import { comboId, MAX_LEG_RATIO, MAX_LEGS } from "../../../domain/OrderLeg.ts"
import type { QuoteId } from "../../../domain/Identifiers.ts"
import {
  type Guard,
  isFlag,
  isObject,
  isText,
  isWhole,
  type JsonObject,
  oneOf
} from "../../../domain/Guard.ts"
import { type LegInstrument, unfitLegs } from "../../../domain/LegFit.ts"
import {
  isMoney,
  isNetPrice,
  isPrice,
  isQuantity,
  isQuoteId,
  isSide,
  isTimeInForce
} from "../../../domain/OrderGuards.ts"
import type {
  CloseTerms,
  Intent,
  LegArgument,
  OrderTerms,
  ReplaceTerms
} from "../../mcp/broker/OrderTerms.ts"

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
  /** A decimal, as text or as a number; below zero for a credit. */
  const signed = <A extends number>(name: string, guard: Guard<A>): A | undefined => {
    if (!left.delete(name)) return undefined
    const value = input[name]
    const text = typeof value === "number" ? String(value) : isText(value) ? value.trim() : ""
    const micros = microsOf(text)
    return micros !== undefined && guard(micros) ? micros : refuse()
  }
  /** The same above zero. */
  const decimal = <A extends number>(name: string, guard: Guard<A>): A | undefined => {
    const micros = signed(name, guard)
    return micros === undefined || micros > 0 ? micros : refuse()
  }
  /** A list of so many, each taken by itself. */
  const list = <A>(name: string, [least, most]: readonly [number, number], take: (value: unknown) => A) => {
    if (!left.delete(name)) return undefined
    const value = input[name]
    return Array.isArray(value) && value.length >= least && value.length <= most ? value.map(take) : refuse()
  }
  return { optional, required, signed, decimal, list, isEmpty: () => left.size === 0 }
}

type Taker = ReturnType<typeof makeTaker>

const pricesFrom = ({ decimal, optional, signed }: Taker): Prices => {
  const type = optional("type", isTypeName)
  const limitPrice = signed("limit_price", isNetPrice)
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

const isRatio: Guard<number> = (value): value is number =>
  isWhole(value) && value >= 1 && value <= MAX_LEG_RATIO

const legFrom = (value: unknown): LegArgument => {
  const leg = isObject(value) ? makeTaker(value) : refuse()
  const ratio = leg.optional("ratio", isRatio)
  const taken: LegArgument = {
    symbol: leg.required("symbol", textOf(48)),
    side: leg.required("side", isSide),
    ...(ratio === undefined ? {} : { ratio }),
    quoteId: leg.required("quote_id", isQuoteId)
  }
  return leg.isEmpty() ? taken : refuse()
}

const quoteFrom = (value: unknown): QuoteId => (isQuoteId(value) ? value : refuse())

const placeTerms = (taker: Taker): OrderTerms => {
  const { decimal, list, optional, required } = taker
  const symbol = optional("symbol", textOf(48))
  const side = optional("side", isSide)
  const legs = list("legs", [2, MAX_LEGS], legFrom)
  const timeInForce = optional("time_in_force", isTimeInForce)
  const takeProfitPrice = decimal("take_profit_price", isPrice)
  const stopLossPrice = decimal("stop_loss_price", isPrice)
  const ocoGroup = optional("oco_group", textOf(64))
  const quoteId = optional("quote_id", isQuoteId)
  const repeat = optional("repeat", isFlag)
  return {
    ...(symbol === undefined ? {} : { symbol }),
    ...(side === undefined ? {} : { side }),
    ...(legs === undefined ? {} : { legs }),
    ...sizesFrom(taker),
    ...pricesFrom(taker),
    ...(timeInForce === undefined ? {} : { timeInForce }),
    ...(takeProfitPrice === undefined ? {} : { takeProfitPrice }),
    ...(stopLossPrice === undefined ? {} : { stopLossPrice }),
    ...(ocoGroup === undefined ? {} : { ocoGroup }),
    ...(quoteId === undefined ? {} : { quoteId }),
    rationale: required("rationale", isRationale),
    ...(repeat === undefined ? {} : { repeat })
  }
}

const replaceTerms = (taker: Taker): ReplaceTerms => {
  const orderId = taker.required("order_id", textOf(64))
  const quoteId = taker.optional("quote_id", isQuoteId)
  const quoteIds = taker.list("quote_ids", [2, MAX_LEGS], quoteFrom)
  return {
    orderId,
    ...(quoteId === undefined ? {} : { quoteId }),
    ...(quoteIds === undefined ? {} : { quoteIds }),
    ...sizesFrom(taker),
    ...pricesFrom(taker),
    rationale: taker.required("rationale", isRationale)
  }
}

const closeTerms = (taker: Taker): CloseTerms => {
  const quantity = taker.decimal("quantity", isQuantity)
  return {
    symbol: taker.required("symbol", textOf(64)),
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
const typeOf = ({
  limitPrice: limit,
  stopPrice,
  trailingOffset,
  type: named
}: Prices): OrderType | undefined => {
  // Below zero, a credit, it is of an order with legs.
  if (limit !== undefined && limit <= 0) return undefined
  const limitPrice = limit === undefined ? undefined : price(limit)
  const hasOffset = trailingOffset !== undefined
  if (hasOffset) {
    if (limitPrice !== undefined || stopPrice !== undefined) return undefined
    return (named ?? "TrailingStopMarket") === "TrailingStopMarket"
      ? { _tag: "TrailingStopMarket", trailingOffset }
      : undefined
  }
  if (stopPrice !== undefined && limitPrice !== undefined)
    return (named ?? "StopLimit") === "StopLimit" ? { _tag: "StopLimit", stopPrice, limitPrice } : undefined
  if (stopPrice !== undefined)
    return (named ?? "StopMarket") === "StopMarket" ? { _tag: "StopMarket", stopPrice } : undefined
  if (limitPrice !== undefined)
    return (named ?? "Limit") === "Limit" ? { _tag: "Limit", limitPrice } : undefined
  return (named ?? "Market") === "Market" ? { _tag: "Market" } : undefined
}

/** The same of an order with legs: at the market, or at a net limit. */
const netTypeOf = ({ limitPrice, stopPrice, trailingOffset, type }: Prices): OrderType | undefined => {
  if (stopPrice !== undefined || trailingOffset !== undefined) return undefined
  if (limitPrice === undefined) return (type ?? "Market") === "Market" ? { _tag: "Market" } : undefined
  return (type ?? "Limit") === "Limit" ? { _tag: "NetLimit", netPrice: limitPrice } : undefined
}

/** Undefined where there is none; null where there can be none. */
type SizeFound = OrderSize | undefined | null

const sizeOf = ({ notional, quantity }: Sizes): SizeFound => {
  if (quantity !== undefined && notional !== undefined) return null
  if (quantity !== undefined) return { _tag: "Quantity", quantity }
  return notional === undefined ? undefined : { _tag: "Notional", notional }
}

/** The same of an order with legs: whole units. */
const unitsOf = ({ notional, quantity }: Sizes): SizeFound => {
  if (notional !== undefined) return null
  if (quantity === undefined) return undefined
  return quantity % MICROS === 0 ? { _tag: "Quantity", quantity } : null
}

const singleOf = (terms: OrderTerms): Intent | undefined => {
  const { ocoGroup, quoteId, side, stopLossPrice, symbol, takeProfitPrice, timeInForce = "DAY" } = terms
  const type = typeOf(terms)
  const size = sizeOf(terms)
  if (symbol === undefined || side === undefined || quoteId === undefined) return undefined
  if (type === undefined || size === undefined || size === null) return undefined
  const hasBracket = takeProfitPrice !== undefined || stopLossPrice !== undefined
  const bracket = {
    ...(takeProfitPrice === undefined ? {} : { takeProfitPrice }),
    ...(stopLossPrice === undefined ? {} : { stopLossPrice })
  }
  return {
    _tag: "Single",
    symbol,
    quoteId,
    content: {
      side,
      type,
      size,
      timeInForce,
      ...(hasBracket ? { bracket } : {}),
      ...(ocoGroup === undefined ? {} : { ocoGroup })
    }
  }
}

const comboOf = (terms: OrderTerms, legs: ReadonlyArray<LegArgument>): Intent | undefined => {
  const { timeInForce = "DAY" } = terms
  const beside = [
    terms.symbol,
    terms.side,
    terms.quoteId,
    terms.takeProfitPrice,
    terms.stopLossPrice,
    terms.ocoGroup
  ]
  if (beside.some((one) => one !== undefined) || timeInForce === "AT_THE_CLOSE") return undefined
  const type = netTypeOf(terms)
  const size = unitsOf(terms)
  return type === undefined || size === undefined || size === null
    ? undefined
    : { _tag: "Combo", legs, content: { side: "BUY", type, size, timeInForce } }
}

/** What is asked for; undefined where the terms do not fit together. */
export const intentOf = (terms: OrderTerms): Intent | undefined =>
  terms.legs === undefined ? singleOf(terms) : comboOf(terms, terms.legs)

/** The order that is asked for, of the one instrument or one for each leg; undefined where these are no legs of one order. */
export const contentOf = (
  intent: Intent,
  instruments: ReadonlyArray<LegInstrument>
): OrderContent | undefined => {
  if (intent._tag === "Single") {
    const [one] = instruments
    return one && { instrumentId: one.id, ...intent.content }
  }
  if (unfitLegs(instruments) !== undefined) return undefined
  const legs = instruments.flatMap(({ id }, at) => {
    const leg = intent.legs[at]
    return leg === undefined ? [] : [{ instrumentId: id, side: leg.side, ratio: leg.ratio ?? 1 }]
  })
  return { instrumentId: comboId(legs), ...intent.content, legs }
}

/** What a replacement changes; undefined where the terms do not fit together, or change nothing. */
export const changeOf = (
  terms: ReplaceTerms
): { readonly type?: OrderType; readonly size?: OrderSize } | undefined => {
  const { limitPrice, quoteId, quoteIds, stopPrice, trailingOffset, type: named } = terms
  if ((quoteId === undefined) === (quoteIds === undefined)) return undefined
  const hasLegs = quoteIds !== undefined
  const size = hasLegs ? unitsOf(terms) : sizeOf(terms)
  if (size === null) return undefined
  const isRepriced = [named, limitPrice, stopPrice, trailingOffset].some((one) => one !== undefined)
  if (!isRepriced) return size === undefined ? undefined : { size }
  const type = hasLegs ? netTypeOf(terms) : typeOf(terms)
  return type && { type, ...(size === undefined ? {} : { size }) }
}
