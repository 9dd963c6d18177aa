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

/** Implemented in `storage/`; each call is one transaction, or joins the one it is made in. */
export class CrankLease extends Context.Service<
  CrankLease,
  {
    /**
     * The lease, taken or prolonged until `now + ttl` (steady time, micros), or
     * none while another holder's has not run out.
     */
    readonly acquire: (options: {
      readonly holder: string
      readonly now: number
      readonly ttlMicros: number
    }) => Effect.Effect<Option.Option<Lease>, StorageError>
    /**
     * Lets the next process have it without waiting for it to run out, and says
     * whether this very lease was still in force. As long as nobody else has
     * taken it, its holder may go on using it.
     */
    readonly release: (lease: Lease) => Effect.Effect<boolean, StorageError>
  }
>()("plimsoll/execution/CrankLease") {}
