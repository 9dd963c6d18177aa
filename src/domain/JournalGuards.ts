/** Guards of what the journal holds. See `Guard.ts`. */
import {
  type Guard,
  isFilledText,
  isFinite,
  isFlag,
  isText,
  isWhole,
  list,
  oneOf,
  struct,
  tagged
} from "./Guard.ts"
import type { Actor } from "./Actor.ts"
import type { JournalEvent } from "./JournalEvent.ts"
import {
  isAccountId,
  isClientOrderId,
  isContract,
  isInstrumentId,
  isLegTerms,
  isMoney,
  isNetPrice,
  isOrderContent,
  isOrderSize,
  isOrderType,
  isPrice,
  isQuantity,
  isQuote,
  isQuoteId,
  isRole,
  isSessionDate,
  isSide,
  isSignedQuantity,
  isTimestamp,
  isTradeId,
  isVenueOrderId
} from "./OrderGuards.ts"
import { tradingStateCauses, tradingStates } from "./TradingState.ts"
import { type RuleName, ruleNames, type Verdict, verdictOutcomes, verdictUnits } from "./Verdict.ts"

export const isActor: Guard<Actor> = struct({
  kind: oneOf("person", "agent", "strategy", "desk"),
  name: isFilledText
})

const isRule: Guard<RuleName> = oneOf(...ruleNames)

const isVerdict: Guard<Verdict> = struct(
  {
    rule: isRule,
    outcome: oneOf(...verdictOutcomes),
    unit: oneOf(...verdictUnits),
    message: isText
  },
  { value: isFinite, limit: isFinite }
)

const isCaller = struct({ agent: isText, sessionId: isText, callId: isText })

const isTradingState = oneOf(...tradingStates)

const order = { clientOrderId: isClientOrderId, tsEvent: isTimestamp }
const account = { tsEvent: isTimestamp }
const ended = struct({ ...order, reason: isText })

const optionEnd = struct(
  {
    ...account,
    tradeId: isTradeId,
    instrumentId: isInstrumentId,
    contract: isContract,
    multiplier: isWhole,
    quantity: isQuantity,
    settlementPrice: isPrice,
    fee: isMoney,
    reason: isText
  },
  {
    delivery: struct({
      tradeId: isTradeId,
      instrumentId: isInstrumentId,
      side: isSide,
      quantity: isQuantity,
      amount: isMoney
    }),
    cash: isMoney
  }
)

/** A line's event: every kind there is. */
export const isJournalEvent: Guard<JournalEvent> = tagged({
  OrderAccepted: struct({ ...order, venueOrderId: isVenueOrderId }),
  OrderRejected: ended,
  OrderTriggered: struct(order),
  OrderUpdated: struct({ ...order, type: isOrderType, size: isOrderSize }),
  OrderCancelRejected: ended,
  OrderCanceled: ended,
  OrderExpired: ended,
  OrderFilled: struct(
    {
      ...order,
      tradeId: isTradeId,
      instrumentId: isInstrumentId,
      side: isSide,
      quantity: isQuantity,
      price: isPrice,
      fee: isMoney,
      multiplier: isWhole,
      final: isFlag
    },
    { contract: isContract, units: isQuantity }
  ),
  OrderInitialized: struct(
    {
      ...order,
      content: isOrderContent,
      role: isRole,
      quoteId: isQuoteId,
      valuePrice: isPrice,
      multiplier: isWhole,
      reducing: isFlag,
      verdicts: list(isVerdict)
    },
    {
      parent: isClientOrderId,
      quote: isQuote,
      terms: list(isLegTerms),
      netValue: isNetPrice,
      legQuotes: list(isQuote),
      rationale: isText,
      caller: isCaller
    }
  ),
  OrderDenied: struct({ ...order, rule: isText, reason: isText }),
  OrderSubmitted: struct(order),
  OrderUnknown: ended,
  OrderPendingCancel: struct(order),
  OrderPendingUpdate: struct(
    {
      ...order,
      type: isOrderType,
      size: isOrderSize,
      valuePrice: isPrice,
      verdicts: list(isVerdict)
    },
    { netValue: isNetPrice, caller: isCaller }
  ),
  AccountOpened: struct({ ...account, accountId: isAccountId }),
  CashDeposited: struct({ ...account, amount: isMoney }),
  CashWithdrawn: struct({ ...account, amount: isMoney }),
  DividendPaid: struct({
    ...account,
    instrumentId: isInstrumentId,
    amountPerShare: isMoney,
    amount: isMoney
  }),
  BorrowFeeCharged: struct({
    ...account,
    instrumentId: isInstrumentId,
    value: isMoney,
    nights: isWhole,
    amount: isMoney
  }),
  InterestCharged: struct({ ...account, debit: isMoney, nights: isWhole, amount: isMoney }),
  SplitApplied: struct({
    ...account,
    instrumentId: isInstrumentId,
    numerator: isWhole,
    denominator: isWhole,
    cashInLieu: isMoney
  }),
  OptionExercised: optionEnd,
  OptionAssigned: optionEnd,
  OptionExpired: struct({
    ...account,
    tradeId: isTradeId,
    instrumentId: isInstrumentId,
    contract: isContract,
    multiplier: isWhole,
    side: isSide,
    quantity: isQuantity,
    settlementPrice: isPrice,
    reason: isText
  }),
  OptionAdjusted: struct({
    ...account,
    instrumentId: isInstrumentId,
    to: isInstrumentId,
    contract: isContract,
    multiplier: isWhole,
    numerator: isWhole,
    denominator: isWhole,
    reason: isText
  }),
  SessionOpened: struct({ ...account, date: isSessionDate, priorCloseEquity: isMoney }),
  SessionClosed: struct({
    ...account,
    date: isSessionDate,
    equity: isMoney,
    grossExposure: isMoney,
    peakEquity: isMoney
  }),
  TradingStateChanged: struct(
    {
      ...account,
      from: isTradingState,
      to: isTradingState,
      cause: oneOf(...tradingStateCauses),
      reason: isText,
      equity: isMoney
    },
    { value: isFinite, limit: isFinite }
  ),
  PeakReset: struct({ ...account, equity: isMoney, reason: isText }),
  ResumePolicySet: struct({ ...account, policy: isText }),
  PositionCorrected: struct(
    {
      ...account,
      instrumentId: isInstrumentId,
      from: isSignedQuantity,
      to: isSignedQuantity,
      price: isPrice,
      multiplier: isWhole,
      reason: isText
    },
    { contract: isContract }
  ),
  CashCorrected: struct({ ...account, from: isMoney, to: isMoney, reason: isText }),
  HaltVerified: struct(account),
  HaltAcknowledged: struct({ ...account, working: list(isClientOrderId), reason: isText }),
  DeskRecovered: struct({ ...account, reason: isText }),
  LimitsAccepted: struct({ ...account, profile: isText, hash: isText })
})
