/** The backtest server through the SDK's client, beside `plimsoll run` in the same folder. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { dollars } from "../../../src/domain/Money.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { OrderJournal } from "../../../src/execution/OrderJournal.ts"
import { sessionsBetween } from "../../../src/market/TradingCalendar.ts"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { backtestServerIn } from "../../../src/programs/mcp/backtest/BacktestServer.ts"
import { bookFigures } from "../../../src/programs/mcp/backtest/Figures.ts"
import { newestFirst } from "../../../src/programs/mcp/backtest/Shelf.ts"
import type { BookSummary } from "../../../src/session/RunSummary.ts"
import { plimsoll } from "../cli/InProcess.ts"
import { newProject, type ServedDesk, serveDesk } from "./McpDesk.ts"

const Nullable = Schema.NullOr(Schema.Finite)
const Results = Schema.Struct({
  backtest_id: Schema.String,
  reused: Schema.Boolean,
  inputs: Schema.Struct({
    symbols: Schema.Array(Schema.String),
    start_date: Schema.String,
    end_date: Schema.String,
    cash: Schema.String,
    profile: Schema.String,
    profile_label: Schema.String
  }),
  journal_hash: Schema.String,
  books: Schema.Array(
    Schema.Struct({
      algorithm: Schema.String,
      journal_hash: Schema.String,
      sessions: Schema.Int,
      equity_end: Schema.NullOr(Schema.String),
      statistics: Schema.Struct({
        total_return: Nullable,
        cagr: Nullable,
        volatility: Nullable,
        sharpe: Nullable,
        sharpe_standard_error: Nullable,
        sortino: Nullable,
        max_drawdown: Nullable,
        calmar: Nullable,
        exposed_days: Nullable,
        turnover: Nullable
      }),
      missing: Schema.Array(Schema.String),
      drawdown: Schema.NullOr(
        Schema.Struct({ peak: Schema.String, trough: Schema.String, recovered: Schema.NullOr(Schema.String) })
      ),
      orders: Schema.Int,
      fills: Schema.Int,
      denied: Schema.Int,
      denials: Schema.Array(
        Schema.Struct({ rule: Schema.String, count: Schema.Int, example: Schema.String })
      ),
      daily_loss_trips: Schema.Int,
      drawdown_trips: Schema.Int,
      trips: Schema.Array(
        Schema.Struct({ date: Schema.String, kind: Schema.String, value: Nullable, limit: Nullable })
      ),
      trading_state_end: Schema.String,
      curve: Schema.Array(Schema.Array(Schema.String)),
      curve_points: Schema.Int
    })
  ),
  report: Schema.String,
  command: Schema.String,
  notes: Schema.Array(Schema.String)
})
const decodeResults = Schema.decodeUnknownSync(Results)

const List = Schema.Struct({
  backtests: Schema.Array(
    Schema.Struct({
      backtest_id: Schema.String,
      status: Schema.String,
      algorithms: Schema.Array(Schema.String),
      total_return: Nullable,
      note: Schema.NullOr(Schema.String)
    })
  ),
  total: Schema.Int,
  next_cursor: Schema.NullOr(Schema.String)
})
const decodeList = Schema.decodeUnknownSync(List)

const Comparison = Schema.Struct({
  columns: Schema.Array(Schema.Struct({ backtest_id: Schema.String, algorithm: Schema.String })),
  fair: Schema.Boolean,
  differing: Schema.Array(Schema.Struct({ input: Schema.String, values: Schema.Array(Schema.String) })),
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

/** What `plimsoll run --json` prints. */
const decodePrinted = Schema.decodeUnknownSync(
  Schema.fromJsonString(
    Schema.Struct({
      journal_hash: Schema.String,
      run_id: Schema.String,
      orders: Schema.Int,
      fills: Schema.Int,
      denied: Schema.Int,
      equity_end: Nullable,
      total_return: Nullable,
      max_drawdown: Nullable,
      sharpe: Nullable
    })
  )
)

const started: Array<() => Promise<void>> = []
const cwd = process.cwd()
afterAll(async () => {
  process.chdir(cwd)
  for (const close of started) await close()
})

/** A server, and `plimsoll run` in its project. */
const bench = async (config?: unknown) => {
  const folder = newProject(config)
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
    const { code, err, out } = await plimsoll(["run", ...args, "--json"])
    if (code !== 0) throw new Error(err)
    return decodePrinted(out)
  }
  return { ...desk, run, runs: join(folder, ".plimsoll/runs") }
}

