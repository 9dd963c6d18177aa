/**
 * LEAN's orders and what filled of them.
 *
 * Fills are told by the file of order events, with their fees. Where it is
 * missing they are told by the orders that are filled: one fill each, whose
 * fee is known only when it is the only one of the run.
 */
import { type ClientOrderId, clientOrderId, type InstrumentId, symbolOf } from "../../domain/Identifiers.ts"
import {
  dollars,
  type Money,
  netPrice,
  type Price,
  pricePerShare,
  type Quantity,
  quantity,
  zeroMoney,
  zeroQuantity
} from "../../domain/Money.ts"
import type { OrderSide, OrderStatus, OrderType, TimeInForce } from "../../domain/Order.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import * as TradingCalendar from "../../market/TradingCalendar.ts"
import type { FillRow, OptionRow, OrderRow } from "../BacktestRows.ts"
import type { LeanOrder, LeanOrderEvent } from "./LeanResult.ts"
import {
  leanInstant,
  leanInstrument,
  leanMultiplier,
  leanPrice,
  leanQuantity,
  leanTime
} from "./LeanValues.ts"

export interface LeanOrders {
  readonly orders: ReadonlyArray<OrderRow>
  /** By time. */
  readonly fills: ReadonlyArray<FillRow>
  readonly options: ReadonlyArray<OptionRow>
  /** What the books could not hold, and why. */
  readonly leftOut: ReadonlyArray<string>
  /** Whether each fill's own fee is known. */
  readonly knowsFees: boolean
}

/** LEAN's `OrderType` of an option's exercise. */
const EXERCISE = 6
/** LEAN's `OrderStatus`. */
const FILLED = 3

/** `OrderStatus` of LEAN: New, Submitted, PartiallyFilled, Filled, (none), Canceled, None, Invalid, CancelPending, UpdateSubmitted. */
const statuses: ReadonlyArray<OrderStatus> = [
  "Initialized",
  "Accepted",
  "PartiallyFilled",
  "Filled",
  "Unknown",
  "Canceled",
  "Initialized",
  "Rejected",
  "PendingCancel",
  "Accepted"
]

const limit = (order: LeanOrder): Price | undefined => leanPrice(order.limitPrice ?? order.price)
const stop = (order: LeanOrder): Price | undefined => leanPrice(order.stopPrice ?? order.price)

const trailing = ({ price: last, trailingAmount, trailingAsPercentage }: LeanOrder): Price | undefined => {
  const amount = trailingAmount ?? 0
  return leanPrice(trailingAsPercentage === true ? amount * last : amount)
}

/** By LEAN's `OrderType`; undefined where a price of it is none that the books hold. */
const typeOf = (order: LeanOrder): OrderType | undefined => {
  switch (order.type) {
    // Limit, LimitIfTouched, ComboLegLimit
    case 1:
    case 7:
    case 10: {
      const limitPrice = limit(order)
      return limitPrice === undefined ? undefined : { _tag: "Limit", limitPrice }
    }
    case 2: {
      const stopPrice = stop(order)
      return stopPrice === undefined ? undefined : { _tag: "StopMarket", stopPrice }
    }
    case 3: {
      const stopPrice = stop(order)
      const limitPrice = limit(order)
      return stopPrice === undefined || limitPrice === undefined
        ? undefined
        : { _tag: "StopLimit", stopPrice, limitPrice }
    }
    // ComboLimit: of the whole combo, a credit is negative.
    case 9:
      return { _tag: "NetLimit", netPrice: netPrice(pricePerShare(order.limitPrice ?? 0)) }
    case 11: {
      const trailingOffset = trailing(order)
      return trailingOffset === undefined ? undefined : { _tag: "TrailingStopMarket", trailingOffset }
    }
    default:
      return { _tag: "Market" }
  }
}

const forces: ReadonlyMap<number, TimeInForce> = new Map([
  [4, "AT_THE_OPEN"],
  [5, "AT_THE_CLOSE"]
])

const sideOf = (signed: number): OrderSide => (signed < 0 ? "SELL" : "BUY")

/** The events that filled something, in the order they happened. */
const fillEvents = (events: ReadonlyArray<LeanOrderEvent>): ReadonlyArray<LeanOrderEvent> =>
  events
    .filter(({ fillQuantity }) => typeof fillQuantity === "number" && fillQuantity !== 0)
    .toSorted((a, b) => a.time - b.time || (a.orderEventId ?? 0) - (b.orderEventId ?? 0))

interface Filled {
  readonly order: LeanOrder
  readonly symbol: string
  /** Negative of a sale. */
  readonly quantity: number
  readonly price: number
  readonly fee: Money
  readonly at: Timestamp
}

const ofEvents = (
  orders: ReadonlyMap<number, LeanOrder>,
  events: ReadonlyArray<LeanOrderEvent>
): ReadonlyArray<Filled> =>
  fillEvents(events).flatMap((event) => {
    const order = orders.get(event.orderId)
    return order === undefined
      ? []
      : [
          {
            order,
            // An exercise moves the contract and, in an event of its own, what it is on.
            symbol: event.symbolValue ?? order.symbol.value,
            quantity: event.fillQuantity ?? 0,
            price: event.fillPrice ?? 0,
            fee: dollars(event.orderFeeAmount ?? 0),
            at: leanInstant(event.time)
          }
        ]
  })

const ofOrders = (orders: Iterable<LeanOrder>, totalFees: Money): ReadonlyArray<Filled> => {
  const filled = [...orders].filter(({ status }) => status === FILLED)
  return filled
    .flatMap((order) => {
      const at = leanTime(order.lastFillTime ?? order.time)
      const fee = filled.length === 1 ? totalFees : zeroMoney
      return at === undefined
        ? []
        : [{ order, symbol: order.symbol.value, quantity: order.quantity, price: order.price, fee, at }]
    })
    .toSorted((a, b) => a.at - b.at || a.order.id - b.order.id)
}

