/** `plimsoll backtest promote`, and the knowledge cutoff wherever results show. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { describe, expect, it, vi } from "vitest"
import { idOf as backtestId } from "../../../src/backtest/BacktestId.ts"
import { BacktestStore } from "../../../src/backtest/BacktestStore.ts"
import {
  type Evidence,
  EVIDENCE_VERSION,
  EvidenceStore,
  type Finding,
  subjectOf
} from "../../../src/backtest/robustness/Evidence.ts"
import { backtestStore } from "../../../src/programs/backtest/BacktestServices.ts"
import { evidenceStore } from "../../../src/programs/backtest/robustness/EvidenceFolder.ts"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { expectGood } from "../../backtest/report/Pages.ts"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 120_000 })

const place = inNewFolder()
/** Long enough for a walk-forward. */
const year = ["--from", "2008-01-02", "--to", "2008-12-31"]
const period = ["--from", "2008-04-01", "--to", "2008-10-31"]

const Told = Schema.Struct({
  verdict: Schema.String,
  steps: Schema.Array(
    Schema.Struct({ name: Schema.String, state: Schema.String, says: Schema.Array(Schema.String) })
  )
})
const told = async (id: string) =>
  Schema.decodeUnknownSync(Told)(await plimsollJson(["backtest", "promote", id]))
const statesOf = async (id: string) =>
  Object.fromEntries((await told(id)).steps.map(({ name, state }) => [name, state]))

const findings: ReadonlyArray<Finding> = [
  {
    _tag: "WalkForward",
    axes: { fast: [5, 10], slow: [50] },
    windows: 4,
    train: 60,
    test: 20,
    embargo: 0,
    anchored: false,
    objective: "sharpe",
    outOfSampleReturn: 0.1,
    outOfSampleSharpeYearly: 0.8,
    outOfSampleMaxDrawdown: -0.1,
    efficiency: 0.6,
    profitableWindows: 3
  },
  {
    _tag: "Overfitting",
    trials: 20,
    effectiveTrials: 5,
    pbo: 0.1,
    probabilisticSharpe: 0.99,
    deflatedSharpe: 0.97,
    minimumTrackRecord: 200,
    recommendation: "promote",
    reasons: []
  },
  { _tag: "LookAhead", cuts: 40, compared: 500, changed: 0, warmUpChanged: 0 }
]

/** What was found out about a stored backtest, put where the commands put it. */
const putEvidence = (id: string, changed: Partial<Evidence["subject"]> = {}) => {
  const folder = deskFolderAt(place.folder(), undefined)
  const work = Effect.gen(function* () {
    const { inputs } = yield* (yield* BacktestStore).get(id)
    const { put } = yield* EvidenceStore
    yield* Effect.forEach(findings, (finding) =>
      put({
        version: EVIDENCE_VERSION,
        id: backtestId("sma-cross", { finding: finding._tag }),
        subject: { ...subjectOf(inputs), ...changed },
        finding,
        command: "backtest something",
        foundAt: 1e12
      })
    )
  })
  const stores = Layer.merge(backtestStore(folder), evidenceStore(folder)).pipe(
    Layer.provide(NodeServices.layer)
  )
  return Effect.runPromise(Effect.provide(work, stores))
}

const idOf = async (args: ReadonlyArray<string>) =>
  Schema.decodeUnknownSync(Schema.Struct({ backtest_id: Schema.String }))(
    await plimsollJson(["backtest", "run", ...args])
  ).backtest_id

