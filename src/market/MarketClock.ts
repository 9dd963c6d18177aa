/** The market's time: replayed, paused, stepped or real. `Clock` is the computer's and is another thing (docs/adr/0005-two-clocks.md). */
import { Clock, Context, Effect, Layer, Option, Ref, Schema } from "effect"
import { fromMillis, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { MarketClockStore } from "./MarketClockStore.ts"
import { marketTimeAt, type ReplayState } from "./ReplayClock.ts"
import { SteppedClock } from "./SteppedClock.ts"
import { checkInstant } from "./TradingCalendar.ts"

/** The market's time cannot be told, so nothing that depends on it may happen. */
export class MarketClockUnavailable extends Schema.TaggedError<MarketClockUnavailable>()(
  "MarketClockUnavailable",
  {
    message: Schema.String
  }
) {}

/** The computer's time. */
export const wallTime: Effect.Effect<Timestamp> = Effect.map(Clock.currentTimeMillis, fromMillis)

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
  /** The computer's clock is the market's: for a live venue. */
  static readonly layerReal: Layer.Layer<MarketClock> = Layer.effect(
    MarketClock,
    Effect.map(makeRatchet, (ratchet) => MarketClock.of({ now: Effect.flatMap(wallTime, ratchet) }))
  )

  /** The desk's replay, as its stored state and the computer's clock tell it; `until` is its last instant. */
  static readonly layerReplay = (options: {
    readonly until: Timestamp
  }): Layer.Layer<MarketClock, never, MarketClockStore> =>
    Layer.effect(
      MarketClock,
      Effect.gen(function* () {
        const store = yield* MarketClockStore
        const ratchet = yield* makeRatchet
        return MarketClock.of({
          now: Effect.gen(function* () {
            const state = yield* storedState(store)
            const wall = yield* wallTime
            return yield* ratchet(marketTimeAt(state, { wall, until: options.until }))
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
