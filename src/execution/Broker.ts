/**
 * The guarded way to a venue: the only thing a program can place an order with.
 *
 * Every order takes the same way (design, "An order, end to end"): one
 * transaction evaluates every rule and journals the intent with its audit
 * entry; the audit log is made durable; only then is the order sent; what the
 * venue's record says is journaled after. Orders that come while others are
 * on their way share the next transaction (group commit).
 *
 * `Broker` adds idempotency, rules, journal and audit to any venue.
 */
import { Context, type Effect, type Option } from "effect"
import type { AuditUnreadable, AuditWriteFailed } from "../audit/AuditErrors.ts"
import type { Actor } from "../domain/Actor.ts"
import type { ClientOrderId, InstrumentId } from "../domain/Identifiers.ts"
import type { Quantity, SignedQuantity } from "../domain/Money.ts"
import type { Order, OrderRequest, OrderSize, OrderType } from "../domain/Order.ts"
import type { LegTerms } from "../domain/OrderLeg.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { TradingState } from "../domain/TradingState.ts"
import type { Verdict } from "../domain/Verdict.ts"
import type { MarketClockUnavailable } from "../market/MarketClock.ts"
import type { InstrumentNotFound, MarketDataError, QuoteUnavailable } from "../market/MarketData.ts"
import type {
  AccountNotOpen,
  BrokerBusy,
  ClientOrderIdConflict,
  NoPosition,
  OrderDenied,
  OrderInvalid,
  OrderNotFound,
  OrderNotWorking,
  OrderOutcomeUnknown,
  OrderRejected
} from "./BrokerErrors.ts"
import type { CrankContended } from "./Crank.ts"
import type { JournalDisagrees } from "./JournalCheck.ts"
import type { JournalEntry, OlderThan } from "./OrderJournal.ts"
import type { NetQuote } from "./OrderLegs.ts"
import type { PermitClaim } from "./Permit.ts"
import type { VenueUnanswered } from "./Venue.ts"

/** Failures that are nobody's decision: storage, market data, the audit log, the venue's line. */
export type BrokerUnavailable =
  | StorageError
  | JournalDisagrees
  | AuditUnreadable
  | AuditWriteFailed
  | MarketDataError
  | MarketClockUnavailable
  | InstrumentNotFound
  | VenueUnanswered
  | CrankContended
  | AccountNotOpen

export type SubmitError =
  | OrderInvalid
  | OrderDenied
  | OrderRejected
  | OrderOutcomeUnknown
  | ClientOrderIdConflict
  | BrokerBusy
  | BrokerUnavailable

export interface Submitted {
  readonly order: Order
  readonly verdicts: ReadonlyArray<Verdict>
  /** True when the order had been asked for before: this is the first result, nothing was sent again. */
  readonly repeated: boolean
}

/** What would happen to an order now; nothing is journaled and nothing sent. */
export interface Preview {
  readonly clientOrderId: ClientOrderId
  readonly verdicts: ReadonlyArray<Verdict>
  /** The first rule that refuses. */
  readonly denied: Verdict | undefined
  readonly reducing: boolean
  /** Of one instrument: its market now. */
  readonly quote: QuoteTick | undefined
  /** Of an order for options: its legs with their contracts, one for an order of one contract; absent where an instrument is not known. */
  readonly terms: ReadonlyArray<LegTerms> | undefined
  /** Of a combo: the market of each of its legs now, in the order of `terms`. */
  readonly legs: ReadonlyArray<QuoteTick | undefined>
  /** Of a combo: its own market, from the legs'. */
  readonly netQuote: NetQuote | undefined
  readonly tradingState: TradingState
}

export interface By {
  readonly actor: Actor
  /**
   * Given by a server that takes no order without a permit: what the call says
   * of itself. Absent where none is needed: by hand, in a run. A preview and a
   * cancel never need one.
   */
  readonly permit?: PermitClaim
}

