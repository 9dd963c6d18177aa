/** What the rules look at: one moment of the desk, as a plain value. */
import type { ClientOrderId, InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import type { Money, NetPrice, Price } from "../domain/Money.ts"
import type { OptionContract } from "../domain/OptionContract.ts"
import type { OrderContent, OrderSide, OrderSize, OrderType } from "../domain/Order.ts"
import type { LegTerms } from "../domain/OrderLeg.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { TradingState } from "../domain/TradingState.ts"
import type { PermitSeen } from "./PermitSeen.ts"
import type { RiskLimits } from "./RiskLimits.ts"
import type { MarginRatios } from "./SharesTally.ts"

/** An order on its way to the rules. For a replacement: the new terms, with the size that would still be open. */
export interface ProposedOrder {
  readonly content: OrderContent
  /** The caller says that this is meant to be sent again. */
  readonly repeat: boolean
  /** The entry whose bracket's exit is being replaced. */
  readonly bracketOf?: ClientOrderId
  /** Its bracket's exits are among the working orders already. */
  readonly exitsWork?: boolean
}

/** One holding at its mark. */
export interface HeldPosition {
  readonly instrumentId: InstrumentId
  /** Micros of a share: positive long, negative short. */
  readonly quantity: number
  /** Undefined when there is no price; then nothing that needs it passes. */
  readonly mark: Price | undefined
  readonly multiplier: number
  /** Of an option. */
  readonly contract?: OptionContract
}

/** One leg of a combo that is ordered, and its market. */
export interface LegView {
  readonly instrument: Instrument | undefined
  /** The quote the order cites for it, as the desk recorded it. */
  readonly citedQuote: QuoteTick | undefined
  /** The market now; between sessions the closing quote. */
  readonly currentQuote: QuoteTick | undefined
}

/**
 * An order that may still fill: every status that is not terminal, Unknown and
 * PendingCancel included. A pending replacement counts with the larger terms.
 * The order that is itself being replaced is left out.
 */
export interface WorkingOrder {
  readonly clientOrderId: ClientOrderId
  readonly instrumentId: InstrumentId
  readonly side: OrderSide
  /** As it works now: a triggered stop is a Market, a triggered stop-limit a Limit. */
  readonly type: OrderType
  /** What is still open of it. */
  readonly leaves: OrderSize
  /** The price it was valued at when it was accepted (`OrderInitialized.valuePrice`). */
  readonly valuePrice: Price
  readonly multiplier: number
  /** Of an order for options: its legs, the one contract of an order without legs. */
  readonly terms?: ReadonlyArray<LegTerms>
  /** Of a combo: the net price it was valued at. */
  readonly netValue?: NetPrice
  /** Legs of one group are counted once, by the worst. */
  readonly ocoGroup: string | undefined
  /** The entry whose bracket it is an exit of: a bracket's two exits are counted once as well. */
  readonly bracketOf?: ClientOrderId
  /** A bracket's exit while nothing of its entry has filled: it cannot fill, and counts as nothing. */
  readonly held: boolean
}

/** An order that was accepted lately; denied ones are none. */
export interface RecentOrder {
  readonly content: OrderContent
  readonly tsMarket: Timestamp
  /** Steady time, micros. */
  readonly tsSteady: number
}

/** Closed: `lastClose` is the end of the last session, against which a closing quote is measured. */
export type SessionPhase = { readonly open: true } | { readonly open: false; readonly lastClose: Timestamp }

interface SnapshotFields {
  /** Market time. */
  readonly now: Timestamp
  /** Steady time, micros: how long something is ago, whatever the computer's clock is set to. */
  readonly steadyNow: number
  /** `market` in runs and backtests, where nothing may depend on the machine's speed; `both` on the desk. */
  readonly clocks: "market" | "both"
  /** Sent by hand at a terminal. */
  readonly person: boolean
  readonly permit: PermitSeen
  readonly tradingState: TradingState
  /** Start-up reconciliation is done. */
  readonly reconciled: boolean
  /** Instruments with an order in status Unknown. */
  readonly unknownInstruments: ReadonlySet<InstrumentId>
  readonly session: SessionPhase
  readonly instrument: Instrument
  /** The quote the order cites, as the desk recorded it; undefined when it recorded no such quote. */
  readonly citedQuote: QuoteTick
  /** The market now; between sessions the closing quote. */
  readonly currentQuote: QuoteTick
  /** Of a combo: its legs, in the order's own order; empty for an order of one instrument. */
  readonly legs: ReadonlyArray<LegView>
  /** The last price of whatever is the underlying of an option that is held, working or ordered. */
  readonly underlyings: ReadonlyMap<InstrumentId, Price>
  readonly limits: RiskLimits
  /** Cash and positions at their marks, unrealised included. */
  readonly equity: Money
  readonly cash: Money
  /** Of a margin account, by what it pays with its own money. Absent of a cash account, as every desk's is. */
  readonly margin?: MarginRatios
  readonly priorCloseEquity: Money
  /** Deposits less withdrawals since the prior close. */
  readonly netFlows: Money
  readonly peakEquity: Money
  readonly positions: ReadonlyArray<HeldPosition>
  readonly working: ReadonlyArray<WorkingOrder>
  /** At least those of the duplicate window, on either clock. */
  readonly recentOrders: ReadonlyArray<RecentOrder>
  /** Market and steady times of the orders and replacements sent, at least those of the last minute. */
  readonly messageTimes: {
    readonly market: ReadonlyArray<Timestamp>
    readonly steady: ReadonlyArray<number>
  }
}

/**
 * Any field may be undefined: what could not be read is passed so, and the rule
 * that needs it denies. A NaN counts as missing.
 */
export type RiskSnapshot = { readonly [Field in keyof SnapshotFields]: SnapshotFields[Field] | undefined }
