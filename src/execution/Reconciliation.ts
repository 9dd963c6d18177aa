/**
 * The desk held against the venue.
 *
 * Before a broker takes its first order, every so often after, and whenever an
 * order has stayed without an answer, it asks the venue what is so, by
 * ClientOrderId. Orders: what the venue's record says is journaled (an unknown
 * order is adopted, or ends as the venue says); what the venue never saw is
 * sent again if the market has not moved since (this is what the process that
 * died was about to do), and otherwise closed, its moment having passed; what
 * the venue had and has no more is closed as lost; what works there and not in
 * the book, or should have been canceled, is canceled. Then cash and positions
 * (AccountCheck.ts). Whoever else works on the desk meanwhile is not disturbed.
 */
import { Effect, Option, Ref } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { isTerminal } from "../domain/Order.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { correctAccount } from "./AccountCheck.ts"
import { IN_FLIGHT_MICROS, type BookState, type LiveOrder, liveOrder } from "./Book.ts"
import type { BrokerContext } from "./BrokerContext.ts"
import { askAgain, cancelHalted, cancelUnwanted, isHaltedOrder } from "./Cancels.ts"
import { CrankContended } from "./Crank.ts"
import { departure, dispatch, isHeldUp, namesOf } from "./Dispatch.ts"
import { toVenueOrder } from "./OrderPlan.ts"

type Context = BrokerContext["Service"]

/** A broker that is asked to trade looks again when it last did longer ago than this. */
export const RECONCILE_EVERY_MICROS = 30_000_000

const reconciliation: Actor = { kind: "desk", name: "reconciliation" }

/** Journaled as sent, and no word from the venue. */
export const isUnanswered = ({ order }: LiveOrder): boolean =>
  order.status === "Unknown" || (order.venueOrderId === undefined && !isTerminal(order.status))

/** Entries only: a bracket's exits travel with theirs. */
const isEntry = ({ order }: LiveOrder): boolean => order.parent === undefined

/**
 * Journals one event for each of these orders that is still as it was when it was looked at, and says so: whoever had
 * sent or changed it again meanwhile, or heard of it, goes first.
 */
const recordEach = Effect.fnUntraced(function* (
  context: Context,
  orders: ReadonlyArray<LiveOrder>,
  isStillSo: (live: LiveOrder) => boolean,
  what: string,
  event: (id: ClientOrderId) => JournalEvent
) {
  if (orders.length === 0) return
  const ids = yield* context.keeper.transact(
    Effect.fnUntraced(function* (open) {
      const same = orders
        .filter(({ order, tsSteady }) => {
          const found = liveOrder(open.state(), order.clientOrderId)
          return found !== undefined && found.tsSteady === tsSteady && isStillSo(found)
        })
        .map(({ order }) => order.clientOrderId)
      yield* open.record(same.map(event), reconciliation)
      return same
    })
  )
  if (ids.length > 0) yield* Effect.logWarning(`${ids.join(", ")}: ${what}`)
})

/** Whether the process that died was about to send it at this very moment of the market. */
const isOfThisMoment = (book: BookState, live: LiveOrder, now: Option.Option<Timestamp>): boolean =>
  Option.isSome(now) &&
  live.order.tsInit === now.value &&
  live.cancelRequested !== true &&
  !isHaltedOrder(book, live)

/** A bracket's exit shares the fate of its entry, with which it travels. */
const travelsWith = (book: BookState, live: LiveOrder): LiveOrder | undefined =>
  live.order.parent === undefined ? live : liveOrder(book, live.order.parent)

/** Never arrived, and neither the market nor anybody's wish has gone past it, nor past the entry it travels with. */
const isStillToBeSent = (book: BookState, live: LiveOrder, now: Option.Option<Timestamp>): boolean => {
  const entry = travelsWith(book, live)
  return entry !== undefined && isUnanswered(entry) && isOfThisMoment(book, entry, now)
}

