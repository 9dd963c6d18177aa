import { describe, expect, it } from "@effect/vitest"
import { clientOrderId, quoteId, tradeId } from "../../src/domain/Identifiers.ts"
import type { JournalEvent } from "../../src/domain/JournalEvent.ts"
import { dollars, price, pricePerShare, shares, zeroMoney } from "../../src/domain/Money.ts"
import { OPTION_MULTIPLIER } from "../../src/domain/OptionContract.ts"
import { QuoteTick } from "../../src/domain/Quote.ts"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { occOfId, standardContract } from "../../src/market/OptionInstruments.ts"
import { contractCount, netPremium, OptionTrail } from "../../src/session/OptionTrail.ts"
import { one } from "./Contexts.ts"
import { idOf } from "./strategies/Chains.ts"

/** 2014-06-06, noon in New York. */
const tsEvent = timestamp(1_402_070_400_000_000)
const date = sessionDate("2014-06-06")
const id = idOf(one, date, 27, "CALL", 680)
const symbol = "ONE 140703C00680000"
const occ = occOfId(id)
if (occ === undefined) throw new Error(`${id} is no contract`)
const contract = standardContract(one, occ)
const order = clientOrderId("r1-2014-06-05-1")
const terms = [{ instrumentId: id, side: "SELL", ratio: 1, multiplier: OPTION_MULTIPLIER, contract }] as const

const quoteFrom = (source: QuoteTick["source"]) =>
  new QuoteTick({
    quoteId: quoteId("q-0123456789abcdef"),
    instrumentId: id,
    bid: pricePerShare(3.5),
    ask: pricePerShare(4),
    last: pricePerShare(3.75),
    bidSize: shares(0),
    askSize: shares(0),
    tsEvent,
    tsInit: tsEvent,
    source,
    modelled: []
  })

const asked = (source: QuoteTick["source"]): JournalEvent => ({
  _tag: "OrderInitialized",
  clientOrderId: order,
  tsEvent,
  content: {
    instrumentId: id,
    side: "SELL",
    type: { _tag: "Market" },
    size: { _tag: "Quantity", quantity: shares(3) },
    timeInForce: "AT_THE_OPEN"
  },
  role: "ENTRY",
  quoteId: quoteId("q-0123456789abcdef"),
  quote: quoteFrom(source),
  valuePrice: price(1),
  multiplier: OPTION_MULTIPLIER,
  terms,
  reducing: false,
  verdicts: [],
  rationale: "Sells calls."
})

const filled: JournalEvent = {
  _tag: "OrderFilled",
  clientOrderId: order,
  tsEvent,
  tradeId: tradeId("T1"),
  instrumentId: id,
  side: "SELL",
  quantity: shares(3),
  price: pricePerShare(3.5),
  fee: zeroMoney,
  multiplier: OPTION_MULTIPLIER,
  contract,
  final: true
}

const end = {
  tsEvent,
  tradeId: tradeId("X1"),
  instrumentId: id,
  contract,
  multiplier: OPTION_MULTIPLIER,
  quantity: shares(3),
  settlementPrice: pricePerShare(700),
  reason: "in the money"
} as const

const told = (...events: ReadonlyArray<JournalEvent>) => {
  const trail = new OptionTrail()
  for (const event of events) trail.add(event)
  return trail.result()
}

describe("what became of a book's options", () => {
  it("has every fill with its order's reason, and the cash it brought", () => {
    const { events, ...counts } = told(asked("option-model"), filled)
    expect(counts).toEqual({ orders: 1, modelledOrders: 1 })
    expect(events).toEqual([
      {
        date,
        kind: "sold",
        symbol,
        quantity: shares(3),
        price: pricePerShare(3.5),
        amount: dollars(1050),
        note: "Sells calls."
      }
    ])
    expect(told(asked("option-quote")).modelledOrders).toBe(0)
    const twice = told(asked("option-quote"), filled, { ...filled, tradeId: tradeId("T2") })
    expect(twice.events.map(({ note }) => note)).toEqual(["Sells calls.", "Same order."])
  })

  it("knows an assignment by the shares that went for the strike, and settlement in cash by the cash", () => {
    const delivery = {
      tradeId: tradeId("X1-shares"),
      instrumentId: one.id,
      side: "SELL",
      quantity: shares(300),
      amount: dollars(204_000)
    } as const
    const summary = told(filled, { _tag: "OptionAssigned", ...end, fee: zeroMoney, delivery })
    expect(summary.events[1]).toMatchObject({
      kind: "assigned",
      amount: dollars(204_000),
      note: "300 ONE sold; in the money"
    })
    const cash = told({ _tag: "OptionExercised", ...end, fee: zeroMoney, cash: dollars(-6000) })
    expect(cash.events).toMatchObject([
      { kind: "exercised", amount: dollars(-6000), note: "settled in cash; in the money" }
    ])
  })

  it("counts the contracts that an adjustment and an expiry found", () => {
    const to = idOf(one, date, 27, "CALL", 97.14)
    const summary = told(
      filled,
      {
        _tag: "OptionAdjusted",
        tsEvent,
        instrumentId: id,
        to,
        contract,
        multiplier: OPTION_MULTIPLIER,
        numerator: 7,
        denominator: 1,
        reason: "split 7 for 1"
      },
      { _tag: "OptionExpired", ...end, instrumentId: to, side: "BUY", quantity: shares(21) }
    )
    expect(summary.events.map(({ kind, quantity }) => [kind, quantity])).toEqual([
      ["sold", shares(3)],
      ["adjusted", shares(3)],
      ["expired", shares(21)]
    ])
    expect(summary.events[1]?.note).toBe("7 for 1, now ONE 140703C00097140; split 7 for 1")
    expect(contractCount(summary, "expired")).toBe(shares(21))
    expect(netPremium(summary)).toBe(dollars(1050))
  })

  it("has nothing of orders and fills of shares", () => {
    const { contract: _of, ...ofShares } = filled
    expect(told(ofShares)).toEqual({ events: [], orders: 0, modelledOrders: 0 })
  })
})
