/** What the arguments of an order ask for, and what does not fit together. */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { instrumentId, symbol } from "../../../src/domain/Identifiers.ts"
import type { Instrument } from "../../../src/domain/Instrument.ts"
import { pricePerShare, shares } from "../../../src/domain/Money.ts"
import { comboId } from "../../../src/domain/OrderLeg.ts"
import { contractInstrument, occOfId, standardContract } from "../../../src/market/OptionInstruments.ts"
import { argumentsDecoder } from "../../../src/programs/mcp/kit/Arguments.ts"
import { wireSchemaOf } from "../../../src/programs/mcp/kit/WireSchema.ts"
import {
  changeOf,
  contentOf,
  intentOf,
  OrderTerms,
  ReplaceTerms,
  unfitQuotes
} from "../../../src/programs/mcp/broker/OrderTerms.ts"

const decode = argumentsDecoder("place_order", OrderTerms, () => wireSchemaOf(OrderTerms))
const decodeReplace = argumentsDecoder("replace_order", ReplaceTerms, () => wireSchemaOf(ReplaceTerms))

const Q = "q-0123456789abcdef"
const R = "q-fedcba9876543210"
const equity = (name: string): Instrument => ({
  _tag: "Equity",
  id: instrumentId(`${name}.XNAS`),
  symbol: symbol(name),
  name,
  currency: "USD",
  priceIncrement: pricePerShare(0.01),
  sizeIncrement: shares(1),
  multiplier: 1,
  paperOnly: false,
  caveats: []
})
const aapl = equity("AAPL")
const msft = equity("MSFT")

const optionOn = (underlying: Instrument, name: string) => {
  const id = instrumentId(`${name}.OPRA`)
  const occ = occOfId(id)
  if (occ === undefined) throw new Error(`${name} is no contract`)
  return contractInstrument(id, standardContract(underlying, occ), 100)
}
const put90 = optionOn(aapl, "AAPL 140613P00090000")
const put85 = optionOn(aapl, "AAPL 140613P00085000")

const leg = (symbol: string, side: string, more: object = {}) => ({ symbol, side, quote_id: Q, ...more })
const vertical = [leg("AAPL 140613P00090000", "SELL"), leg("AAPL 140613P00085000", "BUY", { quote_id: R })]
const combo = (more: object = {}) => ({ legs: vertical, quantity: 2, rationale: "a test", ...more })
const single = (more: object = {}) => ({
  symbol: "AAPL",
  side: "BUY",
  quantity: 1,
  quote_id: Q,
  rationale: "a test",
  ...more
})

/** The intent of arguments that are sound each by itself; or what is wrong. */
const asked = (input: object) => {
  const decoded = decode(input)
  if (Result.isFailure(decoded)) return decoded.failure.message
  return Result.match(intentOf(decoded.success), {
    onFailure: ({ message }) => message,
    onSuccess: (intent) => intent
  })
}

const replaced = (input: object) => {
  const decoded = decodeReplace({ order_id: "o-1", rationale: "a test", ...input })
  if (Result.isFailure(decoded)) return decoded.failure.message
  return Result.match(changeOf(decoded.success), {
    onFailure: ({ message }) => message,
    onSuccess: (change) => change
  })
}

const intentFor = (input: object) => {
  const intent = asked(input)
  if (typeof intent === "string") throw new Error(intent)
  return intent
}

