import { describe, expect, it } from "@effect/vitest"
import { Option } from "effect"
import { dollars, MICROS, money, pricePerShare, shares } from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { dividendEvent, splitEvent } from "../../src/portfolio/CorporateActions.ts"
import { apply, applyAll, closedLots, empty, trialBalance } from "../../src/portfolio/Ledger.ts"
import { aapl, account, Commands, deposit, fill, histories, play } from "./Books.ts"

const start = apply(empty(account), deposit(dollars(100_000)))
const at = timestamp(1000)

const split = (
  state: typeof start,
  numerator: number,
  denominator: number,
  priceForFraction = pricePerShare(0)
) =>
  Option.getOrThrow(
    splitEvent(state, { instrumentId: aapl, numerator, denominator, priceForFraction, tsEvent: at })
  )

describe("splits", () => {
  it("seven for one: seven times the shares at the same cost, and no cash (Apple, 2014-06-09)", () => {
    const held = apply(start, fill({ side: "BUY", shares: 10, at: 645.57 }))
    const event = split(held, 7, 1, pricePerShare(92.7))
    expect(event.cashInLieu).toBe(0)
    const after = apply(held, event)
    expect(after.positions[aapl]).toMatchObject({ quantity: shares(70), cost: dollars(6455.7), realised: 0 })
    expect(after.cash).toBe(held.cash)
  })

  it("three for two of five shares leaves seven, and half a share is sold for cash", () => {
    const held = apply(start, fill({ side: "BUY", shares: 5, at: 90, id: "a" }))
    const event = split(held, 3, 2, pricePerShare(70))
    expect(event.cashInLieu).toBe(dollars(35))
    const after = apply(held, event)
    // 7.5 shares cost $450: half a share cost $30 and brought $35.
    expect(after.positions[aapl]).toMatchObject({
      quantity: shares(7),
      cost: dollars(420),
      realised: dollars(5),
      realisedFifo: dollars(5)
    })
    expect(after.cash).toBe(held.cash + dollars(35))
    expect(closedLots(event, held)).toMatchObject([
      { openTradeId: "a", quantity: MICROS / 2, proceeds: dollars(35) }
    ])
  })

  it("a short position owes the fraction", () => {
    const held = apply(start, fill({ side: "SELL", shares: 5, at: 90 }))
    const event = split(held, 3, 2, pricePerShare(70))
    expect(event.cashInLieu).toBe(dollars(-35))
    expect(apply(held, event).positions[aapl]).toMatchObject({
      quantity: -7 * MICROS,
      cost: dollars(-420),
      realised: dollars(-5)
    })
  })

  it("a reverse split that leaves less than a share pays the whole position out", () => {
    const held = apply(start, fill({ side: "BUY", shares: 500, at: 1 }))
    const after = apply(held, split(held, 1, 1000, pricePerShare(900)))
    expect(after.positions[aapl]).toMatchObject({ quantity: 0, cost: 0, lots: [], realised: dollars(-50) })
  })

  it("a reverse split that leaves less than a micro takes the cost as a loss", () => {
    const held = apply(start, fill({ side: "BUY", shares: 0.0001, at: 100 }))
    const event = split(held, 1, 1000, pricePerShare(1000))
    const after = apply(held, event)
    expect(after.positions[aapl]).toMatchObject({
      quantity: 0,
      cost: 0,
      lots: [],
      realised: -10_000,
      realisedFifo: -10_000
    })
    expect(closedLots(event, held)).toHaveLength(1)
    expect(trialBalance(after)).toBe(0)
  })

  it("lots too small to keep a micro hand their cost to their neighbour", () => {
    const tiny = (id: string) => fill({ side: "BUY", shares: 0.000001, at: 1_000, id })
    const large = fill({ side: "BUY", shares: 1000, at: 1, id: "c" })
    const held = applyAll(start, [tiny("a"), tiny("b"), large, tiny("d"), tiny("e")])
    const after = apply(held, split(held, 1, 1000))
    expect(after.positions[aapl]?.lots).toEqual([
      { tradeId: "c", tsOpen: 0, quantity: MICROS, cost: dollars(1000.004) }
    ])
  })

  it("of nothing held there is no event, and one that comes anyway changes nothing", () => {
    expect(
      splitEvent(start, {
        instrumentId: aapl,
        numerator: 2,
        denominator: 1,
        priceForFraction: pricePerShare(1),
        tsEvent: at
      })
    ).toEqual(Option.none())
    const event = {
      _tag: "SplitApplied",
      tsEvent: at,
      instrumentId: aapl,
      numerator: 2,
      denominator: 1,
      cashInLieu: money(0)
    } as const
    expect(apply(start, event)).toBe(start)
    const closed = applyAll(start, [
      fill({ side: "BUY", shares: 1, at: 10 }),
      fill({ side: "SELL", shares: 1, at: 12 })
    ])
    expect(apply(closed, event)).toStrictEqual(closed)
  })

  it("two for one and back is where it began", () => {
    const held = applyAll(start, [
      fill({ side: "BUY", shares: 3, at: 11, id: "a" }),
      fill({ side: "BUY", shares: 4, at: 13, id: "b" })
    ])
    const doubled = apply(held, split(held, 2, 1))
    expect(apply(doubled, split(doubled, 1, 2))).toStrictEqual(held)
  })

  it.prop(
    "after a split the position is in whole shares, and less than one share and a micro has left it",
    { commands: Commands },
    ({ commands }) => {
      for (const { after, before, event } of play(commands)) {
        if (event._tag !== "SplitApplied") continue
        const held = before.positions[event.instrumentId]
        const now = after.positions[event.instrumentId]
        if (held === undefined || now === undefined) throw new Error("a split of nothing")
        expect(now.quantity % MICROS === 0).toBe(true)
        const exactly = BigInt(held.quantity) * BigInt(event.numerator)
        const kept = BigInt(now.quantity) * BigInt(event.denominator)
        // What left is less than a share and a micro, and on the side of zero.
        const left = held.quantity > 0 ? exactly - kept : kept - exactly
        const denominator = BigInt(event.denominator)
        expect(left > -denominator && left < BigInt(MICROS) * denominator + denominator).toBe(true)
      }
    },
    histories
  )
})

describe("dividends", () => {
  const dividend = { instrumentId: aapl, amountPerShare: 820_000, tsEvent: at }

  it("holders receive them, and the cost stays", () => {
    const held = apply(start, fill({ side: "BUY", shares: 100, at: 50 }))
    const event = Option.getOrThrow(dividendEvent(held, dividend))
    expect(event.amount).toBe(dollars(82))
    const after = apply(held, event)
    expect(after).toMatchObject({ dividends: dollars(82), cash: held.cash + dollars(82), realised: 0 })
    expect(after.positions).toBe(held.positions)
  })

  it("short positions pay them", () => {
    const held = apply(start, fill({ side: "SELL", shares: 100, at: 50 }))
    expect(Option.getOrThrow(dividendEvent(held, dividend)).amount).toBe(dollars(-82))
  })

  it("nothing held, nothing paid", () => {
    expect(dividendEvent(start, dividend)).toEqual(Option.none())
    const closed = applyAll(start, [
      fill({ side: "BUY", shares: 1, at: 10 }),
      fill({ side: "SELL", shares: 1, at: 12 })
    ])
    expect(dividendEvent(closed, dividend)).toEqual(Option.none())
  })
})
