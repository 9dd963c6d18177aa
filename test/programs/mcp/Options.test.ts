/** The option tools of the market-data server through the SDK's client. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { sessionDate, type Timestamp, toIso } from "../../../src/domain/Timestamp.ts"
import { MarketClock } from "../../../src/market/MarketClock.ts"
import { MarketClockControl } from "../../../src/market/MarketClockControl.ts"
import { fromExchangeTime } from "../../../src/market/TradingCalendar.ts"
import { marketDataServer } from "../../../src/programs/mcp/market-data/MarketDataServer.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"
import { newProject, type ServedDesk, serveDesk } from "./McpDesk.ts"

const Cell = Schema.NullOr(Schema.Union([Schema.String, Schema.Finite]))

const Chain = Schema.Struct({
  symbol: Schema.String,
  snapshot_id: Schema.String,
  source: Schema.String,
  modelled: Schema.Array(Schema.String),
  exercise_style: Schema.String,
  as_of: Schema.String,
  market_time: Schema.String,
  age_seconds: Schema.Finite,
  underlying_price: Schema.String,
  expiries: Schema.Array(
    Schema.Struct({
      expiry: Schema.String,
      days: Schema.Finite,
      contracts: Schema.Int,
      usable_strikes: Schema.Int,
      forward: Schema.NullOr(Schema.String),
      atm_iv: Schema.NullOr(Schema.Finite),
      expected_move: Schema.NullOr(Schema.String)
    })
  ),
  other_expiries: Schema.Array(Schema.String),
  dropped: Schema.Array(Schema.Struct({ reason: Schema.String, count: Schema.Int })),
  contracts_in_range: Schema.Int,
  contracts_shown: Schema.Int,
  columns: Schema.Array(Schema.String),
  contracts: Schema.Array(Schema.Array(Cell)),
  notes: Schema.Array(Schema.String),
  next_cursor: Schema.NullOr(Schema.String)
})
const decodeChain = Schema.decodeUnknownSync(Chain)

const Greeks = Schema.Struct({
  contract: Schema.String,
  quote_id: Schema.String,
  snapshot_id: Schema.String,
  source: Schema.String,
  age_seconds: Schema.Finite,
  iv: Schema.NullOr(Schema.Finite),
  iv_status: Schema.String,
  inputs: Schema.Struct({
    spot: Schema.Finite,
    years: Schema.Finite,
    rate: Schema.Finite,
    dividend_yield: Schema.Finite,
    dividend_yield_from: Schema.String,
    volatility: Schema.Finite,
    volatility_from: Schema.String
  }),
  model: Schema.String,
  why: Schema.String,
  mid: Schema.NullOr(Schema.String),
  value: Schema.Finite,
  delta: Schema.Finite,
  gamma: Schema.Finite,
  theta_per_day: Schema.Finite,
  vega_per_point: Schema.Finite,
  rho_per_point: Schema.Finite,
  notes: Schema.Array(Schema.String)
})
const decodeGreeks = Schema.decodeUnknownSync(Greeks)

const Ratio = Schema.NullOr(Schema.Finite)
const Surface = Schema.Struct({
  symbol: Schema.String,
  source: Schema.String,
  model: Schema.String,
  quotes: Schema.Int,
  kept: Schema.Int,
  rms_error: Schema.Finite,
  expiries: Schema.Array(
    Schema.Struct({
      expiry: Schema.String,
      atm_iv: Ratio,
      risk_reversal: Ratio,
      butterfly: Ratio,
      iv: Schema.Array(Ratio),
      trust: Schema.String
    })
  ),
  moneyness: Schema.Array(Schema.Finite),
  constant_maturity: Schema.Array(Schema.Struct({ days: Schema.Finite, iv: Ratio, trust: Schema.String })),
  slope: Schema.NullOr(Schema.Struct({ ratio: Schema.Finite, shape: Schema.String })),
  arbitrage: Schema.Struct({
    butterfly_before: Schema.Int,
    calendar_before: Schema.Int,
    butterfly_after: Schema.Int,
    calendar_after: Schema.Int
  }),
  notes: Schema.Array(Schema.String)
})
const decodeSurface = Schema.decodeUnknownSync(Surface)

type Arguments = Readonly<Record<string, unknown>>

const answerOf = async (desk: ServedDesk, tool: string, args: Arguments) => {
  const { isError, text, value } = await desk.call(tool, args)
  if (isError) throw new Error(text)
  return value
}

const chainOf = async (desk: ServedDesk, args: Arguments) =>
  decodeChain(await answerOf(desk, "get_option_chain", args))
const greeksOf = async (desk: ServedDesk, args: Arguments) =>
  decodeGreeks(await answerOf(desk, "get_greeks", args))
const surfaceOf = async (desk: ServedDesk, args: Arguments) =>
  decodeSurface(await answerOf(desk, "get_vol_surface", args))

const refusal = async (desk: ServedDesk, tool: string, args: Arguments) => {
  const { isError, text } = await desk.call(tool, args)
  expect([text, isError]).toEqual([text, true])
  return text
}

const stepTo = (desk: ServedDesk, at: Timestamp) =>
  desk.onDesk(Effect.flatMap(MarketClockControl, (clock) => clock.step({ _tag: "To", at })))
const at = (date: string, hours: number) => fromExchangeTime(sessionDate(date), hours * 3_600_000_000)

type Page = typeof Chain.Type

/** A row by its columns' names. */
const cellOf = ({ columns }: Page, row: Page["contracts"][number], name: string) =>
  row[columns.indexOf(name)] ?? null

