/**
 * Ranges of expiries as people say them: "30d", "6m", "2014-06-13",
 * "2014-06..2014-09", "2014-09..", "all".
 *
 * In civil dates of the exchange, both ends included. A length begins today:
 * "30d" is everything that expires up to thirty days from today. A month stands
 * for its first day at the beginning of a range and for its last at the end.
 */
import { Result, Schema } from "effect"
import { dateOfDay, dayOfDate, SessionDate, sessionDate } from "../domain/Timestamp.ts"
import { firstDate, lastDate } from "./TradingCalendar.ts"

/** Both included; `from` is not after `to`. */
export interface ExpiryRange {
  readonly from: SessionDate
  readonly to: SessionDate
}

/** The text is no range of expiries to come; the message says what is wrong with it and what would do. */
export class InvalidExpiryRange extends Schema.TaggedError<InvalidExpiryRange>()("InvalidExpiryRange", {
  range: Schema.String,
  message: Schema.String
}) {}

const EXAMPLES = '"30d", "8w", "6m", "1y", "2014-06-13", "2014-06", "2014-06..2014-09", "2014-09.." or "all"'

const MAX_TOLD = 60
const quoted = (text: string): string => `"${text.length > MAX_TOLD ? `${text.slice(0, MAX_TOLD)}…` : text}"`

const daysOf: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30.44, y: 365.25 }

const isDate = Schema.is(SessionDate)

const pad = (n: number): string => String(n).padStart(2, "0")

/** Last day of the month "2014-06". */
const lastOfMonth = (year: number, month: number): SessionDate => {
  const next = month === 12 ? `${year + 1}-01-01` : `${year}-${pad(month + 1)}-01`
  return dateOfDay(dayOfDate(sessionDate(next)) - 1)
}

type End = "from" | "to"

/** A date, a month or a year, as the beginning or the end of a range. */
const endOf = (text: string, whole: string, end: End): Result.Result<SessionDate, string> => {
  const [, years, months, days] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/u.exec(text) ?? []
  if (years === undefined) {
    return Result.fail(
      text === whole
        ? `${quoted(whole)} is no range of expiries`
        : `${quoted(text)} in ${quoted(whole)} is no date (YYYY-MM-DD) and no month (YYYY-MM)`
    )
  }
  if (years > lastDate.slice(0, 4)) {
    return end === "to"
      ? Result.succeed(lastDate)
      : Result.fail(`${quoted(whole)} is beyond the exchange's calendar, which ends on ${lastDate}`)
  }
  const month = months ?? (end === "from" ? "01" : "12")
  const first = `${years}-${month}-01`
  if (!isDate(first)) return Result.fail(`there is no month ${years}-${month}`)
  if (days === undefined) {
    return Result.succeed(end === "from" ? first : lastOfMonth(Number(years), Number(month)))
  }
  const date = `${years}-${month}-${days}`
  return isDate(date) && dateOfDay(dayOfDate(date)) === date
    ? Result.succeed(date)
    : Result.fail(`there is no ${date}`)
}

const range = (from: string, to: string, whole: string, today: SessionDate) =>
  Result.gen(function* () {
    const begins = from === "" ? today : yield* endOf(from, whole, "from")
    const ends = to === "" ? lastDate : yield* endOf(to, whole, "to")
    if (begins > ends) {
      return yield* Result.fail(`${quoted(whole)} ends before it begins: give the earlier date first`)
    }
    if (ends < today) return yield* Result.fail(`${quoted(whole)} has passed: the market's date is ${today}`)
    return { from: begins, to: ends }
  })

const parse = (whole: string, today: SessionDate): Result.Result<ExpiryRange, string> => {
  const text = whole.trim().toLowerCase()
  if (text === "") return Result.fail("the range is empty")
  if (text === "all") return Result.succeed({ from: firstDate, to: lastDate })
  const [, count, unit = ""] = /^(\d{1,5})\s*(d|w|m|y)(?:ays?|eeks?|onths?|ears?|k|o|r)?$/u.exec(text) ?? []
  if (count !== undefined) {
    const days = Math.round(Number(count) * (daysOf[unit] ?? 1))
    return Result.succeed({
      from: today,
      to: dateOfDay(Math.min(dayOfDate(today) + days, dayOfDate(lastDate)))
    })
  }
  const [, from, to] = /^(\S*?)\s*(?:\.\.|\/|\bto\b)\s*(\S*)$/u.exec(text) ?? []
  if (from !== undefined && to !== undefined && from + to !== "") return range(from, to, text, today)
  return range(text, text, text, today)
}

/** A range said on `today`, the exchange's date of market time. */
export const parseExpiryRange = (
  text: string,
  today: SessionDate
): Result.Result<ExpiryRange, InvalidExpiryRange> =>
  Result.mapError(
    parse(text, today),
    (problem) =>
      new InvalidExpiryRange({ range: text.slice(0, MAX_TOLD), message: `${problem}; expected ${EXAMPLES}` })
  )
