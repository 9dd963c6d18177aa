/** `plimsoll backtest walk-forward`: windows for machines, a table for people, a page, and what does not fit. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { Schema } from "effect"
import { describe, expect, it, vi } from "vitest"
import { hasShared, sharedPath, skippedName } from "../../support/Shared.ts"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 120_000 })

inNewFolder()

const walkForward = ["backtest", "walk-forward"]
const free = ["--costs", "none", "--limits", "research"]
const windows = ["--train", "504", "--test", "126"]

const Pair = Schema.Tuple([Schema.Int, Schema.Int])
const Window = Schema.Struct({
  train: Pair,
  test: Pair,
  fast: Schema.Int,
  slow: Schema.Int,
  train_sharpe: Schema.Finite,
  test_return: Schema.Finite
})
const Walked = Schema.Struct({
  windows: Schema.Array(
    Schema.Struct({ ...Window.fields, parameters: Schema.Struct({ fast: Schema.Int, slow: Schema.Int }) })
  ),
  oos_total_return: Schema.Finite,
  oos_sharpe: Schema.Finite,
  oos_max_drawdown: Schema.Finite,
  trials_on_data: Schema.Int,
  oos_dates: Schema.Array(Schema.String),
  oos_equity: Schema.Array(Schema.Finite)
})
const Reference = Schema.fromJsonString(
  Schema.Struct({ walk_forward: Schema.Struct({ windows: Schema.Array(Window) }) })
)

describe("for machines", () => {
  it("every window is told with its bars, its parameters and its figures, and the curve with its dates", async () => {
    const walked = Schema.decodeUnknownSync(Walked)(
      await plimsollJson([
        ...walkForward,
        "sma-cross",
        "--grid",
        "fast=5,8,10,15,20,25,30,40",
        "--grid",
        "slow=50,60,80,100,120,150,180,200",
        ...windows,
        "--objective",
        "sharpe",
        ...free
      ])
    )
    expect(walked.windows).toHaveLength(37)
    expect(walked.windows[0]).toMatchObject({ train: [0, 503], test: [504, 629], fast: 40, slow: 200 })
    for (const { fast, parameters, slow } of walked.windows) expect(parameters).toEqual({ fast, slow })
    expect(walked.windows[36]?.test).toEqual([5040, 5104])
    expect(walked.trials_on_data).toBe(65)
    expect(walked.oos_dates).toHaveLength(4601)
    expect([walked.oos_dates[0], walked.oos_dates.at(-1)]).toEqual(["2002-01-08", "2020-04-17"])
    expect((walked.oos_equity.at(-1) ?? 0) - 1).toBeCloseTo(walked.oos_total_return, 12)
    if (!hasShared) return
    const { walk_forward: reference } = Schema.decodeUnknownSync(Reference)(
      readFileSync(sharedPath("oracles", "wf.json"), "utf8")
    )
    for (const [i, theirs] of reference.windows.entries()) {
      const ours = walked.windows[i]
      const { fast, slow } = theirs
      expect({ ...ours, train_sharpe: 0, test_return: 0 }).toEqual({
        ...theirs,
        parameters: { fast, slow },
        train_sharpe: 0,
        test_return: 0
      })
      expect(Math.abs((ours?.train_sharpe ?? 0) / theirs.train_sharpe - 1)).toBeLessThan(1e-10)
      expect(Math.abs((ours?.test_return ?? 0) - theirs.test_return)).toBeLessThan(1e-11)
    }
  })

  it("the same again counts the same trials once more, and --resume plays nothing anew", async () => {
    const args = [...walkForward, "sma-cross", "--grid", "fast=5,8", "--grid", "slow=50", ...windows, ...free]
    const first = await plimsollJson(args)
    expect(await plimsollJson(args)).toEqual(first)
    expect(await plimsollJson([...args, "--resume"])).toEqual(first)
    const { out } = await plimsoll([...args, "--resume"])
    expect(out).toContain("were there from an earlier try")
  })
})

const Minutes = Schema.Struct({
  windows: Schema.Array(
    Schema.Struct({
      minutes: Schema.Int,
      test: Pair,
      test_dates: Schema.Tuple([Schema.String, Schema.String]),
      test_return: Schema.Finite,
      train_dates: Schema.Tuple([Schema.String, Schema.String]),
      train_return: Schema.Finite
    })
  )
})
const Played = Schema.Struct({ total_return: Schema.Finite })

/** In and out by the minute, flat overnight only by chance. */
const minuteMean = `import { defineStrategy, sma, whole } from "plimsoll/strategy"
export default defineStrategy({
  name: "minute-mean", title: "Minute mean", summary: "Long above a mean of minutes.",
  instruments: { least: 1, most: 1 },
  parameters: { minutes: whole({ default: 30, minimum: 2, maximum: 300, meaning: "of the mean" }) },
  make: ({ minutes }) => {
    const mean = sma(minutes)
    return {
      resolution: "1m",
      indicators: [mean],
      onBar: ({ histories, instruments, valueOf }) => instruments.flatMap(({ id }) => {
        const history = histories.get(id)
        const level = valueOf(mean, id)
        if (history === undefined || level === undefined) return []
        return [{ instrumentId: id, weight: history.close[history.length - 1] > level ? 0.9 : 0, reason: "mean" }]
      })
    }
  }
})
`

