/** What the points of a sweep say of its parameters, by the Sharpe ratio a year. Pure. */
import { Result } from "effect"
import type { Grid } from "../../Grid.ts"
import { donePoints, type SweepPoint } from "../../Sweep.ts"
import { type Plateau, plateauOf } from "./Plateau.ts"
import { type Decomposition, varianceDecomposition } from "./VarianceDecomposition.ts"

export interface SweepSensitivity {
  readonly decomposition: Decomposition | undefined
  /** Why the variance cannot be decomposed; undefined where it was. */
  readonly problem: string | undefined
  /** Undefined where no point has a Sharpe ratio. */
  readonly plateau: Plateau | undefined
}

/** Points without a Sharpe ratio are left out. */
export const sweepSensitivity = (grid: Grid, points: ReadonlyArray<SweepPoint>): SweepSensitivity => {
  const told = donePoints(points).flatMap(({ figures, values }) =>
    figures.sharpe === null ? [] : [{ values, figure: figures.sharpe }]
  )
  const made = varianceDecomposition(grid, told)
  return {
    decomposition: Result.isSuccess(made) ? made.success : undefined,
    problem: Result.isFailure(made) ? made.failure.message : undefined,
    plateau: plateauOf(grid, told)
  }
}
