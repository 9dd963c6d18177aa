/** Sets the market time of a run or a test. */
import { Context, Effect, Layer, Result } from "effect"
import { toIso, type Timestamp } from "../domain/Timestamp.ts"
import { ClockRefused } from "./ReplayClock.ts"
import { checkInstant } from "./TradingCalendar.ts"

export class SteppedClock extends Context.Service<
  SteppedClock,
  {
    readonly now: Effect.Effect<Timestamp>
    /** Fails on an instant before the present one, or outside the trading calendar. */
    readonly set: (at: Timestamp) => Effect.Effect<void, ClockRefused>
  }
>()("plimsoll/market/SteppedClock") {
  static readonly layer = (options: { readonly start: Timestamp }): Layer.Layer<SteppedClock> =>
    Layer.sync(SteppedClock, () => {
      let at = options.start
      return SteppedClock.of({
        now: Effect.sync(() => at),
        set: (next) =>
          Effect.suspend(() => {
            const checked = checkInstant(next)
            if (Result.isFailure(checked))
              return Effect.fail(new ClockRefused({ message: checked.failure.message }))
            if (next < at) {
              return Effect.fail(
                new ClockRefused({
                  message: `market time only goes forward: ${toIso(next)} is before ${toIso(at)}`
                })
              )
            }
            at = next
            return Effect.void
          })
      })
    })
}
