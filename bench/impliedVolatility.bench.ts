/**
 * Nanoseconds an implied volatility, one thread, beside Newton's method in a bracket (bench/impliedVolatility.cpp by
 * g++ -O3 -march=native where there is one; the same in TypeScript always).
 *
 * The options are the rows of the reference table that have a volatility, where `../shared` is there; else a
 * generated chain of the same kind. Rounds of each are alternated; of each the median is told.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { europeanGreeks, europeanPrice } from "../src/options/BlackScholes.ts"
import { europeanVolatility } from "../src/options/ImpliedVolatility.ts"
import {
  impliedVolatilitiesInto,
  type PricedColumns,
  volatilityColumns
} from "../src/options/ImpliedVolatilityBatch.ts"
import { vectorVolatilitiesInto } from "../src/options/ImpliedVolatilityVector.ts"
import { hasShared, sharedPath } from "../test/support/Shared.ts"
import { generator, quantile } from "./Sampling.ts"

type Row = readonly [number, number, number, number, number, number, number]

const tableRows = (): ReadonlyArray<Row> =>
  readFileSync(sharedPath("oracles", "iv.csv"), "utf8")
    .split("\n")
    .map((line) => line.split(","))
    .filter((fields) => fields[8] === "ok")
    .map(([, type, ...rest]) => {
      const [spot = 0, strike = 0, years = 0, rate = 0, dividendYield = 0, price = 0] = rest.map(Number)
      return [type === "C" ? 1 : -1, spot, strike, years, rate, dividendYield, price]
    })

const generatedRows = (): ReadonlyArray<Row> => {
  const random = generator(11)
  return Array.from({ length: 1200 }, (): Row => {
    const sign = random() < 0.5 ? 1 : -1
    const strike = 100 * Math.exp(random() - 0.5)
    const years = 0.02 + 2 * random()
    const [rate, dividendYield] = [0.05 * random(), 0.03 * random()]
    const price = europeanPrice(sign, 100, strike, years, rate, dividendYield, 0.1 + 0.5 * random())
    return [sign, 100, strike, years, rate, dividendYield, price]
  })
}

const rows = hasShared ? tableRows() : generatedRows()
const column = (i: number): Float64Array => Float64Array.from(rows, (row) => row[i] ?? 0)
const [sign, spot, strike, years, rate, dividendYield, price] = [0, 1, 2, 3, 4, 5, 6].map(column)
const none = new Float64Array(0)
const columns: PricedColumns = {
  sign: sign ?? none,
  spot: spot ?? none,
  strike: strike ?? none,
  years: years ?? none,
  rate: rate ?? none,
  dividendYield: dividendYield ?? none,
  price: price ?? none
}
const out = volatilityColumns(rows.length)

/** Newton's method in a bracket, as bench/impliedVolatility.cpp has it, with this project's own functions. */
const newton = (w: 1 | -1, s: number, k: number, t: number, r: number, q: number, paid: number): number => {
  let [low, high] = [0, 100 / Math.sqrt(t)]
  let v = Math.max(Math.sqrt((2 * Math.abs(Math.log(s / k) + (r - q) * t)) / t), 0.01)
  for (let i = 0; i < 200; i++) {
    const of = europeanGreeks(w, s, k, t, r, q, v)
    const error = of.price - paid
    if (error > 0) high = v
    else low = v
    let next = v - error / of.vega
    if (!(next > low && next < high)) next = 0.5 * (low + high)
    if (Math.abs(next - v) <= 1e-14 * v) return next
    v = next
  }
  return v
}

const scalarly = (solve: typeof newton) => (): void => {
  for (const [i, [w, s, k, t, r, q, paid]] of rows.entries()) {
    out.volatility[i] = solve(w > 0 ? 1 : -1, s, k, t, r, q, paid)
  }
}

const REPEATS = 40
const ROUNDS = 15

const nanosecondsOf = (run: () => void, repeats: number): number => {
  const { user } = process.cpuUsage()
  for (let i = 0; i < repeats; i++) run()
  return ((process.cpuUsage().user - user) * 1000) / (repeats * rows.length)
}

/** Compiles the baseline; undefined where there is no compiler. */
const compiled = (folder: string): string | undefined => {
  const program = join(folder, "newton")
  const source = join(import.meta.dirname, "impliedVolatility.cpp")
  const { status } = spawnSync("g++", ["-O3", "-march=native", source, "-o", program])
  return status === 0 ? program : undefined
}

const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))
const program = compiled(folder)
const file = join(folder, "rows")
writeFileSync(
  file,
  new Uint8Array(Float64Array.from([0, 1, 2, 3, 4, 5, 6].flatMap((i) => Array.from(column(i)))).buffer)
)

const kinds: ReadonlyArray<readonly [name: string, measure: () => number]> = [
  ["plain", () => nanosecondsOf(() => impliedVolatilitiesInto(columns, out), REPEATS)],
  ["vector", () => nanosecondsOf(() => vectorVolatilitiesInto(columns, out), REPEATS)],
  ["scalar", () => nanosecondsOf(scalarly(europeanVolatility), REPEATS)],
  ["newton", () => nanosecondsOf(scalarly(newton), 4)],
  ...(program === undefined
    ? []
    : [
        [
          "newton in C++",
          () => Number(execFileSync(program, [file, "11"], { encoding: "utf8" }).split(" ")[0])
        ] as const
      ])
]

const seen = new Map(kinds.map(([name]) => [name, new Array<number>()]))
for (let round = -2; round < ROUNDS; round++) {
  for (const [name, measure] of kinds) {
    const nanoseconds = measure()
    if (round >= 0) seen.get(name)?.push(nanoseconds)
  }
}
rmSync(folder, { recursive: true })
const { bisections, searched } = impliedVolatilitiesInto(columns, out)

const medians = new Map([...seen].map(([name, values]) => [name, quantile(values, 0.5)]))
const against = program === undefined ? "newton" : "newton in C++"
const baseline = medians.get(against) ?? Number.NaN
const results = [...medians].map(([name, value]) => ({
  name,
  value: Number(value.toFixed(1)),
  ratio: Number((value / baseline).toFixed(3))
}))

if (process.argv.includes("--json")) {
  const [first] = results
  const result = {
    ...first,
    name: "impliedVolatility",
    unit: "ns/option",
    baseline: Number(baseline.toFixed(1)),
    against,
    options: rows.length,
    searched,
    bisections,
    results
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
} else {
  process.stdout.write(`implied volatility  ns/option  ratio to ${against}\n`)
  for (const { name, value, ratio } of results) {
    process.stdout.write(`${name.padEnd(18)}${value.toFixed(1).padStart(11)}${String(ratio).padStart(7)}\n`)
  }
  process.stdout.write(
    `${rows.length} options, ${searched} of them searched for with ${bisections} bisections\n`
  )
}
