/** `--knowledge-cutoff`, and `knowledge-cutoff` of a LEAN project: for what cannot declare one in its code. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { afterAll, describe, expect, it, vi } from "vitest"
import { installedLean, leanProjectIn } from "../../support/lean/Installed.ts"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 60_000 })

const { folder } = inNewFolder()
const before = { ...process.env }
afterAll(() => {
  for (const name of ["PATH", "LEAN_STAND_IN", "LEAN_STAND_IN_ACTS"]) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
})

const Told = Schema.Struct({
  backtest_id: Schema.String,
  knowledge_cutoff: Schema.NullOr(Schema.String),
  command: Schema.String,
  contaminated: Schema.NullOr(Schema.Struct({ part: Schema.String }))
})
const told = async (args: ReadonlyArray<string>) =>
  Schema.decodeUnknownSync(Told)(await plimsollJson(["backtest", ...args]))
const sma = ["run", "sma-cross", "--from", "2008-01-02", "--to", "2008-06-30"]

describe("--knowledge-cutoff", () => {
  it("is an input: another id, a label, and part of the command that gives it again", async () => {
    const plain = await told(sma)
    expect(plain).toMatchObject({ knowledge_cutoff: null, contaminated: null })
    const cut = await told([...sma, "--knowledge-cutoff", "2008-03-03"])
    expect(cut.backtest_id).not.toBe(plain.backtest_id)
    expect(cut).toMatchObject({ knowledge_cutoff: "2008-03-03", contaminated: { part: "some" } })
    expect(cut.command).toMatch(/ --knowledge-cutoff 2008-03-03$/u)
    const again = await told(cut.command.replace(/^.*backtest /u, "").split(" "))
    expect(again.backtest_id).toBe(cut.backtest_id)
  })

  it("may not be earlier than what the code declares, and may be later", async () => {
    mkdirSync("algorithms", { recursive: true })
    writeFileSync(
      "algorithms/asks.ts",
      `import { defineStrategy } from "plimsoll/strategy"
export default defineStrategy({
  name: "asks",
  title: "Asks",
  summary: "Asks a model.",
  instruments: { least: 1, most: 1 },
  parameters: {},
  knowledgeCutoff: "2008-03-03",
  make: () => ({ onBar: () => [] })
})
`
    )
    const asks = ["run", "asks", ...sma.slice(2), "--knowledge-cutoff"]
    expect(await told([...asks, "2008-05-01"])).toMatchObject({ knowledge_cutoff: "2008-05-01" })
    const earlier = await plimsoll(["backtest", ...asks, "2008-02-01"])
    expect(earlier.code).not.toBe(0)
    expect(earlier.err).toContain("the knowledge cutoff 2008-03-03 is declared, and 2008-02-01 is earlier")
  })

  it("has to be a day, and is not for --resume", async () => {
    const bad = await plimsoll(["backtest", ...sma, "--knowledge-cutoff", "soon"])
    expect(bad.code).not.toBe(0)
    const resumed = await plimsoll(["backtest", "run", "--resume", "--knowledge-cutoff", "2008-03-03"])
    expect(resumed.err + resumed.out).toContain("--resume goes on with a backtest as it was begun")
  })
})

describe("a LEAN project", () => {
  it("declares one in its config.json; one that is said besides can only be later", async () => {
    const project = leanProjectIn(folder())
    Object.assign(process.env, installedLean(folder(), "current").environment)
    expect(await told(["run", "cross"])).toMatchObject({ knowledge_cutoff: null })
    const config = (cutoff: string): void =>
      writeFileSync(
        join(project, "config.json"),
        JSON.stringify({ parameters: { fast: "5" }, "knowledge-cutoff": cutoff })
      )
    config("2030-01-02")
    expect(await told(["run", "cross"])).toMatchObject({
      knowledge_cutoff: "2030-01-02",
      contaminated: { part: "all" }
    })
    expect(await told(["import", project])).toMatchObject({ knowledge_cutoff: "2030-01-02" })
    const later = ["--knowledge-cutoff", "2031-01-02"]
    expect(await told(["run", "cross", ...later])).toMatchObject({ knowledge_cutoff: "2031-01-02" })
    expect(await told(["import", project, ...later])).toMatchObject({ knowledge_cutoff: "2031-01-02" })
    for (const words of [
      ["run", "cross"],
      ["import", project]
    ]) {
      const earlier = await plimsoll(["backtest", ...words, "--knowledge-cutoff", "2020-01-02"])
      expect(earlier.code).not.toBe(0)
      expect(earlier.err).toContain("the knowledge cutoff 2030-01-02 is declared, and 2020-01-02 is earlier")
    }
    config("soon")
    const bad = await plimsoll(["backtest", "run", "cross"])
    expect(bad.code).not.toBe(0)
    expect(bad.err + bad.out).toContain("knowledge-cutoff")
  })

  it("has results that are never promoted", async () => {
    leanProjectIn(folder())
    Object.assign(process.env, installedLean(folder(), "current").environment)
    const { backtest_id: id } = await told(["run", "cross"])
    const ran = await plimsoll(["backtest", "promote", id])
    expect(ran.code).not.toBe(0)
    expect(ran.err).toContain("is a result of LEAN")
  })
})
