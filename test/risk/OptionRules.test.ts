import { describe, expect, it } from "@effect/vitest"
import { symbol } from "../../src/domain/Identifiers.ts"
import { dollars, money, price, pricePerShare } from "../../src/domain/Money.ts"
import { comboQuoteId } from "../../src/domain/OrderLeg.ts"
import {
  dateOfDay,
  dayOfDate,
  MICROS_PER_SECOND,
  sessionDate,
  timestamp
} from "../../src/domain/Timestamp.ts"
import { RuleName } from "../../src/domain/Verdict.ts"
import { lastTradingTime } from "../../src/market/ContractTime.ts"
import { greeksAtVolatility } from "../../src/risk/options/ContractGreeks.ts"
import { researchProfile } from "../../src/risk/LimitsProfile.ts"
import { defaultOptionLimits } from "../../src/risk/RiskLimits.ts"
import {
  combo,
  denier,
  heldOption,
  idOf,
  judged,
  type LegSpec,
  net,
  optionOf,
  single,
  type Terms,
  termsOf,
  workingCombo,
  workingOption
} from "./OptionDesk.ts"
import {
  AAPL,
  buy,
  held,
  limitAt,
  limits,
  NOW,
  ofShares,
  permitted,
  quote,
  sell,
  snapshot,
  verdictOf
} from "./Snapshots.ts"
import { evaluate } from "../../src/risk/RiskRules.ts"
import { contractOf } from "./options/Contracts.ts"

const CALL_110: Terms = { right: "CALL", strike: 110 }
const CALL_115: Terms = { right: "CALL", strike: 115 }
const CALL_100: Terms = { right: "CALL", strike: 100 }
const PUT_90: Terms = { right: "PUT", strike: 90 }
const PUT_85: Terms = { right: "PUT", strike: 85 }

const at = (side: LegSpec["side"], of: Terms, bid: number, ask: number): LegSpec => ({ side, of, bid, ask })

/** Sold for 0.90, bought for 0.55: a credit of 0.35. */
const bullPut = [at("SELL", PUT_90, 0.9, 1), at("BUY", PUT_85, 0.5, 0.55)]
const closePut = [at("BUY", PUT_90, 0.9, 1), at("SELL", PUT_85, 0.5, 0.55)]
const bearCall = [at("SELL", CALL_110, 0.8, 0.9), at("BUY", CALL_115, 0.4, 0.45)]
const condor = [...bullPut, ...bearCall]
const buyWrite: ReadonlyArray<LegSpec> = [
  { side: "BUY", of: "shares", bid: 99.99, ask: 100 },
  at("SELL", CALL_110, 0.8, 0.9)
]

const wide = { positionRatio: 10, orderNotionalRatio: 10, grossExposureRatio: 10 }
const roomy = limits({
  ...wide,
  options: {
    ...defaultOptionLimits,
    vegaRatio: 10,
    totalVegaRatio: 10,
    gammaRatio: 10,
    totalGammaRatio: 10,
    thetaRatio: 10,
    totalThetaRatio: 10
  }
})
const roomyOrders = { ...roomy, orderNotionalRatio: 0.1 }
const naked = { ...roomy, options: { ...roomy.options, uncovered: true } }

describe("orders for options and combos", () => {
  it("have a verdict of every rule", () => {
    for (const asked of [combo(bullPut), single(at("BUY", CALL_110, 0.8, 0.9))]) {
      expect(judged(asked).verdicts.map(({ rule }) => rule)).toStrictEqual(RuleName.literals)
    }
  })

  it("are accepted within the limits, a credit vertical with the net price it counts at", () => {
    const found = judged(combo(bullPut, net(-0.35)))
    expect(found.denied).toBeUndefined()
    expect(found.netValue).toBe(-350_000)
    expect(found.valuePrice).toBe(350_000)
    // At the market: what the legs cost now, and the collar of all their prices together.
    expect(judged(combo(bullPut)).netValue).toBe(-350_000 + 72_500)
  })

  it("shares that options are on have the rules of options as well", () => {
    const view = {
      positions: [held(100), heldOption(-1, CALL_110, 0.85)],
      underlyings: new Map([[AAPL, pricePerShare(100)]])
    }
    const rules = evaluate(snapshot(view), buy(ofShares(1))).verdicts.map(({ rule }) => rule)
    expect(rules).toStrictEqual(RuleName.literals)
  })
})

describe("the instrument", () => {
  it("of every leg is known, not restricted, and of one underlying", () => {
    const asked = combo(bullPut)
    expect(denier(asked, { legs: asked.view.legs?.slice(0, 1) })).toBe("quote-freshness")
    const rule = (changes: Parameters<typeof judged>[1]) =>
      verdictOf(judged(asked, changes), "instrument")?.outcome
    expect(rule({ legs: asked.view.legs?.map((leg) => ({ ...leg, instrument: undefined })) })).toBe("deny")
    expect(rule({ limits: limits({ restricted: [optionOf(PUT_90).symbol] }) })).toBe("deny")
    expect(denier(asked, { limits: limits({ restricted: [symbol("AAPL")] }) })).toBe("instrument")
    expect(denier(combo([at("BUY", CALL_110, 0.8, 0.9), at("SELL", CALL_110, 0.8, 0.9)]))).toBe("instrument")
  })

  it("is traded until its last trading time, and not at it", () => {
    const asked = single(at("BUY", CALL_110, 0.8, 0.9))
    const last = lastTradingTime(termsOf(CALL_110)) ?? timestamp(Number.NaN)
    const rule = (now: number) => verdictOf(judged(asked, { now: timestamp(now) }), "instrument")
    expect(rule(last - 1)?.outcome).toBe("pass")
    expect(rule(last)).toMatchObject({ outcome: "deny" })
    expect(rule(last)?.message).toContain("has expired")
  })

  it("that was adjusted can be closed and not opened", () => {
    const adjusted: Terms = { right: "CALL", strike: 110, root: "AAPL1", deliverable: 150 }
    const opening = single(at("BUY", adjusted, 0.8, 0.9))
    expect(verdictOf(judged(opening), "instrument")?.message).toContain("adjusted series")
    const closing = single(at("SELL", adjusted, 0.8, 0.9))
    expect(denier(closing, { positions: [heldOption(1, adjusted, 0.85)] })).toBe("accepted")
    expect(denier(closing, { positions: [] })).toBe("instrument")
  })
})

