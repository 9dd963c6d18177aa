/** The market-data server through the SDK's client. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { quoteId } from "../../../src/domain/Identifiers.ts"
import { sessionDate, type Timestamp, timestamp, toIso } from "../../../src/domain/Timestamp.ts"
import { CitedQuotes } from "../../../src/market/CitedQuotes.ts"
import { MarketClock } from "../../../src/market/MarketClock.ts"
import { MarketClockControl } from "../../../src/market/MarketClockControl.ts"
import type { ClockStep } from "../../../src/market/ReplayClock.ts"
import {
  exchangeDate,
  fromExchangeTime,
  sessionsBetween,
  toExchangeTime
} from "../../../src/market/TradingCalendar.ts"
import { marketDataServer } from "../../../src/programs/mcp/market-data/MarketDataServer.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"
import { newProject, type ServedDesk, serveDesk } from "./McpDesk.ts"

const History = Schema.Struct({
  symbol: Schema.String,
  from: Schema.String,
  to: Schema.String,
  as_of: Schema.String,
  bars_are: Schema.String,
  count: Schema.NullOr(Schema.Int),
  columns: Schema.Array(Schema.String),
  bars: Schema.Array(Schema.Array(Schema.String)),
  summary: Schema.NullOr(
    Schema.Struct({
      first: Schema.Array(Schema.String),
      last: Schema.Array(Schema.String),
      high: Schema.String,
      low: Schema.String,
      total_volume: Schema.String,
      return: Schema.NullOr(Schema.Finite)
    })
  ),
  notes: Schema.Array(Schema.String),
  next_cursor: Schema.NullOr(Schema.String)
})
const decodeHistory = Schema.decodeUnknownSync(History)

const step = (desk: ServedDesk, by: ClockStep) =>
  desk.onDesk(Effect.flatMap(MarketClockControl, (clock) => clock.step(by)))
const stepTo = (desk: ServedDesk, at: Timestamp) => step(desk, { _tag: "To", at })
const nowOf = (desk: ServedDesk) => desk.onDesk(MarketClock.use((clock) => clock.now))

const history = async (desk: ServedDesk, args: Readonly<Record<string, unknown>>) => {
  const { isError, text, value } = await desk.call("get_historical", args)
  if (isError) throw new Error(text)
  return decodeHistory(value)
}

/** What a call that must fail says. */
const refusal = async (desk: ServedDesk, tool: string, args: Readonly<Record<string, unknown>>) => {
  const { isError, text } = await desk.call(tool, args)
  expect(isError).toBe(true)
  return text
}

const at = (date: string, hours: number) => fromExchangeTime(sessionDate(date), hours * 3_600_000_000)

