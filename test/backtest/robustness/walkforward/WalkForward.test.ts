/** Windows, objectives, choices and what is made of them. */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as FastCheck from "fast-check"
import type { Grid } from "../../../../src/backtest/Grid.ts"
import { bestScored, rankOf, relativeRank } from "../../../../src/backtest/robustness/walkforward/Choice.ts"
import { readObjective, scoreOf } from "../../../../src/backtest/robustness/walkforward/Objectives.ts"
import { stabilityOf } from "../../../../src/backtest/robustness/walkforward/Stability.ts"
import {
  type ChosenWindow,
  degradationOf,
  walkForwardOf,
  type WalkedWindow
} from "../../../../src/backtest/robustness/walkforward/WalkForward.ts"
import { lengthOf, windowsOf } from "../../../../src/backtest/robustness/walkforward/Windows.ts"
import { figuresOf } from "../../../../src/backtest/Sweep.ts"

const refusal = (lengths: Partial<Parameters<typeof windowsOf>[0]>, sessions = 1000): string => {
  const found = windowsOf({ train: 504, test: 126, embargo: 0, anchored: false, ...lengths }, sessions)
  return Result.isFailure(found) ? found.failure.message : ""
}

describe("windows", () => {
  it("roll along or stay anchored, with an embargo between, and the last one is short", () => {
    const rolling = windowsOf({ train: 5, test: 3, embargo: 2, anchored: false }, 15)
    expect(Result.getOrThrow(rolling)).toEqual([
      { train: { from: 0, until: 5 }, test: { from: 7, until: 10 } },
      { train: { from: 3, until: 8 }, test: { from: 10, until: 13 } },
      { train: { from: 6, until: 11 }, test: { from: 13, until: 15 } }
    ])
    const anchored = windowsOf({ train: 5, test: 3, embargo: 2, anchored: true }, 15)
    expect(Result.getOrThrow(anchored).map(({ train }) => train)).toEqual([
      { from: 0, until: 5 },
      { from: 0, until: 8 },
      { from: 0, until: 11 }
    ])
  })

  it("test every session after the first train window once, and train on none from the embargo on", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.integer({ min: 2, max: 40 }),
        FastCheck.integer({ min: 2, max: 20 }),
        FastCheck.integer({ min: 0, max: 9 }),
        FastCheck.integer({ min: 0, max: 200 }),
        FastCheck.boolean(),
        (train, test, embargo, more, anchored) => {
          const sessions = train + embargo + test + more
          const windows = Result.getOrThrow(windowsOf({ train, test, embargo, anchored }, sessions))
          let next = train + embargo
          for (const window of windows) {
            expect(window.test.from).toBe(next)
            expect(window.train.until).toBe(window.test.from - embargo)
            expect(window.train.from).toBeGreaterThanOrEqual(0)
            expect(anchored ? window.train.from : lengthOf(window.train)).toBe(anchored ? 0 : train)
            next = window.test.until
          }
          expect(next).toBe(sessions)
        }
      )
    )
  })

  it("that cannot be are refused with what would do", () => {
    expect(refusal({}, 629)).toBe(
      "train 504 + test 126 is 630 sessions, and there are 629: take shorter windows or a longer period"
    )
    expect(refusal({ embargo: 5 }, 634)).toContain("train 504 + embargo 5 + test 126 is 635 sessions")
    expect(refusal({}, 630)).toBe("")
    expect(refusal({ train: 1 })).toContain("a train window of 1 session: expected a whole number from 2")
    expect(refusal({ test: 1 })).toContain("a test window of 1 session")
    expect(refusal({ test: 2.5 })).toContain("expected a whole number from 2")
    expect(refusal({ embargo: -1 })).toContain("an embargo of -1: expected a whole number of sessions from 0")
  })
})

const course = (returns: ReadonlyArray<number>, entries = 1) => {
  let equity = 1
  return figuresOf({
    equity: Float64Array.from(returns, (x) => (equity *= 1 + x)),
    cash: 1,
    entries,
    exits: 0
  })
}