describe("a promotion", () => {
  it("says what is missing, what is stale, and ends well only when nothing is", async () => {
    const id = await idOf(["sma-cross", ...period])
    const bare = await plimsoll(["backtest", "promote", id, "--html", "bare.html"])
    expect(bare.code).toBe(1)
    expect(bare.out).toContain("no walk-forward was run with this code")
    expect(bare.out).toContain("the overfitting guard was not asked")
    expect(bare.out).toContain("it was not checked for look-ahead")
    expectGood(readFileSync("bare.html", "utf8"))

    await putEvidence(id, { codeHash: "older" })
    expect(await statesOf(id)).toMatchObject({ "walk-forward": "stale", "look-ahead": "stale" })
    await putEvidence(id, { costs: "none" })
    expect((await told(id)).steps.find(({ name }) => name === "overfitting")?.says[0]).toBe(
      "other costs: none"
    )
    await putEvidence(id)
    expect(await statesOf(id)).toEqual({
      code: "found",
      backtest: "found",
      "walk-forward": "found",
      overfitting: "found",
      "look-ahead": "found",
      paper: "missing"
    })

    const run = ["run", "--strategy", "sma-cross", "--symbols", "SPX-REPLAY"]
    // One of the same sessions is no paper, and one of other parameters is none of this backtest.
    await plimsoll([...run, ...period])
    expect(await statesOf(id)).toMatchObject({ paper: "missing" })
    const after = ["--from", "2009-01-02", "--to", "2009-04-30"]
    await plimsoll([...run, "--param", "fast=7", ...after])
    expect(await statesOf(id)).toMatchObject({ paper: "stale" })
    await plimsoll([...run, ...after])
    const whole = await plimsoll(["backtest", "promote", id])
    expect(whole.out).toContain("Evidence      complete")
    expect(whole.code).toBe(0)
  })

  it("fails with a backtest that was made under research limits without costs", async () => {
    const id = await idOf(["sma-cross", ...period, "--costs", "none", "--limits", "research"])
    const { steps, verdict } = await told(id)
    expect(verdict).toBe("incomplete")
    expect(steps.find(({ name }) => name === "backtest")).toMatchObject({ state: "failed" })
  })

  it("refuses an id that nothing has", async () => {
    const ran = await plimsoll(["backtest", "promote", "nothing-0123456789"])
    expect(ran.code).not.toBe(0)
    expect(ran.err).toMatch(/nothing-0123456789/u)
  })
})

describe("a strategy that asks a language model", () => {
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

  it("is labelled in lists, comparisons, resamples, regimes, and by the page of its run", async () => {
    mkdirSync("algorithms", { recursive: true })
    writeFileSync("algorithms/asks.ts", asks)
    const id = await idOf(["asks", ...year])
    const other = await idOf(["sma-cross", ...year])
    const said = async (...args: ReadonlyArray<string>) => (await plimsoll(["backtest", ...args])).out
    expect(await said("list")).toMatch(/contaminated/u)
    const marked = /CONTAMINATED in part: not promotable; what is before the knowledge cutoff 2008-07-01/u
    expect(await said("show", id)).toMatch(marked)
    expect(await said("compare", id, other)).toMatch(marked)
    for (const args of [
      ["monte-carlo", id, "--paths", "100"],
      ["regimes", id, "--method", "rules"],
      ["overfit", id, "--blocks", "4"]
    ]) {
      const [first = ""] = (await said(...args)).split("\n")
      expect(first).toMatch(marked)
      expect(await plimsollJson(["backtest", ...args])).toMatchObject({
        contaminated: expect.stringMatching(marked)
      })
    }
    const grid = ["asks", "--grid", "percent=10,20", ...year]
    const swept = await plimsoll(["backtest", "sensitivity", ...grid, "--html", "grid.html"])
    expect(swept.out).toMatch(marked)
    expect(swept.err).toMatch(marked)
    expect(readFileSync("grid.html", "utf8")).toMatch(marked)
    const walk = [...grid, "--train", "120", "--test", "60", "--html", "walk.html"]
    expect(await said("walk-forward", ...walk)).toMatch(marked)
    expect(readFileSync("walk.html", "utf8")).toMatch(marked)
    const again = [...grid, "--resume", "--json"]
    expect(await said("sensitivity", ...again)).toMatch(marked)
    expect(await said("walk-forward", ...again, "--train", "120", "--test", "60")).toMatch(marked)
    const overfit = await said("overfit", id, "--blocks", "4", "--html", "overfit.html")
    expect(overfit).toMatch(marked)
    expect(overfit).not.toMatch(/recommendation: promote/u)
    expect(readFileSync("overfit.html", "utf8")).toMatch(marked)
    expect((await told(id)).steps.find(({ name }) => name === "backtest")).toMatchObject({
      state: "failed"
    })
    const { out } = await plimsoll(["run", "--strategy", "asks", "--symbols", "SPX-REPLAY", ...year])
    expect(out).toMatch(/asks is CONTAMINATED in part/u)
  })
})
