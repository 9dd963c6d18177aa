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
import { Option, Result, Schema } from "effect"
import {
  dateOfDay,
  dayOfDate,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type SessionDate,
  sessionDate,
  type Timestamp,
  timestamp
} from "../domain/Timestamp.ts"

/** The date or instant lies outside the years the calendar's rules hold for. */
export class OutsideCalendar extends Schema.TaggedError<OutsideCalendar>()("OutsideCalendar", {
  message: Schema.String
}) {}

/** One trading day. */
export interface Session {
  readonly date: SessionDate
  /** First instant of regular hours. */
  readonly open: Timestamp
  /** First instant after regular hours; a session is the half-open [open, close). */
  readonly close: Timestamp
  /** Closes before 16:00. */
  readonly earlyClose: boolean
}

export const firstDate: SessionDate = sessionDate("1998-01-01")
export const lastDate: SessionDate = sessionDate("2035-12-31")

const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE
const MICROS_PER_DAY = 24 * MICROS_PER_HOUR
const FIRST_YEAR = 1998
const LAST_YEAR = 2035

const REGULAR_OPEN = 9.5 * MICROS_PER_HOUR
const REGULAR_CLOSE = 16 * MICROS_PER_HOUR
const EARLY_CLOSE = 13 * MICROS_PER_HOUR

/** Closed although no rule says so. */
const specialClosures: ReadonlyArray<readonly [date: string, why: string]> = [
  ["2001-09-11", "attacks of September 11"],
  ["2001-09-12", "attacks of September 11"],
  ["2001-09-13", "attacks of September 11"],
  ["2001-09-14", "attacks of September 11"],
  ["2004-06-11", "day of mourning for President Reagan"],
  ["2007-01-02", "day of mourning for President Ford"],
  ["2012-10-29", "Hurricane Sandy"],
  ["2012-10-30", "Hurricane Sandy"],
  ["2018-12-05", "day of mourning for President George H. W. Bush"],
  ["2025-01-09", "day of mourning for President Carter"]
]

/** Opened late: on the first anniversary of the attacks trading began at noon. */
const lateOpenings: ReadonlyArray<readonly [date: string, open: number]> = [
  ["2002-09-11", 12 * MICROS_PER_HOUR]
]

const day = (year: number, month: number, dayOfMonth: number): number =>
  dayOfDate(sessionDate(`${year}-${String(month).padStart(2, "0")}-${String(dayOfMonth).padStart(2, "0")}`))

/** 0 Sunday … 6 Saturday; 1970-01-01 was a Thursday. */
const weekday = (d: number): number => (((d + 4) % 7) + 7) % 7
const SUNDAY = 0
const MONDAY = 1
const WEDNESDAY = 3
const THURSDAY = 4
const SATURDAY = 6

/** The nth such weekday of a month, counted from 1. */
const nthWeekday = (year: number, month: number, wanted: number, n: number): number => {
  const first = day(year, month, 1)
  return first + ((wanted - weekday(first) + 7) % 7) + 7 * (n - 1)
}

/** The last such weekday of a month that has 31 days. */
const lastWeekdayOf31 = (year: number, month: number, wanted: number): number => {
  const last = day(year, month, 31)
  return last - ((weekday(last) - wanted + 7) % 7)
}

/** Easter Sunday of the Gregorian calendar ("Anonymous Gregorian algorithm", Meeus, Astronomical Algorithms, ch. 8). */
const easterSunday = (year: number): number => {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = Math.floor(b / 4)
  const e = b % 4
  const f = Math.floor((b + 8) / 25)
  const g = Math.floor((b - f + 1) / 3)
  const h = (19 * a + b - d - g + 15) % 30
  const i = Math.floor(c / 4)
  const k = c % 4
  const l = (32 + 2 * e + 2 * i - h - k) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const month = Math.floor((h + l - 7 * m + 114) / 31)
  return day(year, month, ((h + l - 7 * m + 114) % 31) + 1)
}

/** A Saturday's holiday is kept on Friday, a Sunday's on Monday. */
const observed = (d: number): number => (weekday(d) === SATURDAY ? d - 1 : weekday(d) === SUNDAY ? d + 1 : d)

const holidaysOf = (year: number): ReadonlyArray<readonly [day: number, name: string]> => {
  const newYear = day(year, 1, 1)
  const thanksgiving = nthWeekday(year, 11, THURSDAY, 4)
  const holidays: Array<readonly [number, string]> = [
    // On a Saturday it is not kept: the Friday before ends the books' month and year.
    [weekday(newYear) === SUNDAY ? newYear + 1 : newYear, "New Year's Day"],
    [nthWeekday(year, 1, MONDAY, 3), "Martin Luther King Jr. Day"],
    [nthWeekday(year, 2, MONDAY, 3), "Washington's Birthday"],
    [easterSunday(year) - 2, "Good Friday"],
    [lastWeekdayOf31(year, 5, MONDAY), "Memorial Day"],
    [observed(day(year, 7, 4)), "Independence Day"],
    [nthWeekday(year, 9, MONDAY, 1), "Labor Day"],
    [thanksgiving, "Thanksgiving Day"],
    [observed(day(year, 12, 25)), "Christmas Day"]
  ]
  if (year >= 2022) holidays.push([observed(day(year, 6, 19)), "Juneteenth"])
  return holidays
}

