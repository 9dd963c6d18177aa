/** Orders for options on AAPL at 100.00, for the rules' tests: contracts of 2026-01-16 on a desk of $100,000. */
import { clientOrderId, instrumentId, type InstrumentId } from "../../src/domain/Identifiers.ts"
import type { OptionInstrument } from "../../src/domain/Instrument.ts"
import { netPrice, type Price, pricePerShare, shares } from "../../src/domain/Money.ts"
import type { OptionContract } from "../../src/domain/OptionContract.ts"
import type { OrderContent, OrderSide, OrderType } from "../../src/domain/Order.ts"
import { comboId, type LegTerms } from "../../src/domain/OrderLeg.ts"
import { contractInstrument, optionId } from "../../src/market/OptionInstruments.ts"
import { evaluate, type Evaluation } from "../../src/risk/RiskRules.ts"
import type {
  HeldPosition,
  LegView,
  ProposedOrder,
  RiskSnapshot,
  WorkingOrder
} from "../../src/risk/RiskSnapshot.ts"
import { contractOf } from "./options/Contracts.ts"
import { AAPL, apple, NOW, quote, snapshot } from "./Snapshots.ts"

export interface Terms {
  readonly right: "CALL" | "PUT"
  readonly strike: number
  readonly expiry?: string
  readonly deliverable?: number
  readonly cash?: number
  readonly root?: string
}

export const idOf = ({ expiry, right, root = "AAPL", strike }: Terms): InstrumentId =>
  optionId({
    root,
    expiry: contractOf(right, strike, expiry === undefined ? {} : { expiry }).expiry,
    right,
    strike
  })

export const termsOf = ({ cash, deliverable, expiry, right, strike }: Terms): OptionContract =>
  contractOf(right, strike, {
    ...(expiry === undefined ? {} : { expiry }),
    ...(cash === undefined ? {} : { cash }),
    ...(deliverable === undefined ? {} : { deliverable })
  })

export const optionOf = (terms: Terms): OptionInstrument =>
  contractInstrument(idOf(terms), termsOf(terms), 100)

/** A leg and its market; shares when it has no terms. */
export interface LegSpec {
  readonly side: OrderSide
  readonly ratio?: number
  readonly of: Terms | "shares"
  readonly bid: number
  readonly ask: number
  readonly ageSeconds?: number
  /** The quote that is cited, where it is another one. */
  readonly cited?: { readonly bid: number; readonly ask: number }
}

const idOfLeg = ({ of }: LegSpec): InstrumentId => (of === "shares" ? AAPL : idOf(of))

const viewOf = (leg: LegSpec): LegView => {
  const { ask, bid, cited, of } = leg
  const id = idOfLeg(leg)
  const age = leg.ageSeconds === undefined ? {} : { ageSeconds: leg.ageSeconds }
  return {
    instrument: of === "shares" ? apple : optionOf(of),
    citedQuote: quote({ id, bid: cited?.bid ?? bid, ask: cited?.ask ?? ask, ...age }),
    currentQuote: quote({ id, bid, ask })
  }
}

const spot: ReadonlyMap<InstrumentId, Price> = new Map([[AAPL, pricePerShare(100)]])

/** An order and what the rules see for it. */
export interface Asked {
  readonly order: ProposedOrder
  readonly view: Partial<RiskSnapshot>
}

export const net = (dollars: number): OrderType => ({
  _tag: "NetLimit",
  netPrice: netPrice(Math.round(dollars * 1_000_000))
})

export const combo = (
  legs: ReadonlyArray<LegSpec>,
  type: OrderType = { _tag: "Market" },
  units = 1,
  changes: Partial<OrderContent> = {}
): Asked => {
  const ordered = legs.map((leg) => ({
    instrumentId: idOfLeg(leg),
    side: leg.side,
    ratio: leg.ratio ?? (leg.of === "shares" ? 100 : 1)
  }))
  const content: OrderContent = {
    instrumentId: comboId(ordered),
    side: "BUY",
    type,
    size: { _tag: "Quantity", quantity: shares(units) },
    timeInForce: "DAY",
    legs: ordered,
    ...changes
  }
  return {
    order: { content, repeat: false },
    view: {
      instrument: undefined,
      citedQuote: undefined,
      currentQuote: undefined,
      legs: legs.map(viewOf),
      underlyings: spot
    }
  }
}

export const single = (
  leg: LegSpec,
  count = 1,
  type: OrderType = { _tag: "Market" },
  changes: Partial<OrderContent> = {}
): Asked => {
  const { citedQuote, currentQuote, instrument } = viewOf(leg)
  const content: OrderContent = {
    instrumentId: idOfLeg(leg),
    side: leg.side,
    type,
    size: { _tag: "Quantity", quantity: shares(count) },
    timeInForce: "DAY",
    ...changes
  }
  return {
    order: { content, repeat: false },
    view: { instrument, citedQuote, currentQuote, legs: [], underlyings: spot }
  }
}

export const judged = ({ order, view }: Asked, changes: Partial<RiskSnapshot> = {}): Evaluation =>
  evaluate(snapshot({ ...view, ...changes }), order)

export const denier = (asked: Asked, changes: Partial<RiskSnapshot> = {}): string =>
  judged(asked, changes).denied?.rule ?? "accepted"

export const heldOption = (count: number, terms: Terms, mark: number): HeldPosition => ({
  instrumentId: idOf(terms),
  quantity: count * 1_000_000,
  mark: pricePerShare(mark),
  multiplier: 100,
  contract: termsOf(terms)
})

const legTerms = (leg: LegSpec): LegTerms => ({
  instrumentId: idOfLeg(leg),
  side: leg.side,
  ratio: leg.ratio ?? (leg.of === "shares" ? 100 : 1),
  multiplier: leg.of === "shares" ? 1 : 100,
  ...(leg.of === "shares" ? {} : { contract: termsOf(leg.of) })
})

/** A combo that works, counted at a net price. */
export const workingCombo = (
  legs: ReadonlyArray<LegSpec>,
  netValue: number,
  units = 1,
  changes: Partial<WorkingOrder> = {}
): WorkingOrder => ({
  clientOrderId: clientOrderId("w-combo"),
  instrumentId: comboId(legs.map(legTerms)),
  side: "BUY",
  type: net(netValue),
  leaves: { _tag: "Quantity", quantity: shares(units) },
  valuePrice: pricePerShare(Math.abs(netValue)),
  multiplier: 100,
  terms: legs.map(legTerms),
  netValue: netPrice(Math.round(netValue * 1_000_000)),
  ocoGroup: undefined,
  held: false,
  ...changes
})

/** An order for one contract that works, far from the market. */
export const workingOption = (
  side: OrderSide,
  count: number,
  terms: Terms,
  value: number,
  changes: Partial<WorkingOrder> = {}
): WorkingOrder => ({
  clientOrderId: clientOrderId("w-option"),
  instrumentId: idOf(terms),
  side,
  type: { _tag: "Limit", limitPrice: pricePerShare(side === "BUY" ? 0.01 : 90) },
  leaves: { _tag: "Quantity", quantity: shares(count) },
  valuePrice: pricePerShare(value),
  multiplier: 100,
  terms: [{ instrumentId: idOf(terms), side, ratio: 1, multiplier: 100, contract: termsOf(terms) }],
  ocoGroup: undefined,
  held: false,
  ...changes
})

export const otherId = instrumentId("MSFT.XNAS")
export const now = NOW
