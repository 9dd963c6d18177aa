/**
 * Every backtest that was ever run, by the data it was run on: what a result is
 * worth depends on how many others were tried. It only grows; taking a result
 * off the shelf leaves its trial here.
 */
import { Context, type Effect, Schema } from "effect"
import { SessionDate } from "../domain/Timestamp.ts"
import type { StorageError } from "../domain/StorageError.ts"
import { StrategyParameters } from "../session/Strategy.ts"

export const Trial = Schema.Struct({
  /** Of the backtest: the same inputs again are the same trial, with one more run. */
  id: Schema.NonEmptyString,
  dataset: Schema.NonEmptyString,
  dataHash: Schema.NonEmptyString,
  from: SessionDate,
  to: SessionDate,
  algorithm: Schema.NonEmptyString,
  codeHash: Schema.NonEmptyString,
  parameters: StrategyParameters,
  /** The limits profile's name. */
  profile: Schema.NonEmptyString,
  engine: Schema.NonEmptyString,
  /** "backtest", "sensitivity", "walk-forward", "import": what it was run by first. */
  source: Schema.NonEmptyString,
  /** Milliseconds since 1970, of the first run. */
  ranAt: Schema.Int
})
export type Trial = typeof Trial.Type

/** A trial with its return of each period (session), as ratios. */
export interface NewTrial extends Trial {
  readonly returns: Float64Array
}

export interface StoredTrial extends NewTrial {
  readonly runs: number
}

export interface DatasetCount {
  readonly dataset: string
  readonly trials: number
  readonly runs: number
}

export class TrialLedger extends Context.Service<
  TrialLedger,
  {
    /** Enters trials; of one that is there already the runs are counted up. */
    readonly record: (trials: ReadonlyArray<NewTrial>) => Effect.Effect<void, StorageError>
    /** The trials on a data set, in the order they were first run. */
    readonly trials: (dataset: string) => Effect.Effect<ReadonlyArray<StoredTrial>, StorageError>
    readonly datasets: Effect.Effect<ReadonlyArray<DatasetCount>, StorageError>
  }
>()("plimsoll/backtest/TrialLedger") {}
