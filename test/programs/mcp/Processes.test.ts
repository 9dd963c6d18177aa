/** The servers as Claude Code starts them: processes on one desk, over standard input and output. */
import { spawn } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { serverNames } from "../../../src/programs/mcp/ServerNames.ts"
import { buildIfStale, launcher, runProgram } from "../../e2e/Program.ts"
import { newProject } from "./McpDesk.ts"

const config = { market: { source: "embedded", start: "2015-03-02" } }

const folders: Array<string> = []
const project = (): string => {
  const folder = newProject(config)
  folders.push(folder)
  return folder
}

beforeAll(buildIfStale)
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const connect = async (folder: string, args: ReadonlyArray<string>) => {
  const transport = new StdioClientTransport({
    command: launcher,
    args: ["mcp", ...args],
    cwd: folder,
    stderr: "ignore"
  })
  const client = new Client({ name: "test", version: "1" })
  await client.connect(transport)
  const call = async (name: string, wireArguments: Readonly<Record<string, unknown>> = {}) => {
    const result = await client.callTool({ name, arguments: { ...wireArguments } })
    const value = result.structuredContent
    return {
      value: typeof value === "object" && value !== null ? { ...value } : {},
      text: JSON.stringify(result.content),
      isError: result.isError === true
    }
  }
  return { call, client, pid: transport.pid, close: () => client.close() }
}

type Connected = Awaited<ReturnType<typeof connect>>

const textOf = (value: object, ...path: ReadonlyArray<string>): string => {
  let at: unknown = value
  for (const part of path) at = typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined
  return String(at)
}

const buy = async (market: Connected, broker: Connected, quantity: number, more: object = {}) => {
  const quote = await market.call("get_quote", { symbol: "AAPL" })
  return broker.call("place_order", {
    symbol: "AAPL",
    side: "BUY",
    quantity,
    quote_id: textOf(quote.value, "quote_id"),
    rationale: "a test",
    ...more
  })
}

describe("a server process", () => {
  it.each(serverNames)(
    "%s says nothing but the protocol on standard output, whatever it is told",
    async (name) => {
      const child = spawn(launcher, ["mcp", name], { cwd: project(), stdio: ["pipe", "pipe", "pipe"] })
      let out = ""
      child.stdout.on("data", (chunk) => (out += String(chunk)))
      const ended = new Promise<number | null>((done) => child.on("close", done))
      const answered = (id: number) =>
        new Promise<void>((done) => {
          const look = () => {
            if (out.includes(`"id":${id}`)) done()
            else child.stdout.once("data", look)
          }
          look()
        })
      const say = (message: unknown) =>
        child.stdin.write(`${typeof message === "string" ? message : JSON.stringify(message)}\n`)
      say({
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } }
      })
      await answered(1)
      say({ jsonrpc: "2.0", method: "notifications/initialized" })
      say("this is no JSON")
      say({ jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "no_such_tool" } })
      say({ jsonrpc: "2.0", id: 3, method: "tools/call", params: { name: "health_check", arguments: {} } })
      await answered(2)
      await answered(3)
      child.stdin.end()
      expect(await ended).toBe(0)
      for (const line of out.trim().split("\n")) {
        expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" })
      }
      expect(out).toContain(`did you mean`)
    }
  )

  it.each([
    ["--require-permit", "false"],
    ["--require-permit=false"],
    ["--no-require-permit"],
    ["--require-permit", "--no-require-permit"]
  ])("does not start with a flag that could turn permits off: %s %s", async (...flags) => {
    const { code, out } = await runProgram(project(), ["mcp", "broker", ...flags.filter(Boolean)])
    expect({ code, out }).toEqual({ code: 64, out: "" })
  })

  it.each([
    ["mcp", ["market-data", "broker", "portfolio", "backtest"]],
    ["hook", ["risk-validator", "log-trade", "load-context", "parse-backtest", "algo-change-guard"]]
  ])("are all named in the help of plimsoll %s", async (command, names) => {
    const { code, out } = await runProgram(project(), [command, "--help"])
    expect(code).toBe(0)
    for (const name of names) expect(out).toContain(name)
  })

  it("that does not exist is bad usage, and the others are named", async () => {
    const { code, err } = await runProgram(project(), ["mcp", "brokr"])
    expect(code).toBe(64)
    expect(err).toContain("broker")
  })
})

