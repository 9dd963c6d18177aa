/** When an option ends, and how long it has to live. */
import { Option, Result } from "effect"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import { MICROS_PER_DAY } from "./TradingDays.ts"
import { checkDate, previousSession, session } from "./TradingCalendar.ts"

/** A year of option time: actual/365. */
const MICROS_PER_YEAR = 365 * MICROS_PER_DAY

/**
 * The instant an option expires at: the close of its expiry's session, early
 * closes included. An expiry without a session (the Saturdays of before 2015, a
 * holiday) ends with the session before. None outside the calendar.
 */
export const expiryClose = (expiry: SessionDate): Option.Option<Timestamp> =>
  Result.isFailure(checkDate(expiry))
    ? Option.none()
    : Option.some(Option.getOrElse(session(expiry), () => previousSession(expiry)).close)

/** Years from an instant to the expiry's close, actual/365; below zero when it has passed. None outside the calendar. */
export const yearsToExpiry = (expiry: SessionDate, at: Timestamp): Option.Option<number> =>
  Option.map(expiryClose(expiry), (close) => (close - at) / MICROS_PER_YEAR)
