/**
 * One instrument's place in the books: quantity, cost, lots, realised profit.
 *
 * The cost is kept whole (micros of a dollar), never as an average price: a
 * price per share would have to be rounded. Closing a part takes the cost out
 * in proportion, rounded half to even; what stays is the rest. Fees are not in
 * the cost and not in the realised profit: they have an account of their own.
 */
import { Schema } from "effect"
import { clientOrderId, InstrumentId, type TradeId, tradeId } from "../domain/Identifiers.ts"
import type { FillEvent, JournalEventOf, OrderFilled } from "../domain/JournalEvent.ts"
import {
  MICROS,
  Money,
  money,
  notional,
  proportion,
  type Quantity,
  quantity,
  SignedQuantity,
  signedQuantity,
  zeroMoney
} from "../domain/Money.ts"
import { OptionContract, sameContract } from "../domain/OptionContract.ts"
import { type OrderSide, signOf } from "../domain/Order.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { type ClosedLot, closeOldest, costClosed, costOf, Lot, quantityOf, splitLots } from "./Lots.ts"

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

/** What comes into a position or leaves it: a fill, or shares delivered on an option. */
interface Trade {
  readonly tradeId: TradeId
  readonly tsEvent: Timestamp
  readonly instrumentId: InstrumentId
  readonly multiplier: number
  readonly contract?: OptionContract
  readonly side: OrderSide
  readonly quantity: Quantity
  /** Signed by the side, micros: what so much of it costs when bought, less what it brings when sold. */
  readonly amountOf: (part: number) => number
}

const withContract = (position: Position, contract: OptionContract | undefined): Position =>
  contract === undefined ? position : { ...position, contract }

const positionFor = (held: Position | undefined, trade: Trade): Position => {
  const { contract, instrumentId, multiplier, tradeId: id } = trade
  if (held === undefined) return withContract(emptyPosition(instrumentId, multiplier), contract)
  if (held.quantity === 0) return withContract({ ...held, multiplier }, contract)
  if (held.multiplier !== multiplier) {
    throw new RangeError(
      `fill ${id} of ${instrumentId} has multiplier ${multiplier}, the open position ${held.multiplier}`
    )
  }
  if (contract === undefined) return held
  if (held.contract !== undefined && !sameContract(held.contract, contract)) {
    throw new RangeError(`fill ${id} of ${instrumentId} is for another contract than the open position`)
  }
  return held.contract === undefined ? { ...held, contract } : held
}

/**
 * Takes `closing` micros (unsigned, at most what is held) out of the position, for
 * `proceeds`; where there are none, each lot leaves for what it cost.
 */
