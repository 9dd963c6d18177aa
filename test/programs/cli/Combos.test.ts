/** Options ordered at the terminal: looked over, asked about, sent, changed and closed. */
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

inNewFolder()

const SOLD = "SELL 1 AAPL 170120P00115000"
const BOUGHT = "BUY 1 AAPL 170120P00110000"
const vertical = ["--leg", SOLD, "--leg", BOUGHT]
const combo = (...more: ReadonlyArray<string>) => ["order", "combo", ...vertical, ...more]

const at = (value: unknown, ...path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value
  )

beforeAll(async () => {
  await plimsoll(["init"])
})

describe("plimsoll order combo", () => {
  it("shows the legs' market, the position before and after, and every rule, and sends nothing unasked", async () => {
    const ran = await plimsoll(combo("--units", "2", "--limit", "-0.80"))
    expect(ran.code).toBe(64)
    expect(ran.err).toContain("2 × AAPL bull put vertical 2017-01-20 115/110, net 0.80 credit, DAY")
    expect(ran.err).toMatch(/SELL 1 AAPL 170120P00115000 +\d+\.\d\d, bid /u)
    expect(ran.err).toMatch(/together \d\.\d\d credit now, \d\.\d\d debit to undo it/u)
    expect(ran.err).toMatch(/held +nothing +2 × AAPL bull put vertical/u)
    expect(ran.err).toMatch(/most to lose +-\$\d/u)
    expect(ran.err).toMatch(/passes \d+ rules/u)
    expect(ran.err).toContain("there is no terminal to ask at: say --yes")
    expect((await plimsoll(["order", "list", "--json"])).out).toContain('"orders": []')
  })

  it("takes legs by strike and days to expiry, and says which contracts they are", async () => {
    const ran = await plimsoll([
      "order",
      "combo",
      "--symbol",
      "AAPL",
      "--leg",
      "-1 P 115 17d",
      "--leg",
      "+1 P 110 2017-01-20",
      "--units",
      "1"
    ])
    expect(ran.err).toContain("1 × AAPL bull put vertical 2017-01-20 115/110, market, DAY")
  })

  it("sends it when the person agrees, once, and shows both legs' fills as one", async () => {
    const ran = await plimsoll(combo("--units", "2", "--limit", "-0.78"), { text: "y" })
    expect(ran.code).toBe(0)
    expect(ran.out).toMatch(/^o-\S+ {2}Filled, 2 filled at net 0\.\d\d credit on average, fees \$\d/u)
    const again = await plimsoll(combo("--units", "2", "--limit", "-0.78", "--yes"))
    expect(again.out).toContain("Nothing was sent again")
    const json = await plimsollJson(["order", "list"])
    expect(at(json, "orders", 0)).toMatchObject({
      structure: "AAPL bull put vertical 2017-01-20 115/110",
      status: "Filled",
      net_price: "-0.78",
      filled_quantity: "2"
    })
    expect(at(json, "orders", 0, "legs")).toHaveLength(2)
    const why = await plimsoll(["why", String(at(json, "orders", 0, "order_id"))])
    expect(why.out).toMatch(/SELL 1 AAPL 170120P00115000 {2}q-/u)
  })

  it("closes the structure whole, by its id", async () => {
    const id = "AAPL-VERTICAL-170120-P-110-115"
    const tooMany = await plimsoll(["order", "close", id, "--quantity", "3", "--yes"])
    expect(tooMany.code).toBe(64)
    expect(tooMany.err).toContain("expected a number from 1 to 2")
    const ran = await plimsoll(["order", "close", id, "--yes"])
    expect(ran.code).toBe(0)
    expect(ran.out).toMatch(/Filled, 2 filled at net 0?\.?\d*\.\d\d debit on average/u)
    const gone = await plimsoll(["order", "close", id, "--yes"])
    expect(gone.code).toBe(1)
    expect(gone.err).toContain("no instrument")
  })

  it("changes the net price and the units of an order that works, and cancels it as one", async () => {
    const placed = await plimsollJson(combo("--units", "2", "--limit", "-0.95", "--tif", "gtc", "--yes"))
    expect(at(placed, "order")).toMatchObject({ status: "Accepted", time_in_force: "GTC" })
    const id = String(at(placed, "order", "order_id"))
    const changed = await plimsoll(["order", "replace", id, "--limit", "-0.92", "--quantity", "1", "--yes"])
    expect(changed.out).toContain("1 × AAPL bull put vertical 2017-01-20 115/110, net 0.92 credit, GTC")
    const stopped = await plimsoll(["order", "replace", id, "--stop", "1", "--yes"])
    expect(stopped.code).toBe(64)
    expect(stopped.err).toContain("takes --quantity in units and a net --limit")
    const canceled = await plimsoll(["order", "cancel", id])
    expect(canceled.out).toContain("Canceled")
  })
})

