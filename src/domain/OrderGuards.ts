/** Guards of the vocabulary: identifiers, amounts, orders, quotes, instruments. See `Guard.ts`. */
import { type Guard, isFilledText, isFlag, isText, isWhole, list, oneOf, struct, tagged } from "./Guard.ts"
import type {
  AccountId,
  ClientOrderId,
  InstrumentId,
  QuoteId,
  Symbol,
  TradeId,
  VenueOrderId
} from "./Identifiers.ts"
import type { Instrument } from "./Instrument.ts"
import {
  MAX_PRICE_MICROS,
  MAX_QUANTITY_MICROS,
  type Money,
  type NetPrice,
  type Price,
  type Quantity,
  type SignedQuantity
} from "./Money.ts"
import {
  type Order,
  type OrderContent,
  orderStatuses,
  type OrderSize,
  type OrderType,
  timesInForce
} from "./Order.ts"
import type { OptionContract } from "./OptionContract.ts"
import { type LegTerms, MAX_LEG_RATIO, MAX_LEGS } from "./OrderLeg.ts"
import { type QuoteTick, quoteSources } from "./Quote.ts"
import type { SessionDate, Timestamp } from "./Timestamp.ts"

const matches = (pattern: RegExp, value: unknown): boolean => typeof value === "string" && pattern.test(value)

export const isSymbol: Guard<Symbol> = (value): value is Symbol =>
  matches(/^[A-Z0-9][A-Z0-9 _^/-]{0,31}$/u, value)
export const isInstrumentId: Guard<InstrumentId> = (value): value is InstrumentId =>
  matches(/^[A-Z0-9][A-Z0-9 _^/-]{0,31}\.[A-Z0-9]{4}$/u, value)
export const isClientOrderId: Guard<ClientOrderId> = (value): value is ClientOrderId =>
  matches(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/u, value)
export const isQuoteId: Guard<QuoteId> = (value): value is QuoteId => matches(/^q-[0-9a-f]{16}$/u, value)
export const isAccountId: Guard<AccountId> = (value): value is AccountId =>
  matches(/^[a-z0-9][a-z0-9-]{0,47}$/u, value)
export const isVenueOrderId: Guard<VenueOrderId> = (value): value is VenueOrderId => isFilledText(value)
export const isTradeId: Guard<TradeId> = (value): value is TradeId => isFilledText(value)
export const isSessionDate: Guard<SessionDate> = (value): value is SessionDate =>
  matches(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/u, value)

const isBetween = (value: unknown, least: number, most: number): boolean =>
  isWhole(value) && value >= least && value <= most

export const isTimestamp: Guard<Timestamp> = (value): value is Timestamp => isWhole(value)
export const isPrice: Guard<Price> = (value): value is Price => isBetween(value, 0, MAX_PRICE_MICROS)
export const isNetPrice: Guard<NetPrice> = (value): value is NetPrice =>
  isBetween(value, -MAX_PRICE_MICROS, MAX_PRICE_MICROS)
export const isQuantity: Guard<Quantity> = (value): value is Quantity =>
  isBetween(value, 0, MAX_QUANTITY_MICROS)
export const isSignedQuantity: Guard<SignedQuantity> = (value): value is SignedQuantity => isWhole(value)
export const isMoney: Guard<Money> = (value): value is Money => isWhole(value)
export const isMultiplier: Guard<number> = (value): value is number =>
  isBetween(value, 1, Number.MAX_SAFE_INTEGER)

export const isSide = oneOf("BUY", "SELL")
export const isTimeInForce = oneOf(...timesInForce)
export const isRole = oneOf("ENTRY", "TAKE_PROFIT", "STOP_LOSS")

export const isOrderType: Guard<OrderType> = tagged({
  Market: struct({}),
  Limit: struct({ limitPrice: isPrice }),
  NetLimit: struct({ netPrice: isNetPrice }),
  StopMarket: struct({ stopPrice: isPrice }),
  StopLimit: struct({ stopPrice: isPrice, limitPrice: isPrice }),
  TrailingStopMarket: struct({ trailingOffset: isPrice })
})

export const isOrderSize: Guard<OrderSize> = tagged({
  Quantity: struct({ quantity: isQuantity }),
  Notional: struct({ notional: isMoney })
})

export const isContract: Guard<OptionContract> = struct({
  underlying: isInstrumentId,
  right: oneOf("CALL", "PUT"),
  strike: isPrice,
  expiry: isSessionDate,
  style: oneOf("AMERICAN", "EUROPEAN"),
  settlement: oneOf("PHYSICAL", "CASH"),
  expirySession: oneOf("PM", "AM"),
  deliverable: isQuantity,
  deliverableCash: isMoney
})

const isRatio: Guard<number> = (value): value is number => isBetween(value, 1, MAX_LEG_RATIO)
const leg = { instrumentId: isInstrumentId, side: isSide, ratio: isRatio }
const isLegs = list(struct(leg))

export const isOrderLegs: Guard<NonNullable<OrderContent["legs"]>> = (
  value
): value is NonNullable<OrderContent["legs"]> =>
  isLegs(value) && value.length >= 2 && value.length <= MAX_LEGS

export const isLegTerms: Guard<LegTerms> = struct({ ...leg, multiplier: isWhole }, { contract: isContract })

export const isOrderContent: Guard<OrderContent> = struct(
  {
    instrumentId: isInstrumentId,
    side: isSide,
    type: isOrderType,
    size: isOrderSize,
    timeInForce: isTimeInForce
  },
  {
    bracket: struct({}, { takeProfitPrice: isPrice, stopLossPrice: isPrice }),
    ocoGroup: isFilledText,
    legs: isOrderLegs
  }
)

const isStatus = oneOf(...orderStatuses)

export const isOrder: Guard<Order> = struct(
  {
    clientOrderId: isClientOrderId,
    content: isOrderContent,
    quoteId: isQuoteId,
    role: isRole,
    status: isStatus,
    filledQuantity: isQuantity,
    filledNotional: isMoney,
    fees: isMoney,
    tsInit: isTimestamp,
    tsLast: isTimestamp
  },
  { venueOrderId: isVenueOrderId, parent: isClientOrderId, reason: isText }
)

export const isQuoteSource = oneOf(...quoteSources)

export const isQuote: Guard<QuoteTick> = struct({
  quoteId: isQuoteId,
  instrumentId: isInstrumentId,
  bid: isPrice,
  ask: isPrice,
  last: isPrice,
  bidSize: isQuantity,
  askSize: isQuantity,
  tsEvent: isTimestamp,
  tsInit: isTimestamp,
  source: isQuoteSource,
  modelled: list(oneOf("bid", "ask", "sizes", "last"))
})

const common = {
  id: isInstrumentId,
  symbol: isSymbol,
  name: isFilledText,
  currency: oneOf("USD"),
  priceIncrement: isPrice,
  sizeIncrement: isQuantity,
  multiplier: isMultiplier,
  paperOnly: isFlag,
  caveats: list(isFilledText)
}

export const isInstrument: Guard<Instrument> = tagged({
  Equity: struct(common),
  Index: struct(common),
  Option: struct({
    ...common,
    contract: isContract
  })
})
