import { describe, expect, it } from "@effect/vitest"
import { MICROS, pricePerShare, shares } from "../../../src/domain/Money.ts"
import { makeCoveredCall } from "../../../src/session/strategies/CoveredCall.ts"
import { type Book, contextOf, historyOf, one, two } from "../Contexts.ts"
import { chainOn, heldOption, idOf, withChains } from "./Chains.ts"

const closed = (at: number, instrument = one) => historyOf(instrument, [pricePerShare(at)])

/** A book of 100,000 dollars in all at a close of 50: a fifth of it is four lots. */
const book = (held: number, more: Book = {}): Book => ({
  histories: [closed(50)],
  cash: 100_000 - held * 50,
  ...(held === 0 ? {} : { held: [[one, held, 50]] }),
  ...more
})

const coveredCall = makeCoveredCall()
const { date } = contextOf({})

const month = {
  calls: [
    { strike: 50, bid: 2, ask: 2.1 },
    { strike: 52, bid: 1, ask: 1.1 },
    { strike: 52.5, bid: 0.8, ask: 0.9 },
    { strike: 55, bid: 0.3, ask: 0.35 }
  ]
}
const chain = chainOn(one, date, [
  { days: 8, ...month },
  { days: 29, ...month },
  { days: 36, ...month },
  { days: 64, ...month }
])

const wants = (given: Book) =>
  coveredCall.onBar(contextOf(given)).map(({ quantity }) => (quantity ?? Number.NaN) / MICROS)

const sells = (given: Book, strategy = coveredCall, on = chain) =>
  (strategy.options?.onClose(withChains(contextOf(given), on)) ?? []).map(({ legs, type, units }) => ({
    legs,
    net: type._tag === "NetLimit" ? type.netPrice / MICROS : undefined,
    units
  }))

const call = (days: number, strike: number) => idOf(one, date, days, "CALL", strike)
const sold = (contracts: number, days = 20, strike = 55) =>
  heldOption(one, call(days, strike), -contracts, 1, -100 * contracts)

describe("the covered call's shares", () => {
  it("are as many whole lots as a fifth of equity pays for", () => {
    expect(wants(book(0))).toEqual([400])
    expect(wants({ ...book(0), cash: 99_999 })).toEqual([300])
    expect(wants({ ...book(0), cash: 24_999 })).toEqual([0])
  })

  it("are bought to the lot, however little is missing", () => {
    expect(wants(book(386))).toEqual([400])
  })

  it("stay while calls stand against them, and are counted anew when none does", () => {
    expect(wants(book(500, { options: [sold(5)] }))).toEqual([500])
    expect(wants(book(500))).toEqual([400])
    // Three of four lots is enough while a call is open; two are not.
    expect(wants(book(300, { options: [sold(3)] }))).toEqual([300])
    expect(wants(book(200, { options: [sold(2)] }))).toEqual([400])
    // A lot that was begun is bought to its end.
    expect(wants(book(301, { options: [sold(3)] }))).toEqual([400])
    expect(wants(book(410, { options: [sold(4)] }))).toEqual([410])
    expect(wants(book(300, { options: [sold(5)] }))).toEqual([500])
  })

  it("are bought again after they were called away", () => {
    expect(wants(book(0, { options: [] }))).toEqual([400])
  })

  it("are shared equally among several instruments, and left alone without a bar today", () => {
    const both: Book = { instruments: [one, two], cash: 100_000, histories: [closed(50), closed(20, two)] }
    expect(wants(both)).toEqual([200, 500])
    expect(wants({ ...both, histories: [closed(50)] })).toEqual([200])
  })
})

