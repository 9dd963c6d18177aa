/** `plimsoll options` by flags, and on the desk's own market. */
import { existsSync, readFileSync } from "node:fs"
import { beforeAll, describe, expect, it, vi } from "vitest"
import { describeWithShared, sharedPath } from "../../../support/Shared.ts"
import { inNewFolder, plimsoll, plimsollJson } from "../CommandLine.ts"

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

inNewFolder()

const call = "--type C --spot 100 --strike 105 --days 30 --rate 0.05".split(" ")

describe("one option from flags", () => {
  it("price says the value, the model and why", async () => {
    const ran = await plimsoll(["options", "price", ...call, "--volatility", "0.2"])
    expect(ran.code).toBe(0)
    expect(ran.out.split("\n")).toEqual([
      "0.7307905794  call 105 on 100, 30 days, rate 5%, yield 0%, volatility 20%, european",
      expect.stringMatching(/^by bsm: European exercise/u),
      "no dividend yield was given: 0 is used",
      ""
    ])
  })

  it("an American option before a dividend goes to the tree, whether the ex-date is a day or a number of days", async () => {
    const args = [...call, "--volatility", "0.2", "--style", "american", "--date", "2026-01-16"]
    const byDate = await plimsollJson(["options", "price", ...args, "--dividend", "0.82@2026-02-06"])
    const byDays = await plimsollJson(["options", "price", ...args, "--dividend", "0.82@20.7d"])
    expect(byDate).toMatchObject({ model: "leisen-reimer", inputs: { dividends: [{ amount: 0.82 }] } })
    expect(byDays).toMatchObject({ model: "leisen-reimer" })
  })

  it("a day of expiry ends at its session's close", async () => {
    const args = ["--type", "P", "--spot", "100", "--strike", "95", "--rate", "0.05", "--volatility", "0.2"]
    const of = await plimsollJson([
      "options",
      "price",
      ...args,
      "--date",
      "2014-06-09",
      "--expiry",
      "2014-06-13"
    ])
    expect(of).toMatchObject({ inputs: { years: 4 / 365 } })
  })

  it("iv finds the volatility of a price again, and says which status there is where there is none", async () => {
    const found = await plimsollJson(["options", "iv", ...call, "--price", "0.7307905794"])
    expect(found).toMatchObject({ status: "ok", model: "bsm", sigma: expect.closeTo(0.2, 9) })
    const none = await plimsollJson(["options", "iv", ...call, "--price", "120"])
    expect(none).toMatchObject({ status: "above_upper", sigma: null })
    const american = ["--style", "american", "--price", "6.1", "--model", "bjs2002"]
    const put = "--type P --spot 100 --strike 105 --days 30 --rate 0.05".split(" ")
    expect(await plimsollJson(["options", "iv", ...put, ...american])).toMatchObject({
      status: "ok",
      model: "bjs2002"
    })
  })

  it("greeks are per year and per 1.00, and what traders quote is beside them", async () => {
    const of = await plimsollJson(["options", "greeks", ...call, "--volatility", "0.2"])
    expect(of).toMatchObject({
      price: expect.closeTo(0.7307905794, 9),
      delta: expect.any(Number),
      theta: expect.any(Number),
      theta_per_day: expect.any(Number),
      vega_per_point: expect.any(Number),
      rho_per_point: expect.any(Number)
    })
    const text = await plimsoll(["options", "greeks", ...call, "--volatility", "0.2"])
    expect(text.out).toMatch(/^theta +-\S+ {2}of the price, per year that passes +-\S+ a day$/mu)
  })

  it.each([
    [["price"], "--type, --spot, --strike, --rate are missing"],
    [["price", ...call], "--volatility is missing"],
    [["iv", ...call], "--price is missing"],
    [["price", ...call, "--years", "1", "--volatility", "0.2"], "--days and --years are two ways"],
    [
      ["price", ...call, "--volatility", "-0.2"],
      "--volatility: expected a finite volatility, zero or more, not -0.2"
    ],
    [
      ["price", ...call, "--volatility", "0.2", "--dividend", "lots"],
      "--dividend lots: expected cash a share"
    ],
    [
      ["price", ...call, "--volatility", "0.2", "--dividend", "0.8@21d", "--model", "bjs2002"],
      "--dividend: expected none"
    ],
    [["price", ...call, "--volatility", "0.2", "--bare-formula"], "--bare-formula is for"],
    [["greeks", "AAPL 170120C00115000", "--spot", "1"], "leave out the flags"],
    [["greeks", "--data", "lean"], "--data is for a contract"],
    [["surface"], "Name the underlying by --symbol"],
    [["scenario"], "leg"],
    [["scenario", "--leg", "+1 C 95 30d"], "--spot, --rate and --volatility"],
    [["scenario", "--leg", "+1 X 95 30d"], '"X" is neither C, P, shares nor a contract'],
    [["scenario", "--leg", "one C 95 30d"], "the quantity"],
    [["scenario", "--leg", "+1 C 95 soon"], '"soon" is no day of expiry'],
    [["scenario", "--leg", "+1 C 95 30d @-1"], "a price is zero or more"]
  ])("what is wrong is said, with exit code 64: options %j", async (args, words) => {
    const ran = await plimsoll(["options", ...args])
    expect(ran.err).toContain(words)
    expect(ran.code).toBe(64)
    expect(ran.out).toBe("")
  })
})

