/** `plimsoll backtest monte-carlo`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { daily } from "../../backtest/robustness/montecarlo/Series.ts"
import { plimsoll } from "./InProcess.ts"

const Three = Schema.Struct({ p5: Schema.Finite, p50: Schema.Finite, p95: Schema.Finite })
const Told = Schema.Struct({
  max_drawdown: Three,
  total_return: Three,
  numbers: Schema.Literal("sampled"),
  exact: Schema.NullOr(
    Schema.Struct({
      paths: Schema.Int,
      max_drawdown: Three,
      total_return: Three,
      mean_max_drawdown: Schema.Finite
    })
  ),
  method: Schema.String,
  paths: Schema.Int,
  length: Schema.Int,
  seed: Schema.Int,
  block_length: Schema.NullOr(Schema.Finite),
  total_return_fixed: Schema.Boolean,
  backtest_id: Schema.NullOr(Schema.String)
})
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Told))

const cwd = process.cwd()
const folder = mkdtempSync(join(tmpdir(), "plimsoll-monte-carlo-"))
beforeAll(() => {
  process.chdir(folder)
  writeFileSync("four.txt", "0.1\n-0.05\n0.02\n-0.08\n")
  const [one, other] = [daily(400), daily(400).toReversed()]
  writeFileSync("two.csv", `fund,spx\n${Array.from(one, (value, i) => `${value},${other[i]}`).join("\n")}\n`)
  writeFileSync("nan.csv", "fund\n0.1\nNaN\n")
  writeFileSync("same.txt", "0.01\n".repeat(50))
  writeFileSync("one.txt", "0.01\n")
})
afterAll(() => {
  process.chdir(cwd)
  rmSync(folder, { recursive: true, force: true })
})

const run = (...args: ReadonlyArray<string>) => plimsoll(["backtest", "monte-carlo", ...args])
const told = async (...args: ReadonlyArray<string>) => {
  const { code, err, out } = await run(...args, "--json")
  expect(err).toBe("")
  expect(code).toBe(0)
  return { out, value: decode(out) }
}

describe("backtest monte-carlo", () => {
  it("prints the machine form first, sampled, with the exact numbers of few returns beside it", async () => {
    const { out, value } = await told(
      "--returns",
      "four.txt",
      "--method",
      "iid",
      "--paths",
      "10000",
      "--seed",
      "1"
    )
    expect(Object.keys(JSON.parse(out)).slice(0, 2)).toEqual(["max_drawdown", "total_return"])
    expect(value).toMatchObject({ method: "iid", paths: 10_000, length: 4, seed: 1, numbers: "sampled" })
    expect(value.exact?.paths).toBe(256)
    expect(value.exact?.max_drawdown.p95).toBeCloseTo(0.221312, 12)
    expect(value.exact?.mean_max_drawdown).toBeCloseTo(0.1117538183984375, 12)
    expect(value.max_drawdown.p95).toBeCloseTo(0.221312, 12)
  })

  it("has these for defaults, and the same seed gives the same bytes", async () => {
    const asked = ["--returns", "two.csv", "--column", "spx"]
    const { out } = await told(...asked)
    expect((await told(...asked, "--method", "iid", "--paths", "10000", "--seed", "1")).out).toBe(out)
    expect((await told(...asked, "--seed", "2")).out).not.toBe(out)
    expect(decode(out).exact).toBeNull()
  })

  it("does not depend on the number of threads", async () => {
    const asked = ["--returns", "two.csv", "--column", "fund", "--paths", "300000", "--method", "iid"]
    expect((await told(...asked, "--workers", "1")).out).toBe((await told(...asked, "--workers", "2")).out)
  })

  it("chooses a length of blocks or takes one, and leaves the total of shuffles as it is", async () => {
    const asked = ["--returns", "two.csv", "--column", "fund", "--paths", "500", "--method"]
    expect((await told(...asked, "block")).value.block_length).toBeGreaterThanOrEqual(1)
    expect((await told(...asked, "block", "--block", "12.5")).value.block_length).toBe(12.5)
    const { value } = await told(...asked, "shuffle")
    expect(value.total_return_fixed).toBe(true)
    expect(value.total_return.p5).toBe(value.total_return.p95)
  })

  it("tells people what to be ready for, and writes a page that needs nothing else", async () => {
    const { code, out } = await run(
      "--returns",
      "two.csv",
      "--column",
      "fund",
      "--length",
      "250",
      "--ruin",
      "0.1",
      "--html",
      "page.html"
    )
    expect(code).toBe(0)
    expect(out).toContain("10,000 paths of 250 returns, resampled one by one, with replacement")
    expect(out).toMatch(/max drawdown +\d+\.\d\d% +\d+\.\d\d% +\d+\.\d\d%/u)
    expect(out).toMatch(/be ready for a fall of \d+\.\d\d%: at most one path in twenty falls deeper/u)
    expect(out).toContain("The Sharpe ratio is one a year if the file's returns are of sessions")
    expect(out).toMatch(/ruin, a fall of 10.00% or more: \d+\.\d\d% of the paths/u)
    expect(out).not.toMatch(/NaN|undefined|Infinity/u)
    const page = readFileSync("page.html", "utf8")
    expect(page).toContain("fund: Monte Carlo")
    expect(page).toContain("--length 250 --ruin 0.1")
    expect(page).not.toMatch(/NaN|undefined|Infinity|https?:\/\/(?!www\.w3\.org)/u)
  })

  it.each([
    [["--returns", "nan.csv"], 'line 3, column "fund": expected a return as a ratio'],
    [["--returns", "two.csv"], "choose one with --column"],
    [["--returns", "two.csv", "--column", "no"], 'has no column "no" of returns: it has "fund", "spx"'],
    [["--returns", "same.txt"], "are all 0.01"],
    [["--returns", "one.txt"], "needs 2 returns, and there is 1"],
    [["--returns", "four.txt", "--method", "block"], "needs 20 returns, and there are 4"],
    [["--returns", "four.txt", "--paths", "0"], "expected from 20 to 1000000 paths, not 0"],
    [["--returns", "four.txt", "--seed", "-1"], "expected a seed from 0 to 9007199254740991, not -1"],
    [["--returns", "four.txt", "--of", "trades"], "a file has returns and no trades"],
    [["--returns", "missing.txt"], "missing.txt"],
    [["--column", "fund"], "name the file with --returns"],
    [[], "name a backtest"],
    [["no-such"], "no-such"]
  ])("%j ends with what was wrong", async (args, words) => {
    const { code, err, out } = await run(...args)
    expect(code).toBe(64)
    expect(out).toBe("")
    expect(err).toContain(words)
  })

  it("refuses a page into a folder that is not there, before it works", async () => {
    const { code, err, out } = await run("--returns", "four.txt", "--html", "no/such/page.html")
    expect([code, out]).toEqual([1, ""])
    expect(err).toContain("no/such/page.html cannot be written: there is no folder no/such.")
    const inFile = await run("--returns", "four.txt", "--html", "four.txt/page.html")
    expect([inFile.code, inFile.out]).toEqual([1, ""])
    expect(inFile.err).toContain("four.txt/page.html cannot be written: ")
  })
})