describe("quotes of options", () => {
  it("are fresh for a minute, each leg by itself", () => {
    const of = (ageSeconds: number) =>
      combo([{ ...at("SELL", PUT_90, 0.9, 1), ageSeconds }, at("BUY", PUT_85, 0.5, 0.55)], net(-0.35))
    expect(denier(of(60))).toBe("accepted")
    expect(denier(of(61))).toBe("quote-freshness")
    expect(judged(of(61)).denied?.message).toContain(idOf(PUT_90))
  })

  it("of shares beside them for fifteen seconds", () => {
    const of = (ageSeconds: number) =>
      denier(
        combo([
          { side: "BUY", of: "shares", bid: 99.99, ask: 100, ageSeconds },
          at("SELL", CALL_110, 0.8, 0.9)
        ]),
        { limits: roomy }
      )
    expect(of(15)).toBe("accepted")
    expect(of(16)).toBe("quote-freshness")
  })

  it("without a bid only let a reducing order buy", () => {
    const buying = single(at("BUY", PUT_85, 0, 0.05), 1, limitAt(0.05))
    expect(judged(buying).denied).toMatchObject({ rule: "quote-freshness" })
    expect(judged(buying).denied?.message).toContain("no bid")
    expect(denier(buying, { positions: [heldOption(-1, PUT_85, 0.03)] })).toBe("accepted")
    const selling = single(at("SELL", PUT_85, 0, 0.05), 1, limitAt(0.05))
    expect(denier(selling, { positions: [heldOption(1, PUT_85, 0.03)] })).toBe("quote-freshness")
  })

  it("without an ask let nothing pass, nor crossed ones", () => {
    const short = { positions: [heldOption(-1, PUT_85, 0.03)] }
    expect(denier(single(at("BUY", PUT_85, 0, 0), 1, limitAt(0.05)), short)).toBe("quote-freshness")
    expect(denier(single(at("BUY", PUT_85, 0.06, 0.05), 1, limitAt(0.05)), short)).toBe("quote-freshness")
  })

  it("that are wide take no market order, reducing or not, and a limit", () => {
    const of = (bid: number, ask: number, limit?: number) =>
      denier(
        single(at("BUY", CALL_100, bid, ask), 1, limit === undefined ? { _tag: "Market" } : limitAt(limit))
      )
    // (1.75 − 1.35) ÷ 1.55 is more than a quarter, (1.8 − 1.4) ÷ 1.6 is one.
    expect(of(1.4, 1.8)).toBe("accepted")
    expect(of(1.35, 1.75)).toBe("price-collar")
    expect(of(1.35, 1.75, 1.5)).toBe("accepted")
    const closing = combo([at("BUY", PUT_90, 0.5, 1), at("SELL", PUT_85, 0.5, 0.55)])
    const position = { positions: [heldOption(-1, PUT_90, 0.75), heldOption(1, PUT_85, 0.52)] }
    expect(denier(closing, position)).toBe("price-collar")
    expect(judged(closing, position).reducing).toBe(true)
  })

  it("that aged while a person thought are good while each leg has moved by a cent or half a percent", () => {
    const legs = (cited: number): ReadonlyArray<LegSpec> => [
      { ...at("SELL", PUT_90, 0.9, 1), cited: { bid: cited, ask: 1 }, ageSeconds: 300 },
      { ...at("BUY", PUT_85, 0.5, 0.55), ageSeconds: 300 }
    ]
    const seen = (cited: number) => {
      const asked = combo(legs(cited), net(-0.35))
      const ids = (asked.view.legs ?? []).flatMap(({ citedQuote }) => citedQuote?.quoteId ?? [])
      return denier(asked, { permit: permitted({ given: { quoteId: comboQuoteId(ids) } }) })
    }
    expect(seen(0.91)).toBe("accepted")
    expect(seen(0.92)).toBe("quote-freshness")
    expect(denier(combo(legs(0.9), net(-0.35)), { permit: permitted({}) })).toBe("quote-freshness")
  })
})

describe("the price collar of options", () => {
  it("is never less than a cent", () => {
    const of = (limit: number) => denier(single(at("BUY", PUT_85, 0.09, 0.1), 1, limitAt(limit)))
    expect(of(0.11)).toBe("accepted")
    expect(of(0.12)).toBe("price-collar")
  })

  it("measures a net limit from what the legs cost now, by what they cost together", () => {
    // 5% of 0.90 + 0.55 is 0.0725.
    const of = (limit: number) => denier(combo(bullPut, net(limit)))
    expect(of(-0.35)).toBe("accepted")
    expect(of(-0.28)).toBe("accepted")
    expect(of(-0.27)).toBe("price-collar")
    expect(of(-3)).toBe("accepted")
  })

  it("looks at the quote that each leg cites", () => {
    const cited = { bid: 0.8, ask: 1 }
    expect(denier(combo([{ ...at("SELL", PUT_90, 0.9, 1), cited }, at("BUY", PUT_85, 0.5, 0.55)]))).toBe(
      "price-collar"
    )
  })
})

