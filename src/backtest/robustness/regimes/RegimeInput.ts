/** What every method of regimes asks of a series first. */
import { Result } from "effect"
import { checkLength, checkReturns, checkVaries, type ReturnSeries } from "../ReturnSeries.ts"
import { BadRequest, type RobustnessError } from "../RobustnessError.ts"

/** A century of sessions: an expanding window is fitted again and again. */
export const MOST_REGIME_RETURNS = 25_000

/** Long enough for `method`, not too long, varying, and numbers all of them. */
export const checkSeries = (
  series: ReturnSeries,
  method: string,
  needs: number
): Result.Result<ReturnSeries, RobustnessError> => {
  const { name, returns } = series
  if (returns.length > MOST_REGIME_RETURNS) {
    return Result.fail(
      new BadRequest({
        message: `${name} has ${returns.length} returns, and ${method} takes ${MOST_REGIME_RETURNS} at most: give it daily returns, or a shorter stretch`
      })
    )
  }
  return checkReturns(series).pipe(
    Result.flatMap((one) => checkLength(one, method, needs)),
    Result.flatMap(checkVaries)
  )
}