const close = (
  position: Position,
  closing: number,
  paid: Money | undefined,
  ts: Timestamp
): { readonly position: Position; readonly closed: ReadonlyArray<ClosedLot> } => {
  const size = Math.abs(position.quantity)
  const cost = closing === 0 ? 0 : proportion(position.cost, closing, size)
  const { closed, remaining } =
    closing === 0
      ? { closed: [], remaining: position.lots }
      : closeOldest(position.lots, {
          instrumentId: position.instrumentId,
          quantity: closing,
          ...(paid === undefined ? {} : { proceeds: paid }),
          ts
        })
  const costFifo = costClosed(closed)
  const proceeds = paid ?? costFifo
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
 * A trade. In the position's direction it adds to the cost and opens a lot;
 * against it, it realises; when it is larger than the position, the part that
 * closes realises its share of the amount and the rest opens the other way.
 */
const tradePosition = (held: Position | undefined, trade: Trade): PositionChange => {
  const before = positionFor(held, trade)
  const sign = signOf(trade.side)
  const amount = exactMoney(trade.amountOf(trade.quantity), `the amount of fill ${trade.tradeId}`)
  const against = before.quantity !== 0 && before.quantity < 0 !== sign < 0
  const closing = against ? Math.min(trade.quantity, Math.abs(before.quantity)) : 0
  const opening = trade.quantity - closing

  // The two parts sum to the trade's amount: rounding is decided once, on the closing part.
  const amountClosed = opening === 0 ? amount : trade.amountOf(closing)
  const { position, closed } = close(before, closing, money(0 - amountClosed), trade.tsEvent)
  if (opening === 0) return { before, after: position, amount, closed }
  const lot: Lot = {
    tradeId: trade.tradeId,
    tsOpen: trade.tsEvent,
    quantity: signedQuantity(sign * opening),
    cost: money(amount - amountClosed)
  }
  const after: Position = {
    ...position,
    quantity: signedQuantity(exact(position.quantity + lot.quantity, `quantity of ${trade.instrumentId}`)),
    cost: exactMoney(position.cost + lot.cost, `cost of ${trade.instrumentId}`),
    lots: position.lots.concat(lot)
  }
  return { before, after, amount, closed }
}

/** A fill: what so much of it costs follows from its price. */
export const fillPosition = (held: Position | undefined, fill: OrderFilled): PositionChange => {
  const sign = signOf(fill.side)
  return tradePosition(held, {
    ...fill,
    amountOf: (part) => sign * notional(fill.price, quantity(part), fill.multiplier)
  })
}

/** Shares that came or went on an option, for `amount` in all (signed: positive paid, negative received). */
export const deliverShares = (
  held: Position | undefined,
  delivery: {
    readonly tradeId: TradeId
    readonly tsEvent: Timestamp
    readonly instrumentId: InstrumentId
    readonly side: OrderSide
    readonly quantity: Quantity
    readonly amount: number
  }
): PositionChange => {
  const { amount, quantity: whole, ...trade } = delivery
  return tradePosition(held, {
    ...trade,
    quantity: whole,
    multiplier: 1,
    amountOf: (part) => (part === whole ? amount : proportion(amount, part, whole))
  })
}

/** An option that ends: exercised, assigned or expired. */
type OptionEnd = Exclude<FillEvent, OrderFilled>

/** How it leaves: a long one sold, a short one bought. */
export const endSide = (event: OptionEnd): OrderSide => {
  switch (event._tag) {
    case "OptionExercised":
      return "SELL"
    case "OptionAssigned":
      return "BUY"
    case "OptionExpired":
      return event.side
  }
}

/** What it brought; undefined where shares carry its cost on. */
const proceedsOf = (event: OptionEnd): Money | undefined => {
  if (event._tag === "OptionExpired") return zeroMoney
  return event.delivery === undefined ? (event.cash ?? zeroMoney) : undefined
}

/**
 * An option that leaves the books as it ends. Where shares are delivered each lot
 * leaves for what it cost, which the shares carry on; else for the cash, if any.
 */
export const endOption = (held: Position | undefined, event: OptionEnd): PositionChange => {
  const size = held?.quantity ?? 0
  const isOnSide = endSide(event) === "SELL" ? size > 0 : size < 0
  if (held === undefined || !isOnSide || event.quantity > Math.abs(size)) {
    throw new RangeError(
      `${event._tag} ${event.tradeId} is of ${event.quantity} micros of ${event.instrumentId}, the books hold ${size}`
    )
  }
  const paid = proceedsOf(event)
  const { closed, position } = close(held, event.quantity, paid, event.tsEvent)
  return { before: held, after: position, amount: money(0 - (paid ?? costClosed(closed))), closed }
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
    ...(event.contract === undefined ? {} : { contract: event.contract }),
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

/** A contract whose terms a split or a special dividend has changed. */
type Adjustment = JournalEventOf<"OptionAdjusted">

const emptied = (before: Position): Position => ({
  ...before,
  quantity: signedQuantity(0),
  cost: zeroMoney,
  realised: before.realisedFifo,
  lots: []
})

/** The position under the new id, with the lots that come to it; they sum to `before`'s cost by FIFO. */
const joined = (
  before: Position,
  held: Position | undefined,
  event: Adjustment,
  lots: ReadonlyArray<Lot>
): PositionChange => {
  const { contract, multiplier, to, tsEvent } = event
  const into = held ?? emptyPosition(to, multiplier)
  if (
    into.quantity !== 0 &&
    (into.multiplier !== multiplier || into.contract === undefined || !sameContract(into.contract, contract))
  ) {
    throw new RangeError(`${before.instrumentId} becomes ${to}, of which the books hold another contract`)
  }
  const isAgainst = into.quantity !== 0 && into.quantity < 0 !== before.quantity < 0
  const closing = isAgainst ? Math.min(Math.abs(into.quantity), Math.abs(quantityOf(lots))) : 0
  const met = closeOldest(lots, { instrumentId: to, quantity: closing, ts: tsEvent })
  const { closed, position } = close(into, closing, money(0 - costClosed(met.closed)), tsEvent)
  // What average cost has realised ahead of FIFO goes along with the lots, so that the cost stays what it was.
  const ahead = isAgainst ? 0 : before.realised - before.realisedFifo
  const after: Position = {
    ...position,
    multiplier,
    contract,
    quantity: signedQuantity(exact(position.quantity + quantityOf(met.remaining), `quantity of ${to}`)),
    cost: exactMoney(position.cost + costOf(met.remaining) + ahead, `cost of ${to}`),
    realised: exactMoney(position.realised + ahead, `realised of ${to}`),
    lots: [...position.lots, ...met.remaining].toSorted((a, b) => a.tsOpen - b.tsOpen)
  }
  return { before: into, after, amount: zeroMoney, closed }
}

/**
 * A contract that goes on as another one: quantities change, costs do not, and
 * nothing is realised. What was realised under the old id stays there. A
 * position under the new id is added to, or where it is the other way round
 * closed with the lots that come, each at its cost. No cash moves.
 */
export const adjustOption = (
  before: Position,
  into: Position | undefined,
  event: Adjustment
): ReadonlyArray<PositionChange> => {
  const { contract, denominator, instrumentId, multiplier, numerator, to } = event
  const lots = splitLots(before.lots, numerator, denominator)
  if (lots.length === 0) {
    // Not even a micro is left of it.
    const { closed, position } = close(before, Math.abs(before.quantity), zeroMoney, event.tsEvent)
    return [{ before, after: position, amount: zeroMoney, closed }]
  }
  if (to === instrumentId) {
    const quantityNow = signedQuantity(exact(quantityOf(lots), `quantity of ${to}`))
    const after: Position = { ...before, contract, multiplier, quantity: quantityNow, lots }
    return [{ before, after, amount: zeroMoney, closed: [] }]
  }
  return [
    { before, after: emptied(before), amount: zeroMoney, closed: [] },
    joined(before, into, event, lots)
  ]
}