const idOf = ({ id }: LeanOrder) => clientOrderId(`lean-${id}`)

const what = ({ id, symbol }: LeanOrder): string => `order ${id} (${symbol.value})`

const fillRow = (filled: Filled): FillRow | string => {
  const id = leanInstrument(filled.symbol)
  const count = leanQuantity(filled.quantity)
  const at = leanPrice(filled.price)
  if (count === undefined)
    return `${what(filled.order)}: a fill of ${Math.abs(filled.quantity)} is more than the books hold`
  if (at === undefined)
    return `${what(filled.order)}: a fill at ${filled.price} is at no price that the books hold`
  return {
    orderId: idOf(filled.order),
    instrumentId: id,
    side: sideOf(filled.quantity),
    quantity: count,
    price: at,
    multiplier: leanMultiplier(id),
    fee: filled.fee,
    tsEvent: filled.at
  }
}

/** The last thing an event said of each order. */
const reasonsOf = (events: ReadonlyArray<LeanOrderEvent>): ReadonlyMap<number, string> =>
  new Map(
    events.flatMap(({ message, orderId }) =>
      typeof message === "string" && message !== "" ? [[orderId, message] as const] : []
    )
  )

/** With nothing filled. */
const orderRow = (order: LeanOrder, reason: string | undefined): OrderRow | string => {
  const size = leanQuantity(order.quantity)
  const type = typeOf(order)
  const at = leanTime(order.createdTime ?? order.time)
  if (size === undefined) return `${what(order)}: ${Math.abs(order.quantity)} is more than the books hold`
  if (type === undefined) return `${what(order)}: its price is none that the books hold`
  if (at === undefined) return `${what(order)}: its time is ${order.time}`
  const status = statuses[order.status] ?? "Unknown"
  const rationale = order.type === EXERCISE ? (order.tag ?? "option exercise") : order.tag
  return {
    id: idOf(order),
    instrumentId: leanInstrument(order.symbol.value),
    side: sideOf(order.quantity),
    type,
    size: { _tag: "Quantity", quantity: size },
    timeInForce: forces.get(order.type) ?? "GTC",
    status,
    tsEvent: at,
    filledQuantity: zeroQuantity,
    ...(status === "Filled" || reason === undefined ? {} : { reason }),
    ...(typeof rationale === "string" && rationale !== "" ? { rationale } : {})
  }
}

const optionRow = (
  { order, quantity: signed, symbol, ...rest }: Filled,
  event: LeanOrderEvent | undefined
): OptionRow => {
  const said = event?.message ?? order.tag ?? ""
  const count = quantity(Math.round(Math.abs(signed) * 1_000_000))
  const isWorthless = /otm|out.of.the.money|worthless/iu.test(said)
  return {
    date: TradingCalendar.exchangeDate(rest.at),
    kind: event?.isAssignment === true ? "assigned" : isWorthless ? "expired" : "exercised",
    symbol: symbolOf(leanInstrument(symbol)),
    quantity: count,
    price: null,
    amount: null,
    note: said
  }
}

const optionRows = (
  filled: ReadonlyArray<Filled>,
  events: ReadonlyArray<LeanOrderEvent>
): ReadonlyArray<OptionRow> =>
  filled
    .filter(({ order, symbol }) => order.type === EXERCISE && symbol === order.symbol.value)
    .map((one) =>
      optionRow(
        one,
        events.find(
          ({ isAssignment, message, orderId }) =>
            orderId === one.order.id && (isAssignment === true || (message ?? "") !== "")
        )
      )
    )

/** Whole and partial fills of an order, of its own instrument. */
const filledOf = (fills: ReadonlyArray<FillRow>, id: InstrumentId): Quantity =>
  quantity(fills.reduce((sum, fill) => (fill.instrumentId === id ? sum + fill.quantity : sum), 0))

/** `totalFees` is the run's; `events` undefined where there is no file of them. */
export const leanOrders = (
  orders: Iterable<LeanOrder>,
  events: ReadonlyArray<LeanOrderEvent> | undefined,
  totalFees: Money
): LeanOrders => {
  const byId = new Map([...orders].toSorted((a, b) => a.id - b.id).map((order) => [order.id, order]))
  const leftOut: Array<string> = []
  const kept = <T extends object>(row: T | string): ReadonlyArray<T> => {
    if (typeof row !== "string") return [row]
    leftOut.push(row)
    return []
  }
  const reasons = reasonsOf(events ?? [])
  const asked = [...byId.values()].flatMap((order) => kept(orderRow(order, reasons.get(order.id))))
  const ids = new Set(asked.map(({ id }) => id))
  const all = events === undefined ? ofOrders(byId.values(), totalFees) : ofEvents(byId, events)
  const filled = all.filter(({ order }) => ids.has(idOf(order)))
  const fills = filled.flatMap((one) => kept(fillRow(one)))
  const byOrder = new Map<ClientOrderId, Array<FillRow>>()
  for (const fill of fills) byOrder.set(fill.orderId, [...(byOrder.get(fill.orderId) ?? []), fill])
  return {
    orders: asked.map((row) => ({
      ...row,
      filledQuantity: filledOf(byOrder.get(row.id) ?? [], row.instrumentId)
    })),
    fills,
    options: optionRows(filled, events ?? []),
    leftOut,
    knowsFees: events !== undefined || all.length <= 1
  }
}
