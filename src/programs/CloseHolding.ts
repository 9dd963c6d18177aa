/** Closing what is held by the name a caller knows it by: a share, a contract, or a structure of several positions. */
import { Effect, Schema } from "effect"
import type { Quantity } from "../domain/Money.ts"
import { Broker, type By } from "../execution/Broker.ts"
import { DeskView } from "../execution/DeskView.ts"
import { contractNamed, structureNamed, unitsOf } from "../execution/HeldByName.ts"
import { MarketData } from "../market/MarketData.ts"

/** So much of a structure cannot be closed. */
export class UnitsInvalid extends Schema.TaggedError<UnitsInvalid>()("UnitsInvalid", {
  structure: Schema.String,
  message: Schema.String
}) {}

/**
 * Closes all of it, or `quantity`: shares, contracts, or units of a structure, whose legs are closed together by one
 * order. At the market in session, at the open between sessions.
 */
export const closeHolding = Effect.fnUntraced(function* (
  name: string,
  options: By & { readonly rationale?: string; readonly quantity?: Quantity }
) {
  const broker = yield* Broker
  const { quantity, ...by } = options
  const status = yield* DeskView.use((view) => view.status)
  const positions = status.positions.map(({ position }) => position)
  const structure = structureNamed(positions, name)
  if (structure !== undefined) {
    const parts = unitsOf(structure, quantity)
    return typeof parts === "string"
      ? yield* new UnitsInvalid({ structure: structure.id, message: parts })
      : yield* broker.closeStructure(parts, by)
  }
  // A contract that is held need not be listed: an adjusted one is not.
  const contract = contractNamed(name)
  const held = positions.find(({ instrumentId }) => instrumentId === contract)
  const { id } =
    held === undefined ? yield* MarketData.use((data) => data.instrument(name)) : { id: held.instrumentId }
  return yield* broker.closePosition(id, options)
})