/** Days that end at 13:00, holidays among them not yet taken out. */
const earlyClosesOf = (year: number): ReadonlyArray<number> => {
  const days = [nthWeekday(year, 11, THURSDAY, 4) + 1]
  const christmasEve = day(year, 12, 24)
  if (weekday(christmasEve) >= MONDAY && weekday(christmasEve) <= THURSDAY) days.push(christmasEve)
  const july3 = day(year, 7, 3)
  const eve = weekday(july3)
  if (eve >= MONDAY && eve <= THURSDAY) {
    // With the Fourth on a Thursday, the Friday after was the short day until 2012, since 2013 the Wednesday before.
    days.push(eve === WEDNESDAY && year < 2013 ? july3 + 2 : july3)
  }
  // The only other one of these years: the Friday after Christmas.
  if (year === 2003) days.push(day(year, 12, 26))
  return days
}

/** UTC instants when daylight saving begins and ends: at 02:00 local time, 07:00Z and 06:00Z. */
const daylightSavingOf = (year: number): readonly [begins: number, ends: number] => {
  const [begins, ends] =
    year < 2007
      ? [nthWeekday(year, 4, SUNDAY, 1), lastWeekdayOf31(year, 10, SUNDAY)]
      : [nthWeekday(year, 3, SUNDAY, 2), nthWeekday(year, 11, SUNDAY, 1)]
  return [begins * MICROS_PER_DAY + 7 * MICROS_PER_HOUR, ends * MICROS_PER_DAY + 6 * MICROS_PER_HOUR]
}

interface Tables {
  /** By year from 1998: when daylight saving begins and ends. */
  readonly daylightSaving: ReadonlyArray<readonly [begins: number, ends: number]>
  readonly sessions: ReadonlyArray<Session>
  /** By day from 1998-01-01: how many sessions lie before it. */
  readonly before: Int32Array
  readonly holidays: ReadonlyMap<number, string>
}

const FIRST_DAY = day(FIRST_YEAR, 1, 1)
const LAST_DAY = day(LAST_YEAR, 12, 31)
/** Midnight in New York (always standard time on 1 January). */
const FIRST_INSTANT = FIRST_DAY * MICROS_PER_DAY + 5 * MICROS_PER_HOUR
const END_INSTANT = (LAST_DAY + 1) * MICROS_PER_DAY + 5 * MICROS_PER_HOUR

const build = (): Tables => {
  const daylightSaving: Array<readonly [number, number]> = []
  const holidays = new Map<number, string>()
  const early = new Set<number>()
  for (let year = FIRST_YEAR; year <= LAST_YEAR; year++) {
    daylightSaving.push(daylightSavingOf(year))
    for (const [d, name] of holidaysOf(year)) holidays.set(d, name)
    for (const d of earlyClosesOf(year)) early.add(d)
  }
  for (const [date, why] of specialClosures) holidays.set(dayOfDate(sessionDate(date)), why)
  const late = new Map(lateOpenings.map(([date, open]) => [dayOfDate(sessionDate(date)), open]))

  const sessions: Array<Session> = []
  const before = new Int32Array(LAST_DAY - FIRST_DAY + 2)
  for (let d = FIRST_DAY; d <= LAST_DAY; d++) {
    before[d - FIRST_DAY] = sessions.length
    const w = weekday(d)
    if (w === SUNDAY || w === SATURDAY || holidays.has(d)) continue
    const date = dateOfDay(d)
    const year = Number(date.slice(0, 4))
    const saving = daylightSaving[year - FIRST_YEAR]
    // No session begins or ends on a Sunday, when the clocks change, so noon's offset holds all day.
    const noon = d * MICROS_PER_DAY + 17 * MICROS_PER_HOUR
    const isSummer = saving !== undefined && noon >= saving[0] && noon < saving[1]
    const midnight = d * MICROS_PER_DAY + (isSummer ? 4 : 5) * MICROS_PER_HOUR
    const earlyClose = early.has(d)
    sessions.push({
      date,
      open: timestamp(midnight + (late.get(d) ?? REGULAR_OPEN)),
      close: timestamp(midnight + (earlyClose ? EARLY_CLOSE : REGULAR_CLOSE)),
      earlyClose
    })
  }
  before[LAST_DAY + 1 - FIRST_DAY] = sessions.length
  return { daylightSaving, sessions, before, holidays }
}

