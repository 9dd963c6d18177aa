import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import {
  effectiveTrials,
  MOST_CLUSTERED
} from "../../../../src/backtest/robustness/overfitting/EffectiveTrials.ts"
import {
  distinct,
  sharpePerReturn,
  trialMatrix
} from "../../../../src/backtest/robustness/overfitting/TrialMatrix.ts"
import { noise, normals, seriesOf } from "./Noise.ts"

const found = (columns: ReadonlyArray<Float64Array>) =>
  effectiveTrials(Result.getOrThrow(trialMatrix(seriesOf(columns), "a test")))

/** So many variants of each idea, dealt out in turn. */
const families = (seed: number, ideas: number, variants: number, noiseShare: number) => {
  const draw = normals(seed)
  const base = noise({ seed: seed + 1000, trials: ideas, length: 500 })
  return Array.from({ length: ideas * variants }, (_, i) =>
    (base[i % ideas] ?? new Float64Array()).map((value) => value + noiseShare * 0.01 * draw())
  )
}

describe("effective trials", () => {
  it("variants of five ideas are five trials, each idea a cluster", () => {
    const { clusters, count, silhouette } = found(families(1, 5, 8, 0.5))
    expect(count).toBe(5)
    expect(clusters).toEqual(
      Array.from({ length: 5 }, (_, idea) => Array.from({ length: 8 }, (__, i) => idea + 5 * i))
    )
    expect(silhouette).toBeGreaterThan(0.4)
  })

  it("trials that have nothing in common stand each for itself", () => {
    const { clusters, count, correlation } = found(noise({ seed: 2, trials: 30, length: 500 }))
    expect(count).toBe(30)
    expect(clusters.every((cluster) => cluster.length === 1)).toBe(true)
    expect(Math.abs(correlation)).toBeLessThan(0.02)
  })

  it("the order of the trials does not change how many there are", () => {
    const columns = families(3, 4, 6, 0.6)
    expect(found(columns.toReversed()).count).toBe(found(columns).count)
  })

  it("two trials are two", () => {
    expect(found(noise({ seed: 4, trials: 2, length: 50 }))).toMatchObject({
      count: 2,
      silhouette: undefined
    })
  })

  it("of a large field some stand for all: as many clusters as they have, or every trial where they have none", () => {
    const many = families(7, 3, MOST_CLUSTERED / 2, 0.5)
    expect(many.length).toBeGreaterThan(MOST_CLUSTERED)
    expect(found(many)).toMatchObject({ count: 3, clustered: MOST_CLUSTERED })
    const noisy = noise({ seed: 5, trials: MOST_CLUSTERED + 88, length: 300 })
    expect(found(noisy)).toMatchObject({ count: MOST_CLUSTERED + 88, clustered: MOST_CLUSTERED })
  })

  it("beside variants of one idea other ideas stand for themselves, however few have anything in common", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const variants = families(seed, 1, 40, 0.25)
      const others = noise({ seed: seed + 70, trials: 10, length: 500 })
      const { clusters, count, sharpes } = found([...variants, ...others])
      expect(count).toBe(11)
      expect(clusters[0]).toHaveLength(40)
      expect(sharpes).toHaveLength(11)
      const [first = new Float64Array()] = others
      expect(sharpes[1]).toBeCloseTo(sharpePerReturn(first), 12)
    }
  })

  it("of a large field those alone stand for as many as there are", () => {
    const variants = families(8, 1, 900, 0.25)
    const { count } = found([...variants, ...noise({ seed: 81, trials: 100, length: 500 })])
    // 101; the sample has its part of the hundred, give or take.
    expect(Math.abs(count - 101)).toBeLessThan(12)
  })

  it("the same bet at another size is no other trial", () => {
    const [a = new Float64Array(), b = new Float64Array()] = noise({ seed: 6, trials: 2, length: 50 })
    const sizes = [a, b, a.map((value) => 3 * value), b.map((value) => value / 7), b.map((value) => -value)]
    const { kept, repeated } = distinct(sizes.map((returns) => ({ returns })))
    expect(kept.map(({ returns }) => sizes.indexOf(returns))).toEqual([0, 1, 4])
    expect(repeated).toBe(2)
  })

  it("series that are bit for bit the same are one trial", () => {
    const [a, b] = noise({ seed: 6, trials: 2, length: 50 })
    if (a === undefined || b === undefined) throw new Error("no series")
    const swapped = a.slice()
    swapped.set([a[8] ?? 0], 1)
    swapped.set([a[1] ?? 0], 8)
    const { kept, repeated } = distinct([a, b, a.slice(), swapped].map((returns) => ({ returns })))
    expect(kept.map(({ returns }) => returns)).toEqual([a, b, swapped])
    expect(repeated).toBe(1)
  })
})
