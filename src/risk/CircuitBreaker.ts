/**
 * Watches equity on every mark, unrealised profit included, and says when too
 * much is lost.
 *
 * A day's loss at its limit leaves only reducing orders until the next
 * session's open; a drawdown at its limit until a person, or a run's resume
 * policy, resumes. Everything is in market time and on integers.
 *
 * An equity that cannot be measured (a price is missing) neither trips nor
 * raises the peak: as long as it is missing the rules deny every order that is
 * not reducing, which is all a trip would do.
 */
import { Schema } from "effect"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { Money, money } from "../domain/Money.ts"
import { SessionDate } from "../domain/Timestamp.ts"
import type { TradingState } from "../domain/TradingState.ts"
import { dailyLoss, drawdown } from "./LossMeasures.ts"
import type { RiskLimits } from "./RiskLimits.ts"
import {
  causesAfter,
  lapseDailyLoss,
  type Moment,
  noCauses,
  stateOf,
  type StateChange,
  TradingCauses,
  trip
} from "./TradingStateMachine.ts"

/**
 * What the breaker remembers: the fold of the journal's events. Between them
 * the peak rises at marks, which `SessionClosed` then carries; the highest
 * equity of a session under way is kept beside the paper venue's state.
 */
export const BreakerState = Schema.Struct({
  /** The session under way, or the last one; absent before the first. */
  sessionDate: Schema.optionalKey(SessionDate),
  /** Equity at the prior close; before the first session what was deposited. */
  priorCloseEquity: Money,
  /** Deposits less withdrawals since the prior close. */
  netFlows: Money,
  /** Highest equity, raised by deposits and lowered by withdrawals. */
  peakEquity: Money,
  causes: TradingCauses,
  /** Sessions opened since the drawdown tripped; zero when it has not. */
  sessionsSinceDrawdown: Schema.Int
})
export type BreakerState = typeof BreakerState.Type

export const initialBreaker: BreakerState = {
  priorCloseEquity: money(0),
  netFlows: money(0),
  peakEquity: money(0),
  causes: noCauses,
  sessionsSinceDrawdown: 0
}

export const tradingStateOf = (state: BreakerState): TradingState => stateOf(state.causes)

/** A deposit (positive) or a withdrawal: no profit and no loss. */
const flow = (state: BreakerState, amount: number): BreakerState => {
  const peakEquity = money(Math.max(0, state.peakEquity + amount))
  // With nothing at the prior close there is no day's result to keep apart: the money is the baseline.
  return state.sessionDate === undefined || state.priorCloseEquity === 0
    ? { ...state, peakEquity, priorCloseEquity: money(state.priorCloseEquity + amount) }
    : { ...state, peakEquity, netFlows: money(state.netFlows + amount) }
}

const sessionOpened = (
  state: BreakerState,
  event: Extract<JournalEvent, { readonly _tag: "SessionOpened" }>
): BreakerState => ({
  ...state,
  sessionDate: event.date,
  priorCloseEquity:
    state.sessionDate === undefined && event.priorCloseEquity === 0
      ? state.priorCloseEquity
      : event.priorCloseEquity,
  sessionsSinceDrawdown: state.causes.drawdown ? state.sessionsSinceDrawdown + 1 : 0
})

/**
 * Takes a journaled event into account; the same state for events that do not
 * concern it. `SessionOpened.priorCloseEquity` is the equity at the prior
 * close, without what was deposited since.
 */
