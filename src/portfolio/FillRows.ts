/**
 * Fills one by one, as lists and exports show them: a trade is one; an option
 * that is exercised or assigned is its own end and, where shares are delivered,
 * those. Pure.
 */
import type { ClientOrderId, InstrumentId, TradeId } from "../domain/Identifiers.ts"
import type { FillEvent, JournalEventOf } from "../domain/JournalEvent.ts"
import {
  MICROS,
  type Money,
  money,
  notional,
  type Price,
  price,
  proportion,
  type Quantity,
  zeroMoney
} from "../domain/Money.ts"
import type { OptionContract } from "../domain/OptionContract.ts"
import type { OrderSide } from "../domain/Order.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { endSide } from "./Position.ts"

/** TRADE: of an order. EXERCISE, ASSIGNMENT, EXPIRY: contracts that leave. DELIVERY: the shares that come or go for them. */
export type FillKind = "TRADE" | "EXERCISE" | "ASSIGNMENT" | "EXPIRY" | "DELIVERY"

export interface FillRow {
  readonly kind: FillKind
  readonly tsEvent: Timestamp
  readonly tradeId: TradeId
  /** Of a trade. */
  readonly clientOrderId?: ClientOrderId
  readonly instrumentId: InstrumentId
  readonly side: OrderSide
  readonly quantity: Quantity
  /** Of a share or a unit of the contract; where only the amount is exact, rounded to the micro. */
  readonly price: Price
  readonly multiplier: number
  /** Paid when bought, received when sold, without the fee: zero for an option that leaves for shares or for nothing. */
  readonly amount: Money
  readonly fee: Money
  /** Of an option. */
  readonly contract?: OptionContract
}

const kinds = {
  OptionExercised: "EXERCISE",
  OptionAssigned: "ASSIGNMENT",
  OptionExpired: "EXPIRY"
} as const

type Exercise = JournalEventOf<"OptionExercised" | "OptionAssigned">

/** Micros each of so many come to; zero of none. */
const priceOf = (amount: number, size: Quantity, multiplier: number): Price =>
  price(size === 0 ? 0 : Math.max(0, proportion(amount, MICROS, size * multiplier)))

const endRow = (event: Exclude<FillEvent, { readonly _tag: "OrderFilled" }>): FillRow => {
  const { contract, instrumentId, multiplier, quantity, tradeId, tsEvent } = event
  const side = endSide(event)
  const cash = event._tag === "OptionExpired" ? 0 : (event.cash ?? 0)
  const amount = money(side === "SELL" ? cash : 0 - cash)
  return {
    kind: kinds[event._tag],
    tsEvent,
    tradeId,
    instrumentId,
    side,
    quantity,
    price: priceOf(amount, quantity, multiplier),
    multiplier,
    amount,
    fee: event._tag === "OptionExpired" ? zeroMoney : event.fee,
    contract
  }
}

const deliveryRow = ({ delivery, tsEvent }: Exercise): FillRow | undefined =>
  delivery && {
    kind: "DELIVERY",
    tsEvent,
    ...delivery,
    price: priceOf(delivery.amount, delivery.quantity, 1),
    multiplier: 1,
    fee: zeroMoney
  }

/** The fills of one event: the trade; or the option's end, and the shares that came or went for it after it. */
export const fillRows = (event: FillEvent): ReadonlyArray<FillRow> => {
  if (event._tag !== "OrderFilled") {
    const delivered = event._tag === "OptionExpired" ? undefined : deliveryRow(event)
    return delivered === undefined ? [endRow(event)] : [endRow(event), delivered]
  }
  const { clientOrderId, contract, fee, instrumentId, multiplier, quantity, side, tradeId, tsEvent } = event
  return [
    {
      kind: "TRADE",
      tsEvent,
      tradeId,
      clientOrderId,
      instrumentId,
      side,
      quantity,
      price: event.price,
      multiplier,
      amount: notional(event.price, quantity, multiplier),
      fee,
      ...(contract === undefined ? {} : { contract })
    }
  ]
}
