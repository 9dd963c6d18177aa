import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { europeanPrice } from "../../src/options/BlackScholes.ts"
import { europeanVolatility, INVALID, OK } from "../../src/options/ImpliedVolatility.ts"
import { impliedVolatilities, type PricedColumns } from "../../src/options/ImpliedVolatilityBatch.ts"
import { wrongTerm } from "../../src/options/OptionInputs.ts"

type Row = readonly [
  sign: number,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  price: number
]

const columnsOf = (rows: ReadonlyArray<Row>): PricedColumns => {
  const column = (i: number) => Float64Array.from(rows, (row) => row[i] ?? Number.NaN)
  return {
    sign: column(0),
    spot: column(1),
    strike: column(2),
    years: column(3),
    rate: column(4),
    dividendYield: column(5),
    price: column(6)
  }
}

/** Status and volatility of one row, as the scalar function has it. */
const expected = ([sign, spot, strike, years, rate, dividendYield, price]: Row): readonly [
  number,
  number
] => {
  const isCall = sign === 1
  const right = isCall ? ("CALL" as const) : ("PUT" as const)
  const isWrong = wrongTerm({ right, spot, strike, years, rate, dividendYield }) !== undefined
  if (isWrong || (sign !== 1 && sign !== -1) || !Number.isFinite(price)) return [INVALID, 0]
  const answer = europeanVolatility(isCall ? 1 : -1, spot, strike, years, rate, dividendYield, price)
  return answer > 0 ? [OK, answer] : [-answer, 0]
}

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })

const market = fc
  .tuple(
    fc.constantFrom(1 as const, -1 as const),
    between(20, 500),
    between(20, 500),
    between(0.001, 5),
    between(-0.02, 0.1),
    between(-0.02, 0.1),
    between(0.01, 2)
  )
  .map(([sign, spot, strike, years, rate, yields, volatility]): Row => {
    const price = europeanPrice(sign, spot, strike, years, rate, yields, volatility)
    return [sign, spot, strike, years, rate, yields, price]
  })

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -1, 1, 5e-324, Number.MAX_VALUE, Infinity, -Infinity, Number.NaN),
  between(-2, 200)
)
const anyRow = fc.tuple(number, number, number, number, number, number, number)

describe("columns", () => {
  it("have the scalar function's answers to the bit, in blocks of any length and with any numbers in between", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ arbitrary: market, weight: 4 }, anyRow), { maxLength: 700, size: "max" }),
        (rows) => {
          const { status, volatility } = impliedVolatilities(columnsOf(rows))
          for (const [i, row] of rows.entries()) {
            const [ofRow, answer] = expected(row)
            if (status[i] !== ofRow || volatility[i] !== answer) {
              throw new Error(`row ${i} of ${rows.length}: ${row.join()} gave ${status[i]} ${volatility[i]}`)
            }
          }
        }
      ),
      { numRuns: 200, seed: 3 }
    )
  })

  it("count the rows that two steps were not enough for", () => {
    const near: Row = [1, 100, 100, 1, 0, 0, 1e-12]
    const usual: Row = [1, 100, 100, 1, 0, 0, 8]
    expect(impliedVolatilities(columnsOf([usual, near, usual])).tally).toEqual({ searched: 1, bisections: 0 })
    expect(impliedVolatilities(columnsOf([usual, [1, 100, 100, 1, 0, 0, 0]])).tally).toEqual({
      searched: 0,
      bisections: 0
    })
  })

  it("of different lengths have no answer where a number is missing", () => {
    const columns = columnsOf([
      [1, 100, 100, 1, 0, 0, 8],
      [1, 100, 100, 1, 0, 0, 8]
    ])
    const { status } = impliedVolatilities({ ...columns, rate: Float64Array.of(0) })
    expect(Array.from(status)).toEqual([OK, INVALID])
  })

  it("may be empty", () => {
    expect(impliedVolatilities(columnsOf([])).status).toHaveLength(0)
  })
})