describe("order-size of options", () => {
  it("a combo is whole units of whole cents, named after its legs, without what single orders have", () => {
    const size = (asked: ReturnType<typeof combo>) => verdictOf(judged(asked), "order-size")?.outcome
    expect(size(combo(bullPut, net(-0.35)))).toBe("pass")
    expect(size(combo(bullPut, net(-0.355)))).toBe("deny")
    expect(size(combo(bullPut, net(-0.35), 0.5))).toBe("deny")
    expect(size(combo(bullPut, net(-0.35), 0))).toBe("deny")
    expect(size(combo(bullPut, net(-0.35), 1, { side: "SELL" }))).toBe("deny")
    expect(size(combo(bullPut, limitAt(1)))).toBe("deny")
    expect(size(combo(bullPut, net(-0.35), 1, { instrumentId: AAPL }))).toBe("deny")
    expect(size(combo(bullPut, net(-0.35), 1, { ocoGroup: "a" }))).toBe("deny")
    expect(size(combo(bullPut, net(-0.35), 1, { bracket: {} }))).toBe("deny")
    expect(size(combo(bullPut, net(-0.35), 1, { timeInForce: "AT_THE_CLOSE" }))).toBe("deny")
    const notional = { size: { _tag: "Notional", notional: dollars(100) } } as const
    expect(size(combo(bullPut, net(-0.35), 1, notional))).toBe("deny")
    expect(size(single(at("BUY", CALL_110, 0.8, 0.9), 1, net(1)))).toBe("deny")
  })

  // Sold for an amount at the open, a put that has become cheap would be written many times more often.
  it("contracts are not ordered for an amount of money", () => {
    const notional = { size: { _tag: "Notional", notional: dollars(900) } } as const
    const selling = judged(single(at("SELL", PUT_90, 0.9, 1), 1, { _tag: "Market" }, notional), {
      limits: naked
    })
    expect(selling.denied).toMatchObject({ rule: "order-size" })
    expect(selling.denied?.message).toContain("by quantity")
  })

  it("half a contract is none", () => {
    expect(denier(single(at("BUY", CALL_110, 0.8, 0.9), 0.5))).toBe("order-size")
  })

  it("a bought option counts a hundred times its price", () => {
    // 10% of equity is 10,000: at 1.00 and 5% collar 95 contracts are 9,975.
    const of = (count: number) =>
      judged(single(at("BUY", CALL_100, 0.98, 1), count), {
        limits: roomyOrders
      })
    expect(of(95).denied).toBeUndefined()
    expect(of(96).denied).toMatchObject({ rule: "order-size" })
    expect(verdictOf(of(95), "order-size")?.value).toBeCloseTo(0.099_75, 9)
  })

  it("a written one counts for what it adds to the worst case", () => {
    const put = (count: number) => single(at("SELL", PUT_90, 0.9, 1), count)
    const one = judged(put(1), { limits: roomyOrders })
    expect(one.denied).toBeUndefined()
    // It surely brings 0.90 less the collar of 0.045.
    expect(verdictOf(one, "order-size")?.value).toBeCloseTo((9000 - 85.5) / 100_000, 9)
    expect(denier(put(2))).toBe("order-size")
    const covered = judged(single(at("SELL", CALL_110, 0.8, 0.9)), { positions: [held(100)] })
    expect(verdictOf(covered, "order-size")?.value).toBeCloseTo(0.000_76, 9)
  })

  // An accident: a 50-lot condor past the cap, of which only the net premium was counted.
  it("fifty condors are past the cap: fifty times the width", () => {
    const found = judged(combo(condor, net(-0.7), 50))
    expect(found.denied).toMatchObject({ rule: "order-size" })
    expect(found.denied?.value).toBeCloseTo((50 * (500 - 70)) / 100_000, 9)
    expect(verdictOf(found, "position-limit")).toMatchObject({ outcome: "pass" })
    const twice = judged(combo(condor, net(-0.7), 60), { limits: limits({ orderNotionalRatio: 10 }) })
    expect(twice.denied).toMatchObject({ rule: "position-limit" })
    expect(twice.denied?.value).toBeCloseTo((60 * 430) / 100_000, 9)
  })
})

describe("position-limit of options", () => {
  // An accident: the multiplier of a hundred was left out.
  it("counts delta a hundred times, and what is held with what works", () => {
    const deep: Terms = { right: "CALL", strike: 20 }
    const asked = single(at("BUY", deep, 79.9, 80.1), 1, limitAt(80.1))
    const loose = limits({ orderNotionalRatio: 10, positionRatio: 0.25, options: roomy.options })
    // A delta of one: a hundred shares of 100 dollars each.
    expect(verdictOf(judged(asked, { limits: loose }), "position-limit")?.value).toBeCloseTo(0.1, 3)
    const more = { limits: loose, positions: [heldOption(1, deep, 80)] }
    expect(verdictOf(judged(asked, more), "position-limit")).toMatchObject({ outcome: "pass" })
    const most = { ...more, working: [workingOption("BUY", 1, deep, 80)] }
    expect(denier(asked, most)).toBe("position-limit")
  })

  it("counts the shares and the options of an underlying together", () => {
    const loose = limits({ orderNotionalRatio: 10, options: roomy.options })
    const view = { limits: loose, positions: [held(200), heldOption(-1, PUT_90, 0.95)], underlyings: spotMap }
    // 20,000 in shares and a put that may cost 9,000, less the premium it is marked at.
    const verdict = verdictOf(
      evaluate(snapshot(view), buy(ofShares(1), { type: limitAt(100) })),
      "position-limit"
    )
    expect(verdict).toMatchObject({ outcome: "deny" })
    expect(verdict?.value).toBeCloseTo((20_100 + 9000 - 95) / 100_000, 6)
  })

  it("counts working combos at their worst", () => {
    const loose = limits({ orderNotionalRatio: 10, options: roomy.options })
    const of = (units: number) =>
      denier(combo(bullPut, net(-0.35), 20), { limits: loose, working: [workingCombo(condor, -0.7, units)] })
    // 20 × 465 and units × 430.
    expect(of(36)).toBe("accepted")
    expect(of(37)).toBe("position-limit")
  })
})

