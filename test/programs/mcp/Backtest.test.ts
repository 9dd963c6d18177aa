/** The backtest server through the SDK's client, in one process; backtests are played in worker threads. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { OrderJournal } from "../../../src/execution/OrderJournal.ts"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { backtestServerIn } from "../../../src/programs/mcp/backtest/BacktestServer.ts"
import { plimsoll } from "../cli/InProcess.ts"
import { newProject, type ServedDesk, serveDesk } from "./McpDesk.ts"

const Nullable = Schema.NullOr(Schema.Finite)
const Words = Schema.NullOr(Schema.String)
const Named = Schema.Array(
  Schema.Struct({ name: Schema.String, value: Schema.Union([Schema.Finite, Schema.String, Schema.Boolean]) })
)

const Results = Schema.Struct({
  backtest_id: Schema.String,
  algorithm: Schema.String,
  reused: Schema.Boolean,
  profile_label: Schema.String,
  promotable: Schema.Boolean,
  result_hash: Schema.String,
  trials_on_data: Schema.NullOr(Schema.Int),
  tear_sheet: Words,
  command: Schema.String,
  notes: Schema.Array(Schema.String),
  inputs: Schema.optionalKey(
    Schema.Struct({
      parameters: Named,
      symbols: Schema.Array(Schema.String),
      start_date: Schema.String,
      end_date: Schema.String,
      cash: Schema.String,
      profile: Schema.String,
      costs: Schema.String
    })
  ),
  figures: Schema.optionalKey(
    Schema.Struct({
      sessions: Schema.Int,
      equity_end: Words,
      statistics: Schema.Struct({ total_return: Nullable, sharpe: Nullable, max_drawdown: Nullable }),
      orders: Schema.Int,
      fills: Schema.Int,
      trades: Schema.Int,
      denied: Schema.Int,
      denials: Schema.Array(Schema.Struct({ rule: Schema.String, count: Schema.Int })),
      fees: Schema.String,
      interest: Words
    })
  ),
  curve: Schema.optionalKey(
    Schema.Struct({ rows: Schema.Array(Schema.Array(Schema.String)), points: Schema.Int })
  ),
  statistics: Schema.optionalKey(
    Schema.Struct({
      lean: Schema.Array(Schema.Struct({ name: Schema.String, value: Schema.Unknown })),
      own: Schema.Array(Schema.Struct({ name: Schema.String, value: Schema.Unknown }))
    })
  ),
  orders: Schema.optionalKey(
    Schema.Struct({
      rows: Schema.Array(
        Schema.Struct({ order_id: Schema.String, order: Schema.String, status: Schema.String })
      ),
      total: Schema.Int,
      next_cursor: Words
    })
  )
})
const decodeResults = Schema.decodeUnknownSync(Results)

const List = Schema.Struct({
  backtests: Schema.Array(
    Schema.Struct({
      backtest_id: Schema.String,
      status: Schema.String,
      algorithm: Words,
      promotable: Schema.NullOr(Schema.Boolean),
      total_return: Nullable,
      note: Words
    })
  ),
  running: Schema.Array(Schema.String),
  algorithms: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({ name: Schema.String, kind: Schema.String, parameters: Schema.Array(Schema.String) })
    )
  ),
  total: Schema.Int,
  next_cursor: Words
})
const decodeList = Schema.decodeUnknownSync(List)

const Comparison = Schema.Struct({
  columns: Schema.Array(Schema.Struct({ backtest_id: Schema.String, algorithm: Schema.String })),
  comparable: Schema.Boolean,
  differing: Schema.Array(
    Schema.Struct({ input: Schema.String, of: Schema.String, values: Schema.Array(Schema.String) })
  ),
  rows: Schema.Array(
    Schema.Struct({
      statistic: Schema.String,
      values: Schema.Array(Nullable),
      differences: Schema.Array(Nullable)
    })
  ),
  notes: Schema.Array(Schema.String)
})
const decodeComparison = Schema.decodeUnknownSync(Comparison)

const Cell = Schema.NullOr(Schema.Union([Schema.Finite, Schema.String, Schema.Boolean]))
const Sweep = Schema.Struct({
  sweep_id: Schema.String,
  figures: Schema.Struct({
    points: Schema.Int,
    done: Schema.Int,
    refused: Schema.Int,
    failed: Schema.Int,
    columns: Schema.Array(Schema.String),
    best: Schema.Array(Schema.Array(Cell)),
    worst: Schema.NullOr(Schema.Array(Cell)),
    stability: Schema.Struct({ neighbours: Schema.Int, sharpe_median: Nullable })
  }),
  rows: Schema.Array(Schema.Array(Cell)),
  next_cursor: Words,
  points_file: Schema.String,
  trials_on_data: Schema.Int,
  notes: Schema.Array(Schema.String)
})
const decodeSweep = Schema.decodeUnknownSync(Sweep)

const started: Array<() => Promise<void>> = []
const cwd = process.cwd()
afterAll(async () => {
  process.chdir(cwd)
  for (const close of started) await close()
})

/** Algorithms of the project's own, by file name below algorithms/. */
type Files = Readonly<Record<string, string>>

