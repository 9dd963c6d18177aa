/**
 * Everything that happens to a desk's book, as values.
 *
 * The book (orders, positions, cash, trading state) is the fold of these
 * events: the journal holds them in order, the audit log holds them whole, and
 * either is enough to rebuild the other. Prices, quantities and money are
 * integers in millionths; times are UTC microseconds of market time.
 */
import { Schema } from "effect"
import { Caller } from "./Actor.ts"
import { AccountId, ClientOrderId, InstrumentId, QuoteId, TradeId, VenueOrderId } from "./Identifiers.ts"
import { Money, NetPrice, Price, Quantity, SignedQuantity } from "./Money.ts"
import { OptionContract } from "./OptionContract.ts"
import { OrderContent, OrderRole, OrderSide, OrderSize, OrderType } from "./Order.ts"
import { LegTerms } from "./OrderLeg.ts"
import { QuoteTick } from "./Quote.ts"
import { SessionDate, Timestamp } from "./Timestamp.ts"
import { TradingState, TradingStateCause } from "./TradingState.ts"
import { Verdict } from "./Verdict.ts"

const order = { clientOrderId: ClientOrderId, tsEvent: Timestamp }
const account = { tsEvent: Timestamp }

/** How an option ended by exercise: the contracts that left the books, and what came for them. */
const optionEnd = {
  ...account,
  /** Of the contracts that leave. */
  tradeId: TradeId,
  instrumentId: InstrumentId,
  contract: OptionContract,
  multiplier: Schema.Int,
  /** Contracts, without sign. */
  quantity: Quantity,
  /** The underlying's price it was decided at. */
  settlementPrice: Price,
  fee: Money,
  reason: Schema.String,
  /** The shares that changed hands, of a contract settled in them. */
  delivery: Schema.optionalKey(
    Schema.Struct({
      tradeId: TradeId,
      instrumentId: InstrumentId,
      side: OrderSide,
      quantity: Quantity,
      /** Paid for them in all when bought, received when sold: the strike, less what cash came with them. */
      amount: Money
    })
  ),
  /** Received when positive, paid when negative, of a contract settled in cash. */
  cash: Schema.optionalKey(Money)
}

/** What a venue can answer; the matching core emits these, the broker journals them. */
const venueEvents = {
  OrderAccepted: { ...order, venueOrderId: VenueOrderId },
  OrderRejected: { ...order, reason: Schema.String },
  /** A stop was touched; it works as a market or limit order from here. */
  OrderTriggered: order,
  /** A replacement took effect. */
  OrderUpdated: { ...order, type: OrderType, size: OrderSize },
  /** The venue would not cancel or replace. */
  OrderCancelRejected: { ...order, reason: Schema.String },
  OrderCanceled: { ...order, reason: Schema.String },
  OrderExpired: { ...order, reason: Schema.String },
  OrderFilled: {
    ...order,
    tradeId: TradeId,
    instrumentId: InstrumentId,
    side: OrderSide,
    quantity: Quantity,
    price: Price,
    fee: Money,
    multiplier: Schema.Int,
    /** Of an option. */
    contract: Schema.optionalKey(OptionContract),
    /** On the last leg's fill of a combo: how many units of it are complete with it. Absent on the other legs'. */
    units: Schema.optionalKey(Quantity),
    /** True when the order is complete. */
    final: Schema.Boolean
  }
}

export const VenueEvent = Schema.TaggedUnion(venueEvents)
export type VenueEvent = typeof VenueEvent.Type
export type OrderFilled = Extract<VenueEvent, { readonly _tag: "OrderFilled" }>