describe("on the embedded market", () => {
  let desk: ServedDesk
  beforeAll(async () => {
    desk = await serveDesk(marketDataServer)
  })
  afterAll(() => desk.close())

  describe("get_quote", () => {
    it("gives a quote that an order can cite, with its age and what of it is modelled", async () => {
      const { text, value } = await desk.call("get_quote", { symbol: "aapl" })
      expect(value).toMatchObject({
        symbol: "AAPL",
        instrument_id: "AAPL.XNAS",
        source: "replay-path",
        modelled: ["bid", "ask", "sizes"],
        age_seconds: 0,
        market_open: true,
        as_of: "2017-01-03T14:30:00.000000Z",
        market_time: "2017-01-03T14:30:00.000000Z"
      })
      const id = String(value["quote_id"])
      expect(text).toContain(id)
      const cited = await desk.onDesk(CitedQuotes.use((quotes) => quotes.find(quoteId(id))))
      expect(Option.map(cited, ({ instrumentId }) => instrumentId)).toEqual(Option.some("AAPL.XNAS"))
      const again = await desk.call("get_quote", { symbol: "AAPL.XNAS" })
      expect(again.value["quote_id"]).toBe(id)
    })

    it("names the nearest of a symbol nobody has, and what to do", async () => {
      const text = await refusal(desk, "get_quote", { symbol: "APPL" })
      expect(text).toContain('InstrumentNotFound: no instrument "APPL"')
      expect(text).toContain("nearest: AAPL")
      expect(text).toContain("Next: use a symbol that search_instruments gives")
    })

    it.each([
      ["no symbol", {}, "symbol: missing"],
      ["an empty symbol", { symbol: "" }, "symbol: expected"],
      ["a number", { symbol: 7 }, "symbol: expected string"],
      ["a symbol without end", { symbol: "A".repeat(100_000) }, "symbol: expected"],
      ["another name", { symbl: "AAPL" }, "symbl: no such argument; did you mean symbol?"]
    ])("refuses %s in a line", async (_, args, problem) => {
      expect(await refusal(desk, "get_quote", args)).toContain(problem)
    })
  })

  describe("get_historical", () => {
    it("gives every bar of a short period, none of them later than market time", async () => {
      const answer = await history(desk, { symbol: "SPX-REPLAY", period: "30d" })
      expect(answer).toMatchObject({
        bars_are: "all",
        from: "2016-12-05",
        to: "2017-01-03",
        next_cursor: null
      })
      expect(answer.columns).toEqual(["session", "open", "high", "low", "close", "volume"])
      expect(answer.bars.length).toBe(answer.count)
      // Of today, which has just opened, there is no daily bar.
      expect(answer.bars.at(-1)?.[0]).toBe("2016-12-30")
      expect(answer.bars.at(-1)).toEqual(answer.summary?.last)
      expect(answer.notes).toContain("price index without dividends")
    })

    it("summarises more than 200 bars in at most fifty, and says so", async () => {
      const answer = await history(desk, { symbol: "SPX-REPLAY", period: "2000-01-01..2016-12-31" })
      expect(answer.bars_are).toBe("joined")
      expect(answer.count).toBe(sessionsBetween(sessionDate("2000-01-01"), sessionDate("2016-12-31")).length)
      expect(answer.bars.length).toBeLessThanOrEqual(50)
      expect(answer.notes[0]).toContain(`these ${answer.bars.length} bars stand for ${answer.count}`)
      expect(answer.summary?.first[0]).toBe("2000-01-03")
      expect(answer.summary?.low).toBe("666.789978")
      expect(answer.next_cursor).not.toBeNull()
    })

    it("pages through every bar by its cursor, once and in order", async () => {
      const args = { symbol: "AAPL", period: "2014-01-01..2016-12-31" }
      const first = await history(desk, args)
      const rows: Array<ReadonlyArray<string>> = []
      let cursor = first.next_cursor
      while (cursor !== null) {
        const page = await history(desk, { ...args, cursor })
        expect(page.bars_are).toBe("page")
        expect(page.bars.length).toBeLessThanOrEqual(200)
        rows.push(...page.bars)
        cursor = page.next_cursor
      }
      const sessions = sessionsBetween(sessionDate("2014-01-01"), sessionDate("2016-12-31"))
      expect(rows.map(([session]) => session)).toEqual(sessions.map(({ date }) => date))
      expect(rows[0]).toEqual(first.summary?.first)
    })

    it("refuses a cursor of another question, and one that nobody gave out", async () => {
      const { next_cursor: cursor } = await history(desk, {
        symbol: "AAPL",
        period: "2014-01-01..2016-12-31"
      })
      for (const other of [
        { symbol: "SPX-REPLAY", period: "2014-01-01..2016-12-31", cursor },
        { symbol: "AAPL", period: "2y", cursor },
        { symbol: "AAPL", period: "2014-01-01..2016-12-31", adjustment: "raw", cursor },
        { symbol: "AAPL", period: "2014-01-01..2016-12-31", cursor: "eyJvZmZzZXQiOjB9" },
        { symbol: "AAPL", period: "2014-01-01..2016-12-31", cursor: "" }
      ]) {
        const text = await refusal(desk, "get_historical", other)
        expect(text).toContain("CursorInvalid")
        expect(text).toContain("Next: call it without a cursor to start anew.")
      }
    })

    it("says up to when there are prices when asked for the future", async () => {
      const text = await refusal(desk, "get_historical", {
        symbol: "SPX-REPLAY",
        period: "2018-01-01..2018-12-31"
      })
      expect(text).toContain("PeriodAhead: the period begins on 2018-01-01")
      expect(text).toContain("the market's time is 2017-01-03 09:30 EST: prices can be seen up to then")
      const cut = await history(desk, { symbol: "SPX-REPLAY", period: "2016-12-01..2020-01-01" })
      expect(cut.to).toBe("2017-01-03")
      expect(cut.notes).toContain("nothing later than market time 2017-01-03 09:30 EST can be seen")
      expect(cut.bars.at(-1)?.[0]).toBe("2016-12-30")
    })

    it("names the finest resolution there is", async () => {
      const text = await refusal(desk, "get_historical", { symbol: "AAPL", resolution: "1m" })
      expect(text).toContain(
        "ResolutionUnavailable: AAPL.XNAS has no 1m bars: the finest its source has is 1d"
      )
    })

    it("says what is wrong with a period, and what would do", async () => {
      const text = await refusal(desk, "get_historical", { symbol: "AAPL", period: "fortnight" })
      expect(text).toContain('InvalidPeriod: "fortnight" is no period; expected "5d"')
    })

    it("tells a period without prices from one without sessions", async () => {
      const before = await history(desk, { symbol: "AAPL", period: "2001-01-01..2002-01-01" })
      expect(before.bars).toEqual([])
      expect(before.notes).toContain("the prices of AAPL begin on 2013-05-13")
      expect(before.notes.join()).not.toContain("no bar of this period has ended")
      const weekend = await history(desk, { symbol: "AAPL", period: "2016-12-24..2016-12-26" })
      expect(weekend.notes).toContain("the exchange was closed from 2016-12-24 to 2016-12-26")
      const today = await history(desk, { symbol: "AAPL", period: "1d" })
      expect(today.count).toBe(0)
      expect(today.notes.join()).toContain("no bar of this period has ended")
    })
  })

  describe("search_instruments", () => {
    it("finds by symbol and by name, with caveats and the sessions there are", async () => {
      const { value } = await desk.call("search_instruments", { query: "apple" })
      expect(value).toMatchObject({
        matches: 1,
        instruments: [
          { symbol: "AAPL", kind: "Equity", first_session: "2013-05-13", last_session: "2018-05-11" }
        ]
      })
      const all = await desk.call("search_instruments")
      expect(all.value["matches"]).toBe(2)
      const one = await desk.call("search_instruments", { limit: 1 })
      expect(one.value).toMatchObject({ matches: 2, instruments: [{ symbol: "AAPL" }] })
    })

    it("names the nearest when nothing matches", async () => {
      const { isError, value } = await desk.call("search_instruments", { query: "AAPK" })
      expect(isError).toBe(false)
      expect(value).toMatchObject({ matches: 0, instruments: [] })
      expect(value["nearest"]).toEqual(expect.arrayContaining(["AAPL"]))
    })

    it("finds a contract by its whole name, and what is near one that is not listed", async () => {
      for (const query of ["AAPL 170217C00115000", "aapl 2017-02-17 115 call", "AAPL 170217C00115000.OPRA"]) {
        const { value } = await desk.call("search_instruments", { query })
        expect(value).toMatchObject({
          matches: 1,
          instruments: [
            {
              symbol: "AAPL 170217C00115000",
              instrument_id: "AAPL 170217C00115000.OPRA",
              kind: "Option",
              resolutions: [],
              first_session: "2013-05-13",
              last_session: "2017-02-17"
            }
          ],
          nearest: []
        })
      }
      const near = await desk.call("search_instruments", { query: "AAPL 170217C00115010" })
      expect(near.value).toMatchObject({ matches: 0, instruments: [] })
      expect(near.value["nearest"]).toContain("AAPL 170217C00115000")
    })

    it("refuses a limit that is out of bounds", async () => {
      expect(await refusal(desk, "search_instruments", { limit: 0 })).toContain("limit: expected")
      expect(await refusal(desk, "search_instruments", { limit: 51 })).toContain("limit: expected")
    })
  })
})