describe("servers on one desk", () => {
  it("see at once what another one does", async () => {
    const folder = project()
    const market = await connect(folder, ["market-data"])
    const [broker, other, portfolio] = await Promise.all([
      connect(folder, ["broker"]),
      connect(folder, ["broker"]),
      connect(folder, ["portfolio"])
    ])
    const bought = await buy(market, broker, 7)
    expect(textOf(bought.value, "order", "status")).toBe("Filled")
    const seen = await other.call("explain_order", { order_id: textOf(bought.value, "order", "order_id") })
    expect(textOf(seen.value, "order", "status")).toBe("Filled")
    expect(JSON.stringify((await portfolio.call("get_portfolio_summary")).value)).toContain('"AAPL"')
    await other.call("halt_trading", { reason: "a test" })
    expect((await buy(market, broker, 8)).text).toContain("trading-state")
    await Promise.all([market, broker, other, portfolio].map((one) => one.close()))
  })

  it("take the orders of ten clients at once, and lose none", async () => {
    const folder = project()
    const market = await connect(folder, ["market-data"])
    const brokers = await Promise.all(Array.from({ length: 10 }, () => connect(folder, ["broker"])))
    // Each client sends orders of its own, and one that they all send: the same intention, once. Nineteen
    // orders in all, one below what the limits let work at once.
    const answers = await Promise.all(
      brokers.flatMap((broker, n) => [
        buy(market, broker, 1, { limit_price: `${90 + n}`, time_in_force: "GTC" }),
        ...(n < 8 ? [buy(market, broker, 2, { limit_price: `${60 + n}`, time_in_force: "GTC" })] : []),
        buy(market, broker, 3, { limit_price: "55", time_in_force: "GTC" })
      ])
    )
    expect(answers.filter(({ isError }) => isError).map(({ text }) => text)).toEqual([])
    const ids = new Set(answers.map(({ value }) => textOf(value, "order", "order_id")))
    expect(ids.size).toBe(19)
    const [first] = brokers
    const listed = await first?.call("get_orders", { limit: 100, working: true })
    expect(JSON.stringify(listed?.value).match(/"order_id"/gu)).toHaveLength(19)
    await Promise.all([market, ...brokers].map((one) => one.close()))
    const verified = await runProgram(folder, ["audit", "verify"])
    expect(verified.code).toBe(0)
  })

  it("finish what is on its way when their client leaves", async () => {
    const folder = project()
    const market = await connect(folder, ["market-data"])
    const broker = await connect(folder, ["broker"])
    const quote = await market.call("get_quote", { symbol: "AAPL" })
    // Written, and the client's end closed before the answer.
    const asked = broker.call("place_order", {
      symbol: "AAPL",
      side: "BUY",
      quantity: 1,
      quote_id: textOf(quote.value, "quote_id"),
      rationale: "a test"
    })
    await broker.close()
    await Promise.allSettled([asked])
    const other = await connect(folder, ["broker"])
    const fills = await other.call("get_fills")
    expect(JSON.stringify(fills.value).match(/"trade_id"/gu)).toHaveLength(1)
    await Promise.all([market, other].map((one) => one.close()))
  })

  it("leave a consistent desk when they are killed in mid-call", async () => {
    const folder = project()
    const market = await connect(folder, ["market-data"])
    const asked: Array<string> = []
    for (let round = 0; round < 6; round++) {
      const broker = await connect(folder, ["broker"])
      const placing = Array.from({ length: 4 }, (_, n) => {
        const rationale = `round ${round}, order ${n}`
        asked.push(rationale)
        return buy(market, broker, round + 1, { limit_price: `${60 + n}`, time_in_force: "GTC", rationale })
      })
      // The first one that is answered is not the last: the others are somewhere on their way.
      await Promise.race(placing)
      if (broker.pid !== null) process.kill(broker.pid, "SIGKILL")
      await Promise.allSettled(placing)
    }
    const after = await connect(folder, ["broker"])
    const listed = await after.call("get_orders", { limit: 100 })
    const orders = JSON.stringify(listed.value)
    expect(orders).not.toContain('"Unknown"')
    await Promise.all([market, after].map((one) => one.close()))
    const checked = await runProgram(folder, ["recover", "--check"])
    expect(checked.code, checked.out + checked.err).toBe(0)
    expect((await runProgram(folder, ["audit", "verify"])).code).toBe(0)
    expect((orders.match(/"order_id"/gu) ?? []).length).toBeLessThanOrEqual(asked.length)
  })
})

describe("the backtest server's process", () => {
  const strategy = (name: string, onBar: string) => `import { defineStrategy } from "plimsoll/strategy"
console.log("said while it was loaded")
export default defineStrategy({
  name: "${name}",
  title: "${name}",
  summary: "Of a test.",
  instruments: { least: 1, most: 1 },
  parameters: {},
  make: () => ({ onBar: (context) => { console.log("said while it was asked"); ${onBar} } })
})
`
  const dates = { start_date: "2012-01-03", end_date: "2012-06-29", symbols: ["SPX-REPLAY"] }

  it("plays strategies of the project in threads, ends those that never come back, and keeps to the protocol", async () => {
    const folder = project()
    mkdirSync(join(folder, "algorithms"))
    writeFileSync(join(folder, "algorithms", "quiet.ts"), strategy("quiet", "return []"))
    writeFileSync(join(folder, "algorithms", "endless.ts"), strategy("endless", "for (;;);"))
    const server = await connect(folder, ["backtest"])
    const abort = new AbortController()
    const canceled = server.client.callTool(
      { name: "run_backtest", arguments: { algorithm: "endless", ...dates } },
      undefined,
      { signal: abort.signal }
    )
    const refused = expect(canceled).rejects.toThrow()
    let running = "[]"
    while (running === "[]") {
      running =
        JSON.stringify((await server.call("list_backtests")).value).match(/"running":(\[.*?\])/u)?.[1] ?? ""
    }
    expect(running).toContain("endless-")
    abort.abort()
    await refused
    const heard: Array<number> = []
    const played = await server.client.callTool(
      { name: "run_backtest", arguments: { algorithm: "quiet", ...dates } },
      undefined,
      { onprogress: ({ progress }) => heard.push(progress) }
    )
    expect(played.isError, JSON.stringify(played.content)).not.toBe(true)
    expect(JSON.stringify(played.structuredContent)).toContain("it sent no order")
    expect(heard.at(-1)).toBe(125)
    const swept = await server.call("run_sensitivity", {
      ...dates,
      algorithm: "sma-cross",
      grid: ["fast=5,8", "slow=20"]
    })
    expect(swept.isError, swept.text).toBe(false)
    expect(textOf(swept.value, "figures", "done")).toBe("2")
    await server.close()
  })
})
