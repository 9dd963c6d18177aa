/**
 * When a strategy is asked within a session. Pure, and of the calendar alone:
 * the points are the same whatever the market does, so a run that stops and
 * goes on meets the same ones.
 */
import type { Resolution } from "../domain/Quote.ts"
import { MICROS_PER_MINUTE, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { previousSession, type Session } from "../market/TradingCalendar.ts"
import type { Scheduled, Strategy, TimeOfDay } from "./Strategy.ts"

/** One moment at which a strategy is asked. Of what falls together, fills come first, then bars, then the schedule in its order. */
export interface DecisionPoint {
  readonly ts: Timestamp
  /** A bar of the strategy's resolution ends here. */
  readonly bar: boolean
  readonly scheduled: ReadonlyArray<Scheduled>
}

const minutesOf: Readonly<Record<Resolution, number>> = { "1m": 1, "5m": 5, "1h": 60, "1d": Infinity }

const timeOf = ({ _tag, minutes }: TimeOfDay, { close, open }: Session): number =>
  _tag === "AfterOpen" ? open + minutes * MICROS_PER_MINUTE : close - minutes * MICROS_PER_MINUTE

/** Whether a session is the first of its week (from Monday on) or month. */
const isFirstOf = (on: Scheduled["on"], session: Session): boolean => {
  if (on === "session") return true
  const before = previousSession(session.date)
  if (on === "month") return before.date.slice(0, 7) !== session.date.slice(0, 7)
  const day = (at: Timestamp): number => Math.floor(at / (24 * 60 * MICROS_PER_MINUTE))
  // 1970-01-01 was a Thursday: weeks begin four days later.
  const week = (at: Timestamp): number => Math.floor((day(at) + 3) / 7)
  return week(before.open) !== week(session.open)
}

/** The ends of its bars, on the exchange's clock: hours end at full hours, the last bar with the session. */
const barEnds = (resolution: Resolution, { close, open }: Session): ReadonlyArray<number> => {
  const step = minutesOf[resolution] * MICROS_PER_MINUTE
  const ends: Array<number> = []
  for (let end = Math.floor(open / step) * step + step; end < close; end += step) ends.push(end)
  return [...ends, close]
}

/** The points of a session, ascending; the last is its close. */
export const pointsOf = (
  { onFill, resolution = "1d", schedule = [] }: Pick<Strategy, "resolution" | "schedule" | "onFill">,
  session: Session
): ReadonlyArray<DecisionPoint> => {
  const ends = new Set(resolution === "1d" ? [session.close] : barEnds(resolution, session))
  const due = schedule
    .filter(({ on }) => isFirstOf(on, session))
    .map((scheduled) => ({ scheduled, at: timeOf(scheduled.at, session) }))
    .filter(({ at }) => at >= session.open && at <= session.close)
  const moments = new Set([
    ...ends,
    ...due.map(({ at }) => at),
    ...(onFill === undefined ? [] : [session.open])
  ])
  return [...moments]
    .toSorted((a, b) => a - b)
    .map((ts) => ({
      ts: timestamp(ts),
      bar: ends.has(ts),
      scheduled: due.filter(({ at }) => at === ts).map(({ scheduled }) => scheduled)
    }))
}
