/** One immediate transaction over every store of the desk. */
import { Context, type Effect } from "effect"
import type { StorageError } from "./StorageError.ts"

export class UnitOfWork extends Context.Service<
  UnitOfWork,
  {
    /**
     * Runs `work` in one transaction that holds the write lock from its first
     * statement: what it read cannot have changed when it writes. A failure or
     * an interruption rolls everything back. Nested calls join the outer one
     * as savepoints. `work` must not wait for anything outside the process.
     */
    readonly atomically: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E | StorageError, R>
  }
>()("plimsoll/domain/UnitOfWork") {}
