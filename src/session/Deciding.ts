/**
 * How a strategy is asked at a decision point: the run and the backtest engine
 * ask in this way and no other, so both get the same orders of it. Pure.
 *
 * What leads to a decision, in this order:
 * 1. The bars that have ended by the point are in the feed; splits are taken out
 *    of it once their session has opened, before that session's bars. Before the
 *    first session it has seen the last bars of before, as many as its warm-up.
 * 2. A feed that is not warm asks nothing; nor does the last session's close,
 *    for what is sent for an open that is not played.
 * 3. `askStrategy`, with the fills that came since it was asked last.
 * 4. `decisionOf`, with the quotes now; `open` until the session's close.
 * 5. At the close of a strategy that trades options `askForOptions`, whose
 *    orders follow the others.
 */
import { Result, Schema } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import type { OrderFilled } from "../domain/JournalEvent.ts"
import type { Money } from "../domain/Money.ts"
import { type Order, OrderContent } from "../domain/Order.ts"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import type { TradingState } from "../domain/TradingState.ts"
import type { DecisionPoint } from "./DecisionPoints.ts"
import type { Feed } from "./Feed.ts"
import type { History } from "./History.ts"
import type { Indicator } from "./Indicator.ts"
import type { OptionChain } from "./OptionChain.ts"
import type {
  ActiveTrip,
  Holding,
  Intent,
  OptionContext,
  OptionHolding,
  OptionIntent,
  OptionTrading,
  Strategy,
  StrategyContext,
  StrategyFill
} from "./Strategy.ts"

/** How an account stands at a decision point. Each is asked for at most once a point, and only where a strategy looks. */
export interface AccountView {
  readonly holdings: () => ReadonlyMap<InstrumentId, Holding>
  readonly working: () => ReadonlyArray<Order>
  readonly options: () => ReadonlyArray<OptionHolding>
  readonly equity: () => Money
  readonly cash: () => Money
  readonly tradingState: () => TradingState
  readonly activeTrip: () => ActiveTrip | undefined
}

export interface PointOptions {
  readonly date: SessionDate
  readonly now: Timestamp
  readonly sessionIndex: number
  readonly instruments: ReadonlyArray<Instrument>
  readonly feed: Feed
  readonly account: AccountView
}

/**
 * Instruments as a strategy is shown them: what it sorts or writes to in place
 * would change the order in which they are played, or the next point of a sweep.
 */
export const shown = (instruments: ReadonlyArray<Instrument>): ReadonlyArray<Instrument> =>
  Object.freeze(instruments.map((one) => Object.freeze({ ...one })))

/** A context that works out what a strategy looks at, when it does. Of one point: made anew for the next. */
export class PointContext implements StrategyContext {
  readonly date: SessionDate
  readonly now: Timestamp
  readonly sessionIndex: number
  readonly instruments: ReadonlyArray<Instrument>
  readonly valueOf: (indicator: Indicator, id: InstrumentId) => number | undefined
  readonly #feed: Feed
  readonly #account: AccountView
  #histories: ReadonlyMap<InstrumentId, History> | undefined
  #holdings: ReadonlyMap<InstrumentId, Holding> | undefined
  #working: ReadonlyArray<Order> | undefined
  #options: ReadonlyArray<OptionHolding> | undefined
  #equity: Money | undefined

  constructor({ account, date, feed, instruments, now, sessionIndex }: PointOptions) {
    this.date = date
    this.now = now
    this.sessionIndex = sessionIndex
    this.instruments = instruments
    this.valueOf = feed.valueOf
    this.#feed = feed
    this.#account = account
  }

