/**
 * The MCP servers as a client meets them, beside a bare SDK server with one
 * echo tool in the same run: from the start of the process to the answer of
 * `initialize`, and a tool's round trip. `place_order` includes its durable
 * journal and audit entries. Besides, the sizes of what a model is told.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { DeskView } from "../src/execution/DeskView.ts"
import { deskFolderAt } from "../src/programs/DeskFolder.ts"
import { openDesk } from "../src/programs/DeskProgram.ts"
import { initDesk } from "../src/programs/InitDesk.ts"
import { SealedLimits } from "../src/risk/SealedLimits.ts"
import { bundled } from "../test/support/BundledScript.ts"
import { serverNames } from "../src/programs/mcp/ServerNames.ts"

const STARTS = 15
const CALLS = 400

const launcher = join(import.meta.dirname, "../bin/plimsoll")
const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))
writeFileSync(
  join(folder, "plimsoll.json"),
  JSON.stringify({
    market: { source: "embedded", start: "2015-03-02" },
    limits: { ordersPerMinute: null, duplicateWindowSeconds: 0 }
  })
)

/** The limits of the file are looser than the desk's: a person has accepted them. */
await Effect.runPromise(
  initDesk({
    folder: deskFolderAt(folder, undefined),
    holder: "bench",
    cash: undefined,
    actor: { kind: "person", name: "bench" }
  }).pipe(
    Effect.andThen(
      Effect.provide(
        Effect.gen(function* () {
          const sealed = yield* SealedLimits
          const { candidateHash } = yield* sealed.inForce
          const tsEvent = (yield* DeskView.use((view) => view.status)).now
          yield* sealed.accept({ actor: { kind: "person", name: "bench" }, candidateHash, tsEvent })
        }),
        openDesk(deskFolderAt(folder, undefined), "bench")
      )
    ),
    Effect.provide(NodeServices.layer)
  )
)

interface Command {
  readonly command: string
  readonly args: ReadonlyArray<string>
}

const echoCommand: Command = {
  command: process.execPath,
  args: [fileURLToPath(await bundled(new URL("./echoServer.ts", import.meta.url)))]
}
const serverCommand = (name: string): Command => ({ command: launcher, args: ["mcp", name] })

const quantile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN

const sinceMillis = (begun: bigint): number => Number(process.hrtime.bigint() - begun) / 1e6

/** The client has its answer to `initialize` once it is connected. */
const connect = async ({ args, command }: Command) => {
  const transport = new StdioClientTransport({ command, args: [...args], cwd: folder, stderr: "ignore" })
  const client = new Client({ name: "bench", version: "1" })
  const begun = process.hrtime.bigint()
  await client.connect(transport)
  return { client, startedMillis: sinceMillis(begun) }
}

const starts = async (commands: ReadonlyArray<Command>): Promise<ReadonlyArray<ReadonlyArray<number>>> => {
  const times = commands.map((): Array<number> => [])
  for (let round = -2; round < STARTS; round++) {
    for (const [index, command] of commands.entries()) {
      const { client, startedMillis } = await connect(command)
      await client.close()
      if (round >= 0) times[index]?.push(startedMillis)
    }
  }
  return times
}

let largest = { tool: "", characters: 0 }

const callOf =
  (
    client: Client,
    name: string,
    args: (n: number) => Promise<Record<string, unknown>> | Record<string, unknown>
  ) =>
  async (n: number): Promise<number> => {
    const given = await args(n)
    const begun = process.hrtime.bigint()
    const result = await client.callTool({ name, arguments: given })
    const millis = sinceMillis(begun)
    const characters = JSON.stringify(result).length
    if (result.isError === true) throw new Error(`${name}: ${JSON.stringify(result.content)}`)
    if (characters > largest.characters) largest = { tool: name, characters }
    return millis
  }

const echo = await connect(echoCommand)
const market = await connect(serverCommand("market-data"))
const broker = await connect(serverCommand("broker"))
const portfolio = await connect(serverCommand("portfolio"))
const backtest = await connect(serverCommand("backtest"))

