/** The servers on a desk whose price file is gone, and on one whose configuration is broken. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { instrumentId } from "../../../src/domain/Identifiers.ts"
import { Broker } from "../../../src/execution/Broker.ts"
import { brokerServer } from "../../../src/programs/mcp/broker/BrokerServer.ts"
import { portfolioServer } from "../../../src/programs/mcp/portfolio/PortfolioServer.ts"
import { newProject, serveDesk, type ServedDesk } from "./McpDesk.ts"

const rows = ["2019-03-04", "2019-03-05", "2019-03-06"].map((date) => `${date},100,100,100,100,100000`)

/** A desk that holds five shares and has an order working, and how the order is called. */
const traded = async (): Promise<{ readonly folder: string; readonly id: string }> => {
  const folder = newProject({ market: { source: "csv", files: { FUND: "prices/fund.csv" } } })
  mkdirSync(join(folder, "prices"))
  writeFileSync(join(folder, "prices/fund.csv"), `date,open,high,low,close,volume\n${rows.join("\n")}\n`)
  const desk = await serveDesk(brokerServer({ requirePermit: false }), { folder })
  const { quoteId } = await desk.onDesk(Broker.use((broker) => broker.quote(instrumentId("FUND.XNYS"))))
  const order = { symbol: "FUND", side: "BUY", quantity: 5, quote_id: quoteId, rationale: "a test" }
  const bought = await desk.call("place_order", order)
  if (bought.isError) throw new Error(bought.text)
  await desk.call("place_order", { ...order, limit_price: "99", time_in_force: "GTC" })
  const id = await workingOrder(desk)
  await desk.close()
  return { folder, id }
}

const workingOrder = async (desk: ServedDesk): Promise<string> => {
  const { isError, text, value } = await desk.call("get_orders", { working: true })
  if (isError) throw new Error(text)
  const { orders } = value
  return Array.isArray(orders) ? String(orders[0]?.order_id) : ""
}

it("what is there can be looked at and what works canceled when the prices are gone", async () => {
  const { folder, id } = await traded()
  rmSync(join(folder, "prices"), { recursive: true })
  const desk = await serveDesk(brokerServer({ requirePermit: false }), { folder })
  expect(await workingOrder(desk)).toBe(id)
  expect((await desk.call("get_positions")).value).toMatchObject({
    positions: [{ symbol: "FUND", quantity: "5", mark: null, unrealised: null }]
  })
  expect((await desk.call("get_fills")).value).toMatchObject({ fills: [{ symbol: "FUND", quantity: "5" }] })
  expect((await desk.call("explain_order", { order_id: id })).value).toMatchObject({ rationale: "a test" })
  expect((await desk.call("cancel_order", { order_id: id })).value).toMatchObject({
    order: { order_id: id, status: "Canceled" }
  })
  await desk.close()

  const portfolio = await serveDesk(portfolioServer, { folder })
  expect((await portfolio.call("get_exposure")).value).toMatchObject({ unpriced: ["FUND"], equity: null })
  const { contents } = await portfolio.client.readResource({ uri: `plimsoll://orders/${id}` })
  expect(JSON.stringify(contents)).toContain("Canceled")
  await portfolio.close()
  rmSync(folder, { recursive: true })
})

it("health says so when no limits are in force, as no order passes then", async () => {
  const { folder } = await traded()
  writeFileSync(join(folder, "plimsoll.json"), '{ "market": ')
  const desk = await serveDesk(brokerServer({ requirePermit: false }), { folder })
  const { value } = await desk.call("health_check")
  expect(value).toMatchObject({ status: "failing", trading_state: "Active" })
  expect(value["problem"]).toContain("No order is accepted until it is mended")
  await desk.close()
  rmSync(folder, { recursive: true })
})