const market = "--spot 100 --rate 0.04 --volatility 0.25".split(" ")

describe("a position's scenarios from flags", () => {
  it("a short put with shares: break-even, extremes, probability and a table a time", async () => {
    const args = ["--leg", "-1 P 95 30d @0.9", "--leg", "+100 shares @100", "--spots", "±20%"]
    const ran = await plimsoll(["options", "scenario", ...market, ...args])
    expect(ran.err).toBe("")
    expect(ran.out).toContain("break-even             99.10")
    expect(ran.out).toContain("most to gain           unlimited")
    expect(ran.out).toContain("most to lose           -$19,410.00, at 0.00")
    expect(ran.out).toMatch(/probability of profit {2}\d\d\.\d\d%/u)
    expect(ran.out.match(/^Profit, dollars, /gmu)).toHaveLength(3)
    expect(ran.out).toMatch(/^ +80\.00 .*120\.00$/mu)
  })

  it("in JSON has every cell with its Greeks, and unlimited is no number", async () => {
    const args = ["--leg", "+1 C 105 30d @2.1", "--spots", "90,100,110", "--vols", "-5,0", "--days", "0,10"]
    const of = await plimsollJson(["options", "scenario", ...market, ...args])
    expect(of).toMatchObject({
      cost: 210,
      outcome: {
        exact: true,
        break_evens: [expect.closeTo(107.1, 9)],
        max_gain: { limited: false },
        max_loss: { limited: true, profit: -210, at: 0 }
      },
      spots: [90, 100, 110],
      volatility_shifts: [-0.05, 0],
      elapsed_years: [0, 10 / 365],
      cells: { 11: { spot: 110, volatility_shift: 0, elapsed_years: 10 / 365, delta: expect.any(Number) } }
    })
  })

  it("a calendar is valued by the model at its first expiry, and says so", async () => {
    const args = ["--style", "european", "--leg=-1 C 100 30d @3", "--leg", "+1 C 100 90d @5.2"]
    const ran = await plimsoll(["options", "scenario", ...market, ...args])
    expect(ran.out).toContain("(later legs valued by the model)")
    expect(ran.out).toContain("most to gain           $216.49, at 100.00")
  })

  it.each([
    [["--spots", "±10"], "a change is a percentage"],
    [["--spots", "0,100"], "a price is above zero"],
    [["--spots", "x"], "--spots"],
    [["--vols", "lots"], "--vols"],
    [["--days", "-1"], "zero or more"],
    [["--days", "40"], "after the first expiry"],
    [["--multiplier", "0"], "--multiplier"]
  ])("an axis that makes no sense is refused: %j", async (args, words) => {
    const ran = await plimsoll(["options", "scenario", ...market, "--leg", "+1 C 105 30d", ...args])
    expect(ran.err).toContain(words)
    expect(ran.code).toBe(64)
  })
})

