/** A desk one of whose files is not what was written: what a command makes of it. */
import * as fc from "fast-check"
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { plimsoll } from "../programs/cli/InProcess.ts"
import { badOutput, withinBounds } from "./CommandCase.ts"
import { changeOfBytes } from "./Mutations.ts"
import type { SandboxDesk } from "./SandboxDesk.ts"

export interface Spoiled {
  /** Below the desk's folder; "*" is the one name there is. */
  readonly file: string
  readonly spoil: (found: Uint8Array) => Uint8Array
  readonly args: ReadonlyArray<string>
}

const files = [
  "plimsoll.json",
  ".plimsoll/last-config.json",
  ".plimsoll/desk.db",
  ".plimsoll/audit/*",
  ".plimsoll/runs/*/run.json",
  ".plimsoll/runs/*/result.json",
  ".plimsoll/runs/*/trend/desk.db",
  ".plimsoll/runs/*/trend/audit/*",
  "lean/equity/usa/daily/spy.zip",
  "prices.csv"
] as const

const commands: Readonly<Record<string, ReadonlyArray<ReadonlyArray<string>>>> = {
  desk: [
    ["status", "--json"],
    ["statusline"],
    ["doctor"],
    ["limits", "show"],
    ["order", "buy", "AAPL", "1", "--yes"],
    ["order", "list"],
    ["order", "cancel-all"],
    ["clock", "step"],
    ["halt", "a file is not what it was"],
    ["audit", "verify"],
    ["audit", "tail", "--json"],
    ["export", "--out", "new"]
  ],
  run: [
    ["run", "--resume"],
    ["audit", "verify", "--run", "latest"],
    ["audit", "head", "--run", "latest"]
  ],
  lean: [["run", "--data", "lean", "--strategy", "buy-and-hold"]],
  csv: [["run", "--csv", "MYFUND=prices.csv", "--strategy", "buy-and-hold"]]
}

const kindOf = (file: string): keyof typeof commands =>
  file.includes("/runs/") ? "run" : file.startsWith("lean") ? "lean" : file === "prices.csv" ? "csv" : "desk"

const otherDatabase = (): Uint8Array => {
  const db = new DatabaseSync(":memory:")
  db.exec("CREATE TABLE journal (sequence TEXT, body BLOB); INSERT INTO journal VALUES ('x', x'00ff')")
  const bytes = db.serialize()
  db.close()
  return bytes
}

const wholly: fc.Arbitrary<(found: Uint8Array) => Uint8Array> = fc.constantFrom(
  () => new Uint8Array(0),
  () => new Uint8Array(4096),
  () => new TextEncoder().encode("not what it was\n"),
  otherDatabase
)

export const spoiledFiles: fc.Arbitrary<Spoiled> = fc.constantFrom(...files).chain((file) =>
  fc.record({
    file: fc.constant(file),
    spoil: fc.oneof({ weight: 5, arbitrary: changeOfBytes }, { weight: 1, arbitrary: wholly }),
    args: fc.constantFrom(...(commands[kindOf(file)] ?? []))
  })
)

const resolved = (folder: string, file: string): string =>
  file
    .split("/")
    .reduce((path, part) => join(path, part === "*" ? (readdirSync(path)[0] ?? "none") : part), folder)

/** Spoils the file, runs the command; what was not as it has to be, in words. */
export const runSpoiled = async (
  desk: SandboxDesk,
  { args, file, spoil }: Spoiled
): Promise<ReadonlyArray<string>> => {
  const path = resolved(desk.folder, file)
  const found = readFileSync(path)
  const spoilt = spoil(found)
  if (file.endsWith("run.json")) rmSync(join(path, "../result.json"), { force: true })
  // The last configuration counts when there is no other.
  if (file.endsWith("last-config.json")) writeFileSync("plimsoll.json", "{")
  writeFileSync(path, spoilt)
  try {
    const ran = await withinBounds(() => plimsoll(args))
    if (ran === undefined) return ["it did not end"]
    const problems = [...badOutput({ args }, ran)]
    if (file === "plimsoll.json" && args[0] === "halt" && ran.code !== 0)
      problems.push(`a halt failed: ${ran.err}`)
    if (file.endsWith("last-config.json") && args[0] === "order" && ran.code === 0 && args[1] === "buy") {
      problems.push("an order passed without limits")
    }
    return problems.map((problem) => `${file}, ${args.join(" ")}: ${problem}`)
  } finally {
    desk.restore()
  }
}
