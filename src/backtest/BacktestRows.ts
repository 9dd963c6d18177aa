/** The lines of a backtest's result: orders, fills, trades, trips. Money and quantities are whole micros. */
import { Schema } from "effect"
import { ClientOrderId, InstrumentId } from "../domain/Identifiers.ts"
import { Money, Price, Quantity, SignedQuantity } from "../domain/Money.ts"
import { OrderSide, OrderSize, OrderStatus, OrderType, TimeInForce } from "../domain/Order.ts"
import { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import { TradingStateCause } from "../domain/TradingState.ts"

/** An order that was asked for, as it ended. */
export const OrderRow = Schema.Struct({
  id: ClientOrderId,
  instrumentId: InstrumentId,
  side: OrderSide,
  type: OrderType,
  size: OrderSize,
  timeInForce: TimeInForce,
  status: OrderStatus,
  /** When it was decided. */
  tsEvent: Timestamp,
  filledQuantity: Quantity,
  /** The risk rule that denied it. */
  rule: Schema.optionalKey(Schema.String),
  /** Why it was denied, rejected, canceled or expired. */
  reason: Schema.optionalKey(Schema.String),
  /** Why the strategy wanted it. */
  rationale: Schema.optionalKey(Schema.String)
})
export type OrderRow = typeof OrderRow.Type

export const FillRow = Schema.Struct({
  orderId: ClientOrderId,
  instrumentId: InstrumentId,
  side: OrderSide,
  quantity: Quantity,
  price: Price,
  multiplier: Schema.Int,
  fee: Money,
  tsEvent: Timestamp
})
export type FillRow = typeof FillRow.Type

/** A position from its first fill until it was flat again, or as it stood at the end. */
export const TradeRow = Schema.Struct({
  instrumentId: InstrumentId,
  direction: Schema.Literals(["LONG", "SHORT"]),
  /** The largest it was. */
  quantity: Quantity,
  entryTime: Timestamp,
  /** Average of the fills that opened it, and of those that closed it. */
  entryPrice: Price,
  /** Absent while it was open at the end. */
  exitTime: Schema.optionalKey(Timestamp),
  exitPrice: Schema.optionalKey(Price),
  /** Fees taken off; of one that was open, at the last mark. */
  profit: Money,
  fees: Money,
  /** The deepest it was below its entry, zero or negative, and the highest above, zero or positive; fees aside. */
  mae: Money,
  mfe: Money,
  orders: Schema.Array(ClientOrderId)
})
export type TradeRow = typeof TradeRow.Type

export const DenialRow = Schema.Struct({
  rule: Schema.String,
  count: Schema.Int,
  /** The message of the first. */
  example: Schema.String
})
export type DenialRow = typeof DenialRow.Type

/** A change of the trading state. */
export const StateRow = Schema.Struct({
  date: SessionDate,
  cause: TradingStateCause,
  value: Schema.optionalKey(Schema.Finite),
  limit: Schema.optionalKey(Schema.Finite),
  equity: Money,
  reason: Schema.String
})
export type StateRow = typeof StateRow.Type

/** What was held at the end. */
export const HeldRow = Schema.Struct({
  instrumentId: InstrumentId,
  quantity: SignedQuantity,
  cost: Money,
  mark: Schema.NullOr(Price),
  value: Schema.NullOr(Money)
})
export type HeldRow = typeof HeldRow.Type

/** Orders for options, combos among them. */
export const OptionOrders = Schema.Struct({
  orders: Schema.Int,
  /** Those of them that cite a quote the volatility model made. */
  modelledOrders: Schema.Int
})
export type OptionOrders = typeof OptionOrders.Type

/** What became of options: exercises, assignments, expiries, adjustments. */
export const OptionRow = Schema.Struct({
  date: SessionDate,
  kind: Schema.Literals(["bought", "sold", "exercised", "assigned", "expired", "adjusted"]),
  symbol: Schema.String,
  quantity: Quantity,
  price: Schema.NullOr(Price),
  amount: Schema.NullOr(Money),
  note: Schema.String
})
export type OptionRow = typeof OptionRow.Type
