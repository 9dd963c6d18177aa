/** LEAN writes civil dates as eight digits. */
import { Option } from "effect"
import { dateOfDay, dayOfDate, type SessionDate, sessionDate } from "../../domain/Timestamp.ts"

/** "20131007" as a session date; none unless it is a day that exists. */
export const sessionDateOf = (text: string): Option.Option<SessionDate> => {
  if (!/^\d{8}$/u.test(text)) return Option.none()
  const date = sessionDate(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`)
  return dateOfDay(dayOfDate(date)) === date ? Option.some(date) : Option.none()
}

/** A session date as LEAN's file names and rows have it. */
export const eightDigits = (date: SessionDate): string => date.replaceAll("-", "")
