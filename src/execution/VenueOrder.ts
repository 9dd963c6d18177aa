/** An order as it is sent to a venue: what it is, and the names of it and of its bracket's children. */
import { Schema } from "effect"
import { ClientOrderId, InstrumentId } from "../domain/Identifiers.ts"
import { Price } from "../domain/Money.ts"
import { LegTerms, OrderLeg } from "../domain/OrderLeg.ts"
import { OrderRole, OrderSide, OrderSize, OrderType, TimeInForce } from "../domain/Order.ts"

/** Exits sent along with their entry; each has a name of its own, so that each can be canceled and reconciled. */
export const VenueBracket = Schema.Struct({
  takeProfit: Schema.optionalKey(Schema.Struct({ clientOrderId: ClientOrderId, limitPrice: Price })),
  stopLoss: Schema.optionalKey(Schema.Struct({ clientOrderId: ClientOrderId, stopPrice: Price }))
})
export type VenueBracket = typeof VenueBracket.Type

export const VenueOrder = Schema.Struct({
  clientOrderId: ClientOrderId,
  instrumentId: InstrumentId,
  side: OrderSide,
  type: OrderType,
  size: OrderSize,
  timeInForce: TimeInForce,
  /** Orders of one group cancel each other when one of them fills. */
  ocoGroup: Schema.optionalKey(Schema.NonEmptyString),
  /** Of a combo. */
  legs: Schema.optionalKey(Schema.Array(OrderLeg)),
  /** Of an order for options: what the venue may not find by their names, such as an adjusted contract's. */
  terms: Schema.optionalKey(Schema.Array(LegTerms)),
  bracket: Schema.optionalKey(VenueBracket)
})
export type VenueOrder = typeof VenueOrder.Type

/** A bracket's exit as the order it will be once its entry fills. */
export const BracketChild = Schema.Struct({
  clientOrderId: ClientOrderId,
  role: OrderRole,
  parent: ClientOrderId,
  /** The other exit, if there is one. */
  sibling: Schema.optionalKey(ClientOrderId),
  instrumentId: InstrumentId,
  side: OrderSide,
  type: OrderType,
  size: OrderSize,
  timeInForce: TimeInForce
})
export type BracketChild = typeof BracketChild.Type

const childless: ReadonlyArray<BracketChild> = []

/**
 * The exits of an order's bracket, take-profit first; none without a bracket.
 *
 * They stand on the other side, at the entry's size until its fills say what
 * there is to exit from, and are GTC whatever the entry is: a stop loss that
 * lapsed at the close would leave the position bare overnight.
 */
export const bracketChildren = (entry: VenueOrder): ReadonlyArray<BracketChild> => {
  if (entry.bracket === undefined) return childless
  const common = {
    parent: entry.clientOrderId,
    instrumentId: entry.instrumentId,
    side: entry.side === "BUY" ? ("SELL" as const) : ("BUY" as const),
    size: entry.size,
    timeInForce: "GTC" as const
  }
  const takeProfit = entry.bracket.takeProfit
  const stopLoss = entry.bracket.stopLoss
  const children: Array<BracketChild> = []
  if (takeProfit !== undefined) {
    children.push({
      ...common,
      clientOrderId: takeProfit.clientOrderId,
      role: "TAKE_PROFIT",
      type: { _tag: "Limit", limitPrice: takeProfit.limitPrice },
      ...(stopLoss === undefined ? {} : { sibling: stopLoss.clientOrderId })
    })
  }
  if (stopLoss !== undefined) {
    children.push({
      ...common,
      clientOrderId: stopLoss.clientOrderId,
      role: "STOP_LOSS",
      type: { _tag: "StopMarket", stopPrice: stopLoss.stopPrice },
      ...(takeProfit === undefined ? {} : { sibling: takeProfit.clientOrderId })
    })
  }
  return children
}
