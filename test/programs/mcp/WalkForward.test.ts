/** `run_walk_forward` through the SDK's client, in one process. */
import { existsSync, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { backtestServerIn } from "../../../src/programs/mcp/backtest/BacktestServer.ts"
import { serverNamed } from "../../../src/programs/mcp/Servers.ts"
import { newProject, type ServedDesk, serveDesk } from "./McpDesk.ts"

const Nullable = Schema.NullOr(Schema.Finite)
const Walked = Schema.Struct({
  walk_forward_id: Schema.String,
  out_of_sample: Schema.Struct({ total_return: Schema.Finite, sharpe_yearly: Nullable }),
  efficiency: Nullable,
  windows: Schema.Int,
  profitable_windows: Schema.Int,
  stability: Schema.Array(Schema.Unknown),
  columns: Schema.Array(Schema.String),
  rows: Schema.Array(Schema.Array(Schema.Unknown)),
  next_cursor: Schema.NullOr(Schema.String),
  segments_file: Schema.String,
  trials_on_data: Schema.Int,
  command: Schema.String,
  notes: Schema.Array(Schema.String)
})
const decode = Schema.decodeUnknownSync(Walked)

const asked = {
  algorithm: "sma-cross",
  start_date: "2008-01-02",
  end_date: "2012-12-31",
  symbols: ["SPX-REPLAY"],
  grid: ["fast=5,8,60", "slow=50..60:10"],
  train: 252,
  test: 63,
  costs: "none",
  profile: "research"
}

let desk: ServedDesk
let folder = ""
beforeAll(async () => {
  folder = newProject()
  mkdirSync(join(folder, "algorithms"))
  desk = await serveDesk(
    backtestServerIn(() => deskFolderAt(folder, undefined)),
    { folder }
  )
})
afterAll(async () => {
  await desk.close()
  rmSync(folder, { recursive: true, force: true })
})

const refusal = async (args: Readonly<Record<string, unknown>>): Promise<string> => {
  const { isError, text } = await desk.call("run_walk_forward", { ...asked, ...args })
  expect(isError, text).toBe(true)
  return text
}

describe("run_walk_forward", () => {
  it("tells the curve that no choice has seen and every window, with progress and its trials", async () => {
    const heard: Array<number> = []
    const called = await desk.client.callTool({ name: "run_walk_forward", arguments: asked }, undefined, {
      onprogress: ({ progress }) => heard.push(progress)
    })
    const told = decode(called.structuredContent)
    expect(told.windows).toBe(Math.ceil((1259 - 252) / 63))
    expect(told.rows).toHaveLength(told.windows)
    expect(told.columns.slice(0, 4)).toEqual(["test_from", "test_to", "fast", "slow"])
    expect(told.rows.every((row) => row.length === told.columns.length)).toBe(true)
    expect(told.next_cursor).toBeNull()
    // Four points that go together, and the curve.
    expect(told.trials_on_data).toBe(5)
    expect(heard.length).toBeGreaterThan(2)
    expect(heard.toSorted((a, b) => a - b)).toEqual(heard)
    expect(told.notes[0]).toContain("not promotable")
    expect(existsSync(told.segments_file)).toBe(true)
    expect(told.command).toContain("backtest walk-forward sma-cross")
    const again = decode((await desk.call("run_walk_forward", { ...asked, reuse: true })).value)
    expect(again).toEqual(told)
  })

  it("of many windows comes in pages, within bounds", async () => {
    const many = { ...asked, grid: ["fast=3", "slow=9"], train: 20, test: 5 }
    const first = decode((await desk.call("run_walk_forward", many)).value)
    expect(first.windows).toBeGreaterThan(200)
    expect(first.rows).toHaveLength(60)
    expect(JSON.stringify(first.rows).length).toBeLessThan(8200)
    const second = decode((await desk.call("run_walk_forward", { ...many, cursor: first.next_cursor })).value)
    expect(second.rows[0]).not.toEqual(first.rows[0])
    expect(second.out_of_sample).toEqual(first.out_of_sample)
    expect(await refusal({ cursor: first.next_cursor })).toContain("CursorInvalid")
  })

  it.each([
    ["windows that are too long", { train: 1200, test: 200 }, "and there are 1259"],
    ["a window of one", { test: 1 }, "a test window of 1 session"],
    ["a negative embargo", { embargo: -1 }, "an embargo of -1"],
    ["another objective", { objective: "sharp" }, "did you mean sharpe?"],
    ["no grid", { grid: [] }, "grid: expected"],
    ["another parameter", { grid: ["fats=5"] }, "did you mean fast?"]
  ])("with %s is refused", async (_, wrong, message) => {
    expect(await refusal(wrong)).toContain(message)
  })

  it("takes at most 1,500 characters of a model's context", async () => {
    const { tools } = await Effect.runPromise(serverNamed("backtest", { requirePermit: true }))
    const tool = tools.find(({ name }) => name === "run_walk_forward")
    const { description, input, name } = tool ?? { name: "", description: "", input: () => ({}) }
    expect(JSON.stringify({ name, description, inputSchema: input() }).length).toBeLessThanOrEqual(1500)
    expect(name).toBe("run_walk_forward")
  })
})
