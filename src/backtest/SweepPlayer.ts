/**
 * Plays the points of a sweep, each as a backtest of its own would be played:
 * on the loop over columns where that gives the same, else on the event engine.
 */
import { Effect, Result } from "effect"
import { Feed } from "../session/Feed.ts"
import type { Strategy } from "../session/Strategy.ts"
import type { SignalRule, StrategyDefinition } from "../session/StrategyDefinition.ts"
import type { BacktestInputs } from "./BacktestInputs.ts"
import type { BacktestFailure } from "./BacktestResult.ts"
import type { EngineFault } from "./engine/EngineFault.ts"
import type { EngineOptions } from "./engine/Engine.ts"
import type { Tape } from "./engine/Tape.ts"
import type { GridValues } from "./Grid.ts"
import type { Played } from "./Played.ts"
import { type Course, courseOf, isSameCourse, ruleThrew } from "./PointCourse.ts"
import type { Objective } from "./robustness/walkforward/Objectives.ts"
import { type PlayedSegments, playSegmentsOf, type SegmentAsk } from "./SegmentPlayer.ts"
import { figuresOf, inputsAt, type SweepPoint } from "./Sweep.ts"
import { whyEngine } from "./vector/Eligibility.ts"
import { playVectorPoint, type SignalTape, signalTape } from "./vector/VectorPoint.ts"
import { vectorSegments } from "./vector/VectorSegments.ts"
import { cutWarmUp } from "./WarmUpCut.ts"

/**
 * What points are played on. `event`: the engine. `vector`: the loop over
 * columns, the engine for what it leaves. `both`: a point is the loop's where
 * the engine gives the same, and else the engine's.
 */
export type SweepMode = "event" | "vector" | "both"

/** A point with its return of each session, where it has any. */
export interface PlayedPoint {
  readonly point: SweepPoint
  readonly returns: Float64Array | undefined
}

export interface SweepPlayerOptions {
  readonly definition: StrategyDefinition
  /** With the most warm-up that any point needs. */
  readonly tape: Tape
  /** The parameters are those that are not varied. */
  readonly inputs: BacktestInputs
  readonly mode: SweepMode
  readonly playEvent: (
    options: Pick<
      EngineOptions,
      "tape" | "strategy" | "cash" | "profile" | "resumePolicy" | "seed" | "models"
    >
  ) => Effect.Effect<Played, EngineFault>
}

/** A point that is the engine's, with what the loop over columns made of it where both are wanted. */
interface PointForEngine {
  readonly strategy: Strategy
  readonly tape: Tape
  readonly course: Course | undefined
}

/** Bars of each instrument before the strategy's first decision. */
const warmUpOf = (strategy: Strategy): number => new Feed(strategy, []).warmUp

/** Plays one point of a grid after the other; what they share is worked out once. */
export const sweepPlayer = ({ definition, inputs, mode, playEvent, tape }: SweepPlayerOptions) => {
  const { cash, models, profile, resumePolicy, seed } = inputs
  const { signal } = definition
  /** By the bars of warm-up that are left. */
  const tapes = new Map<number, { readonly tape: Tape; readonly signal: SignalTape | undefined }>()

  const tapeFor = (strategy: Strategy) => {
    const most = Math.max(0, ...tape.tracks.map(({ warmUp }) => warmUp))
    const warmUp = Math.min(most, warmUpOf(strategy))
    const known = tapes.get(warmUp)
    if (known !== undefined) return known
    const cut = cutWarmUp(tape, warmUp)
    const isEngines = mode === "event" || whyEngine({ signal, tape: cut, profile, models }) !== undefined
    const made = { tape: cut, signal: isEngines ? undefined : signalTape(cut) }
    tapes.set(warmUp, made)
    return made
  }

  const onColumns = (
    rule: SignalRule | undefined,
    bars: SignalTape | undefined,
    strategy: Strategy
  ): Result.Result<Course | undefined, BacktestFailure> => {
    if (rule === undefined || bars === undefined) return Result.succeed(undefined)
    try {
      return Result.succeed(playVectorPoint(rule, bars, { cash, values: strategy.parameters }))
    } catch (cause) {
      return Result.fail(ruleThrew(cause))
    }
  }

  const finish = (
    index: number,
    values: GridValues,
    engine: "vector" | "event",
    course: Course
  ): PlayedPoint => {
    const { equity, entries, exits } = course
    const { figures, returns } = figuresOf({ equity, cash, entries, exits })
    return { point: { _tag: "Done", index, values, engine, figures }, returns }
  }

  /** A point that needs no engine, on columns or refused; else what the engine needs for it. */
  const playQuickly = (index: number, values: GridValues): PlayedPoint | PointForEngine => {
    const bound = definition.bind(inputsAt(inputs, values).algorithm.parameters)
    if (Result.isFailure(bound)) {
      const reason = bound.failure.message
      return { point: { _tag: "Refused", index, values, reason }, returns: undefined }
    }
    const strategy = bound.success
    const on = tapeFor(strategy)
    const columns = onColumns(signal, on.signal, strategy)
    if (Result.isFailure(columns)) {
      return { point: { _tag: "Failed", index, values, failure: columns.failure }, returns: undefined }
    }
    const course = columns.success
    return course !== undefined && mode === "vector"
      ? finish(index, values, "vector", course)
      : { strategy, tape: on.tape, course }
  }

  const play = (index: number, values: GridValues): Effect.Effect<PlayedPoint> =>
    Effect.suspend(() => {
      const quick = playQuickly(index, values)
      if ("point" in quick) return Effect.succeed(quick)
      const { course, strategy, tape } = quick
      return playEvent({ tape, strategy, cash, profile, resumePolicy, seed, models }).pipe(
        Effect.map((played) => {
          const event = courseOf(played)
          const isVector = course !== undefined && isSameCourse(course, event)
          return finish(index, values, isVector ? "vector" : "event", event)
        }),
        Effect.catch(({ failure }) =>
          Effect.succeed<PlayedPoint>({
            point: { _tag: "Failed", index, values, failure },
            returns: undefined
          })
        )
      )
    })

  /** Segments of a point, its objective worked out for each of them. */
  const playSegments = (
    index: number,
    values: GridValues,
    { objective, segments }: { readonly objective: Objective; readonly segments: ReadonlyArray<SegmentAsk> }
  ): Effect.Effect<PlayedSegments> =>
    Effect.suspend(() => {
      const bound = definition.bind(inputsAt(inputs, values).algorithm.parameters)
      if (Result.isFailure(bound)) {
        const failure: BacktestFailure = { kind: "bad-data", message: bound.failure.message }
        return Effect.succeed<PlayedSegments>({ _tag: "Failed", index, failure })
      }
      const strategy = bound.success
      const on = tapeFor(strategy)
      const bars = on.signal
      const point = {
        strategy,
        tape: on.tape,
        columns:
          signal === undefined || bars === undefined
            ? undefined
            : () => vectorSegments(signal, bars, { cash, values: strategy.parameters }),
        cash,
        mode,
        objective,
        playEvent: (cut: Tape) =>
          playEvent({ tape: cut, strategy, cash, profile, resumePolicy, seed, models })
      }
      return playSegmentsOf(index, point, segments)
    })

  return { play, playQuickly, playSegments }
}
