/** Files of options through the command itself. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it, vi } from "vitest"
import { describeWithShared, sharedPath } from "../../../support/Shared.ts"
import { inNewFolder, plimsoll, plimsollJson } from "../CommandLine.ts"

vi.setConfig({ testTimeout: 60_000 })

inNewFolder()

type Row = Readonly<Record<string, string>>

/** Rows of a CSV without quotes, by the names of its columns. */
const readRows = (file: string): ReadonlyArray<Row> => {
  const [header = "", ...lines] = readFileSync(file, "utf8").trimEnd().split("\n")
  const names = header.split(",")
  return lines.map((line) => {
    const fields = line.split(",")
    return Object.fromEntries(names.map((name, i) => [name, fields[i] ?? ""]))
  })
}

const number = (row: Row | undefined, name: string): number => {
  const text = row?.[name]
  return text === undefined || text === "" ? Number.NaN : Number(text)
}

/** The greatest of error ÷ tolerance, and where it is. */
const worst = (
  expected: ReadonlyArray<Row>,
  found: ReadonlyArray<Row>,
  column: string,
  tolerance: (row: Row) => number
): { readonly ratio: number; readonly row: number } => {
  let most = { ratio: 0, row: -1 }
  for (const [row, one] of expected.entries()) {
    const error = Math.abs(number(one, column) - number(found[row], column))
    const ratio = error === 0 ? 0 : error / tolerance(one)
    if (!(ratio <= most.ratio)) most = { ratio, row }
  }
  return most
}

describeWithShared("the oracle's options, through the command", () => {
  it("price and Greeks of every row of bsm.csv are within tolerance, in columns of their names", async () => {
    const file = sharedPath("oracles", "bsm.csv")
    const ran = await plimsoll(["options", "greeks", "--input", file, "--output", "greeks.csv"])
    expect(ran.err).toBe("")
    expect(ran.code).toBe(0)
    const expected = readRows(file)
    const found = readRows("greeks.csv")
    expect(found).toHaveLength(expected.length)
    expect(found.every(({ status }) => status === "ok")).toBe(true)
    // Others pass through as they were written.
    for (const name of ["group", "type", "S", "K", "T", "r", "q", "sigma"]) {
      expect(found.map((row) => row[name])).toEqual(expected.map((row) => row[name]))
    }
    const most = (row: Row) => Math.max(number(row, "S"), number(row, "K"))
    const tolerances: Readonly<Record<string, (row: Row) => number>> = {
      price: (row) =>
        number(row, "price") >= 1e-6 * number(row, "K")
          ? Math.max(2e-15 * most(row), Number.MIN_VALUE)
          : 2e-15 * most(row),
      delta: () => 5e-14,
      gamma: (row) => 1e-11 / number(row, "S"),
      vega: (row) => 2e-15 * number(row, "S"),
      theta: (row) => 2e-13 * most(row),
      rho: (row) => 5e-14 * most(row) * number(row, "T")
    }
    for (const [column, tolerance] of Object.entries(tolerances)) {
      expect(worst(expected, found, column, tolerance), column).toSatisfy(
        ({ ratio }: { readonly ratio: number }) => ratio <= 1
      )
    }
    for (const column of ["gamma", "vega"]) {
      // A denormal has few digits of its own.
      const relative = (row: Row) => 1e-11 * Math.abs(number(row, column)) + 1e-321
      expect(worst(expected, found, column, relative), column).toSatisfy(
        ({ ratio }: { readonly ratio: number }) => ratio <= 1
      )
    }
  })

  it("price alone gives the same prices, by the model that is named", async () => {
    const file = sharedPath("oracles", "bsm.csv")
    await plimsoll(["options", "greeks", "--input", file, "--output", "greeks.csv"])
    await plimsoll(["options", "price", "--input", file, "--output", "prices.csv", "--model", "bsm"])
    const prices = readRows("prices.csv")
    const greeks = readRows("greeks.csv")
    const relative = (row: Row) => 1e-11 * Math.max(number(row, "price"), 1e-6 * number(row, "K"))
    expect(worst(greeks, prices, "price", relative).ratio).toBeLessThanOrEqual(1)
    // Its own Greeks pass through.
    expect(prices.map(({ delta }) => delta)).toEqual(readRows(file).map(({ delta }) => delta))
  })

  it("volatility and status of every row of iv.csv are those of the oracle", async () => {
    const file = sharedPath("oracles", "iv.csv")
    const ran = await plimsoll(["options", "iv", "--input", file, "--output", "iv.csv"])
    expect(ran.err).toBe("")
    expect(ran.code).toBe(0)
    const expected = readRows(file)
    const found = readRows("iv.csv")
    expect(found.map(({ status }) => status)).toEqual(expected.map(({ status }) => status))
    const isOk = ({ status }: Row) => status === "ok"
    const tolerance = (row: Row) => 4 * (number(row, "sens") + 2.3e-16 * number(row, "sigma"))
    expect(worst(expected.filter(isOk), found.filter(isOk), "sigma", tolerance).ratio).toBeLessThanOrEqual(1)
    expect(found.filter((row) => !isOk(row)).every(({ sigma }) => sigma === "")).toBe(true)
  })

  it.each([
    ["bjs1993", "bjs1993"],
    ["bjs2002", "bjs2002"]
  ])("--model %s --bare-formula is the published formula where that has a value", async (model, column) => {
    const file = sharedPath("oracles", "bjs.csv")
    const args = ["--input", file, "--output", "bjs.csv", "--model", model]
    const ran = await plimsoll(["options", "price", ...args, "--bare-formula"])
    const expected = readRows(file)
    const found = readRows("bjs.csv")
    const has = expected.map((row) => row[column] !== "" && row[column] !== "nan")
    const kept = <A>(rows: ReadonlyArray<A>) => rows.filter((_, i) => has[i])
    const paired = kept(found).map((row) => ({ [column]: row["price"] ?? "" }))
    const tolerance = (row: Row) => 1e-11 * number(row, "K")
    expect(worst(kept(expected), paired, column, tolerance).ratio).toBeLessThanOrEqual(1)
    expect(ran.code).toBe(found.every(({ status }) => status === "ok") ? 0 : 1)
  })
})

