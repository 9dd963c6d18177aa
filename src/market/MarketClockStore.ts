/** Where the desk keeps its replay's clock, shared by every process of the desk. */
import { Context, type Effect, type Option } from "effect"
import type { StorageError } from "../domain/StorageError.ts"
import type { ReplayState } from "./ReplayClock.ts"

export class MarketClockStore extends Context.Service<
  MarketClockStore,
  {
    /** None before the desk was set up. */
    readonly load: Effect.Effect<Option.Option<ReplayState>, StorageError>
    readonly save: (state: ReplayState) => Effect.Effect<void, StorageError>
  }
>()("plimsoll/market/MarketClockStore") {}