describe("the covered call's calls", () => {
  it("are sold on every free lot: the expiry nearest to 30 days, the lowest strike from 5% above the close, the bid less 3%", () => {
    expect(sells(book(400))).toEqual([
      { legs: [{ instrumentId: call(29, 52.5), side: "SELL", ratio: 1 }], net: -0.78, units: 4 }
    ])
  })

  it("are never more than lots", () => {
    expect(sells(book(399))[0]?.units).toBe(3)
    expect(sells(book(400, { options: [sold(3)] }))[0]?.units).toBe(1)
    expect(sells(book(400, { options: [sold(4)] }))).toEqual([])
    expect(sells(book(300, { options: [sold(4)] }))).toEqual([])
    expect(sells(book(99))).toEqual([])
  })

  it("are not sold on lots that are on their way out", () => {
    expect(sells(book(600))[0]?.units).toBe(4)
  })

  it("count an adjusted contract by the shares it delivers", () => {
    const adjusted = sold(2)
    const contract = { ...adjusted.contract, deliverable: shares(150) }
    expect(sells(book(400, { options: [{ ...adjusted, contract }] }))[0]?.units).toBe(1)
  })

  it("that expire today still count: settlement has not taken them yet", () => {
    expect(sells(book(400, { options: [sold(4, 0)] }))).toEqual([])
  })

  it("do not count puts, long calls or another share's calls", () => {
    const others = [
      heldOption(one, idOf(one, date, 20, "PUT", 45), -4, 1, -400),
      heldOption(one, call(20, 60), 4, 1, 400),
      heldOption(two, idOf(two, date, 20, "CALL", 55), -4, 1, -400)
    ]
    expect(sells(book(400, { options: others }))[0]?.units).toBe(4)
  })

  it("are offered a cent below a small bid, and not at all for that cent", () => {
    const at = (bid: number) =>
      sells(
        book(400),
        makeCoveredCall({ leastBid: 0 }),
        chainOn(one, date, [{ days: 30, calls: [{ strike: 53, bid, ask: 0.2 }] }])
      ).map(({ net }) => net)
    expect([at(0.14), at(0.02), at(0.01), at(0)]).toEqual([[-0.13], [-0.01], [], []])
  })

  it("are not sold for nothing, without a strike or expiry in reach, or unless trading is Active", () => {
    const far = makeCoveredCall({ distance: 0.2 })
    expect(sells(book(400), far)).toEqual([])
    const dear = makeCoveredCall({ leastBid: 0.81 })
    expect(sells(book(400), dear)).toEqual([])
    expect(sells(book(400), coveredCall, chainOn(one, date, [{ days: 8, ...month }]))).toEqual([])
    expect(sells(book(400, { tradingState: "Reducing" }))).toEqual([])
    expect(sells(book(400, { tradingState: "Halted" }))).toEqual([])
  })

  it("ask for a chain on days on which there is something to sell, and on no other", () => {
    const asked = (given: Book) => coveredCall.options?.chains(contextOf(given))
    expect(asked(book(400))).toEqual([one.id])
    expect(asked(book(400, { options: [sold(4)] }))).toEqual([])
    expect(asked(book(0))).toEqual([])
    expect(asked(book(400, { histories: [] }))).toEqual([])
  })

  it("say in their reason that the quote is a model's, where it is", () => {
    const reason = (modelled: boolean) =>
      coveredCall.options?.onClose(
        withChains(contextOf(book(400)), chainOn(one, date, [{ days: 29, ...month }], modelled))
      )[0]?.reason
    expect(reason(true)).toBe(
      "Sells a call on each of 4 free lots: strike 52.50, close 50.00, 29 days to 2004-07-09, bid 0.80, a modelled quote."
    )
    expect(reason(false)).toContain("bid 0.80.")
  })
})

describe("the covered call's parameters", () => {
  it("are round numbers, and each has a meaning", () => {
    expect(coveredCall.parameters).toEqual({
      weight: 0.2,
      heldFrom: 0.75,
      days: 30,
      leastDays: 20,
      mostDays: 45,
      distance: 0.05,
      leastBid: 0.05,
      concession: 0.03
    })
    expect(Object.keys(coveredCall.meanings)).toEqual(Object.keys(coveredCall.parameters))
  })
})
