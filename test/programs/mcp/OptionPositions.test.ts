/** Options that are held, as the broker's and the portfolio's tools tell them, on the day before they end. */
import { rmSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { instrumentId } from "../../../src/domain/Identifiers.ts"
import { Broker } from "../../../src/execution/Broker.ts"
import { brokerServer } from "../../../src/programs/mcp/broker/BrokerServer.ts"
import { portfolioServer } from "../../../src/programs/mcp/portfolio/PortfolioServer.ts"
import { newProject, serveDesk, type ServedDesk } from "./McpDesk.ts"

const config = { market: { source: "embedded", start: "2015-03-19" }, limits: { profile: "desk" } }
const sold = "AAPL 150320P00129000"
const bought = "AAPL 150320P00128000"
const id = "AAPL-VERTICAL-150320-P-128-129"

let folder: string
let broker: ServedDesk
let portfolio: ServedDesk

const leg = async (symbol: string, side: "BUY" | "SELL") => {
  const quote = await broker.onDesk(Broker.use((desk) => desk.quote(instrumentId(`${symbol}.OPRA`))))
  return { symbol, side, quote_id: quote.quoteId }
}

beforeAll(async () => {
  folder = newProject(config)
  broker = await serveDesk(brokerServer({ requirePermit: false }), { folder })
  portfolio = await serveDesk(portfolioServer, { folder })
})
afterAll(async () => {
  await broker.close()
  await portfolio.close()
  rmSync(folder, { recursive: true, force: true })
})

describe("without options", () => {
  it("nothing is told of any", async () => {
    expect((await broker.call("get_positions")).value).toMatchObject({
      positions: [],
      structures: [],
      warnings: [],
      warning_count: 0
    })
    expect((await portfolio.call("get_exposure")).value).toMatchObject({
      by_underlying: [],
      by_expiry: [],
      options_left_out: 0
    })
    expect((await portfolio.call("get_risk_metrics")).value).toMatchObject({ options: null })
    expect((await portfolio.call("get_portfolio_summary")).value).toMatchObject({ options: null })
  })
})

describe("with a vertical on the day before its end", () => {
  beforeAll(async () => {
    const answer = await broker.call("place_order", {
      legs: [await leg(sold, "SELL"), await leg(bought, "BUY")],
      quantity: 2,
      rationale: "a test"
    })
    expect(answer.text).toContain("Filled")
  })

  it("get_positions has the structure with its name, the contracts with their Greeks, and the warning", async () => {
    const { text, value } = await broker.call("get_positions")
    expect(value).toMatchObject({
      structures: [
        {
          id,
          title: "AAPL bull put vertical 2015-03-20 129/128",
          units: 2,
          legs: [
            { symbol: bought, quantity: "2" },
            { symbol: sold, quantity: "-2" }
          ]
        }
      ],
      structures_left_out: 0,
      warnings: [{ kind: "EXPIRING_SHORT" }],
      positions: [
        {
          symbol: bought,
          quantity: "2",
          option: { underlying: "AAPL", right: "PUT", strike: "128", expiry: "2015-03-20", shares: "100" }
        },
        { symbol: sold, option: { greeks: { delta_shares: expect.any(Number), iv: expect.any(Number) } } }
      ]
    })
    expect(text).toContain(id)
    expect(text).toContain("EXPIRING_SHORT")
  })

  it("get_exposure has delta, Greeks and the worst case by underlying, and Greeks by expiry", async () => {
    const { text, value } = await portfolio.call("get_exposure")
    expect(value).toMatchObject({
      by_underlying: [
        {
          underlying: "AAPL",
          delta_shares: expect.any(Number),
          delta_notional: expect.stringMatching(/^\d/u),
          vega_per_point: expect.any(String),
          theta_per_day: expect.any(String),
          worst_case: expect.stringMatching(/^-\d+\.\d\d$/u)
        }
      ],
      by_expiry: [{ expiry: "2015-03-20" }]
    })
    expect(text).toContain("Options on AAPL")
  })

  it("get_risk_metrics has Greeks against their limits, and counts options by their delta", async () => {
    const { value } = await portfolio.call("get_risk_metrics")
    expect(value).toMatchObject({
      holdings: { count: 2, by_delta: 2, left_out_count: 0 },
      options: {
        worst_case: expect.stringMatching(/^-\d+\.\d\d$/u),
        limits: [
          { greek: "vega", of: "AAPL", limit: 0.01 },
          { greek: "vega", of: "all", limit: 0.02 },
          { greek: "gamma", of: "AAPL" },
          { greek: "gamma", of: "all" },
          { greek: "theta", of: "AAPL" },
          { greek: "theta", of: "all" }
        ]
      }
    })
    expect(value).toMatchObject({ value_at_risk: [{ var: expect.stringMatching(/^-\d/u) }, {}, {}, {}] })
  })

  it("get_portfolio_summary has a line", async () => {
    const { value } = await portfolio.call("get_portfolio_summary")
    expect(value).toMatchObject({
      options: expect.stringMatching(
        /^2 option positions in 1 structure; next expiry 2015-03-20; delta [\d.]+, .*warnings: EXPIRING_SHORT/u
      )
    })
  })

  it("close_position closes it by the id that get_positions gave", async () => {
    expect((await broker.call("close_position", { symbol: id, rationale: "a test" })).text).toContain(
      "Filled"
    )
    expect((await broker.call("get_positions")).value).toMatchObject({ positions: [], structures: [] })
  })
})
