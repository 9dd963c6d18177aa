/** A person's hand on the replay's clock. Every change is one transaction: two of them at once do not mix. */
import { Context, Effect, Layer, Option, Result } from "effect"
import type { StorageError } from "../domain/StorageError.ts"
import { type Timestamp, toIso } from "../domain/Timestamp.ts"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import { MarketClockUnavailable, storedState } from "./MarketClock.ts"
import { MarketClockStore } from "./MarketClockStore.ts"
import * as Replay from "./ReplayClock.ts"
import { SteadyClock } from "./SteadyClock.ts"
import { checkInstant } from "./TradingCalendar.ts"

/** How the replay stands. */
export interface ReplayStatus {
  readonly now: Timestamp
  /** The replay's last instant. */
  readonly until: Timestamp
  /** Market seconds per second of steady time. */
  readonly speed: number
  readonly running: boolean
}

export type ClockChangeError = MarketClockUnavailable | Replay.ClockRefused

/** What becomes of a stored state at a moment. */
type Transition = (
  state: Replay.ReplayState,
  moment: Replay.ReplayMoment
) => Result.Result<Replay.ReplayState, Replay.ClockRefused>

export class MarketClockControl extends Context.Service<
  MarketClockControl,
  {
    readonly status: Effect.Effect<ReplayStatus, MarketClockUnavailable>
    /** Gives a desk its clock, paused at `start`; one it has already is left as it is. */
    readonly initialise: (start: Timestamp) => Effect.Effect<ReplayStatus, ClockChangeError>
    readonly start: Effect.Effect<ReplayStatus, ClockChangeError>
    readonly pause: Effect.Effect<ReplayStatus, ClockChangeError>
    readonly step: (by: Replay.ClockStep) => Effect.Effect<ReplayStatus, ClockChangeError>
    readonly setSpeed: (speed: number) => Effect.Effect<ReplayStatus, ClockChangeError>
    /**
     * Stores the market time reached as the new anchor. Whoever works on the
     * market time (the crank) does this in the same transaction, so that no
     * other process can fall behind it, not even after the machine was restarted.
     */
    readonly anchor: Effect.Effect<ReplayStatus, ClockChangeError>
  }
>()("plimsoll/market/MarketClockControl") {
  static readonly layer = (options: {
    readonly until: Timestamp
  }): Layer.Layer<MarketClockControl, never, MarketClockStore | SteadyClock | UnitOfWork> =>
    Layer.effect(
      MarketClockControl,
      Effect.gen(function* () {
        const store = yield* MarketClockStore
        const unit = yield* UnitOfWork
        const clock = yield* SteadyClock
        const { until } = options
        const momentNow = Effect.map(clock.now, (steady): Replay.ReplayMoment => ({ steady, until }))

        const change = (transition: Transition) =>
          inOneTransaction(
            unit,
            Effect.gen(function* () {
              const state = yield* storedState(store)
              const moment = yield* momentNow
              const next = yield* Effect.fromResult(transition(state, moment))
              yield* store.save(next)
              return statusOf(next, moment)
            })
          )

        return MarketClockControl.of({
          status: Effect.gen(function* () {
            const state = yield* storedState(store)
            return statusOf(state, yield* momentNow)
          }),
          initialise: (start) =>
            inOneTransaction(
              unit,
              Effect.flatMap(momentNow, (moment) => initialise(store, start, moment))
            ),
          start: change((state, moment) => Result.succeed(Replay.start(state, moment))),
          pause: change((state, moment) => Result.succeed(Replay.pause(state, moment))),
          step: (by) => change((state, moment) => Replay.step(state, moment, by)),
          setSpeed: (speed) => change((state, moment) => Replay.setSpeed(state, moment, speed)),
          anchor: change((state, moment) => Result.succeed(Replay.reanchor(state, moment)))
        })
      })
    )
}

const statusOf = (state: Replay.ReplayState, moment: Replay.ReplayMoment): ReplayStatus => ({
  now: Replay.marketTimeAt(state, moment),
  until: moment.until,
  speed: state.speed,
  running: state.running
})

const unavailable = (error: StorageError) =>
  Effect.fail(new MarketClockUnavailable({ message: error.message }))

const inOneTransaction = (
  unit: UnitOfWork["Service"],
  work: Effect.Effect<ReplayStatus, ClockChangeError | StorageError>
): Effect.Effect<ReplayStatus, ClockChangeError> =>
  unit.atomically(work).pipe(
    Effect.catchTags({
      StorageBusy: unavailable,
      StorageFailed: unavailable,
      StorageUnknown: unavailable,
      StorageCorrupt: unavailable
    })
  )

const initialise = Effect.fnUntraced(function* (
  store: MarketClockStore["Service"],
  start: Timestamp,
  moment: Replay.ReplayMoment
) {
  const { steady, until } = moment
  const existing = yield* store.load
  if (Option.isSome(existing)) return statusOf(existing.value, moment)
  if (Result.isFailure(checkInstant(start)) || start > until) {
    return yield* new Replay.ClockRefused({
      message: `the replay ends at ${toIso(until)} and cannot start at ${toIso(start)}`
    })
  }
  const state = Replay.initialState(start, steady)
  yield* store.save(state)
  return statusOf(state, moment)
})