const spotMap = new Map([[AAPL, pricePerShare(100)]])

describe("option-coverage", () => {
  it("an uncovered call is denied by that name, whatever its premium", () => {
    const found = judged(single(at("SELL", CALL_110, 0.8, 0.9)), { limits: roomy })
    expect(found.denied).toMatchObject({ rule: "option-coverage", value: 100, limit: 0, unit: "shares" })
    expect(found.denied?.message).toContain("without end")
  })

  it("a covered call is none, a buy-write neither, and two calls on a hundred shares are", () => {
    const selling = (count: number) => single(at("SELL", CALL_110, 0.8, 0.9), count)
    expect(denier(selling(1), { positions: [held(100)] })).toBe("accepted")
    expect(denier(selling(2), { positions: [held(100)] })).toBe("option-coverage")
    expect(denier(combo(buyWrite), { limits: roomy })).toBe("accepted")
  })

  it("calls that live as long cover, and such as expire before do not", () => {
    const later: Terms = { ...CALL_110, expiry: "2026-02-20" }
    const calendar = (near: LegSpec["side"], far: LegSpec["side"]) =>
      denier(combo([at(near, CALL_110, 0.8, 0.9), at(far, later, 2, 2.1)]), { limits: roomy })
    expect(calendar("SELL", "BUY")).toBe("accepted")
    expect(calendar("BUY", "SELL")).toBe("option-coverage")
  })

  // Selling what covers a call is how one comes to be uncovered.
  it("the shares that cover a call are not reduced by selling them", () => {
    const view = { positions: [held(100), heldOption(-1, CALL_110, 0.85)], underlyings: spotMap }
    const selling = (count: number) => evaluate(snapshot(view), sell(ofShares(count), { type: limitAt(100) }))
    expect(selling(1)).toMatchObject({ reducing: false, denied: { rule: "option-coverage" } })
    expect(selling(100).denied?.message).toContain("uncovered")
    const more = { ...view, positions: [held(150), heldOption(-1, CALL_110, 0.85)] }
    expect(evaluate(snapshot(more), sell(ofShares(50)))).toMatchObject({ reducing: true, denied: undefined })
    expect(evaluate(snapshot(more), sell(ofShares(51)))).toMatchObject({
      reducing: false,
      denied: { rule: "option-coverage" }
    })
  })

  it("a call that works already uses up the shares that cover it", () => {
    const view = {
      positions: [held(100)],
      underlyings: spotMap,
      working: [workingOption("SELL", 1, CALL_110, 0.9)]
    }
    expect(evaluate(snapshot(view), sell(ofShares(100))).denied).toMatchObject({ rule: "option-coverage" })
    expect(denier(single(at("SELL", CALL_110, 0.8, 0.9)), view)).toBe("option-coverage")
  })

  it("a put is cash-secured as far as the cash goes", () => {
    const selling = single(at("SELL", PUT_90, 0.9, 1))
    expect(denier(selling, { cash: money(8_914_500_000) })).toBe("accepted")
    const limited = single(at("SELL", PUT_90, 0.9, 1), 1, limitAt(0.95))
    expect(denier(limited, { cash: dollars(8905) })).toBe("accepted")
    const short = judged(selling, { cash: money(8_914_499_999) })
    expect(short.denied).toMatchObject({ rule: "option-coverage", unit: "usd" })
    expect(short.denied?.message).toContain("uncovered")
    expect(denier(combo(bullPut, net(-0.35)), { cash: dollars(465) })).toBe("accepted")
  })

  it("both exits of a bought call can be on order, and a third on its own cannot", () => {
    const exit = workingOption("SELL", 1, CALL_100, 3, { ocoGroup: "a" })
    const stop = { _tag: "StopMarket", stopPrice: pricePerShare(0.5) } as const
    const selling = (changes: { readonly ocoGroup?: string }) =>
      judged(single(at("SELL", CALL_100, 1.5, 1.6), 1, stop, changes), {
        positions: [heldOption(1, CALL_100, 1.55)],
        working: [exit]
      })
    expect(selling({ ocoGroup: "a" })).toMatchObject({ denied: undefined, reducing: true })
    expect(selling({ ocoGroup: "b" })).toMatchObject({ reducing: false, denied: { rule: "option-coverage" } })
    expect(selling({})).toMatchObject({ reducing: false, denied: { rule: "option-coverage" } })
    // The order may be small: what counts is what the group can come to.
    const put = (count: number) => workingOption("SELL", count, PUT_90, 0.9, { ocoGroup: "a" })
    const small = single(at("SELL", PUT_90, 0.9, 1), 1, limitAt(0.9), { ocoGroup: "a" })
    expect(denier(small, { cash: dollars(9000) })).toBe("accepted")
    expect(denier(small, { cash: dollars(9000), working: [put(1)] })).toBe("accepted")
    expect(denier(small, { cash: dollars(9000), working: [put(2)] })).toBe("option-coverage")
  })

  it("a resting sale of a bought call that outlives another option ties nothing up", () => {
    const later: Terms = { ...CALL_100, expiry: "2026-02-20" }
    const view = {
      positions: [heldOption(1, CALL_110, 0.85), heldOption(1, later, 2.5)],
      working: [workingOption("SELL", 1, later, 5)],
      cash: dollars(100)
    }
    expect(denier(single(at("BUY", PUT_85, 0.5, 0.55), 1, limitAt(0.55)), view)).toBe("accepted")
  })

  it("a resting sale of a bought call that expires before what is written covers itself, and a second one does not", () => {
    const later = (terms: Terms): Terms => ({ ...terms, expiry: "2026-02-20" })
    const calls = {
      positions: [heldOption(1, CALL_115, 0.42), heldOption(1, later(CALL_115), 1.2)],
      cash: dollars(1000)
    }
    const sale = (changes = {}) => workingOption("SELL", 1, CALL_115, 2, changes)
    const written = single(at("SELL", later({ right: "CALL", strike: 120 }), 0.8, 0.9), 1, limitAt(0.8))
    expect(denier(written, { ...calls, working: [sale()] })).toBe("accepted")
    const exits = [sale({ ocoGroup: "a" }), sale({ ocoGroup: "a" })]
    expect(denier(written, { ...calls, working: exits })).toBe("accepted")
    expect(denier(written, { ...calls, working: [sale(), sale()] })).not.toBe("accepted")
    const puts = [heldOption(1, PUT_90, 0.95), heldOption(-1, PUT_85, 0.52)]
    const resting = [workingCombo(bullPut, -2)]
    const february = combo(
      [at("SELL", later(PUT_90), 1.9, 2), at("BUY", later(PUT_85), 1.4, 1.45)],
      net(-0.45)
    )
    const view = { positions: puts, working: resting, cash: dollars(500) }
    expect(denier(february, view)).toBe("accepted")
    expect(denier(february, { ...view, working: [...resting, ...resting] })).not.toBe("accepted")
  })

  it("limits that let options be uncovered do, within the other limits", () => {
    expect(denier(single(at("SELL", CALL_110, 0.8, 0.9)), { limits: naked })).toBe("accepted")
    expect(
      denier(single(at("SELL", CALL_110, 0.8, 0.9), 3), {
        limits: { ...naked, positionRatio: 0.25 }
      })
    ).toBe("position-limit")
    expect(denier(combo(bullPut), { limits: researchProfile.limits })).toBe("accepted")
  })
})

