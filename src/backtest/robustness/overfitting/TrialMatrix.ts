/** The returns of several trials over the same periods: a column each. */
import { Result } from "effect"
import { mean } from "../../../portfolio/Performance.ts"
import { sampleVariance } from "../../statistics/Moments.ts"
import { checkReturns, checkVaries, type ReturnSeries } from "../ReturnSeries.ts"
import { BadRequest, type RobustnessError, tooFew } from "../RobustnessError.ts"

/** Two trials at least, all of one length, none of them constant; made by `trialMatrix`. */
export interface TrialMatrix {
  readonly names: ReadonlyArray<string>
  readonly columns: ReadonlyArray<Float64Array>
  /** Returns of each trial. */
  readonly length: number
}

/** Fewest trials among which a choice can be overfitted. */
export const LEAST_TRIALS = 2

/** Checked; the method's name is as a message says it. */
export const trialMatrix = (
  series: ReadonlyArray<ReturnSeries>,
  method: string
): Result.Result<TrialMatrix, RobustnessError> => {
  const [first] = series
  if (first === undefined || series.length < LEAST_TRIALS) {
    return Result.fail(tooFew(method, "different trials", LEAST_TRIALS, series.length))
  }
  const { length } = first.returns
  for (const one of series) {
    const { name, returns } = one
    if (returns.length !== length) {
      return Result.fail(
        new BadRequest({
          message: `${method} needs trials over the same periods: ${first.name} has ${length} returns, ${name} has ${returns.length}. Give every trial one return of each period`
        })
      )
    }
    const checked = Result.flatMap(checkReturns(one), checkVaries)
    if (Result.isFailure(checked)) return Result.fail(checked.failure)
  }
  return Result.succeed({
    names: series.map(({ name }) => name),
    columns: series.map(({ returns }) => returns),
    length
  })
}

/** Mean ÷ standard deviation (n − 1): per return, not per year. */
export const sharpePerReturn = (returns: Float64Array): number =>
  mean(returns) / Math.sqrt(sampleVariance(returns))

/** Differences of this part of a figure are rounding. */
export const ROUNDING = 1e-9

const isClose = (a: number, b: number): boolean =>
  Math.abs(a - b) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b))

const lengthOf = (returns: Float64Array): number =>
  Math.sqrt(returns.reduce((sum, value) => sum + value * value, 0))

/** The one is the other at another size, or the other itself. */
const isSameBet = (a: Float64Array, b: Float64Array): boolean => {
  if (a.length !== b.length) return false
  const [lengthA, lengthB] = [lengthOf(a), lengthOf(b)]
  if (!(lengthA > 0 && lengthB > 0)) return lengthA === lengthB
  const most = (ROUNDING * lengthA) / Math.sqrt(a.length)
  return a.every((value, i) => Math.abs(value - ((b[i] ?? 0) * lengthA) / lengthB) <= most)
}

/**
 * Series that are the same, or the same at another size, are one trial: the first of them, and how many others there
 * were. How much is borrowed changes no Sharpe ratio, so there is nothing in it to choose.
 */
export const distinct = <A extends Pick<ReturnSeries, "returns">>(
  series: ReadonlyArray<A>
): { readonly kept: ReadonlyArray<A>; readonly repeated: number } => {
  const bySharpe = series
    .map(({ returns }, at) => ({ at, returns, sharpe: sharpePerReturn(returns) }))
    .toSorted((a, b) => a.sharpe - b.sharpe)
  const again = new Set<number>()
  for (const [i, one] of bySharpe.entries()) {
    for (let k = i + 1; k < bySharpe.length; k++) {
      const other = bySharpe[k]
      if (other === undefined || !isClose(one.sharpe, other.sharpe)) break
      if (isSameBet(one.returns, other.returns)) again.add(Math.max(one.at, other.at))
    }
  }
  return { kept: series.filter((_, at) => !again.has(at)), repeated: again.size }
}
