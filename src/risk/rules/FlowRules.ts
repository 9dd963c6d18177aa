/** How orders follow each other: duplicates, how many work, how many a minute, and never against ourselves. */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import {
  type OrderContent,
  type OrderSide,
  type OrderSize,
  type OrderType,
  sameContent
} from "../../domain/Order.ts"
import { MICROS_PER_MINUTE, MICROS_PER_SECOND } from "../../domain/Timestamp.ts"
import { isCombo } from "../options/Underlyings.ts"
import type { LegFacts, OrderFacts } from "../OrderFacts.ts"
import type { RecentOrder, WorkingOrder } from "../RiskSnapshot.ts"
import { deny, denyUnlessReducing, isMissing, pass, type Rule, usd } from "./Ruling.ts"

const sameSize = (a: OrderSize, b: OrderSize): boolean =>
  a._tag === "Quantity"
    ? b._tag === "Quantity" && a.quantity === b.quantity
    : b._tag === "Notional" && a.notional === b.notional

/** Told apart by what mostly differs, before the whole is compared. */
const isRepeatOf = (order: OrderContent, { content }: RecentOrder): boolean =>
  content.instrumentId === order.instrumentId &&
  content.side === order.side &&
  sameSize(content.size, order.size) &&
  sameContent(content, order)

/**
 * Clocks: market; on the desk the steady one as well, whichever says less time
 * has passed. An order of the same content (whatever quote it cites) within the
 * window is a duplicate, unless it says that it is a repeat. A time that lies
 * ahead counts as now.
 */
export const duplicate: Rule = (facts) => {
  const { limits, order, snapshot } = facts
  const { clocks, now, recentOrders, steadyNow } = snapshot
  const measured = { rule: "duplicate", unit: "seconds" } as const
  if (limits === undefined) return deny(measured, "The limits are missing.")
  if (order.repeat) return pass(measured, "The order says that it is a repeat.")
  if (recentOrders === undefined)
    return denyUnlessReducing(facts, measured, "The list of recent orders is missing.")
  if (isMissing(now)) return denyUnlessReducing(facts, measured, "The market's time is missing.")
  if (clocks !== "market" && (clocks !== "both" || isMissing(steadyNow))) {
    return denyUnlessReducing(facts, measured, "The steady time is missing, or which clocks count.")
  }
  const steady = clocks === "both" ? steadyNow : undefined
  const limit = limits.duplicateWindowSeconds
  const window = Math.round(limit * MICROS_PER_SECOND)
  for (const recent of recentOrders) {
    const since =
      steady === undefined ? now - recent.tsMarket : Math.min(now - recent.tsMarket, steady - recent.tsSteady)
    const passed = Math.max(0, since)
    if (passed >= window || !isRepeatOf(order.content, recent)) continue
    const value = passed / MICROS_PER_SECOND
    return denyUnlessReducing(
      facts,
      { ...measured, value, limit },
      `The same order was sent ${value} s ago, less than ${limit} s: if that is meant, say that it is a repeat.`
    )
  }
  return pass({ ...measured, limit }, "No such order was sent lately.")
}

/** How many orders would be working, a bracket's exits included. */
export const openOrders: Rule = ({ limits, order, snapshot }) => {
  const measured = { rule: "open-orders", unit: "count" } as const
  if (limits === undefined) return deny(measured, "The limits are missing.")
  if (snapshot.working === undefined) return deny(measured, "The list of working orders is missing.")
  const { stopLossPrice, takeProfitPrice } =
    (order.exitsWork === true ? undefined : order.content.bracket) ?? {}
  const exits = (stopLossPrice === undefined ? 0 : 1) + (takeProfitPrice === undefined ? 0 : 1)
  const value = snapshot.working.length + 1 + exits
  const limit = limits.openOrders
  return value <= limit
    ? pass({ ...measured, value, limit }, "There is room for the order.")
    : deny(
        { ...measured, value, limit },
        `${value} orders would be working, more than ${limit}: cancel some first.`
      )
}

/** Times in the minute before `now`, or after it: what lies ahead must not be left out. */
const countWithinMinute = (times: ReadonlyArray<number>, now: number): number => {
  let count = 0
  for (const time of times) if (!(time <= now - MICROS_PER_MINUTE)) count += 1
  return count
}

const messagesWithinMinute = ({
  clocks,
  messageTimes,
  now,
  steadyNow
}: OrderFacts["snapshot"]): number | undefined => {
  if (messageTimes === undefined || isMissing(now)) return undefined
  const market = countWithinMinute(messageTimes.market, now)
  if (clocks === "market") return market
  if (clocks !== "both" || isMissing(steadyNow)) return undefined
  return Math.max(market, countWithinMinute(messageTimes.steady, steadyNow))
}

