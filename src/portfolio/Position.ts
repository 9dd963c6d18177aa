/**
 * One instrument's place in the books: quantity, cost, lots, realised profit.
 *
 * The cost is kept whole (micros of a dollar), never as an average price: a
 * price per share would have to be rounded. Closing a part takes the cost out
 * in proportion, rounded half to even; what stays is the rest. Fees are not in
 * the cost and not in the realised profit: they have an account of their own.
 */
import { Schema } from "effect"
import { clientOrderId, InstrumentId, tradeId } from "../domain/Identifiers.ts"
import type { JournalEventOf, OrderFilled } from "../domain/JournalEvent.ts"
import {
  MICROS,
  Money,
  money,
  notional,
  proportion,
  quantity,
  SignedQuantity,
  signedQuantity,
  zeroMoney
} from "../domain/Money.ts"
import { OptionContract } from "../domain/OptionContract.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { type ClosedLot, closeOldest, Lot, splitLots } from "./Lots.ts"

export const Position = Schema.Struct({
  instrumentId: InstrumentId,
  /** Deliverable units per contract; 1 for shares. */
  multiplier: Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0))),
  /** Of an option. */
  contract: Schema.optionalKey(OptionContract),
  /** Positive long, negative short, zero once closed. */
  quantity: SignedQuantity,
  /** Signed like the quantity: paid for a long position, received for a short one. */
  cost: Money,
  /** Profit of what was closed, by average cost. */
  realised: Money,
  /** Profit of what was closed, by FIFO lots. Equal to `realised` whenever the position is flat. */
  realisedFifo: Money,
  /** Oldest first. */
  lots: Schema.Array(Lot)
})
export type Position = typeof Position.Type

/** How an event changed a position; `amount` is what it cost in cash: negative when it brought cash in. */
export interface PositionChange {
  readonly before: Position
  readonly after: Position
  readonly amount: Money
  readonly closed: ReadonlyArray<ClosedLot>
}

/**
 * Makes sure a sum is still exact. Amounts are bounded where they enter
 * (`MAX_MONEY_MICROS`), so a sum past 2^53 is a bug, and books that silently
 * stop being exact would be the worse one.
 */
const exact = (sum: number, what: string): number => {
  if (!Number.isSafeInteger(sum)) {
    throw new RangeError(`${what} is ${sum} micros, beyond what the books can hold exactly (2^53)`)
  }
  return sum
}

/** Marks a sum as money, having made sure it is still exact: a defect if it is not. */
export const exactMoney = (sum: number, what: string): Money => money(exact(sum, what))

export const emptyPosition = (id: InstrumentId, multiplier: number): Position => ({
  instrumentId: id,
  multiplier,
  quantity: signedQuantity(0),
  cost: zeroMoney,
  realised: zeroMoney,
  realisedFifo: zeroMoney,
  lots: []
})

const positionFor = (held: Position | undefined, fill: OrderFilled): Position => {
  if (held === undefined) return emptyPosition(fill.instrumentId, fill.multiplier)
  if (held.multiplier === fill.multiplier) return held
  if (held.quantity === 0) return { ...held, multiplier: fill.multiplier }
  throw new RangeError(
    `fill ${fill.tradeId} of ${fill.instrumentId} has multiplier ${fill.multiplier}, the open position ${held.multiplier}`
  )
}

/** Takes `closing` micros (unsigned, at most what is held) out of the position, for `proceeds`. */
const close = (
  position: Position,
  closing: number,
  proceeds: Money,
  ts: Timestamp
): { readonly position: Position; readonly closed: ReadonlyArray<ClosedLot> } => {
  const size = Math.abs(position.quantity)
  const cost = closing === 0 ? 0 : proportion(position.cost, closing, size)
  const { closed, remaining } =
    closing === 0
      ? { closed: [], remaining: position.lots }
      : closeOldest(position.lots, { quantity: closing, proceeds, ts })
  const costFifo = closed.reduce((sum, lot) => sum + lot.cost, 0)
  return {
    position: {
      ...position,
      quantity: signedQuantity(position.quantity + (position.quantity < 0 ? closing : 0 - closing)),
      cost: money(position.cost - cost),
      realised: exactMoney(position.realised + proceeds - cost, `realised of ${position.instrumentId}`),
      realisedFifo: exactMoney(
        position.realisedFifo + proceeds - costFifo,
        `FIFO realised of ${position.instrumentId}`
      ),
      lots: remaining
    },
    closed
  }
}

