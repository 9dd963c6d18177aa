/**
 * What a walk-forward comes to: in each window the point that was best in-sample,
 * and what it made out-of-sample; all out-of-sample stretches one after the other
 * as one curve; and how much of the in-sample return was kept, the walk-forward
 * efficiency of R. Pardo ("The Evaluation and Optimization of Trading
 * Strategies", 2nd ed. 2008, chapter 11). Pure.
 */
import { Result } from "effect"
import { DAYS_PER_YEAR } from "../../../portfolio/Performance.ts"
import type { Grid, GridValues } from "../../Grid.ts"
import { figuresOf, type PointFigures } from "../../Sweep.ts"
import { BadRequest } from "../RobustnessError.ts"
import { type Rank, relativeRank } from "./Choice.ts"
import { type Objective, objectiveWords } from "./Objectives.ts"
import { type ParameterStability, stabilityOf } from "./Stability.ts"
import { lengthOf, type Window } from "./Windows.ts"

/** A window with its choice. */
export interface ChosenWindow extends Window {
  readonly _tag: "Chosen"
  /** The point's number in the grid. */
  readonly index: number
  readonly values: GridValues
  /** Its objective in-sample. */
  readonly score: number
  readonly trained: PointFigures
  readonly tested: PointFigures
  /** Out-of-sample, of each session. */
  readonly returns: Float64Array
  /** Among all points out-of-sample, by the objective; undefined where the others were not played there or it has none. */
  readonly rank: Rank | undefined
}

/** A window in which no point has the objective: the money stays cash. */
export interface EmptyWindow extends Window {
  readonly _tag: "NoPoint"
  readonly reason: string
}

export type WalkedWindow = ChosenWindow | EmptyWindow

export interface WalkForward {
  readonly windows: ReadonlyArray<WalkedWindow>
  /** Out-of-sample of all windows, from `first` on, of each session. */
  readonly returns: Float64Array
  /** 1 before the first session; one value a session, at its close. */
  readonly equity: Float64Array
  /** Number of the first session out-of-sample. */
  readonly first: number
  readonly totalReturn: number
  /** A year; null where the returns do not vary. */
  readonly sharpe: number | null
  /** Zero or negative. */
  readonly maxDrawdown: number
  /** A year, compounded; in-sample of the chosen points, one window after the other. */
  readonly returnYearly: number
  readonly inSampleReturnYearly: number | null
  /** The first ÷ the second; null unless the second is above zero. */
  readonly efficiency: number | null
  /** Mean of in-sample less out-of-sample Sharpe ratios a year, over the windows that have both. */
  readonly degradation: number | null
  /** Windows that made money out-of-sample. */
  readonly profitable: number
  /** Windows in which a point was chosen. */
  readonly chosen: number
  /** Of the chosen points out-of-sample, on average: 0 the best of all points, 0.5 by chance, 1 the worst. */
  readonly meanRank: number | null
  readonly stability: ReadonlyArray<ParameterStability>
}

/** In-sample less out-of-sample Sharpe ratio a year; null where either cannot be told. */
export const degradationOf = ({ tested, trained }: ChosenWindow): number | null =>
  trained.sharpe === null || tested.sharpe === null ? null : trained.sharpe - tested.sharpe

/** A growth over so many sessions, as a return a year. */
const yearly = (growth: number, sessions: number): number =>
  Math.max(0, growth) ** (DAYS_PER_YEAR / sessions) - 1

const mean = (values: ReadonlyArray<number>): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

export const isChosen = (window: WalkedWindow): window is ChosenWindow => window._tag === "Chosen"

/** Returns one after the other as a curve that begins with 1, not told itself. */
const curveOf = (returns: Float64Array): Float64Array => {
  let equity = 1
  return returns.map((change) => (equity *= 1 + change))
}

const stitched = (windows: ReadonlyArray<WalkedWindow>): Float64Array => {
  const returns = new Float64Array(windows.reduce((sum, { test }) => sum + lengthOf(test), 0))
  let at = 0
  for (const window of windows) {
    if (isChosen(window)) returns.set(window.returns, at)
    at += lengthOf(window.test)
  }
  return returns
}

/** Of windows in their order; those without a choice count as cash. There has to be one with a choice. */
export const walkForwardOf = (
  windows: ReadonlyArray<WalkedWindow>,
  { grid, objective }: { readonly grid: Grid; readonly objective: Objective }
): Result.Result<WalkForward, BadRequest> => {
  const chosen = windows.filter(isChosen)
  if (chosen.length === 0) {
    return Result.fail(
      new BadRequest({
        message: `in none of ${windows.length} windows has a point of the grid its objective, the ${objectiveWords[objective]}: none of them traded in a train window, or nothing they held moved. Take longer train windows or other values`
      })
    )
  }
  const returns = stitched(windows)
  const equity = curveOf(returns)
  const entries = chosen.reduce((sum, { tested }) => sum + tested.entries, 0)
  const { figures } = figuresOf({ equity, cash: 1, entries, exits: 0 })
  const returnYearly = yearly(1 + figures.totalReturn, returns.length)
  const inSample = yearly(
    chosen.reduce((growth, { trained }) => growth * (1 + trained.totalReturn), 1),
    chosen.reduce((sum, { train }) => sum + lengthOf(train), 0)
  )
  return Result.succeed({
    windows,
    returns,
    equity,
    first: windows[0]?.test.from ?? 0,
    totalReturn: figures.totalReturn,
    sharpe: figures.sharpe,
    maxDrawdown: figures.maxDrawdown,
    returnYearly,
    inSampleReturnYearly: finite(inSample),
    efficiency: inSample > 0 ? finite(returnYearly / inSample) : null,
    degradation: mean(chosen.flatMap((window) => degradationOf(window) ?? [])),
    profitable: chosen.filter(({ tested }) => tested.totalReturn > 0).length,
    chosen: chosen.length,
    meanRank: mean(chosen.flatMap(({ rank }) => (rank === undefined ? [] : (relativeRank(rank) ?? [])))),
    stability: stabilityOf(
      grid,
      chosen.map(({ values }) => values)
    )
  })
}
