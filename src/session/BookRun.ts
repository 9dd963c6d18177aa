/**
 * One book of a run, session by session: market → fills → books → breaker,
 * then at the close signals → sizing → orders for the next open.
 *
 * Every order goes through the guarded broker. A session can be played again
 * after an interruption at any point: what was played is not played twice, and
 * orders carry ids made from (seed, session, n), so what was sent is not sent
 * twice.
 */
import { Effect, Option } from "effect"
import type { Actor } from "../domain/Actor.ts"
import { accountId, type InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import type { Money } from "../domain/Money.ts"
import type { OrderContent, OrderRequest } from "../domain/Order.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import { type SessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import type { TradingState } from "../domain/TradingState.ts"
import { Account } from "../execution/Account.ts"
import { Broker } from "../execution/Broker.ts"
import { Crank } from "../execution/Crank.ts"
import { type DeskStatus, DeskView } from "../execution/DeskView.ts"
import { quotesNow } from "../execution/QuotesNow.ts"
import { MarketData } from "../market/MarketData.ts"
import { OptionMarket } from "../market/OptionMarket.ts"
import { exchangeDate, type Session } from "../market/TradingCalendar.ts"
import type { ResumePolicy } from "../risk/ResumePolicy.ts"
import type { RiskLimits } from "../risk/RiskLimits.ts"
import { decisionOf, type IntendedOrder, noDecision, optionOrders, orderIdAt } from "./Decision.ts"
import { Feed } from "./Feed.ts"
import type { History } from "./History.ts"
import { chainOf, type OptionChain } from "./OptionChain.ts"
import type {
  ActiveTrip,
  Holding,
  Intent,
  OptionHolding,
  OptionTrading,
  Strategy,
  StrategyContext
} from "./Strategy.ts"

export interface BookRunOptions {
  readonly strategy: Strategy
  readonly instruments: ReadonlyArray<Instrument>
  readonly sessions: ReadonlyArray<Session>
  readonly cash: Money
  readonly limits: RiskLimits
  readonly seed: number
  readonly resumePolicy: ResumePolicy
}

/** A book after one of its sessions. */
export interface BookStep {
  readonly equity: Money
  readonly peakEquity: Money
  readonly tradingState: TradingState
}

const tripOf = ({ causes, sessionsSinceDrawdown }: DeskStatus): ActiveTrip | undefined => {
  if (causes.drawdown) return { cause: "drawdown", sessionsSince: sessionsSinceDrawdown }
  return causes.dailyLoss ? { cause: "daily-loss", sessionsSince: 0 } : undefined
}

const holdingsOf = (status: DeskStatus): ReadonlyMap<InstrumentId, Holding> => {
  const holdings = new Map<InstrumentId, Holding>()
  for (const { mark, position } of status.positions) {
    if (Option.isSome(mark) && position.contract === undefined) {
      holdings.set(position.instrumentId, { quantity: position.quantity, mark: mark.value })
    }
  }
  return holdings
}

/** The book's player; `play` takes sessions in order. */
export const make = Effect.fnUntraced(function* (options: BookRunOptions) {
  const { instruments, sessions, strategy } = options
  const account = yield* Account
  const broker = yield* Broker
  const crank = yield* Crank
  const view = yield* DeskView
  const data = yield* MarketData
  const optionMarket = yield* OptionMarket
  const actor: Actor = { kind: "strategy", name: strategy.name }
  const feed = new Feed(strategy, instruments)
  let known: Timestamp = timestamp((sessions[0]?.open ?? 1) - 1)

  /** Takes up the daily bars that have closed since the last time. */
  const extendHistories = Effect.fnUntraced(function* (until: Timestamp) {
    for (const { id } of instruments) {
      for (const bar of yield* data.bars({ instrumentId: id, resolution: "1d", from: known, until })) {
        for (const action of yield* data.corporateActions(id, exchangeDate(bar.tsOpen))) {
          if (action._tag === "Split") feed.split(id, action.numerator, action.denominator)
        }
        feed.append(id, bar)
      }
    }
    known = until
  })

  const quoteOf = (id: InstrumentId) =>
    data.quote(id).pipe(
      Effect.map(Option.some),
      Effect.catchTag("QuoteUnavailable", () => Effect.succeedNone)
    )

  /** Option positions with their quotes; for a strategy that trades options. */
  const optionsOf = Effect.fnUntraced(function* ({ positions }: DeskStatus) {
    const options: Array<OptionHolding> = []
    if (strategy.options === undefined) return options
    for (const { mark, position } of positions) {
      const { contract, cost, instrumentId, multiplier, quantity } = position
      if (contract === undefined || Option.isNone(mark)) continue
      const quote = Option.getOrUndefined(yield* quoteOf(instrumentId))
      options.push({ instrumentId, contract, multiplier, quantity, mark: mark.value, quote, cost })
    }
    return options.toSorted((a, b) => (a.instrumentId < b.instrumentId ? -1 : 1))
  })

  const contextAt = Effect.fnUntraced(function* (
    session: Session,
    index: number,
    status: DeskStatus,
    equity: Money
  ) {
    const histories = new Map<InstrumentId, History>()
    for (const { id } of instruments) {
      const history = feed.history(id)
      if (history !== undefined && feed.lastEnd(id) === session.close) histories.set(id, history)
    }
    const context: StrategyContext = {
      date: session.date,
      now: session.close,
      sessionIndex: index,
      instruments,
      histories,
      valueOf: (indicator, id) => feed.valueOf(indicator, id),
      holdings: holdingsOf(status),
      working: status.working,
      options: yield* optionsOf(status),
      equity,
      cash: status.cash,
      tradingState: status.tradingState,
      activeTrip: tripOf(status)
    }
    return context
  })

  const closingQuotes = Effect.fnUntraced(function* () {
    const quotes = new Map<InstrumentId, QuoteTick>()
    for (const { id } of instruments) {
      const quote = yield* quoteOf(id)
      if (Option.isSome(quote)) quotes.set(id, quote.value)
    }
    return quotes
  })

  /** Sends an order under the name of its session and number. */
  const submit = (request: OrderRequest, session: Session, n: number) =>
    broker
      .submit({ ...request, clientOrderId: orderIdAt(options.seed, session, session.close, n) }, { actor })
      .pipe(
        // A denial is a result: the journal has it, and the report counts it.
        Effect.catchTag(["OrderDenied", "OrderRejected"], () => Effect.void)
      )

  /** The order with the quotes of the close. */
  const citing = (order: OrderContent, reason: string) =>
    Effect.map(quotesNow(order, broker.quote), (cited): OrderRequest => ({
      ...order,
      ...cited,
      rationale: reason
    }))

  const send = Effect.fnUntraced(function* ({ content, reason }: IntendedOrder, session: Session, n: number) {
    yield* submit(yield* citing(content, reason), session, n)
  })

  /** Chains of these instruments at the close, without those that have none. */
  const chainsOf = Effect.fnUntraced(function* (ids: ReadonlyArray<InstrumentId>, date: SessionDate) {
    const chains = new Map<InstrumentId, OptionChain>()
    for (const id of ids) {
      const chain = yield* optionMarket.chain(id).pipe(
        Effect.map(Option.some),
        Effect.catchTag(["NoOptions", "QuoteUnavailable"], () => Effect.succeedNone)
      )
      if (Option.isSome(chain)) chains.set(id, chainOf(chain.value, date))
    }
    return chains
  })

  const optionIntents = Effect.fnUntraced(function* (trading: OptionTrading, context: StrategyContext) {
    const chains = yield* chainsOf(trading.chains(context), context.date)
    return trading.onClose({ ...context, chains })
  })

  /** Sends what the strategy wants of options, numbered from `first` on. */
  const sendOptions = Effect.fnUntraced(function* (
    orders: ReadonlyArray<IntendedOrder>,
    session: Session,
    first: number
  ) {
    for (const [i, { content, reason }] of orders.entries()) {
      const request = yield* citing(content, reason).pipe(
        Effect.map(Option.some),
        // A contract without a quote at the close is not ordered.
        Effect.catchTag("QuoteUnavailable", () => Effect.succeedNone)
      )
      if (Option.isSome(request)) yield* submit(request.value, session, first + i)
    }
  })

  const decided = Effect.fnUntraced(function* (context: StrategyContext, intents: ReadonlyArray<Intent>) {
    if (intents.length === 0) return noDecision
    const quotes = yield* closingQuotes()
    return decisionOf(context, intents, { limits: options.limits, quotes, open: false })
  })

  /** Decides on the session's close and sends the orders for the next open. */
  const decide = Effect.fnUntraced(function* (session: Session, index: number, status: DeskStatus) {
    if (Option.isNone(status.equity)) return
    const context = yield* contextAt(session, index, status, status.equity.value)
    const { orders } = yield* decided(context, strategy.onBar(context))
    const intents = strategy.options === undefined ? [] : yield* optionIntents(strategy.options, context)
    for (const [i, order] of orders.entries()) yield* send(order, session, i + 1)
    yield* sendOptions(optionOrders(intents), session, orders.length + 1)
  })

  /** Opens the account of a new book; a book that was begun before is gone on with. */
  const open = Effect.gen(function* () {
    const { cash, resumePolicy } = options
    const name = accountId(strategy.name)
    yield* account.open({ accountId: name, cash, resumePolicy, actor }).pipe(
      Effect.catchIf(
        (error) => error._tag === "AccountAlreadyOpen" && error.accountId === name,
        () => Effect.void
      )
    )
  })

  /** Plays one session, the market clock standing at its close. */
  const play = Effect.fnUntraced(function* (session: Session, index: number) {
    yield* crank.upToDate
    yield* extendHistories(session.close)
    const status = yield* view.status
    const last = index === sessions.length - 1
    const current = Option.exists(status.session, ({ date }) => date === session.date)
    // Nothing is decided for an open that the run will not see, nor on a session that this book has left behind.
    if (current && !last) yield* decide(session, index, status)
    const step: BookStep = {
      equity: Option.getOrElse(status.equity, () => status.priorCloseEquity),
      peakEquity: status.peakEquity,
      tradingState: status.tradingState
    }
    return step
  })

  return { open, play }
})

export type BookRun = Effect.Success<ReturnType<typeof make>>