/** A server in a project of its own. */
const bench = async (files: Files = {}, config?: unknown) => {
  const folder = newProject(config)
  mkdirSync(join(folder, "algorithms"))
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, "algorithms", name)
    mkdirSync(join(path, ".."), { recursive: true })
    writeFileSync(path, text)
  }
  const desk = await serveDesk(
    backtestServerIn(() => deskFolderAt(folder, undefined)),
    { folder }
  )
  started.push(async () => {
    await desk.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const run = async (...args: ReadonlyArray<string>) => {
    process.chdir(folder)
    const { code, err, out } = await plimsoll(args)
    if (code !== 0) throw new Error(err)
    return out
  }
  return { ...desk, run, stored: join(folder, ".plimsoll/backtests") }
}

type Arguments = Readonly<Record<string, unknown>>

const answer = async (desk: ServedDesk, tool: string, args: Arguments) => {
  const { isError, text, value } = await desk.call(tool, args)
  if (isError) throw new Error(text)
  return { text, value }
}

const results = async (desk: ServedDesk, tool: string, args: Arguments) =>
  decodeResults((await answer(desk, tool, args)).value)

const refusal = async (desk: ServedDesk, tool: string, args: Arguments) => {
  const { isError, text } = await desk.call(tool, args)
  expect(isError, text).toBe(true)
  return text
}

const listed = async (desk: ServedDesk, args: Arguments = {}) =>
  decodeList((await answer(desk, "list_backtests", args)).value)

/** Asks until it is so. */
const until = async <A>(ask: () => Promise<A>, isSo: (answer: A) => boolean): Promise<A> => {
  let now = await ask()
  while (!isSo(now)) now = await ask()
  return now
}

/** Threads that were begun and have not ended. */
let workers = 0
process.on("worker", (worker) => {
  workers += 1
  worker.once("exit", () => (workers -= 1))
})

const crash = { start_date: "2008-09-02", end_date: "2008-12-31", symbols: ["SPX-REPLAY"] }

/** A strategy that never comes back at its third bar. */
const endless = `import { defineStrategy } from "plimsoll/strategy"
export default defineStrategy({
  name: "endless",
  title: "Endless",
  summary: "Never comes back.",
  instruments: { least: 1, most: 1 },
  parameters: {},
  make: () => ({ onBar: (context) => { for (;;) if (context.sessionIndex < 2) return [] } })
})
`
const throwing = endless
  .replaceAll("endless", "throwing")
  .replace(
    "for (;;) if (context.sessionIndex < 2) return []",
    'if (context.sessionIndex < 2) return []; throw new TypeError("no such thing")'
  )

describe("a backtest", () => {
  let desk: Awaited<ReturnType<typeof bench>>
  beforeAll(async () => {
    desk = await bench()
  })

  it("is told with its figures, its curve, its limits and a page", async () => {
    const { text, value } = await answer(desk, "run_backtest", {
      algorithm: "guarded-holder",
      ...crash,
      cash: "50000"
    })
    const told = decodeResults(value)
    expect(told).toMatchObject({
      algorithm: "guarded-holder",
      reused: false,
      profile_label: "single-index limits: one broad index may be all of the account",
      promotable: true,
      trials_on_data: 1,
      inputs: { symbols: ["SPX-REPLAY"], cash: "50000.00", profile: "single-index", costs: "paper" }
    })
    expect(told.figures?.sessions).toBe(85)
    expect(told.figures?.fills).toBeGreaterThan(0)
    expect(told.figures?.statistics.max_drawdown).toBeLessThan(0)
    expect(told.curve?.points).toBe(86)
    expect(told.curve?.rows.length).toBeLessThanOrEqual(60)
    expect(told.curve?.rows.at(-1)).toEqual(["2008-12-31", told.figures?.equity_end])
    expect(told.tear_sheet !== null && existsSync(told.tear_sheet)).toBe(true)
    expect(text).toContain("single-index limits")
  })

  it("is the one that the command it names gives", async () => {
    const told = await results(desk, "run_backtest", {
      algorithm: "sma-cross",
      ...crash,
      parameters: ["fast=8"]
    })
    expect(told.inputs?.parameters).toContainEqual({ name: "fast", value: 8 })
    expect(told.command.startsWith("plimsoll backtest run sma-cross ")).toBe(true)
    const before = readdirSync(desk.stored)
    const printed: unknown = JSON.parse(await desk.run(...told.command.split(" ").slice(1), "--json"))
    expect(JSON.stringify(printed)).toContain(told.backtest_id)
    expect(readdirSync(desk.stored)).toEqual(before)
    const { result_hash: hash } = await results(desk, "get_backtest_results", {
      backtest_id: told.backtest_id
    })
    expect(hash).toBe(told.result_hash)
  })

  it("leaves the desk's own books as they are", async () => {
    const head = () => desk.onDesk(Effect.flatMap(OrderJournal, (journal) => journal.head))
    const before = await head()
    await results(desk, "run_backtest", {
      algorithm: "buy-and-hold",
      start_date: "2016-01-04",
      end_date: "2016-02-29",
      symbols: ["aapl"]
    })
    expect(await head()).toBe(before)
  })

  it("of the same inputs is the same under the same id, counted once, and played only when it is wanted", async () => {
    const args = { algorithm: "buy-and-hold", ...crash, end_date: "2008-10-31" }
    const first = await results(desk, "run_backtest", { ...args, reuse: true })
    expect(first.reused).toBe(false)
    const second = await results(desk, "run_backtest", args)
    expect(second).toMatchObject({
      reused: false,
      backtest_id: first.backtest_id,
      result_hash: first.result_hash,
      trials_on_data: first.trials_on_data
    })
    const third = await results(desk, "run_backtest", { ...args, reuse: true })
    expect(third).toMatchObject({ reused: true, figures: second.figures })
    const other = await results(desk, "run_backtest", { ...args, cash: "99999", reuse: true })
    expect(other.reused).toBe(false)
    expect(other.backtest_id).not.toBe(first.backtest_id)
  })

  it("that goes past the desk's market time says so, and under research limits that it is not promotable", async () => {
    const { text, value } = await answer(desk, "run_backtest", {
      algorithm: "buy-and-hold",
      start_date: "2016-12-01",
      end_date: "2017-01-31",
      symbols: ["SPX-REPLAY"],
      profile: "research"
    })
    const told = decodeResults(value)
    expect(told.promotable).toBe(false)
    expect(told.notes[0]).toContain("made under research limits: permissive, not for a desk: not promotable")
    expect(told.notes.join("\n")).toContain("past the desk's market time (2017-01-03)")
    expect(text).toContain("not promotable")
    const compared = await answer(desk, "compare_backtests", {
      ids: [
        told.backtest_id,
        (await results(desk, "run_backtest", { algorithm: "buy-and-hold", ...crash })).backtest_id
      ]
    })
    expect(compared.text).toContain("not promotable")
    expect((await answer(desk, "list_backtests", {})).text).toContain("not promotable")
  })

  it("on prices before 2008 says what is wrong with the index's opens", async () => {
    const told = await results(desk, "run_backtest", {
      algorithm: "buy-and-hold",
      start_date: "2004-01-02",
      end_date: "2004-02-27",
      symbols: ["SPX-REPLAY"]
    })
    expect(told.notes.join("\n")).toContain("Before 2006 nearly every open of this file is the prior close")
  })

  it("of options trades them, and says first whose prices they are", async () => {
    const told = await results(desk, "run_backtest", {
      algorithm: "put-spread",
      start_date: "2016-06-01",
      end_date: "2016-07-15",
      symbols: ["AAPL"]
    })
    expect(told.figures?.fills).toBeGreaterThan(1)
    expect(told.notes[0]).toContain("All option orders were made on modelled quotes")
  })
})

describe("sections of a result", () => {
  let desk: Awaited<ReturnType<typeof bench>>
  let id = ""
  beforeAll(async () => {
    desk = await bench()
    const args = {
      algorithm: "sma-cross",
      start_date: "2008-01-02",
      end_date: "2015-12-31",
      parameters: ["fast=2", "slow=5"]
    }
    id = (await results(desk, "run_backtest", args)).backtest_id
  })

  it("are the summary and the curve unless others are asked for", async () => {
    const told = await results(desk, "get_backtest_results", { backtest_id: id })
    expect([told.figures === undefined, told.curve === undefined, told.orders === undefined]).toEqual([
      false,
      false,
      true
    ])
    const other = await results(desk, "get_backtest_results", { backtest_id: id, sections: ["statistics"] })
    expect([other.figures, other.curve]).toEqual([undefined, undefined])
    expect(other.statistics?.lean.map(({ name }) => name)).toContain("Probabilistic Sharpe Ratio")
  })

  it("come in pages, each row once", async () => {
    const seen: Array<string> = []
    let cursor: string | undefined
    let total = 0
    do {
      const { orders } = await results(desk, "get_backtest_results", {
        backtest_id: id,
        sections: ["orders"],
        ...(cursor === undefined ? {} : { cursor })
      })
      seen.push(...(orders?.rows ?? []).map(({ order_id: order }) => order))
      total = orders?.total ?? 0
      cursor = orders?.next_cursor ?? undefined
    } while (cursor !== undefined)
    expect(total).toBeGreaterThan(100)
    expect(new Set(seen).size).toBe(total)
    expect(seen.length).toBe(total)
  })

  it("refuse another cursor, and a section that there is not", async () => {
    expect(
      await refusal(desk, "get_backtest_results", { backtest_id: id, sections: ["orders"], cursor: "bm9uZQ" })
    ).toContain("CursorInvalid")
    expect(
      await refusal(desk, "get_backtest_results", { backtest_id: id, sections: ["everything"] })
    ).toContain("sections.0: expected")
  })
})

describe("what cannot be run", () => {
  let desk: Awaited<ReturnType<typeof bench>>
  beforeAll(async () => {
    desk = await bench({
      "throwing.ts": throwing,
      "endless.ts": endless,
      "spoilt.ts": "export default 3\n",
      "mine/main.py": "pass\n",
      "mine/config.json": "{}\n"
    })
  })
  const good = { algorithm: "sma-cross", start_date: "2008-01-02", end_date: "2008-04-30" }

  it.each([
    [
      "another algorithm",
      { algorithm: "sma-cros" },
      'UnknownAlgorithm: There is no strategy "sma-cros"',
      "The nearest is sma-cross"
    ],
    ["a path", { algorithm: "../../etc/passwd" }, "UnknownAlgorithm", "choose one of these"],
    ["an algorithm that is none", { algorithm: "spoilt" }, "AlgorithmInvalid", "has to be mended"],
    ["another parameter", { parameters: ["fats=5"] }, 'no parameter "fats"', "fast"],
    ["a value outside its range", { parameters: ["fast=-3"] }, "fast", "expected"],
    ["a parameter twice", { parameters: ["fast=5", "fast=6"] }, "ParameterTwice", "fast is given twice"],
    ["a parameter without a value", { parameters: ["fast"] }, "parameters.0: expected NAME=VALUE", ""],
    [
      "dates the wrong way round",
      { start_date: "2009-01-02" },
      "start_date 2009-01-02 is after end_date 2008-04-30",
      ""
    ],
    ["dates beyond the data", { end_date: "2031-01-02" }, "the data reach from 2000-01-03 to 2020-04-17", ""],
    ["a day that no month has", { end_date: "2008-02-30" }, "there is no 2008-02-30", ""],
    ["another symbol", { symbols: ["MSFT"] }, "no source has MSFT", "SPX-REPLAY"],
    ["no money", { cash: "0" }, "cash: expected an amount above zero", ""],
    ["another profile", { profile: "yolo" }, "profile: expected", ""],
    ["other costs", { costs: "cheap" }, "costs: expected", ""],
    ["a margin rate without margin", { margin_rate_basis_points: 5 }, "RunRefused", "reg-t"],
    ["another argument", { strategy: "trend" }, "strategy: no such argument", ""],
    [
      "too few bars for the warm-up",
      { start_date: "2000-01-03", end_date: "2000-02-29", parameters: ["slow=200"] },
      "TooFewBars",
      "call it again"
    ]
  ])("%s is refused, and nothing is begun", async (_, wrong, message, more) => {
    const text = await refusal(desk, "run_backtest", { ...good, ...wrong })
    expect(text).toContain(message)
    expect(text).toContain(more)
    expect((await listed(desk)).total).toBe(0)
  })

  it("a LEAN project that is told its symbols is refused; without LEAN it is said what is missing", async () => {
    expect(await refusal(desk, "run_backtest", { algorithm: "mine", symbols: ["SPY"] })).toContain(
      "mine is a LEAN project"
    )
    const path = process.env["PATH"]
    process.env["PATH"] = desk.folder
    try {
      const text = await refusal(desk, "run_backtest", { algorithm: "mine" })
      expect(text).toContain("LeanFailure")
      expect(text).toContain("Next: tell a person")
    } finally {
      process.env["PATH"] = path
    }
    expect((await listed(desk)).total).toBe(0)
  })

  it("a desk whose configuration is spoilt says so", async () => {
    writeFileSync(join(desk.folder, "plimsoll.json"), "{")
    expect(await refusal(desk, "run_backtest", good)).toContain("ConfigInvalid: plimsoll.json")
    writeFileSync(join(desk.folder, "plimsoll.json"), "{}")
  })

  it("what can be run is told, with parameters and what is wrong with the others", async () => {
    const { algorithms } = await listed(desk, { algorithms: true })
    const named = new Map(algorithms?.map((one) => [one.name, one]))
    expect(named.get("sma-cross")?.parameters.join("\n")).toContain("fast=")
    expect(named.get("mine")?.kind).toBe("lean")
    expect(named.get("spoilt")?.kind).toBe("invalid")
    expect(named.get("throwing")?.kind).toBe("file")
    expect((await listed(desk)).algorithms).toBeUndefined()
  })

  it("one that throws is kept as failed, with its bar and its stack", async () => {
    const text = await refusal(desk, "run_backtest", { ...good, algorithm: "throwing" })
    expect(text).toContain("BacktestFailed: backtest throwing-")
    expect(text).toContain("failed (threw) at bar 3")
    expect(text).toContain("no such thing")
    const [row] = (await listed(desk)).backtests
    expect(row).toMatchObject({ status: "failed", algorithm: "throwing" })
    const again = await refusal(desk, "get_backtest_results", { backtest_id: row?.backtest_id ?? "" })
    expect(again).toContain("failed (threw) at bar 3")
  })

  it("one that never comes back is stopped by its time limit, and the server answers meanwhile", async () => {
    const played = desk.call("run_backtest", { ...good, algorithm: "endless", time_limit_seconds: 5 })
    await until(
      () => listed(desk),
      ({ running }) => running.length === 1
    )
    expect((await desk.call("health_check")).value).toMatchObject({ status: "ok" })
    const { isError, text } = await played
    expect(isError).toBe(true)
    expect(text).toContain("failed (time-limit) at bar 3")
    expect((await listed(desk)).running).toEqual([])
  })
})

describe("while a backtest is played", () => {
  const years = { algorithm: "guarded-holder", start_date: "2000-01-03", end_date: "2019-12-31" }

  it("its client hears how far it is", async () => {
    const desk = await bench()
    const heard: Array<number> = []
    const messages: Array<string> = []
    await desk.client.callTool({ name: "run_backtest", arguments: years }, undefined, {
      onprogress: ({ message, progress, total }) => {
        heard.push(progress / (total ?? 1))
        messages.push(message ?? "")
      }
    })
    expect(heard.at(-1)).toBe(1)
    expect(heard).toEqual(heard.toSorted((a, b) => a - b))
    expect(heard.length).toBeLessThanOrEqual(101)
    expect(messages.at(-1)).toMatch(/^2019-12-31: equity \d+\.\d\d$/u)
  })

  it("a canceled one gives its turn back, and one that never comes back is ended too", async () => {
    const desk = await bench({ "endless.ts": endless })
    const abort = new AbortController()
    const args = { ...years, algorithm: "endless", symbols: ["SPX-REPLAY"] }
    const call = desk.client.callTool({ name: "run_backtest", arguments: args }, undefined, {
      signal: abort.signal
    })
    const refused = expect(call).rejects.toThrow()
    const { running } = await until(
      () => listed(desk),
      (list) => list.running.length === 1
    )
    expect(await refusal(desk, "get_backtest_results", { backtest_id: running[0] ?? "" })).toContain(
      "is still running"
    )
    await until(
      () => listed(desk),
      () => workers === 1
    )
    abort.abort()
    await refused
    await until(
      () => listed(desk),
      (list) => list.running.length === 0
    )
    // The turn and the processor are free again.
    expect(workers).toBe(0)
    await results(desk, "run_backtest", { ...crash, algorithm: "buy-and-hold" })
  })

  it("a canceled one is gone on with to the very same result", async () => {
    const desk = await bench()
    const abort = new AbortController()
    const call = desk.client.callTool({ name: "run_backtest", arguments: years }, undefined, {
      signal: abort.signal,
      onprogress: ({ progress }) => {
        if (progress > 50) abort.abort()
      }
    })
    await expect(call).rejects.toThrow()
    const { backtests } = await until(
      () => listed(desk),
      (list) => list.running.length === 0
    )
    const [row] = backtests
    expect(row).toMatchObject({ status: "interrupted" })
    const text = await refusal(desk, "get_backtest_results", { backtest_id: row?.backtest_id ?? "" })
    expect(text).toContain("BacktestUnfinished")
    expect(text).toContain("was interrupted after")
    const resumed = await results(desk, "run_backtest", { ...years, reuse: true })
    expect(resumed).toMatchObject({ backtest_id: row?.backtest_id, reused: false })
    const whole = await results(desk, "run_backtest", years)
    expect(whole.result_hash).toBe(resumed.result_hash)
    expect((await listed(desk)).backtests).toHaveLength(1)
  })

  it("more wait for their turn, and more than that are refused", async () => {
    const desk = await bench()
    const short = { ...crash, algorithm: "buy-and-hold" }
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, i) => desk.call("run_backtest", { ...short, cash: String(50_000 + i) }))
    )
    const refused = all.filter(({ isError }) => isError)
    expect(refused.length).toBe(3)
    for (const { text } of refused)
      expect(text).toContain("BacktestsBusy: 9 backtests are being played or wait already")
    const ids = all.flatMap(({ isError, value }) => (isError ? [] : [value["backtest_id"]]))
    expect(new Set(ids).size).toBe(9)
  })
})

