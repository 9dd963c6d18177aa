/** Changing and canceling orders. */
import { Effect, Option, Ref } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { ClientOrderId, InstrumentId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { price } from "../domain/Money.ts"
import type { Order, OrderRequest } from "../domain/Order.ts"
import { evaluate } from "../risk/RiskRules.ts"
import { type BookState, type LiveOrder, liveOrder } from "./Book.ts"
import type { By, OrderChange } from "./Broker.ts"
import { type BrokerContext, isOfNow, type Look, marketRanAway, MAX_LOOKS, viewOf } from "./BrokerContext.ts"
import {
  deniedBy,
  OrderDenied,
  OrderInvalid,
  OrderNotFound,
  OrderNotWorking,
  OrderRejected
} from "./BrokerErrors.ts"
import { askAgain, cancelNamed, requestCancels } from "./Cancels.ts"
import { departure, leaveUntilHeldUp } from "./Dispatch.ts"
import { changed } from "./ProposedOrders.ts"
import type { JournalEntry } from "./OrderJournal.ts"
import { concerns, whyNoOrder, whyUncited } from "./OrderLegs.ts"
import { ensureReconciled } from "./Reconciliation.ts"
import { takePermit } from "./PermitTaking.ts"
import { type RiskPolicy, snapshot } from "./RiskView.ts"

const find = Effect.fnUntraced(function* (context: BrokerContext["Service"], id: ClientOrderId) {
  const record = yield* context.journal.order(id)
  if (Option.isNone(record)) {
    return yield* new OrderNotFound({
      clientOrderId: id,
      message: `there is no order ${id}`
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

/** The order, if its terms may be changed: one change at a time, and none of what is to be canceled. */
const changeable = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  book: BookState,
  id: ClientOrderId
) {
  const found = yield* live(context, book, id)
  const { cancelRequested, pendingUpdate } = found
  if (cancelRequested !== true && pendingUpdate === undefined) return found
  return yield* new OrderNotWorking({
    clientOrderId: id,
    status: found.order.status,
    message:
      cancelRequested === true
        ? `order ${id} is being canceled: send a new one instead`
        : `an earlier change of order ${id} is not answered yet: try again when the desk has asked the venue again, at the latest in half a minute, or cancel the order`
  })
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
  const { cancelRequested } = yield* live(context, yield* context.opened, id)
  // A wish that is in the journal is not written down again: the venue may not have heard of it.
  if (cancelRequested === true) yield* askAgain(context, [id])
  else yield* cancelNamed(context, [id], actor)
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
    (orders) => orders.filter((live) => instrumentId === undefined || concerns(live, instrumentId)),
    actor
  )
  const records = yield* Effect.forEach(ids, context.journal.order)
  return records.flatMap((record) => (Option.isSome(record) ? [record.value.order] : []))
})

type PendingUpdate = Extract<JournalEvent, { readonly _tag: "OrderPendingUpdate" }>

/** What the venue answered to a change: why it was refused, or nothing. */
const refusalOf = (history: ReadonlyArray<JournalEntry>, asked: PendingUpdate): string | undefined => {
  const events = history.map(({ event }) => event)
  const text = JSON.stringify([asked.tsEvent, asked.type, asked.size])
  const at = events.findLastIndex(
    (event) =>
      event._tag === "OrderPendingUpdate" && JSON.stringify([event.tsEvent, event.type, event.size]) === text
  )
  const answer = events
    .slice(at + 1)
    .find(({ _tag }) => _tag === "OrderUpdated" || _tag === "OrderCancelRejected")
  return answer?._tag === "OrderCancelRejected" ? answer.reason : undefined
}

type Change = OrderChange & Pick<OrderRequest, "quoteId" | "legQuoteIds">

/** The change as an order of its own kind, or why it is none. */
const fitting = ({ order: { content } }: LiveOrder, change: Change): Effect.Effect<void, OrderInvalid> => {
  const terms = { type: change.type ?? content.type, size: change.size ?? content.size }
  const problem =
    whyNoOrder({ ...content, ...terms }) ??
    (content.legs === undefined ? undefined : whyUncited(content.legs, change))
  return problem === undefined
    ? Effect.void
    : Effect.fail(new OrderInvalid({ message: `${problem}. The order keeps its terms` }))
}

export const replace = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  id: ClientOrderId,
  change: Change,
  { actor, permit }: By
) {
  yield* context.crank.upToDate
  yield* ensureReconciled(context)
  const left = yield* departure(context)
  const reconciled = yield* Ref.get(context.reconciled)
  const askAt = Effect.fnUntraced(function* (before: BookState, policy: RiskPolicy, look: Look) {
    return yield* context.keeper.transact(
      Effect.fnUntraced(function* (book) {
        const now = yield* changeable(context, book.state(), id)
        if (!(yield* isOfNow(context, book.state(), before, look))) return undefined
        const terms = {
          type: change.type ?? now.order.content.type,
          size: change.size ?? now.order.content.size
        }
        const { content } = now.order
        const { legQuotes, quote } = yield* context.cited(content, change)
        // Where the replacement is denied the transaction fails, and the permit stays.
        const { caller, seen } = yield* takePermit(context.permits, permit)
        const { denied, netValue, valuePrice, verdicts } = evaluate(
          snapshot({
            book: book.state(),
            view: viewOf(context, book.state(), look, content),
            policy,
            citedQuote: quote,
            citedLegs: legQuotes,
            person: actor.kind === "person",
            permit: seen,
            reconciled,
            highWater: yield* context.highWater,
            without: now
          }),
          changed(now, change)
        )
        if (denied !== undefined) {
          return yield* deniedBy(id, denied, verdicts)
        }
        const asked: PendingUpdate = {
          _tag: "OrderPendingUpdate",
          clientOrderId: id,
          tsEvent: look.now,
          ...terms,
          valuePrice: valuePrice ?? price(0),
          ...(netValue === undefined ? {} : { netValue }),
          verdicts,
          ...(caller === undefined ? {} : { caller })
        }
        yield* book.record([asked], actor)
        return { asked, terms, askedAt: liveOrder(book.state(), id)?.tsSteady }
      })
    )
  })
  const ask = Effect.gen(function* () {
    for (let looks = 1; looks <= MAX_LOOKS; looks++) {
      const before = yield* context.opened
      const target = yield* changeable(context, before, id)
      yield* fitting(target, change)
      const policy = yield* context.policy
      const look = yield* context.look(before, [target.order.content])
      const mine = yield* askAt(before, policy, look)
      if (mine !== undefined) return mine
    }
    return yield* marketRanAway
  })
  const tell = Effect.fnUntraced(function* ({ askedAt, terms }: Effect.Success<typeof ask>) {
    /** Unless reconciliation has given it up, and another was asked for meanwhile. */
    const withdraw = (why: string) =>
      context.keeper.transact((book) => {
        const found = liveOrder(book.state(), id)
        const given: JournalEvent = {
          _tag: "OrderCancelRejected",
          clientOrderId: id,
          tsEvent: book.state().tsLast,
          reason: `not sent: ${why}`
        }
        return found?.pendingUpdate !== undefined && found.tsSteady === askedAt
          ? book.record([given], { kind: "desk", name: "broker" })
          : Effect.void
      })
    yield* context.audit.flush.pipe(
      Effect.tapError((error) => withdraw(`the audit log could not be written (${error.message})`))
    )
    const isSent = yield* context.venue.replace(id, terms, leaveUntilHeldUp(context, left))
    if (!isSent) {
      yield* withdraw("this process was held up on the way")
      return yield* new OrderDenied({
        clientOrderId: id,
        rule: "not-sent",
        verdicts: [],
        message: `the change of ${id} was not sent: this process was held up on the way. The order keeps its terms: look at the market and decide again`
      })
    }
    yield* context.ingest
  })
  const { asked } = yield* ask.pipe(
    Effect.tap((mine) => tell(mine).pipe(Effect.tapCause(() => Ref.set(context.reconciled, false)))),
    Effect.uninterruptible
  )
  const refusal = refusalOf(yield* context.journal.history(id), asked)
  if (refusal === undefined) return yield* find(context, id)
  return yield* new OrderRejected({
    clientOrderId: id,
    message: `the venue did not change order ${id}: ${refusal}`
  })
})
