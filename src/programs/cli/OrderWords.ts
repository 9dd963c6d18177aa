/** Orders in a few words. */
import { formatMicros, MICROS, proportion } from "../../domain/Money.ts"
import type { Order, OrderContent, OrderSize, OrderType } from "../../domain/Order.ts"
import { decimal, priceWords, shareCount, usd } from "./Format.ts"
import { printable } from "./Terminal.ts"

/** "SPX-REPLAY.XNYS" → "SPX-REPLAY". */
export const symbolOf = (instrumentId: string): string => instrumentId.replace(/\.[A-Z0-9]{4}$/u, "")

export const sizeWords = (size: OrderSize): string =>
  size._tag === "Quantity" ? shareCount(size.quantity) : `${usd(size.notional)} of`

export const typeWords = (type: OrderType): string => {
  switch (type._tag) {
    case "Market":
      return "market"
    case "Limit":
      return `limit ${decimal(type.limitPrice)}`
    case "NetLimit":
      return `net ${decimal(Math.abs(type.netPrice))} ${type.netPrice < 0 ? "credit" : "debit"}`
    case "StopMarket":
      return `stop ${decimal(type.stopPrice)}`
    case "StopLimit":
      return `stop ${decimal(type.stopPrice)} limit ${decimal(type.limitPrice)}`
    case "TrailingStopMarket":
      return `trailing stop ${decimal(type.trailingOffset)}`
  }
}

/** "BUY 10 AAPL limit 115.00 DAY". */
export const contentWords = (content: OrderContent): string => {
  const { bracket, ocoGroup } = content
  return [
    content.side,
    sizeWords(content.size),
    symbolOf(content.instrumentId),
    typeWords(content.type),
    content.timeInForce,
    ...(bracket?.takeProfitPrice === undefined ? [] : [`take profit ${decimal(bracket.takeProfitPrice)}`]),
    ...(bracket?.stopLossPrice === undefined ? [] : [`stop loss ${decimal(bracket.stopLossPrice)}`]),
    ...(ocoGroup === undefined ? [] : [`OCO "${printable(ocoGroup)}"`])
  ].join(" ")
}

/** Average price of an order's fills; undefined before the first. */
export const averageFill = (order: Order): string | undefined =>
  order.filledQuantity === 0
    ? undefined
    : priceWords(proportion(order.filledNotional, MICROS, order.filledQuantity))

/** An order for machines: decimals as strings, names as on the wire. */
export const orderJson = (order: Order) => {
  const { content } = order
  const { size, type } = content
  return {
    order_id: order.clientOrderId,
    ...(order.venueOrderId === undefined ? {} : { venue_order_id: order.venueOrderId }),
    status: order.status,
    instrument_id: content.instrumentId,
    symbol: symbolOf(content.instrumentId),
    side: content.side,
    type: type._tag,
    ...("limitPrice" in type ? { limit_price: formatMicros(type.limitPrice) } : {}),
    ...("stopPrice" in type ? { stop_price: formatMicros(type.stopPrice) } : {}),
    ...("trailingOffset" in type ? { trailing_offset: formatMicros(type.trailingOffset) } : {}),
    ...(size._tag === "Quantity"
      ? { quantity: formatMicros(size.quantity) }
      : { notional: formatMicros(size.notional) }),
    time_in_force: content.timeInForce,
    role: order.role,
    ...(order.parent === undefined ? {} : { parent: order.parent }),
    ...(content.bracket?.takeProfitPrice === undefined
      ? {}
      : { take_profit_price: formatMicros(content.bracket.takeProfitPrice) }),
    ...(content.bracket?.stopLossPrice === undefined
      ? {}
      : { stop_loss_price: formatMicros(content.bracket.stopLossPrice) }),
    ...(content.ocoGroup === undefined ? {} : { oco_group: content.ocoGroup }),
    quote_id: order.quoteId,
    filled_quantity: formatMicros(order.filledQuantity),
    filled_notional: formatMicros(order.filledNotional),
    fees: formatMicros(order.fees),
    ...(order.reason === undefined ? {} : { reason: order.reason }),
    ts_init: order.tsInit,
    ts_last: order.tsLast
  }
}
