import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as FastCheck from "fast-check"
import {
  overfittingProbability,
  type OverfittingProbability
} from "../../../../src/backtest/robustness/overfitting/OverfittingProbability.ts"
import { type TrialMatrix, trialMatrix } from "../../../../src/backtest/robustness/overfitting/TrialMatrix.ts"
import { noise, seriesOf } from "./Noise.ts"

const matrixOf = (columns: ReadonlyArray<Float64Array>): TrialMatrix =>
  Result.getOrThrow(trialMatrix(seriesOf(columns), "a test"))

const found = (columns: ReadonlyArray<Float64Array>, blocks: number): OverfittingProbability =>
  Result.getOrThrow(overfittingProbability(matrixOf(columns), blocks))

/** Every half of the blocks, as lists. */
const halves = (blocks: number, size: number, from = 0): ReadonlyArray<ReadonlyArray<number>> =>
  size === 0
    ? [[]]
    : Array.from({ length: blocks - from }, (_, i) => from + i).flatMap((first) =>
        halves(blocks, size - 1, first + 1).map((rest) => [first, ...rest])
      )

const sharpe = (values: ReadonlyArray<number>): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return squares < 1e-24 ? 0 : mean / Math.sqrt(squares / (values.length - 1))
}

/** By the paper's words alone: rows are put together, and every figure is worked out from them. */
const brute = (columns: ReadonlyArray<Float64Array>, blocks: number) => {
  const size = Math.floor((columns[0]?.length ?? 0) / blocks)
  const first = (columns[0]?.length ?? 0) - size * blocks
  return halves(blocks, blocks / 2).map((inside) => {
    const taken = (column: Float64Array, isInside: boolean) =>
      [...column].filter((_, i) => i >= first && inside.includes(Math.floor((i - first) / size)) === isInside)
    const chosen = columns.map((column) => sharpe(taken(column, true)))
    const judged = columns.map((column) => sharpe(taken(column, false)))
    const best = chosen.indexOf(Math.max(...chosen))
    const own = judged[best] ?? 0
    const below = judged.filter((one) => one < own).length
    const equal = judged.filter((one) => one === own).length
    const relative = (below + (equal + 1) / 2) / (columns.length + 1)
    // Each of the ranks that equals share, as if chance had given it.
    const ranks = Array.from({ length: equal }, (_, i) => below + 1 + i)
    const low = ranks.filter((rank) => rank / (columns.length + 1) <= 0.5).length / equal
    return { logit: Math.log(relative / (1 - relative)), low, inSample: chosen[best] ?? 0, outOfSample: own }
  })
}

const ascending = (values: Iterable<number>) => [...values].toSorted((a, b) => a - b)

const expectSame = (columns: ReadonlyArray<Float64Array>, blocks: number): void => {
  const ours = found(columns, blocks)
  const theirs = brute(columns, blocks)
  expect(ours.logits).toHaveLength(theirs.length)
  const pairs = [
    [ours.logits, theirs.map(({ logit }) => logit)],
    [ours.inSample, theirs.map(({ inSample }) => inSample)],
    [ours.outOfSample, theirs.map(({ outOfSample }) => outOfSample)]
  ] as const
  for (const [a, b] of pairs) {
    const [one, other] = [ascending(a), ascending(b)]
    for (const [i, value] of one.entries()) expect(value).toBeCloseTo(other[i] ?? Number.NaN, 10)
  }
  expect(ours.pbo).toBeCloseTo(theirs.reduce((sum, { low }) => sum + low, 0) / theirs.length, 12)
  expect(ours.probabilityOfLoss).toBe(
    theirs.filter(({ outOfSample }) => outOfSample < 0).length / theirs.length
  )
}

describe("against every split worked out from its rows", () => {
  it("the same logits, Sharpe ratios, probabilities; the oldest returns are left out where blocks do not divide", () => {
    expectSame(noise({ seed: 1, trials: 7, length: 103 }), 8)
    expectSame(noise({ seed: 2, trials: 2, length: 40 }), 4)
    expectSame(noise({ seed: 3, trials: 12, length: 64, edge: 3 }), 6)
    expect(found(noise({ seed: 1, trials: 7, length: 103 }), 8)).toMatchObject({
      returnsPerBlock: 12,
      leftOut: 7
    })
  })

  it("trials that held nothing in many blocks, and ones that are equal there", () => {
    const columns = noise({ seed: 4, trials: 5, length: 48 }).map((column, trial) =>
      column.map((value, i) => (trial > 1 && i < 36 ? 0 : value))
    )
    expectSame(columns, 8)
  })

  it("any small matrix", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.integer({ min: 1, max: 10_000 }),
        FastCheck.integer({ min: 2, max: 6 }),
        FastCheck.integer({ min: 12, max: 40 }),
        (seed, trials, length) => expectSame(noise({ seed, trials, length }), 6)
      ),
      { numRuns: 30 }
    )
  })
})

