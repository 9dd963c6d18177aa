/** Orders, fills and verdicts as the tools tell them: money as decimal text, times in UTC, ratios as numbers. */
import { Schema } from "effect"
import type { OrderFilled } from "../../../domain/JournalEvent.ts"
import { formatMicros, MICROS, proportion } from "../../../domain/Money.ts"
import { type Order, OrderStatus } from "../../../domain/Order.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { RuleName, Verdict } from "../../../domain/Verdict.ts"
import { contentWords, symbolOf } from "../../cli/OrderWords.ts"

const optional = Schema.optionalKey(Schema.String)

export const OrderRow = Schema.Struct({
  orderId: Schema.String,
  status: OrderStatus,
  symbol: Schema.String,
  /** "BUY 10 AAPL limit 115.00 DAY" */
  order: Schema.String,
  side: Schema.String,
  type: Schema.String,
  quantity: optional,
  notional: optional,
  limitPrice: optional,
  stopPrice: optional,
  trailingOffset: optional,
  timeInForce: Schema.String,
  role: Schema.String,
  parent: optional,
  quoteId: Schema.String,
  filledQuantity: Schema.String,
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

export const orderRow = (order: Order): OrderRow => {
  const { content } = order
  const { size, type } = content
  return {
    orderId: order.clientOrderId,
    status: order.status,
    symbol: symbolOf(content.instrumentId),
    order: contentWords(content),
    side: content.side,
    type: type._tag,
    ...(size._tag === "Quantity"
      ? { quantity: formatMicros(size.quantity) }
      : { notional: formatMicros(size.notional) }),
    ...("limitPrice" in type ? { limitPrice: formatMicros(type.limitPrice) } : {}),
    ...("stopPrice" in type ? { stopPrice: formatMicros(type.stopPrice) } : {}),
    ...("trailingOffset" in type ? { trailingOffset: formatMicros(type.trailingOffset) } : {}),
    timeInForce: content.timeInForce,
    role: order.role,
    ...(order.parent === undefined ? {} : { parent: order.parent }),
    quoteId: order.quoteId,
    filledQuantity: formatMicros(order.filledQuantity),
    ...(order.filledQuantity === 0
      ? {}
      : { averagePrice: formatMicros(proportion(order.filledNotional, MICROS, order.filledQuantity)) }),
    fees: formatMicros(order.fees),
    ...(order.reason === undefined ? {} : { reason: short(order.reason) }),
    askedAt: toIso(order.tsInit),
    changedAt: toIso(order.tsLast)
  }
}

export const FillRow = Schema.Struct({
  tradeId: Schema.String,
  orderId: Schema.String,
  symbol: Schema.String,
  side: Schema.String,
  quantity: Schema.String,
  price: Schema.String,
  fee: Schema.String,
  at: Schema.String
})

export const fillRow = (fill: OrderFilled): typeof FillRow.Type => ({
  tradeId: fill.tradeId,
  orderId: fill.clientOrderId,
  symbol: symbolOf(fill.instrumentId),
  side: fill.side,
  quantity: formatMicros(fill.quantity),
  price: formatMicros(fill.price),
  fee: formatMicros(fill.fee),
  at: toIso(fill.tsEvent)
})

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
