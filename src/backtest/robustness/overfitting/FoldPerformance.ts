/**
 * How the judged trial did in each fold of the data, and what choosing the best
 * trial on the other folds (purged and embargoed, see `PurgedFolds.ts`) came to:
 * the variance of performance across windows.
 */
import { Result } from "effect"
import { LEAST_DEVIATION, mean } from "../../../portfolio/Performance.ts"
import { sampleVariance } from "../../statistics/Moments.ts"
import type { RobustnessError } from "../RobustnessError.ts"
import { type IndexRange, purgedFolds } from "./PurgedFolds.ts"
import type { TrialMatrix } from "./TrialMatrix.ts"

export const USUAL_FOLDS = 8
/** Part of all returns that does not train after a test: López de Prado (2018), section 7.4.2. */
export const EMBARGO_PART = 0.01

export interface FoldOutcome extends IndexRange {
  /** Of the judged trial, per return; undefined where it did not vary. */
  readonly sharpe: number | undefined
  /** Compounded. */
  readonly totalReturn: number
  /** The trial with the highest Sharpe ratio on the folds that train. */
  readonly chosen: number
  readonly chosenInSample: number
  readonly chosenOutOfSample: number | undefined
}

export interface FoldPerformance {
  readonly folds: ReadonlyArray<FoldOutcome>
  readonly embargo: number
  /** Part of the folds in which the judged trial gained. */
  readonly gained: number
  /** Of the judged trial's Sharpe ratios, n − 1; undefined where fewer than two can be told. */
  readonly deviation: number | undefined
  /** Mean of the chosen trials' Sharpe ratios outside what chose them. */
  readonly chosenMean: number | undefined
}

const ratioOf = (returns: Float64Array): number | undefined => {
  if (returns.length < 2) return undefined
  const deviation = Math.sqrt(sampleVariance(returns))
  return deviation > LEAST_DEVIATION ? mean(returns) / deviation : undefined
}

/** Sums of a trial's returns and of their squares, up to each of them. */
interface RunningSums {
  readonly sums: Float64Array
  readonly squares: Float64Array
}

const runningSums = (column: Float64Array): RunningSums => {
  const sums = new Float64Array(column.length + 1)
  const squares = new Float64Array(column.length + 1)
  let [sum, square] = [0, 0]
  for (let i = 0; i < column.length; i++) {
    const value = column[i] ?? 0
    sum += value
    square += value * value
    sums[i + 1] = sum
    squares[i + 1] = square
  }
  return { sums, squares }
}

/** A spread below this part of the squares is what rounding leaves of none. */
const ROUNDING = 1e-10

/** Over these ranges together; zero where the trial did not vary: nothing was risked. */
const ratioOver = ({ squares, sums }: RunningSums, ranges: ReadonlyArray<IndexRange>): number => {
  let [sum, square, count] = [0, 0, 0]
  for (const { from, to } of ranges) {
    sum += (sums[to] ?? 0) - (sums[from] ?? 0)
    square += (squares[to] ?? 0) - (squares[from] ?? 0)
    count += to - from
  }
  const centre = sum / count
  const spread = square - sum * centre
  return spread > ROUNDING * square && count > 1 ? centre / Math.sqrt(spread / (count - 1)) : 0
}

const told = (values: ReadonlyArray<number | undefined>): Float64Array =>
  Float64Array.from(values.filter((value) => value !== undefined))

/** Two returns a fold at least. */
export const foldPerformance = (
  { columns, length }: TrialMatrix,
  judged: number,
  folds: number
): Result.Result<FoldPerformance, RobustnessError> => {
  const embargo = Math.ceil(length * EMBARGO_PART)
  const running = columns.map(runningSums)
  return Result.map(purgedFolds({ length, groups: folds, testGroups: 1, horizon: 0, embargo }), (splits) => {
    const outcomes = splits.flatMap(({ test, train }): ReadonlyArray<FoldOutcome> => {
      const [range] = test
      if (range === undefined) return []
      const inside = running.map((sums) => ratioOver(sums, train))
      const chosen = inside.reduce((best, ratio, i) => (ratio > (inside[best] ?? 0) ? i : best), 0)
      const own = columns[judged]?.subarray(range.from, range.to) ?? new Float64Array()
      return [
        {
          ...range,
          sharpe: ratioOf(own),
          totalReturn: own.reduce((growth, value) => growth * (1 + value), 1) - 1,
          chosen,
          chosenInSample: inside[chosen] ?? 0,
          chosenOutOfSample: ratioOf(columns[chosen]?.subarray(range.from, range.to) ?? new Float64Array())
        }
      ]
    })
    const own = told(outcomes.map(({ sharpe }) => sharpe))
    const out = told(outcomes.map(({ chosenOutOfSample }) => chosenOutOfSample))
    return {
      folds: outcomes,
      embargo,
      gained: outcomes.filter(({ totalReturn }) => totalReturn > 0).length / outcomes.length,
      deviation: own.length < 2 ? undefined : Math.sqrt(sampleVariance(own)),
      chosenMean: out.length === 0 ? undefined : mean(out)
    }
  })
}