describe("an objective", () => {
  const some = course([0.02, -0.01, 0.03, -0.02, 0.01])

  it("is what its formula says", () => {
    expect(scoreOf("total_return", some)).toBeCloseTo(1.02 * 0.99 * 1.03 * 0.98 * 1.01 - 1, 14)
    expect(scoreOf("sharpe", some)).toBeCloseTo((0.006 / Math.sqrt(0.00172 / 4)) * Math.sqrt(252), 10)
    expect(scoreOf("sortino", some)).toBeCloseTo((0.006 / Math.sqrt(0.0005 / 5)) * Math.sqrt(252), 10)
    expect(scoreOf("max_drawdown", some)).toBeCloseTo(-0.02, 14)
    expect(scoreOf("omega", some)).toBeCloseTo(0.06 / 0.03, 12)
    const growth = 1.02 * 0.99 * 1.03 * 0.98 * 1.01
    expect(scoreOf("calmar", some)).toBeCloseTo((growth ** (252 / 5) - 1) / 0.02, 8)
    const psr = scoreOf("psr", some) ?? Number.NaN
    expect(psr).toBeGreaterThan(0.5)
    expect(psr).toBeLessThan(1)
  })

  it("is none of a stretch without a trade, and where it cannot be told", () => {
    for (const name of [
      "sharpe",
      "sortino",
      "total_return",
      "calmar",
      "max_drawdown",
      "omega",
      "psr"
    ] as const) {
      expect(scoreOf(name, course([0, 0, 0], 0))).toBe(null)
    }
    expect(scoreOf("sortino", course([0.01, 0.02]))).toBe(null)
    expect(scoreOf("calmar", course([0.01, 0.02]))).toBe(null)
    expect(scoreOf("omega", course([0.01, 0.02]))).toBe(null)
    expect(scoreOf("sharpe", course([0, 0]))).toBe(null)
  })

  it("that there is none of is told with the nearest and all others", () => {
    const found = readObjective("sharp")
    expect(Result.isFailure(found) ? found.failure.message : "").toBe(
      'there is no objective "sharp": did you mean sharpe? There are sharpe, sortino, total_return, calmar, max_drawdown, omega, psr'
    )
  })
})

describe("a choice", () => {
  const points = [null, -2, 0.5, 0.5, -3].map((score, index) => ({ index, score }))

  it("is the highest score, the first of equal ones, and never one without", () => {
    expect(bestScored(points)).toEqual({ index: 2, score: 0.5 })
    expect(bestScored(points.slice(0, 2))).toEqual({ index: 1, score: -2 })
    expect(bestScored(points.slice(0, 1))).toBe(undefined)
  })

  it("has a rank among those with a score, equal ones sharing it", () => {
    expect([1, 2, 3, 4].map((index) => rankOf(points, index))).toEqual([
      { rank: 3, of: 4, equal: 0 },
      { rank: 1, of: 4, equal: 1 },
      { rank: 1, of: 4, equal: 1 },
      { rank: 4, of: 4, equal: 0 }
    ])
    expect(rankOf(points, 0)).toBe(undefined)
  })

  it("is in the middle on average when made by chance, however many points are equal", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(FastCheck.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 12 }),
        (scores) => {
          const all = scores.map((score, index) => ({ index, score }))
          const places = all.map(({ index }) => {
            const rank = rankOf(all, index)
            return rank === undefined ? Number.NaN : (relativeRank(rank) ?? Number.NaN)
          })
          expect(places.reduce((sum, place) => sum + place, 0) / places.length).toBeCloseTo(0.5, 12)
        }
      )
    )
    expect(relativeRank({ rank: 1, of: 64, equal: 63 })).toBe(0.5)
    expect(relativeRank({ rank: 1, of: 1, equal: 0 })).toBe(undefined)
  })
})

const grid: Grid = [
  { parameter: "fast", values: [5, 10, 20] },
  { parameter: "kind", values: ["a"] }
]

