/** A desk damaged in every way a disk or a hand can: said, refused, and got back. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, it, vi } from "@effect/vitest"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { folder: whole } = inNewFolder()
let scratch = ""

/** What a desk's owner would miss. */
interface Said {
  readonly cash: string
  readonly positions: ReadonlyArray<{ readonly symbol: string; readonly quantity: string }>
  readonly working_orders: ReadonlyArray<unknown>
  readonly trading_state: string
  readonly damage: string | null
}
const status = async (): Promise<Said> => JSON.parse((await plimsoll(["status", "--json"])).out)
const holdings = ({ cash, positions }: Said) => [
  cash,
  ...positions.map(({ quantity, symbol }) => `${quantity} ${symbol}`)
]

let before: Said
let fills = ""

const database = ".plimsoll/desk.db"
const segment = () => join(".plimsoll/audit", readdirSync(".plimsoll/audit").toSorted().at(-1) ?? "")

const exported = async () => {
  await plimsoll(["export", "--out", "books"])
  return readFileSync("books/fills.csv", "utf8")
}

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "plimsoll-recover-"))
  await plimsoll(["init"])
  await plimsoll(["order", "buy", "SPX-REPLAY", "2", "--yes"])
  copyFileSync(database, "early.db")
  await plimsoll(["order", "buy", "AAPL", "20", "--yes"])
  await plimsoll(["order", "sell", "SPX-REPLAY", "1", "--yes"])
  await plimsoll(["order", "buy", "AAPL", "5", "--limit", "90", "--tif", "gtc", "--yes"])
  await plimsoll(["clock", "step", "--to", "close"])
  before = await status()
  fills = await exported()
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Every test has a copy of the desk of its own, damaged in its own way. */
const damaged = async (damage: () => void) => {
  const copy = mkdtempSync(join(scratch, "desk-"))
  cpSync(whole(), copy, { recursive: true })
  process.chdir(copy)
  rmSync(".plimsoll/cache", { recursive: true, force: true })
  damage()
}

/** Changes a character of a cell, as a flipped bit would, past the program that writes checksums. */
const scratchRow = (table: string, column: string, where = "true"): void => {
  const db = new DatabaseSync(database)
  try {
    const row = `rowid = (SELECT max(rowid) FROM ${table} WHERE ${where})`
    const middle = `length(${column}) / 2`
    const other = `CASE substr(${column}, ${middle}, 1) WHEN '3' THEN '1' ELSE '3' END`
    const changed = db
      .prepare(
        `UPDATE ${table} SET ${column} = substr(${column}, 1, ${middle} - 1) || ${other} || substr(${column}, ${middle} + 1) WHERE ${row}`
      )
      .run()
    expect(changed.changes).toBe(1)
  } finally {
    db.close()
  }
}

const order = (quantity: string) => plimsoll(["order", "buy", "AAPL", quantity, "--tif", "open", "--yes"])

const expectRecovered = async () => {
  const check = await plimsoll(["recover", "--check"])
  expect(check.out).toContain("This desk is damaged")
  expect(check.code).toBe(1)
  expect((await plimsoll(["recover"])).code).toBe(2)
  const ran = await plimsoll(["recover"], "the code")
  expect(ran.err).not.toContain("plimsoll:")
  expect(ran.code).toBe(0)
  const isWhole = ran.out.includes("Nothing was lost")
  expect(ran.out).toContain(isWhole ? "trading is as it was" : "Trading is HALTED")
  const after = await status()
  expect(holdings(after)).toEqual(holdings(before))
  expect(after).toMatchObject({ trading_state: isWhole ? "Active" : "Halted", damage: null })
  expect(await exported()).toBe(fills)
  expect((await plimsoll(["audit", "verify"])).code).toBe(0)
  expect((await plimsoll(["recover", "--check"])).out).toContain("Nothing is damaged")
  const doctor = await plimsoll(["doctor"])
  expect(doctor.out).toContain("The desk is fit to trade")
  if (!isWhole) expect((await plimsoll(["resume", "looked at it"], "the code")).out).toContain("ACTIVE")
  expect((await order("1")).out).toContain("Accepted")
  return ran
}

describe("a healthy desk", () => {
  it("has nothing to recover, and is left as it is", async () => {
    await damaged(() => {})
    const bytes = readFileSync(database)
    expect((await plimsoll(["recover"], "the code")).out).toContain("Nothing is damaged")
    expect(readFileSync(database).equals(bytes)).toBe(true)
    expect(existsSync(".plimsoll/damaged")).toBe(false)
  })
})

describe("a database that has forgotten its end", () => {
  const earlier = () => damaged(() => copyFileSync("early.db", database))

  it("takes no orders and is not brought forward; looking, canceling and halting go on", async () => {
    await earlier()
    const refused = await order("1")
    expect(refused).toMatchObject({ code: 1, out: "" })
    expect(refused.err).toMatch(/^plimsoll: the audit log holds \d+ entries after entry \d+/u)
    expect(refused.err).toContain("plimsoll recover")
    const said = await status()
    expect(said.damage).toContain("the database has lost its end")
    expect((await plimsoll(["status"])).out).toContain("DAMAGED")
    expect((await plimsoll(["statusline"])).out).toContain("DAMAGED")
    expect((await plimsoll(["order", "cancel-all"])).code).toBe(0)
    expect((await plimsoll(["halt", "damaged"])).code).toBe(0)
    expect((await plimsoll(["audit", "verify"])).code).toBe(1)
    // What was journaled on it meanwhile stands where other entries do; the halt holds all the same.
    await expectRecovered()
  })

  it("gets back everything from the audit log; what worked at the venue is closed", async () => {
    await earlier()
    const ran = await expectRecovered()
    expect(ran.out).toContain("The paper venue's state was lost")
    expect(existsSync(".plimsoll/damaged")).toBe(true)
    expect(await plimsollJson(["order", "list", "--working"])).toMatchObject({
      orders: [{ time_in_force: "AT_THE_OPEN" }]
    })
  })
})

