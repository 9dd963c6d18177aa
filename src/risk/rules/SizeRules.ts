/** Is it a sound order for this instrument: the instrument itself, the order's numbers, its notional. */
import type { Instrument } from "../../domain/Instrument.ts"
import { formatMicros, MAX_MONEY_MICROS, MAX_PRICE_MICROS, MAX_QUANTITY_MICROS } from "../../domain/Money.ts"
import type { OrderContent } from "../../domain/Order.ts"
import { floorShare, notionalCeil, partsPerMillion } from "../ExactRatio.ts"
import type { OrderFacts } from "../OrderFacts.ts"
import { deny, denyUnlessReducing, isMissing, pass, percent, type Rule, usd } from "./Ruling.ts"

/** "GME" of "GME.XNYS". */
const symbolOf = (instrumentId: string): string => instrumentId.slice(0, instrumentId.lastIndexOf("."))

/** The instrument is known, is the one ordered, and neither it nor its underlying is restricted. */
export const instrument: Rule = ({ limits, order, snapshot }) => {
  const measured = { rule: "instrument", unit: "none" } as const
  const found = snapshot.instrument
  const id = order.content.instrumentId
  if (found === undefined || found.id !== id)
    return deny(measured, `The instrument ${id} is missing: no source knows it.`)
  if (limits === undefined) return deny(measured, "The limits are missing.")
  const names: ReadonlyArray<string> =
    found._tag === "Option" ? [found.symbol, symbolOf(found.contract.underlying)] : [found.symbol]
  const restricted = limits.restricted.find((symbol) => names.includes(symbol))
  return restricted === undefined
    ? pass(measured, "The instrument is known and not restricted.")
    : deny(measured, `${restricted} is on the restricted list: nothing is sent for it.`)
}

const notSteps = (what: string, value: number, most: number, increment: number): string | undefined => {
  if (!Number.isSafeInteger(value)) return `The ${what} is missing.`
  if (value <= 0) return `The ${what} is ${formatMicros(value)}: it must be more than zero.`
  if (value > most)
    return `The ${what} ${formatMicros(value)} is more than ${formatMicros(most)}, the most there can be.`
  return value % increment === 0
    ? undefined
    : `The ${what} ${formatMicros(value)} is no multiple of ${formatMicros(increment)}, the instrument's smallest step.`
}

const pricesOf = ({ bracket, type }: OrderContent): ReadonlyArray<readonly [string, number]> => {
  const found: Array<readonly [string, number]> = []
  if ("limitPrice" in type) found.push(["limit price", type.limitPrice])
  if ("stopPrice" in type) found.push(["stop price", type.stopPrice])
  if ("trailingOffset" in type) found.push(["trailing offset", type.trailingOffset])
  if (bracket?.takeProfitPrice !== undefined) found.push(["take-profit price", bracket.takeProfitPrice])
  if (bracket?.stopLossPrice !== undefined) found.push(["stop-loss price", bracket.stopLossPrice])
  return found
}

const bracketProblem = ({ bracket, side }: OrderContent): string | undefined => {
  const { stopLossPrice, takeProfitPrice } = bracket ?? {}
  if (stopLossPrice === undefined || takeProfitPrice === undefined) return undefined
  const inOrder = side === "BUY" ? stopLossPrice < takeProfitPrice : stopLossPrice > takeProfitPrice
  return inOrder
    ? undefined
    : `The stop-loss must be ${side === "BUY" ? "below" : "above"} the take-profit of a ${side} bracket.`
}

const sizeProblem = (content: OrderContent, found: Instrument, valuePrice: number): string | undefined => {
  const { size } = content
  if (size._tag === "Quantity")
    return notSteps("quantity", size.quantity, MAX_QUANTITY_MICROS, found.sizeIncrement)
  const problem = notSteps("notional", size.notional, MAX_MONEY_MICROS, 1)
  if (problem !== undefined) return problem
  return size.notional < notionalCeil(valuePrice, found.sizeIncrement, found.multiplier)
    ? `${usd(size.notional)} is less than ${formatMicros(found.sizeIncrement)} costs, the instrument's smallest size.`
    : undefined
}

const numbersProblem = (content: OrderContent, found: Instrument, valuePrice: number): string | undefined => {
  const problem = sizeProblem(content, found, valuePrice) ?? bracketProblem(content)
  if (problem !== undefined) return problem
  for (const [what, value] of pricesOf(content)) {
    const unsound = notSteps(what, value, MAX_PRICE_MICROS, found.priceIncrement)
    if (unsound !== undefined) return unsound
  }
  return undefined
}

const size = { rule: "order-size", unit: "ratio" } as const

/**
 * The order's numbers are whole multiples of the instrument's steps within
 * bounds, which no order is exempt from; and its value is at most the order
 * notional's share of equity, which reducing orders are exempt from.
 */
export const orderSize: Rule = (facts) => {
  const { limits, order, snapshot, value, valuePrice } = facts
  if (snapshot.instrument === undefined)
    return deny(size, "The instrument is missing, and with it the steps of its sizes.")
  const problem = numbersProblem(order.content, snapshot.instrument, valuePrice)
  if (problem !== undefined) return deny(size, problem)
  if (isMissing(value) || Number.isNaN(valuePrice))
    return deny(size, "The order's value is missing: there is no usable quote or limit.")
  if (value > MAX_MONEY_MICROS || valuePrice > MAX_PRICE_MICROS) {
    return deny(
      size,
      `The order's value ${usd(value)} is more than ${usd(MAX_MONEY_MICROS)}, the most an order can be.`
    )
  }
  return limits === undefined
    ? deny(size, "The limits are missing.")
    : notionalVerdict(facts, limits.orderNotionalRatio)
}

const notionalVerdict = (facts: OrderFacts, limit: number) => {
  const { equity } = facts.snapshot
  if (isMissing(equity))
    return denyUnlessReducing(facts, { ...size, limit }, "The account's equity is missing.")
  const most = floorShare(equity, partsPerMillion(limit))
  const measured = { ...size, value: facts.value / equity, limit }
  return facts.value <= most
    ? pass(measured, "The order's value is within its limit.")
    : denyUnlessReducing(
        facts,
        measured,
        `The order's value ${usd(facts.value)} is more than ${percent(limit)} of equity, ${usd(most)}: send a smaller one.`
      )
}
