/** What a venue refuses in an order or a replacement, as one sentence; undefined when there is nothing to refuse. */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { Instrument } from "../../domain/Instrument.ts"
import { unfitLegs } from "../../domain/LegFit.ts"
import { formatMicros, MAX_QUANTITY_MICROS, MICROS } from "../../domain/Money.ts"
import type { OrderSize, OrderType } from "../../domain/Order.ts"
import { MAX_LEG_RATIO, MAX_LEGS, type OrderLeg } from "../../domain/OrderLeg.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { lastTradingTime } from "../../market/ContractTime.ts"
import type { MarketNow } from "./MarketMoves.ts"
import type { VenueOrder } from "../VenueOrder.ts"
import type { OrderRecord } from "./MatchingState.ts"

/** Refusals that depend on the order and its instrument alone. */
export const problemWithOrder = (
  order: VenueOrder,
  instrument: Instrument,
  market: MarketNow
): string | undefined =>
  problemWithTrading(instrument, market.now) ??
  problemWithTimeInForce(order, market.marketOpen) ??
  problemWithType(order.type, instrument) ??
  problemWithSize(order.size, instrument) ??
  problemWithBracket(order, instrument)

/** Smallest step of a net price: a cent. */
const NET_INCREMENT = 10_000

/** Refusals of an order for several legs; `instrument` finds what each leg is. */
export const problemWithCombo = (
  order: VenueOrder,
  legs: ReadonlyArray<OrderLeg>,
  instrument: (id: InstrumentId) => Instrument | undefined,
  market: MarketNow
): string | undefined =>
  problemWithTerms(order) ??
  problemWithLegs(legs, instrument, market.now) ??
  problemWithTimeInForce(order, market.marketOpen) ??
  problemWithNet(order.type) ??
  problemWithUnits(order.size, legs)

const problemWithTerms = ({ bracket, ocoGroup, side, timeInForce }: VenueOrder): string | undefined => {
  if (side !== "BUY") return "a combo is bought: its legs say what is sold"
  if (bracket !== undefined) return "a combo takes no bracket"
  if (ocoGroup !== undefined) return "a combo joins no OCO group"
  if (timeInForce === "AT_THE_CLOSE") return "a combo has no closing auction: its time in force is another"
  return undefined
}

const problemWithLegs = (
  legs: ReadonlyArray<OrderLeg>,
  instrument: (id: InstrumentId) => Instrument | undefined,
  now: Timestamp
): string | undefined => {
  if (legs.length < 2 || legs.length > MAX_LEGS) {
    return `a combo has 2 to ${MAX_LEGS} legs, this one ${legs.length}`
  }
  const instruments: Array<Instrument> = []
  for (const { instrumentId, ratio } of legs) {
    const known = instrument(instrumentId)
    if (known === undefined) return `no instrument ${instrumentId} at this venue`
    if (!Number.isInteger(ratio) || ratio < 1 || ratio > MAX_LEG_RATIO) {
      return `the ratio of ${instrumentId} is ${ratio}: it is a whole number from 1 to ${MAX_LEG_RATIO}`
    }
    const problem = problemWithTrading(known, now)
    if (problem !== undefined) return problem
    instruments.push(known)
  }
  return unfitLegs(instruments)
}

const problemWithTrading = (instrument: Instrument, now: Timestamp): string | undefined => {
  if (instrument._tag !== "Option") return undefined
  const last = lastTradingTime(instrument.contract)
  return last !== undefined && now >= last ? `${instrument.symbol} has stopped trading` : undefined
}

const problemWithNet = (type: OrderType): string | undefined => {
  if (type._tag === "Market") return undefined
  if (type._tag !== "NetLimit")
    return `a combo is a market order or takes a net price, not a ${type._tag} order`
  return type.netPrice % NET_INCREMENT === 0
    ? undefined
    : `net price ${formatMicros(type.netPrice)} is not on a cent`
}

const problemWithUnits = (size: OrderSize, legs: ReadonlyArray<OrderLeg>): string | undefined => {
  if (size._tag !== "Quantity") return "a combo is sized in units, not by notional"
  const units = size.quantity
  if (!(units > 0) || units % MICROS !== 0) {
    return `quantity ${formatMicros(units)} is not a positive number of whole units`
  }
  const most = Math.max(...legs.map(({ ratio }) => ratio))
  return units * most <= MAX_QUANTITY_MICROS
    ? undefined
    : `quantity ${formatMicros(units)} makes a leg of more than ${formatMicros(MAX_QUANTITY_MICROS)}`
}

/** Refusals of a replacement of a working combo. */
export const problemWithComboReplacement = (
  order: OrderRecord,
  legs: ReadonlyArray<OrderLeg>,
  type: OrderType,
  size: OrderSize
): string | undefined => problemWithKind(order, type) ?? problemWithNet(type) ?? problemWithUnits(size, legs)

const problemWithKind = (order: OrderRecord, type: OrderType): string | undefined =>
  type._tag === order.type._tag
    ? undefined
    : `a ${order.type._tag} order cannot become a ${type._tag} order: cancel it and send another`

/** Refusals of a replacement; the order is working. */
export const problemWithReplacement = (
  order: OrderRecord,
  instrument: Instrument,
  type: OrderType,
  size: OrderSize
): string | undefined => {
  const otherKind = problemWithKind(order, type)
  if (otherKind !== undefined) return otherKind
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
  const isStop = type._tag !== "Market" && type._tag !== "Limit" && type._tag !== "NetLimit"
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
