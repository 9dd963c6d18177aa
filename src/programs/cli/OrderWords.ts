/** Orders in a few words. */
import { isOptionId } from "../../domain/Identifiers.ts"
import { formatMicros, MICROS, proportion } from "../../domain/Money.ts"
import type { Order, OrderContent, OrderSize, OrderType } from "../../domain/Order.ts"
import { COMBO_MULTIPLIER } from "../../domain/OrderLeg.ts"
import { OPTION_MULTIPLIER } from "../../domain/OptionContract.ts"
import { decimal, priceWords, shareCount, usd } from "./Format.ts"
import { structureOf, structureWords, symbolOf } from "./LegWords.ts"
import { printable } from "./Terminal.ts"

export { symbolOf } from "./LegWords.ts"

export const sizeWords = (size: OrderSize): string =>
  size._tag === "Quantity" ? shareCount(size.quantity) : `${usd(size.notional)} of`

/** "0.85 credit", "1.20 debit"; nothing either way is "even". */
export const netWords = (netPrice: number): string => {
  if (netPrice === 0) return "even"
  return `${decimal(Math.abs(netPrice))} ${netPrice < 0 ? "credit" : "debit"}`
}

export const typeWords = (type: OrderType): string => {
  switch (type._tag) {
    case "Market":
      return "market"
    case "Limit":
      return `limit ${decimal(type.limitPrice)}`
    case "NetLimit":
      return `net ${netWords(type.netPrice)}`
    case "StopMarket":
      return `stop ${decimal(type.stopPrice)}`
    case "StopLimit":
      return `stop ${decimal(type.stopPrice)} limit ${decimal(type.limitPrice)}`
    case "TrailingStopMarket":
      return `trailing stop ${decimal(type.trailingOffset)}`
  }
}

/** "BUY 10 AAPL limit 115.00 DAY", "2 × AAPL bull put vertical 2014-06-13 90/85, net 0.85 credit, DAY". */
export const contentWords = (content: OrderContent): string => {
  const { bracket, legs, ocoGroup, size, timeInForce, type } = content
  if (legs !== undefined) {
    return [`${sizeWords(size)} × ${structureWords(legs)}`, typeWords(type), timeInForce].join(", ")
  }
  return [
    content.side,
    sizeWords(size),
    symbolOf(content.instrumentId),
    typeWords(type),
    timeInForce,
    ...(bracket?.takeProfitPrice === undefined ? [] : [`take profit ${decimal(bracket.takeProfitPrice)}`]),
    ...(bracket?.stopLossPrice === undefined ? [] : [`stop loss ${decimal(bracket.stopLossPrice)}`]),
    ...(ocoGroup === undefined ? [] : [`OCO "${printable(ocoGroup)}"`])
  ].join(" ")
}

/** What the price of a share is multiplied by in what an order costs. */
const multiplierOf = ({ instrumentId, legs }: OrderContent): number => {
  if (legs !== undefined) return COMBO_MULTIPLIER
  return isOptionId(instrumentId) ? OPTION_MULTIPLIER : 1
}

/**
 * Average price of an order's fills, micros of dollars a share; undefined before the first. Of an order with legs the
 * net price: negative for a credit.
 */
export const averageOf = ({ content, filledNotional, filledQuantity }: Order): number | undefined =>
  filledQuantity === 0
    ? undefined
    : proportion(filledNotional, MICROS, filledQuantity * multiplierOf(content))

/** Average price of an order's fills in words; undefined before the first. */
export const averageFill = (order: Order): string | undefined => {
  const average = averageOf(order)
  if (average === undefined) return undefined
  return order.content.legs === undefined ? priceWords(average) : `net ${netWords(average)}`
}

/** The legs of an order for machines, and what they make. */
const legsJson = (legs: OrderContent["legs"]) =>
  legs === undefined
    ? {}
    : {
        structure: structureOf(legs).title,
        legs: legs.map(({ instrumentId, ratio, side }) => ({
          instrument_id: instrumentId,
          symbol: symbolOf(instrumentId),
          side,
          ratio
        }))
      }

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
    ...legsJson(content.legs),
    ...("limitPrice" in type ? { limit_price: formatMicros(type.limitPrice) } : {}),
    ...("netPrice" in type ? { net_price: formatMicros(type.netPrice) } : {}),
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
