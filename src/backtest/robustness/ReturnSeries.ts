/** The returns of a backtest, of whatever engine: what the methods here look at. Pure. */
import { Result } from "effect"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { BadReturn, ConstantReturns, type TooFewObservations, tooFew } from "./RobustnessError.ts"

export interface ReturnSeries {
  /** As people call it: a backtest's id, a column of a file. */
  readonly name: string
  /** Of each period, or of each trade, as ratios: 0.01 is 1%. */
  readonly returns: Float64Array
  /** One a return; undefined where nobody knows. */
  readonly dates: ReadonlyArray<SessionDate> | undefined
}

/** Every return is a number and no loss is larger than everything there is. */
export const checkReturns = (series: ReturnSeries): Result.Result<ReturnSeries, BadReturn> => {
  const { name, returns } = series
  const at = returns.findIndex((value) => !(value >= -1 && value < Infinity))
  if (at < 0) return Result.succeed(series)
  const value = returns[at] ?? Number.NaN
  const date = series.dates?.[at]
  const where = `return ${at + 1}${date === undefined ? "" : ` (${date})`} of ${name}`
  return Result.fail(
    new BadReturn({
      series: name,
      at: at + 1,
      message:
        value < -1
          ? `${where} is ${value}, which loses more than everything: returns are ratios, 0.01 for 1%`
          : `${where} is no finite number`
    })
  )
}

/** The method's name is as a message says it: "a regime model". */
export const checkLength = (
  series: ReturnSeries,
  method: string,
  needs: number
): Result.Result<ReturnSeries, TooFewObservations> =>
  series.returns.length >= needs
    ? Result.succeed(series)
    : Result.fail(tooFew(method, "returns", needs, series.returns.length))

/** Returns closer to their mean than this differ by rounding alone. */
const LEAST_SPREAD = 1e-12

export const checkVaries = (series: ReturnSeries): Result.Result<ReturnSeries, ConstantReturns> => {
  const { name, returns } = series
  const [first = 0] = returns
  return returns.some((value) => Math.abs(value - first) > LEAST_SPREAD)
    ? Result.succeed(series)
    : Result.fail(
        new ConstantReturns({
          series: name,
          message: `the returns of ${name} are all ${first}: nothing can be told from returns that do not vary`
        })
      )
}
