import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as FastCheck from "fast-check"
import { foldPerformance } from "../../../../src/backtest/robustness/overfitting/FoldPerformance.ts"
import {
  choose,
  type FoldsAsked,
  type IndexRange,
  pathsOf,
  purgedFolds
} from "../../../../src/backtest/robustness/overfitting/PurgedFolds.ts"
import { sharpePerReturn, trialMatrix } from "../../../../src/backtest/robustness/overfitting/TrialMatrix.ts"
import { noise, seriesOf } from "./Noise.ts"

const indices = (ranges: ReadonlyArray<IndexRange>): ReadonlyArray<number> =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i))

const foldsOf = (asked: FoldsAsked) => Result.getOrThrow(purgedFolds(asked))

describe("purged folds", () => {
  it("a fold in the middle: outcomes that reach into it are purged before, its own and the embargo after", () => {
    const folds = foldsOf({ length: 20, groups: 4, testGroups: 1, horizon: 2, embargo: 1 })
    expect(folds[1]).toEqual({
      test: [{ from: 5, to: 10 }],
      train: [
        { from: 0, to: 3 },
        { from: 13, to: 20 }
      ]
    })
    expect(folds[3]).toEqual({ test: [{ from: 15, to: 20 }], train: [{ from: 0, to: 13 }] })
  })

  it("hold to their definition, written out observation by observation", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.record({
          length: FastCheck.integer({ min: 8, max: 60 }),
          groups: FastCheck.integer({ min: 2, max: 6 }),
          horizon: FastCheck.integer({ min: 0, max: 5 }),
          embargo: FastCheck.integer({ min: 0, max: 5 }),
          taken: FastCheck.integer({ min: 1, max: 5 })
        }),
        ({ taken, ...shape }) => {
          const asked = { ...shape, testGroups: Math.min(taken, shape.groups - 1) }
          const folds = foldsOf(asked)
          expect(folds).toHaveLength(choose(asked.groups, asked.testGroups))
          const times = new Map<number, number>()
          for (const { test, train } of folds) {
            const tested = indices(test)
            for (const i of tested) times.set(i, (times.get(i) ?? 0) + 1)
            const isTested = new Set(tested)
            const expected = Array.from({ length: asked.length }, (_, i) => i).filter((i) => {
              if (isTested.has(i)) return false
              // Times from decision to outcome meet.
              if (tested.some((j) => i <= j + asked.horizon && j <= i + asked.horizon)) return false
              // Within the embargo after a tested outcome.
              return !tested.some((j) => i > j + asked.horizon && i <= j + asked.horizon + asked.embargo)
            })
            expect(indices(train)).toEqual(expected)
          }
          // Every observation is tested in as many splits as there are paths.
          expect(times.size).toBe(asked.length)
          for (const count of times.values()) expect(count).toBe(pathsOf(asked))
        }
      ),
      { numRuns: 200 }
    )
  })

  it("six groups, two of which test, make five paths", () => {
    expect(pathsOf({ groups: 6, testGroups: 2 })).toBe(5)
  })

  it("what does not fit is said", () => {
    const problem = (asked: Partial<FoldsAsked>) => {
      const made = purgedFolds({ length: 20, groups: 4, testGroups: 1, horizon: 0, embargo: 0, ...asked })
      return Result.isFailure(made) ? made.failure.message : undefined
    }
    expect(problem({ length: 3 })).toBe("cross-validation in 4 groups needs 4 observations, and there are 3")
    expect(problem({ groups: 1 })).toBe("cross-validation needs 2 groups at least, not 1")
    expect(problem({ testGroups: 4 })).toBe("of 4 groups 1 to 3 can test at a time, not 4")
    expect(problem({ embargo: -1 })).toBe("an embargo is a whole number of observations from 0, not -1")
    expect(problem({ length: 100, groups: 40, testGroups: 20 })).toContain("100000 are the most")
  })
})

describe("performance by fold", () => {
  it("is each fold's own, and the chosen trial is the best of what is left after the embargo", () => {
    const columns = noise({ seed: 11, trials: 4, length: 400 })
    const matrix = Result.getOrThrow(trialMatrix(seriesOf(columns), "a test"))
    const { embargo, folds, gained } = Result.getOrThrow(foldPerformance(matrix, 2, 8))
    expect(embargo).toBe(4)
    expect(folds).toHaveLength(8)
    for (const fold of folds) {
      const own = columns[2]?.slice(fold.from, fold.to) ?? new Float64Array()
      expect(fold.sharpe).toBeCloseTo(sharpePerReturn(own), 12)
      const outside = columns.map((column) =>
        sharpePerReturn(column.filter((_, i) => i < fold.from || i >= fold.to + embargo))
      )
      expect(fold.chosen).toBe(outside.indexOf(Math.max(...outside)))
      expect(fold.chosenInSample).toBeCloseTo(Math.max(...outside), 12)
    }
    expect(gained).toBe(folds.filter(({ totalReturn }) => totalReturn > 0).length / 8)
  })
})
