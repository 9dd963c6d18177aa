/**
 * Rows of LEAN's option files.
 *
 * Quotes: a stamp, then bid open, high, low, close and size, then the ask's;
 * blank prices where a side was not quoted. Trades: a stamp, open, high, low,
 * close, volume. Open interest: a stamp and a count. Prices are ten-thousandths
 * of a dollar. Stamps are starts: milliseconds since midnight in a file of
 * minutes, `YYYYMMDD HH:MM` in one of hours or days. A row is known at its
 * interval's end and not before.
 *
 * Of each file all stamps are checked, and every field of the rows that are used.
 */
import { Option, Result } from "effect"
import { MICROS } from "../../domain/Money.ts"
import { MICROS_PER_MINUTE, type SessionDate, type Timestamp, timestamp } from "../../domain/Timestamp.ts"
import { BadRow } from "../MarketData.ts"
import { fromExchangeTime, type Session } from "../TradingCalendar.ts"
import { sessionDateOf } from "./LeanDate.ts"
import { leanMicros } from "./LeanRows.ts"

/** A CSV out of a zip, as messages call it, and its text. */
export interface OptionText {
  readonly file: string
  readonly text: string
}

/** When a row of this stamp is known: none where the stamp cannot be read, undefined for another session's. */
export type KnownAt = (stamp: string) => Option.Option<Timestamp | undefined>

const millis = /^\d{1,8}$/u
const MILLIS_PER_DAY = 86_400_000
const MICROS_PER_MILLI = 1000

/** A minute is known at its end. */
export const minuteStamps = (session: Session): KnownAt => {
  // Daylight saving changes on Sundays only: one offset holds for a session's whole day.
  const midnight = fromExchangeTime(session.date, 0)
  return (stamp) =>
    millis.test(stamp) && Number(stamp) < MILLIS_PER_DAY
      ? Option.some(timestamp(midnight + Number(stamp) * MICROS_PER_MILLI + MICROS_PER_MINUTE))
      : Option.none()
}

const dayAndHour = /^(\d{8})(?: (\d{2}):(\d{2}))?$/u

/** An hour is known at its end or the session's, a day at its session's close. */
export const wideStamps =
  (session: Session, resolution: "hour" | "daily"): KnownAt =>
  (stamp) => {
    const match = dayAndHour.exec(stamp)
    const minutes = Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0)
    if (minutes >= 24 * 60) return Option.none()
    return Option.map(sessionDateOf(match?.[1] ?? ""), (date) => {
      if (date !== session.date) return undefined
      if (resolution === "daily") return session.close
      const end = fromExchangeTime(date, (minutes + 60) * MICROS_PER_MINUTE)
      return timestamp(Math.min(end, session.close))
    })
  }

interface Line {
  readonly start: number
  readonly fields: ReadonlyArray<string>
  readonly knownAt: Timestamp
}

/** A session's rows of a text, oldest first: where each begins, and when it is known. */
export interface SessionRows extends OptionText {
  readonly starts: Uint32Array
  readonly knownAt: Float64Array
}

const bad = (file: string, row: number, problem: string): BadRow => new BadRow({ file, row, problem })

const shown = (text: string): string => `"${text.slice(0, 40)}"`

const endOf = (text: string, start: number): number => {
  const newline = text.indexOf("\n", start)
  return newline === -1 ? text.length : newline
}

/** The session's rows, of which all stamps were checked; or the first that is wrong. */
export const sessionRows = (
  { file, text }: OptionText,
  knownAt: KnownAt
): Result.Result<SessionRows, BadRow> => {
  const starts: Array<number> = []
  const known: Array<number> = []
  let row = 0
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = endOf(text, start)
    row += 1
    const comma = text.indexOf(",", start)
    const stamp = text.slice(start, comma === -1 || comma > end ? end : comma).trim()
    if (stamp === "" && (comma === -1 || comma >= end)) continue
    const at = knownAt(stamp)
    if (Option.isNone(at)) {
      return Result.fail(bad(file, row, `expected the row's time in column 1, got ${shown(stamp)}`))
    }
    if (at.value === undefined) continue
    if (at.value < (known.at(-1) ?? 0)) {
      return Result.fail(bad(file, row, `${stamp} is earlier than the row before`))
    }
    starts.push(start)
    known.push(at.value)
  }
  return Result.succeed({ file, text, starts: Uint32Array.from(starts), knownAt: Float64Array.from(known) })
}

/** The number in its file of the row that begins there. */
const rowAt = ({ text }: OptionText, start: number): number => text.slice(0, start).split("\n").length

const wrong = (rows: OptionText, start: number, problem: string): BadRow =>
  bad(rows.file, rowAt(rows, start), problem)

/** A row, by its place among the session's. */
const lineAt = ({ knownAt, starts, text }: SessionRows, place: number): Line => {
  const start = starts[place] ?? 0
  return {
    start,
    fields: text.slice(start, endOf(text, start)).trim().split(","),
    knownAt: timestamp(knownAt[place] ?? 0)
  }
}

