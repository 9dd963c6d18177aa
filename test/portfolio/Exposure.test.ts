import { describe, expect, it } from "@effect/vitest"
import { Option, Result } from "effect"
import { dollars, pricePerShare } from "../../src/domain/Money.ts"
import { exposure } from "../../src/portfolio/Exposure.ts"
import { apply, applyAll, empty } from "../../src/portfolio/Ledger.ts"
import { aapl, account, deposit, fill, spy } from "./Books.ts"

const start = apply(empty(account), deposit(dollars(10_000)))
const held = applyAll(start, [
  fill({ instrument: aapl, side: "BUY", shares: 50, at: 100 }),
  fill({ instrument: spy, side: "SELL", shares: 5, at: 400 })
])
const marks = new Map([
  [aapl, pricePerShare(120)],
  [spy, pricePerShare(400)]
])

describe("exposure", () => {
  it("long is positive, short negative, gross their distance and net their sum", () => {
    const result = Result.getOrThrow(exposure(held, marks))
    expect(result).toMatchObject({
      long: dollars(6000),
      short: dollars(-2000),
      gross: dollars(8000),
      net: dollars(4000),
      equity: dollars(11_000)
    })
    expect(Option.getOrThrow(result.ratios)).toEqual({
      long: 6000 / 11_000,
      short: -2000 / 11_000,
      gross: 8000 / 11_000,
      net: 4000 / 11_000
    })
  })

  it("an account in cash has none", () => {
    expect(Result.getOrThrow(exposure(start, new Map()))).toMatchObject({
      gross: 0,
      net: 0,
      long: 0,
      short: 0
    })
  })

  it("has no ratios once equity is zero or below", () => {
    const ruined = Result.getOrThrow(exposure(held, new Map(marks).set(spy, pricePerShare(100_000))))
    expect(ruined.equity).toBeLessThan(0)
    expect(ruined.ratios).toEqual(Option.none())
  })

  it("is not known where a mark is missing", () => {
    expect(Result.isFailure(exposure(held, new Map()))).toBe(true)
  })
})