describe("one contract", () => {
  it("is bought and closed as a share is", async () => {
    const bought = await plimsoll(["order", "buy", "AAPL 170120C00115000", "1", "--yes"])
    expect(bought.code).toBe(0)
    expect(bought.err).toContain("BUY 1 AAPL 170120C00115000 market DAY")
    expect(bought.out).toMatch(/Filled, 1 filled at \d\.\d\d on average/u)
    const closed = await plimsoll(["order", "close", "AAPL 170120C00115000", "--yes"])
    expect(closed.code).toBe(0)
  })

  it("that nobody covers is not sold", async () => {
    const ran = await plimsoll(["order", "sell", "AAPL 170120C00120000", "1", "--yes"])
    expect(ran.code).toBe(2)
    expect(ran.err).toContain("plimsoll: denied by the rule")
  })
})

describe("an order of legs without --units", () => {
  it("is of one", async () => {
    const ran = await plimsoll(["order", "combo", ...vertical, "--limit", "-99"])
    expect(ran.err).toContain("1 × AAPL bull put vertical")
  })
})

describe("what is typed wrongly", () => {
  it.each([
    [["--leg", SOLD, "--units", "1"], 64, "an order of one leg is plimsoll order buy, or sell"],
    [["--leg", SOLD, "--leg", "BUY 0 AAPL", "--units", "1"], 64, "a whole number from 1 to 1000"],
    [["--leg", SOLD, "--leg", "nonsense", "--units", "1"], 64, "does not say BUY or SELL"],
    [
      ["--leg", SOLD, "--leg", "-1 P 110 17d", "--units", "1"],
      64,
      "of which underlying? Name it by --symbol"
    ],
    [["--leg", SOLD, "--leg", SOLD, "--units", "1"], 64, "AAPL 170120P00115000 is there twice"],
    [["--leg", SOLD, "--leg", "BUY 1 SPX-REPLAY", "--units", "1"], 64, "have one underlying"],
    [
      ["--symbol", "AAPL", "--leg", SOLD, "--leg", "+1 P 110 2017-01-19", "--units", "1"],
      64,
      "the nearest expiries are"
    ],
    [["--leg", SOLD, "--leg", "BUY 1 ZZZZ 170120P00110000", "--units", "1"], 1, "no instrument"],
    [[...vertical, "--units", "0"], 64, "expected a whole number from 1"],
    [[...vertical, "--units", "1.5"], 64, "--units"],
    [["--units", "1"], 64, "--leg"],
    [[...vertical, "--units", "1", "--limit", "cheap"], 64, "expected a net price as a plain decimal"],
    [[...vertical, "--units", "1", "--tif", "close"], 64, "cannot wait for the close"],
    [[...vertical, "--units", "1", "--stop", "2"], 64, "--stop"]
  ] as const)("order combo %j", async (args, code, words) => {
    const ran = await plimsoll(["order", "combo", ...args, "--yes"])
    expect(ran.err).toContain(words)
    expect(ran.code).toBe(code)
    expect(ran.out).toBe("")
    expect(ran.err).not.toMatch(/\n\s+at /u)
  })

  it("order buy of a contract that has expired, or that is none", async () => {
    const expired = await plimsoll(["order", "buy", "AAPL 161230C00115000", "1", "--yes"])
    expect(expired.code).not.toBe(0)
    expect(expired.err).not.toMatch(/\n\s+at /u)
    const none = await plimsoll(["order", "buy", "AAPL 170231C00115000", "1", "--yes"])
    expect(none.code).toBe(1)
    expect(none.err).toContain("no instrument")
  })
})