export interface OrderChange {
  readonly type?: OrderType
  readonly size?: OrderSize
  readonly rationale?: string
}

/** A part of a position that is closed with others: signed, positive long. */
export interface HeldLeg {
  readonly instrumentId: InstrumentId
  /** Whole contracts or shares. */
  readonly quantity: SignedQuantity
}

export class Broker extends Context.Service<
  Broker,
  {
    /** The quote now, kept so that an order may cite it. */
    readonly quote: (
      id: InstrumentId
    ) => Effect.Effect<
      QuoteTick,
      InstrumentNotFound | QuoteUnavailable | MarketDataError | MarketClockUnavailable | StorageError
    >
    /**
     * Places an order. Asking again with the same content, quote and id gives
     * the first result, with or without a permit; with other content it is a
     * conflict. What was denied under a name the desk made was never sent, and
     * is looked at anew. Interrupting the caller does not stop an order that is
     * on its way. A combo is one order: its legs fill together or not at all,
     * and the order in which they are given does not matter.
     */
    readonly submit: (request: OrderRequest, by: By) => Effect.Effect<Submitted, SubmitError>
    readonly preview: (
      request: OrderRequest,
      by: By
    ) => Effect.Effect<Preview, OrderInvalid | BrokerUnavailable>
    /**
     * Changes price or size of a working order; held against every rule as an
     * order of the new terms. `OrderRejected`: the venue refused, and the order
     * stands as it was.
     */
    readonly replace: (
      id: ClientOrderId,
      change: OrderChange & Pick<OrderRequest, "quoteId" | "legQuoteIds">,
      by: By
    ) => Effect.Effect<
      Order,
      OrderInvalid | OrderDenied | OrderNotFound | OrderNotWorking | OrderRejected | BrokerUnavailable
    >
    readonly cancel: (
      id: ClientOrderId,
      by: By
    ) => Effect.Effect<Order, OrderNotFound | OrderNotWorking | BrokerUnavailable>
    /** Cancels every working order, those of one instrument if it is given, combos with a leg in it and orders for options on it included; gives them as they stand after. */
    readonly cancelAll: (
      options: By & { readonly instrumentId?: InstrumentId }
    ) => Effect.Effect<ReadonlyArray<Order>, BrokerUnavailable>
    /** Sells a long position or buys back a short one: at the market in session, at the open between sessions. */
    readonly closePosition: (
      id: InstrumentId,
      by: By & { readonly rationale?: string; readonly quantity?: Quantity }
    ) => Effect.Effect<Submitted, NoPosition | QuoteUnavailable | SubmitError>
    /**
     * Closes positions together, whole: by one combo, or one order where it is
     * one position. At the market in session, at the open between sessions; the
     * broker takes the quotes itself.
     */
    readonly closeStructure: (
      legs: ReadonlyArray<HeldLeg>,
      by: By & { readonly rationale?: string }
    ) => Effect.Effect<Submitted, NoPosition | QuoteUnavailable | SubmitError>
    readonly order: (id: ClientOrderId) => Effect.Effect<Option.Option<Order>, StorageError>
    /**
     * Of the account in force, newest first; `working` are those that may still change. `before`: only older ones.
     * `instrumentId`: of this instrument or combo, combos with a leg in it, and orders for options on it.
     */
    readonly orders: (options: {
      readonly working?: boolean
      readonly instrumentId?: InstrumentId
      readonly before?: OlderThan
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<Order>, StorageError>
    /** The whole way of one order, oldest first. */
    readonly history: (id: ClientOrderId) => Effect.Effect<ReadonlyArray<JournalEntry>, StorageError>
    /**
     * Asks the venue about every order whose fate is not known. Runs by itself
     * before a broker's first order.
     */
    readonly reconcile: Effect.Effect<void, BrokerUnavailable>
  }
>()("plimsoll/execution/Broker") {}
