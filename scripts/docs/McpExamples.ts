/** Real calls and their real answers: every tool, asked on a new desk that starts at a fixed session. */
import { rmSync } from "node:fs"
import { Effect } from "effect"
import { quoteId } from "../../src/domain/Identifiers.ts"
import { argumentsHashOf, PermitTool, type Permit } from "../../src/execution/Permit.ts"
import { PermitStore } from "../../src/execution/PermitStore.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import { deskFolderAt } from "../../src/programs/DeskFolder.ts"
import { backtestServerIn } from "../../src/programs/mcp/backtest/BacktestServer.ts"
import { brokerServer } from "../../src/programs/mcp/broker/BrokerServer.ts"
import type { ServerDefinition } from "../../src/programs/mcp/kit/McpServer.ts"
import { marketDataServer } from "../../src/programs/mcp/market-data/MarketDataServer.ts"
import { portfolioServer } from "../../src/programs/mcp/portfolio/PortfolioServer.ts"
import { type Answered, newProject, serveDesk, type ServedDesk } from "../../test/programs/mcp/McpDesk.ts"

type Arguments = Readonly<Record<string, unknown>>

export interface Example {
  readonly server: string
  readonly tool: string
  /** What is shown, where a tool has more than one example. */
  readonly title: string
  readonly args: Arguments
  readonly answer: Answered
}

/** A tool as a server lists it to its client. */
export interface ListedTool {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly inputSchema: unknown
  readonly outputSchema?: unknown
  readonly annotations?:
    | {
        readonly readOnlyHint?: boolean | undefined
        readonly destructiveHint?: boolean | undefined
      }
    | undefined
}

export interface ShownServer {
  readonly definition: ServerDefinition
  readonly listed: ReadonlyArray<ListedTool>
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Session and limits of the examples' desk. */
const config = { market: { source: "embedded", start: "2015-03-02" }, limits: { profile: "desk" } }

/** What differs from one machine or minute to the next, and what stands in its place. */
const VOLATILE: Readonly<Record<string, unknown>> = {
  wall_time: "2026-01-02T15:04:05.000000Z",
  audit_hash: "5f2b1c9e07d4a386",
  desk_folder: "/home/you/plimsoll/.plimsoll",
  uptime_seconds: 42,
  mean_ms: 3.1,
  ran_at: "2026-01-02T15:04:05.000000Z",
  result_hash: "9c1e4f0a7d3b2586"
}

/** How long ago the hook left its permit. */
const PERMIT_SECONDS = 0.048

/** Texts of this machine or minute, and what is shown in their place. */
type Stands = ReadonlyMap<string, string>

const settledText = (text: string, stands: Stands): string =>
  [...stands].reduce((told, [from, to]) => told.replaceAll(from, to), text)

const settled = (value: unknown, stands: Stands): unknown => {
  if (typeof value === "string") return settledText(value, stands)
  if (Array.isArray(value)) return value.map((item) => settled(item, stands))
  if (!isRecord(value)) return value
  const { rule, value: measured } = value
  const settledValue = rule === "permit" && measured !== null ? { ...value, value: PERMIT_SECONDS } : value
  return Object.fromEntries(
    Object.entries(settledValue).map(([key, inner]) => [
      key,
      Object.hasOwn(VOLATILE, key) && inner !== null ? VOLATILE[key] : settled(inner, stands)
    ])
  )
}

/** A failure's text: words, and in a last line of its own the details as JSON. */
const settledFailure = (text: string, stands: Stands): string =>
  text
    .split("\n")
    .map((line) =>
      line.startsWith("{") ? JSON.stringify(settled(JSON.parse(line), stands)) : settledText(line, stands)
    )
    .join("\n")

/** The text at a path of an answer; an answer without it spoils the documentation. */
const textAt = (answer: Answered, ...path: ReadonlyArray<string>): string => {
  let at: unknown = answer.value
  for (const key of path) at = isRecord(at) ? at[key] : undefined
  if (typeof at !== "string") throw new Error(`an answer has no ${path.join(".")}: ${answer.text}`)
  return at
}

/** The list at a field of an answer. */
const listAt = (value: Arguments, name: string): ReadonlyArray<unknown> => {
  const found = value[name]
  return Array.isArray(found) ? found : []
}

const isPermitTool = (name: string): name is PermitTool => PermitTool.literals.some((known) => known === name)

/** Leaves the permit that the hook risk-validator would. */
const permit = (desk: ServedDesk, callId: string, tool: PermitTool, args: Arguments) =>
  desk.onDesk(
    Effect.gen(function* () {
      const steadyAt = yield* SteadyClock.use((clock) => clock.now)
      const { quote_id: quote } = args
      const left: Permit = {
        callId,
        tool,
        argumentsHash: argumentsHashOf(tool, args),
        agent: "main",
        sessionId: "example",
        steadyAt,
        ...(typeof quote === "string" ? { quoteId: quoteId(quote) } : {})
      }
      yield* PermitStore.use((store) => store.put(left))
    })
  )

/** The four servers on one desk, and what was asked of them. */
class Examples {
  readonly all: Array<Example> = []
  readonly desks: ReadonlyMap<string, ServedDesk>
  readonly #stands: Map<string, string>

