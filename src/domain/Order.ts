/** Orders as they are asked for, and as they stand. */
import { Schema } from "effect"
import { ClientOrderId, InstrumentId, QuoteId, VenueOrderId } from "./Identifiers.ts"
import { Money, NetPrice, Price, Quantity } from "./Money.ts"
import { MAX_LEGS, OrderLeg } from "./OrderLeg.ts"
import { Timestamp } from "./Timestamp.ts"

export const OrderSide = Schema.Literals(["BUY", "SELL"])
export type OrderSide = typeof OrderSide.Type

export const timesInForce = ["DAY", "GTC", "IOC", "FOK", "AT_THE_OPEN", "AT_THE_CLOSE"] as const
export const TimeInForce = Schema.Literals(timesInForce)
export type TimeInForce = typeof TimeInForce.Type

export const OrderType = Schema.TaggedUnion({
  Market: {},
  Limit: { limitPrice: Price },
  /** Of a combo: what it may cost at most; negative for a credit, what it has to bring at least. */
  NetLimit: { netPrice: NetPrice },
  StopMarket: { stopPrice: Price },
  StopLimit: { stopPrice: Price, limitPrice: Price },
  /** The stop follows the best price since it was accepted at this distance. */
  TrailingStopMarket: { trailingOffset: Price }
})
export type OrderType = typeof OrderType.Type

/** By quantity, or by an amount of money whose quantity is set at the fill. */
export const OrderSize = Schema.TaggedUnion({
  Quantity: { quantity: Quantity },
  Notional: { notional: Money }
})
export type OrderSize = typeof OrderSize.Type

/** Exits that the venue holds back until the entry fills; one cancels the other. */
export const Bracket = Schema.Struct({
  takeProfitPrice: Schema.optionalKey(Price),
  stopLossPrice: Schema.optionalKey(Price)
})
export type Bracket = typeof Bracket.Type

/** What defines an order: two orders of the same content citing the same quote are the same intention. */
export const OrderContent = Schema.Struct({
  instrumentId: InstrumentId,
  side: OrderSide,
  type: OrderType,
  size: OrderSize,
  timeInForce: TimeInForce,
  bracket: Schema.optionalKey(Bracket),
  /** Orders of one group cancel each other when one of them fills. */
  ocoGroup: Schema.optionalKey(Schema.NonEmptyString),
  /** Of a combo, whose `instrumentId` is `comboId` of them and whose side is BUY; all of them fill or none. */
  legs: Schema.optionalKey(
    Schema.Array(OrderLeg).pipe(Schema.check(Schema.isMinLength(2), Schema.isMaxLength(MAX_LEGS)))
  )
})
export type OrderContent = typeof OrderContent.Type

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: object): Fields => Object.fromEntries(Object.entries(value))

/** The same fields with the same values, at every depth; lists in the same order. */
const sameFields = (a: Fields, b: Fields): boolean => {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameValue(a[name], b[name]))
  )
}

const sameValue = (a: unknown, b: unknown): boolean =>
  typeof a === "object" && a !== null && typeof b === "object" && b !== null
    ? Array.isArray(a) === Array.isArray(b) && sameFields(fieldsOf(a), fieldsOf(b))
    : a === b

/** True when two orders do the same. A field that one of them leaves out is not the same as any value. */
export const sameContent = (a: OrderContent, b: OrderContent): boolean => sameFields(a, b)

/** An order as a program asks for it. */
export const OrderRequest = Schema.Struct({
  ...OrderContent.fields,
  /** The quote it was decided on; of a combo `comboQuoteId` of its legs' quotes. */
  quoteId: QuoteId,
  /** Of a combo: the quote of each leg, in their order. */
  legQuoteIds: Schema.optionalKey(Schema.Array(QuoteId)),
  /** Given by the caller, or made from the content. */
  clientOrderId: Schema.optionalKey(ClientOrderId),
  /** A deliberate repeat: not a duplicate of an order with the same content. */
  repeat: Schema.optionalKey(Schema.Boolean),
  /** Why, in a sentence; kept in the audit log. */
  rationale: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(2000))))
})
export type OrderRequest = typeof OrderRequest.Type

export const orderStatuses = [
  "Initialized",
  "Denied",
  "Submitted",
  "Accepted",
  "Rejected",
  "PartiallyFilled",
  "Filled",
  "PendingCancel",
  "Canceled",
  "Expired",
  "Unknown"
] as const
export const OrderStatus = Schema.Literals(orderStatuses)
export type OrderStatus = typeof OrderStatus.Type

/** Which part an order plays: a bracket's children name their entry. */
export const OrderRole = Schema.Literals(["ENTRY", "TAKE_PROFIT", "STOP_LOSS"])
export type OrderRole = typeof OrderRole.Type

/** An order as it stands: the fold of its events. */
export const Order = Schema.Struct({
  clientOrderId: ClientOrderId,
  venueOrderId: Schema.optionalKey(VenueOrderId),
  content: OrderContent,
  quoteId: QuoteId,
  role: OrderRole,
  /** The entry a bracket's child belongs to. */
  parent: Schema.optionalKey(ClientOrderId),
  status: OrderStatus,
  /** Of a combo: units. */
  filledQuantity: Quantity,
  /** Price × quantity over all fills; of a combo what it cost, negative where it brought money. */
  filledNotional: Money,
  fees: Money,
  /** Why it was denied, rejected, canceled or is unknown. */
  reason: Schema.optionalKey(Schema.String),
  /** Market time when it was asked for, and of its last event. */
  tsInit: Timestamp,
  tsLast: Timestamp
})
export type Order = typeof Order.Type

const terminal: ReadonlySet<OrderStatus> = new Set(["Denied", "Rejected", "Filled", "Canceled", "Expired"])

/** True when no further event can follow. */
export const isTerminal = (status: OrderStatus): boolean => terminal.has(status)

/** +1 for a buy, −1 for a sell. */
export const signOf = (side: OrderSide): 1 | -1 => (side === "BUY" ? 1 : -1)
