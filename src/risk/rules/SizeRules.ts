/** Is it a sound order for this instrument: the instrument itself, the order's numbers, its notional. */
import { symbolOf } from "../../domain/Identifiers.ts"
import type { Instrument } from "../../domain/Instrument.ts"
import { unfitLegs } from "../../domain/LegFit.ts"
import {
  formatMicros,
  MAX_MONEY_MICROS,
  MAX_PRICE_MICROS,
  MAX_QUANTITY_MICROS,
  MICROS
} from "../../domain/Money.ts"
import { OPTION_MULTIPLIER, type OptionContract } from "../../domain/OptionContract.ts"
import type { OrderContent } from "../../domain/Order.ts"
import { comboId, MAX_LEG_RATIO, MAX_LEGS } from "../../domain/OrderLeg.ts"
import { lastTradingTime } from "../../market/ContractTime.ts"
import { toExchangeTime } from "../../market/TradingCalendar.ts"
import { floorShare, notionalCeil, partsPerMillion } from "../ExactRatio.ts"
import { type LegFacts, type OrderFacts, shrinks } from "../OrderFacts.ts"
import { LEAST_OPTION_COLLAR } from "../Valuation.ts"
import { deny, denyUnlessReducing, isMissing, pass, percent, type Rule, usd } from "./Ruling.ts"

const measuredInstrument = { rule: "instrument", unit: "none" } as const

/** Why nothing may be ordered in an option as it is; undefined of a share. */
const contractProblem = (facts: OrderFacts, leg: LegFacts, at: number): string | undefined => {
  const { contract, instrumentId, side } = leg
  if (contract === undefined) return undefined
  const { now } = facts.snapshot
  const last = lastTradingTime(contract)
  if (isMissing(now) || last === undefined)
    return `Whether ${instrumentId} can still be traded is missing: the market's time, or a day in the calendar.`
  if (now >= last) return `${instrumentId} has expired: it was traded until ${toExchangeTime(last)}.`
  const own = facts.openRisk.legs[at]
  const closes = own !== undefined && shrinks(own, side)
  return isAdjusted(instrumentId, contract) && !closes
    ? `${instrumentId} is an adjusted series: its contracts can be closed and not opened.`
    : undefined
}

/** Contracts for something else than a hundred shares, whose name says so by a digit. */
const isAdjusted = (id: string, { deliverable, deliverableCash }: OptionContract): boolean =>
  deliverable !== OPTION_MULTIPLIER * MICROS || deliverableCash !== 0 || /^[A-Z]+\d/u.test(id)

const legProblem = (facts: OrderFacts, leg: LegFacts, at: number): string | undefined => {
  const { instrument: found, instrumentId } = leg
  if (found === undefined) return `The instrument ${instrumentId} is missing: no source knows it.`
  const { limits } = facts
  if (limits === undefined) return "The limits are missing."
  const names: ReadonlyArray<string> =
    found._tag === "Option" ? [found.symbol, symbolOf(found.contract.underlying)] : [found.symbol]
  const restricted = limits.restricted.find((symbol) => names.includes(symbol))
  return restricted === undefined
    ? contractProblem(facts, leg, at)
    : `${restricted} is on the restricted list: nothing is sent for it.`
}

/**
 * The instrument is known, is the one ordered, and neither it nor its
 * underlying is restricted; an option has not expired, and is not opened once
 * it was adjusted. Legs are of one underlying.
 */
export const instrument: Rule = (facts) => {
  const { legs, order } = facts
  if (legs.length === 0) return deny(measuredInstrument, "The legs of the order are missing.")
  for (const [at, leg] of legs.entries()) {
    const problem = legProblem(facts, leg, at)
    if (problem !== undefined) return deny(measuredInstrument, problem)
  }
  const unfit =
    order.content.legs === undefined
      ? undefined
      : unfitLegs(legs.flatMap(({ instrument: found }) => found ?? []))
  return unfit === undefined
    ? pass(measuredInstrument, "The instrument is known and not restricted.")
    : deny(measuredInstrument, `These are no legs of one order: ${unfit}.`)
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
  // Money buys or sells as many as the price at the fill makes it: of what costs cents many times more.
  if (found._tag === "Option") return "Options are ordered by quantity: so many contracts."
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

const comboTypes: ReadonlySet<string> = new Set(["Market", "NetLimit"])

/** What of a combo is no combo: its name, its size, its price, what only orders of one instrument have. */
const comboProblem = (content: OrderContent, legs: NonNullable<OrderContent["legs"]>): string | undefined => {
  const { bracket, ocoGroup, side, size: units, timeInForce, type } = content
  if (legs.length < 2 || legs.length > MAX_LEGS) return `A combo has 2 to ${MAX_LEGS} legs.`
  if (legs.some(({ ratio }) => !Number.isSafeInteger(ratio) || ratio < 1 || ratio > MAX_LEG_RATIO))
    return `The ratio of a leg is a whole number from 1 to ${MAX_LEG_RATIO}.`
  if (content.instrumentId !== comboId(legs)) return "The order is not named after its legs."
  if (side !== "BUY" || !comboTypes.has(type._tag) || timeInForce === "AT_THE_CLOSE")
    return "A combo is bought, at the market or at a net limit, and not at the close."
  if (bracket !== undefined || ocoGroup !== undefined) return "A combo has no bracket and no OCO group."
  if (units._tag === "Notional") return "A combo is ordered by quantity: so many units."
  const problem = notSteps("quantity", units.quantity, MAX_QUANTITY_MICROS, MICROS)
  if (problem !== undefined || type._tag !== "NetLimit") return problem
  return Number.isSafeInteger(type.netPrice) && type.netPrice % LEAST_OPTION_COLLAR === 0
    ? undefined
    : "The net price is missing, or no multiple of a cent."
}

const size = { rule: "order-size", unit: "ratio" } as const

const soundness = ({ legs, order, valuePrice }: OrderFacts): string | undefined => {
  const { content } = order
  if (content.legs !== undefined) return comboProblem(content, content.legs)
  if (content.type._tag === "NetLimit") return "A net limit is of an order with legs."
  const found = legs[0]?.instrument
  return found === undefined
    ? "The instrument is missing, and with it the steps of its sizes."
    : numbersProblem(content, found, valuePrice)
}

/**
 * The order's numbers are whole multiples of the instrument's steps within
 * bounds, which no order is exempt from; and its value is at most the order
 * notional's share of equity, which reducing orders are exempt from. An order
 * for options is worth what changes hands for it, the multiplier included, or
 * what it adds to the worst case of its underlying, whichever is more.
 */
export const orderSize: Rule = (facts) => {
  const { limits, value, valuePrice } = facts
  const problem = soundness(facts)
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
