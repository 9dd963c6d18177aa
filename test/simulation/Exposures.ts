/**
 * The limits on size, worked out once more and in another way than the rules
 * do: every order that may fill is taken to have filled, one by one, on the
 * side that makes the position largest. Combos are held to the number of orders
 * alone: what they may lose is worked out anew in the tests of the worst case.
 */
import type { InstrumentId } from "../../src/domain/Identifiers.ts"
import type { OrderSide } from "../../src/domain/Order.ts"
import type { OrderLeg } from "../../src/domain/OrderLeg.ts"
import { type BookState, type LiveOrder, liveOrder } from "../../src/execution/Book.ts"
import * as Ledger from "../../src/portfolio/Ledger.ts"
import type { RiskLimits } from "../../src/risk/RiskLimits.ts"

interface Counted {
  readonly side: OrderSide
  readonly instrumentId: InstrumentId
  readonly shares: bigint
  readonly value: bigint
  /** Of these only the largest counts. */
  readonly group: string
}

const ceilDivide = (a: bigint, b: bigint): bigint => (a + b - 1n) / b

const leaves = (live: LiveOrder): { readonly shares: bigint; readonly value: bigint } => {
  const { content, filledNotional, filledQuantity } = live.order
  const price = BigInt(live.valuePrice)
  if (content.size._tag === "Notional") {
    const value = BigInt(Math.max(0, content.size.notional - filledNotional))
    return { value, shares: price === 0n ? 0n : (value * 1_000_000n) / price }
  }
  const shares = BigInt(Math.max(0, content.size.quantity - filledQuantity))
  return { shares, value: ceilDivide(price * shares * BigInt(live.multiplier), 1_000_000n) }
}

/** A bracket's exit that waits for its entry cannot fill. */
const isHeldBack = (book: BookState, { order }: LiveOrder): boolean => {
  const entry = order.parent === undefined ? undefined : liveOrder(book, order.parent)
  return entry !== undefined && entry.order.filledQuantity === 0
}

const counted = (book: BookState): ReadonlyArray<Counted> =>
  Object.values(book.orders)
    .filter((live) => live.order.content.legs === undefined && !isHeldBack(book, live))
    .map((live) => ({
      side: live.order.content.side,
      instrumentId: live.order.content.instrumentId,
      ...leaves(live),
      group: live.order.parent ?? live.order.content.ocoGroup ?? live.order.clientOrderId
    }))

type Figure = "shares" | "value"

/** The largest of each group, summed up. */
const total = (orders: ReadonlyArray<Counted>, figure: Figure): bigint => {
  const largest = new Map<string, bigint>()
  for (const order of orders) {
    const known = largest.get(order.group) ?? 0n
    largest.set(order.group, order[figure] > known ? order[figure] : known)
  }
  return [...largest.values()].reduce((sum, value) => sum + value, 0n)
}

const reach = (held: bigint, orders: ReadonlyArray<Counted>): bigint => {
  const of = (side: OrderSide) =>
    total(
      orders.filter((order) => order.side === side),
      "value"
    )
  const up = held + of("BUY")
  const down = of("SELL") - held
  return up > down ? up : down
}

/** What `order`, which `book` has, would break. `marks` are the last prices of what is held. */
export const problems = (options: {
  readonly book: BookState
  readonly order: LiveOrder
  readonly limits: RiskLimits
  readonly marks: ReadonlyMap<InstrumentId, number>
}): { readonly broken: ReadonlyArray<string>; readonly isReducing: boolean } => {
  const { book, limits, marks, order } = options
  const { instrumentId, side } = order.order.content
  const positions = Ledger.positions(book.ledger)
  const valueOf = (id: InstrumentId): bigint => {
    const held = positions.find((position) => position.instrumentId === id)
    if (held === undefined) return 0n
    return (BigInt(held.quantity) * BigInt(marks.get(id) ?? 0) * BigInt(held.multiplier)) / 1_000_000n
  }
  const shrinks = (leg: OrderLeg, units: bigint): boolean => {
    const has = positions.find((position) => position.instrumentId === leg.instrumentId)?.quantity ?? 0
    return (leg.side === "SELL" ? has > 0 : has < 0) && units * BigInt(leg.ratio) <= BigInt(Math.abs(has))
  }
  const orders = counted(book)
  const own = orders.filter((other) => other.instrumentId === instrumentId)
  const held = BigInt(positions.find((position) => position.instrumentId === instrumentId)?.quantity ?? 0)
  const sameSide = total(
    own.filter((other) => other.side === side),
    "shares"
  )
  const { legs } = order.order.content
  const size = held < 0n ? -held : held
  const isReducing =
    legs === undefined
      ? (side === "SELL" ? held > 0n : held < 0n) && sameSide <= size
      : legs.every((leg) => shrinks(leg, leaves(order).shares))

  const broken: Array<string> = []
  const open = Object.keys(book.orders).length
  if (open > limits.openOrders) broken.push(`${open} orders work, more than ${limits.openOrders}`)
  if (isReducing || legs !== undefined) return { broken, isReducing }
  if (side === "SELL" && !limits.shortSales && sameSide > size)
    broken.push(`the sale goes beyond what is held: ${sameSide} of ${size}`)
  const equity = positions.reduce((sum, { instrumentId: id }) => sum + valueOf(id), BigInt(book.ledger.cash))
  const within = (ratio: number) => (equity * BigInt(Math.round(ratio * 1_000_000))) / 1_000_000n
  // Each position is rounded by less than a micro.
  const slack = BigInt(positions.length)
  const position = reach(valueOf(instrumentId), own)
  if (position > within(limits.positionRatio) + slack)
    broken.push(`the position may come to ${position}, of an equity of ${equity}`)
  const all = new Set([
    ...positions.map(({ instrumentId: id }) => id),
    ...orders.map((other) => other.instrumentId)
  ])
  const gross = [...all].reduce(
    (sum, id) =>
      sum +
      reach(
        valueOf(id),
        orders.filter((other) => other.instrumentId === id)
      ),
    0n
  )
  if (gross > within(limits.grossExposureRatio) + slack)
    broken.push(`everything together may come to ${gross}, of an equity of ${equity}`)
  const buys = total(
    orders.filter((other) => other.side === "BUY"),
    "value"
  )
  if (side === "BUY" && buys > BigInt(book.ledger.cash)) broken.push(`buys of ${buys}, more than the cash`)
  return { broken, isReducing }
}