const chosen = (
  at: number,
  fast: number,
  trained: ReadonlyArray<number>,
  tested: ReadonlyArray<number>
): ChosenWindow => {
  const test = course(tested)
  return {
    _tag: "Chosen",
    train: { from: at, until: at + trained.length },
    test: { from: at + trained.length, until: at + trained.length + tested.length },
    index: 0,
    values: { fast, kind: "a" },
    score: 1,
    trained: course(trained).figures,
    tested: test.figures,
    returns: test.returns,
    rank: { rank: 2, of: 3, equal: 0 }
  }
}

const empty: WalkedWindow = {
  _tag: "NoPoint",
  train: { from: 4, until: 7 },
  test: { from: 7, until: 9 },
  reason: "none"
}

describe("a walk-forward", () => {
  const first = chosen(0, 5, [0.01, 0.02, 0.01], [0.01, -0.02])
  const second = chosen(2, 20, [0.02, -0.01, 0.01], [0.03, 0.01])
  const walk = Result.getOrThrow(walkForwardOf([first, second, empty], { grid, objective: "sharpe" }))

  it("stitches what is out-of-sample, a window without a choice being cash", () => {
    const equity = [1.01, 1.01 * 0.98, 1.01 * 0.98 * 1.03, 1.01 * 0.98 * 1.03 * 1.01]
    const last = equity[3] ?? 0
    for (const [i, value] of [...equity, last, last].entries()) expect(walk.equity[i]).toBeCloseTo(value, 14)
    expect(walk.totalReturn).toBeCloseTo(last - 1, 14)
    expect(walk.maxDrawdown).toBeCloseTo(-0.02, 14)
    const own = figuresOf({ equity: walk.equity, cash: 1, entries: 0, exits: 0 })
    expect(walk.sharpe).toBe(own.figures.sharpe)
    expect([walk.first, walk.chosen, walk.profitable]).toEqual([3, 2, 1])
  })

  it("compares returns a year out-of-sample with those in-sample (Pardo 2008)", () => {
    const out = (1 + walk.totalReturn) ** (252 / 6) - 1
    const inside = (1.01 * 1.02 * 1.01 * 1.02 * 0.99 * 1.01) ** (252 / 6) - 1
    expect(walk.returnYearly).toBeCloseTo(out, 10)
    expect(walk.efficiency).toBeCloseTo(out / inside, 10)
    const degraded = [first, second].map((window) => degradationOf(window) ?? Number.NaN)
    expect(walk.degradation).toBeCloseTo(degraded.reduce((a, b) => a + b) / 2, 12)
    expect(walk.meanRank).toBe(0.5)
  })

  it("has no efficiency where nothing was made in-sample", () => {
    const lost = chosen(0, 5, [-0.01, -0.02, 0.01], [0.01, 0.02])
    const one = Result.getOrThrow(walkForwardOf([lost], { grid, objective: "sharpe" }))
    expect(one.efficiency).toBe(null)
    expect(one.inSampleReturnYearly).toBeLessThan(0)
  })

  it("tells how steady the choice was", () => {
    expect(walk.stability).toEqual([
      {
        parameter: "fast",
        values: [
          { value: 5, windows: 1 },
          { value: 10, windows: 0 },
          { value: 20, windows: 1 }
        ],
        mostOften: 0.5,
        changes: 1,
        spread: 1
      },
      { parameter: "kind", values: [{ value: "a", windows: 2 }], mostOften: 1, changes: 0, spread: null }
    ])
    expect(stabilityOf(grid, [])[0]).toMatchObject({ mostOften: 0, changes: 0, spread: null })
  })

  it("without a choice in any window is none", () => {
    const found = walkForwardOf([empty, empty], { grid, objective: "calmar" })
    expect(Result.isFailure(found) ? found.failure.message : "").toContain(
      "in none of 2 windows has a point of the grid its objective, the Calmar ratio"
    )
  })
})