const header = "type,S,K,T,r,q,sigma"
const priceOf = async (rows: ReadonlyArray<string>, more: ReadonlyArray<string> = []) => {
  writeFileSync("in.csv", [header, ...rows, ""].join("\n"))
  const ran = await plimsoll(["options", "price", "--input", "in.csv", "--output", "out.csv", ...more])
  return { ran, rows: readRows("out.csv") }
}

describe("numbers", () => {
  it("are read to the last digit and written in the shortest form that reads back", async () => {
    const { rows } = await priceOf([
      "C,100,100,1,0.05,0,0.2",
      "C,5e-324,5e-324,1,0,0,0.2",
      "P,1e-300,1e-300,1,-0,-0.0,0.5",
      "C,+100.,.5e2,1E0,0,0,0",
      "P,1e308,1e308,1,0,0,3"
    ])
    expect(rows.map(({ status }) => status)).toEqual(["ok", "ok", "ok", "ok", "ok"])
    expect(number(rows[0], "price")).toBeCloseTo(10.450583572185565, 13)
    expect(number(rows[2], "price")).toBeCloseTo(0, 300)
    expect(rows[3]?.["price"]).toBe("50")
    for (const row of rows) {
      expect(String(number(row, "price"))).toBe(row["price"])
      expect(number(row, "price")).toSatisfy(Number.isFinite)
    }
    // As they were written.
    expect(rows[2]?.["r"]).toBe("-0")
    expect(rows[2]?.["q"]).toBe("-0.0")
  })

  it("a negative zero stays one", async () => {
    writeFileSync("in.csv", `${header}\nC,1,1000,0.01,0.05,0,0.1\n`)
    await plimsoll(["options", "greeks", "--input", "in.csv", "--output", "out.csv"])
    expect(readFileSync("out.csv", "utf8").split("\n")[1]).toMatch(
      /^C,1,1000,0\.01,0\.05,0,0\.1,0,0,0,0,-?0,0,-?0,0,ok$/u
    )
  })
})

