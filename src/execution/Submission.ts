/** Submitting orders, a batch at a time. */
import { Effect, Exit, Option, Ref } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import type { OrderRequest } from "../domain/Order.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { Verdict } from "../domain/Verdict.ts"
import { evaluate } from "../risk/RiskRules.ts"
import type { OpenBook } from "./BookKeeper.ts"
import type { SubmitError, Submitted } from "./Broker.ts"
import { type BrokerContext, type Look, viewOf } from "./BrokerContext.ts"
import { ClientOrderIdConflict, OrderDenied, OrderOutcomeUnknown, OrderRejected } from "./BrokerErrors.ts"
import { clientOrderIdFor, intentionKeyOf } from "./OrderIdentity.ts"
import type { OrderRecord } from "./OrderJournal.ts"
import { contentOf, intentEvents, toVenueOrder } from "./OrderPlan.ts"
import { ensureReconciled } from "./Reconciliation.ts"
import { type RiskPolicy, snapshot } from "./RiskView.ts"
import type { VenueOrder } from "./VenueOrder.ts"

export interface Submission {
  readonly request: OrderRequest
  readonly actor: Actor
}

/** What the first transaction made of a submission. */
type Decision =
  | { readonly _tag: "Send"; readonly order: VenueOrder; readonly verdicts: ReadonlyArray<Verdict> }
  | { readonly _tag: "Repeated"; readonly id: ClientOrderId }
  | { readonly _tag: "Failed"; readonly error: OrderDenied | ClientOrderIdConflict }

const findOrder = (context: BrokerContext["Service"], book: OpenBook, id: ClientOrderId) => {
  const live = book.state().orders[id]
  return live === undefined
    ? context.journal.order(id)
    : Effect.succeed(
        Option.some({ order: live.order, contentKey: live.contentKey, accountId: book.state().accountId })
      )
}

/** The id an order goes by, and the order that has it already. */
const identify = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  book: OpenBook,
  request: OrderRequest
) {
  const key = intentionKeyOf(book.state().accountId, request.quoteId, contentOf(request))
  if (request.clientOrderId !== undefined) {
    return {
      key,
      id: request.clientOrderId,
      existing: yield* findOrder(context, book, request.clientOrderId)
    }
  }
  let repeat = 0
  while (true) {
    const id = clientOrderIdFor(key, repeat)
    const existing = yield* findOrder(context, book, id)
    if (request.repeat !== true || Option.isNone(existing)) return { key, id, existing }
    repeat += 1
  }
})

const known = (existing: OrderRecord, key: string): Decision => {
  const { clientOrderId } = existing.order
  return existing.contentKey === key
    ? { _tag: "Repeated", id: clientOrderId }
    : {
        _tag: "Failed",
        error: new ClientOrderIdConflict({
          clientOrderId,
          message: `${clientOrderId} is already the id of another order: choose a new id, or leave it out`
        })
      }
}

const deniedBy = (id: ClientOrderId, denied: Verdict, verdicts: ReadonlyArray<Verdict>): OrderDenied =>
  new OrderDenied({
    clientOrderId: id,
    rule: denied.rule,
    ...(denied.value === undefined ? {} : { value: denied.value }),
    ...(denied.limit === undefined ? {} : { limit: denied.limit }),
    verdicts,
    message: denied.message
  })

/** Evaluates one submission on the book as it stands in this transaction, and journals what comes of it. */
const decide = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  book: OpenBook,
  submission: Submission,
  market: {
    readonly look: Look
    readonly policy: RiskPolicy
    readonly highWater: number
    readonly reconciled: boolean
  }
) {
  const { actor, request } = submission
  const { existing, id, key } = yield* identify(context, book, request)
  if (Option.isSome(existing)) return known(existing.value, key)
  const quote = Option.getOrUndefined(yield* context.quotes.find(request.quoteId))
  const view = viewOf(context, market.look, request.instrumentId)
  const content = contentOf(request)
  const evaluation = evaluate(
    snapshot({
      book: book.state(),
      view,
      policy: market.policy,
      citedQuote: quote,
      person: actor.kind === "person",
      reconciled: market.reconciled,
      highWater: market.highWater
    }),
    { content, repeat: request.repeat === true }
  )
  const multiplier = view.instrument?.multiplier ?? 1
  const tsEvent = view.now
  yield* book.record(
    intentEvents({ clientOrderId: id, request, quote, multiplier, evaluation, tsEvent }),
    actor
  )
  const { denied, verdicts } = evaluation
  const decision: Decision =
    denied === undefined
      ? { _tag: "Send", order: toVenueOrder(id, content), verdicts }
      : { _tag: "Failed", error: deniedBy(id, denied, verdicts) }
  return decision
})

/** The order's first outcome, told again. */
const outcomeOf = (
  record: Option.Option<OrderRecord>,
  id: ClientOrderId,
  verdicts: ReadonlyArray<Verdict>,
  repeated: boolean
): Exit.Exit<Submitted, SubmitError> => {
  if (Option.isNone(record)) return Exit.die(new Error(`order ${id} was journaled and is not in the store`))
  const { order } = record.value
  const reason = order.reason ?? "no reason given"
  switch (order.status) {
    case "Denied":
      return Exit.fail(new OrderDenied({ clientOrderId: id, ...ruleOf(verdicts), verdicts, message: reason }))
    case "Rejected":
      return Exit.fail(new OrderRejected({ clientOrderId: id, message: reason }))
    case "Unknown":
      return Exit.fail(new OrderOutcomeUnknown({ clientOrderId: id, message: reason }))
    default:
      return Exit.succeed({ order, verdicts, repeated })
  }
}

