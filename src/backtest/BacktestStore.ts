/**
 * The backtests that were run, each in a folder of its own under its id.
 *
 * A result is there whole or not at all, whenever a process is killed, and
 * however many write at once. A finished one is never replaced by another
 * result of the same inputs: that they differ is an error. A failed one gives
 * way to a finished one, never the other way round: it is another file.
 */
import { Context, type Effect, Schema } from "effect"
import { BacktestSummary } from "./BacktestSummary.ts"
import type { BacktestResult } from "./BacktestResult.ts"
import type {
  BacktestDamaged,
  BacktestNotFound,
  BacktestNotReproducible,
  BacktestStoreFailed
} from "./BacktestStoreErrors.ts"

/** Where a backtest stands that was interrupted, and what it needs to go on. */
export const BacktestCheckpoint = Schema.Struct({
  version: Schema.Literal(1),
  id: Schema.NonEmptyString,
  /** Milliseconds since 1970. */
  savedAt: Schema.Int,
  /** Sessions. */
  done: Schema.Int,
  of: Schema.Int,
  /** What it was begun with, as JSON of the program that runs it. */
  file: Schema.String,
  /** The engine's own, as JSON. */
  state: Schema.String
})
export type BacktestCheckpoint = typeof BacktestCheckpoint.Type

/** A backtest in the list. */
export const BacktestEntry = Schema.TaggedUnion({
  Stored: { summary: BacktestSummary },
  /** Begun and not ended. */
  Interrupted: { id: Schema.String, savedAt: Schema.Int, done: Schema.Int, of: Schema.Int },
  Damaged: { id: Schema.String, file: Schema.String, problem: Schema.String, changedAt: Schema.Int }
})
export type BacktestEntry = typeof BacktestEntry.Type

/** A backtest's files, whether they are there or not. */
export interface BacktestFolder {
  readonly path: string
  /** Of one that finished. */
  readonly result: string
  /** Of one that failed. */
  readonly failure: string
  readonly tearSheet: string
}

export class BacktestStore extends Context.Service<
  BacktestStore,
  {
    readonly folderOf: (id: string) => BacktestFolder
    /** Of the same id with the same hash the newer one is kept. */
    readonly put: (
      result: BacktestResult
    ) => Effect.Effect<void, BacktestNotReproducible | BacktestStoreFailed>
    /** By its id, the beginning of one that no other has, or "latest". */
    readonly get: (
      name: string
    ) => Effect.Effect<BacktestResult, BacktestNotFound | BacktestDamaged | BacktestStoreFailed>
    /** Newest first; one that is damaged is told as such. */
    readonly list: Effect.Effect<ReadonlyArray<BacktestEntry>, BacktestStoreFailed>
    /** Takes the files of a backtest away and hands back its id; its trial stays in the ledger. */
    readonly remove: (name: string) => Effect.Effect<string, BacktestNotFound | BacktestStoreFailed>
    /** The page of a stored backtest, beside its result; whole or not at all. */
    readonly putTearSheet: (id: string, page: string) => Effect.Effect<void, BacktestStoreFailed>
    readonly putCheckpoint: (checkpoint: BacktestCheckpoint) => Effect.Effect<void, BacktestStoreFailed>
    /** By id or the beginning of one; "latest" is the one that was interrupted last. */
    readonly checkpoint: (
      name: string
    ) => Effect.Effect<BacktestCheckpoint, BacktestNotFound | BacktestDamaged | BacktestStoreFailed>
    readonly dropCheckpoint: (id: string) => Effect.Effect<void, BacktestStoreFailed>
  }
>()("plimsoll/backtest/BacktestStore") {}