describe("rows that cannot be computed", () => {
  it("are told with their number and marked, the rest is done, and the exit code is 1", async () => {
    const { ran, rows } = await priceOf([
      "C,100,100,1,0.05,0,0.2",
      "X,100,100,1,0.05,0,0.2",
      "C,-100,100,1,0.05,0,0.2",
      "C,100,abc,1,0.05,0,0.2",
      "C,100,100,,0.05,0,0.2",
      "C,100,100,1,0.05,0,1e999",
      "C,100,100,1,0.05,0",
      "C,100,100,1,0.05,0,0.2,9",
      "P,100,100,1,0.05,0,0.2"
    ])
    expect(ran.code).toBe(1)
    expect(ran.err.trimEnd().split("\n")).toEqual([
      'row 2 (line 3): type is "X": expected C or P',
      "row 3 (line 4): S is -100: expected a finite price above zero",
      'row 4 (line 5): K is "abc": expected a number such as 0.25 or 1e-3',
      "row 5 (line 6): T is empty: expected a number",
      'row 6 (line 7): sigma is "1e999": that is more than a double holds',
      "row 7 (line 8): has 6 fields: expected 7, as in the first line",
      "row 8 (line 9): has 8 fields: expected 7, as in the first line"
    ])
    expect(rows.map(({ status }) => status)).toEqual([
      "ok",
      ...Array.from({ length: 7 }, () => "invalid"),
      "ok"
    ])
    expect(rows[1]?.["price"]).toBe("")
    expect(ran.out).toContain("2 rows done by bsm, 7 not")
  })

  it("are all in --json, and of very many the words on standard error have an end", async () => {
    writeFileSync("in.csv", [header, ...Array.from({ length: 500 }, () => "C,0,1,1,0,0,1"), ""].join("\n"))
    const ran = await plimsoll(["options", "price", "--input", "in.csv", "--output", "out.csv"])
    expect(ran.err.trimEnd().split("\n")).toHaveLength(21)
    expect(ran.err).toContain("further rows: 21, 22,")
    expect(ran.err).toContain("and 380 more")
    const json = await plimsollJson(["options", "price", "--input", "in.csv", "--output", "out.csv"])
    expect(json).toMatchObject({ rows: 500, bad_rows: 500, bad: { 499: { row: 500, line: 501 } } })
  })
})

describe("columns", () => {
  it("are found by name in any order, quoted fields and other columns pass through", async () => {
    writeFileSync(
      "in.csv",
      '\uFEFFnote,sigma,q,r,T,K,S,type\r\n"a ""b"", c",0,0,0,1,50,100,call\r\n"two\nlines",0,0,0,1,50,100,p\r\n\r\nplain,0,0,0,1,50,100,C'
    )
    const ran = await plimsoll(["options", "price", "--input", "in.csv", "--output", "out.csv"])
    expect(ran.code).toBe(0)
    expect(readFileSync("out.csv", "utf8").split("\n")).toEqual([
      "note,sigma,q,r,T,K,S,type,price,status",
      '"a ""b"", c",0,0,0,1,50,100,call,50,ok',
      '"two',
      'lines",0,0,0,1,50,100,p,0,ok',
      "plain,0,0,0,1,50,100,C,50,ok",
      ""
    ])
  })

  it("that have the name of a result give way to it, and that is told", async () => {
    writeFileSync("in.csv", `status,price,${header}\nold,1,C,100,50,1,0,0,0\n`)
    const ran = await plimsoll(["options", "price", "--input", "in.csv", "--output", "out.csv"])
    expect(readFileSync("out.csv", "utf8")).toBe(`${header},price,status\nC,100,50,1,0,0,0,50,ok\n`)
    expect(ran.out).toContain("The input's own status, price gave way to ours.")
  })

  it.each([
    ["type,S,K,T,r,q", "no column sigma"],
    ["type,S,S,K,T,r,q,sigma", "two columns are named S"],
    ["type;S;K;T;r;q;sigma", "fields have to be separated by commas"],
    ["hello", "no column type"]
  ])("a header that lacks one is refused, and nothing is written: %s", async (first, words) => {
    writeFileSync("in.csv", `${first}\n1,2,3,4,5,6,7,8\n`)
    const ran = await plimsoll(["options", "price", "--input", "in.csv", "--output", "none.csv"])
    expect(ran.code).toBe(1)
    expect(ran.err).toContain(words)
    expect(existsSync("none.csv")).toBe(false)
  })
})

