import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { keepExtremes } from "../../../src/session/report/Downsample.ts"

const never = Number.POSITIVE_INFINITY
const values = Schema.Array(Schema.Finite)
const kept = (series: ReadonlyArray<number>, buckets: number, step = never) =>
  keepExtremes(Float64Array.from(series), { buckets, step })

describe("keepExtremes", () => {
  it("keeps all points when there are few", () => {
    expect(kept([3, 1, 2, 5], 2)).toEqual([0, 1, 2, 3])
  })

  it("keeps the ends and the lowest and highest of each bucket", () => {
    expect(kept([5, 1, 9, 5, 5, 5, 7, 2, 5, 5], 2)).toEqual([0, 1, 2, 5, 6, 7, 9].filter((i) => i !== 5))
  })

  it("keeps both ends of a step, so that a jump stays upright", () => {
    const jump = Array.from({ length: 100 }, (_, i) => (i < 47 ? 0 : 1))
    expect(kept(jump, 2, 0.5)).toEqual(expect.arrayContaining([46, 47]))
  })

  it("takes a number for an extreme, not NaN", () => {
    expect(kept([Number.NaN, Number.NaN, 3, 1, Number.NaN, 2, 2, 2], 1)).toEqual([0, 2, 3, 7])
  })

  it.prop(
    "ascends, begins and ends with the series, has its extremes and at most two points a bucket and the ends",
    [values, Schema.Int],
    ([series, seed]) => {
      if (series.length === 0) return
      const buckets = 1 + (Math.abs(seed) % 8)
      const long = Array.from(
        { length: series.length * 7 },
        (_, i) => (series[i % series.length] ?? 0) * (1 + (i % 5))
      )
      const indices = kept(long, buckets)
      expect(indices).toEqual([...new Set(indices)].toSorted((a, b) => a - b))
      expect(indices[0]).toBe(0)
      expect(indices.at(-1)).toBe(long.length - 1)
      expect(indices.length).toBeLessThanOrEqual(Math.max(2 * buckets + 2))
      const drawn = indices.map((i) => long[i] ?? 0)
      expect(Math.min(...drawn)).toBe(Math.min(...long))
      expect(Math.max(...drawn)).toBe(Math.max(...long))
    }
  )
})
