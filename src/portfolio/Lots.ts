/**
 * First in, first out: which purchase a sale closes, for tax.
 *
 * A position keeps its lots beside its average cost. Quantities and costs are
 * signed alike: a long lot has both positive, a short lot has both negative
 * (its cost is what the sale brought in). When a lot is closed in part its cost
 * is divided in proportion, rounded half to even, and what stays is the rest,
 * so that no micro is lost or made.
 */
import { Schema } from "effect"
import { type InstrumentId, TradeId } from "../domain/Identifiers.ts"
import { Money, money, proportion, SignedQuantity, signedQuantity } from "../domain/Money.ts"
import { Timestamp } from "../domain/Timestamp.ts"

/** What is still open of one fill. */
export const Lot = Schema.Struct({
  /** The fill that opened it. */
  tradeId: TradeId,
  tsOpen: Timestamp,
  quantity: SignedQuantity,
  cost: Money
})
export type Lot = typeof Lot.Type

/** A lot, or a part of one, that was closed; `realised` is `proceeds − cost`, fees apart. */
export interface ClosedLot {
  readonly instrumentId: InstrumentId
  /** The fill that opened it. */
  readonly openTradeId: TradeId
  readonly tsOpen: Timestamp
  readonly tsClose: Timestamp
  /** Signed as the lot was: positive for a long lot sold. */
  readonly quantity: SignedQuantity
  readonly cost: Money
  /** What closing it brought in: positive for a long lot sold, negative for a short one bought back. */
  readonly proceeds: Money
  readonly realised: Money
}

export const quantityOf = (lots: ReadonlyArray<Lot>): number =>
  lots.reduce((sum, lot) => sum + lot.quantity, 0)

export const costOf = (lots: ReadonlyArray<Lot>): number => lots.reduce((sum, lot) => sum + lot.cost, 0)

/** What closes lots of an instrument. */
export interface Closing {
  readonly instrumentId: InstrumentId
  /** Micros, unsigned, at most what the lots hold. */
  readonly quantity: number
  /** Divided over the closed parts by quantity; the parts sum to it exactly. Absent: each part leaves for its own cost. */
  readonly proceeds?: Money
  readonly ts: Timestamp
}

/** Closes from the oldest lot on. */
export const closeOldest = (
  lots: ReadonlyArray<Lot>,
  closing: Closing
): { readonly closed: ReadonlyArray<ClosedLot>; readonly remaining: ReadonlyArray<Lot> } => {
  const closed: Array<ClosedLot> = []
  const remaining: Array<Lot> = []
  let done = 0
  let paid = 0
  for (const lot of lots) {
    const size = Math.abs(lot.quantity)
    const part = Math.min(size, closing.quantity - done)
    if (part === 0) {
      remaining.push(lot)
      continue
    }
    done += part
    const signed = lot.quantity < 0 ? -part : part
    const cost = proportion(lot.cost, part, size)
    const paidNow =
      closing.proceeds === undefined ? paid + cost : proportion(closing.proceeds, done, closing.quantity)
    closed.push({
      instrumentId: closing.instrumentId,
      openTradeId: lot.tradeId,
      tsOpen: lot.tsOpen,
      tsClose: closing.ts,
      quantity: signedQuantity(signed),
      cost: money(cost),
      proceeds: money(paidNow - paid),
      realised: money(paidNow - paid - cost)
    })
    paid = paidNow
    if (part < size) {
      remaining.push({
        ...lot,
        quantity: signedQuantity(lot.quantity - signed),
        cost: money(lot.cost - cost)
      })
    }
  }
  return { closed, remaining }
}

/** What these lots cost together. */
export const costClosed = (closed: ReadonlyArray<ClosedLot>): number =>
  closed.reduce((sum, lot) => sum + lot.cost, 0)

/**
 * `numerator` new shares for `denominator` old in every lot. Costs stay; the
 * running total of the quantities is rounded half to even to the micro, so the
 * lots sum to the rounded whole. A lot too small to keep a micro hands its cost
 * to the next one (the last, to the one before); when none keeps a micro the
 * answer is empty.
 */
export const splitLots = (
  lots: ReadonlyArray<Lot>,
  numerator: number,
  denominator: number
): ReadonlyArray<Lot> => {
  const kept: Array<Lot> = []
  let before = 0
  let after = 0
  let carried = 0
  for (const lot of lots) {
    before += lot.quantity
    const total = proportion(before, numerator, denominator)
    const size = total - after
    after = total
    if (size === 0) {
      carried += lot.cost
    } else {
      kept.push({ ...lot, quantity: signedQuantity(size), cost: money(lot.cost + carried) })
      carried = 0
    }
  }
  const last = kept.at(-1)
  if (last !== undefined && carried !== 0) {
    kept[kept.length - 1] = { ...last, cost: money(last.cost + carried) }
  }
  return kept
}
