/** The broker server through the SDK's own client: what each tool answers, to good and to bad input. */
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { instrumentId } from "../../../src/domain/Identifiers.ts"
import { Broker } from "../../../src/execution/Broker.ts"
import { OrderJournal } from "../../../src/execution/OrderJournal.ts"
import { brokerServer } from "../../../src/programs/mcp/broker/BrokerServer.ts"
import { type Answered, serveDesk, type ServedDesk } from "./McpDesk.ts"

const aapl = instrumentId("AAPL.XNAS")
const config = { market: { source: "embedded", start: "2015-03-02" }, limits: { profile: "desk" } }

let desk: ServedDesk

beforeAll(async () => {
  desk = await serveDesk(brokerServer({ requirePermit: false }), { config })
})
afterAll(() => desk.close())

const quoteOf = (at = desk, id = aapl): Promise<string> =>
  at.onDesk(
    Effect.map(
      Broker.use((broker) => broker.quote(id)),
      ({ quoteId }) => quoteId
    )
  )

const head = (): Promise<number> => desk.onDesk(OrderJournal.use((journal) => journal.head))

/** Arguments of `place_order`; what is undefined is left out. */
const order = async (more: Readonly<Record<string, unknown>> = {}) =>
  Object.fromEntries(
    Object.entries({
      symbol: "AAPL",
      side: "BUY",
      quantity: "10",
      quote_id: await quoteOf(),
      rationale: "a test",
      ...more
    }).filter(([, value]) => value !== undefined)
  )

const field = (value: unknown, ...path: ReadonlyArray<string | number>): unknown => {
  let at = value
  for (const part of path) {
    if (Array.isArray(at) && typeof part === "number") at = at[part]
    else if (typeof at === "object" && at !== null && typeof part === "string") at = Reflect.get(at, part)
    else return undefined
  }
  return at
}

const rulesOf = (value: unknown): ReadonlyArray<unknown> => {
  const verdicts = field(value, "verdicts")
  return Array.isArray(verdicts) ? verdicts.map((verdict) => field(verdict, "rule")) : []
}

const detailsOf = (answer: Answered): unknown => JSON.parse(answer.text.split("\n").at(-1) ?? "")

