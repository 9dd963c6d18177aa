/**
 * Halting and resuming.
 *
 * Anyone may halt. Halting sets the state first, for every process at once
 * because it stands in the desk's database; then it cancels every working
 * order, and then asks the venue afresh whether anything is left. Only a
 * person resumes.
 */
import { Context, Effect, Layer, Option, Schema } from "effect"
import type { Actor } from "../domain/Actor.ts"
import { ClientOrderId } from "../domain/Identifiers.ts"
import { money } from "../domain/Money.ts"
import type { Order } from "../domain/Order.ts"
import type { TradingState } from "../domain/TradingState.ts"
import { tradingStateOf } from "../risk/CircuitBreaker.ts"
import { halt, type Moment, resume, type ResumeRefused } from "../risk/TradingStateMachine.ts"
import type { BookState } from "./Book.ts"
import { Broker, type BrokerUnavailable } from "./Broker.ts"
import { BrokerContext } from "./BrokerContext.ts"
import { equityOf } from "./RiskView.ts"

/** Trading is halted, but these orders are still working at the venue: it would not cancel them. */
export class OrdersStillWorking extends Schema.TaggedError<OrdersStillWorking>()("OrdersStillWorking", {
  working: Schema.Array(ClientOrderId),
  message: Schema.String
}) {}

export interface Halted {
  /** False when trading was halted already. */
  readonly changed: boolean
  readonly canceled: ReadonlyArray<Order>
}

export class KillSwitch extends Context.Service<
  KillSwitch,
  {
    /** Halts, cancels everything, verifies. Halting again cancels and verifies again. */
    readonly halt: (
      reason: string,
      actor: Actor
    ) => Effect.Effect<Halted, OrdersStillWorking | BrokerUnavailable>
    /** Lifts the halt and a drawdown; the drawdown is measured from the equity now. A day's loss stands until the next open. */
    readonly resume: (
      reason: string,
      actor: Actor
    ) => Effect.Effect<TradingState, ResumeRefused | BrokerUnavailable>
  }
>()("plimsoll/execution/KillSwitch") {}

const make = Effect.gen(function* () {
  const context = yield* BrokerContext
  const broker = yield* Broker

  const moment = Effect.fnUntraced(function* (book: BookState) {
    const { marks, now } = yield* context.look(book, [])
    const equity = Option.getOrElse(equityOf(book, marks), () => money(Number.NaN))
    const at: Moment = { ts: now, equity }
    return at
  })

  /** Asked afresh: what works at the venue, and what is on its way to it or without an answer. */
  const stillWorking = Effect.gen(function* () {
    yield* broker.reconcile.pipe(
      Effect.catch((error) => Effect.logWarning("orders could not be reconciled after a halt", error))
    )
    const working = yield* context.venue.working
    const book = yield* context.keeper.current
    const open = Object.values(book.orders).map(({ order }) => order.clientOrderId)
    return [...new Set([...working, ...open])]
  })

  const haltTrading: KillSwitch["Service"]["halt"] = Effect.fn("KillSwitch.halt")(function* (reason, actor) {
    const before = yield* context.opened
    // The state first, whatever the market's data or clock: nothing new passes from here on.
    const at = yield* Effect.catch(moment(before), () =>
      Effect.map(context.timeOf(before), (ts): Moment => ({ ts, equity: money(Number.NaN) }))
    )
    const changed = yield* context.keeper.transact((book) =>
      Effect.gen(function* () {
        const { breaker, ledger } = book.state()
        const equity = Number.isSafeInteger(at.equity) ? at.equity : ledger.cash
        const events = halt(breaker.causes, reason, { ts: at.ts, equity })
        yield* book.record(events, actor)
        return events.length > 0
      })
    )
    yield* context.flushIfPossible
    const canceled = yield* broker.cancelAll({ actor })
    const working = yield* stillWorking
    if (working.length > 0) {
      return yield* new OrdersStillWorking({
        working,
        message: `trading is halted, but ${working.length} orders may still be working at ${context.venue.name} (${working.join(", ")}): halt again, or cancel them at the venue`
      })
    }
    return { changed, canceled }
  })

  const resumeTrading: KillSwitch["Service"]["resume"] = Effect.fn("KillSwitch.resume")(
    function* (reason, actor) {
      yield* context.crank.upToDate
      const at = yield* moment(yield* context.opened)
      const { opened, state } = yield* context.keeper.transact((book) =>
        Effect.gen(function* () {
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

  return KillSwitch.of({ halt: haltTrading, resume: resumeTrading })
})

export const layer = Layer.effect(KillSwitch, make)
