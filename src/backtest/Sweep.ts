/**
 * A sweep (sensitivity): one backtest at every point of a grid of parameters.
 * What a point comes to, and what is told of all of them. Pure.
 */
import { Schema } from "effect"
import { BacktestInputs } from "./BacktestInputs.ts"
import { BacktestFailure } from "./BacktestResult.ts"
import type { FillRow } from "./BacktestRows.ts"
import type { Grid, GridValues } from "./Grid.ts"

/** Sessions a year that a Sharpe ratio is annualised by. */
const SESSIONS_A_YEAR = 252

/** Ratios, unrounded. */
export const PointFigures = Schema.Struct({
  /** Equity at the last close ÷ starting cash − 1. */
  totalReturn: Schema.Finite,
  /** Times a position was opened; one that is open at the end has no exit. */
  entries: Schema.Int,
  exits: Schema.Int,
  /** Mean ÷ standard deviation (n − 1) of the sessions' returns × √252; null where they do not vary. */
  sharpe: Schema.NullOr(Schema.Finite),
  /** The deepest fall from a peak, the starting cash among them: zero or negative. */
  maxDrawdown: Schema.Finite
})
export type PointFigures = typeof PointFigures.Type

const Values = Schema.Record(Schema.String, Schema.Union([Schema.Finite, Schema.String, Schema.Boolean]))

/** What became of one point, by its number in the grid from 0. */
export const SweepPoint = Schema.TaggedUnion({
  Done: {
    index: Schema.Int,
    values: Values,
    /** The loop over columns, or the event engine: both give the same. */
    engine: Schema.Literals(["vector", "event"]),
    figures: PointFigures
  },
  /** The strategy does not take these values together, or there are too few bars for them. */
  Refused: { index: Schema.Int, values: Values, reason: Schema.String },
  Failed: { index: Schema.Int, values: Values, failure: BacktestFailure }
})
export type SweepPoint = typeof SweepPoint.Type
export type DonePoint = Extract<SweepPoint, { readonly _tag: "Done" }>

/** All points of a grid, in its order. */
export interface Sweep {
  /** Made of the inputs and the grid: the same sweep has the same id. */
  readonly id: string
  /** What all points have in common; the parameters are those that are not varied. */
  readonly inputs: BacktestInputs
  readonly grid: Grid
  /** So many points were drawn from the grid, by the inputs' seed; all of it where undefined. */
  readonly sample: number | undefined
  readonly points: ReadonlyArray<SweepPoint>
  /** Backtests ever run on this data set, those of this sweep included. */
  readonly trials: number
}

/** What all of a sweep depends on: it is written beside its points. */
export const SweepFile = Schema.Struct({
  version: Schema.Literal(1),
  inputs: BacktestInputs,
  grid: Schema.NonEmptyArray(
    Schema.Struct({
      parameter: Schema.String,
      values: Schema.NonEmptyArray(Schema.Union([Schema.Finite, Schema.String, Schema.Boolean]))
    })
  ),
  /** Points drawn from the grid; absent where all of it is played. */
  sample: Schema.optionalKey(Schema.Int)
})
export type SweepFile = typeof SweepFile.Type

/** What a course of equity comes to. */
export interface CourseFigures {
  readonly figures: PointFigures
  /** Of each session, as a ratio: from close to close, the first one's from the starting cash. */
  readonly returns: Float64Array
}

/** Standard deviation (n − 1) of values whose mean is known. */
const deviationOf = (values: Float64Array, mean: number): number => {
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    const deviation = (values[i] ?? 0) - mean
    squares += deviation * deviation
  }
  return Math.sqrt(squares / (values.length - 1))
}

/**
 * The figures of one point, and its returns. `equity` (at closes) and `cash`
 * (at the start) are micros. One pass for all but the deviation; of each peak's
 * falls the lowest alone is divided by it, for division keeps their order.
 */
export const figuresOf = (course: {
  readonly equity: Float64Array
  readonly cash: number
  readonly entries: number
  readonly exits: number
}): CourseFigures => {
  const { cash, entries, equity, exits } = course
  const { length } = equity
  const returns = new Float64Array(length)
  let before = cash
  let sum = 0
  let peak = cash
  let lowest = cash
  let deepest = 0
  for (let i = 0; i < length; i++) {
    const now = equity[i] ?? 0
    // Nothing moves while nothing is held: the return is the zero that is there.
    if (now === before) continue
    const change = now / before - 1
    returns[i] = change
    sum += change
    before = now
    if (now < lowest) lowest = now
    else if (now > peak) {
      if (lowest < peak) deepest = Math.min(deepest, lowest / peak - 1)
      peak = now
      lowest = now
    }
  }
  if (lowest < peak) deepest = Math.min(deepest, lowest / peak - 1)
  const mean = sum / length
  const sharpe = (mean / deviationOf(returns, mean)) * Math.sqrt(SESSIONS_A_YEAR)
  const figures: PointFigures = {
    totalReturn: before / cash - 1,
    entries,
    exits,
    sharpe: Number.isFinite(sharpe) ? sharpe : null,
    maxDrawdown: deepest
  }
  return { figures, returns }
}

/** How often fills opened a position that was flat, and closed one; one that changes sides does both. */
export const turnsOf = (
  fills: ReadonlyArray<Pick<FillRow, "instrumentId" | "side" | "quantity">>
): { readonly entries: number; readonly exits: number } => {
  const held = new Map<string, number>()
  let entries = 0
  let exits = 0
  for (const { instrumentId, quantity, side } of fills) {
    const before = held.get(instrumentId) ?? 0
    const after = before + (side === "BUY" ? quantity : -quantity)
    if (after !== 0 && Math.sign(after) !== Math.sign(before)) entries += 1
    if (before !== 0 && Math.sign(after) !== Math.sign(before)) exits += 1
    held.set(instrumentId, after)
  }
  return { entries, exits }
}

const isDone = (point: SweepPoint): point is DonePoint => point._tag === "Done"

/** Those that have figures, in the grid's order. */
export const donePoints = (points: ReadonlyArray<SweepPoint>): ReadonlyArray<DonePoint> =>
  points.filter(isDone)

/** The highest Sharpe ratio, the first in the grid's order of equal ones; undefined where none has one. */
export const bestOf = (points: ReadonlyArray<SweepPoint>): DonePoint | undefined => {
  let best: DonePoint | undefined
  for (const point of donePoints(points)) {
    const { sharpe } = point.figures
    if (sharpe !== null && sharpe > (best?.figures.sharpe ?? -Infinity)) best = point
  }
  return best
}

/** A point as scripts get it: its values by their names, then its figures. */
export const machineRow = ({ figures, values }: DonePoint) => ({
  ...values,
  total_return: figures.totalReturn,
  entries: figures.entries,
  sharpe: figures.sharpe,
  max_drawdown: figures.maxDrawdown
})

/** The inputs of the backtest at one point. */
export const inputsAt = (inputs: BacktestInputs, values: GridValues): BacktestInputs => ({
  ...inputs,
  algorithm: { ...inputs.algorithm, parameters: { ...inputs.algorithm.parameters, ...values } }
})