describe("on the desk's market", () => {
  beforeAll(async () => {
    await plimsoll(["init"])
  })

  it("surface, term structure and skew are tables that say where the quotes are from", async () => {
    const surface = await plimsoll(["options", "surface", "--symbol", "AAPL"])
    expect(surface.err).toBe("")
    expect(surface.out).toContain("quotes by a model")
    expect(surface.out).toMatch(/^2017-01-20 +17 /mu)
    expect(surface.out).toContain("arbitrage in the quotes' mids")
    const term = await plimsoll(["options", "term", "--symbol", "AAPL"])
    expect(term.out).toMatch(/^30 days +\d\d\.\d%$/mu)
    expect(term.out).toMatch(/^(?:contango|backwardation|flat): 30 days/mu)
    const skew = await plimsoll(["options", "skew", "--symbol", "AAPL"])
    expect(skew.out).toContain("25Δ put")
    expect(skew.out).toContain("Against the expiries around each")
  })

  it("are JSON for machines, with how far each number may be trusted", async () => {
    const of = await plimsollJson(["options", "surface", "--symbol", "AAPL", "--model", "ssvi"])
    expect(of).toMatchObject({
      symbol: "AAPL",
      source: "model",
      model: "ssvi",
      arbitrage: { after: { butterfly: [], calendar: [] } }
    })
    expect(JSON.stringify(of)).toMatch(/"trust":"inside"/u)
    expect(JSON.stringify(of)).toMatch(/"iv":null,"trust":"outside"/u)
  })

  it("--html writes the page", async () => {
    const ran = await plimsoll(["options", "term", "--symbol", "AAPL", "--html", "page.html"])
    expect(ran.code).toBe(0)
    expect(ran.err).toContain("page.html")
    expect(readFileSync("page.html", "utf8")).toMatch(/^<!doctype html>/iu)
    const refused = await plimsoll(["options", "term", "--symbol", "AAPL", "--html", "plimsoll.json"])
    expect(refused.code).toBe(1)
    expect(refused.err).toContain("belongs to the desk")
    expect(existsSync(".plimsoll")).toBe(true)
  })

  it("a contract has its Greeks by its OCC symbol, at the volatility of its own quote", async () => {
    const of = await plimsollJson(["options", "greeks", "AAPL 170120C00115000"])
    expect(of).toMatchObject({
      contract: "AAPL 170120C00115000",
      source: "model",
      iv_status: "ok",
      inputs: { strike: 115, volatility_from: "mid" }
    })
  })

  it("a chain is calls, strike and puts around the money, whose they are, and an order of one", async () => {
    const ran = await plimsoll(["options", "chain", "AAPL", "--expiry", "2017-01-20", "--strikes", "3"])
    expect(ran).toMatchObject({ code: 0, err: "" })
    const lines = ran.out.split("\n")
    expect(lines[0]).toMatch(
      /^AAPL {2}the desk's market at 2017-01-03 09:30 EST, quotes by a model, spot 115\.8/u
    )
    expect(lines[1]).toMatch(
      /^expiry 2017-01-20, 17\.\d+ days, American; others: 2017-01-06, .*, 2019-01-18$/u
    )
    expect(lines[3]).toMatch(/^call bid +ask +vol +delta +\| +strike +\| +put bid +ask +vol +delta$/u)
    const rows = lines.filter((line) => line.includes("%"))
    expect(rows.map((row) => row.split("|")[1]?.trim())).toEqual([
      "113.00",
      "114.00",
      "115.00",
      "116.00",
      "117.00",
      "118.00"
    ])
    expect(rows[0]).toMatch(
      /^ *\d\.\d\d +\d\.\d\d +\d\d\.\d% +0\.\d\d +\|.*\| +\d\.\d\d +\d\.\d\d +\d\d\.\d% +-0\.\d\d$/u
    )
    const [, symbol = "", limit = ""] =
      /^to buy one at the money: plimsoll order buy "(?<symbol>.+)" 1 --limit (?<limit>\S+)$/mu.exec(
        ran.out
      ) ?? []
    expect(symbol).toBe("AAPL 170120C00116000")
    const order = await plimsoll(["order", "buy", symbol, "1", "--limit", limit])
    expect(order.err).toMatch(/and permit, .*option-coverage/u)
    expect(order.err).toContain("there is no terminal to ask at")
    expect(order.err).not.toContain("DENIED")
  })

  it("one side has a symbol a row; without an expiry it is the nearest, and 30d the one about then", async () => {
    const puts = await plimsoll(["options", "chain", "AAPL", "--right", "put", "--strikes", "2"])
    expect(puts.out).toContain("expiry 2017-01-06, ")
    expect(puts.out.match(/^AAPL 170106P\d{8} /gmu)).toHaveLength(4)
    expect(puts.out).toContain('order buy "AAPL 170106P00116000"')
    const of = await plimsollJson(["options", "chain", "AAPL", "--expiry", "30d", "--strikes", "1"])
    expect(of).toMatchObject({
      symbol: "AAPL",
      source: "model",
      modelled: ["bid", "ask"],
      age_seconds: 0,
      expiry: "2017-02-03",
      other_expiries: { 0: "2017-01-06" },
      contracts: [
        { contract: "AAPL 170203C00115000", right: "CALL", strike: 115, iv: expect.any(Number) },
        { contract: "AAPL 170203P00115000", right: "PUT", delta: expect.any(Number) },
        { contract: "AAPL 170203C00116000", bid: expect.any(Number), ask: expect.any(Number) },
        { contract: "AAPL 170203P00116000", dropped: null }
      ],
      notes: [expect.stringContaining("a model's")]
    })
  })

  it("a position of a chain takes prices and volatilities from its quotes", async () => {
    const legs = ["--leg", "+1 C 115 2017-01-20", "--leg", "-1 C 120 2017-01-20"]
    const of = await plimsollJson(["options", "scenario", "--symbol", "AAPL", ...legs, "--spot", "±5%"])
    expect(of).toMatchObject({
      outcome: { exact: true, max_loss: { limited: true }, max_gain: { limited: true } },
      notes: { 0: "a leg without a price enters at the middle of its quote" }
    })
  })

  it("a leg of so many days is of the nearest expiry, and it says which", async () => {
    const ran = await plimsoll(["options", "scenario", "--symbol", "AAPL", "--leg", "-1 C 120 30d"])
    expect(ran.code).toBe(0)
    expect(`${ran.out}${ran.err}`).toContain("30d is the expiry of 2017-02-03")
  })

  it.each([
    [["surface", "--symbol", "APPL"], 1, "nearest: AAPL"],
    [["surface", "--symbol", "AAPL", "--date", "2014-06-09"], 64, "--date is for --data"],
    [["chain", "APPL"], 1, "nearest: AAPL"],
    [["chain"], 64, "Name the underlying"],
    [["chain", "AAPL", "--symbol", "AAPL"], 64, "give one of them"],
    [["chain", "AAPL", "--date", "2014-06-09"], 64, "--date is for --data"],
    [["chain", "AAPL", "--expiry", "2017-01-21"], 64, "the nearest expiries are 2017-01-13, 2017-01-20"],
    [["chain", "AAPL", "--expiry", "9".repeat(400) + "d"], 64, "expected a day such as"],
    [["chain", "AAPL", "--expiry", "soon"], 64, "or days such as 30d"],
    [["chain", "AAPL", "--expiry", "2017-02-31"], 64, "expected a day such as"],
    [["chain", "AAPL", "--strikes", "0"], 64, "from 1 to 1000"],
    [["chain", "AAPL", "--right", "C"], 64, "right"],
    [["surface", "--symbol", "AAPL", "--model", "magic"], 64, "model"],
    [["skew", "--symbol", "AAPL", "--delta", "0.6"], 64, "below 0.5"],
    [["greeks", "AAPL 170121C00115000"], 1, "the nearest expiries are"],
    [["greeks", "AAPL"], 64, "it is no contract"],
    [["scenario", "--symbol", "AAPL", "--leg", "+1 C 115 2017-01-21"], 64, "the nearest expiries are"],
    [["scenario", "--symbol", "AAPL", "--leg", "+1 C 115 1500d"], 64, "the nearest expiries are"],
    [["scenario", "--symbol", "AAPL", "--leg", "+1 C 900 2017-01-20"], 64, "outside of the chain's surface"],
    [
      ["scenario", "--symbol", "AAPL", "--leg", "+1 C 115 2017-01-20", "--rate", "0"],
      64,
      "leave those flags out"
    ]
  ])("what it has not is said: options %j", async (args, code, words) => {
    const ran = await plimsoll(["options", ...args])
    expect(ran.err).toContain(words)
    expect(ran.code).toBe(code)
  })
})

