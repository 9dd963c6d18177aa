/** What is asked of Monte Carlo, checked: from here on every path has numbers that mean something. */
import { Result } from "effect"
import { checkLength, checkReturns, checkVaries, type ReturnSeries } from "../ReturnSeries.ts"
import { BadRequest, type RobustnessError } from "../RobustnessError.ts"
import { automaticBlockLength, LEAST_FOR_BLOCKS } from "./BlockLength.ts"
import type { PathMethod, PathSource } from "./PathKernel.ts"
import { streamKeys } from "./Stream.ts"

/** Fewer have no quantile of 5%. */
export const LEAST_PATHS = 20
export const MAX_PATHS = 1_000_000
/** Steps of a path. */
export const MAX_PATH_LENGTH = 65_536
/** The place of a return is drawn with 16 bits twice. */
export const MAX_PATH_RETURNS = 65_536
/** Steps of all paths together: about a minute. */
export const MAX_PATH_STEPS = 20_000_000_000
/** A resampled order of a single return is no order. */
const LEAST_RETURNS = 2

export interface MonteCarloOptions {
  readonly method: PathMethod
  readonly paths: number
  /** A whole number, zero or above. */
  readonly seed: number
  /** Mean length of blocks; chosen from the returns when undefined. */
  readonly block: number | undefined
  /** Steps of a path; as many as there are returns when undefined. */
  readonly length: number | undefined
  /** The fall, as a part of the peak, that is ruin. */
  readonly ruin: number
}

export const defaultOptions: MonteCarloOptions = {
  method: "iid",
  paths: 10_000,
  seed: 1,
  block: undefined,
  length: undefined,
  ruin: 0.5
}

export interface MonteCarloPlan {
  readonly series: ReturnSeries
  readonly method: PathMethod
  readonly paths: number
  readonly seed: number
  readonly length: number
  /** Of the block method: mean length, and whether it was chosen from the returns. */
  readonly block: { readonly length: number; readonly isChosen: boolean } | undefined
  readonly ruin: number
  readonly source: PathSource
}

const methodNames = {
  iid: "a bootstrap",
  block: "a block bootstrap",
  shuffle: "a shuffle"
} as const satisfies Readonly<Record<PathMethod, string>>

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isSafeInteger(value) && value >= least && value <= most

/** In words, what of the options cannot be; undefined where all can. */
const problemOf = (
  { block, length, method, paths, ruin, seed }: MonteCarloOptions,
  returns: number
): string | undefined => {
  const steps = length ?? returns
  if (!isWhole(paths, LEAST_PATHS, MAX_PATHS)) {
    return `expected from ${LEAST_PATHS} to ${MAX_PATHS} paths, not ${paths}`
  }
  if (!isWhole(seed, 0, Number.MAX_SAFE_INTEGER)) {
    return `expected a seed from 0 to ${Number.MAX_SAFE_INTEGER}, not ${seed}`
  }
  if (length !== undefined && !isWhole(length, 1, MAX_PATH_LENGTH)) {
    return `expected a path of 1 to ${MAX_PATH_LENGTH} returns, not ${length}`
  }
  if (!(ruin > 0 && ruin <= 1)) {
    return `expected ruin as a fall above 0 and up to 1, such as 0.5 for half of the peak, not ${ruin}`
  }
  if (block !== undefined && method !== "block") {
    return `a block length is of the method block, not of ${method}: leave it out`
  }
  if (block !== undefined && !(block >= 1 && block <= returns)) {
    return `expected blocks of 1 to ${returns} returns, for there are ${returns}, not ${block}`
  }
  if (returns > MAX_PATH_RETURNS) {
    return `there are ${returns} returns, and paths are drawn from at most ${MAX_PATH_RETURNS}: take longer periods, such as days`
  }
  if (steps * paths > MAX_PATH_STEPS) {
    return `${paths} paths of ${steps} returns are ${steps * paths} steps, and at most ${MAX_PATH_STEPS} are walked: ask for fewer paths`
  }
  return undefined
}

const badRequest = (message: string) => Result.fail(new BadRequest({ message }))

/** The plan of a series that passed its checks. */
const planOf = (series: ReturnSeries, options: MonteCarloOptions): MonteCarloPlan => {
  const { method, paths, ruin, seed } = options
  const { returns } = series
  const length = options.length ?? returns.length
  const block =
    method === "block"
      ? {
          length: options.block ?? automaticBlockLength(returns),
          isChosen: options.block === undefined
        }
      : undefined
  return {
    series,
    method,
    paths,
    seed,
    length,
    block,
    ruin,
    source: {
      method,
      halves: returns.map((value) => (1 + value) / 2),
      length,
      restart: block === undefined ? 0 : 2 ** 32 / block.length,
      keys: streamKeys(seed)
    }
  }
}

export const planMonteCarlo = (
  series: ReturnSeries,
  options: MonteCarloOptions
): Result.Result<MonteCarloPlan, RobustnessError> => {
  const { block, length, method } = options
  const chooses = method === "block" && block === undefined
  const name = chooses ? "a block bootstrap that chooses its own block length" : methodNames[method]
  const problem = problemOf(options, series.returns.length)
  return checkLength(series, name, chooses ? LEAST_FOR_BLOCKS : LEAST_RETURNS).pipe(
    Result.flatMap(checkReturns),
    Result.flatMap(checkVaries),
    Result.flatMap((checked): Result.Result<MonteCarloPlan, RobustnessError> => {
      if (problem !== undefined) return badRequest(problem)
      return method === "shuffle" && length !== undefined && length !== series.returns.length
        ? badRequest(
            `a shuffle's path has every return once, ${series.returns.length} of them: leave the length out`
          )
        : Result.succeed(planOf(checked, options))
    })
  )
}