const pagesOf = async (desk: ServedDesk, args: Arguments): Promise<ReadonlyArray<Page>> => {
  const pages = [await chainOf(desk, args)]
  for (let cursor = pages[0]?.next_cursor ?? null; cursor !== null;) {
    const page = await chainOf(desk, { ...args, cursor })
    pages.push(page)
    cursor = page.next_cursor
  }
  return pages
}

describe("on the embedded market, which has no options of its own", () => {
  let desk: ServedDesk
  beforeAll(async () => {
    desk = await serveDesk(marketDataServer)
  })
  afterAll(() => desk.close())

  describe("get_option_chain", () => {
    it("summarises the expiries, shows quotes around the money, and says that they are a model's", async () => {
      const chain = await chainOf(desk, { symbol: "aapl" })
      expect(chain).toMatchObject({
        symbol: "AAPL",
        source: "model",
        modelled: ["bid", "ask"],
        exercise_style: "AMERICAN",
        age_seconds: 0,
        market_time: "2017-01-03T14:30:00.000000Z",
        columns: ["contract", "right", "strike", "bid", "ask", "iv", "delta", "quote_id"]
      })
      expect(chain.snapshot_id).toMatch(/^c-[0-9a-f]{16}$/u)
      expect(chain.notes.join()).toContain("a model's, not a market's")
      expect(chain.expiries[0]).toMatchObject({ expiry: "2017-01-06" })
      expect(chain.expiries.every(({ atm_iv: iv }) => iv !== null && iv > 0.1 && iv < 0.3)).toBe(true)
      expect(chain.other_expiries).toContain("2018-01-19")
      const price = Number(chain.underlying_price)
      for (const { expiry } of chain.expiries) {
        const code = expiry.replaceAll("-", "").slice(2)
        const rows = chain.contracts.filter((row) => String(cellOf(chain, row, "contract")).includes(code))
        if (rows.length < 16) continue
        const strikes = rows.map((row) => Number(cellOf(chain, row, "strike")))
        expect(Math.min(...strikes)).toBeLessThan(price)
        expect(Math.max(...strikes)).toBeGreaterThan(price)
      }
    })

    it("gives each contract a quote_id of its own, the same while the moment is", async () => {
      const [one, again] = [await chainOf(desk, { symbol: "AAPL" }), await chainOf(desk, { symbol: "AAPL" })]
      expect(again).toEqual(one)
      const ids = one.contracts.map((row) => String(cellOf(one, row, "quote_id")))
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids.every((id) => /^q-[0-9a-f]{16}$/u.test(id))).toBe(true)
    })

    it("pages through every contract once and in order, all of one snapshot", async () => {
      const args = { symbol: "SPX-REPLAY", expiry_range: "all", strikes: 1000 }
      const pages = await pagesOf(desk, args)
      const [first] = pages
      expect(pages.length).toBeGreaterThan(4)
      expect(new Set(pages.map(({ snapshot_id: id }) => id)).size).toBe(1)
      const contracts = pages.flatMap((page) =>
        page.contracts.map((row) => String(cellOf(page, row, "contract")))
      )
      expect(contracts.length).toBe(first?.contracts_in_range)
      expect(new Set(contracts).size).toBe(contracts.length)
      // What stands in the summary is told once.
      expect(pages.slice(1).every(({ expiries }) => expiries.length === 0)).toBe(true)
    })

    it("a page stays of its moment while the market goes on", async () => {
      const other = await serveDesk(marketDataServer)
      const args = { symbol: "AAPL", expiry_range: "all", strikes: 100 }
      const first = await chainOf(other, args)
      await stepTo(other, at("2017-01-03", 10))
      const second = await chainOf(other, { ...args, cursor: first.next_cursor })
      expect(second.snapshot_id).toBe(first.snapshot_id)
      expect(second.as_of).toBe(first.as_of)
      expect(second.age_seconds).toBe(1800)
      const now = await chainOf(other, args)
      expect(now.snapshot_id).not.toBe(first.snapshot_id)
      await other.close()
      const later = await serveDesk(marketDataServer)
      const gone = await refusal(later, "get_option_chain", { ...args, cursor: first.next_cursor })
      expect(gone).toContain("SnapshotGone")
      expect(gone).toContain("Next: call it without a cursor")
      await later.close()
    })

    it("takes ranges of expiries, one side, and more strikes", async () => {
      const one = await chainOf(desk, {
        symbol: "AAPL",
        expiry_range: "2017-01-20",
        right: "PUT",
        strikes: 2
      })
      expect(one.expiries.map(({ expiry }) => expiry)).toEqual(["2017-01-20"])
      expect(one.contracts.map((row) => cellOf(one, row, "right"))).toEqual(["PUT", "PUT", "PUT", "PUT"])
      const months = await chainOf(desk, { symbol: "AAPL", expiry_range: "2017-06..2017-09" })
      expect(months.expiries.map(({ expiry }) => expiry)).toEqual(["2017-06-16", "2017-09-15"])
      expect(months.contracts_shown).toBe(2 * 8 * 2)
      expect(months.contracts_in_range).toBeGreaterThan(months.contracts_shown)
    })

    it.each([
      [{ symbol: "AAPL", expiry_range: "soon" }, 'InvalidExpiryRange: "soon" is no range of expiries'],
      [{ symbol: "AAPL", expiry_range: "2016-12" }, "has passed: the market's date is 2017-01-03"],
      [{ symbol: "AAPL", expiry_range: "2017-01-07..2017-01-09" }, "the next is 2017-01-13"],
      [{ symbol: "APPL" }, "InstrumentNotFound"],
      [{}, "symbol: missing"],
      [{ symbol: "AAPL", strikes: 0 }, "strikes: expected"],
      [{ symbol: "AAPL", strikes: 2.5 }, "strikes: expected"],
      [{ symbol: "AAPL", right: "C" }, "right: expected"],
      [{ symbol: "AAPL", expiry: "30d" }, "expiry: no such argument; did you mean expiry_range?"],
      [{ symbol: "AAPL", cursor: "AAAA" }, "CursorInvalid"]
    ])("refuses %j in a line that helps", async (args, problem) => {
      const text = await refusal(desk, "get_option_chain", args)
      expect(text).toContain(problem)
      expect(text).toContain("Next: ")
      expect(text.length).toBeLessThan(900)
    })

    it("refuses texts without end in a line", async () => {
      for (const [tool, args] of [
        ["get_option_chain", { symbol: "AAPL", expiry_range: "x".repeat(5000) }],
        ["get_option_chain", { symbol: "A".repeat(100_000) }],
        ["get_greeks", { contract: "x".repeat(5000) }],
        ["get_vol_surface", { symbol: "A".repeat(100_000) }]
      ] as const) {
        const text = await refusal(desk, tool, args)
        expect(text).toContain("expected")
        expect(text.length).toBeLessThan(900)
      }
    })

    it("refuses a cursor of another question", async () => {
      const args = { symbol: "AAPL", expiry_range: "all", strikes: 100 }
      const { next_cursor: cursor } = await chainOf(desk, args)
      for (const other of [
        { ...args, symbol: "SPX-REPLAY" },
        { ...args, strikes: 99 },
        { ...args, right: "PUT" },
        { ...args, expiry_range: "30d" }
      ]) {
        expect(await refusal(desk, "get_option_chain", { ...other, cursor })).toContain("CursorInvalid")
      }
    })
  })

  describe("get_greeks", () => {
    it("gives value, volatility and Greeks in points and days, the model and its inputs", async () => {
      const greeks = await greeksOf(desk, { contract: "AAPL 170217C00115000" })
      expect(greeks).toMatchObject({
        contract: "AAPL 170217C00115000",
        source: "model",
        iv_status: "ok",
        model: "bsm",
        why: "exercise before expiry gains nothing: the American value is the European one"
      })
      expect(greeks.inputs).toMatchObject({ rate: 0.00625, dividend_yield: 0, volatility_from: "mid" })
      expect(greeks.value).toBeCloseTo(Number(greeks.mid), 3)
      expect(greeks.delta).toBeGreaterThan(0.4)
      expect(greeks.delta).toBeLessThan(0.7)
      expect(greeks.theta_per_day).toBeLessThan(0)
      expect(greeks.theta_per_day).toBeGreaterThan(-0.1)
      // S·φ(d₁)·√T ÷ 100 at the money.
      const { spot, years } = greeks.inputs
      expect(greeks.vega_per_point).toBeCloseTo((spot * Math.sqrt(years) * 0.3989) / 100, 2)
    })

    it("is of the quote that the chain shows", async () => {
      const chain = await chainOf(desk, { symbol: "AAPL", expiry_range: "2017-02-17" })
      for (const row of chain.contracts) {
        const greeks = await greeksOf(desk, { contract: cellOf(chain, row, "contract"), accuracy: "fast" })
        expect(greeks.quote_id).toBe(cellOf(chain, row, "quote_id"))
        expect(greeks.snapshot_id).toBe(chain.snapshot_id)
        expect(greeks.iv).toBe(cellOf(chain, row, "iv"))
        expect(greeks.delta).toBeCloseTo(Number(cellOf(chain, row, "delta")), 4)
      }
    })

    it("takes the contract in words or in fields", async () => {
      const one = await greeksOf(desk, { contract: "AAPL 170217P00110000" })
      for (const contract of [
        "aapl 2017-02-17 110 put",
        { symbol: "AAPL", expiry: "2017-02-17", right: "PUT", strike: 110 },
        { symbol: "aapl", expiry: "2017-02-17", right: "p", strike: "110.00" }
      ]) {
        expect(await greeksOf(desk, { contract })).toEqual(one)
      }
      expect(one.model).not.toBe("bsm")
    })

    it("of an index are of European exercise", async () => {
      const greeks = await greeksOf(desk, { contract: "SPX-REPLAY 2017-02-17 2250 C" })
      expect(greeks).toMatchObject({ contract: "SPX 170217C02250000", model: "bsm" })
      expect(greeks.why).toContain("European exercise")
    })

    it("without a bid takes the surface's volatility while it reaches, and says so", async () => {
      const near = await greeksOf(desk, { contract: "AAPL 2017-02-17 135 C" })
      expect(near).toMatchObject({ iv: null, iv_status: "no_price" })
      expect(near.inputs.volatility_from).toBe("surface")
      expect(near.inputs.volatility).toBeGreaterThan(0.1)
      expect(near.notes.join()).toContain("that of the chain's surface at its strike is used")
      const far = await refusal(desk, "get_greeks", { contract: "AAPL 2017-02-17 200 C" })
      expect(far).toContain("InsufficientQuotes: AAPL 170217C00200000 has no usable quote of its own")
      expect(far).toContain("Next: get_option_chain shows the quotes there are")
    })

    it.each([
      ["AAPL", 'InvalidContract: "AAPL": it is no contract; expected "AAPL 140613C00090000" (OCC)'],
      ["AAPL 161216C00110000", "ContractExpired: AAPL 161216C00110000 expired at the close of 2016-12-16"],
      ["AAPL 170214C00110000", "ContractNotFound: AAPL has no options that expire on 2017-02-14"],
      ["AAPL 170217C00110010", "the nearest strikes of that expiry are"],
      ["MSFT 170217C00110000", "InstrumentNotFound"],
      [
        { symbol: "AAPL", expiry: "17/02/2017", right: "CALL", strike: 110 },
        'is no date; expected "2014-06-13"'
      ],
      [{ symbol: "AAPL", expiry: "2017-02-17", right: "straddle", strike: 110 }, "contract"],
      [{ symbol: "AAPL", expiry: "2017-02-17", right: "CALL", strike: -1 }, "dollars above zero"],
      [{ symbol: "AAPL", expiry: "2017-02-17" }, "contract"],
      [42, "contract: expected"]
    ])("refuses %j in a line that helps", async (contract, problem) => {
      const text = await refusal(desk, "get_greeks", { contract })
      expect(text).toContain(problem)
      expect(text).toContain("Next: ")
      expect(text.length).toBeLessThan(900)
    })
  })

  describe("get_vol_surface", () => {
    it("is near the model's own smile, without arbitrage, and says where it may be trusted", async () => {
      const surface = await surfaceOf(desk, { symbol: "SPX-REPLAY" })
      expect(surface).toMatchObject({ source: "model", model: "svi" })
      expect(surface.arbitrage).toMatchObject({ butterfly_after: 0, calendar_after: 0 })
      expect(surface.rms_error).toBeLessThan(0.01)
      const month = surface.constant_maturity.find(({ days }) => days === 30)
      expect(month?.trust).toBe("inside")
      expect(month?.iv).toBeGreaterThan(0.05)
      for (const { iv, trust } of surface.expiries) {
        expect(trust).toMatch(/^[ino]{13}$/u)
        iv.forEach((cell, i) => expect([i, cell === null]).toEqual([i, trust[i] === "o"]))
      }
      // Fixed ρ of −0.7: puts cost more.
      const skews = surface.expiries.flatMap(({ risk_reversal: one }) => (one === null ? [] : [one]))
      expect(skews.length).toBeGreaterThan(5)
      expect(skews.every((one) => one < 0)).toBe(true)
      expect(surface.slope?.shape).toBe("contango")
    })

    it.each(["ssvi", "linear", "cubic", "thin-plate"])("can be interpolated by %s", async (model) => {
      const surface = await surfaceOf(desk, { symbol: "AAPL", model })
      expect(surface.model).toBe(model)
      expect(surface.expiries.length).toBeGreaterThan(5)
    })

    it.each([
      [{ symbol: "AAPL", model: "sabr" }, "model: expected"],
      [{ symbol: "AAPL", moneyness: 1 }, "moneyness: no such argument"],
      [{ symbol: "" }, "symbol: expected"]
    ])("refuses %j in a line", async (args, problem) => {
      expect(await refusal(desk, "get_vol_surface", args)).toContain(problem)
    })
  })

  it("says of a symbol too young for a model that it has no options", async () => {
    const young = await serveDesk(marketDataServer, {
      config: { market: { source: "embedded", start: "2013-05-20" } }
    })
    for (const [tool, args] of [
      ["get_option_chain", { symbol: "AAPL" }],
      ["get_vol_surface", { symbol: "AAPL" }],
      ["get_greeks", { contract: "AAPL 2013-06-21 65 C" }]
    ] as const) {
      const text = await refusal(young, tool, args)
      expect(text).toContain("NoOptions: AAPL has no options at 2013-05-20")
      expect(text).toContain("Next: choose another symbol, or a later market time.")
    }
    expect(toIso(await young.onDesk(MarketClock.use((clock) => clock.now)))).toContain("2013-05-20")
    await young.close()
  })
})

