/** How a strategy is asked, whoever asks it. */
import { describe, expect, it } from "@effect/vitest"
import { clientOrderId, instrumentId, tradeId } from "../../src/domain/Identifiers.ts"
import { dollars, money, pricePerShare, shares, zeroMoney } from "../../src/domain/Money.ts"
import type { OrderContent } from "../../src/domain/Order.ts"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { askStrategy, PointContext, strategyFillOf } from "../../src/session/Deciding.ts"
import { Feed } from "../../src/session/Feed.ts"
import { sma } from "../../src/session/Indicators.ts"
import type { Intent, Scheduled, Strategy, StrategyFill, Target } from "../../src/session/Strategy.ts"
import { contextOf, flatBar, one, two } from "./Contexts.ts"

const described = {
  name: "asked",
  title: "Asked",
  summary: "A strategy of this test.",
  description: "For tests.",
  parameters: {},
  meanings: {},
  instruments: { least: 1, most: null }
}

const target = (weight: number, reason: string, instrument = one): Target => ({
  instrumentId: instrument.id,
  weight,
  reason
})

const order: OrderContent = {
  instrumentId: one.id,
  side: "SELL",
  type: { _tag: "StopMarket", stopPrice: pricePerShare(90) },
  size: { _tag: "Quantity", quantity: shares(10) },
  timeInForce: "GTC"
}

const fill = (n: number): StrategyFill => ({
  clientOrderId: clientOrderId(`r1-2024-03-04-${n}`),
  instrumentId: one.id,
  side: "BUY",
  price: pricePerShare(100),
  quantity: shares(n),
  fee: zeroMoney,
  tsEvent: timestamp(n)
})

const scheduled = (decide: Scheduled["decide"]): Scheduled => ({
  on: "session",
  at: { _tag: "AfterOpen", minutes: 30 },
  decide
})

const context = contextOf({ instruments: [one, two], cash: 1000 })

describe("a strategy is asked", () => {
  it("of its fills first, oldest first, then of the bar, then by its schedule in its order", () => {
    const heard: Array<string> = []
    const tell = (what: string): ReadonlyArray<Intent> => {
      heard.push(what)
      return []
    }
    const strategy: Strategy = {
      ...described,
      onBar: () => tell("bar"),
      onFill: ({ quantity }) => tell(`fill of ${quantity / 1_000_000}`)
    }
    const schedule = [scheduled(() => tell("first")), scheduled(() => tell("second"))]
    askStrategy(strategy, { bar: true, scheduled: schedule }, context, [fill(1), fill(2)])
    expect(heard).toEqual(["fill of 1", "fill of 2", "bar", "first", "second"])
    heard.length = 0
    askStrategy(strategy, { bar: false, scheduled: schedule.slice(1) }, context, [])
    expect(heard).toEqual(["second"])
    heard.length = 0
    askStrategy(strategy, { bar: false, scheduled: [] }, context, [])
    expect(heard).toEqual([])
  })

  it("of a bar alone where it wants to hear of no fills", () => {
    const strategy: Strategy = { ...described, onBar: () => [target(1, "bar")] }
    expect(askStrategy(strategy, { bar: true, scheduled: [] }, context, [fill(1)])).toEqual([
      target(1, "bar")
    ])
  })

  it("and what it says last of an instrument stands, while orders and cancels all stay", () => {
    const cancel: Intent = { _tag: "Cancel", clientOrderId: clientOrderId("r1-2024-03-04-9") }
    const stop: Intent = { _tag: "Order", order, reason: "stop" }
    const strategy: Strategy = {
      ...described,
      onFill: ({ quantity }) => [stop, target(quantity / 10_000_000, "fill")],
      onBar: () => [target(0.5, "bar"), target(0.25, "bar", two), cancel]
    }
    const asked = (fills: ReadonlyArray<StrategyFill>, later: ReadonlyArray<Intent>) =>
      askStrategy(strategy, { bar: true, scheduled: [scheduled(() => later)] }, context, fills)
    expect(asked([fill(1), fill(2)], [target(0, "schedule")])).toEqual([
      stop,
      stop,
      target(0.25, "bar", two),
      cancel,
      target(0, "schedule")
    ])
    // Two in one answer are a bug, and stay for the planner to refuse.
    expect(asked([], [target(0, "a"), target(1, "b")])).toEqual([
      target(0.25, "bar", two),
      cancel,
      target(0, "a"),
      target(1, "b")
    ])
  })
})

