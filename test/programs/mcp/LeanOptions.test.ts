/** The option tools on the real chains of a LEAN folder, small and full. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { marketDataServer } from "../../../src/programs/mcp/market-data/MarketDataServer.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"
import { newProject, type ServedDesk, serveDesk } from "./McpDesk.ts"
import { chainOf, greeksOf, surfaceOf, refusal, stepTo, at, cellOf, pagesOf } from "./OptionAnswers.ts"

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

  it("until the session of the split opens the underlying and its options are as they were", async () => {
    await stepTo(desk, at("2014-06-09", 9.4))
    const chain = await chainOf(desk, { symbol: "AAPL" })
    expect(chain).toMatchObject({ source: "lean-quote", underlying_price: "645.525" })
    expect(chain.notes[0]).toBe(
      "the newest quotes there are, 65 h old: what has happened since is not in them"
    )
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
    expect(dropped.get("wrong-split-basis")).toBe(2180)
  })

  it("and have nothing an order could cite: a close is no quote", async () => {
    const chain = await chainOf(desk, { symbol: "AAPL" })
    expect(new Set(chain.contracts.map((row) => cellOf(chain, row, "quote_id")))).toEqual(new Set([null]))
  })

  it("and have no volatility, no delta and no Greeks, and say why", async () => {
    const pages = await pagesOf(desk, { symbol: "AAPL", expiry_range: "2014-06-21", strikes: 1000 })
    const rows = pages.flatMap((page) =>
      page.contracts.map((row) => ({
        contract: cellOf(page, row, "contract"),
        told: ["last", "iv", "delta", "dropped"].map((name) => cellOf(page, row, name))
      }))
    )
    // The close is there; with a spot of a seventh of the old price it would be a volatility of 2,266%.
    expect(rows.find(({ contract }) => contract === "AAPL 140621C00565000")?.told).toEqual([
      "83.17",
      null,
      null,
      "wrong-split-basis"
    ])
    expect(rows.find(({ contract }) => contract === "AAPL 140621C00093570")?.told.at(-1)).toBeNull()
    expect(await refusal(desk, "get_greeks", { contract: "AAPL 140621C00645000" })).toContain(
      "InsufficientQuotes: AAPL 140621C00645000 is a contract of the other side of the share's split"
    )
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
    // The half day it expires on ends at one.
    await stepTo(desk, at("2015-12-24", 13))
    const after = await chainOf(desk, { symbol: "GOOG" })
    expect(after.source).toBe("model")
    expect(after.notes.join()).toContain("has the chain of 2015-12-23, all of which has expired since")
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
