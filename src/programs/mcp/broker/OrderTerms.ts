/**
 * An order as the tools take it, and the order it asks for. Shared with the
 * hook risk-validator, which decodes and reads the same arguments: imports
 * little, and decides nothing.
 */
import { Result, Schema } from "effect"
import { QuoteId } from "../../../domain/Identifiers.ts"
import { type LegInstrument, unfitLegs } from "../../../domain/LegFit.ts"
import {
  MICROS,
  MoneyFromDecimal,
  type NetPrice,
  NetPriceFromDecimal,
  type Price,
  price as priceOf,
  PriceFromDecimal,
  QuantityFromDecimal
} from "../../../domain/Money.ts"
import {
  type OrderContent,
  OrderSide,
  type OrderSize,
  type OrderType,
  TimeInForce
} from "../../../domain/Order.ts"
import { comboId, MAX_LEG_RATIO, MAX_LEGS } from "../../../domain/OrderLeg.ts"

const aboveZero = <N extends number>(what: string) =>
  Schema.makeFilter<N>((micros) => micros > 0 || `expected ${what} above zero`)

const described = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] =>
  schema.annotate({ description })

const price = PriceFromDecimal.pipe(Schema.check(aboveZero("a price")))
const quantity = QuantityFromDecimal.pipe(Schema.check(aboveZero("a quantity")))
const amount = MoneyFromDecimal.pipe(Schema.check(aboveZero("an amount")))

/** What a person calls an instrument; looked up in the desk's market data. */
export const SymbolArgument = Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(48)))

/** Characters of what `close_position` is given: a symbol, or the id of a structure. */
export const MAX_HOLDING_NAME = 64

export const Rationale = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter<string>(
      (text) =>
        (text.trim() !== "" && text.length <= 500) || "expected why, in a sentence of at most 500 characters"
    )
  )
)

const Quote = described(QuoteId, "from get_quote or get_option_chain: what this was decided on")

const typeNames = ["Market", "Limit", "StopMarket", "StopLimit", "TrailingStopMarket"] as const

const sizes = {
  quantity: Schema.optionalKey(described(quantity, "shares, contracts, or units of the legs; or notional")),
  notional: Schema.optionalKey(described(amount, "dollars"))
}
const prices = {
  type: Schema.optionalKey(described(Schema.Literals(typeNames), "left out: what the prices given make")),
  limitPrice: Schema.optionalKey(
    described(NetPriceFromDecimal, "of legs: net a share, debit positive, credit negative")
  ),
  stopPrice: Schema.optionalKey(price),
  trailingOffset: Schema.optionalKey(described(price, "distance in dollars"))
}

/** One leg of a combination, as a call names it. */
export const LegArgument = Schema.Struct({
  symbol: SymbolArgument,
  side: OrderSide,
  ratio: Schema.optionalKey(
    described(
      Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_LEG_RATIO }))),
      "contracts or shares a unit; 1 when left out"
    )
  ),
  quoteId: QuoteId
})
export type LegArgument = typeof LegArgument.Type

/** Of `place_order` and `preview_order`: `symbol`, `side` and `quoteId`, or `legs`. */
export const OrderTerms = Schema.Struct({
  symbol: Schema.optionalKey(described(SymbolArgument, "share or contract; or legs")),
  side: Schema.optionalKey(OrderSide),
  legs: Schema.optionalKey(
    described(
      Schema.Array(LegArgument).pipe(Schema.check(Schema.isMinLength(2), Schema.isMaxLength(MAX_LEGS))),
      "instead of symbol, side and quote_id: filled all or none"
    )
  ),
  ...sizes,
  ...prices,
  timeInForce: Schema.optionalKey(described(TimeInForce, "DAY when left out")),
  takeProfitPrice: Schema.optionalKey(described(price, "bracket: exit limit once filled")),
  stopLossPrice: Schema.optionalKey(described(price, "bracket: exit stop once filled")),
  ocoGroup: Schema.optionalKey(
    described(Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(64))), "one fill cancels the rest")
  ),
  quoteId: Schema.optionalKey(Quote),
  rationale: described(Rationale, "why, for the audit log"),
  repeat: Schema.optionalKey(described(Schema.Boolean, "send a like order again on purpose"))
})
export type OrderTerms = typeof OrderTerms.Type

