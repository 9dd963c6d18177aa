/** Sessions that a source's files leave out. */
import type { SessionDate } from "../domain/Timestamp.ts"
import { sessionsBetween } from "./TradingCalendar.ts"

export interface SessionGap {
  /** Its first and last missing session. */
  readonly from: SessionDate
  readonly to: SessionDate
}

/** Unbroken runs of missing sessions between the first and the last covered one; `covered` is ascending and of sessions. */
export const missingSessions = (covered: ReadonlyArray<SessionDate>): ReadonlyArray<SessionGap> => {
  const first = covered[0]
  const last = covered.at(-1)
  if (first === undefined || last === undefined) return []
  const have = new Set(covered)
  const gaps: Array<SessionGap> = []
  let open: SessionGap | undefined
  for (const { date } of sessionsBetween(first, last)) {
    if (!have.has(date)) {
      open = { from: open?.from ?? date, to: date }
    } else if (open !== undefined) {
      gaps.push(open)
      open = undefined
    }
  }
  return gaps
}
