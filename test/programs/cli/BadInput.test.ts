/** Whatever is typed wrongly is told in one or two lines, by the exit code for it, and never by a stack trace. */
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { plimsoll as root } from "../../../src/programs/cli/full.ts"
import { inNewFolder, plimsoll } from "./CommandLine.ts"

inNewFolder()

describe("before there is a desk", () => {
  it.each([
    [["status"]],
    [["order", "list"]],
    [["order", "buy", "AAPL", "1", "--yes"]],
    [["clock", "step"]],
    [["halt", "now"]],
    [["audit", "verify"]],
    [["limits", "show"]]
  ])("plimsoll %s says to run init", async (args) => {
    const ran = await plimsoll(args)
    expect(ran.code).toBe(1)
    expect(ran.out).toBe("")
    expect(ran.err).toMatch(/^plimsoll: there is no desk in .*: run plimsoll init/u)
  })
})

describe("bad input", () => {
  beforeAll(async () => {
    await plimsoll(["init"])
  })

  it("without a terminal and without --yes an order is previewed and not sent", async () => {
    const ran = await plimsoll(["order", "buy", "AAPL", "1"])
    expect(ran.code).toBe(64)
    expect(ran.err).toMatch(/passes 17 rules/u)
    expect(ran.err).toMatch(/there is no terminal to ask at: say --yes/u)
    expect((await plimsoll(["order", "list", "--json"])).out).toContain('"orders": []')
  })

  it.each([
    [["run", "--strategy", "nonsense"], 64, "nonsense"],
    [["run", "--limits", "nonsense"], 64, 'there is no limits profile "nonsense"'],
    [["run", "--from", "2009-12-31", "--to", "2008-01-02"], 64, "--from 2009-12-31 is after --to 2008-01-02"],
    [["run", "--from", "1999-01-04"], 64, "the data reach from 2000-01-03"],
    [
      ["run", "--from", "2031-01-02"],
      64,
      "the data reach from 2000-01-03 to 2020-04-17; --from 2031-01-02 does not lie within"
    ],
    [["run", "--symbols", "ZZZZ"], 64, "no source has ZZZZ"],
    [["run", "--resume"], 64, "no unfinished run"],
    [["run", "--resume", "--seed", "2"], 64, "leave the other options out"],
    [["run", "--run", "x"], 64, "add --resume"],
    [["statsu"], 64, 'Unknown subcommand "statsu" for "plimsoll"; did you mean status?'],
    [["frobnicate"], 64, 'Unknown subcommand "frobnicate"'],
    [["status", "--jsno"], 64, "did you mean --json?"],
    [["init", "--cash", "-1"], 64, "--cash"],
    [["init", "--cash", "lots"], 64, "expected an amount as a plain decimal"],
    [["init", "extra"], 64, 'Unexpected positional argument: "extra"'],
    [["doctor", "--fix"], 64, "Unrecognized flag: --fix"],
    [["order", "lits"], 64, "did you mean list?"],
    [["order", "buy"], 64, "Missing required argument: symbol"],
    [["order", "buy", "AAPL", "--yes"], 64, "how much? Give a quantity, or dollars by --notional"],
    [["order", "buy", "AAPL", "1", "--notional", "5", "--yes"], 64, "give one of them"],
    [["order", "buy", "AAPL", "many", "--yes"], 64, "expected a quantity as a plain decimal"],
    [["order", "buy", "AAPL", "0", "--yes"], 64, "expected a quantity above zero"],
    [["order", "buy", "AAPL", "-5", "--yes"], 64, "expected a quantity"],
    [["order", "buy", "AAPL", "1.1234567", "--yes"], 64, "at most six places"],
    [["order", "buy", "AAPL", "1", "--limit", "NaN", "--yes"], 64, "expected a price as a plain decimal"],
    [["order", "buy", "AAPL", "1", "--tif", "never", "--yes"], 64, "--tif"],
    [["order", "buy", "AAPL", "1", "--trail", "2", "--stop", "3", "--yes"], 64, "--trail stands alone"],
    [["order", "buy", "AAPL", "1", "--oco", " ", "--yes"], 64, "--oco: expected a name"],
    [
      ["order", "buy", "APPL", "1", "--yes"],
      1,
      'no instrument "APPL" in this desk\'s market data; nearest: AAPL'
    ],
    [["order", "buy", "A B!", "1", "--yes"], 1, "no instrument"],
    [["order", "sell", "AAPL", "1", "--yes"], 2, "Short sales are not allowed"],
    [["order", "close", "AAPL", "--yes"], 1, "there is no position in AAPL.XNAS to close"],
    [["order", "close", "AAPL"], 64, "say --yes"],
    [["order", "show", "o-nope"], 1, "there is no order o-nope"],
    [["order", "cancel", "o-nope"], 1, "no order o-nope"],
    [["order", "cancel-all", "--symbol", "XYZ"], 1, 'no instrument "XYZ"'],
    [["order", "replace", "o-nope", "--limit", "1", "--yes"], 1, "there is no order o-nope"],
    [["order", "replace", "o-nope", "--yes"], 64, "what is to change?"],
    [["order", "list", "--limit", "0"], 64, "expected a number from 1 to 1000"],
    [["why", "o-nope"], 1, "there is no order o-nope"],
    [["why"], 64, "Missing required argument: order"],
    [["clock", "step", "--by", "1w"], 64, "expected a duration such as 30s, 5m, 2h or 1d"],
    [["clock", "step", "--by", "1m", "--to", "close"], 64, "give one of them"],
    [["clock", "step", "--to", "soon"], 64, '"soon" is no time of the trading calendar'],
    [["clock", "step", "--to", "2017-02-30"], 64, "no time of the trading calendar"],
    [["clock", "step", "--to", "2016-01-04"], 1, "market time only goes forward"],
    [["clock", "speed", "0"], 1, "the speed must be between"],
    [["clock", "speed", "fast"], 64, "factor"],
    [["clock", "stop"], 64, 'Unknown subcommand "stop"'],
    [["halt"], 64, "Missing required argument: reason"],
    [["halt", " "], 64, "expected a reason in words"],
    [["resume", ""], 64, "expected a reason in words"],
    [["account", "deposit", "0"], 64, "expected an amount above zero"],
    [["account", "reset"], 64, "Missing required flag: --cash"],
    [["limits", "loosen"], 64, 'Unknown subcommand "loosen"'],
    [["export"], 64, "where to?"],
    [["export", "--fills", "no/such/folder.csv"], 1, "cannot be written"],
    [["audit", "tail", "0"], 64, "expected a number from 1 to 1000"],
    [["audit", "verify", "all"], 64, 'Unexpected positional argument: "all"']
  ] as const)("plimsoll %s", async (args, code, words) => {
    const ran = await plimsoll(args)
    expect(ran.err).toContain(words)
    expect(ran.code).toBe(code)
    expect(ran.out).toBe("")
    expect(ran.err).not.toMatch(/\n\s+at /u)
    if (code !== 2) expect(ran.err.trimEnd().split("\n").length).toBeLessThanOrEqual(2)
  })
})

interface Tree {
  readonly name: string
  readonly subcommands: ReadonlyArray<{ readonly commands: ReadonlyArray<Tree> }>
}

/** Every command's path below the root, groups included. */
const pathsOf = (command: Tree, path: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => [
  path,
  ...command.subcommands.flatMap(({ commands }) =>
    commands.flatMap((child) => pathsOf(child, [...path, child.name]))
  )
]

describe("--help", () => {
  it.each(pathsOf(root, []).map((path) => [path]))(
    "of plimsoll %s is on standard output and has an example",
    async (path) => {
      const ran = await plimsoll([...path, "--help"])
      expect(ran.code).toBe(0)
      expect(ran.err).toBe("")
      expect(ran.out).toContain("EXAMPLES")
      expect(ran.out).toContain(`plimsoll ${path.join(" ")}`.trim())
    }
  )

  it("covers the commands there are", () => {
    expect(pathsOf(root, []).length).toBeGreaterThan(30)
  })
})

describe("--version", () => {
  it("is one line", async () => {
    expect((await plimsoll(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/u)
  })
})