/**
 * A fill. In the position's direction it adds to the cost and opens a lot;
 * against it, it realises; when it is larger than the position, the part that
 * closes realises at the fill's price and the rest opens the other way.
 */
export const fillPosition = (held: Position | undefined, fill: OrderFilled): PositionChange => {
  const before = positionFor(held, fill)
  const signed = (unsigned: number): number => (fill.side === "BUY" ? unsigned : 0 - unsigned)
  const amountOf = (part: number): number => signed(notional(fill.price, quantity(part), fill.multiplier))
  const amount = exactMoney(amountOf(fill.quantity), `the amount of fill ${fill.tradeId}`)
  const against = before.quantity !== 0 && before.quantity < 0 !== signed(1) < 0
  const closing = against ? Math.min(fill.quantity, Math.abs(before.quantity)) : 0
  const opening = fill.quantity - closing

  // The two parts sum to the fill's amount: rounding is decided once, on the closing part.
  const amountClosed = opening === 0 ? amount : amountOf(closing)
  const { position, closed } = close(before, closing, money(0 - amountClosed), fill.tsEvent)
  if (opening === 0) return { before, after: position, amount, closed }
  const lot: Lot = {
    tradeId: fill.tradeId,
    tsOpen: fill.tsEvent,
    quantity: signedQuantity(signed(opening)),
    cost: money(amount - amountClosed)
  }
  const after: Position = {
    ...position,
    quantity: signedQuantity(exact(position.quantity + lot.quantity, `quantity of ${fill.instrumentId}`)),
    cost: exactMoney(position.cost + lot.cost, `cost of ${fill.instrumentId}`),
    lots: position.lots.concat(lot)
  }
  return { before, after, amount, closed }
}

/**
 * A position that the venue holds differently: what came or went, as a fill of
 * the difference at the correction's price. `amount` is what it is worth there.
 */
export const correctPosition = (
  held: Position | undefined,
  event: JournalEventOf<"PositionCorrected">
): PositionChange => {
  const difference = event.to - (held?.quantity ?? 0)
  return fillPosition(held, {
    _tag: "OrderFilled",
    clientOrderId: clientOrderId("correction"),
    tradeId: tradeId(`correction-${event.instrumentId}-${event.tsEvent}`),
    tsEvent: event.tsEvent,
    instrumentId: event.instrumentId,
    side: difference < 0 ? "SELL" : "BUY",
    quantity: quantity(Math.abs(difference)),
    price: event.price,
    fee: zeroMoney,
    multiplier: event.multiplier,
    final: true
  })
}

/**
 * The size of a position after a split: whole shares that stay, and the
 * fraction that is paid out (both signed, micros). The new size is rounded half
 * to even to the micro first; a micro is the finest quantity there is.
 */
export const splitSize = (
  held: Position,
  numerator: number,
  denominator: number
): { readonly whole: number; readonly fraction: number } => {
  const size = proportion(held.quantity, numerator, denominator)
  const fraction = size % MICROS
  return { whole: size - fraction, fraction: fraction === 0 ? 0 : fraction }
}

/**
 * A split: quantities change, the cost does not. The fraction of a share that
 * is paid out leaves like a sale for `cashInLieu` (negative for a short
 * position, which owes it), so its profit is in `realised`.
 */
export const splitPosition = (before: Position, event: JournalEventOf<"SplitApplied">): PositionChange => {
  const { whole, fraction } = splitSize(before, event.numerator, event.denominator)
  const lots = splitLots(before.lots, event.numerator, event.denominator)
  // Nothing is left of it, not even a micro: the old shares leave as they are.
  const vanishes = lots.length === 0
  const rescaled: Position = vanishes
    ? before
    : {
        ...before,
        quantity: signedQuantity(exact(whole + fraction, `quantity of ${before.instrumentId}`)),
        lots
      }
  const closing = Math.abs(vanishes ? before.quantity : fraction)
  const { position, closed } = close(rescaled, closing, event.cashInLieu, event.tsEvent)
  return { before, after: position, amount: money(0 - event.cashInLieu), closed }
}
