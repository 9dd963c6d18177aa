/**
 * Who may move the desk between Active, Reducing and Halted.
 *
 * Several causes can hold at once, so the causes are what is kept, and the
 * state follows from them. They change only by `TradingStateChanged` events,
 * which carry the state that follows: an event whose `from` equals its `to`
 * adds or removes one cause beside another that still holds.
 */
import { Result, Schema } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { JournalEventOf } from "../domain/JournalEvent.ts"
import type { Money } from "../domain/Money.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { TradingState, type TradingStateCause } from "../domain/TradingState.ts"
import type { LossMeasure } from "./LossMeasures.ts"
import type { ResumePolicy } from "./ResumePolicy.ts"

/** What holds trading back now. */
export const TradingCauses = Schema.Struct({
  dailyLoss: Schema.Boolean,
  drawdown: Schema.Boolean,
  killSwitch: Schema.Boolean
})
export type TradingCauses = typeof TradingCauses.Type

export const noCauses: TradingCauses = { dailyLoss: false, drawdown: false, killSwitch: false }

/** A change cannot be made by this actor, or there is nothing to change. */
export class ResumeRefused extends Schema.TaggedError<ResumeRefused>()("ResumeRefused", {
  state: TradingState,
  message: Schema.String
}) {}

/** When a change happens, and the account's equity then. */
export interface Moment {
  readonly ts: Timestamp
  readonly equity: Money
}

export type StateChange = JournalEventOf<"TradingStateChanged">
export type ResumeEvent = StateChange | JournalEventOf<"PeakReset">

/** The kill switch halts; a loss reduces; otherwise trading is active. */
export const stateOf = ({ dailyLoss, drawdown, killSwitch }: TradingCauses): TradingState =>
  killSwitch ? "Halted" : dailyLoss || drawdown ? "Reducing" : "Active"

/** The causes after an event of this cause. */
export const causesAfter = (causes: TradingCauses, cause: TradingStateCause): TradingCauses => {
  switch (cause) {
    case "opened":
      return noCauses
    case "daily-loss":
      return { ...causes, dailyLoss: true }
    case "drawdown":
      return { ...causes, drawdown: true }
    case "kill-switch":
      return { ...causes, killSwitch: true }
    case "session-open":
      return { ...causes, dailyLoss: false }
    // A day's loss stands until the next session whoever resumes; else the next mark would trip it again.
    case "resumed":
      return { ...causes, drawdown: false, killSwitch: false }
    case "resume-policy":
      return { ...causes, drawdown: false }
  }
}

const change = (
  causes: TradingCauses,
  cause: TradingStateCause,
  reason: string,
  at: Moment
): StateChange => ({
  _tag: "TradingStateChanged",
  tsEvent: at.ts,
  from: stateOf(causes),
  to: stateOf(causesAfter(causes, cause)),
  cause,
  reason,
  equity: at.equity
})

/** The breaker found a loss at its limit. */
export const trip = (
  causes: TradingCauses,
  cause: "daily-loss" | "drawdown",
  { limit, value }: LossMeasure,
  at: Moment
): StateChange => ({
  ...change(
    causes,
    cause,
    cause === "daily-loss" ? "the day's loss reached its limit" : "the drawdown reached its limit",
    at
  ),
  value,
  limit
})

/** Anyone may halt, an agent too; and again while the kill switch holds. */
export const halt = (causes: TradingCauses, reason: string, at: Moment): StateChange =>
  change(causes, "kill-switch", reason === "" ? "no reason given" : reason, at)

const resumeProblem = (
  causes: TradingCauses,
  actor: Actor,
  reason: string,
  equity: number
): string | undefined => {
  if (actor.kind !== "person")
    return `only a person can resume trading, and ${actor.name} is none (${actor.kind})`
  if (reason.trim() === "") return "resuming needs a reason: say why it is safe to go on"
  if (!Number.isSafeInteger(equity)) {
    return "equity cannot be measured, and with it the new peak: wait until every position has a price"
  }
  if (causes.killSwitch || causes.drawdown) return undefined
  return causes.dailyLoss
    ? "the day's loss stands until the next session's open, where it lapses by itself"
    : "trading is active: there is nothing to resume"
}

/**
 * A person lifts the kill switch and a drawdown, and the drawdown is measured
 * from the equity then. A day's loss stays: if it holds too, trading is
 * reducing afterwards until the next session's open.
 */
export const resume = (
  causes: TradingCauses,
  actor: Actor,
  reason: string,
  at: Moment
): Result.Result<ReadonlyArray<ResumeEvent>, ResumeRefused> => {
  const problem = resumeProblem(causes, actor, reason, at.equity)
  if (problem !== undefined) {
    const state = stateOf(causes)
    return Result.fail(
      new ResumeRefused({ state, message: `Trading stays ${state.toLowerCase()}: ${problem}.` })
    )
  }
  return Result.succeed(resumed(causes, "resumed", reason, at))
}

const resumed = (
  causes: TradingCauses,
  cause: "resumed" | "resume-policy",
  reason: string,
  at: Moment
): ReadonlyArray<ResumeEvent> => [
  change(causes, cause, reason, at),
  { _tag: "PeakReset", tsEvent: at.ts, equity: at.equity, reason }
]

/**
 * A day's loss lapses at the next session's open. Nothing when none holds, or
 * while equity cannot be measured: then it holds until the open after.
 */
export const lapseDailyLoss = (causes: TradingCauses, at: Moment): ReadonlyArray<StateChange> =>
  causes.dailyLoss && Number.isSafeInteger(at.equity)
    ? [change(causes, "session-open", "the day's loss lapsed at the session's open", at)]
    : []

/**
 * A run's standing instruction lifts a drawdown, at a session's open, once
 * enough sessions have opened since. Never past the kill switch, and not while
 * equity cannot be measured.
 */
export const resumeByPolicy = (
  causes: TradingCauses,
  policy: ResumePolicy,
  sessionsSinceDrawdown: number,
  at: Moment
): ReadonlyArray<ResumeEvent> => {
  if (policy._tag === "Never" || !causes.drawdown || causes.killSwitch) return []
  if (!(sessionsSinceDrawdown >= policy.count) || !Number.isSafeInteger(at.equity)) return []
  return resumed(causes, "resume-policy", `${policy.count} sessions since the drawdown`, at)
}
