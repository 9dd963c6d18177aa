import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { clientOrderId, type InstrumentId, quoteId } from "../../src/domain/Identifiers.ts"
import type { Instrument } from "../../src/domain/Instrument.ts"
import { MICROS, price, pricePerShare, quantity, shares, zeroMoney } from "../../src/domain/Money.ts"
import type { OrderContent } from "../../src/domain/Order.ts"
import { QuoteTick } from "../../src/domain/Quote.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { TradingState } from "../../src/domain/TradingState.ts"
import { deskProfile, singleIndexProfile } from "../../src/risk/LimitsProfile.ts"
import type { RiskLimits } from "../../src/risk/RiskLimits.ts"
import { evaluate } from "../../src/risk/RiskRules.ts"
import type { RiskSnapshot, WorkingOrder } from "../../src/risk/RiskSnapshot.ts"
import {
  isFractional,
  type PlannedOrder,
  planOrders,
  rebalanceBand,
  weightOf
} from "../../src/session/Sizing.ts"
import type { StrategyContext, Target } from "../../src/session/Strategy.ts"
import { equity } from "../market/Fixtures.ts"
import { type Book, contextOf, one, two } from "./Contexts.ts"

const close = timestamp(1_086_897_600_000_000)

const quoteAt = (instrument: Instrument, last: number, halfSpread: number): QuoteTick =>
  new QuoteTick({
    quoteId: quoteId("q-0123456789abcdef"),
    instrumentId: instrument.id,
    bid: price(Math.max(1, last - halfSpread)),
    ask: price(last + halfSpread),
    last: price(last),
    bidSize: shares(100),
    askSize: shares(100),
    tsEvent: close,
    tsInit: close,
    source: "replay-path",
    modelled: ["bid", "ask", "sizes"]
  })

/** Closing quotes without a spread, so that every figure can be worked out by hand. */
const quotesOf = (...prices: ReadonlyArray<readonly [Instrument, number]>) =>
  new Map(prices.map(([instrument, at]) => [instrument.id, quoteAt(instrument, pricePerShare(at), 0)]))

const at100 = quotesOf([one, 100], [two, 100])
const target = (instrument: Instrument, weight: number): Target => ({
  instrumentId: instrument.id,
  weight,
  reason: `${instrument.symbol} at ${weight}`
})

interface Case extends Book {
  readonly targets: ReadonlyArray<Target>
  readonly limits?: RiskLimits
  readonly quotes?: ReadonlyMap<InstrumentId, QuoteTick>
}

const ordersOf = (given: Case) =>
  planOrders(contextOf(given), given.targets, {
    limits: given.limits ?? singleIndexProfile.limits,
    quotes: given.quotes ?? at100,
    band: rebalanceBand
  })

/** Side, symbol and whole shares of each order. */
const plan = (given: Case) =>
  ordersOf(given).map((order) => [order.side, order.instrumentId, sharesOf(order) / MICROS])

describe("a buy", () => {
  it("to a part of equity is for as many shares as that buys at the closing quote", () => {
    expect(plan({ cash: 100_000, targets: [target(one, 0.5)] })).toEqual([["BUY", one.id, 500]])
    expect(plan({ cash: 100_000, targets: [target(one, 0.50099)] })).toEqual([["BUY", one.id, 500]])
  })

  it("to all of equity leaves room for the collar: 100,000 ÷ 105 a share", () => {
    expect(plan({ cash: 100_000, targets: [target(one, 1)] })).toEqual([["BUY", one.id, 952]])
  })

  it("under the desk's limits is at most a tenth of equity an order and a quarter a position", () => {
    const limits = deskProfile.limits
    expect(plan({ cash: 100_000, targets: [target(one, 1)], limits })).toEqual([["BUY", one.id, 95]])
    const held = { cash: 81_000, held: [[one, 190, 100]] } as const
    // 25,000 − 19,000 is left of the position: 57 shares at 105.
    expect(plan({ ...held, targets: [target(one, 1)], limits })).toEqual([["BUY", one.id, 57]])
  })

  it("carries the strategy's reason", () => {
    expect(ordersOf({ cash: 100_000, targets: [target(one, 0.5)] })[0]?.reason).toBe("ONE at 0.5")
  })

  it("shares what there is in proportion where it is not enough for all", () => {
    const both = { instruments: [one, two], cash: 100_000, targets: [target(two, 0.75), target(one, 0.25)] }
    // 250 and 750 shares at 105 come to 105,000: each gets 100/105 of its wish.
    expect(plan(both)).toEqual([
      ["BUY", one.id, 238],
      ["BUY", two.id, 714]
    ])
  })

  it("is not paid for by a sale that may not fill", () => {
    const rotation = {
      instruments: [one, two],
      cash: 10_500,
      held: [[one, 895, 100]],
      targets: [target(one, 0), target(two, 1)]
    } as const
    expect(plan(rotation)).toEqual([
      ["SELL", one.id, 895],
      ["BUY", two.id, 100]
    ])
  })
})

