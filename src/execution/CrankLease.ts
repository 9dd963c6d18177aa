/**
 * Who turns the crank.
 *
 * One process at a time brings the paper venue up to market time. Its right is
 * a lease with a number that grows with every change of holder: a holder that
 * was stopped and wakes late finds another number and writes nothing.
 */
import { Context, type Effect, type Option } from "effect"
import type { StorageError } from "../domain/StorageError.ts"

export interface Lease {
  readonly holder: string
  readonly token: number
}

/** Implemented in `storage/`; both calls are one transaction each, or join the one they are made in. */
export class CrankLease extends Context.Service<
  CrankLease,
  {
    /**
     * The lease, taken or prolonged until `now + ttl` (microseconds of the
     * computer's clock), or none while another holder's has not run out.
     */
    readonly acquire: (options: {
      readonly holder: string
      readonly now: number
      readonly ttlMicros: number
    }) => Effect.Effect<Option.Option<Lease>, StorageError>
    /** Whether this very lease is still the one in force. */
    readonly holds: (lease: Lease) => Effect.Effect<boolean, StorageError>
    /** Gives it up, so that the next process need not wait for it to run out. */
    readonly release: (lease: Lease) => Effect.Effect<void, StorageError>
  }
>()("plimsoll/execution/CrankLease") {}
