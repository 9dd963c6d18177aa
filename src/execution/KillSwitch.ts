/**
 * Halting and resuming.
 *
 * Anyone may halt. Halting sets the state first, for every process at once
 * because it stands in the desk's database; then it cancels every working
 * order, and then asks the venue afresh whether anything is left. What is left
 * is said, and every process of the desk goes on trying (`settle`), until
 * nothing works or a person acknowledges that something may. Only a person
 * resumes, and not before that.
 */
import { Context, Effect, Layer, Option, Schema } from "effect"
import type { Actor } from "../domain/Actor.ts"
import { ClientOrderId, clientOrderId } from "../domain/Identifiers.ts"
import { money } from "../domain/Money.ts"
import type { Order } from "../domain/Order.ts"
import type { TradingState } from "../domain/TradingState.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import { tradingStateOf } from "../risk/CircuitBreaker.ts"
import { halt, type Moment, resume, ResumeRefused } from "../risk/TradingStateMachine.ts"
import { type BookState, type HaltSettled, isHeardOf, type LiveOrder, liveOrder } from "./Book.ts"
import { Broker, type BrokerUnavailable } from "./Broker.ts"
import { BrokerContext, LONGEST_LOOK_MILLIS } from "./BrokerContext.ts"
import { isHaltedOrder, requestCancels } from "./Cancels.ts"

/** Trading is halted, but these orders are still working at the venue: it would not cancel them. */
export class OrdersStillWorking extends Schema.TaggedError<OrdersStillWorking>()("OrdersStillWorking", {
  working: Schema.Array(ClientOrderId),
  message: Schema.String
}) {}

/** There is nothing to acknowledge, or this is no person. */
export class AcknowledgeRefused extends Schema.TaggedError<AcknowledgeRefused>()("AcknowledgeRefused", {
  message: Schema.String
}) {}

/** `settled` is how far the halt has come; none when trading is not halted. */
export const nothingToAcknowledge = (settled: HaltSettled | undefined): AcknowledgeRefused =>
  new AcknowledgeRefused({
    message: `there is nothing to acknowledge: ${settled === undefined ? "trading is not halted" : `the halt is ${settled}`}`
  })

export interface Halted {
  /** False when trading was halted already. */
  readonly changed: boolean
  readonly canceled: ReadonlyArray<Order>
}

/** What became of the orders of an acknowledged halt. */
export interface Acknowledged {
  /** They may be working at the venue, and nobody asks for their cancel any more. */
  readonly leftAlone: ReadonlyArray<ClientOrderId>
  /** The venue has not been heard to have them: canceled if they turn up. */
  readonly notHeardOf: ReadonlyArray<ClientOrderId>
}

export class KillSwitch extends Context.Service<
  KillSwitch,
  {
    /** Halts, cancels everything, verifies. Halting again cancels and verifies again. */
    readonly halt: (
      reason: string,
      actor: Actor
    ) => Effect.Effect<Halted, OrdersStillWorking | BrokerUnavailable>
    /**
     * One more try to get rid of what works in spite of a halt. Gives the orders
     * that may still be working; none without a halt, or once it is verified or
     * acknowledged. For every process that has the desk open.
     */
    readonly settle: Effect.Effect<ReadonlyArray<ClientOrderId>, BrokerUnavailable>
    /** Orders of the book that a halt has left working, or may have, as far as the desk knows without asking. */
    readonly unsettled: Effect.Effect<ReadonlyArray<ClientOrderId>, BrokerUnavailable>
    /**
     * A person knows that orders may be working, and ends the desk's tries.
     * Refused when others may be than those the person has seen.
     */
    readonly acknowledge: (options: {
      readonly seen: ReadonlyArray<ClientOrderId>
      readonly reason: string
      readonly actor: Actor
    }) => Effect.Effect<Acknowledged, AcknowledgeRefused | BrokerUnavailable>
    /** Lifts the halt and a drawdown; the drawdown is measured from the equity now. A day's loss stands until the next open. */
    readonly resume: (
      reason: string,
      actor: Actor
    ) => Effect.Effect<TradingState, ResumeRefused | BrokerUnavailable>
  }
>()("plimsoll/execution/KillSwitch") {}

/** Half of a surrogate pair is no text that the audit log holds, and no reason not to halt. */
const wellFormed = (reason: string): string => reason.replaceAll(/\p{Surrogate}/gu, "\uFFFD")

