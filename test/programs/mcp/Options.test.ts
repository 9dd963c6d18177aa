/** The option tools of the market-data server through the SDK's client, on a market that has no options of its own. */
import { Option } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { quoteId } from "../../../src/domain/Identifiers.ts"
import { toIso } from "../../../src/domain/Timestamp.ts"
import { CitedQuotes } from "../../../src/market/CitedQuotes.ts"
import { MarketClock } from "../../../src/market/MarketClock.ts"
import { marketDataServer } from "../../../src/programs/mcp/market-data/MarketDataServer.ts"
import { type ServedDesk, serveDesk } from "./McpDesk.ts"
import { chainOf, greeksOf, surfaceOf, refusal, stepTo, at, cellOf, pagesOf } from "./OptionAnswers.ts"

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
        columns: ["contract", "right", "strike", "bid", "ask", "iv", "delta", "dropped", "quote_id"]
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

    it("keeps the quotes of its rows, so that an order can cite them", async () => {
      const chain = await chainOf(desk, { symbol: "AAPL", expiry_range: "all", strikes: 10 })
      expect(chain.contracts.length).toBeGreaterThan(50)
      for (const row of chain.contracts) {
        const id = quoteId(String(cellOf(chain, row, "quote_id")))
        const found = await desk.onDesk(CitedQuotes.use((quotes) => quotes.find(id)))
        expect(Option.getOrThrow(found)).toMatchObject({
          instrumentId: `${String(cellOf(chain, row, "contract"))}.OPRA`,
          bid: Math.round(Number(cellOf(chain, row, "bid")) * 1e6),
          ask: Math.round(Number(cellOf(chain, row, "ask")) * 1e6),
          source: "option-model"
        })
      }
    })

    it("gives the ids that get_quote and get_greeks give of the same contracts", async () => {
      const chain = await chainOf(desk, { symbol: "AAPL", expiry_range: "2017-02-17" })
      for (const row of chain.contracts.slice(0, 4)) {
        const { value } = await desk.call("get_quote", { symbol: String(cellOf(chain, row, "contract")) })
        expect(value).toMatchObject({
          quote_id: cellOf(chain, row, "quote_id"),
          bid: cellOf(chain, row, "bid"),
          ask: cellOf(chain, row, "ask"),
          bid_size: "0",
          source: "option-model",
          modelled: ["bid", "ask", "last"]
        })
      }
      const between = await greeksOf(desk, { contract: "AAPL 2017-02-17 112.5 P" })
      const kept = desk.onDesk(CitedQuotes.use((quotes) => quotes.find(quoteId(String(between.quote_id)))))
      expect(Option.isSome(await kept)).toBe(true)
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
        expect(greeks.iv).toBeCloseTo(Number(cellOf(chain, row, "iv")), 3)
        expect(greeks.delta).toBeCloseTo(Number(cellOf(chain, row, "delta")), 2)
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

    it.each(["ssvi", "linear"])("can be interpolated by %s", async (model) => {
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