describe("buying-power of options", () => {
  const tied = (asked: Parameters<typeof judged>[0], changes: Parameters<typeof judged>[1] = {}) =>
    verdictOf(judged(asked, { limits: roomy, ...changes }), "buying-power")?.value

  it("is tied up by what can be lost", () => {
    expect(tied(single(at("BUY", CALL_110, 0.8, 0.9), 1, limitAt(0.9)))).toBe(90)
    expect(tied(single(at("SELL", CALL_110, 0.8, 0.9)), { positions: [held(100)] })).toBe(0)
    expect(tied(single(at("SELL", PUT_90, 0.9, 1)))).toBe(9000 - 85.5)
    expect(tied(single(at("SELL", PUT_90, 0.9, 1), 1, limitAt(0.9)))).toBe(9000 - 90)
    expect(tied(single(at("SELL", PUT_90, 0.01, 0.02)))).toBe(9000 - 1)
    expect(tied(combo(bullPut, net(-0.35)))).toBe(500 - 35)
    expect(tied(combo(condor, net(-0.7)))).toBe(500 - 70)
    expect(tied(combo(buyWrite, net(99.2)))).toBe(9920)
    const later: Terms = { ...CALL_110, expiry: "2026-02-20" }
    expect(tied(combo([at("SELL", CALL_110, 0.8, 0.9), at("BUY", later, 2, 2.1)], net(1.3)))).toBe(130)
  })

  it("is, of spreads in two months, their widths; and so is the position", () => {
    const later = (of: Terms): Terms => ({ ...of, expiry: "2026-02-20" })
    const february = combo(
      [at("SELL", later(PUT_90), 1.9, 2), at("BUY", later(PUT_85), 1.4, 1.45)],
      net(-0.45)
    )
    const positions = [heldOption(-1, PUT_90, 0.95), heldOption(1, PUT_85, 0.52)]
    const found = judged(february, { positions, cash: dollars(1000 - 45) })
    expect(found.denied).toBeUndefined()
    expect(verdictOf(found, "buying-power")?.value).toBe(500 + 500 - 45)
    // More than the worst case, of 912, is what they move by with the share.
    expect(verdictOf(found, "position-limit")?.value).toBeLessThan(0.014)
    expect(verdictOf(found, "order-size")?.value).toBeCloseTo((500 - 45) / 100_000, 9)
    expect(denier(february, { positions, cash: money(954_999_999) })).toBe("option-coverage")
    // A third month, while the second still works.
    const working = [
      workingCombo([at("SELL", later(PUT_90), 1.9, 2), at("BUY", later(PUT_85), 1.4, 1.45)], -0.45)
    ]
    expect(tied(combo(bullPut, net(-0.35)), { working })).toBe(500 - 45 + 500 - 35)
  })

  it("adds up what is held and what works", () => {
    const changes = {
      positions: [heldOption(-1, PUT_90, 0.95)],
      working: [workingCombo(bullPut, -0.35), workingOption("BUY", 2, CALL_100, 1.5)]
    }
    // The put 9,000, the spread 465, this one as much, and two calls for 300.
    expect(tied(combo(bullPut, net(-0.35)), changes)).toBe(9000 + 465 + 465 + 300)
  })

  it("is margined by 20% and 10% where options may be uncovered", () => {
    const of = (asked: Parameters<typeof judged>[0], changes = {}) =>
      tied(asked, { limits: naked, ...changes })
    // 85 for its price, 20% of 10,000 less 1,000 out of the money; 76 are received.
    expect(of(single(at("SELL", CALL_110, 0.8, 0.9)))).toBe(85 + 1000 - 76)
    // Far out of the money: 10% of the underlying.
    expect(of(single(at("SELL", { right: "CALL", strike: 150 }, 0.1, 0.11)))).toBeCloseTo(10.5 + 1000 - 9, 6)
    // A put: 20% less what it is out of the money, and 10% of its strike.
    expect(of(single(at("SELL", PUT_90, 0.9, 1)))).toBe(95 + 1000 - 85.5)
    // A straddle: the greater side, and the price of the other.
    const straddle = [at("SELL", CALL_100, 1.5, 1.6), at("SELL", { right: "PUT", strike: 100 }, 1.4, 1.5)]
    expect(of(combo(straddle, net(-2.9)))).toBe(155 + 2000 + 145 - 290)
    // What is bounded needs no more than its worst case.
    expect(of(combo(condor, net(-0.7)))).toBe(430)
  })
})

