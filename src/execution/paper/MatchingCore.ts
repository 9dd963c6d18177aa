/**
 * The paper venue's matching core: our orders against a market that does not
 * notice them.
 *
 * Pure and deterministic: no clock, no randomness, no effects. Every call
 * returns the events it caused, in order; the same calls give the same events,
 * names and trade numbers, also when the core is stored between any two of
 * them (`snapshot`) and made again from that state.
 *
 * Times in force:
 * - DAY ends at the close of the session it can first trade in; GTC stays.
 * - IOC trades what it can on the quote at hand, FOK all or nothing; what is
 *   left is canceled. Both are refused while the market is closed.
 * - AT_THE_OPEN trades in the next opening auction only, AT_THE_CLOSE in the
 *   next closing one; what is left is canceled as the auction ends. Market and
 *   limit orders only.
 * - A DAY or GTC order sent while the market is closed meets the next tick.
 *
 * Prices and priority: see `Fills`. Stops: `Triggers`. Brackets and OCO:
 * `Contingencies`. Combos: `Combos`. Splits: `Splits`. Refusals: `OrderChecks`.
 */
import type { ClientOrderId, InstrumentId } from "../../domain/Identifiers.ts"
import type { Instrument } from "../../domain/Instrument.ts"
import type { VenueEvent } from "../../domain/JournalEvent.ts"
import type { Price } from "../../domain/Money.ts"
import type { OrderSize, OrderType } from "../../domain/Order.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import type { VenueOrder } from "../VenueOrder.ts"
import { meetCombos } from "./Combos.ts"
import { cancelOptionsOn } from "./ContractBooks.ts"
import { closeSession, type MarketNow, meet, moveTo } from "./MarketMoves.ts"
import { emptyMatchingState, type MatchingState, type OrderRecord } from "./MatchingState.ts"
import { isNews, isQuiet, isUsable } from "./OrderBook.ts"
import { cancel, replace } from "./Replacement.ts"
import { type Split, splitBook } from "./Splits.ts"
import { isKnown, submit } from "./Submission.ts"
import { bookOf, remember, toState, type VenueModels } from "./VenueMemory.ts"

export interface MatchingCore {
  /**
   * Takes an order, or refuses it; tries it on the quote at hand if the market
   * is open. Its bracket's children are accepted with it and held. A
   * clientOrderId the core knows is never a second order: nothing changes and
   * there is no event, whatever came with the name.
   */
  readonly submit: (order: VenueOrder, market: MarketNow) => ReadonlyArray<VenueEvent>
  /** "canceled on request" unless another reason is given. */
  readonly cancel: (
    clientOrderId: ClientOrderId,
    now: Timestamp,
    reason?: string
  ) => ReadonlyArray<VenueEvent>
  /**
   * Changes price or size of a working order, and tries it on the quote at
   * hand. The kind of order stays, and so does the way it is sized. It keeps
   * its place in the queue when only its size falls. A bracket child's size
   * follows its entry: the size given for one is not looked at.
   */
  readonly replace: (
    clientOrderId: ClientOrderId,
    change: { readonly type: OrderType; readonly size: OrderSize },
    market: MarketNow
  ) => ReadonlyArray<VenueEvent>
  /**
   * The market moves on. Ticks of one instrument come in time order: one that
   * is older than the last, or the same again, does nothing. A tick without a
   * usable price (zero, NaN, bid above ask) is as if it had not come.
   */
  readonly tick: (tick: MarketTick) => ReadonlyArray<VenueEvent>
  /**
   * Combos meet the quotes of their legs: to be called at every instant at
   * which something ticked, once all of its ticks have come. See `Combos`.
   */
  readonly meetCombos: (ts: Timestamp) => ReadonlyArray<VenueEvent>
  /**
   * The session that ends at `closedAt` is over: DAY orders and auction orders
   * whose auction did not come, accepted before that instant, expire. Orders
   * accepted at or after it are the next session's. Orders for a contract, and
   * combos with a leg, whose last trading time has come expire whatever their
   * time in force.
   */
  readonly sessionClosed: (closedAt: Timestamp) => ReadonlyArray<VenueEvent>
  /** Before the first tick in new shares. See `Splits`. */
  readonly applySplit: (instrumentId: InstrumentId, split: Split) => ReadonlyArray<VenueEvent>
  /** Contracts on this underlying are adjusted otherwise than by a split, which does the same. See `ContractBooks`. */
  readonly cancelOptionsOn: (
    underlying: InstrumentId,
    reason: string,
    tsEvent: Timestamp
  ) => ReadonlyArray<VenueEvent>
  /**
   * Drops orders that ended before this time, to keep the state small, and OCO
   * groups that filled before `groupsBefore` (the same time unless given). A
   * forgotten clientOrderId would be taken as new: forget what can no longer
   * be resent, or what is remembered elsewhere.
   */
  readonly forgetEnded: (before: Timestamp, groupsBefore?: Timestamp) => void
  /** Whether an order of this name was ever taken or refused, and is not forgotten. */
  readonly knows: (clientOrderId: ClientOrderId) => boolean
  /** A copy of an order, working or ended; none if unknown, rejected or forgotten. */
  readonly order: (clientOrderId: ClientOrderId) => Readonly<OrderRecord> | undefined
  /** When the instrument's last tick was that the core has seen. */
  readonly seenUntil: (instrumentId: InstrumentId) => Timestamp | undefined
  /** Its last price, as of `seenUntil`. */
  readonly lastPrice: (instrumentId: InstrumentId) => Price | undefined
  /** Copies of all working orders, held ones too, in the order they were accepted. */
  readonly working: () => ReadonlyArray<Readonly<OrderRecord>>
  readonly snapshot: () => MatchingState
}

