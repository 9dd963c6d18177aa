/**
 * Dates and times as files write them.
 *
 * One format holds for a whole file. It is the one that most of its rows have;
 * the rest are bad rows. Month and day of "03/04/2020" are told apart by the
 * other rows of the file, or not at all.
 */
import { Result } from "effect"
import {
  dateOfDay,
  dayOfDate,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type SessionDate,
  sessionDate,
  type Timestamp,
  timestamp
} from "../../domain/Timestamp.ts"
import { exchangeDate, firstDate, fromExchangeTime, lastDate } from "../TradingCalendar.ts"

/** What one row's stamp says. */
export type Stamp =
  /** A civil date of the exchange without a time of day. */
  { readonly _tag: "Date"; readonly date: SessionDate } | { readonly _tag: "Instant"; readonly at: Timestamp }

export interface DateFormat {
  /** As the mapping shows it: "YYYY-MM-DD", "MM/DD/YYYY HH:MM", "Unix seconds". */
  readonly name: string
  /** Whose clock it is. */
  readonly zone: string
  /** The stamp, or in words what is wrong with it. */
  readonly read: (text: string) => Result.Result<Stamp, string>
}

/** The shapes told apart; digits that tell month from day come later. */
type Shape = "year first" | "year last" | "compact" | "seconds" | "milliseconds"

