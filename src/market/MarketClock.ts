/** The market's time: replayed, paused, stepped or real. `Clock` is the computer's and is another thing (docs/adr/0005-two-clocks.md). */
import { Context, Effect, Layer, Option, Ref, Schema } from "effect"
import { MICROS_PER_SECOND, type Timestamp, timestamp, toIso } from "../domain/Timestamp.ts"
import { MarketClockStore } from "./MarketClockStore.ts"
import { marketTimeAt, type ReplayState } from "./ReplayClock.ts"
import { SteadyClock, wallTime } from "./SteadyClock.ts"
import { SteppedClock } from "./SteppedClock.ts"
import { checkInstant } from "./TradingCalendar.ts"

/** The market's time cannot be told, so nothing that depends on it may happen. */
export class MarketClockUnavailable extends Schema.TaggedError<MarketClockUnavailable>()(
  "MarketClockUnavailable",
  {
    message: Schema.String
  }
) {}

/**
 * How far the computer's clock may be from where steady time expects it before
 * it is no market time any more: more than clocks are adjusted by while they
 * run (a leap second, smeared or not, is one second), less than any quote's age limit.
 */
export const WALL_TOLERANCE_MICROS = 5 * MICROS_PER_SECOND

/** Lets market time through, never back and never out of the calendar. */
const makeRatchet = Effect.map(
  Ref.make(timestamp(Number.NEGATIVE_INFINITY)),
  (reached) =>
    (at: Timestamp): Effect.Effect<Timestamp, MarketClockUnavailable> =>
      Effect.flatMap(
        Ref.updateAndGet(reached, (before) => (at > before ? at : before)),
        (now) =>
          Effect.fromResult(checkInstant(now)).pipe(
            Effect.mapError((error) => new MarketClockUnavailable({ message: error.message }))
          )
      )
)

export class MarketClock extends Context.Service<
  MarketClock,
  {
    /** Never goes back within a process, and always lies in the trading calendar. */
    readonly now: Effect.Effect<Timestamp, MarketClockUnavailable>
  }
>()("plimsoll/market/MarketClock") {
  /**
   * The computer's clock is the market's: for a live venue. One that was set
   * since the machine started, by more than the tolerance, is not believed.
   */
  static readonly layerReal: Layer.Layer<MarketClock, never, SteadyClock> = Layer.effect(
    MarketClock,
    Effect.gen(function* () {
      const steady = yield* SteadyClock
      const ratchet = yield* makeRatchet
      const now = Effect.gen(function* () {
        const expected = yield* steady.expectedWall
        const wall = yield* wallTime
        return Math.abs(wall - expected) <= WALL_TOLERANCE_MICROS
          ? yield* ratchet(wall)
          : yield* wallMoved(wall, expected)
      })
      return MarketClock.of({ now })
    })
  )

  /** The desk's replay, as its stored state and steady time tell it; `until` is its last instant. */
  static readonly layerReplay = (options: {
    readonly until: Timestamp
  }): Layer.Layer<MarketClock, never, MarketClockStore | SteadyClock> =>
    Layer.effect(
      MarketClock,
      Effect.gen(function* () {
        const store = yield* MarketClockStore
        const clock = yield* SteadyClock
        const ratchet = yield* makeRatchet
        return MarketClock.of({
          now: Effect.gen(function* () {
            const state = yield* storedState(store)
            const steady = yield* clock.now
            return yield* ratchet(marketTimeAt(state, { steady, until: options.until }))
          })
        })
      })
    )

  /** Moved by hand, through `SteppedClock`: for runs, backtests and tests. */
  static readonly layerStepped = (options: {
    readonly start: Timestamp
  }): Layer.Layer<MarketClock | SteppedClock> =>
    Layer.effect(
      MarketClock,
      Effect.map(SteppedClock, (clock) => MarketClock.of({ now: clock.now }))
    ).pipe(Layer.provideMerge(SteppedClock.layer(options)))
}

const wallMoved = (wall: Timestamp, expected: Timestamp) =>
  new MarketClockUnavailable({
    message: `the computer's clock shows ${toIso(wall)}; by the time that has passed since the machine started it should be ${toIso(expected)}: set the clock right. Where it is right (the machine was asleep, or started with a wrong clock), restart the machine. No order is sent until then; orders can be canceled and trading halted.`
  })

/** The desk's clock as stored; a store that cannot be read means that the market's time cannot be told. */
export const storedState = (
  store: MarketClockStore["Service"]
): Effect.Effect<ReplayState, MarketClockUnavailable> =>
  store.load.pipe(
    Effect.mapError((error) => new MarketClockUnavailable({ message: error.message })),
    Effect.flatMap(
      Option.match({
        onNone: () =>
          Effect.fail(
            new MarketClockUnavailable({ message: "this desk has no clock yet: run plimsoll init" })
          ),
        onSome: Effect.succeed
      })
    )
  )
