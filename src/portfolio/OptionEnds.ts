/**
 * How an option ends, as the journal event to record: exercised, assigned, expired.
 *
 * The contract and the side are the position's own. A contract settled in shares
 * changes hands at strike × multiplier, less what cash comes with the shares of
 * an adjusted one; one settled in cash pays what it is worth at the settlement
 * price. One whose deliverable is no share at all is settled in cash too.
 */
import { Option } from "effect"
import { type InstrumentId, symbolOf, type TradeId, tradeId } from "../domain/Identifiers.ts"
import type { JournalEventOf } from "../domain/JournalEvent.ts"
import {
  formatMicros,
  MICROS,
  type Money,
  type Price,
  proportion,
  type Quantity,
  quantity,
  zeroMoney
} from "../domain/Money.ts"
import { intrinsicValue, type OptionContract, paysCash } from "../domain/OptionContract.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { LedgerState } from "./Ledger.ts"
import { exactMoney, type Position } from "./Position.ts"

export interface OptionEnd {
  readonly instrumentId: InstrumentId
  /** Contracts, in micros; at most what is held. */
  readonly quantity: Quantity
  /** The underlying's price it is decided at. */
  readonly settlementPrice: Price
  readonly tsEvent: Timestamp
  /** In all, not per contract. */
  readonly fee: Money
  readonly reason: string
}

type Exercise = JournalEventOf<"OptionExercised">
type Assignment = JournalEventOf<"OptionAssigned">

interface Held {
  readonly position: Position
  readonly contract: OptionContract
}

/** The position, if it is of an option and holds so much. */
const heldOption = (
  state: LedgerState,
  end: Pick<OptionEnd, "instrumentId" | "quantity">
): Held | undefined => {
  const position = state.positions[end.instrumentId]
  if (position?.contract === undefined || end.quantity <= 0) return undefined
  return end.quantity <= Math.abs(position.quantity) ? { position, contract: position.contract } : undefined
}

/** "X-AAPL 140613C00090000-1402689600000000-5": what it was, when, and of how many held before; so no two are alike. */
const nameOf = (kind: "X" | "D", { instrumentId, quantity: held }: Position, at: Timestamp): TradeId => {
  return tradeId(`${kind}-${symbolOf(instrumentId)}-${at}-${formatMicros(Math.abs(held))}`)
}

/** What so many micros of a contract come to, of an amount each. */
const inAll = (each: number, contracts: Quantity, what: string): Money =>
  exactMoney(proportion(each, contracts, MICROS), what)

/** What the holder of a long contract does with the shares; the one assigned does the opposite. */
const sideOf = ({ right }: OptionContract, isLong: boolean): "BUY" | "SELL" =>
  (right === "CALL") === isLong ? "BUY" : "SELL"

/** What changes hands. */
const settled = (
  { contract, position }: Held,
  { quantity: contracts, settlementPrice, tsEvent }: OptionEnd
): Pick<Exercise, "delivery" | "cash"> => {
  const isLong = position.quantity > 0
  if (paysCash(contract)) {
    const each = intrinsicValue(contract, position.multiplier, settlementPrice)
    return { cash: inAll(isLong ? each : 0 - each, contracts, `the settlement of ${position.instrumentId}`) }
  }
  return {
    delivery: {
      tradeId: nameOf("D", position, tsEvent),
      instrumentId: contract.underlying,
      side: sideOf(contract, isLong),
      quantity: quantity(proportion(contract.deliverable, contracts, MICROS)),
      amount: inAll(
        contract.strike * position.multiplier - contract.deliverableCash,
        contracts,
        `the delivery on ${position.instrumentId}`
      )
    }
  }
}

const common = ({ contract, position }: Held, end: OptionEnd) => ({
  tsEvent: end.tsEvent,
  tradeId: nameOf("X", position, end.tsEvent),
  instrumentId: end.instrumentId,
  contract,
  multiplier: position.multiplier,
  quantity: end.quantity,
  settlementPrice: end.settlementPrice,
  reason: end.reason
})

/** A long option exercised. None when so many are not held long. */
export const exerciseEvent = (state: LedgerState, end: OptionEnd): Option.Option<Exercise> => {
  const held = heldOption(state, end)
  if (held === undefined || held.position.quantity < 0) return Option.none()
  return Option.some({ _tag: "OptionExercised", ...common(held, end), fee: end.fee, ...settled(held, end) })
}

/** A short option assigned. None when so many are not held short. */
export const assignmentEvent = (state: LedgerState, end: OptionEnd): Option.Option<Assignment> => {
  const held = heldOption(state, end)
  if (held === undefined || held.position.quantity > 0) return Option.none()
  return Option.some({ _tag: "OptionAssigned", ...common(held, end), fee: end.fee, ...settled(held, end) })
}

/** An option, long or short, that ends worthless or is let go. None when so many are not held. */
export const expiryEvent = (
  state: LedgerState,
  end: Omit<OptionEnd, "fee">
): Option.Option<JournalEventOf<"OptionExpired">> => {
  const held = heldOption(state, end)
  if (held === undefined) return Option.none()
  const side = held.position.quantity > 0 ? "SELL" : "BUY"
  return Option.some({ _tag: "OptionExpired", ...common(held, { ...end, fee: zeroMoney }), side })
}

/**
 * Adjustments in the order to record them: a contract that leaves a name before
 * the one that takes the name. A 7:1 split makes the 100 call the 14.29 one and
 * the 700 call the 100 one; the other way round the 700 call would follow on to 14.29.
 */
export const inAdjustmentOrder = <
  A extends { readonly instrumentId: InstrumentId; readonly to: InstrumentId }
>(
  adjustments: ReadonlyArray<A>
): ReadonlyArray<A> => {
  const ordered: Array<A> = []
  const placed = new Set<A>()
  const place = (one: A): void => {
    if (placed.has(one)) return
    placed.add(one)
    for (const other of adjustments) if (other.instrumentId === one.to) place(other)
    ordered.push(one)
  }
  for (const one of adjustments) place(one)
  return ordered
}
