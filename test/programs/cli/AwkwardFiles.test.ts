/** What is no regular file is refused at once, wherever a file is read; and what is written never takes another thing's place. */
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { inNewFolder, plimsoll } from "./CommandLine.ts"

inNewFolder()

beforeAll(async () => {
  await plimsoll(["init"])
  spawnSync("mkfifo", ["pipe"])
  symlinkSync("/dev/zero", "endless")
  symlinkSync("/dev/null", "nothing")
  mkdirSync("lean/equity/usa/daily", { recursive: true })
  symlinkSync("../../../../pipe", "lean/equity/usa/daily/spy.zip")
})

describe("a pipe that nobody writes to, and a device without an end", () => {
  it.each(["pipe", "endless", "nothing"])("are no prices: --csv X=%s", async (file) => {
    const ran = await plimsoll(["run", "--csv", `X=${file}`])
    expect(ran).toMatchObject({ code: 1, out: "" })
    expect(ran.err).toContain("it is no regular file")
  })

  it("are no LEAN zip", async () => {
    const ran = await plimsoll(["run", "--data", "lean"])
    expect(ran.code).toBe(1)
    expect(ran.err).toContain("spy.zip cannot be read: it is no regular file")
  })

  it.each(["pipe", "endless"])("are no configuration: %s", async (file) => {
    renameSync("plimsoll.json", "kept.json")
    symlinkSync(file, "plimsoll.json")
    const shown = await plimsoll(["limits", "show"])
    const halted = await plimsoll(["halt", "the file is gone"])
    rmSync("plimsoll.json")
    renameSync("kept.json", "plimsoll.json")
    expect(shown.err).toContain("plimsoll.json: cannot be read (it is no regular file)")
    expect(halted.code).toBe(0)
  })

  it("are no run to resume", async () => {
    mkdirSync(".plimsoll/runs/20200101-000000", { recursive: true })
    symlinkSync("../../../pipe", ".plimsoll/runs/20200101-000000/run.json")
    const ran = await plimsoll(["run", "--resume"])
    expect(ran.code).toBe(64)
    expect(ran.err).toContain("run.json cannot be read: it is no regular file")
  })

  it("are no segment of the audit log", async () => {
    const [segment = ""] = /\d{4}-\d\d-\d\d\.ndjson/u.exec(
      spawnSync("ls", [".plimsoll/audit"], { encoding: "utf8" }).stdout
    ) ?? [""]
    const path = `.plimsoll/audit/${segment}`
    renameSync(path, "kept.ndjson")
    symlinkSync("../../pipe", path)
    const ran = await plimsoll(["audit", "verify"])
    rmSync(path)
    renameSync("kept.ndjson", path)
    expect(ran.code).toBe(1)
    expect(ran.err).toContain("it is no regular file")
  })
})

describe("export", () => {
  it.each([
    ["nothing", "is no regular file"],
    ["pipe", "is no regular file"],
    ["lean", "is no regular file"],
    ["plimsoll.json", "belongs to the desk"],
    [".plimsoll/desk.db", "belongs to the desk"],
    [".plimsoll/audit/x.csv", "belongs to the desk"],
    ["lean/../.plimsoll/runs/x.csv", "belongs to the desk"]
  ])("does not write over %s", async (file, words) => {
    const before = statSync(file, { throwIfNoEntry: false })?.ino
    const ran = await plimsoll(["export", "--fills", file])
    expect(ran.code).toBe(1)
    expect(ran.err).toContain(words)
    expect(statSync(file, { throwIfNoEntry: false })?.ino).toBe(before)
  })

  it("writes both files or none", async () => {
    writeFileSync("fills.csv", "as it was")
    const ran = await plimsoll(["export", "--fills", "fills.csv", "--positions", "no/such/folder.csv"])
    expect(ran.code).toBe(1)
    expect(readFileSync("fills.csv", "utf8")).toBe("as it was")
  })

  it("takes one name for both files as a mistake", async () => {
    const ran = await plimsoll(["export", "--fills", "a.csv", "--positions", "./a.csv"])
    expect(ran.code).toBe(64)
    expect(ran.err).toContain("name them differently")
  })
})

describe("what somebody wrote", () => {
  it("reaches no terminal as something it acts on, wherever it is told again", async () => {
    await plimsoll(["resume", "the file is back"], "the code")
    await plimsoll(["halt", "see\u001B[2J\nplimsoll: ACTIVE\u202E"])
    for (const args of [["status"], ["audit", "tail"], ["order", "show", "\u001B[2J"], ["\u001B[2J"]]) {
      const { err, out } = await plimsoll(args)
      expect(out + err).not.toContain("\u001B")
      expect(out + err).not.toContain("\u202E")
      expect(out).not.toMatch(/^plimsoll: ACTIVE/mu)
    }
    expect((await plimsoll(["status"])).out).toContain('"see\\u001b[2J\\u000aplimsoll: ACTIVE\\u202e"')
  })
})
