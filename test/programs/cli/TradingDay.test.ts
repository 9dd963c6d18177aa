/** A newcomer's day at the desk, command by command; each test goes on where the one before it stopped. */
import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

inNewFolder()

const idOf = async (symbol: string): Promise<string> => {
  const { out } = await plimsoll(["order", "list", "--symbol", symbol, "--limit", "1"])
  return /o-[0-9a-f]{24}(?:[.-]\w+)?/u.exec(out)?.[0] ?? "none"
}

describe("a day at the desk", () => {
  it("begins with init, which makes what is missing and done again changes nothing", async () => {
    const made = await plimsoll(["init", "--cash", "50000"])
    expect(made.code).toBe(0)
    expect(made.out).toContain('Opened the paper account "desk" with $50,000.00.')
    expect(made.out).toContain("The market clock stands at 2017-01-03 09:30 EST.")
    expect(existsSync(".plimsoll/.gitignore")).toBe(true)
    const written = readFileSync("plimsoll.json", "utf8")
    expect(JSON.parse(written)).toMatchObject({ $schema: "./.plimsoll/plimsoll.schema.json" })

    const again = await plimsoll(["init", "--cash", "70000"])
    expect(again.code).toBe(0)
    expect(again.out).toContain('The paper account "desk" ($50,000.00) is left as it is')
    expect(readFileSync("plimsoll.json", "utf8")).toBe(written)
  })

  it("shows how the desk stands", async () => {
    const { out } = await plimsoll(["status"])
    expect(out).toContain("PAPER  desk   2017-01-03 09:30 EST   market open, closes 16:00 EST; clock paused")
    expect(out).toContain("Trading  ACTIVE")
    expect(out).toMatch(/day's loss +0\.00% +of -3\.00%/u)
    expect((await plimsoll(["statusline"])).out).toBe("PAPER  $50,000.00  day +0.00%  ACTIVE  0 positions\n")
  })

  it("asks before it sends, and sends nothing when the answer is no", async () => {
    const { code, err, out } = await plimsoll(["order", "buy", "SPX-REPLAY", "1"], { text: "n" })
    expect(code).toBe(1)
    expect(err).toContain("BUY 1 SPX-REPLAY market DAY")
    expect(err).toContain("passes 17 rules")
    expect(err).toContain("Not sent.")
    expect(out).toBe("")
    expect((await plimsoll(["order", "list"])).out).toBe("No orders.\n")
  })

  it("sends what a person says yes to", async () => {
    const { code, out } = await plimsoll(["order", "buy", "spx-replay", "1"], { text: "y" })
    expect(code).toBe(0)
    expect(out).toMatch(/^o-[0-9a-f]{24} {2}Filled, 1 filled at 2,251\.80 on average, fees \$1\.00\n$/u)
  })

  it("takes the same order on the same quote for the one it has, unless told otherwise", async () => {
    const order = ["order", "buy", "AAPL", "5", "--limit", "110", "--tif", "gtc", "--yes"]
    expect((await plimsoll(order)).out).toContain("Accepted")
    expect((await plimsoll(order)).out).toContain("Nothing was sent again")
    expect((await plimsoll([...order, "--repeat"])).code).toBe(0)
    expect(await plimsollJson(["order", "list", "--working"])).toMatchObject({ orders: [{}, {}] })
  })

  it("denies what breaks a rule: said whole, journaled, exit code 2", async () => {
    const denied = await plimsoll(["order", "buy", "SPX-REPLAY", "100", "--yes"])
    expect(denied.code).toBe(2)
    expect(denied.err).toContain("DENIED by order-size (")
    expect(denied.err).toContain("plimsoll: denied by the rule order-size: ")
    expect((await plimsoll(["order", "list", "--limit", "1", "--symbol", "SPX-REPLAY"])).out).toContain(
      "Denied"
    )

    const json = await plimsoll(["order", "buy", "SPX-REPLAY", "200", "--yes", "--json"])
    expect(json.code).toBe(2)
    expect(JSON.parse(json.out)).toMatchObject({
      denied: { rule: "order-size", outcome: "deny", unit: "ratio" }
    })
  })

  it("does not even ask about an order that would be denied", async () => {
    const { code, err } = await plimsoll(["order", "buy", "SPX-REPLAY", "101"], "nothing")
    expect(code).toBe(2)
    expect(err).toContain("It would be denied by the rule order-size.")
  })

  it("changes a working order, and holds the change against the rules", async () => {
    const id = await idOf("AAPL")
    const moved = await plimsoll(["order", "replace", id, "--limit", "111.5", "--yes"])
    expect(moved.out).toContain("BUY 5 AAPL limit 111.50 GTC")
    const denied = await plimsoll(["order", "replace", id, "--quantity", "5000", "--yes"])
    expect(denied.code).toBe(2)
    expect((await plimsoll(["order", "show", id])).out).toContain("BUY 5 AAPL limit 111.50 GTC")
  })

  it("cancels one order, and an order once only", async () => {
    const id = await idOf("AAPL")
    expect((await plimsoll(["order", "cancel", id])).out).toContain("Canceled")
    const again = await plimsoll(["order", "cancel", id])
    expect(again).toMatchObject({
      code: 1,
      err: `plimsoll: order ${id} is Canceled: it can change no more\n`
    })
  })

  it("cancels all of them", async () => {
    expect((await plimsoll(["order", "cancel-all", "--symbol", "SPX-REPLAY"])).out).toBe(
      "There was nothing to cancel.\n"
    )
    expect((await plimsoll(["order", "cancel-all"])).out).toContain("1 order asked to be canceled.")
  })

  it("steps the clock, by a minute when nothing is said, and tells what was filled on the way", async () => {
    expect((await plimsoll(["clock", "step"])).out).toContain("2017-01-03 09:31 EST")
    await plimsoll(["order", "sell", "SPX-REPLAY", "1", "--tif", "close", "--yes"])
    // Between two ticks the market stands as it stood, and can be traded.
    expect((await plimsoll(["clock", "step", "--by", "30s"])).code).toBe(0)
    expect((await plimsoll(["order", "buy", "AAPL", "1", "--yes"])).out).toContain("Filled")
    const stepped = await plimsoll(["clock", "step", "--to", "close"])
    expect(stepped.out).toMatch(/2017-01-03 16:00 EST {2}sold 1 SPX-REPLAY at 2,257\.\d\d/u)
    expect((await plimsoll(["clock", "step", "--to", "2017-01-04T10:15"])).out).toContain(
      "2017-01-04 10:15 EST"
    )
    expect((await plimsoll(["clock", "step", "--to", "2017-01-05"])).out).toContain("2017-01-05 09:30 EST")
    expect(await plimsollJson(["clock", "show"])).toMatchObject({ phase: "open", running: false, speed: 1 })
  })

  it("sets the clock going, faster, and stops it", async () => {
    expect((await plimsoll(["clock", "speed", "0.001"])).code).toBe(0)
    expect(await plimsollJson(["clock", "start"])).toMatchObject({ running: true, speed: 0.001 })
    expect(await plimsollJson(["clock", "pause"])).toMatchObject({ running: false })
  })

  it("buys for an amount, with both exits, and tells why a close is denied while they hold the position", async () => {
    const bought = await plimsoll([
      "order",
      "buy",
      "AAPL",
      "--notional",
      "3000",
      "--stop-loss",
      "100",
      "--take-profit",
      "150",
      "--rationale",
      "a first try",
      "--yes"
    ])
    expect(bought.code).toBe(0)
    const denied = await plimsoll(["order", "close", "AAPL", "--yes"])
    expect(denied.code).toBe(2)
    expect(denied.err).toContain("plimsoll order cancel-all --symbol AAPL")
    await plimsoll(["order", "cancel-all", "--symbol", "AAPL"])
    expect((await plimsoll(["order", "close", "AAPL", "--quantity", "1", "--yes"])).out).toContain("Filled")
    expect((await plimsoll(["status"])).out).toMatch(/1 position\n +AAPL +\d+ +at 1\d\d\./u)
  })

  it("tells the whole way of an order: quote, rules, events, audit entries", async () => {
    const { out: orders } = await plimsoll(["order", "list", "--symbol", "AAPL"])
    const id =
      orders
        .split("\n")
        .flatMap((line) => (line.includes("$3,000.00 of AAPL") ? [line.split(/ {2,}/u)[1] ?? ""] : []))[0] ??
      ""
    const { out } = await plimsoll(["why", id])
    expect(out).toContain('"a first try"')
    expect(out).toMatch(/q-[0-9a-f]{16}: 11\d\.\d\d, bid .* \(replay-path; modelled: bid, ask, sizes\)/u)
    expect(out).toContain("passes 17 rules")
    expect(out).toMatch(/2017-01-05 09:30 EST {2}20\d\d-\d\d-\d\d .* UTC {2}accepted by the venue as V-/u)
    expect(out).toMatch(/entry \d+ {2}order\.filled +done/u)
    expect(await plimsollJson(["why", id])).toMatchObject({
      order: { order_id: id },
      history: [{}, {}, {}, {}]
    })
  })

  it("is halted by anyone, and then takes no order", async () => {
    await plimsoll(["order", "buy", "SPX-REPLAY", "1", "--limit", "2200", "--tif", "gtc", "--yes"])
    const halted = await plimsoll(["halt", "the feed looks wrong"])
    expect(halted.code).toBe(0)
    expect(halted.out).toContain("1 working order canceled; the venue was asked afresh and has none left:")
    const denied = await plimsoll(["order", "buy", "SPX-REPLAY", "1", "--yes"])
    expect(denied.code).toBe(2)
    expect(denied.err).toContain("denied by the rule trading-state")
    expect((await plimsoll(["status"])).out).toContain(
      'HALTED: kill switch; a person resumes: plimsoll resume "reason"\n         "the feed looks wrong", cli,'
    )
    expect((await plimsoll(["halt", "again"])).out).toContain("Trading was halted already.")
  })

  it("lets a person, and only a person, reduce by hand while halted", async () => {
    await plimsoll(["clock", "step"])
    expect((await plimsoll(["order", "close", "AAPL", "--quantity", "2", "--yes"])).code).toBe(2)
    expect((await plimsoll(["order", "close", "AAPL", "--quantity", "1"], { text: "y" })).code).toBe(0)
  })

  it("is resumed by a person alone", async () => {
    const refused = await plimsoll(["resume", "looked at it"])
    expect(refused.code).toBe(2)
    expect(refused.err).toBe(
      "plimsoll: Resuming trading is a person's act: it needs a terminal, where a code is shown and typed back. Trading stays as it is.\n"
    )
    expect((await plimsoll(["resume", "looked at it"], { text: "please" })).code).toBe(2)
    const resumed = await plimsoll(["resume", "looked at it"], "the code")
    expect(resumed).toMatchObject({ code: 0 })
    expect(resumed.out).toContain("Trading is ACTIVE.")
    expect((await plimsoll(["resume", "again"], "the code")).code).toBe(2)
  })

  it("moves money and begins anew for a person alone", async () => {
    expect((await plimsoll(["account", "deposit", "1000"])).code).toBe(2)
    expect((await plimsoll(["account", "deposit", "1000"], "the code")).out).toContain("Deposited $1,000.00.")
    expect((await plimsoll(["account", "withdraw", "500"], "the code")).out).toContain("Withdrew $500.00.")
    expect((await plimsoll(["account", "withdraw", "900000"], "the code")).code).toBe(1)
    const reset = await plimsoll(["account", "reset", "--cash", "25000"], "the code")
    expect(reset.out).toContain('Opened the account "desk-2" with $25,000.00.')
    expect(reset.out).toContain("PAPER  $25,000.00  day +0.00%  ACTIVE  0 positions")
    expect((await plimsoll(["order", "list"])).out).toBe("No orders.\n")
  })

  it("exports its books as CSV", async () => {
    await plimsoll(["order", "buy", "SPX-REPLAY", "1", "--yes"])
    const { code, out } = await plimsoll(["export", "--out", "books/today"])
    expect(code).toBe(0)
    expect(out).toContain("1 fill in ")
    expect(readFileSync("books/today/fills.csv", "utf8").split("\r\n")).toHaveLength(3)
    expect(readFileSync("books/today/positions.csv", "utf8")).toContain("SPX-REPLAY.XNYS")
    expect(await plimsollJson(["export", "--fills", "f.csv"])).toMatchObject({
      fills: 1,
      positions_file: null
    })
  })

  it("ends with a log that is what was written", async () => {
    expect((await plimsoll(["audit", "verify"])).out).toMatch(/^The audit log is intact: \d+ entries/u)
    expect((await plimsoll(["audit", "head", "1"])).out).toMatch(
      /^1 {2}.* agent cli {2}account\.opened {2}account\/desk {2}done\n$/u
    )
    expect(await plimsollJson(["audit", "tail", "2"])).toMatchObject({
      entries: [{}, { action: "order.filled" }]
    })
  })
})