export const applyEvent = (state: BreakerState, event: JournalEvent): BreakerState => {
  switch (event._tag) {
    case "AccountOpened":
      return initialBreaker
    case "CashDeposited":
      return flow(state, event.amount)
    case "CashWithdrawn":
      return flow(state, 0 - event.amount)
    case "SessionOpened":
      return sessionOpened(state, event)
    case "SessionClosed":
      return {
        ...state,
        priorCloseEquity: event.equity,
        netFlows: money(0),
        // The event says what the marks of the session raised it to.
        peakEquity: money(Math.max(state.peakEquity, event.peakEquity))
      }
    case "TradingStateChanged": {
      const causes = causesAfter(state.causes, event.cause)
      const tripped = causes.drawdown && !state.causes.drawdown
      return {
        ...state,
        causes,
        sessionsSinceDrawdown: tripped || !causes.drawdown ? 0 : state.sessionsSinceDrawdown
      }
    }
    case "PeakReset":
      return { ...state, peakEquity: event.equity }
    default:
      return state
  }
}

/** A state, and the events to journal for it; the state has them applied, and applying them again changes nothing. */
export interface Marked {
  readonly state: BreakerState
  readonly events: ReadonlyArray<StateChange>
}

const none: ReadonlyArray<StateChange> = []

/** Wider than any rounding of the float arithmetic below, in micros. */
const SCREEN_MARGIN_MICROS = 64

/** True only when no loss can be at its limit: a float look that spares the exact one on nearly every mark. */
const isFarFromLimits = (state: BreakerState, equity: number, peak: number, limits: RiskLimits): boolean =>
  equity - SCREEN_MARGIN_MICROS > peak * (1 - limits.drawdownRatio) &&
  equity - SCREEN_MARGIN_MICROS > state.priorCloseEquity * (1 - limits.dailyLossRatio) + state.netFlows

/**
 * True only when no mark can trip at which equity is `lowest` or more and its
 * peak `peak` or less: each loss is far from its limit, or has tripped already.
 */
export const cannotTrip = (
  { causes, netFlows, priorCloseEquity }: BreakerState,
  { dailyLossRatio, drawdownRatio }: RiskLimits,
  lowest: number,
  peak: number
): boolean => {
  const least = lowest - SCREEN_MARGIN_MICROS
  return (
    (causes.drawdown || least > peak * (1 - drawdownRatio)) &&
    (causes.dailyLoss || least > priorCloseEquity * (1 - dailyLossRatio) + netFlows)
  )
}

const trips = (state: BreakerState, limits: RiskLimits, mark: Moment): Marked => {
  const events: Array<StateChange> = []
  let next = state
  const { netFlows, peakEquity, priorCloseEquity } = state
  if (!state.causes.dailyLoss && priorCloseEquity > 0) {
    const loss = dailyLoss(mark.equity, priorCloseEquity, netFlows, limits.dailyLossRatio)
    if (loss.reached) {
      const event = trip(next.causes, "daily-loss", loss, mark)
      events.push(event)
      next = applyEvent(next, event)
    }
  }
  if (!state.causes.drawdown && peakEquity > 0) {
    const loss = drawdown(mark.equity, peakEquity, limits.drawdownRatio)
    if (loss.reached) {
      const event = trip(next.causes, "drawdown", loss, mark)
      events.push(event)
      next = applyEvent(next, event)
    }
  }
  return { state: next, events: events.length === 0 ? none : events }
}

/**
 * Looks at one mark: raises the peak (the state given holds the effective one), and trips for each loss that is at its
 * limit or beyond and has not tripped already (daily loss first). Cheap enough
 * for every mark of a run.
 */
export const onMark = (state: BreakerState, limits: RiskLimits, mark: Moment): Marked => {
  const { equity } = mark
  if (!Number.isSafeInteger(equity)) return { state, events: none }
  const peak = equity > state.peakEquity ? equity : state.peakEquity
  const risen = peak === state.peakEquity ? state : { ...state, peakEquity: peak }
  if (isFarFromLimits(state, equity, peak, limits)) return { state: risen, events: none }
  return trips(risen, limits, mark)
}

/** To be called once `SessionOpened` has been applied: a day's loss lapses. */
export const onSessionOpen = (state: BreakerState, at: Moment): Marked => {
  const events = lapseDailyLoss(state.causes, at)
  return { state: events.reduce(applyEvent, state), events }
}