describeWithShared("on a LEAN folder with the chains of two days", () => {
  const config = {
    market: { source: "lean", path: sharedPath("lean-data"), start: "2014-06-05", badRows: "skip" },
    universe: ["AAPL"]
  }
  let desk: ServedDesk
  beforeAll(async () => {
    desk = await serveDesk(marketDataServer, { config })
  })
  afterAll(() => desk.close())

  // In the order of time: the clock goes forward only.
  it("before the first chain the model answers", async () => {
    const chain = await chainOf(desk, { symbol: "AAPL" })
    expect(chain.source).toBe("model")
    expect(chain.notes.join()).toContain("the source has no options of this moment")
  })

  it("during a day whose chain is known at its close the model still answers", async () => {
    await stepTo(desk, at("2014-06-06", 15.98))
    expect((await chainOf(desk, { symbol: "AAPL" })).source).toBe("model")
  })

  it("at the close the market's own quotes are there, whole, and tell nothing of the split to come", async () => {
    await stepTo(desk, at("2014-06-06", 16))
    const pages = await pagesOf(desk, { symbol: "AAPL", expiry_range: "all", strikes: 1000 })
    const [first] = pages
    expect(first).toMatchObject({ source: "lean-quote", modelled: [], age_seconds: 0 })
    expect(Number(first?.underlying_price)).toBeCloseTo(645.5, 0)
    expect(first?.contracts_in_range).toBe(2180)
    const contracts = pages.flatMap((page) => page.contracts.map((row) => cellOf(page, row, "contract")))
    expect(new Set(contracts).size).toBe(2180)
    expect(JSON.stringify(pages)).not.toContain("split")
    expect(JSON.stringify(pages)).not.toContain("2014-06-09")
  })

  it("a contract's volatility is in its own mid, carried by put-call parity", async () => {
    const greeks = await greeksOf(desk, { contract: "AAPL 140719P00645000" })
    expect(greeks).toMatchObject({ source: "lean-quote", iv_status: "ok", model: "american" })
    expect(greeks.inputs.dividend_yield_from).toMatch(/^put-call parity of 2014-07-19 over \d+ strikes$/u)
    expect(greeks.iv).toBeGreaterThan(0.15)
    expect(greeks.iv).toBeLessThan(0.35)
    expect(greeks.value).toBeCloseTo(Number(greeks.mid), 4)
    expect(greeks.delta).toBeCloseTo(-0.48, 1)
  })

  it("its surface has no arbitrage after the fit, and says how good the fit is", async () => {
    const surface = await surfaceOf(desk, { symbol: "AAPL" })
    expect(surface).toMatchObject({ source: "lean-quote", quotes: 2180 })
    expect(surface.arbitrage).toMatchObject({ butterfly_after: 0, calendar_after: 0 })
    expect(surface.expiries.length).toBe(12)
    expect(surface.rms_error).toBeLessThan(0.02)
  })

  it("on the day of the split the chain of before it is not shown any more, and a note says why", async () => {
    await stepTo(desk, at("2014-06-09", 10))
    const chain = await chainOf(desk, { symbol: "AAPL" })
    expect(chain.source).toBe("model")
    expect(chain.notes.join()).toContain("the share was split on 2014-06-09")
    expect(Number(chain.underlying_price)).toBeLessThan(100)
  })

  it("at its close the new contracts are there, with their strikes to the cent", async () => {
    await stepTo(desk, at("2014-06-09", 16))
    const chain = await chainOf(desk, { symbol: "AAPL", expiry_range: "7d" })
    expect(chain).toMatchObject({ source: "lean-quote", age_seconds: 0 })
    expect(chain.contracts.map((row) => cellOf(chain, row, "strike"))).toContain("93.57")
  })

  it("the next morning they are still the newest, and say how old they are", async () => {
    await stepTo(desk, at("2014-06-10", 10))
    const chain = await chainOf(desk, { symbol: "AAPL" })
    expect(chain).toMatchObject({ source: "lean-quote", age_seconds: 18 * 3600 })
    expect(chain.notes[0]).toBe(
      "the newest quotes there are, 18 h old: what has happened since is not in them"
    )
    const greeks = await greeksOf(desk, { contract: "AAPL 2014-06-13 93.57 C" })
    expect(greeks.age_seconds).toBe(18 * 3600)
  })

  it("a day later they are too old, and the model answers", async () => {
    await stepTo(desk, at("2014-06-11", 10))
    expect((await chainOf(desk, { symbol: "AAPL" })).source).toBe("model")
  })
})

