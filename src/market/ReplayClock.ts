/**
 * The replay's clock as plain values: where it was anchored, how fast it goes,
 * and the changes a person may make to it.
 *
 * Market time is the anchor while paused, and the anchor plus the steady time
 * passed since, times the speed, while running; never past the replay's last
 * instant, never before the anchor. Every change sets a new anchor at the market
 * time then reached, so no change moves market time back and a change of speed
 * leaves it where it is.
 */
import { Result, Schema } from "effect"
import { Timestamp, timestamp } from "../domain/Timestamp.ts"
import { phaseAt } from "./TradingCalendar.ts"

/** The slowest and fastest a replay goes: a thousandth, and a week in six seconds. */
export const MINIMUM_SPEED = 0.001
export const MAXIMUM_SPEED = 100_000

const Speed = Schema.Finite.pipe(
  Schema.check(Schema.isBetween({ minimum: MINIMUM_SPEED, maximum: MAXIMUM_SPEED }))
)

export const ReplayState = Schema.Struct({
  /** Market time at the anchor. */
  anchorMarket: Timestamp,
  /** Steady time at the anchor, micros. */
  anchorSteady: Timestamp,
  /** Market seconds per second of steady time. */
  speed: Speed,
  running: Schema.Boolean
})
export type ReplayState = typeof ReplayState.Type

/** A change of the clock that makes no sense; nothing was changed. */
export class ClockRefused extends Schema.TaggedError<ClockRefused>()("ClockRefused", {
  message: Schema.String
}) {}

/** How far to step: a duration, to the next open or close, or to an instant. */
export type ClockStep =
  | { readonly _tag: "By"; readonly micros: number }
  | { readonly _tag: "ToOpen" }
  | { readonly _tag: "ToClose" }
  | { readonly _tag: "To"; readonly at: Timestamp }

/** Where a clock stands: steady time, and the replay's last instant. */
export interface ReplayMoment {
  readonly steady: Timestamp
  readonly until: Timestamp
}

/** A paused clock at speed 1. */
export const initialState = (start: Timestamp, steady: Timestamp): ReplayState => ({
  anchorMarket: start,
  anchorSteady: steady,
  speed: 1,
  running: false
})

/** Market time of this state. Ascending in `steady`; equal to the anchor when that lies ahead. */
export const marketTimeAt = (state: ReplayState, { steady, until }: ReplayMoment): Timestamp => {
  if (!state.running) return state.anchorMarket
  const passed = Math.max(0, steady - state.anchorSteady)
  const reached = state.anchorMarket + Math.floor(passed * state.speed)
  return timestamp(Math.max(state.anchorMarket, Math.min(reached, until)))
}

/** The same clock anchored here and now: from here on it cannot fall behind this market time. */
export const reanchor = (state: ReplayState, moment: ReplayMoment): ReplayState => ({
  ...state,
  anchorMarket: marketTimeAt(state, moment),
  anchorSteady: moment.steady
})

export const start = (state: ReplayState, moment: ReplayMoment): ReplayState => ({
  ...reanchor(state, moment),
  running: true
})

export const pause = (state: ReplayState, moment: ReplayMoment): ReplayState => ({
  ...reanchor(state, moment),
  running: false
})

export const setSpeed = (
  state: ReplayState,
  moment: ReplayMoment,
  speed: number
): Result.Result<ReplayState, ClockRefused> =>
  speed >= MINIMUM_SPEED && speed <= MAXIMUM_SPEED
    ? Result.succeed({ ...reanchor(state, moment), speed })
    : Result.fail(
        new ClockRefused({
          message: `the speed must be between ${MINIMUM_SPEED} and ${MAXIMUM_SPEED} market seconds a second, not ${speed}`
        })
      )

const targetOf = (now: Timestamp, step: ClockStep): number => {
  switch (step._tag) {
    case "By":
      return now + step.micros
    case "ToOpen":
      return phaseAt(now).nextOpen
    case "ToClose":
      return phaseAt(now).nextClose
    case "To":
      return step.at
  }
}

/** Moves the clock forward, at most to the replay's last instant; running or paused it stays as it was. */
export const step = (
  state: ReplayState,
  moment: ReplayMoment,
  by: ClockStep
): Result.Result<ReplayState, ClockRefused> => {
  const here = reanchor(state, moment)
  const now = here.anchorMarket
  if (now >= moment.until) {
    return Result.fail(
      new ClockRefused({ message: "the replay has reached its last instant: there is nothing to step to" })
    )
  }
  const target = targetOf(now, by)
  return Number.isSafeInteger(target) && target > now
    ? Result.succeed({ ...here, anchorMarket: timestamp(Math.min(target, moment.until)) })
    : Result.fail(new ClockRefused({ message: "market time only goes forward: step to a later instant" }))
}