describe("together, buys", () => {
  it("stay within the gross exposure, holdings that are left alone counted", () => {
    const limits = { ...singleIndexProfile.limits, grossExposureRatio: 0.6 }
    const held = { instruments: [one, two], cash: 70_000, held: [[one, 300, 100]] } as const
    // 60,000 − 30,000 is left: 285 shares at 105.
    expect(plan({ ...held, targets: [target(two, 0.5)], limits })).toEqual([["BUY", two.id, 285]])
  })
})

describe("a sale", () => {
  it("to a smaller weight is for the difference at the closing quote", () => {
    expect(plan({ cash: 20_000, held: [[one, 800, 100]], targets: [target(one, 0.5)] })).toEqual([
      ["SELL", one.id, 300]
    ])
  })

  it("to zero is for all of it, however little", () => {
    expect(plan({ cash: 99_900, held: [[one, 1, 100]], targets: [target(one, 0)] })).toEqual([
      ["SELL", one.id, 1]
    ])
  })

  it("leaves the part that is less than the smallest step", () => {
    expect(plan({ cash: 0, held: [[one, 10.5, 100]], targets: [target(one, 0)] })).toEqual([
      ["SELL", one.id, 10]
    ])
  })
})

describe("a target to the share", () => {
  const shareTarget = (count: number): Target => ({
    instrumentId: one.id,
    quantity: shares(count),
    reason: `${count} shares`
  })

  it("is met exactly, within the band too", () => {
    expect(plan({ cash: 60_000, held: [[one, 386, 100]], targets: [shareTarget(400)] })).toEqual([
      ["BUY", one.id, 14]
    ])
    expect(plan({ cash: 60_000, held: [[one, 401, 100]], targets: [shareTarget(400)] })).toEqual([
      ["SELL", one.id, 1]
    ])
    expect(plan({ cash: 60_000, held: [[one, 400, 100]], targets: [shareTarget(400)] })).toEqual([])
  })

  it("is approached as far as the limits let it", () => {
    const limits = deskProfile.limits
    expect(plan({ cash: 100_000, targets: [shareTarget(400)], limits })).toEqual([["BUY", one.id, 95]])
  })

  it("must not be below zero", () => {
    const below: Target = { instrumentId: one.id, quantity: quantity(-1), reason: "" }
    expect(() => plan({ cash: 1, targets: [below] })).toThrow("is a quantity of -1")
  })
})

describe("a short position", () => {
  const short: Book = { cash: 110_000, held: [[one, -100, 100]] }

  it("is bought back, trading Reducing or not, and no further in one session", () => {
    const back = [["BUY", one.id, 100]]
    expect(plan({ ...short, targets: [target(one, 0)] })).toEqual(back)
    expect(plan({ ...short, tradingState: "Reducing", targets: [target(one, 0)] })).toEqual(back)
    expect(plan({ ...short, targets: [target(one, 0.5)] })).toEqual(back)
    expect(plan({ ...short, tradingState: "Halted", targets: [target(one, 0)] })).toEqual([])
  })
})

