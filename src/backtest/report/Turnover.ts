/** What was traded by month, quarter or year, against the equity meanwhile. */
import { type SessionDate, dayOfDate } from "../../domain/Timestamp.ts"

export type TurnoverPeriod = "session" | "month" | "quarter" | "year"

export interface TurnoverBar {
  /** Days since 1970-01-01, in the middle of the period's sessions. */
  readonly day: number
  /** Bought and sold over the mean equity: 2 is all sold and bought back. */
  readonly ratio: number
}

export interface Turnover {
  readonly period: TurnoverPeriod
  readonly bars: ReadonlyArray<TurnoverBar>
}

const quarterOf = (date: string): string =>
  `${date.slice(0, 4)}q${Math.floor((Number(date.slice(5, 7)) - 1) / 3)}`

const keys: ReadonlyArray<readonly [TurnoverPeriod, (date: string) => string]> = [
  ["session", (date) => date],
  ["month", (date) => date.slice(0, 7)],
  ["quarter", quarterOf],
  ["year", (date) => date.slice(0, 4)]
]

/** By the shortest period that gives no more than `most` bars; a period without equity has none. */
export const turnoverOf = (
  dates: ReadonlyArray<SessionDate>,
  traded: Float64Array,
  equities: Float64Array,
  most: number
): Turnover => {
  const [period, keyOf] = keys.find(([, key]) => new Set(dates.map(key)).size <= most) ?? [
    "year" as const,
    (date: string) => date.slice(0, 4)
  ]
  const bars: Array<TurnoverBar> = []
  let from = 0
  for (let i = 1; i <= dates.length; i++) {
    const [first, last, next] = [dates[from], dates[i - 1], dates[i]]
    if (first === undefined || last === undefined) break
    if (next !== undefined && keyOf(next) === keyOf(first)) continue
    const mean = sum(equities.subarray(from, i)) / (i - from)
    if (mean > 0) {
      const day = (dayOfDate(first) + dayOfDate(last)) / 2
      bars.push({ day, ratio: sum(traded.subarray(from, i)) / mean })
    }
    from = i
  }
  return { period, bars }
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)
