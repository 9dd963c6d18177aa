/** The desk through its own launcher: processes, a terminal, pipes that close. */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { skippedName } from "../support/Shared.ts"
import { buildIfStale, hasTerminal, launcher, newProject, onTerminal } from "./Program.ts"

// A process a command, a dozen in a test: slow on a machine that is busy with others.
vi.setConfig({ testTimeout: 60_000 })

let project: ReturnType<typeof newProject>

beforeAll(() => {
  buildIfStale()
  project = newProject()
}, 60_000)
afterAll(() => project.remove())

const type = (...args: ReadonlyArray<string>) => project.run(args)

const codeShown = (shown: string): string | undefined => /go on: (\w+)[^]*Code: /u.exec(shown)?.[1]

const itOnTerminal = (name: string, body: () => Promise<void>): void => {
  if (hasTerminal) it(name, body)
  else it.skip(skippedName(name, "no util-linux script to make a terminal"), () => {})
}

describe("the desk, a process a command", () => {
  it("says what to do where there is none", async () => {
    expect(await type("status")).toMatchObject({ code: 1, out: "" })
    const line = await type("statusline")
    expect(line).toMatchObject({ code: 0, err: "" })
    expect(line.out).toMatch(/^PAPER {2}there is no desk in .*: run plimsoll init\n$/u)
  })

  it("is made, bought on, stepped, canceled, halted", async () => {
    expect((await type("init")).code).toBe(0)
    expect((await type("order", "buy", "SPX-REPLAY", "2", "--yes")).out).toContain("Filled")
    expect(
      (await type("order", "buy", "AAPL", "5", "--limit", "100", "--tif", "gtc", "--yes")).out
    ).toContain("Accepted")
    expect((await type("clock", "step", "--to", "close")).out).toContain("2017-01-03 16:00 EST")
    expect((await type("order", "list", "--working")).out).toContain("BUY 5 AAPL limit 100.00 GTC")
    expect((await type("order", "cancel-all")).out).toContain("1 order asked to be canceled.")
    expect((await type("halt", "a test")).code).toBe(0)
    const denied = await type("order", "buy", "SPX-REPLAY", "1", "--yes")
    expect(denied).toMatchObject({ code: 2, out: "" })
    expect(denied.err).toContain("denied by the rule trading-state")
    expect((await type("resume", "no terminal here")).code).toBe(2)
  })

  it("tells the same status from the snapshot, from the short program and from the full one", async () => {
    const short = await type("status", "--json")
    expect(existsSync(join(project.folder, ".plimsoll/cache/status.json"))).toBe(true)
    const snapshot = await type("status", "--json")
    expect(snapshot.out).toBe(short.out)
    // An option that only the full program knows of brings that in.
    expect((await type("status", "--no-json")).out).toBe((await type("status")).out)
    const { equity } = JSON.parse(short.out)
    expect((await type("statusline")).out).toContain(
      `$${Number(equity).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
    )
  })

  itOnTerminal("is resumed by a person who types back the code at a terminal", async () => {
    const wrong = await onTerminal(project.folder, ["resume", "checked"], (shown) =>
      codeShown(shown) === undefined ? undefined : "WRONG"
    )
    expect(wrong.code).toBe(2)
    const right = await onTerminal(project.folder, ["resume", "checked"], codeShown)
    expect(right.out).toContain("Trading is ACTIVE.")
    expect(right.code).toBe(0)
  })

  itOnTerminal("asks a person before it sends, in colour, without colour when NO_COLOR is set", async () => {
    const asked = await onTerminal(
      project.folder,
      ["order", "buy", "SPX-REPLAY", "1", "--tif", "open"],
      (shown) => (shown.includes("[y/N]") ? "y" : undefined)
    )
    expect(asked.out).toContain("Accepted")
    const coloured = await onTerminal(project.folder, ["status"], () => undefined)
    expect(coloured.out).toContain("\u001B[1mPAPER\u001B[22m")
    const plain = await onTerminal(project.folder, ["statusline"], () => undefined)
    expect(plain.out).toContain("PAPER")
  })

  it("serves several processes at once: orders, status lines and a stepping clock", async () => {
    await project.run(["clock", "step", "--to", "open"])
    const results = await Promise.all([
      type("order", "buy", "AAPL", "1", "--yes"),
      type("status", "--json"),
      type("order", "buy", "AAPL", "2", "--yes"),
      type("clock", "step", "--by", "5s"),
      type("statusline"),
      type("order", "list", "--json")
    ])
    expect(results.map(({ err }) => err.split("\n").filter((line) => line.startsWith("plimsoll:")))).toEqual(
      results.map(() => [])
    )
    expect(results.map(({ code }) => code)).toEqual(results.map(() => 0))
    expect((await type("audit", "verify")).code).toBe(0)
  })

  it("takes a reader that has seen enough for no failure", () => {
    const piped = spawnSync(
      "sh",
      ["-c", `'${launcher}' order list | head -n 0; '${launcher}' --help | head -n 1`],
      {
        cwd: project.folder,
        encoding: "utf8"
      }
    )
    expect(piped.stderr).toBe("")
    expect(piped.stdout).toBe("DESCRIPTION\n")
  })

  it("keeps its state where PLIMSOLL_HOME says", async () => {
    const home = join(project.folder, "elsewhere/state")
    const made = await project.run(["init"], { PLIMSOLL_HOME: home })
    expect(made.code).toBe(0)
    expect(existsSync(join(home, "desk.db"))).toBe(true)
    expect((await project.run(["statusline"], { PLIMSOLL_HOME: home })).out).toContain("$100,000.00")
  })

  it("exports its fills, and its log is what was written", async () => {
    expect((await type("export", "--out", "books")).code).toBe(0)
    expect(readFileSync(join(project.folder, "books/fills.csv"), "utf8")).toContain("SPX-REPLAY.XNYS,BUY,2")
    expect((await type("audit", "verify")).out).toContain("The audit log is intact")
  })

  it("exits 64 on a command it does not know, and names the nearest", async () => {
    const ran = await type("statuss")
    expect(ran).toMatchObject({ code: 64, out: "" })
    expect(ran.err).toBe(
      'plimsoll: Unknown subcommand "statuss" for "plimsoll"; did you mean status?\n  plimsoll --help shows how it is used\n'
    )
  })
})