describe("no order", () => {
  it("is made for a change within the band: 5% of an equal share of equity", () => {
    const held = { cash: 50_000, held: [[one, 500, 100]] } as const
    expect(plan({ ...held, targets: [target(one, 0.55)] })).toEqual([])
    expect(plan({ ...held, targets: [target(one, 0.551)] })).toEqual([["BUY", one.id, 51]])
    expect(plan({ ...held, targets: [target(one, 0.45)] })).toEqual([])
    expect(plan({ ...held, instruments: [one, two], targets: [target(one, 0.45)] })).toEqual([
      ["SELL", one.id, 50]
    ])
  })

  it("is made for an instrument without a target, without a quote or on the restricted list", () => {
    const held = { cash: 0, held: [[one, 500, 100]] } as const
    const limits = { ...singleIndexProfile.limits, restricted: [one.symbol] }
    expect(plan({ ...held, targets: [] })).toEqual([])
    expect(plan({ ...held, targets: [target(one, 0)], quotes: new Map() })).toEqual([])
    expect(plan({ ...held, targets: [target(one, 0)], limits })).toEqual([])
  })

  it("but sales is made while trading is Reducing, and none at all while it is Halted", () => {
    const rotation = {
      instruments: [one, two],
      cash: 50_000,
      held: [[one, 500, 100]],
      targets: [target(one, 0), target(two, 0.5)]
    } as const
    expect(plan({ ...rotation, tradingState: "Reducing" })).toEqual([["SELL", one.id, 500]])
    expect(plan({ ...rotation, tradingState: "Halted" })).toEqual([])
  })

  it("is made beyond what may work at once or be sent in a minute", () => {
    const many = Array.from({ length: 30 }, (_, k) => equity(`M${String(k).padStart(2, "0")}`))
    const everything = {
      instruments: many,
      cash: 1_000_000,
      targets: many.map((instrument) => target(instrument, 1 / 30)),
      quotes: quotesOf(...many.map((instrument) => [instrument, 100] as const))
    }
    const limits = singleIndexProfile.limits
    expect(plan({ ...everything, limits })).toHaveLength(20)
    expect(plan({ ...everything, limits: { ...limits, ordersPerMinute: 15 } })).toHaveLength(5)
    expect(plan({ ...everything, limits: { ...limits, openOrders: 7, ordersPerMinute: null } })).toHaveLength(
      7
    )
  })

  it("is made from targets or holdings that only a bug could give", () => {
    const cash = 100_000
    expect(() => plan({ cash, targets: [target(one, Number.NaN)] })).toThrow(/ONE\.XNAS.*NaN/u)
    expect(() => plan({ cash, targets: [target(one, -0.1)] })).toThrow(RangeError)
    expect(() => plan({ cash, targets: [target(one, 0.1), target(one, 0.2)] })).toThrow(/two targets/u)
    expect(() => plan({ cash, targets: [target(two, 0.1)] })).toThrow(
      /target for TWO\.XNAS.*not in this run/u
    )
    expect(() => plan({ cash, held: [[two, 1, 100]], targets: [] })).toThrow(/holding of TWO\.XNAS/u)
  })
})

describe("the weight of a holding", () => {
  it("is its part of equity, and zero where there is no equity", () => {
    const context = contextOf({ cash: 75_000, held: [[one, 250, 100]] })
    expect(weightOf(context, one)).toBe(0.25)
    expect(weightOf(context, two)).toBe(0)
    expect(weightOf({ ...context, equity: context.cash, cash: context.cash }, one)).toBe(25 / 75)
    expect(weightOf(contextOf({ cash: -30_000, held: [[one, 250, 100]] }), one)).toBe(0)
  })
})

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const Line = Schema.Struct({
  /** Micros. */
  last: between(10_000, 9_000_000_000),
  halfSpread: between(0, 5_000),
  held: between(0, 2_000),
  /** Thousandths. */
  weight: between(0, 1_500),
  /** Micros a share can be traded in. */
  step: Schema.Literals([1, 1_000, 1_000_000]),
  targeted: Schema.Boolean
})

const AnyCase = Schema.Struct({
  lines: Schema.Array(Line).pipe(Schema.check(Schema.isMinLength(1), Schema.isMaxLength(5))),
  /** Dollars. */
  cash: between(-10_000, 30_000_000),
  /** Thousandths. */
  position: between(0, 2_000),
  order: between(0, 2_000),
  gross: between(0, 2_000),
  collar: between(0, 500),
  tradingState: TradingState
})

const realise = (any: typeof AnyCase.Type) => {
  const lines = any.lines.map((line, k) => ({
    ...line,
    instrument: { ...equity(`L${k}`), sizeIncrement: quantity(line.step) }
  }))
  const instruments = lines.map(({ instrument }) => instrument)
  const context = contextOf({
    instruments,
    cash: any.cash,
    held: lines
      .filter(({ held }) => held > 0)
      .map(({ held, instrument, last }) => [instrument, held, last / MICROS] as const),
    tradingState: any.tradingState
  })
  const quotes = new Map(
    lines.map(({ halfSpread, instrument, last }) => [
      instrument.id,
      quoteAt(instrument, last, Math.min(halfSpread, last - 1))
    ])
  )
  const targets = lines
    .filter(({ targeted }) => targeted)
    .map(({ instrument, weight }) => target(instrument, weight / 1000))
  const limits = {
    ...deskProfile.limits,
    positionRatio: any.position / 1000,
    orderNotionalRatio: any.order / 1000,
    grossExposureRatio: any.gross / 1000,
    priceCollarRatio: any.collar / 1000
  }
  return { context, quotes, targets, limits }
}