describe("place_order", () => {
  it("fills an order and shows every rule with its value and its limit", async () => {
    const answer = await desk.call("place_order", await order())
    expect(answer.isError).toBe(false)
    expect(field(answer.value, "order", "status")).toBe("Filled")
    expect(field(answer.value, "order", "filled_quantity")).toBe("10")
    expect(answer.value).toMatchObject({ repeated: false, trading_mode: "paper", trading_state: "Active" })
    expect(rulesOf(answer.value)).toContain("position-limit")
    expect(new Set(rulesOf(answer.value)).size).toBe(rulesOf(answer.value).length)
    const verdicts = field(answer.value, "verdicts")
    const size = Array.isArray(verdicts)
      ? verdicts.find((one) => field(one, "rule") === "order-size")
      : undefined
    expect(size).toMatchObject({ outcome: "pass", limit: 0.1, unit: "ratio" })
  })

  it("makes one order of the same call made twice", async () => {
    const asked = await order({ quantity: 11 })
    const [first, second] = [await desk.call("place_order", asked), await desk.call("place_order", asked)]
    expect(field(second.value, "order", "order_id")).toBe(field(first.value, "order", "order_id"))
    expect(second.value).toMatchObject({ repeated: true })
  })

  it("denies an order that is too large, by name, with all verdicts, and says what to do", async () => {
    const answer = await desk.call("place_order", await order({ quantity: "500" }))
    expect(answer.isError).toBe(true)
    expect(answer.text).toMatch(/^OrderDenied: denied by the rule order-size \(\d+\.\d\d% of 10\.00%\)/u)
    expect(answer.text).toContain("Next: nothing was sent;")
    const details = detailsOf(answer)
    expect(details).toMatchObject({
      error: "OrderDenied",
      status: "Denied",
      rule: "order-size",
      trading_state: "Active"
    })
    expect(rulesOf(details).length).toBeGreaterThanOrEqual(16)
  })

  it("denies an order on a quote that nobody was given", async () => {
    const answer = await desk.call("place_order", await order({ quote_id: "q-0123456789abcdef" }))
    expect(answer.text).toContain("denied by the rule quote-freshness")
    expect(answer.text).toContain("the desk gave no such quote")
  })

  it("takes dollars instead of shares, and a bracket", async () => {
    const answer = await desk.call(
      "place_order",
      await order({ quantity: undefined, notional: 1000, take_profit_price: "200", stop_loss_price: 100.5 })
    )
    expect(field(answer.value, "order", "status")).toBe("Filled")
    const orders = await desk.call("get_orders", { working: true })
    const rows = field(orders.value, "orders")
    expect(Array.isArray(rows) ? rows.map((row) => field(row, "role")).toSorted() : []).toEqual([
      "STOP_LOSS",
      "TAKE_PROFIT"
    ])
    await desk.call("cancel_all")
  })

  it.each([
    [{ qty: 5 }, "qty: no such argument; did you mean quantity?"],
    [{ quoteId: "x" }, "quoteId: no such argument; did you mean quote_id?"],
    [{ mode: "live" }, "mode: no such argument"],
    [{ side: "HOLD" }, "side: expected"],
    [{ quantity: "-1" }, "quantity: expected a quantity above zero"],
    [{ quantity: "1e3" }, "quantity: expected a quantity as a plain decimal"],
    [{ quantity: null }, "quantity: expected"],
    [{ rationale: "  " }, "rationale: expected why"],
    [{ rationale: "half \uD800" }, "rationale: expected whole characters"],
    [{ quote_id: "yesterday's" }, "quote_id: expected"]
  ])("refuses %j, and says what is wrong with it", async (more, problem) => {
    const answer = await desk.call("place_order", await order(more))
    expect(answer.isError).toBe(true)
    expect(answer.text).toContain("ArgumentsInvalid: place_order was not called")
    expect(answer.text).toContain(`- ${problem}`)
  })

  it.each([
    [{ notional: 100 }, "two ways to say how much"],
    [{ quantity: undefined }, "how much?"],
    [{ type: "Limit" }, "a Limit order takes limit_price, and none was given"],
    [{ type: "Market", limit_price: 1 }, "a Market order takes no price, and limit_price was given"],
    [{ trailing_offset: 1, stop_price: 2 }, "a TrailingStopMarket order takes trailing_offset"]
  ])("refuses %j, whose parts do not fit together", async (more, problem) => {
    const answer = await desk.call("place_order", await order(more))
    expect(answer.text).toContain("TermsInvalid")
    expect(answer.text).toContain(problem)
  })

  it("names the nearest symbols of one it does not know", async () => {
    const answer = await desk.call("place_order", await order({ symbol: "APL" }))
    expect(answer.text).toContain('no instrument "APL"')
    expect(answer.text).toContain("AAPL")
  })

  it("denies without a permit where one is required, and says that the hook did not run", async () => {
    const guarded = await serveDesk(brokerServer({ requirePermit: true }), { folder: desk.folder })
    const asked = await order({ quantity: "12" })
    const answer = await guarded.call("place_order", asked, "toolu_1")
    expect(answer.text).toContain("denied by the rule permit")
    expect(answer.text).toContain("risk-validator")
    const closing = await guarded.call("close_position", { symbol: "AAPL", rationale: "a test" }, "toolu_2")
    expect(closing.text).toContain("denied by the rule permit")
    await guarded.close()
  })
})

describe("preview_order", () => {
  it("says what every rule would say, and writes nothing to the journal", async () => {
    const before = await head()
    const good = await desk.call("preview_order", await order({ quantity: "13" }))
    const bad = await desk.call("preview_order", await order({ quantity: "5000" }))
    expect(good.value).toMatchObject({ denied_by: null, trading_mode: "paper" })
    expect(bad.value).toMatchObject({ denied_by: "order-size" })
    expect(await head()).toBe(before)
  })
})

describe("a working order", () => {
  it("is replaced, explained and canceled", async () => {
    const placed = await desk.call(
      "place_order",
      await order({ quantity: "5", limit_price: "120", time_in_force: "GTC" })
    )
    const id = field(placed.value, "order", "order_id")
    expect(field(placed.value, "order", "status")).toBe("Accepted")
    const replaced = await desk.call("replace_order", {
      order_id: id,
      quote_id: await quoteOf(),
      limit_price: "119.5",
      rationale: "further away"
    })
    expect(field(replaced.value, "order", "limit_price")).toBe("119.5")
    const canceled = await desk.call("cancel_order", { order_id: id })
    expect(field(canceled.value, "order", "status")).toBe("Canceled")
    const explained = await desk.call("explain_order", { order_id: id })
    expect(explained.value).toMatchObject({
      asked_by: "agent mcp:broker",
      rationale: "a test",
      steps_left_out: 0
    })
    const steps = field(explained.value, "steps")
    expect(Array.isArray(steps) ? steps.map((step) => field(step, "event")) : []).toEqual([
      "OrderInitialized",
      "OrderSubmitted",
      "OrderAccepted",
      "OrderPendingUpdate",
      "OrderUpdated",
      "OrderPendingCancel",
      "OrderCanceled"
    ])
    expect(field(steps, 0, "audit_hash")).toMatch(/^[0-9a-f]{16}$/u)
    const again = await desk.call("cancel_order", { order_id: id })
    expect(again.text).toContain("OrderNotWorking")
  })

  it("that the venue does not change is told as a failure, and stands as it was", async () => {
    const placed = await desk.call(
      "place_order",
      await order({ quantity: "4", limit_price: "121", time_in_force: "GTC" })
    )
    const id = field(placed.value, "order", "order_id")
    const quoted = { order_id: id, quote_id: await quoteOf(), rationale: "a stop instead" }
    const refused = await desk.call("replace_order", { ...quoted, stop_price: "131" })
    expect(refused.isError).toBe(true)
    expect(refused.text).toContain("OrderRejected: the venue did not change order")
    expect(refused.text).toContain("a Limit order cannot become a StopMarket order")
    // What was refused once does not stand in the way of what can be done.
    const moved = await desk.call("replace_order", { ...quoted, limit_price: "120.5" })
    expect(field(moved.value, "order", "order")).toBe("BUY 4 AAPL limit 120.50 GTC")
    await desk.call("cancel_order", { order_id: id })
  })

  it("that is not there is named, and where to look is said", async () => {
    for (const [tool, more] of [
      ["cancel_order", {}],
      ["explain_order", {}],
      ["replace_order", { quote_id: "q-0123456789abcdef", quantity: 1, rationale: "x" }]
    ] as const) {
      const answer = await desk.call(tool, { order_id: "o-none", ...more })
      expect(answer.text).toContain("OrderNotFound")
      expect(answer.text).toContain("Next: get_orders shows the orders there are.")
    }
  })
})

