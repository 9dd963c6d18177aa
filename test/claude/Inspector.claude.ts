/** The servers through another client: the inspector's command line, fetched on demand like Claude Code. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { serverNames } from "../../src/programs/mcp/ServerNames.ts"
import { plimsoll, repository } from "./Project.ts"

const INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"

const folder = mkdtempSync(join(tmpdir(), "plimsoll-inspector-"))
beforeAll(() => plimsoll(folder, "init"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the inspector prints: the answer as JSON. */
const inspect = (server: string, ...args: ReadonlyArray<string>): Promise<unknown> =>
  new Promise((done, fail) => {
    const child = spawn(
      "npx",
      ["-y", INSPECTOR, "--cli", join(repository, "bin/plimsoll"), "mcp", server, ...args],
      { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }
    )
    let out = ""
    let err = ""
    child.stdout.on("data", (chunk) => (out += String(chunk)))
    child.stderr.on("data", (chunk) => (err += String(chunk)))
    child.on("close", (code) => {
      try {
        done(JSON.parse(out.slice(out.indexOf("{"), out.lastIndexOf("}") + 1)))
      } catch {
        fail(new Error(`the inspector ended with ${code}:\n${out}${err}`))
      }
    })
  })

const call = (server: string, tool: string, ...args: ReadonlyArray<string>) =>
  inspect(
    server,
    "--method",
    "tools/call",
    "--tool-name",
    tool,
    ...args.flatMap((argument) => ["--tool-arg", argument])
  )

describe("the inspector", () => {
  it.each(serverNames)("lists the tools of %s and gets an answer of its health", async (server) => {
    const listed = await inspect(server, "--method", "tools/list")
    expect(JSON.stringify(listed)).toContain('"health_check"')
    expect(await call(server, "health_check")).toMatchObject({
      structuredContent: { server, status: "ok", trading_mode: "paper" }
    })
  })

  it("orders on a quote it was given, and is told why an order is denied", async () => {
    const quote = JSON.stringify(await call("market-data", "get_quote", "symbol=AAPL"))
    const [id = "none"] = /q-[0-9a-f]{16}/u.exec(quote) ?? []
    const order = ["symbol=AAPL", "side=BUY", `quote_id=${id}`, "rationale=a look"]
    expect(await call("broker", "place_order", ...order, "quantity=2")).toMatchObject({
      structuredContent: { order: { status: "Filled" }, trading_state: "Active" }
    })
    expect(await call("broker", "place_order", ...order, "quantity=2000")).toMatchObject({ isError: true })
  })
})
