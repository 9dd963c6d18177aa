/** Which instruments can be legs of one order. Imports nothing of Effect: the hooks say the same. */
import { type InstrumentId, symbolOf } from "./Identifiers.ts"

/** What of an instrument decides whether it can be a leg beside others. */
export type LegInstrument =
  | { readonly _tag: "Equity" | "Index"; readonly id: InstrumentId }
  | {
      readonly _tag: "Option"
      readonly id: InstrumentId
      readonly contract: { readonly underlying: InstrumentId }
    }

const underlyingOf = (instrument: LegInstrument): InstrumentId =>
  instrument._tag === "Option" ? instrument.contract.underlying : instrument.id

/** Why these instruments are no legs of one order; undefined where they are. */
export const unfitLegs = (instruments: ReadonlyArray<LegInstrument>): string | undefined => {
  const ids = instruments.map(({ id }) => id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined) return `a leg is given once, with a ratio: ${symbolOf(twice)} is there twice`
  const [first, ...others] = [...new Set(instruments.map(underlyingOf))]
  if (others.length > 0)
    return `the legs of an order have one underlying, and these have ${[first, ...others].flatMap((id) => (id === undefined ? [] : [symbolOf(id)])).join(" and ")}`
  return instruments.some(({ _tag }) => _tag === "Option")
    ? undefined
    : "an order with legs has at least one option among them"
}
