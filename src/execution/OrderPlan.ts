/** From a request to what is journaled and sent. Pure. */
import type { Caller } from "../domain/Actor.ts"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { price } from "../domain/Money.ts"
import type { OrderContent, OrderRequest } from "../domain/Order.ts"
import { COMBO_MULTIPLIER, type LegTerms } from "../domain/OrderLeg.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { Evaluation } from "../risk/RiskRules.ts"
import { childId } from "./OrderIdentity.ts"
import { sortedLegs } from "./OrderLegs.ts"
import { bracketChildren, type VenueOrder } from "./VenueOrder.ts"

/** The content of a request, without what only says how it is to be handled; a combo's legs in an order of their own. */
export const contentOf = (request: OrderRequest): OrderContent => ({
  instrumentId: request.instrumentId,
  side: request.side,
  type: request.type,
  size: request.size,
  timeInForce: request.timeInForce,
  ...(request.bracket === undefined ? {} : { bracket: request.bracket }),
  ...(request.ocoGroup === undefined ? {} : { ocoGroup: request.ocoGroup }),
  ...(request.legs === undefined ? {} : { legs: sortedLegs(request.legs) })
})

/** The order as the venue gets it, with its contracts where it is for options; a bracket's exits are named after it. */
export const toVenueOrder = (
  id: ClientOrderId,
  content: OrderContent,
  terms: ReadonlyArray<LegTerms> | undefined
): VenueOrder => {
  const { bracket, ...others } = content
  const plain = { ...others, ...(terms === undefined ? {} : { terms }) }
  if (bracket === undefined) return { clientOrderId: id, ...plain }
  const { stopLossPrice, takeProfitPrice } = bracket
  return {
    clientOrderId: id,
    ...plain,
    bracket: {
      ...(takeProfitPrice === undefined
        ? {}
        : { takeProfit: { clientOrderId: childId(id, "TAKE_PROFIT"), limitPrice: takeProfitPrice } }),
      ...(stopLossPrice === undefined
        ? {}
        : { stopLoss: { clientOrderId: childId(id, "STOP_LOSS"), stopPrice: stopLossPrice } })
    }
  }
}

export interface Intent {
  readonly clientOrderId: ClientOrderId
  readonly request: OrderRequest
  readonly quote: QuoteTick | undefined
  /** Of a combo: those of its legs' quotes that the desk gave out. */
  readonly legQuotes: ReadonlyArray<QuoteTick>
  /** Of an order for options, as far as its instruments are known. */
  readonly terms: ReadonlyArray<LegTerms> | undefined
  /** Of the instrument; a combo's net price is multiplied by its own. */
  readonly multiplier: number
  readonly evaluation: Evaluation
  readonly tsEvent: Timestamp
  readonly caller: Caller | undefined
}

/**
 * What is journaled of an order before anything is sent: that it was asked for
 * and what the rules said, then that it was denied, or that it and its
 * bracket's exits are about to be sent.
 */
export const intentEvents = (intent: Intent): ReadonlyArray<JournalEvent> => {
  const { caller, evaluation, legQuotes, quote, request, terms, tsEvent } = intent
  const content = contentOf(request)
  const isCombo = content.legs !== undefined
  const multiplier = isCombo ? COMBO_MULTIPLIER : intent.multiplier
  const valuePrice = evaluation.valuePrice ?? price(0)
  const asked: JournalEvent = {
    _tag: "OrderInitialized",
    clientOrderId: intent.clientOrderId,
    tsEvent,
    content,
    role: "ENTRY",
    quoteId: request.quoteId,
    ...(quote === undefined ? {} : { quote }),
    valuePrice,
    multiplier,
    ...(terms === undefined ? {} : { terms }),
    ...(evaluation.netValue === undefined ? {} : { netValue: evaluation.netValue }),
    ...(isCombo ? { legQuotes } : {}),
    reducing: evaluation.reducing,
    verdicts: evaluation.verdicts,
    ...(request.rationale === undefined ? {} : { rationale: request.rationale }),
    ...(caller === undefined ? {} : { caller })
  }
  const { denied } = evaluation
  if (denied !== undefined) {
    const reason = denied.message
    return [
      asked,
      { _tag: "OrderDenied", clientOrderId: intent.clientOrderId, tsEvent, rule: denied.rule, reason }
    ]
  }
  const children = bracketChildren(toVenueOrder(intent.clientOrderId, content, terms))
  const exits = children.map((child): JournalEvent => ({
    _tag: "OrderInitialized",
    clientOrderId: child.clientOrderId,
    tsEvent,
    content: {
      instrumentId: child.instrumentId,
      side: child.side,
      type: child.type,
      size: child.size,
      timeInForce: child.timeInForce
    },
    role: child.role,
    parent: child.parent,
    quoteId: request.quoteId,
    valuePrice,
    multiplier,
    ...(terms === undefined ? {} : { terms: terms.map((leg) => ({ ...leg, side: child.side })) }),
    reducing: true,
    verdicts: []
  }))
  const ids = [intent.clientOrderId, ...children.map((child) => child.clientOrderId)]
  const submitted = ids.map((id): JournalEvent => ({ _tag: "OrderSubmitted", clientOrderId: id, tsEvent }))
  return [asked, ...exits, ...submitted]
}
