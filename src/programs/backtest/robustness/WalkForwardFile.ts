/** What all of a walk-forward depends on: it is written beside its segments, and names it. */
import { Schema } from "effect"
import { Objective } from "../../../backtest/robustness/walkforward/Objectives.ts"
import { SweepFile } from "../../../backtest/Sweep.ts"

export const WalkForwardFile = Schema.Struct({
  version: Schema.Literal(1),
  sweep: SweepFile,
  /** Sessions. */
  windows: Schema.Struct({
    train: Schema.Int,
    test: Schema.Int,
    embargo: Schema.Int,
    anchored: Schema.Boolean
  }),
  objective: Objective
})
export type WalkForwardFile = typeof WalkForwardFile.Type