describe("while the clock moves", () => {
  let desk: ServedDesk
  beforeAll(async () => {
    desk = await serveDesk(marketDataServer)
  })
  afterAll(() => desk.close())

  it("get_market_status tells session, closure and clock", async () => {
    const open = await desk.call("get_market_status")
    expect(open.value).toMatchObject({
      status: "open",
      reason: null,
      exchange_time: "2017-01-03 09:30 EST",
      session: { date: "2017-01-03", opens_at: "2017-01-03T14:30:00.000000Z", early_close: false },
      next_close: "2017-01-03T21:00:00.000000Z",
      clock: { running: false, speed: 1, ends_at: "2020-04-17T20:00:00.000000Z" }
    })
    expect(open.text).toContain("A replay of history, paused")
    await step(desk, { _tag: "ToClose" })
    expect((await desk.call("get_market_status")).value).toMatchObject({
      status: "closed",
      reason: "after the close",
      next_open: "2017-01-04T14:30:00.000000Z"
    })
    await stepTo(desk, at("2017-01-16", 12))
    expect((await desk.call("get_market_status")).value).toMatchObject({
      status: "closed",
      reason: "Martin Luther King Jr. Day",
      session: null
    })
  })

  it("the closing quote stands between sessions, and says how old it is", async () => {
    const { value } = await desk.call("get_quote", { symbol: "AAPL" })
    expect(value).toMatchObject({ market_open: false, as_of: "2017-01-13T21:00:00.000000Z" })
    expect(value["age_seconds"]).toBe((await nowOf(desk)) / 1e6 - Date.parse("2017-01-13T21:00:00Z") / 1e3)
  })

  it("a daily bar is there from its session's close on, not before", async () => {
    const close = at("2017-01-17", 16)
    await stepTo(desk, timestamp(close - 1))
    const lastOf = async () => (await history(desk, { symbol: "AAPL", period: "1w" })).bars.at(-1)?.[0]
    expect(await lastOf()).toBe("2017-01-13")
    await stepTo(desk, close)
    expect(await lastOf()).toBe("2017-01-17")
  })

  it("a cursor given before gives no bar that came after", async () => {
    const args = { symbol: "SPX-REPLAY", period: "2y" }
    const first = await history(desk, args)
    const until = first.to
    await stepTo(desk, at("2017-06-01", 12))
    let cursor = first.next_cursor
    let last = ""
    while (cursor !== null) {
      const page = await history(desk, { ...args, cursor })
      last = page.bars.at(-1)?.[0] ?? last
      cursor = page.next_cursor
    }
    expect(last).toBe(until)
  })

  it("says when an instrument's prices have ended", async () => {
    await stepTo(desk, at("2018-06-01", 12))
    expect(await refusal(desk, "get_quote", { symbol: "AAPL" })).toContain(
      "its history runs from 2013-05-13 to 2018-05-11"
    )
    const answer = await history(desk, { symbol: "AAPL", period: "1m" })
    expect(answer.notes).toContain("the prices of AAPL end on 2018-05-11")
  })

  it("a replay at its end says that nothing can be traded any more", async () => {
    await stepTo(desk, at("2020-04-17", 16))
    const { text, value } = await desk.call("get_market_status")
    // A session that the replay does not come to is no next one.
    expect(value).toMatchObject({ clock: { running: false }, next_open: null, next_close: null })
    expect(text).toContain("The replay is at its end")
  })
})

