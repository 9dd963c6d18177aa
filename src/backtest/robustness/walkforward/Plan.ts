/**
 * Which segments a walk-forward plays, and what is made of them. First every
 * point on all train windows and on the whole period; where that is cheap on all
 * test windows too, for the ranks. Then, with their returns, the chosen points on
 * the windows after, and on all of them the point that looks best in hindsight.
 */
import { Result } from "effect"
import type { Grid, GridValues } from "../../Grid.ts"
import type { SegmentAsk } from "../../SegmentPlayer.ts"
import type { PointFigures } from "../../Sweep.ts"
import type { BadRequest } from "../RobustnessError.ts"
import { bestScored, type Rank, rankOf, type Scored } from "./Choice.ts"
import { type Objective, objectiveWords } from "./Objectives.ts"
import type { SegmentTable } from "./SegmentTable.ts"
import { type WalkedWindow, type WalkForward, walkForwardOf } from "./WalkForward.ts"
import type { Span, Windows } from "./Windows.ts"

/** A point that is played, in the grid's order. */
export interface PlannedPoint {
  readonly index: number
  readonly values: GridValues
}

export interface WalkPlan {
  readonly grid: Grid
  readonly points: ReadonlyArray<PlannedPoint>
  readonly objective: Objective
  readonly sessions: number
  readonly windows: Windows
  /** Whether all points are played on test windows. */
  readonly ranks: boolean
}

/** What looks best over the whole period, and what it made on the sessions that are out-of-sample. */
export interface Hindsight {
  readonly values: GridValues
  readonly figures: PointFigures
  readonly returns: Float64Array
}

export interface Walked {
  readonly walk: WalkForward
  /** Undefined where no point has an objective over the whole period. */
  readonly hindsight: Hindsight | undefined
}

export const wholeOf = ({ sessions }: Pick<WalkPlan, "sessions">): Span => ({ from: 0, until: sessions })

/** Out-of-sample of all windows. */
export const outOfSample = ({ sessions, windows }: Pick<WalkPlan, "sessions" | "windows">): Span => ({
  from: windows[0].test.from,
  until: sessions
})

/** Of every point. */
export const firstAsks = (plan: WalkPlan): ReadonlyArray<SegmentAsk> => [
  { ...wholeOf(plan), returns: false },
  ...plan.windows.map(({ train }) => ({ ...train, returns: false })),
  ...(plan.ranks ? plan.windows.map(({ test }) => ({ ...test, returns: false })) : [])
]

const scoredOn = (plan: WalkPlan, table: SegmentTable, span: Span): ReadonlyArray<Scored> =>
  plan.points.map(({ index }) => ({ index, score: table.of(index, span)?.score ?? null }))

const bestOn = (plan: WalkPlan, table: SegmentTable, span: Span): PlannedPoint | undefined => {
  const best = bestScored(scoredOn(plan, table, span))
  return best === undefined ? undefined : plan.points.find(({ index }) => index === best.index)
}

/** Of the chosen points, once the first segments were played; by the number of the point. */
export const secondAsks = (
  plan: WalkPlan,
  table: SegmentTable
): ReadonlyMap<number, ReadonlyArray<SegmentAsk>> => {
  const asks = new Map<number, Array<SegmentAsk>>()
  const ask = (point: PlannedPoint | undefined, span: Span): void => {
    if (point === undefined) return
    const known = asks.get(point.index) ?? []
    asks.set(point.index, known)
    if (!known.some(({ from, until }) => from === span.from && until === span.until)) {
      known.push({ ...span, returns: true })
    }
  }
  for (const { test, train } of plan.windows) ask(bestOn(plan, table, train), test)
  ask(bestOn(plan, table, wholeOf(plan)), outOfSample(plan))
  return asks
}

const rankIn = (plan: WalkPlan, table: SegmentTable, test: Span, index: number): Rank | undefined =>
  plan.ranks ? rankOf(scoredOn(plan, table, test), index) : undefined

const walkedWindow = (plan: WalkPlan, table: SegmentTable, window: Windows[number]): WalkedWindow => {
  const point = bestOn(plan, table, window.train)
  const trained = point === undefined ? undefined : table.of(point.index, window.train)
  if (point === undefined || trained === undefined || trained.score === null) {
    return {
      _tag: "NoPoint",
      ...window,
      reason: `no point of the grid has its objective, the ${objectiveWords[plan.objective]}, in this train window`
    }
  }
  const tested = table.of(point.index, window.test)
  if (tested?.returns === undefined) {
    const why = table.failureOf(point.index, window.test)?.message ?? "it was not played"
    return { _tag: "NoPoint", ...window, reason: `the chosen point failed out-of-sample: ${why}` }
  }
  return {
    _tag: "Chosen",
    ...window,
    ...point,
    score: trained.score,
    trained: trained.figures,
    tested: tested.figures,
    returns: tested.returns,
    rank: rankIn(plan, table, window.test, point.index)
  }
}

const hindsightOf = (plan: WalkPlan, table: SegmentTable): Hindsight | undefined => {
  const best = bestOn(plan, table, wholeOf(plan))
  const played = best === undefined ? undefined : table.of(best.index, outOfSample(plan))
  return best === undefined || played?.returns === undefined
    ? undefined
    : { values: best.values, figures: played.figures, returns: played.returns }
}

/** Once all segments were played. */
export const walkedOf = (plan: WalkPlan, table: SegmentTable): Result.Result<Walked, BadRequest> =>
  Result.map(
    walkForwardOf(
      plan.windows.map((window) => walkedWindow(plan, table, window)),
      plan
    ),
    (walk) => ({ walk, hindsight: hindsightOf(plan, table) })
  )