const CLOCK = String.raw`(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?)?`
const ZONE = String.raw`\s*(Z|UTC|[+-]\d{2}:?\d{2})?`
const patterns: Readonly<Record<Shape, RegExp>> = {
  "year first": new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${CLOCK}${ZONE}$`, "u"),
  "year last": new RegExp(String.raw`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})${CLOCK}${ZONE}$`, "u"),
  compact: new RegExp(
    String.raw`^(\d{4})(\d{2})(\d{2})(?:[T ]+(\d{2}):?(\d{2})(?::?(\d{2})(?:\.(\d{1,6})\d*)?)?)?${ZONE}$`,
    "u"
  ),
  seconds: /^(\d{9,10})$/u,
  milliseconds: /^(\d{12,13})$/u
}
/** No stamp is longer. Looking for one in a field without end would take the square of its length. */
const LONGEST_STAMP = 64

const matchOf = (shape: Shape, text: string): RegExpExecArray | null =>
  text.length > LONGEST_STAMP ? null : patterns[shape].exec(text)

const shapes: ReadonlyArray<Shape> = ["year first", "year last", "compact", "seconds", "milliseconds"]

const exampleFormats =
  '"2020-03-04", "2020-03-04 09:30", "2020-03-04T14:30:00Z", "20200304", "03/04/2020" or Unix seconds'

const MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND
const firstDay = dayOfDate(firstDate)
const lastDay = dayOfDate(lastDate)

const outside = (text: string): string =>
  `"${text.slice(0, 40)}" is outside the trading calendar (${firstDate} to ${lastDate})`

const civilDate = (
  text: string,
  year: string,
  month: string,
  day: string
): Result.Result<SessionDate, string> => {
  const date = sessionDate(`${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`)
  const number = dayOfDate(date)
  if (dateOfDay(number) !== date) return Result.fail(`"${text.slice(0, 40)}" is not a day that exists`)
  // A day inside both ends, so that no zone carries it over them.
  return number > firstDay && number < lastDay ? Result.succeed(date) : Result.fail(outside(text))
}

const microsOfDay = (hour: string, minute: string, second: string, fraction: string): number | undefined =>
  Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
    ? (Number(hour) * 60 + Number(minute)) * MICROS_PER_MINUTE +
      Number(second) * MICROS_PER_SECOND +
      Number(fraction.padEnd(6, "0"))
    : undefined

/** Micros that a zone's clock is ahead of UTC: "Z", "+05:30", "-0400". */
const zoneOffset = (zone: string): number | undefined => {
  if (zone === "Z" || zone === "UTC") return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))]
  if (hours > 14 || minutes > 59) return undefined
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * MICROS_PER_MINUTE
}

const fromParts = (
  text: string,
  date: SessionDate,
  clock: ReadonlyArray<string | undefined>
): Result.Result<Stamp, string> => {
  const [hour, minute = "", second = "0", fraction = "0", zone] = clock
  if (hour === undefined) return Result.succeed({ _tag: "Date", date })
  const time = microsOfDay(hour, minute, second, fraction)
  if (time === undefined) return Result.fail(`"${text.slice(0, 40)}" has no such time of day`)
  if (zone === undefined) return Result.succeed({ _tag: "Instant", at: fromExchangeTime(date, time) })
  const offset = zoneOffset(zone)
  return offset === undefined
    ? Result.fail(`"${text.slice(0, 40)}" has no such zone`)
    : Result.succeed({ _tag: "Instant", at: timestamp(dayOfDate(date) * MICROS_PER_DAY + time - offset) })
}

const fromEpoch = (text: string, micros: number): Result.Result<Stamp, string> => {
  const day = Math.floor(micros / MICROS_PER_DAY)
  return day > firstDay && day < lastDay
    ? Result.succeed({ _tag: "Instant", at: timestamp(micros) })
    : Result.fail(outside(text))
}

interface Kind {
  readonly shape: Shape
  readonly hasTime: boolean
  readonly hasZone: boolean
}

const kindOf = (text: string): Kind | undefined => {
  for (const shape of shapes) {
    const match = matchOf(shape, text)
    if (match === null) continue
    if (shape === "seconds" || shape === "milliseconds") return { shape, hasTime: true, hasZone: true }
    return { shape, hasTime: match[4] !== undefined, hasZone: match[8] !== undefined }
  }
  return undefined
}

const kindKey = (kind: Kind): string => `${kind.shape} ${kind.hasTime} ${kind.hasZone}`

/** The kind most rows have; of equally many, the one seen first. */
const commonest = (texts: ReadonlyArray<string>): Kind | undefined => {
  const counts = new Map<string, { readonly kind: Kind; count: number }>()
  for (const text of texts) {
    const kind = kindOf(text)
    if (kind === undefined) continue
    const entry = counts.get(kindKey(kind))
    if (entry === undefined) counts.set(kindKey(kind), { kind, count: 1 })
    else entry.count += 1
  }
  let best: { readonly kind: Kind; count: number } | undefined
  for (const entry of counts.values()) if (best === undefined || entry.count > best.count) best = entry
  return best?.kind
}

type MonthPlace = "month first" | "day first"

const monthPlaceOf = (texts: ReadonlyArray<string>): Result.Result<MonthPlace, string> => {
  let dayFirst: string | undefined
  let monthFirst: string | undefined
  let sample = ""
  for (const text of texts) {
    const match = matchOf("year last", text)
    if (match === null) continue
    sample = text
    if (Number(match[1]) > 12) dayFirst ??= text
    if (Number(match[2]) > 12) monthFirst ??= text
  }
  if (dayFirst !== undefined && monthFirst !== undefined) {
    return Result.fail(
      `"${dayFirst}" has the day first and "${monthFirst}" the month: write all dates as YYYY-MM-DD`
    )
  }
  if (dayFirst !== undefined) return Result.succeed("day first")
  if (monthFirst !== undefined) return Result.succeed("month first")
  return Result.fail(
    `"${sample}" may have the month or the day first, and no row of the file tells: write the dates as YYYY-MM-DD`
  )
}

const nameOf = (kind: Kind, monthPlace: MonthPlace): string => {
  if (kind.shape === "seconds") return "Unix seconds"
  if (kind.shape === "milliseconds") return "Unix milliseconds"
  const date =
    kind.shape === "year first"
      ? "YYYY-MM-DD"
      : kind.shape === "compact"
        ? "YYYYMMDD"
        : monthPlace === "month first"
          ? "MM/DD/YYYY"
          : "DD/MM/YYYY"
  return `${date}${kind.hasTime ? " HH:MM" : ""}${kind.hasZone ? " with zone" : ""}`
}

const zoneNameOf = (kind: Kind): string => {
  if (!kind.hasTime) return "exchange dates"
  if (kind.shape === "seconds" || kind.shape === "milliseconds") return "UTC"
  return kind.hasZone ? "as each row states it" : "exchange time (New York)"
}

const reader =
  (kind: Kind, monthPlace: MonthPlace) =>
  (text: string): Result.Result<Stamp, string> => {
    const actual = kindOf(text)
    const match = matchOf(kind.shape, text)
    if (actual === undefined || match === null || kindKey(actual) !== kindKey(kind)) {
      return Result.fail(
        text === ""
          ? "the date is empty"
          : `the date "${text.slice(0, 40)}" is not ${nameOf(kind, monthPlace)} as in the other rows`
      )
    }
    const [, first = "", second = "", third = "", ...clock] = match
    if (kind.shape === "seconds") return fromEpoch(text, Number(first) * MICROS_PER_SECOND)
    if (kind.shape === "milliseconds") return fromEpoch(text, Number(first) * 1000)
    const [year, month, day] =
      kind.shape !== "year last"
        ? [first, second, third]
        : monthPlace === "month first"
          ? [third, first, second]
          : [third, second, first]
    return Result.flatMap(civilDate(text, year, month, day), (date) => fromParts(text, date, clock))
  }

/** The format of a file's stamps; or, in words, why it cannot be told and how to help. */
export const dateFormatOf = (texts: ReadonlyArray<string>): Result.Result<DateFormat, string> => {
  const kind = commonest(texts)
  if (kind === undefined) {
    const first = texts.find((text) => text !== "") ?? ""
    return Result.fail(
      `no date format was recognised ("${first.slice(0, 40)}"): expected such as ${exampleFormats}`
    )
  }
  const place: Result.Result<MonthPlace, string> =
    kind.shape === "year last" ? monthPlaceOf(texts) : Result.succeed("month first")
  return Result.map(place, (monthPlace) => ({
    name: nameOf(kind, monthPlace),
    zone: zoneNameOf(kind),
    read: reader(kind, monthPlace)
  }))
}

/** True when the instant is midnight in UTC or in New York: how some vendors stamp a whole day. */
export const isMidnight = (at: Timestamp): boolean =>
  at % MICROS_PER_DAY === 0 || fromExchangeTime(exchangeDate(at), 0) === at

/** The day a daily row's instant means: the UTC date of a UTC midnight, else the exchange's date. */
export const dayMeant = (at: Timestamp): SessionDate =>
  at % MICROS_PER_DAY === 0 ? dateOfDay(at / MICROS_PER_DAY) : exchangeDate(at)