/** A market of minutes: three sessions of one stock whose prices have six decimals. */
const minuteFile = (): string => {
  const rows = ["timestamp,open,high,low,close,volume"]
  let i = 0
  for (const session of sessionsBetween(sessionDate("2019-03-04"), sessionDate("2019-03-06"))) {
    for (let begins: number = session.open; begins < session.close; begins += 60_000_000) {
      const middle = 123_456 + ((i * 7919) % 1000) / 1000
      i += 1
      const price = (by: number) => (middle + by).toFixed(6)
      rows.push(
        [
          toIso(timestamp(begins)).replace(".000000", ""),
          price(0.000123),
          price(1.000321),
          price(-1.000789),
          price(0.100456),
          1_000_000 + i
        ].join()
      )
    }
  }
  return `${rows.join("\n")}\n`
}

describe("on a market of minutes with long prices", () => {
  let desk: ServedDesk
  beforeAll(async () => {
    const folder = newProject({ market: { source: "csv", files: { LONG: "prices/long.csv" } } })
    mkdirSync(join(folder, "prices"))
    writeFileSync(join(folder, "prices/long.csv"), minuteFile())
    desk = await serveDesk(marketDataServer, { folder })
    await stepTo(desk, at("2019-03-06", 12.25))
  })
  afterAll(() => desk.close())

  it("makes coarser bars, the unfinished ones left out, stamped at their end", async () => {
    const ends = async (resolution: string) => {
      const { bars, columns } = await history(desk, { symbol: "LONG", period: "1d", resolution })
      expect(columns[0]).toBe("end")
      return bars.map(([end]) => end)
    }
    expect(await ends("1h")).toEqual(["2019-03-06T15:00:00Z", "2019-03-06T16:00:00Z", "2019-03-06T17:00:00Z"])
    expect((await ends("5m")).at(-1)).toBe("2019-03-06T17:15:00Z")
    expect((await ends("1m")).at(-1)).toBe("2019-03-06T17:15:00Z")
    const days = await history(desk, { symbol: "LONG", period: "3d" })
    expect(days.bars.map(([session]) => session)).toEqual(["2019-03-04", "2019-03-05"])
  })

  it("stays bounded: bars that do not fit are summarised and paged, and none is lost", async () => {
    // Fewer than 200, and longer than an answer.
    const first = await history(desk, { symbol: "LONG", period: "1d", resolution: "1m" })
    expect(first).toMatchObject({ count: 165, bars_are: "joined" })
    const five = await history(desk, { symbol: "LONG", period: "1d", resolution: "5m" })
    expect(five).toMatchObject({ count: 33, bars_are: "all" })
    const more = { symbol: "LONG", period: "3d", resolution: "1m" }
    let { next_cursor: cursor } = await history(desk, more)
    const rows: Array<ReadonlyArray<string>> = []
    while (cursor !== null) {
      const page = await history(desk, { ...more, cursor })
      rows.push(...page.bars)
      cursor = page.next_cursor
    }
    expect(rows.length).toBe(2 * 390 + 165)
    expect(new Set(rows.map(([end]) => end)).size).toBe(rows.length)
    expect(rows.at(-1)).toEqual(first.summary?.last)
  })

  it("shows no future through any of its tools, whatever is asked", async () => {
    const now = await nowOf(desk)
    for (const period of [
      "1d",
      "30d",
      "max",
      "ytd",
      "2019-03-06..2019-03-06",
      "2019-03-05..",
      "2019-01-01..2035-12-31"
    ]) {
      for (const resolution of ["1m", "5m", "1h", "1d"]) {
        const answer = await history(desk, { symbol: "LONG", period, resolution })
        const [last = ""] = answer.summary?.last ?? []
        if (resolution === "1d") expect(last < exchangeDate(now)).toBe(true)
        else expect(Date.parse(last) * 1000).toBeLessThanOrEqual(now)
      }
    }
    expect(toExchangeTime(now)).toBe("2019-03-06 12:15 EST")
  })
})

