import { describe, expect, it } from "@effect/vitest"
import { pricePerShare } from "../../../src/domain/Money.ts"
import type { OptionIntent } from "../../../src/session/Strategy.ts"
import { makePutSpread } from "../../../src/session/strategies/PutSpread.ts"
import { type Book, contextOf, historyOf, one, two } from "../Contexts.ts"
import { chainOn, heldOption, idOf, withChains } from "./Chains.ts"

const putSpread = makePutSpread()
const { date } = contextOf({})
const flat: Book = { histories: [historyOf(one, [pricePerShare(100)])], cash: 100_000 }

const puts = [
  { strike: 85, bid: 0.2, ask: 0.25 },
  { strike: 90, bid: 0.4, ask: 0.5 },
  { strike: 92, bid: 0.6, ask: 0.7 },
  { strike: 95, bid: 1.5, ask: 1.6 },
  { strike: 97, bid: 2, ask: 2.1 }
]
const chain = chainOn(one, date, [
  { days: 22, puts },
  { days: 30, puts },
  { days: 43, puts },
  { days: 71, puts }
])

const intents = (given: Book, strategy = putSpread, on = chain): ReadonlyArray<OptionIntent> =>
  strategy.options?.onClose(withChains(contextOf(given), on)) ?? []

const put = (days: number, strike: number) => idOf(one, date, days, "PUT", strike)

/** Four verticals 95/90 of so many days, sold for a dollar, with marks of the two puts. */
const spread = (days: number, short: number, long: number) => [
  heldOption(one, put(days, 95), -4, short, -600),
  heldOption(one, put(days, 90), 4, long, 200)
]

const closes = (given: Book, strategy = putSpread) => intents(given, strategy).map(({ reason }) => reason)

describe("a put spread is opened", () => {
  it("at the latest expiry of 30 to 45 days: short 5% below the close, long 5% further below", () => {
    expect(intents(flat)).toEqual([
      {
        legs: [
          { instrumentId: put(43, 95), side: "SELL", ratio: 1 },
          { instrumentId: put(43, 90), side: "BUY", ratio: 1 }
        ],
        // A dollar of credit at the close, less 3% of the two dollars of both legs: 2000 ÷ 406 a unit.
        units: 4,
        type: { _tag: "NetLimit", netPrice: -940_000 },
        reason:
          "Sells the put vertical 95.00/90.00, 43 days to 2004-07-23, modelled quotes: credit 0.94 at least, so 4 can lose 1624.00 at worst, of 2.0% of equity."
      }
    ])
  })

  it("for no more than its part of equity at worst, and not at all when that is less than one", () => {
    const unitsOf = (cash: number) => intents({ ...flat, cash })[0]?.units
    expect(unitsOf(101_500)).toBe(5)
    expect(unitsOf(101_499)).toBe(4)
    expect(unitsOf(20_300)).toBe(1)
    expect(unitsOf(20_299)).toBeUndefined()
  })

  it("once on each instrument, which share the risk", () => {
    const both: Book = {
      instruments: [one, two],
      histories: [historyOf(one, [pricePerShare(100)]), historyOf(two, [pricePerShare(100)])],
      cash: 100_000
    }
    const asked = withChains(contextOf(both), chain, chainOn(two, date, [{ days: 40, puts }]))
    expect(putSpread.options?.onClose(asked).map(({ units }) => units)).toEqual([2, 2])
  })

  it("not where it brings too little, no strike or expiry is in reach, or unless trading is Active", () => {
    const greedy = makePutSpread({ leastCredit: 0.21 })
    expect(intents(flat, greedy)).toEqual([])
    const fair = makePutSpread({ leastCredit: 0.2 })
    expect(intents(flat, fair)).toHaveLength(1)
    expect(intents(flat, makePutSpread({ width: 0.2 }))).toEqual([])
    expect(intents(flat, makePutSpread({ distance: 0.2 }))).toEqual([])
    expect(intents(flat, putSpread, chainOn(one, date, [{ days: 46, puts }]))).toEqual([])
    expect(intents({ ...flat, tradingState: "Reducing" })).toEqual([])
    expect(intents({ ...flat, histories: [] })).toEqual([])
  })

  it("not for what more than its width is bid: such quotes are not to be had", () => {
    const wrong = chainOn(one, date, [
      {
        days: 40,
        puts: [
          { strike: 90, bid: 0, ask: 0.01 },
          { strike: 95, bid: 9, ask: 9.1 }
        ]
      }
    ])
    expect(intents(flat, putSpread, wrong)).toEqual([])
  })

  it("not beside another one, beside shares, or while one is about to be settled", () => {
    expect(intents({ ...flat, options: spread(40, 1.6, 0.5) })).toEqual([])
    expect(intents({ ...flat, options: spread(0, 0.01, 0.01) })).toEqual([])
    expect(intents({ ...flat, held: [[one, 100, 100]] })).toEqual([])
  })

  it("on a chain that is asked for on no other day", () => {
    const asked = (given: Book) => putSpread.options?.chains(contextOf(given))
    expect(asked(flat)).toEqual([one.id])
    expect(asked({ ...flat, options: spread(40, 1.6, 0.5) })).toEqual([])
    expect(asked({ ...flat, tradingState: "Reducing" })).toEqual([])
  })
})

