/** Submitting orders, a batch at a time. */
import { Effect, Exit, Option, Ref, Result } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import { isTerminal, type OrderRequest } from "../domain/Order.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { Verdict } from "../domain/Verdict.ts"
import { evaluate } from "../risk/RiskRules.ts"
import type { OpenBook } from "./BookKeeper.ts"
import type { SubmitError, Submitted } from "./Broker.ts"
import { type BrokerContext, isOfNow, type Look, marketRanAway, MAX_LOOKS, viewOf } from "./BrokerContext.ts"
import { cancelUnwanted } from "./Cancels.ts"
import {
  ClientOrderIdConflict,
  deniedBy,
  OrderDenied,
  OrderOutcomeUnknown,
  OrderRejected
} from "./BrokerErrors.ts"
import {
  type Departure,
  departure,
  dispatch,
  isHeldUp,
  namesOf,
  stillWanted,
  withdraw,
  withdrawHeldUp
} from "./Dispatch.ts"
import { clientOrderIdFor, contentKeyOf, intentionKeyOf, unpermittedIdFor } from "./OrderIdentity.ts"
import type { OrderRecord } from "./OrderJournal.ts"
import { termsOf } from "./OrderLegs.ts"
import { contentOf, intentEvents, toVenueOrder } from "./OrderPlan.ts"
import { ensureReconciled } from "./Reconciliation.ts"
import type { PermitClaim } from "./Permit.ts"
import { takePermit } from "./PermitTaking.ts"
import { type RiskPolicy, snapshot } from "./RiskView.ts"
import type { VenueOrder } from "./VenueOrder.ts"

type Context = BrokerContext["Service"]

export interface Submission {
  readonly request: OrderRequest
  readonly actor: Actor
  readonly permit?: PermitClaim
}

/** What the first transaction made of a submission. */
type Decision =
  | { readonly _tag: "Send"; readonly order: VenueOrder; readonly verdicts: ReadonlyArray<Verdict> }
  | { readonly _tag: "Repeated"; readonly id: ClientOrderId }
  | { readonly _tag: "Failed"; readonly error: OrderDenied | ClientOrderIdConflict }

/** The id an order goes by, and the order that has it already. */
const identify = Effect.fnUntraced(function* (book: OpenBook, request: OrderRequest) {
  const content = contentOf(request)
  const key = contentKeyOf(content)
  if (request.clientOrderId !== undefined) {
    return {
      key,
      id: request.clientOrderId,
      existing: yield* book.order(request.clientOrderId)
    }
  }
  const intention = intentionKeyOf(book.state().accountId, request.quoteId, content)
  if (request.repeat !== true) return { key, ...(yield* firstNotDenied(book, intention)) }
  const first = clientOrderIdFor(intention, 0)
  const existing = yield* book.order(first)
  return Option.isNone(existing)
    ? { key, id: first, existing }
    : { key, id: yield* nextRepeat(book, intention), existing: Option.none() }
})

/** So often an intention that was denied is looked at anew; then it keeps its last denial, until another quote is cited. */
const MAX_DENIALS = 64

/**
 * What was denied was never sent: asked for again it is looked at anew, under
 * the next name. The first that was not denied is the intention's order.
 */
const firstNotDenied = Effect.fnUntraced(function* (book: OpenBook, intention: string) {
  for (let repeat = 0; ; repeat++) {
    const id = clientOrderIdFor(intention, repeat)
    const existing = yield* book.order(id)
    const isDenied = Option.exists(existing, ({ order }) => order.status === "Denied")
    if (!isDenied || repeat === MAX_DENIALS) return { id, existing }
  }
})

/** The name of the next repeat: by doubling, then halving, so that the thousandth does not look the others up. */
const nextRepeat = Effect.fnUntraced(function* (book: OpenBook, intention: string) {
  const isTaken = (repeat: number) =>
    Effect.map(book.order(clientOrderIdFor(intention, repeat)), Option.isSome)
  let taken = 0
  let free = 1
  while (yield* isTaken(free)) [taken, free] = [free, free * 2]
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2)
    if (yield* isTaken(middle)) taken = middle
    else free = middle
  }
  return clientOrderIdFor(intention, free)
})

