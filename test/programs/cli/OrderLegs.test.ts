/** Legs of an order as they are typed, and as they are told. */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { clientOrderId, instrumentId, quoteId } from "../../../src/domain/Identifiers.ts"
import { dollars, netPrice, shares } from "../../../src/domain/Money.ts"
import type { Order, OrderContent } from "../../../src/domain/Order.ts"
import { comboId, type OrderLeg } from "../../../src/domain/OrderLeg.ts"
import { timestamp } from "../../../src/domain/Timestamp.ts"
import type { Verdict } from "../../../src/domain/Verdict.ts"
import { readOrderLeg } from "../../../src/programs/cli/commands/OrderLegText.ts"
import { averageFill, averageOf, contentWords, orderJson } from "../../../src/programs/cli/OrderWords.ts"
import { heldRows } from "../../../src/programs/cli/OutlookText.ts"
import { measured } from "../../../src/programs/cli/PreviewText.ts"

const read = (text: string) =>
  Result.match(readOrderLeg(text), {
    onFailure: (problem) => problem,
    onSuccess: ({ of, ratio, side }) => ({ side, ratio, of })
  })

describe("a leg as it is typed", () => {
  it.each([
    ["SELL 1 AAPL 140613P00090000", "SELL", 1, { _tag: "Symbol", symbol: "AAPL 140613P00090000" }],
    ["sell aapl  140613p00090000", "SELL", 1, { _tag: "Symbol", symbol: "AAPL 140613P00090000" }],
    ["+2 AAPL140613P00090000", "BUY", 2, { _tag: "Symbol", symbol: "AAPL 140613P00090000" }],
    ["-3 AAPL 140613P00090000", "SELL", 3, { _tag: "Symbol", symbol: "AAPL 140613P00090000" }],
    ["BUY 100 SPX-REPLAY", "BUY", 100, { _tag: "Symbol", symbol: "SPX-REPLAY" }],
    ["+100 shares", "BUY", 100, { _tag: "Shares" }]
  ] as const)("%s", (text, side, ratio, of) => {
    expect(read(text)).toEqual({ side, ratio, of })
  })

  it("may be told by strike and expiry, of an underlying named in it or beside it", () => {
    const day = { _tag: "Day", expiry: "2014-06-13" }
    expect(read("SELL 2 AAPL 2014-06-13 90 P")).toEqual({
      side: "SELL",
      ratio: 2,
      of: { _tag: "Terms", underlying: "AAPL", right: "PUT", strike: 90, end: day }
    })
    expect(read("-1 P 90 2014-06-13")).toMatchObject({ of: { underlying: undefined, strike: 90, end: day } })
    expect(read("BUY 1 C 92.5 30d")).toMatchObject({
      side: "BUY",
      of: { right: "CALL", strike: 92.5, end: { _tag: "Days", days: 30 } }
    })
  })

  it.each([
    ["", "does not say BUY or SELL"],
    ["AAPL 140613P00090000", "does not say BUY or SELL"],
    ["SELL", "does not say BUY or SELL"],
    ["SELL 0 AAPL", "a whole number from 1 to 1000"],
    ["SELL 1.5 AAPL", "a whole number from 1 to 1000"],
    ["SELL 1001 AAPL", "a whole number from 1 to 1000"],
    ["SELL -1 AAPL", "a whole number from 1 to 1000"],
    ["SELL 1 AAPL 140613P00090000 @2.10", "takes no price: --limit is the net price"],
    ["SELL 1 AAPL 2014-06-31 90 P", "is no contract"],
    ["SELL 1 AAPL soon", "no contract, no symbol"],
    ["SELL 1 P ninety 30d", "no contract, no symbol"]
  ])("refuses %j in a line with an example", (text, problem) => {
    const told = read(text)
    expect(told).toContain(problem)
    expect(told).toContain('expected such as "SELL 1 AAPL 140613P00090000"')
    expect(String(told).split("\n")).toHaveLength(1)
  })

  it("repeats no text without end", () => {
    expect(String(read("x".repeat(10_000))).length).toBeLessThan(300)
    expect(String(read(`SELL 1 a b ${"x".repeat(10_000)}`)).length).toBeLessThan(400)
  })
})

