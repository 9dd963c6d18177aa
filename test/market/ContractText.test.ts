/** Contracts as people write them. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { parseContract } from "../../src/market/ContractText.ts"

const call90 = { underlying: "AAPL", expiry: "2014-06-13", right: "CALL", strike: 90 }

describe("a contract", () => {
  it.each([
    "AAPL 140613C00090000",
    "aapl140613c00090000",
    "AAPL  140613C00090000 ",
    "AAPL 2014-06-13 90 C",
    "AAPL 2014-06-13 C 90",
    "aapl 2014-06-13 $90.00 call",
    "AAPL, C, 90, 2014-06-13"
  ])("%j is the call of 90", (text) => {
    expect(parseContract(text)).toEqual(Result.succeed(call90))
  })

  it("of an index is named by its symbol", () => {
    expect(parseContract("SPX-REPLAY 2017-01-20 2250 put")).toEqual(
      Result.succeed({ underlying: "SPX-REPLAY", expiry: "2017-01-20", right: "PUT", strike: 2250 })
    )
  })

  it.each([
    ["", "it is no contract"],
    ["AAPL", "it is no contract"],
    ["AAPL 140631C00090000", "it is no contract"],
    ["AAPL 2014-06-31 90 C", "it has no expiry as a date"],
    ["AAPL 2014-06-13 90 X", "it does not say C or P"],
    ["AAPL 2014-06-13 0 C", "it has no strike in dollars"],
    ["AAPL 2014-06-13 1e2 C", "it has no strike in dollars"],
    ["AAPL 2014-06-13 90.1234 C", "it has no strike in dollars"],
    ["x".repeat(5000), "…"]
  ])("%j is none, and the words say why and how it is written", (text, problem) => {
    const refused = Result.match(parseContract(text), {
      onSuccess: () => "",
      onFailure: ({ message }) => message
    })
    expect(refused).toContain(problem)
    expect(refused).toContain('expected "AAPL 140613C00090000" (OCC)')
    expect(refused.length).toBeLessThan(300)
  })
})
