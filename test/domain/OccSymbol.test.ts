/** Option symbols, read and printed. */
import { Option } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type OccContract, parseOcc, printOcc } from "../../src/domain/OccSymbol.ts"
import { dateOfDay, dayOfDate, sessionDate } from "../../src/domain/Timestamp.ts"

/** The OCC's own example (Options Symbology Initiative): Lumber Liquidators' 20 November 2010 call at $20. */
const example: OccContract = {
  root: "LL",
  expiry: sessionDate("2010-11-20"),
  right: "CALL",
  strike: 20
}

const contracts = fc.record({
  root: fc.stringMatching(/^[A-Z][A-Z0-9]{0,5}$/u),
  expiry: fc
    .integer({ min: dayOfDate(sessionDate("2000-01-01")), max: dayOfDate(sessionDate("2099-12-31")) })
    .map(dateOfDay),
  right: fc.constantFrom("CALL" as const, "PUT" as const),
  strike: fc.integer({ min: 1, max: 99_999_999 }).map((thousandths) => thousandths / 1000)
})

describe("an OCC symbol", () => {
  it.each(["LL    101120C00020000", "LL 101120C00020000", "LL101120C00020000", " ll 101120c00020000 "])(
    "is read from %j",
    (text) => {
      expect(parseOcc(text)).toEqual(Option.some(example))
    }
  )

  it("is printed with one blank after the root", () => {
    expect(printOcc(example)).toBe("LL 101120C00020000")
  })

  it("comes back as it was, whatever the contract", () => {
    fc.assert(
      fc.property(contracts, (contract) => {
        expect(parseOcc(printOcc(contract))).toEqual(Option.some(contract))
      })
    )
  })

  it.each([
    ["a symbol alone", "AAPL"],
    ["a date that is none", "AAPL 140631C00090000"],
    ["a right that is none", "AAPL 140613X00090000"],
    ["a strike of seven digits", "AAPL 140613C0090000"],
    ["a strike of zero", "AAPL 140613C00000000"],
    ["a root of seven letters", "GOOGLEX140613C00090000"],
    ["nothing", ""]
  ])("is not read from %s", (_, text) => {
    expect(parseOcc(text)).toEqual(Option.none())
  })
})