describe("lists", () => {
  it("come in pages, each order once, newest first", async () => {
    const seen: Array<unknown> = []
    let cursor: unknown
    do {
      const page = await desk.call("get_orders", { limit: 2, ...(cursor === undefined ? {} : { cursor }) })
      const rows = field(page.value, "orders")
      if (Array.isArray(rows)) seen.push(...rows.map((row) => field(row, "order_id")))
      cursor = field(page.value, "next_cursor") ?? undefined
    } while (cursor !== undefined)
    const all = await desk.onDesk(Broker.use((broker) => broker.orders({ limit: 1000 })))
    expect(seen).toEqual(all.map(({ clientOrderId }) => clientOrderId))
    expect(seen.length).toBeGreaterThan(5)
  })

  it("refuse a cursor of another question", async () => {
    const page = await desk.call("get_orders", { limit: 1 })
    const answer = await desk.call("get_fills", { cursor: field(page.value, "next_cursor") })
    expect(answer.text).toContain("CursorInvalid")
  })

  it("show fills and positions", async () => {
    const fills = await desk.call("get_fills", { limit: 1 })
    expect(field(fills.value, "fills", 0, "symbol")).toBe("AAPL")
    const second = await desk.call("get_fills", { limit: 1, cursor: field(fills.value, "next_cursor") })
    expect(field(second.value, "fills", 0, "trade_id")).not.toBe(field(fills.value, "fills", 0, "trade_id"))
    const positions = await desk.call("get_positions")
    expect(field(positions.value, "positions", 0, "symbol")).toBe("AAPL")
  })
})

describe("the trading state", () => {
  it("tells the limits in force and how much of each is used", async () => {
    const answer = await desk.call("get_trading_state")
    expect(answer.value).toMatchObject({
      trading_state: "Active",
      way_out: null,
      pending: 0,
      limits_problem: null
    })
    const uses = field(answer.value, "uses")
    const position = Array.isArray(uses) ? uses.find((use) => field(use, "limit") === "position") : undefined
    expect(field(position, "value")).toBe(0.25)
    expect(Number(field(position, "used"))).toBeGreaterThan(0)
  })

  it("closes a position, halts, and no tool resumes", async () => {
    const closed = await desk.call("close_position", { symbol: "AAPL", rationale: "done" })
    expect(field(closed.value, "order", "status")).toBe("Filled")
    const nothing = await desk.call("close_position", { symbol: "AAPL", rationale: "done" })
    expect(nothing.text).toContain("NoPosition")
    await desk.call("place_order", await order({ quantity: "3", limit_price: "100", time_in_force: "GTC" }))
    const halted = await desk.call("halt_trading", { reason: "a test" })
    expect(halted.value).toMatchObject({ trading_state: "Halted", changed: true, canceled: 1 })
    expect((await desk.call("halt_trading", { reason: "again" })).value).toMatchObject({ changed: false })
    const denied = await desk.call("place_order", await order({ quantity: "4" }))
    expect(denied.text).toContain("denied by the rule trading-state")
    const state = await desk.call("get_trading_state")
    expect(state.value).toMatchObject({
      trading_state: "Halted",
      reason: "again",
      since: "2015-03-02T14:30:00.000000Z"
    })
    expect(String(field(state.value, "way_out"))).toContain("a person resumes")
    const { tools } = await desk.client.listTools()
    expect(tools.filter(({ name }) => /resume|accept|arm|reset/u.test(name))).toEqual([])
  })
})
