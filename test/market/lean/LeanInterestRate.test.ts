import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { continuousRate, decodeInterestRates, rateOn } from "../../../src/market/lean/LeanInterestRate.ts"

const read = (text: string) => decodeInterestRates("interest-rate.csv", text)

const percentOn = (text: string, date: string): number | undefined =>
  Option.getOrUndefined(rateOn(read(text).rows, sessionDate(date)))?.percent

describe("the interest rates of a LEAN folder", () => {
  const text = "DATE,PCREDIT8\n2003-01-09,2.25\n2023-05-04,5.25\n2023-07-27,5.5"

  it("hold from their date on; before the first there is none", () => {
    expect(percentOn(text, "2003-01-08")).toBeUndefined()
    expect(percentOn(text, "2003-01-09")).toBe(2.25)
    expect(percentOn(text, "2023-07-26")).toBe(5.25)
    expect(percentOn(text, "2035-01-01")).toBe(5.5)
  })

  it("are read without a newline at the end and with the newlines of Windows", () => {
    expect(read(text).rows).toHaveLength(3)
    expect(read(text.replaceAll("\n", "\r\n")).rows).toEqual(read(text).rows)
  })

  it("compound daily: a dollar lent over night each night of a year", () => {
    expect(Math.exp(continuousRate(5.5))).toBeCloseTo((1 + 0.055 / 365) ** 365, 12)
    expect(continuousRate(0)).toBe(0)
  })

  it.each([
    ["2023-13-01,5", 2, "expected a date as YYYY-MM-DD in column 1"],
    ["2023-02-30,5", 2, "expected a date as YYYY-MM-DD in column 1"],
    ["2023-01-01,five", 2, "expected a rate in percent in column 2"],
    ["2023-01-01,5,6", 2, "expected 2 columns, got 3"],
    ["2023-01-02,5\n2023-01-01,4", 3, "2023-01-01 does not follow 2023-01-02"]
  ])("a bad row is reported with its number: %s", (rows, row, problem) => {
    const { bad } = read(`DATE,PCREDIT8\n${rows}`)
    expect(bad).toHaveLength(1)
    expect(bad[0]).toMatchObject({ file: "interest-rate.csv", row })
    expect(bad[0]?.problem).toContain(problem)
  })

  it("without a file there are none", () => {
    expect(read("")).toEqual({ rows: [], bad: [] })
  })
})