describe("option-greeks", () => {
  const of = (asked: Parameters<typeof judged>[0], changes: Parameters<typeof judged>[1] = {}) =>
    verdictOf(judged(asked, { limits: limits(wide), ...changes }), "option-greeks")

  it("caps vega, gamma and theta of an underlying and of all, without signs", () => {
    // A call at the money of eleven days: about 7 dollars a point.
    const call = (count: number) => single(at("BUY", CALL_100, 1.5, 1.6), count)
    expect(of(call(5))?.outcome).toBe("pass")
    const over = of(call(200))
    expect(over).toMatchObject({ outcome: "deny", unit: "ratio" })
    const spread = combo(
      [at("BUY", CALL_100, 1.5, 1.6), at("SELL", { right: "CALL", strike: 101 }, 1.1, 1.2)],
      { _tag: "Market" },
      100
    )
    expect(of(spread)?.outcome).toBe("deny")
    for (const name of [
      "vegaRatio",
      "totalVegaRatio",
      "gammaRatio",
      "totalGammaRatio",
      "thetaRatio",
      "totalThetaRatio"
    ] as const) {
      const tight = limits({ ...wide, options: { ...roomy.options, [name]: 0.000001 } })
      const message = of(call(1), { limits: tight })?.message ?? ""
      expect(message.toLowerCase()).toContain(name.replace("Ratio", "").replace("total", "").toLowerCase())
      expect(message).toContain(name.startsWith("total") ? "of all options" : `of ${AAPL}`)
    }
  })

  // LEAN #4548: Greeks of zero on expiry day let everything pass.
  it("counts on expiry day as on any other", () => {
    const last = lastTradingTime(termsOf(CALL_100)) ?? NOW
    const now = timestamp(last - 30 * 60 * MICROS_PER_SECOND)
    const fresh = { ...quote({ id: idOf(CALL_100), bid: 0.2, ask: 0.22 }), tsEvent: now }
    const asked = single(at("BUY", CALL_100, 0.2, 0.22), 300)
    const verdict = of(asked, { now, citedQuote: fresh, currentQuote: fresh })
    expect(verdict?.outcome).toBe("deny")
    expect(verdict?.message).toContain("Gamma")
  })

  it("lets what is sold short be rolled on its last day", () => {
    const last = lastTradingTime(termsOf(CALL_100)) ?? NOW
    const now = timestamp(last - 30 * 60 * MICROS_PER_SECOND)
    const later: Terms = { ...CALL_100, expiry: "2026-02-20" }
    const asked = combo([at("BUY", CALL_100, 0.2, 0.22), at("SELL", later, 2.5, 2.6)], net(-2.2), 3)
    const legs = (asked.view.legs ?? []).map(({ instrument, currentQuote }) => {
      const fresh = currentQuote === undefined ? undefined : { ...currentQuote, tsEvent: now }
      return { instrument, citedQuote: fresh, currentQuote: fresh }
    })
    const view = {
      now,
      legs,
      positions: [held(300), heldOption(-3, CALL_100, 0.21)],
      limits: limits({ ...wide, options: { ...defaultOptionLimits, gammaRatio: 0.2 } })
    }
    expect(denier(asked, view)).toBe("accepted")
    const more = workingOption("SELL", 3, CALL_100, 0.2)
    expect(of(asked, { ...view, working: [more] })?.outcome).toBe("deny")
  })

  it.each([
    [90, 0.25],
    [180, 0.28],
    [250, 0.45],
    [645, 0.28]
  ])("leaves room for covered calls and five put spreads on a share of %d dollars", (price, volatility) => {
    for (const days of [14, 30, 45, 60]) {
      const greeks = (strike: number) =>
        greeksAtVolatility(
          {
            contract: contractOf("PUT", strike * price, {
              expiry: dateOfDay(dayOfDate(sessionDate("2026-01-05")) + days)
            }),
            multiplier: 100,
            spot: price * 1_000_000,
            now: NOW
          },
          volatility
        )
      const { gammaRatio, thetaRatio, vegaRatio } = defaultOptionLimits
      for (const legs of [
        [[3, 1]],
        [
          [5, 0.95],
          [5, 0.92]
        ]
      ] as const) {
        const sum = (of: (one: ReturnType<typeof greeks>) => number) =>
          legs.reduce((all, [count, strike]) => all + count * Math.abs(of(greeks(strike))), 0) / 100_000
        expect(sum(({ vega }) => vega)).toBeLessThan(vegaRatio)
        expect(sum(({ gammaNotional }) => gammaNotional)).toBeLessThan(gammaRatio)
        expect(sum(({ theta }) => theta)).toBeLessThan(thetaRatio)
      }
    }
  })

  it("exempts what reduces, and lets shares pass", () => {
    const tight = limits({ options: { ...defaultOptionLimits, vegaRatio: 0 } })
    const closing = judged(single(at("SELL", CALL_100, 1.5, 1.6)), {
      limits: tight,
      positions: [heldOption(2, CALL_100, 1.55)]
    })
    expect(closing.denied).toBeUndefined()
    expect(verdictOf(closing, "option-greeks")?.outcome).toBe("exempt")
    const view = { limits: tight, positions: [heldOption(2, CALL_100, 1.55)], underlyings: spotMap }
    expect(verdictOf(evaluate(snapshot(view), buy(ofShares(1))), "option-greeks")?.outcome).toBe("pass")
  })

  it("counts what works without a price of its own", () => {
    const pending = [workingCombo(condor, -0.7, 1000)]
    expect(of(single(at("BUY", CALL_100, 1.5, 1.6)), { working: pending })?.outcome).toBe("deny")
  })
})

