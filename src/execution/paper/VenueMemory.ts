/** The matching core's working memory: `MatchingState` indexed for speed, and the events of the call in hand. */
import { type ClientOrderId, type InstrumentId, type TradeId, tradeId } from "../../domain/Identifiers.ts"
import type { Instrument, OptionInstrument } from "../../domain/Instrument.ts"
import type { VenueEvent } from "../../domain/JournalEvent.ts"
import { type Price, quantity } from "../../domain/Money.ts"
import type { LegTerms } from "../../domain/OrderLeg.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { contractInstrument } from "../../market/OptionInstruments.ts"
import type { FeeModel } from "./FeeModel.ts"
import type { FillModel } from "./FillModel.ts"
import type { MatchingState, OrderRecord } from "./MatchingState.ts"
import { emptyBook, type OrderBook } from "./OrderBook.ts"
import type { SlippageModel } from "./SlippageModel.ts"

/** What a venue assumes about fills and charges for them; part of a run's inputs. */
export interface VenueModels {
  readonly fill: FillModel
  readonly fee: FeeModel
  readonly slippage: SlippageModel
  /** Dollars a share in the money from which an expiring option is exercised or assigned; a cent unless given. */
  readonly exerciseThreshold?: Price
}

export interface VenueMemory {
  readonly instrument: (id: InstrumentId) => Instrument | undefined
  readonly models: VenueModels
  /** Contracts that only the orders for them describe. */
  readonly described: Map<InstrumentId, OptionInstrument>
  nextOrder: number
  nextTrade: number
  nextPriority: number
  readonly books: Map<InstrumentId, OrderBook>
  /** Working combos, by priority. */
  readonly combos: Array<OrderRecord>
  /** In the order they were accepted. */
  readonly working: Map<ClientOrderId, OrderRecord>
  /** In the order they ended. */
  readonly ended: Map<ClientOrderId, OrderRecord>
  readonly rejected: Map<ClientOrderId, Timestamp>
  /** Working orders of each OCO group, in the order they were accepted. */
  readonly groups: Map<string, Array<OrderRecord>>
  readonly filledGroups: Map<string, Timestamp>
  events: Array<VenueEvent>
}

/** The name of the next trade. */
export const nextTradeId = (memory: VenueMemory): TradeId =>
  tradeId(`T-${String(memory.nextTrade++).padStart(6, "0")}`)

/** The instrument's book, made when first asked for; none for an instrument nobody knows. */
export const bookOf = (memory: VenueMemory, id: InstrumentId): OrderBook | undefined => {
  const known = memory.books.get(id)
  if (known !== undefined) return known
  const instrument = memory.instrument(id) ?? memory.described.get(id)
  if (instrument === undefined) return undefined
  const book = emptyBook(instrument)
  memory.books.set(id, book)
  return book
}

/** Drops the book of a contract that is over, and that no order stands in. */
export const forgetBook = (memory: VenueMemory, id: InstrumentId): void => {
  memory.books.delete(id)
  memory.described.delete(id)
}

/** Keeps the terms of contracts that cannot be found by their names. */
export const describe = (memory: VenueMemory, terms: ReadonlyArray<LegTerms>): void => {
  for (const { contract, instrumentId, multiplier } of terms) {
    if (contract === undefined || memory.instrument(instrumentId) !== undefined) continue
    memory.described.set(instrumentId, contractInstrument(instrumentId, contract, multiplier))
  }
}

/** Adds a working order to its group's list. */
export const joinGroup = (memory: VenueMemory, order: OrderRecord): void => {
  if (order.ocoGroup === undefined) return
  const members = memory.groups.get(order.ocoGroup)
  if (members === undefined) memory.groups.set(order.ocoGroup, [order])
  else members.push(order)
}

const byPriority = (a: OrderRecord, b: OrderRecord): number => a.priority - b.priority

/**
 * Memory that continues a state. A state that names an instrument nobody knows
 * is a programming fault: orders are only ever accepted for known instruments.
 */
export const remember = (
  instrument: (id: InstrumentId) => Instrument | undefined,
  models: VenueModels,
  state: MatchingState
): VenueMemory => {
  const memory: VenueMemory = {
    instrument,
    models,
    nextOrder: state.nextOrder,
    nextTrade: state.nextTrade,
    nextPriority: state.nextPriority,
    described: new Map(),
    books: new Map(),
    combos: [],
    working: new Map(),
    ended: new Map(state.ended.map((order) => [order.clientOrderId, { ...order }])),
    rejected: new Map(state.rejected.map(({ clientOrderId, tsRejected }) => [clientOrderId, tsRejected])),
    groups: new Map(),
    filledGroups: new Map(state.filledGroups.map(({ group, tsFilled }) => [group, tsFilled])),
    events: []
  }
  for (const { instrumentId, tick, sequence, taken, closed, terms } of state.books) {
    if (terms !== undefined) {
      memory.described.set(instrumentId, contractInstrument(instrumentId, terms.contract, terms.multiplier))
    }
    Object.assign(knownBook(memory, instrumentId), { tick, sequence, taken, closed })
  }
  for (const stored of state.working) {
    const order = { ...stored }
    memory.working.set(order.clientOrderId, order)
    joinGroup(memory, order)
    if (order.legs === undefined) knownBook(memory, order.instrumentId).orders.push(order)
    else memory.combos.push(order)
  }
  // Accepted order and queue order differ where a replacement lost its place.
  for (const book of memory.books.values()) book.orders.sort(byPriority)
  memory.combos.sort(byPriority)
  return memory
}

/** The memory as plain data that shares nothing with it. */
export const toState = (memory: VenueMemory): MatchingState => ({
  nextOrder: memory.nextOrder,
  nextTrade: memory.nextTrade,
  nextPriority: memory.nextPriority,
  working: Array.from(memory.working.values(), (order) => ({ ...order })),
  ended: Array.from(memory.ended.values(), (order) => ({ ...order })),
  rejected: Array.from(memory.rejected, ([clientOrderId, tsRejected]) => ({ clientOrderId, tsRejected })),
  filledGroups: Array.from(memory.filledGroups, ([group, tsFilled]) => ({ group, tsFilled })),
  books: Array.from(memory.books, ([instrumentId, { tick, sequence, taken, closed }]) => ({
    instrumentId,
    ...(tick === undefined ? {} : { tick }),
    sequence,
    taken: quantity(taken),
    closed,
    ...termsIn(memory, instrumentId)
  }))
})

const termsIn = (memory: VenueMemory, id: InstrumentId) => {
  const described = memory.described.get(id)
  if (described === undefined) return {}
  return { terms: { contract: described.contract, multiplier: described.multiplier } }
}

/** The book of an instrument that has orders here, which only a known one can have. */
export const knownBook = (memory: VenueMemory, id: InstrumentId): OrderBook => {
  const book = bookOf(memory, id)
  if (book === undefined)
    throw new Error(`matching core: no instrument ${id}, though its state has orders or ticks of it`)
  return book
}