/** What there is to do about the orders of a book. */
interface Findings {
  /** Never arrived, and still of this moment. */
  readonly again: ReadonlyArray<LiveOrder>
  /** Never arrived, and too late for it. */
  readonly missed: ReadonlyArray<LiveOrder>
  /** The venue had taken it, and has it no more. */
  readonly gone: ReadonlyArray<LiveOrder>
  /** A replacement of it never arrived. */
  readonly unchanged: ReadonlyArray<LiveOrder>
  /** Works there and not in the book. */
  readonly strangers: ReadonlyArray<ClientOrderId>
  /** A cancel that got lost, and orders the book does not have. */
  readonly cancelAgain: ReadonlyArray<ClientOrderId>
  /** Caught by a halt, and not canceled yet. */
  readonly halted: ReadonlyArray<ClientOrderId>
}

/**
 * Looks at the orders. `before` was read before the venue was asked what works,
 * `book` after: an order that the venue had answered for in `before`, that has
 * not ended in `book`, and does not work in between, is gone.
 */
const examine = Effect.fnUntraced(function* (
  context: Context,
  before: BookState,
  working: ReadonlySet<ClientOrderId>,
  book: BookState
) {
  const steadyNow = yield* context.steadyNow
  const now = yield* Effect.option(context.clock.now)
  const again: Array<LiveOrder> = []
  const missed: Array<LiveOrder> = []
  const gone: Array<LiveOrder> = []
  const unchanged: Array<LiveOrder> = []
  const strangers = [...working].filter((id) => liveOrder(book, id) === undefined)
  const cancelAgain = [...strangers]
  const halted: Array<ClientOrderId> = []
  for (const live of Object.values(book.orders)) {
    const { clientOrderId } = live.order
    const isLate = steadyNow - live.tsSteady > IN_FLIGHT_MICROS
    const first = liveOrder(before, clientOrderId)
    if (isUnanswered(live)) {
      if (yield* context.venue.knows(clientOrderId)) continue
      // Its maker may be about to send it: on a desk another process waits until it no longer can.
      const isLeft = isLate || live.order.status === "Unknown" || context.options.clocks === "market"
      if (isStillToBeSent(book, live, now)) {
        if (isLeft) again.push(live)
      } else if (isLate) missed.push(live)
      continue
    }
    if (!working.has(clientOrderId)) {
      if (first !== undefined && !isUnanswered(first)) gone.push(live)
      continue
    }
    if (live.cancelRequested === true) cancelAgain.push(clientOrderId)
    else if (isHaltedOrder(book, live)) halted.push(clientOrderId)
    else if (live.pendingUpdate !== undefined && isLate) unchanged.push(live)
  }
  const findings: Findings = { again, missed, gone, unchanged, strangers, cancelAgain, halted }
  return findings
})

/**
 * Takes these orders upon this process, in the journal, so that no other sends or closes them meanwhile. Gives those
 * that nobody else had taken, and that are still to be sent: the market may have moved on and a halt may have come since
 * they were looked at. A run has one process, whose journal must not tell that it was interrupted.
 */
const claim = (context: Context, orders: ReadonlyArray<LiveOrder>) =>
  context.options.clocks === "market"
    ? Effect.succeed(orders)
    : context.keeper.transact(
        Effect.fnUntraced(function* (book) {
          const state = book.state()
          const now = yield* Effect.option(context.clock.now)
          const free = orders.filter((live) => {
            const found = liveOrder(state, live.order.clientOrderId)
            if (found === undefined || !isUnanswered(found) || found.tsSteady !== live.tsSteady) return false
            return found.cancelRequested !== true && isStillToBeSent(state, found, now)
          })
          const events = free.map(({ order }): JournalEvent => ({
            _tag: "OrderSubmitted",
            clientOrderId: order.clientOrderId,
            tsEvent: order.tsInit
          }))
          yield* book.record(events, reconciliation)
          return free
        })
      )

/** Neither canceled, nor caught by a halt, nor closed since it was claimed. */
const isStillWanted = (book: BookState, { order }: LiveOrder): boolean => {
  const live = liveOrder(book, order.clientOrderId)
  return live !== undefined && live.cancelRequested !== true && !isHaltedOrder(book, live)
}