const nothing: ReadonlyArray<VenueEvent> = []

/** A core that continues `state`, or starts empty. */
export const make = (options: {
  readonly instrument: (id: InstrumentId) => Instrument | undefined
  readonly models: VenueModels
  readonly state?: MatchingState
}): MatchingCore => {
  const memory = remember(options.instrument, options.models, options.state ?? emptyMatchingState)
  const collect = (work: () => void): ReadonlyArray<VenueEvent> => {
    memory.events = []
    work()
    return memory.events
  }
  return {
    submit: (order, market) => collect(() => submit(memory, order, market)),
    cancel: (clientOrderId, now, reason) => collect(() => cancel(memory, clientOrderId, now, reason)),
    replace: (clientOrderId, change, market) => collect(() => replace(memory, clientOrderId, change, market)),
    tick: (tick) => {
      const book = bookOf(memory, tick.instrumentId)
      if (book === undefined || !isUsable(book, tick) || !isNews(book, tick)) return nothing
      const goesOn = tick.phase === "CONTINUOUS" && !book.closed && book.tick !== undefined
      if (goesOn && isQuiet(book, tick)) {
        moveTo(book, tick)
        return nothing
      }
      return collect(() => meet(memory, book, tick))
    },
    meetCombos: (ts) => (memory.combos.length === 0 ? nothing : collect(() => meetCombos(memory, ts))),
    sessionClosed: (closedAt) => collect(() => closeSession(memory, closedAt)),
    applySplit: (instrumentId, split) =>
      collect(() => {
        if (split.numerator === split.denominator) return
        const book = bookOf(memory, instrumentId)
        if (book !== undefined) splitBook(memory, book, split)
        const reason = `${split.numerator} for ${split.denominator} split of ${instrumentId}: its contracts change`
        cancelOptionsOn(memory, instrumentId, reason, split.tsEvent)
      }),
    cancelOptionsOn: (underlying, reason, tsEvent) =>
      collect(() => cancelOptionsOn(memory, underlying, reason, tsEvent)),
    forgetEnded: (before, groupsBefore = before) => {
      // All three are in the order it happened: the first that is recent enough ends the search.
      dropWhile(memory.ended, (order) => order.tsLast < before)
      dropWhile(memory.rejected, (at) => at < before)
      dropWhile(memory.filledGroups, (at) => at < groupsBefore)
    },
    knows: (clientOrderId) => isKnown(memory, clientOrderId),
    order: (clientOrderId) => {
      const order = memory.working.get(clientOrderId) ?? memory.ended.get(clientOrderId)
      return order === undefined ? undefined : { ...order }
    },
    seenUntil: (instrumentId) => memory.books.get(instrumentId)?.tick?.tsEvent,
    lastPrice: (instrumentId) => memory.books.get(instrumentId)?.tick?.last,
    working: () => Array.from(memory.working.values(), (order) => ({ ...order })),
    snapshot: () => toState(memory)
  }
}

const dropWhile = <K, V>(map: Map<K, V>, old: (value: V) => boolean): void => {
  for (const [key, value] of map) {
    if (!old(value)) return
    map.delete(key)
  }
}
