/** Changing and canceling orders, and asking the venue about those whose fate is not known. */
import { Effect, Option, Ref } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { ClientOrderId, InstrumentId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { money, price, quantity } from "../domain/Money.ts"
import { isTerminal, type Order, type OrderContent, type OrderRequest } from "../domain/Order.ts"
import { evaluate } from "../risk/RiskRules.ts"
import type { LiveOrder } from "./Book.ts"
import type { OrderChange } from "./Broker.ts"
import { type BrokerContext, viewOf } from "./BrokerContext.ts"
import { OrderDenied, OrderNotFound, OrderNotWorking } from "./BrokerErrors.ts"
import { snapshot } from "./RiskView.ts"

/** An order sent longer ago than this and unknown to the venue never arrived: no process is still sending it. */
const IN_FLIGHT_MICROS = 10_000_000

const find = Effect.fnUntraced(function* (context: BrokerContext["Service"], id: ClientOrderId) {
  const record = yield* context.journal.order(id)
  if (Option.isNone(record)) {
    return yield* new OrderNotFound({
      clientOrderId: id,
      message: `no order ${id}: plimsoll order list shows them`
    })
  }
  return record.value.order
})

const notWorking = ({ clientOrderId, status }: Order): OrderNotWorking =>
  new OrderNotWorking({
    clientOrderId,
    status,
    message: `order ${clientOrderId} is ${status}: it can change no more`
  })

/** The order among those that may still change. */
const live = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  orders: { readonly [id: string]: LiveOrder },
  id: ClientOrderId
) {
  const found = orders[id]
  if (found !== undefined) return found
  const order = yield* find(context, id)
  return yield* notWorking(order)
})

const pendingCancel = (id: ClientOrderId, tsEvent: LiveOrder["order"]["tsLast"]): JournalEvent => ({
  _tag: "OrderPendingCancel",
  clientOrderId: id,
  tsEvent
})

/** Journals the wish, then tells the venue. Cancels are never refused by a rule. */
const requestCancels = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  choose: (orders: ReadonlyArray<LiveOrder>) => ReadonlyArray<LiveOrder>,
  actor: Actor
) {
  const now = (yield* context.look(yield* context.opened, [])).now
  const ids = yield* context.keeper.transact((book) =>
    Effect.gen(function* () {
      const chosen = choose(Object.values(book.state().orders)).map(({ order }) => order.clientOrderId)
      yield* book.record(
        chosen.map((id) => pendingCancel(id, now)),
        actor
      )
      return chosen
    })
  )
  if (ids.length === 0) return ids
  yield* context.audit.flush
  yield* context.venue.cancel(ids)
  yield* context.ingest
  return ids
})

export const cancel = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  id: ClientOrderId,
  actor: Actor
) {
  yield* context.crank.turn
  yield* live(context, (yield* context.opened).orders, id)
  yield* requestCancels(context, (orders) => orders.filter(({ order }) => order.clientOrderId === id), actor)
  return yield* find(context, id)
})

export const cancelAll = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  actor: Actor,
  instrumentId: InstrumentId | undefined
) {
  yield* context.crank.turn
  const ids = yield* requestCancels(
    context,
    (orders) =>
      orders.filter(({ order }) => instrumentId === undefined || order.content.instrumentId === instrumentId),
    actor
  )
  const records = yield* Effect.forEach(ids, context.journal.order)
  return records.flatMap((record) => (Option.isSome(record) ? [record.value.order] : []))
})

/** The new terms as an order of what would still be open. */
const proposed = ({ order }: LiveOrder, change: OrderChange): OrderContent => {
  const { content, filledNotional, filledQuantity } = order
  const size = change.size ?? content.size
  return {
    ...content,
    type: change.type ?? content.type,
    size:
      size._tag === "Quantity"
        ? { _tag: "Quantity", quantity: quantity(Math.max(0, size.quantity - filledQuantity)) }
        : { _tag: "Notional", notional: money(Math.max(0, size.notional - filledNotional)) }
  }
}

export const replace = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  id: ClientOrderId,
  change: OrderChange & { readonly quoteId: OrderRequest["quoteId"] },
  actor: Actor
) {
  yield* context.crank.turn
  const before = yield* context.opened
  const target = yield* live(context, before.orders, id)
  const look = yield* context.look(before, [target.order.content.instrumentId])
  const policy = yield* context.policy
  const reconciled = yield* Ref.get(context.reconciled)
  const terms = {
    type: change.type ?? target.order.content.type,
    size: change.size ?? target.order.content.size
  }
  yield* context.keeper.transact((book) =>
    Effect.gen(function* () {
      const now = yield* live(context, book.state().orders, id)
      const quote = Option.getOrUndefined(yield* context.quotes.find(change.quoteId))
      const { denied, valuePrice, verdicts } = evaluate(
        snapshot({
          book: book.state(),
          view: viewOf(context, look, now.order.content.instrumentId),
          policy,
          citedQuote: quote,
          person: actor.kind === "person",
          reconciled,
          highWater: yield* context.highWater,
          without: now
        }),
        { content: proposed(now, change), repeat: true }
      )
      if (denied !== undefined) {
        return yield* new OrderDenied({
          clientOrderId: id,
          rule: denied.rule,
          ...(denied.value === undefined ? {} : { value: denied.value }),
          ...(denied.limit === undefined ? {} : { limit: denied.limit }),
          verdicts,
          message: denied.message
        })
      }
      const asked: JournalEvent = {
        _tag: "OrderPendingUpdate",
        clientOrderId: id,
        tsEvent: look.now,
        ...terms,
        valuePrice: valuePrice ?? price(0),
        verdicts
      }
      return yield* book.record([asked], actor)
    })
  )
  yield* context.audit.flush
  yield* context.venue.replace(id, terms)
  yield* context.ingest
  return yield* find(context, id)
})

const isAsking = ({ order }: LiveOrder): boolean =>
  order.status === "Submitted" || order.status === "Unknown" || order.status === "Initialized"

/**
 * Every order that was sent and never answered for is looked up at the venue:
 * what its record says is journaled; an order it never saw is closed.
 */
export const reconcile = Effect.fnUntraced(function* (context: BrokerContext["Service"]) {
  yield* context.ingest
  const book = yield* context.keeper.current
  const wallNow = yield* context.wallNow
  const asking = Object.values(book.orders).filter(
    (order) => isAsking(order) && !isTerminal(order.order.status)
  )
  const lost: Array<ClientOrderId> = []
  for (const { order, tsWall } of asking) {
    const id = order.clientOrderId
    if (wallNow - tsWall > IN_FLIGHT_MICROS && !(yield* context.venue.knows(id))) lost.push(id)
  }
  if (lost.length > 0) {
    yield* context.keeper.transact((open) =>
      open.record(
        lost
          .filter((id) => open.state().orders[id] !== undefined)
          .map((clientOrderId): JournalEvent => ({
            _tag: "OrderRejected",
            clientOrderId,
            tsEvent: open.state().tsLast,
            reason: `reconciliation: ${context.venue.name} never received it`
          })),
        { kind: "desk", name: "reconciliation" }
      )
    )
  }
  yield* Ref.set(context.reconciled, true)
})