const sendAgain = Effect.fnUntraced(function* (context: Context, orders: ReadonlyArray<LiveOrder>) {
  if (orders.length === 0) return
  yield* context.keeper.intact
  const left = yield* departure(context)
  const claimed = yield* claim(context, orders)
  yield* context.audit.flush
  // Who comes after takes them for lost.
  if (isHeldUp(left, yield* departure(context))) return
  const book = yield* context.keeper.current
  const entries = claimed
    .filter((live) => isEntry(live) && isStillWanted(book, live))
    .map(({ order, terms }) => toVenueOrder(order.clientOrderId, order.content, terms))
  yield* dispatch(context, entries, left)
  yield* cancelUnwanted(context, entries.flatMap(namesOf))
})

const reconcileOrders = Effect.fnUntraced(function* (context: Context) {
  yield* context.ingest
  const before = yield* context.keeper.current
  const working = new Set(yield* context.venue.working)
  yield* context.ingest
  const book = yield* context.keeper.current
  const found = yield* examine(context, before, working, book)
  const tsEvent = yield* context.timeOf(book)
  const { name } = context.venue
  yield* recordEach(
    context,
    found.missed,
    isUnanswered,
    `${name} never received it: closed in the books`,
    (clientOrderId) => ({
      _tag: "OrderRejected",
      clientOrderId,
      tsEvent,
      reason: `reconciliation: ${name} never received it`
    })
  )
  yield* recordEach(
    context,
    found.gone,
    () => true,
    `${name} has it no more: closed in the books`,
    (clientOrderId) => ({
      _tag: "OrderCanceled",
      clientOrderId,
      tsEvent,
      reason: `reconciliation: ${name} has it no more`
    })
  )
  yield* recordEach(
    context,
    found.unchanged,
    ({ pendingUpdate }) => pendingUpdate !== undefined,
    `${name} never answered the change: its own terms count again`,
    (clientOrderId) => ({
      _tag: "OrderCancelRejected",
      clientOrderId,
      tsEvent,
      reason: `reconciliation: ${name} never answered the change`
    })
  )
  if (found.strangers.length > 0) {
    yield* Effect.logWarning(
      `${found.strangers.join(", ")}: working at ${name} and not in the books: canceled there`
    )
  }
  yield* askAgain(context, found.cancelAgain)
  if (found.halted.length > 0) yield* cancelHalted(context, found.halted, reconciliation)
  // Last: what cannot be sent keeps no cancel back.
  yield* sendAgain(context, found.again)
})

export const reconcile = Effect.fn("Broker.reconcile")(function* (context: Context) {
  yield* reconcileOrders(context)
  const isCompared = yield* correctAccount(context)
  if (!isCompared && !(yield* Ref.get(context.reconciled))) {
    return yield* new CrankContended({
      message: `cash and positions could not be compared with ${context.venue.name}'s: other processes traded at every look; try again`
    })
  }
  yield* Ref.set(context.reconciledAt, yield* context.steadyNow)
  yield* Ref.set(context.reconciled, true)
})

/** True when something waits for an answer for too long, or nobody has looked for a while. */
const isDue = Effect.fnUntraced(function* (context: Context) {
  const steadyNow = yield* context.steadyNow
  const looked = yield* Ref.get(context.reconciledAt)
  if (context.options.clocks === "both" && steadyNow - looked > RECONCILE_EVERY_MICROS) return true
  const book = yield* context.keeper.current
  return Object.values(book.orders).some((live) => {
    const waits = isUnanswered(live) || live.pendingUpdate !== undefined || live.cancelRequested === true
    return live.order.status === "Unknown" || (waits && steadyNow - live.tsSteady > IN_FLIGHT_MICROS)
  })
})

/**
 * Reconciles before the first order, and again when it is due. A venue that
 * then does not answer keeps the instruments of unknown orders closed, not the others.
 */
export const ensureReconciled = Effect.fnUntraced(function* (context: Context) {
  if (!(yield* Ref.get(context.reconciled))) return yield* reconcile(context)
  if (!(yield* isDue(context))) return
  yield* reconcile(context).pipe(
    Effect.catchTag("VenueUnanswered", (error) =>
      Effect.logWarning("the venue does not answer; reconciled again before the next order", error)
    )
  )
})
