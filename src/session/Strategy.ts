/**
 * What decides in a run and in a backtest; the same strategy runs in both.
 *
 * A strategy is a pure function of its context. It is called at its decision
 * points (see `DecisionPoints.ts`): when a bar of its resolution has ended, at
 * the times of its schedule, and after fills. Daily bars end with the session:
 * what is decided on them is sent for the next open.
 *
 * It keeps no state between calls: a run that was killed goes on from its
 * journal, and what a strategy remembered would be lost. What it needs to know
 * of the past is in the histories and indicators, what it did is in the
 * holdings and the working orders.
 *
 * Decisions feed the journal hash: only + − × ÷ and √ may lead to a weight or a
 * reason, for only these give the same bits on every machine.
 */
import { Schema } from "effect"
import type { ClientOrderId, InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import type { Money, NetPrice, Price, Quantity, SignedQuantity } from "../domain/Money.ts"
import type { OptionContract } from "../domain/OptionContract.ts"
import type { Order, OrderContent, OrderSide } from "../domain/Order.ts"
import type { OrderLeg } from "../domain/OrderLeg.ts"
import type { Resolution } from "../domain/Quote.ts"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import type { TradingState, TradingStateCause } from "../domain/TradingState.ts"
import type { History } from "./History.ts"
import type { Indicator } from "./Indicator.ts"
import type { OptionChain } from "./OptionChain.ts"

/** What is held of one instrument. Targets are long or flat; short is what an exercise or an assignment left. */
export interface Holding {
  readonly quantity: SignedQuantity
  /** Price at today's close. */
  readonly mark: Price
}

/** What is held of one option contract. */
export interface OptionHolding {
  readonly instrumentId: InstrumentId
  readonly contract: OptionContract
  /** What the premium of a share is multiplied by. */
  readonly multiplier: number
  /** Contracts, in micros: positive long, negative short. */
  readonly quantity: SignedQuantity
  /** Premium a share at today's close: the middle of bid and ask. */
  readonly mark: Price
  /** Bid (zero when nobody does) and ask at today's close; absent where nobody quotes it. */
  readonly quote: { readonly bid: Price; readonly ask: Price } | undefined
  /** Paid for what is long, received for what is short and then negative; fees aside. */
  readonly cost: Money
}

/** The circuit breaker's trip that is in force. */
export interface ActiveTrip {
  readonly cause: Extract<TradingStateCause, "daily-loss" | "drawdown">
  /** Closes since the session it happened in: 0 at that session's own close. */
  readonly sessionsSince: number
}

/**
 * Everything a strategy may know at a decision point. Bars are those that have ended. Inside a bar that has no finer
 * prices marks and equity are of a path that is modelled from all of it: who goes by them looks ahead.
 */
export interface StrategyContext {
  readonly date: SessionDate
  /** Market time of the decision. */
  readonly now: Timestamp
  /** 0 at the run's first session. */
  readonly sessionIndex: number
  /** Those of the run, the same at every session. */
  readonly instruments: ReadonlyArray<Instrument>
  /** Those that have a bar which ends now. */
  readonly histories: ReadonlyMap<InstrumentId, History>
  /** An indicator that the strategy has declared, after the last bar; undefined until it has seen its warm-up. */
  readonly valueOf: (indicator: Indicator, id: InstrumentId) => number | undefined
  /** Without those of which nothing is held. */
  readonly holdings: ReadonlyMap<InstrumentId, Holding>
  /** The strategy's orders that may still fill. */
  readonly working: ReadonlyArray<Order>
  /** Option positions, by instrument id. */
  readonly options: ReadonlyArray<OptionHolding>
  /** Cash and holdings at their marks, options among them. */
  readonly equity: Money
  readonly cash: Money
  readonly tradingState: TradingState
  readonly activeTrip: ActiveTrip | undefined
}

/** A context with the option chains that were asked for, as they stand at the close; without those there are not. */
export interface OptionContext extends StrategyContext {
  readonly chains: ReadonlyMap<InstrumentId, OptionChain>
}

interface TargetOf {
  readonly _tag?: undefined
  readonly instrumentId: InstrumentId
  /** Why, in a sentence; it becomes the order's rationale. */
  readonly reason: string
}

/** What should be held of one instrument, as a ratio of equity, 0 or more. */
export interface WeightTarget extends TargetOf {
  readonly weight: number
  readonly quantity?: undefined
}

/** What should be held of one instrument, to the share. */
export interface QuantityTarget extends TargetOf {
  readonly quantity: Quantity
  readonly weight?: undefined
}

/** An instrument without a target is left as it is. Reached by market orders, at the next open or, in a session, at once. */
export type Target = WeightTarget | QuantityTarget

/** One order as it is, whatever the planner would make of it; the risk rules judge it like any. */
export interface OrderIntent {
  readonly _tag: "Order"
  readonly order: OrderContent
  /** Why, in a sentence; it becomes the order's rationale. */
  readonly reason: string
}

/** Takes an order back that works. */
export interface CancelIntent {
  readonly _tag: "Cancel"
  readonly clientOrderId: ClientOrderId
}

/** What a strategy asks for at a decision point. */
export type Intent = Target | OrderIntent | CancelIntent

/** A fill of one of the strategy's orders. */
export interface StrategyFill {
  readonly clientOrderId: ClientOrderId
  readonly instrumentId: InstrumentId
  readonly side: OrderSide
  /** A share. */
  readonly price: Price
  readonly quantity: Quantity
  readonly fee: Money
  readonly tsEvent: Timestamp
}

/** A time of the day in market minutes, counted from the session's open or back from its close; early closes move it along. */
export type TimeOfDay =
  | { readonly _tag: "AfterOpen"; readonly minutes: number }
  | { readonly _tag: "BeforeClose"; readonly minutes: number }

export interface Scheduled {
  readonly at: TimeOfDay
  /** Every session, or the first one of each week or month. */
  readonly on: "session" | "week" | "month"
  readonly decide: (context: StrategyContext) => ReadonlyArray<Intent>
}

/** An order for options, or for a combination of options and shares, at the next open. */
export interface OptionIntent {
  /** One, or as many as a combo takes. */
  readonly legs: ReadonlyArray<OrderLeg>
  /** How often, whole: each leg's quantity is its ratio times this. */
  readonly units: number
  /** Market, or a net price in dollars a share that it must not cost more than; negative for a credit. */
  readonly type: { readonly _tag: "Market" } | { readonly _tag: "NetLimit"; readonly netPrice: NetPrice }
  /** Why, in a sentence; it becomes the order's rationale. */
  readonly reason: string
}

/** The part of a strategy that trades options. */
export interface OptionTrading {
  /** Instruments whose chains it has to look at today; a chain is made or read for each. */
  readonly chains: (context: StrategyContext) => ReadonlyArray<InstrumentId>
  /** Orders for the next open, sent after those that the targets call for. */
  readonly onClose: (context: OptionContext) => ReadonlyArray<OptionIntent>
}

/** By name, part of a run's inputs. */
export const StrategyParameters = Schema.Record(
  Schema.String,
  Schema.Union([Schema.Finite, Schema.String, Schema.Boolean])
)
export type StrategyParameters = typeof StrategyParameters.Type

export interface Strategy {
  /** What `--strategy` takes. */
  readonly name: string
  readonly title: string
  /** What it does, in one line. */
  readonly summary: string
  /** A paragraph for the report: what it does, and where its numbers come from. */
  readonly description: string
  readonly parameters: StrategyParameters
  /** What each parameter means, in a phrase; by the same names. */
  readonly meanings: Readonly<Record<string, string>>
  /** How many instruments it can run on; no most when null. */
  readonly instruments: { readonly least: number; readonly most: number | null }
  /** Of the bars it decides on; daily unless said. */
  readonly resolution?: Resolution
  /** Bars of each instrument before its first decision, beside what its indicators need; what lies before the first session counts. */
  readonly warmUp?: number
  /** Those it asks the values of: kept up with every bar. */
  readonly indicators?: ReadonlyArray<Indicator>
  /** Called when bars have ended. */
  readonly onBar: (context: StrategyContext) => ReadonlyArray<Intent>
  /** Called at the first decision point after a fill, before anything else; the session's opening is then one too. */
  readonly onFill?: (fill: StrategyFill, context: StrategyContext) => ReadonlyArray<Intent>
  readonly schedule?: ReadonlyArray<Scheduled>
  /** Of a strategy that trades options; only on daily bars. */
  readonly options?: OptionTrading
}

/** A strategy that says what should be held, and leaves the orders to the planner. */
export interface TargetStrategy extends Strategy {
  readonly onBar: (context: StrategyContext) => ReadonlyArray<Target>
}
