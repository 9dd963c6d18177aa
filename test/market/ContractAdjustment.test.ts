/** What splits and special dividends make of option contracts. */
import { describe, expect, it } from "vitest"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import { dollars, pricePerShare, shares, zeroMoney } from "../../src/domain/Money.ts"
import { deliverableValue, intrinsicValue, type OptionContract } from "../../src/domain/OptionContract.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { adjustForDividend, adjustForSplit, isSpecialDividend } from "../../src/market/ContractAdjustment.ts"

const AAPL = instrumentId("AAPL.XNAS")
const idOf = (occ: string) => instrumentId(`${occ}.OPRA`)

const call = (strike: number): OptionContract => ({
  underlying: AAPL,
  right: "CALL",
  strike: pricePerShare(strike),
  expiry: sessionDate("2014-06-13"),
  style: "AMERICAN",
  settlement: "PHYSICAL",
  expirySession: "PM",
  deliverable: shares(100),
  deliverableCash: zeroMoney
})

const split = (occ: string, contract: OptionContract, numerator: number, denominator: number, open = 93) =>
  adjustForSplit(idOf(occ), contract, 100, { numerator, denominator }, pricePerShare(open))

describe("a whole split", () => {
  it("of seven for one makes seven contracts at a seventh of the strike, to the cent", () => {
    const found = split("AAPL 140613C00645000", call(645), 7, 1)
    expect(found).toMatchObject({
      to: "AAPL 140613C00092140.OPRA",
      contract: { ...call(92.14) },
      numerator: 7,
      denominator: 1
    })
    expect(found.reason).toBe("7-for-1 split of AAPL.XNAS: 7 contracts at 92.14 for one at 645.00")
  })

  it("is told by its ratio, not by how it is written", () => {
    const found = split("AAPL 140613C00090000", call(90), 4, 2)
    expect(found).toMatchObject({ to: "AAPL 140613C00045000.OPRA", numerator: 2, denominator: 1 })
  })

  it("leaves a strike of a cent at least", () => {
    expect(split("AAPL 140613C00000010", call(0.01), 7, 1).contract.strike).toBe(10_000)
  })

  it("of an adjusted series divides its cash, and it keeps its root", () => {
    const before = { ...call(90), deliverable: shares(14), deliverableCash: dollars(20) }
    const found = split("AAPL1 140613C00090000", before, 2, 1)
    expect(found.to).toBe("AAPL1 140613C00045000.OPRA")
    expect(found.contract).toMatchObject({ deliverable: shares(14), deliverableCash: dollars(10) })
  })
})

describe("any other split", () => {
  it("of three for two leaves strike and number, for 150 shares each", () => {
    const found = split("AAPL 140613C00090000", call(90), 3, 2)
    expect(found).toMatchObject({
      to: "AAPL1 140613C00090000.OPRA",
      contract: { strike: pricePerShare(90), deliverable: shares(150), deliverableCash: 0 },
      numerator: 1,
      denominator: 1
    })
    // The price of a share falls by a third.
    const before = intrinsicValue(call(90), 100, pricePerShare(120))
    expect(intrinsicValue(found.contract, 100, pricePerShare(80))).toBe(before)
  })

  it("in reverse, one for ten, is for ten shares each", () => {
    const found = split("AAPL 140613C00090000", call(90), 1, 10, 950)
    expect(found.to).toBe("AAPL1 140613C00090000.OPRA")
    expect(found.contract).toMatchObject({ deliverable: shares(10), deliverableCash: 0 })
    expect(deliverableValue(found.contract, pricePerShare(950))).toBe(dollars(9500))
  })

  it("pays a fraction of a share in cash at the opening price", () => {
    const found = split("AAPL 140613C00090000", call(90), 1, 7, 651)
    expect(found.contract).toMatchObject({ deliverable: shares(14), deliverableCash: dollars(186) })
    expect(deliverableValue(found.contract, pricePerShare(651))).toBe(dollars(9300))
    expect(found.reason).toBe("1-for-7 split of AAPL.XNAS: each contract is for 14 shares and 186.00 in cash")
  })

  it("of an adjusted series gives it the next digit", () => {
    const once = split("AAPL 140613C00090000", call(90), 3, 2)
    const twice = adjustForSplit(
      once.to,
      once.contract,
      100,
      { numerator: 5, denominator: 4 },
      pricePerShare(60)
    )
    expect(twice.to).toBe("AAPL2 140613C00090000.OPRA")
    expect(twice.contract).toMatchObject({ deliverable: shares(187), deliverableCash: dollars(30) })
  })

  it("keeps a root within six characters, and one that ends in a digit by itself apart", () => {
    expect(split("ABCDEF 140613C00090000", call(90), 3, 2).to).toBe("ABCDE1 140613C00090000.OPRA")
    expect(split("X2 140613C00090000", call(90), 3, 2).to).toBe("X21 140613C00090000.OPRA")
  })
})

describe("a dividend", () => {
  const paid = (occ: string, contract: OptionContract, amount: number, close: number) =>
    adjustForDividend(idOf(occ), contract, pricePerShare(amount), pricePerShare(close))

  it("of less than a tenth of the close changes nothing", () => {
    expect(paid("AAPL 140613C00090000", call(90), 9.99, 100)).toBeUndefined()
    expect(isSpecialDividend(0, 0)).toBe(false)
  })

  it("of a tenth or more lowers the strike by it, to the cent", () => {
    expect(paid("MSFT 140613C00027500", call(27.5), 3.0799, 29.97)).toMatchObject({
      to: "MSFT 140613C00024420.OPRA",
      contract: { strike: pricePerShare(24.42), deliverable: shares(100), deliverableCash: 0 },
      numerator: 1,
      denominator: 1
    })
  })

  it("lowers the strike of an adjusted contract by what its shares are paid", () => {
    const before = { ...call(90), deliverable: shares(150) }
    expect(paid("AAPL1 140613C00090000", before, 10, 80)?.contract.strike).toBe(pricePerShare(75))
  })

  it("beyond the strike goes with the shares as cash", () => {
    const found = paid("AAPL 140613C00005000", call(5), 10, 20)
    expect(found?.to).toBe("AAPL1 140613C00000010.OPRA")
    expect(found?.contract).toMatchObject({ strike: 10_000, deliverableCash: dollars(501) })
    // Worth at 10 after it what it was at 20 before.
    const after = found === undefined ? 0 : intrinsicValue(found.contract, 100, pricePerShare(10))
    expect(after).toBe(intrinsicValue(call(5), 100, pricePerShare(20)))
  })
})
