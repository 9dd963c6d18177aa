/** Where the desk keeps how its steady time hangs together with the machine's clocks. */
import { Context, type Effect, type Option } from "effect"
import type { StorageError } from "../domain/StorageError.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { SteadyAnchor } from "./SteadyAnchor.ts"

export class SteadyClockStore extends Context.Service<
  SteadyClockStore,
  {
    /** None on a desk that was never opened. */
    readonly load: Effect.Effect<Option.Option<SteadyAnchor>, StorageError>
    readonly save: (anchor: SteadyAnchor) => Effect.Effect<void, StorageError>
    /** No steady time written in any of the desk's stores is later; none where there is none. */
    readonly latest: Effect.Effect<Option.Option<Timestamp>, StorageError>
  }
>()("plimsoll/market/SteadyClockStore") {}
