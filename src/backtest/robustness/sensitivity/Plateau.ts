/**
 * Whether a grid's best point stands on a plateau or on a peak. A parameter that
 * is right is right a step beside it too: a best point whose neighbours are much
 * worse owes its figure to those very sessions (R. Pardo, "The Evaluation and
 * Optimization of Trading Strategies", 2008, chapter 12, on the shape of the
 * optimisation space).
 */
import type { ParameterValue } from "../../../session/Parameters.ts"
import type { Grid, GridValues } from "../../Grid.ts"
import type { FigurePoint } from "./VarianceDecomposition.ts"

/** Points around another one, without it. */
export interface Neighbourhood {
  readonly points: number
  readonly mean: number
  readonly lowest: number
}

export interface PlacedFigure {
  readonly values: GridValues
  readonly figure: number
}

export interface SteadyPoint extends PlacedFigure {
  /** Of itself and its neighbours. */
  readonly mean: number
  readonly neighbours: number
}

export interface Plateau {
  readonly best: PlacedFigure
  /** One step away along one axis; undefined where none of them has a figure. */
  readonly step: Neighbourhood | undefined
  /** At most one step away along every axis. */
  readonly box: Neighbourhood | undefined
  /** The mean of the box ÷ the best figure, within 0 and 1: near 1 on a plateau. Undefined where the best is not above zero. */
  readonly score: number | undefined
  /** The part of all points whose figure is at least nine tenths of the best, itself among them; of a best above zero. */
  readonly near: number | undefined
  /** The point with the highest mean of itself and its box, of those that have neighbours: what a careful person would take. */
  readonly steadiest: SteadyPoint | undefined
  /** Each point that has neighbours, with them: the grid's figure without what single points owe to chance. */
  readonly smoothed: ReadonlyArray<SteadyPoint>
  /**
   * Of the whole grid: 1 − Σ(f − mean of its box)² ÷ Σ(f − mean of all)², not below 0. Near 1 where each point is as its
   * neighbours are, 0 where they say nothing of it. Undefined where the figures do not vary, or most points have no neighbours.
   */
  readonly smoothness: number | undefined
}

/** A point within so much of the best figure is as good. */
const NEAR = 0.9

/** Where a point is along an axis: numbers by their size; flags and choices are all one step from each other. */
const placesAlong = (values: ReadonlyArray<ParameterValue>) => {
  const numbers = values.filter((value) => typeof value === "number").toSorted((a, b) => a - b)
  const isOrdered = numbers.length === values.length
  const places = new Map(
    isOrdered ? numbers.map((value, place) => [value, place]) : values.map((value, place) => [value, place])
  )
  return { isOrdered, placeOf: (value: ParameterValue | undefined) => places.get(value ?? "") ?? 0 }
}

/** How far apart two points are: the most steps along one axis, and along how many axes. */
const distances = (grid: Grid, points: ReadonlyArray<FigurePoint>) => {
  const axes = grid.map(({ parameter, values }) => {
    const { isOrdered, placeOf } = placesAlong(values)
    return { isOrdered, places: Int32Array.from(points, (point) => placeOf(point.values[parameter])) }
  })
  return (a: number, b: number): { readonly furthest: number; readonly axes: number } => {
    let furthest = 0
    let differing = 0
    for (const { isOrdered, places } of axes) {
      const steps = Math.abs((places[a] ?? 0) - (places[b] ?? 0))
      if (steps === 0) continue
      differing += 1
      furthest = Math.max(furthest, isOrdered ? steps : 1)
      if (furthest > 1) break
    }
    return { furthest, axes: differing }
  }
}

const meanOf = (figures: ReadonlyArray<number>): number =>
  figures.reduce((sum, figure) => sum + figure, 0) / figures.length

const neighbourhood = (figures: ReadonlyArray<number>): Neighbourhood | undefined =>
  figures.length === 0
    ? undefined
    : { points: figures.length, mean: meanOf(figures), lowest: Math.min(...figures) }

/** Points with the same neighbourhood have the same mean but for rounding: of them the higher one is taken. */
const isSteadier = (one: SteadyPoint, than: SteadyPoint): boolean => {
  const more = one.mean - than.mean
  return Math.abs(more) > 1e-12 * Math.abs(than.mean) ? more > 0 : one.figure > than.figure
}

/** Of the points that have a figure, higher being better; undefined where there is none. The first of equal ones is the best. */
export const plateauOf = (grid: Grid, points: ReadonlyArray<FigurePoint>): Plateau | undefined => {
  const [first] = points
  if (first === undefined) return undefined
  const between = distances(grid, points)
  const numbers = points.map((_, i) => i)
  const figuresOf = (some: ReadonlyArray<number>): ReadonlyArray<number> =>
    some.map((i) => points[i]?.figure ?? 0)
  const boxes = numbers.map((i) => numbers.filter((k) => between(i, k).furthest === 1))
  const bestAt = numbers.reduce((at, i) => ((points[i]?.figure ?? 0) > (points[at]?.figure ?? 0) ? i : at), 0)
  const best = points[bestAt] ?? first
  const around = boxes[bestAt] ?? []
  const box = neighbourhood(figuresOf(around))
  const beside = points.flatMap(({ figure, values }, i) => {
    const neighbours = figuresOf(boxes[i] ?? [])
    return neighbours.length === 0
      ? []
      : [{ values, figure, around: meanOf(neighbours), neighbours: neighbours.length }]
  })
  const smoothed = beside.map(({ around: mean, figure, neighbours, values }): SteadyPoint => ({
    values,
    figure,
    mean: (figure + mean * neighbours) / (neighbours + 1),
    neighbours
  }))
  const isGood = best.figure > 0
  const all = meanOf(beside.map(({ figure }) => figure))
  const spread = beside.reduce((sum, { figure }) => sum + (figure - all) ** 2, 0)
  const apart = beside.reduce((sum, { around: mean, figure }) => sum + (figure - mean) ** 2, 0)
  return {
    best: { values: best.values, figure: best.figure },
    step: neighbourhood(figuresOf(around.filter((i) => between(bestAt, i).axes === 1))),
    box,
    score: box === undefined || !isGood ? undefined : Math.min(1, Math.max(0, box.mean / best.figure)),
    near: isGood
      ? points.filter(({ figure }) => figure >= NEAR * best.figure).length / points.length
      : undefined,
    smoothed,
    steadiest: smoothed.reduce<SteadyPoint | undefined>(
      (most, one) => (most === undefined || isSteadier(one, most) ? one : most),
      undefined
    ),
    smoothness:
      2 * beside.length > points.length && spread > 1e-24 * points.length
        ? Math.max(0, 1 - apart / spread)
        : undefined
  }
}
