/**
 * Price and five Greeks of a million European options: the TypeScript kernel, the WebAssembly one and two workers,
 * beside ../shared/baselines/bsm.cpp by g++ -O3 -march=native on the same inputs, where both are there.
 *
 * Rounds alternate and medians are told. One thread by its own time on the processor, for others use the machine too;
 * workers by the clock, against one thread by the clock, on two million rows.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import {
  evaluate,
  greekColumns,
  type GreekColumns,
  optionBatch,
  optionColumns,
  priceColumns
} from "../src/options/BlackScholesBatch.ts"
import { batchWorkers } from "../src/options/BlackScholesWorkers.ts"
import type { OptionColumns } from "../src/options/kernels/BlackKernel.ts"
import { sharedPath } from "../test/support/Shared.ts"
import { quantile } from "./Sampling.ts"

const ROWS = 1_000_000
const MANY_ROWS = 2_000_000
const ROUNDS = 7
const RUNS = 5

/** The inputs of the baseline, number for number. */
const fill = (columns: OptionColumns): void => {
  let state = 12_345
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 4_294_967_296
  }
  const { dividendYield, rate, sign, spot, strike, volatility, years } = columns
  for (let i = 0; i < sign.length; i++) {
    spot[i] = 100
    strike[i] = 50 + 100 * uniform()
    years[i] = 0.02 + 2 * uniform()
    rate[i] = 0.05 * uniform()
    dividendYield[i] = 0.03 * uniform()
    volatility[i] = 0.1 + 0.5 * uniform()
    sign[i] = uniform() < 0.5 ? 1 : -1
  }
}

const checksum = ({ delta, gamma, price, rho, theta, vega }: GreekColumns): number =>
  [price, delta, gamma, vega, theta, rho].reduce((sum, column) => column.reduce((a, b) => a + b, sum), 0)

const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

/** Nanoseconds a row of one run by this thread's time on the processor, the median of several. */
const ownTime = (run: () => unknown): number =>
  median(
    Array.from({ length: RUNS }, () => {
      const before = process.threadCpuUsage()
      run()
      const { system, user } = process.threadCpuUsage(before)
      return ((system + user) * 1000) / ROWS
    })
  )

const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

/** The baseline's program; undefined where it cannot be made. */
const baseline = (): string | undefined => {
  const source = sharedPath("baselines", "bsm.cpp")
  if (!existsSync(source)) return undefined
  const program = join(folder, "bsm")
  try {
    execFileSync("g++", ["-O3", "-march=native", source, "-o", program], { stdio: "pipe" })
    return program
  } catch {
    return undefined
  }
}

const program = baseline()

const runBaseline = (path: string) => {
  const said = execFileSync(path, [String(ROWS), String(RUNS)], { encoding: "utf8" })
  const number = (pattern: RegExp): number => Number(pattern.exec(said)?.[1])
  return { nanoseconds: (number(/cpu_med=([\d.]+)/u) * 1e9) / ROWS, sum: number(/checksum ([\d.e+-]+)/u) }
}

const columns = optionColumns(ROWS)
const results = greekColumns(ROWS)
const batch = optionBatch(ROWS)
fill(columns)
fill(batch.options)

const times: { readonly plain: Array<number>; readonly simd: Array<number>; readonly cpp: Array<number> } = {
  plain: [],
  simd: [],
  cpp: []
}
let sum = Number.NaN
// The first round is for the compilers.
for (let round = 0; round <= ROUNDS; round++) {
  const plain = ownTime(() => priceColumns(columns, results))
  const simd = ownTime(() => evaluate(batch))
  const cpp = program === undefined ? undefined : runBaseline(program)
  if (round === 0) continue
  times.plain.push(plain)
  times.simd.push(simd)
  if (cpp !== undefined) {
    times.cpp.push(cpp.nanoseconds)
    sum = cpp.sum
  }
}

/** Whether two sums over the same million rows are of the same numbers. */
const agrees = (ours: number): boolean => program === undefined || Math.abs(ours / sum - 1) < 1e-8

const workers = await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const pool = yield* batchWorkers(2)
      const many = optionBatch(MANY_ROWS)
      fill(many.options)
      const [one, two]: [Array<number>, Array<number>] = [[], []]
      for (let round = 0; round <= ROUNDS; round++) {
        const started = process.hrtime.bigint()
        evaluate(many)
        const between = process.hrtime.bigint()
        yield* pool.evaluate(many)
        const ended = process.hrtime.bigint()
        if (round === 0) continue
        one.push(Number(between - started) / MANY_ROWS)
        two.push(Number(ended - between) / MANY_ROWS)
      }
      return {
        one: median(one),
        two: median(two),
        faster: median(one.map((time, i) => time / (two[i] ?? time)))
      }
    })
  )
)

const ratio = (ours: ReadonlyArray<number>): number | undefined =>
  program === undefined ? undefined : median(ours.map((time, i) => time / (times.cpp[i] ?? Number.NaN)))

const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Number(value.toPrecision(3))

const report = {
  name: "blackScholes",
  unit: "ns/option",
  rows: ROWS,
  typescript: {
    value: rounded(median(times.plain)),
    ratio: rounded(ratio(times.plain)),
    agrees: agrees(checksum(results))
  },
  webassembly: {
    value: rounded(median(times.simd)),
    ratio: rounded(ratio(times.simd)),
    agrees: agrees(checksum(batch.greeks)),
    simd: batch.memory !== undefined
  },
  cpp: program === undefined ? undefined : { value: rounded(median(times.cpp)) },
  workers: {
    rows: MANY_ROWS,
    one: rounded(workers.one),
    two: rounded(workers.two),
    faster: rounded(workers.faster)
  }
}

if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify(report)}\n`)
} else {
  const row = (name: string, value: unknown, of: unknown): string =>
    `${name.padEnd(24)}${String(value).padStart(10)}${String(of ?? "").padStart(12)}\n`
  process.stdout.write(
    row("blackScholes", "ns/option", "C++ = 1") +
      row("TypeScript", report.typescript.value, report.typescript.ratio) +
      row("WebAssembly SIMD", report.webassembly.value, report.webassembly.ratio) +
      (report.cpp === undefined
        ? "no g++ or no ../shared: no baseline\n"
        : row("C++ -O3", report.cpp.value, 1)) +
      row("two workers, by clock", report.workers.two, `${report.workers.faster}x`)
  )
}