describeWithShared("on real chains of a LEAN folder", () => {
  const of = (symbol: string, date: string) => [
    "--data",
    sharedPath("lean-data"),
    "--symbol",
    symbol,
    "--date",
    date
  ]

  it.each(["2014-06-06", "2014-06-09"])(
    "AAPL on %s, beside its split, gives surface, term structure and skew without arbitrage",
    async (date) => {
      const surface = await plimsollJson(["options", "surface", ...of("AAPL", date)])
      expect(surface).toMatchObject({
        source: "lean-quote",
        arbitrage: { after: { butterfly: [], calendar: [] } },
        expiries: { 8: { expiry: "2014-10-18" } }
      })
      const term = await plimsollJson(["options", "term", ...of("AAPL", date)])
      expect(term).toMatchObject({ constant_maturity: { 1: { days: 30, trust: "inside" } } })
      const skew = await plimsollJson(["options", "skew", ...of("AAPL", date)])
      expect(skew).toMatchObject({ expiries: { 4: { risk_reversal: expect.any(Number) } } })
    }
  )

  it("GOOG on 2015-12-23 is a smile of one expiry, and there is nothing to compare it with", async () => {
    const ran = await plimsoll(["options", "skew", ...of("GOOG", "2015-12-23")])
    expect(ran.code).toBe(0)
    expect(ran.out).toMatch(/^2015-12-24 +1 /mu)
    expect(ran.out).toContain("too few expiries to compare")
  })

  it("SPY on 2023-08-03 has four contracts: there is no surface, and the page says so", async () => {
    const ran = await plimsoll(["options", "surface", ...of("SPY", "2023-08-03"), "--html", "spy.html"])
    expect(ran.code).toBe(1)
    expect(ran.err).toContain("no expiry has 5 usable strikes")
    expect(existsSync("spy.html")).toBe(true)
    const typed = await plimsoll(["options", "term", ...of("SPY", "2023-08-03"), "--json"])
    expect(typed).toMatchObject({ code: 1, err: expect.stringContaining("no expiry has 5 usable strikes") })
    expect(JSON.parse(typed.out)).toMatchObject({ error: "InsufficientQuotes", found: 2, needed: 5, kept: 4 })
  })

  it("a chain of a day has its quotes, and nothing that could be ordered", async () => {
    const ran = await plimsoll(["options", "chain", ...of("AAPL", "2014-06-09"), "--expiry", "2014-07-19"])
    expect(ran.code).toBe(0)
    expect(ran.out).toMatch(/^AAPL {2}LEAN folder .* at 2014-06-09 16:00 EDT, quotes, spot 93\.695$/mu)
    expect(ran.out).toMatch(/^ +1\.92 +1\.96 +\d\d\.\d% +0\.\d\d +\| +95\.00 +\|/mu)
    expect(ran.out).not.toContain("order buy")
  })

  it("one earlier day is too few to call anything unusual, and its split does not matter", async () => {
    const skew = await plimsollJson(["options", "skew", ...of("AAPL", "2014-06-09"), "--history", "30d"])
    expect(skew).toMatchObject({
      history: { days: 1, from: "2014-06-06T20:00:00.000000Z", signals: [], unjudged: { 0: { n: 1 } } }
    })
  })

  it("a contract of a day has its Greeks, and a position its scenarios", async () => {
    const data = ["--data", sharedPath("lean-data"), "--date", "2014-06-09"]
    const greeks = await plimsollJson(["options", "greeks", "AAPL 140719C00095000", ...data])
    expect(greeks).toMatchObject({ bid: 1.92, ask: 1.96, iv_status: "ok", inputs: { spot: 93.695 } })
    const legs = ["--leg", "+1 C 95 2014-07-19 @2.10", "--leg", "-1 C 100 2014-07-19 @0.90"]
    const spread = await plimsollJson(["options", "scenario", "--symbol", "AAPL", ...data, ...legs])
    expect(spread).toMatchObject({
      cost: expect.closeTo(120, 9),
      outcome: { break_evens: [expect.closeTo(96.2, 9)], max_gain: { profit: expect.closeTo(380, 9) } }
    })
  })

  it.each([
    [["surface", ...of("SPY", "2023-08-04")], 1, "it has those of 2023-08-03"],
    [["surface", ...of("ZZZZ", "2023-08-03")], 1, "no options of ZZZZ"],
    [["chain", ...of("AAPL", "2014-06-09"), "--expiry", "2014-07-20"], 64, "the nearest expiries are"],
    [["surface", "--data", "nowhere", "--symbol", "AAPL"], 1, "nowhere"],
    [
      ["greeks", "AAPL 140720C00095000", "--data", sharedPath("lean-data"), "--date", "2014-06-09"],
      1,
      "nearest"
    ]
  ])("what the folder has not is said: options %j", async (args, code, words) => {
    const ran = await plimsoll(["options", ...args])
    expect(ran.err).toContain(words)
    expect(ran.code).toBe(code)
  })
})
