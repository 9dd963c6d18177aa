import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type PathColumns,
  type PathMethod,
  pathPlaces,
  type PathSource,
  walkPaths
} from "../../../../src/backtest/robustness/montecarlo/PathKernel.ts"
import { sortedColumn } from "../../../../src/backtest/robustness/montecarlo/SortedColumn.ts"
import { Stream, streamKeys } from "../../../../src/backtest/robustness/montecarlo/Stream.ts"
import { bootstrapWalker } from "../../../../src/backtest/robustness/montecarlo/wasm/Bootstrap.ts"
import { daily } from "./Series.ts"

const columns = (paths: number): PathColumns => ({
  falls: new Float64Array(paths),
  growths: new Float64Array(paths)
})

const sourceOf = (method: PathMethod, returns: Float64Array, length: number, seed = 1): PathSource => ({
  method,
  halves: returns.map((value) => (1 + value) / 2),
  length: method === "shuffle" ? returns.length : length,
  restart: 2 ** 32 / 7.5,
  keys: streamKeys(seed)
})

const methods = ["iid", "block", "shuffle"] as const

/** The plain way: a peak is kept, and equity divided by it. */
const plainly = (source: PathSource, path: number) => {
  const places = new Uint16Array(source.length)
  pathPlaces(source, path, places)
  let [equity, peak, fall] = [1, 1, 0]
  for (const place of places) {
    equity *= 2 * (source.halves[place] ?? 0)
    peak = Math.max(peak, equity)
    fall = Math.max(fall, 1 - equity / peak)
  }
  return { equity, fall, places }
}

describe("paths", () => {
  it.each(methods)("of %s are the same in TypeScript and in WebAssembly, bit for bit", (method) => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1.5, noNaN: true }), { minLength: 2, maxLength: 80 }),
        fc.integer({ min: 1, max: 90 }),
        fc.maxSafeNat(),
        fc.integer({ min: 0, max: 2 ** 20 }),
        (returns, length, seed, first) => {
          const source = sourceOf(method, Float64Array.from(returns), length, seed)
          const walk = bootstrapWalker(source)
          const [plain, simd] = [columns(37), columns(37)]
          walkPaths(source, first, plain)
          walk?.(first, simd)
          expect(walk).toBeDefined()
          expect(simd).toEqual(plain)
        }
      ),
      { numRuns: 60 }
    )
  })

  it.each(methods)("of %s do not depend on how they are divided", (method) => {
    const source = sourceOf(method, daily(120), 250)
    const whole = columns(9001)
    walkPaths(source, 0, whole)
    for (const bounds of [
      [0, 9001],
      [0, 4500, 9001],
      [0, 1, 5003, 9001]
    ]) {
      const parts = columns(9001)
      for (const [i, from] of bounds.slice(0, -1).entries()) {
        const to = bounds[i + 1] ?? 0
        const part = { falls: parts.falls.subarray(from, to), growths: parts.growths.subarray(from, to) }
        const walk = i % 2 === 0 ? bootstrapWalker(source) : undefined
        if (walk === undefined) walkPaths(source, from, part)
        else walk(from, part)
      }
      expect(parts).toEqual(whole)
    }
  })

  it.each(methods)("of %s fall as deep as equity below its kept peak", (method) => {
    const source = sourceOf(method, daily(200), 300, 9)
    const some = columns(50)
    walkPaths(source, 1000, some)
    for (let path = 0; path < 50; path++) {
      const { equity, fall } = plainly(source, 1000 + path)
      expect(some.falls[path]).toBeCloseTo(fall, 13)
      expect(some.growths[path]).toBe(equity)
    }
  })

  it("draw every return about equally often, and no path follows another", () => {
    const source = sourceOf("iid", daily(50), 1000)
    const places = new Uint16Array(1000)
    const counts = new Float64Array(50)
    const pairs = new Float64Array(2500)
    let before = new Uint16Array(1000)
    for (let path = 0; path < 500; path++) {
      pathPlaces(source, path, places)
      for (const [i, place] of places.entries()) {
        counts[place] = (counts[place] ?? 0) + 1
        const pair = 50 * place + (before[i] ?? 0)
        if (path > 0) pairs[pair] = (pairs[pair] ?? 0) + 1
      }
      before = places.slice()
    }
    const chi = (found: Float64Array, expected: number): number =>
      found.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // 49 and 2,499 degrees of freedom: beyond these once in ten thousand.
    expect(chi(counts, 10_000)).toBeLessThan(92)
    expect(chi(pairs, 499_000 / 2500)).toBeLessThan(2770)
  })

  it("of blocks go on with the next return, begin anew once in the mean length, and wrap around", () => {
    const source = sourceOf("block", daily(40), 1000)
    const places = new Uint16Array(1000)
    let [news, steps] = [0, 0]
    const wraps: Array<number> = []
    for (let path = 0; path < 200; path++) {
      pathPlaces(source, path, places)
      for (let i = 1; i < 1000; i++) {
        const isNext = places[i] === ((places[i - 1] ?? 0) + 1) % 40
        if (!isNext) news += 1
        else if (places[i] === 0) wraps.push(path)
        steps += 1
      }
    }
    // One new block of forty happens to begin at the next return.
    expect(news / steps).toBeCloseTo((1 / 7.5) * (39 / 40), 2)
    expect(wraps.length).toBeGreaterThan(100)
  })

  it("of shuffles have every return once, and each order of three equally often", () => {
    const source = sourceOf("shuffle", daily(3), 3)
    const orders = new Map<string, number>()
    const places = new Uint16Array(3)
    for (let path = 0; path < 60_000; path++) {
      pathPlaces(source, path, places)
      orders.set(places.join(""), (orders.get(places.join("")) ?? 0) + 1)
    }
    expect([...orders.keys()].toSorted()).toEqual(["012", "021", "102", "120", "201", "210"])
    for (const count of orders.values()) expect(Math.abs(count - 10_000)).toBeLessThan(400)
  })

  it("begin where seed and number say: another seed, other paths", () => {
    const draws = (seed: number, path: number): ReadonlyArray<number> => {
      const stream = new Stream(streamKeys(seed), path)
      return [stream.draw(), stream.draw(), stream.draw()]
    }
    expect(draws(1, 0)).toEqual(draws(1, 0))
    const all = [draws(1, 0), draws(1, 1), draws(2, 0), draws(2 ** 32 + 1, 0), draws(0, 0)].map(String)
    expect(new Set(all).size).toBe(all.length)
  })
})

describe("a sorted column", () => {
  it("has the same numbers in order", () => {
    const value = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(0, 0.1, 0.1 + 2 ** -55, 0.1 + 2 ** -54, 1e-310, 1e300, Infinity)
    )
    fc.assert(
      fc.property(fc.array(value, { minLength: 500, maxLength: 700 }), (values) => {
        const column = Float64Array.from(values, (one) => Math.abs(one))
        expect(sortedColumn(column)).toEqual(column.toSorted())
      }),
      { numRuns: 50 }
    )
  })

  it("of numbers that differ in their last digits alone comes in order too", () => {
    const column = Float64Array.from({ length: 5000 }, (_, i) => 1 + 2 ** -52 * ((i * 7919) % 997))
    expect(sortedColumn(column)).toEqual(column.toSorted())
  })
})
