import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { europeanGreeks } from "../../src/options/BlackScholes.ts"
import { OK, statusNames } from "../../src/options/ImpliedVolatility.ts"
import {
  impliedVolatilities,
  type PricedColumns,
  volatilityColumns
} from "../../src/options/ImpliedVolatilityBatch.ts"
import { vectorVolatilitiesInto } from "../../src/options/ImpliedVolatilityVector.ts"
import { kernelModule } from "../../src/options/kernels/wasm/Kernels.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"

const NAMES = ["sign", "spot", "strike", "years", "rate", "dividendYield", "price"] as const

const columnsOf = (rows: ReadonlyArray<ReadonlyArray<number>>): PricedColumns => {
  const column = (name: (typeof NAMES)[number]) =>
    Float64Array.from(rows, (row) => row[NAMES.indexOf(name)] ?? Number.NaN)
  return {
    sign: column("sign"),
    spot: column("spot"),
    strike: column("strike"),
    years: column("years"),
    rate: column("rate"),
    dividendYield: column("dividendYield"),
    price: column("price")
  }
}

const solved = (columns: PricedColumns) => {
  const out = volatilityColumns(columns.years.length)
  const tally = vectorVolatilitiesInto(columns, out)
  return { ...out, tally }
}

/** 4(ε + 2.3·10⁻¹⁶σ): what the rounding of the inputs leaves of an answer. */
const tolerance = (row: ReadonlyArray<number>, volatility: number): number => {
  const [sign = 0, spot = 0, strike = 0, years = 0, rate = 0, dividendYield = 0] = row
  const { vega } = europeanGreeks(sign > 0 ? 1 : -1, spot, strike, years, rate, dividendYield, volatility)
  const bounds = spot * Math.exp(-dividendYield * years) + strike * Math.exp(-rate * years)
  return 4 * ((2 ** -52 * bounds) / vega + 2.3e-16 * volatility)
}

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })

const market = fc
  .tuple(
    fc.constantFrom(1 as const, -1 as const),
    between(-6, 6),
    between(-1, 4).map((x) => 10 ** x),
    between(-3.5, 1.5).map((x) => 10 ** x),
    between(-0.1, 0.3),
    between(-0.1, 0.2),
    between(-2, 0.7).map((x) => 10 ** x)
  )
  .map(([sign, moneyness, strike, years, rate, yields, volatility]) => {
    const spot = strike * Math.exp(moneyness)
    const { price } = europeanGreeks(sign, spot, strike, years, rate, yields, volatility)
    return [sign, spot, strike, years, rate, yields, price]
  })

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -1, 1, 5e-324, Number.MAX_VALUE, Infinity, -Infinity, Number.NaN),
  between(-2, 200)
)
const anyRow = fc.array(number, { minLength: 7, maxLength: 7 })

describe("the vector kernel and the plain one", () => {
  it("is there on this machine", () => {
    expect(kernelModule()).toBeDefined()
  })

  it("have the same statuses, and volatilities that differ by less than the inputs' rounding, whatever the numbers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ arbitrary: market, weight: 4 }, anyRow), { maxLength: 2500, size: "max" }),
        (rows) => {
          const columns = columnsOf(rows)
          const [plain, vector] = [impliedVolatilities(columns), solved(columns)]
          for (const [i, row] of rows.entries()) {
            const [one = 0, other = 0] = [plain.volatility[i], vector.volatility[i]]
            const isNear = one === other || Math.abs(one - other) <= tolerance(row, one)
            if (plain.status[i] !== vector.status[i] || !isNear) {
              throw new Error(
                `row ${i}: ${row.join()}: ${plain.status[i]} ${one}, ${vector.status[i]} ${other}`
              )
            }
          }
          expect(vector.tally).toEqual(plain.tally)
        }
      ),
      { numRuns: 60, seed: 9 }
    )
  })

  it("have no answer where a number is missing", () => {
    const columns = columnsOf([
      [1, 100, 100, 1, 0, 0, 8],
      [1, 100, 100, 1, 0, 0, 8]
    ])
    const short = { ...columns, rate: Float64Array.of(0) }
    expect(Array.from(solved(short).status)).toEqual(Array.from(impliedVolatilities(short).status))
  })
})

describeWithShared("the vector kernel against the reference table of implied volatilities", () => {
  const lines = readFileSync(sharedPath("oracles", "iv.csv"), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))

  it("every volatility is within its tolerance, every status exact, and two steps are enough for all", () => {
    const columns = columnsOf(
      lines.map(([, type, ...rest]) => [type === "C" ? 1 : -1, ...rest.slice(0, 6).map(Number)])
    )
    const { status, tally, volatility } = solved(columns)
    let worst = 0
    for (const [i, fields] of lines.entries()) {
      const [expected, sigma = "", , sens] = fields.slice(8)
      expect(`${fields.join()}: ${statusNames[status[i] ?? -1]}`).toBe(`${fields.join()}: ${expected}`)
      if (status[i] !== OK) continue
      const limit = 4 * (Number(sens) + 2.3e-16 * Number(sigma))
      worst = Math.max(worst, Math.abs((volatility[i] ?? 0) - Number(sigma)) / limit)
    }
    expect(lines.length).toBeGreaterThan(1000)
    expect(worst).toBeLessThan(0.25)
    expect(tally).toEqual({ searched: 0, bisections: 0 })
  })
})
