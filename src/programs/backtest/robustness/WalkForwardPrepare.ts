/** From what somebody asks for to a walk-forward that can be played: a sweep, its windows, what the best is chosen by. */
import { Effect } from "effect"
import { idOf } from "../../../backtest/BacktestId.ts"
import { BadRequest } from "../../../backtest/robustness/RobustnessError.ts"
import { type Objective, readObjective } from "../../../backtest/robustness/walkforward/Objectives.ts"
import {
  type WindowLengths,
  type Windows,
  windowsOf
} from "../../../backtest/robustness/walkforward/Windows.ts"
import type { AskedPlace } from "../PrepareBacktest.ts"
import { type AskedSweep, type PreparedSweep, prepareSweep } from "../PrepareSweep.ts"
import type { WalkForwardFile } from "./WalkForwardFile.ts"

export interface AskedWalkForward extends AskedSweep {
  readonly windows: WindowLengths
  /** As it is typed. */
  readonly objective: string
}

export interface PreparedWalkForward {
  readonly id: string
  readonly file: WalkForwardFile
  readonly windows: Windows
  readonly objective: Objective
  /** Every point of the grid, on the whole period. */
  readonly sweep: PreparedSweep
  /** The arguments that give it again, from "backtest" on. */
  readonly command: string
}

/** Train and test windows of all points together: what is known of each of them is kept in memory. */
export const MOST_POINT_WINDOWS = 400_000

const windowWords = ({ anchored, embargo, test, train }: WindowLengths, objective: Objective): string =>
  [
    `--train ${train} --test ${test}`,
    ...(embargo === 0 ? [] : [`--embargo ${embargo}`]),
    ...(anchored ? ["--anchored"] : []),
    ...(objective === "sharpe" ? [] : [`--objective ${objective}`])
  ].join(" ")

/** The walk-forward that was asked for, or what does not fit together; nothing is written. */
export const prepareWalkForward = Effect.fn("prepareWalkForward")(function* (
  { objective: named, windows: lengths, ...asked }: AskedWalkForward,
  place: AskedPlace
) {
  const objective = yield* Effect.fromResult(readObjective(named))
  const sweep = yield* prepareSweep(asked, place)
  const { sessions } = sweep.tape
  const windows = yield* Effect.fromResult(windowsOf(lengths, sessions.length))
  const count = windows.length * sweep.points.length
  if (count > MOST_POINT_WINDOWS) {
    return yield* new BadRequest({
      message: `${sweep.points.length} points on ${windows.length} windows are ${count}, and ${MOST_POINT_WINDOWS} is the most: take longer test windows or a smaller grid`
    })
  }
  const { anchored, embargo, test, train } = lengths
  const file: WalkForwardFile = {
    version: 1,
    sweep: sweep.sweep,
    windows: { train, test, embargo, anchored },
    objective
  }
  const prepared: PreparedWalkForward = {
    id: idOf(sweep.sweep.inputs.algorithm.name, file),
    file,
    windows,
    objective,
    sweep,
    command: `${sweep.command.replace(/^backtest sensitivity/u, "backtest walk-forward")} ${windowWords(lengths, objective)}`
  }
  return prepared
})
