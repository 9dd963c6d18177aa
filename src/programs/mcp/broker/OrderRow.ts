/** Orders and verdicts as the tools tell them: money as decimal text, times in UTC, ratios as numbers. */
import { Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"
import { type Order, OrderStatus } from "../../../domain/Order.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { RuleName, Verdict } from "../../../domain/Verdict.ts"
import { structureOf, symbolOf } from "../../cli/LegWords.ts"
import { averageOf, contentWords } from "../../cli/OrderWords.ts"

const optional = Schema.optionalKey(Schema.String)

const LegRow = Schema.Struct({ symbol: Schema.String, side: Schema.String, ratio: Schema.Int })

export const OrderRow = Schema.Struct({
  orderId: Schema.String,
  status: OrderStatus,
  symbol: Schema.String,
  /** "BUY 10 AAPL limit 115.00 DAY" */
  order: Schema.String,
  side: Schema.String,
  type: Schema.String,
  /** "AAPL bull put vertical 2014-06-13 90/85"; of an order with legs. */
  structure: optional,
  legs: Schema.optionalKey(Schema.Array(LegRow)),
  quantity: optional,
  notional: optional,
  limitPrice: optional,
  /** Of an order with legs: debit positive, credit negative. */
  netPrice: optional,
  stopPrice: optional,
  trailingOffset: optional,
  timeInForce: Schema.String,
  role: Schema.String,
  parent: optional,
  quoteId: Schema.String,
  filledQuantity: Schema.String,
  /** Dollars a share; with legs the net price, negative for a credit. */
  averagePrice: optional,
  fees: Schema.String,
  reason: optional,
  askedAt: Schema.String,
  changedAt: Schema.String
})
export type OrderRow = typeof OrderRow.Type

/** What stands in a row of somebody's words. */
const MAX_REASON = 300
export const short = (text: string, most = MAX_REASON): string =>
  text.length > most ? `${text.slice(0, most)}…` : text

const legFields = (legs: Order["content"]["legs"]) =>
  legs === undefined
    ? {}
    : {
        structure: structureOf(legs).title,
        legs: legs.map(({ instrumentId, ratio, side }) => ({ symbol: symbolOf(instrumentId), side, ratio }))
      }

export const orderRow = (order: Order): OrderRow => {
  const { content } = order
  const { size, type } = content
  const average = averageOf(order)
  return {
    orderId: order.clientOrderId,
    status: order.status,
    symbol: symbolOf(content.instrumentId),
    order: contentWords(content),
    side: content.side,
    type: type._tag,
    ...legFields(content.legs),
    ...(size._tag === "Quantity"
      ? { quantity: formatMicros(size.quantity) }
      : { notional: formatMicros(size.notional) }),
    ...("limitPrice" in type ? { limitPrice: formatMicros(type.limitPrice) } : {}),
    ...("netPrice" in type ? { netPrice: formatMicros(type.netPrice) } : {}),
    ...("stopPrice" in type ? { stopPrice: formatMicros(type.stopPrice) } : {}),
    ...("trailingOffset" in type ? { trailingOffset: formatMicros(type.trailingOffset) } : {}),
    timeInForce: content.timeInForce,
    role: order.role,
    ...(order.parent === undefined ? {} : { parent: order.parent }),
    quoteId: order.quoteId,
    filledQuantity: formatMicros(order.filledQuantity),
    ...(average === undefined ? {} : { averagePrice: formatMicros(average) }),
    fees: formatMicros(order.fees),
    ...(order.reason === undefined ? {} : { reason: short(order.reason) }),
    askedAt: toIso(order.tsInit),
    changedAt: toIso(order.tsLast)
  }
}

/** One rule's verdict: what the order would bring the measured value to, and the most it may be. */
export const VerdictRow = Schema.Struct({
  rule: RuleName,
  outcome: Verdict.fields.outcome,
  value: Schema.NullOr(Schema.Finite),
  limit: Schema.NullOr(Schema.Finite),
  unit: Schema.String,
  message: Schema.String
})

export const verdictRow = ({
  limit,
  message,
  outcome,
  rule,
  unit,
  value
}: Verdict): typeof VerdictRow.Type => ({
  rule,
  outcome,
  value: value ?? null,
  limit: limit ?? null,
  unit,
  message: short(message)
})