const leg = (side: "BUY" | "SELL", name: string, ratio = 1): OrderLeg => ({
  instrumentId: instrumentId(name),
  side,
  ratio
})
const vertical = [leg("SELL", "AAPL 140613P00090000.OPRA"), leg("BUY", "AAPL 140613P00085000.OPRA")]
const contentOf = (legs: ReadonlyArray<OrderLeg>, type: OrderContent["type"]): OrderContent => ({
  instrumentId: comboId(legs),
  side: "BUY",
  type,
  size: { _tag: "Quantity", quantity: shares(2) },
  timeInForce: "DAY",
  legs
})
const net = (micros: number): OrderContent["type"] => ({ _tag: "NetLimit", netPrice: netPrice(micros) })

const orderOf = (content: OrderContent, filled: number, cost: number): Order => ({
  clientOrderId: clientOrderId("o-1"),
  content,
  quoteId: quoteId("q-0123456789abcdef"),
  role: "ENTRY",
  status: "Filled",
  filledQuantity: shares(filled),
  filledNotional: dollars(cost),
  fees: dollars(2.6),
  tsInit: timestamp(0),
  tsLast: timestamp(0)
})

describe("an order with legs in words", () => {
  it("is told by its structure, and its net price as a debit or a credit", () => {
    expect(contentWords(contentOf(vertical, net(-850_000)))).toBe(
      "2 × AAPL bull put vertical 2014-06-13 90/85, net 0.85 credit, DAY"
    )
    expect(contentWords(contentOf(vertical, net(1_200_000)))).toContain(", net 1.20 debit, DAY")
    expect(contentWords(contentOf(vertical, net(0)))).toContain(", net even, DAY")
    expect(contentWords(contentOf(vertical, { _tag: "Market" }))).toContain(" 90/85, market, DAY")
    const covered = [leg("BUY", "AAPL.XNAS", 100), leg("SELL", "AAPL 140613C00095000.OPRA")]
    expect(contentWords(contentOf(covered, net(92_000_000)))).toBe(
      "2 × AAPL covered call 2014-06-13 95, net 92.00 debit, DAY"
    )
  })

  it("is told leg by leg where the legs have no name", () => {
    const odd = [leg("SELL", "AAPL 140613P00090000.OPRA"), leg("BUY", "AAPL 140613P00085000.OPRA", 3)]
    expect(contentWords(contentOf(odd, net(0)))).toContain(
      "(SELL 1 AAPL 140613P00090000, BUY 3 AAPL 140613P00085000)"
    )
  })

  it("has its average a share: of legs net, of a contract by its hundred", () => {
    const order = orderOf(contentOf(vertical, net(-850_000)), 2, -174)
    expect(averageOf(order)).toBe(-870_000)
    expect(averageFill(order)).toBe("net 0.87 credit")
    const { legs: _, ...single } = contentOf(vertical, { _tag: "Market" })
    const contract = { ...single, instrumentId: instrumentId("AAPL 140613P00090000.OPRA") }
    expect(averageFill(orderOf(contract, 2, 420))).toBe("2.10")
    expect(averageFill(orderOf({ ...single, instrumentId: instrumentId("AAPL.XNAS") }, 2, 180))).toBe("90.00")
    expect(averageFill(orderOf(contract, 0, 0))).toBeUndefined()
  })

  it("is told to machines with its legs", () => {
    expect(orderJson(orderOf(contentOf(vertical, net(-850_000)), 0, 0))).toMatchObject({
      structure: "AAPL bull put vertical 2014-06-13 90/85",
      legs: [
        { symbol: "AAPL 140613P00090000", side: "SELL", ratio: 1 },
        { symbol: "AAPL 140613P00085000", side: "BUY", ratio: 1 }
      ],
      net_price: "-0.85",
      type: "NetLimit",
      quantity: "2"
    })
  })
})

describe("a preview", () => {
  const verdict = (value: number, limit: number): Verdict => ({
    rule: "price-collar",
    outcome: "pass",
    value,
    limit,
    unit: "usd",
    message: ""
  })

  it("tells dollars with their sign before them, and a price below one to its last digits", () => {
    expect(measured(verdict(-0.15, 0.0655))).toBe("-$0.15 of $0.0655")
    expect(measured(verdict(11_441.2, 99_826.85))).toBe("$11,441.20 of $99,826.85")
  })

  it("tells what is held a structure a row", () => {
    expect(heldRows([], ["a", "b"])).toEqual([
      ["held", "nothing", "a"],
      ["", "", "b"]
    ])
    expect(heldRows(["a"], [])).toEqual([["held", "a", "nothing"]])
  })
})
