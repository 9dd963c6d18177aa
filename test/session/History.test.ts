import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { HistoryBuffer, sumOf } from "../../src/session/History.ts"
import { flatBar, historyOf, one } from "./Contexts.ts"

const Closes = Schema.Array(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 1e12 }))))

describe("a history", () => {
  it("has the bars in the order they were appended, through every doubling", () => {
    const closes = Array.from({ length: 1500 }, (_, k) => 1_000_000 + k)
    const history = historyOf(one, closes)
    expect(history.length).toBe(1500)
    expect(Array.from(history.close)).toEqual(closes)
    expect(Array.from(history.tsEvent)).toEqual(closes.map((_, k) => k))
    expect(history.volume[1499]).toBe(1000)
  })

  it.prop("once handed out does not change, whatever comes later", [Closes, Closes], ([before, after]) => {
    const buffer = new HistoryBuffer(one.id)
    for (const [k, close] of before.entries()) buffer.append(flatBar(k, close))
    const then = buffer.history
    for (const [k, close] of after.entries()) buffer.append(flatBar(before.length + k, close))
    buffer.split(2, 1)
    expect(then.length).toBe(before.length)
    expect(Array.from(then.close)).toEqual(before)
    expect(then.close[before.length]).toBeUndefined()
    expect(buffer.history.length).toBe(before.length + after.length)
  })

  it("has splits taken out of the bars before them, and of no others", () => {
    const buffer = new HistoryBuffer(one.id)
    buffer.append({ tsEvent: 1, open: 90, high: 110, low: 80, close: 101, volume: 7 })
    buffer.split(2, 1)
    buffer.append(flatBar(2, 50))
    const { close, high, low, open, tsEvent, volume } = buffer.history
    expect([open, high, low, close, volume, tsEvent].map((column) => column[0])).toEqual([
      45, 55, 40, 51, 14, 1
    ])
    expect([close[1], volume[1]]).toEqual([50, 1000])
  })

  it("takes no bar that is not later than the last", () => {
    const buffer = new HistoryBuffer(one.id)
    buffer.append(flatBar(5, 100))
    expect(() => buffer.append(flatBar(5, 100))).toThrow(/ONE\.XNAS.*cannot follow/u)
    expect(() => buffer.append(flatBar(Number.NaN, 100))).toThrow(RangeError)
    expect(buffer.history.length).toBe(1)
  })
})

describe("a sum", () => {
  it("is of the values that end where it is asked", () => {
    expect(sumOf([1, 2, 3, 4], 2, 2)).toBe(5)
  })

  it("is not a number where there are too few values", () => {
    expect(sumOf([1, 2, 3], 1, 3)).toBeNaN()
  })
})
