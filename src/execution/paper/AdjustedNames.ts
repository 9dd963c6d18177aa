/**
 * Adjusted contracts under names of their own. Rounding can bring two different
 * contracts to one name (both strikes at a cent, what is left of a dividend in
 * cash): the later one's series gets the next digit. The same contract under
 * one name is one position. Pure.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { type OptionContract, sameContract } from "../../domain/OptionContract.ts"
import { nextRoot } from "../../market/ContractAdjustment.ts"
import { occOfId, optionId } from "../../market/OptionInstruments.ts"

/** Digits that a series can have. */
const DIGITS = 9

const nextSeries = (id: InstrumentId): InstrumentId => {
  const occ = occOfId(id)
  return occ === undefined ? id : optionId({ ...occ, root: nextRoot(occ.root) })
}

export const namedApart = <A extends { readonly to: InstrumentId; readonly contract: OptionContract }>(
  adjustments: ReadonlyArray<A>
): ReadonlyArray<A> => {
  const taken = new Map<InstrumentId, OptionContract>()
  return adjustments.map((adjustment) => {
    const isFree = (id: InstrumentId): boolean => {
      const other = taken.get(id)
      return other === undefined || sameContract(other, adjustment.contract)
    }
    let { to } = adjustment
    for (let tries = 0; tries < DIGITS && !isFree(to); tries++) to = nextSeries(to)
    taken.set(to, adjustment.contract)
    return { ...adjustment, to }
  })
}