  get histories(): ReadonlyMap<InstrumentId, History> {
    return (this.#histories ??= new EndedHistories(this.instruments, this.#feed, this.now))
  }

  get holdings(): ReadonlyMap<InstrumentId, Holding> {
    return (this.#holdings ??= this.#account.holdings())
  }

  get working(): ReadonlyArray<Order> {
    return (this.#working ??= this.#account.working())
  }

  get options(): ReadonlyArray<OptionHolding> {
    return (this.#options ??= this.#account.options())
  }

  get equity(): Money {
    return (this.#equity ??= this.#account.equity())
  }

  get cash(): Money {
    return this.#account.cash()
  }

  get tradingState(): TradingState {
    return this.#account.tradingState()
  }

  get activeTrip(): ActiveTrip | undefined {
    return this.#account.activeTrip()
  }
}

/**
 * Histories of the instruments that have a bar which ends now, each made when it
 * is looked at. Of one point: later there is nothing in it any more.
 */
class EndedHistories implements ReadonlyMap<InstrumentId, History> {
  readonly #instruments: ReadonlyArray<Instrument>
  readonly #feed: Feed
  readonly #now: Timestamp

  constructor(instruments: ReadonlyArray<Instrument>, feed: Feed, now: Timestamp) {
    this.#instruments = instruments
    this.#feed = feed
    this.#now = now
  }

  has(id: InstrumentId): boolean {
    return this.#feed.lastEnd(id) === this.#now
  }

  get(id: InstrumentId): History | undefined {
    return this.has(id) ? this.#feed.history(id) : undefined
  }

  get size(): number {
    return this.#all().size
  }

  entries(): MapIterator<[InstrumentId, History]> {
    return this.#all().entries()
  }

  keys(): MapIterator<InstrumentId> {
    return this.#all().keys()
  }

  values(): MapIterator<History> {
    return this.#all().values()
  }

  [Symbol.iterator](): MapIterator<[InstrumentId, History]> {
    return this.#all()[Symbol.iterator]()
  }

  forEach(
    each: (history: History, id: InstrumentId, all: ReadonlyMap<InstrumentId, History>) => void,
    self?: unknown
  ): void {
    for (const [id, history] of this.#all()) each.call(self, history, id, this)
  }

  #all(): ReadonlyMap<InstrumentId, History> {
    const histories = new Map<InstrumentId, History>()
    for (const { id } of this.#instruments) {
      const history = this.get(id)
      if (history !== undefined) histories.set(id, history)
    }
    return histories
  }
}

/** A context with option chains. */
const withChains = (
  context: StrategyContext,
  chains: ReadonlyMap<InstrumentId, OptionChain>
): OptionContext => ({
  date: context.date,
  now: context.now,
  sessionIndex: context.sessionIndex,
  instruments: context.instruments,
  histories: context.histories,
  valueOf: context.valueOf,
  holdings: context.holdings,
  working: context.working,
  options: context.options,
  equity: context.equity,
  cash: context.cash,
  tradingState: context.tradingState,
  activeTrip: context.activeTrip,
  chains
})

/** A fill as a strategy is told of it. */
export const strategyFillOf = (fill: OrderFilled): StrategyFill => {
  const { clientOrderId, fee, instrumentId, price, quantity, side, tsEvent } = fill
  return { clientOrderId, instrumentId, side, price, quantity, fee, tsEvent }
}

const isOrder = Schema.decodeUnknownResult(OrderContent, { onExcessProperty: "error" })

/** Code whose types were only stripped can hand over anything. */
const orderProblem = (order: unknown): string | undefined => {
  const decoded = isOrder(order)
  return Result.isFailure(decoded) ? decoded.failure.message : undefined
}

/** What a call asks for, checked as far as types may have been got around. Throws RangeError: a bug of the strategy. */
const checked = (
  { instruments }: StrategyContext,
  intents: ReadonlyArray<Intent>,
  what: string
): ReadonlyArray<Intent> => {
  if (!Array.isArray(intents)) throw new RangeError(`${what} has to give a list of what it asks for`)
  for (const intent of intents) {
    if (intent._tag === undefined || intent._tag === "Cancel") continue
    const problem = intent._tag === "Order" ? orderProblem(intent.order) : "it is no Order and no Cancel"
    if (problem !== undefined) throw new RangeError(`${what} asks for an order that is none: ${problem}`)
    const { instrumentId } = intent.order
    if (!instruments.some(({ id }) => id === instrumentId)) {
      throw new RangeError(`${what} orders ${instrumentId}, which is not in this run`)
    }
  }
  return intents
}

/** Where two calls of one point say what should be held of an instrument, the later one stands. */
const superseded = (calls: ReadonlyArray<ReadonlyArray<Intent>>): ReadonlyArray<Intent> => {
  const later = new Set<InstrumentId>()
  const kept: Array<ReadonlyArray<Intent>> = []
  for (const intents of calls.toReversed()) {
    kept.push(intents.filter((intent) => intent._tag !== undefined || !later.has(intent.instrumentId)))
    for (const intent of intents) if (intent._tag === undefined) later.add(intent.instrumentId)
  }
  return kept.toReversed().flat()
}

/**
 * What a strategy asks for at a point: told of its fills first, oldest first,
 * then of the bar, then by its schedule. Throws what the strategy throws.
 */
export const askStrategy = (
  strategy: Strategy,
  point: Pick<DecisionPoint, "bar" | "scheduled">,
  context: StrategyContext,
  fills: ReadonlyArray<StrategyFill>
): ReadonlyArray<Intent> => {
  // Nearly every point of a backtest is a bar and nothing else.
  if (point.scheduled.length === 0 && (fills.length === 0 || strategy.onFill === undefined)) {
    return point.bar ? checked(context, strategy.onBar(context), "onBar") : []
  }
  const calls: Array<ReadonlyArray<Intent>> = []
  if (strategy.onFill !== undefined) {
    for (const fill of fills) calls.push(checked(context, strategy.onFill(fill, context), "onFill"))
  }
  if (point.bar) calls.push(checked(context, strategy.onBar(context), "onBar"))
  for (const { decide } of point.scheduled) calls.push(checked(context, decide(context), "the schedule"))
  return superseded(calls)
}

/** What a strategy asks for of options, at the close; `chains` are those of `trading.chains(context)`. */
export const askForOptions = (
  trading: OptionTrading,
  context: StrategyContext,
  chains: ReadonlyMap<InstrumentId, OptionChain>
): ReadonlyArray<OptionIntent> => trading.onClose(withChains(context, chains))
