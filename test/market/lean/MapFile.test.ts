import { describe, expect, it } from "@effect/vitest"
import { Option, Result } from "effect"
import { decodeMapFile, micOf } from "../../../src/market/lean/MapFile.ts"

const spans = (text: string) => Result.map(decodeMapFile("map_files/x.csv", text), (history) => history.spans)

describe("MapFile", () => {
  it("a ticker's span ends on its row's date and begins the day after the row before", () => {
    expect(spans("19990310,qqq,Q\n20041130,QQQ,Q\r\n20110322,qqqq,Q\n20501231,qqq,Q\n")).toEqual(
      Result.succeed([
        { ticker: "qqq", from: "1999-03-10", to: "2004-11-30" },
        { ticker: "qqqq", from: "2004-12-01", to: "2011-03-22" },
        { ticker: "qqq", from: "2011-03-23", to: "2050-12-31" }
      ])
    )
  })

  it("the exchange is the last row's, and unknown in files of two columns", () => {
    const exchange = (text: string) => Result.getOrThrow(decodeMapFile("x", text)).exchange
    expect(exchange("19980102,spy,A\n20501231,spy,P")).toEqual(Option.some("P"))
    expect(exchange("19980102,spy\n20501231,spy")).toEqual(Option.none())
  })

  it("exchange codes become market identifier codes", () => {
    expect(["Q", "P", "N"].map((code) => Option.getOrNull(micOf(code)))).toEqual(["XNAS", "ARCX", "XNYS"])
    expect(micOf("?")).toEqual(Option.none())
  })

  it("a bad row is named by line", () => {
    const problem = (text: string) =>
      Result.match(decodeMapFile("map_files/x.csv", text), {
        onSuccess: () => "read",
        onFailure: ({ problem: what, row }) => `${row}: ${what}`
      })
    expect(problem("19980102,spy,P\n20509931,spy,P")).toBe(
      '2: expected a date as YYYYMMDD in column 1, got "20509931"'
    )
    expect(problem("19980102,,P")).toBe("1: expected a ticker in column 2, got nothing")
    expect(problem("20100101,a,P\n20100101,b,P")).toBe("2: 2010-01-01 does not follow 2010-01-01")
    expect(problem("\n")).toBe("0: the file has no rows")
  })
})
