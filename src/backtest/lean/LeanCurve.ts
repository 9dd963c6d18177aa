/**
 * LEAN's charts as columns of one value a session.
 *
 * LEAN samples the account every few minutes and at every midnight in New York,
 * and stamps a sample with the moment it was taken: what is stamped midnight is
 * the value of the day that ends then. A session's value is the last sample from
 * its close to midnight; the very first is the money that the algorithm began
 * with. Files may hold fewer samples of the equity than of its daily change:
 * a session without one of its close is the one before, changed by that.
 */
import { Result } from "effect"
import { MICROS_PER_SECOND, type SessionDate, timestamp } from "../../domain/Timestamp.ts"
import type { Session } from "../../market/TradingCalendar.ts"
import * as TradingCalendar from "../../market/TradingCalendar.ts"
import type { LeanPoint, LeanResult } from "./LeanResult.ts"
import { LeanResultError } from "./LeanResultError.ts"

export interface LeanCurve {
  readonly dates: ReadonlyArray<SessionDate>
  /** What the account began with, in dollars. */
  readonly start: number
  /** In dollars, one value a session. */
  readonly equity: Float64Array
  /** What the benchmark makes of the same start; all of it the start where LEAN has none. */
  readonly benchmark: Float64Array
  /** Dollars held, long and short together, and long less short. */
  readonly grossExposure: Float64Array
  readonly netExposure: Float64Array
}

/** A larger share of sessions without a sample of their own is a summary's curve. */
const MOST_MISSING_RATIO = 0.1

interface Sample {
  /** Seconds since 1970. */
  readonly at: number
  readonly value: number
}

const isTuple = (point: LeanPoint): point is Extract<LeanPoint, ReadonlyArray<unknown>> =>
  Array.isArray(point)

/** The last number of a point is the value then: of a candle, its close. */
const sampleOf = (point: LeanPoint): ReadonlyArray<Sample> => {
  const at = isTuple(point) ? point[0] : point.x
  const value = isTuple(point) ? (point.length > 1 ? point.at(-1) : undefined) : point.y
  return typeof at === "number" && typeof value === "number" ? [{ at, value }] : []
}

const samplesOf = (result: LeanResult, chart: string, series: string): ReadonlyArray<Sample> => {
  const points = result.charts?.[chart]?.series?.[series]?.values ?? []
  return points.flatMap(sampleOf).toSorted((a, b) => a.at - b.at)
}

/** The day that a sample is of: one of midnight, of the day before. */
const dayOf = ({ at }: Sample): SessionDate =>
  TradingCalendar.exchangeDate(timestamp(Math.round(at * MICROS_PER_SECOND) - 1))

/** By day: the last sample of each. */
const lastOfDays = (samples: ReadonlyArray<Sample>): ReadonlyMap<SessionDate, Sample> =>
  new Map(samples.map((sample) => [dayOf(sample), sample]))

interface Column {
  readonly values: Float64Array
  readonly missing: number
}

const isOfClose = ({ at }: Sample, { close }: Session): boolean => Math.round(at * MICROS_PER_SECOND) >= close

/** A session without a sample keeps what was. `changes`: daily ones, in percent. */
const columnOf = (
  sessions: ReadonlyArray<Session>,
  samples: ReadonlyArray<Sample>,
  start: number,
  changes: ReadonlyArray<Sample> = []
): Column => {
  const byDay = lastOfDays(samples)
  const changeOf = lastOfDays(changes)
  let value = start
  let missing = 0
  const values = Float64Array.from(sessions, (session) => {
    const own = byDay.get(session.date)
    const change = changeOf.get(session.date)
    if (own !== undefined && isOfClose(own, session)) value = own.value
    else if (change !== undefined) value *= 1 + change.value / 100
    else if (own === undefined) missing++
    else value = own.value
    return value
  })
  return { values, missing }
}