describe("what cannot be an answer is refused", () => {
  const answering = (answer: unknown): Strategy => {
    const strategy: Strategy = { ...described, onBar: () => [] }
    Reflect.set(strategy, "onBar", () => answer)
    return strategy
  }
  const asked = (answer: unknown) => () =>
    askStrategy(answering(answer), { bar: true, scheduled: [] }, context, [])

  it("no list, no order, an order of another instrument", () => {
    expect(asked(undefined)).toThrow("onBar has to give a list of what it asks for")
    expect(
      asked([{ _tag: "Order", order: { ...order, size: { _tag: "Quantity", quantity: 0.5 } } }])
    ).toThrow("onBar asks for an order that is none")
    expect(asked([{ _tag: "Sell", order }])).toThrow("it is no Order and no Cancel")
    expect(asked([{ _tag: "Order" }])).toThrow("onBar asks for an order that is none")
    const elsewhere = { ...order, instrumentId: instrumentId("OTHER.XNAS") }
    expect(asked([{ _tag: "Order", order: elsewhere, reason: "" }])).toThrow(
      "onBar orders OTHER.XNAS, which is not in this run"
    )
    expect(asked([{ _tag: "Order", order, reason: "a stop" }])()).toHaveLength(1)
  })
})

describe("a context", () => {
  const mean = sma(2)
  const feed = new Feed({ indicators: [mean] }, [one, two])
  for (const [k, close] of [100, 102, 104].entries()) feed.append(one.id, flatBar(k, close * 1_000_000))
  feed.append(two.id, flatBar(1, 5_000_000))
  const looked: Array<string> = []
  const lazily = <A>(name: string, value: A) => {
    return () => {
      looked.push(name)
      return value
    }
  }
  const point = () =>
    new PointContext({
      date: sessionDate("2024-03-04"),
      now: timestamp(2),
      sessionIndex: 3,
      instruments: [one, two],
      feed,
      account: {
        holdings: lazily("holdings", new Map()),
        working: lazily("working", []),
        options: lazily("options", []),
        equity: lazily("equity", dollars(5)),
        cash: () => money(7),
        tradingState: () => "Reducing",
        activeTrip: () => undefined
      }
    })

  it("has the histories whose bar ends now, and the values of indicators", () => {
    const now = point()
    expect([...now.histories.keys()]).toEqual([one.id])
    expect(now.histories.get(one.id)?.length).toBe(3)
    expect(now.valueOf(mean, one.id)).toBe(103_000_000)
    // Its bar ended before; what was known of it then still is.
    expect(now.valueOf(mean, two.id)).toBeUndefined()
  })

  it("looks nothing up that a strategy does not look at, and nothing twice", () => {
    const now = point()
    expect(looked).toEqual([])
    expect([now.equity, now.equity, now.cash, now.tradingState, now.sessionIndex]).toEqual([
      5_000_000,
      5_000_000,
      7,
      "Reducing",
      3
    ])
    expect(now.holdings).toBe(now.holdings)
    expect(looked).toEqual(["equity", "holdings"])
  })
})

it("a fill is told without what only the books need", () => {
  expect(
    strategyFillOf({
      _tag: "OrderFilled",
      clientOrderId: clientOrderId("r1-2024-03-04-1"),
      tsEvent: timestamp(5),
      tradeId: tradeId("t1"),
      instrumentId: one.id,
      side: "BUY",
      quantity: shares(3),
      price: pricePerShare(20),
      fee: money(10),
      multiplier: 1,
      final: true
    })
  ).toEqual({
    clientOrderId: "r1-2024-03-04-1",
    instrumentId: one.id,
    side: "BUY",
    quantity: 3_000_000,
    price: 20_000_000,
    fee: 10,
    tsEvent: 5
  })
})