describe("an order with legs", () => {
  it("is in whole units at a net price, a credit below zero", () => {
    const intent = intentFor(combo({ limit_price: "-0.85", time_in_force: "GTC" }))
    expect(intent.content).toEqual({
      side: "BUY",
      type: { _tag: "NetLimit", netPrice: -850_000 },
      size: { _tag: "Quantity", quantity: 2_000_000 },
      timeInForce: "GTC"
    })
    const legs = [
      { instrumentId: put90.id, side: "SELL", ratio: 1 },
      { instrumentId: put85.id, side: "BUY", ratio: 1 }
    ] as const
    expect(Result.getOrThrow(contentOf(intent, [put90, put85]))).toEqual({
      instrumentId: comboId(legs),
      ...intent.content,
      legs
    })
  })

  it("is at the market without a price, may cost nothing, and takes shares and ratios", () => {
    expect(intentFor(combo()).content.type).toEqual({ _tag: "Market" })
    expect(intentFor(combo({ limit_price: 0 })).content.type).toEqual({ _tag: "NetLimit", netPrice: 0 })
    const covered = intentFor(
      combo({ legs: [leg("AAPL", "BUY", { ratio: 100 }), leg("AAPL 140613P00090000", "SELL")] })
    )
    expect(Result.getOrThrow(contentOf(covered, [aapl, put90])).legs).toEqual([
      { instrumentId: aapl.id, side: "BUY", ratio: 100 },
      { instrumentId: put90.id, side: "SELL", ratio: 1 }
    ])
  })

  it.each([
    [{ symbol: "AAPL" }, "an order with legs takes no symbol: each leg has its symbol, side and quote_id"],
    [{ side: "BUY", quote_id: Q }, "takes no side, quote_id"],
    [{ take_profit_price: 3, stop_loss_price: 1 }, "takes no take_profit_price, stop_loss_price"],
    [{ oco_group: "g" }, "takes no oco_group"],
    [{ quantity: undefined, notional: 500 }, "sized in units: give quantity, not notional"],
    [{ quantity: undefined }, "how much? Give quantity, in units of the legs"],
    [{ quantity: "1.5" }, "quantity: expected a whole number of units"],
    [{ stop_price: 3 }, "at the market or at a net limit_price: it takes no stop"],
    [{ type: "StopLimit", stop_price: 3, limit_price: 1 }, "it takes no stop"],
    [{ type: "Market", limit_price: 1 }, "a Market order takes no price"],
    [{ type: "Limit" }, "a Limit order takes limit_price, and none was given"],
    [{ time_in_force: "AT_THE_CLOSE" }, "cannot wait for the close"],
    [{ legs: [vertical[0]] }, "legs"],
    [{ legs: Array.from({ length: 9 }, () => vertical[0]) }, "legs"],
    [{ legs: [leg("AAPL", "BUY", { ratio: 0 }), vertical[0]] }, "legs.0.ratio: expected"],
    [{ legs: [leg("AAPL", "BUY", { ratio: 1.5 }), vertical[0]] }, "legs.0.ratio: expected"],
    [{ legs: [leg("AAPL", "HOLD"), vertical[0]] }, "legs.0.side: expected"],
    [{ legs: [{ symbol: "AAPL", side: "BUY" }, vertical[0]] }, "legs.0.quote_id: missing"],
    [{ legs: [leg("AAPL", "BUY", { qty: 1 }), vertical[0]] }, "legs[0].qty: no such argument"],
    [{ limit_price: "-1e3" }, "limit_price: expected a net price as a plain decimal"],
    [{ limit_price: "-2000000" }, "limit_price: expected a net price between"]
  ])("refuses %j", (more, problem) => {
    const input = Object.fromEntries(Object.entries(combo(more)).filter(([, value]) => value !== undefined))
    expect(asked(input)).toContain(problem)
  })

  it("has one underlying, an option, and each leg once", () => {
    const intent = intentFor(combo())
    const problem = (...instruments: Parameters<typeof contentOf>[1]) =>
      Result.match(contentOf(intent, instruments), {
        onFailure: ({ message }) => message,
        onSuccess: () => "none"
      })
    expect(problem(put90, put90)).toContain("AAPL 140613P00090000 is there twice")
    expect(problem(put90, optionOn(msft, "MSFT 140613P00040000"))).toContain("these have AAPL and MSFT")
    expect(problem(put90, msft)).toContain("one underlying")
    const onlyShares = Result.match(contentOf(intent, [aapl]), {
      onFailure: ({ message }) => message,
      onSuccess: () => "none"
    })
    expect(onlyShares).toContain("at least one option")
  })
})

describe("an order of one instrument", () => {
  it("may be for a contract", () => {
    const intent = intentFor(single({ symbol: "AAPL 140613P00090000", limit_price: "2.10" }))
    expect(Result.getOrThrow(contentOf(intent, [put90]))).toMatchObject({
      instrumentId: put90.id,
      type: { _tag: "Limit", limitPrice: 2_100_000 }
    })
  })

  it.each([
    [{ limit_price: "-0.85" }, "limit_price: expected a price above zero; a credit"],
    [{ limit_price: 0 }, "limit_price: expected a price above zero"],
    [{ symbol: undefined }, "symbol: missing; an order has symbol, side and quote_id, or legs"],
    [{ side: undefined, quote_id: undefined }, "side, quote_id: missing"]
  ])("refuses %j", (more, problem) => {
    const input = Object.fromEntries(Object.entries(single(more)).filter(([, value]) => value !== undefined))
    expect(asked(input)).toContain(problem)
  })
})

describe("a replacement", () => {
  it("of legs cites a quote for each, and has a net price", () => {
    expect(replaced({ quote_ids: [Q, R], limit_price: "-0.80", quantity: 3 })).toEqual({
      type: { _tag: "NetLimit", netPrice: -800_000 },
      size: { _tag: "Quantity", quantity: 3_000_000 }
    })
    expect(replaced({ quote_id: Q, limit_price: "2" })).toEqual({
      type: { _tag: "Limit", limitPrice: 2_000_000 }
    })
  })

  it.each([
    [{ limit_price: 1 }, "give quote_id; for an order with legs, quote_ids"],
    [{ quote_id: Q, quote_ids: [Q, R], limit_price: 1 }, "give quote_id; for an order with legs, quote_ids"],
    [{ quote_id: Q, limit_price: "-1" }, "expected a price above zero"],
    [{ quote_ids: [Q, R] }, "what is to change?"],
    [{ quote_ids: [Q, R], quantity: "0.5" }, "whole number of units"],
    [{ quote_ids: [Q, R], stop_price: 1 }, "it takes no stop"],
    [{ quote_ids: [Q], quantity: 1 }, "quote_ids"]
  ])("refuses %j", (input, problem) => {
    expect(replaced(input)).toContain(problem)
  })

  it("cites as many quotes as its order has legs", () => {
    const legs = [
      { instrumentId: put90.id, side: "SELL", ratio: 1 },
      { instrumentId: put85.id, side: "BUY", ratio: 1 }
    ] as const
    expect(unfitQuotes({}, {})).toBeUndefined()
    expect(unfitQuotes({}, { legs })).toContain("2 legs: cite a quote for each")
  })
})
