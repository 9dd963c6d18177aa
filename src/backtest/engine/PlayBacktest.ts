/** Plays a backtest in slices: with progress, and to be interrupted and gone on with. */
import type { Effect } from "effect"
import type { Money } from "../../domain/Money.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { BarSource } from "../../market/BarSource.ts"
import type { PublishedOptions } from "../../market/PublishedChains.ts"
import type { EngineCheckpoint, EngineOptions } from "./Engine.ts"

/** How far a backtest is, after a slice. */
export interface BacktestProgress {
  /** Sessions played. */
  readonly session: number
  readonly sessions: number
  /** Of the last one played. */
  readonly date: SessionDate
  readonly equity: Money
}

export interface PlayOptions extends EngineOptions {
  /** Of a strategy that trades options: the prices its tape is from, and the options published with them. */
  readonly sources: ReadonlyArray<BarSource>
  readonly published: PublishedOptions | undefined
  readonly onProgress: (progress: BacktestProgress) => Effect.Effect<void>
  /** Where an interruption leaves it. */
  readonly onCheckpoint: (checkpoint: EngineCheckpoint) => Effect.Effect<void>
  /** Goes on from there. */
  readonly resume?: EngineCheckpoint
}