describe("reducing, of options", () => {
  const bull = [heldOption(-2, PUT_90, 0.95), heldOption(2, PUT_85, 0.52)]
  const reducing = (asked: Parameters<typeof judged>[0], positions: Parameters<typeof judged>[1] = {}) =>
    judged(asked, positions).reducing

  // An accident: one leg was sold for its pin risk, and the other was left (alpaca-py #774).
  it("is judged on the structure: the whole spread and the short leg reduce, the long leg does not", () => {
    const view = { positions: bull }
    expect(reducing(combo(closePut, net(0.5)), view)).toBe(true)
    expect(reducing(combo(closePut, net(0.5), 2), view)).toBe(true)
    expect(reducing(combo(closePut, net(0.5), 3), view)).toBe(false)
    expect(reducing(single(at("BUY", PUT_90, 0.9, 1)), view)).toBe(true)
    expect(reducing(single(at("SELL", PUT_85, 0.5, 0.55)), view)).toBe(false)
    expect(denier(single(at("SELL", PUT_85, 0.5, 0.55), 2), { ...view, cash: dollars(1000) })).not.toBe(
      "accepted"
    )
  })

  it("the long call of a vertical does not, nor the one of a condor", () => {
    const view = { positions: [heldOption(-1, CALL_110, 0.85), heldOption(1, CALL_115, 0.42)] }
    const selling = judged(single(at("SELL", CALL_115, 0.4, 0.45)), view)
    expect(selling).toMatchObject({ reducing: false, denied: { rule: "option-coverage" } })
  })

  it("stays possible while trading is reducing, and while a price is missing", () => {
    const view = { tradingState: "Reducing", positions: bull } as const
    expect(denier(combo(closePut, net(0.5)), view)).toBe("accepted")
    expect(denier(combo(bullPut, net(-0.35)), view)).toBe("trading-state")
    const without = bull.map((one, n) => (n === 0 ? { ...one, mark: undefined } : one))
    expect(denier(combo(closePut, net(0.5)), { ...view, positions: without, equity: undefined })).toBe(
      "accepted"
    )
  })

  it("working orders of the same legs count as filled", () => {
    const view = { positions: bull, working: [workingCombo(closePut, 0.5, 1)] }
    expect(reducing(combo(closePut, net(0.5), 1), view)).toBe(true)
    expect(reducing(combo(closePut, net(0.5), 2), view)).toBe(false)
    const leg = { positions: bull, working: [workingOption("BUY", 1, PUT_90, 0.9)] }
    expect(reducing(combo(closePut, net(0.5), 2), leg)).toBe(false)
  })

  it("a covered call is closed whole, its call bought back, and a bought option sold", () => {
    const covered = { positions: [held(100), heldOption(-1, CALL_110, 0.85)] }
    const whole: ReadonlyArray<LegSpec> = [
      { side: "SELL", of: "shares", bid: 99.99, ask: 100 },
      at("BUY", CALL_110, 0.8, 0.9)
    ]
    expect(reducing(combo(whole), covered)).toBe(true)
    expect(reducing(single(at("BUY", CALL_110, 0.8, 0.9)), covered)).toBe(true)
    expect(
      reducing(single(at("SELL", CALL_100, 1.5, 1.6), 2), { positions: [heldOption(2, CALL_100, 1.55)] })
    ).toBe(true)
    expect(
      reducing(single(at("SELL", CALL_100, 1.5, 1.6), 3), { positions: [heldOption(2, CALL_100, 1.55)] })
    ).toBe(false)
  })

  it("a vertical that has gone its whole way can be closed for more than its width", () => {
    const deep = [at("BUY", PUT_90, 19.8, 20.4), at("SELL", PUT_85, 14.8, 15.2)]
    expect(reducing(combo(deep, net(5.6)), { positions: bull })).toBe(true)
  })

  it("what is worth something whatever happens is closed for less, all of it or a part of each", () => {
    const put: Terms = { right: "PUT", strike: 110 }
    const guts = { positions: [heldOption(2, { right: "CALL", strike: 90 }, 10), heldOption(2, put, 10)] }
    // A call of 90 and a put of 110 are worth 20 at the least, and bring 19.80.
    const selling = [at("SELL", { right: "CALL", strike: 90 }, 9.9, 10.1), at("SELL", put, 9.9, 10.1)]
    expect(reducing(combo(selling, net(-19.8), 2), guts)).toBe(true)
    expect(reducing(combo(selling, net(-19.8), 1), guts)).toBe(true)
    expect(reducing(single(at("SELL", put, 9.9, 10.1)), guts)).toBe(false)
    const married = { positions: [held(100), heldOption(1, put, 10)] }
    const leaving: ReadonlyArray<LegSpec> = [
      { side: "SELL", of: "shares", bid: 99.9, ask: 100.1 },
      selling[1] ?? at("SELL", put, 9, 10)
    ]
    expect(reducing(combo(leaving), married)).toBe(true)
    for (const tradingState of ["Reducing", "Halted"] as const)
      expect(denier(combo(leaving, net(-109.5)), { ...married, tradingState, person: true })).toBe("accepted")
  })

  it("after a halt a person closes a condor whole, side by side, or its short legs alone", () => {
    const view = {
      tradingState: "Halted",
      person: true,
      positions: [
        heldOption(1, PUT_85, 0.52),
        heldOption(-1, PUT_90, 0.95),
        heldOption(-1, CALL_110, 0.85),
        heldOption(1, CALL_115, 0.42)
      ]
    } as const
    const other = (leg: LegSpec): LegSpec => ({ ...leg, side: leg.side === "BUY" ? "SELL" : "BUY" })
    expect(denier(combo(condor.map(other), net(1)), view)).toBe("accepted")
    expect(denier(combo(condor.map(other), net(1)), { ...view, person: false })).toBe("trading-state")
    expect(denier(combo(bullPut.map(other), net(0.5)), view)).toBe("accepted")
    expect(denier(combo(bearCall.map(other), net(0.5)), view)).toBe("accepted")
    // Nobody bids for the wings any more: the short legs go alone, and what is left reduces where it has a bid.
    const wing = at("SELL", PUT_85, 0, 0.05)
    const whole = judged(combo([at("BUY", PUT_90, 0.1, 0.15), wing, ...bearCall.map(other)], net(0.7)), view)
    expect(whole.denied).toMatchObject({ rule: "quote-freshness" })
    expect(whole.denied?.message).toContain("no bid")
    const shorts = [at("BUY", PUT_90, 0, 0.05), at("BUY", CALL_110, 0, 0.05)]
    expect(denier(combo(shorts, net(0.1)), view)).toBe("accepted")
    expect(denier(single(at("BUY", PUT_90, 0, 0.05), 1, limitAt(0.05)), view)).toBe("accepted")
  })

  it("shares that a put protects can be sold", () => {
    const view = { positions: [held(100), heldOption(1, PUT_90, 0.95)], underlyings: spotMap }
    expect(evaluate(snapshot(view), sell(ofShares(100)))).toMatchObject({ reducing: true, denied: undefined })
  })
})

