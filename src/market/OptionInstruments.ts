/**
 * Option contracts as instruments: "AAPL 140613C00090000.OPRA", whose terms follow
 * from the symbol and the instrument it is on.
 *
 * A root that ends in a digit ("AAPL1") is an adjusted series: what one contract
 * delivers is not in its name, and only the books that hold it know.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import { type InstrumentId, instrumentId, isOptionId, OPTION_VENUE, symbolOf } from "../domain/Identifiers.ts"
import type { Instrument, OptionInstrument } from "../domain/Instrument.ts"
import { price, pricePerShare, shares, zeroMoney } from "../domain/Money.ts"
import { type OccContract, occOf, printOcc } from "../domain/OccSymbol.ts"
import { OPTION_MULTIPLIER, type OptionContract } from "../domain/OptionContract.ts"
import { byRoot, isOpenSettled, rootFor } from "./OptionRoot.ts"

export const optionId = (contract: OccContract): InstrumentId =>
  instrumentId(`${printOcc(contract)}.${OPTION_VENUE}`)

/** What an id names, if that is an option contract. */
export const occOfId = (id: InstrumentId): OccContract | undefined =>
  isOptionId(id) ? occOf(symbolOf(id)) : undefined

/** A contract whose terms are known, as an instrument. */
export const contractInstrument = (
  id: InstrumentId,
  contract: OptionContract,
  multiplier: number
): OptionInstrument => ({
  _tag: "Option",
  id,
  symbol: symbolOf(id),
  name: `${contract.underlying} ${contract.expiry} ${contract.strike / 1_000_000} ${contract.right.toLowerCase()}`,
  currency: "USD",
  priceIncrement: pricePerShare(0.01),
  sizeIncrement: shares(1),
  multiplier,
  paperOnly: false,
  caveats: [],
  contract
})

/**
 * The standard contract of this name on an instrument: on an index European and
 * settled in cash (AM where it is of a monthly series that is), else American,
 * settled in shares.
 */
export const standardContract = (
  underlying: Instrument,
  { expiry, right, strike }: OccContract
): OptionContract => {
  const isIndex = underlying._tag === "Index"
  return {
    underlying: underlying.id,
    right,
    strike: price(Math.round(strike * 1_000_000)),
    expiry,
    style: isIndex ? "EUROPEAN" : "AMERICAN",
    settlement: isIndex ? "CASH" : "PHYSICAL",
    expirySession: isOpenSettled(underlying, expiry) ? "AM" : "PM",
    deliverable: shares(OPTION_MULTIPLIER),
    deliverableCash: zeroMoney
  }
}

/** Looks ids up among these instruments and the standard contracts on them. */
export const instrumentLookup = (
  listed: Iterable<Instrument>
): ((id: InstrumentId) => Instrument | undefined) => {
  const byId = new Map<InstrumentId, Instrument>()
  for (const one of listed) byId.set(one.id, one)
  const underlyings = byRoot(byId.values())
  return (id) => {
    const known = byId.get(id)
    if (known !== undefined) return known
    const occ = occOfId(id)
    const underlying = occ === undefined ? undefined : underlyings.get(occ.root)
    return occ === undefined || underlying === undefined || rootFor(underlying, occ.expiry) !== occ.root
      ? undefined
      : contractInstrument(id, standardContract(underlying, occ), OPTION_MULTIPLIER)
  }
}