const exposures = (
  result: LeanResult,
  sessions: ReadonlyArray<Session>,
  equity: Float64Array
): Pick<LeanCurve, "grossExposure" | "netExposure"> => {
  const grossExposure = new Float64Array(sessions.length)
  const netExposure = new Float64Array(sessions.length)
  // "Equity - Long Ratio", "Equity - Short Ratio" and those of other kinds; older files have one of each kind, signed.
  for (const [name, { values }] of Object.entries(result.charts?.["Exposure"]?.series ?? {})) {
    const samples = (values ?? []).flatMap(sampleOf).toSorted((a, b) => a.at - b.at)
    const column = columnOf(sessions, samples, 0).values
    const isShort = /short/iu.test(name)
    sessions.forEach((_, at) => {
      const ratio = column[at] ?? 0
      const held = (isShort ? -Math.abs(ratio) : ratio) * (equity[at] ?? 0)
      grossExposure[at] = (grossExposure[at] ?? 0) + Math.abs(held)
      netExposure[at] = (netExposure[at] ?? 0) + held
    })
  }
  return { grossExposure, netExposure }
}

const benchmarkOf = (result: LeanResult, sessions: ReadonlyArray<Session>, start: number): Float64Array => {
  const samples = samplesOf(result, "Benchmark", "Benchmark")
  const first = samples[0]?.value ?? 0
  if (!(first > 0)) return new Float64Array(sessions.length).fill(start)
  return columnOf(sessions, samples, first).values.map((value) => (value / first) * start)
}

const sessionsOf = (samples: ReadonlyArray<Sample>): ReadonlyArray<Session> => {
  const [from] = samples
  const to = samples.at(-1)
  if (from === undefined || to === undefined) return []
  // The first sample is the start, and of no session unless it is taken in one.
  const first = TradingCalendar.exchangeDate(timestamp(Math.round(from.at * MICROS_PER_SECOND)))
  const last = dayOf(to)
  return first > last ? [] : TradingCalendar.sessionsBetween(first, last)
}

const isCovered = ({ at }: Sample): boolean =>
  Result.isSuccess(TradingCalendar.checkInstant(timestamp(Math.round(at * MICROS_PER_SECOND) - 1)))

/** The daily change has had two names. */
const changesOf = (result: LeanResult): ReadonlyArray<Sample> => [
  ...samplesOf(result, "Strategy Equity", "Daily Performance"),
  ...samplesOf(result, "Strategy Equity", "Return")
]

/** `path` is for messages. */
export const leanCurve = (result: LeanResult, path: string): Result.Result<LeanCurve, LeanResultError> => {
  const fail = (reason: "no-curve" | "too-coarse", why: string) =>
    Result.fail(new LeanResultError({ reason, path, message: `${path}: ${why}` }))
  const samples = samplesOf(result, "Strategy Equity", "Equity")
  const changes = changesOf(result)
  const all = [...samples, ...changes].toSorted((a, b) => a.at - b.at)
  if (!all.every(isCovered)) {
    return fail(
      "no-curve",
      `its equity curve lies outside the exchange's calendar, which goes from ${TradingCalendar.firstDate} to ${TradingCalendar.lastDate}`
    )
  }
  const sessions = sessionsOf(all)
  const [first] = samples
  if (first === undefined || sessions.length === 0) {
    return fail(
      "no-curve",
      "it has no equity curve of a single session: the algorithm ended before one was over"
    )
  }
  const { missing, values: equity } = columnOf(sessions, samples, first.value, changes)
  if (missing > sessions.length * MOST_MISSING_RATIO) {
    return fail(
      "too-coarse",
      `its equity curve has no value of its own for ${missing} of ${sessions.length} sessions, as LEAN's summaries have it: take the whole result, <id>.json`
    )
  }
  return Result.succeed({
    dates: sessions.map(({ date }) => date),
    start: first.value,
    equity,
    benchmark: benchmarkOf(result, sessions, first.value),
    ...exposures(result, sessions, equity)
  })
}
