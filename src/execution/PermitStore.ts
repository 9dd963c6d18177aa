/** Where permits are kept between the hook that gives one and the order that takes it. */
import { Context, type Effect, type Option } from "effect"
import type { StorageError } from "../domain/StorageError.ts"
import type { Permit } from "./Permit.ts"

/** Implemented in `storage/`; every call joins the transaction it is made in. */
export class PermitStore extends Context.Service<
  PermitStore,
  {
    /**
     * Keeps a permit, and drops those that are too old to be used by its time.
     * One of the same call takes the place of the earlier one. A name or label
     * out of its bounds is refused.
     */
    readonly put: (permit: Permit) => Effect.Effect<void, StorageError>
    readonly find: (callId: string) => Effect.Effect<Option.Option<Permit>, StorageError>
    /** Finds and deletes: of two that take one permit, one gets it. */
    readonly take: (callId: string) => Effect.Effect<Option.Option<Permit>, StorageError>
    /** Drops permits given before this steady time, micros. */
    readonly prune: (before: number) => Effect.Effect<void, StorageError>
  }
>()("plimsoll/execution/PermitStore") {}
