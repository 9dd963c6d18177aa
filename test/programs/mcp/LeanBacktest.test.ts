/** LEAN projects through the backtest server, played by a stand-in for `lean`. */
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { backtestServerIn } from "../../../src/programs/mcp/backtest/BacktestServer.ts"
import { installedLean, leanProjectIn } from "../../support/lean/Installed.ts"
import { newProject, type ServedDesk, serveDesk } from "./McpDesk.ts"

let folder = ""
let desk: ServedDesk
beforeEach(async () => {
  folder = newProject()
  leanProjectIn(folder)
  desk = await serveDesk(
    backtestServerIn(() => deskFolderAt(folder, undefined)),
    { folder }
  )
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await desk.close()
  rmSync(folder, { recursive: true, force: true })
})

const standIn = (mode: string) => {
  const lean = installedLean(folder, mode)
  for (const [name, value] of Object.entries(lean.environment)) vi.stubEnv(name, value)
  return lean
}

/** Processes of this test's stand-in that are not ended. */
const processes = (): ReadonlyArray<string> =>
  readdirSync("/proc").filter((pid) => {
    try {
      const isEnded = /\) Z /u.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
      return !isEnded && readFileSync(`/proc/${pid}/environ`, "utf8").includes(join(folder, "acts.txt"))
    } catch {
      return false
    }
  })

it("a LEAN project is played by LEAN, told, kept, and comparable with none of the engine's own", async () => {
  standIn("current")
  const heard: Array<string> = []
  const called = await desk.client.callTool(
    {
      name: "run_backtest",
      arguments: { algorithm: "cross", parameters: ["fast=8"], start_date: "2020-01-02" }
    },
    undefined,
    { onprogress: ({ message }) => heard.push(message ?? "") }
  )
  const value = JSON.stringify(called.structuredContent)
  expect(called.isError, JSON.stringify(called.content)).not.toBe(true)
  expect(value).toContain('"engine":"lean')
  expect(value).toContain('{"name":"fast","value":8}')
  expect(value).toContain('"promotable":false')
  expect(value).toContain("LEAN played it, by its own rules and models")
  expect(value).toContain("the project's code says which dates it plays: 2024-01-02 to 2024-01-10")
  expect(heard.join()).toContain("LEAN: 2024-01-09")
  const { value: list } = await desk.call("list_backtests")
  expect(list).toMatchObject({ total: 1, running: [] })
  const own = await desk.call("run_backtest", {
    algorithm: "sma-cross",
    start_date: "2008-01-02",
    end_date: "2008-06-30",
    profile: "research"
  })
  const ids = [JSON.parse(value)["backtest_id"], own.value["backtest_id"]]
  const compared = await desk.call("compare_backtests", { ids })
  expect(compared.value).toMatchObject({ comparable: false })
  const all = await desk.call("get_backtest_results", {
    backtest_id: ids[0],
    sections: ["summary", "curve", "statistics", "orders", "trades"]
  })
  expect(all.isError, all.text).toBe(false)
})

it.each([
  ["no-docker", "Docker is not installed, does not run, or may not be used"],
  ["no-lean-config", "lean found no lean.json"],
  ["no-data", "LEAN found none of the 9 data files"],
  ["algorithm-error", "'NoneType' object has no attribute 'close'"],
  ["exit", "System.OutOfMemoryException"],
  ["truncated", "it was cut off or damaged"],
  ["no-result", "no result"]
])("%s: what is missing or went wrong is said in words, with what to do", async (mode, message) => {
  standIn(mode)
  const { isError, text } = await desk.call("run_backtest", { algorithm: "cross" })
  expect(isError).toBe(true)
  expect(text).toContain(message)
  expect(text).toMatch(/^(?:LeanFailure|BacktestFailed): /u)
  expect(text).toContain("Next: ")
})

it("a canceled call ends every process that LEAN has started", async () => {
  standIn("hang")
  const abort = new AbortController()
  const call = desk.client.callTool({ name: "run_backtest", arguments: { algorithm: "cross" } }, undefined, {
    signal: abort.signal
  })
  const refused = expect(call).rejects.toThrow()
  await vi.waitUntil(() => processes().length >= 3, { timeout: 20_000, interval: 50 })
  abort.abort()
  await refused
  await vi.waitUntil(() => processes().length === 0, { timeout: 40_000, interval: 50 })
  // The call's own end comes after theirs.
  const isFree = async () =>
    JSON.stringify((await desk.call("list_backtests")).value).includes('"running":[]')
  await vi.waitUntil(isFree, { timeout: 20_000, interval: 50 })
})
