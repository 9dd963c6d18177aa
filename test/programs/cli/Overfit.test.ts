/** `plimsoll backtest overfit`: three ways, one answer for machines, a table for people, and what does not fit. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { Schema } from "effect"
import { describe, expect, it, vi } from "vitest"
import { noise } from "../../backtest/robustness/overfitting/Noise.ts"
import { expectGood } from "../../backtest/report/Pages.ts"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 120_000 })

inNewFolder()

const overfit = ["backtest", "overfit"]
const grid = ["sma-cross", "--grid", "fast=5,10,20", "--grid", "slow=50,100"]
const free = ["--from", "2008-01-02", "--to", "2009-12-31", "--costs", "none", "--limits", "research"]

const Told = Schema.Struct({
  judged: Schema.String,
  backtest_id: Schema.NullOr(Schema.String),
  recommendation: Schema.String,
  sharpe: Schema.Finite,
  sharpe_yearly: Schema.Finite,
  trials: Schema.Struct({ different: Schema.Int, effective: Schema.Int }),
  overfitting: Schema.Struct({
    pbo: Schema.Finite,
    splits: Schema.Int,
    logits: Schema.Array(Schema.Struct({ logit: Schema.Finite, splits: Schema.Int }))
  }),
  criteria: Schema.Array(Schema.Struct({ name: Schema.String, passed: Schema.NullOr(Schema.Boolean) }))
})
const told = async (args: ReadonlyArray<string>) =>
  Schema.decodeUnknownSync(Told)(await plimsollJson([...overfit, ...args]))

describe("a grid, then a backtest", () => {
  it("the best point is judged; a backtest run later is one trial more; what was found is kept as evidence", async () => {
    const made = await told([...grid, ...free, "--blocks", "8"])
    expect(made.trials.different).toBe(6)
    expect(made.overfitting.splits).toBe(70)
    expect(made.overfitting.logits.reduce((sum, { splits }) => sum + splits, 0)).toBe(70)
    expect(made.sharpe_yearly).toBeCloseTo(made.sharpe * Math.sqrt(252), 12)
    expect(made.criteria).toHaveLength(12)

    await plimsoll([
      "backtest",
      "run",
      "sma-cross",
      "--param",
      "fast=7",
      "--from",
      "2008-01-02",
      "--to",
      "2009-12-31"
    ])
    const later = await told(["latest", "--blocks", "8"])
    expect(later.backtest_id).toMatch(/^sma-cross-/u)
    expect(later.judged).toBe("sma-cross fast=7 slow=50")
    expect(later.trials.different).toBe(7)
    // With blocks of one's own choosing it is no evidence.
    expect(existsSync(".plimsoll/backtests/evidence")).toBe(false)
    expect((await plimsoll([...overfit, "latest", "--blocks", "8"])).err).toContain(
      "no evidence for a promotion"
    )
    await told([...grid, ...free])
    await told(["latest"])
    // One file a question; the same question again takes its place.
    await told(["latest"])
    expect(readdirSync(".plimsoll/backtests/evidence")).toHaveLength(2)
  })

  it("for people: every criterion, the recommendation; a page beside it", async () => {
    const { code, out } = await plimsoll([...overfit, ...grid, ...free, "--html", "overfit.html"])
    expect(code).toBe(0)
    expect(out).toMatch(/probability \S+ over 12870 splits of 16 blocks, 6 trials/u)
    expect(out).toMatch(/recommendation: (?:reject|paper-trade|promote)/u)
    const page = readFileSync("overfit.html", "utf8")
    expectGood(page)
    expect(page).toContain("backtest overfit sma-cross")
  })
})

describe("a file", () => {
  it("noise is rejected, a long and strong edge is not", async () => {
    const write = (name: string, edge: number) => {
      const columns = noise({ seed: 3, trials: 10, length: 1200, edge })
      const rows = Array.from(columns[0] ?? [], (_, i) => columns.map((column) => column[i]).join(","))
      writeFileSync(name, [columns.map((__, i) => `t${i}`).join(","), ...rows, ""].join("\n"))
    }
    write("noise.csv", 0)
    write("edge.csv", 4)
    expect((await told(["--returns", "noise.csv"])).recommendation).toBe("reject")
    expect(await told(["--returns", "edge.csv"])).toMatchObject({
      judged: "t0",
      recommendation: "paper-trade"
    })
  })
})

describe("what does not fit is told, with what would", () => {
  it.each([
    [
      ["sma-cross", "--grid", "fast=5", "--grid", "slow=50", ...free],
      "needs 2 different trials, and there is"
    ],
    [[...grid, ...free, "--blocks", "7"], "an even number of blocks from 4 to 20, not 7"],
    [["nothing-like-it"], "give them with --grid NAME=VALUES"],
    [["latest", "--costs", "none"], "flags that describe backtests are for a grid"],
    [["latest", "--resume"], "--resume, --workers and --time-limit are for a grid"],
    [["latest", "--column", "a"], "name the file with --returns"],
    [["latest", "--returns", "noise.csv"], "a file of returns is judged by itself"],
    [[], "name an algorithm with --grid"]
  ])("%j", async (args, message) => {
    const { code, err, out } = await plimsoll([...overfit, ...args])
    expect(code).toBe(64)
    expect(err).toContain(message)
    expect(out).toBe("")
  })
})
