/** From a strategy's intents to the orders that are sent. Pure; the run and the backtest engine send the same. */
import { clientOrderId, type ClientOrderId } from "../domain/Identifiers.ts"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Money } from "../domain/Money.ts"
import type { OrderContent, TimeInForce } from "../domain/Order.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import { MICROS_PER_MINUTE, type Timestamp } from "../domain/Timestamp.ts"
import type { Session } from "../market/TradingCalendar.ts"
import type { RiskLimits } from "../risk/RiskLimits.ts"
import { orderOf } from "./OptionOrders.ts"
import { planOrders, rebalanceBand } from "./Sizing.ts"
import type { Intent, OptionIntent, StrategyContext, Target } from "./Strategy.ts"

export interface IntendedOrder {
  readonly content: OrderContent
  /** It becomes the order's rationale. */
  readonly reason: string
}

/** What is done at a decision point: cancels first, then orders, in this order. */
export interface Decision {
  readonly cancels: ReadonlyArray<ClientOrderId>
  readonly orders: ReadonlyArray<IntendedOrder>
}

export interface DecisionOptions {
  readonly limits: RiskLimits
  /** Quotes now, or of the close. Without one no target of an instrument is followed. */
  readonly quotes: ReadonlyMap<InstrumentId, Pick<QuoteTick, "bid" | "ask" | "last">>
  /** The session goes on: what targets call for is sent to trade at once, else for the next open. */
  readonly open: boolean
  /** See `SizingOptions`. */
  readonly buyingPower?: Money | undefined
}

/** Where there is nothing to do. */
export const noDecision: Decision = { cancels: [], orders: [] }

const plannedOrders = (
  context: StrategyContext,
  targets: ReadonlyArray<Target>,
  { buyingPower, limits, open, quotes }: DecisionOptions
): ReadonlyArray<IntendedOrder> => {
  if (targets.length === 0) return []
  const timeInForce: TimeInForce = open ? "DAY" : "AT_THE_OPEN"
  return planOrders(context, targets, { limits, quotes, band: rebalanceBand, buyingPower }).map(
    ({ instrumentId, reason, side, size }) => ({
      content: { instrumentId, side, type: { _tag: "Market" }, size, timeInForce },
      reason
    })
  )
}

/** What the intents call for: what targets come to, then the orders as they are. Throws where `planOrders` does. */
export const decisionOf = (
  context: StrategyContext,
  intents: ReadonlyArray<Intent>,
  options: DecisionOptions
): Decision => {
  if (intents.length === 0) return noDecision
  const targets: Array<Target> = []
  const cancels: Array<ClientOrderId> = []
  const orders: Array<IntendedOrder> = []
  for (const intent of intents) {
    if (intent._tag === undefined) targets.push(intent)
    else if (intent._tag === "Cancel") cancels.push(intent.clientOrderId)
    else orders.push({ content: intent.order, reason: intent.reason })
  }
  return { cancels, orders: [...plannedOrders(context, targets, options), ...orders] }
}

/** The orders that option intents call for, without those that come to nothing. */
export const optionOrders = (intents: ReadonlyArray<OptionIntent>): ReadonlyArray<IntendedOrder> =>
  intents.flatMap((intent) => {
    const content = orderOf(intent)
    return content === undefined ? [] : [{ content, reason: intent.reason }]
  })

/**
 * The name of the `n`-th order (from 1) that a strategy sends at a point of a
 * session: that of the session's close has the date alone. Sent again after an
 * interruption it is the same order.
 */
export const orderIdAt = (seed: number, session: Session, at: Timestamp, n: number): ClientOrderId =>
  clientOrderId(
    at === session.close
      ? `r${seed}-${session.date}-${n}`
      : `r${seed}-${session.date}-m${(at - session.open) / MICROS_PER_MINUTE}-${n}`
  )
