/** Changing and canceling orders. */
import { Effect, Option, Ref } from "effect"
import type { AuditWriteFailed } from "../audit/AuditErrors.ts"
import type { Actor } from "../domain/Actor.ts"
import type { ClientOrderId, InstrumentId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { money, price, quantity } from "../domain/Money.ts"
import type { Order, OrderContent, OrderRequest } from "../domain/Order.ts"
import type { StorageError } from "../domain/StorageError.ts"
import { evaluate } from "../risk/RiskRules.ts"
import { type BookState, type LiveOrder, liveOrder } from "./Book.ts"
import type { OrderChange } from "./Broker.ts"
import { type BrokerContext, viewOf } from "./BrokerContext.ts"
import { deniedBy, OrderNotFound, OrderNotWorking } from "./BrokerErrors.ts"
import { cancelNamed, requestCancels } from "./Cancels.ts"
import { ensureReconciled } from "./Reconciliation.ts"
import { riskGroupOf, snapshot } from "./RiskView.ts"

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
  book: BookState,
  id: ClientOrderId
) {
  const found = liveOrder(book, id)
  if (found !== undefined) return found
  const order = yield* find(context, id)
  return yield* notWorking(order)
})

/** Brings the desk up to date where that is possible: a cancel does not wait for it. */
const turnIfPossible = (context: BrokerContext["Service"]) =>
  context.crank.turn.pipe(
    Effect.catch((error) => Effect.logWarning("canceling on a desk that is behind market time", error))
  )

export const cancel = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  id: ClientOrderId,
  actor: Actor
) {
  yield* turnIfPossible(context)
  yield* live(context, yield* context.opened, id)
  yield* cancelNamed(context, [id], actor)
  return yield* find(context, id)
})

export const cancelAll = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  actor: Actor,
  instrumentId: InstrumentId | undefined
) {
  yield* turnIfPossible(context)
  const ids = yield* requestCancels(
    context,
    (orders) =>
      orders.filter(({ order }) => instrumentId === undefined || order.content.instrumentId === instrumentId),
    actor
  )
  const records = yield* Effect.forEach(ids, context.journal.order)
  return records.flatMap((record) => (Option.isSome(record) ? [record.value.order] : []))
})

/** The new terms as an order of what would still be open; a bracket's exit is counted with the other one. */
const proposed = ({ order }: LiveOrder, change: OrderChange): OrderContent => {
  const { content, filledNotional, filledQuantity } = order
  const size = change.size ?? content.size
  const ocoGroup = riskGroupOf(order)
  return {
    ...content,
    ...(ocoGroup === undefined ? {} : { ocoGroup }),
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
  yield* context.crank.upToDate
  yield* ensureReconciled(context)
  const before = yield* context.opened
  const target = yield* live(context, before, id)
  const look = yield* context.look(before, [target.order.content.instrumentId])
  const policy = yield* context.policy
  const reconciled = yield* Ref.get(context.reconciled)
  const terms = {
    type: change.type ?? target.order.content.type,
    size: change.size ?? target.order.content.size
  }
  const ask = context.keeper.transact((book) =>
    Effect.gen(function* () {
      const now = yield* live(context, book.state(), id)
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
        return yield* deniedBy(id, denied, verdicts)
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
  const withdraw = (error: AuditWriteFailed | StorageError) =>
    context.keeper.transact((book) =>
      book.record(
        [
          {
            _tag: "OrderCancelRejected",
            clientOrderId: id,
            tsEvent: book.state().tsLast,
            reason: `not sent: the audit log could not be written (${error.message})`
          }
        ],
        { kind: "desk", name: "broker" }
      )
    )
  const tell = context.audit.flush.pipe(
    Effect.tapError(withdraw),
    Effect.andThen(context.venue.replace(id, terms)),
    Effect.andThen(context.ingest),
    Effect.tapCause(() => Ref.set(context.reconciled, false))
  )
  yield* Effect.uninterruptible(Effect.andThen(ask, tell))
  return yield* find(context, id)
})
