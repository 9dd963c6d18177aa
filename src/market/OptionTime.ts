/** When an option ends, and how long it has to live. */
import { Option } from "effect"
import type { SessionDate, Timestamp } from "../domain/Timestamp.ts"
import { lastTradingTime, MICROS_PER_YEAR } from "./ContractTime.ts"

/**
 * The instant an option expires at: the close of its expiry's session, early
 * closes included. An expiry without a session (the Saturdays of before 2015, a
 * holiday) ends with the session before. None outside the calendar.
 */
export const expiryClose = (expiry: SessionDate): Option.Option<Timestamp> =>
  Option.fromUndefinedOr(lastTradingTime({ expiry, expirySession: "PM" }))

/** Years from an instant to the expiry's close, actual/365; below zero when it has passed. None outside the calendar. */
export const yearsToExpiry = (expiry: SessionDate, at: Timestamp): Option.Option<number> =>
  Option.map(expiryClose(expiry), (close) => (close - at) / MICROS_PER_YEAR)