let built: Tables | undefined
const tables = (): Tables => (built ??= build())

const outsideDate = (date: string): OutsideCalendar =>
  new OutsideCalendar({
    message: `${date} is outside the trading calendar, which holds from ${firstDate} to ${lastDate}`
  })

const outsideInstant = (at: number): OutsideCalendar =>
  new OutsideCalendar({
    message: `${at} µs since 1970 UTC is outside the trading calendar, which holds from ${firstDate} to ${lastDate} in New York`
  })

const isCivil = (date: SessionDate, d: number): boolean =>
  d >= FIRST_DAY && d <= LAST_DAY && dateOfDay(d) === date

/** The date itself when it exists and the calendar covers it. */
export const checkDate = (date: SessionDate): Result.Result<SessionDate, OutsideCalendar> =>
  isCivil(date, dayOfDate(date)) ? Result.succeed(date) : Result.fail(outsideDate(date))

/** The instant itself when the calendar covers it. */
export const checkInstant = (at: Timestamp): Result.Result<Timestamp, OutsideCalendar> =>
  at >= FIRST_INSTANT && at < END_INSTANT ? Result.succeed(at) : Result.fail(outsideInstant(at))

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
export const whyClosed = (date: SessionDate): Option.Option<string> => {
  const d = coveredDay(date)
  const w = weekday(d)
  if (w === SATURDAY) return Option.some("Saturday")
  if (w === SUNDAY) return Option.some("Sunday")
  return Option.fromUndefinedOr(tables().holidays.get(d))
}

/** The first session after that date. Throws `OutsideCalendar`, also when it would lie past the calendar's end. */
export const nextSession = (date: SessionDate): Session =>
  sessionNumber(sessionsBefore(coveredDay(date) + 1), `the session after ${date}`)

/** The last session before that date. Throws `OutsideCalendar`, also when it would lie before the calendar's beginning. */
export const previousSession = (date: SessionDate): Session =>
  sessionNumber(sessionsBefore(coveredDay(date)) - 1, `the session before ${date}`)

/** The sessions from `from` to `to`, both included, in order; empty when `to` is earlier. Throws `OutsideCalendar`. */
export const sessionsBetween = (from: SessionDate, to: SessionDate): ReadonlyArray<Session> =>
  tables().sessions.slice(sessionsBefore(coveredDay(from)), sessionsBefore(coveredDay(to) + 1))

/** Exchange time minus UTC, in micros. */
const offsetAt = (at: Timestamp): number => {
  if (!(at >= FIRST_INSTANT && at < END_INSTANT)) throw outsideInstant(at)
  // A year is taken to be 365.2425 days: near New Year it may be the neighbour's, whose winter is the same.
  const year = Math.floor((at - FIRST_INSTANT) / (365.2425 * MICROS_PER_DAY))
  const saving = tables().daylightSaving[Math.min(year, LAST_YEAR - FIRST_YEAR)]
  const isSummer = saving !== undefined && at >= saving[0] && at < saving[1]
  return (isSummer ? -4 : -5) * MICROS_PER_HOUR
}

/** The civil date in New York at that instant. Throws `OutsideCalendar`. */
export const exchangeDate = (at: Timestamp): SessionDate =>
  dateOfDay(Math.floor((at + offsetAt(at)) / MICROS_PER_DAY))

/** Micros since midnight on New York's clock at that instant. Throws `OutsideCalendar`. */
export const exchangeTimeOfDay = (at: Timestamp): number => {
  const local = at + offsetAt(at)
  return local - Math.floor(local / MICROS_PER_DAY) * MICROS_PER_DAY
}

/**
 * The instant when New York's clock shows `microsOfDay` on that date. Of an
 * hour that comes twice (autumn) the first; one that is skipped (spring)
 * counts on from 02:00 standard time. Throws `OutsideCalendar`.
 */
export const fromExchangeTime = (date: SessionDate, microsOfDay: number): Timestamp => {
  const local = coveredDay(date) * MICROS_PER_DAY + microsOfDay
  const summer = timestamp(local + 4 * MICROS_PER_HOUR)
  return summer >= FIRST_INSTANT && summer < END_INSTANT && offsetAt(summer) === -4 * MICROS_PER_HOUR
    ? summer
    : timestamp(local + 5 * MICROS_PER_HOUR)
}

/** The instant as people in New York read it: "2004-06-10 16:00 EDT", with seconds only when there are any. */
export const toExchangeTime = (at: Timestamp): string => {
  const seconds = Math.floor(exchangeTimeOfDay(at) / MICROS_PER_SECOND)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (seconds % 60 !== 0) parts.push(seconds % 60)
  const clock = parts.map((part) => String(part).padStart(2, "0")).join(":")
  return `${exchangeDate(at)} ${clock} ${offsetAt(at) === -4 * MICROS_PER_HOUR ? "EDT" : "EST"}`
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
