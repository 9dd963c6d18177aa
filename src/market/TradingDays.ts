/**
 * The New York Stock Exchange's days by their rules, one at a time.
 *
 * `TradingCalendar` has the questions that programs ask, answered from tables
 * of all its sessions. Making those takes longer than a hook may run: what one
 * day's rules can answer stands here, and the tables are made of it.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
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
export class OutsideCalendar extends RangeError {
  readonly _tag = "OutsideCalendar" as const
}

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

export const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE
export const MICROS_PER_DAY = 24 * MICROS_PER_HOUR
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
export const weekday = (d: number): number => (((d + 4) % 7) + 7) % 7
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

/** What the rules say of one year. */
interface YearRules {
  /** UTC instants when daylight saving begins and ends. */
  readonly daylightSaving: readonly [begins: number, ends: number]
  /** By day. */
  readonly holidays: ReadonlyMap<number, string>
  readonly early: ReadonlySet<number>
  /** Micros since midnight, of days that open at another time than usual. */
  readonly late: ReadonlyMap<number, number>
}

export const FIRST_DAY = day(FIRST_YEAR, 1, 1)
export const LAST_DAY = day(LAST_YEAR, 12, 31)
/** Midnight in New York (always standard time on 1 January). */
const FIRST_INSTANT = FIRST_DAY * MICROS_PER_DAY + 5 * MICROS_PER_HOUR
const END_INSTANT = (LAST_DAY + 1) * MICROS_PER_DAY + 5 * MICROS_PER_HOUR

const isIn = (year: number) => (entry: readonly [date: string, of: unknown]) =>
  Number(entry[0].slice(0, 4)) === year

const rulesFor = (year: number): YearRules => ({
  daylightSaving: daylightSavingOf(year),
  holidays: new Map([
    ...holidaysOf(year),
    ...specialClosures.filter(isIn(year)).map(([date, why]) => [dayOfDate(sessionDate(date)), why] as const)
  ]),
  early: new Set(earlyClosesOf(year)),
  late: new Map(lateOpenings.filter(isIn(year)).map(([date, open]) => [dayOfDate(sessionDate(date)), open]))
})

const known: Array<YearRules | undefined> = []
const rulesOf = (year: number): YearRules => (known[year - FIRST_YEAR] ??= rulesFor(year))

/** True where the rules hold. */
export const covers = (at: number): boolean => at >= FIRST_INSTANT && at < END_INSTANT

/** True of a date that exists, where the rules hold. */
export const coversDate = (date: SessionDate): boolean => {
  const d = dayOfDate(date)
  return d >= FIRST_DAY && d <= LAST_DAY && dateOfDay(d) === date
}

export const outsideDate = (date: string): OutsideCalendar =>
  new OutsideCalendar(`${date} is outside the trading calendar, which holds from ${firstDate} to ${lastDate}`)

export const outsideInstant = (at: number): OutsideCalendar =>
  new OutsideCalendar(
    `${at} µs since 1970 UTC is outside the trading calendar, which holds from ${firstDate} to ${lastDate} in New York`
  )

const yearOf = (date: SessionDate): number => Number(date.slice(0, 4))

/** Why the exchange is closed that day ("Saturday", "Good Friday", …); undefined when it trades. For days from FIRST_DAY to LAST_DAY. */
export const whyClosedOn = (d: number): string | undefined => {
  const w = weekday(d)
  if (w === SATURDAY) return "Saturday"
  if (w === SUNDAY) return "Sunday"
  return rulesOf(yearOf(dateOfDay(d))).holidays.get(d)
}

/** The session of a day; undefined when the exchange is closed. For days from FIRST_DAY to LAST_DAY. */
export const sessionOfDay = (d: number): Session | undefined => {
  if (whyClosedOn(d) !== undefined) return undefined
  const date = dateOfDay(d)
  const { daylightSaving, early, late } = rulesOf(yearOf(date))
  const [begins, ends] = daylightSaving
  // No session begins or ends on a Sunday, when the clocks change, so noon's offset holds all day.
  const noon = d * MICROS_PER_DAY + 17 * MICROS_PER_HOUR
  const midnight = d * MICROS_PER_DAY + (noon >= begins && noon < ends ? 4 : 5) * MICROS_PER_HOUR
  const earlyClose = early.has(d)
  return {
    date,
    open: timestamp(midnight + (late.get(d) ?? REGULAR_OPEN)),
    close: timestamp(midnight + (earlyClose ? EARLY_CLOSE : REGULAR_CLOSE)),
    earlyClose
  }
}

/** Exchange time minus UTC, in micros. */
export const offsetAt = (at: Timestamp): number => {
  if (!covers(at)) throw outsideInstant(at)
  // A year is taken to be 365.2425 days: near New Year it may be the neighbour's, whose winter is the same.
  const year = Math.floor((at - FIRST_INSTANT) / (365.2425 * MICROS_PER_DAY))
  const [begins, ends] = rulesOf(Math.min(FIRST_YEAR + year, LAST_YEAR)).daylightSaving
  const isSummer = at >= begins && at < ends
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

/** The instant as people in New York read it: "2004-06-10 16:00 EDT", with seconds only when there are any. */
export const toExchangeTime = (at: Timestamp): string => {
  const seconds = Math.floor(exchangeTimeOfDay(at) / MICROS_PER_SECOND)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (seconds % 60 !== 0) parts.push(seconds % 60)
  const clock = parts.map((part) => String(part).padStart(2, "0")).join(":")
  return `${exchangeDate(at)} ${clock} ${offsetAt(at) === -4 * MICROS_PER_HOUR ? "EDT" : "EST"}`
}

/** The last session that has opened at or before the instant. Throws `OutsideCalendar`. */
export const latestSessionBy = (at: Timestamp): Session => {
  for (let d = dayOfDate(exchangeDate(at)); d >= FIRST_DAY; d--) {
    const session = sessionOfDay(d)
    if (session !== undefined && at >= session.open) return session
  }
  throw outsideDate(`the session before ${exchangeDate(at)}`)
}