describe("a put spread is closed", () => {
  it("as one order of all its legs, for what the quotes say and a concession", () => {
    expect(intents({ ...flat, options: spread(40, 0.8, 0.3) })).toMatchObject([
      {
        legs: [
          { instrumentId: put(40, 95), side: "BUY", ratio: 1 },
          { instrumentId: put(40, 90), side: "SELL", ratio: 1 }
        ],
        units: 4,
        // 0.85 − 0.25 and 3% of 1.10 in whole cents.
        type: { _tag: "NetLimit", netPrice: 630_000 }
      }
    ])
  })

  it("without a long leg that nobody bids for, and not while a leg has no quote", () => {
    const [short, long] = spread(40, 0.4, 0.02)
    if (short === undefined || long === undefined) throw new Error("a spread has two legs")
    const bidless = { ...long, quote: { bid: pricePerShare(0), ask: pricePerShare(0.05) } }
    expect(intents({ ...flat, options: [short, bidless] })).toMatchObject([
      { legs: [{ instrumentId: put(40, 95), side: "BUY" }], type: { netPrice: 460_000 } }
    ])
    expect(intents({ ...flat, options: [bidless], held: [[one, 400, 90]] })).toEqual([])
    expect(intents({ ...flat, options: [short, { ...long, quote: undefined }] })).toEqual([])
  })

  it("when half of the credit is earned", () => {
    expect(closes({ ...flat, options: spread(40, 0.8, 0.3) })).toEqual([
      "Closes: 200.00 of a credit of 400.00 is earned, 50.0% is aimed at."
    ])
    expect(closes({ ...flat, options: spread(40, 0.81, 0.3) })).toEqual([])
  })

  it("when 21 days are left, or never where it is held to its end", () => {
    expect(closes({ ...flat, options: spread(22, 1.5, 0.5) })).toEqual([])
    expect(closes({ ...flat, options: spread(21, 1.5, 0.5) })).toEqual(["Closes: 21 days are left."])
    const patient = makePutSpread({ closeDays: 0 })
    expect(closes({ ...flat, options: spread(1, 1.5, 0.5) }, patient)).toEqual([])
  })

  it("on a drawdown trip, and not on a day's loss", () => {
    const tripped = (cause: "drawdown" | "daily-loss"): Book => ({
      ...flat,
      options: spread(40, 1.5, 0.5),
      tradingState: "Reducing",
      activeTrip: { cause, sessionsSince: 0 }
    })
    expect(closes(tripped("drawdown"))).toEqual(["Closes: the drawdown from the peak passed its limit."])
    expect(closes(tripped("daily-loss"))).toEqual([])
  })

  it("with the shares that an early assignment left", () => {
    const [, long] = spread(40, 9, 5)
    const assigned: Book = { ...flat, held: [[one, 400, 90]], options: long === undefined ? [] : [long] }
    expect(intents(assigned)).toMatchObject([
      { legs: [{ instrumentId: put(40, 90), side: "SELL", ratio: 1 }], units: 4 }
    ])
    expect(putSpread.onBar(contextOf(assigned))).toMatchObject([{ instrumentId: one.id, quantity: 0 }])
    expect(closes({ ...flat, held: [[one, 100, 90]], options: spread(40, 6, 3) })).toEqual([
      "Closes: shares came by an assignment or an exercise."
    ])
  })

  it("by settlement on its last day: nothing is sent for the day after", () => {
    expect(closes({ ...flat, options: spread(0, 1.5, 0.5) })).toEqual([])
  })

  it("in whole units where the legs are not equal", () => {
    const [short] = spread(15, 1, 0)
    const long = heldOption(one, put(15, 90), 6, 0.1, 100)
    expect(intents({ ...flat, options: short === undefined ? [] : [short, long] })).toMatchObject([
      { units: 2, legs: [{ ratio: 2 }, { ratio: 3 }] }
    ])
  })
})

describe("the put spread's parameters", () => {
  it("are the conventions, and each has a meaning", () => {
    expect(putSpread.parameters).toEqual({
      risk: 0.02,
      leastDays: 30,
      mostDays: 45,
      distance: 0.05,
      width: 0.05,
      leastCredit: 0.05,
      concession: 0.03,
      profitTaken: 0.5,
      closeDays: 21
    })
    expect(Object.keys(putSpread.meanings)).toEqual(Object.keys(putSpread.parameters))
  })
})
