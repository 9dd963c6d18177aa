import { describe, expect, it } from "@effect/vitest"
import { pricePerShare } from "../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import type { MarketChain } from "../../src/market/MarketChain.ts"
import type { RawQuote } from "../../src/options/chain/OptionChain.ts"
import { chainOf, expiryNear, strikeFrom, strikeUpTo } from "../../src/session/OptionChain.ts"
import { one } from "./Contexts.ts"
import { chainOn } from "./strategies/Chains.ts"

const date = sessionDate("2014-06-05")

const quoteOf = (contract: string, bid: number | undefined, ask: number | undefined): RawQuote => ({
  contract,
  right: "CALL",
  strike: 0,
  bid,
  ask,
  last: undefined,
  ageSeconds: 0,
  volume: undefined,
  openInterest: undefined
})

const marketChain = (
  quotes: ReadonlyArray<RawQuote>,
  source: MarketChain["source"] = "model"
): MarketChain => ({
  snapshotId: "c-1",
  underlying: one,
  source,
  modelled: [],
  shownAt: timestamp(1),
  askedAt: timestamp(1),
  raw: {
    symbol: "ONE",
    style: "AMERICAN",
    spot: 100,
    asOf: "",
    expiries: [{ expiry: sessionDate("2014-07-03"), years: 0.1, rate: 0, quotes }]
  },
  dividendYield: 0,
  origins: { spot: "", rate: "", dividendYield: "", model: undefined },
  notes: []
})

describe("a chain as a strategy sees it", () => {
  it("has calls and puts by strike in whole micros, and the days that are left", () => {
    const seen = chainOf(
      marketChain([
        quoteOf("ONE 140703C00105000", 1.1, 1.2),
        quoteOf("ONE 140703C00097140", 4.1, 4.3),
        quoteOf("ONE 140703P00095000", 0.29, 0.31)
      ]),
      date
    )
    const [expiry] = seen.expiries
    expect(expiry?.days).toBe(28)
    expect(expiry?.calls.map(({ ask, bid, strike }) => [strike, bid, ask])).toEqual([
      [97_140_000, 4_100_000, 4_300_000],
      [105_000_000, 1_100_000, 1_200_000]
    ])
    expect(expiry?.puts).toEqual([
      {
        instrumentId: "ONE 140703P00095000.OPRA",
        right: "PUT",
        strike: 95_000_000,
        bid: 290_000,
        ask: 310_000
      }
    ])
  })

  it("leaves out what nobody could buy or sell: no ask, crossed, adjusted series", () => {
    const seen = chainOf(
      marketChain([
        quoteOf("ONE 140703C00100000", 1, undefined),
        quoteOf("ONE 140703C00101000", 2, 1),
        quoteOf("ONE 140703C00102000", 0, 0),
        quoteOf("ONE1 140703C00103000", 1, 2),
        quoteOf("gibberish", 1, 2),
        quoteOf("ONE 140703C00104000", undefined, 0.05)
      ]),
      date
    )
    expect(seen.expiries[0]?.calls.map(({ bid, strike }) => [strike, bid])).toEqual([[104_000_000, 0]])
  })

  it("says whether a model made its quotes", () => {
    expect(chainOf(marketChain([]), date).modelled).toBe(true)
    expect(chainOf(marketChain([], "lean-quote"), date).modelled).toBe(false)
  })
})

describe("an expiry", () => {
  const chain = chainOn(one, date, [{ days: 8 }, { days: 27 }, { days: 33 }, { days: 61 }])
  const near = (days: number, least = 1, most = 100) => expiryNear(chain, { days, least, most })?.days

  it("is the nearest to the days asked for, the earlier of two", () => {
    expect([near(1), near(29), near(30), near(31), near(500)]).toEqual([8, 27, 27, 33, 61])
  })

  it("lies within what is allowed, or there is none", () => {
    expect(near(30, 28, 60)).toBe(33)
    expect(near(30, 34, 60)).toBeUndefined()
  })
})

describe("a strike", () => {
  const rows = [10, 12.5, 15].map((strike) => ({ strike, bid: 1, ask: 2 }))
  const calls = chainOn(one, date, [{ days: 8, calls: rows }]).expiries[0]?.calls ?? []

  it("is the nearest on the side that is asked for, the price itself included", () => {
    expect(strikeFrom(calls, pricePerShare(12.5))?.strike).toBe(12_500_000)
    expect(strikeFrom(calls, pricePerShare(12.51))?.strike).toBe(15_000_000)
    expect(strikeFrom(calls, pricePerShare(15.01))).toBeUndefined()
    expect(strikeUpTo(calls, pricePerShare(12.5))?.strike).toBe(12_500_000)
    expect(strikeUpTo(calls, pricePerShare(12.49))?.strike).toBe(10_000_000)
    expect(strikeUpTo(calls, pricePerShare(9.99))).toBeUndefined()
  })
})
