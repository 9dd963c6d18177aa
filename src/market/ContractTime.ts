/**
 * When an option contract stops trading and when it settles.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import type { OptionContract } from "../domain/OptionContract.ts"
import { dayOfDate, type Timestamp } from "../domain/Timestamp.ts"
import { coversDate, FIRST_DAY, MICROS_PER_DAY, type Session, sessionOfDay } from "./TradingDays.ts"

type Terms = Pick<OptionContract, "expiry" | "expirySession">

/** A year of option time: actual/365. */
export const MICROS_PER_YEAR = 365 * MICROS_PER_DAY

const sessionBefore = (day: number): Session | undefined => {
  // The longest closure since 1998 was of a week.
  for (let back = 1; back <= 10 && day - back >= FIRST_DAY; back++) {
    const found = sessionOfDay(day - back)
    if (found !== undefined) return found
  }
  return undefined
}

/** The expiry's session; that before where the expiry is no session (the Saturdays of before 2015). */
const expirySessionOf = ({ expiry }: Terms): Session | undefined => {
  if (!coversDate(expiry)) return undefined
  const day = dayOfDate(expiry)
  return sessionOfDay(day) ?? sessionBefore(day)
}

/** The session whose prices settle it, and the instant: the close, or for AM the open. Undefined outside the calendar. */
export const settlementOf = (
  terms: Terms
): { readonly session: Session; readonly at: Timestamp } | undefined => {
  const session = expirySessionOf(terms)
  if (session === undefined) return undefined
  return { session, at: terms.expirySession === "AM" ? session.open : session.close }
}

/** First instant it cannot be traded any more: the close of the settling session, for AM that of the session before. */
export const lastTradingTime = (terms: Terms): Timestamp | undefined => {
  const session = expirySessionOf(terms)
  if (session === undefined) return undefined
  return terms.expirySession === "PM" ? session.close : sessionBefore(dayOfDate(session.date))?.close
}

/** Years from an instant to the settlement, actual/365; below zero once it has passed. NaN outside the calendar. */
export const yearsLeft = (terms: Terms, at: Timestamp): number => {
  const settlement = settlementOf(terms)
  return settlement === undefined ? Number.NaN : (settlement.at - at) / MICROS_PER_YEAR
}
