/** The market's time: replayed, paused, stepped or real. `Clock` is the computer's and is another thing (docs/adr/0005-two-clocks.md). */
import { Context, type Effect, Schema } from "effect"
import type { Timestamp } from "../domain/Timestamp.ts"

/** The market's time cannot be told, so nothing that depends on it may happen. */
export class MarketClockUnavailable extends Schema.TaggedError<MarketClockUnavailable>()("MarketClockUnavailable", {
  message: Schema.String
}) {}

export class MarketClock extends Context.Service<
  MarketClock,
  {
    readonly now: Effect.Effect<Timestamp, MarketClockUnavailable>
  }
>()("plimsoll/market/MarketClock") {}
