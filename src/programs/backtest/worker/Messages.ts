/**
 * What a worker and whoever started it tell each other. Both are of one build
 * of this program: a message is recognised by its tag and not decoded again.
 */
import { Predicate } from "effect"
import type { BacktestFailure } from "../../../backtest/BacktestResult.ts"
import type { BacktestInputs } from "../../../backtest/BacktestInputs.ts"
import type { EngineCheckpoint } from "../../../backtest/engine/Engine.ts"
import type { BacktestProgress } from "../../../backtest/engine/PlayBacktest.ts"
import type { Tape } from "../../../backtest/engine/Tape.ts"
import type { GridValues } from "../../../backtest/Grid.ts"
import type { Played } from "../../../backtest/Played.ts"
import type { Objective } from "../../../backtest/robustness/walkforward/Objectives.ts"
import type { PlayedSegments, SegmentAsk } from "../../../backtest/SegmentPlayer.ts"
import type { PlayedPoint, SweepMode } from "../../../backtest/SweepPlayer.ts"
import type { MarketConfig } from "../../DeskConfig.ts"
import type { BacktestFile } from "../BacktestFile.ts"

/** Points of a sweep, on a tape that is shared and not copied. */
export interface SweepJob {
  readonly _tag: "Sweep"
  /** The parameters are those that are not varied. */
  readonly inputs: BacktestInputs
  readonly tape: Tape
  readonly mode: SweepMode
  /** What options are made from, where a strategy trades them; paths are relative to `folder`. */
  readonly market: MarketConfig
  readonly folder: string
  readonly project: string
}

/** One whole backtest, its market opened by the worker. */
export interface BacktestJob {
  readonly _tag: "Backtest"
  readonly file: BacktestFile
  readonly resume: EngineCheckpoint | undefined
}

export type Job = (SweepJob | BacktestJob) & { readonly heartbeat: SharedArrayBuffer }

export interface PointTask {
  readonly index: number
  readonly values: GridValues
}

/** Segments of one point, told together. */
export interface SegmentTask extends PointTask {
  readonly segments: ReadonlyArray<SegmentAsk>
}

/** To a worker. */
export type Order =
  /** Plays these, one after the other, and tells each when it is done. */
  | { readonly _tag: "Points"; readonly points: ReadonlyArray<PointTask> }
  | {
      readonly _tag: "Segments"
      readonly objective: Objective
      readonly tasks: ReadonlyArray<SegmentTask>
    }
  /** Stops between two slices and tells where it is. */
  | { readonly _tag: "Stop" }

/** From a worker. */
export type Report =
  /** It has what it needs for points. */
  | { readonly _tag: "Ready" }
  | ({ readonly _tag: "Point" } & PlayedPoint)
  | { readonly _tag: "Segments"; readonly played: PlayedSegments }
  | { readonly _tag: "Progress"; readonly progress: BacktestProgress }
  | { readonly _tag: "Stopped"; readonly checkpoint: EngineCheckpoint | undefined }
  | { readonly _tag: "Finished"; readonly played: Played }
  | { readonly _tag: "Failed"; readonly failure: BacktestFailure }
  /** It could not begin. */
  | { readonly _tag: "Unusable"; readonly message: string }

const tagged =
  <A extends { readonly _tag: string }>(tags: ReadonlyArray<A["_tag"]>) =>
  (message: unknown): message is A =>
    Predicate.hasProperty(message, "_tag") && tags.some((tag) => tag === message._tag)

export const isOrder = tagged<Order>(["Points", "Segments", "Stop"])
export const isJob = tagged<Job>(["Sweep", "Backtest"])
export const isReport = tagged<Report>([
  "Ready",
  "Point",
  "Segments",
  "Progress",
  "Stopped",
  "Finished",
  "Failed",
  "Unusable"
])
