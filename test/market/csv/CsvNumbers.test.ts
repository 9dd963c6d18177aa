import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { decimalSignOf, plainNumber } from "../../../src/market/csv/CsvNumbers.ts"

const sign = (...texts: ReadonlyArray<string>) => Result.getOrElse(decimalSignOf(texts), (problem) => problem)

describe("CsvNumbers", () => {
  it("the decimal sign is told by the numbers that can be read in one way only", () => {
    expect(sign("101.25", "1,234")).toBe(".")
    expect(sign("1,234.5")).toBe(".")
    expect(sign("1,234,567")).toBe(".")
    expect(sign("101,25", "1.234")).toBe(",")
    expect(sign("1.234,5")).toBe(",")
    expect(sign("$1,234.50", "7")).toBe(".")
    expect(sign("100", "1.234")).toBe(".")
  })

  it('a lone "1,234" is refused, and so is a file of both kinds', () => {
    expect(sign("1,234", "100")).toContain('"1,234" may be a thousand or a fraction')
    expect(sign("101.25", "101,25")).toContain("write all numbers in one way")
  })

  it("numbers become plain, blanks empty, and what is no number stays for whoever reports it", () => {
    expect(
      ["$1,234.50", " 12 ", "-3.5", "null", "N/A", "-", "1e5", "12M"].map((text) => plainNumber(text, "."))
    ).toEqual(["1234.50", "12", "-3.5", "", "", "", "1e5", "12M"])
    expect(["1.234,50", "12,5", "1.234.567", "12.5"].map((text) => plainNumber(text, ","))).toEqual([
      "1234.50",
      "12.5",
      "1234567",
      "12.5"
    ])
  })

  const amount = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 10 ** 12 })))

  it.prop(
    "a number written the American or the German way reads the same",
    { amount },
    ({ amount: cents }) => {
      const plain = (cents / 100).toFixed(2)
      expect(
        plainNumber(new Intl.NumberFormat("en-US", { minimumFractionDigits: 2 }).format(cents / 100), ".")
      ).toBe(plain)
      expect(
        plainNumber(new Intl.NumberFormat("de-DE", { minimumFractionDigits: 2 }).format(cents / 100), ",")
      ).toBe(plain)
    }
  )
})