describeWithShared("on a LEAN folder that has universes alone", () => {
  let desk: ServedDesk
  beforeAll(async () => {
    const folder = newProject()
    const data = join(folder, "data")
    mkdirSync(join(data, "option/usa"), { recursive: true })
    for (const part of ["equity", "alternative", "market-hours", "symbol-properties"]) {
      symlinkSync(sharedPath("lean-data", part), join(data, part))
    }
    symlinkSync(sharedPath("lean-data/option/usa/universes"), join(data, "option/usa/universes"))
    const market = { source: "lean", path: "data", start: "2014-06-09", badRows: "skip" }
    writeFileSync(join(folder, "plimsoll.json"), JSON.stringify({ market, universe: ["AAPL"] }))
    desk = await serveDesk(marketDataServer, { folder })
    await stepTo(desk, at("2014-06-09", 16))
  })
  afterAll(() => desk.close())

  it("all 4,360 contracts come in bounded pages, once and of one snapshot", async () => {
    const pages = await pagesOf(desk, { symbol: "AAPL", expiry_range: "all", strikes: 1000 })
    expect(pages[0]).toMatchObject({ source: "lean-universe", contracts_in_range: 4360 })
    expect(pages[0]?.notes.join()).toContain("closing prices without bid and ask")
    expect(new Set(pages.map(({ snapshot_id: id }) => id)).size).toBe(1)
    const contracts = pages.flatMap((page) => page.contracts.map((row) => cellOf(page, row, "contract")))
    expect(contracts.length).toBe(4360)
    expect(new Set(contracts).size).toBe(4360)
  })

  it("strikes of before the split are counted as such, and stay out of volatilities", async () => {
    const chain = await chainOf(desk, { symbol: "AAPL" })
    const dropped = new Map(chain.dropped.map(({ count, reason }) => [reason, count]))
    expect(dropped.get("wrong-split-basis")).toBeGreaterThan(1000)
  })

  it("a contract's volatility is in its close, and a surface is an answer or a typed refusal", async () => {
    const greeks = await greeksOf(desk, { contract: "AAPL 2014-07-19 95 C" })
    expect(greeks.source).toBe("lean-universe")
    expect(["close", "surface"]).toContain(greeks.inputs.volatility_from)
    const surface = await surfaceOf(desk, { symbol: "AAPL" })
    expect(surface.arbitrage).toMatchObject({ butterfly_after: 0, calendar_after: 0 })
  })
})

