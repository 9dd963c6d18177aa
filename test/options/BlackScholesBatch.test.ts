import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { europeanGreeks } from "../../src/options/BlackScholes.ts"
import {
  evaluate,
  type GreekColumns,
  greekColumns,
  INVALID_ROW,
  OK_ROW,
  optionBatch,
  optionColumns,
  priceColumns
} from "../../src/options/BlackScholesBatch.ts"
import type { OptionColumns } from "../../src/options/kernels/BlackKernel.ts"
import { kernelModule } from "../../src/options/kernels/wasm/Kernels.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"
import { generator } from "../../bench/Sampling.ts"

type Row = readonly [number, number, number, number, number, number, number]
type Values = readonly [number, number, number, number, number, number]

const fill = (columns: OptionColumns, rows: ReadonlyArray<Row>): void => {
  for (const [i, [sign, spot, strike, years, rate, dividendYield, volatility]] of rows.entries()) {
    columns.sign[i] = sign
    columns.spot[i] = spot
    columns.strike[i] = strike
    columns.years[i] = years
    columns.rate[i] = rate
    columns.dividendYield[i] = dividendYield
    columns.volatility[i] = volatility
  }
}

const valuesAt = (greeks: GreekColumns, i: number): Values => [
  greeks.price[i] ?? Number.NaN,
  greeks.delta[i] ?? Number.NaN,
  greeks.gamma[i] ?? Number.NaN,
  greeks.vega[i] ?? Number.NaN,
  greeks.theta[i] ?? Number.NaN,
  greeks.rho[i] ?? Number.NaN
]

const names = ["price", "delta", "gamma", "vega", "theta", "rho"] as const

/** What the shared oracles allow. */
const tolerances = ([, spot, strike, years]: Row): Values => {
  const greater = Math.max(spot, strike)
  return [
    2e-15 * greater,
    5e-14,
    1e-11 / spot,
    2e-15 * spot,
    2e-13 * greater,
    5e-14 * greater * Math.max(years, 1e-300)
  ]
}

const plain = (rows: ReadonlyArray<Row>) => {
  const columns = optionColumns(rows.length)
  const greeks = greekColumns(rows.length)
  fill(columns, rows)
  return { greeks, summary: priceColumns(columns, greeks) }
}

const fast = (rows: ReadonlyArray<Row>) => {
  const batch = optionBatch(rows.length)
  fill(batch.options, rows)
  return { greeks: batch.greeks, summary: evaluate(batch) }
}

const ways = [
  ["in TypeScript", plain],
  ["in WebAssembly", fast]
] as const

const ordinary = (random: () => number): Row => [
  random() < 0.5 ? 1 : -1,
  100 * Math.exp(4 * (random() - 0.5)),
  100,
  0.01 + 3 * random(),
  0.3 * (random() - 0.3),
  0.3 * (random() - 0.3),
  0.02 + 2 * random()
]

/** Every combination of what is at or beyond an edge. */
const extremes = (): ReadonlyArray<Row> => {
  const prices = [-1, 0, 5e-324, 1e-100, 1, 100, 1e120, Number.MAX_VALUE, Infinity, Number.NaN]
  const rows: Array<Row> = []
  for (const spot of prices) {
    for (const strike of prices) {
      for (const years of [-1, 0, 5e-324, 1, 40, 1e300, Infinity, Number.NaN]) {
        for (const volatility of [-0.1, 0, 5e-324, 0.2, 100, Number.MAX_VALUE, Infinity, Number.NaN]) {
          const n = rows.length
          const rate = [0, 0.05, -0.05, 700, -1e300, Number.NaN, Infinity][n % 7] ?? 0
          const dividendYield = [0, 0.02, -0.02, 700, 36, 1e300][n % 6] ?? 0
          rows.push([
            [1, -1, 1, -1, 0, 2, Number.NaN][n % 11] ?? 1,
            spot,
            strike,
            years,
            rate,
            dividendYield,
            volatility
          ])
        }
      }
    }
  }
  return rows
}

describe("the kernels of this machine", () => {
  it("are the WebAssembly ones: every machine that runs this Node has SIMD", () => {
    expect(kernelModule()).toBeDefined()
    expect(optionBatch(3).memory).toBeDefined()
  })
})

