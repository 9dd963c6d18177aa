/** What an account holds, by the names people give it. Pure; imports nothing of Effect but types. */
import { type InstrumentId, instrumentId } from "../domain/Identifiers.ts"
import { MICROS, type Quantity, signedQuantity } from "../domain/Money.ts"
import { occOf } from "../domain/OccSymbol.ts"
import { occOfId, optionId } from "../market/OptionInstruments.ts"
import { type HeldStructure, structuresOf } from "../portfolio/options/Holdings.ts"
import type { Position } from "../portfolio/Position.ts"
import type { HeldLeg } from "./Broker.ts"

const plain = (name: string): string => name.trim().toUpperCase()

/** The structure that is called so (`structuresOf`); undefined where none is. */
export const structureNamed = (positions: ReadonlyArray<Position>, name: string): HeldStructure | undefined =>
  structuresOf(positions).find(({ id }) => id === plain(name))

/** Some units of a structure as parts of its positions, all of them where none are named; or why there are none. */
export const unitsOf = (
  { id, parts, structure: { units: held } }: HeldStructure,
  units: Quantity | undefined
): ReadonlyArray<HeldLeg> | string => {
  const part = (units ?? held * MICROS) / MICROS
  if (!Number.isInteger(part) || part < 1 || part > held) {
    return `quantity of a structure is whole units, and of ${id} ${held} ${held === 1 ? "is" : "are"} held: expected ${held === 1 ? "1" : `a number from 1 to ${held}`}, or none for all of it`
  }
  return parts.map(({ position: { instrumentId: of }, quantity }) => ({
    instrumentId: of,
    quantity: signedQuantity((quantity / held) * part)
  }))
}

/** The id of an option contract by its symbol or its id, with any blanks after the root; undefined of any other name. */
export const contractNamed = (name: string): InstrumentId | undefined => {
  const occ = occOfId(instrumentId(plain(name))) ?? occOf(plain(name))
  return occ === undefined ? undefined : optionId(occ)
}
