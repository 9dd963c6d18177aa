/**
 * K-fold cross-validation for returns: Marcos López de Prado, "Advances in
 * Financial Machine Learning" (2018), chapter 7 (purging and embargo) and 12
 * (combinatorial splits). Index sets, from zero.
 *
 * What is decided at i is known to be right or wrong by i + horizon. Observations
 * whose time from decision to outcome meets that of a tested one are purged from
 * those that train, and those within the embargo after it are left out as well, for
 * what follows the test remembers it.
 */
import { Result } from "effect"
import { BadRequest, type RobustnessError, tooFew } from "../RobustnessError.ts"

/** From `from` up to, without, `to`. */
export interface IndexRange {
  readonly from: number
  readonly to: number
}

export interface Fold {
  readonly test: ReadonlyArray<IndexRange>
  readonly train: ReadonlyArray<IndexRange>
}

export interface FoldsAsked {
  /** Observations. */
  readonly length: number
  /** Groups of neighbouring observations; the first ones have one more where it does not divide. */
  readonly groups: number
  /** Groups that test at a time; one is the plain k-fold. */
  readonly testGroups: number
  /** Observations until an outcome is known; zero where a return is decided and known in its own period. */
  readonly horizon: number
  /** Observations after a test that do not train. */
  readonly embargo: number
}

/** C(40, 20) splits would be no answer. */
export const MOST_SPLITS = 100_000

/** C(n, k). */
export const choose = (n: number, k: number): number => {
  let ways = 1
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i
  return Math.round(ways)
}

/** Paths through all observations that the tests of all splits make: k ÷ n · C(n, k). */
export const pathsOf = ({ groups, testGroups }: Pick<FoldsAsked, "groups" | "testGroups">): number =>
  (testGroups * choose(groups, testGroups)) / groups

const isWhole = (value: number, least: number): boolean => Number.isInteger(value) && value >= least

const problemOf = ({
  embargo,
  groups,
  horizon,
  length,
  testGroups
}: FoldsAsked): RobustnessError | undefined => {
  const bad = (message: string) => new BadRequest({ message })
  if (!isWhole(groups, 2)) return bad(`cross-validation needs 2 groups at least, not ${groups}`)
  if (!isWhole(testGroups, 1) || testGroups >= groups) {
    return bad(`of ${groups} groups 1 to ${groups - 1} can test at a time, not ${testGroups}`)
  }
  if (!isWhole(horizon, 0)) return bad(`a horizon is a whole number of observations from 0, not ${horizon}`)
  if (!isWhole(embargo, 0)) return bad(`an embargo is a whole number of observations from 0, not ${embargo}`)
  const splits = choose(groups, testGroups)
  if (splits > MOST_SPLITS)
    return bad(`${testGroups} of ${groups} groups are ${splits} splits: ${MOST_SPLITS} are the most`)
  return length < groups
    ? tooFew(`cross-validation in ${groups} groups`, "observations", groups, length)
    : undefined
}

const groupsOf = ({ groups, length }: FoldsAsked): ReadonlyArray<IndexRange> => {
  const [size, more] = [Math.floor(length / groups), length % groups]
  const begin = (group: number): number => group * size + Math.min(group, more)
  return Array.from({ length: groups }, (_, group) => ({ from: begin(group), to: begin(group + 1) }))
}

/** All ways to take `k` of so many, in order. */
const ways = (n: number, k: number, from = 0): ReadonlyArray<ReadonlyArray<number>> =>
  k === 0
    ? [[]]
    : Array.from({ length: Math.max(0, n - k - from + 1) }, (_, i) => from + i).flatMap((first) =>
        ways(n, k - 1, first + 1).map((rest) => [first, ...rest])
      )

/** Ranges that touch are one. */
const joined = (ranges: ReadonlyArray<IndexRange>): ReadonlyArray<IndexRange> => {
  const all: Array<IndexRange> = []
  for (const range of ranges) {
    const last = all.at(-1)
    if (last !== undefined && last.to >= range.from) all[all.length - 1] = { from: last.from, to: range.to }
    else all.push(range)
  }
  return all
}

/** What of all observations is in none of these ranges, which ascend. */
const outside = (length: number, ranges: ReadonlyArray<IndexRange>): ReadonlyArray<IndexRange> => {
  const left: Array<IndexRange> = []
  let at = 0
  for (const { from, to } of ranges) {
    if (from > at) left.push({ from: at, to: from })
    at = Math.max(at, to)
  }
  if (at < length) left.push({ from: at, to: length })
  return left
}

/** Every way to test, in order, with what may train beside it; a split may be left with nothing to train on. */
export const purgedFolds = (asked: FoldsAsked): Result.Result<ReadonlyArray<Fold>, RobustnessError> => {
  const problem = problemOf(asked)
  if (problem !== undefined) return Result.fail(problem)
  const { embargo, horizon, length } = asked
  const groups = groupsOf(asked)
  return Result.succeed(
    ways(asked.groups, asked.testGroups).map((taken): Fold => {
      const test = joined(taken.flatMap((group) => groups.slice(group, group + 1)))
      const forbidden = test.map(({ from, to }) => ({
        from: Math.max(0, from - horizon),
        to: Math.min(length, to + horizon + embargo)
      }))
      return { test, train: outside(length, forbidden) }
    })
  )
}
