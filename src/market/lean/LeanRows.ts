/**
 * The rows of LEAN's equity price files, as `BarRows.readBars` takes them.
 *
 * Daily and hour: `YYYYMMDD HH:MM,open,high,low,close,volume`. Minute trades:
 * `milliseconds since midnight,open,high,low,close,volume`. Minute quotes: the
 * same stamp, then bid open, high, low, close and size, then the ask's. Times
 * are New York's, prices ten-thousandths of a dollar, as traded.
 */
import { Option } from "effect"
import { MICROS_PER_MINUTE, type SessionDate } from "../../domain/Timestamp.ts"
import type { BarRow } from "../BarRows.ts"
import { BadRow } from "../MarketData.ts"
import { sessionDateOf } from "./LeanDate.ts"

/** Micros in a ten-thousandth of a dollar. */
const MICROS_PER_UNIT = 100

const units = /^-?\d{1,13}(?:\.\d{1,2}0*)?$/

/** A LEAN price as micros, exactly: whole ten-thousandths, or up to two decimals of one. */
export const leanMicros = (text: string): Option.Option<number> => {
  if (!units.test(text)) return Option.none()
  const micros = Math.round(Number(text) * MICROS_PER_UNIT)
  return Number.isSafeInteger(micros) ? Option.some(micros) : Option.none()
}

/** Days, both included. */
export interface DateSpan {
  readonly from: SessionDate
  readonly to: SessionDate
}

const TRADE_COLUMNS = 6
const QUOTE_COLUMNS = 11

interface Line {
  readonly row: number
  readonly fields: ReadonlyArray<string>
}

function* linesOf(text: string): Generator<Line> {
  let row = 0
  let start = 0
  while (start < text.length) {
    let end = text.indexOf("\n", start)
    if (end === -1) end = text.length
    row += 1
    const line = text.slice(start, end).trimEnd()
    start = end + 1
    if (line !== "") yield { row, fields: line.split(",") }
  }
}

const tooMany = (file: string, line: Line, expected: number): BadRow =>
  new BadRow({ file, row: line.row, problem: `expected ${expected} columns, got ${line.fields.length}` })

const shown = (text: string): string => `"${text.slice(0, 40)}"`

const dayAndHour = /^(\d{8})(?: (\d{2}):(\d{2}))?$/

/** Rows of a daily or hour file whose date lies in the span; a row whose date cannot be read is reported whatever the span. */
export function* dailyOrHourRows(file: string, text: string, span: DateSpan): Generator<BarRow | BadRow> {
  for (const line of linesOf(text)) {
    const [stamp = "", open, high, low, close, volume] = line.fields
    const match = dayAndHour.exec(stamp)
    const date = sessionDateOf(match?.[1] ?? "")
    const startsAt = (Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0)) * MICROS_PER_MINUTE
    if (Option.isNone(date) || startsAt >= 24 * 60 * MICROS_PER_MINUTE) {
      yield new BadRow({
        file,
        row: line.row,
        problem: `expected a date as "20131007 00:00" in column 1, got ${shown(stamp)}`
      })
    } else if (line.fields.length > TRADE_COLUMNS) {
      yield tooMany(file, line, TRADE_COLUMNS)
    } else if (date.value >= span.from && date.value <= span.to) {
      yield { row: line.row, date: date.value, startsAt, open, high, low, close, volume }
    }
  }
}

/** The first and last date of a daily or hour file's readable rows inside the span, without checking its prices. */
export const datesOf = (text: string, span: DateSpan): ReadonlySet<SessionDate> => {
  const dates = new Set<SessionDate>()
  let previous = ""
  for (const { fields } of linesOf(text)) {
    const day = (fields[0] ?? "").slice(0, 8)
    if (day === previous) continue
    previous = day
    const date = sessionDateOf(day)
    if (Option.isSome(date) && date.value >= span.from && date.value <= span.to) dates.add(date.value)
  }
  return dates
}

const millisOfDay = /^\d{1,8}$/
const MILLIS_PER_DAY = 86_400_000

/** Micros since midnight of a minute row; none when it is not a time of day. */
const minuteStart = (text: string): Option.Option<number> =>
  millisOfDay.test(text) && Number(text) < MILLIS_PER_DAY ? Option.some(Number(text) * 1000) : Option.none()

const badTime = (file: string, line: Line): BadRow =>
  new BadRow({
    file,
    row: line.row,
    problem: `expected milliseconds since midnight in column 1, got ${shown(line.fields[0] ?? "")}`
  })

/** Rows of one session's minute trades. */
export function* minuteTradeRows(file: string, text: string, date: SessionDate): Generator<BarRow | BadRow> {
  for (const line of linesOf(text)) {
    const [stamp = "", open, high, low, close, volume] = line.fields
    const startsAt = minuteStart(stamp)
    if (Option.isNone(startsAt)) yield badTime(file, line)
    else if (line.fields.length > TRADE_COLUMNS) yield tooMany(file, line, TRADE_COLUMNS)
    else yield { row: line.row, date, startsAt: startsAt.value, open, high, low, close, volume }
  }
}

/** Bid and ask rows of one session's minute quotes; `volume` is the size. Minutes with one side only are in neither. */
export interface QuoteRows {
  readonly bid: ReadonlyArray<BarRow | BadRow>
  readonly ask: ReadonlyArray<BarRow>
}

const isBlank = (fields: ReadonlyArray<string>): boolean =>
  fields.every((field) => field === "" || field === "0")

/** Takes a file of quotes apart. A side that LEAN left blank was not quoted in that minute. */
export const minuteQuoteRows = (file: string, text: string, date: SessionDate): QuoteRows => {
  const bid: Array<BarRow | BadRow> = []
  const ask: Array<BarRow> = []
  for (const line of linesOf(text)) {
    const startsAt = minuteStart(line.fields[0] ?? "")
    if (Option.isNone(startsAt)) {
      bid.push(badTime(file, line))
      continue
    }
    if (line.fields.length !== QUOTE_COLUMNS) {
      bid.push(tooMany(file, line, QUOTE_COLUMNS))
      continue
    }
    if (isBlank(line.fields.slice(1, 6)) || isBlank(line.fields.slice(6, 11))) continue
    const sideAt = (first: number): BarRow => ({
      row: line.row,
      date,
      startsAt: startsAt.value,
      open: line.fields[first],
      high: line.fields[first + 1],
      low: line.fields[first + 2],
      close: line.fields[first + 3],
      volume: line.fields[first + 4]
    })
    bid.push(sideAt(1))
    ask.push(sideAt(6))
  }
  return { bid, ask }
}