/** An exit of the order's bracket whose name another order has already. */
const takenExit = Effect.fnUntraced(function* (
  book: OpenBook,
  order: VenueOrder
): Effect.fn.Return<Decision | undefined, StorageError> {
  for (const name of namesOf(order).slice(1)) {
    if (Option.isSome(yield* book.order(name))) return taken(name)
  }
  return undefined
})

const taken = (clientOrderId: ClientOrderId): Decision => ({
  _tag: "Failed",
  error: new ClientOrderIdConflict({
    clientOrderId,
    message: `${clientOrderId} is already the id of another order: choose a new id, or leave it out`
  })
})

const known = (existing: OrderRecord, key: string): Decision => {
  const { clientOrderId } = existing.order
  return existing.contentKey === key ? { _tag: "Repeated", id: clientOrderId } : taken(clientOrderId)
}

/** Evaluates one submission on the book as it stands in this transaction, and journals what comes of it. */
const decide = Effect.fnUntraced(function* (
  context: Context,
  book: OpenBook,
  submission: Submission,
  market: {
    readonly look: Look
    readonly policy: RiskPolicy
    readonly highWater: number
    readonly reconciled: boolean
  }
) {
  const { actor, permit, request } = submission
  const { existing, id, key } = yield* identify(book, request)
  if (Option.isSome(existing)) return known(existing.value, key)
  const content = contentOf(request)
  const terms = termsOf(content, (one) => context.instrumentIn(book.state(), one))
  const order = toVenueOrder(id, content, terms)
  const taken = yield* takenExit(book, order)
  if (taken !== undefined) return taken
  const { legQuotes, quote } = yield* context.cited(content, request)
  const view = viewOf(context, book.state(), market.look, content)
  const { caller, seen } = yield* takePermit(context.permits, permit)
  const evaluation = evaluate(
    snapshot({
      book: book.state(),
      view,
      policy: market.policy,
      citedQuote: quote,
      citedLegs: legQuotes,
      person: actor.kind === "person",
      permit: seen,
      reconciled: market.reconciled,
      highWater: market.highWater
    }),
    { content, repeat: request.repeat === true }
  )
  const { denied, verdicts } = evaluation
  const isUnpermitted = denied?.rule === "permit"
  const name = isUnpermitted ? unpermittedIdOf(book, submission) : id
  const toldBefore = isUnpermitted ? yield* book.order(name) : Option.none()
  if (Option.isSome(toldBefore)) return known(toldBefore.value, key)
  const intent = {
    clientOrderId: name,
    request,
    quote,
    legQuotes: legQuotes.flatMap((one) => one ?? []),
    terms,
    multiplier: view.instrument?.multiplier ?? 1,
    evaluation,
    tsEvent: view.now,
    caller
  }
  yield* book.record(intentEvents(intent), actor)
  const decision: Decision =
    denied === undefined
      ? { _tag: "Send", order, verdicts }
      : { _tag: "Failed", error: deniedBy(name, denied, verdicts) }
  return decision
})

const unpermittedIdOf = (book: OpenBook, { permit, request }: Submission): ClientOrderId =>
  unpermittedIdFor(
    intentionKeyOf(book.state().accountId, request.quoteId, contentOf(request)),
    request.clientOrderId,
    permit?.callId
  )

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
const firstVerdicts = Effect.fnUntraced(function* (context: Context, id: ClientOrderId) {
  const [first] = yield* context.journal.history(id)
  return first?.event._tag === "OrderInitialized" ? first.event.verdicts : []
})

/** Sends what was journaled after `journaledAt`, once the audit log has it on disk. */
const send = Effect.fnUntraced(function* (
  context: Context,
  orders: ReadonlyArray<VenueOrder>,
  journaledAt: Departure
) {
  if (orders.length === 0) return
  yield* context.audit.flush.pipe(
    Effect.tapError((error) =>
      withdraw(
        context,
        orders,
        "audit-log",
        `not sent: the audit log could not be written (${error.message})`
      )
    )
  )
  const wanted = yield* stillWanted(context, orders)
  if (isHeldUp(journaledAt, yield* departure(context))) {
    return yield* withdrawHeldUp(context, wanted)
  }
  yield* dispatch(context, wanted, journaledAt)
  yield* cancelUnwanted(context, wanted.flatMap(namesOf))
})

type SendFailure = Effect.Error<ReturnType<typeof send>>

