/**
 * What the matching core remembers, as plain data: one JSON document that can
 * be stored between processes. Restored, the core goes on exactly as if it had
 * never stopped.
 */
import { Schema, type Types } from "effect"
import { ClientOrderId, InstrumentId, VenueOrderId } from "../../domain/Identifiers.ts"
import { Money, Price, Quantity } from "../../domain/Money.ts"
import { OptionContract } from "../../domain/OptionContract.ts"
import { OrderLeg } from "../../domain/OrderLeg.ts"
import { OrderRole, OrderSide, OrderSize, OrderType, TimeInForce } from "../../domain/Order.ts"
import { QuoteSource } from "../../domain/Quote.ts"
import { Timestamp } from "../../domain/Timestamp.ts"

const Count = Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))

/** A market's volume can pass the largest quantity of an order. */
const Volume = Schema.Finite.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)), Schema.brand("Quantity"))

/** `MarketTick` as stored. */
const StoredTick = Schema.Struct({
  instrumentId: InstrumentId,
  tsEvent: Timestamp,
  phase: Schema.Literals(["OPEN", "CONTINUOUS", "CLOSE"]),
  bid: Price,
  ask: Price,
  last: Price,
  bidSize: Volume,
  askSize: Volume,
  volume: Volume,
  source: QuoteSource
})

/** One order the venue may still act on, or has ended. */
export const OrderRecord = Schema.Struct({
  clientOrderId: ClientOrderId,
  venueOrderId: VenueOrderId,
  instrumentId: InstrumentId,
  side: OrderSide,
  /** As asked for, or as last replaced. */
  type: OrderType,
  size: OrderSize,
  timeInForce: TimeInForce,
  role: OrderRole,
  ocoGroup: Schema.optionalKey(Schema.NonEmptyString),
  /** Of a combo, which stands in no instrument's book. */
  legs: Schema.optionalKey(Schema.Array(OrderLeg)),
  /** A bracket's child names its entry and the other exit, an entry its children. */
  parent: Schema.optionalKey(ClientOrderId),
  sibling: Schema.optionalKey(ClientOrderId),
  children: Schema.Array(ClientOrderId),
  status: Schema.Literals(["Accepted", "PartiallyFilled", "Filled", "Canceled", "Expired"]),
  /** Of a combo: units. */
  filledQuantity: Quantity,
  /** Price × quantity (× multiplier) over its fills; of a combo what it cost, negative where it brought money. */
  filledNotional: Money,
  /** Charged so far. */
  fees: Money,
  /** A bracket's child before its entry's first fill. */
  held: Schema.Boolean,
  /** A stop that has been touched. */
  triggered: Schema.Boolean,
  /** By which tick of its instrument, by number; 0 before. */
  triggeredOn: Count,
  /** A trailing stop's best last price since it was accepted; null before the first. */
  extreme: Schema.NullOr(Price),
  /** Lower goes first among equals. */
  priority: Count,
  /** An AT_THE_OPEN order sent in an open session waits for the next one's opening. */
  waitsForNextSession: Schema.Boolean,
  tsAccepted: Timestamp,
  /** Of its last event. */
  tsLast: Timestamp
})
export type OrderRecord = Types.Mutable<typeof OrderRecord.Type>

const BookState = Schema.Struct({
  instrumentId: InstrumentId,
  /** The last tick seen. */
  tick: Schema.optionalKey(StoredTick),
  /** How many ticks there were. */
  sequence: Count,
  /** What our orders took of the last tick's volume. */
  taken: Quantity,
  /** The last tick's session is over. */
  closed: Schema.Boolean,
  /** Of a contract that an order had to describe, its terms not being in its name. */
  terms: Schema.optionalKey(Schema.Struct({ contract: OptionContract, multiplier: Schema.Int }))
})

export const MatchingState = Schema.Struct({
  /** Numbers the next order, fill and place in the queue get. */
  nextOrder: Count,
  nextTrade: Count,
  nextPriority: Count,
  /** In the order they were accepted. */
  working: Schema.Array(OrderRecord),
  /** Ended orders not yet forgotten, oldest first. */
  ended: Schema.Array(OrderRecord),
  /** Orders the venue did not take, by name, so that they stay refused when sent again. */
  rejected: Schema.Array(Schema.Struct({ clientOrderId: ClientOrderId, tsRejected: Timestamp })),
  /** OCO groups one of whose orders has filled: nothing joins them any more. */
  filledGroups: Schema.Array(Schema.Struct({ group: Schema.NonEmptyString, tsFilled: Timestamp })),
  books: Schema.Array(BookState)
})
export type MatchingState = typeof MatchingState.Type

/** A venue that has seen nothing. */
export const emptyMatchingState: MatchingState = {
  nextOrder: 1,
  nextTrade: 1,
  nextPriority: 1,
  working: [],
  ended: [],
  rejected: [],
  filledGroups: [],
  books: []
}

/** True while the venue may still act on it. */
export const isWorking = (order: OrderRecord): boolean =>
  order.status === "Accepted" || order.status === "PartiallyFilled"
