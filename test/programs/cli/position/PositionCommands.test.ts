/** Options held on a desk, by the commands about positions; each test goes on where the one before it stopped. */
import { readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { inNewFolder, plimsoll, plimsollJson } from "../CommandLine.ts"

inNewFolder()

const list = ["position", "list"]
const collar = "AAPL-COLLAR-150320-120-135"

describe("positions in options at the command line", () => {
  it("nothing is held at first, and a name of nothing says what is held", async () => {
    writeFileSync("plimsoll.json", JSON.stringify({ market: { source: "embedded", start: "2015-03-02" } }))
    expect((await plimsoll(["init", "--cash", "1000000"])).code).toBe(0)
    expect((await plimsoll(list)).out).toBe("No positions.\n")
    expect((await plimsoll(["position", "greeks"])).out).toBe("No positions.\n")
    expect((await plimsoll(["position", "expiries"])).out).toBe("No options.\n")
    expect(await plimsoll(["position", "payoff", "AAPL"])).toMatchObject({
      code: 1,
      err: "plimsoll: nothing is held by the name AAPL: nothing is held; plimsoll position list names the structures\n"
    })
    expect(await plimsoll(["position", "payoff"])).toMatchObject({
      code: 1,
      err: "plimsoll: nothing is held: there is no payoff\n"
    })
  })

  it("a leg that names no underlying is told where to name it, and a structure nobody holds is not closed", async () => {
    const payoff = await plimsoll(["position", "payoff", "--leg", "-1 P 120 2015-04-17"])
    expect(payoff.code).toBe(64)
    expect(payoff.err).toContain("of which underlying? Name it first, such as position payoff AAPL --leg")
    const close = await plimsoll(["order", "close", collar, "--yes"])
    expect(close.code).toBe(1)
    expect(close.err).toContain(
      `Nothing is held by the name ${collar}; plimsoll position list shows the names`
    )
  })

  it("an order can be looked at before anything is held", async () => {
    const { code, out } = await plimsoll(["position", "payoff", "AAPL", "--leg", "-1 P 120 2015-04-17"])
    expect(code).toBe(0)
    expect(out).toContain("AAPL cash-secured put 2015-04-17 120")
    expect(out).toMatch(/held +nothing +AAPL cash-secured put/u)
    expect(out).toContain("the prices of these options are a volatility model's: no market quoted them")
  })

  it("lists structures with the names they are closed by", async () => {
    await plimsoll(["order", "buy", "AAPL", "200", "--yes"])
    const combo = ["order", "combo", "--symbol", "AAPL", "--units", "1", "--yes"]
    const sent = await plimsoll([...combo, "--leg", "-1 C 135 2015-03-20", "--leg", "+1 P 120 2015-03-20"])
    expect(sent.out).toContain("Filled")
    const { out } = await plimsoll(list)
    expect(out).toContain(`AAPL collar 2015-03-20 120/135  ${collar}`)
    expect(out).toContain("100 AAPL shares")
    const json = await plimsollJson([...list, collar])
    expect(json).toMatchObject({
      structures: [{ id: collar, name: "COLLAR", units: 1, parts: [{ quantity: "100" }, {}, {}] }],
      positions: [{ symbol: "AAPL", quantity: "100" }, { strike: "120" }, { strike: "135" }],
      warnings: []
    })
  })

  it("tells Greeks in all, by underlying, by expiry and by position", async () => {
    const json = await plimsollJson(["position", "greeks"])
    expect(json).toMatchObject({
      by_underlying: [{ underlying: "AAPL" }],
      by_expiry: [{ expiry: "2015-03-20" }],
      by_position: [{}, {}, { symbol: "AAPL", delta_shares: 200, implied_volatility: null }],
      without_price: []
    })
    expect((await plimsoll(["position", "greeks"])).out).toMatch(/underlying +delta +gamma/u)
  })

  it("tells when options end and what would come of them", async () => {
    expect(await plimsollJson(["position", "expiries", "AAPL"])).toMatchObject({
      expiries: [
        { symbol: "AAPL 150320C00135000", sessions_left: 15, outcome: "expires", in_the_money: false },
        { symbol: "AAPL 150320P00120000" }
      ]
    })
  })

  it("draws the payoff on a page, of a structure too, and with an order beside it", async () => {
    const { code, err, out } = await plimsoll(["position", "payoff", collar, "--html", "collar.html"])
    expect({ code, err: err.includes("collar.html") }).toEqual({ code: 0, err: true })
    expect(out).toMatch(/most to lose +-\$[\d,.]+, at 0\.00/u)
    expect(readFileSync("collar.html", "utf8")).toContain("AAPL collar 2015-03-20 120/135")
    const order = ["--leg", "BUY 1 AAPL 150320C00135000"]
    expect(await plimsollJson(["position", "payoff", collar, ...order])).toMatchObject({
      before: { structures: ["AAPL collar 2015-03-20 120/135"] },
      structures: [{ title: "AAPL long put 2015-03-20 120" }, { title: "AAPL shares", units: 100 }]
    })
  })

  it("what if: over prices, volatilities and days; what cannot be is said", async () => {
    const { out } = await plimsoll([
      "position",
      "what-if",
      "AAPL",
      "--spots",
      "±5%",
      "--vols",
      "0",
      "--days",
      "0,7"
    ])
    expect(out).toContain("Profit, dollars, after 7 days:")
    expect(await plimsoll(["position", "what-if", "AAPL", "--days", "60"])).toMatchObject({
      code: 64,
      err: "plimsoll: --days 60 is after the first expiry, in 18.2 days: expected days up to it\n"
    })
    expect(await plimsoll(["position", "what-if", "NOPE"])).toMatchObject({ code: 1 })
  })

  it("every command has help with an example", async () => {
    for (const name of ["list", "greeks", "expiries", "payoff", "what-if"]) {
      const { code, out } = await plimsoll(["position", name, "--help"])
      expect(code).toBe(0)
      expect(out).toMatch(new RegExp(`EXAMPLES[\\s\\S]*plimsoll position ${name}`, "u"))
    }
  })
})
