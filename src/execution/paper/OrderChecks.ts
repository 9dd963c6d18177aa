/** What a venue refuses in an order or a replacement, as one sentence; undefined when there is nothing to refuse. */
import type { Instrument } from "../../domain/Instrument.ts"
import { formatMicros } from "../../domain/Money.ts"
import type { OrderSize, OrderType } from "../../domain/Order.ts"
import type { VenueOrder } from "../VenueOrder.ts"
import type { OrderRecord } from "./MatchingState.ts"

/** Refusals that depend on the order and its instrument alone. */
export const problemWithOrder = (
  order: VenueOrder,
  instrument: Instrument,
  marketOpen: boolean
): string | undefined =>
  problemWithTimeInForce(order, marketOpen) ??
  problemWithType(order.type, instrument) ??
  problemWithSize(order.size, instrument) ??
  problemWithBracket(order, instrument)

/** Refusals of a replacement; the order is working. */
export const problemWithReplacement = (
  order: OrderRecord,
  instrument: Instrument,
  type: OrderType,
  size: OrderSize
): string | undefined => {
  if (type._tag !== order.type._tag) {
    return `a ${order.type._tag} order cannot become a ${type._tag} order: cancel it and send another`
  }
  if (order.triggered && type._tag !== "StopLimit") {
    return "its stop has been touched: it is trading as a market order already"
  }
  const problem = problemWithType(type, instrument)
  if (problem !== undefined || order.parent !== undefined) return problem
  if (size._tag !== order.size._tag) {
    return `its size is by ${order.size._tag.toLowerCase()} and stays so: cancel it and send another`
  }
  const done = size._tag === "Quantity" ? order.filledQuantity : order.filledNotional
  const asked = size._tag === "Quantity" ? size.quantity : size.notional
  if (done > 0 && asked <= done) {
    return `the new size ${formatMicros(asked)} is not above what has traded, ${formatMicros(done)}`
  }
  return problemWithSize(size, instrument)
}

const problemWithTimeInForce = (order: VenueOrder, marketOpen: boolean): string | undefined => {
  const { timeInForce, type } = order
  const isStop = type._tag !== "Market" && type._tag !== "Limit"
  if (isStop && timeInForce !== "DAY" && timeInForce !== "GTC") {
    return `a ${type._tag} order waits for its price: its time in force is DAY or GTC, not ${timeInForce}`
  }
  if ((timeInForce === "IOC" || timeInForce === "FOK") && !marketOpen) {
    return `the market is closed: an ${timeInForce} order needs a quote to trade on at once`
  }
  return undefined
}

const problemWithType = (type: OrderType, instrument: Instrument): string | undefined => {
  switch (type._tag) {
    case "Market":
      return undefined
    case "NetLimit":
      return "a net price is of a combo: an order for one instrument takes a limit price"
    case "Limit":
      return problemWithPrice("limit price", type.limitPrice, instrument)
    case "StopMarket":
      return problemWithPrice("stop price", type.stopPrice, instrument)
    case "StopLimit":
      return (
        problemWithPrice("stop price", type.stopPrice, instrument) ??
        problemWithPrice("limit price", type.limitPrice, instrument)
      )
    case "TrailingStopMarket":
      return problemWithPrice("trailing offset", type.trailingOffset, instrument)
  }
}

const problemWithPrice = (what: string, value: number, instrument: Instrument): string | undefined =>
  problemWithMultiple(what, value, "price increment", instrument.priceIncrement, instrument)

const problemWithSize = (size: OrderSize, instrument: Instrument): string | undefined => {
  if (size._tag === "Quantity") {
    return problemWithMultiple(
      "quantity",
      size.quantity,
      "size increment",
      instrument.sizeIncrement,
      instrument
    )
  }
  return size.notional > 0
    ? undefined
    : `the notional is ${formatMicros(size.notional)}: it has to be above zero`
}

const problemWithMultiple = (
  what: string,
  value: number,
  incrementName: string,
  increment: number,
  instrument: Instrument
): string | undefined => {
  if (value > 0 && value % increment === 0) return undefined
  const step = formatMicros(increment)
  return `${what} ${formatMicros(value)} is not a positive multiple of ${instrument.symbol}'s ${incrementName} ${step}`
}

const problemWithBracket = (order: VenueOrder, instrument: Instrument): string | undefined => {
  const takeProfit = order.bracket?.takeProfit
  const stopLoss = order.bracket?.stopLoss
  const problem =
    (takeProfit && problemWithPrice("take-profit price", takeProfit.limitPrice, instrument)) ??
    (stopLoss && problemWithPrice("stop-loss price", stopLoss.stopPrice, instrument))
  if (problem !== undefined || takeProfit === undefined || stopLoss === undefined) return problem
  const gain = takeProfit.limitPrice - stopLoss.stopPrice
  if (order.side === "BUY" ? gain > 0 : gain < 0) return undefined
  const place = order.side === "BUY" ? "above" : "below"
  const prices = [takeProfit.limitPrice, stopLoss.stopPrice].map((value) => formatMicros(value))
  return `a ${order.side} order's take-profit ${prices[0]} has to lie ${place} its stop-loss ${prices[1]}`
}