  constructor(desks: ReadonlyMap<string, ServedDesk>, folder: string) {
    this.desks = desks
    this.#stands = new Map([[folder, "/home/you/plimsoll"]])
  }

  desk(server: string): ServedDesk {
    const desk = this.desks.get(server)
    if (desk === undefined) throw new Error(`no server ${server}`)
    return desk
  }

  /** Shows `shown` in the place of a text that is of this minute. */
  stand(text: string, shown: string): void {
    this.#stands.set(text, shown)
  }

  /** Calls a tool and keeps the call with its answer, which it gives as it came. */
  async ask(server: string, tool: string, args: Arguments = {}, title = ""): Promise<Answered> {
    const desk = this.desk(server)
    const callId = `toolu_${this.all.length}`
    if (isPermitTool(tool)) await permit(desk, callId, tool, args)
    const answer = await desk.call(tool, args, callId)
    this.all.push({ server, tool, title, args, answer })
    return answer
  }

  /** What is shown, the same on every machine. */
  get settled(): ReadonlyArray<Example> {
    const record = (value: unknown): Arguments => {
      const told = settled(value, this.#stands)
      return isRecord(told) ? told : {}
    }
    return this.all.map((example) => ({
      ...example,
      args: record(example.args),
      answer: {
        ...example.answer,
        value: record(example.answer.value),
        text: settledFailure(example.answer.text, this.#stands)
      }
    }))
  }
}

const quoteIdOf = async (examples: Examples): Promise<string> =>
  textAt(await examples.desk("market-data").call("get_quote", { symbol: "AAPL" }), "quote_id")

const askMarket = async (examples: Examples): Promise<void> => {
  await examples.ask("market-data", "get_market_status")
  await examples.ask("market-data", "search_instruments", { query: "apple" })
  await examples.ask("market-data", "get_quote", { symbol: "AAPL" })
  await examples.ask("market-data", "get_historical", { symbol: "AAPL", period: "1w" })
  await examples.ask("market-data", "get_option_chain", { symbol: "AAPL", expiry_range: "30d" })
  await examples.ask("market-data", "get_greeks", { contract: "AAPL 2015-04-17 125 P" })
  await examples.ask("market-data", "get_vol_surface", { symbol: "SPX-REPLAY" })
  await examples.ask("market-data", "health_check")
}

const askOrders = async (examples: Examples): Promise<void> => {
  const order = {
    symbol: "AAPL",
    side: "BUY",
    quantity: "20",
    quote_id: await quoteIdOf(examples),
    rationale: "above its 200-day average; about 2.5% of equity"
  }
  await examples.ask("broker", "preview_order", order)
  const filled = await examples.ask("broker", "place_order", order, "An order that fills")
  await examples.ask("broker", "place_order", { ...order, quantity: "500" }, "An order over a limit")
  const patient = { ...order, quantity: "10", limit_price: "120", time_in_force: "GTC" }
  const working = await examples.ask("broker", "place_order", patient, "A limit order that works")
  const workingId = textAt(working, "order", "order_id")
  await examples.ask("broker", "get_orders", { working: true })
  await examples.ask("broker", "replace_order", {
    order_id: workingId,
    quote_id: order.quote_id,
    limit_price: "118.50",
    rationale: "the support is lower than thought"
  })
  await examples.ask("broker", "cancel_order", { order_id: workingId })
  await examples.ask("broker", "get_positions")
  await examples.ask("broker", "get_fills", { limit: 5 })
  await examples.ask("broker", "explain_order", { order_id: textAt(filled, "order", "order_id") })
  await examples.ask("broker", "get_trading_state")
}

/** A row of the chain: the put of this strike, and the quote it may be ordered on. */
const putOf = (chain: Answered, strike: string): Readonly<Record<"symbol" | "quote_id", string>> => {
  const rows = listAt(chain.value, "contracts").filter(Array.isArray)
  const row = rows.find(([, right, struck]) => right === "PUT" && struck === strike)
  const [symbol, quote] = [row?.[0], row?.at(-1)]
  if (typeof symbol !== "string" || typeof quote !== "string")
    throw new Error(`no put of ${strike} in the chain`)
  return { symbol, quote_id: quote }
}

const askStructures = async (examples: Examples): Promise<void> => {
  const asked = { symbol: "AAPL", expiry_range: "2015-04-17", right: "PUT", strikes: 8 }
  const chain = await examples.desk("market-data").call("get_option_chain", asked)
  const spread = {
    legs: [
      { ...putOf(chain, "125.00"), side: "SELL" },
      { ...putOf(chain, "120.00"), side: "BUY" }
    ],
    quantity: "2",
    limit_price: "-1.05",
    rationale: "above 125 in April, or $790 lost at the most"
  }
  await examples.ask("broker", "preview_order", spread, "Two legs of a chain")
  await examples.ask("broker", "place_order", spread, "Two legs that fill together")
  await examples.ask(
    "broker",
    "close_position",
    { symbol: "AAPL-VERTICAL-150417-P-120-125", rationale: "half of the credit is earned" },
    "A structure, whole"
  )
}

const askPortfolio = async (examples: Examples): Promise<void> => {
  await examples.ask("portfolio", "get_portfolio_summary")
  await examples.ask("portfolio", "get_exposure")
  await examples.ask("portfolio", "get_daily_pnl")
  await examples.ask("portfolio", "get_risk_metrics")
}

const askBacktests = async (examples: Examples): Promise<void> => {
  const run = {
    algorithm: "sma-cross",
    symbols: ["SPX-REPLAY"],
    start_date: "2010-01-04",
    end_date: "2012-12-31"
  }
  const asked = { ...run, parameters: ["fast=8", "slow=60"] }
  const cross = textAt(await examples.ask("backtest", "run_backtest", asked), "backtest_id")
  const held = { ...run, algorithm: "buy-and-hold" }
  const holding = textAt(await examples.desk("backtest").call("run_backtest", held), "backtest_id")
  // Made of the inputs, this program's version among them.
  examples.stand(cross, "sma-cross-3f9a0c1b2d")
  examples.stand(holding, "buy-and-hold-71e05c88aa")
  await examples.ask("backtest", "get_backtest_results", {
    backtest_id: cross,
    sections: ["trades"],
    limit: 2
  })
  await examples.ask("backtest", "compare_backtests", { ids: [cross, holding] })
  await examples.ask("backtest", "list_backtests")
  const grid = { ...run, grid: ["fast=5,8,10", "slow=50..60:10"], costs: "none", profile: "research" }
  const sweep = await examples.ask("backtest", "run_sensitivity", grid)
  examples.stand(textAt(sweep, "sweep_id"), "sma-cross-90c2f4d17e")
  const windows = { ...grid, train: 90, test: 40 }
  const walk = await examples.ask("backtest", "run_walk_forward", windows)
  examples.stand(textAt(walk, "walk_forward_id"), "sma-cross-5d13be80f2")
  await examples.ask("backtest", "run_monte_carlo", { backtest_id: cross, method: "block" })
}

const askEnd = async (examples: Examples): Promise<void> => {
  await examples.ask("broker", "close_position", {
    symbol: "AAPL",
    rationale: "the average was lost at the close"
  })
  await examples.ask("broker", "cancel_all")
  await examples.ask("broker", "halt_trading", { reason: "figures that do not add up" })
}

/** Asks every tool at least once, and gives the servers as they list themselves. */
export const mcpExamples = async (): Promise<{
  readonly servers: ReadonlyArray<ShownServer>
  readonly examples: ReadonlyArray<Example>
}> => {
  const folder = newProject(config)
  const definitions = [
    marketDataServer,
    brokerServer({ requirePermit: true }),
    portfolioServer,
    backtestServerIn(() => deskFolderAt(folder, undefined))
  ]
  const desks = new Map<string, ServedDesk>()
  try {
    // One after the other: the first makes the desk.
    for (const definition of definitions) {
      desks.set(definition.name, await serveDesk(definition, { folder }))
    }
    const examples = new Examples(desks, folder)
    for (const part of [askMarket, askOrders, askStructures, askPortfolio, askBacktests, askEnd])
      await part(examples)
    const servers = await Promise.all(
      definitions.map(async (definition) => {
        const { tools } = await examples.desk(definition.name).client.listTools()
        return { definition, listed: tools }
      })
    )
    return { servers, examples: examples.settled }
  } finally {
    for (const desk of desks.values()) await desk.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