describe("backtests that are there", () => {
  let desk: Awaited<ReturnType<typeof bench>>
  const ids: Array<string> = []
  beforeAll(async () => {
    desk = await bench()
    const short = { start_date: "2008-01-02", end_date: "2008-02-29" }
    for (const more of [
      { algorithm: "buy-and-hold" },
      { algorithm: "guarded-holder" },
      { algorithm: "buy-and-hold", cash: "200000", end_date: "2008-03-31", costs: "none" },
      { algorithm: "buy-and-hold", symbols: ["AAPL"], start_date: "2014-01-02", end_date: "2014-02-28" }
    ]) {
      ids.push((await results(desk, "run_backtest", { ...short, ...more })).backtest_id)
    }
  })

  it("are listed newest first, in pages, and runs of plimsoll run are not", async () => {
    await desk.run("run", "--from", "2008-01-02", "--to", "2008-01-31", "--json")
    expect((await listed(desk)).backtests.map(({ backtest_id: id }) => id)).toEqual(ids.toReversed())
    const first = await listed(desk, { limit: 3 })
    expect(first.backtests).toHaveLength(3)
    const second = await listed(desk, { limit: 3, cursor: first.next_cursor })
    expect(second.backtests.map(({ backtest_id: id }) => id)).toEqual(ids.slice(0, 1))
    expect(second.next_cursor).toBeNull()
    expect(await refusal(desk, "list_backtests", { cursor: "bm9uZQ" })).toContain("CursorInvalid")
  })

  it("are found by the beginning of an id, and the latest by that word", async () => {
    const [first = ""] = ids
    const told = await results(desk, "get_backtest_results", { backtest_id: first.slice(0, -3) })
    expect(told.backtest_id).toBe(first)
    expect((await results(desk, "get_backtest_results", { backtest_id: "latest" })).backtest_id).toBe(ids[3])
  })

  it("made under the same conditions are comparable, with differences from the first", async () => {
    const { value } = await desk.call("compare_backtests", { ids: ids.slice(0, 2) })
    const compared = decodeComparison(value)
    expect(compared.comparable).toBe(true)
    expect(compared.differing.map(({ input, of }) => [input, of])).toContainEqual(["algorithm", "algorithm"])
    expect(compared.columns.map(({ algorithm }) => algorithm)).toEqual(["buy-and-hold", "guarded-holder"])
    const told = await Promise.all(
      ids.slice(0, 2).map((id) => results(desk, "get_backtest_results", { backtest_id: id }))
    )
    const returns = told.map(({ figures }) => figures?.statistics.total_return ?? Number.NaN)
    const row = compared.rows.find(({ statistic }) => statistic === "total_return")
    expect(row?.values).toEqual(returns)
    expect(row?.differences[0]).toBe(0)
    expect(row?.differences[1]).toBeCloseTo((returns[1] ?? 0) - (returns[0] ?? 0), 6)
    expect(compared.notes.join()).toContain("two standard errors")
  })

  it("are comparable whatever warm-up they need", async () => {
    const crossing = await results(desk, "run_backtest", {
      algorithm: "sma-cross",
      start_date: "2008-01-02",
      end_date: "2008-02-29"
    })
    const { value } = await desk.call("compare_backtests", { ids: [ids[0], crossing.backtest_id] })
    expect(decodeComparison(value)).toMatchObject({ comparable: true })
    rmSync(join(desk.stored, crossing.backtest_id), { recursive: true })
  })

  it("made under others are said not to be, and in what", async () => {
    const compared = decodeComparison((await desk.call("compare_backtests", { ids })).value)
    expect(compared.comparable).toBe(false)
    const differing = compared.differing.flatMap(({ input, of }) => (of === "conditions" ? [input] : []))
    for (const input of ["symbols", "dates", "data", "cash", "limits", "fee"])
      expect(differing).toContain(input)
    expect(compared.differing.find(({ input }) => input === "cash")?.values).toEqual([
      "100000.00",
      "100000.00",
      "200000.00",
      "100000.00"
    ])
    expect(compared.notes[0]).toContain("not comparable")
  })

  it.each([
    ["one", (all: ReadonlyArray<string>) => all.slice(0, 1), "ids: expected"],
    ["eleven", () => Array.from({ length: 11 }, (_, i) => `x${i}`), "ids: expected"],
    ["one twice", (all: ReadonlyArray<string>) => [all[0], all[0]], "ids: expected ids that differ"],
    [
      "one that is not there",
      (all: ReadonlyArray<string>) => [all[0], "nothing"],
      'there is no backtest "nothing"'
    ]
  ])("%s cannot be compared", async (_, which, message) => {
    expect(await refusal(desk, "compare_backtests", { ids: which(ids) })).toContain(message)
  })

  it("are told when another id is asked for", async () => {
    const text = await refusal(desk, "get_backtest_results", { backtest_id: "trend-0000000000" })
    expect(text).toContain('BacktestNotFound: there is no backtest "trend-0000000000"')
    expect(text).toContain(ids[3] ?? "?")
  })

  it("are not left by an id that is a path", async () => {
    cpSync(join(desk.stored, ids[0] ?? ""), join(desk.folder, "outside"), { recursive: true })
    for (const id of [
      "../../outside",
      "..",
      ".",
      "/etc",
      "outside/..",
      `${ids[0]}/x`,
      "a\u0000b",
      "trials.db"
    ]) {
      expect(await refusal(desk, "get_backtest_results", { backtest_id: id })).toContain("BacktestNotFound")
      expect(await refusal(desk, "compare_backtests", { ids: [ids[1], id] })).toContain("BacktestNotFound")
    }
  })

  it("that is damaged is told as such, listed so, and hides no other", async () => {
    const [id = ""] = ids
    const file = join(desk.stored, id, "result.json")
    const whole = readFileSync(file, "utf8")
    for (const spoilt of ["", "{", whole.slice(0, 500), whole.replace('"fees":', '"fees":1')]) {
      writeFileSync(file, spoilt)
      const text = await refusal(desk, "get_backtest_results", { backtest_id: id })
      expect(text).toContain("BacktestDamaged")
      expect(text).toContain("Next: run it again")
      const list = await listed(desk)
      expect(list.backtests.find((row) => row.backtest_id === id)).toMatchObject({ status: "damaged" })
      expect(list.backtests).toHaveLength(ids.length)
    }
    writeFileSync(file, whole)
    expect((await results(desk, "get_backtest_results", { backtest_id: id })).backtest_id).toBe(id)
  })

  it("are told though the ledger of trials is damaged: only the count is missing", async () => {
    const file = join(desk.stored, "trials.db")
    const whole = readFileSync(file)
    writeFileSync(file, "no database")
    const told = await results(desk, "get_backtest_results", { backtest_id: ids[1] ?? "" })
    expect(told.trials_on_data).toBeNull()
    writeFileSync(file, whole)
  })
})

