/** Closing what is held by the name a caller knows it by: a share, a contract, or a structure of several positions. */
import { Effect, Schema } from "effect"
import { MICROS, type Quantity, quantity as quantityOf, signedQuantity } from "../domain/Money.ts"
import { Broker, type By, type HeldLeg } from "../execution/Broker.ts"
import { DeskView } from "../execution/DeskView.ts"
import { MarketData } from "../market/MarketData.ts"
import { type HeldStructure, structuresOf } from "../portfolio/options/Holdings.ts"

/** So much of a structure cannot be closed. */
export class UnitsInvalid extends Schema.TaggedError<UnitsInvalid>()("UnitsInvalid", {
  structure: Schema.String,
  message: Schema.String
}) {}

/** The parts of some units of a structure. */
const partsOf = (
  { id, parts, structure }: HeldStructure,
  units: Quantity | undefined
): Effect.Effect<ReadonlyArray<HeldLeg>, UnitsInvalid> => {
  const whole = structure.units * MICROS
  const part = units ?? whole
  if (part % MICROS !== 0 || part > whole) {
    return Effect.fail(
      new UnitsInvalid({
        structure: id,
        message: `quantity of a structure is whole units, and ${id} is held ${structure.units} times: expected a number from 1 to ${structure.units}, or none for all of it`
      })
    )
  }
  return Effect.succeed(
    parts.map(({ position, quantity }) => ({
      instrumentId: position.instrumentId,
      quantity: signedQuantity((quantity / structure.units) * (part / MICROS))
    }))
  )
}

/** The structure that is held under this id. */
const heldAs = (name: string) =>
  Effect.map(
    DeskView.use((view) => view.status),
    ({ positions }) => {
      const id = name.trim().toUpperCase()
      return structuresOf(positions.map(({ position }) => position)).find((held) => held.id === id)
    }
  )

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
  const structure = yield* heldAs(name)
  const [only, ...others] = structure?.parts ?? []
  if (only !== undefined && others.length === 0) {
    const all = quantityOf(Math.abs(only.quantity))
    return yield* broker.closePosition(only.position.instrumentId, { ...by, quantity: quantity ?? all })
  }
  if (structure !== undefined) return yield* broker.closeStructure(yield* partsOf(structure, quantity), by)
  const { id } = yield* MarketData.use((data) => data.instrument(name))
  return yield* broker.closePosition(id, options)
})
