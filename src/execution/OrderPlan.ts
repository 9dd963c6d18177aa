/** From a request to what is journaled and sent. Pure. */
import type { Caller } from "../domain/Actor.ts"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { price } from "../domain/Money.ts"
import type { OrderContent, OrderRequest } from "../domain/Order.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { Evaluation } from "../risk/RiskRules.ts"
import { childId } from "./OrderIdentity.ts"
import { bracketChildren, type VenueOrder } from "./VenueOrder.ts"

/** The content of a request, without what only says how it is to be handled. */
export const contentOf = (request: OrderRequest): OrderContent => ({
  instrumentId: request.instrumentId,
  side: request.side,
  type: request.type,
  size: request.size,
  timeInForce: request.timeInForce,
  ...(request.bracket === undefined ? {} : { bracket: request.bracket }),
  ...(request.ocoGroup === undefined ? {} : { ocoGroup: request.ocoGroup })
})

/** The order as the venue gets it; a bracket's exits are named after it. */
export const toVenueOrder = (id: ClientOrderId, content: OrderContent): VenueOrder => {
  const { bracket, ...plain } = content
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
  const { caller, evaluation, multiplier, quote, request, tsEvent } = intent
  const content = contentOf(request)
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
  const children = bracketChildren(toVenueOrder(intent.clientOrderId, content))
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
    reducing: true,
    verdicts: []
  }))
  const ids = [intent.clientOrderId, ...children.map((child) => child.clientOrderId)]
  const submitted = ids.map((id): JournalEvent => ({ _tag: "OrderSubmitted", clientOrderId: id, tsEvent }))
  return [asked, ...exits, ...submitted]
}
