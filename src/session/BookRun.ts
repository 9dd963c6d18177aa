/**
 * One book of a run, decision point by decision point: market → fills → books →
 * breaker, then signals → sizing → orders, at the close those for the next open.
 *
 * Every order goes through the guarded broker. A session can be played again
 * after an interruption at any point: what was played is not played twice, what
 * was decided is kept before it is sent, and orders carry ids made from (seed,
 * session, point, n), so what was sent is not sent twice.
 */
import { Effect, Option, Result } from "effect"
import type { Actor } from "../domain/Actor.ts"
import { accountId, type InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import type { Money } from "../domain/Money.ts"
import type { OrderContent, OrderRequest } from "../domain/Order.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { SessionDate } from "../domain/Timestamp.ts"
import type { TradingState } from "../domain/TradingState.ts"
import { Account } from "../execution/Account.ts"
import { Broker } from "../execution/Broker.ts"
import { Crank } from "../execution/Crank.ts"
import { type DeskStatus, DeskView } from "../execution/DeskView.ts"
import { quotesNow } from "../execution/QuotesNow.ts"
import { MarketData } from "../market/MarketData.ts"
import { OptionMarket } from "../market/OptionMarket.ts"
import type { Session } from "../market/TradingCalendar.ts"
import type { ResumePolicy } from "../risk/ResumePolicy.ts"
import type { RiskLimits } from "../risk/RiskLimits.ts"
import { decisionOf, type IntendedOrder, optionOrders, orderIdAt } from "./Decision.ts"
import { askForOptions, askStrategy, PointContext, shown, strategyFillOf } from "./Deciding.ts"
import { type DecisionPoint, pointsOf } from "./DecisionPoints.ts"
import type { DecisionKeeping, DecisionRecord } from "./DecisionRecord.ts"
import { Feed } from "./Feed.ts"
import { chainOf, type OptionChain } from "./OptionChain.ts"
import * as SessionFeed from "./SessionFeed.ts"
import type { ActiveTrip, Holding, OptionHolding, Strategy, StrategyFill } from "./Strategy.ts"
import { strategyFailed } from "./StrategyFailed.ts"

export interface BookRunOptions {
  readonly strategy: Strategy
  readonly instruments: ReadonlyArray<Instrument>
  readonly sessions: ReadonlyArray<Session>
  readonly cash: Money
  readonly limits: RiskLimits
  readonly seed: number
  readonly resumePolicy: ResumePolicy
  readonly decisions: DecisionKeeping
}

/** A decision point of a session, which is number `index` of the run. */
interface Moment {
  readonly session: Session
  readonly index: number
  readonly point: DecisionPoint
}

/** Fills read at a time. */
const FILLS_READ = 500

/** A book after one of its points. */
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
  const { sessions, strategy } = options
  const instruments = shown(options.instruments)
  const account = yield* Account
  const broker = yield* Broker
  const crank = yield* Crank
  const view = yield* DeskView
  const data = yield* MarketData
  const optionMarket = yield* OptionMarket
  const actor: Actor = { kind: "strategy", name: strategy.name }
  const feed = new Feed(strategy, instruments)
  const sessionFeed = yield* SessionFeed.make({
    feed,
    instruments,
    sessions,
    resolution: strategy.resolution ?? "1d"
  })

  /** Market time this book was played up to, when it was opened: points before it are behind it. */
  const reached = yield* crank.advancedTo
  let last = Option.getOrUndefined(yield* options.decisions.last)

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

  /** Fills that the strategy has not been told of, oldest first. */
  const fillsSince = Effect.fnUntraced(function* (sequence: number) {
    const fills: Array<StrategyFill> = []
    let after = sequence
    while (true) {
      const records = yield* view.fills({ after, limit: FILLS_READ })
      for (const { fill } of records) if (fill._tag === "OrderFilled") fills.push(strategyFillOf(fill))
      const end = records.at(-1)
      if (end === undefined || records.length < FILLS_READ) return fills
      after = end.sequence
    }
  })

  const contextAt = Effect.fnUntraced(function* (moment: Moment, status: DeskStatus, equity: Money) {
    const held = yield* optionsOf(status)
    return new PointContext({
      date: moment.session.date,
      now: moment.point.ts,
      sessionIndex: moment.index,
      instruments,
      feed,
      account: {
        holdings: () => holdingsOf(status),
        working: () => status.working,
        options: () => held,
        equity: () => equity,
        cash: () => status.cash,
        tradingState: () => status.tradingState,
        activeTrip: () => tripOf(status)
      }
    })
  })

  const quotesOfAll = Effect.fnUntraced(function* () {
    const quotes = new Map<InstrumentId, QuoteTick>()
    for (const { id } of instruments) {
      const quote = yield* quoteOf(id)
      if (Option.isSome(quote)) quotes.set(id, quote.value)
    }
    return quotes
  })

  /** The order with the quotes of now. */
  const citing = (order: OrderContent, reason: string) =>
    Effect.map(quotesNow(order, broker.quote), (cited): OrderRequest => ({
      ...order,
      ...cited,
      rationale: reason
    }))

  /** Sends an order under the name of its session, point and number. */
  const send = Effect.fnUntraced(function* (
    { content, reason }: IntendedOrder,
    { point, session }: Moment,
    n: number
  ) {
    const request = yield* citing(content, reason).pipe(
      Effect.map(Option.some),
      // What nobody quotes is not ordered.
      Effect.catchTag("QuoteUnavailable", () => Effect.succeedNone)
    )
    if (Option.isNone(request)) return
    const clientOrderId = orderIdAt(options.seed, session, point.ts, n)
    yield* broker.submit({ ...request.value, clientOrderId }, { actor }).pipe(
      // A denial is a result: the journal has it, and the report counts it.
      Effect.catchTag(["OrderDenied", "OrderRejected"], () => Effect.void),
      Effect.catchTag("OrderInvalid", (error) => failed({ point, session }, error))
    )
  })

  const failed = ({ point, session }: Pick<Moment, "point" | "session">, cause: unknown) =>
    Effect.fail(strategyFailed(strategy.name, { date: session.date, at: point.ts }, cause))

  /** What the strategy's own code gives, or how it failed. */
  const asked = <A>(moment: Moment, ask: () => A) =>
    Effect.suspend(() => {
      const answer = Result.try(ask)
      return Result.isSuccess(answer) ? Effect.succeed(answer.success) : failed(moment, answer.failure)
    })

  /** Cancels, then orders in their order. */
  const carryOut = Effect.fnUntraced(function* (record: DecisionRecord, moment: Moment) {
    for (const id of record.cancels) {
      // It may have filled, or been taken back before an interruption.
      yield* broker
        .cancel(id, { actor })
        .pipe(Effect.catchTag(["OrderNotFound", "OrderNotWorking"], () => Effect.void))
    }
    for (const [i, order] of record.orders.entries()) yield* send(order, moment, i + 1)
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

  /** Orders for options, at the close. */
  const optionOrdersAt = Effect.fnUntraced(function* (moment: Moment, context: PointContext) {
    const trading = strategy.options
    if (trading === undefined || moment.point.ts !== moment.session.close) return []
    const ids = yield* asked(moment, () => trading.chains(context))
    const chains = yield* chainsOf(ids, context.date)
    return yield* asked(moment, () => optionOrders(askForOptions(trading, context, chains)))
  })

  /** What the strategy wants at a point; nothing of it is sent yet. */
  const decisionAt = Effect.fnUntraced(function* (moment: Moment, status: DeskStatus, equity: Money) {
    const { point, session } = moment
    const fills = strategy.onFill === undefined ? [] : yield* fillsSince(last?.sequence ?? 0)
    const context = yield* contextAt(moment, status, equity)
    const intents = yield* asked(moment, () => askStrategy(strategy, point, context, fills))
    const quotes = intents.length === 0 ? new Map<InstrumentId, QuoteTick>() : yield* quotesOfAll()
    const open = point.ts < session.close
    const { limits } = options
    const { cancels, orders } = yield* asked(moment, () =>
      decisionOf(context, intents, { limits, quotes, open })
    )
    const record: DecisionRecord = {
      ts: point.ts,
      sequence: status.sequence,
      cancels,
      orders: [...orders, ...(yield* optionOrdersAt(moment, context))]
    }
    return { record, isEmpty: fills.length + cancels.length + record.orders.length === 0 }
  })

  /** Asks the strategy and does what it wants, or what it wanted before an interruption. */
  const decide = Effect.fnUntraced(function* (moment: Moment, status: DeskStatus) {
    if (Option.isNone(status.equity) || !feed.isWarm) return
    if (last?.ts === moment.point.ts) return yield* carryOut(last, moment)
    const { isEmpty, record } = yield* decisionAt(moment, status, status.equity.value)
    if (isEmpty) return
    yield* options.decisions.keep(record)
    last = record
    yield* carryOut(record, moment)
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

  /** When this book acts within a session, ascending; the last is its close. */
  const points = (session: Session): ReadonlyArray<DecisionPoint> => pointsOf(strategy, session)

  /** Plays up to a point, the market clock standing at it. */
  const play = Effect.fnUntraced(function* (session: Session, index: number, point: DecisionPoint) {
    yield* crank.upToDate
    yield* sessionFeed.upTo(point.ts)
    const status = yield* view.status
    const isEnd = index === sessions.length - 1 && point.ts === session.close
    const isBehind = point.ts < reached || !Option.exists(status.session, ({ date }) => date === session.date)
    // Nothing is decided for an open that the run will not see, nor at a point that this book has left behind.
    if (!isEnd && !isBehind) yield* decide({ session, index, point }, status)
    const step: BookStep = {
      equity: Option.getOrElse(status.equity, () => status.priorCloseEquity),
      peakEquity: status.peakEquity,
      tradingState: status.tradingState
    }
    return step
  })

  return { open, reached, points, play }
})

export type BookRun = Effect.Success<ReturnType<typeof make>>
