/** What `status` said is told again for as long as it is true, and not a moment longer. */
import { rmSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Layer, Path } from "effect"
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { type DeskFolder, deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { openDesk } from "../../../src/programs/DeskProgram.ts"
import { tellStatus } from "../../../src/programs/cli/StatusProgram.ts"
import { bootId } from "../../../src/programs/BootId.ts"
import { type Said, stillTrue } from "../../../src/programs/cli/StatusSnapshot.ts"
import { plainly } from "../../../src/programs/cli/Terminal.ts"
import { inNewFolder, plimsoll } from "./CommandLine.ts"

const { folder: here } = inNewFolder()

let folder: DeskFolder
let program = ""

beforeAll(async () => {
  await plimsoll(["init"])
  folder = deskFolderAt(here(), undefined)
  program = join(here(), "program.cjs")
  writeFileSync(program, "")
})

const tell = (source = "embedded"): Promise<Said> =>
  Effect.runPromise(
    tellStatus(folder, { program, source }).pipe(
      Effect.provide(
        openDesk(folder, "test").pipe(Layer.provide(Layer.merge(NodeFileSystem.layer, Path.layer)))
      )
    )
  )

/** This machine, so many microseconds from now. */
const machineIn = (micros: number) => () => ({
  boot: bootId(),
  monotonicMicros: Number(process.hrtime.bigint() / 1000n) + micros
})
const known = (what: keyof Said, machine = machineIn(0)): string | undefined =>
  stillTrue(folder, { program, what, colour: false, machine })

describe("the status that was told", () => {
  it("is told again word for word while nothing has changed, with colours or without", async () => {
    expect(known("text")).toBeUndefined()
    const said = await tell()
    expect(known("text")).toBe(plainly(said.text, false))
    expect(known("json")).toBe(said.json)
    expect(stillTrue(folder, { program, what: "line", colour: true, machine: machineIn(0) })).toBe(said.line)
    expect(`${known("text")}\n`).toBe((await plimsoll(["status"])).out)
    expect(`${known("json")}\n`).toBe((await plimsoll(["status", "--json"])).out)
    expect(`${known("line")}\n`).toBe((await plimsoll(["statusline"])).out)
  })

  it.each([
    ["the clock is stepped", () => plimsoll(["clock", "step"])],
    ["an order is placed", () => plimsoll(["order", "buy", "SPX-REPLAY", "1", "--yes"])],
    ["trading is halted", () => plimsoll(["halt", "a test"])],
    ["trading is resumed", () => plimsoll(["resume", "a test"], "the code")],
    ["plimsoll.json changes", () => writeFileSync("plimsoll.json", '{"limits": {"drawdownRatio": 0.1}}')],
    ["the program is built anew", () => utimesSync(program, 1, 1)]
  ])("is forgotten when %s", async (_case, change) => {
    await tell()
    expect(known("line")).toBeDefined()
    await change()
    for (const what of ["line", "text", "json"] as const) expect(known(what)).toBeUndefined()
    expect(`${(await tell()).json}\n`).toBe((await plimsoll(["status", "--json"])).out)
  })

  it("is not kept where positions hang on files of the user's", async () => {
    await tell("csv")
    rmSync(folder.statusSnapshot)
    await tell("csv")
    expect(known("line")).toBeUndefined()
    await tell()
    expect(known("line")).toBeDefined()
  })

  it("is told again while the clock runs, until the next open or close, in one line and with nothing held", async () => {
    await plimsoll(["order", "close", "SPX-REPLAY", "--yes"])
    await plimsoll(["clock", "start"])
    await tell()
    expect(known("line")).toBeDefined()
    expect(known("text")).toBeUndefined()
    expect(known("line", machineIn(7 * 3_600_000_000))).toBeUndefined()
    expect(known("line", () => ({ boot: "another start", monotonicMicros: 0 }))).toBeUndefined()
    await plimsoll(["clock", "pause"])
  })

  it("is nothing where the snapshot is spoilt", async () => {
    await tell()
    writeFileSync(folder.statusSnapshot, '{"line": "PAPER  $1,000,000.00"}')
    expect(known("line")).toBeUndefined()
    writeFileSync(folder.statusSnapshot, "{")
    expect(known("line")).toBeUndefined()
  })
})