describe("flow rules of combos", () => {
  it("the same combo again is a duplicate", () => {
    const asked = combo(bullPut, net(-0.35))
    const recentOrders = [{ content: asked.order.content, tsMarket: NOW, tsSteady: NOW }]
    expect(denier(asked, { recentOrders })).toBe("duplicate")
  })

  it("a combo is one open order", () => {
    const verdict = verdictOf(judged(combo(condor)), "open-orders")
    expect(verdict?.value).toBe(1)
  })

  it("an unknown order in a leg holds it up", () => {
    expect(denier(combo(bullPut), { unknownInstruments: new Set([idOf(PUT_85)]) })).toBe("reconciliation")
  })

  it("its legs do not trade with our own orders", () => {
    const resting = (side: LegSpec["side"], limit: number) =>
      workingOption(side, 1, PUT_90, 1, { type: limitAt(limit) })
    const selfTrade = (others: ReadonlyArray<ReturnType<typeof resting>>) =>
      verdictOf(judged(combo(bullPut, net(-0.35)), { working: others }), "self-trade")?.outcome
    expect(selfTrade([resting("BUY", 0.9)])).toBe("deny")
    expect(selfTrade([resting("BUY", 0.89)])).toBe("pass")
    expect(selfTrade([resting("SELL", 0.9)])).toBe("pass")
    expect(selfTrade([workingCombo(closePut, 0.35)])).toBe("deny")
    expect(selfTrade([workingCombo(closePut, 0.34)])).toBe("pass")
    const atOpen = workingCombo(closePut, 0.5, 1, { type: { _tag: "Market" } })
    expect(selfTrade([atOpen])).toBe("deny")
    expect(
      verdictOf(
        judged(single(at("BUY", PUT_90, 0.9, 1)), {
          working: [workingCombo(bullPut, -0.35, 1, { type: { _tag: "Market" } })]
        }),
        "self-trade"
      )?.outcome
    ).toBe("deny")
  })

  it("selling shares beyond what is held is a short sale in a combo too", () => {
    const legs: ReadonlyArray<LegSpec> = [
      { side: "SELL", of: "shares", bid: 100, ask: 100.01 },
      at("BUY", CALL_110, 0.8, 0.9)
    ]
    expect(denier(combo(legs), { limits: roomy })).toBe("position-limit")
    expect(denier(combo(legs), { limits: { ...roomy, shortSales: true } })).toBe("accepted")
  })
})

describe("what is missing of options is denied", () => {
  const asked = combo(bullPut, net(-0.35))
  const legs = asked.view.legs ?? []
  const rows: ReadonlyArray<readonly [string, Parameters<typeof judged>[1], string]> = [
    ["legs", { legs: undefined }, "quote-freshness"],
    ["a leg", { legs: legs.slice(0, 1) }, "quote-freshness"],
    ["a leg's instrument", { legs: legs.map((leg) => ({ ...leg, instrument: undefined })) }, "instrument"],
    [
      "a leg's cited quote",
      { legs: legs.map((leg) => ({ ...leg, citedQuote: undefined })) },
      "quote-freshness"
    ],
    ["a leg's quote", { legs: legs.map((leg) => ({ ...leg, currentQuote: undefined })) }, "quote-freshness"],
    ["underlyings", { underlyings: undefined }, "option-coverage"],
    ["an underlying", { underlyings: new Map() }, "option-coverage"],
    ["an underlying's price", { underlyings: new Map([[AAPL, price(Number.NaN)]]) }, "option-coverage"],
    [
      "an option's mark",
      { positions: [{ ...heldOption(1, CALL_100, 1), mark: undefined }] },
      "option-coverage"
    ],
    [
      "an option's contract",
      { positions: [{ instrumentId: idOf(CALL_100), quantity: 1_000_000, mark: price(1), multiplier: 100 }] },
      "option-coverage"
    ],
    ["a working combo's net price", { working: [workingCombo(condor, Number.NaN)] }, "order-size"],
    ["cash", { cash: undefined }, "option-coverage"]
  ]

  it.each(rows)("%s", (_, changes, rule) => {
    expect(denier(asked, changes)).toBe(rule)
  })

  it("but what reduces passes without the prices of others", () => {
    const positions = [heldOption(-1, PUT_90, 0.95), heldOption(1, PUT_85, 0.52)]
    expect(denier(combo(closePut, net(0.5)), { positions, underlyings: new Map() })).toBe("accepted")
  })
})