const quoteId = async (): Promise<string> => {
  const { structuredContent } = await market.client.callTool({
    name: "get_quote",
    arguments: { symbol: "AAPL" }
  })
  const id =
    typeof structuredContent === "object" && structuredContent !== null
      ? Reflect.get(structuredContent, "quote_id")
      : undefined
  return String(id)
}
const order = async (n: number) => ({
  symbol: "AAPL",
  side: n % 2 === 0 ? "BUY" : "SELL",
  quantity: 1,
  quote_id: await quoteId(),
  rationale: `number ${n}`,
  repeat: true
})

const tools = {
  "echo (bare SDK)": callOf(echo.client, "echo", () => ({ symbol: "AAPL" })),
  get_quote: callOf(market.client, "get_quote", () => ({ symbol: "AAPL" })),
  get_market_status: callOf(market.client, "get_market_status", () => ({})),
  get_historical: callOf(market.client, "get_historical", () => ({
    symbol: "AAPL",
    period: "1y",
    resolution: "1d"
  })),
  get_orders: callOf(broker.client, "get_orders", () => ({ limit: 100 })),
  get_trading_state: callOf(broker.client, "get_trading_state", () => ({})),
  preview_order: callOf(broker.client, "preview_order", order),
  place_order: callOf(broker.client, "place_order", order),
  get_portfolio_summary: callOf(portfolio.client, "get_portfolio_summary", () => ({})),
  get_risk_metrics: callOf(portfolio.client, "get_risk_metrics", () => ({})),
  list_backtests: callOf(backtest.client, "list_backtests", () => ({}))
}

const names = Object.keys(tools)
const times = new Map(names.map((name) => [name, Array<number>()]))
for (let n = -20; n < CALLS; n++) {
  for (const [name, call] of Object.entries(tools)) {
    const millis = await call(n + 20)
    if (n >= 0) times.get(name)?.push(millis)
  }
}

const definitions: Record<string, number> = {}
let inputs = 0
let outputs = 0
for (const [name, { client }] of Object.entries({ "market-data": market, broker, portfolio, backtest })) {
  const listed = (await client.listTools()).tools
  const told = listed.map(({ description, inputSchema, name: tool }) => ({
    name: tool,
    description,
    inputSchema
  }))
  definitions[name] = JSON.stringify(told).length
  inputs += JSON.stringify(told).length
  outputs += JSON.stringify(listed.map(({ outputSchema }) => outputSchema)).length
}
await Promise.all([echo, market, broker, portfolio, backtest].map(({ client }) => client.close()))

const [bare = [], ...own] = await starts([echoCommand, ...serverNames.map(serverCommand)])
rmSync(folder, { recursive: true, force: true })

const round = (millis: number): number => Number(millis.toFixed(2))
const base = times.get("echo (bare SDK)") ?? []
const startRows = serverNames.map((name, index) => ({
  name: `start ${name}`,
  p50: round(quantile(own[index] ?? [], 0.5)),
  p99: round(quantile(own[index] ?? [], 0.99)),
  baseline: round(quantile(bare, 0.5)),
  ratio: round(quantile(own[index] ?? [], 0.5) / quantile(bare, 0.5))
}))
const callRows = names.map((name) => {
  const values = times.get(name) ?? []
  return {
    name,
    p50: round(quantile(values, 0.5)),
    p99: round(quantile(values, 0.99)),
    baseline: round(quantile(base, 0.5)),
    ratio: round(quantile(values, 0.5) / quantile(base, 0.5))
  }
})
const sizes = { definitions, inputs, outputs, largest }

if (process.argv.includes("--json")) {
  process.stdout.write(
    `${JSON.stringify({ name: "mcp", unit: "ms", results: [...startRows, ...callRows], sizes })}\n`
  )
} else {
  for (const { baseline, name, p50, p99, ratio } of [...startRows, ...callRows]) {
    process.stdout.write(
      `${name.padEnd(24)}p50 ${p50} ms, p99 ${p99} ms, bare SDK p50 ${baseline} ms, ratio ${ratio}\n`
    )
  }
  process.stdout.write(
    `definitions (names, descriptions, input schemas): ${inputs} characters (${Object.entries(definitions)
      .map(([name, size]) => `${name} ${size}`)
      .join(", ")}); output schemas ${outputs}; largest answer ${largest.characters} (${largest.tool})\n`
  )
}
