/** `run_monte_carlo` through the SDK's client. */
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { backtestServerIn } from "../../../src/programs/mcp/backtest/BacktestServer.ts"
import { newProject, serveDesk } from "./McpDesk.ts"

const Id = Schema.Struct({ backtest_id: Schema.String })
const decodeId = Schema.decodeUnknownSync(Id)

const Told = Schema.Struct({
  backtest_id: Schema.String,
  returns: Schema.Int,
  rows: Schema.Array(
    Schema.Struct({ figure: Schema.String, values: Schema.Array(Schema.NullOr(Schema.Finite)) })
  ),
  ruin: Schema.Array(Schema.Finite),
  loss: Schema.Array(Schema.Finite),
  notes: Schema.Array(Schema.String)
})
const decodeTold = Schema.decodeUnknownSync(Told)

describe("run_monte_carlo", () => {
  const folder = newProject()
  mkdirSync(join(folder, "algorithms"))
  let desk: Awaited<ReturnType<typeof serveDesk>>
  let id = ""
  beforeAll(async () => {
    desk = await serveDesk(
      backtestServerIn(() => deskFolderAt(folder, undefined)),
      { folder }
    )
    const { value } = await desk.call("run_backtest", {
      algorithm: "sma-cross",
      start_date: "2008-09-02",
      end_date: "2010-12-31",
      symbols: ["SPX-REPLAY"],
      parameters: ["fast=5", "slow=20"],
      costs: "none",
      profile: "research"
    })
    id = decodeId(value).backtest_id
  }, 60_000)
  afterAll(async () => {
    await desk.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const asked = async (more: Readonly<Record<string, unknown>>) => {
    const { isError, text, value } = await desk.call("run_monte_carlo", { backtest_id: id, ...more })
    if (isError) throw new Error(text)
    return { told: decodeTold(value), text }
  }

  it("tells drawdowns as magnitudes with their intervals and the backtest's own, and the same again", async () => {
    const heard: Array<number> = []
    const called = await desk.client.callTool(
      { name: "run_monte_carlo", arguments: { backtest_id: id, paths: 5000 } },
      undefined,
      { onprogress: ({ progress }) => heard.push(progress) }
    )
    const told = decodeTold(called.structuredContent)
    expect(heard.at(-1)).toBe(5000)
    expect(told.rows.map(({ figure }) => figure)).toEqual([
      "max_drawdown",
      "total_return",
      "longest_under_water",
      "sharpe_yearly"
    ])
    const [p5 = 0, p50 = 0, p95 = 0, low = 1, high = 0] = (told.rows[0]?.values ?? []).map((one) => one ?? 0)
    expect(p5).toBeGreaterThan(0)
    expect(p50).toBeGreaterThan(p5)
    expect(p95).toBeGreaterThan(p50)
    expect(low).toBeLessThanOrEqual(p50)
    expect(high).toBeGreaterThanOrEqual(p50)
    expect(told.notes.join("\n")).toContain("not promotable")
    expect((await asked({ paths: 5000 })).told).toEqual(told)
    expect(JSON.stringify(told).length).toBeLessThan(4000)
  })

  it("resamples trades, blocks and orders too", async () => {
    const trades = await asked({ of: "trades", paths: 200 })
    expect(trades.told.rows.map(({ figure }) => figure)).not.toContain("sharpe_yearly")
    expect(trades.told.returns).toBeGreaterThan(5)
    const block = await asked({ method: "block", paths: 200 })
    expect(block.told.notes.join("\n")).toContain("chosen from their autocorrelation")
    const shuffle = await asked({ method: "shuffle", paths: 200 })
    const values = shuffle.told.rows[1]?.values ?? []
    expect(new Set(values).size).toBe(1)
    expect(shuffle.text).toContain("tell of the order alone")
  })

  it.each([
    [{ backtest_id: "no-such" }, "no-such"],
    [{ ruin: 2 }, "expected ruin as a fall above 0"],
    [{ paths: 5 }, "paths"],
    [{ method: "bootstrap" }, "method"]
  ])("%j is refused with what would do", async (wrong, words) => {
    const { isError, text } = await desk.call("run_monte_carlo", { backtest_id: id, ...wrong })
    expect(isError).toBe(true)
    expect(text).toContain(words)
  })
})