/** Of `replace_order`: the whole new size, and the new type with its prices. */
export const ReplaceTerms = Schema.Struct({
  orderId: Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(64))),
  quoteId: Schema.optionalKey(Quote),
  quoteIds: Schema.optionalKey(
    described(
      Schema.Array(QuoteId).pipe(Schema.check(Schema.isMinLength(2), Schema.isMaxLength(MAX_LEGS))),
      "of an order with legs: one for each, in their order"
    )
  ),
  quantity: Schema.optionalKey(described(quantity, "whole new size, fills included")),
  notional: Schema.optionalKey(amount),
  ...prices,
  rationale: Rationale
})
export type ReplaceTerms = typeof ReplaceTerms.Type

/** Of `close_position`. */
export const CloseTerms = Schema.Struct({
  symbol: described(
    Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(MAX_HOLDING_NAME))),
    "share, contract, or the id of a structure in get_positions, which is closed whole"
  ),
  quantity: Schema.optionalKey(described(quantity, "all when left out")),
  rationale: Rationale
})
export type CloseTerms = typeof CloseTerms.Type

/** The arguments contradict each other. */
export class TermsInvalid extends Schema.TaggedError<TermsInvalid>()("TermsInvalid", {
  message: Schema.String
}) {}

const invalid = (message: string) => Result.fail(new TermsInvalid({ message }))

type Prices = Pick<OrderTerms, "type" | "limitPrice" | "stopPrice" | "trailingOffset">
type Sizes = Pick<OrderTerms, "quantity" | "notional">

