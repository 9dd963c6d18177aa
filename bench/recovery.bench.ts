/**
 * How long a desk with 100,000 orders takes from the start of its process until it is open, until it is
 * reconciled, and until its first order is filled: after kill −9 in the middle of trading, and after it was
 * closed in order. Beside it, in the same run: the same program on a desk with no orders, and Node opening the
 * same database and reading the last 256 lines of its journal. Programs are bundled, as Plimsoll's own are.
 *
 * With PLIMSOLL_TEST_POSTGRES_URL the desks are on that server.
 *
 * `--orders=N` for a smaller desk; `--folder=PATH` keeps the desk there, and takes one that is there.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { parseArgs } from "node:util"
import { rolldown } from "rolldown"
import { databaseKind, removeDesk } from "./BenchDesk.ts"
import { quantile } from "./Sampling.ts"

const { values } = parseArgs({
  options: {
    orders: { type: "string", default: "100000" },
    folder: { type: "string" },
    json: { type: "boolean", default: false }
  },
  strict: false
})
const ORDERS = Number(values.orders)
const ROUNDS = 7
/** Orders placed before the kill: the journal is far past its last checkpoint then. */
const BEFORE_KILL = 320

const root = join(import.meta.dirname, "..")

/** The child as one file with its compile cache, in a folder below the project, where its packages are found. */
const bundle = async (): Promise<{ readonly folder: string; readonly entry: string }> => {
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true })
  const folder = mkdtempSync(join(root, "node_modules/.cache/recovery-"))
  const built = await rolldown({
    input: join(import.meta.dirname, "recoveryDesk.ts"),
    cwd: root,
    platform: "node",
    external: [/^node:/u],
    tsconfig: false,
    logLevel: "warn"
  })
  await built.write({ dir: folder, format: "cjs", minify: true, entryFileNames: "desk.cjs" })
  await built.close()
  const entry = join(folder, "entry.cjs")
  writeFileSync(
    entry,
    `require("node:module").enableCompileCache(require("node:path").join(__dirname, "cache"))\nrequire("./desk.cjs")\n`
  )
  return { folder, entry }
}

interface Opening {
  readonly opened: number
  readonly processor: number
  readonly reconciled?: number
  readonly ordered?: number
}

const read = (text: string): Record<string, number | string> => {
  const value: Record<string, number | string> = JSON.parse(text)
  return value
}

const run = (entry: string, mode: "open" | "bare", desk: string): Opening => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [entry, mode, desk], { encoding: "utf8" })
  if (status !== 0) throw new Error(`${mode} ended with ${status}: ${stderr}`)
  const { opened, ordered, processor, reconciled, status: outcome } = read(stdout)
  if (mode === "open" && outcome !== "Filled") throw new Error(`the first order came out as ${outcome}`)
  return {
    opened: Number(opened),
    processor: Number(processor),
    ...(reconciled === undefined ? {} : { reconciled: Number(reconciled) }),
    ...(ordered === undefined ? {} : { ordered: Number(ordered) })
  }
}

/** Trades until `orders` are placed, and is killed while it goes on. */
const killed = async (entry: string, desk: string, orders: number): Promise<number> => {
  const child: ChildProcess = spawn(process.execPath, [entry, "trade", desk, String(orders)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const { stdout } = child
  if (stdout === null) throw new Error("the child has no output")
  const gone = once(child, "close")
  let lines = 0
  for await (const line of createInterface({ input: stdout })) {
    lines = Number(read(line)["lines"])
    break
  }
  child.kill("SIGKILL")
  await gone
  if (lines === 0) throw new Error("the child ended before it had placed its orders")
  return lines
}

const { entry, folder: program } = await bundle()
const work = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))
const folder = typeof values.folder === "string" ? values.folder : join(work, "desk")
const empty = join(work, "empty")
for (const path of [folder, empty]) mkdirSync(path, { recursive: true })
try {
  if (!existsSync(join(folder, "audit"))) await killed(entry, folder, ORDERS)
  await killed(entry, empty, 1)
  const kinds = ["killed", "closed", "empty", "bare"] as const
  const seen: Record<(typeof kinds)[number], Array<Opening>> = { killed: [], closed: [], empty: [], bare: [] }
  let lines = 0
  for (let round = -1; round < ROUNDS; round++) {
    lines = await killed(entry, folder, BEFORE_KILL)
    const openings = {
      killed: run(entry, "open", folder),
      closed: run(entry, "open", folder),
      empty: run(entry, "open", empty),
      bare: run(entry, "bare", folder)
    }
    if (round >= 0) for (const kind of kinds) seen[kind].push(openings[kind])
  }
  const middle = (kind: (typeof kinds)[number], what: keyof Opening): number =>
    Number(
      quantile(
        seen[kind].map((opening) => opening[what] ?? Number.NaN),
        0.5
      ).toFixed(1)
    )
  const baseline = middle("empty", "ordered")
  const results = kinds.map((desk) => ({
    desk,
    opened: middle(desk, "opened"),
    reconciled: middle(desk, "reconciled"),
    processor: middle(desk, "processor"),
    value: middle(desk, desk === "bare" ? "opened" : "ordered"),
    baseline,
    ratio: Number((middle(desk, desk === "bare" ? "opened" : "ordered") / baseline).toFixed(2))
  }))
  if (values.json === true) {
    process.stdout.write(
      `${JSON.stringify({ name: "recovery", unit: "ms", database: databaseKind, orders: ORDERS, lines, results })}\n`
    )
  } else {
    process.stdout.write(
      `a desk with ${ORDERS.toLocaleString("en-US")} orders, ${lines.toLocaleString("en-US")} journal lines\n`
    )
    process.stdout.write(
      "desk        open (ms)   reconciled  first order   of it on the processor   ratio to an empty desk\n"
    )
    for (const { desk, opened, processor, ratio, reconciled, value } of results) {
      const columns = [
        opened,
        desk === "bare" ? "" : reconciled,
        desk === "bare" ? "" : value,
        processor,
        ratio
      ]
      process.stdout.write(`${desk.padEnd(8)}${columns.map((n) => String(n).padStart(13)).join("")}\n`)
    }
  }
} finally {
  await removeDesk(empty)
  if (values.folder === undefined) await removeDesk(folder)
  for (const path of [work, program]) rmSync(path, { recursive: true, force: true })
}
