/** What is told of a sweep: its best and worst points, and how much the result hangs on the exact values. Pure. */
import { Schema } from "effect"
import type { Grid } from "../../../backtest/Grid.ts"
import {
  type SweepSensitivity,
  sweepSensitivity
} from "../../../backtest/robustness/sensitivity/SweepSensitivity.ts"
import { type DonePoint, donePoints, type SweepPoint } from "../../../backtest/Sweep.ts"
import { rounded, short } from "./Figures.ts"

/** Best points, and reasons why points were not played, that are told. */
const MAX_BEST = 10
const MAX_REASONS = 5

const Cell = Schema.NullOr(Schema.Union([Schema.Finite, Schema.String, Schema.Boolean]))
/** A point in the order of `columns`. */
export const PointRow = Schema.Array(Cell)
export type PointRow = typeof PointRow.Type

const ratio = Schema.NullOr(Schema.Finite)

export const SweepFigures = Schema.Struct({
  points: Schema.Int,
  done: Schema.Int,
  refused: Schema.Int,
  failed: Schema.Int,
  /** Why points were refused or failed. */
  reasons: Schema.Array(Schema.Struct({ reason: Schema.String, count: Schema.Int })),
  /** The parameters that vary, then total_return, entries, sharpe, max_drawdown. */
  columns: Schema.Array(Schema.String),
  /** By the Sharpe ratio, highest first. */
  best: Schema.Array(PointRow),
  worst: Schema.NullOr(PointRow),
  stability: Schema.Struct({
    /** Part of the points that made money. */
    profitable: ratio,
    /** Of the points' Sharpe ratios. */
    sharpeMedian: ratio,
    sharpeTenth: ratio,
    sharpeNinetieth: ratio,
    /** Points around the best, one step away along any parameters: their mean Sharpe ratio, and the lowest. */
    neighbours: Schema.Int,
    neighbourSharpe: ratio,
    neighbourLowest: ratio,
    /** Their mean ÷ the best, within 0 and 1: near 1 on a plateau. */
    plateauScore: ratio,
    /** The point whose mean with its neighbours is highest, of those that have neighbours. */
    steadiest: Schema.NullOr(PointRow)
  }),
  /** Parts of the variance of the Sharpe ratio; null where it cannot be decomposed. */
  variance: Schema.NullOr(
    Schema.Struct({
      /** Every combination was played: the parts add up to 1; else each is what it explains beyond the others. */
      isFull: Schema.Boolean,
      parts: Schema.Array(Schema.Struct({ of: Schema.String, share: Schema.Finite })),
      rest: Schema.Finite
    })
  )
})
export type SweepFigures = typeof SweepFigures.Type

const cell = (value: number | string | boolean): number | string | boolean =>
  typeof value === "string" ? short(value, 64) : value

const orNull = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : rounded(value)

export const columnsOf = (grid: Grid): ReadonlyArray<string> => [
  ...grid.map(({ parameter }) => short(parameter, 64)),
  "total_return",
  "entries",
  "sharpe",
  "max_drawdown"
]

/** A point's values and its figures; those are null where it was not played. */
export const pointRow = (grid: Grid, point: SweepPoint): PointRow => {
  const values = grid.map(({ parameter }) => cell(point.values[parameter] ?? ""))
  if (point._tag !== "Done") return [...values, null, null, null, null]
  const { entries, maxDrawdown, sharpe, totalReturn } = point.figures
  return [...values, rounded(totalReturn), entries, orNull(sharpe), rounded(maxDrawdown)]
}

const sharpeOf = ({ figures }: DonePoint): number => figures.sharpe ?? Number.NEGATIVE_INFINITY

/** The value below which a part of them lies, of sorted values; by the nearest rank. */
const quantile = (sorted: ReadonlyArray<number>, part: number): number | undefined =>
  sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]

const reasonsOf = (points: ReadonlyArray<SweepPoint>): SweepFigures["reasons"] => {
  const counts = new Map<string, number>()
  for (const point of points) {
    if (point._tag === "Done") continue
    const reason = short(point._tag === "Refused" ? point.reason : point.failure.message, 200)
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return Array.from(counts, ([reason, count]) => ({ reason, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MAX_REASONS)
}

/** Parameters and pairs of them that are told, the largest. */
const MAX_PARTS = 8

const partsOf = ({ decomposition }: SweepSensitivity): SweepFigures["variance"] =>
  decomposition === undefined
    ? null
    : {
        isFull: decomposition.isFull,
        parts: [
          ...decomposition.main.map(({ parameter, share }) => ({ of: short(parameter, 64), share })),
          ...(decomposition.pairs ?? []).map(({ parameters, share }) => ({
            of: short(parameters.join(" with "), 140),
            share
          }))
        ]
          .slice(0, MAX_PARTS)
          .map(({ of, share }) => ({ of, share: rounded(share) })),
        rest: rounded(decomposition.rest)
      }

export const sweepFigures = (grid: Grid, points: ReadonlyArray<SweepPoint>): SweepFigures => {
  const done = donePoints(points)
  const ranked = done.toSorted((a, b) => sharpeOf(b) - sharpeOf(a))
  const sharpes = done.flatMap(({ figures }) => figures.sharpe ?? []).toSorted((a, b) => a - b)
  const sensitivity = sweepSensitivity(grid, points)
  const { plateau } = sensitivity
  const steadiest = done.find(({ values }) => values === plateau?.steadiest?.values)
  const worst = ranked.findLast(({ figures }) => figures.sharpe !== null)
  const profitable = done.filter(({ figures }) => figures.totalReturn > 0).length
  return {
    points: points.length,
    done: done.length,
    refused: points.filter(({ _tag }) => _tag === "Refused").length,
    failed: points.filter(({ _tag }) => _tag === "Failed").length,
    reasons: reasonsOf(points),
    columns: columnsOf(grid),
    best: ranked.slice(0, MAX_BEST).map((point) => pointRow(grid, point)),
    worst: worst === undefined ? null : pointRow(grid, worst),
    stability: {
      profitable: done.length === 0 ? null : rounded(profitable / done.length),
      sharpeMedian: orNull(quantile(sharpes, 0.5)),
      sharpeTenth: orNull(quantile(sharpes, 0.1)),
      sharpeNinetieth: orNull(quantile(sharpes, 0.9)),
      neighbours: plateau?.box?.points ?? 0,
      neighbourSharpe: orNull(plateau?.box?.mean),
      neighbourLowest: orNull(plateau?.box?.lowest),
      plateauScore: orNull(plateau?.score),
      steadiest: steadiest === undefined ? null : pointRow(grid, steadiest)
    },
    variance: partsOf(sensitivity)
  }
}
