/** Legs of structures in few words. */
import { instrumentId, type InstrumentId } from "../../src/domain/Identifiers.ts"
import { pricePerShare, shares, zeroMoney } from "../../src/domain/Money.ts"
import type { OptionContract } from "../../src/domain/OptionContract.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { optionId } from "../../src/market/OptionInstruments.ts"
import type { OptionPart, StructureLeg } from "../../src/options/Structure.ts"

export const aapl: InstrumentId = instrumentId("AAPL.XNAS")

export const contractOf = (
  right: "C" | "P",
  strike: number,
  expiry = "2014-06-13",
  more: Partial<OptionContract> = {}
): OptionContract => ({
  underlying: aapl,
  right: right === "C" ? "CALL" : "PUT",
  strike: pricePerShare(strike),
  expiry: sessionDate(expiry),
  style: "AMERICAN",
  settlement: "PHYSICAL",
  expirySession: "PM",
  deliverable: shares(100),
  deliverableCash: zeroMoney,
  ...more
})

/** So many contracts of "C 95" or "P 92.5 2014-07-19". */
export const option = (
  quantity: number,
  terms: string,
  { root = "AAPL", ...more }: Partial<OptionContract> & { readonly root?: string } = {}
): OptionPart => {
  const [right, strike, expiry = "2014-06-13"] = terms.split(" ")
  const contract = contractOf(right === "C" ? "C" : "P", Number(strike), expiry, more)
  const id = optionId({
    root,
    expiry: contract.expiry,
    right: contract.right,
    strike: contract.strike / 1_000_000
  })
  return { instrumentId: id, quantity, contract }
}

export const stock = (quantity: number, id: InstrumentId = aapl): StructureLeg => ({
  instrumentId: id,
  quantity
})
