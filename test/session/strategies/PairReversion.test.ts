import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { HistoryBuffer } from "../../../src/session/History.ts"
import {
  makePairReversion,
  pairReversion,
  ratiosOf,
  scoreOf
} from "../../../src/session/strategies/PairReversion.ts"
import { type Book, contextOf, flatBar, historyOf, one, two } from "../Contexts.ts"

const micros = (closes: ReadonlyArray<number>) => closes.map((close) => close * 1_000_000)

/** Nine sessions at one ratio, then the first at `last`: the tenth is 9 ÷ √10 = 2.85 deviations away. */
const book = (last: number, held: Book["held"] = []): Book => ({
  instruments: [one, two],
  histories: [
    historyOf(one, micros([...Array.from({ length: 9 }, () => 50), last])),
    historyOf(two, micros(Array.from({ length: 10 }, () => 25)))
  ],
  cash: 1000,
  held
})

const pair = makePairReversion({ sessions: 10 })
const wants = (given: Book) =>
  pair.onBar(contextOf(given)).map(({ instrumentId, weight }) => [instrumentId, weight])

describe("the pair", () => {
  it("buys the one that has become cheap, and holds it while it is", () => {
    expect(wants(book(40))).toEqual([[one.id, 0.2]])
    expect(wants(book(60))).toEqual([[two.id, 0.2]])
    expect(wants(book(40, [[one, 1, 40]]))).toEqual([])
    expect(pair.onBar(contextOf(book(40)))[0]?.reason).toBe("Cheap: -2.85 deviations from the mean ratio.")
  })

  it("sells it when the ratio is back at its mean, or beyond", () => {
    expect(wants(book(50, [[one, 1, 50]]))).toEqual([[one.id, 0]])
    // Beyond: the other is cheap now.
    expect(wants(book(60, [[one, 1, 60]]))).toEqual([
      [one.id, 0],
      [two.id, 0.2]
    ])
    expect(wants(book(50))).toEqual([])
  })

  it("wants nothing without a year of both, and says how much that is", () => {
    expect(makePairReversion().warmUp).toBe(252)
    expect(makePairReversion({ sessions: 11 }).onBar(contextOf(book(40)))).toEqual([])
    const { histories: [first] = [], ...rest } = book(40)
    expect(wants({ ...rest, histories: first === undefined ? [] : [first] })).toEqual([])
  })

  it("compares sessions that both have", () => {
    const [first, second] = [new HistoryBuffer(one.id), new HistoryBuffer(two.id)]
    for (const [session, close] of [2, 4, 6, 8].entries()) first.append(flatBar(session, close))
    for (const session of [0, 2, 3]) second.append(flatBar(session, 2))
    expect(ratiosOf(first.history, second.history, 9)).toEqual([4, 3, 1])
    expect(ratiosOf(second.history, first.history, 2)).toEqual([0.25, 1 / 3])
  })

  it("measures in deviations, n − 1", () => {
    // Mean 2; squares 4 + 1 + 1 + 0 over 3; the newest, which comes first, is 2 above.
    expect(scoreOf([4, 1, 1, 2])).toBeCloseTo(2 / Math.sqrt(6 / 3), 14)
    expect(scoreOf([3, 3, 3])).toBe(0)
  })

  it("takes two instruments, and an exit inside its entry", () => {
    expect(pairReversion.instruments).toEqual({ least: 2, most: 2 })
    expect(Result.getOrThrow(Result.flip(pairReversion.bind({ entry: 1, exit: 1 }))).message).toBe(
      "strategy pair-reversion: exit is 1 and entry is 1: exit has to be the smaller"
    )
  })
})