/** Which of the orders that may still change. */
type Choice = (live: LiveOrder, book: BookState) => boolean

const caughtByHalt: Choice = (live, book) => isHaltedOrder(book, live)

const idsOf = (book: BookState, choose: Choice): ReadonlyArray<ClientOrderId> =>
  Object.values(book.orders)
    .filter((live) => choose(live, book))
    .map(({ order }) => order.clientOrderId)

const desk: Actor = { kind: "desk", name: "kill-switch" }

const make = Effect.gen(function* () {
  const context = yield* BrokerContext
  const broker = yield* Broker

  const mayStillWork = (working: ReadonlyArray<ClientOrderId>, why: string) =>
    new OrdersStillWorking({
      working,
      message: `trading is halted, but ${why}: ${working.length === 0 ? "what works there is not known" : `${working.join(", ")} may still be working`}. The desk goes on trying; cancel them at the venue, or acknowledge them as a person: plimsoll halt --acknowledge "reason"`
    })

  const moment = Effect.fnUntraced(function* (book: BookState) {
    const { marks, now } = yield* context.look(book, [])
    const equity = Ledger.equityAt(book.ledger, marks) ?? money(Number.NaN)
    const at: Moment = { ts: now, equity }
    return at
  })

  /**
   * Cancels what is left of `choose`, and asks afresh: what works at the venue,
   * and what is on its way to it or without an answer.
   */
  const round = Effect.fnUntraced(function* (choose: Choice, actor: Actor) {
    const before = yield* context.opened
    const chosen = idsOf(before, choose)
    yield* requestCancels(
      context,
      (orders, book) => orders.filter((live) => live.cancelRequested !== true && choose(live, book)),
      actor
    )
    // Asks again for those that were asked for before.
    yield* broker.reconcile
    const asOf = yield* context.journal.venuePosition
    const working = yield* context.venue.working
    const book = yield* context.keeper.current
    const strangers = working.filter((id) => liveOrder(book, id) === undefined)
    return { asOf, chosen, left: [...new Set([...strangers, ...idsOf(book, choose)])] }
  })

  /** Unless the venue has told of anything since it was asked: then whoever looks next verifies. */
  const recordVerified = (asOf: number) =>
    context.keeper.transact(
      Effect.fnUntraced(function* (book) {
        const { breaker, haltSettled, tsLast } = book.state()
        // Acknowledged meanwhile, it is not verified: what was left alone is none of what was asked for.
        if (!breaker.causes.killSwitch || haltSettled !== undefined) return
        if ((yield* context.journal.venuePosition) !== asOf) return
        yield* book.record([{ _tag: "HaltVerified", tsEvent: tsLast }], desk)
      })
    )

  const haltTrading: KillSwitch["Service"]["halt"] = Effect.fn("KillSwitch.halt")(function* (reason, actor) {
    const before = yield* context.opened
    // The state first, whatever the market's data or clock: nothing new passes from here on.
    const at = yield* moment(before).pipe(
      Effect.timeout(LONGEST_LOOK_MILLIS),
      Effect.catch(() =>
        Effect.map(context.timeOf(before), (ts): Moment => ({ ts, equity: money(Number.NaN) }))
      )
    )
    const changed = yield* context.keeper.transact((book) =>
      Effect.gen(function* () {
        const { breaker, haltSettled, ledger, orders } = book.state()
        const equity = Number.isSafeInteger(at.equity) ? at.equity : ledger.cash
        // Halted again, it is looked at again, and what a person sent since is to go as well.
        const isSpent =
          haltSettled !== undefined || Object.values(orders).some(({ despiteHalt }) => despiteHalt === true)
        if (!breaker.causes.killSwitch || isSpent) {
          yield* book.record([halt(breaker.causes, wellFormed(reason), { ts: at.ts, equity })], actor)
        }
        return !breaker.causes.killSwitch
      })
    )
    yield* context.flushIfPossible
    const { asOf, chosen, left } = yield* round(() => true, actor).pipe(
      Effect.catchTag("VenueUnanswered", (error) =>
        Effect.flatMap(context.keeper.current, (book) => {
          const open = Object.keys(book.orders).map(clientOrderId)
          return Effect.fail(mayStillWork(open, `${context.venue.name} does not answer (${error.message})`))
        })
      )
    )
    if (left.length > 0) return yield* mayStillWork(left, `${context.venue.name} has not canceled them`)
    yield* recordVerified(asOf)
    yield* context.flushIfPossible
    const records = yield* Effect.forEach(chosen, context.journal.order)
    return {
      changed,
      canceled: records.flatMap((record) => (Option.isSome(record) ? [record.value.order] : []))
    }
  })

  const settle: KillSwitch["Service"]["settle"] = Effect.gen(function* () {
    const { breaker, haltSettled } = yield* context.keeper.current
    if (!breaker.causes.killSwitch || haltSettled !== undefined) return []
    const { asOf, left } = yield* round(caughtByHalt, desk)
    if (left.length === 0) {
      yield* recordVerified(asOf)
      yield* context.flushIfPossible
    }
    return left
  }).pipe(Effect.withSpan("KillSwitch.settle"))

  const unsettled: KillSwitch["Service"]["unsettled"] = Effect.map(context.keeper.current, (book) =>
    book.breaker.causes.killSwitch && book.haltSettled === undefined ? idsOf(book, caughtByHalt) : []
  )

  const acknowledge: KillSwitch["Service"]["acknowledge"] = Effect.fn("KillSwitch.acknowledge")(function* ({
    actor,
    reason,
    seen
  }) {
    if (actor.kind !== "person") {
      return yield* new AcknowledgeRefused({
        message: `only a person can acknowledge what a halt left working, and ${actor.name} is none (${actor.kind})`
      })
    }
    const acknowledged = yield* context.keeper.transact((book) =>
      Effect.gen(function* () {
        const state = book.state()
        if (!state.breaker.causes.killSwitch || state.haltSettled !== undefined) {
          return yield* nothingToAcknowledge(state.breaker.causes.killSwitch ? state.haltSettled : undefined)
        }
        const working = idsOf(state, caughtByHalt)
        const unseen = working.filter((id) => !seen.includes(id))
        if (unseen.length > 0) {
          return yield* new AcknowledgeRefused({
            message: `more may be working than was looked at (${unseen.join(", ")}): look again`
          })
        }
        const event = { _tag: "HaltAcknowledged", tsEvent: state.tsLast, working, reason } as const
        yield* book.record([event], actor)
        const isLeftAlone = (id: ClientOrderId): boolean => {
          const live = liveOrder(state, id)
          return live !== undefined && isHeardOf(live)
        }
        return {
          leftAlone: working.filter(isLeftAlone),
          notHeardOf: working.filter((id) => !isLeftAlone(id))
        }
      })
    )
    yield* context.flushIfPossible
    return acknowledged
  })

  const resumeTrading: KillSwitch["Service"]["resume"] = Effect.fn("KillSwitch.resume")(
    function* (reason, actor) {
      yield* context.crank.upToDate
      const seen = (yield* context.opened).breaker.causes
      const left = yield* settle
      if (left.length > 0) {
        return yield* new ResumeRefused({
          state: "Halted",
          message: `Trading stays halted: orders may still be working at ${context.venue.name} (${left.join(", ")}). Cancel them there, or acknowledge them: plimsoll halt --acknowledge "reason".`
        })
      }
      const at = yield* moment(yield* context.opened)
      const { opened, state } = yield* context.keeper.transact((book) =>
        Effect.gen(function* () {
          const { breaker, haltSettled } = book.state()
          if (breaker.causes.killSwitch && (!seen.killSwitch || haltSettled === undefined)) {
            return yield* new ResumeRefused({
              state: "Halted",
              message:
                "Trading stays halted: it was halted again, or an order arrived, while it was being resumed. Look at the status and resume again."
            })
          }
          const events = yield* Effect.fromResult(resume(book.state().breaker.causes, actor, reason, at))
          const venue = yield* context.paper.open
          // The new peak is the equity now: what was seen before it no longer counts.
          const moved = {
            ...venue,
            version: venue.version + 1,
            progress: { ...venue.progress, highWater: at.equity }
          }
          yield* context.paper.save(moved, [])
          yield* book.record(events, actor)
          return { opened: moved, state: tradingStateOf(book.state().breaker) }
        })
      )
      context.paper.adopt(opened)
      yield* context.audit.flush
      return state
    }
  )

  return KillSwitch.of({ halt: haltTrading, settle, unsettled, acknowledge, resume: resumeTrading })
})

export const layer = Layer.effect(KillSwitch, make)
