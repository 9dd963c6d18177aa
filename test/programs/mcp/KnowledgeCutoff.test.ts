/** What a model had read about is labelled in every answer of the backtest server. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { backtestServerIn } from "../../../src/programs/mcp/backtest/BacktestServer.ts"
import { newProject, type ServedDesk, serveDesk } from "./McpDesk.ts"

vi.setConfig({ testTimeout: 120_000 })

const asks = `import { defineStrategy, whole } from "plimsoll/strategy"
export default defineStrategy({
  name: "asks",
  title: "Asks",
  summary: "Holds what a model once liked.",
  instruments: { least: 1, most: 1 },
  parameters: { percent: whole({ default: 10, minimum: 1, maximum: 90, meaning: "of equity" }) },
  knowledgeCutoff: "2008-07-01",
  make: ({ percent }) => ({
    onBar: ({ instruments }) =>
      instruments.map(({ id }) => ({ instrumentId: id, weight: percent / 100, reason: "liked" }))
  })
})
`

const folder = newProject()
let desk: ServedDesk
beforeAll(async () => {
  mkdirSync(join(folder, "algorithms"))
  writeFileSync(join(folder, "algorithms", "asks.ts"), asks)
  desk = await serveDesk(
    backtestServerIn(() => deskFolderAt(folder, undefined)),
    { folder }
  )
})
afterAll(async () => {
  await desk.close()
  rmSync(folder, { recursive: true, force: true })
})

const call = async (tool: string, args: Readonly<Record<string, unknown>>) => {
  const { isError, text, value } = await desk.call(tool, args)
  if (isError) throw new Error(text)
  return { text, value }
}
const Ran = Schema.Struct({ backtest_id: Schema.String, promotable: Schema.Boolean })
const Listed = Schema.Struct({
  backtests: Schema.Array(
    Schema.Struct({ backtest_id: Schema.String, promotable: Schema.NullOr(Schema.Boolean) })
  )
})
const Compared = Schema.Struct({ columns: Schema.Array(Schema.Struct({ promotable: Schema.Boolean })) })
const Inputs = Schema.Struct({ inputs: Schema.Struct({ promotable: Schema.Boolean }) })

const span = { start_date: "2008-01-02", end_date: "2008-12-31", symbols: ["SPX-REPLAY"] }
const marked = /CONTAMINATED in part: not promotable; what is before the knowledge cutoff 2008-07-01/u

it("results, lists and comparisons call it not promotable, and say why", async () => {
  const ran = await call("run_backtest", { algorithm: "asks", ...span })
  const { backtest_id: id, promotable } = Schema.decodeUnknownSync(Ran)(ran.value)
  expect(promotable).toBe(false)
  expect(ran.text).toMatch(marked)
  const other = Schema.decodeUnknownSync(Ran)(
    (await call("run_backtest", { algorithm: "sma-cross", ...span })).value
  )
  expect(other.promotable).toBe(true)
  const { backtests } = Schema.decodeUnknownSync(Listed)((await call("list_backtests", {})).value)
  expect(Object.fromEntries(backtests.map((one) => [one.backtest_id, one.promotable]))).toEqual({
    [id]: false,
    [other.backtest_id]: true
  })
  const compared = await call("compare_backtests", { ids: [id, other.backtest_id] })
  expect(
    Schema.decodeUnknownSync(Compared)(compared.value).columns.map((column) => column.promotable)
  ).toEqual([false, true])
  expect(compared.text).toMatch(marked)
  const carlo = await call("run_monte_carlo", { backtest_id: id, paths: 100 })
  expect(carlo.text).toMatch(marked)
})

it("grids do as well", async () => {
  for (const [tool, more] of [
    ["run_sensitivity", {}],
    ["run_walk_forward", { train: 60, test: 20 }]
  ] as const) {
    const { text, value } = await call(tool, { algorithm: "asks", ...span, grid: ["percent=10,20"], ...more })
    expect(Schema.decodeUnknownSync(Inputs)(value).inputs.promotable, tool).toBe(false)
    expect(text, tool).toMatch(marked)
  }
})