describeWithShared("on the small chains of a LEAN folder", () => {
  const serveAt = async (symbol: string, date: string, hours: number) => {
    const market = { source: "lean", path: sharedPath("lean-data"), start: date, badRows: "skip" }
    const desk = await serveDesk(marketDataServer, { config: { market, universe: [symbol] } })
    await stepTo(desk, at(date, hours))
    return desk
  }

  it("GOOG a day before its expiry has one smile, of the minute", async () => {
    const desk = await serveAt("GOOG", "2015-12-23", 12)
    const chain = await chainOf(desk, { symbol: "GOOG" })
    expect(chain).toMatchObject({
      source: "lean-quote",
      age_seconds: 0,
      as_of: "2015-12-23T17:00:00.000000Z"
    })
    expect(chain.expiries.map(({ expiry }) => expiry)).toEqual(["2015-12-24"])
    expect(chain.columns).toContain("open_interest")
    const surface = await surfaceOf(desk, { symbol: "GOOG" })
    expect(surface.expiries.length).toBe(1)
    expect(surface.constant_maturity.every(({ iv }) => iv === null)).toBe(true)
    await desk.close()
  })

  it("SPY with four contracts has quotes and Greeks, and no surface", async () => {
    const desk = await serveAt("SPY", "2023-08-03", 12)
    const chain = await chainOf(desk, { symbol: "SPY", expiry_range: "all" })
    expect(chain).toMatchObject({ source: "lean-quote", contracts_in_range: 4 })
    const greeks = await greeksOf(desk, { contract: "SPY 230901P00430000" })
    expect(greeks.iv_status).toBe("ok")
    const refused = await refusal(desk, "get_vol_surface", { symbol: "SPY" })
    expect(refused).toContain("InsufficientQuotes: SPY: no expiry has 5 usable strikes")
    await desk.close()
  })
})