/**
 * Clocks: market, and on the desk the steady one too: neither may see more
 * than the rate. The reserve is part of the rate, and for reducing orders only.
 */
export const messageRate: Rule = ({ limits, reducing, snapshot }) => {
  const measured = { rule: "message-rate", unit: "count" } as const
  if (limits === undefined) return deny(measured, "The limits are missing.")
  const { ordersPerMinute, reservedForReducing } = limits
  if (ordersPerMinute === null) return pass(measured, "These limits have no message rate.")
  const sent = messagesWithinMinute(snapshot)
  if (sent === undefined)
    return deny(measured, "The times of the last minute's orders are missing, or a clock.")
  const limit = reducing ? ordersPerMinute : ordersPerMinute - reservedForReducing
  const value = sent + 1
  return value <= limit
    ? pass({ ...measured, value, limit }, "The message rate is within its limit.")
    : deny(
        { ...measured, value, limit },
        `This would be order ${value} within a minute, more than ${limit}: wait.`
      )
}

const isImmediate = ({ _tag }: OrderType): boolean => _tag === "Market" || _tag === "NetLimit"

/** The price up to which a leg trades at once; undefined for stops, which rest on no book until touched. */
const reachOf = ({ quote, side }: LegFacts, type: OrderType): number | undefined => {
  if (type._tag === "Limit") return type.limitPrice
  return isImmediate(type) && quote !== undefined ? (side === "BUY" ? quote.ask : quote.bid) : undefined
}

const restingPrice = ({ type }: WorkingOrder, side: OrderSide): number | undefined => {
  if (type._tag === "Limit") return type.limitPrice
  // Two market orders of ours, waiting for the same open, would meet whatever the price.
  return type._tag === "Market" ? (side === "BUY" ? Number.POSITIVE_INFINITY : 0) : undefined
}

/** The sides on which an order that works may trade an instrument: a combo's legs have no price of their own. */
const sideIn = (other: WorkingOrder, id: InstrumentId): OrderSide | undefined =>
  isCombo(other)
    ? other.terms?.find(({ instrumentId }) => instrumentId === id)?.side
    : other.instrumentId === id
      ? other.side
      : undefined

const meets = (other: WorkingOrder, leg: LegFacts, type: OrderType): boolean => {
  const side = sideIn(other, leg.instrumentId)
  if (side === undefined || side === leg.side) return false
  const reach = reachOf(leg, type)
  const price = restingPrice(other, side)
  if (reach === undefined || price === undefined) return false
  return !(leg.side === "BUY" ? reach < price : reach > price)
}

const meetsAny = (other: WorkingOrder, facts: OrderFacts, type: OrderType): boolean => {
  for (const leg of facts.legs) if (meets(other, leg, type)) return true
  return type._tag === "NetLimit" && isMirror(other, facts)
}

/** A combo of the same legs the other way round, when the two net prices meet. */
const isMirror = (other: WorkingOrder, { legs, order }: OrderFacts): boolean => {
  const { terms = [], type } = other
  const mine = order.content.type
  if (type._tag !== "NetLimit" || mine._tag !== "NetLimit" || terms.length !== legs.length) return false
  const isOpposite = legs.every(({ instrumentId, ratio, side }) =>
    terms.some((one) => one.instrumentId === instrumentId && one.ratio === ratio && one.side !== side)
  )
  return isOpposite && type.netPrice + mine.netPrice >= 0
}

/** An order of ours must not trade with another order of ours; a combo's legs meet what works in their instruments. */
export const selfTrade: Rule = (facts) => {
  const measured = { rule: "self-trade", unit: "none" } as const
  const { legs, order } = facts
  const { type } = order.content
  const { working } = facts.snapshot
  if (working === undefined) return deny(measured, "The list of working orders is missing.")
  if (isImmediate(type) && legs.some(({ quote }) => quote === undefined)) {
    return deny(measured, "The market's current quote is missing: what the order would meet cannot be told.")
  }
  for (const other of working) {
    if (other.held) continue
    if (!meetsAny(other, facts, type)) continue
    const at = other.type._tag === "Limit" ? ` at ${usd(other.type.limitPrice)}` : ""
    return deny(
      measured,
      `It would trade with our own order ${other.clientOrderId}${at}: cancel that one first.`
    )
  }
  const isStop = type._tag !== "Limit" && !isImmediate(type)
  return pass(measured, isStop ? "A stop meets no order of ours now." : "It meets no order of ours.")
}
