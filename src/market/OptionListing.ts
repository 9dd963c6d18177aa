/**
 * Which contracts a modelled exchange lists: one rule for all times, in the
 * manner of the American exchanges since 2010.
 *
 * Expiries: every Friday within six weeks, the third Friday of each month
 * within four months, of March, June, September and December within a year, and
 * of January within two and a half; a Friday without a session gives way to the
 * session before. What is once listed stays so until it expires. Strikes: every
 * multiple of a round step, finer for what expires soon; any multiple of 50
 * cents is quoted when asked for.
 */
import { Option } from "effect"
import { dateOfDay, dayOfDate, type SessionDate, type Timestamp } from "../domain/Timestamp.ts"
import { boundedCache } from "./BoundedCache.ts"
import { isThirdWeek } from "./OptionRoot.ts"
import { expiryClose } from "./OptionTime.ts"
import { exchangeDate, lastDate, previousSession, session } from "./TradingCalendar.ts"
import { weekday } from "./TradingDays.ts"

const WEEKLY_DAYS = 6 * 7
const MONTHLY_DAYS = 4 * 31
const QUARTERLY_DAYS = 366
const JANUARY_DAYS = 30 * 31

const FRIDAY = 5

/** How many days ahead the expiry of a Friday is listed. */
const reachOf = (friday: SessionDate): number => {
  if (!isThirdWeek(Number(friday.slice(8, 10)))) return WEEKLY_DAYS
  const month = Number(friday.slice(5, 7))
  if (month === 1) return JANUARY_DAYS
  return month % 3 === 0 ? QUARTERLY_DAYS : MONTHLY_DAYS
}

/** Where the options of a Friday end when that is no session. */
const sessionFor = (friday: SessionDate): SessionDate =>
  Option.match(session(friday), { onNone: () => previousSession(friday).date, onSome: ({ date }) => date })

/** Days whose expiries are kept: those of one are asked for at every quote. */
const KEPT_DAYS = 8

interface Listed {
  readonly expiry: SessionDate
  readonly close: Timestamp
}

const kept = boundedCache<number, ReadonlyArray<Listed>>(KEPT_DAYS)

/** Expiries that are listed on a day, today's own included, earliest first. */
const listedOn = (today: number): ReadonlyArray<Listed> => {
  const known = kept.get(today)
  if (known !== undefined) return known
  const last = Math.min(today + JANUARY_DAYS, dayOfDate(lastDate))
  const expiries: Array<Listed> = []
  for (let day = today; day <= last; day++) {
    const friday = dateOfDay(day)
    if (weekday(day) !== FRIDAY || day - today > reachOf(friday)) continue
    const expiry = sessionFor(friday)
    const close = Option.getOrUndefined(expiryClose(expiry))
    if (close !== undefined) expiries.push({ expiry, close })
  }
  kept.set(today, expiries)
  return expiries
}

/** Expiries that are listed at an instant and have not passed, earliest first. */
export const listedExpiries = (at: Timestamp): ReadonlyArray<SessionDate> =>
  listedOn(dayOfDate(exchangeDate(at))).flatMap(({ close, expiry }) => (close > at ? [expiry] : []))

const steps: ReadonlyArray<number> = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]

/** Steps that go into the price, for what expires within so many days. */
const fineness: ReadonlyArray<readonly [days: number, steps: number]> = [
  [9, 250],
  [45, 115],
  [366, 50],
  [Infinity, 25]
]

/** Dollars between the strikes that are shown at a price and a time to expiry: the round step nearest by ratio. */
export const strikeStep = (spot: number, years: number): number => {
  const [, count] = fineness.find(([days]) => years * 365 <= days) ?? [0, 25]
  const wanted = spot / count
  const off = (step: number) => (step > wanted ? step / wanted : wanted / step)
  return steps.reduce((best, step) => (off(step) < off(best) ? step : best))
}

/** Any multiple of it is quoted. */
const SMALLEST_STEP = 0.5

export const isListedStrike = (strike: number): boolean =>
  strike > 0 && Number.isInteger(strike / SMALLEST_STEP)

const cents = (dollars: number): number => Math.round(dollars * 100)

/** True of a listed strike divided by one of these ratios and rounded to the cent: what splits made of it. */
export const isSplitStrike = (strike: number, ratios: ReadonlyArray<number>): boolean =>
  ratios.some((ratio) => {
    const listed = Math.round((strike * ratio) / SMALLEST_STEP) * SMALLEST_STEP
    return listed > 0 && cents(listed / ratio) / 100 === strike
  })

/** Multiples of the step in [low, high], ascending. */
export const strikesWithin = (step: number, low: number, high: number): ReadonlyArray<number> => {
  const first = Math.max(1, Math.ceil(low / step))
  const last = Math.floor(high / step)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step)
}
