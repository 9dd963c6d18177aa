import { describe, expect, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { actionsOf, decodeFactorFile, simplestRatio } from "../../../src/market/lean/FactorFile.ts"
import { nextSession } from "../../../src/market/TradingCalendar.ts"

const actions = (text: string) => {
  const decoded = decodeFactorFile("factor_files/x.csv", text)
  const derived = actionsOf("factor_files/x.csv", decoded.rows, (date) => Option.some(nextSession(date).date))
  return {
    actions: derived.actions,
    bad: [...decoded.bad, ...derived.bad].map(({ problem, row }) => `${row}: ${problem}`)
  }
}

describe("FactorFile", () => {
  it("a split takes force at the open of the session after its row, in whole numbers although the factors are rounded", () => {
    expect(
      actions("20140507,0.9,0.0357143,592\n20140606,0.9,0.03571430,645.57\n20501231,0.9,0.25,0").actions
    ).toEqual([{ _tag: "Split", date: "2014-06-09", numerator: 7, denominator: 1 }])
  })

  it("a dividend is the reference price times the step of the price factors, to the decimals that their rounding leaves", () => {
    // Apple paid $2.65 on 2012-08-09; the rounded factors alone give 2.64991.
    expect(
      actions("20120808,0.8613657,0.25,619.86\n20121106,0.8650639,0.25,582.86\n20501231,0.8650639,0.25,0")
        .actions
    ).toEqual([{ _tag: "Dividend", date: "2012-08-09", amountPerShare: 2_650_000 }])
  })

  it("of one day, the dividend comes before the split, for it is paid on the old shares", () => {
    expect(actions("20200102,0.99,0.5,100\n20501231,1,1,0").actions.map((action) => action._tag)).toEqual([
      "Dividend",
      "Split"
    ])
  })

  it("a split of fewer new shares than old is a ratio below one", () => {
    expect(actions("20200102,1,8,5\n20501231,1,1,0").actions).toEqual([
      { _tag: "Split", date: "2020-01-03", numerator: 1, denominator: 8 }
    ])
  })

  it("rows that differ in nothing are no action", () => {
    expect(actions("19980102,0.8,0.5,1\n20000620,0.8,0.5,101\n20501231,0.8,0.5,0")).toEqual({
      actions: [],
      bad: []
    })
  })

  it("bad rows are named by line, and the others still read", () => {
    const read = actions(
      "20200102,1e-07,1,5\nyesterday,1,1,1\n20200103,0,1,5\n20200106,1,0.5,5\n20200103,1,1,5\n20501231,1,1,0"
    )
    expect(read.actions).toHaveLength(1)
    expect(read.bad).toEqual([
      '1: expected priceFactor as a plain decimal, got "1e-07" (LEAN passes over factors with an exponent or "inf")',
      '2: expected a date as YYYYMMDD in column 1, got "yesterday"',
      "3: expected factors above zero",
      "5: 2020-01-03 does not follow 2020-01-06"
    ])
  })

  it("a price factor that falls would be a dividend below zero and is refused", () => {
    expect(actions("20200102,1,1,5\n20501231,0.9,1,0").bad[0]).toContain("a dividend below zero")
  })

  it("a dividend without a reference price is refused", () => {
    expect(actions("20200102,0.9,1,0\n20501231,1,1,0").bad[0]).toContain("needs a referencePrice")
  })

  const part = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 60 })))

  it.prop(
    "any ratio of small whole numbers is found again from its rounded decimal",
    { a: part, b: part },
    ({ a, b }) => {
      const ratio = simplestRatio(a / b - 1e-7, a / b + 1e-7)
      expect(ratio.numerator * b).toBe(ratio.denominator * a)
    }
  )
})
