/** `Broker` over any venue. */
import { Effect, Layer, Option, Ref } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Quantity } from "../domain/Money.ts"
import type { Order, OrderRequest } from "../domain/Order.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import { tradingStateOf } from "../risk/CircuitBreaker.ts"
import { evaluate } from "../risk/RiskRules.ts"
import type { BookState } from "./Book.ts"
import { Broker, type By } from "./Broker.ts"
import { BrokerContext, viewOf } from "./BrokerContext.ts"
import { BrokerBusy, NoPosition } from "./BrokerErrors.ts"
import * as GroupCommit from "./GroupCommit.ts"
import * as OrderActs from "./OrderActs.ts"
import { clientOrderIdFor, intentionKeyOf } from "./OrderIdentity.ts"
import type { OlderThan } from "./OrderJournal.ts"
import { contentOf } from "./OrderPlan.ts"
import { closing } from "./ProposedOrders.ts"
import { isUnanswered, reconcile } from "./Reconciliation.ts"
import { snapshot } from "./RiskView.ts"
import { submitAll } from "./Submission.ts"

/** Orders that share one transaction at most. */
const MAX_BATCH = 64
/** Orders that wait for a batch: more are refused as `BrokerBusy` instead of waiting for longer than anyone looks. */
const MAX_WAITING = 1024

const newestFirst = (a: OlderThan, b: OlderThan): number =>
  b.tsInit - a.tsInit ||
  (a.clientOrderId === b.clientOrderId ? 0 : a.clientOrderId < b.clientOrderId ? 1 : -1)

/** The book has them all: looking for them in the store would look at every order there ever was. */
const workingOrders = (
  { orders }: BookState,
  options: { readonly instrumentId?: InstrumentId; readonly before?: OlderThan; readonly limit: number }
): ReadonlyArray<Order> =>
  Object.values(orders)
    .map(({ order }) => order)
    .filter(
      ({ content }) => options.instrumentId === undefined || content.instrumentId === options.instrumentId
    )
    .filter((order) => options.before === undefined || newestFirst(options.before, order) < 0)
    .toSorted(newestFirst)
    .slice(0, options.limit)

const make = Effect.gen(function* () {
  const context = yield* BrokerContext
  const submitTogether = yield* GroupCommit.make({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    busy: () =>
      new BrokerBusy({
        waiting: MAX_WAITING,
        message: `${MAX_WAITING} orders are waiting in this process already: nothing was done with this one, send it again when some of them have been answered`
      }),
    process: (batch: Parameters<typeof submitAll>[1]) => submitAll(context, batch)
  })

  const submit: Broker["Service"]["submit"] = (request, { actor, permit }) =>
    submitTogether({ request, actor, ...(permit === undefined ? {} : { permit }) })

  const preview: Broker["Service"]["preview"] = Effect.fn("Broker.preview")(function* (request, { actor }) {
    yield* context.crank.turn
    const book = yield* context.opened
    const look = yield* context.look(book, [request.instrumentId])
    const policy = yield* context.policy
    const quote = Option.getOrUndefined(yield* context.quotes.find(request.quoteId))
    const highWater = yield* context.highWater
    const content = contentOf(request)
    const evaluation = evaluate(
      snapshot({
        book,
        view: viewOf(context, look, request.instrumentId),
        policy,
        citedQuote: quote,
        person: actor.kind === "person",
        permit: { required: false },
        // Nothing to reconcile is as good as reconciled; a preview writes nothing.
        reconciled: (yield* Ref.get(context.reconciled)) || !Object.values(book.orders).some(isUnanswered),
        highWater
      }),
      { content, repeat: request.repeat === true }
    )
    return {
      clientOrderId:
        request.clientOrderId ??
        clientOrderIdFor(intentionKeyOf(book.accountId, request.quoteId, content), 0),
      verdicts: evaluation.verdicts,
      denied: evaluation.denied,
      reducing: evaluation.reducing,
      quote: look.current.get(request.instrumentId),
      tradingState: tradingStateOf(book.breaker)
    }
  })

  const closePosition = Effect.fn("Broker.closePosition")(function* (
    id: InstrumentId,
    by: By & { readonly rationale?: string; readonly quantity?: Quantity }
  ) {
    yield* context.crank.upToDate
    const book = yield* context.opened
    const held = Ledger.positions(book.ledger).find((position) => position.instrumentId === id)
    if (held === undefined) {
      return yield* new NoPosition({ instrumentId: id, message: `there is no position in ${id} to close` })
    }
    const quote = yield* context.quotes.issue(id)
    const { session } = yield* context.look(book, [])
    const request: OrderRequest = {
      ...closing(held, session, by.quantity),
      quoteId: quote.quoteId,
      rationale: by.rationale ?? "close the position"
    }
    return yield* submit(request, by)
  })

  return Broker.of({
    quote: context.quotes.issue,
    submit,
    preview,
    replace: (id, change, by) => OrderActs.replace(context, id, change, by),
    cancel: (id, { actor }) => OrderActs.cancel(context, id, actor),
    cancelAll: ({ actor, instrumentId }) => OrderActs.cancelAll(context, actor, instrumentId),
    closePosition,
    order: (id) =>
      Effect.map(
        context.journal.order(id),
        Option.map(({ order }) => order)
      ),
    orders: ({ working = false, ...query }) =>
      Effect.flatMap(context.keeper.current, (book) =>
        working
          ? Effect.succeed(workingOrders(book, query))
          : Effect.map(context.journal.orders({ ...query, accountId: book.accountId }), (records) =>
              records.map(({ order }) => order)
            )
      ),
    history: context.journal.history,
    reconcile: reconcile(context)
  })
})

export const layer = Layer.effect(Broker, make)