const ruleOf = (verdicts: ReadonlyArray<Verdict>) => {
  const denied = verdicts.find(({ outcome }) => outcome === "deny")
  return {
    rule: denied?.rule ?? "not-sent",
    ...(denied?.value === undefined ? {} : { value: denied.value }),
    ...(denied?.limit === undefined ? {} : { limit: denied.limit })
  }
}

/** The verdicts an order got when it was asked for, from its first journal line. */
const firstVerdicts = Effect.fnUntraced(function* (context: BrokerContext["Service"], id: ClientOrderId) {
  const [first] = yield* context.journal.history(id)
  return first?.event._tag === "OrderInitialized" ? first.event.verdicts : []
})

/** Orders that were journaled and then could not be sent are closed as denied: the venue never saw them. */
const withdraw = (context: BrokerContext["Service"], orders: ReadonlyArray<VenueOrder>, reason: string) =>
  context.keeper.transact((book) =>
    Effect.gen(function* () {
      const tsEvent = book.state().tsLast
      const ids = orders.flatMap(withChildren)
      const events = ids.map((clientOrderId): JournalEvent => ({
        _tag: "OrderDenied",
        clientOrderId,
        tsEvent,
        rule: "audit-log",
        reason
      }))
      yield* book.record(events, { kind: "desk", name: "broker" })
    })
  )

const withChildren = ({ bracket, clientOrderId }: VenueOrder): ReadonlyArray<ClientOrderId> => [
  clientOrderId,
  ...(bracket?.takeProfit === undefined ? [] : [bracket.takeProfit.clientOrderId]),
  ...(bracket?.stopLoss === undefined ? [] : [bracket.stopLoss.clientOrderId])
]

/** Sends what was journaled; an order without an answer becomes Unknown. */
const send = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  orders: ReadonlyArray<VenueOrder>
) {
  if (orders.length === 0) return
  yield* context.audit.flush.pipe(
    Effect.tapError((error) =>
      withdraw(context, orders, `not sent: the audit log could not be written (${error.message})`)
    )
  )
  const outcomes = yield* context.venue.send(orders)
  const unanswered = outcomes.filter((outcome) => outcome._tag === "Unanswered")
  if (unanswered.length > 0) {
    const byId = new Map(orders.map((order) => [order.clientOrderId, order]))
    yield* context.keeper.transact((book) =>
      book.record(
        unanswered.flatMap(({ clientOrderId, reason }) => {
          const order = byId.get(clientOrderId)
          return (order === undefined ? [clientOrderId] : withChildren(order)).map((id): JournalEvent => ({
            _tag: "OrderUnknown",
            clientOrderId: id,
            tsEvent: book.state().tsLast,
            reason: `no answer from ${context.venue.name}: ${reason}`
          }))
        }),
        { kind: "desk", name: "broker" }
      )
    )
  }
  yield* context.ingest
})

const decideAll = Effect.fnUntraced(function* (
  context: BrokerContext["Service"],
  batch: ReadonlyArray<Submission>
) {
  const before = yield* context.opened
  const look = yield* context.look(
    before,
    batch.map(({ request }) => request.instrumentId)
  )
  const policy = yield* context.policy
  const reconciled = yield* Ref.get(context.reconciled)
  return yield* context.keeper.transact((book) =>
    Effect.gen(function* () {
      const highWater = yield* context.highWater
      const decisions: Array<Decision> = []
      for (const submission of batch) {
        decisions.push(yield* decide(context, book, submission, { look, policy, highWater, reconciled }))
      }
      return decisions
    })
  )
})

/** One exit per submission, in order. */
export const submitAll = (
  context: BrokerContext["Service"],
  batch: ReadonlyArray<Submission>
): Effect.Effect<ReadonlyArray<Exit.Exit<Submitted, SubmitError>>> =>
  Effect.gen(function* () {
    yield* context.crank.turn
    yield* ensureReconciled(context)
    const decisions = yield* decideAll(context, batch)
    const orders = decisions.flatMap((decision) => (decision._tag === "Send" ? [decision.order] : []))
    yield* send(context, orders)
    return yield* Effect.forEach(decisions, (decision) => finish(context, decision))
  }).pipe(
    Effect.withSpan("Broker.submit", { attributes: { batch: batch.length } }),
    // What failed for the batch failed for each of it.
    Effect.catchCause((cause) => Effect.succeed(batch.map(() => Exit.failCause(cause))))
  )

const finish = (
  context: BrokerContext["Service"],
  decision: Decision
): Effect.Effect<Exit.Exit<Submitted, SubmitError>, StorageError> => {
  switch (decision._tag) {
    case "Failed":
      return Effect.succeed(Exit.fail(decision.error))
    case "Send":
      return Effect.map(context.journal.order(decision.order.clientOrderId), (record) =>
        outcomeOf(record, decision.order.clientOrderId, decision.verdicts, false)
      )
    case "Repeated":
      return Effect.gen(function* () {
        const verdicts = yield* firstVerdicts(context, decision.id)
        return outcomeOf(yield* context.journal.order(decision.id), decision.id, verdicts, true)
      })
  }
}
