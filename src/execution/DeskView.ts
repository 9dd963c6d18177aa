/** How the desk stands: one consistent picture for people and programs. Contains no way to change anything. */
import { Context, Effect, Layer, Option, Result } from "effect"
import type { AccountId, InstrumentId } from "../domain/Identifiers.ts"
import { type Money, money, type Price } from "../domain/Money.ts"
import type { Order } from "../domain/Order.ts"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import type { TradingState } from "../domain/TradingState.ts"
import * as Exposure from "../portfolio/Exposure.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import type { Position } from "../portfolio/Position.ts"
import { tradingStateOf } from "../risk/CircuitBreaker.ts"
import type { LimitsUnreadable } from "../risk/RiskLimits.ts"
import type { HeldPosition, WorkingOrder } from "../risk/RiskSnapshot.ts"
import { type LimitsInForce, SealedLimits } from "../risk/SealedLimits.ts"
import type { TradingCauses } from "../risk/TradingStateMachine.ts"
import type { BrokerUnavailable } from "./Broker.ts"
import type { BookState, Corrections, HaltSettled } from "./Book.ts"
import { BrokerContext } from "./BrokerContext.ts"
import type { FillRecord } from "./OrderJournal.ts"
import { heldPositions, underlyingPrices, workingOrders } from "./RiskView.ts"
import type { StorageError } from "../domain/StorageError.ts"

export interface HeldView {
  readonly position: Position
  /** Absent when the market has no price; then equity is not known either. */
  readonly mark: Option.Option<Price>
  readonly marketValue: Option.Option<Money>
  readonly unrealised: Option.Option<Money>
}

export interface DeskStatus {
  readonly accountId: AccountId
  readonly now: Timestamp
  readonly marketOpen: boolean
  readonly tradingState: TradingState
  readonly causes: TradingCauses
  /** Absent without a halt. */
  readonly halt: Option.Option<HaltProgress>
  /** What reconciliation has had to change in the books; absent when nothing. */
  readonly corrections: Option.Option<Corrections>
  /** Sessions opened since the drawdown tripped; 0 when it has not. */
  readonly sessionsSinceDrawdown: number
  /** The session under way or the last one played; absent before the first. */
  readonly session: Option.Option<{ readonly date: SessionDate; readonly open: boolean }>
  readonly cash: Money
  readonly equity: Option.Option<Money>
  /** Since the prior close, deposits and withdrawals taken out. */
  readonly dayResult: Option.Option<Money>
  readonly priorCloseEquity: Money
  readonly peakEquity: Money
  readonly realised: Money
  readonly dividends: Money
  readonly fees: Money
  readonly exposure: Option.Option<Exposure.Exposure>
  readonly positions: ReadonlyArray<HeldView>
  /** Last prices of what the options that are held or ordered are on; those that have none are missing. */
  readonly underlyings: ReadonlyMap<InstrumentId, Price>
  readonly working: ReadonlyArray<Order>
  /** What is held and what works as the rules count it. */
  readonly counted: {
    readonly positions: ReadonlyArray<HeldPosition>
    readonly working: ReadonlyArray<WorkingOrder>
  }
  /** So much in the money, a share, an option is exercised or assigned at its end. */
  readonly exerciseThreshold: Price
  /** The last journal line. */
  readonly sequence: number
}

/** How far a halt has come. Unsettled: orders may be working, and the desk goes on canceling. */
export type HaltProgress = "unsettled" | HaltSettled

const haltOf = ({ breaker, haltSettled }: BookState): Option.Option<HaltProgress> =>
  breaker.causes.killSwitch ? Option.some(haltSettled ?? "unsettled") : Option.none()

export class DeskView extends Context.Service<
  DeskView,
  {
    readonly status: Effect.Effect<DeskStatus, BrokerUnavailable>
    readonly limits: Effect.Effect<LimitsInForce, LimitsUnreadable | StorageError>
    readonly ledger: Effect.Effect<Ledger.LedgerState, StorageError>
    /** Oldest first; of the account in force unless another is named. */
    readonly fills: (options: {
      readonly accountId?: AccountId
      readonly after: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<FillRecord>, StorageError>
    /** Of the account in force, newest first; only those of journal lines before `before`, where it is given. */
    readonly latestFills: (options: {
      readonly before?: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<FillRecord>, StorageError>
    readonly marks: Effect.Effect<ReadonlyMap<InstrumentId, Price>, BrokerUnavailable>
  }
>()("plimsoll/execution/DeskView") {}

const make = Effect.gen(function* () {
  const context = yield* BrokerContext
  const sealed = yield* SealedLimits

  const status: DeskView["Service"]["status"] = Effect.gen(function* () {
    const book = yield* context.opened
    const { marks, now, session } = yield* context.look(book, [])
    const highWater = yield* context.highWater
    const { breaker, ledger } = book
    const equity = Result.getSuccess(Ledger.equity(ledger, marks))
    return {
      accountId: book.accountId,
      now,
      marketOpen: session.open,
      tradingState: tradingStateOf(breaker),
      causes: breaker.causes,
      halt: haltOf(book),
      corrections: Option.fromUndefinedOr(book.corrections),
      sessionsSinceDrawdown: breaker.sessionsSinceDrawdown,
      session: Option.fromUndefinedOr(book.session),
      cash: ledger.cash,
      equity,
      dayResult: Option.map(equity, (value) => money(value - breaker.priorCloseEquity - breaker.netFlows)),
      priorCloseEquity: breaker.priorCloseEquity,
      peakEquity: money(Math.max(breaker.peakEquity, highWater)),
      realised: ledger.realised,
      dividends: ledger.dividends,
      fees: ledger.fees,
      exposure: Result.getSuccess(Exposure.exposure(ledger, marks)),
      positions: Ledger.positions(ledger).map((position) => heldView(position, marks)),
      underlyings: underlyingPrices(book, [], marks),
      working: Object.values(book.orders).map(({ order }) => order),
      counted: { positions: heldPositions(book, marks), working: workingOrders(book) },
      exerciseThreshold: context.crank.exerciseThreshold,
      sequence: book.sequence
    }
  }).pipe(Effect.withSpan("DeskView.status"))

  return DeskView.of({
    status,
    limits: sealed.inForce,
    ledger: Effect.map(context.keeper.current, ({ ledger }) => ledger),
    fills: (options) =>
      Effect.flatMap(context.keeper.current, ({ accountId }) =>
        context.journal.fills({
          accountId: options.accountId ?? accountId,
          after: options.after,
          limit: options.limit
        })
      ),
    latestFills: (options) =>
      Effect.flatMap(context.keeper.current, ({ accountId }) =>
        context.journal.latestFills({ ...options, accountId })
      ),
    marks: Effect.flatMap(context.opened, (book) => Effect.map(context.look(book, []), ({ marks }) => marks))
  })
})

const heldView = (position: Position, marks: ReadonlyMap<InstrumentId, Price>): HeldView => {
  const mark = Option.fromUndefinedOr(marks.get(position.instrumentId))
  const marketValue = Option.map(mark, (at) => Ledger.positionValue(position, at))
  return {
    position,
    mark,
    marketValue,
    unrealised: Option.map(marketValue, (value) => money(value - position.cost))
  }
}

export const layer = Layer.effect(DeskView, make)
