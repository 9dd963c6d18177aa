/**
 * Ten thousand paths of 250 trades, resampled with replacement: maximum drawdown and total return of each, both sorted.
 * The TypeScript kernel and the WebAssembly one, beside ../shared/baselines/mc.cpp by g++ -O3 -march=native on the same
 * trades, where both are there.
 *
 * Rounds take turns. Time of the processor: a round of ours is the mean of several runs, for the system counts it in
 * steps of milliseconds; of the baseline the median of its own nine.
 *
 * Targets: at most 2.5 times the C++ time in TypeScript, at most 1.0 times by WebAssembly.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { walkPaths } from "../src/backtest/robustness/montecarlo/PathKernel.ts"
import { quantileOf } from "../src/backtest/robustness/montecarlo/Quantiles.ts"
import { sortedColumn } from "../src/backtest/robustness/montecarlo/SortedColumn.ts"
import { streamKeys } from "../src/backtest/robustness/montecarlo/Stream.ts"
import { bootstrapWalker, type PathWalker } from "../src/backtest/robustness/montecarlo/wasm/Bootstrap.ts"
import { sharedPath } from "../test/support/Shared.ts"
import { quantile } from "./Sampling.ts"

const PATHS = 10_000
const LENGTH = 250
const TRADES = 500
const ROUNDS = 15
const RUNS = 10

/** About 1% each, from a linear congruential generator. */
const trades = (): Float64Array => {
  let state = 12_345
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 4_294_967_296 - 0.5
  }
  return Float64Array.from({ length: TRADES }, () => 0.0005 + 0.02 * (uniform() + uniform() + uniform()))
}

const returns = trades()
const source = {
  method: "iid",
  halves: returns.map((value) => (1 + value) / 2),
  length: LENGTH,
  restart: 0,
  keys: streamKeys(1)
} as const

const columns = { falls: new Float64Array(PATHS), growths: new Float64Array(PATHS) }
const plain: PathWalker = (first, some) => walkPaths(source, first, some)
const simd = bootstrapWalker(source)

/** Both columns in order, as the baseline has them; the drawdowns. */
const once = (walk: PathWalker): Float64Array => {
  walk(0, columns)
  sortedColumn(columns.growths)
  return sortedColumn(columns.falls)
}

const millisOf = (walk: PathWalker): number => {
  const before = process.threadCpuUsage()
  for (let run = 0; run < RUNS; run++) once(walk)
  const { system, user } = process.threadCpuUsage(before)
  return (system + user) / 1000 / RUNS
}

const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

/** The baseline's program; undefined where it cannot be made. */
const baseline = (): string | undefined => {
  const code = sharedPath("baselines", "mc.cpp")
  if (!existsSync(code)) return undefined
  const program = join(folder, "mc")
  try {
    execFileSync("g++", ["-O3", "-march=native", code, "-o", program], { stdio: "pipe" })
    return program
  } catch {
    return undefined
  }
}

const program = baseline()
const tradesFile = join(folder, "trades.txt")
writeFileSync(tradesFile, returns.join("\n"))

const runBaseline = (path: string) => {
  const said = execFileSync(path, [tradesFile], { encoding: "utf8" })
  const found = /cpu_med=(?<millis>[\d.]+) ms.*P50\/P95 (?<p5>[\d.]+) (?<p50>[\d.]+) (?<p95>[\d.]+)/u.exec(
    said
  )
  return {
    millis: Number(found?.groups?.["millis"]),
    quantiles: ["p5", "p50", "p95"].map((name) => Number(found?.groups?.[name]))
  }
}

const times: { readonly plain: Array<number>; readonly simd: Array<number>; readonly cpp: Array<number> } = {
  plain: [],
  simd: [],
  cpp: []
}
let theirs: ReadonlyArray<number> = []
// The first round is for the compilers.
for (let round = 0; round <= ROUNDS; round++) {
  const ours = [millisOf(plain), simd === undefined ? Number.NaN : millisOf(simd)] as const
  const cpp = program === undefined ? undefined : runBaseline(program)
  if (round === 0) continue
  times.plain.push(ours[0])
  times.simd.push(ours[1])
  if (cpp !== undefined) {
    times.cpp.push(cpp.millis)
    theirs = cpp.quantiles
  }
}

const falls = once(plain)
const isSame = simd === undefined || once(simd).every((value, i) => value === falls[i])
if (!isSame) throw new Error("the kernels' paths differ")
const ours = [0.05, 0.5, 0.95].map((probability) => quantileOf(falls, probability))
// Other draws of the same distribution: of ten thousand paths its quantiles are within some percent.
if (!theirs.every((value, i) => Math.abs((ours[i] ?? Number.NaN) / value - 1) < 0.05)) {
  throw new Error(`the drawdowns are ${ours.join(", ")}, and ${theirs.join(", ")} in C++`)
}

const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)
const rounded = (value: number): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(3)) : null
const kernel = (millis: ReadonlyArray<number>, targetRatio: number) => ({
  value: rounded(median(millis)),
  ratio: times.cpp.length === 0 ? null : rounded(median(millis) / median(times.cpp)),
  /** Of the fastest rounds, which a busy machine disturbs least. */
  fastestRatio: times.cpp.length === 0 ? null : rounded(Math.min(...millis) / Math.min(...times.cpp)),
  targetRatio
})

const report = {
  name: "monteCarlo",
  unit: "ms",
  paths: PATHS,
  trades: LENGTH,
  typescript: kernel(times.plain, 2.5),
  webassembly: kernel(times.simd, 1),
  cpp: times.cpp.length === 0 ? null : { value: rounded(median(times.cpp)) },
  drawdown: { p5: rounded(ours[0] ?? 0), p50: rounded(ours[1] ?? 0), p95: rounded(ours[2] ?? 0) }
}

if (process.argv.includes("--json")) {
  console.log(JSON.stringify(report))
} else {
  const row = (name: string, { fastestRatio, ratio, targetRatio, value }: typeof report.typescript): string =>
    `${name.padEnd(20)}${value} ms, ratio ${ratio ?? "-"}, of the fastest rounds ${fastestRatio ?? "-"}   at most ${targetRatio}`
  console.log(row("TypeScript", report.typescript))
  console.log(row("WebAssembly SIMD", report.webassembly))
  console.log(
    report.cpp === null
      ? "no g++ or no ../shared: no baseline"
      : `${"C++ -O3".padEnd(20)}${report.cpp.value} ms`
  )
}