describe("what is known of it", () => {
  it("among trials without an edge the best is as often below the middle as above: one half on average", () => {
    const pbos = Array.from(
      { length: 60 },
      (_, seed) => found(noise({ seed: 100 + seed, trials: 10, length: 400 }), 8).pbo
    )
    const mean = pbos.reduce((sum, pbo) => sum + pbo, 0) / pbos.length
    // The deviation of one is about 0.22: 0.03 of the mean of sixty.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.1)
  })

  it("one trial that is better throughout stays the best outside: near zero, and no loss", () => {
    const { chosen, pbo, probabilityOfLoss } = found(
      noise({ seed: 5, trials: 20, length: 2000, edge: 4 }),
      16
    )
    expect(pbo).toBeLessThan(0.001)
    expect(probabilityOfLoss).toBeLessThan(0.01)
    expect(chosen[0]).toBeGreaterThan(12_860)
  })

  it("where all trials are the same bet there is nothing to choose: one half, whatever rounding makes of them", () => {
    const [a = new Float64Array()] = noise({ seed: 12, trials: 1, length: 320 })
    for (const sizes of [
      [1, 3],
      [1, 2, 4, 0.5],
      [1, 1.5, 2, 2.5]
    ]) {
      const columns = sizes.map((size) => a.map((value) => size * value))
      expect(found(columns, 8).pbo).toBeCloseTo(0.5, 12)
    }
  })

  it("16 blocks are 12,870 splits", () => {
    const { chosen, logits } = found(noise({ seed: 6, trials: 3, length: 320 }), 16)
    expect(logits).toHaveLength(12_870)
    expect(chosen.reduce((sum, count) => sum + count, 0)).toBe(12_870)
  })

  it("trials whose sum is constant: what is best inside is worst outside, and performance degrades", () => {
    const [a] = noise({ seed: 7, trials: 1, length: 400 })
    const columns = [a ?? new Float64Array(), (a ?? new Float64Array()).map((value) => -value)]
    const { degradation } = found(columns, 8)
    expect(degradation?.slope).toBeLessThan(0)
  })
})

describe("what cannot be told", () => {
  const columns = noise({ seed: 8, trials: 3, length: 31 })
  const problem = (made: Result.Result<unknown, { readonly message: string; readonly _tag: string }>) =>
    Result.isFailure(made) ? [made.failure._tag, made.failure.message] : undefined

  it("says what is needed", () => {
    expect(problem(overfittingProbability(matrixOf(columns), 16))).toEqual([
      "TooFewObservations",
      "the probability of backtest overfitting with 16 blocks needs 32 returns of each trial, and there are 31"
    ])
    expect(problem(overfittingProbability(matrixOf(columns), 7))).toEqual([
      "BadRequest",
      "the probability of backtest overfitting needs an even number of blocks from 4 to 20, not 7: half of them choose, the others judge"
    ])
    expect(problem(trialMatrix(seriesOf(columns.slice(0, 1)), "the guard"))).toEqual([
      "TooFewObservations",
      "the guard needs 2 different trials, and there is 1"
    ])
    expect(problem(trialMatrix(seriesOf([...columns, new Float64Array(30)]), "the guard"))).toEqual([
      "BadRequest",
      "the guard needs trials over the same periods: trial 1 has 31 returns, trial 4 has 30. Give every trial one return of each period"
    ])
    expect(problem(trialMatrix(seriesOf([...columns, new Float64Array(31)]), "the guard"))?.[0]).toBe(
      "ConstantReturns"
    )
    const nan = Float64Array.from({ length: 31 }, (_, i) => (i === 3 ? Number.NaN : 0.01 * i))
    expect(problem(trialMatrix(seriesOf([...columns, nan]), "the guard"))).toEqual([
      "BadReturn",
      "return 4 of trial 4 is no finite number"
    ])
  })
})
