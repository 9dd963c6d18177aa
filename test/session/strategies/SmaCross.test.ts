import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Feed } from "../../../src/session/Feed.ts"
import type { StrategyContext } from "../../../src/session/Strategy.ts"
import { makeSmaCross, smaCross } from "../../../src/session/strategies/SmaCross.ts"
import { contextOf, flatBar, one, sp500Closes, two } from "../Contexts.ts"

/** What it wants after each close, told by what it asks for: it is asked as if it had what it wanted before. */
const wantsBar = (closes: ReadonlyArray<number>, fast: number, slow: number): ReadonlyArray<number> => {
  const strategy = makeSmaCross({ fast, slow })
  const feed = new Feed(strategy, [one])
  let isHeld = false
  return closes.map((close, k) => {
    feed.append(one.id, flatBar(k, close))
    const history = feed.history(one.id)
    if (history === undefined || !feed.isWarm) return 0
    const context: StrategyContext = {
      ...contextOf({ histories: [history], ...(isHeld ? { held: [[one, 1, 1]] } : {}) }),
      valueOf: feed.valueOf
    }
    const [target] = strategy.onBar(context)
    if (target !== undefined) {
      expect(target.weight).toBe(isHeld ? 0 : 1)
      isHeld = !isHeld
    }
    return isHeld ? 1 : 0
  })
}

const wantsColumns = (closes: ReadonlyArray<number>, fast: number, slow: number, cache = new Map()) =>
  smaCross.signal?.wants({ length: closes.length, close: Float64Array.from(closes) }, { fast, slow }, cache)

describe("crossing means", () => {
  it("want in above, out at and below, from the first bar that the long mean has", () => {
    // Means of 1 and 2: 10·, 12 > 11, 12 = 12, 9 < 10.5, 10 > 9.5.
    const closes = [10, 12, 12, 9, 10].map((close) => close * 1_000_000)
    expect([...(wantsColumns(closes, 1, 2) ?? [])]).toEqual([0, 1, 0, 0, 1])
    expect(wantsBar(closes, 1, 2)).toEqual([0, 1, 0, 0, 1])
    expect([...(wantsColumns(closes.slice(0, 3), 2, 4) ?? [])]).toEqual([0, 0, 0])
  })

  it("ask for nothing while what they want is what they have", () => {
    const strategy = makeSmaCross({ fast: 1, slow: 2 })
    const feed = new Feed(strategy, [one, two])
    for (const id of [one.id, two.id]) {
      feed.append(id, flatBar(0, 10_000_000))
      feed.append(id, flatBar(1, id === one.id ? 11_000_000 : 9_000_000))
    }
    const histories = [one, two].flatMap(({ id }) => feed.history(id) ?? [])
    const asked = (held: ReadonlyArray<readonly [typeof one, number, number]>) =>
      strategy
        .onBar({
          ...contextOf({ instruments: [one, two], histories, cash: 100, held }),
          valueOf: feed.valueOf
        })
        .map(({ instrumentId, weight }) => [instrumentId, weight])
    expect(asked([])).toEqual([[one.id, 0.5]])
    expect(asked([[one, 1, 11]])).toEqual([])
    expect(
      asked([
        [one, 1, 11],
        [two, 1, 9]
      ])
    ).toEqual([[two.id, 0]])
  })

  const Closes = Schema.Array(
    Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 400_000 })))
  ).pipe(Schema.check(Schema.isMaxLength(80)))
  const Days = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 9 })))

  it.prop(
    "want the same over columns as bar by bar, whatever the prices",
    [Closes, Days, Days],
    ([closes, fast, more]) => {
      // Whole cents: means that are equal are so exactly, or by nothing but their division.
      const prices = closes.map((close) => close * 10_000)
      expect([...(wantsColumns(prices, fast, fast + more) ?? [])]).toEqual(
        wantsBar(prices, fast, fast + more)
      )
    }
  )

  it("want the same on the S&P 500, with one cache for all points", () => {
    const closes = sp500Closes()
    const cache = new Map<string, Float64Array>()
    for (const [fast, slow] of [
      [5, 50],
      [10, 50],
      [10, 200]
    ] as const) {
      expect([...(wantsColumns(closes, fast, slow, cache) ?? [])]).toEqual(wantsBar(closes, fast, slow))
    }
    // The sums, and the means of 5, 10, 50 and 200.
    expect(cache.size).toBe(5)
  })

  it("take means in their order only", () => {
    const bad = Result.getOrThrow(Result.flip(smaCross.bind({ fast: 50, slow: 50 })))
    expect(bad.message).toBe("strategy sma-cross: fast is 50 and slow is 50: fast has to be the smaller")
  })
})
