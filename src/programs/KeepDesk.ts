/** What a process that stays does for its desk, whether anybody asks for anything or not. */
import { Effect, Schedule } from "effect"
import { Broker } from "../execution/Broker.ts"
import { Crank } from "../execution/Crank.ts"
import { RECONCILE_EVERY_MICROS } from "../execution/Reconciliation.ts"
import { SteadyClock } from "../market/SteadyClock.ts"
import { turnCrank } from "./DeskProgram.ts"

/**
 * Every second, for ever: the desk is brought up to market time, what a halt has
 * left working is canceled again, and every thirty seconds (the first time at
 * once) the desk is held against its venue. When a second has passed without
 * anything happening, the book is kept as it stands. What fails is told as a warning,
 * once while it stays the same, and tried again the next second.
 */
export const keepDesk = <E, R>(eachSecond: Effect.Effect<void, E, R>) =>
  Effect.gen(function* () {
    const broker = yield* Broker
    const clock = yield* SteadyClock
    const crank = yield* Crank
    let reconciledAt = Number.NEGATIVE_INFINITY
    let warned = ""
    const tick = Effect.gen(function* () {
      const turn = yield* Effect.exit(turnCrank)
      const now = yield* clock.now
      if (now - reconciledAt >= RECONCILE_EVERY_MICROS) {
        yield* broker.reconcile
        reconciledAt = now
      }
      yield* turn
      yield* crank.rest
      warned = ""
    }).pipe(
      Effect.catch((error) => {
        if (error.message === warned) return Effect.void
        warned = error.message
        return Effect.logWarning("the desk could not be kept up, and is tried again every second", error)
      })
    )
    yield* Effect.repeat(Effect.andThen(tick, eachSecond), Schedule.spaced("1 second"))
  })
