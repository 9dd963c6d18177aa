import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Unusable } from "../../../../src/programs/hooks/kit/Hook.ts"
import { logTrade, MAX_LINE_BYTES, tradeLine } from "../../../../src/programs/hooks/log-trade/LogTrade.ts"
import { runHookScript, toolEventOf } from "../HookProcess.ts"

const script = new URL("../../../../src/programs/hooks/log-trade/main.ts", import.meta.url)

let project = ""
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "log-trade-"))
  writeFileSync(join(project, "plimsoll.json"), "{}")
})
afterEach(() => {
  rmSync(project, { recursive: true, force: true })
})

const order = { symbol: "SPX-REPLAY", side: "BUY", quantity: "2", quote_id: "q1", rationale: "a trend" }
const answered = (more: Readonly<Record<string, unknown>> = {}) =>
  toolEventOf("PostToolUse", "mcp__broker__place_order", order, {
    cwd: project,
    tool_response: '{"order_id":"o1","status":"FILLED"}',
    duration_ms: 41,
    ...more
  })

const run = (event: unknown, environment: Readonly<Record<string, string>> = {}) =>
  runHookScript(script, {
    stdin: typeof event === "string" ? event : JSON.stringify(event),
    environment: { CLAUDE_PROJECT_DIR: project, ...environment }
  })

const logged = (home = join(project, ".plimsoll")): ReadonlyArray<Record<string, unknown>> => {
  const folder = join(home, "trades")
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
  )
}

const lineOf = (event: Record<string, unknown>, millis = 0) => {
  const facts = logTrade.input(event)
  if (facts instanceof Unusable) throw new Error(facts.problem)
  return tradeLine(facts, millis)
}

describe("a call of a broker's tool", () => {
  it("is a line with who, what, what came of it, and how long it took", async () => {
    expect(await run(answered())).toEqual({ code: 0, signal: null, stdout: "", stderr: "" })
    const [line, ...others] = logged()
    expect(others).toEqual([])
    expect(line).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u),
      session_id: "session-1",
      agent: "main",
      agent_id: null,
      tool_use_id: "toolu_1",
      tool: "mcp__broker__place_order",
      inputs: order,
      outputs: { order_id: "o1", status: "FILLED" },
      duration_ms: 41,
      permission_mode: "default"
    })
  })

  it("that failed is a line with its error", async () => {
    const event = { ...answered({ error: "the market is closed" }), hook_event_name: "PostToolUseFailure" }
    expect((await run(event)).code).toBe(0)
    expect(logged()).toMatchObject([{ error: "the market is closed", inputs: order }])
    expect(logged()[0]).not.toHaveProperty("outputs")
  })

  it.each([
    "mcp__broker__cancel_order",
    "mcp__plugin_plimsoll_broker__place_order",
    "mcp__broker__get_quote_or_new"
  ])("is one by the name the client gives it: %s", (tool) => {
    expect(lineOf(answered({ tool_name: tool }))).toMatchObject({ tool })
  })

  it("of a subagent names the agent", () => {
    expect(lineOf(answered({ agent_id: "a7", agent_type: "strategy-dev" }))).toMatchObject({
      agent: "strategy-dev",
      agent_id: "a7"
    })
  })

  it("is kept by the day in New York, not by the UTC day, and for its owner only", async () => {
    await run(answered())
    const folder = join(project, ".plimsoll", "trades")
    const days = [Date.now() - 60_000, Date.now()].map((millis) =>
      new Intl.DateTimeFormat("sv-SE", { timeZone: "America/New_York", dateStyle: "short" }).format(millis)
    )
    const [name = ""] = readdirSync(folder)
    expect(days.map((day) => `${day}.jsonl`)).toContain(name)
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  it("is kept where PLIMSOLL_HOME says", async () => {
    await run(answered(), { PLIMSOLL_HOME: join(project, "elsewhere") })
    expect(logged(join(project, "elsewhere"))).toHaveLength(1)
  })

  it("is kept in the project of the event's folder where the client names none", async () => {
    mkdirSync(join(project, "deep"))
    await run(answered({ cwd: join(project, "deep") }), { CLAUDE_PROJECT_DIR: "" })
    expect(logged()).toHaveLength(1)
  })

  it("of many processes at once is a line each", async () => {
    const ids = Array.from({ length: 16 }, (_, n) => `toolu_${n}`)
    const ends = await Promise.all(
      ids.map((id) =>
        run(answered({ tool_use_id: id, tool_response: JSON.stringify({ id, text: id.repeat(5_000) }) }))
      )
    )
    expect(ends.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      ids.map(() => ({ code: 0, stderr: "" }))
    )
    expect(new Set(logged().map((line) => line["tool_use_id"]))).toEqual(new Set(ids))
  })
})

describe("a line", () => {
  it("holds no secrets", () => {
    const line = JSON.stringify(
      lineOf(
        answered({
          tool_input: { ...order, api_key: "hunter2", rationale: "with sk-ant-api03-abcdefghijklmnopqrst" },
          tool_response: JSON.stringify({
            next: "postgres://u:hunter2@db/x",
            headers: { Authorization: "hunter2" }
          })
        })
      )
    )
    expect(line).not.toContain("hunter2")
    expect(line).not.toContain("sk-ant-api03")
    expect(line).toContain("[redacted]")
  })

  it.each([
    ["outputs", { tool_response: JSON.stringify({ text: "é".repeat(400_000) }) }],
    ["inputs", { tool_input: { rationale: "\u0000".repeat(200_000) } }],
    ["error", { hook_event_name: "PostToolUseFailure", error: "x".repeat(900_000) }],
    ["tool_use_id", { tool_use_id: "y".repeat(900_000) }]
  ])("is at most 64 KB and says what was cut: %s", (name, more) => {
    const line = lineOf(answered(more))
    expect(Buffer.byteLength(`${JSON.stringify(line)}\n`)).toBeLessThanOrEqual(MAX_LINE_BYTES)
    expect(line["cut"]).toEqual({ [name]: expect.any(Number) })
  })

  it("is at most 64 KB when everything is long", () => {
    const long = "z".repeat(500_000)
    const line = lineOf(
      answered({
        tool_input: { long },
        tool_response: long,
        tool_use_id: long,
        session_id: long,
        agent_type: long,
        permission_mode: long
      })
    )
    expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThanOrEqual(MAX_LINE_BYTES)
  })
})

describe("what cannot be logged", () => {
  it("is said with exit 1, not swallowed: a folder that cannot be made", async () => {
    writeFileSync(join(project, ".plimsoll"), "")
    const { code, stdout, stderr } = await run(answered())
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toContain("the call toolu_1 of mcp__broker__place_order is not in the log")
  })

  it.each([
    ["an empty event", ""],
    ["half an event", '{"hook_event_name":"PostToolUse","tool_na'],
    ["another event", JSON.stringify({ ...answered(), hook_event_name: "PreToolUse" })],
    ["another server's tool", JSON.stringify(answered({ tool_name: "mcp__toy__place_order" }))],
    ["a bare name, which the client never says", JSON.stringify(answered({ tool_name: "place_order" }))]
  ])("is said with exit 1: %s", async (_, stdin) => {
    const { code, stderr } = await run(stdin)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^log-trade: /u)
  })
})
