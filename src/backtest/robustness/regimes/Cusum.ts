/**
 * When the mean or the variance of returns changed: two-sided cumulative sums
 * (Page, "Continuous Inspection Schemes", 1954).
 *
 * A side sums max(0, S + z − k) of standardised values z and alarms above h; the
 * change is put where S last was zero. The mean is charted by (r − μ) ÷ σ, the
 * variance by the root of its size, √|(r − μ) ÷ σ|, which is nearly Gaussian for
 * Gaussian returns (Hawkins, "A CUSUM for a Scale Parameter", 1981); where μ and
 * σ are estimated, so are that root's mean and deviation, so that fat tails do
 * not pass for a change. After an alarm the reference is estimated anew from the
 * sessions since the change; until there are enough nothing is watched.
 */
import { Result } from "effect"
import { LEAST_DEVIATION, mean } from "../../../portfolio/Performance.ts"
import { sampleVariance } from "../../statistics/Moments.ts"
import type { ReturnSeries } from "../ReturnSeries.ts"
import { BadRequest, type RobustnessError } from "../RobustnessError.ts"
import { checkSeries } from "./RegimeInput.ts"
import { thresholdFor } from "./RunLength.ts"

/** What nothing having changed looks like. */
export interface Reference {
  readonly mean: number
  readonly deviation: number
  /** Of √|z|. */
  readonly rootMean: number
  readonly rootDeviation: number
}

/** √|z| of a standard Gaussian: mean 2^¼ Γ(¾) ÷ √π, variance √(2/π) less its square. */
export const standardNormal: Reference = {
  mean: 0,
  deviation: 1,
  rootMean: 0.8221789586624584,
  rootDeviation: 0.34915085670177143
}

export interface CusumOptions {
  /** Sessions a chart runs on average until it alarms although nothing changed; there are two charts. */
  readonly averageRunLength: number
  /** Sessions a reference is estimated from. */
  readonly calibration: number
  /** Known beforehand: then nothing is estimated, and after an alarm the charts begin at zero again. */
  readonly reference?: Reference
}

/** A false alarm of each chart in ten years; a year to estimate from. */
export const DEFAULT_RUN_LENGTH = 2520
export const DEFAULT_CALIBRATION = 252
/** Below, the approximation means nothing; above, no series is long enough. */
const SHORTEST_RUN = 50
const LONGEST_RUN = 1_000_000

export const defaultCusum: CusumOptions = {
  averageRunLength: DEFAULT_RUN_LENGTH,
  calibration: DEFAULT_CALIBRATION
}

/** Half the shift each chart is tuned to: half a deviation of the mean; twice the volatility, about one of its root. */
export const ALLOWANCE = { mean: 0.25, variance: 0.5 } as const

export interface CusumAlarm {
  readonly chart: "mean" | "variance"
  readonly direction: "up" | "down"
  /** The session at whose close it alarmed, from 0. */
  readonly at: number
  /** The first session after the estimated change. */
  readonly changed: number
}

export interface CusumResult {
  readonly options: CusumOptions
  readonly thresholds: { readonly mean: number; readonly variance: number }
  readonly alarms: ReadonlyArray<CusumAlarm>
  /** Sessions that were watched, neither the first of all nor those after an alarm. */
  readonly watched: number
}

const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN

/** One side: its sum, and the session after it was last zero. */
interface Side {
  readonly chart: CusumAlarm["chart"]
  readonly direction: CusumAlarm["direction"]
  sum: number
  since: number
}

const sidesFrom = (session: number): ReadonlyArray<Side> =>
  (["mean", "variance"] as const).flatMap((chart) =>
    (["up", "down"] as const).map((direction) => ({ chart, direction, sum: 0, since: session }))
  )

/** Undefined where the window does not vary. */
const estimated = (window: Float64Array): Reference | undefined => {
  const [centre, deviation] = [mean(window), Math.sqrt(sampleVariance(window))]
  if (!(deviation > LEAST_DEVIATION)) return undefined
  const roots = window.map((value) => Math.sqrt(Math.abs(value - centre) / deviation))
  const rootDeviation = Math.sqrt(sampleVariance(roots))
  return rootDeviation > LEAST_DEVIATION
    ? { mean: centre, deviation, rootMean: mean(roots), rootDeviation }
    : undefined
}

interface Watch {
  readonly returns: Float64Array
  readonly thresholds: CusumResult["thresholds"]
}

/** Watches from a session on, until an alarm or the end: the alarms of one session, and the session after it. */
const watch = (
  { returns, thresholds }: Watch,
  from: number,
  reference: Reference
): { readonly alarms: ReadonlyArray<CusumAlarm>; readonly next: number } => {
  const sides = sidesFrom(from)
  for (let t = from; t < returns.length; t++) {
    const z = (at(returns, t) - reference.mean) / reference.deviation
    const values = {
      mean: z,
      variance: (Math.sqrt(Math.abs(z)) - reference.rootMean) / reference.rootDeviation
    }
    const alarms: Array<CusumAlarm> = []
    for (const side of sides) {
      const value = side.direction === "up" ? values[side.chart] : -values[side.chart]
      side.sum = Math.max(0, side.sum + value - ALLOWANCE[side.chart])
      if (side.sum === 0) side.since = t + 1
      else if (side.sum > thresholds[side.chart]) {
        alarms.push({ chart: side.chart, direction: side.direction, at: t, changed: side.since })
      }
    }
    if (alarms.length > 0) return { alarms, next: t + 1 }
  }
  return { alarms: [], next: returns.length }
}

/** Every alarm of a series, from the first session that there is a reference for. */
export const watchChanges = (returns: Float64Array, options: CusumOptions): CusumResult => {
  const { averageRunLength, calibration } = options
  const thresholds = {
    mean: thresholdFor(averageRunLength, ALLOWANCE.mean),
    variance: thresholdFor(averageRunLength, ALLOWANCE.variance)
  }
  const alarms: Array<CusumAlarm> = []
  let watched = 0
  /** Where the sessions begin that a reference is estimated from. */
  let base = 0
  /** The first session that has not been watched. */
  let next = 0
  while (next < returns.length) {
    const from = options.reference === undefined ? Math.max(next, base + calibration) : next
    if (from >= returns.length) break
    const reference = options.reference ?? estimated(returns.subarray(base, base + calibration))
    if (reference === undefined) {
      base += 1
      continue
    }
    const seen = watch({ returns, thresholds }, from, reference)
    watched += seen.next - from
    alarms.push(...seen.alarms)
    next = seen.next
    base = Math.max(base, ...seen.alarms.map(({ changed }) => changed))
  }
  return { options, thresholds, alarms, watched }
}

export const cusum = (
  series: ReturnSeries,
  options: CusumOptions = defaultCusum
): Result.Result<CusumResult, RobustnessError> => {
  const { averageRunLength, calibration } = options
  if (!(averageRunLength >= SHORTEST_RUN && averageRunLength <= LONGEST_RUN)) {
    return Result.fail(
      new BadRequest({
        message: `an average run length of ${averageRunLength} sessions: expected ${SHORTEST_RUN} to ${LONGEST_RUN}`
      })
    )
  }
  return Result.map(checkSeries(series, "a CUSUM chart", calibration + 1), ({ returns }) =>
    watchChanges(returns, options)
  )
}
