/**
 * Contracts by their ids, and what the volatility model says of one.
 *
 * An id of an adjusted series ("AAPL1 …") does not say what its contract
 * delivers, and the market does not know. It is taken for the shares that the
 * underlying's newest split that is no whole one made of a hundred: cash in
 * lieu of a fraction counts as that fraction.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { type OccContract, printOcc } from "../domain/OccSymbol.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { isWholeSplit } from "./ContractAdjustment.ts"
import { lastTradingTime, MICROS_PER_YEAR, settlementOf } from "./ContractTime.ts"
import type { MarketTick } from "./MarketTick.ts"
import { underlyingAt } from "./ModelledMarket.ts"
import { modelledSides, type Sides } from "./ModelledOptions.ts"
import type { ModelInputs } from "./ModelInputs.ts"
import { occOfId, standardContract } from "./OptionInstruments.ts"
import { byRoot, ROOT_LENGTH, rootFor } from "./OptionRoot.ts"

/** A contract that can be priced, listed or not. */
export interface NamedContract extends OccContract {
  readonly id: InstrumentId
  /** As chains name it. */
  readonly symbol: string
  readonly underlying: Instrument
  /** Of a series whose contracts were changed by a split that is no whole one. */
  readonly isAdjusted: boolean
  /** First instant at which it cannot be traded any more. */
  readonly lastTrading: Timestamp
  readonly settlement: Timestamp
}

/** Finds what an id names among the contracts on these instruments; undefined for anything else. */
export const contractNames = (
  listed: Iterable<Instrument>
): ((id: InstrumentId) => NamedContract | undefined) => {
  const underlyings = byRoot(listed)
  // A root of six letters gave its last one up for the digit.
  const shortened = new Map<string, Instrument>()
  for (const [root, one] of underlyings) {
    const stem = root.slice(0, ROOT_LENGTH - 1)
    if (root.length === ROOT_LENGTH && !shortened.has(stem)) shortened.set(stem, one)
  }
  return (id) => {
    const occ = occOfId(id)
    if (occ === undefined) return undefined
    const standard = underlyings.get(occ.root)
    const isAdjusted = standard === undefined && /\d$/u.test(occ.root)
    const stem = occ.root.slice(0, -1)
    const underlying = isAdjusted ? (underlyings.get(stem) ?? shortened.get(stem)) : standard
    if (underlying === undefined || (!isAdjusted && rootFor(underlying, occ.expiry) !== occ.root)) {
      return undefined
    }
    const terms = standardContract(underlying, occ)
    const lastTrading = lastTradingTime(terms)
    const settlement = settlementOf(terms)?.at
    return lastTrading === undefined || settlement === undefined
      ? undefined
      : { ...occ, id, symbol: printOcc(occ), underlying, isAdjusted, lastTrading, settlement }
  }
}

/** What one share of the contract is of the underlying's. */
const sharesOf = ({ isAdjusted }: NamedContract, { splits }: ModelInputs): number => {
  if (!isAdjusted) return 1
  const split = splits.find((one) => !isWholeSplit(one))
  return split === undefined ? 1 : split.numerator / split.denominator
}

/** The model's bid and ask at a price of the underlying; undefined once it has stopped trading, and without a volatility. */
export const sidesOf = (
  contract: NamedContract,
  inputs: ModelInputs,
  shown: Pick<MarketTick, "bid" | "ask" | "tsEvent">
): Sides | undefined => {
  if (shown.tsEvent >= contract.lastTrading) return undefined
  const of = underlyingAt(contract.underlying, inputs, shown)
  if (of === undefined) return undefined
  const years = (contract.settlement - shown.tsEvent) / MICROS_PER_YEAR
  const shares = sharesOf(contract, inputs)
  const scaled = shares === 1 ? of : { ...of, spot: of.spot * shares, halfSpread: of.halfSpread * shares }
  return modelledSides(scaled, years, contract.right, contract.strike)
}
