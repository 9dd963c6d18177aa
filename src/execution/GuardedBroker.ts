/** `Broker` over any venue. */
import { Effect, Layer, Option, Ref } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Quantity } from "../domain/Money.ts"
import type { Order, OrderContent, OrderRequest } from "../domain/Order.ts"
import { seriesOf } from "../market/OptionRoot.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import { tradingStateOf } from "../risk/CircuitBreaker.ts"
import { evaluate } from "../risk/RiskRules.ts"
import type { BookState } from "./Book.ts"
import { Broker, type By, type HeldLeg } from "./Broker.ts"
import { BrokerContext, viewOf } from "./BrokerContext.ts"
import { BrokerBusy, NoPosition, OrderInvalid } from "./BrokerErrors.ts"
import * as GroupCommit from "./GroupCommit.ts"
import * as OrderActs from "./OrderActs.ts"
import { clientOrderIdFor, intentionKeyOf } from "./OrderIdentity.ts"
import { newestFirst, type OlderThan } from "./OrderJournal.ts"
import { concerns, netQuoteOf, termsOf, whyInvalid } from "./OrderLegs.ts"
import { contentOf } from "./OrderPlan.ts"
import { closing, closingTogether, notHeld } from "./ProposedOrders.ts"
import { isUnanswered, reconcile } from "./Reconciliation.ts"
import { quotesNow } from "./QuotesNow.ts"
import { snapshot } from "./RiskView.ts"
import { submitAll } from "./Submission.ts"

/** Orders that share one transaction at most. */
const MAX_BATCH = 64
/** Orders that wait for a batch: more are refused as `BrokerBusy` instead of waiting for longer than anyone looks. */
const MAX_WAITING = 1024

/** The book has them all: looking for them in the store would look at every order there ever was. */
const workingOrders = (
  { orders }: BookState,
  options: { readonly instrumentId?: InstrumentId; readonly before?: OlderThan; readonly limit: number }
): ReadonlyArray<Order> =>
  Object.values(orders)
    .filter((live) => options.instrumentId === undefined || concerns(live, options.instrumentId))
    .map(({ order }) => order)
    .filter((order) => options.before === undefined || newestFirst(options.before, order) < 0)
    .toSorted(newestFirst)
    .slice(0, options.limit)

/** What contradicts itself is not looked at. */
const valid = (request: OrderRequest): Effect.Effect<void, OrderInvalid> => {
  const problem = whyInvalid(request)
  return problem === undefined
    ? Effect.void
    : Effect.fail(new OrderInvalid({ message: `${problem}. Nothing was journaled and nothing was sent` }))
}

const make = Effect.gen(function* () {
  const context = yield* BrokerContext
  /** What options on it are called by; none on an option. */
  const rootsOn = (id: InstrumentId | undefined): ReadonlyArray<string> => {
    const instrument = id === undefined ? undefined : context.instrument(id)
    return instrument === undefined || instrument._tag === "Option" ? [] : seriesOf(instrument)
  }
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
    Effect.andThen(
      valid(request),
      submitTogether({ request, actor, ...(permit === undefined ? {} : { permit }) })
    )

  const preview: Broker["Service"]["preview"] = Effect.fn("Broker.preview")(function* (request, { actor }) {
    yield* valid(request)
    yield* context.crank.turn
    const book = yield* context.opened
    const content = contentOf(request)
    const look = yield* context.look(book, [content])
    const policy = yield* context.policy
    const { legQuotes, quote } = yield* context.cited(content, request)
    const highWater = yield* context.highWater
    const view = viewOf(context, book, look, content)
    const evaluation = evaluate(
      snapshot({
        book,
        view,
        policy,
        citedQuote: quote,
        citedLegs: legQuotes,
        person: actor.kind === "person",
        permit: { required: false },
        // Nothing to reconcile is as good as reconciled; a preview writes nothing.
        reconciled: (yield* Ref.get(context.reconciled)) || !Object.values(book.orders).some(isUnanswered),
        highWater
      }),
      { content, repeat: request.repeat === true }
    )
    const terms = termsOf(content, (id) => context.instrumentIn(book, id))
    const legs = view.legs.map(({ currentQuote }) => currentQuote)
    return {
      clientOrderId:
        request.clientOrderId ??
        clientOrderIdFor(intentionKeyOf(book.accountId, request.quoteId, content), 0),
      verdicts: evaluation.verdicts,
      denied: evaluation.denied,
      reducing: evaluation.reducing,
      quote: view.currentQuote,
      terms,
      legs,
      netQuote: legs.length === 0 || terms === undefined ? undefined : netQuoteOf(terms, legs),
      tradingState: tradingStateOf(book.breaker)
    }
  })

  /** The order on quotes that are taken now. */
  const onQuotesNow = (content: OrderContent, rationale: string) =>
    Effect.map(quotesNow(content, context.quotes.issue), (cited): OrderRequest => ({
      ...content,
      ...cited,
      rationale
    }))

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
    const { session } = yield* context.look(book, [])
    const content = closing(held, session, by.quantity)
    return yield* submit(yield* onQuotesNow(content, by.rationale ?? "close the position"), by)
  })

  const closeStructure = Effect.fn("Broker.closeStructure")(function* (
    legs: ReadonlyArray<HeldLeg>,
    by: By & { readonly rationale?: string }
  ) {
    yield* context.crank.upToDate
    const book = yield* context.opened
    const missing = notHeld(book.ledger.positions, legs)
    if (missing !== undefined) {
      const { instrumentId: id } = missing
      return yield* new NoPosition({
        instrumentId: id,
        message: `there is no such position in ${id} to close: look at the positions again`
      })
    }
    const { session } = yield* context.look(book, [])
    const content = closingTogether(legs, session)
    if (typeof content === "string") return yield* new OrderInvalid({ message: content })
    return yield* submit(yield* onQuotesNow(content, by.rationale ?? "close the structure"), by)
  })

  return Broker.of({
    quote: context.quotes.issue,
    submit,
    preview,
    replace: (id, change, by) => OrderActs.replace(context, id, change, by),
    cancel: (id, { actor }) => OrderActs.cancel(context, id, actor),
    cancelAll: ({ actor, instrumentId }) => OrderActs.cancelAll(context, actor, instrumentId),
    closePosition,
    closeStructure,
    order: (id) =>
      Effect.map(
        context.journal.order(id),
        Option.map(({ order }) => order)
      ),
    orders: ({ working = false, ...query }) =>
      Effect.flatMap(context.keeper.current, (book) =>
        working
          ? Effect.succeed(workingOrders(book, query))
          : Effect.map(
              context.journal.orders({
                ...query,
                accountId: book.accountId,
                optionRoots: rootsOn(query.instrumentId)
              }),
              (records) => records.map(({ order }) => order)
            )
      ),
    history: context.journal.history,
    reconcile: reconcile(context)
  })
})

export const layer = Layer.effect(Broker, make)