const contentOf = (order: PlannedOrder): OrderContent => ({
  instrumentId: order.instrumentId,
  side: order.side,
  type: { _tag: "Market" },
  size: order.size,
  timeInForce: "AT_THE_OPEN"
})

/** Shares of an order by quantity, micros. */
const sharesOf = ({ size }: PlannedOrder): number => (size._tag === "Quantity" ? size.quantity : Number.NaN)

/** The desk as the rules see it when the orders are sent one after the other at the close. */
const snapshotOf = (
  context: StrategyContext,
  limits: RiskLimits,
  instrument: Instrument | undefined,
  quote: QuoteTick | undefined,
  working: ReadonlyArray<WorkingOrder>
): RiskSnapshot => ({
  now: close,
  steadyNow: close,
  clocks: "market",
  person: false,
  permit: { required: false },
  tradingState: context.tradingState,
  reconciled: true,
  unknownInstruments: new Set(),
  session: { open: false, lastClose: close },
  instrument,
  citedQuote: quote,
  currentQuote: quote,
  legs: [],
  underlyings: new Map(),
  limits,
  equity: context.equity,
  cash: context.cash,
  priorCloseEquity: context.equity,
  netFlows: zeroMoney,
  peakEquity: context.equity,
  positions: [...context.holdings].map(([instrumentId, holding]) => ({
    instrumentId,
    multiplier: 1,
    ...holding
  })),
  working,
  recentOrders: [],
  messageTimes: { market: working.map(() => close), steady: [] }
})

describe("orders for any prices, holdings, cash and weights", () => {
  it.prop("are admitted by every one of the desk's rules", [AnyCase], ([any]) => {
    const { context, limits, quotes, targets } = realise(any)
    const orders = planOrders(context, targets, { limits, quotes, band: rebalanceBand })
    const working: Array<WorkingOrder> = []
    for (const [k, order] of orders.entries()) {
      const instrument = context.instruments.find(({ id }) => id === order.instrumentId)
      const snapshot = snapshotOf(context, limits, instrument, quotes.get(order.instrumentId), working)
      const content = contentOf(order)
      const { denied, reducing, valuePrice } = evaluate(snapshot, { content, repeat: false })
      expect(denied).toBeUndefined()
      expect(reducing).toBe(order.side === "SELL")
      if (valuePrice === undefined) throw new Error("an order without a value price was admitted")
      working.push({
        clientOrderId: clientOrderId(`test-${k}`),
        instrumentId: order.instrumentId,
        side: order.side,
        type: content.type,
        leaves: content.size,
        valuePrice,
        multiplier: 1,
        ocoGroup: undefined,
        held: false
      })
    }
  })

  it.prop("are in whole steps, never for more than is held, and sales come first", [AnyCase], ([any]) => {
    const { context, limits, quotes, targets } = realise(any)
    const orders = planOrders(context, targets, { limits, quotes, band: rebalanceBand })
    for (const order of orders) {
      const instrument = context.instruments.find(({ id }) => id === order.instrumentId)
      if (order.size._tag === "Notional") {
        expect([order.side, instrument === undefined ? false : isFractional(instrument)]).toEqual([
          "BUY",
          true
        ])
        expect(order.size.notional).toBeGreaterThan(0)
        continue
      }
      expect(sharesOf(order)).toBeGreaterThan(0)
      expect(sharesOf(order) % (instrument?.sizeIncrement ?? 0)).toBe(0)
      if (order.side === "SELL") {
        expect(sharesOf(order)).toBeLessThanOrEqual(context.holdings.get(order.instrumentId)?.quantity ?? 0)
      }
    }
    const keys = orders.map(({ instrumentId, side }) => `${side === "SELL" ? 0 : 1} ${instrumentId}`)
    expect(keys).toEqual(keys.toSorted())
  })

  it.prop("do not depend on the order of the targets or the instruments", [AnyCase], ([any]) => {
    const { context, limits, quotes, targets } = realise(any)
    const options = { limits, quotes, band: rebalanceBand }
    const turned = { ...context, instruments: context.instruments.toReversed() }
    expect(planOrders(turned, targets.toReversed(), options)).toEqual(planOrders(context, targets, options))
  })
})