describeWithShared("on a LEAN folder", () => {
  let desk: ServedDesk
  beforeAll(async () => {
    const market = { source: "lean", path: sharedPath("lean-data"), start: "2014-07-01", badRows: "skip" }
    desk = await serveDesk(marketDataServer, { config: { market, universe: ["AAPL", "SPY"] } })
  })
  afterAll(() => desk.close())

  it("a period of days without minutes is no period whose bars have not ended", async () => {
    const { notes } = await history(desk, {
      symbol: "AAPL",
      period: "2014-06-16..2014-06-17",
      resolution: "1m"
    })
    expect(notes).toContain(
      "the source has no 1m bars of AAPL in this period: ask for a coarser resolution, or another period"
    )
  })

  it("prices are as traded, without splits, or without splits and dividends, as asked", async () => {
    // Seven new shares for one on 2014-06-09, and dividends before and after.
    const closeOf = async (adjustment: string) => {
      const { bars } = await history(desk, { symbol: "AAPL", period: "2014-01-31", adjustment })
      return Number(bars[0]?.[4])
    }
    const [raw, split, adjusted] = [
      await closeOf("raw"),
      await closeOf("split-adjusted"),
      await closeOf("adjusted")
    ]
    expect(raw).toBeGreaterThan(490)
    expect(raw / split).toBeCloseTo(7, 3)
    expect(adjusted / split).toBeLessThan(1)
    expect(adjusted / split).toBeGreaterThan(0.98)
    const usual = await history(desk, { symbol: "AAPL", period: "2014-01-31" })
    expect(Number(usual.bars[0]?.[4])).toBe(adjusted)
  })
})

it("an answer of the largest instrument list is bounded, and its pages hold every instrument once", async () => {
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`S${i}`, "prices.csv"]))
  const folder = newProject({ market: { source: "csv", files } })
  writeFileSync(
    join(folder, "prices.csv"),
    "date,open,high,low,close\n2019-03-04,1,1,1,1\n2019-03-05,1,1,1,1\n"
  )
  const desk = await serveDesk(marketDataServer, { folder })
  const { value } = await desk.call("search_instruments", { limit: 50 })
  expect(value["matches"]).toBe(60)
  const { value: rest } = await desk.call("search_instruments", { limit: 50, cursor: value["next_cursor"] })
  const symbols = [value, rest].flatMap(({ instruments }) =>
    Array.isArray(instruments) ? instruments.map(({ symbol }) => symbol) : []
  )
  expect(symbols.toSorted()).toEqual(Object.keys(files).toSorted())
  expect(rest["next_cursor"]).toBeNull()
  await desk.close()
})
