/**
 * Instants and session dates.
 *
 * An instant is a whole number of microseconds since 1970-01-01T00:00:00Z. A
 * session date is a civil date of the exchange ("2004-06-11"). Only
 * `market/TradingCalendar` turns one into the other.
 */
import { type Brand, Schema } from "effect"
import { nominal } from "./Nominal.ts"

/** UTC microseconds since the epoch. */
export type Timestamp = number & Brand.Brand<"Timestamp">
/** Marks whole microseconds as an instant without checking them. */
export const timestamp = nominal<Timestamp>()

/** UTC microseconds since the epoch, as the journal holds them. */
export const Timestamp = Schema.Int.pipe(Schema.brand("Timestamp"))

/** A civil date of the exchange, "YYYY-MM-DD". */
export const SessionDate = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/u, {
      message: "expected a date such as 2024-01-05"
    })
  ),
  Schema.brand("SessionDate")
)
export type SessionDate = typeof SessionDate.Type
/** Marks a "YYYY-MM-DD" text as a session date without checking it. */
export const sessionDate = nominal<SessionDate>()

export const MICROS_PER_SECOND = 1_000_000
export const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND

export const fromMillis = (millis: number): Timestamp => timestamp(Math.round(millis * 1000))
/** ISO 8601 in UTC with microseconds: "2004-06-10T20:00:00.000000Z". */
export const toIso = (at: Timestamp): string => {
  const micros = ((at % MICROS_PER_SECOND) + MICROS_PER_SECOND) % MICROS_PER_SECOND
  const seconds = (at - micros) / MICROS_PER_SECOND
  const days = Math.floor(seconds / 86_400)
  const ofDay = seconds - days * 86_400
  const clock = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60]
  const time = clock.map((part) => String(part).padStart(2, "0")).join(":")
  return `${dateOfDay(days)}T${time}.${String(micros).padStart(6, "0")}Z`
}

/** Days since 1970-01-01 of a civil date (proleptic Gregorian; Howard Hinnant, "chrono-compatible date algorithms"). */
export const dayOfDate = (date: SessionDate): number => {
  const year = Number(date.slice(0, 4))
  const month = Number(date.slice(5, 7))
  const day = Number(date.slice(8, 10))
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The civil date that is `day` days after 1970-01-01. */
export const dateOfDay = (day: number): SessionDate => {
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const mp = Math.floor((5 * dayOfYear + 2) / 153)
  const day1 = dayOfYear - Math.floor((153 * mp + 2) / 5) + 1
  const month = mp < 10 ? mp + 3 : mp - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return sessionDate(
    `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day1).padStart(2, "0")}`
  )
}
