/**
 * Bull, bear or sideways by rules, each session from what was known at its close.
 *
 * Trend: a close against the mean of its last 200 (the moving-average rule of
 * Brock, Lakonishok and LeBaron, "Simple Technical Trading Rules", 1992, with
 * their band of 1%; Faber, "A Quantitative Approach to Tactical Asset
 * Allocation", 2007, has it by months), and the slope of that mean over 20
 * sessions. Bull: above the band and the mean rising. Bear: below it and
 * falling. Sideways: whatever else. Volatility: the deviation of the last 63
 * returns against the median of all such deviations so far. While it is above
 * (turbulent) the band is twice as wide, for a crossing says less then.
 */
import { Result } from "effect"
import type { ReturnSeries } from "../ReturnSeries.ts"
import { BadRequest, type RobustnessError } from "../RobustnessError.ts"
import { knownAtClose, type KnownAtClose } from "./Known.ts"
import { checkSeries } from "./RegimeInput.ts"

export const trends = ["bull", "sideways", "bear"] as const
export type Trend = (typeof trends)[number]
export const volatilities = ["calm", "turbulent"] as const
export type Volatility = (typeof volatilities)[number]

/** In sessions. */
const TREND = 200
const SLOPE = 20
const VOLATILITY = 63
/** Deviations before their median says anything: half a year of them. */
const LEAST_DEVIATIONS = 126
const BAND = { calm: 0.01, turbulent: 0.02 } as const satisfies Record<Volatility, number>

/** Of n returns there are n + 1 closes; the first label is of the last of these. */
export const RULE_NEEDS = TREND + SLOPE - 1

export interface RuleRegimes {
  readonly trend: KnownAtClose<Trend>
  readonly volatility: KnownAtClose<Volatility>
}

const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN

/** What a dollar became, one a close: one more than returns, the first 1. */
export const closesOf = (returns: Float64Array): Float64Array => {
  const closes = new Float64Array(returns.length + 1)
  closes[0] = 1
  for (let i = 0; i < returns.length; i++) closes[i + 1] = at(closes, i) * (1 + at(returns, i))
  return closes
}

/** Mean of the last `window` values at each place, NaN before there are as many. Summed anew each time: no drift. */
const trailingMeans = (values: Float64Array, window: number): Float64Array =>
  values.map((_, i) => {
    if (i + 1 < window) return Number.NaN
    let sum = 0
    for (let k = i + 1 - window; k <= i; k++) sum += at(values, k)
    return sum / window
  })

const trailingDeviations = (returns: Float64Array, window: number): Float64Array => {
  const means = trailingMeans(returns, window)
  return returns.map((_, i) => {
    if (i + 1 < window) return Number.NaN
    const mean = at(means, i)
    let sum = 0
    for (let k = i + 1 - window; k <= i; k++) sum += (at(returns, k) - mean) ** 2
    return Math.sqrt(sum / (window - 1))
  })
}

/** Where `value` goes in an ascending list. */
const placeOf = (sorted: ReadonlyArray<number>, value: number): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? Number.NaN) <= value) low = middle + 1
    else high = middle
  }
  return low
}

const medianOf = (sorted: ReadonlyArray<number>): number => {
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

const volatilityStates = (returns: Float64Array): ReadonlyArray<Volatility | undefined> => {
  const sofar: Array<number> = []
  return Array.from(trailingDeviations(returns, VOLATILITY), (deviation) => {
    if (Number.isNaN(deviation)) return undefined
    sofar.splice(placeOf(sofar, deviation), 0, deviation)
    if (sofar.length < LEAST_DEVIATIONS) return undefined
    return deviation > medianOf(sofar) ? "turbulent" : "calm"
  })
}

const trendOf = (close: number, mean: number, before: number, band: number): Trend => {
  if (close > mean * (1 + band) && mean > before) return "bull"
  if (close < mean * (1 - band) && mean < before) return "bear"
  return "sideways"
}

/** Labels of a market from its returns; undefined until there are closes enough. */
export const ruleRegimes = (market: ReturnSeries): Result.Result<RuleRegimes, RobustnessError> =>
  Result.flatMap(checkSeries(market, "a regime by rules", RULE_NEEDS), ({ name, returns }) => {
    const closes = closesOf(returns)
    if (!closes.every((close) => close > 0 && close < Infinity)) {
      return Result.fail(
        new BadRequest({ message: `${name} loses everything or grows beyond all numbers: it has no trend` })
      )
    }
    const means = trailingMeans(closes, TREND)
    const volatility = volatilityStates(returns)
    const trend = Array.from(returns, (_, i) => {
      const state = volatility[i]
      const [mean, before] = [at(means, i + 1), at(means, i + 1 - SLOPE)]
      return state === undefined || Number.isNaN(before)
        ? undefined
        : trendOf(at(closes, i + 1), mean, before, BAND[state])
    })
    return Result.succeed({ trend: knownAtClose(trend), volatility: knownAtClose(volatility) })
  })