const newestLine = (rows: SessionRows, asOf: Timestamp): Option.Option<Line> => {
  const place = rows.knownAt.findLastIndex((at) => at <= asOf)
  return place === -1 ? Option.none() : Option.some(lineAt(rows, place))
}

const dollars = (text: string): number | undefined => {
  const micros = leanMicros(text)
  return Option.isSome(micros) && micros.value >= 0 ? micros.value / MICROS : undefined
}

interface Side {
  readonly price: number | undefined
}

/** One side's close; without a price where that side is blank. */
const sideOf = (fields: ReadonlyArray<string>, first: number, name: string): Result.Result<Side, string> => {
  const texts = fields.slice(first, first + 4)
  if (texts.every((text) => text === "")) return Result.succeed({ price: undefined })
  const [open, high, low, close] = texts.map(dollars)
  if (open === undefined || high === undefined || low === undefined || close === undefined) {
    return Result.fail(
      `expected the ${name}'s open, high, low and close as numbers, zero or more, in columns ${first + 1} to ${first + 4}, got ${shown(texts.join(","))}`
    )
  }
  if (low > Math.min(open, close) || high < Math.max(open, close)) {
    return Result.fail(
      `the ${name}'s open and close are not between its low and high: ${shown(texts.join(","))}`
    )
  }
  return Result.succeed({ price: close })
}

/** A quote, and when it was known. */
export interface KnownQuote {
  /** Dollars; undefined where that side was not quoted. */
  readonly bid: number | undefined
  readonly ask: number | undefined
  readonly knownAt: Timestamp
}

const QUOTE_COLUMNS = 11

const quoteOf = (rows: SessionRows, { fields, knownAt, start }: Line): Result.Result<KnownQuote, BadRow> => {
  if (fields.length !== QUOTE_COLUMNS) {
    return Result.fail(wrong(rows, start, `expected ${QUOTE_COLUMNS} columns, got ${fields.length}`))
  }
  return Result.all([sideOf(fields, 1, "bid"), sideOf(fields, 6, "ask")]).pipe(
    Result.map(([bid, ask]) => ({ bid: bid.price, ask: ask.price, knownAt })),
    Result.mapError((problem) => wrong(rows, start, problem))
  )
}

/** The newest quote of the session that is known at `asOf`. */
export const newestQuote = (
  rows: SessionRows,
  asOf: Timestamp
): Result.Result<Option.Option<KnownQuote>, BadRow> => {
  const line = newestLine(rows, asOf)
  return Option.isNone(line)
    ? Result.succeed(Option.none())
    : Result.map(quoteOf(rows, line.value), (quote) => Option.some(quote))
}

/** Every quote of the session, oldest first. */
export const quotesOf = (rows: SessionRows): ReadonlyArray<Result.Result<KnownQuote, BadRow>> =>
  Array.from(rows.starts, (_, place) => quoteOf(rows, lineAt(rows, place)))

/** What was traded of a contract in a session so far. */
export interface Traded {
  /** Dollars. */
  readonly last: number
  readonly volume: number
}

const whole = /^\d{1,12}(?:\.0*)?$/u

/** The session's trades that are known at `asOf`. */
export const tradedUntil = (
  rows: SessionRows,
  asOf: Timestamp
): Result.Result<Option.Option<Traded>, BadRow> => {
  let last: number | undefined
  let volume = 0
  for (let place = 0; place < rows.starts.length && (rows.knownAt[place] ?? 0) <= asOf; place++) {
    const { fields, start } = lineAt(rows, place)
    const close = dollars(fields[4] ?? "")
    const traded = fields[5] ?? ""
    if (fields.length !== 6 || close === undefined || !whole.test(traded)) {
      return Result.fail(
        wrong(
          rows,
          start,
          `expected a time, open, high, low, close and volume, got ${shown(fields.join(","))}`
        )
      )
    }
    last = close
    volume += Number(traded)
  }
  return Result.succeed(last === undefined ? Option.none() : Option.some({ last, volume }))
}

/** The newest open interest that is known at `asOf`. */
export const openInterestAt = (
  rows: SessionRows,
  asOf: Timestamp
): Result.Result<Option.Option<number>, BadRow> => {
  const line = newestLine(rows, asOf)
  if (Option.isNone(line)) return Result.succeed(Option.none())
  const { fields, start } = line.value
  const [, count = "", ...rest] = fields
  return whole.test(count) && rest.length === 0
    ? Result.succeed(Option.some(Number(count)))
    : Result.fail(
        wrong(rows, start, `expected a time and a whole number of contracts, got ${shown(fields.join(","))}`)
      )
}

/** The date of each row of an hour or daily file; rows whose date cannot be read have none. */
export function* datesIn(text: string): Generator<SessionDate> {
  for (const line of text.split("\n")) {
    const date = sessionDateOf(line.slice(0, 8))
    if (Option.isSome(date)) yield date.value
  }
}
