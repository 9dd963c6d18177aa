import { mkdirSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { afterEach, beforeEach } from "vitest"
import { projectHash } from "../../../src/programs/backtest/CodeFiles.ts"
import { importLean } from "../../../src/programs/backtest/LeanOutput.ts"
import { leanProjectIn } from "../../support/lean/Installed.ts"
import { currentEvents, currentResult, dataReport, summary } from "../../support/lean/LeanRunFiles.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-lean-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const imported = (path: string) => Effect.provide(importLean(path), NodeServices.layer)
const refused = (path: string) => Effect.flip(imported(path))

const runIn = (run: string): string => {
  mkdirSync(join(run, "code"), { recursive: true })
  writeFileSync(join(run, "code", "main.py"), "from AlgorithmImports import *\n")
  writeFileSync(join(run, "77.json"), JSON.stringify(currentResult))
  writeFileSync(join(run, "77-summary.json"), JSON.stringify(summary()))
  writeFileSync(join(run, "77-order-events.json"), JSON.stringify(currentEvents))
  writeFileSync(join(run, "data-monitor-report-20260101.json"), JSON.stringify(dataReport(9, 2)))
  writeFileSync(join(run, "config"), `{"id": 77, "container": "lean_cli_1"}`)
  return run
}

it.effect("a project, its newest run and that run's result are the same backtest", () =>
  Effect.gen(function* () {
    const project = leanProjectIn(folder)
    runIn(join(project, "backtests", "2026-11-26_09-00-00"))
    const run = runIn(join(project, "backtests", "2026-11-27_10-20-30"))
    const byProject = yield* imported(project)
    expect(byProject.path).toBe(join(run, "77.json"))
    expect(yield* imported(run)).toStrictEqual(byProject)
    expect(yield* imported(join(run, "77.json"))).toStrictEqual(byProject)
    expect(byProject.inputs.algorithm).toMatchObject({ name: "cross", codeHash: projectHash(project) })
    expect(byProject.content.fills).toHaveLength(2)
    expect(byProject.notes).toEqual(["LEAN did not find 2 of the 9 data files it asked for"])
  })
)

it.effect("a result alone is enough: its own hash stands for the code", () =>
  Effect.gen(function* () {
    const file = join(folder, "strategy.json")
    writeFileSync(file, JSON.stringify(currentResult))
    const { content, inputs } = yield* imported(file)
    expect(inputs.algorithm.name).toBe("strategy")
    expect(inputs.algorithm.codeHash).toMatch(/^[0-9a-f]{64}$/u)
    expect(content.equity.at(-1)).toBe(100_548)
  })
)

it.effect("of several results in a folder the newest is taken", () =>
  Effect.gen(function* () {
    const run = runIn(join(folder, "run"))
    writeFileSync(join(run, "9.json"), JSON.stringify({ ...currentResult, orders: {} }))
    utimesSync(join(run, "9.json"), 1_000_000, 1_000_000)
    expect((yield* imported(run)).path).toBe(join(run, "77.json"))
    utimesSync(join(run, "9.json"), 4_000_000_000, 4_000_000_000)
    expect((yield* imported(run)).path).toBe(join(run, "9.json"))
  })
)

it.effect("nothing there, nothing in it, too much of it and half of it are each said", () =>
  Effect.gen(function* () {
    expect(yield* refused(join(folder, "nowhere"))).toMatchObject({
      reason: "not-found",
      message: `there is nothing at ${join(folder, "nowhere")}: expected a LEAN result, <id>.json, or the folder it is in`
    })
    const project = leanProjectIn(folder)
    expect(yield* refused(project)).toMatchObject({
      reason: "no-result",
      message: expect.stringContaining(
        "looked for <id>.json and <id>-summary.json, and for runs in backtests/"
      )
    })
    const run = join(project, "backtests", "2026-11-27_10-20-30")
    mkdirSync(run, { recursive: true })
    expect(yield* refused(project)).toMatchObject({ reason: "no-result", path: run })
    const file = join(run, "1.json")
    writeFileSync(file, JSON.stringify(currentResult).slice(0, 999))
    expect(yield* refused(project)).toMatchObject({ reason: "damaged", path: file })
    truncateSync(file, 67_108_865)
    expect(yield* refused(project)).toMatchObject({
      reason: "too-large",
      message: expect.stringContaining("67108865 bytes")
    })
  })
)

it.effect("order events that are damaged are not passed over", () =>
  Effect.gen(function* () {
    const run = runIn(join(folder, "run"))
    writeFileSync(join(run, "77-order-events.json"), "[{")
    expect(yield* refused(run)).toMatchObject({ reason: "damaged" })
  })
)
