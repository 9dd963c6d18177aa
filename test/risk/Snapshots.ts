/** Small desks for the rules' tests: an account of $100,000 in cash, AAPL at 100.00 bid and ask, mid-session. */
import { clientOrderId, instrumentId, quoteId, symbol } from "../../src/domain/Identifiers.ts"
import { Instrument } from "../../src/domain/Instrument.ts"
import { dollars, pricePerShare, quantity, shares, zeroMoney } from "../../src/domain/Money.ts"
import type { OrderContent, OrderSide, OrderSize, OrderType } from "../../src/domain/Order.ts"
import { QuoteTick } from "../../src/domain/Quote.ts"
import { MICROS_PER_SECOND, sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import type { RuleName, Verdict } from "../../src/domain/Verdict.ts"
import { defaultLimits, type RiskLimits } from "../../src/risk/RiskLimits.ts"
import type { PermitSeen } from "../../src/risk/PermitSeen.ts"
import { evaluate, type Evaluation } from "../../src/risk/RiskRules.ts"
import type { HeldPosition, ProposedOrder, RiskSnapshot, WorkingOrder } from "../../src/risk/RiskSnapshot.ts"

type PermitOf = Extract<PermitSeen, { readonly required: true }>

export const AAPL = instrumentId("AAPL.XNAS")
export const MSFT = instrumentId("MSFT.XNAS")
export const CALL = instrumentId("AAPL 260116C00100000.OPRA")

/** 2026-01-05T15:00:00Z, a Monday, half an hour into the session. */
export const NOW = timestamp(1_767_625_200 * MICROS_PER_SECOND)
export const secondsBefore = (seconds: number) => timestamp(NOW - Math.round(seconds * MICROS_PER_SECOND))

export const apple: Instrument = Instrument.cases.Equity.make({
  id: AAPL,
  symbol: symbol("AAPL"),
  name: "Apple",
  currency: "USD",
  priceIncrement: pricePerShare(0.01),
  sizeIncrement: quantity(1000),
  multiplier: 1,
  paperOnly: false,
  caveats: []
})

export const call: Instrument = Instrument.cases.Option.make({
  id: CALL,
  symbol: symbol("AAPL 260116C00100000"),
  name: "Apple call",
  currency: "USD",
  priceIncrement: pricePerShare(0.01),
  sizeIncrement: shares(1),
  multiplier: 100,
  paperOnly: false,
  caveats: [],
  contract: {
    underlying: AAPL,
    right: "CALL",
    strike: pricePerShare(100),
    expiry: sessionDate("2026-01-16"),
    style: "AMERICAN",
    settlement: "PHYSICAL",
    expirySession: "PM",
    deliverable: shares(100),
    deliverableCash: zeroMoney
  }
})

export const quote = (options: {
  readonly bid?: number
  readonly ask?: number
  readonly ageSeconds?: number
  readonly id?: typeof AAPL
}): QuoteTick =>
  new QuoteTick({
    quoteId: quoteId("q-0123456789abcdef"),
    instrumentId: options.id ?? AAPL,
    bid: pricePerShare(options.bid ?? 100),
    ask: pricePerShare(options.ask ?? options.bid ?? 100),
    last: pricePerShare(options.bid ?? 100),
    bidSize: shares(100),
    askSize: shares(100),
    tsEvent: secondsBefore(options.ageSeconds ?? 1),
    tsInit: secondsBefore(options.ageSeconds ?? 1),
    source: "replay-path",
    modelled: []
  })

export const limits = (changes: Partial<RiskLimits> = {}): RiskLimits => ({ ...defaultLimits, ...changes })

export const snapshot = (changes: Partial<RiskSnapshot> = {}): RiskSnapshot => ({
  now: NOW,
  steadyNow: NOW,
  clocks: "both",
  person: false,
  permit: { required: false },
  tradingState: "Active",
  reconciled: true,
  unknownInstruments: new Set(),
  session: { open: true },
  instrument: apple,
  citedQuote: quote({}),
  currentQuote: quote({}),
  legs: [],
  underlyings: new Map(),
  limits: defaultLimits,
  equity: dollars(100_000),
  cash: dollars(100_000),
  priorCloseEquity: dollars(100_000),
  netFlows: dollars(0),
  peakEquity: dollars(100_000),
  positions: [],
  working: [],
  recentOrders: [],
  messageTimes: { market: [], steady: [] },
  ...changes
})

const hash = "a".repeat(64)

/** Seen by a server that requires one: a permit for this very call, unless `given` changes it or is undefined. */
export const permitted = (options: {
  readonly argumentsHash?: string
  readonly given?: Partial<NonNullable<PermitOf["permit"]>> | undefined
  readonly ageMicros?: number
}): PermitOf => ({
  required: true,
  tool: "place_order",
  argumentsHash: options.argumentsHash ?? hash,
  permit:
    "given" in options && options.given === undefined
      ? undefined
      : {
          tool: "place_order",
          argumentsHash: hash,
          steadyAt: NOW - (options.ageMicros ?? 0),
          ...options.given
        }
})

export const ofShares = (count: number): OrderSize => ({ _tag: "Quantity", quantity: shares(count) })
export const ofDollars = (amount: number): OrderSize => ({ _tag: "Notional", notional: dollars(amount) })
export const limitAt = (at: number): OrderType => ({ _tag: "Limit", limitPrice: pricePerShare(at) })
export const stopAt = (at: number): OrderType => ({ _tag: "StopMarket", stopPrice: pricePerShare(at) })
export const market: OrderType = { _tag: "Market" }

export const content = (
  side: OrderSide,
  size: OrderSize,
  changes: Partial<OrderContent> = {}
): OrderContent => ({
  instrumentId: AAPL,
  side,
  type: market,
  size,
  timeInForce: "DAY",
  ...changes
})

export const buy = (size: OrderSize, changes: Partial<OrderContent> = {}): ProposedOrder => ({
  content: content("BUY", size, changes),
  repeat: false
})
export const sell = (size: OrderSize, changes: Partial<OrderContent> = {}): ProposedOrder => ({
  content: content("SELL", size, changes),
  repeat: false
})

export const held = (count: number, changes: Partial<HeldPosition> = {}): HeldPosition => ({
  instrumentId: AAPL,
  quantity: Math.sign(count) * shares(Math.abs(count)),
  mark: pricePerShare(100),
  multiplier: 1,
  ...changes
})

export const working = (
  side: OrderSide,
  size: OrderSize,
  changes: Partial<WorkingOrder> = {}
): WorkingOrder => ({
  clientOrderId: clientOrderId("w-1"),
  instrumentId: AAPL,
  side,
  // Far from the market on either side: it meets nothing.
  type: limitAt(side === "BUY" ? 50 : 200),
  leaves: size,
  valuePrice: pricePerShare(100),
  multiplier: 1,
  ocoGroup: undefined,
  held: false,
  ...changes
})

/** One rule's verdict. */
export const verdictOf = (evaluation: Evaluation, rule: RuleName): Verdict | undefined =>
  evaluation.verdicts.find((verdict) => verdict.rule === rule)

export const outcomeOf = (
  rule: RuleName,
  changes: Partial<RiskSnapshot>,
  order: ProposedOrder
): string | undefined => verdictOf(evaluate(snapshot(changes), order), rule)?.outcome

/** The rule that denies it, or "accepted". */
export const deniedBy = (changes: Partial<RiskSnapshot>, order: ProposedOrder): string =>
  evaluate(snapshot(changes), order).denied?.rule ?? "accepted"