const decideAll = Effect.fnUntraced(function* (context: Context, batch: ReadonlyArray<Submission>) {
  const reconciled = yield* Ref.get(context.reconciled)
  const asked = batch.map(({ request }) => request)
  for (let looks = 1; looks <= MAX_LOOKS; looks++) {
    const before = yield* context.opened
    const policy = yield* context.policy
    const look = yield* context.look(before, asked)
    const decided = yield* context.keeper.transact((book) =>
      Effect.gen(function* () {
        if (!(yield* isOfNow(context, book.state(), before, look))) return undefined
        const highWater = yield* context.highWater
        const decisions: Array<Decision> = []
        for (const submission of batch) {
          decisions.push(yield* decide(context, book, submission, { look, policy, highWater, reconciled }))
        }
        return decisions
      })
    )
    if (decided !== undefined) return decided
  }
  return yield* marketRanAway
})

/** One exit per submission, in order. */
export const submitAll = (
  context: Context,
  batch: ReadonlyArray<Submission>
): Effect.Effect<ReadonlyArray<Exit.Exit<Submitted, SubmitError>>> =>
  Effect.gen(function* () {
    yield* context.crank.upToDate
    yield* ensureReconciled(context)
    const journaledAt = yield* departure(context)
    const decisions = yield* decideAll(context, batch).pipe(
      // They may have been journaled, and nobody is on the way to send them.
      Effect.tapError((error) =>
        error._tag === "StorageUnknown" ? Ref.set(context.reconciled, false) : Effect.void
      )
    )
    const orders = decisions.flatMap((decision) => (decision._tag === "Send" ? [decision.order] : []))
    const sending = yield* send(context, orders, journaledAt).pipe(
      // Whatever became of them, the venue is asked before the next order.
      Effect.tapCause(() => Ref.set(context.reconciled, false)),
      Effect.result
    )
    const failure = Result.isFailure(sending) ? sending.failure : undefined
    // What cannot be told of one is no answer for the others, which may be working.
    return yield* Effect.forEach(decisions, (decision) =>
      Effect.catch(finish(context, decision, failure), (error) => Effect.succeed(Exit.fail(error)))
    )
  }).pipe(
    Effect.withSpan("Broker.submit", { attributes: { batch: batch.length } }),
    // What failed for the batch failed for each of it.
    Effect.catchCause((cause) => Effect.succeed(batch.map(() => Exit.failCause(cause))))
  )

/** It is journaled, and may have arrived or be sent by whoever reconciles: to say that nothing was written would not be true. */
const unsettled = (clientOrderId: ClientOrderId, { message }: { readonly message: string }) =>
  Exit.fail(
    new OrderOutcomeUnknown({
      clientOrderId,
      message: `order ${clientOrderId} was journaled, and then this failed: ${message.replace(/; nothing was written$/u, "")}. What became of it is not known until the venue has been asked: the next order does that, and plimsoll watch. Look at the order before you send another`
    })
  )

/** How a submission ended that was to be sent; `failure` is what went wrong on the way. */
const finishSent = (
  context: Context,
  id: ClientOrderId,
  verdicts: ReadonlyArray<Verdict>,
  failure: SendFailure | undefined
): Effect.Effect<Exit.Exit<Submitted, SubmitError>> =>
  context.journal.order(id).pipe(
    Effect.map((record) => {
      const isOpen = Option.exists(record, ({ order }) => !isTerminal(order.status))
      if (failure === undefined) return outcomeOf(record, id, verdicts, false)
      if (isOpen) return unsettled(id, failure)
      // Closed unsent for this very reason.
      return failure._tag === "AuditWriteFailed" ? Exit.fail(failure) : outcomeOf(record, id, verdicts, false)
    }),
    Effect.catch((error) => Effect.succeed(unsettled(id, failure ?? error)))
  )

const finish = (
  context: Context,
  decision: Decision,
  failure: SendFailure | undefined
): Effect.Effect<Exit.Exit<Submitted, SubmitError>, StorageError> => {
  switch (decision._tag) {
    case "Failed":
      return Effect.succeed(Exit.fail(decision.error))
    case "Send":
      return finishSent(context, decision.order.clientOrderId, decision.verdicts, failure)
    case "Repeated":
      return Effect.gen(function* () {
        const verdicts = yield* firstVerdicts(context, decision.id)
        return outcomeOf(yield* context.journal.order(decision.id), decision.id, verdicts, true)
      })
  }
}
