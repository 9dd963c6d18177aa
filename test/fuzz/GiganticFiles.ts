/** Files far larger than any that is meant, and small ones that claim to be: refused in words, in a bounded memory. */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from "node:fs"
import { dirname, join } from "node:path"
import { zipSync } from "fflate"
import { runProgram } from "../e2e/Program.ts"
import type { SandboxDesk } from "./SandboxDesk.ts"

/** JavaScript's own memory in these cases: half of what Node takes by itself on a small machine. */
const HEAP_MEGABYTES = 1024
const MEGABYTE = 1024 * 1024

interface Gigantic {
  readonly what: string
  readonly file: string
  readonly write: (path: string, megabytes: number) => void
  readonly megabytes: number
  readonly args: ReadonlyArray<string>
  readonly code: number
  readonly words: RegExp
}

/** `head`, and then `unit` over and over until the file has so many megabytes. */
const repeated =
  (unit: string, head = "", flags = "w") =>
  (path: string, megabytes: number): void => {
    const file = openSync(path, flags)
    writeSync(file, head)
    const piece = unit.repeat(Math.ceil(MEGABYTE / unit.length))
    for (let i = 0; i < megabytes; i++) writeSync(file, piece)
    closeSync(file)
  }

const header = "Date,Open,High,Low,Close,Volume\n"
const csv = ["run", "--csv", "MYFUND=large.csv", "--strategy", "buy-and-hold"]
const lean = ["run", "--data", "large", "--strategy", "buy-and-hold"]
const zip = "large/equity/usa/daily/spy.zip"

const zipOfRepeated =
  (unit: string, claims?: number) =>
  (path: string, megabytes: number): void => {
    mkdirSync(dirname(path), { recursive: true })
    const bytes = zipSync(
      { "spy.csv": Buffer.alloc(megabytes * MEGABYTE, unit) },
      { mtime: "2020-01-01T00:00:00Z" }
    )
    const directory = Buffer.from(bytes.buffer).lastIndexOf("PK\u0001\u0002")
    if (claims !== undefined) Buffer.from(bytes.buffer).writeUInt32LE(claims, directory + 24)
    writeFileSync(path, bytes)
  }

const files: ReadonlyArray<Gigantic> = [
  {
    what: "rows that are none",
    file: "large.csv",
    write: repeated("x\n", header),
    megabytes: 64,
    args: csv,
    code: 1,
    words: /more than 100000 rows have other numbers of fields/u
  },
  {
    what: "rows",
    file: "large.csv",
    write: repeated("1,1,1,1,1,1\n", header),
    megabytes: 60,
    args: csv,
    code: 1,
    words: /more than the 4000000 rows/u
  },
  {
    what: "bad rows to leave out",
    file: "large.csv",
    write: repeated("2020-01-02,x,1,1,1,1\n", header),
    megabytes: 16,
    args: [...csv, "--skip-bad-rows"],
    code: 1,
    words: /no row that can be used/u
  },
  {
    what: "one line",
    file: "large.csv",
    write: repeated("x"),
    megabytes: 200,
    args: csv,
    code: 1,
    words: /its first line has/u
  },
  {
    what: "an open quote",
    file: "large.csv",
    write: repeated("x\n", `${header}"`),
    megabytes: 200,
    args: csv,
    code: 1,
    words: /cannot be taken apart/u
  },
  {
    what: "bytes",
    file: "large.csv",
    write: repeated("x\n"),
    megabytes: 300,
    args: csv,
    code: 1,
    words: /more than the 268435456 that are read/u
  },
  {
    what: "stamps without end",
    file: "large.csv",
    write: repeated(`2020-01-02${" ".repeat(15_000)}x,1,1,1,1,1\n`, header),
    megabytes: 32,
    args: csv,
    code: 1,
    words: /no date format was recognised/u
  },
  {
    what: "zeros in a zip",
    file: zip,
    write: zipOfRepeated("\0"),
    megabytes: 100,
    args: lean,
    code: 1,
    words: /claims 104857600 bytes/u
  },
  {
    what: "zeros in a zip that claims to hold fewer",
    file: zip,
    write: zipOfRepeated("\0", 1000),
    megabytes: 100,
    args: lean,
    code: 1,
    words: /corrupt/u
  },
  {
    what: "bad rows in a zip",
    file: zip,
    write: zipOfRepeated("x\n"),
    megabytes: 20,
    args: lean,
    code: 1,
    words: /10001 rows of market data cannot be used/u
  },
  {
    what: "one line in the audit log",
    file: ".plimsoll/audit/*",
    write: repeated("x", "", "a"),
    megabytes: 300,
    args: ["audit", "verify"],
    code: 1,
    words: /knows of \d+ entries only/u
  },
  {
    what: "a configuration",
    file: "plimsoll.json",
    write: repeated(" ", "{"),
    megabytes: 300,
    args: ["limits", "show"],
    code: 1,
    words: /more than the 4194304 that are read/u
  },
  {
    what: "the inputs of a run",
    file: ".plimsoll/runs/*/run.json",
    write: repeated(" ", "{"),
    megabytes: 300,
    args: ["run", "--resume", "--run", "*"],
    code: 64,
    words: /more than the 4194304 that are read/u
  }
]

const only = (folder: string): string => readdirSync(folder).toSorted()[0] ?? "none"

const runOne = async (
  desk: SandboxDesk,
  one: Gigantic,
  megabytes: number
): Promise<{ readonly problems: ReadonlyArray<string>; readonly memory: number }> => {
  const run = only(join(desk.folder, ".plimsoll/runs"))
  const file = one.file
    .split("/")
    .reduce((path, part) => join(path, part === "*" ? only(path) : part), desk.folder)
  one.write(file, megabytes)
  const { code, err, peakBytes } = await runProgram(
    desk.folder,
    one.args.map((arg) => (arg === "*" ? run : arg)),
    { env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MEGABYTES}` } }
  )
  rmSync(file)
  desk.restore()
  const told = `${megabytes} MB of ${one.what}: exit code ${code}, ${JSON.stringify(err.slice(0, 300))}`
  return {
    problems: code === one.code && one.words.test(err) && err.length < 4000 ? [] : [told],
    memory: peakBytes
  }
}

/** Writes each, has the program read it, and removes it. With `short` only those that are small enough for every day. */
export const giganticFiles = async (desk: SandboxDesk, short: boolean) => {
  const failures: Array<string> = []
  let most = 0
  let read = 0
  for (const one of files) {
    if (short && one.megabytes > 32) continue
    const { memory, problems } = await runOne(desk, one, one.megabytes)
    process.stderr.write(
      `fuzz: ${one.megabytes} MB of ${one.what}: at most ${Math.round(memory / MEGABYTE)} MB of memory\n`
    )
    failures.push(...problems)
    most = Math.max(most, memory)
    read += 1
  }
  return { failures, figures: { gigantic_files: read, peak_memory_mb: Math.round(most / MEGABYTE) } }
}
