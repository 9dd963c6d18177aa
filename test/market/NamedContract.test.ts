/** What an option's id names, adjusted series too. */
import { describe, expect, it } from "@effect/vitest"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import { pricePerShare, shares } from "../../src/domain/Money.ts"
import { adjustForSplit } from "../../src/market/ContractAdjustment.ts"
import { contractNames } from "../../src/market/NamedContract.ts"
import { occOfId, optionId, standardContract } from "../../src/market/OptionInstruments.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { equity } from "./Fixtures.ts"

const listed = ["AAPL", "ABCDEF", "ABCDEG", "LONGISH"].map(equity)
const named = contractNames(listed)

describe("a contract's id", () => {
  it.each(listed.map((one) => [one.symbol, one] as const))(
    "on %s is still one after splits that are no whole ones, one after another",
    (_, underlying) => {
      const occ = {
        root: underlying.symbol.slice(0, 6),
        expiry: sessionDate("2024-06-21"),
        right: "CALL" as const,
        strike: 90
      }
      let [id, contract] = [optionId(occ), standardContract(underlying, occ)]
      expect(named(id)).toMatchObject({ isAdjusted: false, underlying })
      for (let times = 0; times < 3; times++) {
        const after = adjustForSplit(id, contract, 100, { numerator: 3, denominator: 2 }, pricePerShare(60))
        ;[id, contract] = [after.to, after.contract]
        expect(occOfId(id)?.root).toMatch(/\d$/u)
        expect(named(id)?.isAdjusted).toBe(true)
      }
      expect(contract.deliverable).toBe(shares(337))
    }
  )

  it("is none on an instrument that nobody has", () => {
    expect(named(instrumentId("ZZZ1  240621C00090000.OPRA"))).toBeUndefined()
    expect(named(instrumentId("AAPL.XNAS"))).toBeUndefined()
  })
})
