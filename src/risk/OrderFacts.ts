/** What the rules share about one order, worked out once. */
import type { QuoteTick } from "../domain/Quote.ts"
import { groupOf, openRisk, type OpenRisk } from "./OpenRisk.ts"
import type { RiskLimits } from "./RiskLimits.ts"
import type { ProposedOrder, RiskSnapshot } from "./RiskSnapshot.ts"
import { valueOf, valuePriceOf, worstQuantityOf } from "./Valuation.ts"

export interface OrderFacts {
  readonly snapshot: RiskSnapshot
  readonly order: ProposedOrder
  readonly limits: RiskLimits | undefined
  /** The market now, when it is a usable quote of the order's instrument. */
  readonly quote: QuoteTick | undefined
  /** Micros; NaN when it cannot be told. */
  readonly valuePrice: number
  /** Micros of a dollar the order counts for; NaN when it cannot be told. */
  readonly value: number
  /** True when the order can only make its position smaller; false when that cannot be told. */
  readonly reducing: boolean
  readonly openRisk: OpenRisk
}

/** Prices that can be traded on: whole, positive, and not crossed. */
export const isUsable = (quote: QuoteTick): boolean =>
  Number.isSafeInteger(quote.bid) &&
  Number.isSafeInteger(quote.ask) &&
  Number.isSafeInteger(quote.tsEvent) &&
  quote.bid > 0 &&
  quote.bid <= quote.ask

const unmeasured = (missing: string): OpenRisk => ({
  held: Number.NaN,
  ahead: Number.NaN,
  aheadWithOrder: Number.NaN,
  instrument: Number.NaN,
  gross: Number.NaN,
  tiedUp: Number.NaN,
  missing
})

const measure = (snapshot: RiskSnapshot, order: ProposedOrder, value: number, quantity: number): OpenRisk => {
  const { limits, positions, working } = snapshot
  if (limits === undefined) return unmeasured("limits are missing")
  if (positions === undefined) return unmeasured("the list of positions is missing")
  if (working === undefined) return unmeasured("the list of working orders is missing")
  const { instrumentId, ocoGroup, side } = order.content
  return openRisk(positions, working, limits.priceCollarRatio, {
    instrumentId,
    side,
    group: groupOf(ocoGroup, order.bracketOf),
    value,
    quantity
  })
}

/**
 * Reducing (design, principle 6): with the working orders of its side counted
 * as filled, the order makes the position smaller and never turns its sign.
 * An unmeasurable position is never reduced: every comparison with NaN fails.
 */
const isReducing = (order: ProposedOrder, quantity: number, risk: OpenRisk): boolean => {
  const opposite = order.content.side === "SELL" ? risk.held > 0 : risk.held < 0
  return (
    opposite && quantity > 0 && risk.aheadWithOrder > risk.ahead && risk.aheadWithOrder <= Math.abs(risk.held)
  )
}

export const orderFacts = (snapshot: RiskSnapshot, order: ProposedOrder): OrderFacts => {
  const { currentQuote, instrument, limits } = snapshot
  const { instrumentId, side, size, type } = order.content
  const quote =
    currentQuote !== undefined && currentQuote.instrumentId === instrumentId && isUsable(currentQuote)
      ? currentQuote
      : undefined
  const collar = limits?.priceCollarRatio ?? Number.NaN
  const multiplier = instrument?.multiplier ?? Number.NaN
  const valuePrice = quote === undefined ? Number.NaN : valuePriceOf(type, side, quote, collar)
  const value = valueOf(size, valuePrice, multiplier)
  const quantity = worstQuantityOf(size, valuePrice, multiplier, collar)
  const risk = measure(snapshot, order, value, quantity)
  return {
    snapshot,
    order,
    limits,
    quote,
    valuePrice,
    value,
    reducing: isReducing(order, quantity, risk),
    openRisk: risk
  }
}
