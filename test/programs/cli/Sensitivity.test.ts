/** `plimsoll backtest sensitivity`: rows for machines, a table for people, and what does not fit. */
import { readFileSync } from "node:fs"
import { describe, expect, it, vi } from "vitest"
import { leftText } from "../../../src/programs/cli/TerminalBar.ts"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 120_000 })

inNewFolder()

const sensitivity = ["backtest", "sensitivity", "sma-cross"]
const free = ["--costs", "none", "--limits", "research"]

describe("for machines", () => {
  it("a list has exactly the parameters and four figures of each point, in the grid's order", async () => {
    const args = [...sensitivity, "--grid", "fast=5,8,10", "--grid", "slow=50,60", ...free]
    const rows = await plimsollJson(args)
    expect(Array.isArray(rows) ? rows.map((row: object) => Object.keys(row)) : rows).toEqual(
      Array.from({ length: 6 }, () => ["fast", "slow", "total_return", "entries", "sharpe", "max_drawdown"])
    )
    expect(rows).toMatchObject([
      { fast: 5, slow: 50, entries: 82 },
      { fast: 5, slow: 60, entries: 75 },
      { fast: 8, slow: 50, entries: 71 },
      { fast: 8, slow: 60, entries: 62 },
      { fast: 10, slow: 50, entries: 69 },
      { fast: 10, slow: 60, entries: 57 }
    ])
    // The same again: nothing is taken from before, and every trial has one more run.
    expect(await plimsollJson(args)).toEqual(rows)
    expect(await plimsollJson(["backtest", "list"])).toMatchObject({ trials: [{ trials: 6, runs: 12 }] })
  })

  it("points that the strategy does not take are left out, and told on standard error", async () => {
    const ran = await plimsoll([
      ...sensitivity,
      "--grid",
      "fast=5,60",
      "--grid",
      "slow=50",
      ...free,
      "--json"
    ])
    expect(ran.code).toBe(0)
    expect(JSON.parse(ran.out)).toMatchObject([{ fast: 5, slow: 50 }])
    expect(ran.err).toContain(
      "1 point not played: strategy sma-cross: fast is 60 and slow is 50: fast has to be the smaller (fast=60 slow=50)"
    )
  })
})

describe("for people", () => {
  it("a table marks the best, says what played it, and warns that the best of many is no edge", async () => {
    const { code, out } = await plimsoll([
      ...sensitivity,
      "--grid",
      "fast=5..10:5",
      "--grid",
      "slow=50,60",
      ...free,
      "--html",
      "map.html"
    ])
    expect(code).toBe(0)
    expect(out).toMatch(/5\s+60\s+\+72\.52%\s+0\.31\s+-26\.62%\s+75\s+<- best/u)
    expect(out).toContain("on the vectorised path")
    expect(out).toMatch(
      /variance of the Sharpe ratio: slow .*%, fast .*%, fast with slow .*%, the rest 0\.00%/u
    )
    expect(out).toMatch(
      /around the best: 3 points one step away, .* at the lowest; plateau score 0\.\d+ of 1/u
    )
    expect(out).toMatch(/\d+ trials on this data set so far\. The best of many is no edge/u)
    expect(readFileSync("map.html", "utf8")).toContain("sma-cross")
    expect(readFileSync("map.html", "utf8")).toContain("SPX-REPLAY, daily bars, ")
  })

  it("the time that is left is told at the pace so far, of this try alone", () => {
    expect(leftText({ done: 10, of: 40 }, 0, 10_000)).toBe("30 s")
    expect(leftText({ done: 30, of: 50 }, 20, 60_000)).toBe("2 min")
    expect(leftText({ done: 20, of: 50 }, 20, 60_000)).toBe("…")
  })
})

describe("a sample of a large grid", () => {
  const asked = [
    ...sensitivity,
    "--grid",
    "fast=1..200",
    "--grid",
    "slow=201..400",
    ...free,
    "--sample",
    "12"
  ]

  it("is drawn by the seed: the same points again, others of another seed", async () => {
    const rows = await plimsollJson(asked)
    expect(rows).toHaveLength(12)
    expect(await plimsollJson([...asked, "--resume"])).toEqual(rows)
    expect(await plimsollJson([...asked, "--seed", "2"])).not.toEqual(rows)
    const told = await plimsoll([...asked, "--html", "sample.html"])
    expect(told.out).toContain("12 points drawn at random from a grid of 40000 points, seed 1")
    expect(readFileSync("sample.html", "utf8")).toContain("--sample 12")
  })

  it("that is the whole grid is the sweep without one", async () => {
    const small = [...sensitivity, "--grid", "fast=5,8", "--grid", "slow=50", ...free]
    expect(await plimsollJson([...small, "--sample", "9"])).toEqual(await plimsollJson(small))
  })

  it("is told of where a grid is too large for a sweep", async () => {
    const { code, err } = await plimsoll(asked.slice(0, -2))
    expect(code).toBe(64)
    expect(err).toContain("40000 points, and 4096 is the most of one sweep")
    expect(err).toContain("or draw a sample of it")
  })
})

describe("what does not fit is bad usage", () => {
  it.each([
    [["smacross", "--grid", "fast=5"], "The nearest is sma-cross"],
    [["sma-cross", "--grid", "fsat=5"], "did you mean fast?"],
    [["sma-cross", "--grid", "fast=0"], "expected a whole number from 1 to 2000"],
    [["sma-cross", "--grid", "fast=5,5"], "the grid of fast has 5 twice"],
    [["sma-cross", "--grid", "fast="], "has an empty value"],
    [["sma-cross"], "a sweep needs a grid"],
    [["sma-cross", "--grid", "fast=60", "--grid", "slow=50"], "no point of the grid can be played"],
    [["sma-cross", "--grid", "fast=5", "--param", "fast=8"], "a value of its own and a grid"],
    [["sma-cross", "--grid", "fast=5", "--from", "1990-01-02"], "the data reach from 2000-01-03"],
    [["sma-cross", "--grid", "fast=5", "--to", "2000-02-01"], "the strategy needs 50"],
    [["sma-cross", "--grid", "fast=5", "--workers", "0"], "expected a whole number from 1 to 256"],
    [["sma-cross", "--grid", "fast=7", "--resume"], "Leave --resume out"]
  ])("%j", async (args, message) => {
    const ran = await plimsoll(["backtest", "sensitivity", ...args])
    expect(ran).toMatchObject({ code: 64, out: "" })
    expect(ran.err).toContain(message)
  })
})