const onMinutes = "on minute bars every window is the backtest of its sessions"
it.skipIf(!hasShared)(hasShared ? onMinutes : skippedName(onMinutes, "no ../shared"), async () => {
  mkdirSync("algorithms", { recursive: true })
  writeFileSync("algorithms/minute-mean.ts", minuteMean)
  const prices = ["minute-mean", "--data", sharedPath("lean-data"), "--symbol", "SPY", ...free]
  const grid = ["--grid", "minutes=5,15,60", "--train", "2", "--test", "2", "--objective", "total_return"]
  const period = ["--from", "2013-10-04", "--to", "2013-10-11"]
  const { windows: walked } = Schema.decodeUnknownSync(Minutes)(
    await plimsollJson([...walkForward, ...prices, ...grid, ...period])
  )
  expect(walked.map(({ test }) => test)).toEqual([
    [2, 3],
    [4, 5]
  ])
  const returnOf = async (minutes: number, [from, to]: readonly [string, string]): Promise<number> =>
    Schema.decodeUnknownSync(Played)(
      await plimsollJson([
        "backtest",
        "run",
        ...prices,
        "--param",
        `minutes=${minutes}`,
        "--from",
        from,
        "--to",
        to,
        "--cash",
        "100000000"
      ])
    ).total_return
  for (const one of walked) {
    expect(await returnOf(one.minutes, one.test_dates)).toBeCloseTo(one.test_return, 9)
    const trained: Array<number> = []
    for (const minutes of [5, 15, 60]) trained.push(await returnOf(minutes, one.train_dates))
    // The chosen one is the best of them.
    expect(Math.max(...trained)).toBeCloseTo(one.train_return, 9)
  }
})

describe("for people", () => {
  it("a table has every window, the efficiency and how steady the choice was, beside a page", async () => {
    const { code, out } = await plimsoll([
      ...walkForward,
      "sma-cross",
      "--grid",
      "fast=5,10",
      "--grid",
      "slow=50,100",
      ...windows,
      "--embargo",
      "10",
      "--anchored",
      "--objective",
      "calmar",
      ...free,
      "--html",
      "walk.html"
    ])
    expect(code).toBe(0)
    expect(out).toContain("all sessions from the first on, at least 504 sessions")
    expect(out).toContain("10 left out")
    expect(out).toMatch(/2002-01-23\s+2002-07-23\s+\d+\s+\d+/u)
    expect(out).toContain("walk-forward efficiency")
    expect(out).toMatch(/fast: \d+ in [\d.]+% of the windows, changed \d+ times/u)
    expect(out).toContain("on the vectorised path")
    expect(out).toMatch(/\d+ trials on this data set so far/u)
    const page = readFileSync("walk.html", "utf8")
    expect(page).toContain("sma-cross: walk-forward")
    expect(page).toContain("train 504 sessions, embargo 10, test 126, anchored")
  })
})

it("a strategy that throws at every point is told by what it threw", async () => {
  mkdirSync("algorithms", { recursive: true })
  writeFileSync(
    "algorithms/throwing.ts",
    `import { defineStrategy, whole } from "plimsoll/strategy"
export default defineStrategy({
  name: "throwing", title: "Throwing", summary: "Throws.", instruments: { least: 1, most: 1 },
  parameters: { days: whole({ default: 5, minimum: 1, maximum: 9, meaning: "days" }) },
  make: () => ({ onBar: () => { throw new Error("boom") } })
})
`
  )
  const period = ["--from", "2010-01-04", "--to", "2011-06-30", "--grid", "days=2,3"]
  const walked = await plimsoll([...walkForward, "throwing", ...period, "--train", "126", "--test", "63"])
  expect(walked.code).toBe(64)
  expect(walked.err).toContain("segments failed: boom")
  const judged = await plimsoll(["backtest", "overfit", "throwing", ...period])
  expect(judged.code).toBe(64)
  expect(judged.err).toContain("2 of 2 failed: boom")
})

describe("what does not fit is bad usage", () => {
  const grid = ["sma-cross", "--grid", "fast=5", "--grid", "slow=50"]
  it.each([
    [
      [...grid, "--train", "5000", "--test", "126"],
      "train 5000 + test 126 is 5126 sessions, and there are 5105"
    ],
    [[...grid, "--train", "1", "--test", "126"], "a train window of 1 session"],
    [[...grid, "--train", "504", "--test", "1"], "a test window of 1 session"],
    [[...grid, ...windows, "--embargo=-1"], "an embargo of -1: expected a whole number of sessions from 0"],
    [[...grid, ...windows, "--objective", "sortina"], "did you mean sortino?"],
    [[...grid, "--test", "126"], "Missing required flag: --train"],
    [["sma-cross", ...windows], "needs a grid"],
    [["sma-cross", "--grid", "fsat=5", ...windows], "did you mean fast?"],
    [[...grid, ...windows, "--costs", "lean", "--resume"], "Leave --resume out"],
    [
      ["sma-cross", "--grid", "fast=1..60", "--grid", "slow=61..100", "--train", "20", "--test", "2"],
      "400000 is the most"
    ]
  ])("%j", async (args, message) => {
    const ran = await plimsoll([...walkForward, ...args])
    expect(ran).toMatchObject({ code: 64, out: "" })
    expect(ran.err).toContain(message)
  })
})
