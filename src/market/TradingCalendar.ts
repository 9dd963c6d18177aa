/**
 * Sessions of the New York Stock Exchange (XNYS), 1998-01-01 to 2035-12-31.
 *
 * The only place that knows sessions, holidays, early closes and daylight
 * saving. Everything follows from rules in code; what no rule gives (days of
 * mourning, storms, attacks) is listed. Source: the exchange's published
 * holidays and its list of special closings. Left out on purpose: openings
 * delayed by a minute or two for a silence, and halts nobody had announced
 * (2005-06-01 15:56), for bars of those days cover the usual hours.
 *
 * Dates and instants outside the calendar have no answer: functions throw
 * `OutsideCalendar`, which inside the program is a defect, because values are
 * checked where they enter: `checkDate`, `checkInstant` give it as a value, and
 * `MarketClock` never shows a time outside.
 */
import { Option, Result } from "effect"
import { dayOfDate, type SessionDate, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import {
  covers,
  coversDate,
  exchangeDate,
  FIRST_DAY,
  LAST_DAY,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  offsetAt,
  type OutsideCalendar,
  outsideDate,
  outsideInstant,
  type Session,
  sessionOfDay,
  whyClosedOn
} from "./TradingDays.ts"

export {
  exchangeDate,
  exchangeTimeOfDay,
  firstDate,
  lastDate,
  OutsideCalendar,
  type Session,
  toExchangeTime
} from "./TradingDays.ts"

interface Tables {
  readonly sessions: ReadonlyArray<Session>
  /** By day from 1998-01-01: how many sessions lie before it. */
  readonly before: Int32Array
}

const build = (): Tables => {
  const sessions: Array<Session> = []
  const before = new Int32Array(LAST_DAY - FIRST_DAY + 2)
  for (let d = FIRST_DAY; d <= LAST_DAY; d++) {
    before[d - FIRST_DAY] = sessions.length
    const session = sessionOfDay(d)
    if (session !== undefined) sessions.push(session)
  }
  before[LAST_DAY + 1 - FIRST_DAY] = sessions.length
  return { sessions, before }
}

let built: Tables | undefined
const tables = (): Tables => (built ??= build())

/** The date itself when it exists and the calendar covers it. */
export const checkDate = (date: SessionDate): Result.Result<SessionDate, OutsideCalendar> =>
  coversDate(date) ? Result.succeed(date) : Result.fail(outsideDate(date))

/** The instant itself when the calendar covers it. */
export const checkInstant = (at: Timestamp): Result.Result<Timestamp, OutsideCalendar> =>
  covers(at) ? Result.succeed(at) : Result.fail(outsideInstant(at))

const coveredDay = (date: SessionDate): number => {
  const d = dayOfDate(date)
  if (!(d >= FIRST_DAY && d <= LAST_DAY)) throw outsideDate(date)
  return d
}

/** How many sessions lie before the day; up to one day past the calendar's end. */
const sessionsBefore = (d: number): number => tables().before[d - FIRST_DAY] ?? 0

const sessionNumber = (index: number, sought: string): Session => {
  const found = tables().sessions[index]
  if (found === undefined) throw outsideDate(sought)
  return found
}

/** True when the exchange trades on that date. Throws `OutsideCalendar`. */
export const isSession = (date: SessionDate): boolean => {
  const d = coveredDay(date)
  return sessionsBefore(d + 1) > sessionsBefore(d)
}

/** The session of that date; none when the exchange is closed. Throws `OutsideCalendar`. */
export const session = (date: SessionDate): Option.Option<Session> =>
  isSession(date) ? Option.some(sessionNumber(sessionsBefore(coveredDay(date)), date)) : Option.none()

/** Why there is no session on that date ("Saturday", "Good Friday", …); none when there is one. Throws `OutsideCalendar`. */
export const whyClosed = (date: SessionDate): Option.Option<string> =>
  Option.fromUndefinedOr(whyClosedOn(coveredDay(date)))

/** The first session after that date. Throws `OutsideCalendar`, also when it would lie past the calendar's end. */
export const nextSession = (date: SessionDate): Session =>
  sessionNumber(sessionsBefore(coveredDay(date) + 1), `the session after ${date}`)

/** The last session before that date. Throws `OutsideCalendar`, also when it would lie before the calendar's beginning. */
export const previousSession = (date: SessionDate): Session =>
  sessionNumber(sessionsBefore(coveredDay(date)) - 1, `the session before ${date}`)

/** The sessions from `from` to `to`, both included, in order; empty when `to` is earlier. Throws `OutsideCalendar`. */
export const sessionsBetween = (from: SessionDate, to: SessionDate): ReadonlyArray<Session> =>
  tables().sessions.slice(sessionsBefore(coveredDay(from)), sessionsBefore(coveredDay(to) + 1))

/**
 * The instant when New York's clock shows `microsOfDay` on that date. Of an
 * hour that comes twice (autumn) the first; one that is skipped (spring)
 * counts on from 02:00 standard time. Throws `OutsideCalendar`.
 */
export const fromExchangeTime = (date: SessionDate, microsOfDay: number): Timestamp => {
  const local = coveredDay(date) * MICROS_PER_DAY + microsOfDay
  const summer = timestamp(local + 4 * MICROS_PER_HOUR)
  return covers(summer) && offsetAt(summer) === -4 * MICROS_PER_HOUR
    ? summer
    : timestamp(local + 5 * MICROS_PER_HOUR)
}

/** The session whose regular hours [open, close) contain the instant. Throws `OutsideCalendar`. */
export const sessionAt = (at: Timestamp): Option.Option<Session> =>
  Option.filter(session(exchangeDate(at)), (s) => at >= s.open && at < s.close)

export interface MarketPhase {
  readonly phase: "open" | "closed"
  /** Strictly after the instant. */
  readonly nextOpen: Timestamp
  /** Strictly after the instant. */
  readonly nextClose: Timestamp
}

/** Whether the exchange trades at that instant, and when it next opens and closes. Throws `OutsideCalendar`. */
export const phaseAt = (at: Timestamp): MarketPhase => {
  const date = exchangeDate(at)
  const today = session(date)
  if (Option.isNone(today) || at >= today.value.close) {
    const next = nextSession(date)
    return { phase: "closed", nextOpen: next.open, nextClose: next.close }
  }
  if (at < today.value.open) {
    return { phase: "closed", nextOpen: today.value.open, nextClose: today.value.close }
  }
  return { phase: "open", nextOpen: nextSession(date).open, nextClose: today.value.close }
}

/** The last session that has opened at or before the instant. Throws `OutsideCalendar`. */
export const latestSession = (at: Timestamp): Session => {
  const date = exchangeDate(at)
  return Option.getOrElse(
    Option.filter(session(date), (s) => at >= s.open),
    () => previousSession(date)
  )
}
