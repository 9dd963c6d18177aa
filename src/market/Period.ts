/**
 * Periods as people say them: "30d", "6m", "2y", "ytd", "2015-01-01..2015-06-30".
 *
 * In civil dates of the exchange, both ends included. A length ends with today
 * and is exactly that long: "1d" is today, "1w" the last seven days, "1m" on
 * 15 March everything since 16 February. Days are calendar days, not sessions.
 */
import { Result, Schema } from "effect"
import {
  dateOfDay,
  dayOfDate,
  SessionDate,
  sessionDate,
  type Timestamp,
  timestamp
} from "../domain/Timestamp.ts"
import { checkDate, exchangeDate, firstDate, fromExchangeTime, toExchangeTime } from "./TradingCalendar.ts"

/** Civil dates of the exchange, both included; `from` is not after `to`. */
export interface Period {
  readonly from: SessionDate
  readonly to: SessionDate
}

/** The text is no period; the message says what is wrong with it and what would do. */
export class InvalidPeriod extends Schema.TaggedError<InvalidPeriod>()("InvalidPeriod", {
  period: Schema.String,
  message: Schema.String
}) {}

/** Nothing of the period has come to pass in the market's time. */
export class PeriodAhead extends Schema.TaggedError<PeriodAhead>()("PeriodAhead", {
  from: SessionDate,
  /** Up to here everything can be asked for. */
  until: SessionDate,
  message: Schema.String
}) {}

/** What of a period can be seen: bars that end in (after, until]. */
export interface Span {
  readonly from: SessionDate
  readonly to: SessionDate
  readonly after: Timestamp
  readonly until: Timestamp
  /** The period asked for goes on past market time, and was cut there. */
  readonly isCut: boolean
}

const EXAMPLES = '"5d", "1w", "30d", "6m", "2y", "ytd", "max" or "2015-01-01..2015-06-30"'

/** Characters that are told of a text somebody else wrote. */
const MAX_TOLD = 60

const quoted = (text: string): string => `"${text.length > MAX_TOLD ? `${text.slice(0, MAX_TOLD)}…` : text}"`

type Unit = "day" | "week" | "month" | "year"

const units: ReadonlyMap<string, Unit> = new Map([
  ...["d", "day", "days"].map((name) => [name, "day"] as const),
  ...["w", "wk", "week", "weeks"].map((name) => [name, "week"] as const),
  ...["m", "mo", "month", "months"].map((name) => [name, "month"] as const),
  ...["y", "yr", "year", "years"].map((name) => [name, "year"] as const)
])

/** Longer than the calendar by far, whatever the unit. */
const MAX_LENGTH = 99_999

const pad = (n: number, width: number): string => String(n).padStart(width, "0")

/** The same day of the month so many months before, or that month's last when it is shorter. */
const monthsBefore = (date: SessionDate, months: number): number => {
  const index = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 - months
  const first = (month: number) =>
    dayOfDate(sessionDate(`${pad(Math.floor(month / 12), 4)}-${pad((month % 12) + 1, 2)}-01`))
  return Math.min(first(index) + Number(date.slice(8, 10)), first(index + 1)) - 1
}

const CALENDAR_BEGINS = dayOfDate(firstDate)

/** First day of a length that ends today; the calendar's first where it would lie before. */
const beginning = (today: SessionDate, count: number, unit: Unit): SessionDate => {
  const end = dayOfDate(today)
  const length = { day: count, week: 7 * count, month: 31 * count, year: 366 * count }[unit]
  if (end - length < CALENDAR_BEGINS - 31) return firstDate
  const before =
    unit === "month" || unit === "year"
      ? monthsBefore(today, unit === "year" ? 12 * count : count)
      : end - length
  return dateOfDay(Math.max(before + 1, CALENDAR_BEGINS))
}

const isDatePattern = /^\d{4}-\d{2}-\d{2}$/u
const isDate = Schema.is(SessionDate)

const dateOf = (text: string, whole: string): Result.Result<SessionDate, string> => {
  if (!isDatePattern.test(text))
    return Result.fail(`${quoted(text)} in ${quoted(whole)} is no date (YYYY-MM-DD)`)
  if (!isDate(text) || dateOfDay(dayOfDate(text)) !== text) return Result.fail(`there is no ${text}`)
  return Result.mapError(checkDate(text), ({ message }) => message)
}

const range = (from: string, to: string, whole: string, today: SessionDate): Result.Result<Period, string> =>
  Result.gen(function* () {
    const begins = yield* dateOf(from, whole)
    // An open end goes as far as can be seen.
    const ends = to === "" ? (begins > today ? begins : today) : yield* dateOf(to, whole)
    return begins <= ends
      ? { from: begins, to: ends }
      : yield* Result.fail(`${quoted(whole)} ends before it begins: give the earlier date first`)
  })

const length = (
  count: string,
  name: string,
  whole: string,
  today: SessionDate
): Result.Result<Period, string> => {
  const unit = units.get(name)
  if (name === "")
    return Result.fail(`${quoted(whole)} has no unit: ${count}d, ${count}w, ${count}m or ${count}y`)
  if (unit === undefined) {
    return Result.fail(
      `${quoted(whole)} has the unit ${quoted(name)}: days are d, weeks w, months m, years y`
    )
  }
  const n = Number(count)
  if (n === 0) return Result.fail(`${quoted(whole)} has no length: at least 1${name}`)
  return Result.succeed({ from: beginning(today, Math.min(n, MAX_LENGTH), unit), to: today })
}

const parse = (whole: string, today: SessionDate): Result.Result<Period, string> => {
  const text = whole.trim().toLowerCase()
  if (text === "") return Result.fail("the period is empty")
  if (text === "ytd") return Result.succeed({ from: sessionDate(`${today.slice(0, 4)}-01-01`), to: today })
  if (text === "max") return Result.succeed({ from: firstDate, to: today })
  const [, count, name] = /^(\d+)\s*([a-z]*)$/u.exec(text) ?? []
  if (count !== undefined && name !== undefined) return length(count, name, whole, today)
  const [, from, to] = /^(\S*?)\s*(?:\.\.|\/|\bto\b)\s*(\S*)$/u.exec(text) ?? []
  if (from !== undefined && to !== undefined) return range(from, to, whole, today)
  if (isDatePattern.test(text)) return range(text, text, whole, today)
  return Result.fail(`${quoted(whole)} is no period`)
}

/** A period said on `today`, the exchange's date of market time. Its end may lie ahead. */
export const parsePeriod = (text: string, today: SessionDate): Result.Result<Period, InvalidPeriod> =>
  Result.mapError(
    parse(text, today),
    (problem) =>
      new InvalidPeriod({ period: text.slice(0, MAX_TOLD), message: `${problem}; expected ${EXAMPLES}` })
  )

const LAST_MICRO_OF_DAY = 86_400_000_000 - 1

/** What of the period can be seen at `now`; nothing later than that ever. */
export const spanAt = (period: Period, now: Timestamp): Result.Result<Span, PeriodAhead> => {
  const today = exchangeDate(now)
  const { from } = period
  if (from > today) {
    return Result.fail(
      new PeriodAhead({
        from,
        until: today,
        message: `the period begins on ${from}, and the market's time is ${toExchangeTime(now)}: prices can be seen up to then`
      })
    )
  }
  const isCut = period.to > today
  const to = isCut ? today : period.to
  const end = fromExchangeTime(to, LAST_MICRO_OF_DAY)
  return Result.succeed({
    from,
    to,
    after: fromExchangeTime(from, 0),
    until: timestamp(Math.min(end, now)),
    isCut
  })
}
