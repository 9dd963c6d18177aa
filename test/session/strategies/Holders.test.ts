import { describe, expect, it } from "@effect/vitest"
import { makeBuyAndHold } from "../../../src/session/strategies/BuyAndHold.ts"
import { makeGuardedHolder } from "../../../src/session/strategies/GuardedHolder.ts"
import { type Book, contextOf, one, two } from "../Contexts.ts"

const buyAndHold = makeBuyAndHold()
const guardedHolder = makeGuardedHolder()

const wants = (strategy: typeof buyAndHold, book: Book) =>
  strategy.onBar(contextOf(book)).map(({ instrumentId, weight }) => [instrumentId, weight])

const flat: Book = { cash: 100_000 }
const full: Book = { cash: 4_800, held: [[one, 952, 100]] }
const tripped: Book = {
  tradingState: "Reducing",
  activeTrip: { cause: "drawdown", sessionsSince: 0 }
}

describe.each([buyAndHold, guardedHolder])("$name", (strategy) => {
  it("wants all of the equity while it holds nothing, and leaves alone what it holds", () => {
    expect(wants(strategy, flat)).toEqual([[one.id, 1]])
    expect(wants(strategy, full)).toEqual([])
  })

  it("goes on buying where limits or volume let only a part through", () => {
    expect(wants(strategy, { cash: 90_000, held: [[one, 100, 100]] })).toEqual([[one.id, 1]])
    expect(wants(strategy, { cash: 24_900, held: [[one, 751, 100]] })).toEqual([])
  })

  it("shares the equity equally among several instruments", () => {
    expect(wants(strategy, { instruments: [one, two], cash: 50_000, held: [[two, 500, 100]] })).toEqual([
      [one.id, 0.5]
    ])
  })
})

describe("guarded-holder", () => {
  it("sells everything after a drawdown trip, on every session until nothing is left", () => {
    expect(wants(guardedHolder, { ...full, ...tripped })).toEqual([[one.id, 0]])
    const later: Book = { ...tripped, activeTrip: { cause: "drawdown", sessionsSince: 3 } }
    expect(wants(guardedHolder, { ...later, cash: 90_000, held: [[one, 10, 100]] })).toEqual([[one.id, 0]])
    expect(wants(guardedHolder, { ...later, ...flat })).toEqual([])
  })

  it("buys again once trading is Active again", () => {
    expect(wants(guardedHolder, { ...flat, tradingState: "Active" })).toEqual([[one.id, 1]])
  })

  it("sits out a day's loss: it neither sells nor buys", () => {
    const dailyLoss: Book = {
      tradingState: "Reducing",
      activeTrip: { cause: "daily-loss", sessionsSince: 0 }
    }
    expect(wants(guardedHolder, { ...full, ...dailyLoss })).toEqual([])
    expect(wants(guardedHolder, { ...flat, ...dailyLoss })).toEqual([])
  })

  it("wants nothing new while trading is halted", () => {
    expect(wants(guardedHolder, { ...flat, tradingState: "Halted" })).toEqual([])
  })
})

describe("buy-and-hold", () => {
  it("does not sell on a trip", () => {
    expect(wants(buyAndHold, { ...full, ...tripped })).toEqual([])
  })

  it("takes a weight of one's own", () => {
    const half = makeBuyAndHold({ weight: 0.5 })
    expect(wants(half, flat)).toEqual([[one.id, 0.5]])
    expect(half.parameters).toEqual({ weight: 0.5, heldFrom: 0.75 })
  })
})
