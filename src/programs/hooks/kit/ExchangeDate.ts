/**
 * The date in New York, for what is kept by the day.
 *
 * The trading calendar knows it too, and takes longer to load than a hook may run.
 */

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The day of the month of the `n`th Sunday, `month` from 0. */
const sunday = (year: number, month: number, n: number): number => {
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay()
  return 1 + ((7 - first) % 7) + 7 * (n - 1)
}

/**
 * `YYYY-MM-DD` in New York at an instant, in milliseconds since 1970, by the rules that hold since 2007: daylight
 * saving from the second Sunday in March to the first in November, at two o'clock (15 U.S.C. 260a).
 */
export const exchangeDate = (millis: number): string => {
  const year = new Date(millis - 5 * HOUR).getUTCFullYear()
  const from = Date.UTC(year, 2, sunday(year, 2, 2), 7)
  const to = Date.UTC(year, 10, sunday(year, 10, 1), 6)
  const offset = millis >= from && millis < to ? 4 * HOUR : 5 * HOUR
  return new Date(Math.floor((millis - offset) / DAY) * DAY).toISOString().slice(0, 10)
}
