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

const isSame = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i])

/** Equal of series that are the same; of few others. */
const keyOf = (returns: Float64Array): string =>
  `${returns.length} ${returns.reduce((sum, value, i) => sum + value * (1 + (i % 7)), 0)}`

/** Series that are the same are one trial: the first of them, and how many others there were. */
export const distinct = <A extends Pick<ReturnSeries, "returns">>(
  series: ReadonlyArray<A>
): { readonly kept: ReadonlyArray<A>; readonly repeated: number } => {
  const known = new Map<string, Array<Float64Array>>()
  const kept = series.filter(({ returns }) => {
    const key = keyOf(returns)
    const alike = known.get(key) ?? []
    if (alike.some((other) => isSame(other, returns))) return false
    known.set(key, [...alike, returns])
    return true
  })
  return { kept, repeated: series.length - kept.length }
}