export const JournalEvent = Schema.TaggedUnion({
  ...venueEvents,
  /** An order was asked for: its content, the quote it cites, and what every rule said of it. */
  OrderInitialized: {
    ...order,
    content: OrderContent,
    role: OrderRole,
    parent: Schema.optionalKey(ClientOrderId),
    quoteId: QuoteId,
    /** Absent when the desk never gave out such a quote; the order is denied then. */
    quote: Schema.optionalKey(QuoteTick),
    /** Price at which limits count it until it fills: the quote plus the collar for buys. */
    valuePrice: Price,
    /** What the price of a unit is multiplied by. */
    multiplier: Schema.Int,
    /** Of an order for options: its legs' terms; the one contract of an order without legs. */
    terms: Schema.optionalKey(Schema.Array(LegTerms)),
    /** Of a combo: the net price at which limits count it until it fills. */
    netValue: Schema.optionalKey(NetPrice),
    /** Of a combo: what each leg's quote was, as far as the desk gave them out. */
    legQuotes: Schema.optionalKey(Schema.Array(QuoteTick)),
    /** True when it can only shrink its position. */
    reducing: Schema.Boolean,
    verdicts: Schema.Array(Verdict),
    rationale: Schema.optionalKey(Schema.String),
    /** Of an order that came with a permit. */
    caller: Schema.optionalKey(Caller)
  },
  /** Refused by our own rules; never sent. */
  OrderDenied: { ...order, rule: Schema.String, reason: Schema.String },
  /** About to be sent; durable before it is. */
  OrderSubmitted: order,
  /** Sent, and no answer came: it may be working. Its instrument takes no further orders until reconciled. */
  OrderUnknown: { ...order, reason: Schema.String },
  OrderPendingCancel: order,
  /** A replacement was asked for and passed the rules. */
  OrderPendingUpdate: {
    ...order,
    type: OrderType,
    size: OrderSize,
    valuePrice: Price,
    netValue: Schema.optionalKey(NetPrice),
    verdicts: Schema.Array(Verdict),
    /** Of a replacement that came with a permit. */
    caller: Schema.optionalKey(Caller)
  },

  AccountOpened: { ...account, accountId: AccountId },
  CashDeposited: { ...account, amount: Money },
  CashWithdrawn: { ...account, amount: Money },
  /** Credited to holders at the previous close. */
  DividendPaid: { ...account, instrumentId: InstrumentId, amountPerShare: Money, amount: Money },
  /** Shares that stay short until the next session are borrowed for so many nights; only where a model says what that costs. */
  BorrowFeeCharged: {
    ...account,
    instrumentId: InstrumentId,
    /** What the shares are worth, without sign. */
    value: Money,
    nights: Schema.Int,
    amount: Money
  },
  /** Money that is owed until the next session costs interest; only where a model says how much. */
  InterestCharged: {
    ...account,
    /** What is owed, without sign. */
    debit: Money,
    nights: Schema.Int,
    amount: Money
  },
  /** `numerator` new shares for `denominator` old; a fraction of a share is paid out in cash. */
  SplitApplied: {
    ...account,
    instrumentId: InstrumentId,
    numerator: Schema.Int,
    denominator: Schema.Int,
    cashInLieu: Money
  },
  /** A long option was exercised: it leaves the books at its cost, which the shares or the cash carry on. */
  OptionExercised: optionEnd,
  /** A short option was assigned. */
  OptionAssigned: optionEnd,
  /** An option ended worthless, or was let go: its cost is realised. */
  OptionExpired: {
    ...account,
    tradeId: TradeId,
    instrumentId: InstrumentId,
    contract: OptionContract,
    multiplier: Schema.Int,
    /** How it leaves: SELL a long one, BUY a short one. */
    side: OrderSide,
    /** Contracts, without sign. */
    quantity: Quantity,
    settlementPrice: Price,
    reason: Schema.String
  },
  /**
   * A split or a special dividend of the underlying changed the contract:
   * the position goes on under another name, `numerator` new contracts for `denominator` old.
   */
  OptionAdjusted: {
    ...account,
    instrumentId: InstrumentId,
    to: InstrumentId,
    contract: OptionContract,
    multiplier: Schema.Int,
    numerator: Schema.Int,
    denominator: Schema.Int,
    reason: Schema.String
  },
  /** The baseline of the day's loss: equity at the prior close. */
  SessionOpened: { ...account, date: SessionDate, priorCloseEquity: Money },
  SessionClosed: {
    ...account,
    date: SessionDate,
    equity: Money,
    grossExposure: Money,
    /** The highest equity the drawdown was measured from, this session's marks included. */
    peakEquity: Money
  },
  TradingStateChanged: {
    ...account,
    from: TradingState,
    to: TradingState,
    cause: TradingStateCause,
    reason: Schema.String,
    /** For a breaker's trip: the ratio that passed, and its limit. */
    value: Schema.optionalKey(Schema.Finite),
    limit: Schema.optionalKey(Schema.Finite),
    equity: Money
  },
  /** The drawdown is measured from this equity on. */
  PeakReset: { ...account, equity: Money, reason: Schema.String },
  /** A standing instruction given beforehand: when the desk may resume after a drawdown ("never", "sessions:20"). */
  ResumePolicySet: { ...account, policy: Schema.String },
  /**
   * The venue holds another position than the books did: they follow the venue.
   * The difference is booked at `price` against the account "corrections".
   */
  PositionCorrected: {
    ...account,
    instrumentId: InstrumentId,
    /** Signed: negative for a short position. */
    from: SignedQuantity,
    to: SignedQuantity,
    price: Price,
    multiplier: Schema.Int,
    /** Of an option. */
    contract: Schema.optionalKey(OptionContract),
    reason: Schema.String
  },
  /** The venue holds another amount of cash than the books did: they follow the venue. */
  CashCorrected: { ...account, from: Money, to: Money, reason: Schema.String },
  /** Asked afresh after a halt, the venue has no order of ours working. */
  HaltVerified: account,
  /** A person knows that these orders may still be working at the venue, and ends the desk's tries to cancel them. */
  HaltAcknowledged: { ...account, working: Schema.Array(ClientOrderId), reason: Schema.String },
  /** The desk's database was damaged and is made anew from the audit log; everything before this line is what came back. */
  DeskRecovered: { ...account, reason: Schema.String },
  /** Limits came into force; the hash names them. */
  LimitsAccepted: { ...account, profile: Schema.String, hash: Schema.String }
})
export type JournalEvent = typeof JournalEvent.Type
export type JournalEventOf<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>
/** What brings instruments into the account or takes them out, each under a trade id of its own: a trade, an option's end. */
export type FillEvent = JournalEventOf<"OrderFilled" | "OptionExercised" | "OptionAssigned" | "OptionExpired">

export const isFillEvent = (event: JournalEvent): event is FillEvent => "tradeId" in event

/** What is about the account and no order. */
export type AccountEvent = Exclude<JournalEvent, { readonly clientOrderId: unknown }>
