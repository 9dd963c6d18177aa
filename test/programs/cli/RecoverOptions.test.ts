/** A damaged desk that holds options: their contracts, costs and ends come back, and what expires afterwards does. */
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, it, vi } from "@effect/vitest"
import { inNewFolder, plimsoll, type Typed } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const { folder: whole } = inNewFolder()
const database = ".plimsoll/desk.db"
let scratch = ""

/** Standard output of a command that has to succeed. */
const ran = async (args: ReadonlyArray<string>, typed?: Typed): Promise<string> => {
  const { code, err, out } = await plimsoll(args, typed)
  expect({ args, code, err: code === 0 ? "" : err }).toEqual({ args, code: 0, err: "" })
  return out
}

const combo = (units: string, ...legs: ReadonlyArray<string>) => [
  "order",
  "combo",
  "--symbol",
  "AAPL",
  "--units",
  units,
  "--yes",
  ...legs.flatMap((leg) => ["--leg", leg])
]

/** Of a row of positions.csv: all but the prices, which are those of the clock. */
const withoutMarks = (row: string): string => {
  const [, , id, quantity, multiplier, average, cost, , , , ...realisedAndTerms] = row.split(",")
  return [id, quantity, multiplier, average, cost, ...realisedAndTerms].join(",")
}

/** What an owner would miss: cash, every position with its cost and its contract, every fill. */
const books = async () => {
  await ran(["export", "--out", "books"])
  const { cash } = JSON.parse(await ran(["status", "--json"]))
  const positions = readFileSync("books/positions.csv", "utf8").split("\r\n").map(withoutMarks)
  return { cash, positions, fills: readFileSync("books/fills.csv", "utf8") }
}

const monday = ["clock", "step", "--to", "2017-01-09T09:30"]
let friday: Awaited<ReturnType<typeof books>>
let settled: Awaited<ReturnType<typeof books>>

/** A copy of the desk as it was on Friday afternoon. */
const onCopy = (): void => {
  const copy = mkdtempSync(join(scratch, "desk-"))
  cpSync(join(scratch, "friday"), copy, { recursive: true })
  process.chdir(copy)
}

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "plimsoll-recover-options-"))
  await ran(["init", "--cash", "500000"])
  await ran(combo("1", "-1 C 115 2017-01-06", "BUY 100 AAPL"))
  copyFileSync(database, "early.db")
  await ran(combo("2", "-1 P 120 2017-01-06", "+1 P 114 2017-01-06"))
  await ran(combo("1", "-1 P 115 2017-01-20", "+1 P 110 2017-01-20"))
  await ran(["order", "buy", "AAPL 170106C00114000", "1", "--yes"])
  const resting = combo("1", "-1 P 115 2017-01-20", "+1 P 105 2017-01-20")
  await ran([...resting, "--limit", "-4", "--tif", "gtc"])
  await ran(["clock", "step", "--to", "2017-01-06T15:30"])
  friday = await books()
  cpSync(whole(), join(scratch, "friday"), { recursive: true })
  await ran(monday)
  settled = await books()
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const garbleLast = (table: string, where: string): void => {
  const db = new DatabaseSync(database)
  try {
    const row = `rowid = (SELECT max(rowid) FROM ${table} WHERE ${where})`
    const { changes } = db.prepare(`UPDATE ${table} SET body = replace(body, '1', '3') WHERE ${row}`).run()
    expect(changes).toBe(1)
  } finally {
    db.close()
  }
}

describe("a desk with options", () => {
  it("had one assigned early, and has one of every other end over the weekend", () => {
    expect(friday.fills).toContain("ASSIGNMENT")
    for (const kind of ["EXERCISE", "EXPIRY", "DELIVERY"]) expect(settled.fills).toContain(kind)
  })

  it.each<readonly [string, () => void]>([
    ["its database gone", () => rmSync(database)],
    ["its database of an hour ago", () => copyFileSync("early.db", database)],
    ["a row of the journal changed", () => garbleLast("journal", "tag = 'OptionAssigned'")],
    ["a row of the orders changed", () => garbleLast("orders", "true")],
    ["the venue's state changed", () => garbleLast("paper_venue", "true")],
    ["its checkpoint changed", () => garbleLast("checkpoint", "true")]
  ])("%s, gets its books back, and its options end as they would have", async (_, damage) => {
    onCopy()
    damage()
    const check = await plimsoll(["recover", "--check"])
    expect(check).toMatchObject({ code: 1 })
    await ran(["recover"], "the code")
    expect(await books()).toEqual(friday)
    await ran(["audit", "verify"])
    expect(await ran(["recover", "--check"])).toContain("Nothing is damaged")
    // Also while trading is halted, which it is where something was lost.
    await ran(monday)
    expect(await books()).toEqual(settled)
    await ran(["audit", "verify"])
  })
})