const results = async (desk: ServedDesk, tool: string, args: Readonly<Record<string, unknown>>) => {
  const { isError, text, value } = await desk.call(tool, args)
  if (isError) throw new Error(text)
  return decodeResults(value)
}

const refusal = async (desk: ServedDesk, tool: string, args: Readonly<Record<string, unknown>>) => {
  const { isError, text } = await desk.call(tool, args)
  expect(isError).toBe(true)
  return text
}

const listed = async (desk: ServedDesk, args: Readonly<Record<string, unknown>> = {}) =>
  decodeList((await desk.call("list_backtests", args)).value)

const crash = { start_date: "2008-09-02", end_date: "2008-12-31", symbols: ["SPX-REPLAY"] }

describe("a backtest", () => {
  let desk: Awaited<ReturnType<typeof bench>>
  beforeAll(async () => {
    desk = await bench()
  })

  it("is the run that the command line gives for the same inputs", async () => {
    const told = await results(desk, "run_backtest", { algorithm: "guarded-holder", ...crash, cash: "50000" })
    const printed = await desk.run(
      ..."--strategy guarded-holder --symbols SPX-REPLAY --cash 50000".split(" "),
      ..."--from 2008-09-02 --to 2008-12-31".split(" ")
    )
    const [book] = told.books
    expect(told.journal_hash).toBe(printed.journal_hash)
    expect(told.backtest_id).not.toBe(printed.run_id)
    expect(told.books.length).toBe(1)
    expect(book).toMatchObject({
      algorithm: "guarded-holder",
      journal_hash: printed.journal_hash,
      orders: printed.orders,
      fills: printed.fills,
      denied: printed.denied,
      equity_end: printed.equity_end?.toFixed(2)
    })
    expect(book?.statistics.total_return).toBeCloseTo(printed.total_return ?? Number.NaN, 6)
    expect(book?.statistics.sharpe).toBeCloseTo(printed.sharpe ?? Number.NaN, 6)
    expect(book?.statistics.max_drawdown).toBeCloseTo(printed.max_drawdown ?? Number.NaN, 6)
    expect(told.inputs).toMatchObject({ profile: "single-index", cash: "50000.00", symbols: ["SPX-REPLAY"] })
    // And the command it names gives it once more.
    expect(told.command.startsWith("plimsoll run ")).toBe(true)
    const again = await desk.run(...told.command.split(" ").slice(2))
    expect(again.journal_hash).toBe(told.journal_hash)
  })

  it("tells drawdown, trips and a curve of at most sixty points with both ends", async () => {
    const told = await results(desk, "run_backtest", { algorithm: "buy-and-hold", ...crash })
    const [book] = told.books
    if (book === undefined) throw new Error("no book")
    expect(book.sessions).toBe(85)
    expect(book.curve.length).toBeLessThanOrEqual(60)
    expect(book.curve.length).toBeGreaterThan(30)
    expect(book.curve_points).toBe(86)
    expect(book.curve[0]).toEqual(["2008-09-01", "100000.00"])
    expect(book.curve.at(-1)).toEqual(["2008-12-31", book.equity_end])
    expect(book.statistics.max_drawdown).toBeLessThan(-0.2)
    expect(book.drawdown).toMatchObject({ recovered: null })
    expect(book.daily_loss_trips + book.drawdown_trips).toBeGreaterThan(0)
    expect(book.trips[0]?.value).not.toBeNull()
    expect(existsSync(told.report)).toBe(true)
    expect(told.notes.join("\n")).not.toContain("future")
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

  it("is played anew every time, and an earlier one is given only when asked for", async () => {
    const args = { algorithm: "buy-and-hold", ...crash, end_date: "2008-10-31" }
    const first = await results(desk, "run_backtest", { ...args, reuse: true })
    expect(first.reused).toBe(false)
    const second = await results(desk, "run_backtest", args)
    expect(second).toMatchObject({ reused: false, journal_hash: first.journal_hash })
    expect(second.backtest_id).not.toBe(first.backtest_id)
    const reused = await results(desk, "run_backtest", { ...args, reuse: true })
    expect(reused).toEqual({ ...second, reused: true })
    const other = await results(desk, "run_backtest", { ...args, cash: "99999", reuse: true })
    expect(other.reused).toBe(false)
  })

  it("that goes past the desk's market time says so, and under which profile it was made", async () => {
    const told = await results(desk, "run_backtest", {
      algorithm: "buy-and-hold",
      start_date: "2016-12-01",
      end_date: "2017-01-31",
      symbols: ["SPX-REPLAY"],
      profile: "research"
    })
    expect(told.notes[0]).toContain("past the desk's market time (2017-01-03)")
    expect(told.notes).toContain("made under research limits: permissive, not for a desk")
    expect(told.notes.join("\n")).toContain("within two standard errors of zero")
  })

  it("of options says that their quotes were a model's, and trades them", async () => {
    const told = await results(desk, "run_backtest", {
      algorithm: "put-spread",
      start_date: "2016-06-01",
      end_date: "2016-07-15",
      symbols: ["AAPL"]
    })
    expect(told.books[0]).toMatchObject({ algorithm: "put-spread", denied: 0 })
    expect(told.books[0]?.fills).toBeGreaterThan(1)
    expect(told.notes.join("\n")).toContain("All option orders were made on modelled quotes")
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
})

describe("a book's figures", () => {
  const summary: BookSummary = {
    journalHash: "0".repeat(64),
    sessions: 0,
    orders: 30,
    fills: 3,
    denied: 27,
    denials: Array.from({ length: 25 }, (_, i) => ({
      rule: `rule-${i}`,
      count: i + 1,
      example: "x".repeat(5000)
    })),
    dates: [],
    equity: [],
    grossExposure: [],
    traded: [],
    stateChanges: []
  }

  it("tell denials by rule, in bounded words", () => {
    const told = bookFigures("trend", summary, dollars(1000))
    expect(told).toMatchObject({ orders: 30, fills: 3, denied: 27 })
    expect(told.denials[2]).toMatchObject({ rule: "rule-2", count: 3 })
    expect(JSON.stringify(told).length).toBeLessThan(6000)
  })

  it("of a book without a session are missing, and say so", () => {
    const told = bookFigures("trend", summary, dollars(1000))
    expect(told).toMatchObject({
      equityEnd: null,
      drawdown: null,
      curve: [],
      missing: ["no session was played"]
    })
    expect(Object.values(told.statistics).every((value) => value === null)).toBe(true)
  })

  it("that cannot be told are null, with the reason, and never anything but a number else", () => {
    const dates = sessionsBetween(sessionDate("2008-01-02"), sessionDate("2008-01-08")).map(
      ({ date }) => date
    )
    const flat = dates.map(() => 1000)
    const zeros = dates.map(() => 0)
    const told = bookFigures(
      "trend",
      { ...summary, dates, equity: flat, grossExposure: zeros, traded: zeros },
      dollars(1000)
    )
    expect(told.statistics).toMatchObject({
      totalReturn: 0,
      sharpe: null,
      sortino: null,
      maxDrawdown: 0,
      calmar: null
    })
    expect(told.missing).toContain("sharpe: the daily returns do not vary")
    expect(told.missing).toContain("sortino: no day lost money")
  })
})

describe("what cannot be run", () => {
  let desk: Awaited<ReturnType<typeof bench>>
  beforeAll(async () => {
    desk = await bench()
  })
  const good = { algorithm: "trend", start_date: "2008-01-02", end_date: "2008-02-29" }

  it.each([
    [
      "another algorithm",
      { algorithm: "my_alpha" },
      'UnknownStrategy: There is no strategy "my_alpha": expected one of trend, guarded-holder, buy-and-hold, covered-call, put-spread'
    ],
    ["a path", { algorithm: "../../etc/passwd" }, "UnknownStrategy"],
    [
      "dates the wrong way round",
      { start_date: "2009-01-02" },
      "start_date 2009-01-02 is after end_date 2008-02-29"
    ],
    ["dates beyond the data", { end_date: "2031-01-02" }, "the data reach from 2000-01-03 to 2020-04-17"],
    [
      "days without a session",
      { start_date: "2008-02-02", end_date: "2008-02-03" },
      "there is no session from 2008-02-02 to 2008-02-03"
    ],
    ["a day that no month has", { end_date: "2008-02-30" }, "RunRefused: there is no 2008-02-30"],
    ["another symbol", { symbols: ["MSFT"] }, "no source has MSFT; there is AAPL, SPX-REPLAY"],
    ["no date", { start_date: "soon" }, "start_date: expected"],
    ["no money", { cash: "0" }, "cash: expected an amount above zero"],
    ["another profile", { profile: "yolo" }, "profile: expected"],
    ["another argument", { strategy: "trend" }, "strategy: no such argument"]
  ])("%s is refused, and nothing is begun", async (_, wrong, message) => {
    expect(await refusal(desk, "run_backtest", { ...good, ...wrong })).toContain(message)
    expect((await listed(desk)).total).toBe(0)
  })

  it("a desk whose configuration is spoilt says so", async () => {
    writeFileSync(join(desk.folder, "plimsoll.json"), "{")
    const text = await refusal(desk, "run_backtest", good)
    expect(text).toContain("ConfigInvalid: plimsoll.json")
    writeFileSync(join(desk.folder, "plimsoll.json"), "{}")
  })
})

describe("while a backtest is played", () => {
  const years = { algorithm: "guarded-holder", start_date: "2008-01-02", end_date: "2009-12-31" }

  it("other calls are answered, and it is listed as running", async () => {
    const desk = await bench()
    const order: Array<string> = []
    const played = results(desk, "run_backtest", years).then((told) => {
      order.push("run")
      return told
    })
    let row = (await listed(desk)).backtests[0]
    while (row === undefined) row = (await listed(desk)).backtests[0]
    order.push("list")
    expect(row.status).toBe("running")
    expect(await refusal(desk, "get_backtest_results", { backtest_id: row.backtest_id })).toContain(
      "is still running"
    )
    expect((await desk.call("health_check")).value).toMatchObject({ status: "ok" })
    order.push("health")
    const told = await played
    expect(order).toEqual(["list", "health", "run"])
    expect(told.backtest_id).toBe(row.backtest_id)
    expect((await listed(desk)).backtests[0]?.status).toBe("finished")
  })

  it("its client hears how far it is", async () => {
    const desk = await bench()
    const heard: Array<number> = []
    const messages: Array<string> = []
    await desk.client.callTool(
      { name: "run_backtest", arguments: { ...years, end_date: "2008-03-31" } },
      undefined,
      {
        onprogress: ({ message, progress, total }) => {
          heard.push(progress / (total ?? 1))
          messages.push(message ?? "")
        }
      }
    )
    expect(heard.at(-1)).toBe(1)
    expect(heard).toEqual(heard.toSorted((a, b) => a - b))
    expect(heard.length).toBeLessThanOrEqual(101)
    expect(messages.at(-1)).toMatch(/^2008-03-31: equity \d+\.\d\d, (?:Active|Reducing)$/u)
  })

  it("a canceled one stays unfinished, says how to go on, and ends as if it had never stopped", async () => {
    const desk = await bench()
    const abort = new AbortController()
    const call = desk.client.callTool({ name: "run_backtest", arguments: years }, undefined, {
      signal: abort.signal,
      onprogress: ({ progress }) => {
        if (progress > 50) abort.abort()
      }
    })
    await expect(call).rejects.toThrow()
    let [row] = (await listed(desk)).backtests
    while (row?.status === "running") [row] = (await listed(desk)).backtests
    if (row === undefined) throw new Error("nothing is listed")
    expect(row.status).toBe("unfinished")
    const { backtest_id: id } = row
    expect(row.note).toContain(`plimsoll run --resume --run ${id}`)
    const text = await refusal(desk, "get_backtest_results", { backtest_id: id })
    expect(text).toContain(`BacktestUnfinished: backtest ${id} has not finished`)
    expect(text).toContain(`plimsoll run --resume --run ${id} goes on with it`)

    // Another can be played meanwhile: the turn was given back.
    const whole = await results(desk, "run_backtest", years)
    const resumed = await desk.run("--resume", "--run", id)
    expect(resumed).toMatchObject({ run_id: id, journal_hash: whole.journal_hash })
    expect((await results(desk, "get_backtest_results", { backtest_id: id })).journal_hash).toBe(
      whole.journal_hash
    )
  })

  it("more wait for their turn, and more than that are refused", async () => {
    const desk = await bench()
    const short = { ...years, end_date: "2008-01-04" }
    const all = await Promise.all(Array.from({ length: 12 }, () => desk.call("run_backtest", short)))
    const refused = all.filter(({ isError }) => isError)
    expect(refused.length).toBe(3)
    for (const { text } of refused)
      expect(text).toContain("BacktestsBusy: 9 backtests are being played or wait already")
    const ids = all.flatMap(({ isError, value }) => (isError ? [] : [value["backtest_id"]]))
    expect(new Set(ids).size).toBe(9)
    const after = await desk.call("run_backtest", short)
    expect(after.isError).toBe(false)
  })
})

describe("runs that are there", () => {
  let desk: Awaited<ReturnType<typeof bench>>
  const ids: Array<string> = []
  beforeAll(async () => {
    desk = await bench()
    const short = { start_date: "2008-01-02", end_date: "2008-02-29" }
    for (const more of [
      { algorithm: "buy-and-hold" },
      { algorithm: "guarded-holder" },
      { algorithm: "buy-and-hold", cash: "200000", end_date: "2008-03-31" },
      { algorithm: "buy-and-hold", symbols: ["AAPL"], start_date: "2014-01-02", end_date: "2014-02-28" }
    ]) {
      ids.push((await results(desk, "run_backtest", { ...short, ...more })).backtest_id)
    }
  })

  it("are listed newest first, in pages", async () => {
    const all = await listed(desk)
    expect(all.backtests.map(({ backtest_id: id }) => id)).toEqual(ids.toReversed())
    expect(all).toMatchObject({ total: 4, next_cursor: null })
    const found: Array<string> = []
    let cursor: string | null = null
    do {
      const page: typeof List.Type = await listed(desk, { limit: 3, ...(cursor === null ? {} : { cursor }) })
      found.push(...page.backtests.map(({ backtest_id: id }) => id))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(found).toEqual(ids.toReversed())
    expect(await refusal(desk, "list_backtests", { cursor: "bm9uZQ" })).toContain("CursorInvalid")
  })

  it("are read back as they were told", async () => {
    for (const id of ids) {
      const { backtest_id: again, reused } = await results(desk, "get_backtest_results", { backtest_id: id })
      expect([again, reused]).toEqual([id, false])
    }
  })

  it("of several strategies have a book for each", async () => {
    const printed = await desk.run(
      "--from",
      "2008-01-02",
      "--to",
      "2008-01-31",
      "--strategy",
      "trend,buy-and-hold"
    )
    const told = await results(desk, "get_backtest_results", { backtest_id: printed.run_id })
    expect(told.journal_hash).toBe(printed.journal_hash)
    expect(told.books.map(({ algorithm }) => algorithm)).toEqual(["trend", "buy-and-hold"])
    const compared = await desk.call("compare_backtests", { ids: [printed.run_id, ids[0]] })
    expect(decodeComparison(compared.value).columns.length).toBe(3)
    rmSync(join(desk.runs, printed.run_id), { recursive: true })
  })

  it("on the same inputs are compared fairly, with differences from the first", async () => {
    const { value } = await desk.call("compare_backtests", { ids: ids.slice(0, 2) })
    const compared = decodeComparison(value)
    expect(compared).toMatchObject({ fair: true, differing: [] })
    expect(compared.columns.map(({ algorithm }) => algorithm)).toEqual(["buy-and-hold", "guarded-holder"])
    const told = await Promise.all(
      ids.slice(0, 2).map((id) => results(desk, "get_backtest_results", { backtest_id: id }))
    )
    const returns = told.map(({ books }) => books[0]?.statistics.total_return ?? Number.NaN)
    const row = compared.rows.find(({ statistic }) => statistic === "total_return")
    expect(row?.values).toEqual(returns)
    expect(row?.differences[0]).toBe(0)
    expect(row?.differences[1]).toBeCloseTo((returns[1] ?? 0) - (returns[0] ?? 0), 6)
    expect(compared.notes.join()).toContain("two standard errors")
  })

  it("on other inputs are said not to be comparable, and in what", async () => {
    const compared = decodeComparison((await desk.call("compare_backtests", { ids })).value)
    expect(compared.fair).toBe(false)
    expect(compared.differing.map(({ input }) => input)).toEqual(["dates", "symbols", "profile", "cash"])
    expect(compared.differing.find(({ input }) => input === "cash")?.values).toEqual([
      "100000.00",
      "100000.00",
      "200000.00",
      "100000.00"
    ])
    expect(compared.notes[0]).toContain("not made on the same inputs")
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
    const text = await refusal(desk, "get_backtest_results", { backtest_id: "20010101-000000" })
    expect(text).toContain('BacktestUnknown: there is no backtest "20010101-000000"; the latest are')
    expect(text).toContain(ids[3] ?? "?")
  })

  it("are not left by an id that is a path", async () => {
    cpSync(join(desk.runs, ids[0] ?? ""), join(desk.folder, "outside"), { recursive: true })
    for (const id of [
      "../../outside",
      "..",
      ".",
      "/etc",
      "outside/..",
      `${ids[0]}/trend`,
      "..%2f..%2foutside",
      "a\u0000b"
    ]) {
      expect(await refusal(desk, "get_backtest_results", { backtest_id: id })).toContain("BacktestUnknown")
      expect(await refusal(desk, "compare_backtests", { ids: [ids[1], id] })).toContain("BacktestUnknown")
    }
  })
})

describe("a damaged run", () => {
  let desk: Awaited<ReturnType<typeof bench>>
  let good = ""
  beforeAll(async () => {
    desk = await bench()
    const args = { algorithm: "buy-and-hold", start_date: "2008-01-02", end_date: "2008-01-31" }
    good = (await results(desk, "run_backtest", args)).backtest_id
  })

  /** A copy of the good run, spoilt. */
  const spoilt = (id: string, spoil: (folder: string) => void): string => {
    const folder = join(desk.runs, id)
    cpSync(join(desk.runs, good), folder, { recursive: true })
    spoil(folder)
    return id
  }

  it.each([
    [
      "20250101-000001",
      "without its inputs",
      (folder: string) => rmSync(join(folder, "run.json")),
      "run.json cannot be read"
    ],
    [
      "20250101-000002",
      "with inputs that are no JSON",
      (folder: string) => writeFileSync(join(folder, "run.json"), "{"),
      "run.json cannot be read"
    ],
    [
      "20250101-000003",
      "with an empty result",
      (folder: string) => writeFileSync(join(folder, "result.json"), ""),
      "is damaged"
    ],
    [
      "20250101-000004",
      "without its book",
      (folder: string) => rmSync(join(folder, "buy-and-hold"), { recursive: true }),
      "the book of buy-and-hold is missing"
    ],
    [
      "20250101-000005",
      "with a database that was cut",
      (folder: string) => truncateSync(join(folder, "buy-and-hold/desk.db"), 5000),
      "is damaged"
    ],
    [
      "20250101-000006",
      "with a result that was embellished",
      (folder: string) => {
        const file = join(folder, "result.json")
        writeFileSync(
          file,
          readFileSync(file, "utf8").replaceAll(/"journal_hash": "../gu, '"journal_hash": "0')
        )
      },
      "is not the one its result was made of"
    ],
    [
      "20250101-000007",
      "whose inputs are a folder",
      (folder: string) => {
        rmSync(join(folder, "run.json"))
        mkdirSync(join(folder, "run.json"))
      },
      "it is a folder"
    ]
  ])("(%s) %s is told as such", async (id, _, spoil, message) => {
    spoilt(id, spoil)
    const text = await refusal(desk, "get_backtest_results", { backtest_id: id })
    expect(text).toContain(`BacktestDamaged: backtest ${id} is damaged`)
    expect(text).toContain(message)
  })

  it("is listed with what is wrong, beside the good ones, and is not given for a new one", async () => {
    const { backtests } = await listed(desk)
    expect(backtests[0]).toMatchObject({ backtest_id: good, status: "finished" })
    expect(backtests.find(({ backtest_id: id }) => id === "20250101-000002")).toMatchObject({
      status: "damaged"
    })
    expect(readdirSync(desk.runs).length).toBe(backtests.length)
  })

  it("among other things in the folder does not hide the runs", async () => {
    writeFileSync(join(desk.runs, "notes.txt"), "hello")
    symlinkSync("/nowhere", join(desk.runs, "20240101-000000"))
    const { backtests } = await listed(desk)
    expect(backtests.map(({ backtest_id: id }) => id)).not.toContain("notes.txt")
    expect(backtests.find(({ backtest_id: id }) => id === "20240101-000000")).toMatchObject({
      status: "damaged"
    })
  })
})

it("ids are in order of their beginnings, the tenth of a second after its second", () => {
  const ids = ["20250101-000000", "20250101-000000-2", "20250101-000000-10", "20250102-000000"]
  expect(ids.toSorted(newestFirst)).toEqual(ids.toReversed())
})