describe("files", () => {
  it.each([
    [
      "an input that is not there",
      ["--input", "nowhere.csv", "--output", "o.csv"],
      1,
      "there is no such file"
    ],
    ["a folder", ["--input", ".", "--output", "o.csv"], 1, "is no regular file"],
    ["the input itself", ["--input", "in.csv", "--output", "./in.csv"], 1, "is the input itself"],
    ["no output", ["--input", "in.csv"], 64, "--output FILE.csv"],
    ["no input", ["--output", "o.csv"], 64, "--input FILE.csv"],
    ["a folder that is not there", ["--input", "in.csv", "--output", "no/o.csv"], 1, "cannot be written"],
    ["options of two kinds", ["--input", "in.csv", "--output", "o.csv", "--spot", "1"], 64, "leave out"]
  ])("%s is refused in words", async (_what, args, code, words) => {
    writeFileSync("in.csv", `${header}\nC,100,100,1,0.05,0,0.2\n`)
    const ran = await plimsoll(["options", "price", ...args])
    expect(ran.code).toBe(code)
    expect(ran.err).toContain(words)
  })

  it.each([
    ["empty", new Uint8Array(), "the file is empty"],
    ["not text", Uint8Array.from([0x74, 0xff, 0xfe, 0x0a]), "is not UTF-8 text"],
    [
      "a quote without an end",
      new TextEncoder().encode(`${header},price\n"C,1,1,1,1,1,1,1\n`),
      "is never closed"
    ],
    ["one endless line", new TextEncoder().encode("x".repeat(200_000)), "more than 65536 characters"]
  ])("what is no table is refused, and leaves what stood there: %s", async (_what, bytes, words) => {
    writeFileSync("in.csv", bytes)
    writeFileSync("kept.csv", "as it was")
    const ran = await plimsoll(["options", "iv", "--input", "in.csv", "--output", "kept.csv"])
    expect(ran.code).toBe(1)
    expect(ran.err).toContain(words)
    expect(readFileSync("kept.csv", "utf8")).toBe("as it was")
    expect(readdirSync(".").filter((name) => name.endsWith(".new"))).toEqual([])
  })

  it("rows and quotes that lie across the pieces it is read in are whole", async () => {
    const note = `"${"ä,".repeat(50)}"`
    const row = `${note},C,100,50,1,0,0,0`
    writeFileSync("in.csv", [`note,${header}`, ...Array.from({ length: 9000 }, () => row), ""].join("\n"))
    const ran = await plimsoll(["options", "price", "--input", "in.csv", "--output", "out.csv"])
    expect(ran.code).toBe(0)
    const lines = readFileSync("out.csv", "utf8").trimEnd().split("\n")
    expect(lines).toHaveLength(9001)
    expect(new Set(lines.slice(1))).toEqual(new Set([`${row},50,ok`]))
  })
})
