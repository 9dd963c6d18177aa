/** Orders for options through the servers' tools: from a chain's rows to a structure that is closed whole. */
import { rmSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { instrumentId } from "../../../src/domain/Identifiers.ts"
import { Broker } from "../../../src/execution/Broker.ts"
import { OrderJournal } from "../../../src/execution/OrderJournal.ts"
import { brokerServer } from "../../../src/programs/mcp/broker/BrokerServer.ts"
import { marketDataServer } from "../../../src/programs/mcp/market-data/MarketDataServer.ts"
import { newProject, serveDesk, type ServedDesk } from "./McpDesk.ts"
import { cellOf, chainOf } from "./OptionAnswers.ts"

const config = { market: { source: "embedded", start: "2015-03-02" }, limits: { profile: "desk" } }

let folder: string
let market: ServedDesk
let broker: ServedDesk

beforeAll(async () => {
  folder = newProject(config)
  market = await serveDesk(marketDataServer, { folder })
  broker = await serveDesk(brokerServer({ requirePermit: false }), { folder })
})
afterAll(async () => {
  await market.close()
  await broker.close()
  rmSync(folder, { recursive: true, force: true })
})

const at = (value: unknown, ...path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value
  )

interface Row {
  readonly symbol: string
  readonly quoteId: string
  readonly bid: number
  readonly ask: number
}

const strikeOf = ({ symbol }: Row): number => Number(symbol.slice(-8)) / 1000

/** Contracts of the chain now, out of the money puts last. */
const puts = async (): Promise<ReadonlyArray<Row>> => {
  const chain = await chainOf(market, {
    symbol: "AAPL",
    expiry_range: "2015-04-17",
    right: "PUT",
    strikes: 8
  })
  return chain.contracts
    .map((row) => ({
      symbol: String(cellOf(chain, row, "contract")),
      quoteId: String(cellOf(chain, row, "quote_id")),
      bid: Number(cellOf(chain, row, "bid")),
      ask: Number(cellOf(chain, row, "ask"))
    }))
    .toReversed()
}

/** A put that is sold and the one three below it that is bought, as rows of a chain. */
const vertical = async () => {
  const rows = await puts()
  const [sold, bought] = [rows[6], rows[9]]
  if (sold === undefined || bought === undefined) throw new Error("the chain has too few rows")
  return { sold, bought, credit: Math.round((sold.bid - bought.ask) * 100) / 100 }
}

const terms = async (more: Readonly<Record<string, unknown>> = {}) => {
  const { bought, credit, sold } = await vertical()
  return {
    legs: [
      { symbol: sold.symbol, side: "SELL", quote_id: sold.quoteId },
      { symbol: bought.symbol, side: "BUY", quote_id: bought.quoteId }
    ],
    quantity: 2,
    limit_price: String(-credit),
    rationale: "a test",
    ...more
  }
}

const head = (): Promise<number> => broker.onDesk(OrderJournal.use((journal) => journal.head))

describe("a vertical", () => {
  it("is previewed from a chain's rows with its name, its legs' market, and what it makes of the position", async () => {
    const before = await head()
    const answer = await broker.call("preview_order", await terms())
    expect(answer.text).toMatch(/^2 × AAPL bull put vertical 2015-04-17 .*, net \d+\.\d\d credit, DAY: /u)
    expect(answer.value).toMatchObject({
      denied_by: null,
      reducing: false,
      market: null,
      effect_unknown: null
    })
    expect(at(answer.value, "structure")).toMatch(/^AAPL bull put vertical 2015-04-17 /u)
    const legs = at(answer.value, "legs")
    expect(Array.isArray(legs) ? legs.map((leg) => at(leg, "side")).toSorted() : []).toEqual(["BUY", "SELL"])
    expect(Number(at(answer.value, "net_market", "ask"))).toBeLessThan(0)
    const after = at(answer.value, "effect", "after")
    const { bought, credit, sold } = await vertical()
    const width = strikeOf(sold) - strikeOf(bought)
    expect(Number(at(after, "max_profit"))).toBeCloseTo(200 * credit, 2)
    expect(Number(at(after, "max_loss"))).toBeCloseTo(-200 * (width - credit), 2)
    expect(Number(at(after, "worst_case"))).toBeCloseTo(-200 * (width - credit), 2)
    expect(at(answer.value, "effect", "before")).toMatchObject({ structures: [], max_loss: null })
    expect(await head()).toBe(before)
  })

  it("fills both legs at once, is one order however often it is sent, and is explained with its quotes", async () => {
    const asked = await terms({ quantity: 3 })
    const answer = await broker.call("place_order", asked)
    expect(answer.text).toMatch(/: Filled at net \d+\.\d\d credit \(o-/u)
    expect(answer.value).toMatchObject({ repeated: false, order: { status: "Filled", filled_quantity: "3" } })
    const again = await broker.call("place_order", { ...asked, legs: asked.legs.toReversed() })
    expect(again.value).toMatchObject({
      repeated: true,
      order: { order_id: at(answer.value, "order", "order_id") }
    })
    const fills = await broker.call("get_fills", { limit: 5 })
    expect(at(fills.value, "fills")).toHaveLength(2)
    const why = await broker.call("explain_order", { order_id: at(answer.value, "order", "order_id") })
    expect(at(why.value, "leg_quotes")).toHaveLength(2)
    expect(why.text).toContain("bull put vertical")
  })

  it("is closed whole by the id that get_positions shows, and leaves nothing", async () => {
    const { bought, sold } = await vertical()
    const id = `AAPL-VERTICAL-150417-P-${strikeOf(bought)}-${strikeOf(sold)}`
    const held = await broker.call("get_positions")
    expect(at(held.value, "structures", 0, "id")).toBe(id)
    const tooMany = await broker.call("close_position", { symbol: id, quantity: 4, rationale: "a test" })
    expect(tooMany.text).toContain("expected a number from 1 to 3")
    const part = await broker.call("close_position", { symbol: id, quantity: 1, rationale: "a part of it" })
    expect(part.value).toMatchObject({ order: { status: "Filled", filled_quantity: "1" } })
    const rest = await broker.call("close_position", { symbol: id, rationale: "all of it" })
    expect(rest.value).toMatchObject({ repeated: false, order: { status: "Filled", filled_quantity: "2" } })
    const left = await broker.call("get_positions")
    expect(at(left.value, "positions")).toEqual([])
  })
})

describe("an order with legs that works", () => {
  it("is replaced on a quote for each leg, listed by any of them, and canceled as one", async () => {
    const asked = await terms()
    const far = Number(asked.limit_price) - 0.1
    const working = await broker.call("place_order", {
      ...asked,
      limit_price: far.toFixed(2),
      time_in_force: "GTC"
    })
    expect(working.value).toMatchObject({ order: { status: "Accepted", type: "NetLimit" } })
    const id = at(working.value, "order", "order_id")
    const quotes = asked.legs.map((leg) => leg.quote_id)
    const one = await broker.call("replace_order", {
      order_id: id,
      quote_id: quotes[0],
      limit_price: 1,
      rationale: "a test"
    })
    expect(one.text).toContain("this order has 2 legs: cite a quote for each of them")
    const changed = await broker.call("replace_order", {
      order_id: id,
      quote_ids: quotes,
      quantity: 1,
      rationale: "smaller"
    })
    expect(changed.value).toMatchObject({ order: { quantity: "1", net_price: far.toString() } })
    const listed = await broker.call("get_orders", { working: true, symbol: asked.legs[0]?.symbol })
    expect(at(listed.value, "orders", 0, "order_id")).toBe(id)
    const canceled = await broker.call("cancel_order", { order_id: id })
    expect(canceled.value).toMatchObject({ order: { status: "Canceled" } })
  })
})

describe("a leg of a structure", () => {
  it("that covers another is not closed alone, and the structure is closed whole", async () => {
    const chain = await chainOf(market, {
      symbol: "AAPL",
      expiry_range: "2015-04-17",
      right: "CALL",
      strikes: 4
    })
    const [bought, sold] = [chain.contracts.at(-1), chain.contracts.at(-3)]
    if (bought === undefined || sold === undefined) throw new Error("the chain has too few rows")
    const legOf = (row: typeof bought, side: string) => ({
      symbol: cellOf(chain, row, "contract"),
      side,
      quote_id: cellOf(chain, row, "quote_id")
    })
    const credit = Number(cellOf(chain, sold, "bid")) - Number(cellOf(chain, bought, "ask"))
    const placed = await broker.call("place_order", {
      legs: [legOf(bought, "BUY"), legOf(sold, "SELL")],
      quantity: 1,
      limit_price: (-credit).toFixed(2),
      rationale: "a test"
    })
    expect(placed.value).toMatchObject({ order: { status: "Filled" } })
    const alone = await broker.call("close_position", {
      symbol: cellOf(chain, bought, "contract"),
      rationale: "a test"
    })
    expect(alone.isError).toBe(true)
    expect(alone.text).toMatch(/^OrderDenied: .*uncovered/su)
    const positions = await broker.call("get_positions")
    const id = at(positions.value, "structures", 0, "id")
    expect(id).toMatch(/^AAPL-VERTICAL-150417-C-/u)
    const whole = await broker.call("close_position", { symbol: id, rationale: "a test" })
    expect(whole.value).toMatchObject({ order: { status: "Filled" } })
  })
})

describe("orders that are refused", () => {
  it("a naked call, by name", async () => {
    const chain = await chainOf(market, { symbol: "AAPL", expiry_range: "2015-04-17", right: "CALL" })
    const row = chain.contracts.at(-1)
    if (row === undefined) throw new Error("no call")
    const answer = await broker.call("place_order", {
      symbol: cellOf(chain, row, "contract"),
      side: "SELL",
      quantity: 1,
      quote_id: cellOf(chain, row, "quote_id"),
      rationale: "a test"
    })
    expect(answer.isError).toBe(true)
    expect(answer.text).toContain("OrderDenied: denied by the rule")
    expect(answer.text).toMatch(/uncovered|not covered/u)
  })

  it.each([
    [{ symbol: "AAPL" }, "TermsInvalid: an order with legs takes no symbol"],
    [{ quantity: "0.5" }, "TermsInvalid: quantity: expected a whole number of units"],
    [{ take_profit_price: 1 }, "TermsInvalid: an order with legs takes no take_profit_price"]
  ])("%j does not fit together", async (more, problem) => {
    const answer = await broker.call("place_order", await terms(more))
    expect(answer.text).toContain(problem)
    expect(answer.text).toContain("Next: call it again with arguments that fit together")
  })

  it("legs of two underlyings, legs that are one, and legs nobody knows", async () => {
    const asked = await terms()
    const [first, second] = asked.legs
    const spx = await broker.onDesk(
      Broker.use((one) => one.quote(instrumentId("SPX-REPLAY.XNYS"))).pipe(Effect.option)
    )
    expect(spx).toBeDefined()
    const twice = await broker.call("preview_order", { ...asked, legs: [first, first] })
    expect(twice.text).toContain("is there twice")
    const two = await broker.call("preview_order", {
      ...asked,
      legs: [first, { symbol: "SPX-REPLAY", side: "BUY", quote_id: second?.quote_id }]
    })
    expect(two.text).toContain("the legs of an order have one underlying")
    const unknown = await broker.call("preview_order", {
      ...asked,
      legs: [first, { symbol: "ZZZZ 150417P00100000", side: "BUY", quote_id: second?.quote_id }]
    })
    expect(unknown.text).toContain("InstrumentNotFound")
  })

  it("a quote of another contract", async () => {
    const asked = await terms()
    const [first, second] = asked.legs
    const answer = await broker.call("place_order", {
      ...asked,
      legs: [first, { ...second, quote_id: "q-0123456789abcdef" }]
    })
    expect(answer.text).toContain("denied by the rule quote-freshness")
  })
})