describe("a database with a changed row", () => {
  it.each([
    ["the journal", "journal", "body"],
    ["the orders", "orders", "body"],
    ["the venue's state", "paper_venue", "body"],
    ["the venue's record", "venue_record", "body"],
    ["the clock", "market_clock", "body"],
    ["the checkpoint", "checkpoint", "body"],
    ["the audit log's head", "audit_head", "hash"]
  ])("in %s: it is said which, and it comes back", async (_what, table, column) => {
    await damaged(() => scratchRow(table, column))
    expect((await plimsoll(["recover", "--check"])).out).toContain(table)
    await expectRecovered()
  })

  it("keeps what works at the venue when it is not what was damaged", async () => {
    await damaged(() => scratchRow("journal", "body", "tag = 'OrderFilled'"))
    expect((await order("1")).code).toBe(0)
    expect((await plimsoll(["recover"], "the code")).out).toContain("its working orders too")
    expect(await plimsollJson(["order", "list", "--working"])).toMatchObject({ orders: [{}, {}] })
  })
})

describe("a database that is gone, or none any more", () => {
  it.each([
    ["deleted", () => rmSync(database)],
    ["empty", () => writeFileSync(database, "")],
    ["no database", () => writeFileSync(database, "x".repeat(10_000))],
    ["cut in half", () => writeFileSync(database, readFileSync(database).subarray(0, 40_000))]
  ])("%s: no order, and the books come back from the audit log", async (_what, damage) => {
    await damaged(damage)
    expect((await order("1")).code).toBe(1)
    await expectRecovered()
  })

  it("is not called damaged where nothing can be written", async () => {
    await damaged(() => {})
    // A folder of that name: nobody can write a file there, not even root.
    mkdirSync(`.plimsoll/.probe.${process.pid}`)
    const checked = await plimsoll(["recover", "--check"])
    rmdirSync(`.plimsoll/.probe.${process.pid}`)
    expect(checked).toMatchObject({ code: 1, out: "" })
    expect(checked.err).toContain("whether the desk is damaged cannot be told")
    expect((await plimsoll(["recover", "--check"])).out).toContain("Nothing is damaged")
  })

  it("is not begun anew over the audit log of the one before", async () => {
    await damaged(() => rmSync(database))
    const again = await plimsoll(["init"])
    expect(again.code).toBe(1)
    expect(again.err).toContain("plimsoll recover")
    expect(existsSync(database)).toBe(false)
    expect((await plimsoll(["status"])).err).toContain("plimsoll recover")
    writeFileSync(database, "")
    expect((await plimsoll(["status"])).err).toContain("plimsoll recover")
    expect((await plimsoll(["init"])).code).toBe(1)
    await expectRecovered()
  })
})

describe("an audit log that is damaged itself", () => {
  const cut = () => writeFileSync(segment(), readFileSync(segment()).subarray(0, -200))

  it.each([
    ["its file deleted", () => rmSync(segment()), "is missing"],
    ["its end cut off", cut, "ends at byte"]
  ])(
    "%s: no order, nothing is written over it; the file put back is the remedy",
    async (_what, damage, words) => {
      let copy: Buffer = Buffer.alloc(0)
      await damaged(() => {
        copy = readFileSync(segment())
        damage()
      })
      const refused = await order("1")
      expect(refused.code).toBe(1)
      expect(refused.err).toContain(words)
      expect((await plimsoll(["halt", "damaged log"])).code).toBe(0)
      expect((await plimsoll(["audit", "verify"])).code).toBe(1)
      const recover = await plimsoll(["recover"], "the code")
      expect(recover.code).toBe(2)
      expect(recover.err).toContain("--retell")
      const name = readdirSync(".plimsoll/audit").at(0) ?? new Date().toISOString().slice(0, 10) + ".ndjson"
      writeFileSync(join(".plimsoll/audit", name), copy)
      expect((await plimsoll(["resume", "the file is back"], "the code")).code).toBe(0)
      expect((await order("1")).code).toBe(0)
      expect((await plimsoll(["audit", "verify"])).code).toBe(0)
    }
  )

  it.each([
    ["deleted", () => rmSync(segment())],
    ["cut", cut],
    [
      "changed in its middle",
      () => writeFileSync(segment(), readFileSync(segment(), "utf8").replace('"BUY"', '"SEL"'))
    ]
  ])("%s, and no copy of it: a person has it told again, and the old one is kept", async (_what, damage) => {
    await damaged(damage)
    const ran = await plimsoll(["recover", "--retell", "--reason", "no copy"], "the code")
    expect(ran).toMatchObject({ code: 0 })
    expect(holdings(await status())).toEqual(holdings(before))
    expect(await exported()).toBe(fills)
    expect((await plimsoll(["audit", "verify"])).code).toBe(0)
    expect((await plimsoll(["audit", "tail", "5", "--json"])).out).toContain("no copy")
  })
})
