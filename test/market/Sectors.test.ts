import { describe, expect, it } from "@effect/vitest"
import { sectorOf, UNCLASSIFIED } from "../../src/market/Sectors.ts"

const none = new Map<string, { readonly sector: string }>()

describe("sectors", () => {
  it("the embedded market's instruments have one", () => {
    expect(sectorOf("AAPL", none)).toBe("Technology")
    expect(sectorOf("SPX-REPLAY", none)).toBe("Index")
    expect(sectorOf("SPY", none)).toBe("Broad market ETF")
  })

  it("what no table names is unclassified, also what an object would know", () => {
    for (const symbol of ["MYFUND", "constructor", "__proto__", "", " "]) {
      expect(sectorOf(symbol, none)).toBe(UNCLASSIFIED)
    }
  })

  it("what the project says adds to the table and wins over it", () => {
    const notes = new Map([
      ["MYFUND", { sector: "House funds" }],
      ["AAPL", { sector: "Fruit" }]
    ])
    expect(sectorOf("MYFUND", notes)).toBe("House funds")
    expect(sectorOf("AAPL", notes)).toBe("Fruit")
    expect(sectorOf("MSFT", notes)).toBe("Technology")
  })

  it("an option is in its underlying's sector unless it is named itself", () => {
    const contract = "AAPL 240119C00150000"
    expect(sectorOf(contract, none)).toBe("Technology")
    expect(sectorOf(contract, new Map([["AAPL", { sector: "Fruit" }]]))).toBe("Fruit")
    expect(sectorOf(contract, new Map([[contract, { sector: "Calls" }]]))).toBe("Calls")
  })
})
