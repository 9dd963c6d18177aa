/**
 * Monte Carlo on returns: how else the same returns might have come. Efron (1979, "Bootstrap methods: another look at
 * the jackknife") for the resample with replacement, Politis and Romano (1994, "The stationary bootstrap") for blocks,
 * and orders without replacement. The paths' falls, totals, times under water and Sharpe ratios as distributions.
 */
import { Result } from "effect"
import { BadRequest } from "../RobustnessError.ts"
import { exactPaths, exactQuantiles, meanOf, partFrom, supportOf } from "./Enumeration.ts"
import { type FallHistogram, fallHistogram } from "./FallHistogram.ts"
import type { MonteCarloPlan } from "./MonteCarloPlan.ts"
import { detailedPaths, type Fan, fanSteps, pathDetails, walkDetails } from "./PathDetails.ts"
import type { PathColumns } from "./PathKernel.ts"
import {
  estimatedProbability,
  estimatedQuantile,
  type ProbabilityEstimate,
  type QuantileEstimate
} from "./Quantiles.ts"
import { sortedColumn } from "./SortedColumn.ts"

/** What is told of every distribution. */
export const toldProbabilities = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const

export interface Distribution {
  /** Paths that have such a figure. */
  readonly paths: number
  readonly mean: number
  /** One each of `toldProbabilities`. */
  readonly quantiles: ReadonlyArray<QuantileEstimate>
}

/** The same figures of the returns as they came. */
export interface ActualPath {
  readonly maxDrawdown: number
  readonly totalReturn: number
  readonly underWater: number
  /** × √252; undefined of a path of one return. */
  readonly sharpe: number | undefined
  /** At the fan's steps; undefined where a path has another length. */
  readonly equity: ReadonlyArray<number> | undefined
}

export interface ExactFigures {
  readonly paths: number
  readonly meanMaxDrawdown: number
  readonly meanTotalReturn: number
  readonly maxDrawdown: ReturnType<typeof exactQuantiles>
  readonly totalReturn: ReturnType<typeof exactQuantiles>
  readonly ruin: number
  readonly loss: number
  /** Different drawdowns and how many paths have each. */
  readonly support: ReturnType<typeof supportOf>
}

export interface MonteCarlo {
  readonly plan: MonteCarloPlan
  /** Magnitudes, zero or positive; so in all that follows. */
  readonly maxDrawdown: Distribution
  /** Of shuffles the same on every path. */
  readonly totalReturn: Distribution
  readonly isTotalFixed: boolean
  /** Of the first paths: steps of the longest time below a peak, whole or unfinished; Sharpe ratios × √252. */
  readonly underWater: Distribution
  readonly sharpe: Distribution | undefined
  readonly ruin: ProbabilityEstimate
  readonly loss: ProbabilityEstimate
  /** Part of the paths that fell at least as deep as the returns did in the order they came. */
  readonly asDeep: ProbabilityEstimate
  readonly actual: ActualPath
  readonly fan: Fan
  readonly histogram: FallHistogram
  /** Undefined where there are too many paths to walk them all. */
  readonly exact: ExactFigures | undefined
}

const distribution = (ascending: Float64Array): Distribution => ({
  paths: ascending.length,
  mean: meanOf(ascending),
  quantiles: toldProbabilities.map((probability) => estimatedQuantile(ascending, probability))
})

/** A loss is a total below zero by more than rounding. */
const LEAST_LOSS = 1e-12
/** Falls closer than this are as deep. */
const SAME_FALL = 1e-12

const countOf = (column: Float64Array, test: (value: number) => boolean): number =>
  column.reduce((count, value) => count + (test(value) ? 1 : 0), 0)

const actualOf = ({ length, series, source }: MonteCarloPlan, centre: number): ActualPath => {
  const n = series.returns.length
  const places = Uint16Array.from({ length: n }, (_, i) => i)
  const equity: Array<number> = []
  const steps = fanSteps(n)
  const walked = walkDetails(
    { ...source, length: n },
    places,
    centre,
    (_, value) => equity.push(value),
    steps
  )
  let [growth, peak, fall] = [1, 1, 0]
  for (const value of series.returns) {
    growth *= 1 + value
    peak = Math.max(peak, growth)
    fall = Math.max(fall, 1 - growth / peak)
  }
  return {
    maxDrawdown: fall,
    totalReturn: growth - 1,
    underWater: walked.longest,
    sharpe: walked.sharpe,
    equity: length === n ? equity : undefined
  }
}

const exactFigures = ({ length, method, ruin, series }: MonteCarloPlan): ExactFigures | undefined => {
  const all = exactPaths(method, series.returns, length)
  if (all === undefined) return undefined
  const { falls, paths, totals } = all
  return {
    paths,
    meanMaxDrawdown: meanOf(falls),
    meanTotalReturn: meanOf(totals),
    maxDrawdown: exactQuantiles(falls),
    totalReturn: exactQuantiles(totals),
    ruin: partFrom(falls, ruin),
    loss: countOf(totals, (value) => value < -LEAST_LOSS) / paths,
    support: supportOf(falls)
  }
}

/** What the walked columns of a plan come to. */
export const summarized = (
  plan: MonteCarloPlan,
  { falls, growths }: PathColumns
): Result.Result<MonteCarlo, BadRequest> => {
  const { method, paths, ruin, series, source } = plan
  if (!growths.every((growth) => growth < Infinity)) {
    return Result.fail(
      new BadRequest({
        message: `paths of ${plan.length} such returns grow beyond what is a number: ask for shorter ones`
      })
    )
  }
  const centre = meanOf(series.returns)
  const details = pathDetails(source, detailedPaths(paths, plan.length))
  const actual = actualOf(plan, centre)
  const isTotalFixed = method === "shuffle"
  const ordered = sortedColumn(falls)
  const totals = isTotalFixed
    ? new Float64Array(paths).fill(actual.totalReturn)
    : sortedColumn(growths).map((growth) => growth - 1)
  const part = (test: (value: number) => boolean, column: Float64Array): ProbabilityEstimate =>
    estimatedProbability(countOf(column, test), paths)
  const sharpes =
    isTotalFixed && actual.sharpe !== undefined
      ? new Float64Array(details.sharpes.length).fill(actual.sharpe)
      : details.sharpes
  return Result.succeed({
    plan,
    maxDrawdown: distribution(ordered),
    totalReturn: distribution(totals),
    isTotalFixed,
    underWater: distribution(details.underWater),
    sharpe: sharpes.length === 0 ? undefined : distribution(sharpes),
    ruin: part((fall) => fall >= ruin - SAME_FALL, ordered),
    loss: part((total) => total < -LEAST_LOSS, totals),
    asDeep: part((fall) => fall >= actual.maxDrawdown - SAME_FALL, ordered),
    actual,
    fan: details.fan,
    histogram: fallHistogram(ordered),
    exact: exactFigures(plan)
  })
}

/** The quantile of one of `toldProbabilities`. */
export const quantileAt = (
  { quantiles }: Distribution,
  probability: (typeof toldProbabilities)[number]
): QuantileEstimate | undefined => quantiles.find((one) => one.probability === probability)
