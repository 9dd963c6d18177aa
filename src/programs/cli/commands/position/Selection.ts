/** What a command about positions is asked about: an underlying, a structure, a contract, or everything. */
import { Effect, Option, Schema } from "effect"
import type { InstrumentId } from "../../../../domain/Identifiers.ts"
import { type DeskStatus, DeskView } from "../../../../execution/DeskView.ts"
import { contractNamed, structureNamed } from "../../../../execution/HeldByName.ts"
import { underlyingOf } from "../../../../domain/OptionContract.ts"
import { type OptionDesk, optionDesk } from "../../../../execution/options/OptionDesk.ts"
import { seriesOf } from "../../../../options/Structure.ts"
import type { Position } from "../../../../portfolio/Position.ts"
import { BadUsage } from "../../Failures.ts"
import { symbolOf } from "../../LegWords.ts"

/** Nothing of that name is held. */
export class NotHeld extends Schema.TaggedError<NotHeld>()("NotHeld", {
  name: Schema.String,
  message: Schema.String
}) {}

export interface Selection {
  readonly status: DeskStatus
  /** Of the whole account. */
  readonly desk: OptionDesk
  /** Those asked about; of a structure its parts of them. */
  readonly positions: ReadonlyArray<Position>
}

/** Names in a message: as many as fit it. */
const MAX_SHOWN = 12

const heldNames = (positions: ReadonlyArray<Position>): string => {
  const names = [...new Set(positions.map((position) => symbolOf(underlyingOf(position))))]
  const more = names.length > MAX_SHOWN ? ` and ${names.length - MAX_SHOWN} more` : ""
  return names.length === 0 ? "nothing is held" : `held are ${names.slice(0, MAX_SHOWN).join(", ")}${more}`
}

/** The positions of a name; undefined where it names nothing that is held. */
const named = (positions: ReadonlyArray<Position>, name: string): ReadonlyArray<Position> | undefined => {
  const structure = structureNamed(positions, name)
  if (structure !== undefined)
    return structure.parts.map(({ cost, position, quantity }) => ({ ...position, cost, quantity }))
  const plain = name.trim().toUpperCase()
  const contract = contractNamed(name)
  const found = positions.filter(
    (position) =>
      position.instrumentId === contract ||
      position.instrumentId === plain ||
      [symbolOf(underlyingOf(position)), underlyingOf(position), seriesOf(position)].some(
        (one) => one === plain
      )
  )
  return found.length === 0 ? undefined : found
}

const SHOWN_NAME = 60

const notHeld = (positions: ReadonlyArray<Position>, name: string) =>
  new NotHeld({
    name,
    message: `nothing is held by the name ${name.slice(0, SHOWN_NAME)}: ${heldNames(positions)}; plimsoll position list names the structures`
  })

/** What is held by a name, or everything. `orNothing`: a name that nothing is held by selects nothing. */
export const selection = Effect.fnUntraced(function* (
  name: Option.Option<string>,
  options: { readonly orNothing?: boolean } = {}
) {
  const status = yield* DeskView.use((view) => view.status)
  const all = status.positions.map(({ position }) => position)
  const positions = Option.isNone(name) ? all : named(all, name.value)
  if (positions === undefined && options.orNothing !== true)
    return yield* notHeld(
      all,
      Option.getOrElse(name, () => "")
    )
  const selected: Selection = { status, desk: optionDesk(status), positions: positions ?? [] }
  return selected
})

/** The underlying that all of it is on; where it is on several, which they are is said. */
export const oneUnderlying = (
  positions: ReadonlyArray<Position>
): Effect.Effect<InstrumentId, BadUsage | NotHeld> => {
  const [first, ...more] = new Set(positions.map(underlyingOf))
  if (first === undefined)
    return Effect.fail(new NotHeld({ name: "", message: "nothing is held: there is no payoff" }))
  return more.length === 0
    ? Effect.succeed(first)
    : Effect.fail(new BadUsage({ message: `of which underlying? ${heldNames(positions)}: name one of them` }))
}
