/**
 * Plays segments of a tape with one point of a grid: each starts flat, with
 * indicators warm from all earlier bars and from none of later ones, and is
 * marked at its last close. Where a strategy decides on the close, what it wants
 * at the close before the segment fills at the segment's first open: that
 * session is played first, and left out of the figures.
 */
import { Effect, Result } from "effect"
import type { Strategy } from "../session/Strategy.ts"
import type { BacktestFailure } from "./BacktestResult.ts"
import type { EngineFault } from "./engine/EngineFault.ts"
import type { Tape } from "./engine/Tape.ts"
import { type Course, courseOf, isSameCourse, ruleThrew } from "./PointCourse.ts"
import type { Played } from "./Played.ts"
import { type Objective, scoreOf } from "./robustness/walkforward/Objectives.ts"
import { cutSegment, type SessionSpan } from "./SegmentCut.ts"
import { figuresOf, type PointFigures } from "./Sweep.ts"
import type { SegmentPlay } from "./vector/VectorSegments.ts"

/** A segment that is wanted. */
export interface SegmentAsk extends SessionSpan {
  /** Whether its returns are told, and not its figures alone. */
  readonly returns: boolean
}

/** What a segment came to. */
export interface PlayedSegment extends SessionSpan {
  readonly engine: "vector" | "event"
  readonly figures: PointFigures
  /** Its objective; null where it has none. */
  readonly score: number | null
  /** Of each session, as ratios; undefined where nobody asked. */
  readonly returns: Float64Array | undefined
}

/** Segments of one point that were asked for together: one that fails takes the others with it. */
export type PlayedSegments = { readonly index: number } & (
  | { readonly _tag: "Done"; readonly segments: ReadonlyArray<PlayedSegment> }
  | { readonly _tag: "Failed"; readonly failure: BacktestFailure }
)

/** A point that is played on segments. */
export interface SegmentPoint {
  readonly strategy: Strategy
  /** With the point's own warm-up. */
  readonly tape: Tape
  /** Makes the loop over columns, where the point may be played on it. */
  readonly columns: (() => SegmentPlay) | undefined
  /** Micros. */
  readonly cash: number
  readonly mode: "event" | "vector" | "both"
  readonly objective: Objective
  readonly playEvent: (tape: Tape) => Effect.Effect<Played, EngineFault>
}

/** Whether nothing can be ordered in a segment's first session but at its close. */
const decidesOnClose = ({ resolution = "1d", schedule = [] }: Strategy): boolean =>
  resolution === "1d" && schedule.length === 0

/** The sessions that are played for a segment. */
const playedSpan = ({ from, until }: SessionSpan, strategy: Strategy): SessionSpan => ({
  from: decidesOnClose(strategy) ? Math.max(0, from - 1) : from,
  until
})

const finish = (
  { from, returns: isWanted, until }: SegmentAsk,
  { cash, objective }: SegmentPoint,
  { entries, equity, exits }: Course,
  engine: "vector" | "event"
): PlayedSegment => {
  const own = equity.subarray(equity.length - (until - from))
  const course = figuresOf({ equity: own, cash, entries, exits })
  return {
    from,
    until,
    engine,
    figures: course.figures,
    score: scoreOf(objective, course),
    returns: isWanted ? course.returns : undefined
  }
}

/** Those that the loop over columns plays, and the others. */
const onColumns = (point: SegmentPoint, play: SegmentPlay, asks: ReadonlyArray<SegmentAsk>) => {
  const played: Array<PlayedSegment> = []
  const left: Array<SegmentAsk> = []
  for (const ask of asks) {
    const course = play(playedSpan(ask, point.strategy))
    if (course === undefined) left.push(ask)
    else played.push(finish(ask, point, course, "vector"))
  }
  return { played, left }
}

const onEngine = (
  point: SegmentPoint,
  play: SegmentPlay | undefined,
  ask: SegmentAsk
): Effect.Effect<PlayedSegment, EngineFault> => {
  const span = playedSpan(ask, point.strategy)
  return Effect.map(point.playEvent(cutSegment(point.tape, span)), (played) => {
    const event = courseOf(played)
    const columns = play?.(span)
    const isSame = columns !== undefined && isSameCourse(columns, event)
    return finish(ask, point, event, isSame ? "vector" : "event")
  })
}

const made = (columns: SegmentPoint["columns"]): Result.Result<SegmentPlay | undefined, BacktestFailure> => {
  try {
    return Result.succeed(columns?.())
  } catch (cause) {
    return Result.fail(ruleThrew(cause))
  }
}

/** Plays all of these, in any order. */
export const playSegmentsOf = (
  index: number,
  point: SegmentPoint,
  asks: ReadonlyArray<SegmentAsk>
): Effect.Effect<PlayedSegments> => {
  const play = made(point.columns)
  if (Result.isFailure(play)) return Effect.succeed({ _tag: "Failed", index, failure: play.failure })
  const { mode } = point
  const isQuick = mode === "vector" && play.success !== undefined
  const { left, played } = isQuick ? onColumns(point, play.success, asks) : { left: asks, played: [] }
  if (left.length === 0) return Effect.succeed({ _tag: "Done", index, segments: played })
  return Effect.forEach(left, (ask) => onEngine(point, mode === "both" ? play.success : undefined, ask)).pipe(
    Effect.map((others): PlayedSegments => ({ _tag: "Done", index, segments: [...played, ...others] })),
    Effect.catch(({ failure }) => Effect.succeed<PlayedSegments>({ _tag: "Failed", index, failure }))
  )
}