for (const [name, run] of ways) {
  describe(`batches ${name}`, () => {
    it("say of ordinary rows what the scalar functions say, to the rounding of the last digits", () => {
      const random = generator(3)
      const rows = Array.from({ length: 20_001 }, () => ordinary(random))
      const { greeks, summary } = run(rows)
      expect(summary.invalid).toBe(0)
      const worst = names.map(() => 0)
      for (const [i, row] of rows.entries()) {
        const [sign, ...rest] = row
        const expected = europeanGreeks(sign > 0 ? 1 : -1, ...rest)
        const allowed = tolerances(row)
        expect(greeks.price[i]).toBeGreaterThanOrEqual(0)
        for (const [n, value] of valuesAt(greeks, i).entries()) {
          const error = Math.abs(value - expected[names[n] ?? "price"]) / (allowed[n] ?? 0)
          worst[n] = Math.max(worst[n] ?? 0, error)
        }
      }
      expect(Math.max(...worst)).toBeLessThan(0.5)
    })

    it("give no NaN and nothing infinite whatever the row, and say which rows are invalid", () => {
      const rows = extremes()
      const { greeks, summary } = run(rows)
      let invalid = 0
      for (const [i, row] of rows.entries()) {
        const [sign, spot, strike, years, rate, dividendYield, volatility] = row
        const life = Math.max(1, years)
        const valid =
          Math.abs(sign) === 1 &&
          spot > 0 &&
          strike > 0 &&
          years >= 0 &&
          volatility >= 0 &&
          Math.max(spot, strike, years, volatility) < Infinity &&
          Math.abs(rate) * life <= 700 &&
          Math.abs(dividendYield) * life <= 700
        if (!valid) invalid++
        expect(greeks.status[i], String(row)).toBe(valid ? OK_ROW : INVALID_ROW)
        const values = valuesAt(greeks, i)
        expect(values.every(Number.isFinite), `${row}: ${values}`).toBe(true)
        if (!valid) expect(values).toEqual([0, 0, 0, 0, 0, 0])
      }
      expect(invalid).toBeGreaterThan(1000)
      expect(summary).toMatchObject({ rows: rows.length, invalid })
    })

    it("take none, one, and any number of rows, and leave those of an earlier run no trace", () => {
      const row: Row = [1, 100, 100, 1, 0.05, 0, 0.2]
      expect(run([]).summary).toEqual({ rows: 0, scalar: 0, invalid: 0 })
      for (const count of [1, 2, 255, 256, 257, 513]) {
        const { greeks, summary } = run(Array.from({ length: count }, () => row))
        expect(summary).toEqual({ rows: count, scalar: 0, invalid: 0 })
        for (let i = 0; i < count; i++) expect(greeks.price[i]).toBeCloseTo(10.450583572185565, 12)
      }
    })
  })
}

describe("a batch that is evaluated twice", () => {
  it("knows nothing of the first time", () => {
    const batch = optionBatch(4)
    const bad: Row = [0, 100, 100, 1, 0, 0, 0.2]
    const good: Row = [1, 100, 100, 1, 0, 0, 0.2]
    fill(batch.options, [bad, good, good, bad])
    expect(evaluate(batch)).toEqual({ rows: 4, scalar: 2, invalid: 2 })
    fill(batch.options, [good, good, bad, good])
    expect(evaluate(batch)).toEqual({ rows: 4, scalar: 1, invalid: 1 })
    expect([...batch.greeks.status]).toEqual([OK_ROW, OK_ROW, INVALID_ROW, OK_ROW])
  })
})

describeWithShared("every row of the reference table", () => {
  const lines = readFileSync(sharedPath("oracles", "bsm.csv"), "utf8").trim().split("\n").slice(1)
  const table = lines.map((line) => {
    const [, type, ...numbers] = line.split(",")
    const [spot = 0, strike = 0, years = 0, rate = 0, dividendYield = 0, volatility = 0, ...values] =
      numbers.map(Number)
    const row: Row = [type === "C" ? 1 : -1, spot, strike, years, rate, dividendYield, volatility]
    return { row, values }
  })
  for (const [name, run] of ways) {
    it(`is met ${name} within its tolerances, absolute and relative`, () => {
      const { greeks, summary } = run(table.map(({ row }) => row))
      expect(summary.invalid).toBe(0)
      for (const [i, { row, values }] of table.entries()) {
        const allowed = tolerances(row)
        const got = valuesAt(greeks, i)
        for (const [n, expected] of values.slice(0, 6).entries()) {
          const error = Math.abs((got[n] ?? Number.NaN) - expected)
          expect(error, `${names[n]} of row ${i + 2}`).toBeLessThanOrEqual(allowed[n] ?? 0)
          const relative = n === 0 ? expected >= 1e-6 * row[2] : (n === 2 || n === 3) && expected > 1e-290
          if (relative) expect(error / expected, `${names[n]} of row ${i + 2}`).toBeLessThanOrEqual(1e-11)
        }
      }
    })
  }
})