/** The names of those that were given. */
const givenOf = (named: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  Object.keys(named).filter((name) => named[name] !== undefined)

/** What the prices given make. */
const impliedType = ({ limitPrice, stopPrice, trailingOffset }: Prices): (typeof typeNames)[number] => {
  if (trailingOffset !== undefined) return "TrailingStopMarket"
  if (stopPrice !== undefined) return limitPrice === undefined ? "StopMarket" : "StopLimit"
  return limitPrice === undefined ? "Market" : "Limit"
}

const wanted: Readonly<Record<(typeof typeNames)[number], ReadonlyArray<string>>> = {
  Market: [],
  Limit: ["limit_price"],
  StopMarket: ["stop_price"],
  StopLimit: ["stop_price", "limit_price"],
  TrailingStopMarket: ["trailing_offset"]
}

/** A limit of one instrument is above zero; that of legs may be a credit. */
const limitOf = (limit: NetPrice | undefined): Result.Result<Price | undefined, TermsInvalid> =>
  limit === undefined || limit > 0
    ? Result.succeed(limit === undefined ? undefined : priceOf(limit))
    : invalid("limit_price: expected a price above zero; a credit, below zero, is of an order with legs")

/** The type that was named, or the one the prices make; each type takes its own prices and no others. */
const typeOf = (terms: Prices): Result.Result<OrderType, TermsInvalid> =>
  Result.flatMap(limitOf(terms.limitPrice), (limitPrice): Result.Result<OrderType, TermsInvalid> => {
    const { stopPrice, trailingOffset } = terms
    const type = terms.type ?? impliedType(terms)
    const given = givenOf({
      stop_price: stopPrice,
      limit_price: limitPrice,
      trailing_offset: trailingOffset
    })
    const expected = wanted[type]
    const complaint = `a ${type} order takes ${expected.length === 0 ? "no price" : expected.join(" and ")}, and ${given.length === 0 ? "none was given" : `${given.join(" and ")} was given`}`
    if (expected.length !== given.length) return invalid(complaint)
    switch (type) {
      case "Market":
        return Result.succeed({ _tag: "Market" })
      case "Limit":
        return limitPrice === undefined ? invalid(complaint) : Result.succeed({ _tag: "Limit", limitPrice })
      case "StopMarket":
        return stopPrice === undefined
          ? invalid(complaint)
          : Result.succeed({ _tag: "StopMarket", stopPrice })
      case "StopLimit":
        return stopPrice === undefined || limitPrice === undefined
          ? invalid(complaint)
          : Result.succeed({ _tag: "StopLimit", stopPrice, limitPrice })
      case "TrailingStopMarket":
        return trailingOffset === undefined
          ? invalid(complaint)
          : Result.succeed({ _tag: "TrailingStopMarket", trailingOffset })
    }
  })

/** Of an order with legs: at the market, or at a net limit. */
const netTypeOf = ({
  limitPrice,
  stopPrice,
  trailingOffset,
  type
}: Prices): Result.Result<OrderType, TermsInvalid> => {
  if (
    stopPrice !== undefined ||
    trailingOffset !== undefined ||
    (type !== undefined && type !== "Market" && type !== "Limit")
  )
    return invalid("an order with legs is at the market or at a net limit_price: it takes no stop")
  if (type === "Market" && limitPrice !== undefined)
    return invalid("a Market order takes no price, and limit_price was given")
  if (type === "Limit" && limitPrice === undefined)
    return invalid("a Limit order takes limit_price, and none was given")
  return Result.succeed(
    limitPrice === undefined ? { _tag: "Market" } : { _tag: "NetLimit", netPrice: limitPrice }
  )
}

/** The size, if one was given. */
const sizeOf = ({ notional, quantity }: Sizes): Result.Result<OrderSize | undefined, TermsInvalid> => {
  if (quantity !== undefined && notional !== undefined)
    return invalid("quantity and notional are two ways to say how much: give one of them")
  if (quantity !== undefined) return Result.succeed({ _tag: "Quantity", quantity })
  return Result.succeed(notional === undefined ? undefined : { _tag: "Notional", notional })
}

/** Of an order with legs: whole units. */
const unitsOf = ({ notional, quantity }: Sizes): Result.Result<OrderSize | undefined, TermsInvalid> => {
  if (notional !== undefined)
    return invalid("an order with legs is sized in units: give quantity, not notional")
  if (quantity === undefined) return Result.succeed(undefined)
  return quantity % MICROS === 0
    ? Result.succeed({ _tag: "Quantity", quantity })
    : invalid("quantity: expected a whole number of units")
}

/** What an order asks for but for the instruments, which are still names. */
export type Intent =
  | {
      readonly _tag: "Single"
      readonly symbol: string
      readonly quoteId: QuoteId
      readonly content: Omit<OrderContent, "instrumentId" | "legs">
    }
  | {
      readonly _tag: "Combo"
      readonly legs: ReadonlyArray<LegArgument>
      readonly content: Omit<OrderContent, "instrumentId" | "legs">
    }

const singleOf = (terms: OrderTerms): Result.Result<Intent, TermsInvalid> => {
  const { ocoGroup, quoteId, side, stopLossPrice, symbol, takeProfitPrice, timeInForce = "DAY" } = terms
  if (symbol === undefined || side === undefined || quoteId === undefined) {
    const given = givenOf({ symbol, side, quote_id: quoteId })
    const missing = ["symbol", "side", "quote_id"].filter((name) => !given.includes(name))
    return invalid(
      `${missing.join(", ")}: missing; an order has symbol, side and quote_id, or legs that each have them`
    )
  }
  const bracket = {
    ...(takeProfitPrice === undefined ? {} : { takeProfitPrice }),
    ...(stopLossPrice === undefined ? {} : { stopLossPrice })
  }
  return Result.flatMap(typeOf(terms), (type) =>
    Result.flatMap(sizeOf(terms), (size) =>
      size === undefined
        ? invalid("how much? Give quantity (shares or contracts) or notional (dollars)")
        : Result.succeed({
            _tag: "Single" as const,
            symbol,
            quoteId,
            content: {
              side,
              type,
              size,
              timeInForce,
              ...(Object.keys(bracket).length === 0 ? {} : { bracket }),
              ...(ocoGroup === undefined ? {} : { ocoGroup })
            }
          })
    )
  )
}

/** What an order with legs does not take, as far as it was given. */
const besideLegs = (terms: OrderTerms): ReadonlyArray<string> =>
  givenOf({
    symbol: terms.symbol,
    side: terms.side,
    quote_id: terms.quoteId,
    take_profit_price: terms.takeProfitPrice,
    stop_loss_price: terms.stopLossPrice,
    oco_group: terms.ocoGroup
  })

const comboOf = (
  terms: OrderTerms,
  legs: ReadonlyArray<LegArgument>
): Result.Result<Intent, TermsInvalid> => {
  const { timeInForce = "DAY" } = terms
  const beside = besideLegs(terms)
  if (beside.length > 0) {
    return invalid(
      `an order with legs takes no ${beside.join(", ")}: each leg has its symbol, side and quote_id, and there are no brackets or groups`
    )
  }
  if (timeInForce === "AT_THE_CLOSE")
    return invalid("an order with legs cannot wait for the close: there is no closing auction for it")
  return Result.flatMap(netTypeOf(terms), (type) =>
    Result.flatMap(unitsOf(terms), (size) =>
      size === undefined
        ? invalid("how much? Give quantity, in units of the legs")
        : Result.succeed({
            _tag: "Combo" as const,
            legs,
            content: { side: "BUY", type, size, timeInForce }
          })
    )
  )
}

/** What these terms ask for. */
export const intentOf = (terms: OrderTerms): Result.Result<Intent, TermsInvalid> =>
  terms.legs === undefined ? singleOf(terms) : comboOf(terms, terms.legs)

/** The order an intent asks for, of instruments as they are named in it: the one, or one for each leg. */
export const contentOf = (
  intent: Intent,
  instruments: ReadonlyArray<LegInstrument>
): Result.Result<OrderContent, TermsInvalid> => {
  if (intent._tag === "Single") {
    const [one] = instruments
    return one === undefined
      ? invalid("symbol: no instrument was found")
      : Result.succeed({ instrumentId: one.id, ...intent.content })
  }
  const unfit = unfitLegs(instruments)
  if (unfit !== undefined) return invalid(unfit)
  const legs = instruments.flatMap(({ id }, at) => {
    const leg = intent.legs[at]
    return leg === undefined ? [] : [{ instrumentId: id, side: leg.side, ratio: leg.ratio ?? 1 }]
  })
  return Result.succeed({ instrumentId: comboId(legs), ...intent.content, legs })
}

interface Change {
  readonly type?: OrderType
  readonly size?: OrderSize
}

/** What a replacement changes; at least one thing. `quoteIds` says that the order has legs. */
export const changeOf = (terms: ReplaceTerms): Result.Result<Change, TermsInvalid> => {
  const { limitPrice, quoteId, quoteIds, stopPrice, trailingOffset, type } = terms
  if ((quoteId === undefined) === (quoteIds === undefined))
    return invalid("give quote_id; for an order with legs, quote_ids: one for each leg")
  const hasLegs = quoteIds !== undefined
  const isRepriced =
    type !== undefined || limitPrice !== undefined || stopPrice !== undefined || trailingOffset !== undefined
  const sized = hasLegs ? unitsOf(terms) : sizeOf(terms)
  return Result.flatMap(sized, (size): Result.Result<Change, TermsInvalid> => {
    if (!isRepriced) {
      return size === undefined
        ? invalid("what is to change? Give quantity or notional, limit_price, stop_price or trailing_offset")
        : Result.succeed({ size })
    }
    return Result.map(hasLegs ? netTypeOf(terms) : typeOf(terms), (changed) => ({
      type: changed,
      ...(size === undefined ? {} : { size })
    }))
  })
}

/** Why a replacement's quotes are not those of the order it names; undefined where they are. */
export const unfitQuotes = (
  { quoteIds }: { readonly quoteIds?: ReplaceTerms["quoteIds"] | undefined },
  { legs }: Pick<OrderContent, "legs">
): string | undefined => {
  const [cited, wanted] = [quoteIds?.length ?? 0, legs?.length ?? 0]
  if (cited === wanted) return undefined
  return wanted === 0
    ? "this order has no legs: cite its one quote in quote_id"
    : `this order has ${wanted} legs: cite a quote for each of them, in their order, in quote_ids`
}
