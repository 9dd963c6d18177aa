/** `plimsoll backtest`: what is kept is listed, shown, compared, imported; what does not fit is told. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { vi } from "vitest"
import * as BacktestFolders from "../../../src/backtest/BacktestFolders.ts"
import { BacktestStore } from "../../../src/backtest/BacktestStore.ts"
import type { BacktestResult } from "../../../src/backtest/BacktestResult.ts"
import { dollars, shares } from "../../../src/domain/Money.ts"
import { timestamp } from "../../../src/domain/Timestamp.ts"
import { researchProfile } from "../../../src/risk/LimitsProfile.ts"
import { sampleBacktest, sampleContent, sampleFailure, sampleInputs } from "../../backtest/SampleBacktest.ts"
import { hasShared, sharedPath, skippedName } from "../../support/Shared.ts"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 120_000 })

const { folder } = inNewFolder()

const put = (...results: ReadonlyArray<BacktestResult>): Promise<void> =>
  Effect.gen(function* () {
    const store = yield* BacktestStore
    yield* Effect.forEach(results, store.put, { discard: true })
  }).pipe(
    Effect.provide(
      BacktestFolders.layer({ folder: join(folder(), ".plimsoll", "backtests") }).pipe(
        Layer.provide(NodeServices.layer)
      )
    ),
    Effect.runPromise
  )

const [order] = sampleContent().orders
const trade = {
  instrumentId: sampleContent().fills[0]?.instrumentId ?? never("a sample without a fill"),
  direction: "LONG" as const,
  quantity: shares(11),
  entryTime: timestamp(1_483_540_200_000_000),
  entryPrice: sampleContent().fills[0]?.price ?? never("a sample without a fill"),
  profit: dollars(101.5),
  fees: dollars(1),
  mae: dollars(-20),
  mfe: dollars(130),
  orders: []
}

function never(message: string): never {
  throw new Error(message)
}

const desk = sampleBacktest({
  content: {
    optionOrders: { orders: 3, modelledOrders: 2 },
    trades: [trade],
    orders:
      order === undefined ? [] : [order, { ...order, status: "Denied" as const, rule: "position-limit" }]
  }
})
const research = sampleBacktest({
  inputs: {
    profile: researchProfile,
    algorithm: { ...sampleInputs().algorithm, parameters: { fast: 8, slow: 50 } }
  },
  ranAt: desk.ranAt + 60_000
})
const failure = sampleFailure({ inputs: { seed: 9 }, ranAt: desk.ranAt - 60_000 })

describe("before there is a backtest", () => {
  it("an empty list says how to make one, and looking writes nothing", async () => {
    const ran = await plimsoll(["backtest", "list"])
    expect(ran).toEqual({
      code: 0,
      out: 'No backtests yet: "plimsoll backtest run sma-cross" makes one.\n',
      err: ""
    })
    expect(await plimsollJson(["backtest", "list"])).toEqual({ backtests: [], total: 0, trials: [] })
    expect(existsSync(".plimsoll")).toBe(false)
  })

  it.each([
    [["show"], "there is no backtest yet"],
    [["show", "sma"], 'there is no backtest "sma"; there is none at all'],
    [["run"], "which algorithm?"],
    [["run", "sma-crss"], "The nearest is sma-cross"],
    [["run", "sma-cross", "--param", "fsat=5"], "did you mean fast?"],
    [["run", "sma-cross", "--param", "fast"], "--param takes NAME=VALUE"],
    [["run", "sma-cross", "--param", "fast=1", "--param", "fast=2"], "--param fast is given twice"],
    [["run", "sma-cross", "--param", "fast=many"], "expected a whole number from 1 to 2000"],
    [["run", "sma-cross", "--symbol", "AAPL", "--symbols", "AAPL"], "use one of them"],
    [["run", "sma-cross", "--symbol", "ZZZZ"], "no source has ZZZZ"],
    [["run", "sma-cross", "--from", "1999-01-04"], "the data reach from 2000-01-03 to 2020-04-17"],
    [["run", "sma-cross", "--from", "2031-01-02"], "--from 2031-01-02 does not lie within"],
    [["run", "sma-cross", "--from", "yesterday"], "--from"],
    [["run", "sma-cross", "--to", "2000-02-01"], "needs 50 before its first decision"],
    [["run", "sma-cross", "--costs", "cheap"], '"none" | "paper" | "lean"'],
    [["run", "sma-cross", "--limits", "loose"], "there are desk, single-index, research"],
    [["run", "sma-cross", "--time-limit", "0"], "expected a whole number from 1 to 86400"],
    [["run", "sma-cross", "--borrow", "-1"], "expected basis points"],
    [["run", "sma-cross", "--data", "embedded", "--csv", "A=a.csv"], "name one of them"],
    [["run", "--resume"], "there is no interrupted backtest to go on with"],
    [["run", "--resume", "--seed", "2"], "leave the algorithm and the other options out"],
    [["run", "sma-cross", "--id", "x"], "add --resume"],
    [["compare", "one"], "compare takes 2 to 12 ids"],
    [["compare", "one", "two"], 'there is no backtest "one"'],
    [["remove", "nothing"], 'there is no backtest "nothing"']
  ])("plimsoll backtest %j is bad usage, and writes nothing", async (args, message) => {
    const ran = await plimsoll(["backtest", ...args])
    expect(ran.err).toContain(message)
    expect(ran.code).toBe(64)
    expect(ran.out).toBe("")
    expect(existsSync(".plimsoll")).toBe(false)
  })

  it("a file that is no result of LEAN is not imported", async () => {
    writeFileSync("not-lean.json", '{"hello": 1}')
    for (const path of ["not-lean.json", "nowhere", "."]) {
      const ran = await plimsoll(["backtest", "import", path])
      expect(ran.code).toBe(1)
      expect(ran.err).toMatch(/^plimsoll: /u)
    }
    // What fails begins no ledger.
    expect(existsSync(".plimsoll")).toBe(false)
    expect(await plimsollJson(["backtest", "list"])).toMatchObject({ backtests: [], trials: [] })
  })
})

describe("backtests that are kept", () => {
  beforeAll(() => put(desk, research, failure))

  it("are listed, the newest first, those of one algorithm when asked", async () => {
    const { out } = await plimsoll(["backtest", "list"])
    const lines = out.split("\n")
    expect(lines[1]).toContain(research.id)
    expect(lines[1]).toContain("research, not promotable")
    expect(lines[2]).toMatch(new RegExp(`^${desk.id} .* 0\\.10% +- +- +desk +fast=5 slow=50$`, "u"))
    expect(lines[3]).toContain("failed")
    expect(await plimsollJson(["backtest", "list", "--limit", "1"])).toMatchObject({
      total: 3,
      backtests: [{ backtest_id: research.id, outcome: "finished", limits: { promotable: false }, denied: 2 }]
    })
    expect(await plimsollJson(["backtest", "list", "--algorithm", "trend"])).toMatchObject({ backtests: [] })
  })

  it("are shown with what to mind before any figure, what was denied, and where more is", async () => {
    const { code, out } = await plimsoll(["backtest", "show"])
    expect(code).toBe(0)
    const lines = out.split("\n")
    expect(lines[0]).toMatch(/^! RESEARCH LIMITS: .*not promotable/u)
    expect(out).toContain(
      "sma-cross fast=8 slow=50 on SPX-REPLAY (embedded replay, 1d), 2017-01-03 to 2017-01-04"
    )
    expect(out).toMatch(/Equity at the end +\$100,101\.50 +\$100,572\.25/u)
    expect(out).toMatch(/Total return +0\.10% +0\.57%/u)
    expect(out).toMatch(/Denied by rule\n +position-limit +2 +position would be 26% of equity/u)
    expect(out).toContain(`Result hash   ${research.outcome.hash}`)
  })

  it("say before any figure, compared too, that quotes of options were a model's", async () => {
    const told = "2 of 3 option orders were made on modelled quotes: no market showed these prices"
    const { out } = await plimsoll(["backtest", "show", desk.id])
    expect(out.split("\n")[0]).toContain(`! ${told}`)
    expect(await plimsollJson(["backtest", "show", desk.id])).toMatchObject({
      option_orders: 3,
      orders_on_modelled_quotes: 2
    })
    const compared = await plimsoll(["backtest", "compare", desk.id, research.id])
    expect(compared.out).toContain(`! ${desk.id}: ${told}`)
  })

  it("are shown whole for machines", async () => {
    expect(await plimsollJson(["backtest", "show", desk.id])).toMatchObject({
      backtest_id: desk.id,
      outcome: "finished",
      hash: desk.outcome.hash,
      parameters: { fast: 5, slow: 50 },
      total_return: 0.001015,
      sharpe: null,
      equity_end: 100_101.5,
      fees: "1.00",
      denials: [{ rule: "position-limit", count: 2 }],
      trials: null
    })
    expect(await plimsollJson(["backtest", "show", failure.id])).toMatchObject({
      outcome: "failed",
      failure: { kind: "threw", bar: 2, at: "2017-01-04 16:00 EST" }
    })
  })

  it("are told with the file that is there, of a failed one too", async () => {
    for (const { id } of [desk, failure]) {
      const told = await plimsollJson(["backtest", "show", id])
      const { result } = Schema.decodeUnknownSync(Schema.Struct({ result: Schema.String }))(told)
      expect(existsSync(result)).toBe(true)
      if (id === failure.id) expect((await plimsoll(["backtest", "show", id])).out).toContain(result)
    }
  })

  it("are shown by their trades, orders and denials", async () => {
    expect((await plimsoll(["backtest", "show", desk.id, "--trades"])).out).toMatch(
      /SPX-REPLAY +LONG +11 +2017-01-04 09:30 +2,?261\.60 +open +\$101\.50 +-\$20\.00 +\$130\.00/u
    )
    expect((await plimsoll(["backtest", "show", desk.id, "--denied"])).out).toContain(
      "Denied by position-limit"
    )
    expect(await plimsollJson(["backtest", "show", desk.id, "--orders"])).toHaveLength(2)
    expect(await plimsollJson(["backtest", "show", desk.id, "--denied"])).toHaveLength(1)
    expect((await plimsoll(["backtest", "show", research.id, "--trades"])).out).toBe("No trades.\n")
    const both = await plimsoll(["backtest", "show", desk.id, "--trades", "--orders"])
    expect(both.code).toBe(64)
    expect((await plimsoll(["backtest", "show", failure.id, "--trades"])).err).toContain(
      "failed and has no figures"
    )
  })

  it("are drawn where it is asked, and never over the desk's own files", async () => {
    const { code } = await plimsoll(["backtest", "show", desk.id, "--html", "page.html"])
    expect(code).toBe(0)
    expect(readFileSync("page.html", "utf8")).toContain(desk.id)
    expect((await plimsoll(["backtest", "show", desk.id, "--html"])).out).toContain(
      join(".plimsoll", "backtests", desk.id, "tearsheet.html")
    )
    mkdirSync("folder")
    const refused = await plimsoll(["backtest", "show", desk.id, "--html", "folder"])
    expect(refused.code).toBe(1)
    expect(refused.err).toContain("no regular file")
    const own = join(".plimsoll", "backtests", desk.id, "result.json")
    expect((await plimsoll(["backtest", "show", desk.id, "--html", own])).err).toContain(
      "belongs to the desk"
    )
  })

  it("are compared: figures side by side, what differs, and whether that is fair", async () => {
    const { out } = await plimsoll(["backtest", "compare", desk.id, research.id, "--html", "both.html"])
    expect(out).toContain("! These were not made under the same conditions")
    expect(out).toMatch(new RegExp(`${desk.id} +${research.id}`, "u"))
    expect(out).toMatch(/parameters +fast=5 +fast=8/u)
    expect(out).toMatch(/limits +desk limits +research limits/u)
    expect(readFileSync("both.html", "utf8")).toMatch(/^<!doctype html>/iu)
    expect(await plimsollJson(["backtest", "compare", desk.id, research.id])).toMatchObject({
      comparable: false,
      differences: [{ input: "parameters" }, { input: "limits" }],
      backtests: [{ backtest_id: desk.id }, { backtest_id: research.id }]
    })
    expect((await plimsoll(["backtest", "compare", desk.id, desk.id])).err).toContain("is named twice")
    expect((await plimsoll(["backtest", "compare", desk.id, failure.id])).code).toBe(64)
  })

  it("are told as damaged when they are, and the others are shown all the same", async () => {
    const damaged = sampleBacktest({ inputs: { seed: 77 }, ranAt: desk.ranAt + 1 })
    await put(damaged)
    const file = join(folder(), ".plimsoll", "backtests", damaged.id, "result.json")
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 700))
    const list = await plimsoll(["backtest", "list"])
    expect(list.code).toBe(0)
    expect(list.out).toContain(`damaged: ${file}: `)
    expect(list.out).toContain(desk.id)
    const shown = await plimsoll(["backtest", "show", damaged.id])
    expect(shown.code).toBe(1)
    expect(shown.err).toContain(`${file} is damaged: `)
    expect(shown.err).toContain(`plimsoll backtest remove ${damaged.id}`)
    const removed = await plimsoll(["backtest", "remove", damaged.id])
    expect(removed.out).toBe(`Removed ${damaged.id}. Its trial stays counted.\n`)
    expect((await plimsoll(["backtest", "list"])).out).not.toContain("damaged")
  })

  it.skipIf(!hasShared)(
    hasShared ? "stand beside results of LEAN" : skippedName("stand beside results of LEAN", "no ../shared"),
    async () => {
      const path = sharedPath("lean-results", "sample-camelcase.json")
      const imported = await plimsollJson(["backtest", "import", path])
      expect(imported).toMatchObject({ algorithm_kind: "lean", outcome: "finished", trials: 1 })
      // Done again it is the same, and the same trial.
      expect(await plimsollJson(["backtest", "import", path])).toEqual({
        ...Object(imported),
        ran_at: expect.any(String)
      })
      const { err, out } = await plimsoll(["backtest", "compare", desk.id, "latest"])
      expect(err).toBe("")
      expect(out).toMatch(/engine +plimsoll 1 +lean /u)
    }
  )
})

describe("a backtest from its command", () => {
  it("is played, told, kept and counted; a failed one ends with exit code 1", async () => {
    const args = ["backtest", "run", "sma-cross", "--from", "2016-01-04", "--to", "2016-12-30"]
    const ran = await plimsoll([...args, "--html", "run.html"])
    expect(ran.code).toBe(0)
    expect(ran.out).toMatch(/252 sessions/u)
    expect(ran.out).toContain("Tear sheet    run.html")
    expect(ran.out).toContain("Trials        1 on this data so far")
    const again = await plimsollJson(args)
    expect(again).toMatchObject({ outcome: "finished", sessions: 252, trials: 1, seed: 1 })
    expect(await plimsollJson(["backtest", "list", "--limit", "1"])).toMatchObject({
      backtests: [{ algorithm: "sma-cross", sessions: 252 }]
    })

    mkdirSync("algorithms")
    writeFileSync(
      join("algorithms", "thrower.ts"),
      `import { defineStrategy } from "plimsoll/strategy"
export default defineStrategy({
  name: "thrower", title: "T", summary: "T.", instruments: { least: 1, most: 1 }, parameters: {},
  make: () => ({ onBar: () => { throw new Error("on purpose") } })
})
`
    )
    const failed = await plimsoll(["backtest", "run", "thrower", "--from", "2016-01-04"])
    expect(failed.code).toBe(1)
    expect(failed.out).toMatch(/Failed +threw: .*on purpose/u)
    expect(await plimsollJson(["backtest", "list", "--algorithm", "thrower"])).toMatchObject({
      backtests: [{ outcome: "failed", failure: { kind: "threw" } }]
    })
  })
})