describe("a sweep", () => {
  const asked = {
    algorithm: "sma-cross",
    start_date: "2008-01-02",
    end_date: "2012-12-31",
    symbols: ["SPX-REPLAY"],
    grid: ["fast=5,8,60", "slow=50..60:10"],
    costs: "none",
    profile: "research"
  }
  let desk: Awaited<ReturnType<typeof bench>>
  beforeAll(async () => {
    desk = await bench()
  })

  it("tells the best, the worst, how stable it is, and counts every point", async () => {
    const heard: Array<number> = []
    const called = await desk.client.callTool({ name: "run_sensitivity", arguments: asked }, undefined, {
      onprogress: ({ progress }) => heard.push(progress)
    })
    const told = decodeSweep(called.structuredContent)
    expect(told.figures).toMatchObject({ points: 6, failed: 0 })
    expect(told.figures.done + told.figures.refused).toBe(6)
    expect(told.figures.refused).toBeGreaterThan(0)
    expect(told.figures.columns).toEqual([
      "fast",
      "slow",
      "total_return",
      "entries",
      "sharpe",
      "max_drawdown"
    ])
    expect(told.trials_on_data).toBe(told.figures.done)
    expect(heard.at(-1)).toBe(told.figures.done)
    expect(told.rows.map(([fast, slow]) => [fast, slow])).toEqual([
      [5, 50],
      [5, 60],
      [8, 50],
      [8, 60],
      [60, 50],
      [60, 60]
    ])
    const sharpes = told.rows.flatMap((row) => (typeof row[4] === "number" ? [row[4]] : []))
    expect(told.figures.best[0]?.[4]).toBe(Math.max(...sharpes))
    expect(told.figures.worst?.[4]).toBe(Math.min(...sharpes))
    expect(told.figures.stability.neighbours).toBeGreaterThan(0)
    expect(told.notes[0]).toContain("not promotable")
    expect(readFileSync(told.points_file, "utf8").trim().split("\n").length).toBeGreaterThanOrEqual(
      told.figures.done
    )
    expect(readdirSync(desk.stored)).not.toContain("sma-cross")
  })

  it("is the same again, gone on with or not, and its grid comes in pages", async () => {
    const whole = decodeSweep((await answer(desk, "run_sensitivity", { ...asked, limit: 200 })).value)
    const first = decodeSweep(
      (await answer(desk, "run_sensitivity", { ...asked, limit: 4, reuse: true })).value
    )
    expect(first.rows).toEqual(whole.rows.slice(0, 4))
    const second = decodeSweep(
      (await answer(desk, "run_sensitivity", { ...asked, limit: 4, cursor: first.next_cursor })).value
    )
    expect(second.rows).toEqual(whole.rows.slice(4))
    expect(second.next_cursor).toBeNull()
    expect(second.figures).toEqual(whole.figures)
    expect(second.trials_on_data).toBe(whole.trials_on_data)
    expect(
      await refusal(desk, "run_sensitivity", { ...asked, grid: ["fast=5"], cursor: first.next_cursor })
    ).toContain("CursorInvalid")
  })

  it.each([
    ["no grid", { grid: [] }, "grid: expected"],
    ["another parameter", { grid: ["fats=5"] }, 'no parameter "fats": did you mean fast?'],
    ["no value", { grid: ["fast=5,,8"] }, "has an empty value"],
    ["a parameter twice", { grid: ["fast=5", "fast=8"] }, "fast has two grids"],
    ["too many points", { grid: ["fast=1..100", "slow=101..200"] }, "4096 is the most"],
    ["a value and a grid", { parameters: ["fast=5"] }, "fast has a value of its own and a grid"],
    ["another algorithm", { algorithm: "smacross" }, "UnknownAlgorithm"]
  ])("with %s is refused", async (_, wrong, message) => {
    expect(await refusal(desk, "run_sensitivity", { ...asked, ...wrong })).toContain(message)
  })

  it("of thousands of points is told in a bounded answer", async () => {
    const told = decodeSweep(
      (
        await answer(desk, "run_sensitivity", {
          ...asked,
          grid: ["fast=2..41", "slow=42..121:2"],
          limit: 200
        })
      ).value
    )
    expect(told.figures.points).toBe(1600)
    expect(told.rows.length).toBeLessThanOrEqual(200)
    expect(told.next_cursor).not.toBeNull()
  })
})

describe("borrowed money", () => {
  it("buys more than the cash in a margin account, and what it costs is told", async () => {
    const desk = await bench()
    const args = { algorithm: "buy-and-hold", ...crash, profile: "research", costs: "none" }
    const cash = await results(desk, "run_backtest", args)
    const margin = await results(desk, "run_backtest", {
      ...args,
      margin: "reg-t",
      margin_rate_basis_points: 800
    })
    expect(cash.figures?.interest).toBeNull()
    expect(margin.figures?.interest).not.toBeNull()
    const compared = decodeComparison(
      (await desk.call("compare_backtests", { ids: [cash.backtest_id, margin.backtest_id] })).value
    )
    expect(compared).toMatchObject({ comparable: false })
    expect(compared.differing.map(({ input }) => input)).toEqual(["margin"])
  })
})
