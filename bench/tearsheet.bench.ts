/**
 * What the page of a backtest of twenty years costs, one thread, in milliseconds: the first page of a process (with the
 * drawing's own warming up), a later one, one with three thousand trades, and the whole command `plimsoll backtest show
 * --html` from start to end, reading and decoding the stored result. As baseline, in the same process, the same result
 * as JSON text. Then how large the pages are.
 *
 * Target: the whole command at most a second.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { tearSheetHtml } from "../src/backtest/report/TearSheet.ts"
import { sampleBacktest } from "../test/backtest/report/SampleBacktest.ts"
import { quantile } from "./Sampling.ts"

const ROUNDS = 9
const TARGET_MILLIS = 1000

const timed = <A>(work: () => A): { readonly millis: number; readonly made: A } => {
  const started = process.hrtime.bigint()
  const made = work()
  return { millis: Number(process.hrtime.bigint() - started) / 1e6, made }
}

const median = (work: () => unknown): number =>
  quantile(
    Array.from({ length: ROUNDS }, () => timed(work).millis),
    0.5
  )

const years = sampleBacktest()
const traded = sampleBacktest({ trades: 3000, symbols: ["SPY", "AAPL", "GOOG"] })

const first = timed(() => tearSheetHtml(years))
const large = tearSheetHtml(traded)
const baseline = median(() => JSON.stringify(years))

const root = join(import.meta.dirname, "..")
const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))

const plimsoll = (...args: ReadonlyArray<string>): string => {
  const done = spawnSync(process.execPath, [join(root, "dist/plimsoll.cjs"), "backtest", ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024
  })
  if (done.status !== 0) throw new Error(`plimsoll backtest ${args.join(" ")} failed: ${done.stderr}`)
  return done.stdout
}

plimsoll("run", "sma-cross", "--limits", "research")
const command = median(() => plimsoll("show", "latest", "--html", join(folder, "page.html")))
const reading = median(() => plimsoll("show", "latest"))
const page = readFileSync(join(folder, "page.html"))
rmSync(folder, { recursive: true })

const rows = [
  { name: "JSON.stringify", millis: baseline },
  { name: "first page", millis: first.millis },
  { name: "later page", millis: median(() => tearSheetHtml(years)) },
  { name: "3,000 trades", millis: median(() => tearSheetHtml(traded)) },
  { name: "show, no page", millis: reading },
  { name: "show --html", millis: command }
].map((row) => ({ ...row, ratio: row.millis / baseline }))

const sizes = {
  twentyYears: Buffer.byteLength(first.made),
  threeThousandTrades: Buffer.byteLength(large),
  stored: page.length
}

if (process.argv.includes("--json")) {
  console.log(
    JSON.stringify({
      name: "tearsheet",
      targetMillis: TARGET_MILLIS,
      sizes,
      rows
    })
  )
} else {
  for (const { millis, name, ratio } of rows) {
    console.log(
      `${name.padEnd(16)}${millis.toFixed(1).padStart(8)} ms${ratio.toFixed(1).padStart(8)} of the baseline${name === "show --html" ? `   at most ${TARGET_MILLIS} ms` : ""}`
    )
  }
  console.log(
    `pages of ${(sizes.twentyYears / 1e3).toFixed(0)} kB (twenty years, 60 trades), ${(sizes.threeThousandTrades / 1e3).toFixed(0)} kB (3,000 trades)`
  )
}
